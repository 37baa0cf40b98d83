// An array's tasks are stored in chunks of a fixed size: which chunk has a task, and how many tasks a chunk has.
import type { ChunkRecord, RequestRecord, TaskSpec } from '../records/request.ts';
import { assert } from '../values/errors.ts';
import { newTask } from './task-lifecycle.ts';

export const tasksPerChunk = 25;

export function chunkCount({ count }: Pick<TaskSpec, 'count'>): number {
  return Math.ceil(count / tasksPerChunk);
}

/** The number of the chunk that has the task with this index. */
export function chunkOf(index: number): number {
  return Math.floor(index / tasksPerChunk);
}

/** The index of a chunk's first task; also how many tasks the chunks before it have. */
export function firstIndexOf(chunk: number): number {
  return chunk * tasksPerChunk;
}

/** How many tasks of an array of `count` a chunk has; less than 1: there is no such chunk. */
export function chunkSize(count: number, chunk: number): number {
  return Math.min(tasksPerChunk, count - firstIndexOf(chunk));
}

/** How many tasks the first `chunks` chunks of an array of `count` have. */
export function tasksInFirst(count: number, chunks: number): number {
  return Math.min(count, firstIndexOf(chunks));
}

/** The tasks of a chunk that nothing has touched yet. */
export function newChunk({ id, spec: { count } }: RequestRecord, chunk: number): ChunkRecord {
  const size = chunkSize(count, chunk);
  assert(count > 1 && size > 0, `request ${id} has no chunk ${String(chunk)}`);
  return { requestId: id, chunk, tasks: Array.from({ length: size }, (_, at) => newTask(firstIndexOf(chunk) + at)) };
}
