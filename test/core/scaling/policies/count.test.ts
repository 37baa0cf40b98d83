// The number that policies move: their wishes together, as fast as it may move, and always within its bounds.
import { expect, test } from '@jest/globals';
import { countAfter } from '../../../../lib/core/scaling/policies/count.ts';
import { manualWish } from '../../../../lib/core/scaling/policies/manual.ts';
import { combined } from '../../../../lib/core/scaling/policies/policy.ts';
import { atOnce, behaviourDefault, neverMoved } from '../../../../lib/core/scaling/policies/rates.ts';

const scaled = (current: number) => ({ current, min: 2, max: 9 });
const wish = (wanted: number | null, policy = 'a') => ({ policy, wanted, reason: `${policy} says so` });

test('a person’s number is a wish like others', () => {
  expect(manualWish('manual a', 4)).toEqual({ policy: 'manual a', wanted: 4, reason: 'as declared' });
});

test('the largest wants out, and it says whose wish it is', () => {
  const after = countAfter(neverMoved, [wish(3), wish(6, 'b'), wish(6, 'c')], scaled(4), atOnce, 0);
  expect(after).toMatchObject({ count: 6, combined: { wanted: 6, by: { policy: 'b' }, reason: 'b: b says so' } });
  expect(after.moved.changes).toEqual([[0, 2]]);
});

test('all must agree to go in: one without data does not', () => {
  expect(countAfter(neverMoved, [wish(3), wish(2, 'b')], scaled(4), atOnce, 0).count).toBe(3);
  const stays = countAfter(neverMoved, [wish(3), wish(null, 'b')], scaled(4), atOnce, 0);
  expect(stays).toMatchObject({ count: 4, combined: { by: null, reason: 'a wants 3, but b has no data' } });
  expect(countAfter(neverMoved, [wish(5), wish(null, 'b')], scaled(4), atOnce, 0).count).toBe(5);
});

test('what has nothing to say agrees to whatever the others want', () => {
  const silent = { ...wish(null, 'forecast'), agrees: true } as const;
  expect(countAfter(neverMoved, [wish(3), silent], scaled(4), atOnce, 0)).toMatchObject({
    count: 3,
    combined: { by: { policy: 'a' } },
  });
  expect(combined([silent], scaled(4))).toEqual({ wanted: 4, by: null, reason: 'no policy has a wish' });
  expect(countAfter(neverMoved, [wish(3), silent, wish(null, 'b')], scaled(4), atOnce, 0).count).toBe(4);
});

test('without a wish it stays, and says why', () => {
  expect(combined([], scaled(4))).toEqual({ wanted: 4, by: null, reason: 'no policy has a wish' });
  expect(combined([wish(null)], scaled(4))).toEqual({ wanted: 4, by: null, reason: 'a: a says so' });
});

test('bounds hold, also where they have just changed and nobody has a wish', () => {
  expect(countAfter(neverMoved, [wish(20)], scaled(4), atOnce, 0)).toMatchObject({
    count: 9,
    combined: { wanted: 9, reason: 'a: a says so; bound by max 9' },
  });
  expect(countAfter(neverMoved, [wish(0)], scaled(4), atOnce, 0).combined.reason).toBe('a: a says so; bound by min 2');
  expect(countAfter(neverMoved, [], { current: 12, min: 2, max: 9 }, behaviourDefault, 0).count).toBe(9);
  expect(countAfter(neverMoved, [], { current: 0, min: 2, max: 9 }, behaviourDefault, 0).count).toBe(2);
});

test('it moves as fast as it may, and the same object says that nothing is new', () => {
  const once = countAfter(neverMoved, [wish(9)], scaled(2), behaviourDefault, 0);
  expect(once.count).toBe(6);
  expect(countAfter(once.moved, [wish(9)], scaled(6), behaviourDefault, 15_000).count).toBe(9);
  const still = countAfter(once.moved, [wish(9)], scaled(6), behaviourDefault, 1);
  expect([still.count, still.moved]).toEqual([6, once.moved]);
  expect(still.moved).toBe(once.moved);
});
