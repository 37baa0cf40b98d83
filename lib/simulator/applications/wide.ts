// Worlds of the API's maxima: a thousand tasks on one node, a hundred machines with their volumes, everything let go
// in one second. Ordinary runs are small so that there can be many of them; what breaks only by its size breaks here.
import type { ControlSettings } from '../../control/ports.ts';
import type { MachineSpec, StorageSpec } from '../../core/records/claim.ts';
import type { VolumeWish } from '../../core/records/volume.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import type { PlannedClaim } from './claim-workload.ts';
import type { Stream, Streams } from '../random.ts';
import type { PlannedRequest, Workload } from './workload.ts';

export const wideKinds = ['tasks', 'arrays', 'scripts', 'backlog', 'machines', 'volumes'] as const;
export type WideKind = (typeof wideKinds)[number];
/** `wide`: the seed draws which. */
export type WorldName = 'plain' | 'wide' | WideKind;
export const worldNames = ['plain', 'wide', ...wideKinds] as const satisfies readonly WorldName[];
/** `full` are the API's maxima; `reduced` is beyond every bound of the store, and as quick as an ordinary run. */
export const wideScales = ['full', 'reduced'] as const;
export type WideScale = (typeof wideScales)[number];

export interface WideWorld {
  readonly kind: WideKind;
  readonly workload: Workload;
  readonly claims: readonly PlannedClaim[];
  readonly settings: Partial<ControlSettings>;
  /** The node that has the most tasks is lost then, in one of the ways in which nodes get lost. */
  readonly lossesAtMs: readonly number[];
}

interface Sizes {
  readonly tasks: number;
  readonly arrays: number;
  readonly scripts: number;
  readonly backlog: number;
  readonly machines: number;
  readonly volumesEach: number;
  readonly volumes: number;
}

const sizes: Readonly<Record<WideScale, Sizes>> = {
  full: { tasks: 1_000, arrays: 1_000, scripts: 1_000, backlog: 2_000, machines: 100, volumesEach: 11, volumes: 500 },
  reduced: { tasks: 130, arrays: 110, scripts: 60, backlog: 160, machines: 70, volumesEach: 2, volumes: 110 },
};
const minuteMs = 60_000;
/** Their pool is there by then: an unknown one is an answer, after which nobody asks again. */
const firstAtMs = 45_000;
/** One argument may be 131,000 bytes long. */
const scriptBytes = 120_000;

/** null: an ordinary run. One seed in eight is wide, unless somebody says otherwise. */
export function drawWide(streams: Streams, world: WorldName | undefined, scale: WideScale): WideWorld | null {
  const stream = streams.named('wide world');
  const isWide = stream.chance(0.125);
  const drawn = stream.pick(wideKinds);
  const name = world ?? (isWide ? 'wide' : 'plain');
  if (name === 'plain') return null;
  const kind = name === 'wide' ? drawn : name;
  return { kind, settings: {}, lossesAtMs: [], ...worlds[kind](stream, sizes[scale]) };
}

type Drawn = Pick<WideWorld, 'workload' | 'claims'> & Partial<Pick<WideWorld, 'settings' | 'lossesAtMs'>>;

const worlds: Readonly<Record<WideKind, (stream: Stream, size: Sizes) => Drawn>> = {
  tasks: (stream, size) => {
    const pool = poolOf(stream, { tasksPerNode: 1_000, limits: { instances: stream.integer(1, 3) } });
    const request = (at: number): PlannedRequest => ({
      ...requestOf(stream, at, smallTask(stream, stream.between(2, 12) * minuteMs)),
      cancelAfterMs: cancelOf(stream, 0.05),
    });
    const lossesAtMs = [4, 9, 14].map((minute) => Math.round((minute + stream.between(0, 3)) * minuteMs));
    return { ...busy([pool], listOf(size.tasks, request), 25), lossesAtMs };
  },
  arrays: (stream, size) => {
    const pool = poolOf(stream, { tasksPerNode: 1_000, limits: { instances: stream.integer(1, 3) } });
    const request = (at: number): PlannedRequest =>
      requestOf(stream, at, { ...smallTask(stream, stream.between(1, 6) * minuteMs), count: stream.integer(2, 3) });
    return {
      ...busy([pool], listOf(size.arrays, request), 20),
      lossesAtMs: [Math.round(stream.between(4, 8) * minuteMs)],
    };
  },
  scripts: (stream, size) => {
    const pool = poolOf(stream, { tasksPerNode: 1_000, limits: { instances: 1 } });
    const script = noise(stream, scriptBytes);
    const cancelAfterMs = Math.round(stream.between(2, 6) * minuteMs);
    const request = (at: number): PlannedRequest => {
      const spec = smallTask(stream, stream.between(4, 12) * minuteMs);
      const run: TaskSpec['run'] =
        spec.run.kind === 'command' ? { ...spec.run, argv: [...spec.run.argv, script] } : spec.run;
      return { ...requestOf(stream, at, { ...spec, run }), cancelAfterMs };
    };
    return busy([pool], listOf(size.scripts, request), 15);
  },
  backlog: (stream, size) => {
    const pool = poolOf(stream, { tasksPerNode: 4, limits: { instances: 2 }, ordering: 'priority' });
    const cancelAfterMs = Math.round(stream.between(45, 50) * minuteMs);
    const request = (at: number): PlannedRequest => {
      const isUrgent = at % (size.backlog / 10) === 0;
      const spec = { ...smallTask(stream, stream.between(0.5, 1.5) * minuteMs), priority: isUrgent ? 100 : 0 };
      const arrivesAt = isUrgent ? stream.between(5, 15) * minuteMs : firstAtMs + stream.between(0, 10_000);
      return {
        ...requestOf(stream, at, spec),
        at: Math.round(arrivesAt),
        cancelAfterMs: isUrgent ? null : cancelAfterMs,
      };
    };
    return { ...busy([pool], listOf(size.backlog, request), 50), settings: { observedRequestsMax: size.backlog / 4 } };
  },
  machines: (stream, size) => {
    const isOne = stream.chance(0.5);
    const count = isOne ? size.machines : 1;
    const spec: MachineSpec = {
      type: 'virtual_machine',
      count,
      leaseMs: null,
      deadlineMs: null,
      requirements: {},
      needs: { vcpu: 2, memoryMib: 1_024, gpu: 0, arch: null },
      capacityType: 'on-demand',
      subnetId: null,
      imageId: null,
      userData: null,
      keyName: null,
      instanceProfile: null,
      network: null,
      volumeRequests: [],
      networkRequests: [],
      volumes: listOf(size.volumesEach, () => volumeOf(stream)),
    };
    const releaseAfterMs = stream.chance(0.7) ? Math.round(stream.between(8, 12) * minuteMs) : null;
    return claimed(
      stream,
      listOf(isOne ? 1 : size.machines, (at) => claimOf(stream, at, spec, releaseAfterMs)),
    );
  },
  volumes: (stream, size) => {
    const releaseAfterMs = stream.chance(0.7) ? Math.round(stream.between(5, 12) * minuteMs) : null;
    const spec = (): StorageSpec => ({
      type: 'storage',
      count: 1,
      leaseMs: null,
      deadlineMs: null,
      requirements: {},
      volume: volumeOf(stream),
      zone: null,
      attachTo: null,
    });
    return claimed(
      stream,
      listOf(size.volumes, (at) => claimOf(stream, at, spec(), releaseAfterMs)),
    );
  },
};

