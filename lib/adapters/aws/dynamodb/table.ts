// The one table, as data: what CreateTable takes. Deployments mirror it; tests and benchmarks create it from here.
import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb';

/** Attribute names of the table. Short ones would save a few bytes of 1,024; these can be read in a console. */
export const attributes = { open: { pk: 'openPk', sk: 'openSk' }, 'by-time': { pk: 'timePk', sk: 'timeSk' } } as const;

export function tableDefinition(tableName: string): CreateTableCommandInput {
  const keySchema = (pk: string, sk: string): KeySchemaElement[] => [
    { AttributeName: pk, KeyType: 'HASH' },
    { AttributeName: sk, KeyType: 'RANGE' },
  ];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', ...Object.values(attributes).flatMap((names) => [names.pk, names.sk])].map(
      (name) => ({ AttributeName: name, AttributeType: 'S' }),
    ),
    KeySchema: keySchema('pk', 'sk'),
    // Keys only: an index is written when an item enters or leaves it, not with every change of the item's data.
    GlobalSecondaryIndexes: Object.entries(attributes).map(([name, { pk, sk }]) => ({
      IndexName: name,
      KeySchema: keySchema(pk, sk),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
  };
}

/** Items expire by this attribute, in seconds; exact expiry is filtered on read. */
export const ttlAttribute = 'ttl';
