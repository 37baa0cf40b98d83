// Invariant 7: one current attempt per task. Attempts only rise, an end is recorded once and is what really
// happened, nothing of an earlier attempt runs beside a later one while its agent keeps its promises.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { RequestRecord, TaskRecord } from '../../../core/records/request.ts';
import type { Machine, ProcessRun } from '../../processes/machine.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { keepsItsTasks } from '../protocol/fence.ts';

const name = '7: one current attempt per task';
const ends = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

export function oneCurrentAttempt(truth: Truth): Watcher {
  const homes = new Map<string, string>();
  let placed: { readonly request: RequestRecord; readonly task: TaskRecord }[] = [];
  return {
    task(request, before, after) {
      if (before !== null) checkChange(truth, request, before, after);
      if (after.state === 'placed' && before?.state !== 'placed') placed.push({ request, task: after });
    },
    node(before, after) {
      keepHomes(truth, homes, before, after);
    },
    request(before, after) {
      if (before === null || after === null || !ends.has(before.state)) return;
      if (after.state !== before.state || after.endedAtMs !== before.endedAtMs) {
        truth.violate(name, `request ${after.id} had ended as ${before.state} and is ${after.state} now`, [after.id]);
      }
    },
    written() {
      for (const { request, task } of placed) {
        const id = attemptOf(request.id, task.index, task.attempt);
        const node = task.allocation === null ? undefined : truth.nodes.get(task.allocation.nodeId);
        if (node?.assigned.some((one) => one.attemptId === id) !== true)
          truth.violate(
            name,
            `attempt ${id} is placed on ${task.allocation?.nodeId ?? 'nothing'}, whose document does not carry it`,
            [request.id, task.allocation?.nodeId ?? id],
          );
      }
      if (placed.length > 0) placed = [];
    },
    acknowledged(nodeId, attemptIds) {
      for (const id of attemptIds) checkStored(truth, nodeId, id);
    },
    processStarted(machine, run) {
      checkStart(truth, machine, run);
    },
  };
}

function attemptOf(requestId: string, index: number, attempt: number): string {
  return `${requestId}.${String(index)}.${String(attempt)}`;
}

function checkChange(truth: Truth, request: RequestRecord, before: TaskRecord, after: TaskRecord): void {
  const id = attemptOf(request.id, before.index, before.attempt);
  const subjects = [`${request.id}.${String(before.index)}.`, request.id];
  if (after.attempt < before.attempt)
    truth.violate(name, `the attempt of task ${id} falls to ${String(after.attempt)}`, subjects);
  if (ends.has(before.state)) {
    const isSame =
      after.state === before.state
      && after.attempt === before.attempt
      && after.exitCode === before.exitCode
      && after.endedAtMs === before.endedAtMs;
    if (!isSame)
      truth.violate(
        name,
        `task ${id} had ended as ${before.state} and is ${after.state} (attempt ${String(after.attempt)}) now`,
        subjects,
      );
    return;
  }
  if (before.state === 'placed' && after.state === 'pending' && after.attempt === before.attempt) {
    truth.violate(
      name,
      `attempt ${id} was on ${before.allocation?.nodeId ?? 'a node'} and waits again under the same number`,
      subjects,
    );
  }
  if (after.state === 'succeeded') {
    const hasSucceeded =
      truth.runs.get(attemptOf(request.id, after.index, after.attempt))?.some((run) => run.exitCode === 0) === true;
    if (!hasSucceeded)
      truth.violate(
        name,
        `task ${id} is recorded as succeeded, and attempt ${String(after.attempt)} never exited with 0`,
        subjects,
      );
  }
  if (after.state === 'failed' && after.reason !== 'timeout' && after.failures <= request.spec.retries) {
    truth.violate(
      name,
      `task ${id} is given up after ${String(after.failures)} failures; it may be retried `
        + `${String(request.spec.retries)} times`,
      subjects,
    );
  }
  if (after.attempt > before.attempt || ends.has(after.state))
    checkLeftBehind(
      truth,
      id,
      subjects,
      ends.has(after.state) ? `ended as ${after.state}` : `queued again (${after.reason ?? 'no reason'})`,
    );
}

