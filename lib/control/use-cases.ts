// The use cases that lambdas, the simulator and the local server call: control's whole surface, as one
// interface, so that handlers can be tested against a fake and the composition roots wire the real one.
import type { ArchivePart } from '../core/forecast/archive.ts';
import type { Shortage } from '../core/forecast/shortages.ts';
import type { Lasting, Odds, QuoteAccuracy } from '../core/lifetimes/quoted.ts';
import type { TaskInput } from '../core/access/files.ts';
import type { SecretRef } from '../core/access/secrets.ts';
import type { ShownLifetimes } from '../core/lifetimes/learned.ts';
import type { ShadowFigures } from '../core/costs/shadow/figures.ts';
import type { AllocationPlan, Demand } from '../core/allocation/types.ts';
import type { Requirements } from '../core/values/requirements.ts';
import type { CapacityType } from '../core/values/offering.ts';
import type { GroupedDay } from '../core/costs/groups.ts';
import type { RegretByDay } from '../core/costs/regret/sums.ts';
import type { NodeRecord } from '../core/records/node.ts';
import type { NodeWhy } from '../core/disruption/why.ts';
import type { NodeOrder } from '../core/disruption/methods/operator.ts';
import type { Wish } from '../core/scaling/policies/policy.ts';
import type { ShownForecast } from '../core/scaling/shown-forecast.ts';
import type { PoolLimits, PoolPause, PoolSpec, Usage } from '../core/records/pool.ts';
import type { WhyEntry } from '../core/plan/plan.ts';
import type { AlarmEvent, FloorRecord } from '../core/scaling/alarms.ts';
import type { AnyRequest, ClaimRecord, ClaimSpec } from '../core/records/claim.ts';
import type { TenantRecord } from '../core/records/tenant.ts';
import type { NetworkWish } from '../core/records/security-group.ts';
import type { VolumeNeeds } from '../core/records/volume.ts';
import type { RequestRecord, RequestState, TaskRecord, TaskSpec } from '../core/records/request.ts';
import type { Histogram } from '../core/values/collections/histogram.ts';
import type { Resources } from '../core/values/resources.ts';
import type { LeftOutBytes } from '../core/values/output.ts';
import type { SyncReply, SyncRequest } from '../core/records/sync.ts';
import type { CatalogInfo } from '../ports/catalog.ts';
import type { EventPage, EventWish, WebhookUseCases } from './events/use-cases.ts';
import type { OpenTasks, PoolSummary } from './requests/figures/summary.ts';
import type { ServiceUseCases } from './services/use-cases.ts';
import type { ListedPage, ListOptions, RequestFilter, RequestPage } from './store/pages.ts';
import type { OutputPosition } from '../ports/outputs.ts';

export interface Submission {
  readonly tenant: string;
  /** Raw header or batch item's key; null: every call is a request of its own. */
  readonly idempotencyKey: string | null;
  /** null: the first that accepts it: the default pool, then by priority, then the oldest. */
  readonly pool: string | null;
  readonly spec: TaskSpec | ClaimSpec;
  /** It is quoted when it is accepted, and what the quote says is kept with it. */
  readonly isQuoted?: boolean;
  /** The canonical JSON (sorted keys) of the body as received: tells a repeat from a conflict. */
  readonly canonicalBody: string;
  /** Something that it names is not there (any more): it is thrown unless this repeats what was accepted before. */
  readonly missing?: Error;
}

/** What callers may change about a claim. */
export type ClaimChange =
  /** Its lease runs anew from now. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'power'; readonly power: 'running' | 'stopped' }
  /** An absent need stays as it is. */
  | { readonly kind: 'resize'; readonly needs: Partial<VolumeNeeds> }
  /** A volume that nothing uses, to a virtual machine request. */
  | { readonly kind: 'attach'; readonly machine: string }
  /** The volume is detached from whoever uses it; it stays its request's. */
  | { readonly kind: 'detach' }
  /** Other rules for a network, or for a machine's own; what is absent stays as it is. */
  | { readonly kind: 'rules'; readonly rules: Partial<NetworkWish> };

export interface SubmitResult {
  readonly request: AnyRequest;
  /** The key had been used with the same body: this is the present state of that request. */
  readonly isRepeat: boolean;
  /** What a slightly smaller request would cost, where that is much less; one sentence. Of single submissions. */
  readonly advice?: string;
}

