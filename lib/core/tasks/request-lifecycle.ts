// The life of a request's row: its state follows from its tasks, never the other way round.
import { withTimeline } from '../records/timeline.ts';
import { assert } from '../values/errors.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { StopWish } from './task-lifecycle.ts';
import { newTask, placeTask } from './task-lifecycle.ts';
import type {
  Allocation,
  ChunkRecord,
  FailedTask,
  RequestRecord,
  TaskCounts,
  TaskRecord,
  TaskSpec,
} from '../records/request.ts';
import { isEnd } from '../records/request.ts';
import { tasksInFirst } from './array-chunks.ts';
import { failedText, withFailed } from './arrays/failed.ts';
import { sumNanoUsd } from '../costs/attempt.ts';

export const taskCancelled: StopWish = { state: 'cancelled', reason: 'cancelled' };

export function newRequest(
  fields: Pick<RequestRecord, 'id' | 'tenant' | 'pool' | 'bodyHash'> & { spec: TaskSpec },
  nowMs: number,
): RequestRecord {
  const { count } = fields.spec;
  return {
    ...fields,
    createdAtMs: nowMs,
    state: 'pending',
    reason: null,
    startedAtMs: null,
    endedAtMs: null,
    counts: { pending: count, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
    tasks: count === 1 ? [newTask(0)] : [],
    closed: { chunks: 0, counts: countTasks([]) },
    cancelRequestedAtMs: null,
    quarantine: null,
    timeline: [
      {
        atMs: nowMs,
        stage: 'accepted',
        code: 'accepted',
        message:
          count === 1
            ? `accepted into pool ${fields.pool}`
            : `accepted into pool ${fields.pool}: ${String(count)} tasks`,
      },
    ],
  };
}

/** Why this task shall stop, if it shall: with its request, or by itself. */
export function taskStopWish(
  record: Pick<RequestRecord, 'cancelRequestedAtMs' | 'createdAtMs' | 'spec'>,
  task: Pick<TaskRecord, 'cancelRequestedAtMs'>,
  nowMs: number,
): StopWish | null {
  const alone = task.cancelRequestedAtMs === undefined ? null : taskCancelled;
  return stopWish(record, nowMs) ?? alone;
}

/** Why the tasks of this request shall stop, if they shall: a cancel goes before a missed deadline. */
export function stopWish(
  record: Pick<RequestRecord, 'cancelRequestedAtMs' | 'createdAtMs' | 'spec'>,
  nowMs: number,
): StopWish | null {
  if (record.cancelRequestedAtMs !== null) return { state: 'cancelled', reason: 'cancelled' };
  const deadlineAtMs = deadlineOf(record);
  if (deadlineAtMs !== null && deadlineAtMs <= nowMs) return { state: 'expired', reason: 'deadline_missed' };
  return null;
}

export function deadlineOf(record: Pick<RequestRecord, 'createdAtMs' | 'spec'>): number | null {
  return record.spec.deadlineMs === null ? null : record.createdAtMs + record.spec.deadlineMs;
}

function stageOf(task: TaskRecord): { stage: string; code: string; message: string } {
  switch (task.state) {
    case 'pending':
      return task.attempt > 1
        ? {
            stage: 'pending',
            code: 'queued_again',
            message:
              `attempt ${String(task.attempt - 1)} ended (${task.reason ?? 'lost'}); attempt `
              + `${String(task.attempt)} waits`,
          }
        : { stage: 'pending', code: 'pending', message: 'waits to be placed' };
    case 'placed': {
      const a = task.allocation;
      return {
        stage: 'placed',
        code: 'placed',
        message:
          `attempt ${String(task.attempt)} placed on `
          + `${a ? `${a.nodeId} (${a.instanceType} ${a.capacityType} in ${a.zone})` : 'a node'}`,
      };
    }
    default:
      return {
        stage: 'ended',
        code: task.state,
        message: task.reason ?? (task.exitCode === null ? task.state : `exit code ${String(task.exitCode)}`),
      };
  }
}

/** The row of a single task after its task changed: state, times and timeline follow. */
export function withTask(record: RequestRecord, task: TaskRecord, nowMs: number): RequestRecord {
  assert(record.spec.count === 1, `request ${record.id} is an array`);
  const ended = isEnd(task.state);
  const counts = countTasks([task]);
  const next: RequestRecord = {
    ...record,
    tasks: [task],
    counts,
    state: task.state === 'placed' ? 'running' : task.state,
    reason: task.reason,
    startedAtMs: record.startedAtMs ?? task.startedAtMs,
    endedAtMs: ended ? (task.endedAtMs ?? nowMs) : null,
  };
  const step = stageOf(task);
  return withTimeline(next, {
    atMs: nowMs,
    ...step,
    ...(task.state === 'pending' && task.notBeforeMs > nowMs ? { nextTryAtMs: task.notBeforeMs } : {}),
  });
}

/** What a task that the node carries says it runs on. */
export function allocationOn({ id, instanceType, zone, capacityType, priceUsdPerHour }: NodeRecord): Allocation {
  return { nodeId: id, instanceType, zone, capacityType, priceUsdPerHour };
}

/** The assignment is about the attempt that the row of a single task waits for. */
export function isPlacedBy({ spec, tasks: [task] }: RequestRecord, { attempt }: Assignment): boolean {
  return spec.count === 1 && task?.state === 'pending' && task.attempt === attempt;
}

/**
 * The row of a single task as it is placed: the placement is written into the node's document alone, and an attempt
 * is never in two of them. The same row where the assignment is about another attempt, or the task has ended.
 */
export function withPlacement(record: RequestRecord, node: NodeRecord, assignment: Assignment): RequestRecord {
  const [task] = record.tasks;
  if (task === undefined || !isPlacedBy(record, assignment)) return record;
  const placed = withTask(record, placeTask(task, allocationOn(node), assignment.placedAtMs), assignment.placedAtMs);
  return assignment.note === undefined
    ? placed
    : withTimeline(placed, {
        atMs: assignment.placedAtMs,
        stage: 'placed',
        code: 'starting',
        message: assignment.note,
      });
}

/** Rows with what these nodes' documents say of them. */
export function withPlacements(
  records: readonly RequestRecord[],
  nodes: Iterable<NodeRecord>,
): readonly RequestRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const node of nodes) {
    for (const one of node.assigned) {
      const record = byId.get(one.requestId);
      if (record) byId.set(record.id, withPlacement(record, node, one));
    }
  }
  return records.map((record) => byId.get(record.id) ?? record);
}

