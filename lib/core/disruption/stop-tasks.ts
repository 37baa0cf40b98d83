// The tasks of a node that has to go before they end: stopped there, and queued again without losing a retry.
import { assert } from '../values/errors.ts';
import { Slices } from '../plan/slices.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import { requeueAfterLoss } from '../tasks/task-lifecycle.ts';

/**
 * Takes back at once what the agent cannot have heard of; the rest is marked, for the agent to stop, and queued again
 * with the agent's word that it has stopped.
 */
export function stopTasks(id: string, reason: string, copy: WorkingCopy): void {
  const slices = new Slices<Assignment>(copy.suspects, (gone, writes) => {
    copy.change('requeue', reason, [...writes, copy.setNode(copy.withoutAssignments(nodeOf(copy, id), gone))]);
  });
  for (const assignment of nodeOf(copy, id).assigned) {
    if (assignment.isOffered || copy.isAside(assignment.requestId)) continue;
    const task = copy.task(assignment.requestId, assignment.index);
    if (task?.state !== 'placed' || task.attempt !== assignment.attempt) continue;
    slices.add(assignment, [copy.setTask(assignment.requestId, requeueAfterLoss(task, reason, copy.nowMs))]);
  }
  slices.end();
  const node = nodeOf(copy, id);
  if (!node.assigned.some(isRunningOn)) return;
  const withdrawn = { reason, atSeq: node.seq, atBootId: node.bootId };
  const assigned = node.assigned.map((one) => (isRunningOn(one) ? { ...one, withdrawn } : one));
  copy.change('withdraw', reason, [copy.setNode({ ...node, assigned })]);
}

function isRunningOn({ isOffered, withdrawn }: Assignment): boolean {
  return isOffered && withdrawn === null;
}

function nodeOf(copy: WorkingCopy, id: string): NodeRecord {
  const node = copy.node(id);
  assert(node, `node ${id} is not in this observation`);
  return node;
}
