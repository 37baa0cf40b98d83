// What /metrics shows, by pool: stored totals, and the present as it is read. Nothing of it lives in a process, so
// that it is the same whichever of many instances answers.
import { isWarm } from '../../../core/claims/documents.ts';
import { emptyHistogram, mergeHistograms } from '../../../core/values/histogram.ts';
import { addResources, noResources, sumResources } from '../../../core/values/resources.ts';
import type { LockRecord } from '../../coordination/lock.ts';
import type { ControlPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import type { TotalsRecord } from '../../store/totals.ts';
import { readPastTotals } from '../../store/totals.ts';
import type { PoolMetrics } from '../../use-cases.ts';
import { readPools } from '../pools.ts';
import { countBy, figuresOf, presentUsd, usdPerHourOf } from '../stats.ts';
import type { PoolFigures } from '../stats.ts';

/** Each pool is a label value of every series, so there is a bound: the oldest are told apart. */
export const poolsMax = 100;

export async function poolMetrics(ports: ControlPorts): Promise<readonly PoolMetrics[]> {
  const pools = [...(await readPools(ports))].sort(
    (a, b) => a.data.createdAtMs - b.data.createdAtMs || (a.sk < b.sk ? -1 : 1),
  );
  const all: PoolMetrics[] = [];
  for (const { sk, data } of pools) {
    const lock = await reading(ports, () => ports.store.get<LockRecord>(keys.lock(sk)));
    all.push(metricsOf(sk, await figuresOf(ports, sk, data), lock?.data.epoch ?? 0, ports.clock.nowMs()));
  }
  const others = [pastMetrics(await readPastTotals(ports)), ...all.slice(poolsMax)];
  return [...all.slice(0, poolsMax), others.reduce(added)];
}

function metricsOf(pool: string, figures: PoolFigures, ticks: number, nowMs: number): PoolMetrics {
  const { nodes, claims, ended, open, oldestPendingAtMs } = figures;
  const ready = nodes.filter((node) => node.state === 'ready');
  return {
    ...pastMetrics(ended),
    pool,
    ticks,
    open: mergeHistograms(
      open,
      countBy(
        claims.filter((claim) => !isWarm(claim)),
        (claim) => claim.state,
      ),
    ),
    openTasks: figures.openTasks,
    quarantined: figures.quarantined,
    oldestPendingMs: oldestPendingAtMs === null ? null : Math.max(0, nowMs - oldestPendingAtMs),
    nodes: countBy(nodes, (node) => node.state),
    headroomNodes: figures.headroomNodes,
    allocatable: sumResources(ready.map((node) => node.allocatable)),
    assigned: sumResources(ready.flatMap((node) => node.assigned.map((one) => one.resources))),
    usdPerHour: usdPerHourOf(figures),
    spentUsd: ended.spentUsd + presentUsd(figures, nowMs),
  };
}

/** Of what has ended: all that is known of pools that are gone. */
function pastMetrics(totals: TotalsRecord): PoolMetrics {
  const { ended, spentUsd, launchedNodes, goneNodes, launches, acceptedToPlaced, placedToRunning } = totals;
  return {
    pool: null,
    ticks: 0,
    open: {},
    ended,
    openTasks: { pending: 0, running: 0 },
    quarantined: 0,
    oldestPendingMs: null,
    nodes: {},
    headroomNodes: 0,
    allocatable: noResources,
    assigned: noResources,
    usdPerHour: 0,
    spentUsd,
    launchedNodes,
    goneNodes,
    launches: launches ?? emptyHistogram,
    acceptedToPlaced,
    placedToRunning,
    runningToEnded: totals.runningToEnded,
  };
}

function added(a: PoolMetrics, b: PoolMetrics): PoolMetrics {
  const oldest = Math.max(a.oldestPendingMs ?? -1, b.oldestPendingMs ?? -1);
  return {
    pool: null,
    ticks: a.ticks + b.ticks,
    open: mergeHistograms(a.open, b.open),
    ended: mergeHistograms(a.ended, b.ended),
    openTasks: {
      pending: a.openTasks.pending + b.openTasks.pending,
      running: a.openTasks.running + b.openTasks.running,
    },
    quarantined: a.quarantined + b.quarantined,
    oldestPendingMs: oldest < 0 ? null : oldest,
    nodes: mergeHistograms(a.nodes, b.nodes),
    headroomNodes: a.headroomNodes + b.headroomNodes,
    allocatable: addResources(a.allocatable, b.allocatable),
    assigned: addResources(a.assigned, b.assigned),
    usdPerHour: a.usdPerHour + b.usdPerHour,
    spentUsd: a.spentUsd + b.spentUsd,
    launchedNodes: a.launchedNodes + b.launchedNodes,
    goneNodes: a.goneNodes + b.goneNodes,
    launches: mergeHistograms(a.launches, b.launches),
    acceptedToPlaced: mergeHistograms(a.acceptedToPlaced, b.acceptedToPlaced),
    placedToRunning: mergeHistograms(a.placedToRunning, b.placedToRunning),
    runningToEnded: mergeHistograms(a.runningToEnded, b.runningToEnded),
  };
}
