// The tasks of a request as people see them. Those of an array come into being when they are first placed: until then,
// and where the array is stopped before, they are what their row says of them.
import type { NodeRecord } from '../../core/records/node.ts';
import { attemptId } from '../../core/records/request.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { chunkCount, chunkOf, firstIndexOf, newChunk, tasksPerChunk } from '../../core/tasks/array-chunks.ts';
import { stopWish } from '../../core/tasks/request-lifecycle.ts';
import { stopPending } from '../../core/tasks/task-lifecycle.ts';
import type { ControlPorts } from '../ports.ts';
import type { NodesSeen } from '../seen.ts';
import { keys } from '../store/keys.ts';
import { reading } from '../store/store-retry.ts';
import type { ListedTasks, TaskFilter } from '../use-cases.ts';

/** `row`: as {@link NodesSeen} shows it. null: it has no task of this index. */
export async function taskOf(ports: ControlPorts, row: RequestRecord, index: number): Promise<TaskRecord | null> {
  if (index < 0 || index >= row.spec.count) return null;
  if (row.spec.count === 1) return row.tasks[0] ?? null;
  const number = chunkOf(index);
  const item = await reading(ports, () => ports.store.get<ChunkRecord>(keys.chunk(row.id, number)));
  return tasksOf(row, number, item?.data)[index - firstIndexOf(number)] ?? null;
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
 * few reads of the store.
 */
export async function listTasks(
  ports: ControlPorts,
  nodes: NodesSeen,
  row: RequestRecord,
  { state, from, limit }: TaskFilter,
): Promise<ListedTasks> {
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
  return {
    request: row,
    tasks: await withStarts(nodes, row, found),
    nextFrom: found.length < limit || behind >= row.spec.count ? null : behind,
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
