// How many replicas are started, and which are stopped, so that in the end as many as are wanted run with the present
// template: within maxUnavailable and maxSurge, as in the Deployments of Kubernetes. Replicas on nodes that leave are
// replaced in the same way.
import { isClaim } from '../records/claim.ts';
import type { ServiceRecord } from './record.ts';
import type { ReplicaState } from './replica-state.ts';
import { isAvailable } from './rollout.ts';

export interface Places {
  readonly starts: number;
  readonly stops: readonly { readonly state: ReplicaState; readonly reason: string }[];
}

type Wanted = Pick<ServiceRecord, 'replicas' | 'revision' | 'update'>;

/**
 * `all`: what has not ended. What is unhealthy by its own check goes at once: nobody is sent to it any more. What only
 * a target group has as unhealthy is replaced first: the fault may be the load balancer's, and no other does better.
 */
export function placesOf(all: readonly ReplicaState[], service: Wanted, nowMs: number): Places {
  const { replicas: wanted, revision, update } = service;
  const staying = all.filter((one) => one.replica.stop === null);
  const isFailing = ({ phase, refusedBecause }: ReplicaState): boolean =>
    phase === 'unhealthy' && refusedBecause === null;
  const unhealthy = staying.filter(isFailing);
  const live = staying.filter((one) => !isFailing(one));
  const isOutdated = ({ replica, isLeaving, refusedBecause }: ReplicaState): boolean =>
    replica.revision !== revision || isLeaving || refusedBecause !== null;
  const current = live.filter((one) => !isOutdated(one));
  const outdated = live.filter(isOutdated);
  const { surge, unavailable, going } = roomOf(update, all.length - staying.length);
  const most = wanted + (outdated.length > 0 ? surge : 0);
  const starts = Math.max(0, Math.min(wanted - current.length, most - live.length - going));
  const counted = live.filter((one) => (isOutdated(one) ? one.phase === 'ready' : isAvailable(one, update, nowMs)));
  let canStop = counted.length - (wanted - unavailable);
  const doubted = outdated.filter(isDoubted);
  const missing = wanted - outdated.length - current.filter((one) => isAvailable(one, update, nowMs)).length;
  // Where none may start before another has gone, what an update replaces goes first, as many as may be unavailable.
  const isUpdate = surge === 0 && doubted.every(({ replica }) => replica.revision !== revision);
  const canGoFirst = isUpdate ? Math.max(0, unavailable - Math.max(0, missing)) : 0;
  const least = wanted - unavailable;
  let canRefuse = Math.max(canGoFirst, refusedToStop(live, doubted.length, counted.length, { wanted, least, most }));
  const outdatedStops = [...outdated].sort(leastUsefulFirst).filter((one) => {
    if (isDoubted(one)) {
      canRefuse -= 1;
      return canRefuse >= 0;
    }
    if (one.phase !== 'ready') return true;
    canStop -= 1;
    return canStop >= 0;
  });
  const extra = [...current].sort(leastUsefulFirst).slice(0, Math.max(0, current.length - wanted));
  const stops = [...unhealthy, ...outdatedStops, ...extra];
  return { starts, stops: stops.map((state) => ({ state, reason: reasonOf(state, service) })) };
}

/** Its own check is good, and only a target group does not have it as healthy. */
function isDoubted({ refusedBecause, isTarget, phase }: ReplicaState): boolean {
  return refusedBecause !== null || (isTarget && phase === 'starting');
}

/**
 * So many of those (`refused`) that only a target group does not have as healthy, e.g. since it is gone: as many as
 * others do better for, one for one. Where none is available, none but those that are too many.
 */
function refusedToStop(
  live: readonly ReplicaState[],
  refused: number,
  available: number,
  { wanted, least, most }: { readonly wanted: number; readonly least: number; readonly most: number },
): number {
  if (wanted === 0) return refused;
  const replaced = available === 0 ? 0 : available + refused - least;
  return Math.max(replaced, live.length - most);
}

/** With `stop-first` a new one starts when an old one has ended; else what is being stopped is not counted. */
function roomOf({ order, maxSurge, maxUnavailable }: Wanted['update'], stopping: number) {
  if (order === 'stop-first') return { surge: 0, unavailable: Math.max(1, maxUnavailable), going: stopping };
  return { surge: maxUnavailable === 0 ? Math.max(1, maxSurge) : maxSurge, unavailable: maxUnavailable, going: 0 };
}

function reasonOf(
  { phase, health, replica, isLeaving, refusedBecause, request }: ReplicaState,
  { replicas, revision }: Wanted,
): string {
  if (refusedBecause !== null) return refusedBecause;
  if (phase === 'unhealthy') return `it is unhealthy: ${health?.message ?? 'its checks fail'}`;
  if (replicas === 0) return 'none is wanted';
  if (replica.revision !== revision)
    return `revision ${String(revision)} takes the place of ${String(replica.revision)}`;
  if (!isLeaving) return `${String(replicas)} are wanted`;
  const taken = request !== null && isClaim(request) ? request.leaving : undefined;
  return taken ? `${taken.instanceId}: ${taken.reason}` : 'its node takes no more tasks, and goes';
}

/** What does not serve yet; then what is on a node that leaves; then the highest place. */
function leastUsefulFirst(a: ReplicaState, b: ReplicaState): number {
  const rank = ({ phase, isLeaving }: ReplicaState): number => (phase === 'ready' ? 2 : 0) - (isLeaving ? 1 : 0);
  return rank(a) - rank(b) || b.replica.slot - a.replica.slot;
}
