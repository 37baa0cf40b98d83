// Dictionaries, durations, errors, exit codes, offerings and resources: small values with sharp edges.
import { describe, expect, test } from '@jest/globals';
import { dictionary, ownValue } from '../../../lib/core/values/dictionary.ts';
import { assert, AssertionError, BellowsError, unreachable } from '../../../lib/core/values/errors.ts';
import {
  countOf,
  emptyHistogram,
  mergeHistograms,
  quantile,
  withDuration,
} from '../../../lib/core/values/collections/histogram.ts';
import type { Histogram } from '../../../lib/core/values/collections/histogram.ts';
import { offeringId } from '../../../lib/core/values/offering.ts';
import { leftOutLine, nothingLeftOut } from '../../../lib/core/values/output.ts';
import { addResources, fits, subtractResources, sumResources, tasksOn } from '../../../lib/core/values/resources.ts';

describe('a dictionary', () => {
  test.each(['constructor', '__proto__', 'toString'])('has no key %s until somebody sets it', (key) => {
    const map = dictionary<number>();
    expect(map[key]).toBeUndefined();
    map[key] = 1;
    expect(map[key]).toBe(1);
    expect(Object.keys(map)).toEqual([key]);
  });

  test("answers its own values, never its prototype's", () => {
    expect(ownValue({ a: 1 }, 'a')).toBe(1);
    expect(ownValue<unknown>({ a: 1 }, 'constructor')).toBeUndefined();
  });
});

describe('an error', () => {
  test('has a stable code, the name of its class, and its cause', () => {
    const cause = new Error('why');
    const error = new BellowsError('no_room', 'there is no room', { cause });
    expect(error).toMatchObject({ code: 'no_room', name: 'BellowsError', message: 'there is no room', cause });
    expect(new AssertionError('no')).toMatchObject({ code: 'assertion_failed', name: 'AssertionError' });
  });

  test('is thrown for what must be impossible, and for nothing else', () => {
    expect(() => assert(true, 'never')).not.toThrow();
    expect(() => assert('', 'it is empty')).toThrow(new AssertionError('it is empty'));
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('unreachable value {"kind":"new"}');
  });
});

describe('a histogram', () => {
  const of = (...durations: number[]): Histogram => durations.reduce(withDuration, emptyHistogram);

  test('counts durations in buckets of a fourth of an octave', () => {
    expect(of(0, 0.5, 1, 1.1, 2, 2, 1_000)).toEqual({ 0: 2, 1: 2, 5: 2, 40: 1 });
    expect(countOf(of(0, 1, 2))).toBe(3);
    expect(countOf(emptyHistogram)).toBe(0);
  });

  test('merged with another counts both and changes neither', () => {
    const [a, b] = [of(1, 2), of(2, 4)];
    expect(mergeHistograms(a, b)).toEqual(of(1, 2, 2, 4));
    expect([a, b]).toEqual([of(1, 2), of(2, 4)]);
  });

  test('answers the upper edge of the bucket in which the quantile lies', () => {
    const ten = of(...Array.from({ length: 9 }, () => 1), 1_000);
    expect(quantile(ten, 0.9)).toBe(1);
    expect(quantile(ten, 0.91)).toBe(1_024);
    expect(quantile(ten, 1)).toBe(1_024);
    expect(quantile(of(0), 0.5)).toBe(1);
    expect(quantile(of(2), 0.5)).toBe(2);
    // Buckets in the order of their numbers, not of their texts: 5 is before 40.
    expect(quantile(of(1_000, 2), 0.5)).toBe(2);
    expect(quantile(emptyHistogram, 0.5)).toBeNull();
  });

  test.each([1, 1.5, 7, 100, 12_345])('of %d ms alone says at most 19 %% more', (ms) => {
    const said = quantile(of(ms), 0.5) ?? 0;
    expect(said).toBeGreaterThanOrEqual(Math.floor(ms));
    expect(said).toBeLessThanOrEqual(Math.ceil(ms * 1.19));
  });
});

describe('resources', () => {
  const [a, b] = [
    { cpuMilli: 3_000, memoryMib: 500, gpu: 2 },
    { cpuMilli: 1_000, memoryMib: 100, gpu: 1 },
  ];

  test('are added and subtracted in every dimension', () => {
    expect(addResources(a, b)).toEqual({ cpuMilli: 4_000, memoryMib: 600, gpu: 3 });
    expect(subtractResources(a, b)).toEqual({ cpuMilli: 2_000, memoryMib: 400, gpu: 1 });
    expect(sumResources([a, b, b])).toEqual({ cpuMilli: 5_000, memoryMib: 700, gpu: 4 });
    expect(sumResources([])).toEqual({ cpuMilli: 0, memoryMib: 0, gpu: 0 });
  });

  test.each(['cpuMilli', 'memoryMib', 'gpu'] as const)('fit where nothing is too small, %s', (key) => {
    expect(fits(a, a)).toBe(true);
    expect(fits({ ...a, [key]: a[key] + 1 }, a)).toBe(false);
  });

  test.each(['cpuMilli', 'memoryMib', 'gpu'] as const)(
    'have room for as many tasks as the scarcest allows, %s',
    (key) => {
      const free = { cpuMilli: 9_000, memoryMib: 900, gpu: 9, [key]: 5 * b[key] - 1 };
      expect(tasksOn(b, free, 100)).toBe(4);
    },
  );

  test('have room for no more tasks than are allowed, and what needs nothing is bounded by that alone', () => {
    expect(tasksOn(b, a, 2)).toBe(2);
    expect(tasksOn(b, a, -1)).toBe(0);
    expect(tasksOn({ cpuMilli: 0, memoryMib: 0, gpu: 0 }, b, 7)).toBe(7);
  });
});

test("an offering's id is type, zone and capacity type", () => {
  expect(offeringId('c7g.xlarge', 'us-east-1a', 'spot')).toBe('c7g.xlarge/us-east-1a/spot');
});

test('what is left out of an output is said between its head and its tail', () => {
  expect(leftOutLine(12)).toBe('\n[… 12 bytes left out …]\n');
  expect(nothingLeftOut).toEqual({ stdout: 0, stderr: 0 });
});
