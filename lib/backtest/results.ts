// What a back-test answers: plain data, the same for the same input and seed to the last byte.
import type { PoolShadow } from '../core/costs/shadow/figures.ts';
import { committedUsdPerHour } from './measure/pool-money.ts';
import type { PoolSpec } from '../core/records/pool.ts';
import type { Regret } from '../core/costs/regret/regret.ts';
import { addLowerBound } from './measure/lower-bound.ts';
import { totalOf } from './measure/node-costs.ts';
import type { CostParts } from './measure/node-costs.ts';
import type { Measures } from './measure/measures.ts';
import { Series } from './measure/series.ts';
import type { WaitingReason } from './measure/waiting-reasons.ts';
import type { WaitFigures } from './measure/waits.ts';
import type { OracleResult } from './oracle/index.ts';
import type { Trace } from './traces/trace.ts';
import { atLeastPrice } from './world/weather.ts';
import type { Weather } from './world/weather.ts';

/** A task that was not even taken in. */
export interface Refusal {
  readonly line: number;
  readonly reason: string;
}

/** What a run leaves behind, whoever decided in it. */
export interface RunFigures {
  readonly measures: Measures;
  readonly counts: Readonly<
    Record<'tasks' | 'refused' | 'ended' | 'failed' | 'syncs' | 'interruptions' | 'warnings' | 'ticks', number>
  >;
  readonly unfinished: number;
  readonly refusals: readonly Refusal[];
  readonly calls: ReadonlyMap<string, number>;
  readonly weather: Weather;
}

/** One setting of a baseline that was tried. */
export interface Tried {
  readonly settings: Settings;
  readonly costUsd: number;
  readonly waitP95S: number;
  /** Tasks that ran to their end. */
  readonly ran: number;
}

export type Settings = Readonly<Record<string, string | number>>;

export interface VariantResult {
  readonly name: string;
  readonly kind: 'pool' | 'baseline';
  /** Of a baseline: those that are shown, and all that were tried; null of a pool, and of what was recorded. */
  readonly settings: Settings | null;
  readonly tried: readonly Tried[] | null;
  readonly seed: number;
  readonly tasks: {
    readonly submitted: number;
    readonly ended: number;
    readonly failed: number;
    /** To their end, and what they asked for over how long: the work that the cost is for. */
    readonly ran: number;
    readonly ranVcpuHours: number;
    /** Not even taken in; `refusals` names the first of them. */
    readonly refused: number;
    readonly unfinished: number;
    readonly attempts: number;
    /** Attempts that did not end by themselves; of these, those that no interruption by EC2 stopped. */
    readonly interrupted: number;
    readonly moved: number;
    readonly deadlines: number;
    readonly deadlinesMissed: number;
  };
  readonly refusals: readonly Refusal[];
  /** USD. */
  readonly cost: CostParts & {
    readonly total: number;
    /** Of pools with commitments: what these cost, used or not, and what they paid of the parts. Absent: of others. */
    readonly committed?: number;
    readonly covered?: number;
  };
  /** USD of the clairvoyant lower bound, and how far instances cost more; null without a bound, or if less ran. */
  readonly boundUsd: number;
  readonly aboveBoundPercent: number | null;
  /** Of the time-aware oracle for the same pools; null where it was not asked for, or the trace is too long for it. */
  readonly oracle: OracleResult | null;
  readonly aboveOraclePercent: number | null;
  /** USD: every node that ended priced again in hindsight; without CPU credits. */
  readonly regret: Regret;
  readonly waits: {
    readonly all: WaitFigures;
    readonly byTenant: Readonly<Record<string, WaitFigures>>;
    readonly byLabel: Readonly<Record<string, WaitFigures>>;
    /** Seconds that 0, 1, ... 100 % of the tasks waited at most. */
    readonly curveS: readonly number[];
  };
  /** From submission to end, of tasks that ran to their end; an array counts once, by its last task. */
  readonly completions: WaitFigures;
  /** Part of the vCPU that was paid for, 0 to 1, that tasks had asked for. */
  readonly utilisation: number | null;
  readonly nodes: {
    readonly launched: number;
    /** Stopped ones that were started. */
    readonly started: number;
    readonly most: number;
    readonly hours: number;
    readonly byType: Readonly<Record<string, number>>;
    readonly interruptions: number;
  };
  /** By code, for how long any task waited for it; `limit_reached`: a limit of the pool bound. Of baselines nothing. */
  readonly waitedFor: Readonly<Record<string, WaitingReason>>;
  /** Of its pools that have a shadow; absent: none has, or it is a baseline. */
  readonly shadows?: readonly PoolShadow[];
  readonly calls: Readonly<Record<string, number>>;
  readonly control: { readonly ticks: number; readonly syncs: number; readonly warnings: number };
  readonly series: SeriesResult;
}

/** Means of equal intervals from the start of the trace; `launches`, `interruptions` and `moves` are counts. */
export interface SeriesResult {
  readonly intervalS: number;
  readonly usdPerHour: readonly number[];
  readonly boundUsdPerHour: readonly number[];
  readonly nodes: readonly number[];
  readonly vcpu: readonly number[];
  readonly busyVcpu: readonly number[];
  readonly waitingTasks: readonly number[];
  readonly launches: readonly number[];
  readonly interruptions: readonly number[];
  readonly moves: readonly number[];
}

