// The store port on one DynamoDB table: conditional writes, transactions, two keys-only indexes; never a scan. What
// each access path costs is in docs/store.md.
import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  AttributeValue,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../ports/clock.ts';
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
} from '../../../ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../../ports/store.ts';
import { decodeCursor, encodeCursor } from '../../../ports/store/cursor.ts';
import type { Position } from '../../../ports/store/cursor.ts';
import {
  assertQuery,
  assertStorableKey,
  assertStorablePut,
  assertTransaction,
  isStorableKey,
  keyName,
  keyOf,
  toItem,
} from '../../../ports/store/rules.ts';
import { assertItemSize, assertTransactionSize } from '../../../ports/store/size.ts';
import { storeError } from './errors.ts';
import {
  absentOrVersion,
  conditionExpression,
  fromAttributes,
  indexKeyOf,
  keyAttributes,
  keyFrom,
  toAttributes,
  unexpired,
} from './items.ts';
import { queryInput } from './query.ts';
import { keepingConnections, sendCall } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

export interface DynamoDbStoreOptions extends AwsClientOptions {
  readonly tableName: string;
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>;
  /** Called with the capacity that each call consumed, as DynamoDB reports it; the report is free. */
  readonly onConsumed?: ((action: string, consumed: unknown) => void) | undefined;
}

/** DynamoDB answers within milliseconds; a longer wait means that the connection is dead. */
const defaultTimeoutMs = 3_000;
const batchGetMax = 100;
const batchesAtOnce = 4;
const unprocessedTriesMax = 8;
/** A transaction without an answer is sent again with the same token, which DynamoDB does once. */
const transactionSendsMax = 3;

export class DynamoDbStore implements Store {
  readonly #options: DynamoDbStoreOptions;
  readonly #client: DynamoDBClient;
  readonly #metered: { readonly ReturnConsumedCapacity?: 'INDEXES' };
  readonly #table: { readonly TableName: string };
  readonly #common: { readonly TableName: string; readonly ReturnConsumedCapacity?: 'INDEXES' };

  constructor(options: DynamoDbStoreOptions) {
    this.#options = options;
    this.#client = new DynamoDBClient(keepingConnections(options));
    this.#metered = options.onConsumed ? { ReturnConsumedCapacity: 'INDEXES' } : {};
    this.#table = { TableName: options.tableName };
    this.#common = { ...this.#table, ...this.#metered };
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    if (!isStorableKey(key)) return null;
    const answer = await this.#send('GetItem', async (options) =>
      this.#client.send(
        new GetItemCommand({ ...this.#common, Key: keyAttributes(key), ConsistentRead: true }),
        options,
      ),
    );
    return this.#current(answer.Item) as Item<T> | null;
  }

  async getMany<T>(keys: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    const found = await this.#getAll(keys, true);
    return keys.map((key) => (found.get(keyName(key)) as Item<T> | undefined) ?? null);
  }

  async query<T>(options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const input = queryInput(null, options, decodeCursor(null, options));
    if (input === null) return { items: [] };
    const answer = await this.#query({ ...input, ConsistentRead: true });
    const items = (answer.Items ?? []).map((stored) => this.#current(stored)).filter((item) => item !== null);
    return this.#page(null, options, items as Item<T>[], answer.LastEvaluatedKey);
  }

  /** The index knows keys; the items are read from the table, so what left the index meanwhile is passed over. */
  async queryIndex<T>(index: IndexName, options: QueryOptions): Promise<Page<T>> {
    assertQuery(options);
    const input = queryInput(index, options, decodeCursor(index, options));
    if (input === null) return { items: [] };
    const answer = await this.#query({ ...input, IndexName: index });
    const entries = (answer.Items ?? []).map((stored) => ({ key: keyFrom(stored), at: indexKeyOf(stored, index) }));
    const found = await this.#getAll(
      entries.map((entry) => entry.key),
      false,
    );
    const items = entries.flatMap(({ key, at }) => {
      const item = found.get(keyName(key));
      return item && item.index[index]?.pk === at?.pk && item.index[index]?.sk === at?.sk ? [item as Item<T>] : [];
    });
    return this.#page(index, options, items, answer.LastEvaluatedKey);
  }

  async indexKeys(index: IndexName, options: QueryOptions): Promise<KeyPage> {
    assertQuery(options);
    const input = queryInput(index, options, decodeCursor(index, options));
    if (input === null) return { keys: [], indexSks: [] };
    const answer = await this.#query({ ...input, IndexName: index });
    const { cursor } = this.#page(index, options, [], answer.LastEvaluatedKey);
    const stored = answer.Items ?? [];
    const keys = stored.map((one) => keyFrom(one));
    const indexSks = stored.map((one) => indexKeyOf(one, index)?.sk ?? '');
    return { keys, indexSks, ...(cursor === undefined ? {} : { cursor }) };
  }

