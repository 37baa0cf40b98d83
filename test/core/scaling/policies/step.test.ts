// Steps: which of them a value has reached.
import { expect, test } from '@jest/globals';
import { stepWish } from '../../../../lib/core/scaling/policies/step.ts';

const steps = [
  { from: 100, wanted: 5 },
  { from: 10, wanted: 2 },
  { from: 50, wanted: 1 },
];

test.each<[number | null, number | null, string]>([
  [null, null, 'its metric has no data'],
  [9.9, 0, '9.9 is below its first step'],
  [10, 2, '10 is at least 10'],
  [49.99994, 2, '50 is at least 10'],
  [50, 1, '50 is at least 50'],
  [1_000, 5, '1000 is at least 100'],
])('at %s it wants %s', (value, wanted, reason) => {
  expect(stepWish('step queue', steps, value)).toEqual({ policy: 'step queue', wanted, reason });
});

test('the highest step that is reached counts, in whatever order they are written', () => {
  expect(stepWish('p', [...steps].reverse(), 70).wanted).toBe(1);
});
