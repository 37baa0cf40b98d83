// What the tasks of a pool want now, waiting and running ones together.
import type { LearningStyle } from '../records/pool.ts';
import { forecastsDemand } from '../records/pool.ts';
import type { Observation } from '../plan/observation.ts';
import { rowsOf } from '../plan/rows/seen-rows.ts';
import type { Resources } from '../values/resources.ts';
import { styleOf } from '../tasks/capacity/learning/styles.ts';

type Seen = Pick<Observation, 'requests' | 'nodes' | 'aside' | 'pool'>;

/** Of the requests that the tick looked at, those of such styles. */
export function demandNow(seen: Seen, isWanted: (style: LearningStyle) => boolean = () => true): Resources {
  // One by one, as there may be many: no object is made for each.
  let [cpuMilli, memoryMib, gpu] = [0, 0, 0];
  const add = (learningStyle: LearningStyle | null, resources: Resources, count: number): void => {
    if (!isWanted(styleOf({ learningStyle }, seen.pool))) return;
    cpuMilli += resources.cpuMilli * count;
    memoryMib += resources.memoryMib * count;
    gpu += resources.gpu * count;
  };
  const { settledDemand, unsettled, aside } = rowsOf(seen);
  for (const { style, resources } of settledDemand) add(style, resources, 1);
  for (const { record } of unsettled)
    if (record.endedAtMs === null && !aside.has(record.id))
      add(record.spec.learningStyle, record.spec.resources, record.counts.pending + record.counts.running);
  return { cpuMilli, memoryMib, gpu };
}

/** What the history notes: a pool that forecasts leaves out requests that say not to. */
export function notedDemand(seen: Seen): Resources {
  return forecastsDemand(seen.pool.learningStyle) ? forecastDemand(seen) : demandNow(seen);
}

/** Of requests whose demand is forecast. */
export function forecastDemand(seen: Seen): Resources {
  return demandNow(seen, forecastsDemand);
}
