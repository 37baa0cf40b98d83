// Empty values that fakes start from.
import type { Percentiles, PoolMetrics } from '../../lib/control/use-cases.ts';
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
