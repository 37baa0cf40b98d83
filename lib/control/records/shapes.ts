// What each kind of record must have for the code that reads it. A field that only some readers know, and that
// they take as absent when it is, is not named.
import {
  anyObject,
  count,
  flag,
  isNull,
  from1To,
  list,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  positive,
  recordOf,
  text,
} from './checks.ts';
import { commitmentKinds } from '../../core/catalog/commitments.ts';
import { isPosition } from '../events/position.ts';
import { poolDisruption, taskDisruption } from './disruption-shapes.ts';
import { leftOfLarge, offeringSums } from './figure-shapes.ts';
import { nodeState, ofAgent, ofMemory, ofTheirEnd, warmNodes } from './node-shapes.ts';
import { shadowPolicy } from './shadow-shapes.ts';
import { givenToTasks, task } from './task-shapes.ts';
import type { Check } from './checks.ts';
import { targetGroupUses } from './target-shapes.ts';
import type { MachineLaunch, NodeLaunch } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import type { Why } from '../../core/plan/plan.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { ClaimRow } from '../../core/records/claim.ts';
import type { ClaimedMachine, WarmMachine } from '../../core/records/machine.ts';
import type { ClaimedVolume, KeptVolume } from '../../core/records/volume.ts';
import { firstIndexOf, tasksInFirst, tasksPerChunk } from '../../core/tasks/array-chunks.ts';
import type { ChunkRecord, RequestRecord } from '../../core/records/request.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import type { TenantRecord } from '../../core/records/tenant.ts';
import type { FloorRecord } from '../../core/scaling/alarms.ts';
import type { CostDay } from '../../core/costs/days.ts';
import type { TotalsRecord } from '../store/totals.ts';
import type { LockRecord } from '../coordination/lock.ts';
import type { PoolRecord } from '../use-cases.ts';
import type { WakeRecord } from '../coordination/wake.ts';

export const resources = object({ cpuMilli: number, memoryMib: number, gpu: number });
export const usage = object({ instances: number, vcpu: number, memoryMib: number, usdPerHour: number });
const timeOrNull = orNull(number);
/** Tasks of an array, machines of a request, instances of a launch: far above what the API and EC2 take. */
const many = from1To(1_000_000);
const requestStates = [
  'pending',
  'running',
  'active',
  'releasing',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'released',
];
export const requestState = oneOf(...requestStates);
export const counts = object({ pending: count, running: count, succeeded: count, failed: count, cancelled: count });
export const timeline = list(object({ atMs: number, stage: text, code: text, message: text }));

const requestFields = {
  id: text,
  tenant: text,
  pool: text,
  bodyHash: text,
  createdAtMs: number,
  state: requestState,
  reason: orNull(text),
  startedAtMs: timeOrNull,
  endedAtMs: timeOrNull,
  counts,
  cancelRequestedAtMs: timeOrNull,
  quarantine: orNull(text),
  timeline,
  batch: optional(object({ id: text, untilMs: number })),
  listedWith: optional(text),
};

const relation = list(object({ topology: oneOf('zone', 'node'), group: text }));
const serviceMember = object({ name: text, slot: count, revision: count });
export const taskSpec = object({
  type: oneOf('task'),
  resources,
  run: object({ kind: oneOf('command', 'shell', 'container') }),
  env: mapOf(text),
  count: many,
  timeoutMs: timeOrNull,
  retries: number,
  priority: number,
  requirements: anyObject,
  expectedDurationMs: timeOrNull,
  deadlineMs: timeOrNull,
  lossesMax: optional(count),
  group: optional(text),
  spread: optional(relation),
  affinity: optional(relation),
  antiAffinity: optional(relation),
  gang: optional(flag),
  disruption: optional(taskDisruption),
  mounts: optional(list(object({ request: text, path: orNull(text) }))),
  memoryGrowth: optional(object({ factor: positive, maxMib: positive })),
  ...givenToTasks,
  name: optional(text),
  labels: optional(mapOf(text)),
  retryOf: optional(text),
  service: optional(serviceMember),
  ports: optional(list(object({ name: text, port: optional(count), container: optional(count) }))),
  health: optional(
    object({ probe: object({ kind: oneOf('http', 'tcp', 'command') }), intervalMs: positive, timeoutMs: positive }),
  ),
  preStop: optional(object({ argv: list(text) })),
  subset: optional(object({ of: many, indices: text })),
});

