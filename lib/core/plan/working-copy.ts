// The working copy of one observation: changes of one decision build on each other here (two nodes may take tasks of
// the same chunk), and each becomes an action with the records it touched. Here are nodes, requests and what is bought;
// the room of claims is in claims/working-copy.ts.
import { newChange } from './change.ts';
import { instanceType } from '../catalog/index.ts';
import { endedNodeOf, withRan } from '../costs/regret/history.ts';
import { Hindsight } from '../costs/regret/regret.ts';
import { regretSum } from '../costs/regret/sums.ts';
import type { RegretSum } from '../costs/regret/sums.ts';
import { withEarlierCost } from '../costs/attempt.ts';
import { unbilled, withBills } from '../costs/bills.ts';
import { paidOf } from '../costs/commitments.ts';
import type { Paid } from '../costs/commitments.ts';
import { assert } from '../values/errors.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { Observation, OpenRequest } from './observation.ts';
import type { Action, RecordWrite } from './plan.ts';
import type { Carried } from './rows/carried.ts';
import type { Seen, SeenRows } from './rows/seen-rows.ts';
import { rowsOf } from './rows/seen-rows.ts';
import { withTask } from '../tasks/request-lifecycle.ts';
import type { LaunchRecord } from '../records/launch.ts';
import type { CountedRecords, PoolUsage } from '../records/limits.ts';
import { addPoolUsage, usageOfPool } from '../records/limits.ts';
import { addUsage, noUsage, subtractUsage } from '../records/pool.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../records/request.ts';
import { chunkOf, firstIndexOf, newChunk } from '../tasks/array-chunks.ts';
import { offeringId, offeringsById } from '../values/offering.ts';

const noChunks: readonly ChunkRecord[] = [];

export class WorkingCopy {
  /** What was observed, without what is set aside. */
  readonly seen: Observation;
  readonly actions: Action[] = [];
  readonly suspects: ReadonlySet<string>;
  /** Nodes whose documents go with this decision: nothing more is written about them. */
  readonly forgotten = new Set<string>();
  readonly #bought: LaunchRecord[] = [];
  #started = noUsage;
  #usage: PoolUsage | null = null;
  #paid: Paid | null = null;
  readonly rows: SeenRows;
  /** Those that this decision has changed or made. */
  readonly #requests = new Map<string, RequestRecord>();
  readonly #chunks = new Map<string, Map<number, ChunkRecord>>();
  readonly #nodes = new Map<string, NodeRecord>();
  /** See {@link active}; null: a request has changed since. */
  #active: readonly RequestRecord[] | null = null;
  /** See {@link waiting}; null: a request has changed since. */
  #waiting: readonly RequestRecord[] | null = null;
  /** Tasks that a node's document carried and that have changed: they may wait again. */
  readonly #loosened = new Set<string>();
  /** Settled nodes whose document, or a row of it, has changed since. */
  readonly #touched = new Set<Carried>();

  /** Of the launch template that nodes are bought of now; undefined: not known. */
  get templateVersion(): string | undefined {
    return undefined;
  }

  constructor(observation: Observation) {
    this.seen = observation;
    this.suspects = observation.suspects ?? new Set();
    this.rows = rowsOf(observation);
    for (const { record } of observation.nodes) this.#nodes.set(record.id, record);
    for (const { record, chunks } of this.rows.arrays)
      this.#chunks.set(record.id, new Map(chunks.map((chunk) => [chunk.record.chunk, chunk.record])));
  }

  get nowMs(): number {
    return this.seen.nowMs;
  }

  request(id: string): RequestRecord | undefined {
    const changed = this.#requests.size === 0 ? undefined : this.#requests.get(id);
    return changed ?? this.rows.get(id);
  }

  /** What it asks for, and for whom. Where it runs does not change that: nothing of it has to be worked out. */
  submitted(id: string): Pick<RequestRecord, 'tenant' | 'spec'> | undefined {
    const changed = this.#requests.size === 0 ? undefined : this.#requests.get(id);
    return changed ?? this.rows.open(id)?.record;
  }

