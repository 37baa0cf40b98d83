// Deletions that EC2 refuses are repeated with pauses that grow to a minute, and at once when the listing shows that
// the resource or its users have changed.
import type { Decision } from '../../core/plan/decide.ts';
import type { Clock } from '../../ports/clock.ts';
import { callKey } from '../../core/plan/claim-call.ts';
import type { ClaimCall } from '../../core/plan/claim-call.ts';
import type { ClaimListing } from '../../core/plan/listing.ts';

interface Pause {
  readonly times: number;
  readonly untilMs: number;
  readonly shown: string;
}

const firstPauseMs = 4_000;
const longestPauseMs = 60_000;
/** The oldest are forgotten first: those of what is there are renewed every minute. */
const pausesMax = 20_000;

/** One process's memory of refused deletions; times are monotonic. Losing it costs calls, never correctness. */
export class ReleasePauses {
  readonly #pauses = new Map<string, Pause>();
  /** What the last listing showed, by call: the refusal that comes is of that. */
  readonly #shown = new Map<string, string>();

  /** Until when the call is not repeated; null: it may be made now. */
  untilMs(call: ClaimCall, listing: ClaimListing | null, nowMs: number): number | null {
    if (!isRelease(call)) return null;
    const key = callKey(call);
    const pause = this.#pauses.get(key);
    const shown = listing === null ? (pause?.shown ?? '') : shownOf(call, listing);
    if (pause && pause.untilMs > nowMs && pause.shown === shown) return pause.untilMs;
    // The resource has changed, so EC2 may accept now: the pauses start again from the shortest.
    if (pause && pause.shown !== shown) this.#pauses.delete(key);
    if (this.#shown.size >= pausesMax) this.#shown.clear();
    this.#shown.set(key, shown);
    return null;
  }

  refused(call: ClaimCall, nowMs: number): void {
    if (!isRelease(call)) return;
    const key = callKey(call);
    const times = (this.#pauses.get(key)?.times ?? 0) + 1;
    this.#pauses.delete(key);
    this.#pauses.set(key, {
      times,
      untilMs: nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(times - 1, 16)),
      shown: this.#shown.get(key) ?? '',
    });
    this.#shown.delete(key);
    for (const [oldest] of this.#pauses) if (this.#pauses.size > pausesMax) this.#pauses.delete(oldest);
  }

  done(call: ClaimCall): void {
    if (!isRelease(call)) return;
    this.#pauses.delete(callKey(call));
    this.#shown.delete(callKey(call));
  }
}

type Release = Extract<ClaimCall, { kind: 'terminate' | 'delete-volume' | 'delete-group' }>;

function isRelease(call: ClaimCall): call is Release {
  return call.kind === 'terminate' || call.kind === 'delete-volume' || call.kind === 'delete-group';
}

/** Everything in the listing that can make EC2 refuse the deletion: the resource and its users. */
function shownOf(call: Release, listing: ClaimListing): string {
  switch (call.kind) {
    case 'terminate':
      return JSON.stringify(call.machines.map(({ id }) => listing.machines.get(id)?.state ?? null));
    case 'delete-volume': {
      const volume = listing.volumes.get(call.volumeId);
      return JSON.stringify([volume?.state, volume?.attachments]);
    }
    case 'delete-group': {
      const { groupId } = call;
      const users = [...listing.machines.values()]
        .filter((one) => one.groupIds.includes(groupId))
        .map((one) => `${one.id} ${one.state}`);
      const namers = [...listing.groups.values()]
        .filter((one) => one.rules.some((rule) => rule.groupId === groupId))
        .map((one) => one.id);
      return JSON.stringify([users.sort(), namers.sort()]);
    }
  }
}

/**
 * When the next tick is due if only refused deletions are left to do; null: there is more to do. Every request that is
 * being released must have such a call itself: one that only waits needs the usual ticks.
 */
export function pausedUntil(
  pauses: ReleasePauses,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  { plan, observation, claims: { ownDueAtMs } }: Decision,
): number | null {
  const { claims, machineLaunches, groups, claimListing: listing } = observation;
  const calls = plan.actions.flatMap((one) => (one.kind === 'call' ? [one.call] : []));
  if (
    listing === null
    || calls.length === 0
    || machineLaunches.length > 0
    || groups.some(({ record }) => record.state !== 'active' && record.state !== 'deleting')
  )
    return null;
  const nowMs = clock.monotonicMs();
  const untilMs = calls.map((call) => pauses.untilMs(call, listing, nowMs));
  const ends = untilMs.filter((one) => one !== null);
  if (ends.length < calls.length) return null;
  const asked = new Set(
    calls.flatMap((call) =>
      call.kind === 'terminate'
        ? call.machines.map((one) => one.request)
        : call.kind === 'delete-group'
          ? [`group ${call.group}`]
          : 'request' in call
            ? [call.request]
            : [],
    ),
  );
  const isPaused = claims.every(({ record }) =>
    record.state === 'active'
      ? record.reason === null
      : record.state === 'releasing'
        && (asked.has(record.id) || record.waitsForGroups.some((id) => asked.has(`group ${id}`))),
  );
  return isPaused ? Math.min(ownDueAtMs ?? Infinity, clock.nowMs() + Math.max(1, Math.min(...ends) - nowMs)) : null;
}
