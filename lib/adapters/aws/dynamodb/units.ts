// What writes cost on DynamoDB, by its documented rules: for benchmarks that run the real control code on the store in
// memory, and for the arithmetic of docs/store.md.
import type { IndexName, Item } from '../../../ports/store.ts';
import { toAttributes } from './items.ts';
import type { Attributes } from './items.ts';
import { attributes } from './table.ts';

const unitBytes = 1_024;

/** Names and values in UTF-8; a number takes a byte per two digits and one more. */
export function itemBytes(item: Item): number {
  return Object.entries(toAttributes(item)).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: Attributes[string]): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  return value.B === undefined ? Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1 : value.B.length;
}

function unitsOf(item: Item | null): number {
  return item === null ? 1 : Math.ceil(itemBytes(item) / unitBytes);
}

export interface WriteUnits {
  readonly table: number;
  readonly indexes: number;
}

/**
 * A write is charged by the larger of what was and what will be there, twice in a transaction. A keys-only index is
 * charged when an item enters or leaves it, twice when it moves, and not at all while it stays where it is.
 */
export function writeUnits(before: Item | null, after: Item | null, isTransactional: boolean): WriteUnits {
  const table = Math.max(before === null && after !== null ? 1 : unitsOf(before), unitsOf(after));
  const indexes = (Object.keys(attributes) as IndexName[]).reduce((sum, name) => {
    const [was, is] = [before?.index[name], after?.index[name]];
    if (was && is) return sum + (was.pk === is.pk && was.sk === is.sk ? 0 : 2);
    return sum + (was || is ? 1 : 0);
  }, 0);
  return { table: isTransactional ? table * 2 : table, indexes };
}

/** A condition that is only checked, or that failed, is charged like a write of what is there. */
export function checkUnits(current: Item | null, isTransactional: boolean): number {
  return unitsOf(current) * (isTransactional ? 2 : 1);
}