const odds = object({ p50: number, p90: number });
const taskFields = recordOf<RequestRecord>({
  ...requestFields,
  spec: taskSpec,
  tasks: list(task),
  closed: object({
    chunks: count,
    counts,
    failed: optional(list(object({ index: count, what: text }))),
    nanoUsd: optional(number),
  }),
  nanoUsd: optional(number),
  quoted: optional(object({ endsMs: orNull(odds), usd: orNull(odds) })),
});
const chunkFields = recordOf<ChunkRecord>({ requestId: text, chunk: count, tasks: list(task) });
export const taskRequest: Check = (value) => taskFields(value) ?? tasksOfRow(value as RequestRecord);
export const chunk: Check = (value) => chunkFields(value) ?? tasksOfChunk(value as ChunkRecord);

/** A single one's task is in its row; an array's are in chunks, and the row counts the first ones, which have ended. */
function tasksOfRow({ spec, tasks, closed }: RequestRecord): string | null {
  const wanted = spec.count === 1 ? 1 : 0;
  if (tasks.length !== wanted)
    return `.tasks has ${String(tasks.length)} tasks, not ${String(wanted)}, and .spec.count is ${String(spec.count)}`;
  if (wanted === 1 && tasks[0]?.index !== 0) return `.tasks[0].index is ${String(tasks[0]?.index)}, not 0`;
  const { pending, running, succeeded, failed, cancelled } = closed.counts;
  const inChunks = wanted === 1 ? 0 : tasksInFirst(spec.count, closed.chunks);
  if (
    pending + running > 0
    || succeeded + failed + cancelled !== inChunks
    || firstIndexOf(closed.chunks - 1) >= spec.count
  ) {
    return (
      `.closed counts other tasks than the first ${String(closed.chunks)} chunks of `
      + `${String(spec.count)} tasks have`
    );
  }
  return null;
}

function tasksOfChunk({ chunk: number, tasks }: ChunkRecord): string | null {
  if (tasks.length === 0 || tasks.length > tasksPerChunk)
    return `.tasks has ${String(tasks.length)} tasks, not 1 to ${String(tasksPerChunk)}`;
  const at = tasks.findIndex((one, n) => one.index !== firstIndexOf(number) + n);
  return at < 0
    ? null
    : `.tasks[${String(at)}].index is ${String(tasks[at]?.index)}, not ${String(firstIndexOf(number) + at)}`;
}

