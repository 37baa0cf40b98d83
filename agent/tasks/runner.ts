// Runs attempts as real processes, each in a process group and a folder of its own, so that a restarted
// agent finds them again and a whole group can be ended.
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { NodeUsage } from '../../lib/core/records/node.ts';
import type { AssignedAttempt, AttemptUsage } from '../../lib/core/records/sync.ts';
import type { CheckpointSignal } from '../../lib/core/records/request.ts';
import type { Survivor } from '../core/types.ts';
import { LaunchError, messageOf } from '../errors.ts';
import type { AttemptFolder, Command, LaunchFolder, Launcher } from './launcher.ts';
import { mountFor, unmountOf } from './given/mounts.ts';
import type { Mounter } from './given/mounts.ts';
import type { Gpu, GpuKeeper } from './given/gpus.ts';
import { imageDigestOf } from './given/images.ts';
import type { InputKeeper } from './given/inputs.ts';
import { ArtifactsLostError } from './kept/artifacts.ts';
import type { ArtifactKeeper } from './kept/artifacts.ts';
import { noRole } from './given/roles.ts';
import type { RoleServer } from './given/roles.ts';
import { noSecrets, secretsPoint } from './given/secrets.ts';
import type { SecretKeeper } from './given/secrets.ts';
import { portVariables } from '../../lib/core/services/serving.ts';
import type { OpenPort } from '../../lib/core/services/serving.ts';
import { choosePorts, notedPorts } from './given/ports.ts';
import { trimOutput, wantWhole, wholeBytesOf, wholeOutput } from './kept/output.ts';
import { commandLineOf, isCode, processWith, signalGroup } from './process-table.ts';
import { isOfTheTask, readLast, statsOf } from './task-files.ts';
import { UsageSampler } from './usage.ts';

const adoptedPollMs = 100;
const trimEveryMs = 500;
const trimBusyMs = 50;
const sampleEveryMs = 500;
/** Each look starts a program. */
const sampleGpusEveryMs = 5_000;
/** All artifacts of an attempt are kept by then, or lost. */
const keepMsMax = 900_000;
const globsBytesMax = 64_000;

export interface RunnerEvents {
  /** `ports`: of one that serves. */
  started(attemptId: string, ports?: readonly OpenPort[]): void;
  startFailed(attemptId: string, message: string): void;
  /** A start that takes long says how far it is. */
  progress(attemptId: string, note: string): void;
  /** Its process has ended, and its artifacts are being kept before that is reported. */
  keeping(attemptId: string): void;
  ended(attemptId: string, exitCode: number | null, known: Known): void;
}

/** What is known of an end beside its exit code. */
export interface Known {
  /** Why it ended so. */
  readonly message?: string;
  readonly usage?: AttemptUsage;
  readonly imageDigest?: string;
  readonly isOutOfMemory?: true;
}

export interface RunnerOptions {
  readonly attemptsDir: string;
  readonly launcher: Launcher;
  /** null: tasks that mount volumes do not start here. */
  readonly mounter: Mounter | null;
  readonly secrets: SecretKeeper;
  readonly roles: Pick<RoleServer, 'accessOf' | 'forget'>;
  readonly inputs: InputKeeper;
  readonly gpus: GpuKeeper;
  readonly artifacts: ArtifactKeeper;
  /** Deletes a folder whatever tasks left in it; rejects while something of it is there. */
  readonly removeTree: (path: string) => Promise<void>;
  readonly log: (message: string) => void;
}

interface Running {
  readonly pid: number;
  readonly timer: NodeJS.Timeout | null;
  trimTimer: NodeJS.Timeout | null;
  isTrimFailing: boolean;
  readonly isMeasured: boolean;
  readonly imageDigest: string | null;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #events: RunnerEvents;
  readonly #running = new Map<string, Running>();
  readonly #preparing = new Map<string, AbortController>();
  readonly #keeping = new Map<string, AbortController>();
  readonly #usage = new UsageSampler();
  #sampleTimer: NodeJS.Timeout | null = null;
  #sampledGpusAtMs = -Infinity;

  constructor(options: RunnerOptions, events: RunnerEvents) {
    this.#options = options;
    this.#events = events;
    this.#openAttempts();
  }

