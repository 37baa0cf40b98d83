// Counts, nodes, cost and latencies for people: totals of what has ended, and the present from what is open.
import { dictionary } from '../../core/values/dictionary.ts';
import { countOf, emptyHistogram, mergeHistograms, quantile } from '../../core/values/histogram.ts';
import type { Histogram } from '../../core/values/histogram.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { floorNodes, hasFloor } from '../../core/scaling/alarms.ts';
import { spentUsd } from '../../core/claims/spent.ts';
import { keptUsd } from '../../core/claims/volumes/volume-cost.ts';
import { isWarm } from '../../core/claims/documents.ts';
import { warmTenant } from '../../core/claims/machines/warm.ts';
import { usageOfPool } from '../../core/records/limits.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { addUsage, noUsage } from '../../core/records/pool.ts';
import type { Usage } from '../../core/records/pool.ts';
import type { KeptVolume } from '../../core/records/volume.ts';
import type { RequestRecord, RequestState } from '../../core/records/request.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';
import { sumResources } from '../../core/values/resources.ts';
import type { TotalsRecord } from '../store/totals.ts';
import { nodeUsd, readPastTotals, readTotals } from '../store/totals.ts';
import { claimCosts, runningUsdPerHour, stoppedUsdPerHour } from '../claims/costs.ts';
import { readClaims } from '../claims/store.ts';
import { readFloorRecord } from '../tick/scaling/headroom-floor.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import { readPools } from './pools.ts';
import type { ControlPorts } from '../ports.ts';
import type { ActivityRecord, ClaimCost, Percentiles, PoolRecord, Stats } from '../use-cases.ts';
import { queryAll, reading } from '../store/store-retry.ts';

/** `reader`: other tenants are not named to him; null: an operator. */
export async function stats(ports: ControlPorts, reader: string | null): Promise<Stats> {
  const pools: PoolFigures[] = [];
  for (const { sk, data } of await readPools(ports)) pools.push(await figuresOf(ports, sk, data));
  const ended = [...pools.map((one) => one.ended), await readPastTotals(ports)];
  const nowMs = ports.clock.nowMs();
  const nodes = pools.flatMap((one) => one.nodes);
  const claimed = pools.flatMap((one) => one.costs);
  const usage = pools.reduce((all, one) => addUsage(all, one.usage), noUsage);
  return {
    atMs: nowMs,
    requestsByState: requestsByState(pools, ended),
    quarantined: sumOf(pools, (one) => one.quarantined),
    nodesByState: countBy(nodes, (node) => node.state),
    nodesByType: countBy(nodes, (node) => node.instanceType),
    ...readyResources(nodes),
    ...(claimed.length === 0 ? {} : { claimed: reader === null ? claimed : mergeOthers(claimed, reader) }),
    headroomNodes: sumOf(pools, (one) => one.headroomNodes),
    catalog: await ports.catalog.info(),
    usage,
    usdPerHour: sumOf(pools, usdPerHourOf),
    spentUsd: sumOf(ended, (one) => one.spentUsd) + sumOf(pools, (one) => presentUsd(one, nowMs)),
    launchedNodes: sumOf(ended, (one) => one.launchedNodes),
    goneNodes: sumOf(ended, (one) => one.goneNodes),
    latencyMs: {
      acceptedToPlaced: percentiles(ended.map((one) => one.acceptedToPlaced)),
      placedToRunning: percentiles(ended.map((one) => one.placedToRunning)),
      runningToEnded: percentiles(ended.map((one) => one.runningToEnded)),
    },
  };
}

/** What is open in a pool, and the totals of what has ended in it. */
export interface PoolFigures {
  readonly nodes: readonly NodeRecord[];
  /** Open requests, without claims, by state. */
  readonly open: Readonly<Record<string, number>>;
  /** Of open requests; of arrays as of the last tick. */
  readonly openTasks: { readonly pending: number; readonly running: number };
  /** When the oldest task request that waits was accepted; null: none waits. */
  readonly oldestPendingAtMs: number | null;
  readonly quarantined: number;
  readonly claims: readonly ClaimRecord[];
  readonly kept: readonly KeptVolume[];
  readonly costs: readonly ClaimCost[];
  /** Of volumes, and of the disks of machines. */
  readonly disksUsdPerHour: number;
  /** What stopped machines would cost if they ran: the usage counts them. */
  readonly stoppedUsdPerHour: number;
  readonly usage: Usage;
  readonly headroomNodes: number;
  readonly ended: TotalsRecord;
}

export async function figuresOf(
  ports: ControlPorts,
  pool: string,
  { spec, deletingSinceMs }: PoolRecord,
): Promise<PoolFigures> {
  const headroomNodes =
    hasFloor(spec) && deletingSinceMs === null ? floorNodes(await readFloorRecord(ports, pool), spec) : 0;
  const launches = await readLaunches(ports, pool);
  const nodes = (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data);
  const requests = withPlacements(await openRows(ports, pool), nodes);
  const claiming = await readClaims(ports, pool, launches);
  const claims = claiming.claims.map((one) => one.record);
  const kept = claiming.kept.map((one) => one.record);
  const costs = claimCosts(claims, kept);
  const machines = claims.flatMap((claim) => claim.machines);
  return {
    nodes,
    open: countBy(requests, (one) => one.state),
    openTasks: {
      pending: sumOf(requests, (one) => one.counts.pending),
      running: sumOf(requests, (one) => one.counts.running),
    },
    oldestPendingAtMs: oldestPendingAtMs(requests),
    quarantined: requests.filter((one) => one.quarantine !== null).length,
    claims,
    kept,
    costs,
    disksUsdPerHour: sumOf(costs, (one) => one.usdPerHour) - sumOf(machines, runningUsdPerHour),
    stoppedUsdPerHour: stoppedUsdPerHour(claims),
    usage: usageOfPool({
      nodes,
      launches: [...launches.nodes, ...launches.machines].map((one) => one.record),
      claims,
      kept,
    }),
    headroomNodes,
    ended: await readTotals(ports, pool),
  };
}

