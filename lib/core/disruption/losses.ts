// What becomes of the tasks of a node on which nothing runs any more, and of assignments whose task has moved on.
import { nodeNote } from '../plan/change.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { TaskRecord } from '../records/request.ts';
import { afterNodeLoss, isUnannounced, lossesMaxOf } from '../tasks/node-losses.ts';
import type { Observation, PoolMemory } from '../plan/observation.ts';
import { taskStopWish } from '../tasks/request-lifecycle.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { Slices } from '../plan/parts/slices.ts';
import { commandsOf, losing } from './index.ts';
import type { NamedCommand } from './index.ts';
import { judgeSilence } from './methods/silence.ts';
import { missingSince } from './methods/termination.ts';
import { requeueAfterLoss, withdrawnWithoutEnd } from '../tasks/task-lifecycle.ts';

/** Lost and missing nodes, stale assignments. Answers the memory of mass silence. */
export function decideLosses(
  observation: Observation,
  copy: WorkingCopy,
  settings: DecisionSettings,
): Pick<PoolMemory, 'massSilenceSinceMs'> {
  const { listing } = observation;
  const nodes = observation.nodes.map(({ record }) => record);
  const { lost: lostBySilence, massSilenceSinceMs } = judgeSilence(observation, settings);
  const commands = commandsOf(losing, nodes, { observation, settings, wanted: new Set(), lostBySilence });
  for (const node of nodes) {
    const command = commands.get(node.id) ?? unfinishedLoss(node);
    if (command) {
      // What was not queued again in the first go is counted as that was.
      const isCounted = node.isLost
        ? node.isLossCounted === true
        : isUnannounced(node, listing, massSilenceSinceMs !== null);
      loseNode(command, isCounted, observation, copy);
    } else {
      if (listing) noteMissing(node, missingSince(node, listing, settings), copy);
      dropStale(node, copy);
    }
  }
  return { massSilenceSinceMs };
}

/** It was found lost, and not all of its tasks could be queued again in one go. */
function unfinishedLoss(node: NodeRecord): NamedCommand | null {
  if (!node.isLost || node.assigned.length === 0) return null;
  return { node, by: node.drain?.by ?? 'termination', reason: node.drain?.reason ?? 'found lost' };
}

/**
 * Nothing runs there any more: its tasks are queued again (attempts raised) in the writes that take them out of
 * the document, as many at a time as one change may write. It is lost from the first of these writes on, and is
 * so until it is empty.
 */
function loseNode(
  { node, by, reason }: NamedCommand,
  isCounted: boolean,
  { pool }: Pick<Observation, 'pool'>,
  copy: WorkingCopy,
): void {
  // What we terminated ourselves is no loss: it is only forgotten.
  if (node.assigned.length === 0 && (node.isLost || node.state === 'terminating')) return;
  const without = (gone: readonly Assignment[]): NodeRecord => ({
    ...copy.withoutAssignments(copy.node(node.id) ?? node, gone),
    isLost: true,
    ...(isCounted ? { isLossCounted: true as const } : {}),
    state: node.state === 'terminating' ? 'terminating' : 'draining',
    drain: node.drain ?? { by, reason, atMs: copy.nowMs, deadlineMs: null },
  });
  let isKnown = node.isLost;
  const slices = new Slices<Assignment>(copy.suspects, (gone, writes) => {
    const next = without(gone);
    copy.change('lost', reason, [...writes, copy.setNode(next)], {
      activity: isKnown ? null : nodeNote('node_lost', next, reason),
    });
    isKnown = true;
  });
  for (const assignment of node.assigned) {
    const task = currentTask(copy, assignment);
    const request = copy.request(assignment.requestId);
    if (!task || !request || copy.isAside(request.id)) {
      slices.add(assignment, []);
      continue;
    }
    const wish = taskStopWish(request, task, copy.nowMs);
    const isAlone = !node.isLost && node.assigned.length === 1;
    const loss = { nodeId: node.id, reason, isAlone, lossesMax: lossesMaxOf(request.spec, pool) };
    const next = wish
      ? withdrawnWithoutEnd(task, wish, wish.reason, copy.nowMs)
      : // What it was not yet told to run, it did not bring down.
        isCounted && assignment.isOffered
        ? afterNodeLoss(task, loss, copy.nowMs)
        : requeueAfterLoss(task, `node ${node.id} was lost: ${reason}`, copy.nowMs);
    slices.add(assignment, [copy.setTask(assignment.requestId, afterLossOf(node, next))]);
  }
  slices.end();
  if (node.assigned.length > 0) return;
  const next = without([]);
  copy.change('lost', reason, [copy.setNode(next)], { activity: nodeNote('node_lost', next, reason) });
}

/** Of a spot node: counted, so that a task whose spot nodes are lost again and again may have another. */
function afterLossOf({ capacityType }: NodeRecord, task: TaskRecord): TaskRecord {
  return capacityType === 'spot' ? { ...task, spotLosses: (task.spotLosses ?? 0) + 1 } : task;
}

/** The task that the assignment is about, if the assignment still is the task's current attempt. */
function currentTask(copy: WorkingCopy, assignment: Assignment) {
  const task = copy.task(assignment.requestId, assignment.index);
  return task?.state === 'placed' && task.attempt === assignment.attempt ? task : undefined;
}

function noteMissing(node: NodeRecord, missingSinceMs: number | null, copy: WorkingCopy): void {
  if (missingSinceMs === node.missingSinceMs) return;
  const next = { ...node, missingSinceMs };
  copy.change('missing', missingSinceMs === null ? 'EC2 lists it again' : 'EC2 does not list it', [copy.setNode(next)]);
}

/** Assignments whose task has moved on (an end was stored, but not the node's document): they only go. */
function dropStale(node: NodeRecord, copy: WorkingCopy): void {
  const current = copy.node(node.id) ?? node;
  if (copy.settledOn(current) !== undefined) return;
  const stale = current.assigned.filter(
    (one) => !currentTask(copy, one) && copy.request(one.requestId) !== undefined && !copy.isAside(one.requestId),
  );
  if (stale.length === 0) return;
  const next = copy.withoutAssignments(current, stale);
  copy.change('drop', 'these attempts have ended already', [copy.setNode(next)]);
}
