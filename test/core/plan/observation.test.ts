// What a pool remembers, and whether it has changed.
import { expect, test } from '@jest/globals';
import { emptyMemory, isSameMemory } from '../../../lib/core/plan/observation.ts';

test('a pool begins without a memory of anything', () => {
  expect(emptyMemory.massSilenceSinceMs).toBeNull();
  expect(emptyMemory).toMatchObject({ refusals: {}, gangs: {}, boots: null });
});

test('memories are the same by what they say, in whatever order', () => {
  const a = { ...emptyMemory, passedOver: { 1: 2, 3: 4 }, bootMs: 5 };
  expect(isSameMemory(a, { ...emptyMemory, bootMs: 5, passedOver: { 3: 4, 1: 2 } })).toBe(true);
  expect(isSameMemory(a, { ...a, bootMs: 6 })).toBe(false);
  expect(isSameMemory(a, { ...a, passedOver: { 1: 2 } })).toBe(false);
});
