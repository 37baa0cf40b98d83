// Counts, nodes, cost and latencies for people: totals of what has ended, and the present from what is open.
import { countOf, emptyHistogram, mergeHistograms, quantile } from '../../core/values/collections/histogram.ts';
import type { Histogram } from '../../core/values/collections/histogram.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { floorNodes, hasFloor } from '../../core/scaling/alarms.ts';
import { warmTenant } from '../../core/claims/machines/warm.ts';
import { addUsage, noUsage } from '../../core/records/pool.ts';
import type { RequestRecord, RequestState } from '../../core/records/request.ts';
import { addResources, noResources } from '../../core/values/resources.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { TotalsRecord } from '../store/totals.ts';
import { readPastTotals, readTotals } from '../store/totals.ts';
import { claimCosts } from '../claims/costs.ts';
import { readClaims } from '../claims/store.ts';
import { isDue } from '../coordination/due.ts';
import type { LockRecord } from '../coordination/lock.ts';
import { readLock } from '../coordination/lock.ts';
import { oldestOpen } from '../tick/open-window.ts';
import { readFloorRecord } from '../tick/scaling/headroom-floor.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { KeptPresent, PoolPresent } from './figures/present.ts';
import { presentOf, spentBy, sumOf } from './figures/present.ts';
import type { PoolSummary } from './figures/summary.ts';
import { readPools } from './pools.ts';
import type { ControlPorts } from '../ports.ts';
import type { ActivityRecord, ClaimCost, Percentiles, PoolRecord, Stats } from '../use-cases.ts';
import { countIndexed, queryAll, reading } from '../store/store-retry.ts';

/** Of so many pools a look shows what each has. */
const poolsMax = 100;

/** `reader`: other tenants are not named to him; null: an operator. */
export async function stats(ports: ControlPorts, reader: string | null): Promise<Stats> {
  const pools: PoolFigures[] = [];
  const names: string[] = [];
  for (const { sk, data } of await readPools(ports)) {
    names.push(sk);
    pools.push(await figuresOf(ports, sk, data));
  }
  const ended = [...pools.map((one) => one.ended), await readPastTotals(ports)];
  const nowMs = ports.clock.nowMs();
  const all = pools.map((one) => one.present);
  const claimed = all.flatMap((one) => one.costs);
  const [allocatable, assigned] = [all.map((one) => one.allocatable), all.map((one) => one.assigned)].map((parts) =>
    parts.reduce(addResources, noResources),
  ) as [Resources, Resources];
  return {
    atMs: nowMs,
    figuresOfMs: Math.min(nowMs, ...all.map((one) => one.atMs)),
    requestsByState: requestsByState([...all.map((one) => one.open), ...ended.map((one) => one.ended)]),
    quarantined: sumOf(all, (one) => one.quarantined),
    openTasks: {
      pending: sumOf(all, (one) => one.openTasks.pending),
      running: sumOf(all, (one) => one.openTasks.running),
    },
    oldestPendingAtMs: oldestOf(all.map((one) => one.oldestPendingAtMs)),
    nodesByState: all.map((one) => one.nodes).reduce(mergeHistograms, {}),
    nodesByType: all.map((one) => one.nodesByType).reduce(mergeHistograms, {}),
    allocatable,
    assigned,
    utilisation: utilisationOf(assigned, allocatable),
    ...(claimed.length === 0 ? {} : { claimed: reader === null ? claimed : mergeOthers(claimed, reader) }),
    headroomNodes: sumOf(all, (one) => one.headroomNodes),
    catalog: await ports.catalog.info(),
    usage: all.map((one) => one.usage).reduce(addUsage, noUsage),
    usdPerHour: sumOf(all, (one) => one.usdPerHour),
    spentUsd: sumOf(ended, (one) => one.spentUsd) + sumOf(all, (one) => spentBy(one, nowMs)),
    launchedNodes: sumOf(ended, (one) => one.launchedNodes),
    goneNodes: sumOf(ended, (one) => one.goneNodes),
    latencyMs: {
      acceptedToPlaced: percentiles(ended.map((one) => one.acceptedToPlaced)),
      placedToRunning: percentiles(ended.map((one) => one.placedToRunning)),
      runningToEnded: percentiles(ended.map((one) => one.runningToEnded)),
    },
    pools: names.slice(0, poolsMax).flatMap((pool, at) => {
      const present = all[at];
      return present === undefined ? [] : [summaryOf(pool, present)];
    }),
  };
}

function oldestOf(times: readonly (number | null)[]): number | null {
  return times.reduce(
    (oldest, one) => (oldest === null || one === null ? (oldest ?? one) : Math.min(oldest, one)),
    null,
  );
}

