// Empty values that fakes start from.
import type {
  ApplicationUseCases,
  PastTasksWish,
  Percentiles,
  PoolMetrics,
  PoolRecord,
} from '../../lib/control/use-cases.ts';
import type { ArchivePart } from '../../lib/core/forecast/archive.ts';
import type { Shortage } from '../../lib/core/forecast/shortages.ts';
import type { EffectivePrice } from '../../lib/core/lifetimes/effective-prices.ts';
import { nothingLearned } from '../../lib/core/lifetimes/offerings.ts';
import type { QuoteAccuracy } from '../../lib/core/lifetimes/quoted.ts';
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

export const fakeLearned: readonly EffectivePrice[] = [
  {
    id: 'c7i.large/us-east-1a/spot',
    sums: { ...nothingLearned, refused: 2, booted: 6, hours: 12.5, interrupted: 3.25 },
    bootP50Seconds: 61.5,
    learned: { factor: 1.21, hopeful: 1.04, because: 'counts 21 % more than its price' },
  },
];

/** The same past for each pool that there is; tests fill it. */
export class FakePast {
  async quoteAccuracy(_tenant: string, pool: string): Promise<QuoteAccuracy | null> {
    const finish = { known: 120, withinP50: 65, withinP90: 109 };
    const usd = { known: 100, withinP50: 50, withinP90: 100 };
    return pool === 'gone' ? null : { pool, quoted: 130, succeeded: 120, open: 3, finish, usd };
  }

  readonly pools = new Map<string, PoolRecord>();
  readonly archive: ArchivePart[] = [];
  readonly shortages: Shortage[] = [];

  async pastTasks(pool: string, { tenant, sinceMs = 0 }: PastTasksWish): ReturnType<ApplicationUseCases['pastTasks']> {
    const isWanted = ({ requests }: ArchivePart): boolean =>
      requests.some((one) => one.tenant === tenant && one.createdAtMs >= sinceMs);
    return this.pools.has(pool) ? { items: this.archive.filter(isWanted), nextCursor: null } : null;
  }

  async pastShortages(pool: string): ReturnType<ApplicationUseCases['pastShortages']> {
    return this.pools.has(pool) ? { items: this.shortages, nextCursor: null } : null;
  }
}
