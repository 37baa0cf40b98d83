// The truth of a run, as no controller sees it: every record of the store after every write, every instance of
// the cloud, every machine and process. Checkers watch it; it knows records by their shape, never by control's keys.
import type { World as Ec2World } from '../adapters/simulated/ec2/world.ts';
import type { GroupRecord } from '../core/records/security-group.ts';
import type { ClaimRecord } from '../core/records/claim.ts';
import type { KeptVolume } from '../core/records/volume.ts';
import { ClaimsInStore } from './claims-in-store.ts';
import type { ArchivePart } from '../core/forecast/archive.ts';
import type { LaunchRecord } from '../core/records/launch.ts';
import type { NodeRecord } from '../core/records/node.ts';
import type { PoolPause, PoolSpec } from '../core/records/pool.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../core/records/request.ts';
import type { ReportedRecord } from '../core/services/policies.ts';
import type { ServiceRecord } from '../core/services/record.ts';
import type { GroupTargets } from '../core/services/targets/record.ts';
import type { InstanceState } from '../ports/cloud.ts';
import type { BellowsEvent } from '../ports/events.ts';
import type { Item, ItemKey, PutItem } from '../ports/store.ts';
import type { Accepted, KeyedAnswer, Ledger, Reading } from './applications/clients.ts';
import type { PriceChanges } from './checkers/tasks/placeable.ts';
import type { Machine, ProcessRun } from './processes/machine.ts';

/** One item before and after a write. */
export interface StoreChange {
  readonly key: ItemKey;
  readonly before: Item | null;
  readonly after: Item | null;
}

export interface PoolInStore {
  readonly spec: PoolSpec;
  readonly specVersion: number;
  readonly paused?: PoolPause;
}

/** Launch ids of instances that no controller asked for. */
export const strayPrefix = 'stray-';

export interface TrueInstance {
  readonly id: string;
  /** A virtual machine of a claim, and no node: its tag says so. */
  readonly isClaimed: boolean;
  readonly launchId: string;
  readonly pool: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: 'spot' | 'on-demand';
  readonly createdAtMs: number;
  state: InstanceState;
  /** EC2 accepted our call to end it, or ended it by itself. */
  isEnding: boolean;
  /** EC2 said when it takes it. */
  reclaimAtMs: number | null;
}

export interface Violation {
  readonly invariant: string;
  readonly message: string;
  /** Ids that the story is about. */
  readonly subjects: readonly string[];
  readonly atMs: number;
}

/** What a checker may listen to. All of it is called with the truth already up to date. */
export interface Watcher {
  request?(before: RequestRecord | null, after: RequestRecord | null): void;
  /**
   * Single tasks as their row and the documents of nodes together have them, once a whole
   * transaction is in the store.
   */
  task?(request: RequestRecord, before: TaskRecord | null, after: TaskRecord): void;
  node?(before: NodeRecord | null, after: NodeRecord | null): void;
  launch?(before: LaunchRecord | null, after: LaunchRecord | null): void;
  claim?(before: ClaimRecord | null, after: ClaimRecord | null): void;
  group?(before: GroupRecord | null, after: GroupRecord | null): void;
  kept?(before: KeptVolume | null, after: KeptVolume | null): void;
  /** EC2 is about to do what changes something; parameters as the protocol names them. */
  ec2Call?(action: string, parameters: Readonly<Record<string, string>>, by: string): void;
  /** EC2 has done it. */
  ec2Done?(action: string, parameters: Readonly<Record<string, string>>, by: string): void;
  pool?(before: PoolInStore | null, after: PoolInStore | null): void;
  service?(before: ServiceRecord | null, after: ServiceRecord | null): void;
  reported?(before: ReportedRecord | null, after: ReportedRecord): void;
  archived?(part: ArchivePart): void;
  /** After all writes of one transaction (or one single write). */
  written?(): void;
  /** The keys of what was written. */
  wrote?(keys: readonly string[]): void;
  /** A process has put this item by itself, without a transaction. */
  put?(by: string, item: PutItem): void;
  /** A call of a use case is about to write, or has learned from the store that its fence was raised by another. */
  write?(call: string, what: string): void;
  fenced?(call: string): void;
  /** A write of this process was refused, or its outcome is not known to it. */
  writeFailed?(by: string): void;
  /** A process has read a page of the open requests of this partition. */
  indexRead?(by: string, pk: string): void;
  instance?(instance: TrueInstance): void;
  /** EC2 has answered the token of a launch for good (whether or not the answer arrives). */
  launchAnswered?(token: string): void;
  /** EC2 is asked to end these instances, which are no machines of claims, now. */
  terminateCall?(ids: readonly string[], by: string): void;
  processStarted?(machine: Machine, run: ProcessRun): void;
  processEnded?(machine: Machine, run: ProcessRun): void;
  /** The controller has acknowledged these ends: this node's agent may forget them. */
  acknowledged?(nodeId: string, attemptIds: readonly string[]): void;
  /** An event for subscribers was sent. */
  published?(event: BellowsEvent): void;
  totals?(pool: string, after: { readonly ended: Readonly<Record<string, number>> }): void;
  accepted?(accepted: Accepted): void;
  answered?(answer: KeyedAnswer): void;
  read?(reading: Reading): void;
  claimsAccepted?(id: string): void;
  claimsRead?(id: string, isThere: boolean): void;
  /** After every event; has to be cheap. */
  step?(): void;
  /** Faults have stopped. */
  calm?(): void;
  /** Everything should be over. */
  end?(): void;
}

