// What an attempt cost: its part of its node.
import { describe, expect, test } from '@jest/globals';
import { attemptsNanoUsd, lastAttemptUsd, requestUsd, withEarlierCost } from '../../../lib/core/costs/attempt.ts';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import type { ChunkRecord, TaskRecord } from '../../../lib/core/records/request.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { aggregateArray } from '../../../lib/core/tasks/request-lifecycle.ts';
import { requeueAfterLoss } from '../../../lib/core/tasks/task-lifecycle.ts';
import { chunk, observation, request, task } from '../builders.ts';

const type = instanceType('m7g.large');
if (type === undefined) throw new Error('the catalog has no m7g.large');
const { cpuMilli, memoryMib } = type.allocatable;
const allocation = {
  nodeId: 'i-1',
  instanceType: 'm7g.large',
  zone: 'us-east-1a',
  capacityType: 'spot' as const,
  priceUsdPerHour: 0.08,
};
const hour = 3_600_000;
const ended = (more: Partial<TaskRecord> = {}): TaskRecord =>
  task({ state: 'succeeded', allocation, placedAtMs: 10, startedAtMs: 99, endedAtMs: 10 + hour, ...more });

describe('the last attempt', () => {
  test.each<[string, object, number]>([
    ['half of the vCPUs', { cpuMilli: cpuMilli / 2 }, 0.04],
    ['all of the memory, and few vCPUs', { cpuMilli: 100, memoryMib }, 0.08],
    ['a quarter of the memory, and a tenth of the vCPUs', { cpuMilli: cpuMilli / 10, memoryMib: memoryMib / 4 }, 0.02],
    ['nothing', {}, 0],
  ])('that asked for %s of a node cost that part of it', (_what, asked, usd) => {
    expect(lastAttemptUsd(ended(), { cpuMilli: 0, memoryMib: 0, gpu: 0, ...asked })).toBeCloseTo(usd, 10);
  });

  test('counts from when it was placed', () => {
    const half = { cpuMilli: cpuMilli / 2, memoryMib: 0, gpu: 0 };
    expect(lastAttemptUsd(ended({ endedAtMs: 10 + hour / 2 }), half)).toBeCloseTo(0.02, 10);
    expect(lastAttemptUsd(ended({ endedAtMs: 10 }), half)).toBe(0);
  });

  test.each<[string, Partial<TaskRecord>]>([
    ['runs', { state: 'placed', endedAtMs: null }],
    ['waits', { state: 'pending', placedAtMs: null, endedAtMs: null }],
    ['ended before it was placed', { state: 'cancelled', allocation: null, placedAtMs: null }],
    ['ended on a type that the catalog does not have', { allocation: { ...allocation, instanceType: 'z9.huge' } }],
  ])('of a task that %s has no cost', (_what, more) => {
    expect(lastAttemptUsd(ended(more), { cpuMilli: 1_000, memoryMib: 1, gpu: 0 })).toBeNull();
  });
});

describe('all attempts', () => {
  const half = { cpuMilli: cpuMilli / 2, memoryMib: 0, gpu: 0 };
  const running = (more: Partial<TaskRecord> = {}): TaskRecord => ended({ state: 'placed', endedAtMs: null, ...more });
  const lost = (of: TaskRecord, atMs: number): TaskRecord =>
    withEarlierCost(of, requeueAfterLoss(of, 'lost', atMs), half, atMs);

  test('of a task are summed up as it is queued again, and what runs counts when it ends', () => {
    const once = lost(running(), 10 + hour);
    expect(once).toMatchObject({ attempt: 2, state: 'pending', earlierNanoUsd: 0.04e9 });
    const again = { ...once, state: 'placed' as const, placedAtMs: 5 * hour };
    expect(attemptsNanoUsd(again, half)).toBe(0.04e9);
    const twice = lost(again, 5.5 * hour);
    expect(twice.earlierNanoUsd).toBe(0.06e9);
    const last = { ...twice, state: 'succeeded' as const, placedAtMs: 7 * hour, endedAtMs: 8 * hour };
    expect(attemptsNanoUsd(last, half)).toBe(0.1e9);
    expect(requestUsd(request('r', { resources: half }, { tasks: [last] }))).toBeCloseTo(0.1, 10);
  });

  test('of one that is stopped while it waits again are those before', () => {
    const stopped: TaskRecord = { ...lost(running(), 10 + hour), state: 'cancelled', endedAtMs: 9 * hour };
    expect(attemptsNanoUsd(stopped, half)).toBe(0.04e9);
    expect(attemptsNanoUsd(task({ state: 'cancelled', endedAtMs: 9 }), half)).toBe(0);
  });

  test('are not known where one of them is not: never a part for the whole', () => {
    const unknown = lost(running({ allocation: { ...allocation, instanceType: 'z9.huge' } }), 10 + hour);
    const known = lost({ ...unknown, state: 'placed', allocation, placedAtMs: 5 * hour }, 6 * hour);
    for (const one of [unknown, known, ended({ attempt: 2 })]) expect(attemptsNanoUsd(one, half)).toBeUndefined();
    expect(requestUsd(request('r', { resources: half }, { tasks: [known] }))).toBeNull();
  });

  test('of an array are summed in its row, over closed chunks and open ones, until its end', () => {
    const row = request('r', { count: 30, resources: half });
    expect(requestUsd(row)).toBe(0);
    const chunkOf = (number: number, size: number, more: Partial<TaskRecord>): ChunkRecord =>
      chunk(
        'r',
        number,
        size,
        Array.from({ length: size }, (_, at) => ended({ ...more, index: number * 25 + at })),
      );
    const begun = aggregateArray(
      row,
      [chunkOf(0, 25, {}), chunkOf(1, 5, running({ attempt: 2, earlierNanoUsd: 7 }))],
      9,
    );
    expect(begun.closed).toMatchObject({ chunks: 1, nanoUsd: 1e9 });
    expect(begun).toMatchObject({ state: 'running', nanoUsd: 1e9 + 5 * 7 });
    const end = aggregateArray(begun, [chunkOf(1, 5, { attempt: 2, earlierNanoUsd: 7 })], 10);
    expect(end).toMatchObject({ state: 'succeeded', nanoUsd: 1.2e9 + 5 * 7 });
    expect(requestUsd(end)).toBeCloseTo(1.2, 6);
    // Chunks that were closed before sums were kept are not taken for nothing.
    const { nanoUsd: _none, ...closed } = begun.closed;
    expect(requestUsd(aggregateArray({ ...begun, closed }, [chunkOf(1, 5, {})], 10))).toBeNull();
  });

  test('are summed by every decision that queues a task again', () => {
    const row = request('r', { resources: half }, { tasks: [running()] });
    const copy = new WorkingCopy(observation({ requests: [row], nowMs: 10 + hour }));
    copy.setTask('r', requeueAfterLoss(running(), 'its node is gone', 10 + hour));
    expect(copy.task('r', 0)?.earlierNanoUsd).toBe(0.04e9);
  });
});