export function countTasks(tasks: Iterable<TaskRecord>): TaskCounts {
  const counts = { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const { state } of tasks) {
    if (state === 'placed') counts.running += 1;
    else if (state === 'expired') counts.cancelled += 1;
    else counts[state] += 1;
  }
  return counts;
}

function addCounts(a: TaskCounts, b: TaskCounts): TaskCounts {
  return {
    pending: a.pending + b.pending,
    running: a.running + b.running,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
  };
}

/** `closed` moved on over the chunks that have ended since. */
function closeChunks(record: RequestRecord, chunks: readonly ChunkRecord[]): RequestRecord['closed'] {
  const byNumber = new Map(chunks.map((chunk) => [chunk.chunk, chunk]));
  let { closed } = record;
  for (
    let chunk = byNumber.get(closed.chunks);
    chunk?.tasks.every((task) => isEnd(task.state));
    chunk = byNumber.get(closed.chunks)
  ) {
    const failed = withFailed(closed.failed ?? [], chunk.tasks, record.spec);
    const nanoUsd = sumNanoUsd(closedNanoUsd(closed), chunk.tasks, record.spec.resources);
    closed = {
      chunks: closed.chunks + 1,
      counts: addCounts(closed.counts, countTasks(chunk.tasks)),
      ...(failed.length === 0 ? {} : { failed }),
      ...(nanoUsd === undefined ? {} : { nanoUsd }),
    };
  }
  return closed;
}

function closedNanoUsd({ chunks, nanoUsd }: RequestRecord['closed']): number | undefined {
  return chunks === 0 ? 0 : nanoUsd;
}

/**
 * What was stopped ends as stopped, whatever had failed by then; a stop that came after the last
 * end stopped nothing.
 */