export type WatcherOf = (truth: Truth) => Watcher;

export interface TaskTruth {
  readonly request: RequestRecord;
  readonly task: TaskRecord;
}

export class Truth {
  readonly ledger: Ledger;
  readonly requests = new Map<string, RequestRecord>();
  readonly chunks = new Map<string, Map<number, ChunkRecord>>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly launches = new Map<string, LaunchRecord>();
  readonly pools = new Map<string, PoolInStore>();
  readonly claims = new Map<string, ClaimRecord>();
  readonly groups = new Map<string, GroupRecord>();
  readonly kept = new Map<string, KeptVolume>();
  readonly services = new Map<string, ServiceRecord>();
  /** What is registered with target groups, by service and group. */
  readonly targets = new Map<string, GroupTargets>();
  /** When CloudWatch last answered a value of a metric, by the metric's id. */
  readonly metricValuesAtMs = new Map<string, number>();
  /** By id of the service. */
  readonly reported = new Map<string, ReportedRecord>();
  /** Pools that were deleted at some time, also if they were declared again since. */
  readonly deletedPools = new Set<string>();
  readonly instances = new Map<string, TrueInstance>();
  /** EC2 beyond its instances: volumes, snapshots, groups; null in runs without claims. */
  ec2: Ec2World | null = null;
  /** What offerings cost now where that is not the catalog's price, and the highest that they cost in this run. */
  prices: { readonly now: PriceChanges; readonly highest: PriceChanges } = { now: new Map(), highest: new Map() };
  readonly machines = new Map<string, Machine>();
  /** Every process that ever ran, by attempt. */
  readonly runs = new Map<string, ProcessRun[]>();
  readonly counts = { writes: 0 };
  /** Set in the quiet phase: nothing may be written from then on. */
  isQuiet = false;
  /** By attempt: the node whose document carries it. */
  readonly #homes = new Map<string, NodeRecord>();
  readonly #claimsInStore = new ClaimsInStore();
  readonly #watchers: Watcher[] = [];
  readonly #now: () => number;
  #isCalm = false;
  /** Whether every controller that is alive stands still. */
  isStandingStill: () => boolean = () => false;
  /** From then on nobody stands still any more from the time of the faults. */
  steadySinceMs = Infinity;
  violation: Violation | null = null;

  constructor(ledger: Ledger, now: () => number) {
    this.ledger = ledger;
    this.#now = now;
    ledger.onAccepted = (accepted) => this.tell((watcher) => watcher.accepted?.(accepted));
    ledger.onAnswer = (answer) => this.tell((watcher) => watcher.answered?.(answer));
    ledger.onClaim = (id) => this.tell((watcher) => watcher.claimsAccepted?.(id));
    ledger.onClaimRead = (id, isThere) => this.tell((watcher) => watcher.claimsRead?.(id, isThere));
    ledger.onReading = (reading) => this.tell((watcher) => watcher.read?.(reading));
  }

  get nowMs(): number {
    return this.#now();
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  /** Only the first is kept: later ones are mostly its consequences. */
  violate(invariant: string, message: string, subjects: readonly string[]): void {
    this.violation ??= { invariant, message, subjects, atMs: this.nowMs };
  }

  tell(notify: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) notify(watcher);
  }

  becomeCalm(steadySinceMs: number): void {
    this.#isCalm = true;
    this.steadySinceMs = steadySinceMs;
    this.tell((watcher) => watcher.calm?.());
  }

