// What stands in for a record that cannot be read: enough for everybody who meets it, and set aside, so that
// nobody decides by it. Of each kind:
//   request    shown as quarantined with the error; no decision is made about it, what runs of it runs
//              on, what it holds stays
//   node       drained: what it runs and can be read ends there, then its instance is terminated; nothing leaks
//   pool       shown with the error; takes nothing and does nothing until it is declared anew
//   tenant     has the default weight until it is declared anew
//   targets    what is wanted is registered again; what else was registered stays
//   webhook    shown with the error; is sent nothing until a replay says from when on
//   service    shown with the error; nothing is decided about it, its replicas run on
//   singletons (memory, wake, lock, …) begin anew; the next write mends them
//   others     are left out of what is read; launches' instances are reaped by the sweep, other things in EC2 stay
import type { ClaimRow } from '../../core/records/claim.ts';
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import type { ChunkRecord, RequestRecord, TaskSpec } from '../../core/records/request.ts';
import type { RegretByDay } from '../../core/costs/regret/sums.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { begun } from '../../core/services/rollout.ts';
import type { GroupTargets } from '../../core/services/targets/record.ts';
import type { TenantRecord } from '../../core/records/tenant.ts';
import { defaultWeight } from '../../core/records/tenant.ts';
import { emptyFloor } from '../../core/scaling/alarms.ts';
import { noShadow } from '../../core/costs/shadow/record.ts';
import { noReadings } from '../../core/scaling/policies/cloudwatch.ts';
import { newState } from '../events/webhooks/records.ts';
import type { WebhookState } from '../events/webhooks/records.ts';
import type { Item, ItemKey } from '../../ports/store.ts';
import type { CostDay } from '../../core/costs/days.ts';
import { noCosts } from '../../core/costs/days.ts';
import { emptyTotals } from '../store/totals.ts';
import type { PoolRecord } from '../use-cases.ts';
import { count, list, mapOf, number, orNull, text, valid } from './checks.ts';
import * as shapes from './shapes.ts';

type Fields = Readonly<Record<string, unknown>>;

