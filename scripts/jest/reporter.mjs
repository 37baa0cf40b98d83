// Progress for people (a line per file, a sign of life every few seconds) and one closing line for
// CI, `N passed, N failed, N skipped`, always the last. Plain JavaScript: Jest loads it untransformed.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const aliveEveryMs = 4_000;
const openHandlesGraceMs = 3_000;
// Checks that scripts/test.ts ran before Jest (typecheck, lint) are part of the totals.
const checksPassed = Number(process.env.BELLOWS_CHECKS_PASSED ?? 0);
const checksFailed = Number(process.env.BELLOWS_CHECKS_FAILED ?? 0);
// What scripts/jest/worker.ts measures.
const cpuFile = process.env.BELLOWS_CPU_FILE ?? '';
const limitSeconds = Number(process.env.BELLOWS_TEST_LIMIT_SECONDS ?? 0);

export default class Reporter {
  #root;
  #running = new Map();
  #passed = checksPassed;
  #failed = checksFailed;
  #skipped = 0;
  #timers = [];
  #error;

  constructor(globalConfig) {
    this.#root = globalConfig.rootDir;
  }

  onRunStart(results) {
    say(`running ${results.numTotalTestSuites} test files`);
    this.#timers.push(setInterval(() => this.#sayAlive(), aliveEveryMs));
    if (limitSeconds > 0) this.#timers.push(setTimeout(() => this.#giveUp(), limitSeconds * 1000));
  }

  onTestFileStart(test) {
    this.#running.set(test.path, Date.now());
  }

  onTestFileResult(test, result) {
    const seconds = secondsSince(this.#running.get(test.path) ?? Date.now());
    this.#running.delete(test.path);
    this.#passed += result.numPassingTests;
    this.#failed += result.numFailingTests + (result.testExecError ? 1 : 0);
    this.#skipped += result.numPendingTests + result.numTodoTests;
    const isOk = result.numFailingTests === 0 && !result.testExecError;
    const count = result.numPassingTests + result.numFailingTests;
    const cpu = cpuSecondsOf().get(test.path);
    const costs = cpu === undefined ? '' : `, ${cpu.toFixed(1)} s of CPU`;
    say(`${isOk ? 'ok  ' : 'FAIL'} ${this.#name(test.path)} (${count} tests, ${seconds} s${costs})`);
    if (isOk) return;
    for (const entry of result.console ?? []) say(`  console.${entry.type}: ${entry.message}`);
    if (result.failureMessage) say(result.failureMessage);
  }

  onRunComplete(_contexts, results) {
    for (const timer of this.#timers) clearInterval(timer);
    if (process.env.CI === 'true') this.#refuseSkips(results);
    this.#sayCosts();
    this.#close();
    const exitCode = results.numFailedTests + results.numRuntimeErrorTestSuites > 0 || this.#error ? 1 : 0;
    setTimeout(() => {
      process.stderr.write('a test file left something open (a server, a timer, a child process); leaving anyway\n');
      this.#close();
      process.exit(exitCode);
    }, openHandlesGraceMs).unref();
  }

  getLastError() {
    return this.#error;
  }

  #refuseSkips(results) {
    const allowed = JSON.parse(readFileSync(`${this.#root}/test/allowed-skips.json`, 'utf8'));
    const refused = results.testResults
      .flatMap((file) => file.testResults.map((test) => ({ ...test, file: this.#name(file.testFilePath) })))
      .filter((test) => ['pending', 'todo', 'skipped', 'disabled'].includes(test.status) && !allowed[test.fullName]);
    for (const test of refused)
      say(`FAIL skipped without a reason in test/allowed-skips.json: ${test.file}: ${test.fullName}`);
    if (refused.length > 0) this.#error = new Error(`${refused.length} tests are skipped without a reason`);
  }

  /** The dearest files and the whole, of what workers and their children used. */
  #sayCosts() {
    const all = [...cpuSecondsOf()].sort(([, a], [, b]) => b - a);
    if (all.length < 2) return;
    const lastOf = new Map();
    for (const { path, left, worker } of measured()) {
      if (left.length > 0) say(`left open by ${this.#name(lastOf.get(worker) ?? '?')} or before: ${left.join(', ')}`);
      lastOf.set(worker, path);
    }
    const total = all.reduce((sum, [, seconds]) => sum + seconds, 0);
    const dearest = all.slice(0, 8).map(([path, seconds]) => `${this.#name(path)} ${seconds.toFixed(0)} s`);
    say(`CPU of the test files: ${total.toFixed(0)} s, most of it ${dearest.join(', ')}`);
  }

  #sayAlive() {
    const running = [...this.#running].map(([path, since]) => `${this.#name(path)} ${secondsSince(since)} s`);
    say(`…    running ${running.join(', ') || '(starting)'}`);
  }

  #giveUp() {
    say(
      `FAIL the tests took longer than ${limitSeconds} s; still running: ${[...this.#running.keys()].map((p) => this.#name(p)).join(', ')}`,
    );
    this.#failed += Math.max(1, this.#running.size);
    this.#close();
    process.exit(1);
  }

  #close() {
    say(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
  }

  #name(path) {
    return relative(this.#root, path);
  }
}

function measured() {
  if (!existsSync(cpuFile)) return [];
  const lines = readFileSync(cpuFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

const cpuSecondsOf = () => new Map(measured().map(({ path, seconds }) => [path, seconds]));

const say = (line) => process.stdout.write(`${line}\n`);
const secondsSince = (ms) => ((Date.now() - ms) / 1000).toFixed(1);
