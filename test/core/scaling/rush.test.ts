// A rush: who comes one after the other without finding room is followed by as many, and nodes are bought for these.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput, AllocationPlan, Demand } from '../../../lib/core/allocation/types.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { noHeadroom, planHeadroom } from '../../../lib/core/scaling/headroom.ts';
import { rushOf, rushTasksMax } from '../../../lib/core/scaling/rush.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { binOf, demandOf, inputOf } from '../allocation/worlds.ts';
import { nowMs, observation, offer, pool, smallType } from '../builders.ts';

const second = 1_000;
const small = offer(smallType, 'za', 'on-demand');
const nothing: AllocationPlan = {
  placements: [],
  launches: [],
  unplaced: [],
  costUsdPerHour: 0,
  lowerBoundUsdPerHour: null,
  gapPercent: null,
  coefficients: null,
};
const booted = { memory: { ...emptyMemory, bootMs: 60 * second } };

/** One after the other, so many milliseconds apart, the last one just now. */
const every = (ms: number, count: number, more: Partial<Demand> = {}): readonly Demand[] =>
  Array.from({ length: count }, (_, n) =>
    demandOf(`r-${String(n)}`, 1, 1024, 1, { createdAtMs: nowMs - n * ms, ...more }),
  );

const asked = (demand: readonly Demand[], more: Partial<AllocationInput> = {}): AllocationInput => ({
  ...inputOf(demand, { offerings: [small] }),
  nowMs,
  ...more,
});

const rush = (demand: readonly Demand[], world = observation(booted), plan: AllocationPlan | null = nothing) =>
  rushOf(world, asked(demand), plan);

const total = (found: ReturnType<typeof rushOf>): number | undefined =>
  found?.demand.reduce((sum, { count }) => sum + count, 0);

describe('a rush', () => {
  test('is taken to go on for as long as it has lasted, up to 14 s, with tasks alike', () => {
    expect(rush(every(500, 16))).toMatchObject({
      demand: [{ id: 'rush 1', count: 16, tenant: 't', resources: { cpuMilli: 1_000 }, createdAtMs: nowMs }],
      because: 'ahead of a rush (16 tasks without room came in 8 s)',
    });
    expect(total(rush(every(500, 100)))).toBe(28);
    const two = [...every(500, 16), ...every(500, 16, { tenant: 'u' }).map((one) => ({ ...one, id: `${one.id} u` }))];
    expect(rush(two)?.demand.map(({ tenant, count }) => [tenant, count])).toEqual([
      ['t', 16],
      ['u', 16],
    ]);
  });

  test('is not what was asked for at one moment, nor a few, nor what came some time ago', () => {
    expect(rush([demandOf('r-1', 1, 1024, 1_000, { createdAtMs: nowMs })])).toBeNull();
    expect(rush(every(500, 8))).toBeNull();
    expect(rush(every(900, 7))).toBeNull();
    expect(rush(every(500, 60).map((one) => ({ ...one, createdAtMs: one.createdAtMs - 4 * second })))).toBeNull();
    expect(rush(every(2_100, 30))).toBeNull();
  });

  test('of many at once beside it only as many count as twice the usual', () => {
    const batch = demandOf('batch', 1, 1024, 1_000, { createdAtMs: nowMs - 5 * second });
    expect(total(rush([...every(500, 100), batch]))).toBe(28 + 4);
    const fast = every(1, 14_000);
    expect(total(rush(fast))).toBe(rushTasksMax);
  });

  test('counts what has no room: a node that is ready starts it now, one that boots does not', () => {
    const tasks = every(500, 16);
    const bins = [binOf('n-1', small), binOf('n-2', small, { state: 'in-flight' })];
    const placed = (binId: string): AllocationPlan => ({
      ...nothing,
      placements: [{ binId, tasks: tasks.map(({ id }) => ({ demandId: id, count: 1 })) }],
    });
    expect(rushOf(observation(booted), asked(tasks, { bins }), placed('n-1'))).toBeNull();
    expect(total(rushOf(observation(booted), asked(tasks, { bins }), placed('n-2')))).toBe(16);
  });

  test('is nothing to pools that count the cost of now, are paused, boot at once or have never booted', () => {
    const tasks = every(500, 16);
    expect(rush(tasks, observation({ ...booted, pool: pool({ objective: 'cost-now' }) }))).toBeNull();
    expect(rush(tasks, observation({ ...booted, paused: { by: 'x', sinceMs: 0 } }))).toBeNull();
    expect(rush(tasks, observation({ memory: { ...emptyMemory, bootMs: 13 * second } }))).toBeNull();
    expect(rush(tasks, observation())).toBeNull();
    expect(rush(tasks, observation(booted), null)).toBeNull();
  });

  test('is not of gangs, of tasks with relations to others, nor of services', () => {
    for (const more of [{ gang: true }, { group: 'g' }, { spread: [] }, { service: 's' }] as const)
      expect(rush(every(500, 16, more))).toBeNull();
  });
});

describe('nodes for it', () => {
  const planned = (more: Partial<AllocationInput>, plan: Partial<AllocationPlan> = {}, isDeleting = false) => {
    const world = observation({ ...booted, isPoolDeleting: isDeleting });
    const whole = { ...nothing, ...plan };
    return planHeadroom(world, asked(every(500, 16), more), new WorkingCopy(world), whole, new Set(), allocate);
  };

  test('are bought as far as nodes that come have no room for it, and say why', () => {
    const { launches, kept, unplaced } = planned({});
    expect([kept.size, unplaced]).toEqual([0, []]);
    const carried = launches.reduce(
      (sum, { count, tasks }) => sum + count * tasks.reduce((all, one) => all + one.count, 0),
      0,
    );
    expect(carried).toBe(16);
    expect(launches[0]?.reason).toMatch(/^ahead of a rush \(16 tasks without room came in 8 s\); /);
    const coming = Array.from({ length: 20 }, (_, n) => binOf(`n-${String(n)}`, small, { state: 'in-flight' }));
    expect(planned({ bins: coming })).toEqual(noHeadroom);
  });

  test('are not where tasks wait for something else than time, or the pool is deleted', () => {
    const lacks = { demandId: 'r-1', count: 1, kind: 'limits', message: '', excluded: [] } as const;
    expect(planned({}, { unplaced: [lacks] })).toEqual(noHeadroom);
    expect(planned({}, {}, true)).toEqual(noHeadroom);
  });
});
