// The tasks of a node that has to go before they end: stopped there, and queued again without losing a retry. When each
// of them may be stopped follows from why the node goes and from what the task bears.
import { assert } from '../values/errors.ts';
import { Slices } from '../plan/parts/slices.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Assignment, DisruptionName, NodeDrain, NodeRecord } from '../records/node.ts';
import type { PoolSpec } from '../records/pool.ts';
import { maxDrainMsDefault } from '../records/pool.ts';
import type { TaskDisruption, TaskSpec } from '../records/request.ts';
import { requeueAfterLoss } from '../tasks/task-lifecycle.ts';

/** Methods under which tasks are asked what they bear; under others they run until they end. */
const asking: readonly DisruptionName[] = ['drift', 'expiry', 'consolidation', 'announced', 'unhealthy'];

/** It may be stopped at any time, and begins anew or goes on elsewhere. */
export function bearsStop(disruption: TaskDisruption | undefined): boolean {
  return disruption?.mode === 'restart' || disruption?.mode === 'checkpoint';
}

/** From when on it may be stopped; Infinity: it runs until it ends. */
export function stopAtMs(
  { by, atMs, stopAtMs: ordered = Infinity }: NodeDrain,
  { disruption }: Pick<TaskSpec, 'disruption'>,
  pool: Pick<PoolSpec, 'disruption'>,
): number {
  // What EC2 takes in two minutes is not waited for: a task that can save does it while there is time.
  if (by === 'interruption' && disruption?.mode === 'checkpoint') return Math.min(ordered, atMs);
  if (!asking.includes(by)) return ordered;
  const longestMs = disruption?.maxDrainMs ?? pool.disruption?.maxDrainMs ?? maxDrainMsDefault;
  return Math.min(ordered, bearsStop(disruption) ? atMs : atMs + longestMs);
}

/**
 * Of those whose time has come: takes back at once what the agent cannot have heard of; the rest is marked, for the
 * agent to stop, and queued again with the agent's word that it has stopped.
 */
export function stopTasks({ id, drain }: NodeRecord, copy: WorkingCopy, pool: Pick<PoolSpec, 'disruption'>): void {
  if (!drain) return;
  const reason = `node ${id} goes: ${drain.reason}`;
  const isDue = ({ requestId }: Assignment): boolean =>
    stopAtMs(drain, copy.request(requestId)?.spec ?? {}, pool) <= copy.nowMs;
  const slices = new Slices<Assignment>(copy.suspects, (gone, writes) => {
    copy.change('requeue', reason, [...writes, copy.setNode(copy.withoutAssignments(nodeOf(copy, id), gone))]);
  });
  for (const assignment of nodeOf(copy, id).assigned) {
    if (assignment.isOffered || copy.isAside(assignment.requestId) || !isDue(assignment)) continue;
    const task = copy.task(assignment.requestId, assignment.index);
    if (task?.state !== 'placed' || task.attempt !== assignment.attempt) continue;
    slices.add(assignment, [copy.setTask(assignment.requestId, requeueAfterLoss(task, reason, copy.nowMs))]);
  }
  slices.end();
  const node = nodeOf(copy, id);
  const isStopped = (one: Assignment): boolean => one.isOffered && one.withdrawn === null && isDue(one);
  if (!node.assigned.some(isStopped)) return;
  const withdrawn = { reason, atSeq: node.seq, atBootId: node.bootId };
  const assigned = node.assigned.map((one) => (isStopped(one) ? { ...one, withdrawn } : one));
  copy.change('withdraw', reason, [copy.setNode({ ...node, assigned })]);
}

function nodeOf(copy: WorkingCopy, id: string): NodeRecord {
  const node = copy.node(id);
  assert(node, `node ${id} is not in this observation`);
  return node;
}
