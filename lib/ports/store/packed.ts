// Text as it is kept outside of the store's items, deflated.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** The next better level takes twice as long for a tenth less. */
const level = 3;

export function packText(text: string): Uint8Array {
  return deflateRawSync(text, { level });
}

/** @throws what zlib throws for anything else, and for more than `mostBytes` */
export function unpackText(bytes: Uint8Array, mostBytes: number): string {
  return inflateRawSync(bytes, { maxOutputLength: mostBytes }).toString();
}
