// Everything that one decision may read. Not atomic: it is safe because only the lock holder buys and
// places, and every write is conditional on the version that it was planned from.
import type { CommitmentDays } from '../costs/commitment-days.ts';
import type { CapacityMemory } from './capacity-memory.ts';
import { emptyCapacityMemory } from './capacity-memory.ts';
import type { BudgetStops, SpentBudgets } from '../costs/budgets.ts';
import type { Lifetimes } from '../lifetimes/learned.ts';
import type { LearnedOfferings } from '../lifetimes/offerings.ts';
import type { ClaimListing, Listing } from './listing.ts';
import type { DocumentName } from '../records/document-name.ts';
import type { ClaimRecord, ClaimRow } from '../records/claim.ts';
import type { MachineLaunch, NodeLaunch } from '../records/launch.ts';
import type { PoolUsage } from '../records/limits.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Offering } from '../values/offering.ts';
import type { Requirements } from '../values/requirements.ts';
import type { Resources } from '../values/resources.ts';
import { isSame } from '../values/dictionary.ts';
import type { PoolPause, PoolSpec } from '../records/pool.ts';
import type { ChunkRecord, RequestRecord } from '../records/request.ts';
import type { GroupRecord } from '../records/security-group.ts';
import type { CloudWatchSeen } from '../scaling/policies/cloudwatch.ts';
import type { ReportedRecord } from '../services/policies.ts';
import type { ServiceForecast } from '../services/forecast/wish.ts';
import type { ServiceRecord } from '../services/record.ts';
import type { GroupTargets } from '../services/targets/record.ts';
import type { TenantWeights } from '../records/tenant.ts';
import type { KeptVolume } from '../records/volume.ts';

export interface Versioned<T> {
  readonly record: T;
  readonly version: number;
}

export interface OpenRequest extends Versioned<RequestRecord> {
  /** Arrays: the chunks that exist. */
  readonly chunks: readonly Versioned<ChunkRecord>[];
  /** It has left the open requests and is here only because a node still names a task of it. */
  readonly isCollected: boolean;
}

/** What a pool remembers between ticks besides its things; written only when it changes. */
export interface PoolMemory extends CapacityMemory {
  readonly massSilenceSinceMs: number | null;
  /** Since when levels of priority wait and get nothing (see allocation/ordering/priority.ts); absent: none does. */
  readonly passedOver?: Readonly<Record<string, number>>;
  /** What was learned of how long its tasks last; absent: nothing yet, or it is off. */
  readonly lifetimes?: Lifetimes;
  /** Of a pool that is or was adaptive: what was learned of what it bought; absent: nothing yet. */
  readonly offerings?: LearnedOfferings;
  /** How long its nodes take from their launch to their first call; absent: none has booted yet. */
  readonly bootMs?: number;
  /** The same of stopped nodes that are started; absent: none was. */
  readonly startMs?: number;
  /** When a warm node last went that could not be stopped; absent: none did, or one was stopped since. */
  readonly stopFailedAtMs?: number;
  /** When a request was last there that is forecast though its pool is not, to within a day; absent: none was. */
  readonly ownDemandAtMs?: number;
  /** Of a pool with commitments: how far each was used today. */
  readonly commitments?: CommitmentDays;
  /** When a node last went by consolidation; absent: none has. */
  readonly consolidatedAtMs?: number;
  /** Of a pool with headroom: what the last tasks asked for (see scaling/recent-tasks.ts). */
  readonly lastTasks?: { readonly resources: Resources; readonly requirements: Requirements };
}

/** Nodes without work that are kept above demand. */
export interface Floor {
  readonly nodes: number;
  /** Continues the sentence "headroom of 2 nodes"; '' where nothing set it. */
  readonly because: string;
  /** When it may change by itself; null: it does not. */
  readonly nextActAtMs: number | null;
  /** What is forecast; absent: nothing is. */
  readonly ahead?: Ahead;
}

/** Demand that is forecast for the time in which a node boots. */
export interface Ahead {
  /** In thousandths of a vCPU, what is there already included. */
  readonly wantedMilli: number;
  /** Begins the reason of what is bought for it. */
  readonly because: string;
}

/** What a tick knows of a predictive service. */
export interface SeenForecast {
  /** Thousandths of a replica that its policies want now; null: no metric has data. */
  readonly demandMilli: number | null;
  readonly known: ServiceForecast;
}

