// Unpacks a tar archive into a folder. It comes from anybody: names and links that lead out of the folder, devices, and
// more than the bounds end it with a sentence.
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { posix } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Unpack } from 'tar';
import type { ReadEntry } from 'tar';
import { unpackedBytesMax, unpackedEntriesMax } from '../../../lib/core/access/files.ts';
import { LaunchError, messageOf } from '../../errors.ts';

export interface UnpackBounds {
  readonly bytesMax: number;
  readonly entriesMax: number;
}

const defaultBounds: UnpackBounds = { bytesMax: unpackedBytesMax, entriesMax: unpackedEntriesMax };

/** @throws LaunchError; what was unpacked until then is left */
export async function unpack(
  source: Readable,
  folder: string,
  signal: AbortSignal,
  { bytesMax, entriesMax }: UnpackBounds = defaultBounds,
): Promise<void> {
  let problem: string | null = null;
  let entries = 0;
  const target = new Unpack({
    cwd: folder,
    preserveOwner: false,
    // A folder without a right for its owner could not be filled or deleted by him.
    dmode: 0o755,
    umask: 0o022,
    filter: (path, entry) => {
      entries += 1;
      problem ??= entries > entriesMax ? `it has more than ${String(entriesMax)} entries` : objectionTo(path, entry);
      if ('mode' in entry && typeof entry.mode === 'number') entry.mode &= 0o777;
      return problem === null;
    },
    onwarn: (code, message) => {
      problem ??= `${String(message)} (${code})`;
    },
  });
  const closed = once(target, 'close', { signal });
  // Where the loop below ends first, nobody waits for it.
  closed.catch(() => {});
  let bytes = 0;
  try {
    for await (const chunk of await plain(source)) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > bytesMax) problem ??= `it has more than ${String(bytesMax)} bytes when it is unpacked`;
      throwIf(problem);
      if (!target.write(chunk)) await Promise.race([once(target, 'drain', { signal }), closed]);
    }
  } finally {
    source.destroy();
  }
  if (bytes === 0) throw new LaunchError('it is empty, and no tar archive');
  target.end();
  await closed;
  throwIf(problem);
}

function throwIf(problem: string | null): void {
  if (problem !== null) throw new LaunchError(problem);
}

const fileTypes: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir']);

function objectionTo(path: string, entry: ReadEntry | Stats): string | null {
  const { type, linkpath = '' } = entry as ReadEntry;
  if (leadsOut(path)) return `it has the path ${JSON.stringify(path.slice(0, 200))}, which leads out of its folder`;
  if (fileTypes.has(type)) return null;
  if (type === 'SymbolicLink') {
    const leads = posix.isAbsolute(linkpath) || leadsOut(posix.join(posix.dirname(path), linkpath));
    return leads ? `its link ${path} leads out of its folder, to ${linkpath.slice(0, 200)}` : null;
  }
  if (type === 'Link')
    return `${path} is a hard link, which is not unpacked; pack it as a file (GNU tar: --hard-dereference)`;
  return `${path} is no file, folder or link, but a ${type}`;
}

function leadsOut(path: string): boolean {
  return posix.isAbsolute(path) || posix.normalize(path).split('/')[0] === '..' || path.includes('\0');
}

/** Decompressed where it is compressed by gzip. @throws LaunchError for what is another archive */
async function plain(source: Readable): Promise<AsyncIterable<Buffer>> {
  const all = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 6) {
    const next = await all.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await all.next(); next.done !== true; next = await all.next()) yield next.value;
  };
  if (head[0] === 0x1f && head[1] === 0x8b) return gunzipped(whole());
  const other = otherArchives.find((one) => head.subarray(0, one.magic.length).equals(one.magic));
  if (other !== undefined)
    throw new LaunchError(`it is a ${other.name} archive; tar is unpacked, plain or compressed by gzip`);
  return whole();
}

const otherArchives: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: 'zip', magic: Buffer.from('PK\u0003\u0004', 'latin1') },
  { name: 'xz', magic: Buffer.from('fd377a585a00', 'hex') },
  { name: 'zstd', magic: Buffer.from('28b52ffd', 'hex') },
  { name: 'bzip2', magic: Buffer.from('BZh', 'latin1') },
];

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // What goes wrong in it is thrown where it is read.
  const gunzip = pipeline(Readable.from(chunks), createGunzip(), () => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw new LaunchError(`it cannot be decompressed: ${messageOf(error)}`);
  }
}
