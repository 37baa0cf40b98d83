// A node's agent says what it holds and what ended; the reply is everything it shall hold. Ends go to the task
// first, then to the node's document; both may be repeated. The document alone says what the node runs.
import { withoutAttempts } from '../core/draft.ts';
import type { Assignment, NodeRecord } from '../core/node.ts';
import { newChunk, stopWish, withTask } from '../core/request-lifecycle.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../core/request.ts';
import { parseAttemptId, tasksPerChunk } from '../core/request.ts';
import type { AssignedAttempt, AttemptEnd, SyncReply, SyncRequest } from '../core/sync.ts';
import { endTask, withdrawnWithoutEnd } from '../core/task-lifecycle.ts';
import { ConditionFailedError } from '../ports/store.ts';
import { StaleSyncError } from './errors.ts';
import { keys } from './keys.ts';
import type { ControlPorts, ControlSettings } from './ports.ts';
import { requestItem } from './submit.ts';
import { raiseWake } from './wake.ts';
import { put, reading, update } from './writing.ts';

const triesMax = 20;

export async function syncAgent(ports: ControlPorts, settings: ControlSettings, sync: SyncRequest): Promise<SyncReply> {
  for (let tries = 1; ; tries += 1) {
    const item = await reading(ports, () => ports.store.get<NodeRecord>(keys.node(sync.pool, sync.nodeId)));
    // Not known (yet): its launch may still be open. It holds nothing; if it belongs to nobody, the sweep reaps it.
    if (!item) return reply(ports, settings, sync, null, []);
    const node = item.data;
    if (sync.bootId < node.bootId || (sync.bootId === node.bootId && sync.seq <= node.seq)) throw new StaleSyncError(sync.nodeId, sync.seq);
    const gone = new Set<string>();
    for (const end of sync.ends) {
      await storeEnd(ports, sync.nodeId, end);
      gone.add(end.attemptId);
    }
    for (const assignment of node.assigned) {
      if (gone.has(assignment.attemptId) || !isWithdrawalDone(assignment, sync)) continue;
      await storeWithdrawal(ports, assignment);
      gone.add(assignment.attemptId);
    }
    const next = nodeAfter(node, sync, gone, ports.clock.nowMs(), settings);
    try {
      if (next.isWorthWriting) await put(ports, { pk: item.pk, sk: item.sk, data: next.node }, item.version);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= triesMax) throw error;
      continue; // a tick changed the document: look at it again
    }
    if (next.isNews) await raiseWake(ports, sync.pool);
    return reply(ports, settings, sync, next.node, sync.ends.map((end) => end.attemptId));
  }
}

/** An agent that has seen a reply without the attempt, and no longer lists it, has let go of it. */
function isWithdrawalDone(assignment: Assignment, sync: SyncRequest): boolean {
  const { withdrawn } = assignment;
  if (!withdrawn) return false;
  const isLater = sync.bootId !== withdrawn.atBootId || sync.seq > withdrawn.atSeq;
  return isLater && !sync.held.some((one) => one.attemptId === assignment.attemptId);
}

type TaskChange = (task: TaskRecord, request: RequestRecord) => TaskRecord | null;

/** Changes one task in its row or chunk; nothing where the change says null or the request is unknown. */
async function changeTask(ports: ControlPorts, requestId: string, index: number, change: TaskChange): Promise<void> {
  const nowMs = ports.clock.nowMs();
  const row = await reading(ports, () => ports.store.get<RequestRecord>(keys.request(requestId)));
  if (!row || index >= row.data.spec.count) return;
  if (row.data.spec.count === 1) {
    await update<RequestRecord>(ports, keys.request(requestId), (current) => {
      const task = current?.data.tasks[0];
      const next = current && task ? change(task, current.data) : null;
      return current && next ? requestItem(withTask(current.data, next, nowMs), null) : null;
    });
    return;
  }
  const number = Math.floor(index / tasksPerChunk);
  await update<ChunkRecord>(ports, keys.chunk(requestId, number), (current) => {
    const chunk = current?.data ?? newChunk(row.data, number);
    const task = chunk.tasks[index - number * tasksPerChunk];
    const next = task ? change(task, row.data) : null;
    return next ? { ...keys.chunk(requestId, number), data: { ...chunk, tasks: chunk.tasks.map((one) => (one.index === index ? next : one)) } } : null;
  });
}

/** A node speaks only for itself: ends of attempts placed elsewhere change nothing. */
async function storeEnd(ports: ControlPorts, nodeId: string, end: AttemptEnd): Promise<void> {
  const about = parseAttemptId(end.attemptId);
  if (!about) return; // not an attempt of ours: acknowledged, so that the agent forgets it
  const nowMs = ports.clock.nowMs();
  await changeTask(ports, about.requestId, about.index, (task, request) => (
    task.allocation?.nodeId === nodeId ? endTask(task, about.attempt, end, request.spec, stopWish(request, nowMs), nowMs) : null
  ));
}

