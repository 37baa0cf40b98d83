// How each replica of a service stands: a task from its request's row and from the document of the node that carries
// it, a virtual machine from its claim.
import type { ClaimWorkingCopy } from '../claims/working-copy.ts';
import type { ClaimRow } from '../records/claim.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { RequestRecord } from '../records/request.ts';
import { attemptId } from '../records/request.ts';
import { holdersOf } from '../tasks/decide-requests.ts';
import type { MachineAddress } from './machines/machine-replica.ts';
import { addressOf, leavesAtMs, machinePhase } from './machines/machine-replica.ts';
import type { Replica, ServiceRecord } from './record.ts';
import type { GroupTargets } from './targets/record.ts';
import { groupsVerdict, usesOf } from './targets/serving.ts';

/**
 * `pending`: no node runs it yet. `starting`: it runs, and there is no verdict about its health. `ready`: it serves, by
 * its own check and by the target groups of its service. `gone`: its request has ended, or is no longer there.
 */
export type ReplicaPhase = 'pending' | 'starting' | 'ready' | 'unhealthy' | 'gone';

export interface ReplicaState {
  readonly replica: Replica;
  readonly phase: ReplicaPhase;
  /** null: there is none any more, or nothing can be decided about it. */
  readonly request: RequestRecord | ClaimRow | null;
  /** Of a task; null: none runs it. */
  readonly node: NodeRecord | null;
  /** Of a virtual machine; null: it is none, or EC2 has not made it yet. */
  readonly machine: MachineAddress | null;
  /** Since when it serves; null: it does not. */
  readonly readySinceMs: number | null;
  readonly health: Assignment['health'] | null;
  /** In its node's document; null: no node runs it. */
  readonly assignment: Assignment | null;
  /** Its node takes no more tasks, and goes; or EC2 is about to take its machine. */
  readonly isLeaving: boolean;
  /** Its own check is good, and target groups send to it, or may. */
  readonly isTarget: boolean;
  /** Why a target group sends it nothing though its own check is good; null: none says so, or not for long enough. */
  readonly refusedBecause: string | null;
}

export function replicaStates(record: ServiceRecord, copy: ClaimWorkingCopy): readonly ReplicaState[] {
  const holders = holdersOf(copy.seen);
  const groups = targetsOf(record, copy.seen.targets ?? []);
  return record.running.map((replica) => {
    const own = machineState(replica, copy) ?? taskState(replica, holders, copy);
    return usesOf(record, replica.revision).length > 0 ? withGroups(own, record, groups, copy.seen.nowMs) : own;
  });
}

/** Of the service. */
export function targetsOf(
  { id }: Pick<ServiceRecord, 'id'>,
  all: readonly { readonly record: GroupTargets }[],
): readonly GroupTargets[] {
  return all.map(({ record }) => record).filter((one) => one.service === id);
}

/** What serves by its own check is ready when the groups send to it. */
function withGroups(
  own: ReplicaState,
  record: ServiceRecord,
  groups: readonly GroupTargets[],
  nowMs: number,
): ReplicaState {
  const { phase, node, assignment, replica, readySinceMs } = own;
  if (phase !== 'ready' || node === null || assignment === null) return own;
  const verdict = groupsVerdict(record, replica.revision, { node, assignment }, groups, nowMs);
  return {
    ...own,
    phase: verdict.phase,
    isTarget: true,
    readySinceMs: verdict.phase === 'ready' ? Math.max(readySinceMs ?? 0, verdict.sinceMs) : null,
    refusedBecause: verdict.phase === 'unhealthy' ? verdict.message : null,
  };
}

const nowhere = {
  ...{ node: null, machine: null, readySinceMs: null, health: null, assignment: null },
  ...{ isLeaving: false, isTarget: false, refusedBecause: null },
};

/** null: it is no machine. */
function machineState(replica: Replica, copy: ClaimWorkingCopy): ReplicaState | null {
  const { request: id } = replica;
  // What it has stays as it is, and nobody knows more: no other takes its place.
  if (copy.seen.aside?.claims.has(id) === true) return { ...nowhere, replica, request: null, phase: 'pending' };
  const claim = copy.claim(id);
  const row = claim ?? copy.seen.ended?.get(id);
  if (row === undefined) return null;
  const phase = machinePhase(row, replica.stop !== null);
  const readySinceMs = phase === 'ready' ? row.startedAtMs : null;
  const isLeaving = (leavesAtMs(row) ?? Infinity) <= copy.nowMs;
  return {
    ...nowhere,
    replica,
    request: row,
    phase,
    readySinceMs,
    isLeaving,
    machine: claim ? addressOf(claim) : null,
  };
}

/** By its own check. */
function taskState(replica: Replica, holders: ReadonlyMap<string, string>, copy: ClaimWorkingCopy): ReplicaState {
  const request = copy.request(replica.request) ?? null;
  const [task] = request?.tasks ?? [];
  const nothing = { ...nowhere, replica, request };
  if (request === null || request.endedAtMs !== null) return { ...nothing, phase: 'gone' };
  const id = attemptId(replica.request, 0, task?.attempt ?? 0);
  const node = copy.node(holders.get(id) ?? '');
  const assignment = node?.assigned.find((one) => one.attemptId === id);
  if (!node || !assignment || node.isLost) return { ...nothing, phase: 'pending' };
  const phase = phaseOf(assignment);
  return {
    ...nothing,
    node,
    phase,
    readySinceMs: phase === 'ready' ? readySince(assignment) : null,
    health: assignment.health ?? null,
    assignment,
    isLeaving: node.state === 'draining' || node.state === 'terminating',
    isTarget: false,
    refusedBecause: null,
  };
}

/** How what the node carries stands, by its own check. */
export function phaseOf({ startedAtMs, withdrawn, isChecked, health }: Assignment): Exclude<ReplicaPhase, 'gone'> {
  if (startedAtMs === null || withdrawn !== null) return 'pending';
  if (isChecked !== true) return 'ready';
  return health === undefined ? 'starting' : health.isHealthy ? 'ready' : 'unhealthy';
}

/** Of one that is ready: since when. */
function readySince({ startedAtMs, isChecked, health }: Assignment): number | null {
  return isChecked === true ? (health?.atMs ?? null) : startedAtMs;
}
