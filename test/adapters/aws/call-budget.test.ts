// The account's budget of EC2 calls: shared through the store, refilled by time, and quiet while it lasts.
import { expect, test } from '@jest/globals';
import { StoredCallBudget } from '../../../lib/adapters/aws/call-budget.ts';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { TestClock } from '../../contract/store.harness.ts';

/** Waiting for others takes no time here: time would refill the bucket. */
class StandingClock extends TestClock {
  override async sleep(): Promise<void> {
    await Promise.resolve();
  }
}

function bench(processes: number) {
  const clock = new StandingClock();
  let writes = 0;
  let ids = 0;
  const store = new MemoryStore({
    clock,
    onChange: (changes) => {
      writes += changes.length;
    },
  });
  const random = { next: () => 0.5, id: () => `id-${String((ids += 1))}` };
  const budgets = Array.from({ length: processes }, () => new StoredCallBudget({ store, clock, random }));
  return { clock, budgets, writes: () => writes };
}

async function takeAll(budget: StoredCallBudget, tries: number): Promise<number> {
  let taken = 0;
  for (let at = 0; at < tries; at += 1) if (await budget.take('CreateFleet')) taken += 1;
  return taken;
}

test('a process spends a block with one write, and the bucket bounds what it gets', async () => {
  const {
    budgets: [budget],
    writes,
  } = bench(1);
  if (!budget) throw new Error('no budget');
  expect(await takeAll(budget, 5)).toBe(5);
  expect(writes()).toBe(1);
  expect(await takeAll(budget, 100)).toBe(20);
  expect(writes()).toBe(5);
});

test('processes share one bucket, also when they take at the same moment', async () => {
  const { budgets } = bench(8);
  const taken = await Promise.all(budgets.map((budget) => takeAll(budget, 20)));
  const sum = taken.reduce((all, one) => all + one, 0);
  expect(sum).toBeLessThanOrEqual(25);
  expect(sum).toBeGreaterThanOrEqual(20);
});

test('calls side by side in one process share one lease', async () => {
  const {
    budgets: [budget],
    writes,
  } = bench(1);
  if (!budget) throw new Error('no budget');
  const taken = await Promise.all(Array.from({ length: 5 }, () => budget.take('CreateFleet')));
  expect(taken).toEqual([true, true, true, true, true]);
  expect(writes()).toBe(1);
});

test('time refills it, up to its size and no further; actions do not share', async () => {
  const {
    budgets: [budget],
    clock,
  } = bench(1);
  if (!budget) throw new Error('no budget');
  await takeAll(budget, 100);
  expect(await budget.take('TerminateInstances')).toBe(true);
  clock.advance(2_000);
  expect(await takeAll(budget, 100)).toBe(5);
  clock.advance(3_600_000);
  expect(await takeAll(budget, 100)).toBe(25);
});

test('a clock that was far ahead for a moment keeps nobody waiting until then', async () => {
  const {
    budgets: [budget, other],
    clock,
    writes,
  } = bench(2);
  if (!budget || !other) throw new Error('no budget');
  clock.advance(3_600_000);
  await takeAll(budget, 100);
  clock.advance(-3_600_000);
  expect(await takeAll(other, 1)).toBe(0);
  clock.advance(2_000);
  expect(await takeAll(other, 100)).toBe(5);
  // Clocks that differ a little write nothing for that.
  await takeAll(other, 100);
  clock.advance(-5_000);
  const before = writes();
  expect(await takeAll(budget, 9)).toBe(0);
  expect(writes()).toBe(before);
});
