// How much one decision may write together. The store's own bounds (lib/ports/store.ts) are wider: what is
// written beside a change (the fence, the pool's version, totals, activity) has room, too.
import { assert } from '../values/errors.ts';
import { jsonBytes } from '../values/json-bytes.ts';

/** Items and bytes that are written together, all or nothing. */
export interface WriteBounds {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * A reply to an agent: Lambda answers at most 6 MB, and the proxy's envelope escapes it once more. What does
 * not fit is in the reply to the next sync, which the agent is to make at once.
 */
export const replyBytesMax = 4_000_000;
/**
 * Ends and withdrawals that one sync stores: two or three calls of the store each, and an agent
 * waits 5 s for its reply.
 */
export const endsPerSyncMax = 200;
/** What an agent sends of ends in one sync; the API takes twice as much altogether. */
export const endsBytesMax = 2_000_000;

/** No record may take more in the store; keys included. */
export const recordBytesMax = 400 * 1024;

/**
 * Keys, index keys and names that a record is stored with; a tenant's name may have 256 characters,
 * and is in one of them.
 */
const recordOverheadBytes = 1_500;

/** What one change of a decision may write. Asserted where changes are made. */
export const changeBounds: WriteBounds = { writes: 80, bytes: 3_000_000 };

/** What is put into one transaction: several changes, or one. */
export const batchBounds: WriteBounds = { writes: 90, bytes: 3_500_000 };

/** At most what the record takes in the store. The store refuses one that takes more than {@link recordBytesMax}. */
export function recordBytes(record: object): number {
  return Math.min(jsonBytes(record) + recordOverheadBytes, recordBytesMax);
}

/** Adds up what is written together; of one item the later write counts. */
export class WriteSum {
  readonly #bytes = new Map<string, number>();
  #total = 0;

  get writes(): number {
    return this.#bytes.size;
  }

  get bytes(): number {
    return this.#total;
  }

  /** Whether these, by key with their bytes, can be added within the bounds. */
  hasRoomFor(entries: Iterable<readonly [key: string, bytes: number]>, bounds: WriteBounds): boolean {
    let writes = this.#bytes.size;
    let total = this.#total;
    for (const [key, bytes] of entries) {
      const before = this.#bytes.get(key);
      if (before === undefined) writes += 1;
      total += bytes - (before ?? 0);
    }
    return writes <= bounds.writes && total <= bounds.bytes;
  }

  add(entries: Iterable<readonly [key: string, bytes: number]>): void {
    for (const [key, bytes] of entries) {
      this.#total += bytes - (this.#bytes.get(key) ?? 0);
      this.#bytes.set(key, bytes);
    }
  }
}

/** @throws AssertionError when what is to be written together exceeds the bounds: who made it must make less of it */
export function assertWithin(sum: Pick<WriteSum, 'writes' | 'bytes'>, bounds: WriteBounds, what: string): void {
  assert(
    sum.writes <= bounds.writes && sum.bytes <= bounds.bytes,
    `${what} writes ${String(sum.writes)} items of ${String(sum.bytes)} bytes together; at most `
      + `${String(bounds.writes)} items and ${String(bounds.bytes)} bytes are: split it where it is made`,
  );
}

/**
 * Parts in their order, as many to a batch as the bounds allow. `entriesOf`: what a part writes, by key with
 * bytes, each key once; writes of one key in one batch count as one. A part that exceeds the bounds by itself
 * is a batch of its own: it is refused when it is written, and stops no other.
 */
export function inBatches<T>(
  parts: readonly T[],
  entriesOf: (part: T) => readonly (readonly [key: string, bytes: number])[],
  bounds: WriteBounds,
): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let sum = new WriteSum();
  for (const part of parts) {
    const entries = entriesOf(part);
    if (batch.length > 0 && !sum.hasRoomFor(entries, bounds)) {
      batches.push(batch);
      batch = [];
      sum = new WriteSum();
    }
    batch.push(part);
    sum.add(entries);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
