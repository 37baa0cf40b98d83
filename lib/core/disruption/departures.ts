// What becomes of each node: lost, missing, drained, retired, terminated, forgotten. One small rule each.
import { idleAtMs } from './emptiness.ts';
import { isSilent, judgeSilence, missingSince, evidenceOfTermination, wordOfEnding } from './lost.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import { afterNodeLoss, isUnannounced, lossesMaxOf } from '../tasks/node-losses.ts';
import type { Observation, PoolMemory } from '../plan/observation.ts';
import { stopWish } from '../tasks/request-lifecycle.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { Slices } from '../plan/slices.ts';
import { requeueAfterLoss, withdrawnWithoutEnd } from '../tasks/task-lifecycle.ts';

/** Lost and missing nodes, stale assignments. Answers the memory of mass silence. */
export function decideLosses(
  observation: Observation,
  copy: WorkingCopy,
  settings: DecisionSettings,
): Pick<PoolMemory, 'massSilenceSinceMs'> {
  const verdict = judgeSilence(observation, settings);
  for (const { record } of observation.nodes) {
    const { listing } = observation;
    const word =
      evidenceOfTermination(record, listing, settings)
      ?? (verdict.lost.has(record.id)
        ? 'silent for longer than the fence time; its agent has stopped its tasks'
        : null)
      // It was found lost, and not all of its tasks could be queued again in one go.
      ?? (record.isLost && record.assigned.length > 0 ? (record.drain?.reason ?? 'found lost') : null);
    // What was not queued again in the first go is counted as that was.
    const isCounted = record.isLost
      ? record.isLossCounted === true
      : isUnannounced(record, listing, verdict.massSilenceSinceMs !== null);
    if (word) loseNode(record, word, isCounted, observation, copy);
    else {
      if (listing) noteMissing(record, missingSince(record, listing, settings), copy);
      dropStale(record, copy);
    }
  }
  return { massSilenceSinceMs: verdict.massSilenceSinceMs };
}

/**
 * Nothing runs there any more: its tasks are queued again (attempts raised) in the writes that take them out of
 * the document, as many at a time as one change may write. It is lost from the first of these writes on, and is
 * so until it is empty.
 */
