// Bells of a laptop: a ring is kept until somebody waits, and nobody waits for ever.
import { expect, test } from '@jest/globals';
import { LocalBells } from '../../../lib/adapters/local/bells.ts';

test('a ring answers who waits, and one that comes before is kept for the next', async () => {
  const bells = new LocalBells();
  await bells.open('i-1');
  const waiting = bells.wait('i-1', 60_000);
  await bells.ring('i-1');
  expect(await waiting).toBe(true);
  await bells.ring('i-1');
  await bells.ring('i-1');
  expect(await bells.wait('i-1', 60_000)).toBe(true);
  expect(await bells.wait('i-1', 0)).toBe(false);
});

test('nothing rings for another node, and a node without a bell is no error', async () => {
  const bells = new LocalBells();
  await bells.open('i-1');
  await bells.ring('i-2');
  expect(await bells.wait('i-1', 5)).toBe(false);
});

test('of two that wait at one bell the second hears it', async () => {
  const bells = new LocalBells();
  const first = bells.wait('i-1', 60_000);
  const second = bells.wait('i-1', 60_000);
  expect(await first).toBe(false);
  await bells.ring('i-1');
  expect(await second).toBe(true);
});

test('closing answers who waits', async () => {
  const bells = new LocalBells();
  const [one, other] = [bells.wait('i-1', 60_000), bells.wait('i-2', 60_000)];
  expect(await bells.list()).toEqual(['i-1', 'i-2']);
  await bells.close('i-1');
  expect(await one).toBe(false);
  expect(await bells.list()).toEqual(['i-2']);
  bells.closeAll();
  expect(await other).toBe(false);
  expect(await bells.wait('i-2', 60_000)).toBe(false);
});