const noResources = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
const noUsage = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 };
const noCounts = { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
const emptySpec: TaskSpec = {
  type: 'task',
  resources: noResources,
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

function fieldsOf(data: unknown): Fields {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Fields) : {};
}

/**
 * Of a task, or of what holds. Tenant and pool are kept where they can be read: without a tenant nobody but
 * an operator finds it.
 */
export function requestFrom(
  { pk, index }: Pick<Item, 'pk' | 'index'>,
  data: unknown,
  error: string,
): RequestRecord | ClaimRow {
  const fields = fieldsOf(data);
  // The keys of the indexes know some of it as well (see keys.ts): HELD#pool#shard or OPEN#pool#shard,
  // REQUESTS#shard#tenant, time#id.
  const [partition = '', pool = ''] = index.open?.pk.split('#') ?? [];
  const tenant = index['by-time']?.pk.split('#').slice(2).join('#') ?? '';
  const createdAtMs = valid(
    number,
    fields['createdAtMs'],
    Number((index['by-time'] ?? index.open)?.sk.split('#')[0] ?? 0),
  );
  const base = {
    id: pk.slice('REQUEST#'.length),
    tenant: valid(text, fields['tenant'], tenant),
    pool: valid(text, fields['pool'], pool),
    bodyHash: valid(text, fields['bodyHash'], ''),
    createdAtMs,
    state: valid<RequestRecord['state']>(shapes.requestState, fields['state'], 'pending'),
    reason: 'quarantined',
    startedAtMs: valid<number | null>(orNull(number), fields['startedAtMs'], null),
    endedAtMs: valid<number | null>(orNull(number), fields['endedAtMs'], null),
    counts: valid(shapes.counts, fields['counts'], noCounts),
    cancelRequestedAtMs: valid<number | null>(orNull(number), fields['cancelRequestedAtMs'], null),
    quarantine: error,
    isUnreadable: true as const,
    timeline: [
      ...valid<RequestRecord['timeline']>(shapes.timeline, fields['timeline'], []),
      { atMs: createdAtMs, stage: 'pending', code: 'quarantined', message: error },
    ],
  };
  const type = fieldsOf(fields['spec'])['type'];
  if (type === 'virtual_machine' || type === 'storage' || type === 'network' || partition === 'HELD')
    return claimFrom(base, fields);
  return {
    ...base,
    spec: valid(shapes.taskSpec, fields['spec'], emptySpec),
    tasks: [],
    closed: { chunks: 0, counts: noCounts },
  };
}

function claimFrom(base: Omit<RequestRecord, 'spec' | 'tasks' | 'closed'>, fields: Fields): ClaimRow {
  const network = { ingress: [], egress: null, sharing: 'dedicated', allowPublic: false } as const;
  const empty = { type: 'network', count: 1, leaseMs: null, deadlineMs: null, requirements: {}, network } as const;
  return {
    ...base,
    state: base.state === 'running' || base.state === 'succeeded' ? 'pending' : base.state,
    tasks: [],
    spec: valid<ClaimRow['spec']>(shapes.claimSpec, fields['spec'], empty),
    leaseEndsAtMs: valid<number | null>(orNull(number), fields['leaseEndsAtMs'], null),
    leaseAnnouncedForMs: null,
    ending: null,
    fault: null,
    usedBy: null,
    groupIds: valid(list(text), fields['groupIds'], []),
    waitsForGroups: [],
    power: 'running',
    wantedShape: null,
    isResizing: false,
    wantedNetwork: null,
    isDetaching: false,
    grantSinceMs: null,
  };
}

function readable<T>(check: (value: unknown) => string | null, all: unknown): readonly T[] {
  return Array.isArray(all) ? ((all as unknown[]).filter((one) => check(one) === null) as T[]) : [];
}

export function nodeFrom({ pk, sk }: ItemKey, data: unknown, error: string): NodeRecord {
  const fields = fieldsOf(data);
  const assigned = readable<Assignment>(shapes.assignment, fields['assigned']);
  const state = fields['state'] === 'terminating' && assigned.length === 0 ? 'terminating' : 'draining';
  return {
    id: sk,
    pool: pk.slice('NODES#'.length),
    launchId: valid(text, fields['launchId'], ''),
    specVersion: valid(count, fields['specVersion'], 0),
    templateVersion: valid(text, fields['templateVersion'], ''),
    instanceType: valid(text, fields['instanceType'], 'unknown'),
    zone: valid(text, fields['zone'], 'unknown'),
    capacityType: fields['capacityType'] === 'spot' ? 'spot' : 'on-demand',
    // Without its beginning nobody knows what it cost.
    priceUsdPerHour: number(fields['createdAtMs']) === null ? valid(number, fields['priceUsdPerHour'], 0) : 0,
    allocatable: valid(shapes.resources, fields['allocatable'], noResources),
    tasksMax: valid(number, fields['tasksMax'], 0),
    reserved: valid(shapes.usage, fields['reserved'], { ...noUsage, instances: 1 }),
    state,
    createdAtMs: valid(number, fields['createdAtMs'], 0),
    readyAtMs: null,
    bootId: valid(text, fields['bootId'], ''),
    seq: valid(number, fields['seq'], 0),
    lastSeenAtMs: valid<number | null>(orNull(number), fields['lastSeenAtMs'], null),
    assigned,
    ...(Array.isArray(fields['ended']) ? { ended: readable<string>(text, fields['ended']) } : {}),
    emptySinceMs: null,
    drain: { by: 'set-aside', reason: error, atMs: 0, deadlineMs: null },
    isLost: fields['isLost'] === true,
    terminateAcceptedAtMs: valid<number | null>(orNull(number), fields['terminateAcceptedAtMs'], null),
    missingSinceMs: valid<number | null>(orNull(number), fields['missingSinceMs'], null),
  };
}

/** Its tasks are not known: whose they are is set aside as a whole. */
export function chunkFrom({ pk, sk }: ItemKey, error: string): ChunkRecord {
  return { requestId: pk.slice('REQUEST#'.length), chunk: Number(sk.slice('CHUNK#'.length)), tasks: [], error };
}

export function poolFrom({ sk }: ItemKey, data: unknown, error: string): PoolRecord {
  const fields = fieldsOf(data);
  return {
    spec: {
      name: sk,
      requirements: {},
      limits: { instances: 0 },
      tasksPerNode: 1,
      ordering: 'fifo',
      placement: 'least-cost',
      learningStyle: 'reactive',
      idleAfterMs: 60_000,
      priority: 0,
      accepts: [],
    },
    specVersion: valid(count, fields['specVersion'], 0),
    createdAtMs: valid(number, fields['createdAtMs'], 0),
    updatedAtMs: valid(number, fields['updatedAtMs'], 0),
    deletingSinceMs: valid<number | null>(orNull(number), fields['deletingSinceMs'], null),
    quarantine: error,
  };
}

/** What can be read of the counts stays counted. */
export function totalsFrom(data: unknown): typeof emptyTotals {
  const fields = fieldsOf(data);
  const numbers = mapOf(number);
  return {
    ended: valid(numbers, fields['ended'], emptyTotals.ended),
    launchedNodes: valid(number, fields['launchedNodes'], 0),
    goneNodes: valid(number, fields['goneNodes'], 0),
    spentUsd: valid(number, fields['spentUsd'], 0),
    acceptedToPlaced: valid(numbers, fields['acceptedToPlaced'], {}),
    placedToRunning: valid(numbers, fields['placedToRunning'], {}),
    runningToEnded: valid(numbers, fields['runningToEnded'], {}),
    ...(fields['regret'] !== undefined && shapes.regretByDay(fields['regret']) === null
      ? { regret: fields['regret'] as RegretByDay }
      : {}),
  };
}

/** What the day cost is not known any more; what comes is counted. */
export function costsFrom(sk: string): CostDay {
  const at = sk.lastIndexOf('#');
  return noCosts(sk.slice(0, at), Math.floor(Date.parse(sk.slice(at + 1)) / 86_400_000));
}

/** Free, and due at once; its epoch is looked up in the fence. */
export function lockFrom(data: unknown): object {
  return {
    holder: null,
    epoch: valid(count, fieldsOf(data)['epoch'], 0),
    expiresAtMs: 0,
    nextDueAtMs: 0,
    openRequests: -1,
    openClaims: -1,
    isMended: true,
  };
}

export const emptyOf = {
  memory: emptyMemory,
  floor: emptyFloor,
  cloudWatch: noReadings,
  why: { byShape: {} },
  shadow: noShadow,
  wake: { wanted: 1, served: 0, wantedAtMs: 0 },
  fence: { epoch: 0 },
  orphans: { sinceMs: {} },
};

const unknownUpdate: ServiceRecord['update'] = {
  maxUnavailable: 0,
  maxSurge: 1,
  order: 'start-first',
  minHealthyMs: 0,
  progressMs: 1,
  isRolledBack: false,
};

export function serviceFrom({ pk, sk }: ItemKey, error: string): ServiceRecord {
  const at = sk.lastIndexOf('#');
  return {
    id: '',
    tenant: sk.slice(0, at),
    name: sk.slice(at + 1),
    pool: pk.slice('SERVICES#'.length),
    replicas: 0,
    update: unknownUpdate,
    rollout: begun(0, null, 0, error),
    drainMs: 0,
    revision: 0,
    revisions: [],
    running: [],
    crashed: [],
    started: 0,
    events: [],
    createdAtMs: 0,
    updatedAtMs: 0,
    deletingSinceMs: null,
    quarantine: error,
    isUnreadable: true,
  };
}

/** What is wanted is registered anew. What else was registered is not known any more, and stays. */
export function targetsFrom({ pk, sk }: ItemKey): GroupTargets {
  const at = sk.indexOf('#');
  const place = { pool: pk.slice('TARGETS#'.length), service: sk.slice(0, at), arn: sk.slice(at + 1) };
  return { ...place, tenant: '', name: '', facts: null, targets: {}, lookedAtMs: null, troubles: {} };
}

/** How far it is, nobody knows: its owner says from when on it is sent what happened. */
export function webhookFrom(error: string): WebhookState {
  return { ...newState(0), quarantine: error };
}

export function tenantFrom({ sk }: ItemKey): TenantRecord {
  return { name: sk, weight: defaultWeight, createdAtMs: 0, updatedAtMs: 0 };
}