function loseNode(
  node: NodeRecord,
  word: string,
  isCounted: boolean,
  { pool }: Pick<Observation, 'pool'>,
  copy: WorkingCopy,
): void {
  // What we gave back ourselves is no loss: it is only forgotten.
  if (node.assigned.length === 0 && (node.isLost || node.state === 'terminating')) return;
  const without = (gone: readonly Assignment[]): NodeRecord => ({
    ...copy.withoutAssignments(copy.node(node.id) ?? node, gone),
    isLost: true,
    ...(isCounted ? { isLossCounted: true as const } : {}),
    state: node.state === 'terminating' ? 'terminating' : 'draining',
    drain: node.drain ?? { reason: word, atMs: copy.nowMs, deadlineMs: null },
  });
  let isKnown = node.isLost;
  const slices = new Slices<Assignment>(copy.suspects, (gone, writes) => {
    const next = without(gone);
    copy.change('lost', word, [...writes, copy.setNode(next)], {
      nodeActivity: isKnown ? null : { code: 'node_lost', node: next },
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
    const wish = stopWish(request, copy.nowMs);
    slices.add(assignment, [
      copy.setTask(
        assignment.requestId,
        wish
          ? withdrawnWithoutEnd(task, wish, wish.reason, copy.nowMs)
          : // What it was not yet told to run, it did not bring down.
            isCounted && assignment.isOffered
            ? afterNodeLoss(
                task,
                {
                  nodeId: node.id,
                  reason: word,
                  isAlone: !node.isLost && node.assigned.length === 1,
                  lossesMax: lossesMaxOf(request.spec, pool),
                },
                copy.nowMs,
              )
            : requeueAfterLoss(task, `node ${node.id} was lost: ${word}`, copy.nowMs),
      ),
    ]);
  }
  slices.end();
  if (node.assigned.length > 0) return;
  const next = without([]);
  copy.change('lost', word, [copy.setNode(next)], { nodeActivity: { code: 'node_lost', node: next } });
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
  const stale = current.assigned.filter(
    (one) => copy.request(one.requestId) !== undefined && !copy.isAside(one.requestId) && !currentTask(copy, one),
  );
  if (stale.length === 0) return;
  const next = copy.withoutAssignments(current, stale);
  copy.change('drop', 'these attempts have ended already', [copy.setNode(next)]);
}

/**
 * Why a node whose agent never called was given up, for whoever buys the next; null: it was not, or not
 * for a fault of its own.
 */
export function bootFailure({
  id,
  instanceType,
  zone,
  readyAtMs,
  drain,
}: NodeRecord): { readonly atMs: number; readonly message: string } | null {
  if (readyAtMs !== null || drain === null) return null;
  if (drain.reason !== neverCalledInTime && !/^(EC2 says|absent from)/.test(drain.reason)) return null;
  return { atMs: drain.atMs, message: `${id} (${instanceType} in ${zone}): ${drain.reason}` };
}

const neverCalledInTime = 'its agent did not call within the boot time';

/**
 * Drains what shall go, retires what is drained, calls EC2 for what is retired, forgets what is gone. `wanted`:
 * nodes that the plan counts on.
 */
export function decideDepartures(
  observation: Observation,
  copy: WorkingCopy,
  wanted: ReadonlySet<string>,
  settings: DecisionSettings,
): void {
  const { nowMs, listing } = observation;
  const toTerminate: NodeRecord[] = [];
  for (const { record } of observation.nodes) {
    const node = copy.node(record.id) ?? record;
    if (node !== record) continue; // changed in this decision already; the next round goes on
    const word = evidenceOfTermination(node, listing, settings);
    // A document that still has ends to tell is told first.
    if (word && node.assigned.length === 0 && (node.ended ?? []).length === 0) {
      copy.add({ kind: 'forget', node, reason: node.drain?.reason ?? word });
      continue;
    }
    switch (node.state) {
      case 'launching':
      case 'ready': {
        const reason = drainReason(node, observation, wanted, settings);
        if (reason) {
          // Nothing to drain: the write that stops placements is conditional on the very document that is empty.
          const state = node.assigned.length === 0 ? 'terminating' : 'draining';
          const next: NodeRecord = { ...node, state, drain: { reason, atMs: nowMs, deadlineMs: null } };
          copy.change('drain', reason, [copy.setNode(next)], { nodeActivity: { code: 'node_draining', node: next } });
        }
        break;
      }
      case 'draining':
        if (node.assigned.length === 0) {
          const next: NodeRecord = { ...node, state: 'terminating' };
          copy.change('retire', node.drain?.reason ?? 'drained', [copy.setNode(next)]);
        }
        break;
      case 'terminating': {
        const isAsked =
          node.terminateAcceptedAtMs !== null && nowMs - node.terminateAcceptedAtMs < settings.listingsApartMs;
        const state = listing?.instances.get(node.id)?.state;
        if (!isAsked && state !== 'shutting-down') toTerminate.push(node);
        break;
      }
    }
  }
  if (toTerminate.length > 0) copy.add({ kind: 'terminate', nodes: toTerminate });
}

function drainReason(
  node: NodeRecord,
  observation: Observation,
  wanted: ReadonlySet<string>,
  settings: DecisionSettings,
): string | null {
  const { nowMs, listing, pool } = observation;
  const ending = wordOfEnding(listing?.instances.get(node.id));
  if (ending !== null) return ending;
  if (observation.isPoolDeleting && node.assigned.length === 0) return 'the pool is being deleted';
  if (node.state === 'launching') {
    return nowMs - node.createdAtMs > settings.bootTimeoutMs ? neverCalledInTime : null;
  }
  const idleSince = idleAtMs(node, pool);
  if (idleSince !== null && idleSince <= nowMs && !wanted.has(node.id) && !isSilent(node, nowMs, settings))
    return 'idle';
  return null;
}
