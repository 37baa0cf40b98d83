// The narrow interface of the allocation engine: demand, what runs, what can be bought, in; a plan, out.
import type { Commitment, NamedReservation } from '../catalog/commitments.ts';
import type { Offering } from '../values/offering.ts';
import type { Ordering, Placement, BoundLimits, Usage } from '../records/pool.ts';
import type { Requirements } from '../values/requirements.ts';
import type { TaskConstraints } from '../records/request.ts';
import type { Resources } from '../values/resources.ts';

/** `count` identical pending tasks of one request. */
export interface Demand extends TaskConstraints {
  /** The request's id: unique in one input, and the last tie-breaker of every order. */
  readonly id: string;
  readonly tenant: string;
  readonly count: number;
  readonly resources: Resources;
  readonly requirements: Requirements;
  readonly priority: number;
  readonly createdAtMs: number;
  readonly expectedDurationMs: number | null;
  /** Its tasks are stopped after this time; absent: never. */
  readonly timeoutMs?: number;
  /** How long they last on average, as predicted; absent: no prediction was made. */
  readonly lastsMs?: number;
  /** They are replicas of it: of nodes with room, one with the fewest of them is best. Absent: of none. */
  readonly service?: string;
}

/**
 * How nodes are weighed when it counts what they cost until they are empty: where tasks last for different times, the
 * longest of many keeps a large node for long after the others have ended.
 */
export interface OverTime {
  /** A node counts its price times its vCPU to this power; 0: lives do not differ. */
  readonly sizeExponent: number;
  /** Nodes up to this size count the same: much demand is not to become thousands of nodes. */
  readonly sizeFloorVcpu: number;
  /** What few usual tasks need: a smaller node counts more, as few tasks fill it again. Absent: few run. */
  readonly usual?: Pick<Resources, 'cpuMilli' | 'memoryMib'>;
}

/**
 * A bin that is kept for a demand which does not fit yet. Who is served before that demand may use it; others only as
 * far as they do not delay it: by tasks that are known to end by `fromMs`, or in what is left beside it.
 */
export interface Kept {
  readonly demandId: string;
  /** When it will fit; null: not known, since what runs there may take any time. */
  readonly fromMs: number | null;
  /** What will be free beside it then, for tasks that end later or may take any time. */
  readonly spare: Resources;
  readonly spareTasks: number;
  /** Where nodes serve one tenant at a time: the demand's. */
  readonly tenant?: string;
}

/**
 * A node that runs (`ready`: tasks can be placed now) or is coming (`in-flight`: tasks will wait for it). While a plan
 * is made also one that is paid for and would be launched (`to-launch`, see constraints/paid-first.ts).
 */
export interface Bin {
  readonly id: string;
  readonly state: 'ready' | 'in-flight' | 'to-launch';
  readonly offering: Offering;
  /** What is still free. */
  readonly free: Resources;
  readonly freeTasks: number;
  /** How many tasks of each group run there (spread, affinity and anti-affinity count them). */
  readonly groups: Readonly<Record<string, number>>;
  /** How many replicas of each service run there; absent: none. */
  readonly services?: Readonly<Record<string, number>>;
  /** Groups that tasks running there must be kept apart from, on this node. */
  readonly antiAffinityGroups: readonly string[];
  /** The same, in this node's zone; absent: none. */
  readonly zoneAntiAffinityGroups?: readonly string[];
  /** Whose tasks run there; absent: nobody's, or tenants may share a node. */
  readonly tenant?: string;
  /** When the last task there is expected to end: now, where there is none; null where that is unknown. */
  readonly expectedEmptyAtMs: number | null;
  /** How long its tasks go on, as predicted; absent: no prediction was made. */
  readonly staysMs?: number;
  /** Absent: for all alike. */
  readonly kept?: Kept;
  /** The part of its price that is paid whether it is there or not, above 0; absent: none. */
  readonly paidShare?: number;
  /** Of a node that would be launched: the commitment that pays for it, which has only so many left. */
  readonly paidBy?: string;
  /** Of one in the state `to-launch`: it is there, stopped, and would be started. */
  readonly isStopped?: true;
  /** EC2 takes the node then: what is not known to end before goes elsewhere if it can. Absent: not known. */
  readonly goesAtMs?: number;
  /** EC2 ends what is in its capacity block then: what is known to last longer is not placed there. Absent: none. */
  readonly blockEndsAtMs?: number;
}

/** A node that runs tasks and takes no more: it drains, is silent, or its type is no longer the pool's. */
export interface ClosedNode {
  readonly zone: string;
  /** How many tasks of each group run there. */
  readonly groups: Readonly<Record<string, number>>;
  /** Groups that tasks running there must be kept apart from, in its zone. */
  readonly zoneAntiAffinityGroups: readonly string[];
}

/** What is left of commitments, each of them more than nothing. */
export type PaidCapacity = readonly {
  readonly commitment: Commitment;
  /** Instances, or USD per hour on demand. */
  readonly left: number;
  /** Instances, or committed USD per hour. */
  readonly used: number;
  readonly of: number;
}[];

