// What /metrics shows, by pool: stored totals, and the present as it is read. Nothing of it lives in a process, so
// that it is the same whichever of many instances answers.
import { emptyHistogram, mergeHistograms } from '../../../core/values/collections/histogram.ts';
import { addResources, noResources } from '../../../core/values/resources.ts';
import type { ControlPorts } from '../../ports.ts';
import type { TotalsRecord } from '../../store/totals.ts';
import { readPastTotals } from '../../store/totals.ts';
import type { PoolMetrics } from '../../use-cases.ts';
import { readPools } from '../pools.ts';
import { figuresOf } from '../stats.ts';
import type { PoolFigures } from '../stats.ts';
import { spentBy } from './present.ts';

/** Each pool is a label value of every series, so there is a bound: the oldest are told apart. */
export const poolsMax = 100;

export async function poolMetrics(ports: ControlPorts): Promise<readonly PoolMetrics[]> {
  const pools = [...(await readPools(ports))].sort(
    (a, b) => a.data.createdAtMs - b.data.createdAtMs || (a.sk < b.sk ? -1 : 1),
  );
  const all: PoolMetrics[] = [];
  for (const { sk, data } of pools) all.push(metricsOf(sk, await figuresOf(ports, sk, data), ports.clock.nowMs()));
  const others = [pastMetrics(await readPastTotals(ports)), ...all.slice(poolsMax)];
  return [...all.slice(0, poolsMax), others.reduce(added)];
}

function metricsOf(pool: string, { present, ended, ticks }: PoolFigures, nowMs: number): PoolMetrics {
  const { open, openTasks, quarantined, nodes, headroomNodes, allocatable, assigned, usdPerHour } = present;
  const { oldestPendingAtMs } = present;
  return {
    ...pastMetrics(ended),
    ...{ pool, ticks, open, openTasks, quarantined, nodes, headroomNodes, allocatable, assigned, usdPerHour },
    oldestPendingMs: oldestPendingAtMs === null ? null : Math.max(0, nowMs - oldestPendingAtMs),
    spentUsd: ended.spentUsd + spentBy(present, nowMs),
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
