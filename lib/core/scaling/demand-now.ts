// What the tasks of a pool want now, waiting and running ones together.
import { forecastsDemand } from '../records/pool.ts';
import type { Observation } from '../plan/observation.ts';
import { activeRequests } from '../plan/working-copy.ts';
import type { Resources } from '../values/resources.ts';
import { withForecastOnly } from '../tasks/capacity/learning/styles.ts';

/** Of the requests that the tick looked at. */
export function demandNow(observation: Pick<Observation, 'requests' | 'aside'>): Resources {
  // One by one, as a large pool has a hundred thousand: no object is made for each.
  let [cpuMilli, memoryMib, gpu] = [0, 0, 0];
  for (const { record } of activeRequests(observation)) {
    if (record.endedAtMs !== null) continue;
    const count = record.counts.pending + record.counts.running;
    const { resources } = record.spec;
    cpuMilli += resources.cpuMilli * count;
    memoryMib += resources.memoryMib * count;
    gpu += resources.gpu * count;
  }
  return { cpuMilli, memoryMib, gpu };
}

/** What the history notes: a pool that forecasts leaves out requests that say not to. */
export function notedDemand(seen: Pick<Observation, 'requests' | 'aside' | 'pool'>): Resources {
  return demandNow(forecastsDemand(seen.pool.learningStyle) ? withForecastOnly(seen) : seen);
}

/** Of requests whose demand is forecast. */
export function forecastDemand(seen: Pick<Observation, 'requests' | 'aside' | 'pool'>): Resources {
  return demandNow(withForecastOnly(seen));
}
