// A crash before and after every port call of a small workload, and every pair of crashes within one tick.
import { expect, test } from '@jest/globals';
import { runExhaustive } from '../../lib/simulator/exhaustive.ts';

test('no crash, and no two crashes within a tick, break an invariant', async () => {
  const notes: string[] = [];
  const { calls, singles, pairs, failures } = await runExhaustive((line) => notes.push(line));
  if (failures.length > 0) console.log(notes.join('\n'));
  expect(failures.map((one) => one.what)).toEqual([]);
  expect(calls).toBeGreaterThan(400);
  expect(singles).toBeGreaterThan(800);
  expect(pairs).toBeGreaterThan(300);
}, 240_000);
