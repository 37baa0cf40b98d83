// Invariant 14 for what is held: once faults have stopped, every request that holds is granted, waits for somebody else
// for a reason that the truth confirms, or is on its way out and gets there.
import type { HoldRecord } from '../../core/records/claim.ts';
import { isWarm } from '../../core/claims/warm.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '14: convergence';
const everyMs = 30_000;
const stallMaxMs = 45 * 60_000;

export function heldConvergence(truth: Truth): Watcher {
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
      for (const hold of truth.holds.values()) {
        const seen = progressOf(hold);
        const before = since.get(hold.id);
        if (isHeldSettled(truth, hold) || before?.seen !== seen) since.set(hold.id, { seen, atMs: truth.nowMs });
        else if (truth.nowMs - Math.max(before.atMs, calmAtMs) > stallMaxMs) {
          truth.violate(name, `request ${hold.id} (${hold.spec.type}) has been ${hold.state} for ${String(stallMaxMs / 60_000)} minutes without faults: ${hold.reason ?? 'no reason'}; ${hold.timeline.at(-1)?.message ?? ''}`, [hold.id]);
        }
      }
    },
  };
}

function progressOf(hold: HoldRecord): string {
  return JSON.stringify([hold.state, hold.machines.map((part) => [part.state, part.launchId, part.volumes.map((one) => one.state)]), hold.volume?.state, hold.usedBy, hold.power]);
}

/** Nothing more is to happen to it until somebody else does something. */
export function isHeldSettled(truth: Truth, hold: HoldRecord): boolean {
  if (hold.endedAtMs !== null) return true;
  if (hold.state === 'active') return hold.cancelRequestedAtMs === null;
  return waitsForOthers(truth, hold);
}

function waitsForOthers(truth: Truth, hold: HoldRecord): boolean {
  const isOpen = (id: string): boolean => id !== hold.id && truth.holds.get(id)?.endedAtMs === null;
  const { spec } = hold;
  // The warm pool buys nothing while a request waits for room below the limits.
  if (isWarm(hold) && hold.state === 'pending' && [...truth.holds.values()].some((one) => one.pool === hold.pool && one.state === 'pending' && one.reason === 'limit_reached')) return true;
  const named = spec.type === 'virtual_machine' ? [...spec.volumeRequests, ...spec.networkRequests] : spec.type === 'storage' && spec.attachTo !== null ? [spec.attachTo] : [];
  switch (hold.reason) {
    case 'limit_reached': return Object.keys(truth.pools.get(hold.pool)?.spec.limits ?? {}).length > 0;
    // The zone of its volumes, or a pool that was changed since.
    case 'constraints': return true;
    case 'waiting_for_reference': return named.some((id) => truth.holds.get(id)?.state === 'pending');
    case 'in_use': {
      const users = [hold, ...named.flatMap((id) => truth.holds.get(id) ?? [])].flatMap((one) => one.usedBy?.request ?? []);
      return users.some(isOpen);
    }
    default: return false;
  }
}
