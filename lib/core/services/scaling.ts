// How many replicas of a service policies want. Its document remembers what alarms have said and how the count moved;
// what metrics say comes with each look.
import type { AlarmedCount, AlarmEvent, AlarmRule } from '../scaling/alarms.ts';
import { alarmsDueAtMs, applyAlarmRules, noteAlarmEvent } from '../scaling/alarms.ts';
import { countAfter } from '../scaling/policies/count.ts';
import type { CloudWatchMetric } from '../records/pool.ts';
import type { CloudWatchSeen } from '../scaling/policies/cloudwatch.ts';
import { asOf, knownOf } from '../scaling/policies/cloudwatch.ts';
import { manualWish } from '../scaling/policies/manual.ts';
import type { Combined, Wish } from '../scaling/policies/policy.ts';
import type { Behaviour } from '../scaling/policies/rates.ts';
import { atOnce, behaviourDefault, neverMoved } from '../scaling/policies/rates.ts';
import { scheduleDueAtMs, scheduleWish } from '../scaling/policies/schedule.ts';
import { stepWish } from '../scaling/policies/step.ts';
import type { Metric } from '../scaling/policies/target.ts';
import { averageOf, targetWish, toleranceDefault } from '../scaling/policies/target.ts';
import { isFarAhead } from '../values/clocks.ts';
import { ownValue } from '../values/dictionary.ts';
import { unreachable } from '../values/errors.ts';
import type { ServiceForecast } from './forecast/wish.ts';
import { forecastWish } from './forecast/wish.ts';
import { reportedAheadMsMax, reportedStaleMs } from './policies.ts';
import type { Reported, ReportedRecord, ServiceMetric, ServicePolicy, ServiceScaling } from './policies.ts';
import type { ServiceEvent, ServiceRecord } from './record.ts';

/** While policies want another count than there is, or go by a metric that nobody announces: as HPA looks. */
const lookAgainMs = 15_000;

/** Usage of the replicas that shall stay, in percent; null: not told lately. */
export interface ReplicaUsage {
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
  /** Replicas that do not serve yet. */
  readonly notReady: number;
}

export interface ServiceSignals {
  readonly nowMs: number;
  readonly waiting: number;
  readonly usage: ReplicaUsage;
  readonly reported: Readonly<Record<string, Reported>>;
  /** Absent: no policy of the pool's services goes by a metric of CloudWatch. */
  readonly cloudWatch?: CloudWatchSeen;
  /** Of a predictive service; absent: nobody has worked it out. */
  readonly forecast?: ServiceForecast;
}

export interface Scaled {
  /** The same where nothing changes. */
  readonly record: ServiceRecord;
  readonly event: ServiceEvent | null;
  readonly wishes: readonly Wish[];
  readonly combined: Combined;
}

/** null: it has no policies. */
export function scaledService(before: ServiceRecord, signals: ServiceSignals): Scaled | null {
  const { scaling, scaled } = before;
  if (scaling === undefined) return null;
  const { min, max, policies } = scaling;
  const { nowMs } = signals;
  const rules = alarmRules(policies);
  const alarmed = applyAlarmRules(alarmedBefore(before, scaling), rules, scaling, null, nowMs).after;
  const ahead = scaling.learningStyle === 'predictive' ? [forecastWish(signals.forecast ?? notWorkedOut)] : [];
  const wishes = [...policies.map((one) => wishOf(one, signals, before.replicas, alarmed)), ...ahead];
  const bounds = { current: before.replicas, min, max };
  const moved = scaled?.moved ?? neverMoved;
  const { count, moved: after, combined } = countAfter(moved, wishes, bounds, behaviourOf(scaling), nowMs);
  const isCalm = count === before.replicas && after === moved && (rules.length === 0 || alarmed === scaled?.alarmed);
  if (isCalm) return { record: before, event: null, wishes, combined };
  const record: ServiceRecord = {
    ...before,
    replicas: count,
    scaled: { moved: after, ...(rules.length === 0 ? {} : { alarmed }) },
    ...(count === before.replicas ? {} : { updatedAtMs: nowMs }),
  };
  if (count === before.replicas) return { record, event: null, wishes, combined };
  const message =
    `${String(count)} replicas wanted, ${String(before.replicas)} before, by ${combined.reason}. `
    + wishes.map(wishText).join('; ');
  return { record, event: { atMs: nowMs, code: 'scaled', message }, wishes, combined };
}

