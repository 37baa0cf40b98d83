// The embedded store: one SQLite file, durable when acknowledged, safe for a second process that reads. Reads
// answer from what is committed; writes go through the group commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
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
import { assertItemSize, assertTransactionSize } from '../../ports/store/size.ts';
import {
  assertQuery,
  assertStorableKey,
  assertStorablePut,
  assertTransaction,
  isMet,
  isStorableKey,
  keyOf,
  toItem,
} from '../../ports/store/rules.ts';
import { toStoreError } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { boundsOf } from './ranges.ts';
import { indexColumns, itemColumns, toItem as rowToItem, toValues } from './rows.ts';
import { openDatabase } from './schema.ts';
import type { OpenOptions } from './schema.ts';

export interface SqliteStoreOptions extends OpenOptions {
  readonly clock: Clock;
}

/** Long enough that a clock that jumped ahead and back removes nothing that is still wanted. */
const purgeAfterMs = 60 * 60 * 1000;
const purgeEveryMs = 60 * 1000;
const purgeStepItems = 50;

const placeholders = itemColumns
  .split(', ')
  .map(() => '?')
  .join(', ');
const isUnexpired = '(expires_at_ms IS NULL OR expires_at_ms > ?)';
const assignments = itemColumns
  .split(', ')
  .slice(2)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

export class SqliteStore implements Store {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #database: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, StatementSync>();
  #purgeDueMs = 0;

