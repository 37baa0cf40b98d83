// Learning styles of requests: whose demand a pool forecasts, and what acts on a request in the end. A request may name
// its own style; what it leaves open is its pool's.
import type { Observation, PoolMemory } from '../../../plan/observation.ts';
import { rowsOf } from '../../../plan/rows/seen-rows.ts';
import type { LearningStyle, PoolSpec } from '../../../records/pool.ts';
import { forecastsDemand } from '../../../records/pool.ts';
import type { RequestRecord, TaskSpec } from '../../../records/request.ts';

type Spec = Pick<TaskSpec, 'learningStyle'>;
type Pool = Pick<PoolSpec, 'learningStyle'>;

export function styleOf({ learningStyle }: Spec, pool: Pool): LearningStyle {
  return learningStyle ?? pool.learningStyle;
}

/** Its demand is part of what its pool forecasts, and nodes are bought ahead of it. */
export function isForecast({ spec }: Pick<RequestRecord, 'spec'>, pool: Pool): boolean {
  return forecastsDemand(styleOf(spec, pool));
}

/** Those whose demand is forecast, as a decision sees them. */
export function withForecastOnly<T extends Pick<Observation, 'requests' | 'pool'>>(seen: T): T {
  return { ...seen, requests: seen.requests.filter(({ record }) => isForecast(record, seen.pool)) };
}

const dayMs = 86_400_000;
/** After the last request that says so its pool looks so long for the next: as far back as a forecast looks. */
const ownKeptMs = 8 * dayMs;

type Seen = Pick<Observation, 'pool' | 'requests' | 'nodes' | 'aside' | 'memory'>;

/** The pool forecasts nothing by itself, and some of its requests want it for theirs. */
export function forecastsOwn(seen: Seen, nowMs: number): boolean {
  if (forecastsDemand(seen.pool.learningStyle)) return false;
  const lastMs = seen.memory.ownDemandAtMs;
  return (lastMs !== undefined && nowMs - lastMs < ownKeptMs) || hasOpen(seen, forecastsDemand);
}

/** To be remembered: when there was one last, to within a day. */
export function ownDemandAfter(seen: Seen & Pick<Observation, 'nowMs'>): Pick<PoolMemory, 'ownDemandAtMs'> {
  const { nowMs, pool, memory } = seen;
  const lastMs = memory.ownDemandAtMs;
  const isThere = !forecastsDemand(pool.learningStyle) && hasOpen(seen, forecastsDemand);
  const atMs = isThere && (lastMs === undefined || nowMs - lastMs >= dayMs) ? nowMs : lastMs;
  return atMs === undefined ? {} : { ownDemandAtMs: atMs };
}

/** What it buys now is chosen by what it has learned of offerings. */
export function choosesByLearned(seen: Omit<Seen, 'memory'>): boolean {
  return seen.pool.learningStyle === 'adaptive' || hasOpen(seen, (style) => style === 'adaptive');
}

function hasOpen(seen: Omit<Seen, 'memory'>, is: (style: LearningStyle) => boolean): boolean {
  const { unsettled, settledDemand, aside } = rowsOf(seen);
  const isOf = ({ learningStyle }: Spec): boolean => is(styleOf({ learningStyle }, seen.pool));
  return (
    settledDemand.some(({ style }) => isOf({ learningStyle: style }))
    || unsettled.some(({ record }) => record.endedAtMs === null && !aside.has(record.id) && isOf(record.spec))
  );
}

/** The style that acts on a request, and how, for people. */
export interface ActedOn {
  readonly style: LearningStyle;
  readonly acted: LearningStyle;
  readonly reason: string;
}

export function actedOn(spec: Spec, pool: Pick<PoolSpec, 'name' | 'learningStyle' | 'historyDays'>): ActedOn {
  const style = styleOf(spec, pool);
  const whose = spec.learningStyle === null ? `the style of pool ${pool.name}` : 'its own style';
  if (!forecastsDemand(style)) {
    const how =
      style === 'scheduled' ? 'headroom is kept by the schedule of its pool' : 'nothing is bought ahead of it';
    return { style, acted: style, reason: `${whose}: ${how}` };
  }
  if (pool.historyDays === 0)
    return { style, acted: 'reactive', reason: `${whose}, but pool ${pool.name} keeps no history: historyDays is 0` };
  const isWeighed = style === 'adaptive' || pool.learningStyle === 'adaptive';
  const learned = isWeighed ? ', and nodes are chosen by what was learned of offerings' : '';
  const reason = `${whose}: its demand is forecast, once two hours of it are known${learned}`;
  return { style, acted: isWeighed ? 'adaptive' : 'predictive', reason };
}
