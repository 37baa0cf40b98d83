// Scaling by CloudWatch alarms, as simple scaling does it: each transition to ALARM moves a number once: a pool's
// headroom floor, or the replicas of a service. Doubled, late and reordered events change nothing, because the last
// state of each alarm is remembered.
import { ownValue } from '../values/dictionary.ts';
import type { PoliciesRecord } from './policies/headroom.ts';
import type { PoolSpec } from '../records/pool.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One change of an alarm's state, as CloudWatch tells it. */
export interface AlarmEvent {
  readonly alarmName: string;
  readonly state: AlarmState;
  /** null where CloudWatch does not say. */
  readonly previousState: AlarmState | null;
  readonly reason: string;
  /** How far its metric is beyond the threshold, in either direction; absent: CloudWatch does not say. */
  readonly beyond?: number;
  /** When the alarm took this state, by CloudWatch's clock: orders the events of one alarm. */
  readonly atMs: number;
}

/** The last that is known of one alarm. */
export interface AlarmSeen {
  readonly state: AlarmState;
  readonly atMs: number;
  readonly reason: string;
  readonly actedAtMs: number | null;
  readonly beyond?: number;
  /** It went into ALARM within its cooldown, and acts at the end of it if it is still in ALARM. */
  readonly isWaiting: boolean;
}

export interface FloorRecord {
  /** Nodes without work that the pool holds. */
  readonly nodes: number;
  /** What set it last; null while nothing has. */
  readonly because: { readonly alarmName: string; readonly reason: string; readonly atMs: number } | null;
  readonly alarms: Readonly<Record<string, AlarmSeen>>;
  /** What the pool's other policies have made of it; absent: nothing yet. */
  readonly policies?: PoliciesRecord;
}

export const emptyFloor: FloorRecord = { nodes: 0, because: null, alarms: {} };

/** Where a pool without a limit of instances ends. */
const floorMax = 1_000;

function floorLimit(pool: Pick<PoolSpec, 'limits'>): number {
  return Math.min(floorMax, pool.limits.instances ?? floorMax);
}

/** What one alarm did; for the activity. */
export interface AlarmAct {
  readonly alarmName: string;
  readonly reason: string;
  readonly wanted: number;
  readonly from: number;
  readonly to: number;
}

/** A number that alarms move: nodes of a pool's floor, replicas of a service. */
export interface AlarmedCount {
  readonly count: number;
  /** What set it last; null while nothing has. */
  readonly because: FloorRecord['because'];
  readonly alarms: Readonly<Record<string, AlarmSeen>>;
}

/** By how much one alarm moves the number when it goes into ALARM; negative: down. */
export interface AlarmRule {
  readonly alarmName: string;
  readonly change: number;
  /** Instead, by what the last of them says that the metric has reached beyond the threshold, where that is known. */
  readonly steps?: readonly { readonly from: number; readonly change: number }[];
  /** After it acted it does not act again for this time. */
  readonly cooldownMs: number;
}

/** With what the event says; nothing acts. The same object where it says nothing new. */
export function noteAlarmEvent(
  before: AlarmedCount,
  rules: readonly Pick<AlarmRule, 'alarmName'>[],
  event: AlarmEvent,
): AlarmedCount {
  if (!rules.some((one) => one.alarmName === event.alarmName)) return before;
  const seen = new Map(Object.entries(before.alarms));
  note(seen, event);
  if (seen.get(event.alarmName) === ownValue(before.alarms, event.alarmName)) return before;
  return { ...before, alarms: alarmsNamed(seen, rules) };
}

/**
 * The number after an event, or (null) after time alone has passed. The same object where nothing changes.
 * Alarms that no rule names are forgotten.
 */
export function applyAlarmRules(
  before: AlarmedCount,
  rules: readonly AlarmRule[],
  { min, max }: { readonly min: number; readonly max: number },
  event: AlarmEvent | null,
  nowMs: number,
): { readonly after: AlarmedCount; readonly acts: readonly AlarmAct[] } {
  const noted = event === null ? before : noteAlarmEvent(before, rules, event);
  const seen = new Map(Object.entries(noted.alarms));
  const acts: AlarmAct[] = [];
  let { count, because } = noted;
  for (const rule of rules) {
    const one = seen.get(rule.alarmName);
    if (!one?.isWaiting || nowMs < coolAtMs(rule, one)) continue;
    const wanted = changeOf(rule, one);
    const to = Math.max(min, Math.min(max, count + wanted));
    acts.push({ alarmName: rule.alarmName, reason: one.reason, wanted, from: count, to });
    if (to !== count) because = { alarmName: rule.alarmName, reason: one.reason, atMs: nowMs };
    count = to;
    seen.set(rule.alarmName, { ...one, isWaiting: false, actedAtMs: nowMs });
  }
  return { after: acts.length === 0 ? noted : { count, because, alarms: alarmsNamed(seen, rules) }, acts };
}

