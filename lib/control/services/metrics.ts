// Numbers that owners report of their services, for policies to go by. Each service has them in one record, beside its
// document: they change often.
import type { Versioned } from '../../core/plan/observation.ts';
import type { Observation } from '../../core/plan/observation.ts';
import type { Reported, ReportedRecord } from '../../core/services/policies.ts';
import { reportedAheadMsMax } from '../../core/services/policies.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { reportedMetricsOf, withReported } from '../../core/services/scaling.ts';
import { raiseWake } from '../coordination/wake.ts';
import { NotPossibleError } from '../errors.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { reading, update } from '../store/store-retry.ts';
import { findService } from './services.ts';

/** Long after all of it is stale. */
const keptMs = 24 * 3_600_000;

/** By id of each service whose policies go by them; nothing is read for others. */
export async function reportedTo(
  ports: ReadingPorts,
  services: readonly Pick<Versioned<ServiceRecord>, 'record'>[],
): Promise<Pick<Observation, 'reported'>> {
  const asking = services.flatMap(({ record }) =>
    record.scaling !== undefined && reportedMetricsOf(record.scaling).length > 0 ? [record] : [],
  );
  if (asking.length === 0) return {};
  const items = await reading(ports, () =>
    ports.store.getMany<ReportedRecord>(asking.map((one) => keys.reported(one))),
  );
  const reported = new Map<string, ReportedRecord['metrics']>();
  for (const item of items) if (item !== null) reported.set(item.data.service, item.data.metrics);
  return { reported };
}

/**
 * Answers what is known then: a number that is not newer than the one that is there changes nothing. null: there is no
 * such service.
 * @throws NotPossibleError no policy goes by it, or it is of the future
 */
export async function reportMetric(
  ports: ControlPorts,
  { tenant, name, metric }: { readonly tenant: string; readonly name: string; readonly metric: string },
  { value, atMs }: { readonly value: number; readonly atMs: number | null },
): Promise<Reported | null> {
  const service = await findService(ports, tenant, name);
  if (service === null) return null;
  const { id, scaling } = service.data;
  const metrics = scaling === undefined ? [] : reportedMetricsOf(scaling);
  if (!metrics.includes(metric))
    throw new NotPossibleError(
      `no policy of service ${name} goes by the reported metric ${metric}; `
        + (metrics.length === 0
          ? 'none goes by any; declare one with metric "reported"'
          : `they go by ${metrics.join(', ')}`),
    );
  const nowMs = ports.clock.nowMs();
  const aheadMs = (atMs ?? nowMs) - nowMs;
  if (aheadMs > reportedAheadMsMax)
    throw new NotPossibleError(
      `${metric} is of a time ${String(Math.round(aheadMs / 1000))} s ahead; set the clock of what reports it, or `
        + 'leave the time out',
    );
  const key = keys.reported(service.data);
  const { item, isChanged } = await update<ReportedRecord>(ports, key, (current) => {
    const before = current?.data ?? null;
    // Now, not then: a call that stood still would take what was noted meanwhile for a number of a time to come.
    const lookedAtMs = ports.clock.nowMs();
    const data = withReported(before, { service: id, metric, value, atMs: atMs ?? nowMs }, metrics, lookedAtMs);
    return data === before ? null : { ...key, data, expiresAtMs: nowMs + keptMs };
  });
  // Also by a repeat: the first one may have stopped between its write and this.
  const known = item?.data.metrics[metric] ?? null;
  if (isChanged || known?.value === value) await raiseWake(ports, service.data.pool);
  return known;
}
