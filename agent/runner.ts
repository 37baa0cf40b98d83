// Runs attempts as real processes, each in a process group and a folder of its own, so that a restarted
// agent finds them again and a whole group can be ended.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { AssignedAttempt } from '../lib/core/sync.ts';
import type { Survivor } from './core/types.ts';
import { messageOf } from './errors.ts';
import { LaunchError } from './launcher.ts';
import type { AttemptFolder, Launcher } from './launcher.ts';
import { mountFor, unmountOf } from './mounts.ts';
import type { Mounter } from './mounts.ts';
import { trimOutput } from './output.ts';
import { commandLineOf, isCode, signalGroup } from './process-table.ts';

const adoptedPollMs = 100;
const trimEveryMs = 500;
const trimBusyMs = 50;

export interface RunnerEvents {
  started(attemptId: string): void;
  startFailed(attemptId: string, message: string): void;
  /** A start that takes long says how far it is. */
  progress(attemptId: string, note: string): void;
  ended(attemptId: string, exitCode: number | null, message?: string): void;
}

export interface RunnerOptions {
  readonly attemptsDir: string;
  readonly launcher: Launcher;
  /** null: tasks that mount volumes do not start here. */
  readonly mounter: Mounter | null;
}

interface Running {
  readonly pid: number;
  readonly timer: NodeJS.Timeout | null;
  trimTimer: NodeJS.Timeout | null;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #events: RunnerEvents;
  readonly #running = new Map<string, Running>();
  readonly #preparing = new Map<string, AbortController>();

  constructor(options: RunnerOptions, events: RunnerEvents) {
    this.#options = options;
    this.#events = events;
    mkdirSync(options.attemptsDir, { recursive: true });
  }

