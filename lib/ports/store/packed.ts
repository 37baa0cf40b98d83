// Text as stores keep it, deflated.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** The next better level takes twice as long for a tenth less. */
const level = 3;
/** Of what packed bytes become, so much at least is looked for at once, and so much at most: bytes. */
const chunkMin = 256;
const chunkMax = 1024 * 1024;
/** Records become three times as long, or somewhat more. */
const usualRatio = 4;

export function packText(text: string): Uint8Array {
  return deflateRawSync(text, { level });
}

/**
 * Whoever packed it. `mostBytes`: of the text; undefined: any. Left to itself zlib takes 16 KB for each text, however
 * short: with a hundred thousand records 1.6 GB, for which all of the heap is searched for garbage again and again
 * while what is kept in it grows.
 * @throws what zlib throws for anything else, and for more than `mostBytes`
 */
export function unpackText(bytes: Uint8Array, mostBytes?: number): string {
  const chunkSize = Math.min(chunkMax, Math.max(chunkMin, bytes.length * usualRatio));
  return inflateRawSync(bytes, {
    chunkSize,
    ...(mostBytes === undefined ? {} : { maxOutputLength: mostBytes }),
  }).toString();
}
