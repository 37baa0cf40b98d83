// What becomes of each open request apart from placing: collected when ended, stopped when cancelled or
// past its deadline, brought up to date when an array's tasks moved, repaired when a placement lost its node.
import type { WorkingCopy } from '../plan/working-copy.ts';
import { activeRequests } from '../plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { Observation } from '../plan/observation.ts';
import type { RecordWrite } from '../plan/plan.ts';
import type { TaskRecord } from '../records/request.ts';
import { attemptId } from '../records/request.ts';
import { aggregateArray, stopWish } from './request-lifecycle.ts';
import type { StopWish } from './task-lifecycle.ts';
import { requeueAfterLoss, stopPending, withdrawnWithoutEnd } from './task-lifecycle.ts';

export function decideRequests(observation: Observation, copy: WorkingCopy): void {
  const holders = holdersOf(observation);
  for (const { record } of activeRequests(observation)) {
    if (record.endedAtMs !== null) continue;
    const wish = observation.isPoolDeleting
      ? { state: 'cancelled' as const, reason: 'the pool was deleted' }
      : stopWish(record, copy.nowMs);
    const tasks = record.spec.count === 1 ? record.tasks : copy.chunks(record.id).flatMap((chunk) => chunk.tasks);
    for (const { index } of tasks) {
      const task = copy.task(record.id, index);
      if (task) decideTask(record.id, task, wish, holders, copy);
    }
  }
}

/** Their events are written with the change, many to an item. */
const endedPerChangeMax = 1_000;

/**
 * Ends that nobody was told of: those of the tick itself and of callers are still among the open requests, those that
 * syncs stored are named by their node's document. Last of all, so that nothing waits for the telling.
 */
export function decideEnded(observation: Observation, copy: WorkingCopy): void {
  const holders = holdersOf(observation);
  for (const { record, isCollected } of activeRequests(observation)) {
    if (record.endedAtMs === null || isCollected) continue;
    // Not while a document still carries the attempt that ended: it must not take the end for one
    // that nobody was told of.
    if (record.tasks.some((task) => holders.has(attemptId(record.id, task.index, task.attempt)))) continue;
    copy.change('collect', 'ended', [{ type: 'request', record, isCollected: true }], { ended: [record] });
  }
  // Two documents that name one end publish it once.
  const published = new Set<string>();
  for (const node of copy.nodes()) {
    const { ended = [], ...rest } = node;
    if (ended.length === 0) continue;
    const now = ended.slice(0, endedPerChangeMax).filter((id) => !published.has(id));
    for (const id of now) published.add(id);
    const records = now.map((id) => copy.request(id)).filter((one) => one !== undefined);
    const left = ended.slice(endedPerChangeMax);
    copy.change('collect', 'ended', [copy.setNode(left.length === 0 ? rest : { ...rest, ended: left })], {
      ended: records,
    });
  }
}

/** What outlives the entry of its batch lists itself from now on. */
export function decideListed(observation: Observation, copy: WorkingCopy): void {
  for (const { record } of observation.requests) {
    if (record.quarantine === null && copy.isAside(record.id)) continue; // it is to be written first
    const { batch, ...alone } = record;
    if (record.endedAtMs === null && batch && batch.untilMs <= copy.nowMs)
      copy.change('list', 'open for as long as its batch is listed', [{ type: 'request', record: alone }]);
  }
}

/** Arrays: the row follows its chunks. After the other decisions of the round, so that it sees them. */
export function decideArrays(observation: Observation, copy: WorkingCopy): void {
  for (const { record } of activeRequests(observation)) {
    if (record.spec.count === 1 || record.endedAtMs !== null) continue;
    const now = copy.request(record.id) ?? record;
    const next = aggregateArray(now, copy.chunks(record.id), copy.nowMs);
    if (next !== now) copy.change('aggregate', 'tasks moved', [copy.setRequest(next)]);
  }
}

function holdersOf(observation: Observation): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const { record } of observation.nodes) for (const one of record.assigned) holders.set(one.attemptId, record.id);
  return holders;
}

function decideTask(
  requestId: string,
  task: TaskRecord,
  wish: StopWish | null,
  holders: ReadonlyMap<string, string>,
  copy: WorkingCopy,
): void {
  if (task.state === 'pending') {
    if (wish) copy.change('stop', wish.reason, [copy.setTask(requestId, stopPending(task, wish, copy.nowMs))]);
    return;
  }
  if (task.state !== 'placed') return;
  const id = attemptId(requestId, task.index, task.attempt);
  const nodeId = holders.get(id);
  const node = nodeId === undefined ? undefined : copy.node(nodeId);
  const assignment = node?.assigned.find((one) => one.attemptId === id);
  if (!node || !assignment) {
    // No document says that a node runs it, so nothing does: a placement of an array's task writes both at once.
    const next = wish
      ? withdrawnWithoutEnd(task, wish, wish.reason, copy.nowMs)
      : requeueAfterLoss(task, `its node ${task.allocation?.nodeId ?? ''} is gone`, copy.nowMs);
    copy.change('requeue', next.reason ?? 'its node is gone', [copy.setTask(requestId, next)]);
    return;
  }
  if (wish) withdraw(requestId, task, wish, node, assignment, copy);
}

function withdraw(
  requestId: string,
  task: TaskRecord,
  wish: StopWish,
  node: NodeRecord,
  assignment: Assignment,
  copy: WorkingCopy,
): void {
  if (!assignment.isOffered) {
    // The agent cannot have heard of it: taken back at once.
    const writes: RecordWrite[] = [
      copy.setTask(requestId, withdrawnWithoutEnd(task, wish, wish.reason, copy.nowMs)),
      copy.setNode(copy.withoutAssignments(node, [assignment])),
    ];
    copy.change('stop', wish.reason, writes);
    return;
  }
  if (assignment.withdrawn) return;
  const withdrawn = { reason: wish.reason, atSeq: node.seq, atBootId: node.bootId };
  const next: NodeRecord = {
    ...node,
    assigned: node.assigned.map((one) => (one.attemptId === assignment.attemptId ? { ...one, withdrawn } : one)),
  };
  copy.change('withdraw', wish.reason, [copy.setNode(next)]);
}
