// Files of an attempt that are kept after its end. A task may have put links and pipes in the place of files, and on a
// node others of its user may still run: nothing is followed, and what is hashed is what is sent.
import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, existsSync, fstatSync, openSync, readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  artifactBytesMax,
  artifactPathBytesMax,
  artifactsMax,
  artifactScanMax,
} from '../../../lib/core/access/files.ts';
import type { Artifact, ArtifactList, LeftOut } from '../../../lib/core/access/files.ts';
import { BellowsError } from '../../../lib/core/values/errors.ts';
import { messageOf } from '../../errors.ts';
import { TransportError } from '../../transport.ts';
import type { Transport } from '../../transport.ts';
import { isOfTheTask } from '../task-files.ts';
import type { WholeStream } from './output.ts';

export interface ArtifactBounds {
  readonly files: number;
  readonly bytes: number;
  readonly scanned: number;
}

const defaultBounds: ArtifactBounds = { files: artifactsMax, bytes: artifactBytesMax, scanned: artifactScanMax };
const leftOutMax = 20;
const triesMax = 4;
const askTimeoutMs = 10_000;

/** They are lost: the end says so. */
export class ArtifactsLostError extends BellowsError {
  constructor(what: string, why: string, options?: ErrorOptions) {
    super('artifacts_lost', `its ${what} could not be kept: ${why}`, options);
  }
}

export interface ArtifactKeeperOptions {
  readonly transport: Pick<Transport, 'offerArtifacts' | 'keepArtifacts' | 'putFile'>;
  readonly retryMs?: number;
  readonly bounds?: ArtifactBounds;
}

export class ArtifactKeeper {
  readonly #options: ArtifactKeeperOptions;

  constructor(options: ArtifactKeeperOptions) {
    this.#options = options;
  }

  /** @throws ArtifactsLostError; also when aborted */
  async keep(attemptId: string, work: string, globs: readonly string[], signal: AbortSignal): Promise<void> {
    await orLost('artifacts', signal, async () => {
      const list = await listArtifacts(work, globs, this.#options.bounds ?? defaultBounds, signal);
      await this.#keep(attemptId, work, list, (one) => one.path, signal);
    });
  }

  /** The streams of its output, as far as they are wanted. @throws ArtifactsLostError; also when aborted */
  async keepOutput(
    attemptId: string,
    dir: string,
    streams: readonly WholeStream[],
    signal: AbortSignal,
  ): Promise<void> {
    await orLost('whole output', signal, async () => {
      const files: Artifact[] = [];
      for (const { stream, file, bytes } of streams) {
        const one = await hashOf(dir, file, Infinity, signal, bytes);
        if (typeof one === 'string' || one.bytes !== bytes)
          throw new Error(`the task has deleted or replaced the file of its ${stream}`);
        files.push({ path: stream, ...one });
      }
      const leftOutOf = (name: string): number => streams.find(({ stream }) => stream === name)?.leftOut ?? 0;
      const leftOutBytes = { stdout: leftOutOf('stdout'), stderr: leftOutOf('stderr') };
      const list: ArtifactList = { files, leftOut: [], leftOutCount: 0, output: { leftOutBytes } };
      const fileOf = ({ path }: Artifact): string => streams.find(({ stream }) => stream === path)?.file ?? path;
      await this.#keep(attemptId, dir, list, fileOf, signal);
    });
  }

  async #keep(
    attemptId: string,
    folder: string,
    list: ArtifactList,
    fileOf: (one: Artifact) => string,
    signal: AbortSignal,
  ): Promise<void> {
    const { transport } = this.#options;
    const places = await this.#trying(signal, () => transport.offerArtifacts(attemptId, list, askTimeoutMs));
    const sent = new Set<string>();
    for (const [at, one] of list.files.entries()) {
      const place = places[at];
      if (place === undefined) throw new TypeError('the controller has no place for an artifact');
      if (sent.has(one.sha256)) continue;
      await this.#trying(signal, () => this.#send(folder, { ...one, path: fileOf(one) }, place, signal));
      sent.add(one.sha256);
    }
    await this.#trying(signal, () => transport.keepArtifacts(attemptId, list, askTimeoutMs));
  }

  async #send(
    work: string,
    { path, bytes }: Artifact,
    place: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<void> {
    const fd = openBelow(work, path);
    try {
      const body = bytes === 0 ? null : createReadStream('', { fd, start: 0, end: bytes - 1, autoClose: false });
      await this.#options.transport.putFile(place, body, signal);
    } finally {
      closeSync(fd);
    }
  }

