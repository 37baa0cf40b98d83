// Records for example tests, whole and valid: a test says only what matters to it. One place to follow when a
// record gets another field.
import { timesUsage } from '../../lib/core/records/pool.ts';
import { newClaim } from '../../lib/core/claims/lifecycle.ts';
import type { ClaimListing, SeenGroup, SeenMachine, SeenSnapshot, SeenVolume } from '../../lib/core/plan/listing.ts';
import { ClaimWorkingCopy } from '../../lib/core/claims/working-copy.ts';
import type { LaunchTerms } from '../../lib/core/plan/launches.ts';
import { callKey } from '../../lib/core/plan/claim-call.ts';
import type { Aside, Observation, OpenRequest, SeenClaims } from '../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../lib/core/plan/working-copy.ts';
import { emptyMemory } from '../../lib/core/plan/observation.ts';
import type { Action, Change, RecordWrite } from '../../lib/core/plan/plan.ts';
import { writeKey } from '../../lib/core/plan/plan.ts';
import type { ClaimRecord, ClaimSpec, MachineSpec, StorageSpec } from '../../lib/core/records/claim.ts';
import { newTokenCalls } from '../../lib/core/records/launch.ts';
import type { MachineLaunch, NodeLaunch } from '../../lib/core/records/launch.ts';
import type { MachinePart } from '../../lib/core/records/machine.ts';
import type { Assignment, NodeRecord } from '../../lib/core/records/node.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { ChunkRecord, RequestRecord, TaskRecord, TaskSpec } from '../../lib/core/records/request.ts';
import { attemptId } from '../../lib/core/records/request.ts';
import { firstIndexOf } from '../../lib/core/tasks/array-chunks.ts';
import type { GroupRecord, NetworkRule, NetworkWish } from '../../lib/core/records/security-group.ts';
import type { KeptVolume, VolumeShape, VolumeWish } from '../../lib/core/records/volume.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';
import { newTask, placeTask } from '../../lib/core/tasks/task-lifecycle.ts';
import type { CapacityType, InstanceType, Offering } from '../../lib/core/values/offering.ts';
import { offeringId } from '../../lib/core/values/offering.ts';
import { localDecisionSettings } from '../../lib/core/values/settings.ts';

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
  const all = Array.from({ length: size }, (_, at) => newTask(firstIndexOf(number) + at));
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
    specVersion: 1,
    templateVersion: '1',
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
    specVersion: 1,
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

// ---- claims ---------------------------------------------------------------------------------------------

export const volumeWish: VolumeWish = {
  sizeGib: 20,
  iops: null,
  throughputMibps: null,
  volumeType: null,
  snapshotId: null,
  strategy: 'cheapest',
  onRelease: 'delete',
  keepMs: 3_600_000,
};

/** What {@link volumeWish} becomes. */
export const volumeShape: VolumeShape = {
  type: 'gp3',
  sizeGib: 20,
  iops: 3_000,
  throughputMibps: 125,
  usdPerMonth: 1.6,
};

const claimBase = { count: 1, leaseMs: null, deadlineMs: null, requirements: {} };

export const storageSpec: StorageSpec = {
  ...claimBase,
  type: 'storage',
  volume: volumeWish,
  zone: null,
  attachTo: null,
};

export const machineSpec: MachineSpec = {
  ...claimBase,
  type: 'virtual_machine',
  needs: { vcpu: 2, memoryMib: 4096, gpu: 0, arch: null },
  capacityType: 'on-demand',
  subnetId: null,
  imageId: null,
  userData: null,
  keyName: null,
  instanceProfile: null,
  volumes: [],
  network: null,
  volumeRequests: [],
  networkRequests: [],
};

/** A claim as it is accepted, at 0. */
export function newlyClaimed(id: string, spec: ClaimSpec, more: Partial<ClaimRecord> = {}): ClaimRecord {
  return { ...newClaim({ id, tenant: 't', pool: 'p', bodyHash: '', spec }, 0), ...more };
}

export function storageWish(id: string, spec: Partial<StorageSpec> = {}, more: Partial<ClaimRecord> = {}): ClaimRecord {
  return newlyClaimed(id, { ...storageSpec, ...spec }, more);
}

/** A storage request whose volume is there. */
export function storage(id: string, zone: string, more: Partial<ClaimRecord> = {}): ClaimRecord {
  const fresh = storageWish(id);
  const volume = fresh.volume && { ...fresh.volume, state: 'there' as const, zone, volumeId: `vol-${id}` };
  return { ...fresh, state: 'active', startedAtMs: 1, volume, ...more };
}

/** A machine request that waits. */
export function machineWish(id: string, spec: Partial<MachineSpec> = {}, more: Partial<ClaimRecord> = {}): ClaimRecord {
  return newlyClaimed(id, { ...machineSpec, ...spec }, more);
}

