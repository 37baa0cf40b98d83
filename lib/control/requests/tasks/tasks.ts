// The tasks of a request as people see them. Those of an array come into being when they are first placed: until then,
// and where the array is stopped before, they are what their row says of them.
import type { NodeRecord } from '../../../core/records/node.ts';
import { attemptId, isEnd } from '../../../core/records/request.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../../core/records/request.ts';
import { chunkCount, chunkOf, firstIndexOf, newChunk, tasksPerChunk } from '../../../core/tasks/array-chunks.ts';
import { placeFrom, shownIndex } from '../../../core/tasks/arrays/subset.ts';
import { stopWish, taskCancelled } from '../../../core/tasks/request-lifecycle.ts';
import { stopPending } from '../../../core/tasks/task-lifecycle.ts';
import type { ControlPorts } from '../../ports.ts';
import type { NodesSeen } from '../../store/seen.ts';
import { keys } from '../../store/keys.ts';
import { reading, transact } from '../../store/store-retry.ts';
import { ConditionFailedError } from '../../../ports/store.ts';
import type { Item } from '../../../ports/store.ts';
import { unreadable } from '../../claims/change.ts';
import { NotPossibleError } from '../../errors.ts';
import type { ListedTasks, TaskFilter } from '../../use-cases.ts';

/** `row`: as {@link NodesSeen} shows it; `at`: where it has the task (arrays/subset.ts). */
export async function taskAt(ports: ControlPorts, row: RequestRecord, at: number): Promise<TaskRecord | null> {
  if (row.spec.count === 1) return row.tasks[at] ?? null;
  const number = chunkOf(at);
  const item = await reading(ports, () => ports.store.get<ChunkRecord>(keys.chunk(row.id, number)));
  return tasksOf(row, number, item?.data)[at - firstIndexOf(number)] ?? null;
}

/** `chunk` undefined: untouched. Such tasks end with their array. */
function tasksOf(row: RequestRecord, number: number, chunk: ChunkRecord | undefined): readonly TaskRecord[] {
  if (chunk) return chunk.tasks;
  const { tasks } = newChunk(row, number);
  const { endedAtMs } = row;
  if (endedAtMs === null) return tasks;
  const wish = stopWish(row, endedAtMs);
  return wish === null ? tasks : tasks.map((task) => stopPending(task, wish, endedAtMs));
}

/**
 * From `from` on, by index, `limit` where there are so many. An array is at most 400 chunks, so the whole of it is a
 * few reads of the store. Their indices are those that people know.
 */
export async function listTasks(
  ports: ControlPorts,
  nodes: NodesSeen,
  row: RequestRecord,
  { state, from: fromIndex, limit }: TaskFilter,
): Promise<ListedTasks> {
  const from = placeFrom(row.spec, fromIndex);
  const found: TaskRecord[] = [];
  const take = (tasks: readonly TaskRecord[]): void => {
    for (const task of tasks) {
      if (found.length >= limit) return;
      if (task.index >= from && (state === undefined || task.state === (state === 'running' ? 'placed' : state)))
        found.push(task);
    }
  };
  if (row.spec.count === 1) take(row.tasks);
  else {
    for await (const tasks of chunksFrom(ports, row, from, limit)) {
      take(tasks);
      if (found.length >= limit) break;
    }
  }
  const behind = (found.at(-1)?.index ?? row.spec.count) + 1;
  const started = await withStarts(nodes, row, found);
  return {
    request: row,
    tasks: started.map((task) => ({ ...task, index: shownIndex(row.spec, task.index) })),
    nextFrom: found.length < limit || behind >= row.spec.count ? null : shownIndex(row.spec, behind),
  };
}

async function* chunksFrom(
  ports: ControlPorts,
  row: RequestRecord,
  from: number,
  limit: number,
): AsyncGenerator<readonly TaskRecord[]> {
  const chunks = chunkCount(row.spec);
  const range = {
    pk: keys.request(row.id).pk,
    skPrefix: keys.chunkPrefix,
    skFrom: keys.chunk(row.id, chunkOf(from)).sk,
  };
  let readAtOnce = Math.ceil(limit / tasksPerChunk) + 1;
  let cursor: string | undefined;
  for (let number = chunkOf(from); number < chunks;) {
    const at = cursor;
    const page = await reading(ports, () =>
      ports.store.query<ChunkRecord>({ ...range, limit: readAtOnce, cursor: at }),
    );
    cursor = page.cursor;
    const read = new Map(page.items.map(({ data }) => [data.chunk, data]));
    // What lies between two that are there is untouched, and so is all behind the last.
    const until = cursor === undefined ? chunks - 1 : (page.items.at(-1)?.data.chunk ?? number - 1);
    for (; number <= until; number += 1) yield tasksOf(row, number, read.get(number));
    readAtOnce = Math.min(chunks, readAtOnce * 2);
  }
}

/** When those that run started is in the documents of their nodes. */
async function withStarts(
  nodes: NodesSeen,
  row: RequestRecord,
  tasks: readonly TaskRecord[],
): Promise<readonly TaskRecord[]> {
  if (!tasks.some((task) => task.state === 'placed')) return tasks;
  const documents: readonly NodeRecord[] = await nodes.of(row.pool);
  const started = new Map(documents.flatMap((node) => node.assigned.map((one) => [one.attemptId, one.startedAtMs])));
  return tasks.map((task) =>
    task.state === 'placed'
      ? { ...task, startedAtMs: started.get(attemptId(row.id, task.index, task.attempt)) ?? task.startedAtMs }
      : task,
  );
}

const triesMax = 20;

/**
 * One task of an array, and no other: at once where it waits; one that runs by a mark that ticks and its node's syncs
 * see. Checked against the row, so that nothing is written about an array that has ended. null: there is no such task.
 */
export async function cancelTask(
  ports: ControlPorts,
  row: Item<RequestRecord>,
  at: number,
): Promise<TaskRecord | null> {
  const number = chunkOf(at);
  const key = keys.chunk(row.data.id, number);
  const nowMs = ports.clock.nowMs();
  for (let [tries, current] = [1, row]; ; tries += 1) {
    const item = await reading(ports, () => ports.store.get<ChunkRecord>(key));
    if (current.data.isUnreadable || item?.data.error !== undefined)
      throw new NotPossibleError(unreadable(current.data, 'cancelled'));
    const tasks = tasksOf(current.data, number, item?.data);
    const task = tasks[at - firstIndexOf(number)];
    if (!task || isEnd(task.state) || task.cancelRequestedAtMs !== undefined) return task ?? null;
    const next =
      task.state === 'pending' ? stopPending(task, taskCancelled, nowMs) : { ...task, cancelRequestedAtMs: nowMs };
    const chunk: ChunkRecord = {
      requestId: current.data.id,
      chunk: number,
      tasks: tasks.map((one) => (one === task ? next : one)),
    };
    try {
      await transact(ports, [
        { op: 'put', item: { ...key, data: chunk }, condition: item?.version ?? 'absent' },
        { op: 'check', key: keys.request(current.data.id), condition: current.version },
      ]);
      return next;
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= triesMax) throw error;
      const again = await reading(ports, () => ports.store.get<RequestRecord>(keys.request(row.data.id)));
      if (!again) return null;
      current = again;
    }
  }
}
