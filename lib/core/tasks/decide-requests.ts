// What becomes of each open request apart from placing: stopped when cancelled or
// past its deadline, brought up to date when an array's tasks moved, repaired when a placement lost its node.
import type { WorkingCopy } from '../plan/working-copy.ts';
import { activeArrays, activeRequests } from '../plan/working-copy.ts';
import type { Observation } from '../plan/observation.ts';
import type { TaskRecord } from '../records/request.ts';
import { attemptId } from '../records/request.ts';
import { aggregateArray, stopWish, taskStopWish } from './request-lifecycle.ts';
import type { StopWish } from './task-lifecycle.ts';
import { withdraw } from './withdrawal.ts';
import { requeueAfterLoss, stopPending, withdrawnWithoutEnd } from './task-lifecycle.ts';

export function decideRequests(observation: Observation, copy: WorkingCopy): void {
  for (const { record } of observation.isPoolDeleting ? activeRequests(observation) : copy.toDecide()) {
    if (record.endedAtMs !== null) continue;
    const wish = observation.isPoolDeleting
      ? { state: 'cancelled' as const, reason: 'the pool was deleted' }
      : stopWish(record, copy.nowMs);
    const tasks = record.spec.count === 1 ? record.tasks : copy.chunks(record.id).flatMap((chunk) => chunk.tasks);
    for (const { index } of tasks) {
      const task = copy.task(record.id, index);
      if (task) decideTask(record.id, task, wish ?? taskStopWish(record, task, copy.nowMs), observation, copy);
    }
  }
}

/** What outlives the entry of its batch lists itself from now on. */
export function decideListed(observation: Observation, copy: WorkingCopy): void {
  for (const { record } of copy.rows.rest(copy.nowMs, () => false)) {
    if (record.quarantine === null && copy.isAside(record.id)) continue; // it is to be written first
    if (record.endedAtMs !== null || !record.batch || record.batch.untilMs > copy.nowMs) continue;
    const { batch: _listed, ...alone } = record;
    copy.change('list', 'open for as long as its batch is listed', [{ type: 'request', record: alone }]);
  }
}

/** Arrays: the row follows its chunks. After the other decisions of the round, so that it sees them. */
export function decideArrays(observation: Observation, copy: WorkingCopy): void {
  for (const { record } of activeArrays(observation)) {
    if (record.endedAtMs !== null) continue;
    const now = copy.request(record.id) ?? record;
    const next = aggregateArray(now, copy.chunks(record.id), copy.nowMs);
    if (next !== now) copy.change('aggregate', 'tasks moved', [copy.setRequest(next)]);
  }
}

/** Which node's document carries each attempt: worked out when one is asked for that its row does not tell. */
export function holdersOf(observation: Pick<Observation, 'nodes'>): ReadonlyMap<string, string> {
  const known = holdersIn.get(observation);
  if (known) return known;
  const holders = new Map<string, string>();
  for (const { record } of observation.nodes) for (const one of record.assigned) holders.set(one.attemptId, record.id);
  holdersIn.set(observation, holders);
  return holders;
}

const holdersIn = new WeakMap<object, ReadonlyMap<string, string>>();

function decideTask(
  requestId: string,
  task: TaskRecord,
  wish: StopWish | null,
  observation: Observation,
  copy: WorkingCopy,
): void {
  if (task.state === 'pending') {
    if (wish) copy.change('stop', wish.reason, [copy.setTask(requestId, stopPending(task, wish, copy.nowMs))]);
    return;
  }
  if (task.state !== 'placed' || (wish === null && isCarried(requestId, task, copy))) return;
  const id = attemptId(requestId, task.index, task.attempt);
  const nodeId = holdersOf(observation).get(id);
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

/** The document of the node that it was placed on says so, too: as of nearly all in a large pool. */
function isCarried(requestId: string, { index, attempt, allocation }: TaskRecord, copy: WorkingCopy): boolean {
  const node = allocation === null ? undefined : copy.node(allocation.nodeId);
  return (
    node?.assigned.some((one) => one.requestId === requestId && one.index === index && one.attempt === attempt) === true
  );
}
