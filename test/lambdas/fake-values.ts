// Empty values that fakes start from.
import type { ApplicationUseCases, Percentiles, PoolMetrics } from '../../lib/control/use-cases.ts';
import type { ArchivePart } from '../../lib/core/forecast/archive.ts';
import type { TaskCounts } from '../../lib/core/records/request.ts';
import { noResources } from '../../lib/core/values/resources.ts';

export const noTaskCounts: TaskCounts = { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
export const noPercentiles: Percentiles = { p50: null, p95: null, p99: null, count: 0 };
export const noPoolMetrics: PoolMetrics = {
  pool: null,
  ticks: 0,
  open: {},
  ended: {},
  openTasks: { pending: 0, running: 0 },
  quarantined: 0,
  oldestPendingMs: null,
  nodes: {},
  headroomNodes: 0,
  allocatable: noResources,
  assigned: noResources,
  usdPerHour: 0,
  spentUsd: 0,
  launchedNodes: 0,
  goneNodes: 0,
  launches: {},
  acceptedToPlaced: {},
  placedToRunning: {},
  runningToEnded: {},
};

export const noOutput = { stdout: '', stderr: '', truncated: false, leftOutBytes: { stdout: 0, stderr: 0 } };

/** The same archive for each pool that there is; tests fill it. */
export function pastTasksOf(
  pools: ReadonlyMap<string, unknown>,
): ApplicationUseCases['pastTasks'] & { readonly archive: ArchivePart[] } {
  const archive: ArchivePart[] = [];
  const page: ApplicationUseCases['pastTasks'] = async (pool, { tenant, sinceMs = 0 }) => {
    const isWanted = ({ requests }: ArchivePart): boolean =>
      requests.some((one) => one.tenant === tenant && one.createdAtMs >= sinceMs);
    return pools.has(pool) ? { items: archive.filter(isWanted), nextCursor: null } : null;
  };
  return Object.assign(page, { archive });
}
