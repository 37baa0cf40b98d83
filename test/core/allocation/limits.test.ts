// Limits and what planning under them costs: plans are few, `shouldStop` is heard, nothing that fits waits.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan, Demand } from '../../../lib/core/allocation/types.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { problemsOf } from './checker.ts';
import { inputOf } from './worlds.ts';
import { sliceOf } from '../../slice.ts';

const offerings = offeringsOf(
  { instanceFamily: ['c7i', 'm7i', 'r7i'], capacityType: ['on-demand'] },
  { zones: ['us-east-1a'] },
);
const distinct = (count: number): Demand[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `r${String(i).padStart(5, '0')}`,
    tenant: 't',
    count: 1,
    resources: { cpuMilli: 100 + ((i * 37) % 3_000), memoryMib: 128 + ((i * 91) % 6_000), gpu: 0 },
    requirements: {},
    priority: 0,
    createdAtMs: i,
    expectedDurationMs: null,
  }));
const under = (limits: AllocationInput['pool']['limits'], count = 300): AllocationInput =>
  inputOf(distinct(count), { offerings, iterations: 3, pool: { limits, tasksPerNode: 32 } });
const waitingIn = (plan: AllocationPlan): number => plan.unplaced.reduce((sum, one) => sum + one.count, 0);
const waiting = (input: AllocationInput): number => waitingIn(allocate(input));

describe('hundreds of distinct tasks', () => {
  const limitsOf: readonly (readonly [string, AllocationInput['pool']['limits']])[] = [
    ['instances', { instances: 5 }],
    ['vcpu', { vcpu: 150 }],
    ['memoryMib', { memoryMib: 250_000 }],
    ['usdPerHour', { usdPerHour: 4 }],
    ['several', { instances: 15, vcpu: 100, usdPerHour: 3.5 }],
  ];

  test.each(sliceOf(limitsOf, 1))(
    'are served within limits of %s, and as many as half of it serves twice, or nearly',
    (_what, limits) => {
      const input = under(limits);
      const plan = allocate(input);
      expect(problemsOf(input, plan)).toEqual([]);
      const placed = 300 - waitingIn(plan);
      expect(placed).toBeGreaterThan(0);
      expect(plan.unplaced.every((one) => one.kind === 'limits')).toBe(true);
      const half = Object.fromEntries(Object.entries(limits).map(([key, value]) => [key, Math.ceil(value / 2)]));
      expect(placed).toBeGreaterThanOrEqual(1.9 * (300 - waiting(under(half))) - 30);
    },
  );

  test('all fit on a few large nodes where many small ones would be cheaper', () => {
    const free = allocate(under({}));
    const nodes = free.launches.reduce((sum, one) => sum + one.count, 0);
    const input = under({ instances: Math.floor(nodes / 2) });
    const plan = allocate(input);
    expect(waitingIn(plan)).toBe(0);
    expect(plan.costUsdPerHour).toBeLessThan(free.costUsdPerHour * 1.1);
  });

  test('who is served first is served: what waits is of the end of the order, but for what is too large', () => {
    const plan = allocate(under({ vcpu: 150 }));
    const out = new Set(plan.unplaced.map((one) => one.demandId));
    const placed = distinct(300).filter((one) => !out.has(one.id));
    const early = placed.filter((one) => one.createdAtMs < placed.length);
    expect(early.length).toBeGreaterThan(0.6 * placed.length);
  });
});

test('a search that is to stop stops also while limits are respected, with a plan that keeps them', () => {
  for (const limits of [{ vcpu: 150 }, { usdPerHour: 4 }]) {
    let asked = 0;
    const input: AllocationInput = { ...under(limits), shouldStop: () => (asked += 1) > 0 };
    const plan = allocate(input);
    expect(problemsOf(input, plan)).toEqual([]);
    expect(plan.launches.length).toBeGreaterThan(0);
  }
});

test.each([2, 3, 5, 7])('a gang that fits %i nodes exactly starts, where as many are allowed', (instances) => {
  const requirements = { instanceFamily: ['c7g', 'x2gd'], capacityType: ['spot' as const] };
  const some = offeringsOf(requirements, { zones: ['us-east-1a', 'us-east-1b'], maxNodeVcpu: 4 });
  const resources = { cpuMilli: 1_000, memoryMib: 64, gpu: 0 };
  const demand = distinct(1).map((one) => ({ ...one, resources, gang: true, count: 2 * instances }));
  const pool = { limits: { instances }, tasksPerNode: 2, maxNodeVcpu: 4 };
  const plan = allocate(inputOf(demand, { offerings: some, iterations: 20, pool }));
  expect([plan.unplaced, plan.launches.reduce((sum, one) => sum + one.count, 0)]).toEqual([[], instances]);
});
