// Scaling by CloudWatch alarms, as simple scaling does it: each transition to ALARM moves the pool's headroom floor
// once. Doubled, late and reordered events change nothing, because the last state of each alarm is remembered.
import { ownValue } from '../values/dictionary.ts';
import type { PoliciesRecord } from './policies/headroom.ts';
import type { PoolAlarm, PoolSpec } from '../records/pool.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One change of an alarm's state, as CloudWatch tells it. */
export interface AlarmEvent {
  readonly alarmName: string;
  readonly state: AlarmState;
  /** null where CloudWatch does not say. */
  readonly previousState: AlarmState | null;
  readonly reason: string;
  /** When the alarm took this state, by CloudWatch's clock: orders the events of one alarm. */
  readonly atMs: number;
}

/** The last that is known of one alarm. */
export interface AlarmSeen {
  readonly state: AlarmState;
  readonly atMs: number;
  readonly reason: string;
  readonly actedAtMs: number | null;
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

/**
 * The floor after an event, or (null) after time alone has passed. The same object where nothing changes.
 * Alarms that the pool does not name are forgotten.
 */
export function applyAlarms(
  before: FloorRecord,
  pool: Pick<PoolSpec, 'alarms' | 'limits'>,
  event: AlarmEvent | null,
  nowMs: number,
): { floor: FloorRecord; acts: readonly AlarmAct[] } {
  const named = pool.alarms ?? [];
  const seen = new Map(Object.entries(before.alarms));
  if (event !== null && named.some((one) => one.alarmName === event.alarmName)) note(seen, event);
  const acts: AlarmAct[] = [];
  let { nodes, because } = before;
  for (const alarm of named) {
    const one = seen.get(alarm.alarmName);
    if (!one?.isWaiting || nowMs < coolAtMs(alarm, one)) continue;
    const wanted = (alarm.addNodes ?? 0) - (alarm.removeNodes ?? 0);
    const to = Math.max(0, Math.min(floorLimit(pool), nodes + wanted));
    acts.push({ alarmName: alarm.alarmName, reason: one.reason, wanted, from: nodes, to });
    if (to !== nodes) because = { alarmName: alarm.alarmName, reason: one.reason, atMs: nowMs };
    nodes = to;
    seen.set(alarm.alarmName, { ...one, isWaiting: false, actedAtMs: nowMs });
  }
  const isSame = acts.length === 0 && [...seen].every(([name, one]) => ownValue(before.alarms, name) === one);
  if (isSame) return { floor: before, acts };
  const alarms = Object.fromEntries(
    [...seen].filter(([name]) => named.some((one) => one.alarmName === name)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { floor: { ...before, nodes, because, alarms }, acts };
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
    actedAtMs: last?.actedAtMs ?? null,
    isWaiting: rings && (isTransition || (last?.isWaiting ?? false)),
  });
}

/** Measured on our clock, from when it acted. */
function coolAtMs(alarm: PoolAlarm, seen: AlarmSeen): number {
  return seen.actedAtMs === null ? -Infinity : seen.actedAtMs + alarm.cooldownMs;
}

/** When an alarm that waits for the end of its cooldown may act; null: none waits. */
export function nextActAtMs(floor: FloorRecord, pool: Pick<PoolSpec, 'alarms'>): number | null {
  const times = (pool.alarms ?? []).flatMap((alarm) => {
    const seen = ownValue(floor.alarms, alarm.alarmName);
    return seen?.isWaiting ? [coolAtMs(alarm, seen)] : [];
  });
  return times.length === 0 ? null : Math.min(...times);
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
