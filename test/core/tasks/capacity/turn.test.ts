// Whose turn it is where a node serves one tenant at a time, and on which nodes: of plans that are made by hand. What
// becomes of it: reservation-tenants.test.ts.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput, AllocationPlan, Bin, Demand, Unplaced } from '../../../../lib/core/allocation/types.ts';
import { noUsage } from '../../../../lib/core/records/pool.ts';
import type { CapacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { turnsOf } from '../../../../lib/core/tasks/capacity/turn.ts';
import { subtractResources } from '../../../../lib/core/values/resources.ts';
import { nowMs, offerings, resources, smallType } from '../../builders.ts';

const long = 300_000;
const whole = smallType.allocatable;
const half = { cpuMilli: whole.cpuMilli / 2, memoryMib: 100, gpu: 0 };

const of = (tenant: string, id: string, more: Partial<Demand> = {}): Demand => ({
  ...{ id, tenant, count: 1, resources, requirements: {}, priority: 0, expectedDurationMs: null },
  createdAtMs: nowMs - long,
  ...more,
});

/** Of a node that is half in use. */
function bin(id: string, tenant: string | null, more: Partial<Bin> = {}): Bin {
  const [offering] = offerings;
  if (!offering) throw new RangeError('nothing is sold');
  return {
    ...{ id, state: 'ready', offering, free: subtractResources(whole, half), freeTasks: 9, groups: {} },
    ...{ antiAffinityGroups: [], expectedEmptyAtMs: null, ...(tenant === null ? {} : { tenant }) },
    ...more,
  };
}

const waits = (demandId: string, more: Partial<Unplaced> = {}): Unplaced => ({
  ...{ demandId, count: 1, kind: 'limits', message: 'No room.', excluded: [] },
  ...more,
});

const planOf = (
  unplaced: readonly Unplaced[],
  placements: Readonly<Record<string, readonly string[]>>,
): AllocationPlan => ({
  placements: Object.entries(placements).map(([binId, ids]) => ({
    binId,
    tasks: ids.map((demandId) => ({ demandId, count: 1 })),
  })),
  ...{ launches: [], unplaced, costUsdPerHour: 0, lowerBoundUsdPerHour: null, gapPercent: null, coefficients: null },
});

interface World extends Partial<Pick<AllocationInput, 'demand' | 'bins' | 'tenants'>> {
  readonly pool?: Partial<AllocationInput['pool']>;
  readonly unplaced?: readonly Unplaced[];
  readonly placements?: Readonly<Record<string, readonly string[]>>;
  readonly lastServedMs?: number;
  /** Nodes serve any tenant. */
  readonly isShared?: boolean;
}

const first = of('lab', 'first');
const later = of('shop', 'later', { createdAtMs: nowMs - 10, count: 9 });

/** The lab's first task waits; the shop came later, has two nodes, and gets more on the first of them. */
function turns(world: World = {}): readonly (readonly string[])[] {
  const { demand = [first, later], bins = [bin('i-1', 'shop'), bin('i-2', 'shop')], tenants, pool = {} } = world;
  const { unplaced = [waits('first')], placements = { 'i-1': ['later'] }, lastServedMs = nowMs - long } = world;
  const limits = { instances: bins.length };
  const input: AllocationInput = {
    ...{ nowMs, demand, bins, offerings, unavailable: [], usage: noUsage, offeringsPerLaunch: 1, iterations: 0 },
    pool: {
      ...{ requirements: {}, limits, tasksPerNode: 10, ordering: 'fifo', placement: 'least-cost' },
      ...(world.isShared === true ? {} : { isTenantPerNode: true }),
      ...pool,
    },
    shouldStop: () => false,
    ...(tenants && { tenants }),
  };
  const question: CapacityQuestion = { isAlone: false, demand, input, onDemand: new Map() };
  return turnsOf(question, planOf(unplaced, placements), () => lastServedMs, { reserveAfterMs: long }).map((one) => [
    one.unplaced.demandId,
    ...one.nodes,
  ]);
}

describe('in the order of the queue', () => {
  test('who has waited for long has all nodes of tenants that come after him and get more', () => {
    expect(turns()).toEqual([['first', 'i-1', 'i-2']]);
    expect(turns({ demand: [{ ...first, createdAtMs: nowMs - long + 1 }, later] })).toEqual([]);
  });

  test('not where tenants share nodes, nobody waits for a limit, or nobody gets more', () => {
    expect(turns({ isShared: true })).toEqual([]);
    expect(turns({ unplaced: [] })).toEqual([]);
    expect(turns({ unplaced: [waits('first', { kind: 'shortage' })] })).toEqual([]);
    expect(turns({ unplaced: [waits('gone')] })).toEqual([]);
    expect(turns({ placements: {} })).toEqual([]);
    expect(turns({ placements: { 'i-1': ['gone'] } })).toEqual([]);
  });

  test('what is placed on nodes that only come says nothing', () => {
    const coming = bin('i-3', null, { state: 'in-flight' });
    expect(turns({ bins: [bin('i-1', 'shop'), coming], placements: { 'i-3': ['later'] } })).toEqual([]);
  });

  test('nodes are those of another tenant who gets more, that are ready and somebody’s', () => {
    const bins = [
      bin('own', 'lab'),
      bin('empty', null),
      bin('coming', 'shop', { state: 'in-flight' }),
      bin('other', 'bank'),
      bin('i-1', 'shop'),
    ];
    expect(turns({ bins })).toEqual([['first', 'i-1']]);
    const bank = of('bank', 'banks', { createdAtMs: nowMs - 5 });
    const both = { demand: [first, later, bank], placements: { 'i-1': ['later'], other: ['banks'] } };
    expect(turns({ bins, ...both })).toEqual([['first', 'other', 'i-1']]);
  });

  test('a tenant comes after him of whom one at least does that gets more', () => {
    const before = of('shop', 'before', { createdAtMs: nowMs - 2 * long });
    expect(turns({ demand: [first, before], placements: { 'i-1': ['before'] } })).toEqual([]);
    const both = { demand: [first, before, later], placements: { 'i-1': ['before', 'later'] } };
    expect(turns(both)).toEqual([['first', 'i-1', 'i-2']]);
    expect(turns({ ...both, placements: { 'i-1': ['before'] } })).toEqual([]);
  });

  test('four at most have one at once, of the first fifty that wait', () => {
    const many = Array.from({ length: 52 }, (_, at) => of('lab', `lab-${String(at + 10)}`));
    const ids = many.map(({ id }) => id);
    const demand = [...many, later];
    expect(turns({ demand, unplaced: ids.map((id) => waits(id)) }).map(([id]) => id)).toEqual(ids.slice(0, 4));
    // Those that are too young stand before it.
    const young = many.map((one) => ({ ...one, createdAtMs: nowMs - 20 }));
    const at = (place: number): number => {
      const unplaced = [...ids.slice(0, place).map((id) => waits(id)), waits('first')];
      return turns({ demand: [...young, first, later], unplaced }).length;
    };
    expect([at(49), at(50)]).toEqual([1, 0]);
  });
});

describe('by shares', () => {
  const pool = { ordering: 'fair-share' } as const;
  const inUse = (shop: number, lab: number, shopWeight = 1) => ({
    shop: { weight: shopWeight, inUse: { ...half, cpuMilli: shop * half.cpuMilli } },
    lab: { weight: 1, inUse: { ...half, memoryMib: 0, cpuMilli: lab * half.cpuMilli } },
  });
  const bins = [bin('i-1', 'shop'), bin('i-2', 'shop'), bin('i-3', 'lab')];
  const young = { demand: [{ ...first, createdAtMs: nowMs }, later] };

  test('who has less than the other would have without the node has it at once', () => {
    expect(turns({ pool, bins, ...young, tenants: inUse(3, 1) })).toEqual([['first', 'i-1', 'i-2']]);
    expect(turns({ pool, bins, ...young, tenants: inUse(2, 1) })).toEqual([]);
    // By weight.
    expect(turns({ pool, bins, ...young, tenants: inUse(3, 1, 2) })).toEqual([]);
    expect(turns({ pool, bins, ...young, tenants: inUse(2, 1, 0.5) })).toEqual([['first', 'i-1', 'i-2']]);
  });

  test('a node on which the other has more is less of a reason', () => {
    const full = [bin('i-1', 'shop', { free: { cpuMilli: 0, memoryMib: 0, gpu: 0 } }), bin('i-2', 'shop')];
    expect(turns({ pool, bins: full, ...young, tenants: inUse(3, 1) })).toEqual([['first', 'i-2']]);
  });

  test('who has nothing has one in turns, once he was served nothing for long', () => {
    const tenants = inUse(1, 0);
    const one = { pool, bins: [bin('i-1', 'shop')], ...young, tenants };
    expect(turns({ ...one, lastServedMs: nowMs - long })).toEqual([['first', 'i-1']]);
    expect(turns({ ...one, lastServedMs: nowMs - long + 1 })).toEqual([]);
    expect(turns({ ...one, tenants: inUse(1, 1) })).toEqual([]);
  });
});
