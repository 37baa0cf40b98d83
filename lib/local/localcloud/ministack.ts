// A local AWS: MiniStack, pinned, in a Python environment of the project's own, on a free loopback port, for tests
// and for `npm run localcloud`. Where it is not available the reason is one sentence.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lastingPort } from '../../adapters/local/ports.ts';

/** compose.yaml has the same. */
export const version = '1.5.33';
const pythonMin = [3, 10] as const;
const cacheFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'node_modules', '.cache');
const environment = join(cacheFolder, `ministack-${version}`);
const installed = join(environment, 'installed');
const python = join(environment, 'bin', 'python');
const installMsMax = 300_000;
/** On a machine with much else to do Python takes long. */
const startMsMax = 180_000;

export interface Ministack {
  readonly endpoint: string;
  /** Everything of all accounts is gone. */
  reset(): Promise<void>;
  stop(): Promise<void>;
  /** The last lines it said, for failures. */
  log(): string;
}

export type MinistackOrReason = { readonly ministack: Ministack } | { readonly reason: string };

/** null: it is there. Otherwise one sentence that says what is missing. */
export async function prepareMinistack(): Promise<string | null> {
  if (existsSync(installed)) return null;
  const found = spawnSync('python3', ['-c', 'import sys, venv; print(*sys.version_info[:2])'], { encoding: 'utf8' });
  if (found.error || found.status !== 0) return 'there is no python3 with venv on PATH, which MiniStack needs';
  const [major = 0, minor = 0] = found.stdout.trim().split(' ').map(Number);
  if (major < pythonMin[0] || (major === pythonMin[0] && minor < pythonMin[1])) {
    return `python3 is ${String(major)}.${String(minor)}; MiniStack ${version} needs ${pythonMin.join('.')} or newer`;
  }
  mkdirSync(cacheFolder, { recursive: true });
  return withLock(`${environment}.lock`, () => (existsSync(installed) ? null : install()));
}

async function install(): Promise<string | null> {
  rmSync(environment, { recursive: true, force: true });
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', environment]],
    [
      python,
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--retries',
        '1',
        '--timeout',
        '15',
        `ministack==${version}`,
      ],
    ],
  ];
  for (const [program, args] of steps) {
    const done = await run(program, args, installMsMax);
    if (done !== null) return `MiniStack ${version} could not be installed with pip (${done})`;
  }
  writeFileSync(installed, '');
  return null;
}

async function run(program: string, args: readonly string[], msMax: number): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: msMax });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('close', (code) => {
      resolve(code === 0 ? null : (said.trim().split('\n').at(-1) ?? `exit ${String(code)}`));
    });
  });
}

/** Test files run side by side: one of them installs, the others wait. A lock whose owner is dead is taken over. */
async function withLock(path: string, work: () => Promise<string | null> | null): Promise<string | null> {
  for (;;) {
    try {
      mkdirSync(path);
      break;
    } catch (error) {
      // Not `instanceof Error`: in a test's realm Node's own errors are none.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const isStale =
        Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > installMsMax * 2;
      if (isStale) rmSync(path, { recursive: true, force: true });
      await delay(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Installs it if need be, starts it and waits until it answers. `env` is added for it and the
 * functions that it runs.
 */
export async function startMinistack(env: Readonly<Record<string, string>> = {}): Promise<MinistackOrReason> {
  const reason = await prepareMinistack();
  if (reason !== null) return { reason };
  const folder = mkdtempSync(join(tmpdir(), 'bellows-ministack-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const port = await lastingPort();
  const logFile = join(folder, 'log');
  const output = openSync(logFile, 'a');
  const child = spawn(python, ['-m', 'ministack'], {
    stdio: ['ignore', output, output],
    env: {
      // Its functions run the first `node` on PATH: this one, whatever its file is called. Its leftovers go
      // where they are removed.
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TMPDIR: folder,
      LANG: 'C.UTF-8',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      LAMBDA_ACCOUNT_CONCURRENCY: '8',
      ...env,
    },
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const log = (): string => readFileSync(logFile, 'utf8').split('\n').slice(-40).join('\n');
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await isUp(child, `${endpoint}/_ministack/health`)) {
    return {
      ministack: {
        endpoint,
        stop,
        log,
        reset: async () => void (await fetch(`${endpoint}/_ministack/reset`, { method: 'POST' })),
      },
    };
  }
  const said = log();
  await stop();
  throw new Error(`MiniStack is installed but did not come up within ${String(startMsMax)} ms:\n${said}`);
}

async function isUp(child: ChildProcess, url: string): Promise<boolean> {
  const untilMs = Date.now() + startMsMax;
  while (Date.now() < untilMs && child.exitCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return true;
    await delay(100);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await closed;
  clearTimeout(killer);
}

/** A 12-digit access key is an account of its own there: what one file makes no other sees. */
export function accountOf(number: number): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  return { accessKeyId: String(number).padStart(12, '0'), secretAccessKey: 'test' };
}
