// A pool: a named, declared group of resources: what may be bought, limits, policies.
import type { RoleGrant } from '../access/roles.ts';
import type { SecretGrant } from '../access/secrets.ts';
import type { TargetGroupGrant } from '../access/target-groups.ts';
import type { Commitment } from '../catalog/commitments.ts';
import type { OwnPrice } from '../catalog/own-prices.ts';
import type { MachineSpec } from './claim.ts';
import type { Resources } from '../values/resources.ts';
import type { Requirements } from '../values/requirements.ts';

export type Ordering = 'fifo' | 'priority' | 'fair-share';
export type Placement = 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
export type LearningStyle = 'reactive' | 'scheduled' | 'predictive' | 'adaptive';

/** It buys ahead of what it forecasts. */
export function forecastsDemand(style: LearningStyle): boolean {
  return style === 'predictive' || style === 'adaptive';
}

/** Upper limits of what the pool may hold at once, in-flight launches counted; an absent key is no limit. */
export interface PoolLimits {
  readonly instances?: number;
  readonly vcpu?: number;
  readonly memoryMib?: number;
  readonly usdPerHour?: number;
  /** Of the volumes of claims. */
  readonly volumeGib?: number;
  readonly usdPerMonth?: number;
}

/** Limits of a decision. */
export interface BoundLimits extends PoolLimits {
  /** `usdPerHour` is what is left of this part of the pool's budget (see costs/budgets.ts); absent: it is declared. */
  readonly usdOfBudget?: { readonly key: keyof Budget; readonly usd: number };
}

/** What may be spent in a day and in a month (UTC); an absent key is no bound. */
export interface Budget {
  readonly usdPerDay?: number;
  readonly usdPerMonth?: number;
}

/** What a CloudWatch alarm does to the pool's headroom floor when it begins to ring; one of the two changes. */
export interface PoolAlarm {
  readonly alarmName: string;
  readonly addNodes?: number;
  readonly removeNodes?: number;
  /** After it acted it does not act again for this time. */
  readonly cooldownMs: number;
}

/** One metric of CloudWatch, by one statistic over one period; see scaling/policies/cloudwatch.ts. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99` or `p99.9`. */
  readonly statistic: string;
  readonly periodMs: number;
}

/** Moves the headroom beside alarms; see scaling/policies. The largest of what they want is kept. */
export type HeadroomPolicy = { readonly name: string } & (
  | { readonly kind: 'manual'; readonly nodes: number }
  | {
      readonly kind: 'schedule';
      readonly timeZone: string;
      readonly entries: readonly { readonly cron: string; readonly wanted: number }[];
    }
  /** By demand in vCPU, waiting and running, or by a metric of CloudWatch. */
  | {
      readonly kind: 'step';
      readonly cloudWatch?: CloudWatchMetric;
      readonly steps: readonly { readonly from: number; readonly wanted: number }[];
    }
  | { readonly kind: 'target'; readonly vcpuPerNode: number; readonly tolerance?: number }
  /** One node for so much of the metric. */
  | {
      readonly kind: 'target';
      readonly cloudWatch: CloudWatchMetric;
      readonly target: number;
      readonly tolerance?: number;
    }
);

/** Capacity that is kept above demand. */
export interface HeadroomSpec {
  /** Of the task that each node of the headroom carries at least. */
  readonly resources: Resources;
  /** Kept without work whatever alarms say, and beside what these add. */
  readonly nodes: number;
}

/** Machines kept ready for requests of virtual machines, all alike. */
export interface WarmSpec extends Pick<MachineSpec, 'needs' | 'requirements' | 'imageId'> {
  readonly running: number;
  /** Ready a boot later, for the price of their disks. */
  readonly stopped: number;
}

/** Nodes for tasks that are stopped when they have no work, and started before others are bought (see tasks/warm). */
export interface WarmNodesSpec {
  readonly stopped: number;
  /** So many are bought, set up and stopped before anybody asks; at most `stopped`. Absent: none. */
  readonly minStopped?: number;
  /** They go at this age, when they have no work. */
  readonly expireAfterMs: number;
}

