// What `npm test` runs: typecheck and lint side by side, then every test. With paths (or other Jest arguments) it
// runs just those, without the checks: `npm test -- test/core/units.test.ts`. `--long` takes all of what `npm test`
// takes a rotating slice of, and the files named *.long.test.ts. `--quick` takes the core, control, the API and the
// tidy tests: the examples without laws over random worlds and largest sizes (`notQuick`), and of what rotates a
// small slice.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const quickFolders = ['test/core/', 'test/control/', 'test/api/', 'test/tidy/'];
/** No examples: laws over random worlds or over hours, crashes at every step, and the largest sizes. */
const notQuick = [
  'core/allocation/(?:laws|limits|kept-choices|placement/paid-first-law)',
  'core/tasks/placing/due',
  'control/(?:corrupt-records|record-size|wide)',
  'control/(?:fair-share|long-shortage)',
  'control/claims/(?:crashes|faults|mount-crashes|warm-crashes|wide)',
].map((path) => `--testPathIgnorePatterns=/test/${path}\\.test\\.ts$`);
// They catch what hangs, also on a machine that is busy with others; none of them judges how long tests take.
const limitSeconds = { all: 2 * 3_600, quick: 1_800, long: 8 * 3_600 };
const aliveEveryMs = 4_000;
const startedAt = Date.now();
const running = new Map<ChildProcess, NodeJS.Signals>();
/** What tests, and the tools that they start, leave behind goes with it. */
const temporary = mkdtempSync(join(tmpdir(), 'bellows-test-'));
process.on('exit', () => {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const [child, how] of running) {
      if (how === 'SIGKILL') killGroup(child);
      else child.kill(how);
    }
    process.exit(1);
  });
}

const args = process.argv.slice(2);
const isQuick = args[0] === '--quick';
const isLong = args[0] === '--long';
const named = isQuick || isLong ? args.slice(1) : args;
const jestArgs = isQuick
  ? [...quickFolders, ...named, '--testPathIgnorePatterns=\\.long\\.test\\.ts$', ...notQuick]
  : named;
/** Where random tests begin, and which slice of what rotates is run (test/slice.ts): see {@link seedOfCommit}. */
const seed = process.env.BELLOWS_TEST_SEED ?? String(isLong ? startedAt % 1_000_000_000 : seedOfCommit());
console.log(
  `${isLong ? 'all slices of the tests that rotate' : 'a slice of the tests that rotate (npm run test:long runs all)'}`
    + `, random tests from seed ${seed} (BELLOWS_TEST_SEED=${seed} repeats them)`,
);

const checks = jestArgs.length > 0 ? [] : await runChecks();
const failedChecks = checks.filter((check) => check.code !== 0).length;
const jestCode = await runJest(jestArgs, checks.length - failedChecks, failedChecks);
process.exitCode = failedChecks > 0 ? 1 : jestCode;

/**
 * By the content of the last commit: two runs of one commit run the same tests, so that what was green stays green, and
 * every commit brings new seeds.
 */
function seedOfCommit(): number {
  const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], { encoding: 'utf8' });
  return Number.parseInt(tree.slice(0, 7), 16);
}

async function runChecks(): Promise<readonly { readonly code: number }[]> {
  const ticker = setInterval(() => {
    console.log(`…    typecheck and lint ${secondsSince(startedAt)} s`);
  }, aliveEveryMs);
  console.log('running typecheck and lint');
  const results = await Promise.all([
    runCheck('typecheck', 'node_modules/typescript/bin/tsc', ['--noEmit', '--pretty', 'false']),
    // The page has the types of browsers.
    runCheck('typecheck of the dashboard', 'node_modules/typescript/bin/tsc', [
      ...['--noEmit', '--pretty', 'false'],
      ...['-p', 'dashboard'],
    ]),
    // With the types of the whole tree it takes some 4 GB, which is what Node allows by itself.
    runCheck('lint', 'node_modules/eslint/bin/eslint.js', ['.'], ['--max-old-space-size=8192']),
  ]);
  clearInterval(ticker);
  return results;
}

async function runCheck(
  name: string,
  program: string,
  programArgs: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<{ readonly code: number }> {
  const since = Date.now();
  const child = spawn(process.execPath, [...nodeArgs, program, ...programArgs], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.set(child, 'SIGTERM');
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await exitOf(child);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${secondsSince(since)} s)`);
  if (code !== 0) console.log(output);
  return { code };
}

async function runJest(programArgs: readonly string[], checksPassed: number, checksFailed: number): Promise<number> {
  const limit = limitSeconds[isQuick ? 'quick' : isLong ? 'long' : 'all'] - (Date.now() - startedAt) / 1000;
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...programArgs,
    ],
    {
      // A group of its own, so that workers that a stuck test holds end with it.
      detached: true,
      stdio: 'inherit',
      env: {
        ...process.env,
        TMPDIR: temporary,
        BELLOWS_TEST_FOLDER: temporary,
        BELLOWS_TEST_SEED: seed,
        BELLOWS_TEST_QUICK: String(isQuick),
        BELLOWS_TEST_LONG: String(isLong || programArgs.some((arg) => arg.includes('.long'))),
        BELLOWS_CPU_FILE: join(temporary, 'cpu-seconds'),
        BELLOWS_CHECKS_PASSED: String(checksPassed),
        BELLOWS_CHECKS_FAILED: String(checksFailed),
        BELLOWS_TEST_LIMIT_SECONDS: String(Math.max(1, Math.round(limit))),
      },
    },
  );
  running.set(child, 'SIGKILL');
  const code = await exitOf(child);
  killGroup(child);
  return code;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody is left in the group, which is the normal case.
  }
}

function secondsSince(ms: number): string {
  return ((Date.now() - ms) / 1000).toFixed(1);
}