function oldestPendingAtMs(requests: readonly RequestRecord[]): number | null {
  const waiting = requests.filter((one) => one.state === 'pending' && one.quarantine === null);
  return waiting.reduce<number | null>((oldest, one) => Math.min(oldest ?? Infinity, one.createdAtMs), null);
}

function requestsByState(
  pools: readonly PoolFigures[],
  ended: readonly TotalsRecord[],
): Readonly<Record<RequestState, number>> {
  const counts: Record<RequestState, number> = {
    pending: 0,
    running: 0,
    active: 0,
    releasing: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
    released: 0,
  };
  for (const part of [...pools.map((one) => one.open), ...ended.map((one) => one.ended)])
    for (const [state, count] of Object.entries(part)) counts[state as RequestState] += count;
  for (const claim of pools.flatMap((one) => one.claims)) if (!isWarm(claim)) counts[claim.state] += 1;
  return counts;
}

export function usdPerHourOf({ usage, disksUsdPerHour, stoppedUsdPerHour }: PoolFigures): number {
  return usage.usdPerHour + disksUsdPerHour - stoppedUsdPerHour;
}

/** What is there has cost so far: the totals have it when it is gone. */
export function presentUsd({ nodes, claims, kept }: PoolFigures, nowMs: number): number {
  return (
    sumOf(kept, (one) => keptUsd(one, nowMs))
    + sumOf(claims, (claim) => spentUsd(claim, nowMs))
    + sumOf(nodes, (node) => nodeUsd(node, nowMs))
  );
}

export function sumOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, one) => sum + figure(one), 0);
}

/** The name under which a reader sees the claims of other tenants, in one row per type and pool. */
const others = '(others)';

function mergeOthers(claimed: readonly ClaimCost[], reader: string): readonly ClaimCost[] {
  const merged = new Map<string, ClaimCost>();
  for (const one of claimed) {
    const tenant = one.tenant === reader || one.tenant === warmTenant ? one.tenant : others;
    const key = JSON.stringify([one.type, one.pool, tenant]);
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined
        ? { ...one, tenant }
        : {
            ...before,
            requests: before.requests + one.requests,
            instances: before.instances + one.instances,
            stopped: before.stopped + one.stopped,
            volumeGib: before.volumeGib + one.volumeGib,
            usdPerHour: before.usdPerHour + one.usdPerHour,
          },
    );
  }
  return [...merged.values()];
}

const requestIds = /\br-[0-9a-f]{26}\b/g;

/** What a pool did is everybody's to see; whose requests it was for is not. */
export async function withoutOthers(
  ports: ControlPorts,
  items: readonly ActivityRecord[],
  reader: string,
): Promise<readonly ActivityRecord[]> {
  const ids = [...new Set(items.flatMap((one) => one.message.match(requestIds) ?? []))];
  const rows = await reading(ports, () =>
    ports.store.getMany<{ readonly tenant: string }>(ids.map((id) => keys.request(id))),
  );
  const own = new Set(ids.filter((_, n) => rows[n]?.data.tenant === reader));
  return items.map((one) => ({
    ...one,
    message: one.message.replace(requestIds, (id) => (own.has(id) ? id : 'another request')),
  }));
}

/** As the index shows them, without claims. */
export async function openRows(ports: ControlPorts, pool: string): Promise<readonly RequestRecord[]> {
  const rows: RequestRecord[] = [];
  for (const pk of [...keys.openShards(pool), ...keys.asideShards(pool)]) {
    let cursor: string | undefined;
    do {
      const at = cursor;
      const page = await reading(ports, () =>
        ports.store.queryIndex<RequestRecord>('open', { pk, limit: 1_000, cursor: at }),
      );
      rows.push(...page.items.map((item) => item.data));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return rows;
}

export function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts = dictionary<number>();
  for (const one of items) counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  return counts;
}

function readyResources(nodes: readonly NodeRecord[]): Pick<Stats, 'allocatable' | 'assigned' | 'utilisation'> {
  const ready = nodes.filter((node) => node.state === 'ready');
  const allocatable = sumResources(ready.map((node) => node.allocatable));
  const assigned = sumResources(ready.flatMap((node) => node.assigned.map((one) => one.resources)));
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const utilisation = {
    cpu: share(assigned.cpuMilli, allocatable.cpuMilli),
    memory: share(assigned.memoryMib, allocatable.memoryMib),
    gpu: share(assigned.gpu, allocatable.gpu),
  };
  return { allocatable, assigned, utilisation };
}

function percentiles(parts: readonly Histogram[]): Percentiles {
  const histogram = parts.reduce(mergeHistograms, emptyHistogram);
  return {
    p50: quantile(histogram, 0.5),
    p95: quantile(histogram, 0.95),
    p99: quantile(histogram, 0.99),
    count: countOf(histogram),
  };
}
