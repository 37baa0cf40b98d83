// Budgets, example by example: when one holds back, until when, what it says, and how fast a pool may spend the rest.
import { describe, expect, test } from '@jest/globals';
import type { SpentBudgets } from '../../../lib/core/costs/budgets.ts';
import { affordable, budgetStop, budgetStops, stopOf, stopText, withBudget } from '../../../lib/core/costs/budgets.ts';
import { limitsText } from '../../../lib/core/records/limits.ts';
import { pool } from '../builders.ts';

const nowMs = Date.UTC(2026, 11, 31, 18, 30);
const spent = (usdPerDay: number, usdPerMonth = usdPerDay): { usdPerDay: number; usdPerMonth: number } => ({
  usdPerDay,
  usdPerMonth,
});

describe('a budget', () => {
  test.each([
    [{ usdPerDay: 10 }, spent(9.99, 500), null],
    [{ usdPerDay: 10 }, spent(10), ['usdPerDay', '2027-01-01T00:00:00.000Z', 10]],
    [{ usdPerMonth: 10 }, spent(1, 12.6), ['usdPerMonth', '2027-01-01T00:00:00.000Z', 12]],
    [{ usdPerDay: 5, usdPerMonth: 10 }, spent(6, 9), ['usdPerDay', '2027-01-01T00:00:00.000Z', 6]],
    [{ usdPerDay: 5, usdPerMonth: 10 }, spent(6, 11), ['usdPerMonth', '2027-01-01T00:00:00.000Z', 11]],
    [{ usdPerDay: 0 }, spent(0), ['usdPerDay', '2027-01-01T00:00:00.000Z', 0]],
    [{}, spent(1_000), null],
  ])('of %j with %j spent holds back: %j', (budget, so, expected) => {
    const stop = budgetStop(budget, so, nowMs);
    expect(stop && [stop.budget, new Date(stop.untilMs).toISOString(), stop.spentUsd]).toEqual(expected);
  });

  test('of a month frees at the next month, of a day at the next day', () => {
    const middle = Date.UTC(2026, 10, 27, 22);
    expect(budgetStop({ usdPerMonth: 1 }, spent(1), middle)?.untilMs).toBe(Date.UTC(2026, 11, 1));
    expect(budgetStop({ usdPerDay: 1 }, spent(1), middle)?.untilMs).toBe(Date.UTC(2026, 10, 28));
  });

  test('says which it is, its value, what is spent, and when it frees; the same while a tenth is spent', () => {
    const one = budgetStop({ usdPerDay: 10 }, spent(10.2), nowMs);
    expect(budgetStop({ usdPerDay: 10 }, spent(10.9), nowMs)).toEqual(one);
    expect(one && stopText(one, 'pool nightly')).toBe(
      'budget.usdPerDay of pool nightly is 10 USD, and 10 USD or more are spent today (UTC): nothing more starts until '
        + 'the next day begins at 2027-01-01T00:00:00.000Z; raise the budget to start it earlier',
    );
  });

  test.each([
    [{ usdPerDay: 10 }, spent(0), 10],
    [{ usdPerDay: 10 }, spent(2.1), 7.5],
    [{ usdPerDay: 10, usdPerMonth: 20 }, spent(2, 17.5), 2],
    [{ usdPerDay: 10 }, spent(11), 0],
    [{}, spent(11), undefined],
  ])('of %j with %j spent pays for an hour of %s USD', (budget, so, usd) => {
    expect(affordable(budget, so)?.usdPerHour).toBe(usd);
  });
});

test('a pool buys no more than its budget pays for, and its reason says so', () => {
  const declared = pool({ limits: { usdPerHour: 3 }, budget: { usdPerDay: 10 } });
  expect(withBudget(declared, spent(0))).toBe(declared);
  expect(withBudget(declared, undefined)).toBe(declared);
  const { limits } = withBudget(declared, spent(8));
  expect(limits).toMatchObject({ usdPerHour: 2 });
  const usage = { usdPerHour: 1.5 };
  expect(limitsText(limits, ['usdPerHour'], usage, { usdPerHour: 1 })).toBe(
    'what is left of budget.usdPerDay of the pool (10 USD) until the next day (UTC), in USD per hour, is 2 with 1.5 in '
      + 'use, and 2.5 would suffice',
  );
});

test('a tenant is stopped by the pool’s budget and by his own, whatever he is called', () => {
  const named = JSON.parse(
    '{"__proto__": {"budget": {"usdPerDay": 1}, "spent": {"usdPerDay": 2, "usdPerMonth": 2}}}',
  ) as NonNullable<SpentBudgets['tenants']>;
  const stops = budgetStops(pool(), { tenants: named }, nowMs);
  expect(stopOf(stops, '__proto__')).toMatchObject({ budget: 'usdPerDay' });
  expect(stopOf(stops, 'constructor')).toBeUndefined();
  const both = budgetStops(pool({ budget: { usdPerMonth: 1 } }), { pool: spent(2), tenants: named }, nowMs);
  expect(stopOf(both, 'anybody')).toMatchObject({ budget: 'usdPerMonth' });
  expect(budgetStops(pool({ budget: { usdPerMonth: 3 } }), { pool: spent(2) }, nowMs)).toBeUndefined();
});
