// What a tick saw of the pool, brought into the record of its shadow: tasks that came, started and ended, and nodes
// that came and went. Of the shadow's own nodes and placements nothing is decided here.
import type { Observation } from '../../plan/observation.ts';
import { activeRequests, WorkingCopy } from '../../plan/working-copy.ts';
import type { DisruptionName, NodeRecord } from '../../records/node.ts';
import type { RequestRecord, TaskRecord, TaskSpec } from '../../records/request.ts';
import { isEnd } from '../../records/request.ts';
import { chunkSize, firstIndexOf } from '../../tasks/array-chunks.ts';
import { jsonBytes } from '../../values/json-bytes.ts';
import { compact } from '../../values/dictionary.ts';
import { intoReservation } from './apply.ts';
import { stopShadow, withEnded } from './bill.ts';
import type { LiveNode, ShadowNode, ShadowRecord, ShadowRequest, ShadowSpec, ShadowTask } from './record.ts';
import { noShadow, shadowNodesMax, shadowSpecBytesMax, shadowTasksMax, taskKey } from './record.ts';
import { withWait } from './waits.ts';

/** Of a pool in which no node has booted yet. */
const bootMsGuess = 60_000;

export function shadowBootMs({ memory: { bootMs } }: Pick<Observation, 'memory'>): number {
  return bootMs ?? bootMsGuess;
}

/** `revision`: of the pool's declaration; a record of another one, or none, begins anew with the pool's own fleet. */
export function absorb(before: ShadowRecord | null, seen: Observation, revision: string): ShadowRecord {
  const isOf = before?.revision === revision;
  if (isOf && before.stopped !== undefined && before.stopped.againAtMs > seen.nowMs) return before;
  const tooLarge = tooLargeFor(seen);
  if (tooLarge !== null) {
    if (isOf && before.stopped?.reason === tooLarge) return before;
    return stopShadow(isOf ? before : emptyShadow(seen, revision), tooLarge, seen.nowMs);
  }
  const isNew = !isOf || before.stopped !== undefined;
  const record = withTasks(isNew ? beginning(seen, revision) : withLiveNodes(before, seen), seen);
  if (record.tasks.length > shadowTasksMax)
    return stopShadow(record, `more than ${String(shadowTasksMax)} tasks wait or run`, seen.nowMs);
  return isNew ? withOwnFleet(record, seen) : record;
}

function emptyShadow({ nowMs, memory }: Observation, revision: string): ShadowRecord {
  return { ...noShadow, revision, sinceMs: nowMs, atMs: nowMs, isBootGuessed: memory.bootMs === undefined };
}

/** What is there already was not launched since. */
function beginning(seen: Observation, revision: string): ShadowRecord {
  const record = withLiveNodes(emptyShadow(seen, revision), seen);
  return { ...record, live: { ...record.live, sums: noShadow.sums } };
}

/** null: it can be carried. */
function tooLargeFor(seen: Observation): string | null {
  if (seen.unseen !== undefined) return 'more tasks wait than a tick looks at';
  let tasks = 0;
  for (const { record } of activeRequests(seen)) tasks += record.counts.pending + record.counts.running;
  if (tasks > shadowTasksMax) return `more than ${String(shadowTasksMax)} tasks wait or run`;
  if (seen.nodes.length > shadowNodesMax) return `the pool has more than ${String(shadowNodesMax)} nodes`;
  const large = activeRequests(seen).find(
    ({ record }) => record.endedAtMs === null && jsonBytes(shadowSpecOf(record.spec)) > shadowSpecBytesMax,
  );
  return large === undefined
    ? null
    : `what ${large.record.id} says of where it may run takes more than ${String(shadowSpecBytesMax)} bytes`;
}

// ---- nodes of the pool ---------------------------------------------------------------------------------

/** One that is stopped comes anew when it is started; its root volume is in neither side's cost. */
function isThere({ state, isLost }: NodeRecord): boolean {
  return state !== 'terminating' && state !== 'stopped' && !isLost;
}

function cameAtMs({ createdAtMs, warm }: NodeRecord): number {
  return warm?.sinceMs ?? createdAtMs;
}

