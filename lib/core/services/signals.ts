// What policies of a service go by, as one decision sees it.
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { RequestRecord } from '../records/request.ts';
import { usageOf } from './measured.ts';
import type { ServiceRecord } from './record.ts';
import type { ReplicaState } from './replica-state.ts';
import type { ServiceSignals } from './scaling.ts';

/** `live`: its replicas that shall stay. */
export function signalsOf(record: ServiceRecord, live: readonly ReplicaState[], copy: WorkingCopy): ServiceSignals {
  const { id, tenant } = record;
  return {
    nowMs: copy.nowMs,
    waiting: isByWaiting(record) ? (waitingIn(copy).get(tenant) ?? 0) : 0,
    usage: usageOf(
      live.map(({ phase, assignment, node }) => ({ isReady: phase === 'ready', assignment, node })),
      copy.nowMs,
    ),
    reported: copy.seen.reported?.get(id) ?? {},
    ...forecastIn(copy, id),
    ...(copy.seen.cloudWatch === undefined ? {} : { cloudWatch: copy.seen.cloudWatch }),
  };
}

function forecastIn({ seen }: WorkingCopy, id: string): Pick<ServiceSignals, 'forecast'> {
  const found = seen.serviceForecasts?.get(id);
  return found === undefined ? {} : { forecast: found.known };
}

const waitingOf = new WeakMap<WorkingCopy, ReadonlyMap<string, number>>();

function waitingIn(copy: WorkingCopy): ReadonlyMap<string, number> {
  const known = waitingOf.get(copy);
  if (known) return known;
  const waiting = waitingByTenant(copy.waiting());
  waitingOf.set(copy, waiting);
  return waiting;
}

/** How many tasks of each tenant wait, replicas of services not counted. */
export function waitingByTenant(requests: readonly RequestRecord[]): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  for (const { tenant, spec, endedAtMs, cancelRequestedAtMs, counts } of requests)
    if (spec.service === undefined && endedAtMs === null && cancelRequestedAtMs === null)
      waiting.set(tenant, (waiting.get(tenant) ?? 0) + counts.pending);
  return waiting;
}

/** Whether one of its policies looks at how many tasks wait. */
export function isByWaiting({ scaling }: Pick<ServiceRecord, 'scaling'>): boolean {
  return scaling?.policies.some((one) => 'metric' in one && one.metric.kind === 'waiting') ?? false;
}
