// What a pool has counted: ends, launches and money, of tasks and of claims. Counted once per fact, in the transaction
// that writes the fact; nothing else writes these records.
import type { Histogram } from '../../core/values/collections/histogram.ts';
import { emptyHistogram, mergeHistograms, withDuration } from '../../core/values/collections/histogram.ts';
import { keptUsd } from '../../core/claims/volumes/volume-cost.ts';
import { isWarm } from '../../core/claims/documents.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import type { KeptVolume } from '../../core/records/volume.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { RequestRecord } from '../../core/records/request.ts';
import type { RegretByDay, RegretSum } from '../../core/costs/regret/sums.ts';
import { mergeRegrets, noRegretByDay, withRegret } from '../../core/costs/regret/sums.ts';
import type { CostEntry } from '../../core/costs/days.ts';
import type { ItemKey, Write } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { spentUsd } from '../../core/claims/spent.ts';
import { nodeUsd } from '../../core/tasks/warm/power.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { costWrites } from './costs.ts';
import { keys } from './keys.ts';
import { reading, transact } from './store-retry.ts';

export interface TotalsRecord {
  readonly ended: Readonly<Record<string, number>>;
  readonly launchedNodes: number;
  /** Launches that are closed, by how: `launched`, or EC2's code; absent: none is since they are counted. */
  readonly launches?: Readonly<Record<string, number>>;
  readonly goneNodes: number;
  readonly spentUsd: number;
  readonly acceptedToPlaced: Histogram;
  readonly placedToRunning: Histogram;
  readonly runningToEnded: Histogram;
  /** Of the nodes that are gone; absent: none is since it is counted. */
  readonly regret?: RegretByDay;
}

export const emptyTotals: TotalsRecord = {
  ended: {},
  launchedNodes: 0,
  goneNodes: 0,
  spentUsd: 0,
  acceptedToPlaced: emptyHistogram,
  placedToRunning: emptyHistogram,
  runningToEnded: emptyHistogram,
};

/** What a transaction adds to the totals. */
export type Count = (totals: TotalsRecord) => TotalsRecord;

const triesMax = 20;

export function countEndedTasks(ended: readonly RequestRecord[]): Count {
  return (totals) => ended.reduce(withEndedTask, totals);
}

function withEndedTask(totals: TotalsRecord, record: RequestRecord): TotalsRecord {
  const counted = withEnd(totals, record.state);
  const [task] = record.tasks;
  if (!task?.placedAtMs || task.startedAtMs === null || task.endedAtMs === null || task.attempt > 1) return counted;
  return {
    ...counted,
    acceptedToPlaced: withDuration(totals.acceptedToPlaced, task.placedAtMs - record.createdAtMs),
    placedToRunning: withDuration(totals.placedToRunning, task.startedAtMs - task.placedAtMs),
    runningToEnded: withDuration(totals.runningToEnded, task.endedAtMs - task.startedAtMs),
  };
}

/** Warm machines are no requests: only what they cost counts. */
export function countEndedClaims(ended: readonly ClaimRecord[], nowMs: number): Count {
  return (totals) =>
    ended.reduce(
      (sum, claim) => withSpent(isWarm(claim) ? sum : withEnd(sum, claim.state), spentUsd(claim, nowMs)),
      totals,
    );
}

export function countGoneKept(kept: readonly KeptVolume[], nowMs: number): Count {
  return (totals) => kept.reduce((sum, one) => withSpent(sum, keptUsd(one, nowMs)), totals);
}

/** So many codes are told apart; EC2 documents some 60 for launches, and an account meets a handful. */
export const launchCodesMax = 50;

/** A launch that is closed: `code` is `launched` where anything came of it, otherwise why nothing did. */
export function countLaunch(code: string, nodes: number): Count {
  return (totals) => {
    const launches = totals.launches ?? {};
    const isRoom = Object.hasOwn(launches, code) || Object.keys(launches).length < launchCodesMax - 1;
    return {
      ...totals,
      launchedNodes: totals.launchedNodes + nodes,
      launches: mergeHistograms(launches, { [isRoom ? code : 'other']: 1 }),
    };
  };
}

