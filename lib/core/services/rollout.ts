// How another template takes the place of the one before: it begins, makes progress, and is done; or it fails, and the
// one before comes back by itself.
import { isFarAhead } from '../values/clocks.ts';
import type { ReplicaState } from './replica-state.ts';
import type { Rollout, ServiceEvent, ServiceRecord } from './record.ts';
import { revisionOf } from './record.ts';

/** So many crashes or unhealthy replicas of a revision while it is rolled out are its failure. */
export const rolloutFailuresMax = 3;
/** Characters of what is said of the last of them. */
const lastEndMax = 400;

/** `to`: the revision that replicas shall have from now on. `reason`: why, where a person or a failure says so. */
export function withRollout(before: ServiceRecord, to: number, nowMs: number, reason: string | null): ServiceRecord {
  const { state, from } = before.rollout;
  // What comes back, or is back, was done before: what fails after it goes back to it once more.
  const isUnproved = state === 'running' || state === 'failed' || hasNeverServed(before.rollout);
  const done = isUnproved ? from : before.revision;
  return { ...before, revision: to, rollout: begun(to, done, nowMs, reason) };
}

export function begun(revision: number, from: number | null, nowMs: number, reason: string | null): Rollout {
  const times = { startedAtMs: nowMs, progressAtMs: nowMs };
  return { state: 'running', revision, from, ...times, available: 0, failures: 0, reason };
}

/** It was done while no replica was wanted: that says nothing of its template. */
function hasNeverServed({ state, available }: Rollout): boolean {
  return state === 'done' && available === 0;
}

/** Serves for long enough to be counted on. */
export function isAvailable(
  { phase, readySinceMs }: ReplicaState,
  { minHealthyMs }: ServiceRecord['update'],
  nowMs: number,
): boolean {
  const sinceMs = readySinceMs ?? nowMs;
  // By a clock that was far ahead: nobody knows since when, and no update fails for that.
  return phase === 'ready' && (nowMs - sinceMs >= minHealthyMs || isFarAhead(sinceMs, nowMs));
}

export interface Judged {
  readonly record: ServiceRecord;
  readonly event: ServiceEvent | null;
}

/** What one look at a service has found. */
export interface RolloutSeen {
  /** Those that are there and shall not go yet. */
  readonly live: readonly ReplicaState[];
  /** Of replicas of the revision, since the last look. */
  readonly failures: number;
  /** How the last of these ended; null: none did, or nobody knows. */
  readonly lastEnd: string | null;
  readonly wanted: number;
  /** One that nothing runs only waits for room in its pool. */
  readonly lacksRoom: (one: ReplicaState) => boolean;
}

/** The same record where nothing has changed. */
export function judgeRollout(before: ServiceRecord, seen: RolloutSeen, nowMs: number): Judged {
  const { rollout, update, revision } = before;
  const { live, failures, wanted, lastEnd } = seen;
  const current = live.filter((one) => one.replica.revision === revision);
  const available = current.filter((one) => isAvailable(one, update, nowMs)).length;
  if (rollout.state === 'done' || rollout.state === 'rolled-back') {
    const isProved = hasNeverServed(rollout) && available > 0;
    return { record: isProved ? { ...before, rollout: { ...rollout, available } } : before, event: null };
  }
  // Written now and then while it waits: when there is room, it has half of its time at least.
  const isLate = rollout.state === 'running' && nowMs - rollout.progressAtMs >= update.progressMs / 2;
  const isGivenTime = isLate && waitsForNodes(before, seen, current, nowMs);
  const now: Rollout = {
    ...rollout,
    failures: rollout.failures + failures,
    available: Math.max(rollout.available, available),
    progressAtMs: available > rollout.available || isGivenTime ? nowMs : rollout.progressAtMs,
  };
  if (available >= wanted && live.length === current.length) {
    const isBack = rollout.state === 'rolling-back';
    // What failed and runs after all has no reason any more; whoever was rolled back keeps it.
    const reason = rollout.state === 'failed' ? null : now.reason;
    const done: Rollout = { ...now, state: isBack ? 'rolled-back' : 'done', reason };
    const message = isBack
      ? `all replicas have revision ${String(revision)} again`
      : `revision ${String(revision)} runs`;
    return { record: { ...before, rollout: done }, event: { atMs: nowMs, code: 'rollout_done', message } };
  }
  const failure = failureOf(now, update, { available, wanted, lastEnd }, nowMs);
  if (failure === null || rollout.state !== 'running')
    return { record: isProgress(rollout, now) ? { ...before, rollout: now } : before, event: null };
  return failed({ ...before, rollout: now }, failure, nowMs);
}

