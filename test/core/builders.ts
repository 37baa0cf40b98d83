// Records for example tests, whole and valid: a test says only what matters to it. One place to follow when a
// record gets another field.
import { timesUsage } from '../../lib/core/records/pool.ts';
import { newClaim } from '../../lib/core/claims/lifecycle.ts';
import type { Observation, OpenRequest } from '../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../lib/core/plan/observation.ts';
import type { Action, RecordWrite } from '../../lib/core/plan/plan.ts';
import type { ClaimRecord, StorageSpec } from '../../lib/core/records/claim.ts';
import { newTokenCalls } from '../../lib/core/records/launch.ts';
import type { NodeLaunch } from '../../lib/core/records/launch.ts';
import type { Assignment, NodeRecord } from '../../lib/core/records/node.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { ChunkRecord, RequestRecord, TaskRecord, TaskSpec } from '../../lib/core/records/request.ts';
import { attemptId, tasksPerChunk } from '../../lib/core/records/request.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';
import { newTask, placeTask } from '../../lib/core/tasks/task-lifecycle.ts';
import type { CapacityType, InstanceType, Offering } from '../../lib/core/values/offering.ts';
import { offeringId } from '../../lib/core/values/offering.ts';

export const nowMs = 10_000_000;

export const resources = { cpuMilli: 1_000, memoryMib: 1_000, gpu: 0 };

export function typeOf(
  name: string,
  vcpu: number,
  gib: number,
  usd: number,
  more: Partial<InstanceType> = {},
): InstanceType {
  const [family = '', size = ''] = name.split('.');
  const gpu = more.gpu ?? 0;
  return {
    name,
    family,
    size,
    category: family.slice(0, 1),
    generation: 7,
    arch: 'amd64',
    vcpu,
    memoryMib: gib * 1024,
    gpu,
    gpuName: gpu > 0 ? 'g' : null,
    gpuManufacturer: gpu > 0 ? 'nvidia' : null,
    gpuMemoryMib: gpu > 0 ? 16_384 : null,
    accelerator: null,
    cpuManufacturer: 'intel',
    hypervisor: 'nitro',
    isBurstable: false,
    isCurrentGeneration: true,
    virtualizationTypes: ['hvm'],
    bootModes: ['uefi'],
    usageClasses: ['on-demand', 'spot'],
    isBareMetal: false,
    localDiskGib: 0,
    networkMbps: null,
    allocatable: { cpuMilli: vcpu * 1000 - 100, memoryMib: gib * 1024 - 300, gpu },
    onDemandUsdPerHour: usd,
    spotUsdPerHour: usd * 0.4,
    spotInterruptionBand: 1,
    ...more,
  };
}

export function offer(type: InstanceType, zone: string, capacityType: CapacityType): Offering {
  const price = capacityType === 'spot' ? type.spotUsdPerHour : type.onDemandUsdPerHour;
  return { id: offeringId(type.name, zone, capacityType), type, zone, capacityType, priceUsdPerHour: price ?? 0 };
}

/** 2 vCPU, in two zones, on demand. */
export const smallType = typeOf('c7.large', 2, 4, 0.1);
export const offerings: readonly Offering[] = ['za', 'zb'].map((zone) => offer(smallType, zone, 'on-demand'));

