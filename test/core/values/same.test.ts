// Plain data that says the same.
import { expect, test } from '@jest/globals';
import { isSame } from '../../../lib/core/values/dictionary.ts';

const part = { x: [1, { y: null }] };

test.each([
  [1, 1, true],
  [1, '1', false],
  [null, null, true],
  [null, {}, false],
  [{}, [], false],
  [[], {}, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ a: 1, b: part }, { b: { x: [1, { y: null }] }, a: 1 }, true],
  [{ a: 1, b: part }, { a: 1, b: { x: [1, { y: 0 }] } }, false],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: undefined }, { b: 1 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ toString: 1 }, {}, false],
])('%j and %j: %s', (a, b, expected) => {
  expect(isSame(a, b)).toBe(expected);
  expect(isSame(b, a)).toBe(expected);
});
