// Plain data with keys from outside: looked up, compared, and what a misspelt key was meant to be.
import { describe, expect, test } from '@jest/globals';
import { compact, dictionary, isSame, nearest, ownValue, unknownField } from '../../../lib/core/values/dictionary.ts';

test('a key is never looked up in a prototype', () => {
  const map = dictionary<number>();
  map['__proto__'] = 1;
  expect([ownValue(map, '__proto__'), ownValue(map, 'constructor'), ownValue({ a: 2 }, 'a')]).toEqual([
    1,
    undefined,
    2,
  ]);
});

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: 1 }, { a: 2 }, false],
  [{ constructor: 1 }, {}, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [1], false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{}, [], false],
  [null, {}, false],
  [{}, null, false],
  [1, '1', false],
  ['a', 'a', true],
  [1, { a: 1 }, false],
])('%j and %j are the same: %s', (a, b, same) => {
  expect(isSame(a, b)).toBe(same);
});

describe('the nearest known text', () => {
  const known = ['vcpu', 'memoryMib', 'usdPerHour', 'instances'];

  test.each([
    ['vcpus', 'vcpu'],
    ['VCPU', 'vcpu'],
    ['cpu', 'vcpu'],
    ['memorymb', 'memoryMib'],
    ['usdPerDay', 'usdPerHour'],
    ['instance', 'instances'],
    ['nodes', null],
    ['', null],
  ])('to %j is %j', (given, wanted) => {
    expect(nearest(given, known)).toBe(wanted);
  });

  test('is the first of several that are as near, and none where there is none', () => {
    expect(nearest('ab', ['ac', 'ad'])).toBe('ac');
    expect(nearest('abcd', ['wxyz'])).toBeNull();
    expect(nearest('a', [])).toBeNull();
    // Short ones may differ by two letters, long ones by half of theirs.
    expect(nearest('xyz', ['abz'])).toBe('abz');
    expect(nearest('xyw', ['abz'])).toBeNull();
    expect(nearest('abcdxxxx', ['abcdefgh'])).toBe('abcdefgh');
    expect(nearest('abcxxxxx', ['abcdefgh'])).toBeNull();
    expect(nearest(`vcpu${'x'.repeat(1_000)}`, known)).toBeNull();
  });

  test('is named where a field is not known', () => {
    expect(unknownField('vcpus', known)).toBe('is not a known field; did you mean vcpu?');
    expect(unknownField('nodes', known)).toBe('is not a known field; remove it or check its spelling');
    // Another branch of a union has it.
    expect(unknownField('vcpu', known)).toBe('does not go with the other fields; remove it');
  });
});

test('keys without a value go, others stay', () => {
  expect(Object.keys(compact({ a: undefined, b: null, c: 0, d: '' }))).toEqual(['b', 'c', 'd']);
});
