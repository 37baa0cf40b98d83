// Chunks of 25: which has a task, and how many each has.
import { expect, test } from '@jest/globals';
import {
  chunkCount,
  chunkOf,
  chunkSize,
  firstIndexOf,
  newChunk,
  tasksInFirst,
} from '../../../../lib/core/tasks/array-chunks.ts';
import { request } from '../../builders.ts';

test('an array of 51 has three, the last of one task', () => {
  expect([1, 25, 26, 51, 10_000].map((count) => chunkCount({ count }))).toEqual([1, 1, 2, 3, 400]);
  expect([0, 24, 25, 50].map(chunkOf)).toEqual([0, 0, 1, 2]);
  expect([0, 1, 2].map(firstIndexOf)).toEqual([0, 25, 50]);
  expect([0, 1, 2].map((chunk) => chunkSize(51, chunk))).toEqual([25, 25, 1]);
  expect([0, 1, 2, 3, 4].map((chunks) => tasksInFirst(51, chunks))).toEqual([0, 25, 50, 51, 51]);
});

test('a new one has its tasks by index, untouched; one that an array lacks is a defect', () => {
  const array = request('r', { count: 51 });
  expect(newChunk(array, 0).tasks.map((one) => one.index)).toEqual(Array.from({ length: 25 }, (_, i) => i));
  expect(newChunk(array, 2).tasks.map((one) => [one.index, one.state, one.attempt])).toEqual([[50, 'pending', 1]]);
  expect(() => newChunk(array, 3)).toThrow('request r has no chunk 3');
  expect(() => newChunk(request('r'), 0)).toThrow('request r has no chunk 0');
});