  folderOf(attemptId: string): string {
    return join(this.#options.attemptsDir, attemptId);
  }

  runningIds(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Attempts that have a folder, whatever became of them. */
  folders(): readonly string[] {
    return readdirSync(this.#options.attemptsDir);
  }

  start(attempt: AssignedAttempt): void {
    const { attemptId } = attempt;
    const invalidName = Object.keys(attempt.env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (invalidName !== undefined) {
      return this.#failSoon(attemptId, `the environment variable ${JSON.stringify(invalidName)} has no POSIX name (letters, digits, "_")`);
    }
    const dir = this.folderOf(attemptId);
    const work = join(dir, 'work');
    mkdirSync(join(work, 'tmp'), { recursive: true });
    writeFileSync(join(dir, 'memory'), `${String(attempt.resources.memoryMib)}\n`);
    // Reopened for the process; made here, so that they are the task's before it starts.
    for (const stream of ['stdout', 'stderr']) closeSync(openSync(join(dir, stream), 'a'));
    const folder = { dir, work };
    if (this.#options.launcher.prepare === undefined && attempt.mounts === undefined) this.#spawn(attempt, folder);
    else void this.#prepareAndSpawn(attempt, folder);
  }

  /** An attempt that is being started need not be. */
  abandon(attemptId: string): void {
    this.#preparing.get(attemptId)?.abort();
  }

  async #prepareAndSpawn(attempt: AssignedAttempt, folder: AttemptFolder): Promise<void> {
    const { attemptId } = attempt;
    const abort = new AbortController();
    this.#preparing.set(attemptId, abort);
    try {
      await this.#options.launcher.prepare?.(attempt, (note) => { this.#events.progress(attemptId, note); }, abort.signal);
      await mountFor(attempt, folder, this.#options.mounter, abort.signal);
      abort.signal.throwIfAborted();
    } catch (error) {
      return this.#startFailed(attemptId, messageOf(error));
    } finally {
      this.#preparing.delete(attemptId);
    }
    this.#spawn(attempt, folder);
  }

  #spawn(attempt: AssignedAttempt, folder: AttemptFolder): void {
    const { attemptId } = attempt;
    const { dir, work } = folder;
    const out = openSync(join(dir, 'stdout'), 'a');
    const err = openSync(join(dir, 'stderr'), 'a');
    try {
      const { program, args, env } = this.#options.launcher.launch(attempt, folder);
      const child = spawn(program, args, { cwd: work, env: { ...env }, detached: true, stdio: ['ignore', out, err] });
      child.once('error', (error) => {
        this.#forgetTimers(attemptId);
        this.#startFailed(attemptId, `it could not be started: ${error.message}`);
      });
      child.once('spawn', () => {
        const { pid } = child;
        if (pid === undefined) return; // 'error' speaks for it
        this.#watch(attemptId, pid, null);
        this.#events.started(attemptId);
      });
      child.once('exit', (code, signal) => {
        const killedBy = signal === null ? code : 128 + constants.signals[signal];
        // What should have become the wrapper never did, and said why.
        if (!existsSync(join(dir, 'claim')) && signal === null) return this.#ended(attemptId, null, `it could not be started: ${lastWords(join(dir, 'stderr'))}`);
        this.#ended(attemptId, readExitCode(dir) ?? (killedBy === 125 ? null : killedBy));
      });
    } catch (error) {
      // Node throws for what the kernel would refuse, e.g. an argument list that is too long.
      this.#failSoon(attemptId, error instanceof LaunchError ? error.message : `it could not be started: ${messageOf(error)}`);
    } finally {
      closeSync(out);
      closeSync(err);
    }
  }

  /** Not at once: the caller is in the middle of performing effects. */
  #failSoon(attemptId: string, message: string): void {
    queueMicrotask(() => { this.#startFailed(attemptId, message); });
  }

  #startFailed(attemptId: string, message: string): void {
    const tell = (): void => { this.#events.startFailed(attemptId, message); };
    const unmounted = unmountOf(this.folderOf(attemptId), this.#options.mounter);
    if (unmounted === null) tell();
    else void unmounted.then(tell);
  }

  /** What became of an attempt that an earlier start of the agent journaled. A running one is watched from now on. */
  find(attemptId: string): Survivor {
    const dir = this.folderOf(attemptId);
    if (!existsSync(dir)) return { kind: 'gone', message: 'the agent stopped before it was started', startedAtMs: null, neverRan: true };
    if (claim(dir)) {
      void unmountOf(dir, this.#options.mounter);
      return { kind: 'gone', message: 'the agent stopped while it was being started; it did not run', startedAtMs: null, neverRan: true };
    }
    const pid = readNumber(join(dir, 'pid'));
    const startedAtMs = Math.round(statSync(join(dir, 'claim')).mtimeMs);
    if (pid !== null && isWrapper(pid, dir)) {
      const timer = setInterval(() => {
        if (!isWrapper(pid, dir)) this.#ended(attemptId, readExitCode(dir));
      }, adoptedPollMs);
      this.#watch(attemptId, pid, timer);
      return { kind: 'running', startedAtMs };
    }
    const exitCode = readExitCode(dir);
    if (pid !== null) endGroup(dir, pid);
    void this.#sweep(attemptId, dir);
    if (exitCode === null) return { kind: 'gone', message: 'the process is gone and left no exit code', startedAtMs };
    return { kind: 'exited', exitCode, ...reasonOf(dir, exitCode), startedAtMs, endedAtMs: Math.round(statSync(join(dir, 'exit')).mtimeMs) };
  }

  signal(attemptId: string, signal: 'TERM' | 'KILL'): void {
    const running = this.#running.get(attemptId);
    // Not there: it ended a moment ago and its end is on the way.
    if (running === undefined) return;
    signalGroup(running.pid, `SIG${signal}`);
    if (signal === 'KILL') void this.#options.launcher.sweep(attemptId, this.folderOf(attemptId));
  }

  async forget(attemptId: string): Promise<void> {
    // A dying process of the task may still write into the folder.
    await rm(this.folderOf(attemptId), { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
  }

  #watch(attemptId: string, pid: number, timer: NodeJS.Timeout | null): void {
    const running: Running = { pid, timer, trimTimer: null };
    this.#running.set(attemptId, running);
    let bytesBefore = 0;
    const trim = (): void => {
      const bytes = trimOutput(this.folderOf(attemptId));
      const isBusy = bytes - bytesBefore > 1_000_000;
      bytesBefore = bytes;
      running.trimTimer = setTimeout(trim, isBusy ? trimBusyMs : trimEveryMs);
    };
    running.trimTimer = setTimeout(trim, trimEveryMs);
  }

  #forgetTimers(attemptId: string): void {
    const running = this.#running.get(attemptId);
    if (running === undefined) return;
    if (running.timer !== null) clearInterval(running.timer);
    if (running.trimTimer !== null) clearTimeout(running.trimTimer);
    this.#running.delete(attemptId);
  }

  #ended(attemptId: string, exitCode: number | null, message?: string): void {
    const running = this.#running.get(attemptId);
    this.#forgetTimers(attemptId);
    const dir = this.folderOf(attemptId);
    // What a task leaves behind ends with it: its room is given to others.
    if (running !== undefined) endGroup(dir, running.pid);
    const tell = (): void => {
      this.#events.ended(attemptId, exitCode, message ?? reasonOf(dir, exitCode).message);
    };
    const swept = this.#sweep(attemptId, dir);
    if (swept === null) tell();
    else void swept.then(tell);
  }

  /** Processes first: what they have open on a volume keeps it mounted. */
  #sweep(attemptId: string, dir: string): Promise<void> | null {
    const swept = this.#options.launcher.sweep(attemptId, dir);
    return swept === null ? unmountOf(dir, this.#options.mounter) : swept.then(() => unmountOf(dir, this.#options.mounter) ?? undefined);
  }
}

/** What is known of why it ended so. */
function reasonOf(dir: string, exitCode: number | null): { readonly message?: string } {
  if (exitCode === 0 || !existsSync(join(dir, 'oom'))) return {};
  return { message: `killed: used more than its ${String(readNumber(join(dir, 'memory')) ?? 0)} MiB of memory` };
}

function lastWords(file: string): string {
  return readFileSync(file, 'utf8').trim().slice(-500) || 'the program that starts it said nothing';
}

/**
 * True when this call decided that the attempt never runs: a wrapper that comes up later finds the file and
 * leaves. False: the wrapper was first.
 */
function claim(dir: string): boolean {
  try {
    closeSync(openSync(join(dir, 'claim'), 'wx'));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function isWrapper(pid: number, dir: string): boolean {
  return commandLineOf(pid)?.includes(`${dir} `) ?? false;
}

/** Ends what is left in the group of a wrapper that has ended. Its number stays taken while anybody is in the group. */
function endGroup(dir: string, pid: number): void {
  const leader = commandLineOf(pid);
  // The number went to a stranger: then the group had been empty.
  if (leader !== null && !leader.includes(dir)) return;
  signalGroup(pid, 'SIGKILL');
}

/** null while the wrapper has not written it completely. */
function readExitCode(dir: string): number | null {
  return readNumber(join(dir, 'exit'));
}

function readNumber(file: string): number | null {
  try {
    const match = /^(\d+)\n$/.exec(readFileSync(file, 'utf8'));
    return match?.[1] === undefined ? null : Number(match[1]);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}