/** Step adjustments, as EC2 Auto Scaling has them. */
function changeOf({ change, steps = [] }: AlarmRule, { beyond }: AlarmSeen): number {
  const reached = steps.filter((one) => beyond !== undefined && beyond >= one.from);
  return reached.reduce((best, one) => (one.from >= best.from ? one : best), { from: -Infinity, change }).change;
}

function alarmsNamed(
  seen: ReadonlyMap<string, AlarmSeen>,
  rules: readonly Pick<AlarmRule, 'alarmName'>[],
): AlarmedCount['alarms'] {
  return Object.fromEntries(
    [...seen].filter(([name]) => rules.some((one) => one.alarmName === name)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A pool's floor after an event, or (null) after time alone has passed. The same object where nothing changes. */
export function applyAlarms(
  before: FloorRecord,
  pool: Pick<PoolSpec, 'alarms' | 'limits'>,
  event: AlarmEvent | null,
  nowMs: number,
): { floor: FloorRecord; acts: readonly AlarmAct[] } {
  const { nodes, because, alarms } = before;
  const counted = { count: nodes, because, alarms };
  const { after, acts } = applyAlarmRules(counted, rulesOf(pool), { min: 0, max: floorLimit(pool) }, event, nowMs);
  if (after === counted) return { floor: before, acts };
  return { floor: { ...before, nodes: after.count, because: after.because, alarms: after.alarms }, acts };
}

function rulesOf({ alarms = [] }: Pick<PoolSpec, 'alarms'>): readonly AlarmRule[] {
  return alarms.map(({ alarmName, addNodes = 0, removeNodes = 0, cooldownMs }) => ({
    alarmName,
    change: addNodes - removeNodes,
    cooldownMs,
  }));
}

function note(seen: Map<string, AlarmSeen>, event: AlarmEvent): void {
  const last = seen.get(event.alarmName);
  // Equal is the same event once more; older is late, and what it says is no longer so.
  if (last && event.atMs <= last.atMs) return;
  const rings = event.state === 'ALARM';
  // Without its word on what was before, a state that we knew already is no transition.
  const isTransition =
    rings && (event.previousState === null ? last?.state !== 'ALARM' : event.previousState !== 'ALARM');
  seen.set(event.alarmName, {
    state: event.state,
    atMs: event.atMs,
    reason: event.reason,
    ...(event.beyond === undefined ? {} : { beyond: event.beyond }),
    actedAtMs: last?.actedAtMs ?? null,
    isWaiting: rings && (isTransition || (last?.isWaiting ?? false)),
  });
}

/** Measured on our clock, from when it acted. */
function coolAtMs(alarm: Pick<AlarmRule, 'cooldownMs'>, seen: AlarmSeen): number {
  return seen.actedAtMs === null ? -Infinity : seen.actedAtMs + alarm.cooldownMs;
}

/** When an alarm that waits for the end of its cooldown may act; null: none waits. */
export function alarmsDueAtMs(
  alarms: AlarmedCount['alarms'],
  rules: readonly Pick<AlarmRule, 'alarmName' | 'cooldownMs'>[],
): number | null {
  const times = rules.flatMap((rule) => {
    const seen = ownValue(alarms, rule.alarmName);
    return seen?.isWaiting ? [coolAtMs(rule, seen)] : [];
  });
  return times.length === 0 ? null : Math.min(...times);
}

export function nextActAtMs({ alarms }: FloorRecord, pool: Pick<PoolSpec, 'alarms'>): number | null {
  return alarmsDueAtMs(alarms, rulesOf(pool));
}

/**
 * Nodes without work that are kept now: those declared, and beside these what alarms have added or what the other
 * policies want, whichever is more; within the limits of today.
 */
export function floorNodes(
  floor: FloorRecord,
  { alarms, headroom, limits, policies }: Pick<PoolSpec, 'alarms' | 'headroom' | 'limits' | 'policies'>,
): number {
  const byAlarms = alarms === undefined || alarms.length === 0 ? 0 : floor.nodes;
  const byPolicies = policies === undefined ? 0 : (floor.policies?.nodes ?? 0);
  return Math.min(floorLimit({ limits }), (headroom?.nodes ?? 0) + Math.max(byAlarms, byPolicies));
}

/** Whether it may hold any. */
export function hasFloor({ alarms, headroom, policies }: Pick<PoolSpec, 'alarms' | 'headroom' | 'policies'>): boolean {
  return alarms !== undefined || policies !== undefined || (headroom?.nodes ?? 0) > 0;
}
