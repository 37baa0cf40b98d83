// Invariant 14 for claims: once faults have stopped, every claim is granted, waits for somebody else
// for a reason that the truth confirms, or is being released and ends.
import type { ClaimRecord } from '../../../core/records/claim.ts';
import { isWarm } from '../../../core/claims/documents.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '14: convergence';
const everyMs = 30_000;
const stallMaxMs = 45 * 60_000;

export function claimConvergence(truth: Truth): Watcher {
  const since = new Map<string, { readonly seen: string; readonly atMs: number }>();
  let calmAtMs = Infinity;
  let nextAtMs = Infinity;
  return {
    calm() {
      calmAtMs = truth.nowMs;
      nextAtMs = truth.nowMs;
    },
    step() {
      if (truth.nowMs < nextAtMs) return;
      nextAtMs = truth.nowMs + everyMs;
      for (const claim of truth.claims.values()) {
        const seen = progressOf(claim);
        const before = since.get(claim.id);
        if (isClaimSettled(truth, claim) || before?.seen !== seen) since.set(claim.id, { seen, atMs: truth.nowMs });
        else if (truth.nowMs - Math.max(before.atMs, calmAtMs) > stallMaxMs) {
          truth.violate(
            name,
            `request ${claim.id} (${claim.spec.type}) has been ${claim.state} for ${String(stallMaxMs / 60_000)} `
              + `minutes without faults: ${claim.reason ?? 'no reason'}; ${claim.timeline.at(-1)?.message ?? ''}`,
            [claim.id],
          );
        }
      }
    },
  };
}

function progressOf(claim: ClaimRecord): string {
  return JSON.stringify([
    claim.state,
    claim.machines.map((part) => [part.state, part.launchId, part.volumes.map((one) => one.state)]),
    claim.volume?.state,
    claim.usedBy,
    claim.power,
  ]);
}

/** Nothing more is to happen to it until somebody else does something. */
export function isClaimSettled(truth: Truth, claim: ClaimRecord): boolean {
  if (claim.endedAtMs !== null) return true;
  if (claim.state === 'active') return claim.cancelRequestedAtMs === null;
  return waitsForOthers(truth, claim);
}

function waitsForOthers(truth: Truth, claim: ClaimRecord): boolean {
  const isOpen = (id: string): boolean => id !== claim.id && truth.claims.get(id)?.endedAtMs === null;
  const { spec } = claim;
  // The warm pool buys nothing while a request waits for room below the limits.
  if (
    isWarm(claim)
    && claim.state === 'pending'
    && [...truth.claims.values()].some(
      (one) => one.pool === claim.pool && one.state === 'pending' && one.reason === 'limit_reached',
    )
  )
    return true;
  const named =
    spec.type === 'virtual_machine'
      ? [...spec.volumeRequests, ...spec.networkRequests]
      : spec.type === 'storage' && spec.attachTo !== null
        ? [spec.attachTo]
        : [];
  switch (claim.reason) {
    case 'limit_reached':
      return Object.keys(truth.pools.get(claim.pool)?.spec.limits ?? {}).length > 0;
    // The zone of its volumes, or a pool that was changed since.
    case 'constraints':
      return true;
    case 'waiting_for_reference':
      return named.some((id) => truth.claims.get(id)?.state === 'pending');
    case 'in_use': {
      const users = [claim, ...named.flatMap((id) => truth.claims.get(id) ?? [])].flatMap(
        (one) => one.usedBy?.request ?? [],
      );
      return users.some(isOpen);
    }
    default:
      return false;
  }
}
