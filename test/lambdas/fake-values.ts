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
import type { ShadowFigures, ShadowSide } from '../../lib/core/costs/shadow/figures.ts';
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
const sinceMs = Date.UTC(2026, 10, 21, 16, 0, 0);
const side: ShadowSide = {
  ...{ usd: 12.5, spotUsd: 10, usdPerHour: 0.5, nodes: 4, launches: 40, ends: 38, moves: 2 },
  ...{ started: 300, waiting: 1, waits: { meanMs: 20_000, p50Ms: 16_000, p95Ms: 64_000 } },
};
const shadowFigures: ShadowFigures = {
  ...{ sinceMs, untilMs: sinceMs + 86_400_000, stopped: null, isBootGuessed: false, cutShort: 3 },
  live: side,
  shadow: {
    ...side,
    usd: 11,
    nodes: 3,
    launches: 44,
    moves: 0,
    waits: { meanMs: 26_000, p50Ms: 22_627, p95Ms: 64_000 },
  },
};

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

  /** The same figures for each pool that has a shadow. */
  async shadowOfPool(name: string): ReturnType<ApplicationUseCases['shadowOfPool']> {
    const pool = this.pools.get(name)?.spec;
    return pool === undefined ? null : { pool, figures: pool.shadow === undefined ? null : shadowFigures };
  }

  async pastShortages(pool: string): ReturnType<ApplicationUseCases['pastShortages']> {
    return this.pools.has(pool) ? { items: this.shortages, nextCursor: null } : null;
  }
}