export function countGoneNodes(nodes: readonly NodeRecord[], nowMs: number): Count {
  return (totals) => ({
    ...withSpent(
      totals,
      nodes.reduce((sum, node) => sum + nodeUsd(node, nowMs), 0),
    ),
    goneNodes: totals.goneNodes + nodes.length,
  });
}

export function countRegret(sums: readonly RegretSum[], nowMs: number): Count {
  return ({ regret, ...totals }) => {
    const all = sums.reduce((days, sum) => withRegret(days, sum, nowMs), regret ?? noRegretByDay);
    return { ...totals, ...(regret === undefined && sums.length === 0 ? {} : { regret: all }) };
  };
}

function withEnd(totals: TotalsRecord, state: string): TotalsRecord {
  return { ...totals, ended: { ...totals.ended, [state]: (totals.ended[state] ?? 0) + 1 } };
}

function withSpent(totals: TotalsRecord, usd: number): TotalsRecord {
  return { ...totals, spentUsd: totals.spentUsd + usd };
}

export async function readTotals(ports: ReadingPorts, pool: string): Promise<TotalsRecord> {
  return (await reading(ports, () => ports.store.get<TotalsRecord>(keys.totals(pool))))?.data ?? emptyTotals;
}

/** Of pools that are gone. */
export async function readPastTotals(ports: ReadingPorts): Promise<TotalsRecord> {
  return (await reading(ports, () => ports.store.get<TotalsRecord>(keys.pastTotals)))?.data ?? emptyTotals;
}

/**
 * The writes and what they count, in one transaction. All facts of a pool count in one item: whoever is late counts
 * again. @throws ConditionFailedError when somebody else's write stands in the way of one of `writes`
 */
export async function transactCounting(
  ports: ControlPorts,
  pool: string,
  writes: readonly Write[],
  count: Count | null,
  costs: readonly CostEntry[] = [],
): Promise<void> {
  const key = keys.totals(pool);
  for (let tries = 1; ; tries += 1) {
    const counted: Write[] = await costWrites(ports, pool, costs);
    if (count !== null) {
      const before = await reading(ports, () => ports.store.get<TotalsRecord>(key));
      const item = { ...key, data: count(before?.data ?? emptyTotals) };
      counted.unshift({ op: 'put', item, condition: before?.version ?? 'absent' });
    }
    try {
      // A put goes first, so that after a lost answer the failing item shows our own write id.
      return await transact(ports, [...counted, ...writes]);
    } catch (error) {
      const isCount = error instanceof ConditionFailedError && counted.some((one) => isOf(one, error.key));
      if (!isCount || tries >= triesMax) throw error;
    }
  }
}

function isOf(write: Write, { pk, sk }: ItemKey): boolean {
  return write.op === 'put' && write.item.pk === pk && write.item.sk === sk;
}

/** The totals of a pool that goes pass to those of all pools that are gone. */
export async function passedOnTotals(ports: ControlPorts, pool: string): Promise<readonly Write[]> {
  const key = keys.totals(pool);
  const [totals, past] = await reading(ports, () => ports.store.getMany<TotalsRecord>([key, keys.pastTotals]));
  if (!totals) return [];
  const data = added(past?.data ?? emptyTotals, totals.data);
  return [
    { op: 'put', item: { ...keys.pastTotals, data }, condition: past?.version ?? 'absent' },
    { op: 'delete', key, condition: totals.version },
  ];
}

function added(a: TotalsRecord, b: TotalsRecord): TotalsRecord {
  return {
    ended: mergeHistograms(a.ended, b.ended),
    launchedNodes: a.launchedNodes + b.launchedNodes,
    ...(a.launches || b.launches ? { launches: mergeHistograms(a.launches ?? {}, b.launches ?? {}) } : {}),
    goneNodes: a.goneNodes + b.goneNodes,
    spentUsd: a.spentUsd + b.spentUsd,
    acceptedToPlaced: mergeHistograms(a.acceptedToPlaced, b.acceptedToPlaced),
    placedToRunning: mergeHistograms(a.placedToRunning, b.placedToRunning),
    runningToEnded: mergeHistograms(a.runningToEnded, b.runningToEnded),
    ...(a.regret || b.regret ? { regret: mergeRegrets(a.regret ?? noRegretByDay, b.regret ?? noRegretByDay) } : {}),
  };
}
