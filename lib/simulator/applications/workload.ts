// What applications ask for in a run, and what operators declare: all drawn from the seed before the run starts,
// so that shrinking can leave requests out one by one without changing the others.
import type { PoolSpec } from '../../core/records/pool.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import type { Stream, Streams } from '../random.ts';
import { withCommitments, withReservation } from './commitments.ts';
import { withShadow } from './shadows.ts';
import { withWarmNodes } from './warm-nodes.ts';

/** How the simulated process of a task behaves; it travels in the command, as the truth about a real task does. */
export interface TaskBehaviour {
  readonly durationMs: number;
  /** Attempts that exit with 1 before one succeeds. */
  readonly failures: number;
}

export interface PlannedRequest {
  readonly at: number;
  readonly tenant: string;
  readonly key: string | null;
  readonly pool: string | null;
  readonly spec: TaskSpec;
  /** Further submissions: after this time, with the same body or another one. */
  readonly repeats: readonly { readonly afterMs: number; readonly isSameBody: boolean }[];
  readonly cancelAfterMs: number | null;
}

export type Size = 'tiny' | 'small' | 'medium' | 'large';

export interface Workload {
  /** What the operator declares of tenants; absent: nothing. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly pools: readonly PoolSpec[];
  readonly requests: readonly PlannedRequest[];
  /** Requests come and faults happen until then. */
  readonly busyMs: number;
}

const sizes: Readonly<
  Record<
    Size,
    {
      requests: readonly [number, number];
      arrayMax: number;
      busyMs: readonly [number, number];
      taskMs: readonly [number, number];
    }
  >
> = {
  tiny: { requests: [1, 6], arrayMax: 8, busyMs: [3 * 60_000, 10 * 60_000], taskMs: [500, 120_000] },
  small: { requests: [5, 25], arrayMax: 30, busyMs: [8 * 60_000, 25 * 60_000], taskMs: [500, 300_000] },
  medium: { requests: [15, 60], arrayMax: 60, busyMs: [15 * 60_000, 45 * 60_000], taskMs: [1_000, 400_000] },
  large: { requests: [90, 110], arrayMax: 40, busyMs: [80 * 60_000, 80 * 60_000], taskMs: [60_000, 600_000] },
};

export function drawSize(stream: Stream): Size {
  const draw = stream.next();
  return draw < 0.5 ? 'tiny' : draw < 0.95 ? 'small' : 'medium';
}

const tenants = ['anna', 'bruno', 'chen'];

/** `hasRelations`: tasks have relations and wishes, and tenants weights, which only the allocation engine knows. */
export function drawWorkload(streams: Streams, size: Size, hasRelations: boolean): Workload {
  const shadows = streams.named('shadows');
  const drawn = drawPlain(streams, size);
  const warm = streams.named('warm nodes');
  const plain = { ...drawn, pools: drawn.pools.map((pool) => withWarmNodes(warm, withShadow(shadows, pool))) };
  if (!hasRelations) return plain;
  const stream = streams.named('relations');
  const gangs = streams.named('gangs');
  const paid = streams.named('commitments');
  const reserved = streams.named('reservations');
  const withPaid = (pool: PoolSpec): PoolSpec =>
    withReservation(reserved, withCommitments(paid, pool, plain.busyMs), plain.busyMs);
  return {
    ...plain,
    weights: Object.fromEntries(tenants.map((tenant) => [tenant, stream.pick([1, 1, 2, 3])])),
    pools: plain.pools.map((pool) => withPaid(stream.chance(0.4) ? { ...pool, ordering: 'fair-share' } : pool)),
    requests: plain.requests.map((one) => ({ ...one, spec: ganged(gangs, related(stream, one.spec)) })),
  };
}

/** Larger ones seldom fit within the limits that pools have here. */
const gangMax = 6;

function ganged(stream: Stream, spec: TaskSpec): TaskSpec {
  const isWanted = stream.chance(0.5);
  const isApart = spec.antiAffinity?.some((rule) => rule.topology === 'zone') === true;
  return spec.count > 1 && isWanted && !isApart ? { ...spec, count: Math.min(spec.count, gangMax), gang: true } : spec;
}

