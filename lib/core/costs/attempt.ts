// What one attempt cost: its part of its node's price, for the time that it was placed there.
import type { TaskRecord } from '../records/request.ts';
import type { Resources } from '../values/resources.ts';
import { shareOf } from './meter.ts';
import { instanceType } from '../catalog/index.ts';

/** Of the last attempt; null until it has ended, and where the catalog does not have the node's type. */
export function lastAttemptUsd(task: TaskRecord, asked: Resources): number | null {
  const { allocation, placedAtMs, endedAtMs } = task;
  const type = allocation === null ? undefined : instanceType(allocation.instanceType);
  if (allocation === null || type === undefined || placedAtMs === null || endedAtMs === null) return null;
  const hours = Math.max(0, endedAtMs - placedAtMs) / 3_600_000;
  return allocation.priceUsdPerHour * shareOf({ resources: asked }, type.allocatable) * hours;
}
