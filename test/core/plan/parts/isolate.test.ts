// The record on which a decision fails is found, left out and named; the decision is made of the others.
import { expect, test } from '@jest/globals';
import { isolate as isolateLazily } from '../../../../lib/core/plan/parts/isolate.ts';
import type { Isolated } from '../../../../lib/core/plan/parts/isolate.ts';

/** Names are made only where a decision fails. */
function isolate<T>(keys: readonly string[], decide: (without: ReadonlySet<string>) => T): Isolated<T> {
  return isolateLazily(() => keys, decide);
}

test('a decision that is made of all records asks for no names', () => {
  const keysOf = (): never => {
    throw new Error('asked');
  };
  expect(isolateLazily(keysOf, () => 1)).toEqual({ value: 1, culprits: [], untried: [] });
});

const keys = Array.from({ length: 500 }, (_, i) => `k${String(i)}`);

function decider(isBad: (left: readonly string[]) => string | null, of: readonly string[] = keys) {
  let calls = 0;
  const decide = (without: ReadonlySet<string>): readonly string[] => {
    calls += 1;
    const left = of.filter((key) => !without.has(key));
    const error = isBad(left);
    if (error !== null) throw new Error(error);
    return left;
  };
  return { decide, calls: () => calls };
}

test('a decision that does not throw is made once', () => {
  const { decide, calls } = decider(() => null);
  expect(isolate(keys, decide)).toEqual({ value: keys, culprits: [], untried: [] });
  expect(calls()).toBe(1);
});

test.each([0, 1, 250, 498, 499])('one culprit (k%d) is found by halves', (at) => {
  const bad = `k${String(at)}`;
  const { decide, calls } = decider((left) => (left.includes(bad) ? `cannot take ${bad}` : null));
  const found = isolate(keys, decide);
  expect(found.culprits).toEqual([{ key: bad, error: `cannot take ${bad}` }]);
  expect(found.value).toEqual(keys.filter((key) => key !== bad));
  expect(calls()).toBeLessThan(15);
});

test('the only record, and several of them', () => {
  expect(isolate(['a'], decider((left) => (left.length > 0 ? 'no' : null), ['a']).decide)).toEqual({
    value: [],
    culprits: [{ key: 'a', error: 'no' }],
    untried: [],
  });
  const bad = new Set(['k3', 'k4', 'k77', 'k499']);
  const found = isolate(keys, decider((left) => left.find((key) => bad.has(key)) ?? null).decide);
  expect(new Set(found.culprits.map((one) => one.key))).toEqual(bad);
  for (const { key, error } of found.culprits) expect(error).toBe(key);
  expect(found.value).toHaveLength(496);
});

test('of two that only together are at fault the later one goes', () => {
  const found = isolate(
    keys,
    decider((left) => (left.includes('k10') && left.includes('k300') ? 'not both' : null)).decide,
  );
  expect(found.culprits.map((one) => one.key)).toEqual(['k300']);
  expect(found.value).toHaveLength(499);
});

test('of very many some are named, what was not tried waits, and all are found in the end', () => {
  let of: readonly string[] = keys;
  const named: string[] = [];
  for (let rounds = 0; ; rounds += 1) {
    const found = isolate(of, decider((left) => left.find((key) => Number(key.slice(1)) % 7 === 0) ?? null, of).decide);
    named.push(...found.culprits.map((one) => one.key));
    const gone = new Set(named);
    of = of.filter((key) => !gone.has(key));
    if (found.untried.length === 0) break;
    expect(rounds).toBeLessThan(10);
  }
  expect(named.sort()).toEqual(keys.filter((key) => Number(key.slice(1)) % 7 === 0).sort());
});

test("what fails of no record at all is no record's fault", () => {
  expect(() =>
    isolate(keys, () => {
      throw new Error('a defect');
    }),
  ).toThrow('a defect');
  expect(() =>
    isolate([], () => {
      throw new Error('a defect');
    }),
  ).toThrow('a defect');
});

test('what fails of no record at all is no fault of a record, and is thrown', () => {
  const { decide, calls } = decider((left) => `the pool is broken, with ${String(left.length)} records`);
  expect(() => isolate(keys, decide)).toThrow('the pool is broken, with 0 records');
  expect(calls()).toBe(2);
});

test('without a record it is the same', () => {
  expect(() => isolate([], decider(() => 'the pool is broken', []).decide)).toThrow('the pool is broken');
});
