// What a pool has now, in sums that a page shows. Of a small pool they are made of its records when somebody asks; of a
// large one its last tick leaves them in the lock, so that a look costs the same whatever the pool's size.
import { isWarm } from '../../../core/claims/documents.ts';
import { spentUsd } from '../../../core/claims/spent.ts';
import { keptUsd } from '../../../core/claims/volumes/volume-cost.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import { rowsOf } from '../../../core/plan/rows/seen-rows.ts';
import type { ClaimRecord } from '../../../core/records/claim.ts';
import type { LaunchRecord } from '../../../core/records/launch.ts';
import { usageOfPool } from '../../../core/records/limits.ts';
import { assignedOn } from '../../../core/records/node.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Usage } from '../../../core/records/pool.ts';
import type { RequestRecord } from '../../../core/records/request.ts';
import type { KeptVolume } from '../../../core/records/volume.ts';
import { withPlacements } from '../../../core/tasks/request-lifecycle.ts';
import { nodeUsd } from '../../../core/tasks/warm/power.ts';
import { dictionary } from '../../../core/values/dictionary.ts';
import { sumResources } from '../../../core/values/resources.ts';
import type { Resources } from '../../../core/values/resources.ts';
import { claimCosts, runningUsdPerHour, stoppedUsdPerHour } from '../../claims/costs.ts';
import type { TotalsRecord } from '../../store/totals.ts';
import type { ClaimCost } from '../../use-cases.ts';
import type { OpenTasks } from './summary.ts';

export interface PoolPresent {
  /** Of when it is. */
  readonly atMs: number;
  /** Nodes by state. */
  readonly nodes: Readonly<Record<string, number>>;
  readonly nodesByType: Readonly<Record<string, number>>;
  /** Of ready nodes. */
  readonly allocatable: Resources;
  readonly assigned: Resources;
  /** Open requests by state, and what is claimed. */
  readonly open: Readonly<Record<string, number>>;
  readonly openTasks: OpenTasks;
  /** When the oldest request that waits and is not set aside was accepted; null: none waits. */
  readonly oldestPendingAtMs: number | null;
  readonly quarantined: number;
  readonly costs: readonly ClaimCost[];
  readonly usage: Usage;
  /** Of what runs and of what is stored; what is stopped is in `usage` only. */
  readonly usdPerHour: number;
  /** What is there has cost so far: the totals have it when it is gone. */
  readonly spentUsd: number;
  readonly headroomNodes: number;
}

/** Of the totals: what goes on where something that is there ends. */
export type EndedSums = Pick<TotalsRecord, 'ended' | 'spentUsd' | 'launchedNodes' | 'goneNodes'>;

/** What a tick leaves: bounded, and so small that it costs no write unit of its own. */
export type KeptPresent = Omit<PoolPresent, 'costs'> & {
  /** Absent: there are more than {@link costsMax} of them. */
  readonly costs?: readonly ClaimCost[];
  /** So many open requests the tick knew; absent: all. */
  readonly seen?: number;
  /** What had ended when this was so; absent: it was not read. */
  readonly ended?: EndedSums;
};

/** By type and tenant. */
export const costsMax = 20;
/** Instance types that are named; the others are counted together. */
export const typesMax = 40;
const otherTypes = '(other types)';

export interface PresentRecords {
  readonly nodes: readonly NodeRecord[];
  /** As the index of open ones has them. */
  readonly requests: readonly RequestRecord[];
  readonly launches: readonly LaunchRecord[];
  readonly claims: readonly ClaimRecord[];
  readonly kept: readonly KeptVolume[];
  readonly headroomNodes: number;
}

export function presentOf(records: PresentRecords, nowMs: number): PoolPresent {
  return presentOfPlaced({ ...records, requests: withPlacements(records.requests, records.nodes) }, 0, nowMs);
}

