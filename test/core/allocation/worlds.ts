// Small made-up worlds for the engine's tests: types with simple numbers, demands, bins, and generators of them.
import { fc } from '../../properties.ts';
import type { AllocationInput, Bin, Demand } from '../../../lib/core/allocation/types.ts';
import type { InstanceType, Offering } from '../../../lib/core/values/offering.ts';
import { offer, typeOf } from '../builders.ts';

export const zones = ['za', 'zb', 'zc'];

export const types: readonly InstanceType[] = [
  typeOf('c1.l', 2, 4, 0.08),
  typeOf('c1.xl', 4, 8, 0.16),
  typeOf('c1.4xl', 16, 32, 0.64),
  typeOf('m1.l', 2, 8, 0.1),
  typeOf('m1.4xl', 16, 64, 0.78),
  typeOf('r1.l', 2, 16, 0.13),
  typeOf('r1.2xl', 8, 64, 0.5),
  typeOf('a1.2xl', 8, 16, 0.24, { arch: 'arm64' }),
  typeOf('g1.xl', 4, 16, 0.9, { gpu: 1 }),
  typeOf('g1.4xl', 16, 64, 3.2, { gpu: 4 }),
];

export const offerings: readonly Offering[] = types.flatMap((type) =>
  zones.flatMap((zone) => [offer(type, zone, 'on-demand'), offer(type, zone, 'spot')]),
);

export function demandOf(id: string, vcpu: number, memoryMib: number, count = 1, more: Partial<Demand> = {}): Demand {
  return {
    id,
    tenant: 't',
    count,
    resources: { cpuMilli: vcpu * 1000, memoryMib, gpu: 0 },
    requirements: {},
    priority: 0,
    createdAtMs: 0,
    expectedDurationMs: null,
    ...more,
  };
}

export function binOf(id: string, offering: Offering, more: Partial<Bin> = {}): Bin {
  return {
    id,
    state: 'ready',
    offering,
    free: offering.type.allocatable,
    freeTasks: 100,
    groups: {},
    antiAffinityGroups: [],
    expectedEmptyAtMs: null,
    ...more,
  };
}

export function inputOf(
  demand: readonly Demand[],
  more: Partial<Omit<AllocationInput, 'pool'>> & { pool?: Partial<AllocationInput['pool']> } = {},
): AllocationInput {
  return {
    nowMs: 1_000_000,
    demand,
    bins: [],
    offerings,
    unavailable: [],
    usage: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 },
    offeringsPerLaunch: 4,
    shouldStop: () => false,
    iterations: 3,
    ...more,
    pool: { requirements: {}, limits: {}, tasksPerNode: 100, ordering: 'fifo', placement: 'least-cost', ...more.pool },
  };
}

const groups = ['red', 'green', 'blue'];
const topology = fc.constantFrom('zone' as const, 'node' as const);
const group = fc.constantFrom(...groups);

const relations = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ group }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ group, topology, maxSkew: fc.integer({ min: 1, max: 2 }) })
      .map((one) => ({
        group: one.group,
        spread: [{ topology: one.topology, group: one.group, maxSkew: one.maxSkew }],
      })),
  },
  // All of them wish the same zone, and may not all be there.
  {
    weight: 1,
    arbitrary: fc
      .record({ group, zone: fc.constantFrom(...zones), maxSkew: fc.integer({ min: 1, max: 2 }) })
      .map((one) => ({
        group: one.group,
        spread: [{ topology: 'zone' as const, group: one.group, maxSkew: one.maxSkew }],
        preferences: [{ requirements: { zone: [one.zone] }, maxExtraUsdPerHour: 1 }],
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ group, topology, other: group })
      .map((one) => ({ group: one.group, antiAffinity: [{ topology: one.topology, group: one.other }] })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ group, topology, other: group })
      .map((one) => ({ group: one.group, affinity: [{ topology: one.topology, group: one.other }] })),
  },
  { weight: 1, arbitrary: fc.constant({ gang: true }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ maxExtraUsdPerHour: fc.constantFrom(0, 0.01, 1), arch: fc.constantFrom('arm64', 'riscv') })
      .map((one) => ({
        preferences: [{ requirements: { arch: [one.arch] }, maxExtraUsdPerHour: one.maxExtraUsdPerHour }],
      })),
  },
);

