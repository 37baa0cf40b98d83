// The limit on processes: tasks beyond it are neither placed nor bought for, and it says why.
import { expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { countingAll } from '../../lib/core/allocation/constraints/paid-first.ts';
import type { AllocationInput, Demand } from '../../lib/core/allocation/types.ts';
import { offeringsOf } from '../../lib/core/catalog/index.ts';
import { noUsage } from '../../lib/core/records/pool.ts';
import { ProcessLimit } from '../../lib/local/server/process-limit.ts';

const offerings = offeringsOf({ instanceFamily: ['c6i'], capacityType: ['on-demand'] }, { maxNodeVcpu: 8 });
const [offering] = offerings;
if (offering === undefined) throw new Error('the catalog has no c6i');

function demand(id: string, over: Partial<Demand> = {}): Demand {
  return {
    id,
    tenant: 't',
    count: 1,
    resources: { cpuMilli: 100, memoryMib: 10, gpu: 0 },
    requirements: {},
    priority: 0,
    createdAtMs: 0,
    expectedDurationMs: null,
    ...over,
  };
}

function input(wanted: readonly Demand[], readyNodes = 0): AllocationInput {
  return {
    nowMs: 0,
    demand: wanted,
    offerings,
    unavailable: [],
    usage: noUsage,
    offeringsPerLaunch: 3,
    shouldStop: () => false,
    iterations: 10,
    bins: Array.from({ length: readyNodes }, (_, n) => ({
      id: `n${String(n)}`,
      state: 'ready' as const,
      offering: offering as NonNullable<typeof offering>,
      free: (offering as NonNullable<typeof offering>).type.allocatable,
      freeTasks: 32,
      groups: {},
      antiAffinityGroups: [],
      expectedEmptyAtMs: null,
    })),
    pool: { requirements: {}, limits: {}, tasksPerNode: 32, ordering: 'priority', placement: 'least-cost' },
  };
}

test('serves the first in order and holds the rest back with the reason', () => {
  const limit = new ProcessLimit(3);
  limit.beginTick(1);
  const plan = limit.wrap(allocate)(
    input([demand('late', { createdAtMs: 5, count: 4 }), demand('urgent', { createdAtMs: 9, priority: 1 })], 2),
  );
  const placed = plan.placements.flatMap((one) => one.tasks);
  expect(placed.map((one) => [one.demandId, one.count]).sort()).toEqual([
    ['late', 1],
    ['urgent', 1],
  ]);
  expect(plan.unplaced).toEqual([
    {
      demandId: 'late',
      count: 3,
      kind: 'limits',
      message: expect.stringContaining('at most 3 tasks at once (BELLOWS_LOCAL_PROCESSES)'),
      excluded: [{ constraint: 'localProcesses', offerings: offerings.length }],
    },
  ]);
});

test.each([
  ['a higher priority goes first, however long another waits', {}, 'young'],
  ['a level that got nothing for long has a turn, as in the engine', { '0': 0 }, 'old'],
])('%s', (_what, passedOver, first) => {
  const limit = new ProcessLimit(1);
  limit.beginTick(0);
  const plan = limit.wrap(allocate)({
    ...input([demand('young', { createdAtMs: 1_200_000, priority: 1 }), demand('old')], 1),
    nowMs: 1_200_000,
    passedOver,
  });
  expect(plan.placements.flatMap((one) => one.tasks)).toEqual([{ demandId: first, count: 1 }]);
});

test('fair-share: each tenant has its part of what may run at once', () => {
  const limit = new ProcessLimit(4);
  limit.beginTick(0);
  const shared = input(
    [demand('first', { tenant: 'a', count: 100 }), demand('second', { tenant: 'b', count: 100, createdAtMs: 9 })],
    1,
  );
  const plan = limit.wrap(allocate)({ ...shared, pool: { ...shared.pool, ordering: 'fair-share' } });
  expect(new Map(plan.placements.flatMap((one) => one.tasks).map((one) => [one.demandId, one.count]))).toEqual(
    new Map([
      ['first', 2],
      ['second', 2],
    ]),
  );
});

test('a gang that is larger than the limit is told that it never runs here, with the cure', () => {
  const limit = new ProcessLimit(8);
  limit.beginTick(0);
  const plan = limit.wrap(allocate)(input([demand('gang', { count: 40, gang: true })]));
  expect(plan.unplaced).toMatchObject([
    {
      demandId: 'gang',
      count: 40,
      kind: 'unsatisfiable',
      message: expect.stringMatching(/^Never: all 40 .* at most 8; .*BELLOWS_LOCAL_PROCESSES=40/),
    },
  ]);
});

test('a gang that is larger than what is free waits as a whole', () => {
  const limit = new ProcessLimit(4);
  limit.beginTick(1);
  const plan = limit.wrap(allocate)(input([demand('gang', { count: 4, gang: true })], 2));
  expect(plan.placements.flatMap((one) => one.tasks)).toEqual([]);
  expect(plan.unplaced).toMatchObject([{ demandId: 'gang', count: 4, kind: 'limits' }]);
});

test('no rounds of a tick together place more than what is free, and no task is forgotten', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.nat(20),
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      (max, assigned, counts, rounds) => {
        const limit = new ProcessLimit(max);
        limit.beginTick(assigned);
        const limited = limit.wrap(allocate);
        let placed = 0;
        for (let round = 0; round < rounds; round += 1) {
          const wanted = counts.map((count, n) => demand(`d${String(n)}`, { count }));
          const plan = limited(input(wanted, 3));
          const here = plan.placements.flatMap((one) => one.tasks).reduce((sum, one) => sum + one.count, 0);
          const bought = plan.launches.reduce(
            (sum, one) => sum + one.count * one.tasks.reduce((all, share) => all + share.count, 0),
            0,
          );
          const waiting = plan.unplaced.reduce((sum, one) => sum + one.count, 0);
          expect(here + bought + waiting).toBe(counts.reduce((a, b) => a + b, 0));
          placed += here;
          expect(placed + bought).toBeLessThanOrEqual(Math.max(0, max - assigned));
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('paid capacity, which asks the engine several times, does not use the room up', () => {
  const limit = new ProcessLimit(8);
  limit.beginTick(0);
  const commitment = { kind: 'reserved-instances', name: 'ri', instanceType: offering.type.name, count: 3 } as const;
  const paid = [{ commitment, left: 3, used: 0, of: 3 }];
  const asked = { ...input([demand('many', { count: 12 })], 2), paid };
  const plan = limit.wrap(countingAll(allocate))(asked);
  const placed = plan.placements.flatMap(({ tasks }) => tasks).reduce((sum, one) => sum + one.count, 0);
  expect(placed).toBe(8);
  expect(plan.unplaced).toMatchObject([{ count: 4, kind: 'limits' }]);
  const again = limit.wrap(countingAll(allocate))({ ...asked, demand: [demand('more')] });
  expect(again.placements).toEqual([]);
});
