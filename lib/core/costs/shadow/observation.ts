// The shadow as a decision sees it: its nodes as documents of nodes whose agents have just called, and each of its
// tasks as a request of one. EC2 is not listed, so nothing that rests on its word is decided.
import type { Allocate } from '../../allocation/types.ts';
import { instanceType } from '../../catalog/index.ts';
import type { LaunchTerms } from '../../plan/launches.ts';
import type { Observation, OpenRequest, PoolMemory, Versioned } from '../../plan/observation.ts';
import { addPoolUsage, usageOfPool } from '../../records/limits.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import { attemptId } from '../../records/request.ts';
import { agentProtocol } from '../../records/sync.ts';
import { newRequest } from '../../tasks/request-lifecycle.ts';
import type { PoolSpec } from '../../records/pool.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import type { InstanceType, Offering } from '../../values/offering.ts';
import { assert } from '../../values/errors.ts';
import type { ShadowNode, ShadowRecord, ShadowRequest, ShadowTask } from './record.ts';
import { taskKey } from './record.ts';

export interface ShadowWorld {
  /** The pool's, of now: memory, prices, budgets and claims are taken from it. */
  readonly seen: Observation;
  /** The pool's declaration with the shadow's fields, and what it may buy. */
  readonly pool: PoolSpec;
  readonly offerings: readonly Offering[];
  readonly settings: DecisionSettings;
  readonly terms: Omit<LaunchTerms, 'newId'>;
  readonly allocate: Allocate;
  /** No more time is left in this tick. */
  readonly isTooLate: () => boolean;
}

/** What the shadow was at that time, beside what the pool's tick saw of the world. */
export function shadowObservation(record: ShadowRecord, atMs: number, world: ShadowWorld): Observation {
  const { seen, pool, offerings } = world;
  const { listing: _listing, claimListing: _claims, suspects: _suspects, services: _services, ...rest } = seen;
  const tasks = record.tasks.filter(
    (one) => one.isOver !== true && (record.requests[one.request]?.createdAtMs ?? Infinity) <= atMs,
  );
  const onNode = Map.groupBy(tasks, (one) => one.node);
  const context: NodeContext = { atMs, pool: pool.name, terms: world.terms, typeOf: typesOf(world) };
  return {
    ...rest,
    ...{ pool, offerings, nowMs: atMs, listing: null, claimListing: null, isPoolDeleting: false },
    ...{ claims: [], groups: [], machineLaunches: [], kept: [], warmFailed: [], leftOver: [], launches: [] },
    memory: memoryOf(record, seen.memory),
    snapshotOwners: new Map(),
    requests: tasks.map((one) => openRequest(one, requestOf(record, one), pool.name)),
    nodes: record.nodes.map((node) => versioned(nodeRecord(node, onNode.get(node.id) ?? [], record, context))),
    aside: { nodes: [], requests: new Set(), claims: new Set(), usage: usageOfClaims(seen) },
  };
}

function versioned<T>(record: T): Versioned<T> {
  return { record, version: 0 };
}

/** What is remembered of the pool's own nodes, tasks and moves is none of the shadow's. */
function memoryOf({ consolidatedAtMs }: ShadowRecord, memory: PoolMemory): PoolMemory {
  const { consolidatedAtMs: _moved, passedOver: _passed, commitments: _used, ...rest } = memory;
  return {
    ...rest,
    ...{ gangs: {}, massSilenceSinceMs: null },
    ...(consolidatedAtMs === undefined ? {} : { consolidatedAtMs }),
  };
}

/** Machines and volumes count against the limits as they do in the pool. */
function usageOfClaims({ claims, machineLaunches, kept, aside }: Observation): ReturnType<typeof usageOfPool> {
  const own = usageOfPool({
    ...{ nodes: [], launches: machineLaunches.map((one) => one.record) },
    ...{ claims: claims.map((one) => one.record), kept: kept.map((one) => one.record) },
  });
  return aside === undefined ? own : addPoolUsage(own, aside.usage);
}