export interface AllocationInput {
  readonly nowMs: number;
  readonly demand: readonly Demand[];
  readonly bins: readonly Bin[];
  /** Relations over zones count what runs there, too; absent: none. */
  readonly closed?: readonly ClosedNode[];
  /** What may be bought now (capacity memory is already taken out; see `unavailable`). */
  readonly offerings: readonly Offering[];
  /** Offerings that would be allowed but are known to be out of capacity: only to explain. */
  readonly unavailable: readonly Offering[];
  readonly pool: {
    readonly requirements: Requirements;
    readonly limits: BoundLimits;
    readonly tasksPerNode: number;
    /** Largest node that may be bought. */
    readonly maxNodeVcpu?: number;
    /** Largest share (0 to 1) of the demand, in any resource, that one new node may carry; a single task always may. */
    readonly maxNodeShare?: number;
    readonly ordering: Ordering;
    readonly placement: Placement;
    /** A node carries tasks of one tenant at a time; absent: of any. */
    readonly isTenantPerNode?: true;
  };
  /** What the pool holds and reserves already. */
  readonly usage: Usage;
  /** `priority` and `fair-share`: since when levels of priority wait and get nothing (see ordering/priority.ts). */
  readonly passedOver?: Readonly<Record<string, number>>;
  /** fair-share: weight by tenant (default 1) and what each tenant holds now. */
  readonly tenants?: Readonly<Record<string, { readonly weight: number; readonly inUse: Resources }>>;
  /** Nodes of it cost nothing more; absent: there is none. */
  readonly paid?: PaidCapacity;
  readonly perNodeOverheadUsdPerHour?: number;
  /** Absent: what counts is the price per hour of now. */
  readonly overTime?: OverTime;
  /** At most this many interchangeable offerings per launch (flexibility). */
  readonly offeringsPerLaunch: number;
  /** Asked between improvement steps; true ends the search with the best plan so far. */
  readonly shouldStop: () => boolean;
  /** Upper bound of improvement steps: the same input and iterations give the same plan, bit for bit. */
  readonly iterations: number;
}

export interface TaskShare {
  readonly demandId: string;
  readonly count: number;
}

export interface PlannedLaunch {
  /** Interchangeable, in order of preference; each can carry `tasks`. The first is the planned one. */
  readonly offerings: readonly Offering[];
  /** Nodes to buy, each for the same `tasks`. */
  readonly count: number;
  /** What each node will carry. */
  readonly tasks: readonly TaskShare[];
  /** The commitment that pays for these nodes; absent: none does. */
  readonly paidBy?: string;
  /** What they are launched into, by its name; absent: nothing that has to be named. */
  readonly reservation?: { readonly id: string; readonly kind: NamedReservation['kind'] };
  /** Of them, those that want all or none; set when it is bought, absent: none. */
  readonly gangs?: readonly string[];
  /** Shapes of its tasks; set when it is bought. */
  readonly shapes?: readonly string[];
  /** Why this, and what the runners-up would have cost; one sentence. */
  readonly reason: string;
}

export type UnplacedKind =
  /** No offering of the pool could ever carry it. */
  | 'unsatisfiable'
  /** Offerings exist but all are out of capacity now. */
  | 'shortage'
  /** A limit of the pool stands in the way now. */
  | 'limits'
  /** A relation to other tasks (spread, affinity, gang) stands in the way now. */
  | 'constraints';

/** So many offerings are excluded by this constraint. */
export interface Exclusion {
  readonly constraint: string;
  readonly offerings: number;
}

export interface Unplaced {
  readonly demandId: string;
  readonly count: number;
  readonly kind: UnplacedKind;
  /** One sentence for people. */
  readonly message: string;
  /** Which constraint excludes how many offerings, nearest miss (fewest excluded by it alone) first. */
  readonly excluded: readonly Exclusion[];
  /** Of a shortage: the offerings that could carry it, all of which are out of capacity. */
  readonly lacking?: readonly Offering[];
}

export interface Coefficients {
  readonly vcpuUsdPerHour: number;
  readonly memoryGibUsdPerHour: number;
  readonly gpuUsdPerHour: number;
}

export interface AllocationPlan {
  /** Tasks for bins, each bin's in serving order; those on `in-flight` bins are only counted upon, not placed. */
  readonly placements: readonly { readonly binId: string; readonly tasks: readonly TaskShare[] }[];
  readonly launches: readonly PlannedLaunch[];
  readonly unplaced: readonly Unplaced[];
  /** Price of `launches` by their first offerings, without those that are paid for. */
  readonly costUsdPerHour: number;
  /** Price of those that are; absent: there are none. */
  readonly paidUsdPerHour?: number;
  /**
   * Of the cost and of the bound: surplus CPU credits of burstable types at full load, which list prices
   * leave out; absent: none.
   */
  readonly creditsUsdPerHour?: number;
  /** No plan for the same demand is cheaper; null where no bound was computed. */
  readonly lowerBoundUsdPerHour: number | null;
  readonly gapPercent: number | null;
  readonly coefficients: Coefficients | null;
  /** What each relation between tasks on nodes is worth in the plan's linear program; absent where there is none. */
  readonly constraintPrices?: readonly { readonly constraint: string; readonly usdPerHour: number }[];
  /** Time ended the search before its steps were done; absent: it did not, or nobody asked. */
  readonly isCutShort?: boolean;
  /** Requests that, slightly smaller, would make this plan cheaper; only where it was asked for. */
  readonly advice?: readonly { readonly demandId: string; readonly message: string }[];
}

export type Allocate = (input: AllocationInput) => AllocationPlan;
