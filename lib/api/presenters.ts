// The core's request records as the API shows them.
import type { PoolSpec } from '../core/pool.ts';
import type { RequestRecord, TaskRecord } from '../core/request.ts';
import type { RequestView, TimelineView } from './requests.ts';
import { timeOf, timeOrNull } from './values.ts';

/** `pool`: the spec of the request's pool now; null when it is gone (or not asked for, as nothing is allocated). */
export function presentRequest(record: RequestRecord, pool: PoolSpec | null): RequestView {
  const task = record.spec.count === 1 ? record.tasks[0] : undefined;
  return {
    id: record.id,
    type: record.spec.type,
    pool: record.pool,
    tenant: record.tenant,
    state: record.state,
    reason: record.reason,
    createdAt: timeOf(record.createdAtMs),
    startedAt: timeOrNull(record.startedAtMs),
    endedAt: timeOrNull(record.endedAtMs),
    count: record.spec.count,
    counts: { ...record.counts },
    exitCode: task?.exitCode ?? null,
    attempts: attemptsOf(record, task),
    allocation: allocationOf(record, task, pool),
  };
}

/** An attempt counts from when it is placed: the record names the current one before that. */
function attemptsOf(record: RequestRecord, task: TaskRecord | undefined): number | null {
  if (task === undefined) return record.spec.count === 1 ? 0 : null;
  return task.placedAtMs === null || task.state === 'pending' ? task.attempt - 1 : task.attempt;
}

function allocationOf(record: RequestRecord, task: TaskRecord | undefined, pool: PoolSpec | null): RequestView['allocation'] {
  const allocation = task?.allocation;
  if (!allocation) return null;
  return {
    resourceType: 'ec2-instance',
    instanceType: allocation.instanceType,
    zone: allocation.zone,
    capacityType: allocation.capacityType,
    priceUsdPerHour: allocation.priceUsdPerHour,
    placement: pool?.placement ?? null,
    learningStyle: record.spec.learningStyle ?? pool?.learningStyle ?? null,
  };
}

/** Whether showing the record needs its pool. */
export function needsPool(record: RequestRecord): boolean {
  return record.spec.count === 1 && Boolean(record.tasks[0]?.allocation);
}

export function presentTimeline(record: RequestRecord): TimelineView {
  return {
    items: record.timeline.map((entry) => ({
      at: timeOf(entry.atMs),
      stage: entry.stage,
      code: entry.code,
      message: entry.message,
      ...(entry.nextTryAtMs === undefined ? {} : { nextTryAt: timeOf(entry.nextTryAtMs) }),
      ...(entry.excluded === undefined ? {} : { excluded: entry.excluded.map((one) => ({ ...one })) }),
    })),
  };
}