function endOfArray(
  counts: TaskCounts,
  firstFailed: readonly FailedTask[],
  hasExpired: boolean,
): Pick<RequestRecord, 'state' | 'reason'> {
  const { succeeded, failed, cancelled } = counts;
  const all = succeeded + failed + cancelled;
  const named = failedText(firstFailed, failed);
  if (cancelled > 0) {
    const [state, code] = hasExpired
      ? (['expired', 'deadline_missed'] as const)
      : (['cancelled', 'cancelled'] as const);
    const ends =
      `of ${String(all)} tasks ${String(succeeded)} succeeded, ${String(failed)} failed, `
      + `${String(cancelled)} were ${hasExpired ? 'stopped' : 'cancelled'}`;
    return { state, reason: cancelled === all ? code : `${code}: ${ends}${named && `; failed: ${named}`}` };
  }
  return failed > 0
    ? { state: 'failed', reason: `${String(failed)} of ${String(all)} tasks failed${named && `: ${named}`}` }
    : { state: 'succeeded', reason: null };
}

/** Rows with the chunks that they were last in accord with, while nothing was to stop them. */
const inAccord = new WeakMap<RequestRecord, readonly ChunkRecord[]>();

function isSameAsBefore(record: RequestRecord, chunks: readonly ChunkRecord[]): boolean {
  const before = inAccord.get(record);
  return before?.length === chunks.length && chunks.every((chunk, at) => chunk === before[at]);
}

/**
 * The row of an array brought up to date with its chunks from `record.closed.chunks` on (absent ones are
 * untouched). The same record when nothing changed. The array ends when no task can change any more: all
 * ended, or the rest never touched while it shall stop.
 */
export function aggregateArray(record: RequestRecord, chunks: readonly ChunkRecord[], nowMs: number): RequestRecord {
  const wish = stopWish(record, nowMs);
  if (wish === null && isSameAsBefore(record, chunks)) return record;
  const tasks = chunks.flatMap((chunk) => (chunk.chunk < record.closed.chunks ? [] : chunk.tasks));
  const touched = addCounts(record.closed.counts, countTasks(tasks));
  const untouched = record.spec.count - tasks.length - tasksInFirst(record.spec.count, record.closed.chunks);
  const isStopped = wish !== null && touched.pending === 0 && touched.running === 0;
  const counts: TaskCounts = isStopped
    ? { ...touched, cancelled: touched.cancelled + untouched }
    : { ...touched, pending: touched.pending + untouched };
  const begun = tasks.map((task) => task.startedAtMs ?? task.placedAtMs).filter((at) => at !== null);
  const startedAtMs = record.startedAtMs ?? (begun.length > 0 ? begun.reduce((a, b) => Math.min(a, b)) : null);
  const isOver = counts.pending === 0 && counts.running === 0;
  const hasExpired = wish?.state === 'expired' || tasks.some((task) => task.state === 'expired');
  const { state, reason } = isOver
    ? endOfArray(counts, withFailed(record.closed.failed ?? [], tasks, record.spec), hasExpired)
    : { state: startedAtMs === null ? ('pending' as const) : ('running' as const), reason: null };
  const isSame =
    state === record.state
    && startedAtMs === record.startedAtMs
    && (Object.keys(counts) as (keyof TaskCounts)[]).every((key) => counts[key] === record.counts[key]);
  if (isSame) {
    if (wish === null) inAccord.set(record, chunks);
    return record;
  }
  const { nanoUsd: _before, ...row } = record;
  const nanoUsd = sumNanoUsd(closedNanoUsd(record.closed), tasks, record.spec.resources);
  const next: RequestRecord = {
    ...row,
    ...(nanoUsd === undefined ? {} : { nanoUsd }),
    counts,
    closed: closeChunks(record, chunks),
    state,
    reason,
    startedAtMs,
    endedAtMs: isOver ? nowMs : null,
  };
  if (state === record.state) return next;
  return withTimeline(next, {
    atMs: nowMs,
    stage: isOver ? 'ended' : 'placed',
    code: isOver ? state : 'first_task_placed',
    message: isOver ? (reason ?? `all ${String(record.spec.count)} tasks succeeded`) : 'first tasks are placed',
  });
}
