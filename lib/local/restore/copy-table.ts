// DynamoDB restores a point in time into a new table; the installation has the old one. So the items go back: all that
// the restored table has, and nothing else. Versions go back with them. Nothing may write to the table meanwhile.
import { BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { BellowsError } from '../../core/values/errors.ts';

/** Keys in memory, some 200 bytes each. */
const keysMax = 5_000_000;
/** Of one BatchWriteItem. */
const writesAtOnce = 25;
const triesMax = 12;
const pauseMsMax = 5_000;

type Attributes = Record<string, AttributeValue>;

export class CopyError extends BellowsError {
  constructor(message: string) {
    super('table_not_copied', message);
  }
}

export interface Copied {
  readonly put: number;
  /** What only the lost time had. */
  readonly deleted: number;
}

/** May be repeated; one that was cut off has to be. @throws CopyError */
export async function copyTable(client: DynamoDBClient, from: string, into: string): Promise<Copied> {
  const left = new Map<string, Attributes>();
  for await (const items of scan(client, into, true)) {
    for (const item of items) left.set(nameOf(item), keyOf(item));
    if (left.size > keysMax) throw new CopyError(`${into} has more than ${String(keysMax)} items, which is the most`);
  }
  let put = 0;
  for await (const items of scan(client, from, false)) {
    for (const item of items) left.delete(nameOf(item));
    await write(
      client,
      into,
      items.map((Item) => ({ PutRequest: { Item } })),
    );
    put += items.length;
  }
  await write(
    client,
    into,
    [...left.values()].map((Key) => ({ DeleteRequest: { Key } })),
  );
  return { put, deleted: left.size };
}

async function* scan(
  client: DynamoDBClient,
  TableName: string,
  isKeys: boolean,
): AsyncGenerator<readonly Attributes[]> {
  let from: Attributes | undefined;
  do {
    const { Items: items = [], LastEvaluatedKey: next } = await client.send(
      new ScanCommand({
        TableName,
        ConsistentRead: true,
        ...(isKeys ? { ProjectionExpression: 'pk, sk' } : {}),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    yield items;
    from = next;
  } while (from !== undefined);
}

function keyOf({ pk, sk }: Attributes): Attributes {
  if (pk === undefined || sk === undefined) throw new CopyError('an item has no pk and sk: this is no table of ours');
  return { pk, sk };
}

function nameOf(item: Attributes): string {
  const { pk, sk } = keyOf(item);
  return JSON.stringify([pk?.S, sk?.S]);
}

async function write(client: DynamoDBClient, table: string, all: readonly WriteRequest[]): Promise<void> {
  for (let from = 0; from < all.length; from += writesAtOnce) {
    let requests: WriteRequest[] = all.slice(from, from + writesAtOnce);
    for (let tries = 1; requests.length > 0; tries += 1) {
      if (tries > triesMax) throw new CopyError(`DynamoDB takes no more writes to ${table} now; run this again`);
      const { UnprocessedItems: more = {} } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      requests = more[table] ?? [];
      if (requests.length > 0) await delay(Math.min(pauseMsMax, 50 * 2 ** tries));
    }
  }
}