export interface PoolRecord {
  readonly spec: PoolSpec;
  readonly specVersion: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Set when the pool is being deleted: it buys nothing, drains its nodes, and goes when it holds nothing. */
  readonly deletingSinceMs: number | null;
  /** Absent: it is not paused. */
  readonly paused?: PoolPause;
  /** false: no service was ever declared in it, and nobody looks for any. Absent: an older record, which cannot say. */
  readonly hasServices?: boolean;
  /** Services of it have, or had, target groups; absent: none ever had. */
  readonly hasTargets?: true;
  /** Its stored record cannot be read: it takes and does nothing until it is declared anew. */
  readonly quarantine?: string;
}

/** How far a commitment is used as of the last tick, and on average since midnight (UTC): instances or USD per hour. */
export interface CommitmentShown {
  readonly name: string;
  readonly used: number;
  readonly of: number;
  readonly meanToday: number;
  readonly isOver: boolean;
  /** Why EC2 launches nothing into it now, and the cure, for people; absent: it refused nothing. */
  readonly refused?: string;
}

/** A pool with its headroom floor, where it may have one. */
export interface PoolShown extends PoolRecord {
  /** Since when it is due to tick; null: it is not. Absent after a change, which wakes it. */
  readonly dueSinceMs?: number | null;
  /** Of a pool with commitments. */
  readonly commitmentUse?: readonly CommitmentShown[];
  readonly headroom?: {
    readonly floorNodes: number;
    readonly record: FloorRecord;
    /** Why the floor is not reached; null where it is, as of the last tick. */
    readonly lacking: WhyEntry | null;
  };
  /** Why fewer nodes are stopped than the pool has ready, as of the last tick; absent: they are there, or come. */
  readonly warmLacking?: WhyEntry;
}

export interface NodeShown {
  readonly node: NodeRecord;
  readonly why: NodeWhy;
}

export interface ActivityRecord {
  readonly atMs: number;
  /** `launch`, `launch_failed`, `node_ready`, `node_draining`, `node_terminated`, `node_lost`, `orphan_reaped`, … */
  readonly code: string;
  readonly message: string;
  readonly nodeId: string | null;
  readonly launchId: string | null;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: string | null;
  readonly priceUsdPerHour: number | null;
  /** Who did it, where a person did. */
  readonly principal?: string;
}

export type { ListedPage, ListOptions, RequestFilter, RequestPage };
/** What would be different; an absent key is as it is. */
export interface WhatIf {
  readonly limits?: PoolLimits;
  readonly requirements?: Requirements;
  readonly resources?: Partial<Resources>;
  /** As if the pool were not paused. */
  readonly isPaused?: false;
}

export interface WhatIfOutcome {
  readonly kind: 'placed' | 'bought' | 'waits';
  readonly code: string;
  readonly message: string;
  readonly launches: readonly {
    readonly count: number;
    readonly instanceType: string;
    readonly zone: string;
    readonly capacityType: CapacityType;
    readonly usdPerHour: number;
    /** Other offerings that may come instead. */
    readonly alternatives: number;
  }[];
}

export interface WhatIfAnswer {
  readonly pool: string;
  readonly now: WhatIfOutcome;
  readonly then: WhatIfOutcome;
}

export interface QuoteOffer {
  /** Only such nodes; null: as it was asked. */
  readonly capacityType: CapacityType | null;
  /** `waits`: not all of it has a place, nor is one bought. */
  readonly kind: WhatIfOutcome['kind'];
  readonly message: string;
  readonly launches: WhatIfOutcome['launches'];
  /** From now until its tasks start, and until the last has ended; null: nobody knows. */
  readonly startsMs: Odds | null;
  readonly endsMs: Odds | null;
  /** Its tasks' share of their nodes; null: none has a place. */
  readonly usd: Odds | null;
}

export interface Quote {
  readonly pool: string;
  readonly atMs: number;
  /** The pool has seen no node boot. */
  readonly isBootGuessed: boolean;
  /** `ms`: of one task. */
  readonly lasting: Pick<Lasting, 'basis' | 'ends'> & { readonly ms: Odds };
  /** As it was asked first; then by capacity type, where it may have either. */
  readonly offers: readonly QuoteOffer[];
}