function withLiveNodes(record: ShadowRecord, { nodes, nowMs }: Observation): ShadowRecord {
  const there = new Map(nodes.filter((one) => isThere(one.record)).map((one) => [one.record.id, one.record]));
  const known = new Set(record.live.nodes.map(({ id }) => id));
  const came = [...there.values()].filter(({ id }) => !known.has(id));
  const went = record.live.nodes.filter(({ id }) => !there.has(id));
  if (came.length === 0 && went.length === 0) return record;
  const { sinceMs, live } = record;
  let sums = { ...live.sums, launches: live.sums.launches + came.length };
  for (const one of went) sums = withEnded(sums, one, sinceMs, nowMs);
  const added = came.map((node): LiveNode => ({
    id: node.id,
    capacityType: node.capacityType,
    priceUsdPerHour: node.priceUsdPerHour,
    createdAtMs: cameAtMs(node),
  }));
  return { ...record, live: { nodes: [...live.nodes.filter(({ id }) => there.has(id)), ...added], sums } };
}

// ---- tasks ---------------------------------------------------------------------------------------------

const byChoice: readonly DisruptionName[] = ['drift', 'expiry', 'consolidation', 'emptiness'];

function withTasks(before: ShadowRecord, seen: Observation): ShadowRecord {
  const { nowMs } = seen;
  const known = new Map(before.tasks.map((one) => [taskKey(one), one]));
  const requests: Record<string, ShadowRequest> = { ...before.requests };
  const tasks: ShadowTask[] = [];
  let { sums } = before.live;
  const met = new Set<string>();
  const copy = new WorkingCopy(seen);
  for (const record of copy.active()) {
    for (const task of openTasksOf(record, copy)) {
      const key = taskKey({ request: record.id, index: task.index });
      const old = known.get(key);
      met.add(key);
      const next = seenTask(old, record, task);
      if (next === null) continue;
      tasks.push(next);
      requests[record.id] ??= requestOf(record);
      if (next.hasStarted && old?.hasStarted !== true && record.createdAtMs >= before.sinceMs)
        sums = { ...sums, waits: withWait(sums.waits, (next.livePlacedAtMs ?? nowMs) - record.createdAtMs) };
    }
  }
  for (const [key, old] of known) {
    if (met.has(key)) continue;
    const gone = vanished(old, nowMs);
    if (gone !== null) tasks.push(gone);
  }
  const moved = withMoves(tasks, seen);
  sums = moved.count === 0 ? sums : { ...sums, moves: sums.moves + moved.count };
  return kept({ ...before, requests, tasks: moved.tasks, live: { ...before.live, sums } });
}

/** Without requests of which no task is left. */
function kept(record: ShadowRecord): ShadowRecord {
  const used = new Set(record.tasks.map((one) => one.request));
  const requests = Object.fromEntries(Object.entries(record.requests).filter(([id]) => used.has(id)));
  return { ...record, requests };
}

function* openTasksOf(record: RequestRecord, copy: WorkingCopy): Generator<TaskRecord> {
  if (record.spec.count === 1) {
    const task = copy.task(record.id, 0);
    if (task) yield task;
    return;
  }
  for (let chunk = record.closed.chunks; chunkSize(record.spec.count, chunk) > 0; chunk += 1)
    for (let at = 0; at < chunkSize(record.spec.count, chunk); at += 1) {
      const task = copy.task(record.id, firstIndexOf(chunk) + at);
      if (task) yield task;
    }
}

/** null: it is none of the shadow's, or has ended in the pool without a place in either. */
function seenTask(old: ShadowTask | undefined, { id, endedAtMs }: RequestRecord, task: TaskRecord): ShadowTask | null {
  const { index, state, placedAtMs } = task;
  if (isEnd(state) || endedAtMs !== null) {
    if (old === undefined || old.isOver === true) return null;
    if (old.tookMs !== null) return old;
    const fromMs = placedAtMs ?? old.livePlacedAtMs;
    if (fromMs === null && old.node === null) return null;
    return { ...old, tookMs: fromMs === null ? 0 : Math.max(0, (task.endedAtMs ?? endedAtMs ?? fromMs) - fromMs) };
  }
  const now = { livePlacedAtMs: placedAtMs, hasStarted: old?.hasStarted === true || placedAtMs !== null };
  return old === undefined
    ? { request: id, index, ...now, tookMs: null, node: null, placedAtMs: null, attempt: 1 }
    : { ...old, ...now };
}

