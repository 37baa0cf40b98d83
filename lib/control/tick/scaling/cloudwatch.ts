// What policies of a pool and of its services know of CloudWatch. A tick reads what is due, all metrics of one period
// with one call, and keeps it in its process; the store has it for the next process and for people, and is written only
// where a value or a problem is another one. Until when each was read is in the lock, which is written anyway.
import type { Versioned } from '../../../core/plan/observation.ts';
import type { CloudWatchMetric, PoolSpec } from '../../../core/records/pool.ts';
import type {
  CloudWatchRecord,
  CloudWatchSeen,
  Reading,
  ReadUntil,
} from '../../../core/scaling/policies/cloudwatch.ts';
import {
  againAfterFailureMs,
  cloudWatchMetricsMax,
  metricId,
  nextSpanAtMs,
  noReadings,
  saysTheSame,
  spanOf,
} from '../../../core/scaling/policies/cloudwatch.ts';
import { cloudWatchMetricsOf as metricsOfHeadroom } from '../../../core/scaling/policies/headroom.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import { cloudWatchMetricsOf as metricsOfService } from '../../../core/services/scaling.ts';
import { assert } from '../../../core/values/errors.ts';
import type { MetricAnswer } from '../../../ports/metrics/cloudwatch.ts';
import { MetricsUnreadError } from '../../../ports/metrics/cloudwatch.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { readLock, withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ReadingPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading, transact } from '../../store/store-retry.ts';

/** Where metrics are invalid their batch is halved until it is known which: so many calls at a time. */
const callsPerSpanMax = 20;

/** What one process knows of one pool. */
interface PoolMetrics {
  readonly readings: Map<string, Reading>;
  until: ReadUntil;
  problem: string | null;
  /** Why some are never read; null: all are. */
  leftOut: string | null;
  /** What could not be read is not read again before. */
  againMs: number;
  /** As it is in the store. */
  stored: { readonly record: CloudWatchRecord; readonly version: number | null };
}

/** By pool. Losing it costs a call, never correctness. */
export type MetricsMemory = Map<string, PoolMetrics>;

interface Asking {
  readonly spec: Pick<PoolSpec, 'name' | 'policies'>;
  readonly services: readonly Pick<Versioned<ServiceRecord>, 'record'>[];
  /** Of a pool: null: it is not being deleted. */
  readonly deletingSinceMs?: number | null;
}

interface Wanted {
  /** By id. Empty: nobody goes by CloudWatch. */
  readonly metrics: ReadonlyMap<string, CloudWatchMetric>;
  /** Why some of them are not read; null: all are. */
  readonly problem: string | null;
}

function wantedBy({ spec, services, deletingSinceMs: poolDeletingSinceMs = null }: Asking): Wanted {
  const all = new Map<string, CloudWatchMetric>();
  if (poolDeletingSinceMs !== null) return { metrics: all, problem: null };
  for (const one of metricsOfHeadroom(spec)) all.set(metricId(one), one);
  for (const { scaling, deletingSinceMs, quarantine } of services.map(({ record }) => record))
    if (scaling !== undefined && deletingSinceMs === null && quarantine === undefined)
      for (const one of metricsOfService(scaling)) all.set(metricId(one), one);
  if (all.size <= cloudWatchMetricsMax) return { metrics: all, problem: null };
  const problem =
    `policies of pool ${spec.name} and of its services name ${String(all.size)} metrics, and `
    + `${String(cloudWatchMetricsMax)} of a pool are read: put some services into another pool, or use fewer metrics`;
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  return { metrics: new Map(sorted.slice(0, cloudWatchMetricsMax)), problem };
}

/**
 * What a tick decides by; reads CloudWatch where a new period can be read. `memory` null: CloudWatch is not read.
 * null: nobody goes by it.
 */
export async function cloudWatchNow(
  ports: Pick<ControlPorts, 'store' | 'clock' | 'random' | 'cloudWatch'>,
  memory: MetricsMemory | null,
  asking: Asking,
): Promise<CloudWatchSeen | null> {
  if (memory === null) return lastCloudWatch(ports, asking);
  const { name } = asking.spec;
  const wanted = wantedBy(asking);
  if (wanted.metrics.size === 0) {
    memory.delete(name);
    return null;
  }
  const known = memory.get(name) ?? (await remembered(ports, name));
  memory.set(name, known);
  known.leftOut = wanted.problem;
  for (const id of known.readings.keys()) if (!wanted.metrics.has(id)) known.readings.delete(id);
  const nowMs = ports.clock.nowMs();
  // After one that failed the others wait, too: a tick has more to do than to wait for CloudWatch.
  for (const [periodMs, metrics] of dueOf(wanted.metrics, known, nowMs))
    if (!(await readSpan(ports, known, periodMs, metrics))) break;
  assert(known.readings.size <= cloudWatchMetricsMax, 'more metrics are known than may be');
  return seenOf(known, wanted.metrics, nowMs);
}

/** By period: those of which a newer one can be read, and those that were never read. */
function dueOf(
  wanted: ReadonlyMap<string, CloudWatchMetric>,
  known: PoolMetrics,
  nowMs: number,
): ReadonlyMap<number, ReadonlyMap<string, CloudWatchMetric>> {
  const due = new Map<number, Map<string, CloudWatchMetric>>();
  if (nowMs < known.againMs) return due;
  for (const [id, metric] of wanted) {
    const { periodMs } = metric;
    if (known.readings.has(id) && spanOf(periodMs, nowMs).toMs <= (known.until[String(periodMs)] ?? 0)) continue;
    const same = due.get(periodMs) ?? new Map<string, CloudWatchMetric>();
    due.set(periodMs, same.set(id, metric));
  }
  return due;
}

