// The sorted array against a plain one that is sorted after each step.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SortedArray } from '../../../lib/core/values/collections/sorted-array.ts';

interface Entry {
  readonly key: number;
  readonly text: string;
}
const byKey = (a: Entry, b: Entry): number => a.key - b.key;
const all = (array: SortedArray<Entry>) => Array.from({ length: array.length }, (_, n) => array.at(n));

test('puts, replaces and removes in order', () => {
  const array = new SortedArray<Entry>(byKey);
  for (const key of [5, 1, 9, 3]) array.insert({ key, text: 'a' });
  expect(all(array).map((one) => one?.key)).toEqual([1, 3, 5, 9]);
  array.set({ key: 5, text: 'b' });
  array.set({ key: 4, text: 'b' });
  expect(all(array).map((one) => `${String(one?.key)}${one?.text ?? ''}`)).toEqual(['1a', '3a', '4b', '5b', '9a']);
  array.remove({ key: 3, text: '' });
  array.remove({ key: 7, text: '' });
  expect(all(array).map((one) => one?.key)).toEqual([1, 4, 5, 9]);
  expect([array.countWhile(({ key }) => key < 5), array.countWhile(() => true), array.at(4)]).toEqual([
    2,
    4,
    undefined,
  ]);
  expect(array.takeFirst(0)).toEqual([]);
  expect(array.takeFirst(2).map((one) => one.key)).toEqual([1, 4]);
  expect(all(array).map((one) => one?.key)).toEqual([5, 9]);
});

test('an equal one that is inserted comes before those that are there', () => {
  const array = new SortedArray<Entry>(byKey);
  array.insert({ key: 1, text: 'a' });
  array.insert({ key: 1, text: 'b' });
  expect(all(array).map((one) => one?.text)).toEqual(['b', 'a']);
});

test('many that are inserted at once are where each of them would be', () => {
  const entry = fc.record({ key: fc.integer({ min: 0, max: 9 }), text: fc.string({ maxLength: 2 }) });
  const some = fc.array(entry, { maxLength: 20 });
  fc.assert(
    fc.property(some, some, (before, added) => {
      const [once, each] = [new SortedArray<Entry>(byKey), new SortedArray<Entry>(byKey)];
      for (const array of [once, each]) for (const one of before) array.insert(one);
      for (const one of added) each.insert(one);
      once.insertAll(added);
      expect(all(once)).toEqual(all(each));
    }),
    { numRuns: 100 },
  );
});

test('after any steps it is what sorting makes of them', () => {
  const step = fc.record({ kind: fc.constantFrom('set', 'remove', 'take'), key: fc.integer({ min: 0, max: 12 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const array = new SortedArray<Entry>(byKey);
      let plain: Entry[] = [];
      for (const [n, { kind, key }] of steps.entries()) {
        const entry = { key, text: String(n) };
        const others = plain.filter((one) => one.key !== key);
        if (kind === 'set') {
          array.set(entry);
          plain = [...others, entry].sort(byKey);
        } else if (kind === 'remove') {
          array.remove(entry);
          plain = others;
        } else expect(array.takeFirst(key % 3)).toEqual(plain.splice(0, key % 3));
        expect(all(array)).toEqual(plain);
      }
    }),
    { numRuns: 60 },
  );
});