function requestOf({ requests }: ShadowRecord, { request }: ShadowTask): ShadowRequest {
  const found = requests[request];
  assert(found, `the shadow has a task of ${request}, and not the request`);
  return found;
}

/** Each task is a request of one: in the shadow tasks of an array wait and move by themselves. */
function openRequest(task: ShadowTask, { tenant, createdAtMs, spec }: ShadowRequest, pool: string): OpenRequest {
  const fields = { id: taskKey(task), tenant, pool, bodyHash: '' };
  const full = {
    ...{ timeoutMs: null, expectedDurationMs: null, deadlineMs: null, ...spec },
    ...{ type: 'task' as const, run: { kind: 'command' as const, argv: [] }, env: {}, count: 1, retries: 0 },
    learningStyle: null,
  };
  const fresh = newRequest({ ...fields, spec: full }, createdAtMs);
  const record = { ...fresh, tasks: fresh.tasks.map((one) => ({ ...one, attempt: task.attempt })) };
  return { record, version: 0, chunks: [], isCollected: false };
}

interface NodeContext extends Pick<ShadowWorld, 'terms'> {
  readonly atMs: number;
  readonly pool: string;
  readonly typeOf: (name: string) => InstanceType | undefined;
}

function typesOf({ offerings, seen }: ShadowWorld): NodeContext['typeOf'] {
  const known = new Map([...seen.offerings, ...offerings].map(({ type }) => [type.name, type]));
  return (name) => known.get(name) ?? instanceType(name);
}

function nodeRecord(
  node: ShadowNode,
  tasks: readonly ShadowTask[],
  record: ShadowRecord,
  { atMs, pool, terms, typeOf }: NodeContext,
): NodeRecord {
  const { id, zone, capacityType, priceUsdPerHour, tasksMax, createdAtMs, readyAtMs, drain } = node;
  const { replaces, reservation } = node;
  const type = typeOf(node.instanceType);
  const isReady = readyAtMs <= atMs;
  const { vcpu = 0, memoryMib = 0 } = type ?? {};
  return {
    ...{ id, pool, zone, capacityType, priceUsdPerHour, tasksMax, createdAtMs, instanceType: node.instanceType },
    ...{ launchId: id, specVersion: terms.specVersion, templateVersion: terms.templateVersion, agentProtocol },
    allocatable: type?.allocatable ?? { cpuMilli: 0, memoryMib: 0, gpu: 0 },
    reserved: { instances: 1, vcpu, memoryMib, usdPerHour: priceUsdPerHour },
    state: drain !== undefined ? 'draining' : isReady ? 'ready' : 'launching',
    readyAtMs: isReady ? readyAtMs : null,
    lastSeenAtMs: isReady ? atMs : null,
    ...{ bootId: isReady ? id : '', seq: 0, isLost: false, terminateAcceptedAtMs: null, missingSinceMs: null },
    assigned: tasks.map((one) => assignmentOf(one, requestOf(record, one), atMs)),
    emptySinceMs: tasks.length > 0 ? null : isReady ? (node.emptySinceMs ?? readyAtMs) : null,
    ...(replaces === undefined ? {} : { replaces }),
    ...(reservation === undefined ? {} : { reservation }),
    drain: drain ?? null,
  };
}

function assignmentOf(task: ShadowTask, { spec }: ShadowRequest, atMs: number): Assignment {
  const id = taskKey(task);
  const placedAtMs = task.placedAtMs ?? atMs;
  return {
    attemptId: attemptId(id, 0, task.attempt),
    ...{ requestId: id, index: 0, attempt: task.attempt, resources: spec.resources, isOffered: true },
    ...{ placedAtMs, startedAtMs: placedAtMs, withdrawn: null },
    expectedEndAtMs: spec.expectedDurationMs === undefined ? null : placedAtMs + (spec.expectedDurationMs ?? 0),
  };
}