export const taskSpec: TaskSpec = {
  type: 'task',
  resources,
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

/** Accepted at 0, unless said otherwise. */
export function request(id: string, spec: Partial<TaskSpec> = {}, more: Partial<RequestRecord> = {}): RequestRecord {
  const fields = { id, tenant: 't', pool: 'p', bodyHash: '', spec: { ...taskSpec, ...spec } };
  return { ...newRequest(fields, 0), ...more };
}

export function task(more: Partial<TaskRecord> = {}): TaskRecord {
  return { ...newTask(more.index ?? 0), ...more };
}

/** Placed on the node at 10. */
export function placedTask(nodeId = 'i-1', more: Partial<TaskRecord> = {}): TaskRecord {
  const { instanceType, zone, capacityType, priceUsdPerHour } = node();
  return {
    ...placeTask(newTask(more.index ?? 0), { nodeId, instanceType, zone, capacityType, priceUsdPerHour }, 10),
    ...more,
  };
}

/** A chunk of an array: untouched tasks but for those that are named. */
export function chunk(requestId: string, number: number, size: number, tasks: readonly TaskRecord[] = []): ChunkRecord {
  const all = Array.from({ length: size }, (_, at) => newTask(number * tasksPerChunk + at));
  return { requestId, chunk: number, tasks: all.map((one) => tasks.find(({ index }) => index === one.index) ?? one) };
}

export function assignment(requestId: string, more: Partial<Assignment> = {}): Assignment {
  const { index = 0, attempt = 1 } = more;
  return {
    attemptId: attemptId(requestId, index, attempt),
    requestId,
    index,
    attempt,
    resources,
    isOffered: true,
    placedAtMs: 10,
    startedAtMs: null,
    expectedEndAtMs: null,
    withdrawn: null,
    ...more,
  };
}

/** Ready, just heard of, without work. */
export function node(more: Partial<NodeRecord> = {}): NodeRecord {
  return {
    id: 'i-1',
    pool: 'p',
    launchId: 'l',
    instanceType: smallType.name,
    zone: 'za',
    capacityType: 'on-demand',
    priceUsdPerHour: 0.1,
    allocatable: smallType.allocatable,
    tasksMax: 10,
    reserved: { instances: 1, vcpu: 2, memoryMib: 4096, usdPerHour: 0.1 },
    state: 'ready',
    createdAtMs: 0,
    readyAtMs: 1,
    bootId: 'b',
    seq: 1,
    lastSeenAtMs: nowMs,
    assigned: [],
    emptySinceMs: nowMs,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
    ...more,
  };
}

/** Open, for nodes of {@link smallType} in zone za, on demand. */
export function launch(id: string, more: Partial<NodeLaunch> = {}, count = 1): NodeLaunch {
  const overrides = [{ instanceType: smallType.name, zone: 'za', priceUsdPerHour: 0.1 }];
  return {
    id,
    pool: 'p',
    state: 'open',
    request: { call: 'fleet', capacityType: 'on-demand', templateVersion: '1', overrides, count, tags: {} },
    reserved: timesUsage(node().reserved, count),
    tasksMax: 10,
    reason: 'cheapest',
    createdAtMs: nowMs,
    outcome: null,
    ...newTokenCalls(nowMs),
    ...more,
  };
}

export function pool(more: Partial<PoolSpec> = {}): PoolSpec {
  return {
    name: 'p',
    requirements: {},
    limits: {},
    tasksPerNode: 10,
    ordering: 'fifo',
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: 60_000,
    priority: 0,
    accepts: ['task'],
    ...more,
  };
}

const storageSpec: StorageSpec = {
  type: 'storage',
  count: 1,
  leaseMs: null,
  deadlineMs: null,
  requirements: {},
  volume: {
    sizeGib: 20,
    iops: null,
    throughputMibps: null,
    volumeType: null,
    snapshotId: null,
    strategy: 'cheapest',
    onRelease: 'delete',
    keepMs: 3_600_000,
  },
  zone: null,
  attachTo: null,
};

/** A storage request whose volume is there. */
export function storage(id: string, zone: string, more: Partial<ClaimRecord> = {}): ClaimRecord {
  const fresh = newClaim({ id, tenant: 't', pool: 'p', bodyHash: '', spec: storageSpec }, 0);
  const volume = fresh.volume && { ...fresh.volume, state: 'there' as const, zone, volumeId: `vol-${id}` };
  return { ...fresh, state: 'active', volume, ...more };
}

interface World extends Omit<Partial<Observation>, 'requests' | 'nodes' | 'launches'> {
  readonly launches?: readonly NodeLaunch[];
  readonly requests?: readonly (RequestRecord | OpenRequest)[];
  readonly nodes?: readonly NodeRecord[];
}

/** An open array with its chunks. */
export function array(record: RequestRecord, chunks: readonly ChunkRecord[] = []): OpenRequest {
  return { record, version: 1, chunks: chunks.map((one) => ({ record: one, version: 1 })), isCollected: false };
}

/** A pool that may buy {@link offerings}, with these requests and nodes. */
export function observation({ requests = [], nodes = [], launches = [], ...more }: World = {}): Observation {
  return {
    nowMs,
    pool: pool(),
    isPoolDeleting: false,
    requests: requests.map((one) => ('record' in one ? one : array(one))),
    nodes: nodes.map((record) => ({ record, version: 1 })),
    launches: launches.map((record) => ({ record, version: 1 })),
    listing: null,
    memory: emptyMemory,
    offerings,
    ...more,
  };
}

type Change = Extract<Action, { kind: 'change' }>;

interface Decided {
  readonly actions: readonly Action[];
}

export function changes({ actions }: Decided, what?: Change['what']): readonly Change[] {
  return actions.filter((one) => one.kind === 'change').filter((one) => what === undefined || one.what === what);
}

/** What the actions do, shortly: `drain i-1`, `terminate i-1 i-2`. */
export function summary({ actions }: Decided): readonly string[] {
  return actions.map((one) => {
    switch (one.kind) {
      case 'change':
        return [one.what, ...one.writes.map(nameOf)].join(' ');
      case 'terminate':
        return ['terminate', ...one.nodes.map(({ id }) => id)].join(' ');
      case 'forget':
        return `forget ${one.node.id}`;
      default:
        return one.kind;
    }
  });
}

function nameOf(write: RecordWrite): string {
  return write.type === 'chunk' ? `${write.record.requestId}[${String(write.record.chunk)}]` : write.record.id;
}