const notWorkedOut: ServiceForecast = { kind: 'none', reason: 'no forecast was worked out' };
/** A forecast is another one with each minute. */
const forecastAgainMs = 60_000;

function wishText({ policy, wanted, reason }: Wish): string {
  return `${policy} wants ${wanted === null ? 'nothing' : String(wanted)} (${reason})`;
}

/** When its count may change though nothing happens; null: never. */
export function scalingDueAtMs(
  { scaling, scaled, replicas }: ServiceRecord,
  last: Scaled,
  nowMs: number,
  /** When CloudWatch can be read again; null: it is not. */
  readAtMs: number | null = null,
): number | null {
  if (scaling === undefined) return null;
  const { policies } = scaling;
  const times = policies.flatMap((one) => (one.kind === 'schedule' ? (scheduleDueAtMs(one, nowMs) ?? []) : []));
  const isByUsage = policies.some(
    (one) => 'metric' in one && (one.metric.kind === 'cpu' || one.metric.kind === 'memory'),
  );
  if (isByUsage || mayMove(last.combined.wanted - replicas, behaviourOf(scaling))) times.push(nowMs + lookAgainMs);
  if (readAtMs !== null && policies.some((one) => 'metric' in one && one.metric.kind === 'cloudwatch'))
    times.push(readAtMs);
  if (scaling.learningStyle === 'predictive') times.push(nowMs + forecastAgainMs);
  const alarmAtMs = alarmsDueAtMs(scaled?.alarmed?.alarms ?? {}, alarmRules(policies));
  if (alarmAtMs !== null) times.push(alarmAtMs);
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
}

function mayMove(by: number, { in: inwards, out }: Behaviour): boolean {
  return by !== 0 && (by > 0 ? out : inwards).select !== 'disabled';
}

/** After an alarm's event: what it does is decided by the next tick. The same record where it is nothing new. */
export function withAlarmEvent(before: ServiceRecord, event: AlarmEvent): ServiceRecord {
  const { scaling, scaled } = before;
  if (scaling === undefined) return before;
  const rules = alarmRules(scaling.policies);
  const alarmed = alarmedBefore(before, scaling);
  const after = noteAlarmEvent(alarmed, rules, event);
  if (after === alarmed) return before;
  return { ...before, scaled: { moved: scaled?.moved ?? neverMoved, alarmed: after } };
}

/** Reported metrics that its policies go by. */
export function reportedMetricsOf({ policies }: Pick<ServiceScaling, 'policies'>): readonly string[] {
  return policies.flatMap((one) => ('metric' in one && one.metric.kind === 'reported' ? [one.metric.metric] : []));
}

/** Metrics of CloudWatch that its policies go by. */
export function cloudWatchMetricsOf({ policies }: Pick<ServiceScaling, 'policies'>): readonly CloudWatchMetric[] {
  return policies.flatMap((one) =>
    'metric' in one && one.metric.kind === 'cloudwatch' ? [one.metric.cloudWatch] : [],
  );
}