const requirements = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ capacityType: fc.constantFrom(['spot'], ['on-demand']) }) },
  { weight: 1, arbitrary: fc.record({ zone: fc.subarray(zones, { minLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ arch: fc.constantFrom(['arm64'], ['amd64'], ['amd64', 'arm64']) }) },
  { weight: 1, arbitrary: fc.record({ instanceFamily: fc.constantFrom(['c1'], ['m1', 'r1'], ['zz']) }) },
);

/** Demands without relations: what the laws about cost are stated for. */
export const plainDemands = fc
  .array(
    fc.record({
      vcpu: fc.constantFrom(0.1, 0.25, 0.5, 1, 2, 3),
      memoryMib: fc.constantFrom(100, 512, 1024, 3000, 8000),
      count: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) => list.map((one, at) => demandOf(`d${String(at)}`, one.vcpu, one.memoryMib, one.count)));

export const demands = fc
  .array(
    fc.record({
      vcpu: fc.constantFrom(0, 0.1, 0.5, 1, 2, 3.5, 20),
      memoryMib: fc.constantFrom(0, 100, 512, 2048, 7000, 40_000),
      gpu: fc.constantFrom(0, 0, 0, 0, 1, 2),
      count: fc.integer({ min: 1, max: 12 }),
      priority: fc.integer({ min: 0, max: 2 }),
      tenant: fc.constantFrom('t', 'u'),
      createdAtMs: fc.integer({ min: 0, max: 3 }),
      expectedDurationMs: fc.constantFrom(null, 60_000, 3_600_000),
      relations,
      requirements,
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((list) =>
    list.map((one, at): Demand => ({
      id: `d${String(at)}`,
      tenant: one.tenant,
      count: one.count,
      resources: { cpuMilli: one.vcpu * 1000, memoryMib: one.memoryMib, gpu: one.gpu },
      requirements: one.requirements,
      priority: one.priority,
      createdAtMs: one.createdAtMs,
      expectedDurationMs: one.expectedDurationMs,
      ...one.relations,
    })),
  );

const bins = fc
  .array(
    fc.record({
      offering: fc.constantFrom(...offerings),
      state: fc.constantFrom('ready' as const, 'in-flight' as const),
      part: fc.constantFrom(0, 0.3, 1),
      freeTasks: fc.integer({ min: 0, max: 20 }),
      groups: fc.constantFrom({}, {}, { red: 1 }, { green: 2, blue: 1 }),
      antiAffinityGroups: fc.constantFrom([], [], ['red']),
      expectedEmptyAtMs: fc.constantFrom(null, 1_050_000, 9_000_000),
      tenant: fc.constantFrom(undefined, 't', 'u'),
    }),
    { maxLength: 5 },
  )
  .map((list) =>
    list.map((one, at): Bin => {
      const { cpuMilli, memoryMib, gpu } = one.offering.type.allocatable;
      return {
        id: `n${String(at)}`,
        state: one.state,
        offering: one.offering,
        freeTasks: one.freeTasks,
        groups: one.groups,
        antiAffinityGroups: one.antiAffinityGroups,
        expectedEmptyAtMs: one.expectedEmptyAtMs,
        ...(one.tenant === undefined ? {} : { tenant: one.tenant }),
        free: {
          cpuMilli: Math.floor(cpuMilli * one.part),
          memoryMib: Math.floor(memoryMib * one.part),
          gpu: Math.floor(gpu * one.part),
        },
      };
    }),
  );

const limits = fc.oneof(
  fc.constant({}),
  fc.record({ instances: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ vcpu: fc.integer({ min: 1, max: 40 }), memoryMib: fc.integer({ min: 1000, max: 90_000 }) }),
  fc.record({ usdPerHour: fc.constantFrom(0.05, 0.5, 2) }),
);

/** Whole inputs with everything in them. */
export const inputs = fc
  .record({
    demand: demands,
    bins,
    limits,
    tasksPerNode: fc.constantFrom(1, 4, 100),
    ordering: fc.constantFrom('fifo' as const, 'priority' as const, 'fair-share' as const),
    placement: fc.constantFrom(
      'least-cost' as const,
      'spread' as const,
      'least-allocated' as const,
      'most-allocated' as const,
      'balanced' as const,
    ),
    maxNodeVcpu: fc.constantFrom(undefined, 4),
    offeringsPerLaunch: fc.integer({ min: 1, max: 5 }),
    sold: fc.subarray([...offerings], { minLength: 4 }),
    overhead: fc.constantFrom(0, 0.01),
    isTenantPerNode: fc.boolean(),
  })
  .map((one): AllocationInput =>
    brief(
      inputOf(one.demand, {
        bins: one.bins,
        offerings: one.sold,
        unavailable: offerings.filter((offering) => !one.sold.includes(offering)),
        offeringsPerLaunch: one.offeringsPerLaunch,
        perNodeOverheadUsdPerHour: one.overhead,
        pool: {
          limits: one.limits,
          tasksPerNode: one.tasksPerNode,
          ordering: one.ordering,
          placement: one.placement,
          ...(one.maxNodeVcpu === undefined ? {} : { maxNodeVcpu: one.maxNodeVcpu }),
          ...(one.isTenantPerNode ? { isTenantPerNode: true as const } : {}),
        },
      }),
    ),
  );

/** A counterexample should fit on a screen. */
function brief(input: AllocationInput): AllocationInput {
  const { demand, bins: there, offerings: sold, pool, perNodeOverheadUsdPerHour } = input;
  const text = (): string =>
    JSON.stringify({
      demand,
      bins: there.map((bin) => ({ ...bin, offering: bin.offering.id })),
      sold: sold.map((one) => one.id),
      pool,
      perNodeOverheadUsdPerHour,
    });
  return Object.assign(input, { [fc.toStringMethod]: text });
}
