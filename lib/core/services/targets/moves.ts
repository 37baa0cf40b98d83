// How the record of a group's targets goes on: what is to be registered and deregistered, and what answers and looks
// make of it. Values in, values out; the calls are made by lib/control/services/targets.
import { targetGroupRefused } from '../../access/target-groups.ts';
import { isFarAhead, isPaused, notAhead } from '../../values/clocks.ts';
import type { GroupTargets, Target, TargetCall, TargetFacts, TargetHealth, TargetTrouble } from './record.ts';
import { removedKeptMs, targetsMax } from './record.ts';

/** Elastic Load Balancing is eventually consistent: what a look shows of what has just changed says nothing. */
export const settleMs = 30_000;
/** While what was registered is not healthy yet: at first, and later. */
const lookSoonMs = 5_000;
const lookLaterMs = 30_000;
const soonForMs = 2 * 60_000;
/** Where nothing moves. */
const lookCalmMs = 5 * 60_000;
const describeAgainMs = 3_600_000;
const waitMsMax = 5 * 60_000;

/** What a clock wrote that was far ahead would keep calls and looks waiting until then: it was now. */
export function ofTimesThatCame(before: GroupTargets, nowMs: number): GroupTargets {
  const { facts, lookedAtMs, targets, troubles } = before;
  const tries = Object.values(troubles).map(({ nextTryAtMs }) => nextTryAtMs - waitMsMax);
  const times = [facts?.atMs ?? 0, lookedAtMs ?? 0, ...tries, ...Object.values(targets).flatMap(timesOf)];
  if (!times.some((atMs) => isFarAhead(atMs, nowMs))) return before;
  const came = (atMs: number): number => notAhead(atMs, nowMs);
  const each = <T>(all: Readonly<Record<string, T>>, change: (one: T) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).map(([key, one]) => [key, change(one)]));
  return {
    ...before,
    facts: facts && { ...facts, atMs: came(facts.atMs) },
    lookedAtMs: lookedAtMs === null ? null : came(lookedAtMs),
    targets: each(targets, ({ atMs, health, ...one }) => ({
      ...one,
      atMs: came(atMs),
      ...(health === undefined ? {} : { health: { ...health, sinceMs: came(health.sinceMs) } }),
    })),
    troubles: each(troubles, (one) => ({
      ...one,
      sinceMs: came(one.sinceMs),
      nextTryAtMs: isPaused(one.nextTryAtMs, nowMs, waitMsMax) ? one.nextTryAtMs : nowMs,
    })),
  };
}

function timesOf({ atMs, health }: Target): readonly number[] {
  return health === undefined ? [atMs] : [atMs, health.sinceMs];
}

/** `wanted`: keys; what else is in the record goes. The same record where nothing is to be done. */
export function withWanted(before: GroupTargets, wanted: ReadonlySet<string>, nowMs: number): GroupTargets {
  const changed: Record<string, Target> = {};
  for (const [key, { state }] of Object.entries(before.targets)) {
    const isThere = state === 'adding' || state === 'added';
    if (wanted.has(key) && !isThere) changed[key] = { state: 'adding', atMs: nowMs };
    if (!wanted.has(key) && isThere) changed[key] = { state: 'removing', atMs: nowMs };
  }
  // What does not fit waits until what was removed is forgotten.
  let room = targetsMax - Object.keys(before.targets).length;
  for (const key of wanted) {
    if (before.targets[key] !== undefined || room <= 0) continue;
    changed[key] = { state: 'adding', atMs: nowMs };
    room -= 1;
  }
  return Object.keys(changed).length === 0 ? before : { ...before, targets: { ...before.targets, ...changed } };
}

/** In order, so that batches are the same again. */
export function inState({ targets }: Pick<GroupTargets, 'targets'>, state: Target['state']): readonly string[] {
  return Object.entries(targets)
    .filter(([, one]) => one.state === state)
    .map(([key]) => key)
    .sort();
}

/** After the answer to a call about these. */
export function afterCall(
  before: GroupTargets,
  call: 'register' | 'deregister',
  keys: readonly string[],
  nowMs: number,
): GroupTargets {
  const answered = keys.map((key): [string, Target] => {
    if (call === 'register') return [key, { state: 'added', atMs: nowMs }];
    return [key, { state: 'removed', atMs: nowMs, ...againOf(before.targets[key]) }];
  });
  return withoutTrouble({ ...before, targets: { ...before.targets, ...Object.fromEntries(answered) } }, call);
}

function againOf(target: Target | undefined): Pick<Target, 'isAgain'> {
  return target?.isAgain === true ? { isAgain: true } : {};
}

/** `seen`: all that the group lists. */
export function afterLook(before: GroupTargets, seen: ReadonlyMap<string, TargetHealth>, nowMs: number): GroupTargets {
  const targets: Record<string, Target> = {};
  for (const [key, target] of Object.entries(before.targets)) {
    const next = lookedAt(target, seen.get(key) ?? null, nowMs);
    if (next !== null) targets[key] = next;
  }
  return withoutTrouble({ ...before, targets, lookedAtMs: nowMs }, 'health');
}