const shape = object({ type: text, sizeGib: number, usdPerMonth: number });
export const volume = recordOf<ClaimedVolume>({
  pool: text,
  claim: text,
  place: text,
  key: text,
  shape,
  state: oneOf('wanted', 'asked', 'there', 'gone', 'kept'),
  volumeId: orNull(text),
  zone: orNull(text),
  device: orNull(text),
  askedAtMs: timeOrNull,
  labelTags: optional(mapOf(text)),
  onRelease: oneOf('delete', 'keep', 'snapshot'),
  keepMs: number,
  snapshot: orNull(
    object({ id: orNull(text), askedAtMs: number, intents: list(text), failures: count, nextTryAtMs: timeOrNull }),
  ),
  missingSinceMs: timeOrNull,
});
const machineFields = {
  pool: text,
  index: count,
  state: oneOf('wanted', 'there', 'gone'),
  launchId: orNull(text),
  specVersion: orNull(count),
  instanceId: orNull(text),
  instanceType: orNull(text),
  zone: orNull(text),
  capacityType: text,
  priceUsdPerHour: number,
  reserved: usage,
  thereSinceMs: timeOrNull,
  missingSinceMs: timeOrNull,
  reservation: optional(text),
};
export const machine = recordOf<ClaimedMachine>({ ...machineFields, claim: text });
const volumeWish = object({ sizeGib: number, strategy: text, onRelease: oneOf('delete', 'keep', 'snapshot') });
const rule = object({ protocol: text, cidr: orNull(text), request: orNull(text) });
const network = object({ ingress: list(rule), egress: orNull(list(rule)) });
const claimSpecs: Readonly<Record<string, Check>> = {
  virtual_machine: object({
    needs: object({ vcpu: number, memoryMib: number, gpu: number }),
    capacityType: text,
    volumes: list(volumeWish),
    network: orNull(network),
    volumeRequests: list(text),
    networkRequests: list(text),
    service: optional(serviceMember),
  }),
  storage: object({ volume: volumeWish, zone: orNull(text), attachTo: orNull(text) }),
  network: object({ network }),
};
const claimBase = object({
  type: oneOf(...Object.keys(claimSpecs)),
  count: many,
  name: optional(text),
  labels: optional(mapOf(text)),
  leaseMs: timeOrNull,
  deadlineMs: timeOrNull,
  requirements: anyObject,
});
export const claimSpec: Check = (value) =>
  claimBase(value) ?? claimSpecs[(value as { type: string }).type]?.(value) ?? null;

export const claim = recordOf<ClaimRow>({
  ...requestFields,
  spec: claimSpec,
  leaseEndsAtMs: timeOrNull,
  leaseAnnouncedForMs: timeOrNull,
  ending: orNull(object({ state: requestState, reason: text })),
  fault: orNull(object({ code: text, message: text })),
  usedBy: orNull(object({ request: text, machine: number, device: text })),
  groupIds: list(text),
  waitsForGroups: list(text),
  power: oneOf('running', 'stopped'),
  wantedShape: orNull(shape),
  isResizing: flag,
  wantedNetwork: orNull(network),
  isDetaching: flag,
  ...{ grantSinceMs: timeOrNull, notBeforeMs: optional(number), after: optional(text) },
  leaving: optional(object({ instanceId: text, reason: text, atMs: number })),
  billed: optional(object({ toMs: number, nanoUsd: number })),
});
export const warm = recordOf<WarmMachine>({ ...machineFields, id: text, claim: isNull, life: claim });

export const assignment = object({
  attemptId: text,
  requestId: text,
  index: count,
  attempt: count,
  resources,
  isOffered: flag,
  placedAtMs: number,
  startedAtMs: timeOrNull,
  expectedEndAtMs: timeOrNull,
  mounts: optional(object({ requests: list(text), areAttached: flag })),
  payer: optional(object({ tenant: text, labels: optional(mapOf(text)), meterNanoUsd: number })),
  savedAtMs: optional(number),
  isServing: optional(flag),
  isChecked: optional(flag),
  usage: optional(object({ cpuMilli: number, memoryMib: number })),
  ports: optional(list(object({ name: text, port: count }))),
  health: optional(object({ isHealthy: flag, message: optional(text), atMs: number })),
  withdrawn: orNull(object({ reason: text, atSeq: number, atBootId: text })),
});
export const node = recordOf<NodeRecord>({
  id: text,
  pool: text,
  launchId: text,
  specVersion: count,
  templateVersion: text,
  instanceType: text,
  zone: text,
  capacityType: oneOf('spot', 'on-demand'),
  priceUsdPerHour: number,
  allocatable: resources,
  tasksMax: number,
  reserved: usage,
  state: nodeState,
  createdAtMs: number,
  readyAtMs: timeOrNull,
  ...ofAgent,
  bootId: text,
  seq: number,
  lastSeenAtMs: timeOrNull,
  assigned: list(assignment),
  address: optional(text),
  ended: optional(list(text)),
  emptySinceMs: timeOrNull,
  ran: optional(list(object({ fromMs: number, ms: number, cpuMilli: number, memoryMib: number, gpu: number }))),
  asked: optional(orNull(anyObject)),
  meter: optional(object({ atMs: number, nanoUsd: number })),
  bills: optional(list(object({ day: count, tenant: text, labels: optional(mapOf(text)), nanoUsd: number }))),
  billed: optional(object({ toMs: number, meterNanoUsd: number })),
  replaces: optional(list(text)),
  startFailures: optional(object({ count, requests: list(text), message: text, sinceMs: number })),
  trouble: optional(object({ reason: text, sinceMs: number })),
  drain: orNull(object({ by: text, reason: text, atMs: number, deadlineMs: timeOrNull, stopAtMs: optional(number) })),
  ...ofTheirEnd,
  cordon: optional(object({ by: text, atMs: number })),
  isLost: flag,
  terminateAcceptedAtMs: timeOrNull,
  missingSinceMs: timeOrNull,
});

