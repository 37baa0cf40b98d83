// Learning styles of a run: some pools forecast, some choose by what they learn, and some requests say otherwise. A
// forecast needs days of history, which a run does not last: it begins with a past that wants something at this time of
// each day.
import type { Curve } from '../../core/forecast/history.ts';
import { keys } from '../../control/store/keys.ts';
import type { LearningStyle, PoolSpec } from '../../core/records/pool.ts';
import type { Item, Store } from '../../ports/store.ts';
import { epochMs } from '../kernel.ts';
import type { Streams } from '../random.ts';
import type { Workload } from './workload.ts';

const minuteMs = 60_000;
const dayMinutes = 1_440;
const days = 3;
const forecasting: readonly LearningStyle[] = ['predictive', 'adaptive'];
/** `scheduled` needs a schedule, which no pool of a run has. */
const leftOut: readonly (LearningStyle | null)[] = [null, null, 'reactive'];
const ofRequests: readonly (LearningStyle | null)[] = [null, null, 'reactive', 'predictive', 'adaptive'];

export interface Styled {
  readonly workload: Workload;
  readonly past: readonly Pick<Item<Curve>, 'pk' | 'sk' | 'data'>[];
}

/**
 * Two runs in five have them: of three one where pools forecast nothing and requests do. Drawn by themselves: nothing
 * else of a run is another for it.
 */
export function drawStyles(streams: Streams, workload: Workload, isAsked?: boolean): Styled {
  const stream = streams.named('styles');
  const hasStyles = stream.chance(0.4);
  if (!(isAsked ?? hasStyles)) return { workload, past: [] };
  const isOwn = stream.chance(0.33);
  const pools = workload.pools.map((one): PoolSpec => ({
    ...one,
    learningStyle: isOwn ? 'reactive' : stream.pick(forecasting),
  }));
  const requests = workload.requests.map((one) => ({
    ...one,
    spec: { ...one.spec, learningStyle: stream.pick(isOwn ? ofRequests : leftOut) },
  }));
  const past = pools.flatMap(({ name }) => {
    const cpuMilli = 1_000 * stream.integer(1, 12);
    const beginsMin = stream.integer(-5, 10);
    const curves = pastOf(cpuMilli, beginsMin, Math.ceil(workload.busyMs / minuteMs));
    return curves.flatMap(({ level, data }) => [
      { ...keys.history(name, level), data },
      { ...keys.ownHistory(name, level), data },
    ]);
  });
  return { workload: { ...workload, pools, requests }, past };
}

/** For three days as much each day, from so many minutes after this time of day on. */
function pastOf(cpuMilli: number, beginsMin: number, lastsMin: number) {
  const now = Math.floor(epochMs / minuteMs);
  const hour = Math.floor(now / 60) * 60;
  const from = hour - days * dayMinutes;
  const points = [0, 0, 0, 0];
  for (let day = -days; day < 0; day += 1) {
    const at = now + day * dayMinutes + beginsMin - from;
    if (at > 0 && at + lastsMin < hour - from) points.push(at, cpuMilli, 2 * cpuMilli, 0, at + lastsMin, 0, 0, 0);
  }
  return [
    { level: 'minutes', data: { from, to: hour, points } },
    { level: 'open', data: { from: hour, to: hour, points: [0, 0, 0, 0] } },
  ] as const;
}

/** Before anything else happens. */
export async function writePast(store: Pick<Store, 'put'>, past: Styled['past']): Promise<void> {
  for (const [at, item] of past.entries())
    await store.put({ item, condition: 'absent', writeId: `past ${String(at)}` });
}

/** The pool as it is in the end: it buys nothing ahead, and looks for nothing that it could. */
export function withoutForecast(spec: PoolSpec): PoolSpec {
  return spec.learningStyle === 'reactive' ? { ...spec, historyDays: 0 } : { ...spec, learningStyle: 'reactive' };
}
