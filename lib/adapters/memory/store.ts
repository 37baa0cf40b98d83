// The store in memory, for simulations and tests: as strict as the durable ones, fast enough for millions of calls
// a second of simulated time, and able to serve the short pages and late indexes that DynamoDB may serve.
import type { Clock } from '../../ports/clock.ts';
import { ConditionFailedError, keysOf } from '../../ports/store.ts';
import type {
  Condition,
  IndexName,
  Item,
  ItemKey,
  KeyPage,
  Page,
  PutItem,
  QueryOptions,
  Store,
  Write,
} from '../../ports/store.ts';
import { decodeCursor, encodeCursor } from '../../ports/store/cursor.ts';
import {
  assertQuery,
  assertStorableKey,
  assertStorablePut,
  assertTransaction,
  isMet,
  keyOf,
  toItem,
} from '../../ports/store/rules.ts';
import { assertItemSize, assertTransactionSize } from '../../ports/store/size.ts';
import { LaggingIndexes } from './indexes.ts';
import { compareEntries, readPage } from './range.ts';
import type { Entry } from './range.ts';
import { SortedArray } from '../../core/values/collections/sorted-array.ts';

export interface Change {
  readonly key: ItemKey;
  /** What was there, also if it had expired. */
  readonly before: Item | null;
  readonly after: Item | null;
}

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Asked once per write of an indexed item: how long until indexes show it (monotonic time). Default: at once. */
  readonly indexLagMs?: (() => number) | undefined;
  /** Asked once per query: how many items this page may hold at most; 0 gives an empty page with a cursor. */
  readonly pageItemsMax?: (() => number) | undefined;
  /** Notified of every change after it happened; all changes of a transaction together. For checkers and counts. */
  readonly onChange?: ((changes: readonly Change[]) => void) | undefined;
}

interface Partition {
  readonly bySk: Map<string, Item>;
  readonly entries: SortedArray<Entry>;
}

