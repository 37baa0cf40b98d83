// Some tasks of an array, run again: they are known by their index in it.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../../properties.ts';
import { arraySize, indicesText, placeFrom, placeOf, shownIndex } from '../../../../lib/core/tasks/arrays/subset.ts';

const spec = { count: 5, subset: { of: 2_000, indices: '3,7-9,1999' } };

describe('a subset of an array', () => {
  test.each<[number[], string]>([
    [[3], '3'],
    [[3, 7, 8, 9, 1_999], '3,7-9,1999'],
    [[0, 1], '0-1'],
    [[], ''],
  ])('%j is %s', (indices, text) => {
    expect(indicesText(indices)).toBe(text);
  });

  test('each task knows its index, and is found by it', () => {
    expect([0, 1, 2, 3, 4].map((at) => shownIndex(spec, at))).toEqual([3, 7, 8, 9, 1_999]);
    expect([3, 4, 8, 1_999, 2_000, -1].map((index) => placeOf(spec, index))).toEqual([0, null, 2, 4, null, null]);
    expect([0, 4, 9, 10, 2_000].map((index) => placeFrom(spec, index))).toEqual([0, 1, 3, 4, 5]);
    expect(arraySize(spec)).toBe(2_000);
  });

  test('of an array that is whole the index is the place', () => {
    const whole = { count: 5 };
    expect([0, 4].map((at) => [shownIndex(whole, at), placeOf(whole, at)])).toEqual([
      [0, 0],
      [4, 4],
    ]);
    expect([placeOf(whole, 5), placeOf(whole, -1), placeFrom(whole, 9), arraySize(whole)]).toEqual([null, null, 5, 5]);
  });

  test('whatever was chosen is found again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1 }), (chosen) => {
        const indices = chosen.sort((a, b) => a - b);
        const some = { count: indices.length, subset: { of: 301, indices: indicesText(indices) } };
        expect(indices.map((_, at) => shownIndex(some, at))).toEqual(indices);
        expect(indices.map((index) => placeOf(some, index))).toEqual(indices.map((_, at) => at));
      }),
    );
  });
});
