// What a shadow begins with, and how it names its tasks.
import { expect, test } from '@jest/globals';
import { noShadow, noShadowSums, taskKey } from '../../../../lib/core/costs/shadow/record.ts';

test('a task is named by its request and its index', () => {
  expect(taskKey({ request: 'r', index: 12 })).toBe('r.12');
});

test('no shadow is of no declaration, and has nothing', () => {
  const waits = { count: 0, sumMs: 0, buckets: [] };
  expect(noShadowSums).toEqual({ usd: 0, spotUsd: 0, launches: 0, ends: 0, moves: 0, waits });
  expect(noShadow).toEqual({
    ...{ revision: '', sinceMs: 0, atMs: 0, dueAtMs: null, requests: {}, tasks: [], nodes: [], sums: noShadowSums },
    ...{ live: { nodes: [], sums: noShadowSums }, named: 0, cutShort: 0, isBootGuessed: true },
  });
});