export function resultOf(
  name: string,
  seed: number,
  trace: Trace,
  pools: readonly PoolSpec[],
  run: RunFigures,
  baseline: { readonly settings: Settings; readonly tried: readonly Tried[] } | 'nothing to set' | null = null,
): VariantResult {
  const { counts, measures } = run;
  const bound = new Series(measures.spanMs, measures.bins);
  const listUsd = addLowerBound(trace, pools, bound, atLeastPrice(run.weather));
  const { cost, boundUsd } = withCommitments(measures, pools, listUsd);
  const isWhole =
    run.unfinished === 0 && counts.failed === 0 && (baseline !== 'nothing to set' || counts.refused === 0);
  const tuned = baseline === 'nothing to set' ? null : baseline;
  return {
    name,
    kind: baseline === null ? 'pool' : 'baseline',
    settings: tuned?.settings ?? null,
    tried: tuned?.tried ?? null,
    seed,
    tasks: tasksOf(run),
    refusals: run.refusals,
    cost,
    boundUsd,
    aboveBoundPercent: boundUsd > 0 && isWhole ? 100 * (instancesUsd(cost) / boundUsd - 1) : null,
    oracle: null,
    aboveOraclePercent: null,
    regret: measures.regret,
    waits: {
      all: measures.waits.all(),
      byTenant: measures.waits.byTenant(),
      byLabel: measures.waits.byLabel(),
      curveS: measures.waits.curveS(),
    },
    completions: measures.completions.all(),
    utilisation: measures.vcpu.integral > 0 ? measures.busyVcpu.integral / measures.vcpu.integral : null,
    nodes: {
      launched: measures.counts.launched,
      started: measures.counts.started,
      most: measures.nodes.max,
      hours: measures.nodes.integral,
      byType: sorted(measures.launchedByType),
      interruptions: counts.interruptions,
    },
    waitedFor: measures.reasons.result,
    calls: sorted(run.calls),
    control: { ticks: counts.ticks, syncs: counts.syncs, warnings: counts.warnings },
    series: seriesOf(measures, bound),
  };
}

/** What the bound and the oracle are compared with: they know no volumes. */
export function instancesUsd({ total, volumes }: Pick<VariantResult['cost'], 'total' | 'volumes'>): number {
  return total - volumes;
}

function tasksOf({ counts, measures, unfinished }: RunFigures): VariantResult['tasks'] {
  const { attempts, interrupted, moved, deadlines, deadlinesMissed, ran } = measures.counts;
  return {
    submitted: counts.tasks,
    ended: counts.ended,
    failed: counts.failed,
    ran,
    ranVcpuHours: measures.ranCpuMs / 3_600_000_000,
    refused: counts.refused,
    unfinished,
    attempts,
    interrupted,
    moved,
    deadlines,
    deadlinesMissed,
  };
}

/**
 * Commitments cost what they cost, and pay of the nodes what they can. What is left of the bound: no fleet has more of
 * its price paid than they cover, all the time.
 */
function withCommitments(
  measures: Measures,
  pools: readonly PoolSpec[],
  listUsd: number,
): Pick<VariantResult, 'cost' | 'boundUsd'> {
  const nodes = totalOf(measures.costs);
  if (pools.every((pool) => pool.commitments === undefined))
    return { cost: { ...measures.costs, total: nodes }, boundUsd: listUsd };
  const hours = Math.max(measures.spanMs, measures.endedAtMs) / 3_600_000;
  const rates = committedUsdPerHour(pools);
  const [committed, covered] = [rates.cost * hours, measures.coveredUsd];
  const boundUsd = committed + Math.max(0, listUsd - rates.covers * hours);
  return { cost: { ...measures.costs, total: nodes - covered + committed, committed, covered }, boundUsd };
}

/** The oracle knows no commitments: it is of no use beside a fleet that has some. */
export function withOracle(result: VariantResult, given: OracleResult | null): VariantResult {
  const { cost } = result;
  const oracle = cost.committed === undefined ? given : null;
  const isThere = oracle !== null && oracle.usd > 0 && (result.aboveBoundPercent !== null || result.boundUsd === 0);
  return { ...result, oracle, aboveOraclePercent: isThere ? 100 * (instancesUsd(cost) / oracle.usd - 1) : null };
}

function seriesOf(measures: Measures, bound: Series): SeriesResult {
  const { spanMs } = measures;
  return {
    intervalS: spanMs / measures.bins / 1000,
    usdPerHour: measures.usdPerHour.means(spanMs),
    boundUsdPerHour: bound.means(spanMs),
    nodes: measures.nodes.means(spanMs),
    vcpu: measures.vcpu.means(spanMs),
    busyVcpu: measures.busyVcpu.means(spanMs),
    waitingTasks: measures.waiting.means(spanMs),
    launches: measures.launches.values,
    interruptions: measures.interruptions.values,
    moves: measures.moves.values,
  };
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