const tokenCalls = {
  calls: count,
  nextTryAtMs: number,
  callingSinceMs: timeOrNull,
  unheardUntilMs: timeOrNull,
  tokenUsed: orNull(object({ code: text, listedAtMs: number, instanceIds: list(text) })),
};
const launchFields = {
  id: text,
  pool: text,
  state: oneOf('open', 'settled'),
  ...tokenCalls,
  reserved: usage,
  reason: text,
  createdAtMs: number,
  specVersion: count,
};
const frozenFields = {
  ...{ capacityType: oneOf('spot', 'on-demand'), count: many, tags: mapOf(text) },
  reservation: optional(object({ id: text, kind: oneOf('capacity-reservation', 'capacity-block') })),
};
const nodeLaunch = recordOf<NodeLaunch>({
  ...launchFields,
  tasksMax: number,
  request: object({
    ...frozenFields,
    templateVersion: text,
    overrides: list(object({ instanceType: text, zone: text, priceUsdPerHour: number })),
  }),
});
const machineLaunch = recordOf<MachineLaunch>({
  ...launchFields,
  members: list(object({ request: text, index: count })),
  request: object({
    ...frozenFields,
    instanceType: text,
    zone: text,
    priceUsdPerHour: number,
    groupIds: list(text),
    disks: list(object({ shape })),
  }),
});
const anyLaunch = object({ request: object({ call: oneOf('fleet', 'run') }) });
export const launch: Check = (value) =>
  anyLaunch(value)
  ?? ((value as { request: { call: string } }).request.call === 'fleet' ? nodeLaunch(value) : machineLaunch(value));

export const group = recordOf<GroupRecord>({
  id: text,
  pool: text,
  tenant: text,
  owner: text,
  shareKey: orNull(text),
  name: text,
  wish: network,
  state: oneOf('creating', 'active', 'changing', 'deleting'),
  groupId: orNull(text),
  references: list(text),
  createdAtMs: number,
  missingSinceMs: timeOrNull,
  fault: orNull(anyObject),
});
export const kept = recordOf<KeptVolume>({
  id: text,
  pool: text,
  claim: isNull,
  tenant: text,
  zone: text,
  shape,
  keptUntilMs: number,
  keptSinceMs: number,
  isGoing: flag,
  missingSinceMs: timeOrNull,
});

