// Empty values that fakes start from.
import type { Percentiles } from '../../lib/control/use-cases.ts';
import type { TaskCounts } from '../../lib/core/records/request.ts';

export const noTaskCounts: TaskCounts = { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
export const noPercentiles: Percentiles = { p50: null, p95: null, p99: null, count: 0 };
