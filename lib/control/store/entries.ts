// What a write counts against the bounds of a transaction (core/plan/bounds.ts): its key, and at most so many bytes.
import { recordBytes } from '../../core/plan/bounds.ts';
import type { Write } from '../../ports/store.ts';

export function entriesOf(write: Write): [key: string, bytes: number][] {
  const { pk, sk } = write.op === 'put' ? write.item : write.key;
  return [[`${pk}\u0000${sk}`, write.op === 'put' ? recordBytes(write.item.data as object) : pk.length + sk.length]];
}
