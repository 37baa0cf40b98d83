// Files that an attempt is given before its process exists: fetched, checked, and put into its folder. Nothing of them
// leads out of that: no name, no link, no archive.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inputBytesMax } from '../../../lib/core/access/files.ts';
import type { GivenInput } from '../../../lib/core/access/files.ts';
import type { AssignedAttempt } from '../../../lib/core/records/sync.ts';
import { LaunchError, messageOf } from '../../errors.ts';
import type { AttemptFolder } from '../launcher.ts';
import { isCode } from '../process-table.ts';
import { askedAgain } from './asked-again.ts';
import { unpack } from './unpack.ts';

export interface InputOptions {
  /** Where they are. @throws one whose `isFinal` says that asking again would not help */
  readonly ask: (attemptId: string) => Promise<readonly GivenInput[]>;
  /** What an address answers; the same of its errors. */
  readonly open: (url: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  readonly retryMs?: number;
  readonly bytesMax?: number;
}

/** There since before the process: the folder has files that are not the task's yet. */
export const inputsMark = 'inputs';

const triesMax = 4;

export class InputKeeper {
  readonly #options: InputOptions;

  constructor(options: InputOptions) {
    this.#options = options;
  }

  /** @throws LaunchError that names what is not available; also when aborted */
  async give(
    { attemptId, hasInputs }: AssignedAttempt,
    { dir, work }: AttemptFolder,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (hasInputs === undefined) return;
    say('fetching its inputs');
    await writeFile(join(dir, inputsMark), '');
    const inputs = await this.#trying('it could not find out where its inputs are', signal, () =>
      this.#options.ask(attemptId),
    );
    for (const [at, input] of inputs.entries()) {
      if (inputs.length > 1) say(`fetching input ${String(at + 1)} of ${String(inputs.length)}`);
      const file = join(dir, `input-${String(at)}`);
      await this.#trying(`${input.name} could not be fetched`, signal, () => this.#fetch(input, file, signal));
      await this.#place(input, file, work, signal);
      await rm(file, { force: true });
    }
  }

  async #fetch({ url, sha256, name }: GivenInput, file: string, signal: AbortSignal): Promise<void> {
    const { bytesMax = inputBytesMax } = this.#options;
    const hash = createHash('sha256');
    let bytes = 0;
    const body = await this.#options.open(url, signal);
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > bytesMax) throw new LaunchError(`${name} has more than ${String(bytesMax)} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(counted, createWriteStream(file, { mode: 0o600 }), { signal });
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256)
      throw new LaunchError(`${name} is not what was asked for: its SHA-256 is ${found}, not ${sha256}`);
  }

  async #place({ path, name, ...input }: GivenInput, file: string, work: string, signal: AbortSignal): Promise<void> {
    const target = join(work, path);
    try {
      await makeFolder(work, input.unpack ? path : dirname(path));
      if (input.unpack) return await unpack(createReadStream(file), target, signal);
      await chmod(file, 0o644);
      if ((await kindOf(target)) !== 'absent') throw new LaunchError(`there is something at ${path} already`);
      await rename(file, target);
    } catch (error) {
      signal.throwIfAborted();
      throw new LaunchError(`${name} could not be put into its folder: ${messageOf(error)}`);
    }
  }

  #trying<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { retryMs = 1_000 } = this.#options;
    const sentence = (error: unknown): string => `${what}: ${messageOf(error)}${cureOf(what, error)}`;
    return askedAgain({ most: triesMax, pauseMs: (done) => retryMs * 2 ** (done - 1), signal, sentence }, work);
  }
}

/** S3 answers 403 also for what is not there, to a role that may not list its bucket. */
function cureOf(what: string, error: unknown): string {
  const isRefused = typeof error === 'object' && error !== null && 'status' in error && error.status === 403;
  const cure = "; see that it is there, and that the task's role has s3:GetObject on it";
  return isRefused && what.startsWith('s3://') ? cure : '';
}

/** Below `work`, which is nobody's yet but ours; what an earlier archive has put there is not followed. */
async function makeFolder(work: string, path: string): Promise<void> {
  let folder = work;
  for (const part of path.split('/')) {
    if (part === '.' || part === '') continue;
    folder = join(folder, part);
    const kind = await kindOf(folder);
    if (kind === 'other') throw new LaunchError(`${part} of ${path} is no folder`);
    if (kind === 'absent') await mkdir(folder);
  }
}

async function kindOf(path: string): Promise<'folder' | 'other' | 'absent'> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'absent';
    throw error;
  }
}