/** null: it is forgotten. */
function lookedAt(target: Target, seen: TargetHealth | null, nowMs: number): Target | null {
  const { state, atMs } = target;
  const isGone = seen === null || seen.state === 'draining' || seen.state === 'unhealthy.draining';
  const isSettled = nowMs - atMs >= settleMs;
  if (state === 'removed') {
    // A call that came late has registered it again; or, once that was undone, somebody else has.
    if (!isGone && isSettled) return target.isAgain === true ? null : { state: 'removing', atMs: nowMs, isAgain: true };
    return isGone && nowMs - atMs >= removedKeptMs ? null : target;
  }
  if (state === 'removing') return target;
  // Somebody else deregistered it; or our call has not come through.
  if (isGone) return state === 'added' && isSettled ? { state: 'adding', atMs: nowMs } : target;
  const { health } = target;
  const sinceMs = health?.state === seen.state ? health.sinceMs : nowMs;
  // A call without an answer has come through.
  return { state: 'added', atMs: state === 'added' ? atMs : nowMs, health: { ...seen, sinceMs } };
}

export function afterDescription(before: GroupTargets, facts: TargetFacts): GroupTargets {
  return withoutTrouble({ ...before, facts }, 'describe');
}

/** Calls of the kind wait: 5 s, 10 s … up to `waitMsMost`. */
export function afterFailure(
  before: GroupTargets,
  call: TargetCall,
  { code, message }: Pick<TargetTrouble, 'code' | 'message'>,
  nowMs: number,
  waitMsMost = waitMsMax,
): GroupTargets {
  const last = before.troubles[call];
  const failures = (last?.failures ?? 0) + 1;
  const nextTryAtMs = nowMs + Math.min(waitMsMost, 5_000 * 2 ** Math.min(failures - 1, 10));
  const sinceMs = last?.code === code ? last.sinceMs : nowMs;
  return { ...before, troubles: { ...before.troubles, [call]: { code, message, sinceMs, failures, nextTryAtMs } } };
}

/** `message`: why its pool does not let the service be registered with the group (any more); null: it does. */
export function withRefusal(before: GroupTargets, message: string | null, nowMs: number): GroupTargets {
  if (isRefused(before) === (message !== null)) return before;
  return message === null
    ? withoutTrouble(before, 'register')
    : afterFailure(before, 'register', { code: targetGroupRefused, message }, nowMs);
}

/** Its pool does not let the service be registered with the group: what that sees says nothing of replicas. */
export function isRefused({ troubles }: GroupTargets): boolean {
  return troubles.register?.code === targetGroupRefused;
}

function withoutTrouble(record: GroupTargets, call: TargetCall): GroupTargets {
  if (record.troubles[call] === undefined) return record;
  const { [call]: _over, ...troubles } = record.troubles;
  return { ...record, troubles };
}

/** So long a service that is deleted waits for a permission to deregister what it has; then it goes without. */
export const deniedKeptMs = 24 * 3_600_000;
/** As lib/ports/ec2/target-groups.ts has it. */
export const accessDenied = 'target_group_access_denied';

/** Of a service that goes: what it may not deregister, for a day by now, is given up. The same record: nothing is. */
export function withoutDenied(before: GroupTargets, nowMs: number): GroupTargets {
  const { deregister } = before.troubles;
  if (deregister?.code !== accessDenied || nowMs - deregister.sinceMs < deniedKeptMs) return before;
  const left = Object.entries(before.targets).filter(([, { state }]) => state !== 'removing');
  return { ...before, targets: Object.fromEntries(left) };
}

/** Nobody names the group, and nothing is registered or remembered. `isUsed`: the service names it. */
export function isSpent({ targets }: GroupTargets, isUsed: boolean): boolean {
  return !isUsed && Object.keys(targets).length === 0;
}

/**
 * When each call is due; Infinity: not until something happens. `isUsed`: the service names the group. `isMoving`: an
 * update of it runs.
 */
export function callsDueAtMs(
  record: GroupTargets,
  isUsed: boolean,
  isMoving: boolean,
): Readonly<Record<TargetCall, number>> {
  const { facts, troubles } = record;
  const due = {
    describe: isUsed ? (facts === null ? 0 : facts.atMs + describeAgainMs) : Infinity,
    register: inState(record, 'adding').length > 0 ? 0 : Infinity,
    deregister: inState(record, 'removing').length > 0 ? 0 : Infinity,
    health: lookDueAtMs(record, isMoving),
  };
  const after = (call: TargetCall): number => Math.max(due[call], troubles[call]?.nextTryAtMs ?? 0);
  return {
    describe: after('describe'),
    register: facts === null ? Infinity : after('register'),
    deregister: after('deregister'),
    health: after('health'),
  };
}

function lookDueAtMs({ targets, lookedAtMs }: GroupTargets, isMoving: boolean): number {
  const calmMs = isMoving ? lookLaterMs : lookCalmMs;
  const due = Object.values(targets).map(({ state, atMs, health }) => {
    if (state === 'removing') return Infinity;
    if (state === 'removed') return Math.max(atMs + removedKeptMs, (lookedAtMs ?? 0) + lookLaterMs);
    if (lookedAtMs === null) return atMs;
    if (state === 'added' && health !== undefined && isAtRest.has(health.state)) return lookedAtMs + calmMs;
    return lookedAtMs + (lookedAtMs - atMs < soonForMs ? lookSoonMs : lookLaterMs);
  });
  return due.reduce((a, b) => Math.min(a, b), Infinity);
}

const isAtRest: ReadonlySet<TargetHealth['state']> = new Set(['healthy', 'unavailable', 'unused']);
