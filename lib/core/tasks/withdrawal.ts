// An attempt that shall stop is taken back from its node: at once where the agent cannot have heard of it, else by a
// mark in the node's document that the agent's next sync answers.
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { RecordWrite } from '../plan/plan.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { TaskRecord } from '../records/request.ts';
import type { StopWish } from './task-lifecycle.ts';
import { withdrawnWithoutEnd } from './task-lifecycle.ts';

/** Records in `copy` that one attempt is withdrawn, for the reason in `wish`. */
export function withdraw(
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
