// What a pool forecasts of its own demand, for people: worked out anew from its history.
import { lastDemand } from '../../../core/forecast/history.ts';
import { Learning, knownMsEnough, leadMsDefault } from '../../../core/forecast/learning.ts';
import type { PoolMemory } from '../../../core/plan/observation.ts';
import { effectivePrices } from '../../../core/lifetimes/effective-prices.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { forecastQuantileDefault } from '../../../core/records/pool.ts';
import type { ShownForecast } from '../../../core/scaling/shown-forecast.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { queryAll, reading } from '../../store/store-retry.ts';
import { historyDaysOf, historyOf, readHistory } from '../../tick/scaling/demand-history.ts';
import { forecastNow } from '../../tick/scaling/forecasts.ts';
import { offeringsOfPool, readPool } from '../pools.ts';

/** null: there is no such pool. */
export async function forecastOfPool(
  ports: ControlPorts,
  { decisions }: Pick<ControlSettings, 'decisions'>,
  name: string,
): Promise<ShownForecast | null> {
  const pool = await readPool(ports, name);
  if (!pool) return null;
  const { spec } = pool.data;
  const memory = await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name)));
  const history = historyOf(await readHistory(ports, name));
  const leadMs = memory?.data.bootMs ?? leadMsDefault;
  const nowMs = ports.clock.nowMs();
  const learning = new Learning(history, nowMs, leadMs);
  const demand = lastDemand(history);
  const known = forecastNow(learning, spec, nowMs, demand, leadMs);
  return {
    learningStyle: spec.learningStyle,
    quantile: spec.forecastQuantile ?? forecastQuantileDefault,
    leadMs,
    demandMilli: demand.cpuMilli,
    forecast: known.kind === 'forecast' ? known.forecast : null,
    missing:
      historyDaysOf(spec) === 0
        ? 'no history is kept: historyDays is 0'
        : `it knows its demand of ${minutes(known.kind === 'forecast' ? 0 : known.knownMs)}, and needs `
          + `${minutes(knownMsEnough)} at least`,
    scores: learning.scores(),
    offerings: effectivePrices(
      await offeringsOfPool(ports, spec),
      memory?.data.offerings,
      (await queryAll<NodeRecord>(ports, keys.nodes(name))).map((one) => one.data),
      nowMs,
      decisions,
    ),
  };
}

function minutes(ms: number): string {
  return `${String(Math.round(ms / 60_000))} minutes`;
}
