// Invariant 20: services. No replica is doubled or lost: whatever is on a list is a request, and no open request of a
// service is on none. Nothing is started beyond what is wanted and the surge of an update, and no machine that was
// handed out is stopped where too few others would be left. In the end (phases.ts) an update is done, or was rolled
// back.
import type { ClaimRecord } from '../../../core/records/claim.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import { isEnd } from '../../../core/records/request.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '20: services';

export function services(truth: Truth): Watcher {
  const fresh = new Set<string>();
  return {
    request(before, after) {
      if (before === null && after?.spec.service !== undefined) fresh.add(after.id);
    },
    claim(before, after) {
      if (before === null && after?.spec.type === 'virtual_machine' && after.spec.service !== undefined)
        fresh.add(after.id);
    },
    service(before, after) {
      if (after) checkStarts(truth, before, after);
      if (before && after) checkStops(truth, before, after);
      const kept = new Set((after?.running ?? []).map((one) => one.request));
      for (const { request } of before?.running ?? []) {
        if (!kept.has(request) && isStanding(truth, request))
          truth.violate(name, `request ${request} leaves the list of ${before?.name ?? ''} while it is open`, [
            request,
          ]);
      }
    },
    written() {
      if (fresh.size === 0) return;
      const listed = new Set([...truth.services.values()].flatMap((one) => one.running.map(({ request }) => request)));
      for (const id of fresh)
        if (!listed.has(id)) truth.violate(name, `request ${id} is a replica on no list of a service`, [id]);
      fresh.clear();
    },
  };
}

/** A machine that is released goes by itself from then on. */
function isStanding(truth: Truth, id: string): boolean {
  const record = truth.requests.get(id);
  if (record !== undefined) return !isEnd(record.state);
  const claim = truth.claims.get(id);
  return claim !== undefined && !isGoing(claim);
}

function isGoing({ endedAtMs, state, cancelRequestedAtMs }: ClaimRecord): boolean {
  return endedAtMs !== null || state === 'releasing' || cancelRequestedAtMs !== null;
}

/** What was handed out once may be lost by now: that is no choice, so it counts as if it were there. */
function checkStops(truth: Truth, before: ServiceRecord, after: ServiceRecord): void {
  const stood = new Set(before.running.filter((one) => one.stop === null).map((one) => one.request));
  const isActive = (id: string): boolean => truth.claims.get(id)?.state === 'active';
  const stopped = after.running.filter((one) => one.stop !== null && stood.has(one.request) && isActive(one.request));
  if (stopped.length === 0 || after.deletingSinceMs !== null) return;
  const { order, maxUnavailable } = after.update;
  const least = after.replicas - (order === 'stop-first' ? Math.max(1, maxUnavailable) : maxUnavailable);
  const gone = new Set(stopped.map((one) => one.request));
  const left = [...stood].filter((id) => !gone.has(id) && (truth.claims.get(id)?.startedAtMs ?? null) !== null);
  if (left.length < least)
    truth.violate(
      name,
      `service ${after.name} stops ${String(stopped.length)} machines and has ${String(left.length)} left, of `
        + `${String(after.replicas)} wanted with at most ${String(after.replicas - least)} fewer`,
      after.running.map((one) => one.request),
    );
}

function checkStarts(truth: Truth, before: ServiceRecord | null, after: ServiceRecord): void {
  const known = new Set((before?.running ?? []).map((one) => one.request));
  const added = after.running.filter((one) => !known.has(one.request));
  if (added.length === 0) return;
  const ids = after.running.map((one) => one.request);
  if (new Set(ids).size < ids.length) truth.violate(name, `a replica of ${after.name} is listed twice`, ids);
  for (const { request } of added)
    if (!truth.requests.has(request) && !truth.claims.has(request))
      truth.violate(name, `replica ${request} of ${after.name} is listed, and there is no such request`, [request]);
  const live = after.running.filter((one) => one.stop === null);
  const { order, maxSurge, maxUnavailable } = after.update;
  const surge = order === 'stop-first' ? 0 : Math.max(maxSurge, maxUnavailable === 0 ? 1 : 0);
  if (live.length > after.replicas + surge)
    truth.violate(
      name,
      `service ${after.name} starts ${String(added.length)}, and has ${String(live.length)} of `
        + `${String(after.replicas)} wanted and ${String(surge)} above`,
      ids,
    );
  if (new Set(live.map((one) => one.slot)).size < live.length)
    truth.violate(name, `two replicas of ${after.name} have one place`, ids);
}
