// Nodes that serve one tenant at a time: what the engine buys and places then, and what it costs.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../../properties.ts';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import { offer } from '../../builders.ts';
import { problemsOf } from '../checker.ts';
import { binOf, demandOf, inputOf, inputs, plainDemands, types } from '../worlds.ts';

const apart = { isTenantPerNode: true as const };
const large = types.filter((type) => type.name === 'c1.xl').map((type) => offer(type, 'za', 'on-demand'));
const [node] = large;
const half = (id: string, tenant: string, count = 1) => demandOf(id, 1.5, 2_000, count, { tenant });

function countOf({ launches }: AllocationPlan): number {
  return launches.reduce((sum, one) => sum + one.count, 0);
}

function placed({ placements }: AllocationPlan): readonly string[] {
  return placements.flatMap(({ binId, tasks }) => tasks.map((one) => `${one.demandId} on ${binId}`));
}

describe('where nodes serve one tenant at a time', () => {
  test('two tenants are bought a node each, and share one where any tenant is served', () => {
    const demand = [half('a', 't'), half('b', 'u')];
    expect(countOf(allocate(inputOf(demand, { offerings: large })))).toBe(1);
    const plan = allocate(inputOf(demand, { offerings: large, pool: apart }));
    expect(plan.launches.map(({ tasks }) => tasks.map((one) => one.demandId))).toEqual([['a'], ['b']]);
    expect(plan.unplaced).toEqual([]);
    expect(plan.gapPercent).toBeCloseTo(0, 3);
  });

  test('a node with tasks of one takes more of its, and an empty one those of whoever comes first', () => {
    if (!node) throw new Error('no such type');
    const bins = [binOf('empty', node), binOf('theirs', node, { tenant: 'u', freeTasks: 99 })];
    const demand = [half('a', 't'), half('b', 'u')];
    const plan = allocate(inputOf(demand, { offerings: large, bins, pool: apart }));
    expect([...placed(plan)].sort()).toEqual(['a on empty', 'b on theirs']);
    const later = allocate(inputOf([half('a', 't'), half('c', 'v')], { offerings: large, bins, pool: apart }));
    expect(placed(later)).toEqual(['a on empty']);
    expect(later.launches.map(({ tasks }) => tasks)).toEqual([[{ demandId: 'c', count: 1 }]]);
  });

  test('at a limit the second waits for the limit, and fills no node of the first', () => {
    const demand = [half('a', 't'), half('b', 'u'), half('c', 't')];
    const plan = allocate(inputOf(demand, { offerings: large, pool: { ...apart, limits: { instances: 1 } } }));
    expect(plan.launches.map(({ tasks }) => tasks.map((one) => one.demandId))).toEqual([['a', 'c']]);
    expect(plan.unplaced).toMatchObject([{ demandId: 'b', count: 1, kind: 'limits' }]);
  });

  test('one that is kept takes others of its tenant beside it, and none of another unless they end in time', () => {
    if (!node) throw new Error('no such type');
    const spare = { cpuMilli: 2_000, memoryMib: 4_000, gpu: 0 };
    const kept = { demandId: 'big', fromMs: 1_060_000, spare, spareTasks: 10, tenant: 't' };
    const bins = [binOf('kept', node, { kept })];
    const ask = (tenant: string, expectedDurationMs: number | null): readonly string[] =>
      placed(
        allocate(
          inputOf([demandOf('x', 1.5, 2_000, 1, { tenant, expectedDurationMs })], {
            ...{ bins, offerings: large, pool: { ...apart, limits: { instances: 1 } } },
            usage: { instances: 1, vcpu: 4, memoryMib: 8_192, usdPerHour: 0.16 },
          }),
        ),
      );
    expect(ask('t', null)).toEqual(['x on kept']);
    expect(ask('u', null)).toEqual([]);
    expect(ask('u', 50_000)).toEqual(['x on kept']);
  });

  test('room on an empty node counts once in the bound, for whom it is worth most', () => {
    if (!node) throw new Error('no such type');
    const demand = [half('a', 't', 20), half('b', 'u', 20)];
    const bound = (bins: AllocationInput['bins']): number =>
      allocate(inputOf(demand, { offerings: large, bins, pool: apart })).lowerBoundUsdPerHour ?? 0;
    const useless = bound([binOf('own', node, { tenant: 'v' })]);
    expect(useless).toBeGreaterThan(2);
    expect(useless - bound([binOf('empty', node)])).toBeCloseTo(node.priceUsdPerHour, 3);
  });
});

test('the plan for several costs what plans for each of them cost, and so does its bound', () => {
  fc.assert(
    fc.property(plainDemands, plainDemands, (first, second) => {
      const other = second.map((one) => ({ ...one, id: `other ${one.id}`, tenant: 'u' }));
      const both = allocate(inputOf([...first, ...other], { pool: apart }));
      const each = [first, other].map((demand) => allocate(inputOf(demand)));
      const sum = (of: 'costUsdPerHour' | 'lowerBoundUsdPerHour'): number =>
        each.reduce((all, one) => all + (one[of] ?? 0), 0);
      expect(both.costUsdPerHour).toBeLessThanOrEqual(sum('costUsdPerHour') * 1.05);
      expect(both.costUsdPerHour).toBeGreaterThanOrEqual(sum('lowerBoundUsdPerHour') * (1 - 1e-6));
      expect(both.lowerBoundUsdPerHour ?? 0).toBeCloseTo(sum('lowerBoundUsdPerHour'), 1);
      expect(problemsOf(inputOf([...first, ...other], { pool: apart }), both)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('where there is one tenant, the plan is the same to the last byte', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { isTenantPerNode: _apart, ...pool } = input.pool;
      const demand = input.demand.map((one) => ({ ...one, tenant: 't' }));
      const bins = input.bins.map(({ tenant: _tenant, ...bin }) => bin);
      const owned = bins.map((bin, n) => (n % 2 === 0 ? { ...bin, tenant: 't' } : bin));
      expect(JSON.stringify(allocate({ ...input, demand, bins: owned, pool: { ...pool, ...apart } }))).toBe(
        JSON.stringify(allocate({ ...input, demand, bins, pool })),
      );
    }),
    { numRuns: 40 },
  );
});
