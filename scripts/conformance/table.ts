// The table that the DynamoDB scene looks at, and what a call of it came to.
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  AttributeValue,
  CancellationReason,
  ConsumedCapacity,
  KeySchemaElement,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { conformanceTag } from './ec2.ts';
import { accepted, codeOf, until } from './run.ts';
import type { Conditions } from './run.ts';

export const tablePrefix = 'bellows-conformance-';

export type Item = Record<string, AttributeValue>;

export function keyOf(pk: string, sk = '-'): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

export const onlyNew = {
  ConditionExpression: 'attribute_not_exists(pk)',
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
} as const;

function keySchema(partition: string): KeySchemaElement[] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
}

export class Table {
  readonly name: string;
  readonly #conditions: Conditions;

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
    this.name = `${tablePrefix}${conditions.runId}`;
  }

  async create(): Promise<void> {
    const { dynamodb, runId } = this.#conditions;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: this.name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk', 'indexPk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keySchema('pk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'index', KeySchema: keySchema('indexPk'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        ],
        Tags: [{ Key: conformanceTag, Value: runId }],
      }),
    );
    const active = await until(this.#conditions, async () => {
      const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: this.name }));
      return table?.TableStatus === 'ACTIVE' ? true : null;
    });
    if (active === null) throw new Error(`the table ${this.name} did not become active`);
    await dynamodb.send(
      new UpdateTimeToLiveCommand({
        TableName: this.name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
      }),
    );
  }

  async put(item: Item, more: Partial<PutItemCommandInput> = {}): Promise<PutItemCommandOutput> {
    this.#conditions.goOn();
    return this.#conditions.dynamodb.send(new PutItemCommand({ TableName: this.name, Item: item, ...more }));
  }

  async get(pk: string): Promise<Item | null> {
    this.#conditions.goOn();
    const { Item: item } = await this.#conditions.dynamodb.send(
      new GetItemCommand({ TableName: this.name, Key: keyOf(pk), ConsistentRead: true }),
    );
    return item ?? null;
  }

  async transact(
    token: string,
    writes: readonly TransactWriteItem[],
    more: Partial<TransactWriteItemsCommandInput> = {},
  ): Promise<TransactWriteItemsCommandOutput> {
    this.#conditions.goOn();
    const input = { ClientRequestToken: token, TransactItems: [...writes], ...more };
    return this.#conditions.dynamodb.send(new TransactWriteItemsCommand(input));
  }

  async query(more: Partial<QueryCommandInput>): Promise<QueryCommandOutput> {
    this.#conditions.goOn();
    return this.#conditions.dynamodb.send(new QueryCommand({ TableName: this.name, ...more }));
  }

  /** A write that adds one to a counter. */
  adding(pk: string): TransactWriteItem {
    return {
      Update: {
        TableName: this.name,
        Key: keyOf(pk),
        UpdateExpression: 'ADD #n :one',
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
  }
}

export interface Failure {
  readonly code: string;
  /** That was in the way of a put. */
  readonly item: Item | null;
  /** Of a transaction. */
  readonly reasons: readonly CancellationReason[];
}

export async function failureOf(call: () => Promise<unknown>): Promise<Failure> {
  try {
    await call();
    return { code: accepted, item: null, reasons: [] };
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException)) throw error;
    const item = error instanceof ConditionalCheckFailedException ? error.Item : undefined;
    const reasons = error instanceof TransactionCanceledException ? error.CancellationReasons : undefined;
    return { code: codeOf(error), item: item ?? null, reasons: reasons ?? [] };
  }
}

export interface Units {
  readonly all: number;
  readonly index: number;
}

export function unitsOf(consumed: ConsumedCapacity | readonly ConsumedCapacity[] = []): Units {
  const each = [consumed].flat();
  return {
    all: each.reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0),
    index: each.reduce((sum, one) => sum + (one.GlobalSecondaryIndexes?.['index']?.CapacityUnits ?? 0), 0),
  };
}
