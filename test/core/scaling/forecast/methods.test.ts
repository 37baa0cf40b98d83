// What each method says of a series, worked out by hand.
import { describe, expect, test } from '@jest/globals';
import type { Base } from '../../../../lib/core/forecast/methods.ts';
import { medianOf, methods, naiveMethods } from '../../../../lib/core/forecast/methods.ts';

/** Days of so many steps. */
const dayLength = 4;

function named(name: string, values: readonly number[], length = dayLength): Base {
  const base = methods.map((of) => of(values, length)).find((one) => one.name === name);
  if (!base) throw new Error(`there is no method ${name}`);
  return base;
}

test('the naive ones come first, and every name is there once', () => {
  const names = methods.map((of) => of([], dayLength).name);
  expect(names.slice(0, 3)).toEqual(['last-value', 'seasonal-naive-day', 'seasonal-naive-week']);
  expect(naiveMethods.map((of) => of([], dayLength).name)).toEqual(names.slice(0, 3));
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  [[3], 3],
  [[5, 1, 9], 5],
  [[10, 9, 1, 2], 5.5],
  [[], 0],
])('the median of %j', (values, median) => {
  expect(medianOf(values)).toBe(median);
});

test('the last value: all of the difference lasts', () => {
  const base = named('last-value', [1, 2, 3]);
  expect([base.lasts, base.at(5, 2)]).toEqual([1, 0]);
});

describe('as one season before', () => {
  const values = [10, 20, 30, 40, 11, 21];
  test('the same time of yesterday', () => {
    const base = named('seasonal-naive-day', values);
    expect([base.lasts, base.at(6, 5), base.at(7, 5), base.at(8, 5)]).toEqual([0, 30, 40, 11]);
  });

  test('further ahead than a day, of the last day that is known', () => {
    expect(named('seasonal-naive-day', values).at(10, 5)).toBe(30);
    expect(named('seasonal-naive-day', values).at(9, 5)).toBe(21);
  });

  test('what is known already is looked up a season earlier as well', () => {
    expect(named('seasonal-naive-day', values).at(5, 5)).toBe(20);
  });

  test('null before there is a season', () => {
    expect(named('seasonal-naive-day', values).at(3, 2)).toBeNull();
    expect(named('seasonal-naive-week', values).at(6, 5)).toBeNull();
    const weeks = Array.from({ length: 29 }, (_, at) => at);
    expect(named('seasonal-naive-week', weeks).at(29, 28)).toBe(1);
  });
});

describe('the median of the same time in past seasons', () => {
  const days = [10, 1, 1, 1, 90, 2, 2, 2, 20, 3, 3, 3, 30];

  test('one strange day says little', () => {
    expect(named('seasonal-median-day', days).at(16, 12)).toBe(25);
    expect(named('seasonal-median-day', days).at(13, 12)).toBe(2);
    expect(named('seasonal-median-day', days).lasts).toBeNull();
  });

  test('only what is known counts, and at least something must be', () => {
    expect(named('seasonal-median-day', days).at(12, 7)).toBe(50);
    expect(named('seasonal-median-day', days).at(3, 2)).toBeNull();
    expect(named('seasonal-median-week', days).at(16, 12)).toBeNull();
  });

  test('of fourteen seasons at most', () => {
    const many = Array.from({ length: 20 }, (_, day) => (day < 6 ? 1_000 : day));
    expect(named('seasonal-median-day', many, 1).at(20, 19)).toBe(12.5);
  });

  test('with the steps around it where they are short', () => {
    const values = new Array<number>(576).fill(0);
    values[9] = 6;
    values[10] = 60;
    values[11] = 600;
    expect(named('seasonal-median-day', values.slice(0, 288), 288).at(298, 287)).toBe(60);
    // The day between has nothing: three of the six are 0, and the middle is between 0 and 6.
    expect(named('seasonal-median-day', values, 288).at(586, 575)).toBe(3);
  });

  test('what was asked long ago is forgotten, and what is asked again is the same', () => {
    const values = Array.from({ length: 60 }, (_, at) => at % dayLength);
    const base = named('seasonal-median-day', values);
    for (let known = 4; known < 56; known += 1) expect(base.at(known + 2, known)).toBe((known + 2) % dayLength);
    expect(base.at(57, 55)).toBe(1);
  });
});

test('the level is the median of the last steps, and nothing before there are three', () => {
  const values = [100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const level = named('level-of-12', values);
  expect([level.at(3, 1), level.at(3, 2)]).toEqual([null, 2]);
  expect(level.at(13, 12)).toBe(6.5);
  expect(level.at(99, 12)).toBe(6.5);
  expect(level.at(12, 11)).toBe(6.5);
  expect(named('level-of-48', values).at(13, 12)).toBe(7);
  expect(level.lasts).toBeNull();
});

describe('smoothing', () => {
  test('of the level alone: a fifth of each difference', () => {
    const base = named('smoothing', [10, 20, 20]);
    expect(base.at(2, 1)).toBeNull();
    expect(base.at(3, 2)).toBeCloseTo(13.6, 10);
    expect(base.at(9, 2)).toBeCloseTo(13.6, 10);
    expect(base.lasts).toBeNull();
  });

  test('with a trend, which fades', () => {
    // Levels 0, 6, 13.02; trends 0, 1.8, 3.24.
    const base = named('smoothing-with-trend', [0, 10, 17]);
    const level = 0.6 * 17 + 0.4 * (6 + 0.9 * 1.8);
    const trend = 0.3 * (level - 6) + 0.7 * 0.9 * 1.8;
    expect(base.at(3, 2)).toBeCloseTo(level + 0.9 * trend, 10);
    expect(base.at(4, 2)).toBeCloseTo(level + (0.9 + 0.81) * trend, 10);
    expect(base.at(2, 2)).toBeCloseTo(level, 10);
  });
});