/** What of a pool's vCPUs is on demand at least, where EC2 has it (see tasks/capacity/on-demand-share.ts). */
export interface OnDemandShare {
  /** The first that the pool has. */
  readonly baseVcpu: number;
  /** 0 to 100, of those above. */
  readonly percent: number;
}

export interface PoolSpec {
  readonly name: string;
  readonly requirements: Requirements;
  readonly limits: PoolLimits;
  /** Absent: none. */
  readonly budget?: Budget;
  /** Most tasks on one node at once. */
  readonly tasksPerNode: number;
  /** Largest node that may be bought, in vCPU; absent: no limit. */
  readonly maxNodeVcpu?: number;
  readonly ordering: Ordering;
  readonly placement: Placement;
  readonly learningStyle: LearningStyle;
  /** A node without work is terminated after this time. */
  readonly idleAfterMs: number;
  /** Higher is asked first when a request names no pool. */
  readonly priority: number;
  /** Requests that name no pool are its own, where it can have them; absent: not. */
  readonly isDefault?: true;
  /** Request types that the pool takes. */
  readonly accepts: readonly string[];
  /** Absent: none. */
  readonly alarms?: readonly PoolAlarm[];
  /** Absent: of the shape that the pool's tasks have, and only what alarms add. */
  readonly headroom?: HeadroomSpec;
  /** Absent: none. */
  readonly policies?: readonly HeadroomPolicy[];
  readonly warm?: WarmSpec;
  /** Absent: none. */
  readonly warmNodes?: WarmNodesSpec;
  /** Whose requests it takes; absent: everybody's. */
  readonly tenants?: readonly string[];
  /** Whose tasks may share a node; absent: a node serves one tenant at a time. */
  readonly nodesServe?: 'any-tenant';
  /** What tasks have that name no role, of tenants that `roles` grant it to; absent: none. */
  readonly role?: string;
  /** Which roles its tasks may have; absent: none. */
  readonly roles?: readonly RoleGrant[];
  /** Which secrets its tasks may use; absent: none. */
  readonly secrets?: readonly SecretGrant[];
  /** Which target groups its services may be registered with; absent: none. */
  readonly targetGroups?: readonly TargetGroupGrant[];
  /** What is bought and filled is weighed by its price per hour of now; absent: by what it costs until it is empty. */
  readonly objective?: 'cost-now';
  /** So long tasks wait for room that is likely to become free before a node could boot; absent: half of a boot. */
  readonly patienceMs?: number;
  /** `off`: nothing is learned of how long tasks last; absent: it is (see lifetimes/learned.ts). */
  readonly lifetimes?: 'off';
  readonly disruption?: PoolDisruption;
  /** `predictive`: it buys for what demand stays below in this share of the cases; absent: 0.9. */
  readonly forecastQuantile?: number;
  /** So long its demand over time and traces of its tasks are kept; absent: 90 days; 0: not at all. */
  readonly historyDays?: number;
  /** Own prices, at most `ownPricesMax`, of which the first that matches counts; absent: the catalog's. */
  readonly prices?: readonly OwnPrice[];
  /** Absent: spot and on demand as they cost least. */
  readonly onDemand?: OnDemandShare;
  /** What is paid for already, at most `commitmentsMax`; absent: nothing. */
  readonly commitments?: readonly Commitment[];
  /** Of tasks that say nothing themselves: so many nodes may be lost under one without notice; absent: 10. */
  readonly lossesMax?: number;
  /** A second policy, whose decisions are only recorded (core/costs/shadow); absent: none. */
  readonly shadow?: ShadowPolicy;
}

/** Fields of a declaration that the shadow has instead of the pool's; what is absent is as the pool has it. */
export interface ShadowPolicy extends Partial<
  Pick<
    PoolSpec,
    | 'requirements'
    | 'tasksPerNode'
    | 'maxNodeVcpu'
    | 'ordering'
    | 'placement'
    | 'idleAfterMs'
    | 'patienceMs'
    | 'onDemand'
    | 'disruption'
  >
