// What a run of placing over time is about, drawn from its seed: a pool, what is sold at which price, and demand with
// relations, priorities, tenants, gangs and wishes that comes and ends over hours.
import { offeringsOf } from '../../core/catalog/index.ts';
import type { Ordering, PoolSpec } from '../../core/records/pool.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import type { CapacityType, Offering } from '../../core/values/offering.ts';
import { Stream } from '../random.ts';

export interface Arrival {
  readonly atMs: number;
  readonly id: string;
  readonly tenant: string;
  readonly spec: TaskSpec;
  /** How long each of its tasks really runs. */
  readonly lastsMs: number;
}

/** What of the offerings is out of capacity, from when to when. */
export interface Shortage {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isOut: (offering: Offering) => boolean;
}

export interface Scene {
  readonly seed: number;
  readonly pool: PoolSpec;
  readonly offerings: readonly Offering[];
  readonly arrivals: readonly Arrival[];
  readonly shortages: readonly Shortage[];
  readonly weights: Readonly<Record<string, number>>;
  /** vCPU of the account, by capacity type; what passes it is refused. */
  readonly quotas: Readonly<Record<CapacityType, number>>;
  readonly endMs: number;
  readonly bootMs: number;
  /** No task of the scene runs for longer. */
  readonly longestMs: number;
}

const types = ['c7i.large', 'c7i.xlarge', 'c7i.2xlarge', 'm7i.large', 'm7i.2xlarge', 'r7i.xlarge'];
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const hourMs = 3_600_000;
const longestMs = 4 * hourMs;
const orderings: readonly Ordering[] = ['fifo', 'priority', 'fair-share'];
const tenants = ['ann', 'bob', 'cas'];

const plainPool: PoolSpec = {
  name: 'p',
  requirements: {},
  limits: {},
  tasksPerNode: 32,
  ordering: 'fifo',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 120_000,
  priority: 0,
  accepts: ['task'],
};

const plainTask: TaskSpec = {
  type: 'task',
  resources: { cpuMilli: 500, memoryMib: 500, gpu: 0 },
  run: { kind: 'command', argv: ['true'] },
  env: {},
  count: 1,
  timeoutMs: null,
  retries: 0,
  priority: 0,
  requirements: {},
  expectedDurationMs: null,
  deadlineMs: null,
  learningStyle: null,
};

export function drawScene(seed: number, hours: number): Scene {
  const stream = new Stream(seed, 'placing');
  const factors = new Map(zones.map((zone) => [zone, stream.between(0.7, 1.5)]));
  const requirements = { instanceType: types, zone: zones };
  const offerings = offeringsOf(requirements).map((one) => ({
    ...one,
    priceUsdPerHour: one.priceUsdPerHour * (factors.get(one.zone) ?? 1),
  }));
  const instances = stream.integer(2, 8);
  const pool: PoolSpec = {
    ...plainPool,
    requirements,
    limits: stream.chance(0.3) ? { vcpu: instances * 8 } : { instances },
    tasksPerNode: stream.pick([8, 32]),
    ordering: stream.pick(orderings),
    placement: stream.pick(['least-cost', 'most-allocated', 'balanced']),
    idleAfterMs: stream.pick([30_000, 120_000, 600_000]),
    ...(new Stream(seed, 'tenants').chance(0.5) ? { nodesServe: 'any-tenant' as const } : {}),
  };
  return {
    seed,
    pool,
    offerings,
    arrivals: withReplicas(drawArrivals(stream, hours, instances), new Stream(seed, 'replicas')),
    shortages: stream.chance(0.4) ? drawShortages(stream, hours) : [],
    weights: { ann: 1, bob: stream.pick([1, 2]), cas: 1 },
    quotas: stream.chance(0.2) ? { spot: stream.integer(8, 48), 'on-demand': 1e6 } : noQuotas,
    endMs: hours * hourMs,
    bootMs: stream.integer(20_000, 120_000),
    longestMs,
  };
}

const noQuotas = { spot: 1e6, 'on-demand': 1e6 };

/**
 * Tenants that all have more to do than there is room for, at all times: tasks small beside the pool, so that shares
 * can be measured. Where a node serves one tenant at a time there are four times as many: shares of few whole nodes
 * would be too coarse.
 */
export function drawContention(seed: number, hours: number, nodesServe: 'any-tenant' | 'one-tenant'): Scene {
  const stream = new Stream(seed, 'contention');
  const requirements = { instanceType: ['c7i.2xlarge'], zone: zones, capacityType: ['on-demand' as const] };
  const instances = stream.integer(4, 8) * (nodesServe === 'any-tenant' ? 1 : 4);
  const weights = Object.fromEntries(tenants.map((name) => [name, stream.pick([1, 1, 2, 3])]));
  const sizes = new Map(
    tenants.map((name) => {
      const cpuMilli = stream.pick([250, 500, 1_000]);
      return [name, { cpuMilli, memoryMib: stream.pick([1, 2, 3]) * cpuMilli, gpu: 0 }];
    }),
  );
  const meanMs = stream.between(120_000, 900_000);
  const arrivals = tenants.flatMap((tenant): Arrival[] => {
    const resources = sizes.get(tenant) ?? { cpuMilli: 500, memoryMib: 500, gpu: 0 };
    // As much as if all were its own, so that it waits always.
    const places = (instances * 8_000) / resources.cpuMilli;
    const count = Math.ceil((places * hours * hourMs) / meanMs / 40) + 4;
    return Array.from({ length: count }, (_, n) => ({
      atMs: n < 4 ? 0 : Math.floor((n / count) * hours * hourMs * 0.9),
      id: `${tenant}-${String(n)}`,
      tenant,
      spec: { ...plainTask, resources, count: 40, expectedDurationMs: stream.chance(0.5) ? meanMs : null },
      lastsMs: Math.round(meanMs * stream.between(0.5, 1.5)),
    }));
  });
  return {
    seed,
    pool: {
      ...plainPool,
      requirements,
      limits: { instances },
      ordering: 'fair-share',
      ...(nodesServe === 'any-tenant' ? { nodesServe } : {}),
    },
    offerings: offeringsOf(requirements),
    arrivals: arrivals.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1)),
    shortages: [],
    weights,
    quotas: noQuotas,
    endMs: hours * hourMs,
    bootMs: 60_000,
    longestMs: 1.5 * meanMs,
  };
}

