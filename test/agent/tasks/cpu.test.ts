// What a task gets of the CPU: its request as the limit, within what the node has, and weights in proportion.
import { expect, test } from '@jest/globals';
import { cpuLimitsOf } from '../../../agent/tasks/cpu.ts';
import { instanceTypes } from '../../../lib/core/catalog/index.ts';

test('the limit is what was asked for, but never more than the node has', () => {
  expect(cpuLimitsOf(250, 2_000)).toEqual({ quotaMilli: 250, weight: 1_250, shares: 256 });
  expect(cpuLimitsOf(2_000, 2_000)).toEqual({ quotaMilli: 2_000, weight: 10_000, shares: 2_048 });
  expect(cpuLimitsOf(4_000, 2_000)).toMatchObject({ quotaMilli: 2_000, weight: 10_000 });
});

test('on the largest node of the catalog, too, the weights are what the kernel takes, and in proportion', () => {
  const most = Math.max(...instanceTypes.map((type) => type.allocatable.cpuMilli));
  expect(cpuLimitsOf(most, most)).toEqual({ quotaMilli: most, weight: 10_000, shares: 262_144 });
  expect(cpuLimitsOf(most / 4, most)).toEqual({ quotaMilli: most / 4, weight: 2_500, shares: (most / 4_000) * 1_024 });
  expect(cpuLimitsOf(1_000, most).weight).toBe(Math.round(10_000_000 / most));
  expect(cpuLimitsOf(1, most)).toEqual({ quotaMilli: 1, weight: 1, shares: 2 });
  expect(cpuLimitsOf(0, most)).toEqual({ quotaMilli: 1, weight: 1, shares: 2 });
});
