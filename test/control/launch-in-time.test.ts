// A tick has the lock for a while only, and calls EC2 in the first half of it: what else there is to write waits then.
import { expect, test } from '@jest/globals';
import { createControl } from '../../lib/control/index.ts';
import type { Allocate } from '../../lib/core/allocation/types.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, settings, submission, World } from './world.ts';

/** Nothing but the lock hurries. */
const unhurried = { ...settings, decisions: { ...settings.decisions, allocationBudgetMs: 3_600_000 } };

/** Of a tick in which each transaction takes so long: when EC2 was called, since the lock was taken. */
async function launchedAfterMs(transactMs: number, engine?: (world: () => World) => (given: Allocate) => Allocate) {
  const world: World = new World(engine === undefined ? {} : { engine: engine(() => world) });
  await world.control.putPool(poolSpec);
  const ids: string[] = [];
  for (let n = 0; n < 400; n += 1) ids.push((await world.control.submit(submission())).request.id);
  for (const id of ids) await world.control.cancel('default', id);
  await world.control.submit(submission());
  let transactions = 0;
  let startedMs: number | null = null;
  const { store, cloud } = world.ports;
  const slow = storeWith(store, {
    transact: async (writes, writeId) => {
      startedMs ??= world.nowMs;
      transactions += 1;
      world.nowMs += transactMs;
      await store.transact(writes, writeId);
    },
  });
  const calledMs: number[] = [];
  const launchFleet = cloud.launchFleet.bind(cloud);
  Object.assign(cloud, {
    launchFleet: (...asked: Parameters<typeof launchFleet>) => {
      calledMs.push(world.nowMs - (startedMs ?? 0));
      return launchFleet(...asked);
    },
  });
  await createControl({ ...world.ports, store: slow }, unhurried).runTick('default');
  return { calledMs, transactions, world, ids };
}

test('nodes are bought before all ends are written, when writing them takes half of the lease', async () => {
  const { calledMs, transactions, world, ids } = await launchedAfterMs(2_000);
  expect(transactions * 2_000).toBeGreaterThan(settings.lockLeaseMs / 2);
  expect(calledMs).toHaveLength(1);
  expect(calledMs[0]).toBeLessThan(settings.lockLeaseMs / 2);
  for (const id of ids) expect((await world.control.getRequest('default', id))?.state).toBe('cancelled');
});

test('where there is time, what has ended is written first', async () => {
  const { calledMs, transactions } = await launchedAfterMs(10);
  expect(calledMs[0]).toBeGreaterThan(3 * 10);
  expect(transactions).toBeGreaterThan(4);
});

test('a search that takes long ends in time for the launch', async () => {
  const slowly =
    (world: () => World) =>
    (allocate: Allocate): Allocate =>
    (input) => {
      while (!input.shouldStop()) world().nowMs += 100;
      return allocate(input);
    };
  const { calledMs } = await launchedAfterMs(10, slowly);
  expect(calledMs[0]).toBeLessThan(settings.lockLeaseMs / 2);
});

test('all plans of a decision together have a number of steps, whatever the time', async () => {
  let most = 0;
  const stepping =
    () =>
    (allocate: Allocate): Allocate =>
    (input) => {
      for (let steps = 0; !input.shouldStop(); steps += 1) most = Math.max(most, steps);
      return allocate(input);
    };
  await launchedAfterMs(10, stepping);
  expect(most).toBeGreaterThanOrEqual(settings.decisions.allocationIterations);
  expect(most).toBeLessThanOrEqual(2 * settings.decisions.allocationIterations);
});
