// Bugs of services, planted as in planted-bugs.ts: the checkers have to notice.
import type { ServiceRecord } from '../../lib/core/services/record.ts';
import type { GroupTargets } from '../../lib/core/services/targets/record.ts';
import type { ReportedRecord } from '../../lib/core/services/policies.ts';
import { reportedStaleMs } from '../../lib/core/services/policies.ts';
import type { Tampering } from '../../lib/simulator/run/types.ts';
import type { MetricSource } from '../../lib/ports/metrics/cloudwatch.ts';
import type { Item, PutItem } from '../../lib/ports/store.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { rewriting } from './planted-bugs.ts';

/** Of documents that list replicas. */
function changeService(item: PutItem, change: (service: ServiceRecord) => ServiceRecord): PutItem {
  const service = item.data as ServiceRecord;
  return item.pk.startsWith('SERVICES#') && service.running.length > 0 ? { ...item, data: change(service) } : item;
}

/** Changes what is read of reported metrics: by ticks, or by those who report. */
function rereading(
  by: 'ticks' | 'reports',
  change: (record: ReportedRecord, nowMs: number) => ReportedRecord,
): Tampering {
  return {
    ports: (ports) => {
      const { store, clock } = ports;
      const reread = <T>(item: Item<T> | null): Item<T> | null =>
        item?.pk.startsWith('REPORTED#') === true
          ? { ...item, data: change(item.data as ReportedRecord, clock.nowMs()) as T }
          : item;
      const changed =
        by === 'ticks'
          ? {
              ...store,
              getMany: async <T>(keys: Parameters<typeof store.getMany>[0]) =>
                (await store.getMany<T>(keys)).map(reread),
            }
          : { ...store, get: async <T>(key: Parameters<typeof store.get>[0]) => reread(await store.get<T>(key)) };
      return { ...ports, store: changed };
    },
  };
}

function everyMetric(
  { service, metrics }: ReportedRecord,
  change: (one: ReportedRecord['metrics'][string]) => ReportedRecord['metrics'][string],
): ReportedRecord {
  return { service, metrics: Object.fromEntries(Object.entries(metrics).map(([name, one]) => [name, change(one)])) };
}

export const plantedServiceBugs: readonly PlantedBug[] = [
  {
    name: 'forget a replica that was started',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) => changeService(item, ({ running, ...rest }) => ({ ...rest, running: running.slice(1) }))),
  },
  {
    name: 'forget a machine that is a replica',
    invariants: [20],
    ...{ hasServices: true, isClaimed: true },
    plant: () =>
      rewriting((item) =>
        changeService(item, (one) => (one.name === 'machines' ? { ...one, running: one.running.slice(1) } : one)),
      ),
  },
  {
    name: 'stop a machine that is still wanted',
    invariants: [20],
    ...{ hasServices: true, isClaimed: true },
    plant: () =>
      rewriting((item) =>
        changeService(item, (one) => {
          const isStopping = one.running.some(({ stop }) => stop !== null);
          return one.name === 'machines' && one.scaling === undefined && isStopping
            ? { ...one, replicas: one.replicas + 2 }
            : one;
        }),
      ),
  },
  {
    name: 'start replicas beyond the surge',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) => changeService(item, (one) => ({ ...one, replicas: Math.max(0, one.replicas - 1) }))),
  },
  {
    name: 'drain what is to go for ever',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) =>
        changeService(item, (one) => ({
          ...one,
          running: one.running.map((replica) => ({
            ...replica,
            stop: replica.stop && { ...replica.stop, cancelAtMs: replica.stop.atMs + 1_000 * 3_600_000 },
          })),
        })),
      ),
  },
  {
    name: 'declare a service without telling its pool',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) =>
        item.pk === 'POOLS' ? { ...item, data: { ...(item.data as object), hasServices: false } } : item,
      ),
  },
  {
    name: 'scale beyond the most',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) =>
        changeService(item, (one) =>
          one.scaling?.max === one.replicas ? { ...one, replicas: one.scaling.max + 1 } : one,
        ),
      ),
  },
  {
    name: 'take a metric that is missing for zero',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rereading('ticks', (record, nowMs) =>
        everyMetric(record, (one) => (nowMs - one.atMs > reportedStaleMs ? { value: 0, atMs: nowMs } : one)),
      ),
  },
  {
    name: 'believe a report that comes late',
    invariants: [20],
    hasServices: true,
    plant: () => rereading('reports', (record) => everyMetric(record, (one) => ({ ...one, atMs: 0 }))),
  },
  {
    name: 'act again on an alarm whose event is doubled',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) =>
        changeService(item, (one) => ({ ...one, ...(one.scaled && { scaled: withoutTimes(one.scaled) }) })),
      ),
  },
  {
    name: 'take a metric without data for 0',
    invariants: [20],
    hasServices: true,
    plant: () => ({
      ports: (ports) => ({ ...ports, ...(ports.cloudWatch && { cloudWatch: withZeros(ports.cloudWatch) }) }),
    }),
  },
  {
    name: 'register what is written down only after the call',
    invariants: [20],
    hasServices: true,
    plant: () =>
      rewriting((item) => {
        const record = item.data as GroupTargets;
        if (!item.pk.startsWith('TARGETS#')) return item;
        const known = Object.entries(record.targets).filter(([, one]) => one.state !== 'adding');
        return { ...item, data: { ...record, targets: Object.fromEntries(known) } };
      }),
  },
  {
    name: 'take what was deregistered for gone, though it is not',
    invariants: [20],
    hasServices: true,
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        ...(ports.targetGroups && { targetGroups: { ...ports.targetGroups, deregister: async () => {} } }),
      }),
    }),
  },
];

function withZeros(source: MetricSource): MetricSource {
  return {
    read: async (metrics, fromMs, toMs) =>
      (await source.read(metrics, fromMs, toMs)).map((answer) =>
        answer.kind === 'none' ? { kind: 'value', value: 0, atMs: fromMs } : answer,
      ),
  };
}

/** What alarms said last is taken for old. */
function withoutTimes(scaled: NonNullable<ServiceRecord['scaled']>): NonNullable<ServiceRecord['scaled']> {
  if (scaled.alarmed === undefined) return scaled;
  const alarms = Object.entries(scaled.alarmed.alarms).map(([name, one]) => [name, { ...one, atMs: 0 }] as const);
  return { ...scaled, alarmed: { ...scaled.alarmed, alarms: Object.fromEntries(alarms) } };
}
