// The store port: items by (partition, sort key), conditional writes by version, small transactions,
// two indexes. DynamoDB and SQLite implement it, and one contract suite holds both to this text.
import { recordBytesMax } from '../core/plan/bounds.ts';
import { AssertionError, BellowsError } from '../core/values/errors.ts';

/** Sparse secondary indexes: an item is in an index while its `index` names it. Eventually consistent. */
export type IndexName = 'open' | 'by-time';

/** 1 to 1,024 bytes of U+0001 to U+D7FF each (store/rules.ts); reading any other key answers "absent". */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export interface Item<T = unknown> extends ItemKey {
  /** 1 at creation, raised by one with every write. */
  readonly version: number;
  /** Names the write that made this version: a writer that finds its own id after a lost answer knows it won. */
  readonly writeId: string;
  readonly data: T;
  readonly index: Readonly<Partial<Record<IndexName, ItemKey>>>;
  /** From this time on the item counts as absent, everywhere; null: never. */
  readonly expiresAtMs: number | null;
}

export interface PutItem<T = unknown> extends ItemKey {
  readonly data: T;
  readonly index?: Readonly<Partial<Record<IndexName, ItemKey>>>;
  readonly expiresAtMs?: number | null;
}

/** `absent`: there is no such item (or it has expired). A number: it has exactly that version. */
export type Condition = 'absent' | number;

export type Write =
  | { readonly op: 'put'; readonly item: PutItem; readonly condition: Condition }
  | { readonly op: 'delete'; readonly key: ItemKey; readonly condition: number }
  /** Changes nothing; the whole transaction fails unless it holds. */
  | { readonly op: 'check'; readonly key: ItemKey; readonly condition: Condition };

export interface QueryOptions {
  readonly pk: string;
  readonly skPrefix?: string;
  /** Start at this sort key (inclusive). */
  readonly skFrom?: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly isDescending?: boolean;
}

export interface Page<T = unknown> {
  readonly items: readonly Item<T>[];
  /** Absent at the end. A page may be short, even empty, and still have one. */
  readonly cursor?: string;
}

export interface KeyPage {
  readonly keys: readonly ItemKey[];
  /** The sort key that each of them has in the index, in the same order. */
  readonly indexSks: readonly string[];
  /** As in {@link Page}. */
  readonly cursor?: string;
}

/** What a page of items says of their keys, for stores to which items cost nothing. */
export function keysOf(index: IndexName, { items, cursor }: Page): KeyPage {
  return {
    keys: items.map(({ pk, sk }) => ({ pk, sk })),
    indexSks: items.map((item) => item.index[index]?.sk ?? ''),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** Writes of one transaction, checks and deletions among them. */
export const transactionItemsMax = 100;
/** Of one transaction together: what it puts (see store/size.ts), and the keys of what it checks and deletes. */
export const transactionBytesMax = 4 * 1024 * 1024;
/** Of one item, as store/size.ts counts it: keys, index keys and data (deflated where that is less). */
export const itemBytesMax = recordBytesMax;

export interface Store {
  /** Consistent. null: absent or expired. */
  get<T>(key: ItemKey): Promise<Item<T> | null>;
  /** Consistent; in the order of `keys`, null where absent. Any number of keys. */
  getMany<T>(keys: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]>;
  /** Consistent, ordered by sort key (code units). @throws InvalidCursorError */
  query<T>(options: QueryOptions): Promise<Page<T>>;
  /** May lag behind writes; items carry the base item's data of some recent moment. @throws InvalidCursorError */
  queryIndex<T>(index: IndexName, options: QueryOptions): Promise<Page<T>>;
  /**
   * The same without reading the items: cheap, and they may have left the index or expired
   * meanwhile. @throws InvalidCursorError
   */
  indexKeys(index: IndexName, options: QueryOptions): Promise<KeyPage>;
  /**
   * One conditional put; answers the new item.
   * @throws ConditionFailedError with the current item, after which {@link Item.writeId} tells whether
   *   this very write had won before (its answer was lost). @throws ThrottledError, ConflictError
   * @throws StoreBoundError for an item of more than {@link itemBytesMax}, before anything is written
   */
  put<T>(write: {
    readonly item: PutItem<T>;
    readonly condition: Condition;
    readonly writeId: string;
  }): Promise<Item<T>>;
  /** Idempotent: deleting what is absent succeeds; another version fails. */
  delete(key: ItemKey, condition: number): Promise<void>;
  /**
   * All or nothing; at most {@link transactionItemsMax} writes, each of another item; every put of it carries
   * `writeId`. Unlike {@link Store.delete}, a delete in it needs its item to be there: put a `put` first, so
   * that after a lost answer the failing item carries our own write id. @throws ConditionFailedError (first
   * failing item), ConflictError, ThrottledError
   * @throws StoreBoundError for more writes, more than {@link transactionBytesMax} together, or an item of more
   *   than {@link itemBytesMax}
   */
  transact(writes: readonly Write[], writeId: string): Promise<void>;
}

/** The condition of a write does not hold. */
export class ConditionFailedError extends BellowsError {
  readonly key: ItemKey;
  /** What is there instead; null when nothing is. */
  readonly current: Item | null;
  constructor(key: ItemKey, current: Item | null) {
    super(
      'condition_failed',
      `the condition on ${key.pk} / ${key.sk} does not hold `
        + `(${current ? `version ${String(current.version)} is there` : 'it is absent'})`,
    );
    this.key = key;
    this.current = current;
  }
}

/** More than a store takes at once: who made the write has to make less of it, and repeating it is of no use. */
export class StoreBoundError extends AssertionError {
  constructor(message: string) {
    super(message, 'store_bound_exceeded');
  }
}

/** Another transaction touches one of the items at the same time; nothing was written; try again with jitter. */
export class ConflictError extends BellowsError {
  constructor(message = 'another transaction touches the same item at this moment') {
    super('transaction_conflict', message);
  }
}

/** The store is over its rate; nothing was written; try again with jitter. */
export class ThrottledError extends BellowsError {
  constructor(message = 'the store is over its rate') {
    super('store_throttled', message);
  }
}

/** No answer came: the write may or may not have happened. */
export class UnknownOutcomeError extends BellowsError {
  constructor(message = 'no answer came from the store; the write may or may not have happened') {
    super('store_outcome_unknown', message);
  }
}

export class InvalidCursorError extends BellowsError {
  constructor(cursor: string) {
    super('invalid_cursor', `the cursor ${JSON.stringify(cursor)} was not made by this list; start without one`);
  }
}
