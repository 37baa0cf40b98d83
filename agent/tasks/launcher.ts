// How the process of an attempt is made, and how all of it is ended: the port between the runner and the machine.
// Plain processes on a laptop, units with limits on nodes (units.ts), containers where a task names an image.
import { fileURLToPath } from 'node:url';
import type { AssignedAttempt } from '../../lib/core/records/sync.ts';
import { unreachable } from '../../lib/core/values/errors.ts';
import { LaunchError } from '../errors.ts';
import { saveFile } from './kept/saves.ts';
import { gpuEnvironment } from './given/gpus.ts';
import type { Gpu } from './given/gpus.ts';
import type { Given } from './given/secrets.ts';
import { secretsEnvironment } from './given/secrets.ts';

/** The attempt's own: `dir` for the agent and the wrapper, `work` (inside of it) for the task. */
export interface AttemptFolder {
  readonly dir: string;
  readonly work: string;
}

/** Of an attempt whose process is made: with what it alone is given. */
export interface LaunchFolder extends AttemptFolder {
  readonly given: Given;
  /** Its own; absent: none. */
  readonly gpus?: readonly Gpu[];
}

/** What the agent spawns, in `work` and with the output files: it must run the wrapper, and be it in the end. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Launcher {
  /** What has to be there first and takes time; `say` tells how far it is. @throws LaunchError; also when aborted */
  prepare?(
    attempt: AssignedAttempt,
    folder: AttemptFolder,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Makes the folder the task's and says how its process is made. @throws LaunchError */
  launch(attempt: AssignedAttempt, folder: LaunchFolder): Command;
  /** How a command is run beside its process, as the task is; null: not here. Absent: never. */
  probe?(attemptId: string, folder: AttemptFolder, argv: readonly string[], env: Command['env']): Command | null;
  /** Ends whatever there is of the attempt beyond its process group. Nothing there: fine. Never rejects. */
  sweep(attemptId: string, dir: string): Promise<void> | null;
  /** Before its folder goes: rejects while something of it is there that the folder names, and may still run. */
  release?(attemptId: string, dir: string): Promise<void>;
}

const wrapper = fileURLToPath(new URL('wrapper.sh', import.meta.url));

export function wrapped(dir: string, argv: readonly string[]): readonly string[] {
  return ['/bin/sh', wrapper, dir, ...argv];
}

export function argvOf({ run }: AssignedAttempt): readonly string[] {
  switch (run.kind) {
    case 'shell':
      return ['/bin/sh', '-c', run.script];
    case 'command':
      return run.argv;
    case 'container':
      throw new LaunchError(`the task needs the image ${run.image}, but this agent runs no containers`);
    default:
      return unreachable(run);
  }
}

/** What identifies the attempt, where its volumes are and where it says that it has saved; nothing overrides it. */
export function identityOf(attempt: AssignedAttempt, work: string): Readonly<Record<string, string>> {
  return {
    BELLOWS_REQUEST_ID: attempt.requestId,
    ...(attempt.name === undefined ? {} : { BELLOWS_REQUEST_NAME: attempt.name }),
    BELLOWS_TASK_INDEX: String(attempt.index),
    ...(attempt.count === undefined ? {} : { BELLOWS_TASK_COUNT: String(attempt.count) }),
    BELLOWS_ATTEMPT: String(attempt.attempt),
    ...(attempt.checkpoint === undefined ? {} : { BELLOWS_CHECKPOINT_FILE: `${work}/${saveFile}` }),
    ...mountsOf(attempt, work),
  };
}

/** BELLOWS_MOUNT_0, …: where the task finds its volumes, below `work` as the task sees it. */
function mountsOf({ mounts = [] }: AssignedAttempt, work: string): Readonly<Record<string, string>> {
  return Object.fromEntries(mounts.map(({ path }, n) => [`BELLOWS_MOUNT_${String(n)}`, `${work}/${path}`]));
}

/** Exactly this and nothing of the agent's or the server's environment. */
export function taskEnvironment(
  attempt: AssignedAttempt,
  { work, given, gpus = [] }: Pick<LaunchFolder, 'work' | 'given' | 'gpus'>,
  path: string,
): Readonly<Record<string, string>> {
  return {
    PATH: path,
    HOME: work,
    TMPDIR: `${work}/tmp`,
    LANG: 'C.UTF-8',
    ...gpuEnvironment(gpus),
    ...attempt.env,
    ...identityOf(attempt, work),
    ...secretsEnvironment(attempt, `${given.folder ?? ''}/files`),
  };
}

/** A process group of the agent's own user, without limits: for laptops and tests. */
export class PlainLauncher implements Launcher {
  readonly #taskPath: string;

  constructor(taskPath: string) {
    this.#taskPath = taskPath;
  }

  launch(attempt: AssignedAttempt, folder: LaunchFolder): Command {
    const [program = '', ...args] = wrapped(folder.dir, argvOf(attempt));
    const env = { ...taskEnvironment(attempt, folder, this.#taskPath), ...folder.given.env };
    return { program, args, env };
  }

  probe(_attemptId: string, _folder: AttemptFolder, argv: readonly string[], env: Command['env']): Command {
    const [program = '', ...args] = argv;
    return { program, args, env: { PATH: this.#taskPath, ...env } };
  }

  sweep(): null {
    return null; // its process group is all that is known of it
  }
}