  /** @throws StoreFileError when the file cannot be opened or is no store that this version knows */
  constructor(options: SqliteStoreOptions) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#database = openDatabase(options);
    this.#commits = new GroupCommit(this.#database, options.path, () => {
      this.#purgeWhenDue();
    });
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    return this.#reading(() => this.#current<T>(key));
  }

  async getMany<T>(keys: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    return this.#reading(() => keys.map((key) => this.#current<T>(key)));
  }

  async query<T>(options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const { low, high } = boundsOf(options, decodeCursor(null, options));
    const order = options.isDescending === true ? 'DESC' : 'ASC';
    const sql = `SELECT ${itemColumns} FROM items WHERE pk = ? AND sk >= ? AND sk < ? AND ${isUnexpired}
      ORDER BY sk ${order} LIMIT ?`;
    return this.#page<T>(null, options, sql, [options.pk, low[0], high[0]]);
  }

  async queryIndex<T>(index: IndexName, options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const { low, high } = boundsOf(options, decodeCursor(index, options));
    const order = options.isDescending === true ? 'DESC' : 'ASC';
    const { pk, sk } = indexColumns[index];
    const sql = `SELECT ${itemColumns} FROM items
      WHERE ${pk} = ? AND (${sk}, pk, sk) > (?, ?, ?) AND (${sk}, pk, sk) < (?, ?, ?) AND ${isUnexpired}
      ORDER BY ${sk} ${order}, pk ${order}, sk ${order} LIMIT ?`;
    return this.#page<T>(index, options, sql, [options.pk, ...low, ...high]);
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
    const values = toValues(item);
    return this.#commits.enqueue(() => {
      this.#put(item, values, write.condition);
      return item;
    });
  }

  async delete(key: ItemKey, condition: number): Promise<void> {
    assertStorableKey(key);
    return this.#commits.enqueue(() => {
      if (this.#current(key) !== null) this.#delete(key, condition);
    });
  }

  async transact(writes: readonly Write[], writeId: string): Promise<void> {
    assertTransaction(writes);
    const puts = writes.map((write) => {
      if (write.op !== 'put') return null;
      assertStorablePut(write.item);
      return toItem(write.item, write.condition, writeId);
    });
    assertTransactionSize(
      writes,
      puts.filter((item) => item !== null),
    );
    const steps = writes.map((write, at) => this.#stepOf(write, puts[at] ?? null));
    return this.#commits.enqueue(() => {
      for (const step of steps) step();
    });
  }

  /**
   * Removes up to `limit` items that expired before `beforeMs`; answers how many. Every commit does this by
   * itself in small steps, so only an installation that never writes needs to call it.
   */
  async purgeExpired(beforeMs: number, limit: number): Promise<number> {
    return this.#commits.enqueue(() => this.#purge(beforeMs, limit));
  }

  /** Commits what is queued, then closes the file. */
  close(): void {
    this.#commits.close();
    this.#database.close();
  }

  /** `put`: the item that a put makes. */
  #stepOf(write: Write, put: Item | null): () => void {
    if (put !== null) {
      const values = toValues(put);
      return () => {
        this.#put(put, values, write.condition);
      };
    }
    const key = keyOf(write);
    if (write.op === 'delete') {
      return () => {
        this.#delete(key, write.condition);
      };
    }
    return () => {
      const current = this.#current(key);
      if (!isMet(write.condition, current)) throw failed(key, current);
    };
  }

  #put(item: Item, values: ReturnType<typeof toValues>, condition: Condition): void {
    const nowMs = this.#clock.nowMs();
    // Writing first and looking only after a failure halves the statements of the common case.
    const { changes } =
      condition === 'absent'
        ? this.#statement(
            `INSERT INTO items (${itemColumns}) VALUES (${placeholders}) ON CONFLICT (pk, sk) DO UPDATE SET `
              + `${assignments} WHERE expires_at_ms <= ?`,
          ).run(...values, nowMs)
        : this.#statement(
            `UPDATE items SET (${itemColumns}) = (${placeholders}) WHERE pk = ? AND sk = ? AND version = `
              + `? AND ${isUnexpired}`,
          ).run(...values, item.pk, item.sk, condition, nowMs);
    if (changes !== 1) throw failed(item, this.#current(item));
  }

  #delete(key: ItemKey, condition: number): void {
    const { changes } = this.#statement(
      `DELETE FROM items WHERE pk = ? AND sk = ? AND version = ? AND ${isUnexpired}`,
    ).run(key.pk, key.sk, condition, this.#clock.nowMs());
    if (changes !== 1) throw failed(key, this.#current(key));
  }

  #current<T>(key: ItemKey): Item<T> | null {
    if (!isStorableKey(key)) return null;
    const row = this.#statement(`SELECT ${itemColumns} FROM items WHERE pk = ? AND sk = ? AND ${isUnexpired}`).get(
      key.pk,
      key.sk,
      this.#clock.nowMs(),
    );
    return row === undefined ? null : rowToItem<T>(row);
  }

  #page<T>(index: IndexName | null, options: QueryOptions, sql: string, range: readonly string[]): Page<T> {
    return this.#reading(() => {
      // One more than asked for tells whether the list goes on.
      const rows = this.#statement(sql).all(...range, this.#clock.nowMs(), options.limit + 1);
      const items = rows.slice(0, options.limit).map((row) => rowToItem<T>(row));
      const last = items.at(-1);
      if (rows.length <= options.limit || last === undefined) return { items };
      const position =
        index === null ? { sk: last.sk, base: null } : { sk: indexSk(last, index), base: { pk: last.pk, sk: last.sk } };
      return { items, cursor: encodeCursor(index, options, position) };
    });
  }

  #purgeWhenDue(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#purgeDueMs && nowMs > this.#purgeDueMs - 2 * purgeEveryMs) return;
    const purged = this.#purge(nowMs - purgeAfterMs, purgeStepItems);
    // A full step means that more is waiting: go on with the next commit.
    this.#purgeDueMs = purged === purgeStepItems ? nowMs : nowMs + purgeEveryMs;
  }

  #purge(beforeMs: number, limit: number): number {
    return Number(
      this.#statement(
        'DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires_at_ms <= ? ORDER BY '
          + 'expires_at_ms LIMIT ?)',
      ).run(beforeMs, limit).changes,
    );
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  #reading<R>(read: () => R): R {
    try {
      return read();
    } catch (error) {
      throw toStoreError(error, this.#path);
    }
  }
}

function failed(key: ItemKey, current: Item | null): ConditionFailedError {
  return new ConditionFailedError({ pk: key.pk, sk: key.sk }, current);
}

function indexSk(item: Item, index: IndexName): string {
  return item.index[index]?.sk ?? '';
}