  folderOf(attemptId: string): string {
    return join(this.#options.attemptsDir, attemptId);
  }

  runningIds(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Attempts that have a folder, whatever became of them. */
  folders(): readonly string[] {
    this.#openAttempts();
    return readdirSync(this.#options.attemptsDir);
  }

  /** Where tasks run as the agent's own user, one may have deleted it with all that is in it, or closed it. */
  #openAttempts(): void {
    const { attemptsDir } = this.#options;
    mkdirSync(attemptsDir, { recursive: true });
    const mode = statsOf(attemptsDir)?.mode ?? 0;
    if ((mode & 0o700) !== 0o700) chmodSync(attemptsDir, (mode & 0o7777) | 0o700);
  }

  /** What cannot be started says so; it throws nothing. */
  start(attempt: AssignedAttempt): void {
    const { attemptId } = attempt;
    const invalidName = Object.keys(attempt.env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (invalidName !== undefined) {
      return this.#failSoon(
        attemptId,
        `the environment variable ${JSON.stringify(invalidName)} has no POSIX name (letters, digits, "_")`,
      );
    }
    const dir = this.folderOf(attemptId);
    const folder = { dir, work: join(dir, 'work') };
    try {
      this.#make(folder, attempt);
    } catch (error) {
      return this.#failSoon(attemptId, `its folder cannot be made: ${messageOf(error)}`);
    }
    const { launcher } = this.#options;
    const hasGpus = attempt.resources.gpu > 0;
    const isReady = launcher.prepare === undefined && attempt.hasInputs === undefined && attempt.hasRole === undefined;
    const isPlain = attempt.mounts === undefined && attempt.secrets === undefined && attempt.ports === undefined;
    if (isReady && isPlain && !hasGpus) this.#spawn(attempt, { ...folder, given: noSecrets });
    else void this.#prepareAndSpawn(attempt, folder);
  }

  #make({ dir, work }: AttemptFolder, attempt: AssignedAttempt): void {
    this.#openAttempts();
    mkdirSync(join(work, 'tmp'), { recursive: true });
    if (attempt.keepOutputMib !== undefined) wantWhole(dir, attempt.keepOutputMib);
    if (attempt.artifacts !== undefined) writeFileSync(join(dir, 'artifacts'), JSON.stringify(attempt.artifacts));
    if (attempt.isMeasured === true) writeFileSync(join(dir, 'measured'), '');
    writeFileSync(join(dir, 'memory'), `${String(attempt.resources.memoryMib)}\n`);
    // Reopened for the process; made here, so that they are the task's before it starts.
    for (const stream of ['stdout', 'stderr']) closeSync(openSync(join(dir, stream), 'a'));
  }

  /** What a running attempt uses; null: it is not measured, or nothing is known yet. */
  usageOf(attemptId: string): NodeUsage | null {
    return this.#running.get(attemptId)?.isMeasured === true ? this.#usage.measure(this.folderOf(attemptId)) : null;
  }

  /** Of the image that a running attempt runs; null: none, or no registry knows it. */
  imageDigestOf(attemptId: string): string | null {
    return this.#running.get(attemptId)?.imageDigest ?? null;
  }

  /** How a command is run beside its process; null: not here. */
  probe(attemptId: string, argv: readonly string[], env: Command['env']): Command | null {
    const dir = this.folderOf(attemptId);
    return this.#options.launcher.probe?.(attemptId, { dir, work: join(dir, 'work') }, argv, env) ?? null;
  }

  /** An attempt that is being started need not be. */
  abandon(attemptId: string): void {
    this.#preparing.get(attemptId)?.abort();
  }

  async #prepareAndSpawn(attempt: AssignedAttempt, folder: AttemptFolder): Promise<void> {
    const { attemptId } = attempt;
    const abort = new AbortController();
    let given = noSecrets;
    let access = noRole;
    let gpus: readonly Gpu[] = [];
    let ports: readonly OpenPort[] | undefined;
    this.#preparing.set(attemptId, abort);
    try {
      const say = (note: string): void => {
        this.#events.progress(attemptId, note);
      };
      await this.#options.launcher.prepare?.(attempt, folder, say, abort.signal);
      // Before its volumes: what others have put there is not in the way of an archive.
      await this.#options.inputs.give(attempt, folder, say, abort.signal);
      await mountFor(attempt, folder, this.#options.mounter, abort.signal);
      if (attempt.ports !== undefined) ports = await choosePorts(attempt.ports, folder.dir);
      gpus = await this.#options.gpus.give(folder.dir, attempt.resources.gpu);
      // Last, so that they are as fresh as can be and in memory for a moment only.
      access = await this.#options.roles.accessOf(attempt, secretsPoint);
      given = await this.#options.secrets.give(attempt, abort.signal, access);
      abort.signal.throwIfAborted();
    } catch (error) {
      return this.#startFailed(attemptId, messageOf(error));
    } finally {
      this.#preparing.delete(attemptId);
    }
    const env = { ...attempt.env, ...portVariables(ports ?? []), ...access.env };
    this.#spawn({ ...attempt, env }, { ...folder, given, gpus }, ports);
  }

  #spawn(attempt: AssignedAttempt, folder: LaunchFolder, ports?: readonly OpenPort[]): void {
    const { attemptId } = attempt;
    const { dir, work } = folder;
    const files: number[] = [];
    try {
      for (const stream of ['stdout', 'stderr']) files.push(openSync(join(dir, stream), 'a'));
      const { program, args, env } = this.#options.launcher.launch(attempt, folder);
      const child = spawn(program, args, { cwd: work, env: { ...env }, detached: true, stdio: ['ignore', ...files] });
      child.once('error', (error) => {
        this.#forgetTimers(attemptId);
        this.#startFailed(attemptId, `it could not be started: ${error.message}`);
      });
      child.once('spawn', () => {
        const { pid } = child;
        if (pid === undefined) return; // 'error' speaks for it
        this.#watch(attemptId, pid, null);
        this.#events.started(attemptId, ports);
      });
      child.once('exit', (code, signal) => {
        const killedBy = signal === null ? code : 128 + constants.signals[signal];
        // What should have become the wrapper never did, and said why. A task may delete these files,
        // but not all at once.
        if (signal === null && neverRan(dir))
          return this.#ended(attemptId, null, `it could not be started: ${lastWords(join(dir, 'stderr'))}`);
        this.#ended(attemptId, readExitCode(dir) ?? (killedBy === 125 ? null : killedBy));
      });
    } catch (error) {
      // Node throws for what the kernel would refuse, e.g. an argument list that is too long.
      this.#failSoon(
        attemptId,
        error instanceof LaunchError ? error.message : `it could not be started: ${messageOf(error)}`,
      );
    } finally {
      for (const file of files) closeSync(file);
    }
  }

  /** Not at once: the caller is in the middle of performing effects. */
  #failSoon(attemptId: string, message: string): void {
    queueMicrotask(() => {
      this.#startFailed(attemptId, message);
    });
  }

  #startFailed(attemptId: string, message: string): void {
    const dir = this.folderOf(attemptId);
    this.#cleanUp(
      attemptId,
      () => {
        this.#options.secrets.remove(attemptId);
        return unmountOf(dir, this.#options.mounter);
      },
      () => {
        this.#options.gpus.free(dir);
        this.#events.startFailed(attemptId, message);
      },
    );
  }

  /** What became of an attempt that an earlier start of the agent journaled. A running one is watched from now on. */
  find(attemptId: string): Survivor {
    const dir = this.folderOf(attemptId);
    const noted = readNumber(join(dir, 'pid'));
    // A task may have deleted what the wrapper noted, and run on.
    const pid = noted !== null && isWrapper(noted, dir) ? noted : processWith(`wrapper.sh ${dir} `);
    const startedAtMs = timeOf(join(dir, 'claim')) ?? timeOf(join(dir, 'memory')) ?? timeOf(dir);
    if (pid !== null) {
      const timer = setInterval(() => {
        if (!isWrapper(pid, dir)) this.#ended(attemptId, readExitCode(dir));
      }, adoptedPollMs);
      this.#watch(attemptId, pid, timer);
      const ports = notedPorts(dir);
      const serving = ports.length === 0 ? {} : { ports };
      return { kind: 'running', startedAtMs: startedAtMs ?? Date.now(), ...serving };
    }
    if (statsOf(dir) === null)
      return { kind: 'gone', message: 'the agent stopped before it was started', startedAtMs: null, neverRan: true };
    const exitCode = readExitCode(dir);
    if (exitCode === null && claim(dir)) {
      this.#options.gpus.free(dir);
      this.#cleanUp(dir, () => unmountOf(dir, this.#options.mounter));
      return {
        kind: 'gone',
        message: 'the agent stopped while it was being started; it did not run',
        startedAtMs: null,
        neverRan: true,
      };
    }
    if (noted !== null) endGroup(dir, noted);
    if (exitCode !== null && (globsOf(dir) !== null || wholeBytesOf(dir) !== null)) {
      // Not told of yet: its artifacts and its whole output may not be kept.
      setImmediate(() => {
        this.#ended(attemptId, exitCode);
      });
      return { kind: 'running', startedAtMs: startedAtMs ?? Date.now(), hasEnded: true };
    }
    this.#cleanUp(
      attemptId,
      () => this.#sweep(attemptId, dir),
      () => {
        this.#options.gpus.free(dir);
      },
    );
    const usage = this.#usage.take(dir);
    if (exitCode === null) return { kind: 'gone', message: 'the process is gone and left no exit code', startedAtMs };
    return {
      kind: 'exited',
      exitCode,
      ...knownOf(dir, exitCode, usage),
      startedAtMs,
      endedAtMs: timeOf(join(dir, 'exit')) ?? Date.now(),
    };
  }

  signal(attemptId: string, signal: CheckpointSignal | 'KILL'): void {
    if (signal === 'KILL') this.#keeping.get(attemptId)?.abort();
    const running = this.#running.get(attemptId);
    // Not there: it ended a moment ago and its end is on the way.
    if (running === undefined) return;
    signalGroup(running.pid, `SIG${signal}`);
    if (signal === 'KILL')
      this.#cleanUp(attemptId, () => this.#options.launcher.sweep(attemptId, this.folderOf(attemptId)));
  }

  /** Rejects while something of its folder is there. */
  async forget(attemptId: string): Promise<void> {
    const dir = this.folderOf(attemptId);
    await this.#options.launcher.release?.(attemptId, dir);
    await this.#options.removeTree(dir);
  }

  #watch(attemptId: string, pid: number, timer: NodeJS.Timeout | null): void {
    const dir = this.folderOf(attemptId);
    const isMeasured = statsOf(join(dir, 'measured')) !== null;
    const imageDigest = imageDigestOf(dir);
    const running: Running = { pid, timer, trimTimer: null, isTrimFailing: false, isMeasured, imageDigest };
    this.#running.set(attemptId, running);
    let bytesBefore = 0;
    const trim = (): void => {
      const bytes = this.#trim(attemptId, running);
      const isBusy = bytes - bytesBefore > 1_000_000;
      bytesBefore = bytes;
      running.trimTimer = setTimeout(trim, isBusy ? trimBusyMs : trimEveryMs);
    };
    running.trimTimer = setTimeout(trim, trimEveryMs);
    this.#sampleTimer ??= setInterval(() => {
      this.#usage.sample(new Map([...this.#running].map(([id, one]) => [one.pid, this.folderOf(id)])));
      if (performance.now() - this.#sampledGpusAtMs < sampleGpusEveryMs) return;
      this.#sampledGpusAtMs = performance.now();
      void this.#options.gpus.sample(this.runningIds().map((id) => this.folderOf(id)));
    }, sampleEveryMs);
  }

  /** A full disk leaves the stream as it is: nothing of it is lost for that, and it is tried again. */
  #trim(attemptId: string, running: Running): number {
    try {
      const bytes = trimOutput(this.folderOf(attemptId));
      running.isTrimFailing = false;
      return bytes;
    } catch (error) {
      if (!running.isTrimFailing)
        this.#options.log(`the output of ${attemptId} cannot be cut back: ${messageOf(error)}`);
      running.isTrimFailing = true;
      return 0;
    }
  }

  #forgetTimers(attemptId: string): void {
    const running = this.#running.get(attemptId);
    if (running === undefined) return;
    if (running.timer !== null) clearInterval(running.timer);
    if (running.trimTimer !== null) clearTimeout(running.trimTimer);
    this.#running.delete(attemptId);
    if (this.#running.size > 0 || this.#sampleTimer === null) return;
    clearInterval(this.#sampleTimer);
    this.#sampleTimer = null;
  }

  #ended(attemptId: string, exitCode: number | null, message?: string): void {
    const running = this.#running.get(attemptId);
    this.#forgetTimers(attemptId);
    const dir = this.folderOf(attemptId);
    // What a task leaves behind ends with it: its room is given to others.
    if (running !== undefined) endGroup(dir, running.pid);
    this.#cleanUp(
      attemptId,
      () => this.#sweep(attemptId, dir),
      () => {
        this.#options.gpus.free(dir);
        const known = knownOf(dir, exitCode, withGpus(this.#usage.take(dir), this.#options.gpus.takePeak(dir)));
        void this.#endKept(attemptId, exitCode, message === undefined ? known : { ...known, message });
      },
    );
  }

  /**
   * What it should leave behind is a part of its work: an attempt that loses its artifacts has not succeeded. One that
   * loses its whole output says so: head and tail are kept apart.
   */
  async #endKept(attemptId: string, exitCode: number | null, known: Known): Promise<void> {
    const dir = this.folderOf(attemptId);
    const globs = exitCode === null ? null : globsOf(dir);
    const streams = wholeOutput(dir);
    if (globs === null && streams === null) return this.#events.ended(attemptId, exitCode, known);
    const abort = new AbortController();
    this.#keeping.set(attemptId, abort);
    this.#events.keeping(attemptId);
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(keepMsMax)]);
    const { artifacts } = this.#options;
    const lost: ArtifactsLostError[] = [];
    const orLost = async (kept: Promise<void> | null): Promise<boolean> => {
      try {
        await kept;
        return true;
      } catch (error) {
        if (!(error instanceof ArtifactsLostError)) throw error;
        lost.push(error);
        return false;
      }
    };
    try {
      const hasAll = await orLost(globs && artifacts.keep(attemptId, join(dir, 'work'), globs, signal));
      await orLost(streams && artifacts.keepOutput(attemptId, dir, streams, signal));
      const messages = [known.message, ...lost.map((error) => error.message)].filter((one) => one !== undefined);
      const message = messages.length === 0 ? {} : { message: messages.join('; ') };
      this.#events.ended(attemptId, hasAll || exitCode !== 0 ? exitCode : null, { ...known, ...message });
    } finally {
      this.#keeping.delete(attemptId);
    }
  }

  /**
   * `then` follows in any case, at once where there is nothing to wait for: an end is reported though
   * its cleaning failed.
   */
  #cleanUp(attemptId: string, work: () => Promise<void> | null, then: () => void = () => {}): void {
    const failed = (error: unknown): void => {
      this.#options.log(`what ${attemptId} leaves behind is not cleaned up: ${messageOf(error)}`);
    };
    let working: Promise<void> | null = null;
    try {
      working = work();
    } catch (error) {
      failed(error);
    }
    if (working === null) then();
    else void working.catch(failed).then(then);
  }

  /** Processes first: what they have open on a volume keeps it mounted. */
  #sweep(attemptId: string, dir: string): Promise<void> | null {
    this.#options.secrets.remove(attemptId);
    this.#options.roles.forget(attemptId);
    const swept = this.#options.launcher.sweep(attemptId, dir);
    return swept === null
      ? unmountOf(dir, this.#options.mounter)
      : swept.then(() => unmountOf(dir, this.#options.mounter) ?? undefined);
  }
}

const exitCodeMax = 255;

/** Of its artifacts; null: it has none, or a task of the agent's own user has taken the list away or spoilt it. */
function globsOf(dir: string): readonly string[] | null {
  const text = readLast(join(dir, 'artifacts'), globsBytesMax)?.toString('utf8') ?? 'null';
  try {
    return JSON.parse(text) as readonly string[] | null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function withGpus(usage: AttemptUsage | null, gpuMemoryPeakMib: number | null): AttemptUsage | null {
  return usage === null || gpuMemoryPeakMib === null ? usage : { ...usage, gpuMemoryPeakMib };
}

/** What is known of why it ended so. */
function knownOf(dir: string, exitCode: number | null, usage: AttemptUsage | null): Known {
  const imageDigest = imageDigestOf(dir);
  const image = imageDigest === null ? {} : { imageDigest };
  const used = usage === null ? image : { ...image, usage };
  if (exitCode === 0 || statsOf(join(dir, 'oom')) === null) return used;
  const had = `used more than its ${String(readNumber(join(dir, 'memory')) ?? 0)} MiB of memory`;
  const peak = usage?.memoryPeakMib ?? null;
  return {
    ...used,
    isOutOfMemory: true,
    message: `killed: ${had}${peak === null ? '' : `; at its peak it had ${String(peak)} MiB`}`,
  };
}

function lastWords(file: string): string {
  return readLast(file, 500)?.toString('utf8').trim() || 'the program that starts it said nothing';
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
    // Its folder is closed to us, or no folder: then no wrapper comes up in it either.
    if (isOfTheTask(error)) return true;
    throw error;
  }
}

/** No trace of a wrapper: neither what it claims, nor its pid, nor the exit code that it notes in the end. */
function neverRan(dir: string): boolean {
  return statsOf(dir) !== null && ['claim', 'pid', 'exit'].every((file) => statsOf(join(dir, file)) === null);
}

/**
 * When it was written; null: there is none, or a task set a time that cannot be (the controller
 * refuses one before 1970).
 */
function timeOf(file: string): number | null {
  const stats = statsOf(file);
  const atMs = stats === null ? -1 : Math.round(stats.mtimeMs);
  return atMs < 0 || atMs > Date.now() ? null : atMs;
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

/**
 * null while the wrapper has not written it completely. So is a number that no process exits with: a task has
 * written it where it may, and the controller would refuse every sync that has it, of all tasks of this node.
 */
function readExitCode(dir: string): number | null {
  const code = readNumber(join(dir, 'exit'));
  return code === null || code > exitCodeMax ? null : code;
}

function readNumber(file: string): number | null {
  const match = /^(\d{1,10})\n$/.exec(readLast(file, 20)?.toString('utf8') ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}
