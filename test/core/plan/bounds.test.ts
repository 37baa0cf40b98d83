// What is written together stays within bounds; sizes are those of JSON.
import { expect, test } from '@jest/globals';
import {
  assertWithin,
  batchBounds,
  changeBounds,
  inBatches,
  recordBytes,
  recordBytesMax,
  WriteSum,
} from '../../../lib/core/plan/bounds.ts';
import { AssertionError } from '../../../lib/core/values/errors.ts';
import { clipped, jsonBytes } from '../../../lib/core/values/json-bytes.ts';
import { transactionBytesMax, transactionItemsMax } from '../../../lib/ports/store.ts';

test.each<[unknown]>([
  [null],
  [true],
  [false],
  [0],
  [-1.5e-9],
  [''],
  ['a"b\\c'],
  ['\u0000\b\t\n\u000b\f\r\u001f\u007f'],
  ['é€💥'],
  ['\ud800'],
  ['\udc00x'],
  ['\ud83d\ud83d\udca5'],
  [[]],
  [{}],
  [[1, 'a', null, [true]]],
  [{ a: undefined, b: { 'c"': [] } }],
  [Object.create(null)],
  ['\u2028\ud7ff\ue000\uffff'],
])('the size of %p is that of its JSON in UTF-8', (value: unknown) => {
  expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
  expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
});

test('a batch, the fence, totals and activity fit into one transaction; a change fits into a batch', () => {
  expect(changeBounds.writes).toBeLessThanOrEqual(batchBounds.writes);
  expect(changeBounds.bytes).toBeLessThanOrEqual(batchBounds.bytes);
  expect(batchBounds.writes).toBeLessThanOrEqual(transactionItemsMax - 10);
  expect(batchBounds.bytes + recordBytesMax).toBeLessThanOrEqual(transactionBytesMax);
});

test('of one item the later write counts', () => {
  const sum = new WriteSum();
  sum.add([
    ['a', 100],
    ['b', 50],
  ]);
  sum.add([['a', 30]]);
  expect([sum.writes, sum.bytes]).toEqual([2, 80]);
  expect(
    sum.hasRoomFor(
      [
        ['a', 40],
        ['c', 10],
      ],
      { writes: 3, bytes: 100 },
    ),
  ).toBe(true);
  expect(sum.hasRoomFor([['c', 21]], { writes: 3, bytes: 100 })).toBe(false);
  expect(
    sum.hasRoomFor(
      [
        ['c', 1],
        ['d', 1],
      ],
      { writes: 3, bytes: 100 },
    ),
  ).toBe(false);
});

test('parts keep their order, batches are as full as writes and bytes allow, and what is too much stands alone', () => {
  const part = (name: string, ...bytes: number[]) => ({
    name,
    entries: bytes.map((one, at): [string, number] => [`${name}${String(at)}`, one]),
  });
  const parts = [
    part('a', 1),
    part('b', 1, 1),
    part('c', 1),
    part('d', 60),
    part('e', 60),
    part('f', 1, 1, 1, 1),
    part('g', 200),
    part('h', 1),
  ];
  const batches = inBatches(parts, (one) => one.entries, { writes: 3, bytes: 100 });
  expect(batches.map((batch) => batch.map((one) => one.name).join(''))).toEqual(['ab', 'cd', 'e', 'f', 'g', 'h']);
});

test('batches have the parts that were given, and there is none without a part', () => {
  const entriesOf = (part: { readonly key: string }): [string, number][] => [[part.key, 10]];
  const [a, b] = [{ key: 'a' }, { key: 'b' }];
  expect(inBatches([a], entriesOf, { writes: 1, bytes: 100 })).toEqual([[a]]);
  expect(inBatches([a, b], entriesOf, { writes: 1, bytes: 100 })).toEqual([[a], [b]]);
  expect(inBatches([a, b], entriesOf, { writes: 2, bytes: 5 })).toEqual([[a], [b]]);
  expect(inBatches([], entriesOf, { writes: 1, bytes: 100 })).toEqual([]);
});

test.each([
  [2, 100, null],
  [
    3,
    100,
    'a change writes 3 items of 100 bytes together; at most 2 items and 100 bytes are: split it where it is made',
  ],
  [
    2,
    101,
    'a change writes 2 items of 101 bytes together; at most 2 items and 100 bytes are: split it where it is made',
  ],
])('%i writes of %i bytes within 2 writes and 100 bytes: %p', (writes, bytes, objection) => {
  const check = (): void => assertWithin({ writes, bytes }, { writes: 2, bytes: 100 }, 'a change');
  if (objection === null) expect(check).not.toThrow();
  else expect(check).toThrow(new AssertionError(objection));
});

test('a record counts as what the store keeps at most', () => {
  expect(recordBytes({ text: 'x'.repeat(1_000_000) })).toBe(recordBytesMax);
  expect(recordBytes({ text: 'x' })).toBeGreaterThan(jsonBytes({ text: 'x' }));
});

test.each<[string, number]>([
  ['short', 100],
  ['x'.repeat(300), 200],
  ['\u0001'.repeat(300), 200],
  ['💥'.repeat(300), 201],
  ['é'.repeat(300), 203],
])('%p takes at most so many bytes when it is clipped', (text, max) => {
  const clip = clipped(text, max);
  expect(jsonBytes(clip)).toBeLessThanOrEqual(max);
  expect(jsonBytes(clip)).toBeGreaterThan(text === 'short' ? 0 : max - 12);
  expect(clip.isWellFormed()).toBe(true);
  expect(clip === text || clip.endsWith('…')).toBe(true);
});
