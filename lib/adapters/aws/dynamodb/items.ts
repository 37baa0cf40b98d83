// Converts items and write conditions to and from DynamoDB's attributes and expressions. `data` is one JSON text, which
// comes back exactly as it was put (names, order, numbers). What would cost more than one write unit is deflated: a
// chunk of 25 tasks is 8 KB of JSON and 0.5 KB packed, so one unit instead of nine; what is small stays readable in a
// console.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AssertionError } from '../../../core/values/errors.ts';
import type { Condition, IndexName, Item, ItemKey } from '../../../ports/store.ts';
import { unpackText } from '../../../ports/store/packed.ts';
import { packData } from '../../../ports/store/size.ts';
import { attributes } from './table.ts';

export type Attributes = Record<string, AttributeValue.SMember | AttributeValue.NMember | AttributeValue.BMember>;

export function keyAttributes(key: ItemKey): Attributes {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

export function toAttributes(item: Item): Attributes {
  const { open, 'by-time': byTime } = item.index;
  return {
    ...keyAttributes(item),
    version: { N: String(item.version) },
    writeId: { S: item.writeId },
    ...dataAttribute(JSON.stringify(item.data)),
    ...(open ? { openPk: { S: open.pk }, openSk: { S: open.sk } } : {}),
    ...(byTime ? { timePk: { S: byTime.pk }, timeSk: { S: byTime.sk } } : {}),
    // Rounded up: DynamoDB may delete from then on, and never what still counts.
    ...(item.expiresAtMs === null
      ? {}
      : { expiresAtMs: { N: String(item.expiresAtMs) }, ttl: { N: String(Math.ceil(item.expiresAtMs / 1000)) } }),
  };
}

function dataAttribute(json: string): Attributes {
  const packed = packData(json);
  return typeof packed === 'string' ? { data: { S: packed } } : { packed: { B: packed } };
}

function dataOf(record: Record<string, unknown>): unknown {
  // Bytes as the SDK reads them from an answer; base64 in the event that a stream hands to a function.
  const packed = (record['packed'] as { readonly B?: Uint8Array | string } | undefined)?.B;
  if (packed === undefined) return JSON.parse(text(record, 'data', 'S'));
  return JSON.parse(unpackText(typeof packed === 'string' ? Buffer.from(packed, 'base64') : packed));
}

export function fromAttributes(stored: unknown): Item {
  const record = stored as Record<string, unknown>;
  const index: Partial<Record<IndexName, ItemKey>> = {};
  for (const name of ['open', 'by-time'] as const) {
    const key = indexKeyOf(record, name);
    if (key) index[name] = key;
  }
  const expiresAt = optionalText(record, 'expiresAtMs', 'N');
  return {
    ...keyFrom(record),
    version: Number(text(record, 'version', 'N')),
    writeId: text(record, 'writeId', 'S'),
    data: dataOf(record),
    index,
    expiresAtMs: expiresAt === null ? null : Number(expiresAt),
  };
}

export function keyFrom(stored: unknown): ItemKey {
  const record = stored as Record<string, unknown>;
  return { pk: text(record, 'pk', 'S'), sk: text(record, 'sk', 'S') };
}

export function indexKeyOf(stored: unknown, index: IndexName): ItemKey | null {
  const record = stored as Record<string, unknown>;
  const pk = optionalText(record, attributes[index].pk, 'S');
  const sk = optionalText(record, attributes[index].sk, 'S');
  return pk === null || sk === null ? null : { pk, sk };
}

export function unexpired(item: Item, nowMs: number): Item | null {
  return item.expiresAtMs !== null && item.expiresAtMs <= nowMs ? null : item;
}

function optionalText(record: Record<string, unknown>, name: string, type: 'S' | 'N'): string | null {
  const value = (record[name] as Partial<Record<'S' | 'N', unknown>> | undefined)?.[type];
  return typeof value === 'string' ? value : null;
}

function text(record: Record<string, unknown>, name: string, type: 'S' | 'N'): string {
  const value = optionalText(record, name, type);
  if (value === null)
    throw new AssertionError(
      `the table holds an item without the attribute ${name} of type ${type}: `
        + `${JSON.stringify(record).slice(0, 300)}; it was not written by this program`,
    );
  return value;
}

export interface ConditionExpression {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Attributes;
  readonly ReturnValuesOnConditionCheckFailure: 'ALL_OLD';
}

// None of these names is a reserved word of DynamoDB's.
const isExpired = 'expiresAtMs <= :now';
const isAlive = '(attribute_not_exists(expiresAtMs) OR expiresAtMs > :now)';

/** What is expired but not deleted yet counts as absent. */
export function conditionExpression(condition: Condition, nowMs: number): ConditionExpression {
  const now: Attributes = { ':now': { N: String(nowMs) } };
  return condition === 'absent'
    ? expression(`attribute_not_exists(pk) OR ${isExpired}`, now)
    : expression(`version = :version AND ${isAlive}`, { ...now, ':version': { N: String(condition) } });
}

/** For deleting on its own, where absent is as good as deleted. */
export function absentOrVersion(version: number, nowMs: number): ConditionExpression {
  return expression(`attribute_not_exists(pk) OR version = :version OR ${isExpired}`, {
    ':now': { N: String(nowMs) },
    ':version': { N: String(version) },
  });
}

function expression(text: string, values: Attributes): ConditionExpression {
  return {
    ConditionExpression: text,
    ExpressionAttributeValues: values,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}