const budget = object({ usdPerDay: optional(number), usdPerMonth: optional(number) });
export const pool = recordOf<PoolRecord>({
  spec: object({
    name: text,
    requirements: anyObject,
    limits: mapOf(number),
    budget: optional(budget),
    tasksPerNode: count,
    maxNodeVcpu: optional(number),
    ordering: oneOf('fifo', 'priority', 'fair-share'),
    placement: oneOf('least-cost', 'spread', 'least-allocated', 'most-allocated', 'balanced'),
    learningStyle: text,
    idleAfterMs: number,
    priority: number,
    isDefault: optional(flag),
    accepts: list(text),
    ...{ disruption: optional(poolDisruption), shadow: optional(shadowPolicy) },
    ...{ lossesMax: optional(count), lifetimes: optional(text), historyDays: optional(count) },
    forecastQuantile: optional(number),
    objective: optional(text),
    patienceMs: optional(number),
    alarms: optional(list(object({ alarmName: text, cooldownMs: number }))),
    headroom: optional(object({ resources, nodes: count })),
    policies: optional(list(object({ kind: oneOf('manual', 'schedule', 'step', 'target'), name: text }))),
    tenants: optional(list(text)),
    nodesServe: optional(text),
    role: optional(text),
    roles: optional(list(object({ role: text, tenants: optional(list(text)) }))),
    secrets: optional(list(object({ from: text, tenants: optional(list(text)) }))),
    targetGroups: optional(list(object({ arn: text, tenants: optional(list(text)) }))),
    onDemand: optional(object({ baseVcpu: number, percent: number })),
    prices: optional(list(object({ instanceType: text }))),
    commitments: optional(list(object({ kind: oneOf(...commitmentKinds), name: text }))),
    warm: optional(object({ running: count, stopped: count, needs: anyObject, requirements: anyObject })),
    warmNodes: optional(warmNodes),
  }),
  specVersion: count,
  createdAtMs: number,
  updatedAtMs: number,
  deletingSinceMs: timeOrNull,
  paused: optional(object({ by: text, sinceMs: number })),
  hasServices: optional(flag),
  hasTargets: optional(flag),
});

export const tenant = recordOf<TenantRecord>({
  name: text,
  weight: positive,
  budget: optional(budget),
  createdAtMs: number,
  updatedAtMs: number,
});

const alarms = mapOf(
  object({
    ...{ state: text, atMs: number, reason: text, actedAtMs: timeOrNull, isWaiting: flag },
    beyond: optional(number),
  }),
);
const alarmedBecause = orNull(object({ alarmName: text, reason: text, atMs: number }));
const moved = object({ wishes: list(list(number)), changes: list(list(number)) });
const rates = object({
  stabilisationMs: count,
  select: oneOf('max', 'min', 'disabled'),
  policies: list(object({ kind: oneOf('count', 'percent'), value: count, periodMs: positive })),
});
const servicePolicy = object({
  kind: oneOf('manual', 'schedule', 'step', 'target', 'alarm'),
  name: text,
  metric: optional(object({ kind: oneOf('waiting', 'cpu', 'memory', 'reported', 'cloudwatch') })),
});

const replica = object({
  request: text,
  slot: count,
  revision: count,
  crashes: count,
  stop: orNull(object({ atMs: number, cancelAtMs: number, reason: text })),
});
/** A request of one task, or a claim of one machine. */
const replicaTemplate: Check = (value) =>
  (value as { type?: unknown } | null)?.type === 'virtual_machine' ? claimSpec(value) : taskSpec(value);
export const service = recordOf<ServiceRecord>({
  id: text,
  tenant: text,
  name: text,
  pool: text,
  replicas: count,
  scaling: optional(
    object({
      min: count,
      max: count,
      policies: list(servicePolicy),
      learningStyle: optional(oneOf('scheduled', 'predictive')),
      forecastQuantile: optional(number),
      behaviour: optional(object({ out: rates, in: rates })),
    }),
  ),
  scaled: optional(object({ moved, alarmed: optional(object({ count, because: alarmedBecause, alarms })) })),
  update: object({
    ...{ maxUnavailable: count, maxSurge: count, order: oneOf('start-first', 'stop-first') },
    ...{ minHealthyMs: number, progressMs: positive, isRolledBack: flag },
  }),
  rollout: object({
    state: oneOf('running', 'done', 'failed', 'rolling-back', 'rolled-back'),
    ...{ revision: count, from: orNull(count), startedAtMs: number, progressAtMs: number },
    ...{ available: count, failures: count, reason: orNull(text) },
  }),
  drainMs: number,
  targetGroups: optional(targetGroupUses),
  revision: count,
  revisions: list(
    object({
      ...{ number: count, template: replicaTemplate, createdAtMs: number },
      targetGroups: optional(targetGroupUses),
    }),
  ),
  running: list(replica),
  crashed: list(object({ slot: count, crashes: count })),
  started: count,
  events: list(object({ atMs: number, code: text, message: text })),
  createdAtMs: number,
  updatedAtMs: number,
  deletingSinceMs: timeOrNull,
});