  /** Every task of the request as the store has it; untouched tasks of arrays are absent. */
  tasksOf(request: RequestRecord): readonly TaskRecord[] {
    if (request.spec.count === 1) return [this.#singleTask(request)].filter((task) => task !== null);
    return [...(this.chunks.get(request.id)?.values() ?? [])].flatMap((chunk) => chunk.tasks);
  }

  taskOf(requestId: string, index: number): TaskTruth | null {
    const request = this.requests.get(requestId);
    if (request === undefined) return null;
    const task =
      request.spec.count === 1
        ? index === 0
          ? this.#singleTask(request)
          : null
        : this.#taskInChunks(requestId, index);
    return task ? { request, task } : null;
  }

  /** Told by the store of all changes of one write or transaction, after they happened. */
  applied(changes: readonly StoreChange[]): void {
    const notices: ((watcher: Watcher) => void)[] = [];
    this.counts.writes += changes.length;
    const singles = new Map(singlesOf(changes).map((id) => [id, this.#singleTask(this.requests.get(id))]));
    const changedClaims = new Set<string>();
    for (const { before, after, key } of changes) {
      const claim = this.#claimsInStore.changed(before?.data, after?.data);
      if (claim === null) this.#changed(before?.data, after?.data, notices);
      else changedClaims.add(claim);
      const totals = after?.data;
      if (key.sk === 'TOTALS' && has(totals, 'ended'))
        notices.push((watcher) => watcher.totals?.(key.pk, totals as { ended: Record<string, number> }));
    }
    for (const id of changedClaims) {
      const is = this.#claimsInStore.claim(id);
      const was = this.claims.get(id) ?? null;
      if (is) this.claims.set(id, is);
      else this.claims.delete(id);
      notices.push((watcher) => watcher.claim?.(was, is));
    }
    for (const [id, before] of singles) {
      const request = this.requests.get(id) ?? null;
      const after = this.#singleTask(request);
      if (after && !isSameTask(before, after)) noticeTask(notices, request, before, after);
    }
    const keys = changes.map(({ key }) => `${key.pk} ${key.sk}`);
    for (const watcher of this.#watchers) {
      for (const notice of notices) notice(watcher);
      watcher.written?.();
      watcher.wrote?.(keys);
    }
  }

  /** The task of a single request: placed while a node's document carries its current attempt. */
  #singleTask(request: RequestRecord | null | undefined): TaskRecord | null {
    const [task] = request?.spec.count === 1 ? request.tasks : [];
    if (!request || !task) return null;
    const node = this.#homes.get(`${request.id}.0.${String(task.attempt)}`);
    if (task.state !== 'pending' || !node) return task;
    const { id: nodeId, instanceType, zone, capacityType, priceUsdPerHour } = node;
    return { ...task, state: 'placed', allocation: { nodeId, instanceType, zone, capacityType, priceUsdPerHour } };
  }

  #taskInChunks(requestId: string, index: number): TaskRecord | undefined {
    for (const chunk of this.chunks.get(requestId)?.values() ?? []) {
      const first = chunk.tasks[0]?.index ?? 0;
      const task = chunk.tasks[index - first];
      if (task?.index === index) return task;
    }
    return undefined;
  }

  #changed(before: unknown, after: unknown, notices: ((watcher: Watcher) => void)[]): void {
    const sample = after ?? before;
    if (isGroup(sample)) {
      const [was, is] = keep(
        this.groups,
        sample.id,
        before as GroupRecord | undefined,
        after as GroupRecord | undefined,
      );
      notices.push((watcher) => watcher.group?.(was, is));
    } else if (isKept(sample)) {
      const [was, is] = keep(this.kept, sample.id, before as KeptVolume | undefined, after as KeptVolume | undefined);
      notices.push((watcher) => watcher.kept?.(was, is));
    } else if (isService(sample)) {
      const [was, is] = keep(
        this.services,
        sample.id,
        before as ServiceRecord | undefined,
        after as ServiceRecord | undefined,
      );
      notices.push((watcher) => watcher.service?.(was, is));
    } else if (isTargets(sample)) {
      keep(this.targets, `${sample.service}#${sample.arn}`, before as GroupTargets, after as GroupTargets | undefined);
    } else if (isReported(after)) {
      this.reported.set(after.service, after);
      notices.push((watcher) => watcher.reported?.(isReported(before) ? before : null, after));
    } else if (isArchivePart(after)) {
      notices.push((watcher) => watcher.archived?.(after));
    } else if (isRequest(sample)) {
      const [was, is] = [(before as RequestRecord | undefined) ?? null, (after as RequestRecord | undefined) ?? null];
      if (is) this.requests.set(is.id, is);
      else this.requests.delete(sample.id);
      notices.push((watcher) => watcher.request?.(was, is));
    } else if (isChunk(sample)) {
      const [was, is] = [(before as ChunkRecord | undefined) ?? null, (after as ChunkRecord | undefined) ?? null];
      const chunks = this.chunks.get(sample.requestId) ?? new Map<number, ChunkRecord>();
      if (is) this.chunks.set(sample.requestId, chunks.set(sample.chunk, is));
      else chunks.delete(sample.chunk);
      const request = this.requests.get(sample.requestId) ?? null;
      is?.tasks.forEach((task, at) => noticeTask(notices, request, was?.tasks[at] ?? null, task));
    } else if (isNode(sample)) {
      const [was, is] = [(before as NodeRecord | undefined) ?? null, (after as NodeRecord | undefined) ?? null];
      if (is) this.nodes.set(is.id, is);
      else this.nodes.delete(sample.id);
      for (const { attemptId } of was?.assigned ?? [])
        if (this.#homes.get(attemptId)?.id === sample.id) this.#homes.delete(attemptId);
      for (const { attemptId } of is?.assigned ?? []) this.#homes.set(attemptId, is as NodeRecord);
      notices.push((watcher) => watcher.node?.(was, is));
    } else if (isLaunch(sample)) {
      const [was, is] = [(before as LaunchRecord | undefined) ?? null, (after as LaunchRecord | undefined) ?? null];
      // A launch that has left the open ones is still the proof that its instances were wanted.
      if (is) this.launches.set(is.id, is);
      else this.launches.set(sample.id, { ...sample, state: 'settled' });
      notices.push((watcher) => watcher.launch?.(was, is));
    } else if (isPool(sample)) {
      const [was, is] = [(before as PoolInStore | undefined) ?? null, (after as PoolInStore | undefined) ?? null];
      if (is) this.pools.set(is.spec.name, is);
      else this.pools.delete(sample.spec.name);
      notices.push((watcher) => watcher.pool?.(was, is));
    }
  }
}

/** Single requests whose task may be another one after these changes. */
function singlesOf(changes: readonly StoreChange[]): readonly string[] {
  const ids = new Set<string>();
  for (const { before, after } of changes) {
    for (const data of [before?.data, after?.data]) {
      if (isRequest(data)) ids.add(data.id);
      else if (isNode(data)) for (const one of data.assigned) ids.add(one.requestId);
    }
  }
  return [...ids];
}

function isSameTask(a: TaskRecord | null, b: TaskRecord): boolean {
  return (
    a === b
    || (a !== null
      && (Object.keys(b) as (keyof TaskRecord)[]).every((key) => key === 'allocation' || a[key] === b[key])
      && a.allocation?.nodeId === b.allocation?.nodeId)
  );
}

function noticeTask(
  notices: ((watcher: Watcher) => void)[],
  request: RequestRecord | null,
  before: TaskRecord | null,
  after: TaskRecord,
): void {
  if (request === null || before === after) return;
  notices.push((watcher) => watcher.task?.(request, before, after));
}

function keep<T>(
  map: Map<string, T>,
  id: string,
  before: T | undefined,
  after: T | undefined,
): readonly [T | null, T | null] {
  if (after === undefined) map.delete(id);
  else map.set(id, after);
  return [before ?? null, after ?? null];
}

function has<K extends string>(value: unknown, ...keys: readonly K[]): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

function isGroup(value: unknown): value is GroupRecord {
  return has(value, 'references', 'wish', 'groupId');
}

function isKept(value: unknown): value is KeptVolume {
  return has(value, 'keptUntilMs', 'shape');
}

function isService(data: unknown): data is ServiceRecord {
  return has(data, 'rollout', 'running');
}

function isArchivePart(data: unknown): data is ArchivePart {
  return has(data, 'nodes', 'requests') && Array.isArray(data.nodes) && Array.isArray(data.requests);
}

function isTargets(data: unknown): data is GroupTargets {
  return has(data, 'facts', 'troubles', 'targets');
}

function isReported(data: unknown): data is ReportedRecord {
  return has(data, 'service', 'metrics');
}

function isRequest(value: unknown): value is RequestRecord {
  return has(value, 'bodyHash', 'spec', 'counts');
}

function isChunk(value: unknown): value is ChunkRecord {
  return has(value, 'requestId', 'chunk', 'tasks');
}

function isNode(value: unknown): value is NodeRecord {
  return has(value, 'launchId', 'assigned', 'allocatable');
}

function isLaunch(value: unknown): value is LaunchRecord {
  return has(value, 'request', 'reserved', 'calls');
}

function isPool(value: unknown): value is PoolInStore {
  return has(value, 'spec', 'specVersion');
}
