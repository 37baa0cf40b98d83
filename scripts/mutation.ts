// Mutation tests: Stryker changes what decides, one small change at a time, and the example tests of that file must
// fail. `npm run test:mutation` takes every file, `-- --files lib/core/tasks,lib/core/plan/parts/slices.ts` these
// alone, and `--minutes 10` stops after that time, and `--go-on` goes on from there, with what has changed since in the
// file and its tests. Not part of `npm test`. Results by file: docs/mutation.md.

import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { parseArgs } from 'node:util';

const folder = '.bellows/mutation';

/** The core without its engine, whose tests are laws over random worlds, and without the table of figures. */
const coreFiles = 'lib/core/**/*.ts';
const notMutated = /^lib\/core\/(?:allocation\/|catalog\/data\.ts|records\/)/;
/** Laws over random observations: too slow to be run for each mutant. */
const notRun = /^test\/core\/(?:allocation\/|tasks\/placing\/due\.test\.ts)/;

/** What makes the protocol safe in control, and the tests that must notice when it is not. */
const protocol: Readonly<Record<string, readonly string[]>> = {
  'lib/control/coordination/lock.ts': ['test/control/coordination.test.ts'],
  'lib/control/coordination/wake.ts': ['test/control/coordination.test.ts'],
  'lib/control/tick/write-troubles.ts': ['test/control/tick/write-troubles.test.ts'],
  'lib/control/tick/set-aside.ts': ['test/control/tick/set-aside.test.ts'],
  'lib/control/tick/outbox.ts': ['test/control/tick/outbox.test.ts'],
  'lib/control/tick/resolve-launch.ts': ['test/control/tick/resolve-launch.test.ts'],
  'lib/control/tick/launch-calls.ts': ['test/control/tick/launch-calls.test.ts'],
  'lib/control/tick/apply/changes.ts': ['test/control/tick/apply/changes.test.ts'],
  'lib/control/tick/run-tick.ts': ['test/control/tick/run-tick.test.ts'],
  'lib/control/agents/sync-agent.ts': ['test/control/agents/sync-agent.test.ts'],
  'lib/control/sweep/sweep.ts': ['test/control/sweep/sweep.test.ts'],
  'lib/control/store/store-retry.ts': ['test/control/store-retry.test.ts'],
};

/** Rules whose examples go through the decision as a whole. */
const throughDecisions: Readonly<Record<string, readonly string[]>> = {
  'lib/core/plan/decide-tasks.ts': ['test/core/plan/decide.test.ts', 'test/core/plan/decide-tasks.test.ts'],
  'lib/core/plan/observation.ts': ['test/core/plan/decide.test.ts'],
};

/** Named after the file, but not in its place: all that import it would go through days of demand. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'lib/core/forecast/history.ts': ['test/core/scaling/forecast/history.test.ts'],
};

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', short: 'm' },
    minutes: { type: 'string', default: '600' },
    'go-on': { type: 'boolean', default: false },
  },
});
const untilMs = Date.now() + Number(options.minutes) * 60_000;
const importers = importersOf(globSync('test/core/**/*.test.ts').filter((path) => !notRun.test(path)));
mkdirSync(folder, { recursive: true });
console.log('| file | mutants | killed | survived | not run | score |\n|---|---:|---:|---:|---:|---:|');
for (const file of chosen(options.files?.split(',') ?? [])) {
  if (Date.now() > untilMs) {
    console.log(`the time is over before ${file}`);
    break;
  }
  const tests = protocol[file] ?? throughDecisions[file] ?? elsewhere[file] ?? testsOfCore(file);
  const missing = tests.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`${file} is to be tested by ${missing.join(', ')}, which is not there`);
  console.log(tests.length === 0 ? `| ${file} | no test imports it | | | | |` : await rowOf(file, tests));
}

/** Files that begin with one of these; all of them where none is named. */
function chosen(named: readonly string[]): readonly string[] {
  const core = globSync(coreFiles).filter((path) => !notMutated.test(path));
  const all = [...core.sort(), ...Object.keys(protocol)];
  return all.filter((path) => named.length === 0 || named.some((one) => path.startsWith(one)));
}

/** Those named after the file; where there are none, those that import it, or the index of its folder. */
function testsOfCore(file: string): readonly string[] {
  const name = file.replace(/^lib/, 'test').replace(/\.ts$/, '');
  const own = globSync([`${name}.test.ts`, `${name}-*.test.ts`]);
  if (own.length > 0) return own;
  const index = posix.join(dirname(file), 'index.ts');
  return [...new Set([...(importers.get(file) ?? []), ...(importers.get(index) ?? [])])];
}

/** By file of lib/core, the tests that import it themselves. */
function importersOf(tests: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const test of tests) {
    for (const [, specifier = ''] of readFileSync(test, 'utf8').matchAll(
      /^import (?!type )[^;]*?from '(\.[^']+)';$/gm,
    )) {
      const file = posix.join(dirname(test), specifier);
      found.set(file, [...(found.get(file) ?? []), test]);
    }
  }
  return found;
}

async function rowOf(file: string, tests: readonly string[]): Promise<string> {
  const report = join(folder, `${basename(dirname(file))}-${basename(file, '.ts')}.json`);
  // Stryker writes what it knows here when it is stopped, and begins with it the next time.
  const known = report.replace('.json', '.known.json');
  if (options['go-on'] !== true) rmSync(known, { force: true });
  const child = spawn(
    process.execPath,
    [
      ...['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', 'stryker.config.mjs', '--mutate', file],
      ...['--incremental', '--incrementalFile', known],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: Math.max(1, untilMs - Date.now()),
      killSignal: 'SIGINT',
      env: { ...process.env, BELLOWS_MUTATION_TESTS: tests.join(','), BELLOWS_MUTATION_REPORT: report },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (Date.now() >= untilMs) return `| ${file} | the time was over: --go-on | | | | |`;
  if (output.includes('No tests were executed')) return `| ${file} | types alone | | | | |`;
  if (code !== 0) {
    // The other files are still measured.
    console.error(`Stryker failed for ${file}:\n${output}`);
    process.exitCode = 1;
    return `| ${file} | Stryker failed | | | | |`;
  }
  const { source = '', mutants = [] } =
    Object.values((JSON.parse(readFileSync(report, 'utf8')) as Report).files)[0] ?? {};
  const count = (...states: string[]): number => mutants.filter((one) => states.includes(one.status)).length;
  const [killed, survived, uncovered] = [count('Killed', 'Timeout'), count('Survived'), count('NoCoverage')];
  const all = killed + survived + uncovered;
  writeFileSync(report.replace('.json', '.txt'), survivorsOf(file, source, mutants));
  const score = all === 0 ? '' : `${String(Math.round((100 * killed) / all))} %`;
  return `| ${file} | ${String(all)} | ${String(killed)} | ${String(survived)} | ${String(uncovered)} | ${score} |`;
}

/** What no test noticed, for whoever writes the next one. */
function survivorsOf(file: string, source: string, mutants: readonly Mutant[]): string {
  const lines = source.split('\n');
  return mutants
    .filter((one) => one.status === 'Survived' || one.status === 'NoCoverage')
    .map(({ status, mutatorName, replacement = '', location: { start } }) => {
      const line = (lines[start.line - 1] ?? '').trim();
      return `${file}:${String(start.line)} ${status} ${mutatorName}\n  - ${line}\n  + ${replacement.slice(0, 200)}\n`;
    })
    .join('');
}
