// What is known of what replicas use.
import { describe, expect, test } from '@jest/globals';
import { usageStaleMs } from '../../../lib/core/services/policies.ts';
import { usageOf } from '../../../lib/core/services/measured.ts';

const resources = { cpuMilli: 1_000, memoryMib: 400, gpu: 0 };
const usage = { cpuMilli: 500, memoryMib: 100 };

describe('what is known', () => {
  const nowMs = 1_000_000;
  const one = (lastSeenAtMs: number, more = {}) => ({
    ...{ isReady: true, assignment: { resources, usage }, node: { lastSeenAtMs } },
    ...more,
  });

  test('in percent of what was asked for', () => {
    expect(usageOf([one(nowMs)], nowMs)).toEqual({ cpu: [50], memory: [25], notReady: 0 });
  });

  test('nothing of silent nodes, of what was not told, and of what was not asked for', () => {
    expect(
      usageOf(
        [
          one(nowMs - usageStaleMs),
          one(nowMs - usageStaleMs - 1),
          one(nowMs, { assignment: { resources } }),
          one(nowMs, { assignment: { resources: { ...resources, memoryMib: 0 }, usage } }),
          one(nowMs, { isReady: false, assignment: null, node: null }),
        ],
        nowMs,
      ),
    ).toEqual({ cpu: [50, null, null, 50], memory: [25, null, null, null], notReady: 1 });
  });
});
