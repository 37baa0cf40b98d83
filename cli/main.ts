// The CLI's composition root: the process's arguments, environment and streams. `./bellows` starts it.
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CliError, exits } from './errors.ts';
import type { Beside } from './context.ts';
import { runCli } from './program.ts';

const { BELLOWS_HOME: home, BELLOWS_URL: url, BELLOWS_PORT: port, BELLOWS_SIGN: signs = '' } = process.env;

/** Synchronous, so that exiting cuts nothing off; a pipe whose reader is slow answers EAGAIN. */
function writeAll(descriptor: 1 | 2, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has gone (`| head`): nobody reads any more.
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/**
 * A program of its own, on the same streams: its source in a checkout, its bundle beside this one in a package.
 * Answers its exit code.
 */
async function runProgram(source: string, bundle: string, args: readonly string[]): Promise<number> {
  const { spawn } = await import('node:child_process');
  const isSource = import.meta.url.endsWith('.ts');
  const program = fileURLToPath(new URL(isSource ? source : bundle, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

async function runBeside({ argv: [program = '', ...args], cwd, env }: Beside): Promise<number> {
  const { spawn } = await import('node:child_process');
  const child = spawn(program, args, {
    stdio: 'inherit',
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  });
  // Ctrl-C is the program's.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      writeAll(2, Buffer.from(`bellows: ${program} cannot be started: ${error.message}\n`));
      resolve(127);
    });
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? (signal === null ? 1 : 128 + constants.signals[signal]));
    });
  });
}

const awsEnvironment = { env: process.env, nowMs: Date.now };

process.exitCode = await runCli(process.argv.slice(2), {
  server:
    url !== undefined && url !== '' ? url : `http://127.0.0.1:${port !== undefined && port !== '' ? port : '4780'}`,
  stdout: (text) => {
    writeAll(1, Buffer.from(text));
  },
  stderr: (text) => {
    writeAll(2, Buffer.from(text));
  },
  bytes: (to, bytes) => {
    writeAll(to === 'stdout' ? 1 : 2, bytes);
  },
  variables: process.env,
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
  newKey: () => crypto.randomUUID(),
  home: home !== undefined && home !== '' ? home : '.bellows',
  runBeside,
  runAudit: (args) => runProgram('../lib/local/server/audit-main.ts', './audit-main.mjs', args),
  serveDashboard: async (options) => {
    const { startProxy } = await import('../dashboard/serve/proxy.ts');
    const proxy = await startProxy(options).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
      throw new CliError(
        exits.usage,
        `port ${String(options.port)} of 127.0.0.1 is not free`,
        'choose another: --port',
      );
    });
    const interrupted = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void resolve());
    });
    return { url: proxy.url, done: interrupted.then(() => proxy.close()) };
  },
  runBacktest: (args) => runProgram('../lib/backtest/backtest-main.ts', './backtest-main.mjs', args),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  // no-color.org: whatever it is, unless it is empty.
  hasColours: process.stdout.isTTY && (process.env.NO_COLOR ?? '') === '',
  signs: signs !== '' && signs !== '0',
  openSigner: async (region) => (await import('./aws/signer.ts')).openSigner(awsEnvironment, region),
  openAws: async (region) => (await import('./aws/reader.ts')).openAws(awsEnvironment, region),
});