/** The pool does not show it any more, and its end was not seen: it is taken to have ended now. */
function vanished(old: ShadowTask, nowMs: number): ShadowTask | null {
  if (old.tookMs !== null) return old;
  if (old.isOver === true) return null;
  if (old.livePlacedAtMs === null && old.node === null) return null;
  return { ...old, tookMs: old.livePlacedAtMs === null ? 0 : Math.max(0, nowMs - old.livePlacedAtMs) };
}

/** Attempts that the pool has told an agent to stop since its node goes by choice, each once. */
function withMoves(
  tasks: readonly ShadowTask[],
  { nodes }: Observation,
): { readonly tasks: readonly ShadowTask[]; readonly count: number } {
  const stopped = new Map<string, number>();
  for (const { record } of nodes) {
    if (record.drain === null || !byChoice.includes(record.drain.by)) continue;
    for (const one of record.assigned)
      if (one.withdrawn !== null) stopped.set(taskKey({ request: one.requestId, index: one.index }), one.attempt);
  }
  if (stopped.size === 0) return { tasks, count: 0 };
  let count = 0;
  const noted = tasks.map((one) => {
    const attempt = stopped.get(taskKey(one));
    if (attempt === undefined || one.movedAttempt === attempt || one.tookMs !== null) return one;
    count += 1;
    return { ...one, movedAttempt: attempt };
  });
  return { tasks: noted, count };
}

function requestOf({ tenant, createdAtMs, spec }: RequestRecord): ShadowRequest {
  return { tenant, createdAtMs, spec: shadowSpecOf(spec) };
}

export function shadowSpecOf(spec: TaskSpec): ShadowSpec {
  const { resources, requirements, priority, timeoutMs, expectedDurationMs, deadlineMs, disruption, name } = spec;
  const { preferences, group, spread, affinity, antiAffinity } = spec;
  return {
    ...{ resources, requirements, priority },
    ...compact({
      ...{ timeoutMs: timeoutMs ?? undefined, expectedDurationMs: expectedDurationMs ?? undefined },
      ...{ deadlineMs: deadlineMs ?? undefined, disruption, name, preferences, group, spread, affinity, antiAffinity },
    }),
  };
}

// ---- the beginning -------------------------------------------------------------------------------------

/** It begins with the nodes that the pool has or is about to have, and with its tasks where they run. */
function withOwnFleet(record: ShadowRecord, seen: Observation): ShadowRecord {
  const bootMs = shadowBootMs(seen);
  const nodes = seen.nodes.map((one) => one.record).filter(isThere);
  const coming = seen.launches.flatMap(({ record: { id, createdAtMs, tasksMax, request } }): readonly ShadowNode[] => {
    const [first] = request.overrides;
    if (first === undefined) return [];
    return Array.from({ length: request.count }, (_, at) => ({
      ...{ id: `${id}.${String(at)}`, ...first, capacityType: request.capacityType, tasksMax, createdAtMs },
      ...{ readyAtMs: Math.max(seen.nowMs, createdAtMs + bootMs), emptySinceMs: null },
      ...intoReservation(request),
    }));
  });
  const nodeOf = new Map(
    nodes.flatMap(({ id, assigned }) =>
      assigned.map(
        (one) => [taskKey({ request: one.requestId, index: one.index }), { id, ms: one.placedAtMs }] as const,
      ),
    ),
  );
  return {
    ...record,
    nodes: [...nodes.map((node) => ownNode(node, seen.nowMs, bootMs)), ...coming],
    tasks: record.tasks.map((one) => {
      const place = nodeOf.get(taskKey(one));
      return place === undefined ? one : { ...one, node: place.id, placedAtMs: place.ms };
    }),
  };
}

function ownNode(node: NodeRecord, nowMs: number, bootMs: number): ShadowNode {
  const { id, instanceType, zone, capacityType, priceUsdPerHour, tasksMax } = node;
  const createdAtMs = cameAtMs(node);
  const readyAtMs = node.state === 'starting' ? null : (node.warm?.lastStart?.readyAtMs ?? node.readyAtMs);
  return {
    ...{ id, instanceType, zone, capacityType, priceUsdPerHour, tasksMax, createdAtMs },
    readyAtMs: readyAtMs ?? Math.max(nowMs, createdAtMs + bootMs),
    emptySinceMs: node.emptySinceMs,
    ...(node.drain === null ? {} : { drain: node.drain }),
    ...(node.replaces === undefined ? {} : { replaces: node.replaces }),
    ...(node.reservation === undefined ? {} : { reservation: node.reservation }),
  };
}
