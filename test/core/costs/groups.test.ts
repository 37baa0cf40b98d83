// The days of pools by what a reader asks for, and who is named to whom.
import { describe, expect, test } from '@jest/globals';
import type { CostDay } from '../../../lib/core/costs/days.ts';
import { labelName, noCosts } from '../../../lib/core/costs/days.ts';
import type { CostsBy, GroupedDay } from '../../../lib/core/costs/groups.ts';
import { costGroupsMax, groupedDays, idleName, noneName } from '../../../lib/core/costs/groups.ts';
import { othersName } from '../../../lib/core/costs/bills.ts';

/** Nodes cost 100, of which tasks pay 70; claims cost 10. */
const one: CostDay = {
  ...noCosts('p', 3),
  ...{ nodes: 100, tasks: 70, claims: 10 },
  tenants: { a: 50, b: 20 },
  labels: { [labelName('a', 'team', 'red')]: 30, [labelName('b', 'team', 'red')]: 5, [labelName('a', 'env', 'x')]: 50 },
};

function groups(days: readonly CostDay[], by: CostsBy): readonly Record<string, number>[] {
  return groupedDays(days, by).map((day) => Object.fromEntries(day.groups));
}

describe('one day', () => {
  test('as a whole: what nodes and claims cost, and what no task pays for', () => {
    const [day] = groupedDays([one], { by: 'pool' });
    expect(day).toMatchObject({ day: 3, nanoUsd: 110, idle: 30 });
  });

  test('by pool', () => {
    expect(groups([one], { by: 'pool' })).toEqual([{ p: 110 }]);
  });

  test('by tenant: an operator sees all, and a tenant is shown the others as one', () => {
    expect(groups([one], { by: 'tenant', reader: null })).toEqual([{ a: 50, b: 20, [othersName]: 10, [idleName]: 30 }]);
    expect(groups([one], { by: 'tenant', reader: 'a' })).toEqual([{ a: 50, [othersName]: 30, [idleName]: 30 }]);
  });

  test('by label: values of all tenants together, or of one', () => {
    const by = { by: 'label', key: 'team' } as const;
    expect(groups([one], { ...by, reader: null })).toEqual([{ red: 35, [noneName]: 45, [idleName]: 30 }]);
    expect(groups([one], { ...by, reader: 'b' })).toEqual([{ red: 5, [othersName]: 75, [idleName]: 30 }]);
    expect(groups([one], { ...by, key: 'city', reader: null })).toEqual([{ [noneName]: 80, [idleName]: 30 }]);
  });

  test('groups that cost nothing are left out', () => {
    const busy = { ...noCosts('p', 3), nodes: 5, tasks: 5, tenants: { a: 5, c: 0 } };
    expect(groups([busy], { by: 'tenant', reader: null })).toEqual([{ a: 5 }]);
  });
});

test('several pools on several days: each day is summed, and they come in order', () => {
  const days = [one, { ...one, pool: 'q', nodes: 1, tasks: 1, claims: 0 }, { ...one, day: 1 }];
  const all = groupedDays(days, { by: 'pool' });
  expect(all.map(({ day, nanoUsd, idle }) => [day, nanoUsd, idle])).toEqual([
    [1, 110, 30],
    [3, 111, 30],
  ]);
  expect(groups(days, { by: 'pool' })).toEqual([{ p: 110 }, { p: 110, q: 1 }]);
});

describe('of more groups than are named', () => {
  const pools = Array.from({ length: costGroupsMax + 2 }, (_, n) => `p${String(n).padStart(3, '0')}`);
  const day = (pool: string, nodes: number, on = 1): CostDay => ({ ...noCosts(pool, on), nodes, tasks: nodes });

  test('those that cost most over all days are, and the rest is one', () => {
    const days = pools.map((pool, n) => day(pool, n + 1)).concat(day('p000', 500, 2));
    const [first, second] = groupedDays(days, { by: 'pool' }) as [GroupedDay, GroupedDay];
    expect(first.groups.size).toBe(costGroupsMax + 1);
    expect(first.groups.get(othersName)).toBe(2 + 3);
    expect(first.groups.get('p000')).toBe(1);
    expect(first.groups.get('p003')).toBe(4);
    expect(second.groups).toEqual(new Map([['p000', 500]]));
  });

  test('those that cost the same are named by name', () => {
    const [first] = groupedDays(
      [...pools].reverse().map((pool) => day(pool, 1)),
      { by: 'pool' },
    );
    expect(first?.groups.has('p000')).toBe(true);
    expect(first?.groups.has(`p${String(costGroupsMax).padStart(3, '0')}`)).toBe(false);
  });
});
