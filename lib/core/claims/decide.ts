// The part of a decision that is about claims: what they are granted, keep and release, after what tasks got. Compares
// what is wanted with what EC2 shows; whatever stopped half-way is found again from there.
import { decideActive, lossOf } from './active.ts';
import { decideBuying } from './machines/buy.ts';
import { claimCalls, claimChanges } from './changes.ts';
import type { ClaimWorkingCopy } from './working-copy.ts';
import { isWarm } from './documents.ts';
import { decideKept, decideReleasing } from './release/release.ts';
import { decideGrants, seeMachines } from './grant.ts';
import { decideGroups } from './networks/groups.ts';
import type { ClaimRecord } from '../records/claim.ts';
import { beginRelease, endingOf } from './lifecycle.ts';
import { decideMembership, forgetGoneSources } from './networks/group-membership.ts';
import { passOnClaimCosts } from './spent.ts';
import { decideTaskMounts } from './volumes/task-mounts.ts';
import { decideWarm, forgetEnded } from './machines/warm.ts';

export interface ClaimDecision {
  /** Of requests, without those that end with this plan. */
  readonly openClaims: number;
  /** When the pool must be looked at again though nothing wakes it; null: never. */
  readonly nextDueAtMs: number | null;
  /** The same without polling for changes in EC2; null: never. */
  readonly ownDueAtMs: number | null;
}

/** Its changes, and then its calls in the order in which they are to be made, follow those that are in the copy. */
export function decideClaims(copy: ClaimWorkingCopy): ClaimDecision {
  const { seen } = copy;
  for (const { record } of seen.claims) {
    // Its service may have released it in this decision.
    const claim = copy.claim(record.id) ?? record;
    decideWish(copy, forgetEnded(copy, seeMachines(copy, claim)));
  }
  forgetGoneSources(copy);
  decideMembership(copy);
  decideTaskMounts(copy);
  for (const { record } of seen.claims) {
    const claim = copy.claim(record.id);
    if (claim?.state === 'active') decideActive(copy, claim);
  }
  const buyers = decideGrants(copy);
  decideBuying(copy, buyers);
  decideWarm(copy);
  for (const { record } of seen.claims) {
    const claim = copy.claim(record.id);
    if (claim?.state === 'releasing') decideReleasing(copy, claim);
  }
  decideGroups(copy);
  decideKept(copy);
  for (const { record } of seen.machineLaunches) {
    copy.isMoving = true;
    if (record.nextTryAtMs > seen.nowMs) copy.dueAtMs.push(record.nextTryAtMs);
  }
  if (copy.terminating.size > 0)
    copy.calls.push({
      kind: 'terminate',
      machines: [...copy.terminating].map(([id, request]) => ({ id, request })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    });
  for (const action of [...claimChanges(copy), ...claimCalls(copy)]) copy.add(action);
  passOnClaimCosts(copy);
  return {
    openClaims: seen.claims.filter(({ record }) => !isWarm(record) && !copy.ended.has(record.id)).length,
    nextDueAtMs: nextDueAtMs(copy),
    ownDueAtMs: copy.dueAtMs.length === 0 ? null : Math.min(...copy.dueAtMs),
  };
}

function decideWish(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  if (claim.state !== 'pending' && claim.state !== 'active') return;
  const { seen } = copy;
  const ending = endingOf(claim, seen.isPoolDeleting, seen.nowMs) ?? lossOf(copy, claim) ?? lateGrant(copy, claim);
  if (ending) copy.setClaim(beginRelease(claim, ending, seen.nowMs));
  else if (claim.startedAtMs === null && claim.spec.deadlineMs !== null)
    copy.dueAtMs.push(claim.createdAtMs + claim.spec.deadlineMs);
}

/** A grant that began and does not end is rolled back; waiting for capacity or limits before it began is not. */
function lateGrant(copy: ClaimWorkingCopy, claim: ClaimRecord): ReturnType<typeof endingOf> {
  if (claim.state !== 'pending' || claim.startedAtMs !== null || claim.grantSinceMs === null) return null;
  const grantTimeoutMs = copy.settings.bootTimeoutMs;
  const isWaitingForCapacity =
    claim.machines.some((part) => part.state === 'wanted') && !claim.machines.some((part) => part.state === 'there');
  if (isWaitingForCapacity || copy.nowMs - claim.grantSinceMs < grantTimeoutMs) return null;
  return {
    state: 'failed',
    reason:
      `grant_timeout: not all parts came within ${String(Math.round(grantTimeoutMs / 60_000))} `
      + `minutes (${claim.reason ?? 'unknown'})`,
  };
}

function nextDueAtMs(copy: ClaimWorkingCopy): number | null {
  const { settings, nowMs } = copy;
  const due = [...copy.dueAtMs];
  if (copy.isMoving) due.push(nowMs + settings.listingBusyMs);
  if (copy.claims().some((claim) => !copy.ended.has(claim.id)) || copy.groups().length > 0)
    due.push(nowMs + settings.listingCalmMs);
  return due.length === 0 ? null : due.reduce((a, b) => Math.min(a, b));
}
