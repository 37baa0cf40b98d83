// The arithmetic of write units, by the rules of DynamoDB's documentation.
import { expect, test } from '@jest/globals';
import { fromAttributes, toAttributes } from '../../../lib/adapters/aws/dynamodb/items.ts';
import { checkUnits, itemBytes, writeUnits } from '../../../lib/adapters/aws/dynamodb/units.ts';
import type { Item } from '../../../lib/ports/store.ts';

/** The write id is as long as it is said to be, so that sizes can be chosen. */
const item = (writeIdBytes: number, index: Item['index'] = {}, data: unknown = 1): Item => ({
  pk: 'p',
  sk: 's',
  version: 1,
  writeId: 'w'.repeat(writeIdBytes),
  data,
  index,
  expiresAtMs: null,
});
const fixedBytes = itemBytes(item(0));
const open = (sk: string): Item['index'] => ({ open: { pk: 'o', sk } });

test('an item takes its names and its values', () => {
  // pk p, sk s, version 1 (a number: two bytes), writeId, data 1
  expect(fixedBytes).toBe(2 + 1 + 2 + 1 + 7 + 2 + 7 + 4 + 1);
  expect(itemBytes(item(100))).toBe(fixedBytes + 100);
});

test('each begun kilobyte is a unit, of the larger of before and after', () => {
  expect(writeUnits(null, item(1024 - fixedBytes), false).table).toBe(1);
  expect(writeUnits(null, item(1025 - fixedBytes), false).table).toBe(2);
  expect(writeUnits(item(5000), item(10), false).table).toBe(5);
  expect(writeUnits(item(5000), null, false).table).toBe(5);
});

test('transactions cost double in the table; checks and failures cost like writes', () => {
  expect(writeUnits(item(10), item(2000), true).table).toBe(4);
  expect(checkUnits(null, true)).toBe(2);
  expect(checkUnits(item(2000), false)).toBe(2);
});

test('an index is charged for entering, leaving and moving, not for staying', () => {
  expect(writeUnits(null, item(10, open('1')), false).indexes).toBe(1);
  expect(writeUnits(item(10, open('1')), item(2000, open('1')), false).indexes).toBe(0);
  expect(writeUnits(item(10, open('1')), item(10, open('2')), true).indexes).toBe(2);
  expect(writeUnits(item(10, open('1')), item(10), false).indexes).toBe(1);
  expect(writeUnits(item(10, { ...open('1'), 'by-time': { pk: 't', sk: '1' } }), null, false).indexes).toBe(2);
});

test(
  'what is small stays readable; a record of many alike parts is packed into one unit, and ' + 'comes back as it was',
  () => {
    expect(toAttributes(item(1, {}, { a: 1 }))).toMatchObject({ data: { S: '{"a":1}' } });
    const chunk = {
      tasks: Array.from({ length: 25 }, (_, index) => ({
        index,
        state: 'placed',
        name: 'é💥',
        allocation: { nodeId: `i-${String(index)}`, zone: 'us-east-1a', price: 0.2312 },
      })),
    };
    const stored = toAttributes(item(1, {}, chunk));
    expect(stored).not.toHaveProperty('data');
    expect(writeUnits(null, item(1, {}, chunk), false).table).toBe(1);
    expect(fromAttributes(stored).data).toEqual(chunk);
  },
);