function isProgress(before: Rollout, now: Rollout): boolean {
  return (
    before.available !== now.available || before.failures !== now.failures || before.progressAtMs !== now.progressAtMs
  );
}

/**
 * What is missing waits for room in the pool (`lacksRoom`); or, when all old ones are gone, for nodes: the template is
 * not to blame.
 */
function waitsForNodes(
  { update }: Pick<ServiceRecord, 'update'>,
  { live, wanted, lacksRoom }: RolloutSeen,
  current: readonly ReplicaState[],
  nowMs: number,
): boolean {
  const missing = current.filter((one) => !isAvailable(one, update, nowMs));
  if (missing.length === 0 || missing.some(({ phase }) => phase !== 'pending')) return false;
  const areAllNew = live.length === current.length && current.length >= wanted && missing.length < current.length;
  return areAllNew || missing.every(lacksRoom);
}

function failureOf(
  { failures, progressAtMs }: Rollout,
  { progressMs }: Pick<ServiceRecord['update'], 'progressMs'>,
  {
    available,
    wanted,
    lastEnd,
  }: { readonly available: number; readonly wanted: number; readonly lastEnd: string | null },
  nowMs: number,
): string | null {
  if (failures >= rolloutFailuresMax) {
    const last = lastEnd === null ? '' : `; the last ${lastEnd.slice(0, lastEndMax)}`;
    return `${String(failures)} of its replicas ended by themselves or were unhealthy${last}`;
  }
  if (nowMs - progressAtMs < progressMs) return null;
  return (
    `no further replica became available in ${String(progressMs / 1000)} s: ${String(available)} of `
    + `${String(wanted)} are`
  );
}

/** The one before comes back, where there is one and the service wants it so; else it goes on trying. */
function failed(before: ServiceRecord, why: string, nowMs: number): Judged {
  const { rollout, update, revision } = before;
  const reason = `revision ${String(revision)} failed: ${why}`;
  const { from } = rollout;
  if (from === null || from === revision || !update.isRolledBack || revisionOf(before, from) === undefined)
    return {
      record: { ...before, rollout: { ...rollout, state: 'failed', reason } },
      event: { atMs: nowMs, code: 'rollout_failed', message: `${reason}; it is tried further` },
    };
  const back: Rollout = { ...begun(from, null, nowMs, reason), state: 'rolling-back' };
  const message = `${reason}; revision ${String(from)} comes back`;
  return { record: { ...before, revision: from, rollout: back }, event: { atMs: nowMs, code: 'rolled_back', message } };
}

/** When the next look is due for its sake; null: when something happens. */
export function rolloutDueAtMs(
  { rollout, update, revision }: ServiceRecord,
  live: readonly ReplicaState[],
  nowMs: number,
): number | null {
  if (rollout.state === 'done' || rollout.state === 'rolled-back') return null;
  const due = live.flatMap(({ replica, readySinceMs }) =>
    readySinceMs === null || replica.revision !== revision ? [] : [readySinceMs + update.minHealthyMs],
  );
  if (rollout.state === 'running') due.push(rollout.progressAtMs + update.progressMs);
  const coming = due.filter((atMs) => atMs > nowMs);
  return coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a, b));
}