/** Nothing but replicas of two services, which come and end one by one: where each goes can be judged. */
export function drawServices(seed: number, hours: number): Scene {
  const stream = new Stream(seed, 'services');
  const arrivals = Array.from({ length: 10 * hours }, (_, n): Arrival => {
    const service = { name: stream.pick(['web', 'api']), slot: n, revision: 1 };
    const cpuMilli = stream.pick([500, 1_000]);
    const spec = { ...plainTask, resources: { cpuMilli, memoryMib: cpuMilli, gpu: 0 }, service };
    const lastsMs = Math.round(stream.logBetween(600_000, longestMs));
    return {
      atMs: Math.floor(stream.between(0, 0.9) * hours * hourMs),
      id: `s${String(n)}`,
      tenant: 'ann',
      spec,
      lastsMs,
    };
  });
  return {
    ...drawScene(seed, hours),
    arrivals: arrivals.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1)),
    shortages: [],
    quotas: noQuotas,
  };
}

function drawArrivals(stream: Stream, hours: number, instances: number): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  // At times less than the limits give is wanted, at times more.
  const meanMs = stream.between(0.5, 1.6) * (hourMs / instances);
  let atMs = 0;
  while (atMs < hours * hourMs * 0.9) {
    const isBurst = stream.chance(0.03);
    const count = isBurst ? stream.integer(5, 25) : 1;
    for (let n = 0; n < count; n += 1) arrivals.push(drawArrival(stream, `r${String(arrivals.length)}`, atMs));
    atMs += Math.ceil(-Math.log(1 - stream.next()) * meanMs * count);
  }
  return arrivals;
}

/** Some of the single tasks without relations are replicas of a service: nobody says how long these last. */
function withReplicas(arrivals: readonly Arrival[], stream: Stream): readonly Arrival[] {
  return arrivals.map((one) => {
    const { count, group, preferences } = one.spec;
    if (count > 1 || group !== undefined || preferences !== undefined || !stream.chance(0.3)) return one;
    const service = { name: 'web', slot: 0, revision: 1 };
    return { ...one, spec: { ...one.spec, service, expectedDurationMs: null, timeoutMs: null } };
  });
}

function drawArrival(stream: Stream, id: string, atMs: number): Arrival {
  const lastsMs = Math.round(stream.logBetween(120_000, longestMs));
  const cpuMilli = stream.pick([250, 500, 1_000, 1_000, 2_000, 4_000, 7_000]);
  const isGang = stream.chance(0.05);
  const spec: TaskSpec = {
    ...plainTask,
    resources: { cpuMilli, memoryMib: Math.min(14_000, stream.pick([1, 2, 2, 4]) * cpuMilli), gpu: 0 },
    count: isGang ? 2 : stream.chance(0.15) ? stream.integer(2, 12) : 1,
    timeoutMs: stream.chance(0.2) ? longestMs : null,
    priority: stream.chance(0.2) ? stream.pick([1, 5, 10]) : 0,
    requirements: stream.chance(0.2) ? { capacityType: ['on-demand'] } : {},
    expectedDurationMs: stream.chance(0.6) ? lastsMs : null,
    ...(isGang ? { gang: true } : {}),
    ...(stream.chance(0.4) && !isGang ? drawRelations(stream) : {}),
    ...(stream.chance(0.1)
      ? { preferences: [{ requirements: { zone: [stream.pick(zones)] }, maxExtraUsdPerHour: 0.01 }] }
      : {}),
  };
  return { atMs, id, tenant: stream.pick(tenants), spec, lastsMs };
}

function drawRelations(stream: Stream): Pick<TaskSpec, 'group' | 'spread' | 'affinity' | 'antiAffinity'> {
  const group = `g${String(stream.integer(1, 2))}`;
  switch (stream.integer(1, 5)) {
    case 1:
      return { group, spread: [{ topology: 'zone', group, maxSkew: stream.integer(1, 2) }] };
    case 2:
      return { group: `z${group}`, antiAffinity: [{ topology: 'zone', group: `z${group}` }] };
    case 3:
      return { group: `n${group}`, antiAffinity: [{ topology: 'node', group: `n${group}` }] };
    case 4:
      return { group: `a${group}`, affinity: [{ topology: 'zone', group: `a${group}` }] };
    default:
      return { group };
  }
}

function drawShortages(stream: Stream, hours: number): readonly Shortage[] {
  return Array.from({ length: Math.max(1, Math.round(hours / 4)) }, (): Shortage => {
    const fromMs = stream.between(0, hours) * hourMs;
    const zone = stream.pick(zones);
    const isOut = stream.pick<Shortage['isOut']>([
      (one) => one.capacityType === 'spot',
      (one) => one.zone === zone,
      () => true,
      (one) => one.type.vcpu > 4,
    ]);
    return { fromMs, untilMs: fromMs + stream.logBetween(60_000, 2 * hourMs), isOut };
  });
}
