// What the store contract needs around a store: a clock that tests move, and lists read to their end.
import { expect } from '@jest/globals';
import type { Clock } from '../../lib/ports/clock.ts';
import type { IndexName, Item, ItemKey, PutItem, QueryOptions, Store } from '../../lib/ports/store.ts';

export class TestClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export interface StoreUnderTest {
  readonly store: Store;
  readonly clock: TestClock;
  /** Makes everything written so far visible in the indexes. */
  readonly settleIndexes?: () => Promise<void>;
  readonly close?: () => void | Promise<void>;
}

export interface Listed {
  readonly items: readonly Item[];
  readonly pages: number;
}

const pagesMax = 2_000;

/** Follows the cursors to the end. */
export async function readAll(store: Store, options: QueryOptions, index?: IndexName): Promise<Listed> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 1; pages <= pagesMax; pages += 1) {
    const asked = { ...options, cursor };
    const page = await (index ? store.queryIndex(index, asked) : store.query(asked));
    expect(page.items.length).toBeLessThanOrEqual(options.limit);
    items.push(...page.items);
    if (page.cursor === undefined) return { items, pages };
    cursor = page.cursor;
  }
  throw new Error(`the list of ${options.pk} had no end after ${String(pagesMax)} pages`);
}

export async function sksOf(store: Store, options: QueryOptions, index?: IndexName): Promise<readonly string[]> {
  return (await readAll(store, options, index)).items.map((item) => item.sk);
}

let writes = 0;

export function newWriteId(): string {
  writes += 1;
  return `write-${String(writes)}`;
}

/** Creates the item. */
export async function create<T>(store: Store, item: PutItem<T>): Promise<Item<T>> {
  return store.put({ item, condition: 'absent', writeId: newWriteId() });
}

export async function createAll(store: Store, pk: string, sks: readonly string[]): Promise<void> {
  await Promise.all(sks.map((sk) => create(store, { pk, sk, data: { sk } })));
}

export function key(pk: string, sk: string): ItemKey {
  return { pk, sk };
}