  /** All requests that are open and not set aside, as they are now. */
  active(): readonly RequestRecord[] {
    return (this.#active ??=
      this.rows.aside.size === 0
        ? this.rows.with(this.#requests)
        : activeRequests(this.seen).map(({ record }) => this.request(record.id) ?? record));
  }

  /**
   * Of what is observed, in its order, all rows about which something may have to be decided now: without those of
   * settled nodes of which nothing has changed.
   */
  toDecide(): readonly OpenRequest[] {
    const rest = this.rows.rest(this.nowMs, (one) => this.#touched.has(one));
    const { aside } = this.rows;
    return aside.size === 0 ? rest : rest.filter(({ record }) => !aside.has(record.id));
  }

  /** What the document says together with its rows, where it is settled and none of them has changed since. */
  settledOn(node: NodeRecord): Carried | undefined {
    const carried = this.rows.settledOn(node);
    return carried !== undefined && this.#touched.has(carried) ? undefined : carried;
  }

  /** Of {@link active}, in another order, all in which a task may wait, and some in which none does. */
  waiting(): readonly RequestRecord[] {
    const { aside, loose } = this.rows;
    const now = ({ id }: RequestRecord): boolean => !aside.has(id);
    return (this.#waiting ??= [...loose.map((one) => this.request(one.id) ?? one), ...this.#loosenedNow()].filter(now));
  }

  #loosenedNow(): readonly RequestRecord[] {
    return [...this.#loosened].map((id) => this.request(id)).filter((one) => one !== undefined);
  }

  #setRequest(record: RequestRecord): void {
    const row = this.rows.row(record.id);
    if (row?.isPlaced === true) this.#loosened.add(record.id);
    if (row?.on) this.#touched.add(row.on);
    this.#requests.set(record.id, record);
    [this.#active, this.#waiting] = [null, null];
  }

  /** Nobody knows where its tasks are: what runs of them is left to run, and no task of it is changed. */
  isAside(requestId: string): boolean {
    return this.rows.aside.has(requestId);
  }

  node(id: string): NodeRecord | undefined {
    return this.#nodes.get(id);
  }

  nodes(): IterableIterator<NodeRecord> {
    return this.#nodes.values();
  }

  chunks(requestId: string): readonly ChunkRecord[] {
    const chunks = this.#chunks.get(requestId);
    return chunks ? [...chunks.values()] : noChunks;
  }

  /** The task as it is now; undefined while its request is unknown. Untouched tasks of arrays come fresh. */
  task(requestId: string, index: number): TaskRecord | undefined {
    const request = this.request(requestId);
    if (!request) return undefined;
    if (request.spec.count === 1) return request.tasks[index];
    if (index >= request.spec.count) return undefined;
    const chunk = chunkOf(index);
    const record = this.#chunks.get(requestId)?.get(chunk) ?? newChunk(request, chunk);
    return record.tasks[index - firstIndexOf(chunk)];
  }

  /** Puts a changed task into its row or chunk; answers what is to be written. */
  setTask(requestId: string, changed: TaskRecord): RecordWrite {
    const request = this.request(requestId);
    assert(request, `request ${requestId} is not in this observation`);
    const known = this.task(requestId, changed.index);
    const task = known ? withEarlierCost(known, changed, request.spec.resources, this.nowMs) : changed;
    if (request.spec.count === 1) {
      const record = withTask(request, task, this.nowMs);
      this.#setRequest(record);
      return { type: 'request', record };
    }
    const number = chunkOf(task.index);
    const chunks = this.#chunks.get(requestId);
    assert(chunks, `request ${requestId} has no chunks in this observation`);
    const before = chunks.get(number) ?? newChunk(request, number);
    const record: ChunkRecord = {
      ...before,
      tasks: before.tasks.map((one) => (one.index === task.index ? task : one)),
    };
    chunks.set(number, record);
    return { type: 'chunk', record };
  }

  setRequest(record: RequestRecord): RecordWrite {
    this.#setRequest(record);
    return { type: 'request', record };
  }

  setNode(record: NodeRecord): RecordWrite {
    const before = this.#nodes.get(record.id);
    const settled = before && this.rows.settledOn(before);
    if (settled) this.#touched.add(settled);
    this.#nodes.set(record.id, record);
    return { type: 'node', record };
  }

  /**
   * The node without these assignments; empty since now if they were the last. It keeps the ends
   * that are not published yet.
   */
  withoutAssignments(node: NodeRecord, gone: readonly Assignment[]): NodeRecord {
    const left = withoutAttempts(node, new Set(gone.map((one) => one.attemptId)), this.nowMs);
    const unpublished = gone.filter((one) => this.#isUnpublished(one)).map((one) => one.requestId);
    return unpublished.length === 0 ? left : { ...left, ended: [...(left.ended ?? []), ...unpublished] };
  }

  /**
   * A sync has stored its end and taken it out of the open requests; the document still carries it, so
   * it was not passed on.
   */
  #isUnpublished({ requestId, attempt }: Assignment): boolean {
    const request = this.request(requestId);
    return (
      request?.spec.count === 1
      && request.endedAtMs !== null
      && request.tasks[0]?.attempt === attempt
      && this.rows.collected.has(requestId)
    );
  }

  /** Launches of this decision, in their order. */
  get bought(): readonly LaunchRecord[] {
    return this.#bought;
  }

  /** Stopped nodes that this decision starts count at once, like what is bought; what stops does not count less yet. */
  start(node: NodeRecord): RecordWrite {
    const before = this.#nodes.get(node.id)?.reserved ?? noUsage;
    this.#started = addUsage(this.#started, subtractUsage(node.reserved, before));
    this.#usage = null;
    return this.setNode(node);
  }

  buy(launch: LaunchRecord): void {
    this.#bought.push(launch);
    this.#usage = null;
  }

  /**
   * What counts against the pool's limits, as it is decided so far: what is bought counts at once, and what goes until
   * EC2 has said that it went.
   */
  usage(): PoolUsage {
    this.#usage ??= this.#usageOfInstances();
    return addPoolUsage(this.#usage, usageOfPool({ nodes: [], launches: [], ...this.countedClaims() }));
  }

  /** Which of its instances the pool's commitments pay for, and what is left of them: as observed. */
  get paid(): Paid {
    const { pool, nodes, aside, launches, machineLaunches, claims } = this.seen;
    return (this.#paid ??= paidOf(
      pool,
      {
        nodes: [...nodes, ...(aside?.nodes ?? [])].map((one) => one.record),
        launches: [...launches, ...machineLaunches].map((one) => one.record),
        claims: claims.map((one) => one.record),
      },
      this.nowMs,
    ));
  }

  /** What an hour of the node costs now that is not paid for already, in USD: EC2 bills spot by the present price. */
  unpaidUsdPerHour({ id, instanceType: type, zone, capacityType, priceUsdPerHour }: NodeRecord): number {
    const sold = offeringsById(this.seen.offerings).get(offeringId(type, zone, capacityType));
    return (sold?.priceUsdPerHour ?? priceUsdPerHour) * (1 - (this.paid.shares.get(id) ?? 0));
  }

  /** What claims have now. */
  protected countedClaims(): Pick<CountedRecords, 'claims' | 'kept'> {
    const { claims, kept } = this.seen;
    return { claims: claims.map((one) => one.record), kept: kept.map((one) => one.record) };
  }

  #usageOfInstances(): PoolUsage {
    const { nodes, launches, machineLaunches, aside } = this.seen;
    const own = usageOfPool({
      nodes: nodes.map((one) => one.record),
      launches: [...[...launches, ...machineLaunches].map((one) => one.record), ...this.#bought],
      claims: [],
      kept: [],
    });
    const started = addPoolUsage(own, this.#started);
    return aside ? addPoolUsage(started, aside.usage) : started;
  }

  /** See {@link newChange}. */
  change(...of: Parameters<typeof newChange>): void {
    this.actions.push(newChange(...of));
  }

  /** EC2 says that it is gone: the document goes, and with it the reservation. */
  forget(node: NodeRecord, reason: string): void {
    this.forgotten.add(node.id);
    this.change('forget', reason, [{ type: 'drop', name: { kind: 'node', id: node.id } }], {
      gone: [node],
      costs: unbilled(node, this.nowMs),
      regret: this.#regretOf(node),
      activity: { code: 'node_terminated', message: `${node.id} is gone: ${reason}`, node },
      events: [{ type: 'NodeTerminated', nodeId: node.id, reason }],
    });
  }

  /** Prices it again. What cannot be read, or is of no known type, is counted alone. */
  #regretOf(node: NodeRecord): RegretSum {
    const { offerings } = this.seen;
    const type = offerings.find((one) => one.type.name === node.instanceType)?.type ?? instanceType(node.instanceType);
    // Whose stops and starts are not known here is priced by none of them.
    if (type === undefined || node.quarantine !== undefined || (node.warm?.stops ?? 0) > 0) return regretSum(null);
    return regretSum(Hindsight.over(offerings).of(endedNodeOf(node, type, this.nowMs)));
  }

  add(action: Action): void {
    this.actions.push(action);
  }
}

/** `startsMs`: when they started, as far as the document does not know it. */
export function withoutAttempts(
  node: NodeRecord,
  gone: ReadonlySet<string>,
  nowMs: number,
  startsMs: ReadonlyMap<string, number | null> = new Map(),
): NodeRecord {
  const [left, went] = [[] as Assignment[], [] as Assignment[]];
  for (const one of node.assigned) (gone.has(one.attemptId) ? went : left).push(one);
  if (went.length === 0) return node;
  const kept: NodeRecord = {
    ...withBills(node, went, nowMs),
    assigned: left,
    emptySinceMs: left.length === 0 ? nowMs : null,
  };
  return went.reduce(
    (all, one) => withRan(all, one, one.startedAtMs ?? startsMs.get(one.attemptId) ?? null, nowMs),
    kept,
  );
}

const activeOf = new WeakMap<object, readonly OpenRequest[]>();

/** All requests that are open and not set aside; worked out once for each observation. */
export function activeRequests(observation: Pick<Observation, 'requests' | 'aside'>): readonly OpenRequest[] {
  const known = activeOf.get(observation);
  if (known) return known;
  const { requests, aside } = observation;
  const isOut = ({ record }: OpenRequest): boolean =>
    record.quarantine !== null || aside?.requests.has(record.id) === true;
  const active = requests.some(isOut) ? requests.filter((one) => !isOut(one)) : requests;
  activeOf.set(observation, active);
  return active;
}

/** Of {@link activeRequests}, the arrays. */
export function activeArrays(observation: Seen): readonly OpenRequest[] {
  const { arrays, aside } = rowsOf(observation);
  return aside.size === 0 ? arrays : arrays.filter(({ record }) => !aside.has(record.id));
}