/** Which open requests a tick did not look at, because too many wait before them. */
export interface Unseen {
  /** How many requests came before them. */
  readonly behind: number;
  /** By partition and group of the index: the last entry that was looked at. */
  readonly after: Readonly<Record<string, string>>;
  /** By partition: from this entry on, of groups that are not in `after`, none was looked at. */
  readonly from: Readonly<Record<string, string>>;
  /** By partition: where the next tick goes on with the groups that take turns. */
  readonly goOn?: Readonly<Record<string, string>>;
}

export const emptyMemory: PoolMemory = { ...emptyCapacityMemory, massSilenceSinceMs: null };

export function isSameMemory(a: PoolMemory, b: PoolMemory): boolean {
  return isSame(a, b);
}

/** What nothing is decided about, see set-aside.ts. */
export interface Aside {
  /** They are not among the others, and neither are claims and launches. */
  readonly nodes: readonly Versioned<NodeRecord>[];
  /** They are among the others. */
  readonly requests: ReadonlySet<string>;
  /** Ids of claims; of volumes they are in `storages`. */
  readonly claims: ReadonlySet<string>;
  /** What counts of it against the pool's limits. */
  readonly usage: PoolUsage;
}

/** What claims have, and what is left of them. */
export interface SeenClaims {
  /** Open claims, oldest first, and after them warm machines. */
  readonly claims: readonly Versioned<ClaimRecord>[];
  readonly groups: readonly Versioned<GroupRecord>[];
  readonly machineLaunches: readonly Versioned<MachineLaunch>[];
  readonly kept: readonly Versioned<KeptVolume>[];
  /** Notes of warm machines that could not be launched. */
  readonly warmFailed: readonly Versioned<ClaimRecord>[];
  /** Documents of claims that have ended: nothing but their deletion is left to do. */
  readonly leftOver: readonly DocumentName[];
  /** Rows of claims that have ended and that services name as their replicas. Absent: none. */
  readonly ended?: ReadonlyMap<string, ClaimRow>;
}

export interface Observation extends SeenClaims {
  readonly nowMs: number;
  readonly pool: PoolSpec;
  readonly isPoolDeleting: boolean;
  /** Absent: it is not paused. */
  readonly paused?: PoolPause;
  readonly requests: readonly OpenRequest[];
  readonly nodes: readonly Versioned<NodeRecord>[];
  /** Of nodes. */
  readonly launches: readonly Versioned<NodeLaunch>[];
  /** null where none is needed or available now: nothing that rests on what EC2 says is decided. */
  readonly listing: Listing | null;
  /** Of the same moment; null also where the pool has no claims. */
  readonly claimListing: ClaimListing | null;
  readonly memory: PoolMemory;
  /** Claims of volumes, those that are set aside among them; what is not in it is not there. Absent: none. */
  readonly storages?: ReadonlyMap<string, ClaimRecord>;
  /** Whose the snapshots are that pending claims name; null: no tenant's. Not in it: EC2 has not said so yet. */
  readonly snapshotOwners: ReadonlyMap<string, string | null>;
  /** The headroom that alarms asked for; absent: none. */
  readonly floor?: Floor;
  /** Of a pool with fair shares: those that operators declared; absent: none. */
  readonly tenantWeights?: TenantWeights;
  /** Rows of their replicas are among the requests. Absent: none. */
  readonly services?: readonly Versioned<ServiceRecord>[];
  /** What is registered with target groups, for services that are there and others. Absent: nothing. */
  readonly targets?: readonly Versioned<GroupTargets>[];
  /** By id of the service: what its owner has reported. Absent: nothing, or nobody asks. */
  readonly reported?: ReadonlyMap<string, ReportedRecord['metrics']>;
  /** By id of each predictive service. Absent: there is none. */
  readonly serviceForecasts?: ReadonlyMap<string, SeenForecast>;
  /** Absent: no policy of the pool or of its services goes by a metric of CloudWatch. */
  readonly cloudWatch?: CloudWatchSeen;
  /** Where the pool or tenants of it have a budget: what was spent; absent: none has. */
  readonly spent?: SpentBudgets;
  /** Whom a budget holds back, as this decision finds; absent: nobody. */
  readonly stops?: BudgetStops;
  /** Labels by which costs are told apart; absent: none. */
  readonly labelKeys?: readonly string[];
  /** What else waits and was not read; absent: nothing. */
  readonly unseen?: Unseen;
  /**
   * Keys (see writeKey) of records with which a write failed for good: what writes them is a change of its
   * own, after the others.
   */
  readonly suspects?: ReadonlySet<string>;
  /** Absent: nothing. */
  readonly aside?: Aside;
  /** All offerings that the pool's requirements allow, in the catalog's order. */
  readonly offerings: readonly Offering[];
}