/** With one more number; the same record where it is not newer than the one that is there. */
export function withReported(
  before: ReportedRecord | null,
  { service, metric, value, atMs }: Reported & { readonly service: string; readonly metric: string },
  metrics: readonly string[],
  nowMs: number,
): ReportedRecord {
  const known = before?.service === service ? before.metrics : {};
  const last = ownValue(known, metric);
  // One of a time that nobody may name was noted by a clock that was far ahead: any other is newer.
  const isOfATime = last !== undefined && !isFarAhead(last.atMs, nowMs + reportedAheadMsMax);
  if (before?.service === service && isOfATime && atMs <= last.atMs) return before;
  // What no policy goes by any more is forgotten: there are never more than policies.
  const kept = Object.entries(known).filter(([name]) => name !== metric && metrics.includes(name));
  const all = [...kept, [metric, { value, atMs }] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  return { service, metrics: Object.fromEntries(all) };
}

function alarmRules(policies: readonly ServicePolicy[]): readonly AlarmRule[] {
  return policies.flatMap((one) => (one.kind === 'alarm' ? [one] : []));
}

/** Alarms count from where they begin: where nothing else moves the count from what it is, else from the least. */
function alarmedBefore({ replicas, scaled }: ServiceRecord, { min, policies }: ServiceScaling): AlarmedCount {
  const isAlone = policies.every((one) => one.kind === 'alarm');
  return scaled?.alarmed ?? { count: isAlone ? replicas : min, because: null, alarms: {} };
}

function behaviourOf({ policies, behaviour }: ServiceScaling): Behaviour {
  if (behaviour !== undefined) return behaviour;
  return policies.some((one) => 'metric' in one) ? behaviourDefault : atOnce;
}

function wishOf(policy: ServicePolicy, signals: ServiceSignals, current: number, alarmed: AlarmedCount): Wish {
  const name = `${policy.kind} ${policy.name}`;
  switch (policy.kind) {
    case 'manual':
      return manualWish(name, policy.replicas);
    case 'schedule':
      return scheduleWish(name, policy, signals.nowMs);
    case 'alarm':
      return alarmWish(name, policy, alarmed);
    case 'step':
    case 'target': {
      const { metric, reason } = metricOf(policy.metric, signals);
      return explained(metricWish(name, policy, metric, current), metric === null, reason);
    }
    default:
      return unreachable(policy);
  }
}

function metricWish(
  name: string,
  policy: ServicePolicy & { readonly kind: 'step' | 'target' },
  metric: Metric | null,
  current: number,
): Wish {
  if (policy.kind === 'step') return stepWish(name, policy.steps, metric === null ? null : valueOf(metric));
  const { target, tolerance = toleranceDefault } = policy;
  return targetWish(name, { target, tolerance }, metric, current);
}

/** With what is known of the metric besides its value. */
function explained(wish: Wish, isMissing: boolean, reason: string | undefined): Wish {
  if (reason === undefined) return wish;
  return { ...wish, reason: isMissing ? reason : `${wish.reason}, ${reason}` };
}

/** All alarms of a service move one number. */
function alarmWish(policy: string, { alarmName }: AlarmRule, { count, because, alarms }: AlarmedCount): Wish {
  const last = ownValue(alarms, alarmName);
  const state = last === undefined ? `${alarmName} has not said anything` : `${alarmName} is ${last.state}`;
  const set = because === null ? 'no alarm has acted' : `set by ${because.alarmName} (${because.reason})`;
  return { policy, wanted: count, reason: `${state}; ${set}` };
}

/** `metric` null: there is no data. `reason`: why, or as of when; absent: nothing more is known. */
export function metricOf(
  metric: ServiceMetric,
  { nowMs, waiting, usage, reported, cloudWatch }: ServiceSignals,
): { readonly metric: Metric | null; readonly reason?: string } {
  switch (metric.kind) {
    case 'waiting':
      return { metric: { kind: 'total', value: waiting } };
    case 'cpu':
    case 'memory':
      return { metric: { kind: 'each', values: usage[metric.kind], notReady: usage.notReady } };
    case 'reported': {
      const last = ownValue(reported, metric.metric);
      const isKnown =
        last !== undefined
        && nowMs - last.atMs <= reportedStaleMs
        && !isFarAhead(last.atMs, nowMs + reportedAheadMsMax);
      return { metric: isKnown ? { kind: metric.of, value: last.value } : null };
    }
    case 'cloudwatch': {
      const known = knownOf(metric.cloudWatch, cloudWatch ?? null, nowMs);
      if (known.kind === 'missing') return { metric: null, reason: known.reason };
      return { metric: { kind: metric.of, value: known.value }, reason: asOf(known) };
    }
    default:
      return unreachable(metric);
  }
}

export function valueOf(metric: Metric): number | null {
  return metric.kind === 'each' ? averageOf(metric.values) : metric.value;
}