function summaryOf(pool: string, { openTasks, nodes, usage, usdPerHour }: PoolPresent): PoolSummary {
  const count = Object.values(nodes).reduce((sum, one) => sum + one, 0);
  return { pool, openTasks, nodes: count, instances: usage.instances, usdPerHour };
}

/** What is open in a pool, and the totals of what has ended in it. */
export interface PoolFigures {
  readonly present: PoolPresent;
  readonly ended: TotalsRecord;
  readonly ticks: number;
}

/** Of a large pool as its last tick left it, of a small one as it is this moment. */
export async function figuresOf(ports: ControlPorts, pool: string, record: PoolRecord): Promise<PoolFigures> {
  const lock = (await readLock(ports, pool))?.data;
  const totals = await readTotals(ports, pool);
  const ticks = lock?.epoch ?? 0;
  if (lock?.present === undefined) return { present: await presentNow(ports, pool, record), ended: totals, ticks };
  const { ended, ...kept } = lock.present;
  // What has ended since is still among what was there then.
  return { present: await presentKept(ports, pool, kept, lock), ended: { ...totals, ...ended }, ticks };
}

/** From then on figures are old where their pool should have ticked. */
const behindMs = 60_000;

/**
 * Completes what a tick had no room for or did not look at, and what came since it should have ticked: all that waits,
 * with a task at least.
 */
async function presentKept(
  ports: ControlPorts,
  pool: string,
  { seen, ...kept }: Omit<KeptPresent, 'ended'>,
  lock: Pick<LockRecord, 'openRequests' | 'openClaims'>,
): Promise<PoolPresent> {
  const present = { ...kept, costs: kept.costs ?? (await costsNow(ports, pool)) };
  const isBehind = ports.clock.nowMs() - kept.atMs > behindMs && (await isDue(ports, pool));
  if (seen === undefined && !isBehind) return present;
  const tasks = Math.max(
    0,
    (await countIndexed(ports, 'open', [...keys.openShards(pool), ...keys.asideShards(pool)])) - lock.openRequests,
  );
  const claims = isBehind
    ? Math.max(0, (await countIndexed(ports, 'open', keys.claimShards(pool))) - (lock.openClaims ?? 0))
    : 0;
  return {
    ...present,
    open: mergeHistograms(kept.open, { pending: tasks + claims }),
    openTasks: { ...kept.openTasks, pending: kept.openTasks.pending + tasks },
    oldestPendingAtMs: kept.oldestPendingAtMs ?? (isBehind ? await oldestSince(ports, pool, kept.atMs) : null),
  };
}

/** So many of each group of what is open are looked at. */
const oldestRowsMax = 200;

/** When the oldest of the task requests that came since then was accepted; null: none has. */
async function oldestSince({ store }: ControlPorts, pool: string, sinceMs: number): Promise<number | null> {
  const came = (rows: readonly RequestRecord[]): readonly RequestRecord[] =>
    rows.filter((one) => one.state === 'pending' && one.quarantine === null && one.createdAtMs > sinceMs);
  const found = await Promise.all(
    keys.openShards(pool).map((pk) => oldestOpen<RequestRecord>(store, pk, came, oldestRowsMax)),
  );
  return oldestOf(found.map((one) => one?.createdAtMs ?? null));
}

async function costsNow(ports: ControlPorts, pool: string): Promise<readonly ClaimCost[]> {
  const { claims, kept } = await readClaims(ports, pool, await readLaunches(ports, pool));
  return claimCosts(
    claims.map((one) => one.record),
    kept.map((one) => one.record),
  );
}

async function presentNow(
  ports: ControlPorts,
  pool: string,
  { spec, deletingSinceMs }: PoolRecord,
): Promise<PoolPresent> {
  const headroomNodes =
    hasFloor(spec) && deletingSinceMs === null ? floorNodes(await readFloorRecord(ports, pool), spec) : 0;
  const launches = await readLaunches(ports, pool);
  const nodes = (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data);
  const requests = await openRows(ports, pool);
  const { claims, kept } = await readClaims(ports, pool, launches);
  return presentOf(
    {
      nodes,
      requests,
      launches: [...launches.nodes, ...launches.machines].map((one) => one.record),
      claims: claims.map((one) => one.record),
      kept: kept.map((one) => one.record),
      headroomNodes,
    },
    ports.clock.nowMs(),
  );
}

function requestsByState(parts: readonly Readonly<Record<string, number>>[]): Readonly<Record<RequestState, number>> {
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
  for (const part of parts) for (const [state, count] of Object.entries(part)) counts[state as RequestState] += count;
  return counts;
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

function utilisationOf(assigned: Resources, allocatable: Resources): Stats['utilisation'] {
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    cpu: share(assigned.cpuMilli, allocatable.cpuMilli),
    memory: share(assigned.memoryMib, allocatable.memoryMib),
    gpu: share(assigned.gpu, allocatable.gpu),
  };
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
