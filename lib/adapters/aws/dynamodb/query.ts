// Ranges of sort keys as DynamoDB's key condition, which allows one condition on the sort key where the port has two.
import { assert } from '../../../core/values/errors.ts';
import type { IndexName, ItemKey, QueryOptions } from '../../../ports/store.ts';
import type { Position } from '../../../ports/store/cursor.ts';
import { isStorableKey } from '../../../ports/store/rules.ts';
import type { Attributes } from './items.ts';
import { keyAttributes } from './items.ts';
import { attributes } from './table.ts';

export interface QueryInput {
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Attributes;
  readonly Limit: number;
  readonly ScanIndexForward: boolean;
  readonly ExclusiveStartKey?: Attributes;
}

// Behind every storable key that begins with the text before it (storable keys end at U+D7FF).
const behindAll = '\uffff';

/** null: no storable key can be in the range. */
export function queryInput(index: IndexName | null, options: QueryOptions, position: Position): QueryInput | null {
  const { pk, skPrefix = '', skFrom, isDescending = false } = options;
  const names = index === null ? { pk: 'pk', sk: 'sk' } : attributes[index];
  if (!isStorableKey({ pk, sk: skPrefix === '' ? '-' : skPrefix })) return null;
  const values: Record<string, { S: string }> = { ':pk': { S: pk } };
  const range = rangeOf(skPrefix, skFrom, isDescending);
  if (range === null) return null;
  for (const [name, value] of Object.entries(range.values)) values[name] = { S: value };
  return {
    KeyConditionExpression:
      range.text === '' ? `${names.pk} = :pk` : `${names.pk} = :pk AND ${range.text.replaceAll('$', names.sk)}`,
    ExpressionAttributeValues: values,
    Limit: options.limit,
    ScanIndexForward: !isDescending,
    ...(position === null ? {} : { ExclusiveStartKey: startKey(index, pk, position) }),
  };
}

/** `$` stands for the sort key's attribute. */
function rangeOf(
  prefix: string,
  from: string | undefined,
  isDescending: boolean,
): { readonly text: string; readonly values: Readonly<Record<string, string>> } | null {
  if (from === undefined)
    return prefix === ''
      ? { text: '', values: {} }
      : { text: 'begins_with($, :prefix)', values: { ':prefix': prefix } };
  assert(
    isStorableKey({ pk: '-', sk: from }),
    `a list cannot start at ${JSON.stringify(from)}, which is no storable key`,
  );
  if (prefix === '') return { text: isDescending ? '$ <= :from' : '$ >= :from', values: { ':from': from } };
  const isInside = from.startsWith(prefix);
  // Outside the prefix: everything of it lies in front of us, or nothing.
  if (!isInside)
    return from < prefix === isDescending ? null : { text: 'begins_with($, :prefix)', values: { ':prefix': prefix } };
  const [low, high] = isDescending ? [prefix, from] : [from, `${prefix}${behindAll}`];
  return { text: '$ BETWEEN :low AND :high', values: { ':low': low, ':high': high } };
}

function startKey(index: IndexName | null, pk: string, position: NonNullable<Position>): Attributes {
  if (index === null) return keyAttributes({ pk, sk: position.sk });
  const names = attributes[index];
  const base: ItemKey | null = position.base;
  assert(base, 'a position in an index names the item itself');
  return { ...keyAttributes(base), [names.pk]: { S: pk }, [names.sk]: { S: position.sk } };
}
