// A crash before and after every port call of a small workload, and every pair of crashes within one tick.
import { expect, test } from '@jest/globals';
import { runExhaustive } from '../../lib/simulator/program/exhaustive.ts';
import { isLong, sliceOf } from '../slice.ts';

test('no crash, and no two crashes within a tick, break an invariant', async () => {
  const notes: string[] = [];
  const { calls, singles, pairs, failures } = await runExhaustive((line) => notes.push(line), {
    slice: (all) => sliceOf(all, 12),
  });
  if (failures.length > 0) console.log(notes.join('\n'));
  expect(failures.map((one) => one.what)).toEqual([]);
  expect(calls).toBeGreaterThan(400);
  expect(singles).toBeGreaterThan(isLong ? 800 : 60);
  expect(pairs).toBeGreaterThan(isLong ? 300 : 20);
});
