// How each replica of a service stands, from its request's row and from the document of the node that carries it.
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { RequestRecord } from '../records/request.ts';
import { attemptId } from '../records/request.ts';
import { holdersOf } from '../tasks/decide-requests.ts';
import type { Replica, ServiceRecord } from './record.ts';

/**
 * `pending`: no node runs it yet. `starting`: it runs, and there is no verdict about its health. `ready`: it serves.
 * `gone`: its request has ended, or is no longer there.
 */
export type ReplicaPhase = 'pending' | 'starting' | 'ready' | 'unhealthy' | 'gone';

export interface ReplicaState {
  readonly replica: Replica;
  readonly phase: ReplicaPhase;
  /** null: there is none any more. */
  readonly request: RequestRecord | null;
  readonly node: NodeRecord | null;
  /** Since when it serves; null: it does not. */
  readonly readySinceMs: number | null;
  readonly health: Assignment['health'] | null;
  /** In its node's document; null: no node runs it. */
  readonly assignment: Assignment | null;
  /** Its node takes no more tasks, and goes. */
  readonly isLeaving: boolean;
}

export function replicaStates(record: ServiceRecord, copy: WorkingCopy): readonly ReplicaState[] {
  const holders = holdersOf(copy.seen);
  return record.running.map((replica) => stateOf(replica, holders, copy));
}

function stateOf(replica: Replica, holders: ReadonlyMap<string, string>, copy: WorkingCopy): ReplicaState {
  const request = copy.request(replica.request) ?? null;
  const [task] = request?.tasks ?? [];
  const nothing = {
    replica,
    request,
    node: null,
    readySinceMs: null,
    health: null,
    assignment: null,
    isLeaving: false,
  };
  if (request === null || request.endedAtMs !== null) return { ...nothing, phase: 'gone' };
  const id = attemptId(replica.request, 0, task?.attempt ?? 0);
  const node = copy.node(holders.get(id) ?? '');
  const assignment = node?.assigned.find((one) => one.attemptId === id);
  if (!node || !assignment || node.isLost) return { ...nothing, phase: 'pending' };
  const phase = phaseOf(assignment);
  return {
    replica,
    request,
    node,
    phase,
    readySinceMs: phase === 'ready' ? readySince(assignment) : null,
    health: assignment.health ?? null,
    assignment,
    isLeaving: node.state === 'draining' || node.state === 'terminating',
  };
}

/** How what the node carries stands. */
export function phaseOf({ startedAtMs, withdrawn, isChecked, health }: Assignment): Exclude<ReplicaPhase, 'gone'> {
  if (startedAtMs === null || withdrawn !== null) return 'pending';
  if (isChecked !== true) return 'ready';
  return health === undefined ? 'starting' : health.isHealthy ? 'ready' : 'unhealthy';
}

/** Of one that is ready: since when. */
function readySince({ startedAtMs, isChecked, health }: Assignment): number | null {
  return isChecked === true ? (health?.atMs ?? null) : startedAtMs;
}
