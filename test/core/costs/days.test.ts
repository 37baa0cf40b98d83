// What a pool's day has, by kind, tenant and label.
import { expect, test } from '@jest/globals';
import type { CostEntry } from '../../../lib/core/costs/days.ts';
import {
  costLabelsMax,
  costTenantsMax,
  labelName,
  labelParts,
  noCosts,
  withCosts,
} from '../../../lib/core/costs/days.ts';

const entry = (more: Partial<CostEntry>): CostEntry => ({ kind: 'task', day: 5, nanoUsd: 10, ...more });

test('a day is the sum of its entries, by kind; a node’s is nobody’s', () => {
  const before = { ...noCosts('p', 5), nodes: 1, tasks: 2, claims: 3, tenants: { shop: 4 } };
  const after = withCosts(before, [
    entry({ kind: 'node', nanoUsd: 100 }),
    entry({ tenant: 'shop', nanoUsd: 30, labels: { team: 'a', app: 'x' } }),
    entry({ tenant: 'lab', nanoUsd: 5, labels: { team: 'a' } }),
    entry({ kind: 'claim', tenant: 'shop', nanoUsd: 7 }),
  ]);
  expect(after).toEqual({
    ...{ pool: 'p', day: 5, nodes: 101, tasks: 37, claims: 10 },
    tenants: { shop: 41, lab: 5 },
    labels: { 'shop\nteam\na': 30, 'shop\napp\nx': 30, 'lab\nteam\na': 5 },
  });
  expect(before.tenants).toEqual({ shop: 4 });
});

test('names are bounded: the sums of all others are one, those that are there go on', () => {
  const many = Array.from({ length: costTenantsMax + 2 }, (_, n) => entry({ tenant: `t${String(n)}`, nanoUsd: 1 }));
  const { tenants } = withCosts(noCosts('p', 5), [...many, entry({ tenant: 't0', nanoUsd: 1 })]);
  expect([tenants['t0'], tenants['(others)'], Object.keys(tenants).length]).toEqual([2, 2, costTenantsMax + 1]);
  const values = Array.from({ length: costLabelsMax + 3 }, (_, n) =>
    entry({ tenant: 't', nanoUsd: 1, labels: { team: String(n) } }),
  );
  const { labels } = withCosts(noCosts('p', 5), values);
  expect(labels[labelName('', 'team', '(others)')]).toBe(3);
});

test('a name from outside is only a name', () => {
  const { tenants } = withCosts(noCosts('p', 5), [entry({ tenant: '__proto__' }), entry({ tenant: 'constructor' })]);
  expect(Object.entries(tenants)).toEqual([
    ['__proto__', 10],
    ['constructor', 10],
  ]);
});

test('a label’s name has its parts', () => {
  expect(labelParts(labelName('t', 'team', 'a'))).toEqual({ tenant: 't', key: 'team', value: 'a' });
  expect(labelParts('')).toEqual({ tenant: '', key: '', value: '' });
});
