// A tick waits for what EC2 brings about within seconds: on AWS nothing else would wake the pool
// before the next minute.
import { expect, test } from '@jest/globals';
import { awsSettings } from '../../../lib/control/index.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';

async function waitingForNextLook(
  nextLookMs: number,
  onSleep: (world: ClaimWorld) => Promise<void> = async () => undefined,
): Promise<ClaimWorld> {
  const world = new ClaimWorld({
    settings: { nextLookMs, tickBudgetMs: awsSettings.tickBudgetMs, lockLeaseMs: awsSettings.lockLeaseMs },
  });
  Object.assign(world.ports.clock, {
    sleep: async (ms: number) => {
      world.nowMs += ms;
      await onSleep(world);
    },
  });
  await world.control.putPool(poolSpec);
  return world;
}

test.each([
  ['is waited for', awsSettings.nextLookMs, 'active'],
  ['would else wait for the next minute', 0, 'pending'],
] as const)('a volume %s', async (_what, nextLookMs, state) => {
  const world = await waitingForNextLook(nextLookMs);
  const { id } = await world.submit(storageSpec);
  await world.control.runTick('default');
  expect(await world.claim(id)).toMatchObject({ state });
});

test('a machine with a network comes up within one tick, and goes within a second one', async () => {
  const world = await waitingForNextLook(awsSettings.nextLookMs);
  const { id } = await world.submit(machineSpec);
  await world.control.runTick('default');
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  await world.release(id);
  await world.control.runTick('default');
  expect(await world.claim(id)).toMatchObject({ state: 'released' });
});

test('whoever asks meanwhile is not kept waiting', async () => {
  let asked: string | null = null;
  const world = await waitingForNextLook(awsSettings.nextLookMs, async (one) => {
    asked ??= (await one.submit(storageSpec)).id;
  });
  const startedMs = world.nowMs;
  await world.submit(storageSpec);
  await world.control.runTick('default');
  expect(asked === null ? null : (await world.claim(asked)).volume?.askedAtMs).toBeLessThanOrEqual(startedMs + 500);
});

test('a tick does not outstay its budget for what does not come about', async () => {
  const world = await waitingForNextLook(awsSettings.nextLookMs);
  await world.submit(storageSpec);
  world.ec2.cloud.faults.set({ action: 'CreateVolume', effect: { kind: 'throttle' } });
  const startedMs = world.nowMs;
  await world.control.runTick('default');
  expect(world.nowMs - startedMs).toBeGreaterThan(5_000);
  expect(world.nowMs - startedMs).toBeLessThan(awsSettings.tickBudgetMs);
});

test('a claim for which nothing is due is not waited for', async () => {
  const world = await waitingForNextLook(awsSettings.nextLookMs);
  await world.submit(storageSpec);
  await world.control.runTick('default');
  world.nowMs += 120_000;
  const startedMs = world.nowMs;
  await world.control.runTick('default');
  expect(world.nowMs).toBe(startedMs);
});
