// What every store adapter checks or does in the same way, so that what one of them takes all of them take:
// which keys can be written, what of the data is kept, and what a transaction may hold.
import { assert, AssertionError } from '../../core/values/errors.ts';
import { StoreBoundError, transactionItemsMax } from '../store.ts';
import type { IndexName, Item, ItemKey, PutItem, QueryOptions, Write } from '../store.ts';

/** DynamoDB takes 1,024 bytes of sort key (2,048 of partition key); one limit for both is easier to keep. */
const keyBytesMax = 1024;

// Up to U+D7FF the order of UTF-16 code units (JavaScript's `<`) and of UTF-8 bytes (SQLite, DynamoDB) is the
// same, and every string is well-formed. Reading any other key answers "absent"; writing one is a defect.
const storable = /^[\u0001-\ud7ff]+$/;

/** Whether an item could ever have been written under this key. */
export function isStorableKey(key: ItemKey): boolean {
  return isStorable(key.pk) && isStorable(key.sk);
}

function isStorable(text: string): boolean {
  return storable.test(text) && (text.length * 3 <= keyBytesMax || utf8Bytes(text) <= keyBytesMax);
}

/** Of a key: its strings are well-formed. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}

export function assertStorableKey(key: ItemKey, what = 'item key'): void {
  if (isStorableKey(key)) return;
  throw new AssertionError(
    `${what} ${JSON.stringify(key.pk)} / ${JSON.stringify(key.sk)} cannot be stored: both parts take 1 to `
      + `${String(keyBytesMax)} bytes of characters U+0001 to U+D7FF; encode or hash what comes from outside`,
  );
}

export function assertStorablePut(item: PutItem): void {
  assertStorableKey(item);
  if (item.index?.open) assertStorableKey(item.index.open, 'key of index open');
  if (item.index?.['by-time']) assertStorableKey(item.index['by-time'], 'key of index by-time');
  const expiresAtMs = item.expiresAtMs ?? null;
  if (expiresAtMs === null || Number.isSafeInteger(expiresAtMs)) return;
  throw new AssertionError(
    `expiresAtMs ${String(expiresAtMs)} of ${item.pk} / ${item.sk} is no whole number of milliseconds`,
  );
}

export function assertQuery(options: QueryOptions): void {
  if (Number.isSafeInteger(options.limit) && options.limit >= 1) return;
  throw new AssertionError(`the limit of a query is a whole number from 1, not ${String(options.limit)}`);
}

/** At most {@link transactionItemsMax} writes, each of another item. */
export function assertTransaction(writes: readonly Write[]): void {
  assert(writes.length > 0, 'a transaction without writes');
  if (writes.length > transactionItemsMax)
    throw new StoreBoundError(
      `a transaction takes at most ${String(transactionItemsMax)} writes, not ${String(writes.length)}; split it`,
    );
  const seen = new Set<string>();
  for (const write of writes) {
    const key = keyOf(write);
    assertStorableKey(key);
    const name = keyName(key);
    if (seen.has(name))
      throw new AssertionError(`a transaction writes ${key.pk} / ${key.sk} twice; merge the two writes`);
    seen.add(name);
  }
}

export function keyOf(write: Write): ItemKey {
  return write.op === 'put' ? write.item : write.key;
}

/** One string per key; no storable key contains U+0000. */
export function keyName(key: ItemKey): string {
  return `${key.pk}\u0000${key.sk}`;
}

/** Whether the condition holds for what is there; `current` is null when absent or expired. */
export function isMet(condition: 'absent' | number, current: Item | null): boolean {
  return condition === 'absent' ? current === null : current?.version === condition;
}

/** The item that a put makes; its version follows the one that its condition names. */
export function toItem<T>(item: PutItem<T>, condition: 'absent' | number, writeId: string): Item<T> {
  return Object.freeze({
    pk: item.pk,
    sk: item.sk,
    version: condition === 'absent' ? 1 : condition + 1,
    writeId,
    data: toFrozenData(item.data),
    index: toFrozenIndex(item.index ?? {}),
    expiresAtMs: item.expiresAtMs ?? null,
  });
}

function toFrozenIndex(index: NonNullable<PutItem['index']>): Item['index'] {
  const copy: Partial<Record<IndexName, ItemKey>> = {};
  if (index.open) copy.open = Object.freeze({ pk: index.open.pk, sk: index.open.sk });
  if (index['by-time']) copy['by-time'] = Object.freeze({ pk: index['by-time'].pk, sk: index['by-time'].sk });
  return Object.freeze(copy);
}

const frozenHere = new WeakSet();

/**
 * A deep-frozen copy of what JSON keeps of `data`: properties that are undefined are left out, and parts that an
 * earlier call made are shared instead of copied, so that rewriting a record costs what changed in it.
 * What JSON would change silently (NaN, dates, functions, holes, class instances) is a defect.
 */
export function toFrozenData<T>(data: T): T {
  return copyOf(data) as T;
}

function copyOf(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new AssertionError(`data holds ${String(value)}, which JSON cannot keep`);
      return value === 0 ? 0 : value; // JSON has no -0
    case 'object':
      if (value === null || frozenHere.has(value)) return value;
      return Array.isArray(value) ? copyOfArray(value) : copyOfObject(value);
    default:
      throw new AssertionError(`data holds a value of type ${typeof value}, which JSON cannot keep`);
  }
}

function copyOfArray(value: readonly unknown[]): unknown {
  const copy: unknown[] = [];
  for (let at = 0; at < value.length; at += 1) copy.push(copyOf(value[at]));
  return remember(copy);
}

function copyOfObject(value: object): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not `prototype !== Object.prototype`: an object of another realm (a test's, a worker's) is as plain.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw new AssertionError(`data holds a ${value.constructor.name}, which JSON cannot keep; store plain data`);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const part = (value as Readonly<Record<string, unknown>>)[name];
    if (part === undefined) continue;
    const kept = copyOf(part);
    // Assigning `__proto__` (a name that users may give to a variable) would set the prototype instead.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: kept, enumerable: true });
    else copy[name] = kept;
  }
  return remember(copy);
}

function remember(copy: object): object {
  frozenHere.add(Object.freeze(copy));
  return copy;
}
