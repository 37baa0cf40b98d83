// What one attempt cost: its part of its node's price, for the time that it was placed there.
import type { TaskRecord } from '../core/records/request.ts';
import type { Resources } from '../core/values/resources.ts';
import { instanceType } from '../core/catalog/index.ts';

/**
 * The largest share that it asked of any resource that tasks may use of the node. What nobody asked for is nobody's:
 * the costs of all attempts of a node may be less than the node's, and more where they asked for different resources.
 */
function shareOf(asked: Resources, allocatable: Resources): number {
  const shares = (['cpuMilli', 'memoryMib', 'gpu'] as const).map((key) =>
    asked[key] === 0 ? 0 : asked[key] / allocatable[key],
  );
  return Math.min(1, Math.max(...shares));
}

/** Of the last attempt; null until it has ended, and where the catalog does not have the node's type. */
export function lastAttemptUsd(task: TaskRecord, asked: Resources): number | null {
  const { allocation, placedAtMs, endedAtMs } = task;
  const type = allocation === null ? undefined : instanceType(allocation.instanceType);
  if (allocation === null || type === undefined || placedAtMs === null || endedAtMs === null) return null;
  const hours = Math.max(0, endedAtMs - placedAtMs) / 3_600_000;
  return allocation.priceUsdPerHour * shareOf(asked, type.allocatable) * hours;
}
