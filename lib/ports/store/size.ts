// How large an item is, for every store alike: as DynamoDB counts it, by its documented rules. Data of more than a few
// hundred bytes is kept deflated (a chunk of 25 tasks is 8 KB of JSON and 0.5 KB packed), and counts as it is kept.
import { deflateRawSync } from 'node:zlib';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import { itemBytesMax, StoreBoundError, transactionBytesMax } from '../store.ts';
import type { Item, ItemKey, Write } from '../store.ts';
import { keyOf, utf8Bytes } from './rules.ts';

/** A write unit is a kilobyte; keys and the other attributes take some 300 bytes of it. */
const plainLengthMax = 700;
/** The names of all attributes, and the numbers among their values. */
const namesAndNumbersBytes = 100;

/** As data is kept: its JSON text while that is short or cannot be packed into less, else packed. */
export function packData(json: string): string | Buffer {
  if (json.length <= plainLengthMax) return json;
  // Packed it is shorter, and zlib takes 16 KB for each text if it is not told.
  const packed = deflateRawSync(json, { chunkSize: Math.min(json.length, 16_384) });
  return packed.length < Buffer.byteLength(json) ? packed : json;
}

function besideDataBytes(item: Item): number {
  const keys = [item, item.index.open, item.index['by-time']].filter((key) => key !== undefined);
  return keys.reduce(
    (sum, { pk, sk }) => sum + utf8Bytes(pk) + utf8Bytes(sk),
    utf8Bytes(item.writeId) + namesAndNumbersBytes,
  );
}

/** What the item takes at most: cheap, without packing it. */
function roughBytes(item: Item): number {
  return besideDataBytes(item) + jsonBytes(item.data);
}

/** Keys, index keys, the write id and the data as it is kept, in bytes. */
export function storedBytes(item: Item): number {
  const packed = packData(JSON.stringify(item.data));
  return besideDataBytes(item) + (typeof packed === 'string' ? Buffer.byteLength(packed) : packed.length);
}

/** @throws StoreBoundError */
export function assertItemSize(item: Item): void {
  if (roughBytes(item) <= itemBytesMax) return;
  const bytes = storedBytes(item);
  if (bytes > itemBytesMax) {
    throw new StoreBoundError(
      `the item ${item.pk} / ${item.sk} takes ${String(bytes)} bytes, more than the ${String(itemBytesMax)} that `
        + 'a store keeps in one item; '
        + 'bound what its record '
        + 'lists where it is made',
    );
  }
}

/** Its items and all of it together. `items`: what its puts make. @throws StoreBoundError */
export function assertTransactionSize(writes: readonly Write[], items: readonly Item[]): void {
  for (const item of items) assertItemSize(item);
  const keysBytes = writes.reduce((sum, write) => (write.op === 'put' ? sum : sum + keyBytes(keyOf(write))), 0);
  if (items.reduce((sum, item) => sum + roughBytes(item), keysBytes) <= transactionBytesMax) return;
  const bytes = items.reduce((sum, item) => sum + storedBytes(item), keysBytes);
  if (bytes > transactionBytesMax) {
    throw new StoreBoundError(
      `a transaction of ${String(writes.length)} writes takes ${String(bytes)} bytes, more than the `
        + `${String(transactionBytesMax)} that a store takes together; split it`,
    );
  }
}

function keyBytes({ pk, sk }: ItemKey): number {
  return utf8Bytes(pk) + utf8Bytes(sk);
}