  async #trying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransportError) || error.isFinal || tries >= triesMax) throw error;
        await sleep((this.#options.retryMs ?? 1_000) * 2 ** (tries - 1), undefined, { signal });
      }
    }
  }
}

async function orLost(what: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new ArtifactsLostError(what, signal.aborted ? 'the task was stopped' : messageOf(error), { cause: error });
  }
}

/** What of the folder matches, by path, as far as the bounds allow; TMPDIR only where a pattern begins with it. */
export async function listArtifacts(
  work: string,
  globs: readonly string[],
  bounds: ArtifactBounds,
  signal: AbortSignal,
): Promise<ArtifactList> {
  const files: Artifact[] = [];
  const leftOut: LeftOut[] = [];
  let leftOutCount = 0;
  const leave = (path: string, why: string): void => {
    leftOutCount += 1;
    if (leftOut.length < leftOutMax) leftOut.push({ path: path.slice(0, artifactPathBytesMax), why });
  };
  let bytes = 0;
  for (const path of matching(work, globs, bounds.scanned)) {
    signal.throwIfAborted();
    const why = Buffer.byteLength(path) > artifactPathBytesMax ? 'its path is too long' : null;
    const found = why ?? (files.length >= bounds.files ? `there are ${String(bounds.files)} already` : null);
    if (found !== null) {
      leave(path, found);
      continue;
    }
    const one = await hashOf(work, path, bounds.bytes - bytes, signal);
    if (typeof one === 'string') leave(path, one);
    else {
      bytes += one.bytes;
      files.push({ path, ...one });
    }
  }
  return { files, leftOut, leftOutCount };
}

/** `first`: only so many bytes of it count. A sentence: why it is not kept. */
async function hashOf(
  work: string,
  path: string,
  bytesMax: number,
  signal: AbortSignal,
  first = Infinity,
): Promise<Omit<Artifact, 'path'> | string> {
  let fd: number;
  try {
    fd = openBelow(work, path);
  } catch (error) {
    if (isOfTheTask(error)) return 'it cannot be opened';
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return 'it is no file';
    const bytes = Math.min(stats.size, first);
    if (bytes > bytesMax)
      return `${String(stats.size)} bytes are more than the ${String(bytesMax)} that are left of the limit`;
    const hash = createHash('sha256');
    if (bytes > 0)
      for await (const chunk of createReadStream('', { fd, start: 0, end: bytes - 1, autoClose: false, signal }))
        hash.update(chunk as Buffer);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(fd);
  }
}

function* matching(work: string, globs: readonly string[], scannedMax: number): Generator<string> {
  let scanned = 0;
  const ofTemporary = globs.some((glob) => glob === 'tmp' || glob.startsWith('tmp/'));
  const walk = function* (folder: string): Generator<string> {
    for (const one of entriesOf(work, folder)) {
      scanned += 1;
      if (scanned > scannedMax) throw new Error(`the task's folder has more than ${String(scannedMax)} files`);
      const path = folder === '' ? one.name : `${folder}/${one.name}`;
      if (path === 'tmp' && !ofTemporary) continue;
      if (one.isDirectory()) yield* walk(path);
      else if (one.isFile() && globs.some((glob) => posix.matchesGlob(path, glob))) yield path;
    }
  };
  yield* walk('');
}

function entriesOf(work: string, folder: string): readonly Dirent[] {
  let fd: number;
  try {
    fd = folder === '' ? openSync(work, folderFlags) : openBelow(work, folder, folderFlags);
  } catch (error) {
    if (isOfTheTask(error)) return [];
    throw error;
  }
  try {
    return readdirSync(pathOf(fd) ?? posix.join(work, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } finally {
    closeSync(fd);
  }
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
const folderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY;

/** An open folder by a path that nobody can put another in the place of; null: not on this system. */
function pathOf(fd: number): string | null {
  const path = `/proc/self/fd/${String(fd)}`;
  return existsSync(path) ? path : null;
}

/** Part by part, each opened in the one before: no part is a link, also not one that was put there a moment ago. */
function openBelow(work: string, path: string, flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK): number {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let fd = openSync(work, folderFlags);
  let at = work;
  try {
    for (const part of parts) {
      at = posix.join(at, part);
      const next = openSync(posix.join(pathOf(fd) ?? posix.dirname(at), part), folderFlags);
      closeSync(fd);
      fd = next;
    }
    return openSync(posix.join(pathOf(fd) ?? at, name), flags);
  } finally {
    closeSync(fd);
  }
}
