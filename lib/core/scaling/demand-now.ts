// What the tasks of a pool want now, waiting and running ones together.
import { forecastsDemand } from '../records/pool.ts';
import type { Observation } from '../plan/observation.ts';
import { activeRequests } from '../plan/working-copy.ts';
import type { Resources } from '../values/resources.ts';
import { addResources, noResources, timesResources } from '../values/resources.ts';
import { withForecastOnly } from '../tasks/capacity/learning/styles.ts';

/** Of the requests that the tick looked at. */
export function demandNow(observation: Pick<Observation, 'requests' | 'aside'>): Resources {
  let sum = noResources;
  for (const { record } of activeRequests(observation)) {
    if (record.endedAtMs !== null) continue;
    const { pending, running } = record.counts;
    sum = addResources(sum, timesResources(record.spec.resources, pending + running));
  }
  return sum;
}

/** What the history notes: a pool that forecasts leaves out requests that say not to. */
export function notedDemand(seen: Pick<Observation, 'requests' | 'aside' | 'pool'>): Resources {
  return demandNow(forecastsDemand(seen.pool.learningStyle) ? withForecastOnly(seen) : seen);
}

/** Of requests whose demand is forecast. */
export function forecastDemand(seen: Pick<Observation, 'requests' | 'aside' | 'pool'>): Resources {
  return demandNow(withForecastOnly(seen));
}