export interface CostQuestion {
  /** `pool`, `tenant`, or `label.KEY`. */
  readonly by: string;
  /** null: 7 days ago. */
  readonly sinceMs: number | null;
  readonly pool: string | null;
  /** Other tenants are not named to him; null: an operator. */
  readonly reader: string | null;
}

export interface Costs {
  readonly atMs: number;
  /** Since 1970, UTC. */
  readonly fromDay: number;
  readonly days: readonly GroupedDay[];
}

export interface TaskFilter {
  /** `running`: on a node. */
  readonly state?: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | undefined;
  /** The first index. */
  readonly from: number;
  readonly limit: number;
}

export interface RetryWish {
  /** Which tasks run again. */
  readonly state: 'failed' | 'cancelled' | 'expired';
  readonly idempotencyKey: string | null;
}

export interface ListedTasks {
  readonly request: RequestRecord;
  /** By index; of those that run it is known when they started. */
  readonly tasks: readonly TaskRecord[];
  /** Where the next page begins; null: this was the last. */
  readonly nextFrom: number | null;
}

export interface ShownOutput {
  /** As `textOfBytes` makes it, with a line between head and tail of what is too long. */
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly leftOutBytes: LeftOutBytes;
  /** The same as the task wrote it, without that line. */
  readonly bytes: { readonly stdout: Uint8Array; readonly stderr: Uint8Array };
  /** Where the next look goes on; null: there is no output yet. */
  readonly next: OutputPosition | null;
  /** No more will come. */
  readonly hasEnded: boolean;
  /** The attempt of which all may be kept apart, since this is not all of it; null: none. */
  readonly keptApart: string | null;
}

/** Milliseconds; null while nothing was measured. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly count: number;
}

export interface ClaimCost {
  readonly type: string;
  readonly pool: string;
  readonly tenant: string;
  readonly requests: number;
  readonly instances: number;
  /** Of `instances`. */
  readonly stopped: number;
  readonly volumeGib: number;
  /** Machines by the hour, volumes by the month, both as an hourly rate. */
  readonly usdPerHour: number;
}

export interface Stats {
  readonly atMs: number;
  /** The figures of large pools are those that their last ticks left: of when the oldest of them are. */
  readonly figuresOfMs: number;
  readonly requestsByState: Readonly<Record<RequestState, number>>;
  readonly openTasks: OpenTasks;
  /** When the oldest request that waits, and is not set aside, was accepted; null: none waits. */
  readonly oldestPendingAtMs: number | null;
  readonly nodesByState: Readonly<Record<string, number>>;
  readonly nodesByType: Readonly<Record<string, number>>;
  /** Of ready nodes. */
  readonly allocatable: Resources;
  readonly assigned: Resources;
  /** Assigned over allocatable of ready nodes, 0..1; null without nodes. */
  readonly utilisation: { readonly cpu: number | null; readonly memory: number | null; readonly gpu: number | null };
  readonly usage: Usage;
  /** Nodes without work that pools hold because alarms said so. */
  readonly headroomNodes: number;
  /** Of what runs: what is stopped counts in `usage` only. */
  readonly usdPerHour: number;
  readonly spentUsd: number;
  readonly launchedNodes: number;
  readonly goneNodes: number;
  readonly latencyMs: {
    readonly acceptedToPlaced: Percentiles;
    readonly placedToRunning: Percentiles;
    readonly runningToEnded: Percentiles;
  };
  readonly quarantined: number;
  /** Where prices and offerings come from, and of when they are. */
  readonly catalog: CatalogInfo;
  /** What is claimed now, by type, pool and tenant; absent where nothing is. */
  readonly claimed?: readonly ClaimCost[];
  /** What each pool has, by name; of very many the first. */
  readonly pools: readonly PoolSummary[];
}

/** What one pool has and has had, for time series. Counters never fall while the pool is there. */
export interface PoolMetrics {
  /** null: all that are gone, or those of which there are too many to tell apart. */
  readonly pool: string | null;
  readonly ticks: number;
  /** Requests by state. */
  readonly open: Counts;
  readonly ended: Counts;
  readonly openTasks: OpenTasks;
  readonly quarantined: number;
  readonly oldestPendingMs: number | null;
  /** Nodes by state. */
  readonly nodes: Counts;
  readonly headroomNodes: number;
  readonly allocatable: Resources;
  readonly assigned: Resources;
  readonly usdPerHour: number;
  readonly spentUsd: number;
  readonly launchedNodes: number;
  readonly goneNodes: number;
  /** Launches that are closed: `launched`, or EC2's code. */
  readonly launches: Counts;
  readonly acceptedToPlaced: Histogram;
  readonly placedToRunning: Histogram;
  readonly runningToEnded: Histogram;
}