/** false: it was not read. */
async function readSpan(
  ports: Pick<ControlPorts, 'clock' | 'cloudWatch'>,
  known: PoolMetrics,
  periodMs: number,
  metrics: ReadonlyMap<string, CloudWatchMetric>,
): Promise<boolean> {
  const nowMs = ports.clock.nowMs();
  const { fromMs, toMs } = spanOf(periodMs, nowMs);
  const fail = (problem: string): false => {
    known.problem = problem;
    known.againMs = againAfterFailureMs(nowMs);
    return false;
  };
  if (ports.cloudWatch === undefined)
    return fail('this installation has no CloudWatch; report the metric instead (metric "reported")');
  const batches = batchesOf(metrics, known);
  let calls = 0;
  for (let batch = batches.shift(); batch !== undefined && calls < callsPerSpanMax; batch = batches.shift()) {
    calls += 1;
    try {
      const answers = await ports.cloudWatch.read(
        batch.map(([, metric]) => metric),
        fromMs,
        toMs,
      );
      for (const [n, [id]] of batch.entries())
        known.readings.set(id, readingOf(answers[n] ?? { kind: 'none' }, periodMs));
    } catch (error) {
      if (!(error instanceof MetricsUnreadError)) throw error;
      if (!error.isInvalid) return fail(error.message);
      const half = Math.ceil(batch.length / 2);
      if (batch.length > 1) batches.unshift(batch.slice(0, half), batch.slice(half));
      for (const [id] of batch.length === 1 ? batch : [])
        known.readings.set(id, { value: null, atMs: null, problem: error.message });
    }
  }
  const unread = batches.flat().find(([id]) => !known.readings.has(id));
  if (unread !== undefined) return fail('several metrics of the pool are invalid: others are read in a minute');
  known.until = { ...known.until, [String(periodMs)]: toMs };
  known.problem = null;
  return true;
}

/** All together; but those that CloudWatch refused the last time each alone, and at last. */
function batchesOf(
  metrics: ReadonlyMap<string, CloudWatchMetric>,
  known: PoolMetrics,
): (readonly (readonly [string, CloudWatchMetric])[])[] {
  const isRefused = (id: string): boolean => known.readings.get(id)?.problem !== undefined;
  const sound = [...metrics].filter(([id]) => !isRefused(id));
  const refused = [...metrics].filter(([id]) => isRefused(id));
  return [...(sound.length === 0 ? [] : [sound]), ...refused.map((one) => [one])];
}

function readingOf(answer: MetricAnswer, periodMs: number): Reading {
  switch (answer.kind) {
    case 'value':
      return { value: answer.value, atMs: answer.atMs + periodMs };
    case 'failed':
      return { value: null, atMs: null, problem: answer.message };
    case 'none':
      return { value: null, atMs: null };
  }
}

function seenOf(known: PoolMetrics, metrics: ReadonlyMap<string, CloudWatchMetric>, nowMs: number): CloudWatchSeen {
  const next = [...metrics.values()].map(({ periodMs }) => nextSpanAtMs(periodMs, nowMs));
  const nextMs = nowMs < known.againMs ? known.againMs : Math.min(...next);
  return { ...recordOf(known), until: known.until, nextMs };
}

function recordOf({ readings, problem, leftOut }: PoolMetrics): CloudWatchRecord {
  const sorted = [...readings].sort(([a], [b]) => (a < b ? -1 : 1));
  return { readings: Object.fromEntries(sorted), problem, ...(leftOut === null ? {} : { leftOut }) };
}

/** What the process before left. */
async function remembered(ports: ReadingPorts, pool: string): Promise<PoolMetrics> {
  const { record, version, until } = await readStored(ports, pool);
  const readings = new Map(Object.entries(record.readings));
  return { readings, until, problem: record.problem, leftOut: null, againMs: 0, stored: { record, version } };
}

async function readStored(
  ports: ReadingPorts,
  pool: string,
): Promise<{ readonly record: CloudWatchRecord; readonly version: number | null; readonly until: ReadUntil }> {
  const item = await reading(ports, () => ports.store.get<CloudWatchRecord>(keys.cloudWatch(pool)));
  const lock = await readLock(ports, pool);
  return { record: item?.data ?? noReadings, version: item?.version ?? null, until: lock?.data.metricsUntil ?? {} };
}

/** As the last tick left it, for who does not read CloudWatch: people, and alarms. null: nobody goes by it. */
export async function lastCloudWatch(ports: ReadingPorts, asking: Asking): Promise<CloudWatchSeen | null> {
  if (wantedBy(asking).metrics.size === 0) return null;
  const { record, until } = await readStored(ports, asking.spec.name);
  return { ...record, until, nextMs: null };
}

/** The last thing that a tick does with it: what is new for the store is written. @throws FencedError */
export async function keepCloudWatch(
  ports: ControlPorts,
  lock: TickLock,
  memory: MetricsMemory,
): Promise<{ readonly metricsUntil?: ReadUntil }> {
  const known = memory.get(lock.pool);
  if (known === undefined) return {};
  const record = recordOf(known);
  if (!saysTheSame(record, known.stored.record)) {
    const key = keys.cloudWatch(lock.pool);
    const { version } = known.stored;
    const isWritten = await withFence(lock, (fence) =>
      transact(ports, [fence, { op: 'put', item: { ...key, data: record }, condition: version ?? 'absent' }]),
    );
    const item = await reading(ports, () => ports.store.get<CloudWatchRecord>(key));
    // What lost to another write is compared with that one by the next tick.
    known.stored = { record: isWritten ? record : (item?.data ?? noReadings), version: item?.version ?? null };
  }
  return { metricsUntil: known.until };
}