async function storeWithdrawal(ports: ControlPorts, assignment: Assignment): Promise<void> {
  const nowMs = ports.clock.nowMs();
  await changeTask(ports, assignment.requestId, assignment.index, (task, request) => (
    task.state === 'placed' && task.attempt === assignment.attempt
      ? withdrawnWithoutEnd(task, stopWish(request, nowMs), assignment.withdrawn?.reason ?? 'withdrawn', nowMs) : null
  ));
}

interface NodeAfter {
  readonly node: NodeRecord;
  /** Heartbeats without news are written only now and then. */
  readonly isWorthWriting: boolean;
  /** A tick should look at the pool. */
  readonly isNews: boolean;
}

function nodeAfter(node: NodeRecord, sync: SyncRequest, gone: ReadonlySet<string>, nowMs: number, settings: ControlSettings): NodeAfter {
  const held = new Map(sync.held.map((one) => [one.attemptId, one]));
  const left = withoutAttempts(node, gone, nowMs);
  const isReadyNow = node.state === 'launching';
  const isInterrupted = sync.interruptionAtMs !== undefined && (node.state === 'launching' || node.state === 'ready');
  const assigned = left.assigned.map((one): Assignment => ({
    ...one, isOffered: one.isOffered || one.withdrawn === null, startedAtMs: held.get(one.attemptId)?.startedAtMs ?? one.startedAtMs,
  }));
  const isChanged = isReadyNow || isInterrupted || gone.size > 0 || sync.bootId !== node.bootId
    || assigned.some((one, i) => one.isOffered !== left.assigned[i]?.isOffered || one.startedAtMs !== left.assigned[i]?.startedAtMs);
  // What this reply hands out must be known with its seq: else a repeat of this sync, come late, would count as
  // the agent's word that it has let go of an attempt that was withdrawn after this reply had started it.
  const isHandingOut = assigned.some((one) => one.withdrawn === null && !held.has(one.attemptId));
  const isDue = node.lastSeenAtMs === null || nowMs - node.lastSeenAtMs >= settings.decisions.lastSeenWriteMs;
  const ready: Partial<NodeRecord> = isReadyNow ? { state: 'ready', readyAtMs: nowMs, emptySinceMs: left.assigned.length === 0 ? nowMs : null } : {};
  const drain: Partial<NodeRecord> = isInterrupted
    ? { state: 'draining', drain: { reason: 'spot interruption', atMs: nowMs, deadlineMs: sync.interruptionAtMs ?? null } } : {};
  return {
    node: { ...left, ...ready, ...drain, assigned, bootId: sync.bootId, seq: sync.seq, lastSeenAtMs: nowMs },
    isWorthWriting: isChanged || isHandingOut || isDue, isNews: isReadyNow || isInterrupted || gone.size > 0,
  };
}

async function reply(ports: ControlPorts, settings: ControlSettings, sync: SyncRequest, node: NodeRecord | null, stored: readonly string[]): Promise<SyncReply> {
  const isLeaving = node !== null && (node.isLost || node.state === 'terminating');
  const assigned = node === null || isLeaving ? [] : node.assigned.filter((one) => one.withdrawn === null);
  const known = new Set([...sync.held.map((one) => one.attemptId), ...sync.ends.map((one) => one.attemptId)]);
  const unknown = assigned.filter((one) => !known.has(one.attemptId));
  const calm = assigned.length > 0 ? settings.syncBusyMs : settings.syncIdleMs;
  // The same holds for a node that has just become ready: it was bought for something.
  const isFresh = node !== null && node.readyAtMs !== null && assigned.length === 0 && ports.clock.nowMs() - node.readyAtMs < settings.syncIdleMs;
  const pause = sync.ends.length > 0 || isFresh ? Math.min(calm, settings.syncSoonMs) : calm;
  const { fenceMs, killGraceMs } = settings.decisions;
  return {
    directive: isLeaving ? 'leave' : node?.state === 'draining' ? 'drain' : 'ok',
    assigned: assigned.map((one) => one.attemptId),
    start: await describeAttempts(ports, unknown),
    acknowledged: node === null ? sync.ends.map((end) => end.attemptId) : stored,
    nextSyncMs: Math.round(pause * (0.75 + ports.random.next() / 2)),
    fenceMs, killGraceMs,
  };
}

async function describeAttempts(ports: ControlPorts, assignments: readonly Assignment[]): Promise<AssignedAttempt[]> {
  const ids = [...new Set(assignments.map((one) => one.requestId))];
  const rows = await reading(ports, () => ports.store.getMany<RequestRecord>(ids.map((id) => keys.request(id))));
  const byId = new Map(rows.filter((row) => row !== null).map((row) => [row.data.id, row.data]));
  const described: AssignedAttempt[] = [];
  for (const { attemptId, requestId, index, attempt, resources } of assignments) {
    const request = byId.get(requestId);
    if (!request) continue; // expired meanwhile: the agent does not hold it, the tick drops it
    const { run, env, timeoutMs } = request.spec;
    described.push({ attemptId, requestId, index, attempt, resources, run, env, timeoutMs, outputUrl: await ports.outputs.uploadUrl(attemptId) });
  }
  return described;
}
