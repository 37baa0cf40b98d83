// Counts, nodes, cost and latencies for people: totals of what has ended, and the present from what is open.
import { dictionary } from '../../core/values/dictionary.ts';
import { countOf, emptyHistogram, mergeHistograms, quantile } from '../../core/values/histogram.ts';
import type { Histogram } from '../../core/values/histogram.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { floorNodes } from '../../core/scaling/alarms.ts';
import { keptUsd } from '../../core/claims/volume-cost.ts';
import { isWarm } from '../../core/claims/documents.ts';
import { warmTenant } from '../../core/claims/warm.ts';
import { usageOfPool } from '../../core/records/limits.ts';
import { addUsage, noUsage } from '../../core/records/pool.ts';
import type { RequestRecord, RequestState } from '../../core/records/request.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';
import { sumResources } from '../../core/values/resources.ts';
import type { TotalsRecord } from '../store/totals.ts';
import { nodeUsd, readPastTotals, readTotals } from '../store/totals.ts';
import { claimCosts, runningUsdPerHour, spentUsd as claimSpentUsd, stoppedUsdPerHour } from '../claims/costs.ts';
import { readClaims } from '../claims/store.ts';
import { readFloorRecord } from '../tick/headroom-floor.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import { readPools } from './pools.ts';
import type { ControlPorts } from '../ports.ts';
import type { ActivityRecord, ClaimCost, Percentiles, Stats } from '../use-cases.ts';
import { queryAll, reading } from '../store/store-retry.ts';

/** `reader`: other tenants are not named to him; null: an operator. */
export async function stats(ports: ControlPorts, reader: string | null): Promise<Stats> {
  const requestsByState: Record<RequestState, number> = {
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
  const nodes: NodeRecord[] = [];
  const claimed: ClaimCost[] = [];
  let usage = noUsage;
  let claimUsd = 0;
  let stoppedUsd = 0;
  /** Of volumes, and of the disks of machines. */
  let disksUsd = 0;
  let quarantined = 0;
  let totals = { launchedNodes: 0, goneNodes: 0, spentUsd: 0 };
  const histograms: Record<'acceptedToPlaced' | 'placedToRunning' | 'runningToEnded', Histogram> = {
    acceptedToPlaced: emptyHistogram,
    placedToRunning: emptyHistogram,
    runningToEnded: emptyHistogram,
  };
  const count = (past: TotalsRecord): void => {
    for (const [state, ended] of Object.entries(past.ended)) requestsByState[state as RequestState] += ended;
    totals = {
      launchedNodes: totals.launchedNodes + past.launchedNodes,
      goneNodes: totals.goneNodes + past.goneNodes,
      spentUsd: totals.spentUsd + past.spentUsd,
    };
    for (const key of ['acceptedToPlaced', 'placedToRunning', 'runningToEnded'] as const)
      histograms[key] = mergeHistograms(histograms[key], past[key]);
  };
  let headroomNodes = 0;
  for (const {
    sk: pool,
    data: { spec, deletingSinceMs },
  } of await readPools(ports)) {
    if (spec.alarms && deletingSinceMs === null) headroomNodes += floorNodes(await readFloorRecord(ports, pool), spec);
    const launches = await readLaunches(ports, pool);
    const ofPool = (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data);
    nodes.push(...ofPool);
    for (const row of withPlacements(await openRows(ports, pool), ofPool)) {
      requestsByState[row.state] += 1;
      if (row.quarantine !== null) quarantined += 1;
    }
    const claiming = await readClaims(ports, pool, launches);
    const claims = claiming.claims.map((one) => one.record);
    for (const claim of claims) if (!isWarm(claim)) requestsByState[claim.state] += 1;
    stoppedUsd += stoppedUsdPerHour(claims);
    const kept = claiming.kept.map((one) => one.record);
    const costs = claimCosts(claims, kept);
    claimed.push(...costs);
    const machinesUsd = claims
      .flatMap((claim) => claim.machines)
      .reduce((sum, part) => sum + runningUsdPerHour(part), 0);
    disksUsd += costs.reduce((sum, one) => sum + one.usdPerHour, 0) - machinesUsd;
    claimUsd += kept.reduce((sum, one) => sum + keptUsd(one, ports.clock.nowMs()), 0);
    usage = addUsage(
      usage,
      usageOfPool({
        nodes: ofPool,
        launches: [...launches.nodes, ...launches.machines].map((one) => one.record),
        claims,
        kept,
      }),
    );
    claimUsd += claims.reduce((sum, claim) => sum + claimSpentUsd(claim, ports.clock.nowMs()), 0);
    count(await readTotals(ports, pool));
  }
  count(await readPastTotals(ports));
  const nowMs = ports.clock.nowMs();
  return {
    atMs: nowMs,
    requestsByState,
    quarantined,
    nodesByState: countBy(nodes, (node) => node.state),
    nodesByType: countBy(nodes, (node) => node.instanceType),
    utilisation: utilisation(nodes),
    ...(claimed.length === 0 ? {} : { claimed: reader === null ? claimed : mergeOthers(claimed, reader) }),
    headroomNodes,
    catalog: await ports.catalog.info(),
    usage,
    usdPerHour: usage.usdPerHour - stoppedUsd + disksUsd,
    spentUsd: totals.spentUsd + claimUsd + nodes.reduce((sum, node) => sum + nodeUsd(node, nowMs), 0),
    launchedNodes: totals.launchedNodes,
    goneNodes: totals.goneNodes,
    latencyMs: {
      acceptedToPlaced: percentiles(histograms.acceptedToPlaced),
      placedToRunning: percentiles(histograms.placedToRunning),
      runningToEnded: percentiles(histograms.runningToEnded),
    },
  };
}

/** The name under which a reader sees what other tenants hold, in one row per type and pool. */
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

async function openRows(ports: ControlPorts, pool: string): Promise<readonly RequestRecord[]> {
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

function countBy(nodes: readonly NodeRecord[], key: (node: NodeRecord) => string): Record<string, number> {
  const counts = dictionary<number>();
  for (const node of nodes) counts[key(node)] = (counts[key(node)] ?? 0) + 1;
  return counts;
}

function utilisation(nodes: readonly NodeRecord[]): Stats['utilisation'] {
  const ready = nodes.filter((node) => node.state === 'ready');
  const have = sumResources(ready.map((node) => node.allocatable));
  const used = sumResources(ready.flatMap((node) => node.assigned.map((one) => one.resources)));
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    cpu: share(used.cpuMilli, have.cpuMilli),
    memory: share(used.memoryMib, have.memoryMib),
    gpu: share(used.gpu, have.gpu),
  };
}

function percentiles(histogram: Histogram): Percentiles {
  return {
    p50: quantile(histogram, 0.5),
    p95: quantile(histogram, 0.95),
    p99: quantile(histogram, 0.99),
    count: countOf(histogram),
  };
}
