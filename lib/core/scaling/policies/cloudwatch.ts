// Metrics of CloudWatch that policies go by: which period counts, for how long a value counts, and what is kept of it.
// All metrics of a pool that have one period are read together, once for each period, when it has been over for a
// minute: CloudWatch's own metrics come so late. What CloudWatch does not say is missing: it never moves anything in.
import type { CloudWatchMetric } from '../../records/pool.ts';
import { shortHash } from '../../values/dictionary.ts';

/** Of one pool, with its services: as many as one call of GetMetricData takes. */
export const cloudWatchMetricsMax = 500;
/** A period counts when it has been over for so long. */
export const settleMs = 60_000;
/** The newest of so many periods counts. */
const periodsBack = 3;
/** Above that a value counts for so long, when CloudWatch is not read or does not answer. */
const graceMs = 120_000;
/** What could not be read is tried again in the next minute. */
const minuteMs = 60_000;

/** The short name of a metric: its statistic and period are part of it. */
export function metricId({ namespace, metricName, dimensions, statistic, periodMs }: CloudWatchMetric): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return shortHash(JSON.stringify([namespace, metricName, sorted, statistic, periodMs]));
}

/** What was last read. `value` null: CloudWatch had none; `problem`: why, where it says so. */
export interface Reading {
  readonly value: number | null;
  /** The end of the period that it is of; null: there is no value. */
  readonly atMs: number | null;
  readonly problem?: string;
}

/** As it is stored: written where a value or a problem is another one, not for each look. */
export interface CloudWatchRecord {
  /** By {@link metricId}. */
  readonly readings: Readonly<Record<string, Reading>>;
  /** Why CloudWatch was not read the last time, with a cure; null: it was. */
  readonly problem: string | null;
  /** Why metrics that are not in it are never read; absent: all are. */
  readonly leftOut?: string;
}

export const noReadings: CloudWatchRecord = { readings: {}, problem: null };

/** By length of period in ms: until when metrics of that period were read. */
export type ReadUntil = Readonly<Record<string, number>>;

/** What one decision sees of CloudWatch. */
export interface CloudWatchSeen extends CloudWatchRecord {
  readonly until: ReadUntil;
  /** When the next period can be read; null: nobody goes by a metric. */
  readonly nextMs: number | null;
}

/** The span that is asked for: [from, to), whole periods, of which the last has settled. */
export function spanOf(periodMs: number, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const toMs = Math.floor((nowMs - settleMs) / periodMs) * periodMs;
  return { fromMs: toMs - periodsBack * periodMs, toMs };
}

/** When the period after that one can be read. */
export function nextSpanAtMs(periodMs: number, nowMs: number): number {
  return spanOf(periodMs, nowMs).toMs + periodMs + settleMs;
}

export function againAfterFailureMs(nowMs: number): number {
  return (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
}

export type KnownMetric =
  | { readonly kind: 'value'; readonly value: number; readonly atMs: number }
  /** `reason`: for people. */
  | { readonly kind: 'missing'; readonly reason: string };

/** What counts of a metric now. */
export function knownOf(metric: CloudWatchMetric, seen: CloudWatchSeen | null, nowMs: number): KnownMetric {
  const name = `${metric.namespace} ${metric.metricName}`;
  const missing = (reason: string): KnownMetric => ({ kind: 'missing', reason: `${name} has no data: ${reason}` });
  const problem = seen?.problem ?? null;
  const id = metricId(metric);
  const reading = seen !== null && Object.hasOwn(seen.readings, id) ? seen.readings[id] : undefined;
  if (reading === undefined) return missing(problem ?? seen?.leftOut ?? 'CloudWatch has not been read yet');
  const { value, atMs, problem: own } = reading;
  const periods = `${String(periodsBack)} periods of ${String(metric.periodMs / 1000)} s`;
  if (value === null || atMs === null) return missing(own ?? problem ?? `none came in the last ${periods}`);
  const readMs = seen?.until[String(metric.periodMs)] ?? atMs;
  if (nowMs - readMs > periodsBack * metric.periodMs + graceMs)
    return missing(problem ?? `CloudWatch was last read for ${new Date(readMs).toISOString()}`);
  return { kind: 'value', value, atMs };
}

/** The words for a value that counts. */
export function asOf({ atMs }: { readonly atMs: number }): string {
  return `CloudWatch until ${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Whether the two say the same to who decides: when the values came does not matter. */
export function saysTheSame(a: CloudWatchRecord, b: CloudWatchRecord): boolean {
  const ids = Object.keys(a.readings);
  return (
    a.problem === b.problem
    && a.leftOut === b.leftOut
    && ids.length === Object.keys(b.readings).length
    && ids.every((id) => {
      const [one, other] = [a.readings[id], Object.hasOwn(b.readings, id) ? b.readings[id] : undefined];
      return one?.value === other?.value && one?.problem === other?.problem && other !== undefined;
    })
  );
}
