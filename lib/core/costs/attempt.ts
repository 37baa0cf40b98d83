// What attempts cost: their part of their node's price, for the time that they were placed there. That of the last one
// follows from the task's record; what those before it cost is kept there as a sum when the task is queued again.
import type { RequestRecord, TaskRecord } from '../records/request.ts';
import { isEnd } from '../records/request.ts';
import type { Resources } from '../values/resources.ts';
import { nanoPerUsd } from './meter.ts';
import { shareOf } from './node-share.ts';
import { instanceType } from '../catalog/index.ts';

/** Of the last attempt; null until it has ended, and where the catalog does not have the node's type. */
export function lastAttemptUsd(task: TaskRecord, asked: Resources): number | null {
  const { allocation, placedAtMs, endedAtMs } = task;
  const type = allocation === null ? undefined : instanceType(allocation.instanceType);
  if (allocation === null || type === undefined || placedAtMs === null || endedAtMs === null) return null;
  const hours = Math.max(0, endedAtMs - placedAtMs) / 3_600_000;
  return allocation.priceUsdPerHour * shareOf({ resources: asked }, type.allocatable) * hours;
}

/**
 * Nano-USD of all attempts of the task that have ended; one that runs counts when it ends. undefined: of one of them it
 * is not known (see {@link lastAttemptUsd}; or the record was written before sums were kept).
 */
export function attemptsNanoUsd(task: TaskRecord, asked: Resources): number | undefined {
  const before = task.attempt === 1 ? 0 : task.earlierNanoUsd;
  if (!isEnd(task.state) || task.placedAtMs === null) return before;
  const last = lastAttemptUsd(task, asked);
  return before === undefined || last === null ? undefined : before + Math.round(last * nanoPerUsd);
}

/** {@link attemptsNanoUsd} of these tasks, and what others cost beside them. */
export function sumNanoUsd(
  others: number | undefined,
  tasks: Iterable<TaskRecord>,
  asked: Resources,
): number | undefined {
  let sum = others;
  for (const task of tasks) {
    const nanoUsd = attemptsNanoUsd(task, asked);
    sum = sum === undefined || nanoUsd === undefined ? undefined : sum + nanoUsd;
  }
  return sum;
}

/** The task after a change: where that queued it again, with what the attempt cost that ended then. */
export function withEarlierCost(
  before: TaskRecord,
  after: TaskRecord,
  asked: Resources,
  endedAtMs: number,
): TaskRecord {
  if (after.attempt === before.attempt) return after;
  const { earlierNanoUsd: _before, ...left } = after;
  const nanoUsd = attemptsNanoUsd({ ...before, state: 'failed', endedAtMs }, asked);
  return nanoUsd === undefined ? left : { ...left, earlierNanoUsd: nanoUsd };
}

/**
 * USD of all attempts of a request that have ended, of an array as of the last change of its row; null: not known. It
 * is final once the request has ended.
 */
export function requestUsd({ spec, tasks, nanoUsd, startedAtMs, isUnreadable }: RequestRecord): number | null {
  const untouched = startedAtMs === null && isUnreadable !== true ? 0 : undefined;
  const [task] = tasks;
  const sum = spec.count > 1 ? (nanoUsd ?? untouched) : task && attemptsNanoUsd(task, spec.resources);
  return sum === undefined ? null : sum / nanoPerUsd;
}
