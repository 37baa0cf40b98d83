// How many replicas are started, and which are stopped, so that in the end as many as are wanted run with the present
// template: within maxUnavailable and maxSurge, as in the Deployments of Kubernetes. Replicas on nodes that leave are
// replaced in the same way.
import type { ServiceRecord } from './record.ts';
import type { ReplicaState } from './replica-state.ts';

export interface Places {
  readonly starts: number;
  readonly stops: readonly { readonly state: ReplicaState; readonly reason: string }[];
}

/** `all`: those that are there and shall not go yet. What is unhealthy goes at once: nobody is sent to it any more. */
export function placesOfSurge(
  all: readonly ReplicaState[],
  { replicas: wanted, revision, update }: Pick<ServiceRecord, 'replicas' | 'revision' | 'update'>,
): Places {
  const unhealthy = all.filter((one) => one.phase === 'unhealthy');
  const live = all.filter((one) => one.phase !== 'unhealthy');
  const isOutdated = ({ replica, isLeaving }: ReplicaState): boolean => replica.revision !== revision || isLeaving;
  const current = live.filter((one) => !isOutdated(one));
  const outdated = live.filter(isOutdated);
  const surge = outdated.length > 0 ? Math.max(update.maxSurge, update.maxUnavailable === 0 ? 1 : 0) : 0;
  const starts = Math.max(0, Math.min(wanted - current.length, wanted + surge - live.length));
  const ready = live.filter((one) => one.phase === 'ready').length;
  let canStop = ready - (wanted - update.maxUnavailable);
  const outdatedStops = [...outdated].sort(leastUsefulFirst).filter((one) => {
    if (one.phase !== 'ready') return true;
    canStop -= 1;
    return canStop >= 0;
  });
  const extra = [...current].sort(leastUsefulFirst).slice(0, Math.max(0, current.length - wanted));
  const reasonOf = (one: ReplicaState): string => {
    if (one.phase === 'unhealthy') return `it is unhealthy: ${one.health?.message ?? 'its checks fail'}`;
    if (wanted === 0) return 'none is wanted';
    if (one.replica.revision !== revision)
      return `revision ${String(revision)} takes the place of ${String(one.replica.revision)}`;
    return one.isLeaving ? 'its node takes no more tasks, and goes' : `${String(wanted)} are wanted`;
  };
  return {
    starts,
    stops: [...unhealthy, ...outdatedStops, ...extra].map((state) => ({ state, reason: reasonOf(state) })),
  };
}

/** What does not serve yet; then what is on a node that leaves; then the highest place. */
function leastUsefulFirst(a: ReplicaState, b: ReplicaState): number {
  const rank = ({ phase, isLeaving }: ReplicaState): number => (phase === 'ready' ? 2 : 0) - (isLeaving ? 1 : 0);
  return rank(a) - rank(b) || b.replica.slot - a.replica.slot;
}
