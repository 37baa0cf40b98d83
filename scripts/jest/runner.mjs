// Jest's runner: Jest finds the files and the reporter says how they went; they are run by processes of our own
// (worker.ts), each of which loads what the tests import once. Plain JavaScript: Jest loads it untransformed.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
// Beyond this a new process is cheaper than collecting the garbage of one, and leaves memory for other workers.
const residentBytesMax = 1_000_000_000;

export default class Runner {
  #hangMs;
  #namePattern;
  #workers;

  constructor({ maxWorkers, testNamePattern, testTimeout }) {
    this.#workers = maxWorkers;
    this.#namePattern = testNamePattern ?? null;
    this.#hangMs = testTimeout ?? 600_000;
  }

  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const waiting = [...tests];
    const runOneByOne = async () => {
      let process;
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        if (watcher.isInterrupted()) break;
        await onStart(test);
        process ??= new WorkerProcess();
        const startedMs = Date.now();
        const answer = await process.run({ path: test.path, hangMs: this.#hangMs, namePattern: this.#namePattern });
        if (answer.error !== null) await onFailure(test, { message: '', stack: answer.error });
        else await onResult(test, resultOf(test.path, answer.outcomes, startedMs));
        if (!answer.isAlive || answer.residentBytes > residentBytesMax) {
          process.end();
          process = undefined;
        }
      }
      process?.end();
    };
    await Promise.all(Array.from({ length: Math.min(this.#workers, tests.length) }, runOneByOne));
  }
}

class WorkerProcess {
  #child = fork(worker, { execArgv: ['--disable-warning=ExperimentalWarning'] });

  /** An error too when the process ends before it answers. */
  run(job) {
    return new Promise((resolve) => {
      const onExit = (code, signal) => {
        const error = `the process of the tests ended (${signal ?? code}) before the file's tests did`;
        resolve({ outcomes: [], error, isAlive: false, residentBytes: 0 });
      };
      this.#child.once('exit', onExit);
      this.#child.once('message', (answer) => {
        this.#child.off('exit', onExit);
        resolve({ ...answer, isAlive: true });
      });
      this.#child.send(job);
    });
  }

  end() {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** As Jest's own runners say it. */
function resultOf(testFilePath, outcomes, startedMs) {
  const count = (state) => outcomes.filter((one) => one.state === state).length;
  const failed = outcomes.filter(({ failure }) => failure !== null);
  const endedMs = Date.now();
  return {
    testFilePath,
    failureMessage: failed
      .map(({ names, failure }) => `  ● ${names.join(' › ')}\n\n${ownLinesOf(failure)}\n`)
      .join('\n'),
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending'),
    numTodoTests: 0,
    skipped: false,
    leaks: false,
    openHandles: [],
    perfStats: { start: startedMs, end: endedMs, runtime: endedMs - startedMs, slow: false },
    snapshot: { added: 0, fileDeleted: false, matched: 0, unchecked: 0, uncheckedKeys: [], unmatched: 0, updated: 0 },
    testResults: outcomes.map(({ names, state, ms, failure }) => ({
      ancestorTitles: names.slice(0, -1),
      title: names.at(-1),
      fullName: names.join(' '),
      status: state,
      duration: ms,
      failureDetails: [],
      failureMessages: failure === null ? [] : [failure],
      numPassingAsserts: 0,
    })),
  };
}

/** Without the lines of the stack that are of tools. */
function ownLinesOf(failure) {
  return failure
    .split('\n')
    .filter((line) => !/^ +at .*(?:node_modules\/|scripts\/jest\/|node:)/.test(line))
    .map((line) => `    ${line}`)
    .join('\n');
}