/** Of a few groups, so that they meet. Groups of one kind of relation do not contradict each other. */
function related(stream: Stream, spec: TaskSpec): TaskSpec {
  const group = stream.pick(['web', 'db']);
  const zone = stream.pick(['us-east-1a', 'us-east-1b']);
  const wish = stream.chance(0.15)
    ? { preferences: [{ requirements: { zone: [zone] }, maxExtraUsdPerHour: 0.05 }] }
    : {};
  switch (stream.chance(0.4) ? stream.integer(1, 4) : 0) {
    case 1:
      return { ...spec, ...wish, group: `node-${group}`, antiAffinity: [{ topology: 'node', group: `node-${group}` }] };
    case 2:
      return { ...spec, ...wish, group: `zone-${group}`, antiAffinity: [{ topology: 'zone', group: `zone-${group}` }] };
    case 3:
      return { ...spec, ...wish, group: `near-${group}`, affinity: [{ topology: 'zone', group: `near-${group}` }] };
    case 4:
      return { ...spec, ...wish, group, spread: [{ topology: 'zone', group, maxSkew: 2 }] };
    default:
      return { ...spec, ...wish };
  }
}

function drawPlain(streams: Streams, size: Size): Workload {
  const stream = streams.named('workload');
  const {
    requests: [requestsMin, requestsMax],
    busyMs: [busyMin, busyMax],
  } = sizes[size];
  const busyMs = Math.round(stream.between(busyMin, busyMax));
  const owners = streams.named('tenants of nodes');
  const pools = drawPools(streams.named('pools'), size).map((pool): PoolSpec =>
    owners.chance(0.5) ? { ...pool, nodesServe: 'any-tenant' } : pool,
  );
  const bursts = Array.from({ length: stream.integer(1, 4) }, () => stream.between(0, busyMs * 0.8));
  const requests: PlannedRequest[] = [];
  const count = stream.integer(requestsMin, requestsMax);
  for (let i = 0; i < count; i += 1)
    requests.push(
      bearing(
        streams.named(`bearing of ${String(i)}`),
        drawRequest(streams.named(`request ${String(i)}`), size, i, pools, busyMs, bursts),
      ),
    );
  return { pools, requests, busyMs };
}

const families = [['c7g'], ['m7g'], ['c6i', 'm6i'], ['c7g', 'm7g', 'r7g'], ['t3', 'm5'], ['c7g', 'x2gd']] as const;

function drawPools(stream: Stream, size: Size): PoolSpec[] {
  const names = stream.chance(0.3) && size !== 'large' ? ['blue', 'green'] : ['blue'];
  return names.map((name, at) => drawPool(stream, name, at, size));
}

function drawPool(stream: Stream, name: string, priority: number, size: Size): PoolSpec {
  const capacityType = stream.pick([['on-demand'], ['spot'], ['spot', 'on-demand'], null]);
  const isLarge = size === 'large';
  return {
    name,
    requirements: {
      instanceFamily: [...stream.pick(families)],
      ...(capacityType ? { capacityType } : {}),
      ...(stream.chance(0.2) ? { zone: ['us-east-1a', 'us-east-1b'] } : {}),
    },
    limits: drawLimits(stream, isLarge),
    tasksPerNode: isLarge ? 4 : stream.pick([1, 4, 8, 32]),
    maxNodeVcpu: isLarge ? 2 : stream.pick([2, 4, 8]),
    ordering: stream.pick(['fifo', 'priority'] as const),
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: stream.pick([10_000, 60_000, 120_000, 300_000]),
    priority,
    accepts: ['task'],
    targetGroups: [{ arn: 'arn:*' }],
  };
}

export function drawLimits(stream: Stream, isLarge: boolean): PoolSpec['limits'] {
  if (isLarge) return { instances: 24 };
  return {
    ...(stream.chance(0.8) ? { instances: stream.integer(2, 12) } : {}),
    ...(stream.chance(0.3) ? { vcpu: stream.integer(8, 64) } : {}),
    ...(stream.chance(0.2) ? { memoryMib: stream.integer(32, 256) * 1024 } : {}),
    ...(stream.chance(0.3) ? { usdPerHour: Math.round(stream.between(0.5, 5) * 100) / 100 } : {}),
  };
}

