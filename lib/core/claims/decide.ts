// One decision about everything that a pool's requests hold: (observation) -> what to write, then what to call.
// Compares what is wanted with what EC2 shows; whatever stopped half-way is found again from there.
import { decideActive, lossOf } from './active.ts';
import { decideBuying } from './buy.ts';
import { callBasis, callKey, HoldDraft } from './working-copy.ts';
import type { HoldCall, HoldObservation } from './working-copy.ts';
import { decideKept, decideReleasing } from './release.ts';
import { decideGrants, seeMachines } from './grant.ts';
import { decideGroups } from './groups.ts';
import type { HoldRecord } from '../records/claim.ts';
import { beginRelease, endingOf } from './lifecycle.ts';
import { decideMembership, forgetGoneSources } from './group-membership.ts';
import { decideTaskMounts } from './task-mounts.ts';
import { decideWarm, forgetEnded } from './warm.ts';

export interface HoldDecision {
  readonly draft: HoldDraft;
  /** In the order in which they are to be made. */
  readonly calls: readonly HoldCall[];
  /** When the pool must be looked at again though nothing wakes it; null: never. */
  readonly nextDueAtMs: number | null;
}

export function decideHolds(seen: HoldObservation): HoldDecision {
  const draft = new HoldDraft(seen);
  for (const { record } of seen.holds) decideWish(draft, forgetEnded(draft, seeMachines(draft, record)));
  forgetGoneSources(draft);
  decideMembership(draft);
  decideTaskMounts(draft);
  for (const { record } of seen.holds) {
    const hold = draft.hold(record.id);
    if (hold?.state === 'active') decideActive(draft, hold);
  }
  const buyers = decideGrants(draft);
  decideBuying(draft, buyers);
  decideWarm(draft);
  for (const { record } of seen.holds) {
    const hold = draft.hold(record.id);
    if (hold?.state === 'releasing') decideReleasing(draft, hold);
  }
  decideGroups(draft);
  decideKept(draft);
  for (const { record } of seen.launches) {
    draft.isMoving = true;
    if (record.nextTryAtMs <= seen.nowMs) draft.calls.push({ kind: 'settle', launchId: record.id, isMaker: false });
    else draft.dueAtMs.push(record.nextTryAtMs);
  }
  if (draft.terminating.size > 0) draft.calls.push({ kind: 'terminate', machines: [...draft.terminating].map(([id, request]) => ({ id, request })).sort((a, b) => (a.id < b.id ? -1 : 1)) });
  return { draft, calls: draft.calls, nextDueAtMs: nextDueAtMs(draft) };
}

function decideWish(draft: HoldDraft, hold: HoldRecord): void {
  if (hold.state !== 'pending' && hold.state !== 'active') return;
  const { seen } = draft;
  const ending = endingOf(hold, seen.isPoolDeleting, seen.nowMs) ?? lossOf(draft, hold) ?? lateGrant(draft, hold);
  if (ending) draft.setHold(beginRelease(hold, ending, seen.nowMs));
  else if (hold.startedAtMs === null && hold.spec.deadlineMs !== null) draft.dueAtMs.push(hold.createdAtMs + hold.spec.deadlineMs);
}

/** A grant that began and does not end is rolled back; waiting for capacity or limits before it began is not. */
function lateGrant(draft: HoldDraft, hold: HoldRecord): ReturnType<typeof endingOf> {
  if (hold.state !== 'pending' || hold.startedAtMs !== null || hold.grantSinceMs === null) return null;
  const isWaitingForCapacity = hold.machines.some((part) => part.state === 'wanted') && !hold.machines.some((part) => part.state === 'there');
  if (isWaitingForCapacity || draft.nowMs - hold.grantSinceMs < draft.seen.grantTimeoutMs) return null;
  return { state: 'failed', reason: `grant_timeout: not all parts came within ${String(Math.round(draft.seen.grantTimeoutMs / 60_000))} minutes (${hold.reason ?? 'unknown'})` };
}

function nextDueAtMs(draft: HoldDraft): number | null {
  const { seen, nowMs } = draft;
  const due = [...draft.dueAtMs];
  if (draft.isMoving) due.push(nowMs + seen.settings.listingBusyMs);
  if (draft.holds().some((hold) => !draft.ended.has(hold.id)) || draft.groups().length > 0) due.push(nowMs + seen.settings.listingCalmMs);
  return due.length === 0 ? null : Math.max(nowMs + 1, Math.min(...due));
}

export { callBasis, callKey };
