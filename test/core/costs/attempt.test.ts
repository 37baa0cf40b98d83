// What an attempt cost: its part of its node.
import { describe, expect, test } from '@jest/globals';
import { lastAttemptUsd } from '../../../lib/core/costs/attempt.ts';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import type { TaskRecord } from '../../../lib/core/records/request.ts';
import { task } from '../builders.ts';

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
