// What a service forecasts of what its policies want, for people: worked out anew from its history.
import type { PoolMemory } from '../../core/plan/observation.ts';
import { forecastQuantileDefault } from '../../core/records/pool.ts';
import { demandMilliOf } from '../../core/services/forecast/demand.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import type { ServiceSignals } from '../../core/services/scaling.ts';
import type { ControlPorts } from '../ports.ts';
import { openRows } from '../requests/stats.ts';
import { keys } from '../store/keys.ts';
import type { NodesSeen } from '../store/seen.ts';
import { reading } from '../store/store-retry.ts';
import { lastCloudWatch } from '../tick/scaling/cloudwatch.ts';
import { forecastFromHistory } from '../tick/scaling/service-forecasts.ts';
import { reportedTo } from './metrics.ts';
import { findService } from './services.ts';
import { signalsSeen } from './signals.ts';
import type { ShownServiceForecast } from './use-cases.ts';

/** What its policies go by now, with what the last tick knew of CloudWatch. */
export async function signalsNow(ports: ControlPorts, seen: NodesSeen, record: ServiceRecord): Promise<ServiceSignals> {
  const { reported } = await reportedTo(ports, [{ record }]);
  const cloudWatch = await lastCloudWatch(ports, { spec: { name: record.pool }, services: [{ record }] });
  return signalsSeen(record, {
    nowMs: ports.clock.nowMs(),
    nodes: await seen.of(record.pool),
    reported,
    cloudWatch,
    rows: () => openRows(ports, record.pool),
  });
}

type Worked = Awaited<ReturnType<typeof forecastFromHistory>> & { readonly demandMilli: number | null };

export async function forecastNow(
  ports: ControlPorts,
  record: ServiceRecord,
  signals: ServiceSignals,
): Promise<Worked> {
  const memory = await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(record.pool)));
  const demandMilli = record.scaling === undefined ? null : demandMilliOf(record.scaling, signals, record.replicas);
  return { demandMilli, ...(await forecastFromHistory(ports, record, demandMilli, memory?.data.bootMs)) };
}

/** null: unknown. */
export async function forecastOfService(
  ports: ControlPorts,
  seen: NodesSeen,
  tenant: string,
  name: string,
): Promise<ShownServiceForecast | null> {
  const service = await findService(ports, tenant, name);
  if (service === null) return null;
  const record = service.data;
  const { learning, known, leadMs, demandMilli } = await forecastNow(
    ports,
    record,
    await signalsNow(ports, seen, record),
  );
  return {
    learningStyle: record.scaling?.learningStyle ?? 'reactive',
    quantile: record.scaling?.forecastQuantile ?? forecastQuantileDefault,
    leadMs,
    demandMilli,
    known,
    scores: learning.scores(),
  };
}