  async put<T>(write: {
    readonly item: PutItem<T>;
    readonly condition: Condition;
    readonly writeId: string;
  }): Promise<Item<T>> {
    assertStorablePut(write.item);
    const item = toItem(write.item, write.condition, write.writeId);
    assertItemSize(item);
    const nowMs = this.#options.clock.nowMs();
    await this.#send(
      'PutItem',
      async (options) =>
        this.#client.send(
          new PutItemCommand({
            ...this.#common,
            Item: toAttributes(item),
            ...conditionExpression(write.condition, nowMs),
          }),
          options,
        ),
      [item],
    );
    return item;
  }

  async delete(key: ItemKey, condition: number): Promise<void> {
    assertStorableKey(key);
    const nowMs = this.#options.clock.nowMs();
    await this.#send(
      'DeleteItem',
      async (options) =>
        this.#client.send(
          new DeleteItemCommand({ ...this.#common, Key: keyAttributes(key), ...absentOrVersion(condition, nowMs) }),
          options,
        ),
      [key],
    );
  }

  async transact(writes: readonly Write[], writeId: string): Promise<void> {
    assertTransaction(writes);
    const nowMs = this.#options.clock.nowMs();
    const puts = writes.map((write) => {
      if (write.op !== 'put') return null;
      assertStorablePut(write.item);
      return toItem(write.item, write.condition, writeId);
    });
    assertTransactionSize(
      writes,
      puts.filter((item) => item !== null),
    );
    const items = writes.map((write, at) => this.#transactItem(write, puts[at] ?? null, nowMs));
    // One token for this sending of these very bytes: a repeat by the caller carries other times, so another token.
    const input = { ...this.#metered, TransactItems: items, ClientRequestToken: randomUUID() };
    for (let sends = 1; ; sends += 1) {
      try {
        await this.#send(
          'TransactWriteItems',
          async (options) => this.#client.send(new TransactWriteItemsCommand(input), options),
          writes.map(keyOf),
        );
        return;
      } catch (error) {
        if (sends > 1 && saysNothingWritten(error))
          throw new UnknownOutcomeError(
            `${error.message}; an earlier sending had no answer, and may have been written`,
          );
        if (!(error instanceof UnknownOutcomeError) || sends >= transactionSendsMax) throw error;
        await this.#options.clock.sleep(sends * 50);
      }
    }
  }

  close(): void {
    this.#client.destroy();
  }

  /** `put`: the item that a put makes. */
  #transactItem(write: Write, put: Item | null, nowMs: number): TransactWriteItem {
    const condition = conditionExpression(write.condition, nowMs);
    if (put !== null) return { Put: { ...this.#table, Item: toAttributes(put), ...condition } };
    const keyed = { ...this.#table, Key: keyAttributes(keyOf(write)), ...condition };
    return write.op === 'delete' ? { Delete: keyed } : { ConditionCheck: keyed };
  }

  /** By {@link keyName}; absent and expired ones are missing. */
  async #getAll(keys: readonly ItemKey[], isConsistent: boolean): Promise<ReadonlyMap<string, Item>> {
    const distinct = [...new Map(keys.filter(isStorableKey).map((key) => [keyName(key), key])).values()];
    const found = new Map<string, Item>();
    const batches = Array.from({ length: Math.ceil(distinct.length / batchGetMax) }, (_, at) =>
      distinct.slice(at * batchGetMax, (at + 1) * batchGetMax),
    );
    const work = async (): Promise<void> => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        for (const item of await this.#batchGet(batch, isConsistent)) found.set(keyName(item), item);
      }
    };
    await Promise.all(Array.from({ length: Math.min(batchesAtOnce, batches.length) }, work));
    return found;
  }

  async #batchGet(keys: readonly ItemKey[], isConsistent: boolean): Promise<readonly Item[]> {
    const items: Item[] = [];
    let left: Record<string, AttributeValue>[] = keys.map(keyAttributes);
    for (let tries = 1; left.length > 0; tries += 1) {
      if (tries > unprocessedTriesMax)
        throw new ThrottledError(
          `DynamoDB left ${String(left.length)} of ${String(keys.length)} keys unread after `
            + `${String(unprocessedTriesMax)} tries`,
        );
      // DynamoDB answers 16 MB, and less under load: what is left is asked for again, a little later.
      if (tries > 1) await this.#options.clock.sleep(Math.min(1_000, 20 * 2 ** tries));
      const { tableName } = this.#options;
      const answer = await this.#send('BatchGetItem', async (options) =>
        this.#client.send(
          new BatchGetItemCommand({
            ...this.#metered,
            RequestItems: { [tableName]: { Keys: left, ConsistentRead: isConsistent } },
          }),
          options,
        ),
      );
      const stored = answer.Responses?.[tableName] ?? [];
      items.push(...stored.map((one) => this.#current(one)).filter((item) => item !== null));
      left = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return items;
  }

  #page<T>(index: IndexName | null, options: QueryOptions, items: readonly Item<T>[], last: unknown): Page<T> {
    if (last === undefined || last === null) return { items };
    const base = keyFrom(last);
    const position: Position =
      index === null ? { sk: base.sk, base: null } : { sk: indexKeyOf(last, index)?.sk ?? '', base };
    return { items, cursor: encodeCursor(index, options, position) };
  }

  #current(stored: unknown): Item | null {
    return stored === undefined || stored === null
      ? null
      : unexpired(fromAttributes(stored), this.#options.clock.nowMs());
  }

  async #query(input: Omit<QueryCommandInput, 'TableName'>): Promise<QueryCommandOutput> {
    return this.#send('Query', async (options) =>
      this.#client.send(new QueryCommand({ ...this.#common, ...input }), options),
    );
  }

  /** `keys`: of the writes, in their order. Every write is conditional or carries a token: sent twice, it acts once. */
  async #send<O extends { readonly ConsumedCapacity?: unknown }>(
    action: string,
    call: (options: { readonly abortSignal: AbortSignal }) => Promise<O>,
    keys: readonly ItemKey[] = [],
  ): Promise<O> {
    const { onConsumed, timeoutMs = defaultTimeoutMs, clock } = this.#options;
    const nowMs = clock.nowMs();
    try {
      const answer = await sendCall(action, timeoutMs, call);
      onConsumed?.(action, answer.ConsumedCapacity);
      return answer;
    } catch (error) {
      throw storeError(error, keys, nowMs);
    }
  }
}

/** Of one sending alone. */
function saysNothingWritten(error: unknown): error is Error {
  return error instanceof ThrottledError || error instanceof ConflictError || error instanceof ConditionFailedError;
}
