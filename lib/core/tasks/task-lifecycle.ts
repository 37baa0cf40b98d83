// The life of one task, transition by transition. Pure: a record in, the next record out.
//
//   pending --place--> placed --end--> succeeded | failed | cancelled | expired
//      ^                  |
//      +---next attempt---+   (a failure with retries left, or a loss of the node)
//
// Before a task is queued again its attempt is raised, so whatever an earlier attempt still says is stale.
import { assert, unreachable } from '../values/errors.ts';
import { exitReason } from '../values/exit-code.ts';
import type { AttemptEnd } from '../records/sync.ts';
import type { Allocation, TaskRecord, TaskSpec, TaskState } from '../records/request.ts';
import { isEnd } from '../records/request.ts';

export interface StopWish {
  readonly state: Extract<TaskState, 'cancelled' | 'expired' | 'failed'>;
  readonly reason: string;
}

export function newTask(index: number): TaskRecord {
  return {
    index,
    state: 'pending',
    attempt: 1,
    allocation: null,
    placedAtMs: null,
    startedAtMs: null,
    endedAtMs: null,
    exitCode: null,
    reason: null,
    failures: 0,
    losses: 0,
    notBeforeMs: 0,
  };
}

export function placeTask(task: TaskRecord, allocation: Allocation, nowMs: number): TaskRecord {
  assert(task.state === 'pending', `task ${String(task.index)} is ${task.state}; only a pending task is placed`);
  return { ...task, state: 'placed', allocation, placedAtMs: nowMs, reason: null };
}

/** Exponential: 1 s, 2 s, 4 s … 5 min. Deterministic; jitter is not needed where one scheduler places. */
export function retryDelayMs(times: number): number {
  return Math.min(300_000, 1000 * 2 ** Math.max(0, times - 1));
}

/** The task waits again, as its next attempt; for a loss (of the node, not the task's fault). */
export function requeueAfterLoss(task: TaskRecord, reason: string, nowMs: number): TaskRecord {
  assert(task.state === 'placed', `task ${String(task.index)} is ${task.state}; only a placed task can be lost`);
  const losses = task.losses + 1;
  // The first loss is queued at once: interruptions are ordinary. Repeated ones slow down.
  const notBeforeMs = losses === 1 ? nowMs : nowMs + retryDelayMs(losses - 1);
  return {
    ...task,
    state: 'pending',
    attempt: task.attempt + 1,
    losses,
    reason,
    notBeforeMs,
    placedAtMs: null,
    startedAtMs: null,
  };
}

function requeueAfterFailure(task: TaskRecord, end: AttemptEnd, reason: string, nowMs: number): TaskRecord {
  const failures = task.failures + 1;
  return {
    ...task,
    state: 'pending',
    attempt: task.attempt + 1,
    failures,
    reason,
    exitCode: end.exitCode,
    notBeforeMs: nowMs + retryDelayMs(failures),
    placedAtMs: null,
    startedAtMs: null,
    ...usedIn(end),
  };
}

function usedIn({ usage, imageDigest }: AttemptEnd): Pick<TaskRecord, 'usage' | 'imageDigest'> {
  return { ...(usage === undefined ? {} : { usage }), ...(imageDigest === undefined ? {} : { imageDigest }) };
}

function finish(task: TaskRecord, state: TaskState, reason: string | null, end: AttemptEnd): TaskRecord {
  return {
    ...task,
    state,
    reason,
    exitCode: end.exitCode,
    startedAtMs: end.startedAtMs,
    endedAtMs: end.endedAtMs,
    ...usedIn(end),
    failures: state === 'failed' ? task.failures + 1 : task.failures,
  };
}

/** Ends a task that is not on any node (cancelled or expired while it waited). */
export function stopPending(task: TaskRecord, wish: StopWish, nowMs: number): TaskRecord {
  assert(task.state === 'pending', `task ${String(task.index)} is ${task.state}; only a pending task is stopped here`);
  return { ...task, state: wish.state, reason: wish.reason, endedAtMs: nowMs };
}

/** Ends or re-queues a placed task whose node took its attempt back without an end. */
export function withdrawnWithoutEnd(
  task: TaskRecord,
  wish: StopWish | null,
  reason: string,
  nowMs: number,
): TaskRecord {
  if (!wish) return requeueAfterLoss(task, reason, nowMs);
  return { ...task, state: wish.state, reason: wish.reason, endedAtMs: nowMs };
}

/** Ends the sentence that says why it was stopped. */
export function preStopText({ preStop }: Pick<AttemptEnd, 'preStop'>): string {
  return preStop === undefined ? '' : `; its preStop command ${preStop}`;
}

/**
 * What an end, reported by an agent, makes of the task; null when it changes nothing: the attempt is not
 * the current one, or the task has ended. `wish` is set when the request is cancelled or its deadline has passed.
 * A timeout is not retried (as in AWS Batch): a second run would take as long.
 */
export function endTask(
  task: TaskRecord,
  attempt: number,
  end: AttemptEnd,
  spec: Pick<TaskSpec, 'retries'>,
  wish: StopWish | null,
  nowMs: number,
): TaskRecord | null {
  if (isEnd(task.state) || task.attempt !== attempt || task.state !== 'placed') return null;
  switch (end.outcome) {
    case 'exited':
    case 'error': {
      if (end.outcome === 'exited' && end.exitCode === 0) return finish(task, 'succeeded', null, end);
      if (wish) return finish(task, wish.state, wish.reason, end);
      const reason =
        end.outcome === 'error'
          ? `error: ${end.message ?? 'it could not be started'}`
          : exitReason(end.exitCode, end.message);
      return task.failures < spec.retries
        ? requeueAfterFailure(task, end, reason, nowMs)
        : finish(task, 'failed', reason, end);
    }
    case 'timeout':
      return wish ? finish(task, wish.state, wish.reason, end) : finish(task, 'failed', 'timeout', end);
    case 'withdrawn':
    case 'fenced':
    case 'refused':
      if (wish) return finish(task, wish.state, `${wish.reason}${preStopText(end)}`, end);
      return requeueAfterLoss(task, `${end.outcome}${end.message ? `: ${end.message}` : ''}`, nowMs);
    default:
      return unreachable(end.outcome);
  }
}
