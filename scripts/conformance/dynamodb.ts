// DynamoDB, asked by the client that the store uses: conditions, transactions, pages, indexes, time to live.
import type { Conditions, Scene, See } from './run.ts';
import { accepted, refusal, until } from './run.ts';
import { failureOf, keyOf, onlyNew, Table, unitsOf } from './table.ts';

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
  makes: 'one table on demand, with an index',
  costUsd: 0.01,
  async play(conditions, see) {
    const table = new Table(conditions);
    const token = `${conditions.runId}-t`;
    await table.create();
    await lookAtConditions(table, see);
    await lookAtTokens(table, see, token);
    await lookAtReasons(table, see, token);
    await lookAtLimits(table, see, token);
    await lookAtPages(table, see);
    await lookAtIndexes(table, see, conditions);
    await lookAtTimeToLive(table, see);
    await lookAtConflicts(table, see, token);
  },
};

async function lookAtConditions(table: Table, see: See): Promise<void> {
  await table.put({ ...keyOf('a'), v: { S: 'first' } }, onlyNew);
  const lost = await failureOf(() => table.put({ ...keyOf('a'), v: { S: 'second' } }, onlyNew));
  const kept = await table.get('a');
  see(
    'put-condition',
    lost.code === 'ConditionalCheckFailedException' && kept?.['v']?.S === 'first',
    `answered ${lost.code}; the item is ${JSON.stringify(kept?.['v'])}`,
  );
  see('put-all-old', lost.item?.['v']?.S === 'first', `the error carried ${JSON.stringify(lost.item)}`);
}

async function lookAtTokens(table: Table, see: See, token: string): Promise<void> {
  await table.transact(token, [table.adding('counter')]);
  const repeated = await refusal(() => table.transact(token, [table.adding('counter')]));
  const count = Number((await table.get('counter'))?.['n']?.N ?? 0);
  see(
    'transaction-token',
    repeated === accepted && count === 1,
    `the repeat answered ${repeated}; the counter is ${String(count)}`,
  );
  const mismatch = await refusal(() => table.transact(token, [table.adding('another')]));
  see('transaction-token-mismatch', mismatch === 'IdempotentParameterMismatchException', `answered ${mismatch}`);
}

/** Of a transaction with a write that is refused, because the item of {@link lookAtConditions} is there. */
async function lookAtReasons(table: Table, see: See, token: string): Promise<void> {
  const put = { Put: { TableName: table.name, Item: keyOf('a'), ...onlyNew } };
  const cancelled = await failureOf(() => table.transact(`${token}2`, [table.adding('counter'), put]));
  const [first, second] = cancelled.reasons;
  see(
    'transaction-reasons',
    cancelled.code === 'TransactionCanceledException'
      && first?.Code === 'None'
      && second?.Code === 'ConditionalCheckFailed'
      && second.Item?.['v']?.S === 'first',
    `${cancelled.code}: ${JSON.stringify(cancelled.reasons)}`,
  );
}

async function lookAtLimits(table: Table, see: See, token: string): Promise<void> {
  const many = (size: number) => Array.from({ length: size }, (_, at) => table.adding(`many-${String(at)}`));
  const hundred = await refusal(() => table.transact(`${token}3`, many(100)));
  const more = await refusal(() => table.transact(`${token}4`, many(101)));
  see(
    'transaction-100',
    hundred === accepted && more === 'ValidationException',
    `100 writes: ${hundred}; 101: ${more}`,
  );
  const asked = { ReturnConsumedCapacity: 'TOTAL' } as const;
  const plain = unitsOf((await table.put(keyOf('units'), asked)).ConsumedCapacity);
  const put = { Put: { TableName: table.name, Item: keyOf('units') } };
  const transactional = unitsOf((await table.transact(`${token}5`, [put], asked)).ConsumedCapacity);
  see(
    'transaction-units',
    transactional.all === plain.all * 2 && plain.all > 0,
    `plain ${String(plain.all)}, transactional ${String(transactional.all)}`,
  );
  const large = await refusal(() => table.put({ ...keyOf('large'), v: { S: 'x'.repeat(410 * 1024) } }));
  see('item-400-kb', large === 'ValidationException', `410 KB: ${large}`);
}

async function lookAtPages(table: Table, see: See): Promise<void> {
  for (let at = 0; at < 5; at++) await table.put({ ...keyOf('pages', String(at)), v: { S: 'x'.repeat(300 * 1024) } });
  const page = await table.query({
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'pages' } },
  });
  see(
    'query-pages',
    page.LastEvaluatedKey !== undefined && Number(page.Count) < 5,
    `of 5 items with 300 KB each one page had ${String(page.Count)}, `
      + `${page.LastEvaluatedKey === undefined ? 'without' : 'with'} a place to go on`,
  );
}

async function lookAtIndexes(table: Table, see: See, conditions: Conditions): Promise<void> {
  await table.put({ ...keyOf('indexed'), indexPk: { S: 'new' } });
  const byIndex = {
    IndexName: 'index',
    KeyConditionExpression: 'indexPk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'new' } },
  };
  const shown = await until(conditions, async () => ((await table.query(byIndex)).Count === 1 ? true : null));
  see(
    'index-lag',
    shown !== null && shown.afterMs < 60_000,
    shown === null
      ? 'the index never showed the write'
      : `the index showed the write ${String(shown.afterMs)} ms after its answer`,
  );
  const consistent = await refusal(() => table.query({ ...byIndex, ConsistentRead: true }));
  see('index-consistent', consistent === 'ValidationException', `answered ${consistent}`);
  const moved = { ...keyOf('indexed'), indexPk: { S: 'other' } };
  const { index } = unitsOf((await table.put(moved, { ReturnConsumedCapacity: 'INDEXES' })).ConsumedCapacity);
  see('index-units', index === 2, `changing the key cost ${String(index)} units of the index`);
}

async function lookAtTimeToLive(table: Table, see: See): Promise<void> {
  await table.put({ ...keyOf('old'), ttl: { N: String(Math.floor(Date.now() / 1000) - 3_600) } });
  const isRead = (await table.get('old')) !== null;
  see('ttl-late', isRead, `an hour past its time to live the item was ${isRead ? 'read' : 'gone'}`);
}

async function lookAtConflicts(table: Table, see: See, token: string): Promise<void> {
  const codes = new Map<string, number>();
  for (let round = 0; round < 10 && !codes.has('TransactionConflict'); round++) {
    const failures = await Promise.all(
      Array.from({ length: 20 }, (_, at) => {
        const counters = [table.adding('hot'), table.adding(`cold-${String(at)}`)];
        return failureOf(() => table.transact(`${token}c${String(round)}-${String(at)}`, counters));
      }),
    );
    for (const { code, reasons } of failures) {
      const what = reasons.find((one) => one.Code !== 'None')?.Code ?? code;
      codes.set(what, (codes.get(what) ?? 0) + 1);
    }
  }
  const tally = [...codes].map(([code, times]) => `${code} ${String(times)}`).join(', ');
  // That they never met proves nothing against it.
  if (!codes.has('TransactionConflict')) throw new Error(`parallel transactions never met: ${tally}`);
  see('transaction-conflict', true, `of parallel transactions on one item: ${tally}`);
}

export const dynamodbScenes: readonly Scene[] = [writes];
