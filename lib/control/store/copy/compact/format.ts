// How a compact copy of a pool is written down: rows, chunks and places in the index of open requests, spread over
// parts by request, each packed, and a manifest that names the parts by their hashes. Documents of nodes are not in it:
// they are read anew, a query of all of them costs little. Whoever reads another version of the format, or anything
// that does not fit its hash, takes none of it.
import { createHash } from 'node:crypto';
import { assert } from '../../../../core/values/errors.ts';
import { packText, unpackText } from '../../../../ports/store/packed.ts';
import { keyOfName, nameOfKey } from '../copied-keys.ts';
import type { ListedChange } from '../change-list.ts';
import type { PoolPart } from '../pool-copy.ts';

/** Raised with every change of what is below. */
const format = 1;
export const partsMax = 64;
/** More changes that are waited for are no state to leave behind. */
export const pendingInManifestMax = 5_000;
/** A part of 5,000 requests is some 4 MB unpacked; several are unpacked at once. */
export const unpackedBytesMax = 64 * 1024 * 1024;

export interface Manifest {
  readonly pool: string;
  /** Of the tick at whose end it was begun. */
  readonly epoch: number;
  readonly listedSinceMs: number;
  /** When all that is in it was last read from the store, however many copies lie in between. */
  readonly readAnewAtMs: number;
  /** From where in the change list a reader goes on, on the wall clock. */
  readonly listFromMs: number;
  /** Changes that were listed before that and had not come. */
  readonly pending: readonly ListedChange[];
  /** Hashes of the parts. */
  readonly parts: readonly string[];
}

interface WrittenManifest extends Omit<Manifest, 'pending'> {
  readonly format: number;
  readonly pending: readonly (readonly [name: string, version: number])[];
}

/** What a reader found is not what a writer left. */
export class TornCopyError extends Error {}

/** No process could read it back. */
export class CopyTooLargeError extends Error {}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** There are two places, so that the copy to which the lock leads stays while the next one is written. */
export function manifestName(pool: string, slot: number): string {
  return `${pool}/${String(slot)}/manifest`;
}

export function partName(pool: string, slot: number, part: number): string {
  return `${pool}/${String(slot)}/${String(part)}`;
}

export function packManifest(manifest: Manifest): Uint8Array {
  assert(manifest.parts.length <= partsMax, `a compact copy of ${String(manifest.parts.length)} parts`);
  assert(manifest.pending.length <= pendingInManifestMax, 'a compact copy with too many changes that are waited for');
  const written: WrittenManifest = {
    ...manifest,
    format,
    pending: manifest.pending.map(({ key, version }) => [nameOfKey(key), version]),
  };
  return pack(written);
}

/** @throws TornCopyError */
export function unpackManifest(bytes: Uint8Array, hash: string): Manifest {
  const { format: found, pending, ...rest } = unpack(bytes, hash, 'the manifest') as WrittenManifest;
  if (found !== format) throw new TornCopyError(`the manifest is of format ${String(found)}, not ${String(format)}`);
  const known = pending.map(([name, version]) => ({ key: keyOfName(rest.pool, name), version }));
  return { ...rest, pending: known.flatMap(({ key, version }) => (key === null ? [] : { key, version })) };
}

export function packPart(part: PoolPart): Uint8Array {
  return pack(part);
}

/** @throws TornCopyError */
export function unpackPart(bytes: Uint8Array, hash: string, part: number): PoolPart {
  return unpack(bytes, hash, `part ${String(part)}`) as PoolPart;
}

/** @throws CopyTooLargeError */
function pack(value: unknown): Uint8Array {
  const text = textOf(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > unpackedBytesMax) throw new CopyTooLargeError(`a part of ${String(bytes)} bytes is too large to be read`);
  return packText(text);
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new CopyTooLargeError('a part is too large to be text', { cause: error });
    throw error;
  }
}

/**
 * What has the hash is what was written: nothing of it is looked at twice. What another version wrote may be more than
 * is unpacked here.
 */
function unpack(bytes: Uint8Array, hash: string, what: string): unknown {
  if (hashOf(bytes) !== hash) throw new TornCopyError(`${what} is not the one that was written`);
  try {
    return JSON.parse(unpackText(bytes, unpackedBytesMax));
  } catch (error) {
    throw new TornCopyError(`${what} cannot be unpacked: ${String(error)}`, { cause: error });
  }
}