/** When a task is queued again or ended, its last attempt must not run any more where an agent keeps its promises. */
function checkLeftBehind(truth: Truth, attemptId: string, subjects: readonly string[], what: string): void {
  for (const run of truth.runs.get(attemptId) ?? []) {
    const machine = truth.machines.get(run.nodeId);
    if (run.endedAtMs === null && machine !== undefined && keepsItsTasks(machine, truth.nowMs)) {
      truth.violate(
        name,
        `attempt ${attemptId} is ${what} while it runs on ${run.nodeId}, whose agent had contact `
          + `${String(Math.round((truth.nowMs - (machine.lastContactMs ?? 0)) / 1000))} s ago`,
        [...subjects, run.nodeId],
      );
    }
  }
}

/** An agent forgets an end once it is acknowledged: the task must have it by then, or have gone on without it. */
function checkStored(truth: Truth, nodeId: string, id: string): void {
  const [, requestId = '', index = '', attempt = ''] = parts(id);
  const task = truth.taskOf(requestId, Number(index))?.task;
  if (
    task?.state === 'placed'
    && task.attempt === Number(attempt)
    && task.allocation?.nodeId === nodeId
    && truth.nodes.has(nodeId)
  ) {
    truth.violate(name, `the end of ${id} was acknowledged to ${nodeId}, and the task does not have it`, [id, nodeId]);
  }
}

function parts(attemptId: string): readonly string[] {
  return /^(.+)\.(\d+)\.(\d+)$/.exec(attemptId) ?? [];
}

function checkStart(truth: Truth, machine: Machine, run: ProcessRun): void {
  const [, requestId = '', index = '', attempt = ''] = parts(run.attemptId);
  if ((truth.runs.get(run.attemptId)?.length ?? 0) > 1)
    truth.violate(name, `attempt ${run.attemptId} is started a second time, on ${machine.id}`, [
      run.attemptId,
      machine.id,
    ]);
  const found = truth.taskOf(requestId, Number(index));
  if (found === null) {
    truth.violate(name, `${machine.id} starts ${run.attemptId}, of which the store has no task`, [
      run.attemptId,
      machine.id,
    ]);
    return;
  }
  if (found.task.attempt !== Number(attempt) || ends.has(found.task.state)) {
    truth.violate(
      name,
      `${machine.id} starts ${run.attemptId} while the task is at attempt ${String(found.task.attempt)} `
        + `and ${found.task.state}`,
      [`${requestId}.${index}.`, machine.id],
    );
  }
  for (let earlier = 1; earlier < Number(attempt); earlier += 1) {
    for (const other of truth.runs.get(attemptOf(requestId, Number(index), earlier)) ?? []) {
      const where = truth.machines.get(other.nodeId);
      if (other.endedAtMs === null && where !== undefined && keepsItsTasks(where, truth.nowMs)) {
        truth.violate(
          name,
          `${run.attemptId} starts on ${machine.id} while ${other.attemptId} still runs on ${other.nodeId}`,
          [`${requestId}.${index}.`, machine.id, other.nodeId],
        );
      }
    }
  }
}

/** An attempt is assigned to one node at most. */
function keepHomes(
  truth: Truth,
  homes: Map<string, string>,
  before: NodeRecord | null,
  after: NodeRecord | null,
): void {
  for (const { attemptId } of before?.assigned ?? []) if (homes.get(attemptId) === before?.id) homes.delete(attemptId);
  for (const { attemptId } of after?.assigned ?? []) {
    const home = homes.get(attemptId);
    if (home !== undefined && after !== null)
      truth.violate(name, `attempt ${attemptId} is assigned to ${home} and to ${after.id}`, [
        attemptId,
        home,
        after.id,
      ]);
    if (after !== null) homes.set(attemptId, after.id);
  }
}
