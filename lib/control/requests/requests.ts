// Reading and cancelling requests, as their rows and the documents of nodes together say.
import { artifactAttemptsMax } from '../../core/access/files.ts';
import type { TimelineEntry } from '../../core/records/timeline.ts';
import { withTimeline } from '../../core/records/timeline.ts';
import { attemptId } from '../../core/records/request.ts';
import type { RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { stopOf, stopText } from '../../core/costs/budgets.ts';
import { isEnd } from '../../core/records/request.ts';
import { placeOf } from '../../core/tasks/arrays/subset.ts';
import { aloneKey, shapeOf } from '../../core/tasks/demand.ts';
import { ownValue } from '../../core/values/dictionary.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { Why } from '../../core/plan/plan.ts';
import { nothingLeftOut } from '../../core/values/output.ts';
import type { SmallOutput } from '../../core/values/output.ts';
import { lastSeen, outputSince, withoutUnfinished } from '../../ports/outputs.ts';
import type { OutputPosition } from '../../ports/outputs.ts';
import { InvalidCursorError } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { ControlPorts, ControlSettings, ReadingPorts } from '../ports.ts';
import { isUnseen } from '../tick/open-window.ts';
import { openKey, requestItem } from './submit.ts';
import { withItsParts, withParts } from '../claims/store.ts';
import { markCancelled, unreadable } from '../claims/change.ts';
import { NotPossibleError } from '../errors.ts';
import type { AnyRequest, AnyRow } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import { claimLists, endList, listFor, poolLists } from './lists/listed.ts';
import { isOfOpenList, isOpenCursor, RequestList } from './listing.ts';
import type { Choose } from './listing.ts';
import {
  isOpenList,
  sourcesOfAll,
  sourcesOfClaims,
  sourcesOfEnded,
  sourcesOfLists,
  sourcesOfOpen,
} from './lists/sources.ts';
import type { Sources } from './lists/sources.ts';
import type { NodesSeen } from '../store/seen.ts';
import type {
  ListedTasks,
  RequestFilter,
  RequestPage,
  RetryWish,
  ShownOutput,
  SubmitResult,
  TaskFilter,
} from '../use-cases.ts';
import { retry } from './tasks/retry.ts';
import { cancelTask, listTasks, taskAt } from './tasks/tasks.ts';
import type { LockRecord } from '../coordination/lock.ts';
import { raiseWake } from '../coordination/wake.ts';
import { queryAll, reading, update } from '../store/store-retry.ts';

export async function readAny(ports: ControlPorts, tenant: string, id: string): Promise<AnyRow | null> {
  const item = await reading(ports, () => ports.store.get<AnyRow>(keys.request(id)));
  return item && item.data.tenant === tenant ? item.data : null;
}

/** A request that runs; null also for one that holds. */
async function readRow(ports: ControlPorts, tenant: string, id: string): Promise<RequestRecord | null> {
  const record = await readAny(ports, tenant, id);
  return record && !isClaim(record) ? record : null;
}

export async function getRequest(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
): Promise<AnyRequest | null> {
  const record = await readAny(ports, tenant, id);
  if (!record || isClaim(record)) return record && withItsParts(ports, record);
  const known: NodesByPool = new Map();
  const [seen] = await nodes.seen([record], known);
  return seen ? withReason(ports, reasonsOf(ports, nodes, known), seen) : null;
}

/** What it waits for, as the last entry of the timeline and as its reason. */
async function withReason(ports: ReadingPorts, pools: PoolReasons, record: RequestRecord): Promise<RequestRecord> {
  if (record.endedAtMs !== null || record.counts.pending === 0) return record;
  const entry = await waitingFor(ports, pools, record);
  // Its agent knows better how far the start is.
  const isPublished = entry.code === 'starting' && record.timeline.at(-1)?.code === 'starting';
  return {
    ...(isPublished ? record : withTimeline(record, entry)),
    reason: record.state === 'pending' ? entry.code : record.reason,
  };
}

/** What pools say, each read once for all requests that one answer shows. */
interface PoolReasons {
  readonly whys: (pool: string) => Promise<Why | undefined>;
  readonly nextStep: (pool: string) => Promise<Waiting>;
}

/** Documents of nodes that one answer has read. */
type NodesByPool = Map<string, Promise<readonly NodeRecord[]>>;

function reasonsOf(ports: ReadingPorts, nodes: NodesSeen, known: NodesByPool): PoolReasons {
  const once = <T>(read: (pool: string) => Promise<T>): ((pool: string) => Promise<T>) => {
    const answers = new Map<string, Promise<T>>();
    return (pool) => {
      const answer = answers.get(pool) ?? read(pool);
      answers.set(pool, answer);
      return answer;
    };
  };
  return {
    whys: once(async (pool) => (await reading(ports, () => ports.store.get<Why>(keys.why(pool))))?.data),
    nextStep: once((pool) => nextStep(ports, pool, () => known.get(pool) ?? nodes.of(pool))),
  };
}

/** A timeline entry about what a request waits for, without its time and stage. */
type Waiting = Omit<TimelineEntry, 'atMs' | 'stage'>;

async function waitingFor(ports: ReadingPorts, pools: PoolReasons, record: RequestRecord): Promise<TimelineEntry> {
  const atMs = ports.clock.nowMs();
  const waiting =
    ownReason(record, atMs)
    ?? poolsReason(await pools.whys(record.pool), record)
    ?? (await pools.nextStep(record.pool));
  return { atMs, stage: 'pending', ...waiting };
}

/** What the request's own record says. */
function ownReason(record: RequestRecord, nowMs: number): Waiting | null {
  if (record.quarantine !== null) {
    const isStuck = record.isUnreadable || record.cancelRequestedAtMs !== null;
    const advice = isStuck ? 'report it' : 'cancel it, or report it';
    return { code: 'quarantined', message: `${record.quarantine}; ${advice} to the operators of this installation` };
  }
  if (record.cancelRequestedAtMs !== null) return { code: 'cancelling', message: 'its tasks are being stopped' };
  if (record.reason === 'starting')
    return {
      code: 'starting',
      message:
        record.spec.mounts === undefined
          ? 'placed; its node is about to start it'
          : 'placed; it starts when its volumes are attached to the node and mounted',
    };
  const [task] = record.tasks;
  if (!task || task.notBeforeMs <= nowMs) return null;
  return {
    code: 'backoff',
    message: `attempt ${String(task.attempt)} waits after ${task.reason ?? 'a failure'}`,
    nextTryAtMs: task.notBeforeMs,
  };
}

/** What the pool's last decision said of tasks of its shape. */
function poolsReason(whys: Why | undefined, record: RequestRecord): Waiting | null {
  if (!whys) return null;
  const stop = stopOf(whys.stops, record.tenant);
  if (stop !== undefined)
    return {
      code: 'budget_spent',
      message: stopText(stop, whys.stops?.pool === undefined ? `tenant ${record.tenant}` : `pool ${record.pool}`),
      nextTryAtMs: stop.untilMs,
    };
  const shape = shapeOf(record);
  const why =
    ((record.tasks[0]?.nodeLosses ?? 0) > 0 ? ownValue(whys.byShape, aloneKey(shape)) : undefined)
    ?? ownValue(whys.byShape, shape)
    ?? whys.others;
  if (whys.unseen && isUnseen(openKey(record), whys.unseen)) {
    const others =
      `behind ${String(whys.unseen.behind)} others of pool ${record.pool} that wait; a tick looks at `
      + 'so many at once, by priority and age';
    return {
      code: 'behind_others',
      message: why ? `${others}. Of those, tasks like it wait for this: ${why.message}` : others,
    };
  }
  if (!why) return null;
  const { code, message, excluded, nextTryAtMs } = why;
  return { code, message, excluded, ...(nextTryAtMs === null ? {} : { nextTryAtMs }) };
}

type ReadNodes = () => Promise<readonly NodeRecord[]>;

async function nextStep(ports: ReadingPorts, pool: string, readNodes: ReadNodes): Promise<Waiting> {
  const coming = await comingNodes(ports, pool, readNodes);
  if (coming === 0) return { code: 'waiting_for_tick', message: `the next tick of pool ${pool} decides` };
  const [nodes, are] = coming === 1 ? ['node', 'is'] : ['nodes', 'are'];
  return {
    code: 'waiting_for_node',
    message: `counts on ${String(coming)} ${nodes} of pool ${pool} that ${are} starting`,
  };
}

/** Of a large pool as its last tick counted them. */
async function comingNodes(ports: ReadingPorts, pool: string, readNodes: ReadNodes): Promise<number> {
  const launches = await readLaunches(ports, pool);
  const lock = await reading(ports, () => ports.store.get<LockRecord>(keys.lock(pool)));
  const counted = lock?.data.present?.nodes;
  const launching =
    counted === undefined
      ? (await readNodes()).filter((node) => node.state === 'launching').length
      : (counted['launching'] ?? 0);
  return launches.nodes.reduce((sum, { record }) => sum + record.request.count, 0) + launching;
}

/** `index`: null: the first task that the request has. */
export async function getTask(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
  index: number | null,
): Promise<{ request: RequestRecord; task: TaskRecord } | null> {
  const request = await seenRow(ports, nodes, tenant, id);
  const at = request && (index === null ? 0 : placeOf(request.spec, index));
  const task = request && at !== null ? await taskAt(ports, request, at) : null;
  return request && task ? { request, task } : null;
}

/** Ids, the latest first. */
export function latestAttempts(id: string, { index, attempt }: TaskRecord): readonly string[] {
  const count = Math.min(attempt, artifactAttemptsMax);
  return Array.from({ length: count }, (_, n) => attemptId(id, index, attempt - n));
}

/** null: there is no such task. @throws NotPossibleError */
export async function cancelTaskOf(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
  index: number,
): Promise<TaskRecord | null> {
  const item = await reading(ports, () => ports.store.get<AnyRow>(keys.request(id)));
  if (item?.data.tenant !== tenant || isClaim(item.data)) return null;
  const row = { ...item, data: item.data };
  const at = placeOf(row.data.spec, index);
  if (at === null) return null;
  if (row.data.spec.count === 1) {
    await cancel(ports, nodes, tenant, id);
    return (await getTask(ports, nodes, tenant, id, index))?.task ?? null;
  }
  const task = await cancelTask(ports, row, at);
  if (task && row.data.endedAtMs === null) await raiseWake(ports, row.data.pool);
  return task && { ...task, index };
}

export async function retryTasks(
  ports: ControlPorts,
  settings: ControlSettings,
  nodes: NodesSeen,
  tenant: string,
  id: string,
  wish: RetryWish,
): Promise<SubmitResult | null> {
  const row = await seenRow(ports, nodes, tenant, id);
  return row && retry(ports, settings, nodes, row, wish);
}

async function seenRow(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
): Promise<RequestRecord | null> {
  const row = await readRow(ports, tenant, id);
  return row && ((await nodes.seen([row]))[0] ?? row);
}

export async function tasksOfRequest(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
  filter: TaskFilter,
): Promise<ListedTasks | null> {
  const row = await seenRow(ports, nodes, tenant, id);
  return row && listTasks(ports, nodes, row, filter);
}

/**
 * What a page holds at most, as bytes of JSON without what the view leaves out; one request more
 * than that may be in it.
 */
const pageBytesMax = 4_000_000;

/**
 * `limit` requests where there are so many that the filter lets through. A page is shorter, even empty, and has a
 * cursor all the same when it looked at {@link listItemsMax} requests, took {@link listReadsMax} reads of the store, or
 * is too large to be answered at once. @throws InvalidCursorError
 */
export async function listRequests(
  ports: ReadingPorts,
  { labelKeys }: Pick<ControlSettings, 'labelKeys'>,
  nodes: NodesSeen,
  filter: RequestFilter,
): Promise<RequestPage> {
  const items: AnyRequest[] = [];
  const sources = await sourcesFor(ports, labelKeys, filter);
  const known: NodesByPool = new Map();
  const list = new RequestList(ports, sources, filter, chosenBy(ports, nodes, filter, known));
  let bytes = 0;
  while (items.length < filter.limit && bytes < pageBytesMax) {
    const record = await list.next();
    if (!record) break;
    items.push(record);
    bytes += Buffer.byteLength(JSON.stringify({ ...record, spec: null, timeline: null, tasks: null }));
  }
  const pools = reasonsOf(ports, nodes, known);
  const shown = await Promise.all(items.map(async (one) => (isClaim(one) ? one : withReason(ports, pools, one))));
  return { items: shown, nextCursor: list.cursor, examined: list.examined };
}

/**
 * The shortest list that has all that are wanted. A cursor goes on with the list that made it, by time where that has
 * become too wide.
 */
async function sourcesFor(ports: ReadingPorts, labelKeys: readonly string[], filter: RequestFilter): Promise<Sources> {
  const { tenant, cursor, pool, state } = filter;
  const listed = listFor(filter, labelKeys);
  if (cursor !== undefined && isOfOpenList(cursor) && (listed !== null || !isOpenList(filter)))
    throw new InvalidCursorError(cursor);
  if (listed !== null) return sourcesOfLists(tenant, [listed]);
  const pools = async (): Promise<readonly string[]> =>
    pool === undefined ? (await queryAll(ports, keys.pools)).map((item) => item.sk) : [pool];
  if (isOpenList(filter) && (cursor === undefined || isOpenCursor(cursor))) {
    const open = await sourcesOfOpen(ports, await pools(), filter);
    if (open !== null) return open;
  }
  const claims = claimLists(filter);
  if (claims !== null && state !== undefined && isEnd(state)) return sourcesOfLists(tenant, claims);
  const ended = endList(state);
  if (ended !== null) return sourcesOfEnded(ports, await pools(), tenant, ended);
  const lists = claims ?? (isOpenList(filter) ? null : poolLists(pool));
  return (lists && (await sourcesOfClaims(ports, await pools(), tenant, lists))) ?? sourcesOfAll(tenant);
}

/** `known`: gets the nodes of pools as they are read for it. */
function chosenBy(ports: ReadingPorts, nodes: NodesSeen, filter: RequestFilter, known: NodesByPool): Choose {
  const { tenant, state, pool, type, name, labels = [] } = filter;
  return async (records) => {
    const candidates = records.filter(
      (one) =>
        // Partitions of pools have requests of all tenants.
        one.tenant === tenant
        && (pool === undefined || one.pool === pool)
        && (type === undefined || one.spec.type === type)
        && (name === undefined || one.spec.name === name)
        && labels.every(([key, value]) => ownValue(one.spec.labels ?? {}, key) === value)
        // Where it is placed, and so its state, is in the documents of nodes; of one that has ended it is final.
        && (state === undefined || one.state === state || !isEnd(one.state)),
    );
    const seen = await nodes.seen(candidates, known);
    return withParts(
      ports,
      seen.filter((one) => state === undefined || one.state === state),
    );
  };
}

/**
 * Marks the wish; of one that was set aside it lets the next decision try again. @throws NotPossibleError
 * where nobody can read what it is; the next ticks end what waits and stop what runs: only they know
 * which of it is placed.
 */
export async function cancel(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  id: string,
): Promise<AnyRequest | null> {
  const nowMs = ports.clock.nowMs();
  const { item, isChanged } = await update<AnyRow>(ports, keys.request(id), (current) => {
    if (
      !current
      || current.data.tenant !== tenant
      || isEnd(current.data.state)
      || current.data.cancelRequestedAtMs !== null
    )
      return null;
    if (current.data.isUnreadable) throw new NotPossibleError(unreadable(current.data, 'cancelled'));
    if (isClaim(current.data)) return markCancelled(current.data, nowMs);
    return requestItem(
      withTimeline(
        { ...current.data, cancelRequestedAtMs: nowMs, quarantine: null },
        { atMs: nowMs, stage: 'cancelling', code: 'cancel_requested', message: 'cancelled by the caller' },
      ),
      null,
    );
  });
  if (!item || item.data.tenant !== tenant) return null;
  if (isChanged || !isEnd(item.data.state)) await raiseWake(ports, item.data.pool);
  const known: NodesByPool = new Map();
  const [seen = item.data] = await nodes.seen([item.data], known);
  return isClaim(seen) ? withItsParts(ports, seen) : withReason(ports, reasonsOf(ports, nodes, known), seen);
}

/** More than is kept of any stream. */
const outputBytesMax = 1_048_576;

/** Of one task: its attempts are bounded by its retries and losses; of more than these, the latest. */
const attemptsRead = 100;

/** Outputs that came with the ends of their attempts, by attempt. */
async function smallOutputs(
  ports: ControlPorts,
  { id, spec, output }: RequestRecord,
  index: number,
  last: number,
): Promise<ReadonlyMap<number, SmallOutput>> {
  if (spec.count === 1) return new Map(output ? [[output.attempt, output]] : []);
  const attempts = Array.from({ length: Math.min(last, attemptsRead) }, (_, n) => last - n);
  const items = await reading(ports, () =>
    ports.store.getMany<SmallOutput>(attempts.map((attempt) => keys.output(id, index, attempt))),
  );
  return new Map(attempts.flatMap((attempt, n) => (items[n] ? [[attempt, items[n].data] as const] : [])));
}

export interface OutputWish {
  readonly tenant: string;
  readonly id: string;
  /** null: of the first task. */
  readonly index: number | null;
  readonly tailBytes: number;
  readonly since: OutputPosition | null;
}

/** Who has seen some of one attempt gets the rest of it, and then the later ones; else it is the latest with output. */
function attemptsToShow(latest: number, seen: number | null): readonly number[] {
  if (seen === null) return Array.from({ length: latest }, (_, n) => latest - n);
  return Array.from({ length: latest - seen + 1 }, (_, n) => seen + n);
}

function isAhead(next: OutputPosition, from: OutputPosition): boolean {
  return next.stdout > from.stdout || next.stderr > from.stderr;
}

export async function readOutput(
  ports: ControlPorts,
  nodes: NodesSeen,
  { tenant, id, index, tailBytes, since }: OutputWish,
): Promise<ShownOutput | null> {
  // Before its output: of a task that has ended by now, all of that is stored.
  const found = await getTask(ports, nodes, tenant, id, index);
  if (!found) return null;
  const { index: at, state } = found.task;
  const hasEnded = isEnd(state);
  const isKept = found.request.spec.output !== undefined;
  const small = await smallOutputs(ports, found.request, at, found.task.attempt);
  const latest = found.task.attempt;
  const followed = since !== null && since.attempt >= 1 && since.attempt <= latest ? since.attempt : null;
  let shown: ShownOutput | null = null;
  for (const attempt of attemptsToShow(latest, followed)) {
    const own = small.get(attempt);
    const kept = own
      ? { ...own, isTruncated: own.truncated, leftOutBytes: nothingLeftOut }
      : await ports.outputs.read(attemptId(id, at, attempt), outputBytesMax);
    if (!kept) continue;
    const isGrowing = !hasEnded && attempt === latest;
    const from = since?.attempt === attempt ? since : { attempt, stdout: 0, stderr: 0 };
    const { output, next } = outputSince(kept, from, isGrowing);
    const { isTruncated: truncated, ...seen } =
      since === null ? lastSeen(isGrowing ? withoutUnfinished(kept) : kept, tailBytes) : output;
    const keptApart = isKept && kept.isTruncated && !isGrowing ? attemptId(id, at, attempt) : null;
    shown = { ...seen, truncated, next, hasEnded, keptApart };
    if (followed === null) return shown;
    // What a later attempt wrote comes with the next look, also where the task has ended.
    if (attempt < latest && isAhead(next, from)) return { ...shown, hasEnded: false };
  }
  if (shown !== null) return shown;
  const keptApart = isKept && hasEnded ? attemptId(id, at, found.task.attempt) : null;
  const bytes = { stdout: new Uint8Array(), stderr: new Uint8Array() };
  return {
    stdout: '',
    stderr: '',
    truncated: false,
    leftOutBytes: nothingLeftOut,
    bytes,
    next: since,
    hasEnded,
    keptApart,
  };
}