/** Of requests with what the documents of nodes say of them; besides these, so many single tasks run. */
function presentOfPlaced(records: PresentRecords, alsoRunning: number, nowMs: number): PoolPresent {
  const { nodes, requests, launches, claims, kept, headroomNodes } = records;
  const ready = nodes.filter((node) => node.state === 'ready');
  const costs = claimCosts(claims, kept);
  const { instances, vcpu, memoryMib, usdPerHour } = usageOfPool({ nodes, launches, claims, kept });
  const running = sumOf(
    claims.flatMap((claim) => claim.machines),
    runningUsdPerHour,
  );
  return {
    atMs: nowMs,
    nodes: countBy(nodes, (node) => node.state),
    nodesByType: countBy(nodes, (node) => node.instanceType),
    allocatable: sumResources(ready.map((node) => node.allocatable)),
    assigned: sumResources(ready.map(assignedOn)),
    open: withRunning(
      countBy([...requests, ...claims.filter((claim) => !isWarm(claim))], (one) => one.state),
      alsoRunning,
    ),
    openTasks: {
      pending: sumOf(requests, (one) => one.counts.pending),
      running: alsoRunning + sumOf(requests, (one) => one.counts.running),
    },
    oldestPendingAtMs: oldestPendingAtMs(requests, claims),
    quarantined: requests.filter((one) => one.quarantine !== null).length,
    costs,
    usage: { instances, vcpu, memoryMib, usdPerHour },
    usdPerHour: usdPerHour + sumOf(costs, (one) => one.usdPerHour) - running - stoppedUsdPerHour(claims),
    spentUsd:
      sumOf(kept, (one) => keptUsd(one, nowMs))
      + sumOf(claims, (claim) => spentUsd(claim, nowMs))
      + sumOf(nodes, (node) => nodeUsd(node, nowMs)),
    headroomNodes,
  };
}

function withRunning(open: Record<string, number>, running: number): Record<string, number> {
  return running === 0 ? open : { ...open, running: (open['running'] ?? 0) + running };
}

/** Of what a tick saw last. `ended`: of the same moment. */
export function presentOfTick(seen: Observation, nowMs: number, ended: EndedSums | null): KeptPresent {
  const { aside, floor, launches, machineLaunches, claims, kept, unseen } = seen;
  const nodes = [...seen.nodes, ...(aside?.nodes ?? [])].map((one) => one.record);
  // The decision has worked it out already, where nothing is set aside.
  const rows = rowsOf(seen);
  const isWhole = aside === undefined && rows.aside.size === 0;
  const openOf = (all: typeof seen.requests): readonly RequestRecord[] =>
    all.filter((one) => !one.isCollected).map((one) => one.record);
  const requests = isWhole
    ? openOf(rows.unsettled).map((record) => rows.get(record.id) ?? record)
    : withPlacements(openOf(seen.requests), nodes);
  const alsoRunning = isWhole ? seen.requests.length - rows.unsettled.length : 0;
  const { costs, ...present } = presentOfPlaced(
    {
      nodes,
      requests,
      launches: [...launches, ...machineLaunches].map((one) => one.record),
      claims: claims.map((one) => one.record),
      kept: kept.map((one) => one.record),
      headroomNodes: floor?.nodes ?? 0,
    },
    alsoRunning,
    nowMs,
  );
  return {
    ...present,
    nodesByType: largest(present.nodesByType),
    ...(costs.length <= costsMax ? { costs } : {}),
    ...(unseen === undefined ? {} : { seen: requests.length + alsoRunning }),
    ...(ended === null ? {} : { ended: sumsOf(ended) }),
  };
}

function sumsOf({ ended, spentUsd, launchedNodes, goneNodes }: EndedSums): EndedSums {
  return { ended, spentUsd, launchedNodes, goneNodes };
}

function largest(counts: PoolPresent['nodesByType']): PoolPresent['nodesByType'] {
  const all = Object.entries(counts);
  if (all.length <= typesMax) return counts;
  const named = all.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, typesMax - 1);
  const rest = sumOf(all, ([, count]) => count) - sumOf(named, ([, count]) => count);
  return Object.fromEntries([...named, [otherTypes, rest]]);
}

/** What is there goes on to cost what it costs. */
export function spentBy({ atMs, spentUsd, usdPerHour }: PoolPresent, nowMs: number): number {
  return spentUsd + (Math.max(0, nowMs - atMs) / 3_600_000) * usdPerHour;
}

function oldestPendingAtMs(requests: readonly RequestRecord[], claims: readonly ClaimRecord[]): number | null {
  const waiting = [
    ...requests.filter((one) => one.state === 'pending' && one.quarantine === null),
    ...claims.filter((one) => one.state === 'pending' && !isWarm(one)),
  ];
  return waiting.reduce<number | null>((oldest, one) => Math.min(oldest ?? Infinity, one.createdAtMs), null);
}

export function sumOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, one) => sum + figure(one), 0);
}

export function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts = dictionary<number>();
  for (const one of items) counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  return counts;
}