export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #partitions = new Map<string, Partition>();
  readonly #indexes = new LaggingIndexes();

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    return this.#current(key) as Item<T> | null;
  }

  async getMany<T>(keys: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    return keys.map((key) => this.#current(key) as Item<T> | null);
  }

  async query<T>(options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const position = decodeCursor(null, options);
    const partition = this.#partitions.get(options.pk);
    if (!partition) return { items: [] };
    const nowMs = this.#options.clock.nowMs();
    return readPage<Entry>({
      entries: partition.entries,
      options,
      position,
      pageItemsMax: this.#pageItemsMax(options),
      itemOf: (entry) => unexpired(partition.bySk.get(entry.sk), nowMs),
      encode: (last) => encodeCursor(null, options, last),
    }) as Page<T>;
  }

  async queryIndex<T>(index: IndexName, options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const position = decodeCursor(index, options);
    const nowMs = this.#options.clock.nowMs();
    return readPage({
      entries: this.#indexes.entries(index, options.pk, this.#options.clock.monotonicMs()),
      options,
      position,
      pageItemsMax: this.#pageItemsMax(options),
      itemOf: (entry) => unexpired(entry.item, nowMs),
      encode: (last) => encodeCursor(index, options, last),
    }) as Page<T>;
  }

  async indexKeys(index: IndexName, options: QueryOptions): Promise<KeyPage> {
    return keysOf(index, await this.queryIndex(index, options));
  }

  async put<T>(write: {
    readonly item: PutItem<T>;
    readonly condition: Condition;
    readonly writeId: string;
  }): Promise<Item<T>> {
    assertStorablePut(write.item);
    const item = toItem(write.item, write.condition, write.writeId);
    assertItemSize(item);
    this.#demand(item, write.condition);
    this.#apply([this.#set(item, item)]);
    return item;
  }

  async delete(key: ItemKey, condition: number): Promise<void> {
    assertStorableKey(key);
    if (this.#current(key) === null) return;
    this.#demand(key, condition);
    this.#apply([this.#set(key, null)]);
  }

  async transact(writes: readonly Write[], writeId: string): Promise<void> {
    assertTransaction(writes);
    // Everything that can throw comes before the first change.
    const effects = writes.map((write) => {
      if (write.op === 'put') assertStorablePut(write.item);
      return write.op === 'put' ? toItem(write.item, write.condition, writeId) : null;
    });
    assertTransactionSize(
      writes,
      effects.filter((effect) => effect !== null),
    );
    for (const write of writes) this.#demand(keyOf(write), write.condition);
    const changes: Change[] = [];
    writes.forEach((write, at) => {
      if (write.op !== 'check') changes.push(this.#set(keyOf(write), effects[at] ?? null));
    });
    this.#apply(changes);
  }

  /** All items that have not expired, for checkers and tests; no order is promised. */
  *allItems(): Generator<Item> {
    const nowMs = this.#options.clock.nowMs();
    for (const partition of this.#partitions.values()) {
      for (const stored of partition.bySk.values()) {
        const item = unexpired(stored, nowMs);
        if (item) yield item;
      }
    }
  }

  /** The present item, synchronously; for checkers and tests. */
  peek(key: ItemKey): Item | null {
    return this.#current(key);
  }

  /** Has these again and nothing else, as a table that is restored from a point in time: versions go back, too. */
  restore(items: readonly Item[]): void {
    const changes = [...this.#partitions.values()]
      .flatMap(({ bySk }) => [...bySk.values()])
      .map((item) => this.#set(item, null));
    this.#apply([...changes, ...items.map((item) => this.#set(item, item))]);
  }

  /** Frees what has expired, which nobody sees any more; DynamoDB deletes it by itself. */
  dropExpired(): void {
    const nowMs = this.#options.clock.nowMs();
    const gone: Item[] = [];
    for (const { bySk } of this.#partitions.values())
      for (const item of bySk.values()) if (unexpired(item, nowMs) === null) gone.push(item);
    for (const item of gone) {
      this.#set(item, null);
      this.#indexes.update(item, null, this.#options.clock.monotonicMs(), 0);
    }
  }

  #pageItemsMax(options: QueryOptions): number {
    return Math.min(options.limit, this.#options.pageItemsMax?.() ?? options.limit);
  }

  #current(key: ItemKey): Item | null {
    return unexpired(this.#partitions.get(key.pk)?.bySk.get(key.sk), this.#options.clock.nowMs());
  }

  #demand(key: ItemKey, condition: Condition): void {
    const current = this.#current(key);
    if (!isMet(condition, current)) throw new ConditionFailedError({ pk: key.pk, sk: key.sk }, current);
  }

  #set(key: ItemKey, after: Item | null): Change {
    let partition = this.#partitions.get(key.pk);
    if (!partition)
      this.#partitions.set(key.pk, (partition = { bySk: new Map(), entries: new SortedArray(compareEntries) }));
    const before = partition.bySk.get(key.sk) ?? null;
    if (after) partition.bySk.set(key.sk, after);
    else partition.bySk.delete(key.sk);
    if (after && !before) partition.entries.insert({ sk: key.sk, base: null });
    if (before && !after) partition.entries.remove({ sk: key.sk, base: null });
    if (partition.bySk.size === 0) this.#partitions.delete(key.pk);
    return { key: { pk: key.pk, sk: key.sk }, before, after };
  }

  #apply(changes: readonly Change[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const { before, after } of changes) {
      const isIndexed = Object.keys(before?.index ?? {}).length > 0 || Object.keys(after?.index ?? {}).length > 0;
      if (isIndexed) this.#indexes.update(before, after, nowMs, this.#options.indexLagMs?.() ?? 0);
    }
    if (changes.length > 0) this.#options.onChange?.(changes);
  }
}

function unexpired(item: Item | undefined, nowMs: number): Item | null {
  return item !== undefined && (item.expiresAtMs === null || item.expiresAtMs > nowMs) ? item : null;
}
