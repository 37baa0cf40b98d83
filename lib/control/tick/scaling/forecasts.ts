// What a pool forecasts of its own demand, for its ticks and for people. What was learned stays with the process that
// ticks, and goes on with each step; another process learns it from the history again.
import { Learning, leadMsDefault } from '../../../core/forecast/learning.ts';
import type { Known } from '../../../core/forecast/learning.ts';
import type { Ahead, Floor, Observation } from '../../../core/plan/observation.ts';
import type { PoolSpec } from '../../../core/records/pool.ts';
import { forecastQuantileDefault, forecastsDemand } from '../../../core/records/pool.ts';
import { aheadText } from '../../../core/scaling/ahead.ts';
import { forecastDemand } from '../../../core/scaling/demand-now.ts';
import { forecastsOwn } from '../../../core/tasks/capacity/learning/styles.ts';
import { bootMsOf } from '../../../core/tasks/capacity/boots.ts';
import type { Resources } from '../../../core/values/resources.ts';
import type { ReadingPorts } from '../../ports.ts';
import { historyDaysOf, historyOf, readHistory } from './demand-history.ts';

/** By pool, and whose demand it is. */
export type Forecasts = Map<string, Learning>;

/** A pool that forecasts looks again so often, though nothing happens. */
const forecastAgainMs = 60_000;

export function isForecasting(spec: Pick<PoolSpec, 'learningStyle' | 'historyDays'>): boolean {
  return forecastsDemand(spec.learningStyle) && historyDaysOf(spec) > 0;
}

/** `ahead`: null: too little is known. */
export interface Forecasting {
  readonly ahead: Ahead | null;
  readonly againMs: number;
}

/** What a tick buys ahead for; null: the pool does not forecast. */
export async function readAhead(
  ports: ReadingPorts,
  forecasts: Forecasts,
  seen: Pick<Observation, 'pool' | 'requests' | 'nodes' | 'memory' | 'aside'>,
  isPoolDeleting: boolean,
): Promise<Forecasting | null> {
  const { pool } = seen;
  const nowMs = ports.clock.nowMs();
  const isOwn = historyDaysOf(pool) > 0 && forecastsOwn(seen, nowMs);
  for (const [own, isIt] of [
    [false, isForecasting(pool)],
    [true, isOwn],
  ] as const)
    if (isPoolDeleting || !isIt) forecasts.delete(nameOf(pool.name, own));
  if (isPoolDeleting || !(isOwn || isForecasting(pool))) return null;
  const leadMs = bootMsOf(seen) ?? leadMsDefault;
  const learning = await learningOf(ports, forecasts, pool.name, leadMs, isOwn);
  const known = forecastNow(learning, pool, nowMs, forecastDemand(seen), leadMs);
  const whose = isOwn ? ' for requests that are predictive or adaptive' : '';
  const ahead =
    known.kind === 'forecast'
      ? { wantedMilli: known.forecast.wantedMilli, because: `${aheadText(known.forecast)}${whose}` }
      : null;
  return { ahead, againMs: nowMs + forecastAgainMs };
}

/** The headroom that alarms and the pool ask for, and what is forecast; it looks again soon: time changes that. */
export function withAhead(floor: Floor | null, forecasting: Forecasting | null): { readonly floor?: Floor } {
  if (forecasting === null) return floor === null ? {} : { floor };
  const { ahead, againMs } = forecasting;
  const { nodes, because, nextActAtMs } = floor ?? { nodes: 0, because: '', nextActAtMs: null };
  return {
    floor: { nodes, because, nextActAtMs: Math.min(nextActAtMs ?? Infinity, againMs), ...(ahead && { ahead }) },
  };
}

export function forecastNow(
  learning: Learning,
  { forecastQuantile = forecastQuantileDefault }: Pick<PoolSpec, 'forecastQuantile'>,
  nowMs: number,
  demand: Resources,
  leadMs: number,
): Known {
  return learning.at(nowMs, demand, forecastQuantile, leadMs);
}

/** Of the pool's demand, or of what its requests want for theirs. */
function nameOf(pool: string, isOwn: boolean): string {
  return isOwn ? `${pool} own` : pool;
}

async function learningOf(
  ports: ReadingPorts,
  forecasts: Forecasts,
  pool: string,
  leadMs: number,
  isOwn: boolean,
): Promise<Learning> {
  const nowMs = ports.clock.nowMs();
  const name = nameOf(pool, isOwn);
  const before = forecasts.get(name);
  if (before?.isFor(leadMs, nowMs) === true && !before.isBehind(nowMs)) return before;
  const history = historyOf(await readHistory(ports, pool), isOwn);
  if (before?.isFor(leadMs, nowMs) === true) {
    before.goOn(history, nowMs);
    return before;
  }
  const learning = new Learning(history, nowMs, leadMs);
  forecasts.set(name, learning);
  return learning;
}
