// Runs a helper program to its end, within a time limit, and keeps the last of what it said.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const keptCharacters = 4_000;
/** What it wrote is there when it ends; what it has left behind may keep its streams open for ever. */
const drainMs = 200;

export interface Executed {
  /** null: it was ended by a signal, e.g. for its time limit. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Of stdout. */
  readonly onLine?: (line: string) => void;
}

/** Rejects when aborted. A program that cannot be started has the code 127, as in a shell. */
export async function execute(
  { program, env }: { readonly program: string; readonly env: Readonly<Record<string, string | undefined>> },
  args: readonly string[],
  { timeoutMs, signal, onLine }: ExecuteOptions,
): Promise<Executed> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  });
  let [stdout, stderr] = ['', ''];
  createInterface(child.stdout).on('line', (line) => {
    stdout = `${stdout}${line}\n`.slice(-keptCharacters);
    onLine?.(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-keptCharacters);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if (signal?.aborted === true) reject(error);
      else resolve({ code: 127, stdout, stderr: error.message });
    });
    child.once('exit', () => {
      const draining = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs);
      child.once('close', () => {
        clearTimeout(draining);
      });
    });
    child.once('close', (code, killedBy) => {
      resolve({
        code,
        stdout,
        stderr:
          killedBy === null ? stderr : `${stderr}\nended by ${killedBy} after at most ${String(timeoutMs / 1000)} s`,
      });
    });
  });
}

/** The last of what it said; of one that said nothing, how it ended. */
export function wordsOf({ stderr, stdout, code }: Executed): string {
  return (stderr.trim() || stdout.trim()).slice(-500) || `exit code ${String(code)}`;
}