function drawRequest(
  stream: Stream,
  size: Size,
  at: number,
  pools: readonly PoolSpec[],
  busyMs: number,
  bursts: readonly number[],
): PlannedRequest {
  const {
    arrayMax,
    taskMs: [taskMin, taskMax],
  } = sizes[size];
  const isArray = stream.chance(size === 'large' ? 0.2 : 0.25);
  const failures = stream.chance(0.35) ? stream.integer(1, 3) : 0;
  const behaviour: TaskBehaviour = { durationMs: Math.round(stream.logBetween(taskMin, taskMax)), failures };
  const key = stream.chance(0.8) ? `key-${String(at)}` : null;
  const burst = stream.pick(bursts);
  const arrivesAt = stream.chance(0.5) ? burst + stream.between(0, 20_000) : stream.between(0, busyMs * 0.9);
  return {
    at: Math.round(Math.min(arrivesAt, busyMs)),
    tenant: stream.pick(tenants),
    key,
    pool: stream.chance(0.8) ? stream.pick(pools).name : null,
    spec: specOf(stream, behaviour, isArray ? stream.integer(2, arrayMax) : 1),
    repeats: key === null ? [] : drawRepeats(stream),
    cancelAfterMs: stream.chance(0.12) ? Math.round(stream.logBetween(50, 600_000)) : null,
  };
}

/** What its tasks bear when a node goes by choice. */
function bearing(stream: Stream, request: PlannedRequest): PlannedRequest {
  if (stream.chance(0.5)) return request;
  const grace = stream.chance(0.5) ? { graceMs: Math.round(stream.logBetween(100, 600_000)) } : {};
  const longest = stream.chance(0.5) ? { maxDrainMs: Math.round(stream.between(0, 600_000)) } : {};
  const disruption = { mode: stream.pick(['never', 'restart', 'checkpoint'] as const), ...grace, ...longest };
  return { ...request, spec: { ...request.spec, disruption } };
}

function drawRepeats(stream: Stream): PlannedRequest['repeats'] {
  if (!stream.chance(0.3)) return [];
  return Array.from({ length: stream.integer(1, 3) }, () => ({
    afterMs: stream.chance(0.5) ? Math.round(stream.between(0, 50)) : Math.round(stream.logBetween(100, 1_200_000)),
    isSameBody: stream.chance(0.7),
  }));
}

function specOf(stream: Stream, behaviour: TaskBehaviour, count: number): TaskSpec {
  const isImpossible = stream.chance(0.04);
  return {
    type: 'task',
    resources: {
      cpuMilli: isImpossible ? 900_000 : stream.pick([100, 250, 500, 900, 1000, 1500, 1900]),
      memoryMib: stream.pick([64, 256, 512, 1024, 2500]),
      gpu: 0,
    },
    run: { kind: 'command', argv: ['simulated', String(behaviour.durationMs), String(behaviour.failures)] },
    env: {},
    count,
    timeoutMs: stream.chance(0.15) ? Math.round(behaviour.durationMs * stream.between(0.4, 3)) + 1_000 : null,
    retries: stream.chance(0.6) ? stream.integer(0, 3) : 0,
    priority: stream.chance(0.2) ? stream.integer(-5, 5) : 0,
    requirements: stream.chance(0.1) ? { zone: [stream.pick(['us-east-1a', 'us-east-1b'])] } : {},
    expectedDurationMs: stream.chance(0.3) ? behaviour.durationMs : null,
    deadlineMs: stream.chance(0.08) ? Math.round(stream.logBetween(30_000, 3_600_000)) : null,
    learningStyle: null,
  };
}

/** Reads the behaviour back from the command that reached the node. */
export function behaviourOf(run: TaskSpec['run']): TaskBehaviour {
  if (run.kind !== 'command') throw new TypeError('simulated tasks are commands');
  return { durationMs: Number(run.argv[1]), failures: Number(run.argv[2]) };
}
