// DynamoDB, asked by the client that the store uses: conditions, transactions, pages, indexes, time to live.
import { AwsServiceError } from '../../lib/adapters/aws/json-client.ts';
import { accepted, codeOf, refusal, until } from './run.ts';
import type { Conditions, Scene } from './run.ts';

export const tablePrefix = 'bellows-conformance-';

type Item = Readonly<Record<string, { readonly S: string } | { readonly N: string }>>;
type Answer = Readonly<Record<string, unknown>>;

const key = (pk: string, sk = '-'): Item => ({ pk: { S: pk }, sk: { S: sk } });

class Table {
  readonly name: string;
  readonly #conditions: Conditions;

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
    this.name = `${tablePrefix}${conditions.runId}`;
  }

  async call(action: string, input: object): Promise<Answer> {
    this.#conditions.goOn();
    return this.#conditions.dynamodb.call(action, input);
  }

  async create(): Promise<void> {
    const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' });
    await this.call('CreateTable', {
      TableName: this.name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'indexPk'].map(text),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'index',
          KeySchema: [
            { AttributeName: 'indexPk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      Tags: [{ Key: 'bellows:conformance', Value: this.#conditions.runId }],
    });
    const active = await until(this.#conditions, async () => {
      const { Table: table } = (await this.call('DescribeTable', { TableName: this.name })) as {
        readonly Table?: { readonly TableStatus?: string };
      };
      return table?.TableStatus === 'ACTIVE' ? true : null;
    });
    if (active === null) throw new Error(`the table ${this.name} did not become active`);
    await this.call('UpdateTimeToLive', {
      TableName: this.name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
    });
  }

  put(item: Item, more: object = {}): Promise<Answer> {
    return this.call('PutItem', { TableName: this.name, Item: item, ...more });
  }

  async get(pk: string): Promise<Item | null> {
    const { Item: item } = (await this.call('GetItem', {
      TableName: this.name,
      Key: key(pk),
      ConsistentRead: true,
    })) as { readonly Item?: Item };
    return item ?? null;
  }

  /** Adds one to a counter, beside a put if there is one. */
  transact(token: string, writes: readonly object[], more: object = {}): Promise<Answer> {
    return this.call('TransactWriteItems', { ClientRequestToken: token, TransactItems: writes, ...more });
  }

  adding(pk: string): object {
    return {
      Update: {
        TableName: this.name,
        Key: key(pk),
        UpdateExpression: 'ADD #n :one',
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
  }

  query(more: object): Promise<Answer> {
    return this.call('Query', { TableName: this.name, ...more });
  }
}

function numberIn(item: Item | null, name: string): number {
  const value = item?.[name];
  return value !== undefined && 'N' in value ? Number(value.N) : 0;
}

const onlyNew = { ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };

interface Reason {
  readonly Code?: string;
  readonly Item?: Item;
}

async function failureOf(
  call: () => Promise<unknown>,
): Promise<{ readonly code: string; readonly item: Item | null; readonly reasons: readonly Reason[] }> {
  try {
    await call();
    return { code: accepted, item: null, reasons: [] };
  } catch (error) {
    if (!(error instanceof AwsServiceError)) throw error;
    const { Item: item, CancellationReasons: reasons } = error.body as {
      readonly Item?: Item;
      readonly CancellationReasons?: readonly Reason[];
    };
    return { code: codeOf(error), item: item ?? null, reasons: reasons ?? [] };
  }
}

function unitsOf(answer: Answer): { readonly all: number; readonly index: number } {
  const consumed = [answer['ConsumedCapacity']].flat() as readonly (
    | {
        readonly CapacityUnits?: number;
        readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits?: number }>>;
      }
    | undefined
  )[];
  return {
    all: consumed.reduce((sum, one) => sum + (one?.CapacityUnits ?? 0), 0),
    index: consumed.reduce((sum, one) => sum + (one?.GlobalSecondaryIndexes?.['index']?.CapacityUnits ?? 0), 0),
  };
}