function busy(pools: readonly PoolSpec[], requests: readonly PlannedRequest[], minutes: number): Drawn {
  return { workload: { pools, requests, busyMs: minutes * minuteMs }, claims: [] };
}

function claimed(stream: Stream, claims: readonly PlannedClaim[]): Drawn {
  const accepts: PoolSpec['accepts'] = ['virtual_machine', 'storage', 'network'];
  const pool = poolOf(stream, { limits: {}, accepts, requirements: { instanceFamily: ['c6i', 'm6i'] } });
  return { workload: { pools: [pool], requests: [], busyMs: 15 * minuteMs }, claims };
}

function poolOf(stream: Stream, over: Partial<PoolSpec>): PoolSpec {
  const capacityType = stream.pick([['on-demand'], ['spot'], null] as const);
  return {
    name: 'blue',
    requirements: { instanceFamily: ['m7g'], ...(capacityType ? { capacityType: [...capacityType] } : {}) },
    limits: {},
    tasksPerNode: 32,
    maxNodeVcpu: stream.pick([4, 16]),
    ordering: stream.pick(['fifo', 'priority'] as const),
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: stream.pick([10_000, 120_000]),
    priority: 0,
    accepts: ['task'],
    // As many as possible on one node is what makes it wide.
    nodesServe: 'any-tenant',
    ...over,
  };
}

/** So small that a node takes a thousand of them. */
function smallTask(stream: Stream, durationMs: number): TaskSpec {
  return {
    type: 'task',
    resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 },
    run: { kind: 'command', argv: ['simulated', String(Math.round(durationMs)), '0'] },
    env: {},
    count: 1,
    timeoutMs: null,
    retries: stream.integer(0, 2),
    priority: 0,
    requirements: {},
    expectedDurationMs: null,
    deadlineMs: null,
    learningStyle: null,
  };
}

/** All come within ten seconds: what waits together is decided together. */
function requestOf(stream: Stream, at: number, spec: TaskSpec): PlannedRequest {
  return {
    at: Math.round(firstAtMs + stream.between(0, 10_000)),
    tenant: stream.pick(['anna', 'bruno']),
    key: `key-${String(at)}`,
    pool: 'blue',
    spec,
    repeats: [],
    cancelAfterMs: null,
  };
}

function cancelOf(stream: Stream, chance: number): number | null {
  return stream.chance(chance) ? Math.round(stream.logBetween(1_000, 10 * minuteMs)) : null;
}

function claimOf(stream: Stream, at: number, spec: PlannedClaim['spec'], releaseAfterMs: number | null): PlannedClaim {
  return {
    at: Math.round(firstAtMs + stream.between(0, 5_000)),
    tenant: 'anna',
    key: `held-${String(at)}`,
    pool: 'blue',
    spec,
    refs: { volumes: [], networks: [], attachTo: null, ruleSource: null },
    repeatsAfterMs: [],
    changes: [],
    cancelAfterMs: releaseAfterMs,
  };
}

function volumeOf(stream: Stream): VolumeWish {
  return {
    sizeGib: stream.pick([8, 20]),
    iops: 3_000,
    throughputMibps: null,
    volumeType: null,
    snapshotId: null,
    strategy: stream.pick(['cheapest', 'reuse-first'] as const),
    onRelease: stream.chance(0.9) ? 'keep' : 'delete',
    keepMs: Math.round(stream.logBetween(30_000, 10 * minuteMs)),
  };
}

/** Text that cannot be packed into less: what is stored is as large as what was sent. */
function noise(stream: Stream, length: number): string {
  let text = '';
  while (text.length < length) text += stream.id();
  return text.slice(0, length);
}

function listOf<T>(count: number, of: (at: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, at) => of(at));
}