type Counts = Readonly<Record<string, number>>;

/** So many steps from a time on. */
export interface HistorySpan {
  readonly fromMs: number;
  readonly count: number;
  readonly stepMs: number;
}

/** Whose, from when on, and which page. */
export interface PastTasksWish {
  readonly tenant: string;
  /** Requests accepted since then; absent: all. */
  readonly sinceMs?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What a pool's tasks wanted over time. */
export interface ShownHistory {
  /** null: nothing is known. */
  readonly span: HistorySpan;
  readonly knownFromMs: number | null;
  /** The mean of each step that was asked for. */
  readonly values: readonly Resources[];
}

/** Why a pool keeps the headroom that it keeps. */
export interface PoolWhy {
  readonly headroomNodes: number;
  /** Of the policies together. */
  readonly wanted: number;
  readonly reason: string;
  readonly wishes: readonly Wish[];
}

/** `pool`: null: those that are gone. */
export interface PoolRegret {
  readonly pool: string | null;
  readonly regret: RegretByDay;
}

export interface PlanQuestion {
  readonly pool: PoolSpec;
  readonly demand: readonly Demand[];
  /** Nodes taken as running and empty, by instance type, zone and capacity type. */
  readonly nodes: readonly {
    readonly instanceType: string;
    readonly zone: string;
    readonly capacityType: 'spot' | 'on-demand';
    readonly count: number;
  }[];
  /** Steps of the search; the installation's unless given. */
  readonly iterations?: number | undefined;
}

/**
 * Where an installation's requests come in. Errors are those of errors.ts in this folder; each maps
 * to one problem code.
 */
export interface ApplicationUseCases {
  /** @throws IdempotencyConflictError, UnsatisfiableError, NoPoolError (unknown pool, or none accepts it) */
  submit(submission: Submission): Promise<SubmitResult>;
  /** One result per submission, in order; an item's failure is its own. */
  submitBatch(submissions: readonly Submission[]): Promise<readonly (SubmitResult | Error)[]>;
  /** null: unknown, or another tenant's. Counts of arrays are as of the last tick. */
  getRequest(tenant: string, id: string): Promise<AnyRequest | null>;
  /** The task of an array (or of a single request); null: unknown request or index. */
  getTask(
    tenant: string,
    id: string,
    index: number,
  ): Promise<{ request: RequestRecord; attempt: number; state: string } | null>;
  /**
   * Ids of the task's attempts, the latest first, a bounded number of them; null: unknown request or index. `index`:
   * null: of the first task that the request has.
   */
  attemptsOf(tenant: string, id: string, index: number | null): Promise<readonly string[] | null>;
  /** Of an array, or the one of a single request; null: unknown, or a claim. */
  listTasks(tenant: string, id: string, filter: TaskFilter): Promise<ListedTasks | null>;
  listRequests(filter: RequestFilter): Promise<RequestPage>;
  /** A new request of the tasks in this state. null: unknown, or a claim. @throws NotPossibleError, as submit */
  retryTasks(tenant: string, id: string, wish: RetryWish): Promise<SubmitResult | null>;
  /** One task of an array; what has ended stays as it ended. null: unknown. @throws NotPossibleError */
  cancelTask(tenant: string, id: string, index: number): Promise<TaskRecord | null>;
  /** Idempotent; an ended request stays as it ended. What is claimed is released. null: unknown. */
  cancel(tenant: string, id: string): Promise<AnyRequest | null>;
  /**
   * `ifMatch`: revisions (core/claims/revision.ts), of which the present one must be one, or `*`: whatever it
   * is; null: nothing guards it. null: unknown.
   * @throws NotPossibleError when its type or state does not allow it, UnsatisfiableError,
   *   PreconditionFailedError, EditConflictError
   */
  changeClaim(
    tenant: string,
    id: string,
    change: ClaimChange,
    ifMatch?: readonly string[] | null,
  ): Promise<ClaimRecord | null>;
  /**
   * Last `tailBytes` per stream of the task's latest attempt with output; with `since`, only what came after it, or
   * all where that was another attempt. null: unknown request or index. `index`: null: of the first task.
   */
  readOutput(
    tenant: string,
    id: string,
    index: number | null,
    tailBytes: number,
    since?: OutputPosition | null,
  ): Promise<ShownOutput | null>;
  /** Creates or replaces. @throws InvalidPoolError (e.g. nothing in the catalog matches) */
  putPool(spec: PoolSpec, ifMatch?: readonly string[] | null): Promise<PoolRecord>;
  getPool(name: string): Promise<PoolShown | null>;
  listPools(): Promise<readonly PoolRecord[]>;
  /** The same page by page, by name; a page is short where pools are being deleted. @throws InvalidCursorError */
  pageOfPools(options: ListOptions): Promise<ListedPage<PoolShown>>;
  /** Starts the deletion. @throws PoolInUseError while requests of it have not ended. null: unknown. */
  deletePool(name: string): Promise<PoolRecord | null>;
  /** The operator's brake: nothing is bought for it from now on. `by`: who does it. null: unknown. */
  pausePool(name: string, by: string): Promise<PoolShown | null>;
  resumePool(name: string, by: string): Promise<PoolShown | null>;
  /** Why it is kept, or goes, and when it may. null: unknown. */
  explainNode(id: string): Promise<NodeShown | null>;
  /** Of whatever pool it is. null: unknown. @throws NotPossibleError where it is leaving already */
  orderNode(id: string, order: NodeOrder, by: string): Promise<NodeRecord | null>;
  /** All of them; null: unknown pool. */
  listNodes(pool: string): Promise<readonly NodeRecord[] | null>;
  /** The same page by page, by id. @throws InvalidCursorError */
  pageOfNodes(pool: string, options: ListOptions): Promise<ListedPage<NodeRecord> | null>;
  /** `reader`: requests of other tenants are not named to him; absent: an operator. */
  listActivity(pool: string, options: ListOptions, reader?: string): Promise<ListedPage<ActivityRecord> | null>;
  /** Creates or replaces. @throws TooManyTenantsError */
  putTenant(spec: Pick<TenantRecord, 'name' | 'weight' | 'budget'>): Promise<TenantRecord>;
  /** null: nobody declared it. */
  getTenant(name: string): Promise<TenantRecord | null>;
  /** By name. */
  listTenants(): Promise<readonly TenantRecord[]>;
  /** Its requests stay. null: nobody declared it. */
  deleteTenant(name: string): Promise<TenantRecord | null>;
  /** `reader`: classes of other tenants are not shown to him; absent: an operator. null: unknown pool. */
  lifetimesOfPool(pool: string, reader?: string): Promise<ShownLifetimes | null>;
  /** `figures` null: no tick has looked at its shadow, or it has none. null: unknown pool. */
  shadowOfPool(pool: string): Promise<{ readonly pool: PoolSpec; readonly figures: ShadowFigures | null } | null>;
  readonly services: ServiceUseCases;
  /** What was published, a page at a time. @throws InvalidCursorError */
  listEvents(wish: EventWish): Promise<EventPage>;
  readonly webhooks: WebhookUseCases;
  /** `spanAt`: which steps, seen from the installation's time. null: unknown pool. */
  historyOfPool(pool: string, spanAt: (nowMs: number) => HistorySpan): Promise<ShownHistory | null>;
  /** Of tasks that ran, as long as `historyDays` of the pool. null: unknown pool. @throws InvalidCursorError */
  pastTasks(pool: string, wish: PastTasksWish): Promise<ListedPage<ArchivePart> | null>;
  /** What EC2 had no capacity for; as long, and null, as for `pastTasks`. @throws InvalidCursorError */
  pastShortages(pool: string, wish: Omit<PastTasksWish, 'tenant'>): Promise<ListedPage<Shortage> | null>;
  /** null: unknown pool. */
  explainPool(pool: string): Promise<PoolWhy | null>;
  /** null: unknown pool. */
  forecastOfPool(pool: string): Promise<ShownForecast | null>;
  plan(question: PlanQuestion): Promise<AllocationPlan>;
  /** Of a request of which something waits; null: there is no such request. */
  quote(submission: Submission): Promise<Quote>;
  /** How the quotes came true that the tenant's last quoted requests were accepted with. null: unknown pool */
  quoteAccuracy(tenant: string, pool: string): Promise<QuoteAccuracy | null>;
  whatIf(tenant: string, id: string, difference: WhatIf): Promise<WhatIfAnswer | null>;
  /** null: the installation does not declare that label. */
  costs(question: CostQuestion): Promise<Costs | null>;
  /** Of one pool; null: of all, and of those that are gone. null: unknown pool. */
  regret(pool: string | null): Promise<readonly PoolRegret[] | null>;
  /** `isOperator`: what others hold is named by tenant; else it is one row per type and pool. */
  stats(tenant: string, isOperator?: boolean): Promise<Stats>;
  /** At most 100 pools one by one; then, as `null`, the sum of the others and of those that are gone. */
  poolMetrics(): Promise<readonly PoolMetrics[]>;
}

export interface AttemptInputs {
  readonly tenant: string;
  readonly inputs: readonly TaskInput[];
  /** As whom those of S3 are read; null: there are none. */
  readonly role: AttemptRole | null;
}

export interface AttemptRole {
  readonly role: string;
  readonly tenant: string;
  readonly requestId: string;
  readonly attemptId: string;
  readonly pool: string;
}

/** How the image of an attempt is fetched. */
export type AttemptImage =
  | { readonly kind: 'secret'; readonly image: string; readonly from: string }
  | { readonly kind: 'role'; readonly image: string; readonly role: AttemptRole };

export interface AgentUseCases {
  sync(request: SyncRequest): Promise<SyncReply>;
  /** Whether the node's document carries the attempt: only then is its output the node's to store. */
  hasAttempt(nodeId: string, attemptId: string): Promise<boolean>;
  /** To be read for an attempt that this node starts; null: it does not run it. @throws SecretRefusedError */
  secretsOfAttempt(nodeId: string, attemptId: string): Promise<readonly SecretRef[] | null>;
  /** What it is given before it starts, and whose it is; null: this node does not run it. @throws RoleRefusedError */
  inputsOfAttempt(nodeId: string, attemptId: string): Promise<AttemptInputs | null>;
  /** Which role it may have now; null: this node does not run it, or it has none. @throws RoleRefusedError */
  roleOfAttempt(nodeId: string, attemptId: string): Promise<AttemptRole | null>;
  /**
   * What its registry is shown; null: this node does not run it, or it names nothing.
   * @throws SecretRefusedError, RoleRefusedError
   */
  imageOfAttempt(nodeId: string, attemptId: string): Promise<AttemptImage | null>;
  /** Before its credentials are handed out: a line of the pool's activity. `what`: they are for that alone. */
  noteGrant(nodeId: string, role: AttemptRole, expiresAtMs: number, what?: string): Promise<void>;
}

export interface TickReport {
  readonly pool: string;
  /** false: another holder has the lock; the debt is written. */
  readonly ran: boolean;
  readonly rounds: number;
  readonly actions: number;
  /** When the pool is due next without a wake; null: when something happens. */
  readonly nextDueAtMs: number | null;
}

export interface SchedulerUseCases {
  /** Names of the pools for which a tick is due now. Reads only. */
  duePools(): Promise<readonly string[]>;
  runTick(pool: string): Promise<TickReport>;
  /** Compares EC2 with the store in both directions, for the whole installation. */
  sweep(): Promise<{ readonly orphansSeen: number; readonly reaped: number }>;
}

/** What only informs operators; apart from what decides. */
export interface MetricsUseCases {
  /** Measures the installation; `reaped`: orphans of this minute's sweep. Its failure concerns nothing else. */
  publishMetrics(reaped: number): Promise<void>;
}

/** An event of EC2 or AWS Health (through EventBridge): it wakes the pool, and drains what AWS is about to take. */
export interface InstanceEvent {
  readonly kind: 'state-change' | 'interruption-warning' | 'rebalance-recommendation' | 'scheduled-change';
  readonly instanceId: string;
  readonly pool: string;
  /** interruption-warning, scheduled-change: when EC2 takes it. */
  readonly atMs: number;
  /** scheduled-change: what is planned, for people. */
  readonly reason?: string;
}

export interface EventUseCases {
  handleInstanceEvent(event: InstanceEvent): Promise<void>;
  /** Answers the pools that name the alarm. */
  handleAlarmEvent(event: AlarmEvent): Promise<readonly string[]>;
}

export type Control = ApplicationUseCases & AgentUseCases & SchedulerUseCases & EventUseCases;