const writes: Scene = {
  name: 'DynamoDB: conditions, transactions, queries, indexes',
  behaviours: [
    'put-condition',
    'put-all-old',
    'transaction-token',
    'transaction-token-mismatch',
    'transaction-reasons',
    'transaction-100',
    'transaction-units',
    'item-400-kb',
    'query-pages',
    'index-lag',
    'index-consistent',
    'index-units',
    'ttl-late',
    'transaction-conflict',
  ],
  costUsd: 0.01,
  async play(conditions, see) {
    const table = new Table(conditions);
    await table.create();

    await table.put({ ...key('a'), v: { S: 'first' } }, onlyNew);
    const lost = await failureOf(() => table.put({ ...key('a'), v: { S: 'second' } }, onlyNew));
    const kept = await table.get('a');
    see(
      'put-condition',
      lost.code === 'ConditionalCheckFailedException'
        && kept?.['v'] !== undefined
        && 'S' in kept['v']
        && kept['v'].S === 'first',
      `answered ${lost.code}; the item is ${JSON.stringify(kept?.['v'])}`,
    );
    see(
      'put-all-old',
      JSON.stringify(lost.item?.['v']) === '{"S":"first"}',
      `the error carried ${JSON.stringify(lost.item)}`,
    );

    const token = `${conditions.runId}-t`;
    await table.transact(token, [table.adding('counter')]);
    const repeated = await refusal(() => table.transact(token, [table.adding('counter')]));
    const count = numberIn(await table.get('counter'), 'n');
    see(
      'transaction-token',
      repeated === accepted && count === 1,
      `the repeat answered ${repeated}; the counter is ${String(count)}`,
    );
    const mismatch = await refusal(() => table.transact(token, [table.adding('another')]));
    see('transaction-token-mismatch', mismatch === 'IdempotentParameterMismatchException', `answered ${mismatch}`);
    const cancelled = await failureOf(() =>
      table.transact(`${token}2`, [
        table.adding('counter'),
        { Put: { TableName: table.name, Item: key('a'), ...onlyNew } },
      ]),
    );
    const [first, second] = cancelled.reasons;
    see(
      'transaction-reasons',
      cancelled.code === 'TransactionCanceledException'
        && first?.Code === 'None'
        && second?.Code === 'ConditionalCheckFailed'
        && JSON.stringify(second.Item?.['v']) === '{"S":"first"}',
      `${cancelled.code}: ${JSON.stringify(cancelled.reasons)}`,
    );

    const many = (size: number): object[] =>
      Array.from({ length: size }, (_, at) => table.adding(`many-${String(at)}`));
    const [hundred, more] = [
      await refusal(() => table.transact(`${token}3`, many(100))),
      await refusal(() => table.transact(`${token}4`, many(101))),
    ];
    see(
      'transaction-100',
      hundred === accepted && more === 'ValidationException',
      `100 writes: ${hundred}; 101: ${more}`,
    );
    const plain = unitsOf(await table.put({ ...key('units') }, { ReturnConsumedCapacity: 'TOTAL' }));
    const transactional = unitsOf(
      await table.transact(`${token}5`, [{ Put: { TableName: table.name, Item: key('units') } }], {
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    see(
      'transaction-units',
      transactional.all === plain.all * 2 && plain.all > 0,
      `plain ${String(plain.all)}, transactional ${String(transactional.all)}`,
    );
    const large = await refusal(() => table.put({ ...key('large'), v: { S: 'x'.repeat(410 * 1024) } }));
    see('item-400-kb', large === 'ValidationException', `410 KB: ${large}`);

    for (let at = 0; at < 5; at++) await table.put({ ...key('pages', String(at)), v: { S: 'x'.repeat(300 * 1024) } });
    const page = await table.query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'pages' } },
    });
    see(
      'query-pages',
      page['LastEvaluatedKey'] !== undefined && Number(page['Count']) < 5,
      `of 5 items with 300 KB each one page held ${String(page['Count'])}, `
        + `${page['LastEvaluatedKey'] === undefined ? 'without' : 'with'} a place to go on`,
    );

    await table.put({ ...key('indexed'), indexPk: { S: 'new' } });
    const byIndex = {
      IndexName: 'index',
      KeyConditionExpression: 'indexPk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'new' } },
    };
    const shown = await until(conditions, async () =>
      Number((await table.query(byIndex))['Count']) === 1 ? true : null,
    );
    see(
      'index-lag',
      shown !== null && shown.afterMs < 60_000,
      shown === null
        ? 'the index never showed the write'
        : `the index showed the write ${String(shown.afterMs)} ms after its answer`,
    );
    const consistent = await refusal(() => table.query({ ...byIndex, ConsistentRead: true }));
    see('index-consistent', consistent === 'ValidationException', `answered ${consistent}`);
    const moved = unitsOf(
      await table.put({ ...key('indexed'), indexPk: { S: 'other' } }, { ReturnConsumedCapacity: 'INDEXES' }),
    );
    see('index-units', moved.index === 2, `changing the key cost ${String(moved.index)} units of the index`);

    await table.put({ ...key('old'), ttl: { N: String(Math.floor(Date.now() / 1000) - 3_600) } });
    see(
      'ttl-late',
      (await table.get('old')) !== null,
      `an hour past its time to live the item was ${(await table.get('old')) === null ? 'gone' : 'read'}`,
    );

    const codes = new Map<string, number>();
    for (let round = 0; round < 10 && !codes.has('TransactionConflict'); round++) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const { code, reasons } = await failureOf(() =>
            table.transact(`${token}c${String(round)}-${String(at)}`, [
              table.adding('hot'),
              table.adding(`cold-${String(at)}`),
            ]),
          );
          const what = reasons.find((one) => one.Code !== 'None')?.Code ?? code;
          codes.set(what, (codes.get(what) ?? 0) + 1);
        }),
      );
    }
    const tally = [...codes].map(([code, times]) => `${code} ${String(times)}`).join(', ');
    // That they never met proves nothing against it.
    if (!codes.has('TransactionConflict')) throw new Error(`parallel transactions never met: ${tally}`);
    see('transaction-conflict', true, `of parallel transactions on one item: ${tally}`);
  },
};

export const dynamodbScenes: readonly Scene[] = [writes];
