// The time-aware oracle: what is reachable by somebody who knows how long every task runs. Every task starts one boot
// after its submission, as if a node were launched for it then; nothing is moved; nodes boot, and are billed for 60
// seconds at least. It is a schedule that could be run, found by search: a cheaper one may be there.
import type { PoolSpec } from '../../core/records/pool.ts';
import { Measures } from '../measure/measures.ts';
import { poolOf } from '../traces/pool-of.ts';
import type { Trace } from '../traces/trace.ts';
import type { Behaviour } from '../world/behaviour.ts';
import { doPricesMove } from '../world/weather.ts';
import type { Distribution } from '../../adapters/simulated/cloud/random.ts';
import { Builder } from './builder.ts';
import { marketOf } from './market.ts';
import type { Item, Machine } from './market.ts';
import { search } from './search.ts';

/** Above this the search has no time for what it is good at; the result says that there is none. */
export const oracleTasksMax = 200_000;

export interface OracleNode {
  readonly machine: Machine;
  /** When billing begins: a boot before the first task. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly usd: number;
  /** `task` is the position in the trace's list. */
  readonly items: readonly Item[];
}

export interface OracleOptions {
  readonly trace: Trace;
  readonly pools: readonly PoolSpec[];
  readonly behaviour: Pick<Behaviour, 'launchMs' | 'bootMs' | 'weather'>;
  readonly seed: number;
  /** Of the search, for each pool. */
  readonly steps?: number;
}

/** What a report says of it. */
export interface OracleResult {
  readonly usd: number;
  readonly tasks: number;
  readonly nodes: number;
  /** From each submission to its start. */
  readonly waitS: number;
  /** Means of the same intervals as the other series. */
  readonly usdPerHour: readonly number[];
}

/** null: the trace has more tasks than the search is made for, or prices move, which it knows nothing of. */
export function oracleOf(options: OracleOptions): OracleResult | null {
  const { trace, behaviour } = options;
  if (trace.tasks.reduce((sum, task) => sum + task.count, 0) > oracleTasksMax) return null;
  if (doPricesMove(behaviour.weather)) return null;
  const nodes = oracleSchedule(options);
  const { usdPerHour, spanMs } = new Measures(trace, 0);
  const changes = nodes.flatMap(({ fromMs, toMs, machine }) => [
    { atMs: fromMs, usdPerHour: machine.offering.priceUsdPerHour },
    { atMs: toMs, usdPerHour: -machine.offering.priceUsdPerHour },
  ]);
  for (const change of changes.sort((a, b) => a.atMs - b.atMs || a.usdPerHour - b.usdPerHour))
    usdPerHour.change(change.atMs, change.usdPerHour);
  return {
    usd: nodes.reduce((sum, node) => sum + node.usd, 0),
    tasks: nodes.reduce((sum, node) => sum + node.items.length, 0),
    nodes: nodes.length,
    waitS: delayOf(behaviour) / 1000,
    usdPerHour: usdPerHour.means(spanMs),
  };
}

/** A schedule of every task that the pools could carry; their limits do not count. */
export function oracleSchedule({ trace, pools, behaviour, seed, steps }: OracleOptions): readonly OracleNode[] {
  const bootMs = meanMs(behaviour.bootMs);
  const delayMs = delayOf(behaviour);
  return pools.flatMap((pool) => {
    const positions = trace.tasks
      .map((_, at) => at)
      .filter((at) => {
        const task = trace.tasks[at];
        return task !== undefined && poolOf(task, pools) === pool;
      });
    const tasks = positions.flatMap((at) => trace.tasks[at] ?? []);
    const market = marketOf(tasks, pool, delayMs);
    const builder = new Builder(tasks, pool, market, bootMs, { steps: 0 });
    return search(builder, seed, steps).map(({ machine, firstMs, lastMs, usd, items }) => ({
      machine,
      fromMs: firstMs - bootMs,
      toMs: lastMs,
      usd,
      items: items.map((item) => ({ ...item, task: positions[item.task] ?? -1 })),
    }));
  });
}

/** From a submission to the task's start: the mean (of a lognormal one the median) of a launch and a boot. */
export function delayOf({ launchMs, bootMs }: Pick<Behaviour, 'launchMs' | 'bootMs'>): number {
  return meanMs(launchMs) + meanMs(bootMs);
}

function meanMs(distribution: Distribution): number {
  if (typeof distribution === 'number') return distribution;
  return 'minMs' in distribution ? (distribution.minMs + distribution.maxMs) / 2 : distribution.medianMs;
}
