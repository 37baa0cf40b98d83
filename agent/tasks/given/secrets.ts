// Secrets of attempts, in memory only: variables behind everything that could show them, files in a memory file system
// that go with the end. Nothing of them is in the attempt's folder, on a command line or in a message.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssignedAttempt, GivenSecret } from '../../../lib/core/records/sync.ts';
import { LaunchError, messageOf } from '../../errors.ts';
import { askedAgain } from './asked-again.ts';
import { noRole } from './roles.ts';
import type { RoleAccess } from './roles.ts';

/** What a task is given; only for as long as its process is being made. */
export interface Given {
  /** Of those that are environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** In memory, the attempt's own; in its `files` is one for each of the others. null: none is needed. */
  readonly folder: string | null;
}

/** Where a container finds its secret files. */
export const secretsPoint = '/bellows-secrets';

export const noSecrets: Given = { env: {}, folder: null };

export interface SecretKeeperOptions {
  /** A folder of a memory file system; null: there is none here. */
  readonly root: string | null;
  /** @throws one whose `isFinal` says that asking again would not help */
  readonly ask: (attemptId: string) => Promise<readonly GivenSecret[]>;
  readonly retryMs?: number;
}

const triesMax = 5;
/** tmpfs and ramfs, as statfs(2) tells them. */
const memoryFileSystems: readonly number[] = [0x01021994, 0x858458f6];

export class SecretKeeper {
  readonly #options: SecretKeeperOptions;

  constructor(options: SecretKeeperOptions) {
    this.#options = options;
  }

  /**
   * `more`: variables and files that are as secret.
   * @throws LaunchError that names what cannot be read; also when aborted
   */
  async give(
    { attemptId, secrets = [] }: AssignedAttempt,
    signal: AbortSignal,
    more: Pick<RoleAccess, 'secret' | 'files'> = noRole,
  ): Promise<Given> {
    const moreFiles = Object.entries(more.files);
    if (secrets.length + Object.keys(more.secret).length + moreFiles.length === 0) return noSecrets;
    const given = secrets.length === 0 ? [] : await this.#ask(attemptId, signal);
    const missing = secrets.filter((one) => !given.some((other) => other.name === one.name));
    if (missing.length > 0)
      throw new LaunchError(`the controller did not send the secret ${missing.map((one) => one.name).join(', ')}`);
    const own = given.flatMap(({ name, as, value }) => (as === 'env' ? [[name, value]] : []));
    const env = { ...(Object.fromEntries(own) as Readonly<Record<string, string>>), ...more.secret };
    const ofSecrets = given.flatMap(({ name, as, value }) => (as === 'file' ? [[name, value] as const] : []));
    const files = [...ofSecrets, ...moreFiles];
    if (files.length === 0 && this.#options.root === null) return { env, folder: null };
    const folder = memoryFolder(this.#options.root, attemptId, 'it has secrets as files');
    mkdirSync(join(folder, 'files'));
    for (const [name, value] of files) {
      const file = join(folder, 'files', name);
      writeFileSync(file, value, { flag: 'wx' });
      // The folder keeps others out; in a container whoever the image says reads it.
      chmodSync(file, 0o444);
    }
    return { env, folder };
  }

  /** The attempt has ended, or never began. */
  remove(attemptId: string): void {
    if (this.#options.root !== null) rmSync(join(this.#options.root, attemptId), { recursive: true, force: true });
  }

  /** Of attempts of which nobody knows any more: the agent died in between. */
  keepOnly(attemptIds: ReadonlySet<string>): void {
    const { root } = this.#options;
    if (root === null) return;
    if (!existsSync(root)) return;
    for (const id of readdirSync(root)) if (!attemptIds.has(id)) this.remove(id);
  }

  #ask(attemptId: string, signal: AbortSignal): Promise<readonly GivenSecret[]> {
    const { ask, retryMs = 1_000 } = this.#options;
    const sentence = (error: unknown): string => `it could not be given its secrets: ${messageOf(error)}`;
    return askedAgain({ most: triesMax, pauseMs: (done) => retryMs * done, signal, sentence }, () => ask(attemptId));
  }
}

/** The attempt's own, in memory: nobody else gets in. `why`: for messages. @throws LaunchError */
export function memoryFolder(root: string | null, attemptId: string, why: string): string {
  if (root === null) throw new LaunchError(`${why}, and this machine has no memory file system`);
  mkdirSync(root, { recursive: true, mode: 0o711 });
  if (!memoryFileSystems.includes(statfsSync(root).type)) throw new LaunchError(`${why}, and ${root} is on a disk`);
  const folder = join(root, attemptId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Where the task finds its secrets that are files. */
export function secretsEnvironment(
  { secrets = [] }: Pick<AssignedAttempt, 'secrets'>,
  files: string,
): Readonly<Record<string, string>> {
  return secrets.some((one) => one.as === 'file') ? { BELLOWS_SECRETS: files } : {};
}

/**
 * A script that sets the variables, to be read behind the drop of all privileges: arguments can be read by everybody
 * on the machine, and a variable such as LD_PRELOAD must not reach a program that root runs.
 */
export function exportScript(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}