> {
  readonly objective?: 'cost-over-time' | 'cost-now';
}

/** The operator's brake: nothing is bought until the pool is resumed. */
export interface PoolPause {
  /** Who paused it. */
  readonly by: string;
  readonly sinceMs: number;
}

/** For people who wait for it. */
export function pauseText(pool: string, { by, sinceMs }: PoolPause): string {
  const since = new Date(sinceMs).toISOString();
  return `pool ${pool} is paused by ${by} since ${since}, and buys nothing: ./bellows pool resume ${pool}`;
}

/** How many nodes may be disrupted at once by choice. */
export interface DisruptionBudget {
  readonly nodes?: number;
  /** 0 to 100, of the pool's nodes, rounded up; one of the two. */
  readonly percent?: number;
  /** Absent: all methods that are a choice. */
  readonly methods?: readonly VoluntaryMethod[];
  /** It binds only then; absent: always. */
  readonly window?: BudgetWindow;
}

/** Binds from each time of the schedule on; see disruption/windows.ts. */
export interface BudgetWindow {
  /** Five fields of cron; see scaling/policies/cron.ts. */
  readonly schedule: string;
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
  readonly durationMs: number;
}

export const voluntaryMethods = ['emptiness', 'drift', 'expiry', 'consolidation'] as const;
export type VoluntaryMethod = (typeof voluntaryMethods)[number];

/** How long what has just changed is left alone; see disruption/methods/consolidation.ts. */
export interface PoolConsolidation {
  /** After a launch of the pool, and on a node after a task was placed there; absent: 5 minutes. */
  readonly calmMs?: number;
  /** From one node to the next; absent: a minute. */
  readonly apartMs?: number;
}

/** By which choices nodes go, and how. */
export interface PoolDisruption {
  /** Nodes that would not be bought so any more go. Absent: they stay until they are empty. */
  readonly drift?: true;
  /** Nodes of this age go, each up to a tenth earlier. Absent: no age is too high. */
  readonly expireAfterMs?: number;
  /** Nodes whose tasks bear it and fit on others go when that pays. Absent: they stay until they are empty. */
  readonly consolidation?: PoolConsolidation;
  /** Tasks of the mode `never` that say nothing themselves; absent: a day. */
  readonly maxDrainMs?: number;
  /** All of them bind; absent: none. */
  readonly budgets?: readonly DisruptionBudget[];
}

export const forecastQuantileDefault = 0.9;

export const maxDrainMsDefault = 86_400_000;

/** What a pool holds or reserves, in the dimensions of its limits. */
export interface Usage {
  readonly instances: number;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly usdPerHour: number;
}

export const noUsage: Usage = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    instances: a.instances + b.instances,
    vcpu: a.vcpu + b.vcpu,
    memoryMib: a.memoryMib + b.memoryMib,
    usdPerHour: a.usdPerHour + b.usdPerHour,
  };
}

export function subtractUsage(a: Usage, b: Usage): Usage {
  return {
    instances: a.instances - b.instances,
    vcpu: a.vcpu - b.vcpu,
    memoryMib: a.memoryMib - b.memoryMib,
    usdPerHour: a.usdPerHour - b.usdPerHour,
  };
}

/** What a pool's volumes may be together. */
export interface VolumeUsage {
  readonly volumeGib: number;
  readonly usdPerMonth: number;
}

export function timesUsage(usage: Usage, count: number): Usage {
  return {
    instances: usage.instances * count,
    vcpu: usage.vcpu * count,
    memoryMib: usage.memoryMib * count,
    usdPerHour: usage.usdPerHour * count,
  };
}

export function sumUsage(all: Iterable<Usage>): Usage {
  let total = noUsage;
  for (const one of all) total = addUsage(total, one);
  return total;
}

/** Which declaration of a pool this is, as an ETag: one that was deleted and made again is another. */
export function poolRevision({
  createdAtMs,
  specVersion,
}: {
  readonly createdAtMs: number;
  readonly specVersion: number;
}): string {
  return `${createdAtMs.toString(36)}-${String(specVersion)}`;
}