/** There since 1, as {@link seenMachine} shows it. */
export function machineThere(part: MachinePart, instanceId: string, more: Partial<MachinePart> = {}): MachinePart {
  return {
    ...part,
    state: 'there',
    launchId: 'l',
    instanceId,
    instanceType: smallType.name,
    zone: 'za',
    priceUsdPerHour: 0.1,
    reserved: node().reserved,
    thereSinceMs: 1,
    ...more,
  };
}

/** An active machine request `m` has the instances i-m-0, i-m-1, …: one unless its spec says otherwise. */
export function machines(id: string, spec: Partial<MachineSpec> = {}, more: Partial<ClaimRecord> = {}): ClaimRecord {
  const fresh = machineWish(id, spec);
  return {
    ...fresh,
    state: 'active',
    startedAtMs: 1,
    machines: fresh.machines.map((part) => machineThere(part, `i-${id}-${String(part.index)}`)),
    ...more,
  };
}

export function rule(more: Partial<NetworkRule> = {}): NetworkRule {
  return { protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', request: null, ...more };
}

/** SSH from the private network, and everything may leave. */
export function networkWish(more: Partial<NetworkWish> = {}): NetworkWish {
  return { ingress: [rule()], egress: null, sharing: 'dedicated', allowPublic: false, ...more };
}

export function network(id: string, wish: Partial<NetworkWish> = {}, more: Partial<ClaimRecord> = {}): ClaimRecord {
  const spec = { ...claimBase, type: 'network', network: networkWish(wish) } as const;
  return newlyClaimed(id, spec, { state: 'active', startedAtMs: 1, groupIds: [`sg-${id}`], ...more });
}

/** The group of the request's own, made and with its rules; nobody else refers to it. */
export function group(owner: string, more: Partial<GroupRecord> = {}): GroupRecord {
  return {
    id: `g-${owner}`,
    pool: 'p',
    tenant: 't',
    owner,
    shareKey: null,
    name: `bellows-test-${owner}`,
    wish: networkWish(),
    state: 'active',
    groupId: `sg-${owner}`,
    references: [owner],
    createdAtMs: 0,
    missingSinceMs: null,
    fault: null,
    ...more,
  };
}

/** Kept for an hour yet. */
export function keptVolume(id: string, more: Partial<KeptVolume> = {}): KeptVolume {
  return {
    id,
    pool: 'p',
    claim: null,
    tenant: 't',
    zone: 'za',
    shape: volumeShape,
    keptUntilMs: nowMs + 3_600_000,
    keptSinceMs: 0,
    isGoing: false,
    missingSinceMs: null,
    ...more,
  };
}

/** Open, for the first machine of the request. */
export function machineLaunch(id: string, claimId: string, more: Partial<MachineLaunch> = {}): MachineLaunch {
  return {
    id,
    pool: 'p',
    state: 'open',
    specVersion: 1,
    members: [{ request: claimId, index: 0 }],
    request: {
      call: 'run',
      capacityType: 'on-demand',
      count: 1,
      tags: {},
      instanceType: smallType.name,
      zone: 'za',
      subnetId: null,
      priceUsdPerHour: 0.1,
      imageId: 'ami-amd64',
      userData: null,
      keyName: null,
      instanceProfile: null,
      groupIds: [],
      disks: [],
    },
    reserved: node().reserved,
    reason: 'cheapest',
    createdAtMs: nowMs,
    outcome: null,
    ...newTokenCalls(nowMs),
    ...more,
  };
}

// ---- EC2, as it is listed -------------------------------------------------------------------------------

export function seenMachine(id: string, more: Partial<SeenMachine> = {}): SeenMachine {
  return {
    id,
    state: 'running',
    instanceType: smallType.name,
    zone: 'za',
    capacityType: 'on-demand',
    privateIp: null,
    publicIp: null,
    disks: [],
    groupIds: [],
    tags: {},
    stateReason: null,
    ...more,
  };
}

/** Free, and as {@link volumeShape} is. */
export function seenVolume(id: string, more: Partial<SeenVolume> = {}): SeenVolume {
  const { type, sizeGib, iops, throughputMibps } = volumeShape;
  const state = 'available';
  return { id, state, zone: 'za', type, sizeGib, iops, throughputMibps, attachments: [], tags: {}, ...more };
}

export function attachedTo(instanceId: string, state = 'attached'): Partial<SeenVolume> {
  return { state: 'in-use', attachments: [{ instanceId, device: '/dev/sdf', state }] };
}

interface Seen {
  readonly atMs?: number;
  readonly machines?: readonly SeenMachine[];
  readonly volumes?: readonly SeenVolume[];
  readonly snapshots?: readonly SeenSnapshot[];
  readonly groups?: readonly SeenGroup[];
}

export function claimListing(seen: Seen = {}): ClaimListing {
  return {
    atMs: seen.atMs ?? nowMs,
    machines: new Map(seen.machines?.map((one) => [one.id, one])),
    volumes: new Map(seen.volumes?.map((one) => [one.id, one])),
    snapshots: seen.snapshots ?? [],
    groups: new Map(seen.groups?.map((one) => [one.name, one])),
  };
}

export const terms: LaunchTerms = {
  installation: 'test',
  templateVersion: '7',
  specVersion: 1,
  machineImages: { amd64: 'ami-amd64', arm64: 'ami-arm64' },
  newId: () => 'new',
};

/** Of claims: the listing and the launches are theirs. */
interface ClaimWorld extends Omit<World, 'listing' | 'launches'> {
  readonly listing?: ClaimListing | null;
  readonly launches?: readonly MachineLaunch[];
}

/** A pool with these claims, of which EC2 shows nothing unless `listing` says so. */
export function claimObservation({ listing = claimListing(), launches = [], ...more }: ClaimWorld = {}): Observation {
  return observation({ ...more, claimListing: listing, machineLaunches: launches });
}

/** New ids are n1, n2, … */
export function claimCopy(world: ClaimWorld = {}): ClaimWorkingCopy {
  let ids = 0;
  const newId = (): string => `n${String((ids += 1))}`;
  return new ClaimWorkingCopy(claimObservation(world), localDecisionSettings, { ...terms, newId });
}

/** Of an observation of tasks and services. */
export function claimCopyOf(seen: Observation): ClaimWorkingCopy {
  return new ClaimWorkingCopy(seen, localDecisionSettings, { ...terms, newId: () => 'l' });
}

/** The calls that were decided, shortly: `attach vol-1 i-1`, `delete-volume vol-1`. */
export function callsOf(copy: Pick<ClaimWorkingCopy, 'calls'>): readonly string[] {
  return copy.calls.map(callKey);
}

/** The newest entry of the claim's timeline. */
export function lastEntry(copy: Pick<ClaimWorkingCopy, 'claim'>, id: string): string {
  const entry = copy.claim(id)?.timeline.at(-1);
  return `${entry?.code ?? ''}: ${entry?.message ?? ''}`;
}

// ---- observations ---------------------------------------------------------------------------------------

interface World extends Omit<Partial<Observation>, 'requests' | 'nodes' | 'launches' | keyof SeenClaims> {
  readonly launches?: readonly NodeLaunch[];
  readonly requests?: readonly (RequestRecord | OpenRequest)[];
  readonly nodes?: readonly NodeRecord[];
  readonly claims?: readonly ClaimRecord[];
  readonly groups?: readonly GroupRecord[];
  readonly machineLaunches?: readonly MachineLaunch[];
  readonly kept?: readonly KeptVolume[];
  readonly warmFailed?: readonly ClaimRecord[];
  readonly leftOver?: SeenClaims['leftOver'];
  readonly ended?: NonNullable<SeenClaims['ended']>;
}

/** An open array with its chunks. */
export function array(record: RequestRecord, chunks: readonly ChunkRecord[] = []): OpenRequest {
  return { record, version: 1, chunks: chunks.map((one) => ({ record: one, version: 1 })), isCollected: false };
}

/** Nothing, but for what is named. */
export function aside(more: Partial<Aside> = {}): Aside {
  const usage = { ...timesUsage(node().reserved, 0), volumeGib: 0, usdPerMonth: 0 };
  return { nodes: [], requests: new Set(), claims: new Set(), usage, ...more };
}

/** A pool that may buy {@link offerings}, with these records. */
export function observation(world: World = {}): Observation {
  const { requests = [], nodes = [], launches = [], ...rest } = world;
  const { claims = [], groups = [], machineLaunches = [], kept = [], warmFailed = [], ...more } = rest;
  const versioned = <T>(record: T): { record: T; version: number } => ({ record, version: 1 });
  return {
    nowMs,
    pool: pool(),
    isPoolDeleting: false,
    requests: requests.map((one) => ('record' in one ? one : array(one))),
    nodes: nodes.map(versioned),
    launches: launches.map(versioned),
    claims: claims.map(versioned),
    groups: groups.map(versioned),
    machineLaunches: machineLaunches.map(versioned),
    kept: kept.map(versioned),
    warmFailed: warmFailed.map(versioned),
    leftOver: [],
    listing: null,
    claimListing: null,
    snapshotOwners: new Map(),
    memory: emptyMemory,
    offerings,
    ...more,
  };
}

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
      default:
        return one.kind;
    }
  });
}

function nameOf(write: RecordWrite): string {
  if (write.type === 'chunk') return `${write.record.requestId}[${String(write.record.chunk)}]`;
  const key = writeKey(write);
  return key.slice(key.indexOf(' ') + 1);
}

/** The record as the write puts it; null: it drops one. */
export function putRecord(write: RecordWrite | undefined): object | null {
  return write === undefined || write.type === 'drop' ? null : write.record;
}

/** The working copy after one part of the decision. */
export function decided(decide: (seen: Observation, copy: WorkingCopy) => void, seen: Observation): WorkingCopy {
  const copy = new WorkingCopy(seen);
  decide(seen, copy);
  return copy;
}