export const memory = recordOf<PoolMemory>({
  refusals: mapOf(
    object({ untilMs: number, waitMs: number, code: text, message: optional(text), aboveVcpu: optional(number) }),
  ),
  failedCalls: count,
  boots: orNull(object({ failed: count, countedToMs: number, last: text })),
  gangs: mapOf(object({ came: count, of: count, waitMs: number, untilMs: timeOrNull })),
  droughts: optional(object({ turn: count, byShape: mapOf(object({ untilMs: number, waitMs: number })) })),
  massSilenceSinceMs: timeOrNull,
  passedOver: optional(mapOf(number)),
  lastTasks: optional(object({ resources, requirements: anyObject })),
  ...ofMemory,
  commitments: optional(mapOf(object({ used: number, atMs: number, fromMs: number, sum: number }))),
  lifetimes: optional(object({ classes: mapOf(list(number)), learnedAtMs: number })),
  offerings: optional(mapOf(offeringSums)),
});
export const why = recordOf<Why>({
  byShape: mapOf(object({ code: text, message: text, nextTryAtMs: timeOrNull, excluded: list(anyObject) })),
});
export const floor = recordOf<FloorRecord>({
  nodes: count,
  because: alarmedBecause,
  alarms,
  policies: optional(object({ nodes: count, reason: text, moved })),
});
const regretSum = object({ nodes: count, notPriced: count, microUsd: mapOf(number) });
export const regretByDay = object({ byDay: mapOf(regretSum), before: regretSum });
export const totals = recordOf<TotalsRecord>({
  ended: mapOf(number),
  launchedNodes: number,
  launches: optional(mapOf(number)),
  goneNodes: number,
  spentUsd: number,
  acceptedToPlaced: mapOf(number),
  placedToRunning: mapOf(number),
  runningToEnded: mapOf(number),
  regret: optional(regretByDay),
});
export const costs = recordOf<CostDay>({
  pool: text,
  day: count,
  nodes: number,
  tasks: number,
  claims: number,
  tenants: mapOf(number),
  labels: mapOf(number),
});
export const wake = recordOf<WakeRecord>({
  wanted: count,
  served: count,
  wantedAtMs: number,
  listAfterMs: optional(number),
});
export const lock = recordOf<LockRecord>({
  holder: orNull(text),
  epoch: count,
  expiresAtMs: number,
  nextDueAtMs: timeOrNull,
  openRequests: count,
  openClaims: optional(count),
  ...leftOfLarge,
  metricsUntil: optional(mapOf(number)),
  publishing: optional(orNull(object({ failures: count, nextTryAtMs: number }))),
});
export const fence = object({ epoch: count });
export const batch = object({ id: text, requestIds: list(text) });
export const orphans = object({ sinceMs: mapOf(number) });
export const events = object({ events: list(object({ type: text, atMs: number })) });
export const webhook = object({
  ...{ id: text, tenant: text, name: text, url: text },
  filter: object({}),
  secrets: list(object({ secret: text, createdAtMs: number, endsAtMs: timeOrNull })),
});
const webhookTimes = { leaseEndsAtMs: number, nextTryAtMs: number };
const position: Check = (value) => (typeof value === 'string' && isPosition(value) ? null : ' is no place in the log');
export const webhookState = object({
  ...{ ...webhookTimes, position, failures: count, delivered: count },
  missed: optional(object({ fromMs: number, untilMs: number })),
});
export const undelivered = object({
  ...{ eventId: text, place: text, tries: count, nextTryAtMs: timeOrNull },
  event: object({ type: text, atMs: number }),
});
export const activity = object({ atMs: number, code: text, message: text });
