// A launch of machines and EC2's word on its token: who may close it, and who must not.
import { expect, test } from '@jest/globals';
import { createControl } from '../../../lib/control/index.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { Cloud } from '../../../lib/ports/cloud.ts';
import { Crash, ClaimWorld, machineSpec, poolSpec, settings } from './world.ts';

const plainMachine = { ...machineSpec, network: null };
const accountLimit = { kind: 'fail', code: 'VcpuLimitExceeded', message: 'no more vCPU', httpStatus: 400 } as const;
const outOfCapacity = {
  kind: 'fail',
  code: 'InsufficientInstanceCapacity',
  message: 'none left',
  httpStatus: 500,
} as const;

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

async function openLaunches(world: ClaimWorld): Promise<number> {
  return (await world.store.query({ pk: keys.launches('default'), limit: 10 })).items.length;
}

/** A first sender that stands still right before his call; `goOn` lets the call through and ends his tick. */
async function pausedSender(world: ClaimWorld): Promise<{ readonly goOn: () => Promise<void> }> {
  const { cloud } = world.ports;
  let open = (): void => undefined;
  let reach = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const paused: Cloud = Object.assign(Object.create(cloud) as Cloud, {
    list: cloud.list.bind(cloud),
    runInstances: async (...args: Parameters<Cloud['runInstances']>) => {
      reach();
      await gate;
      return cloud.runInstances(...args);
    },
  });
  const tick = createControl({ ...world.ports, cloud: paused }, settings).runTick('default');
  await reached;
  return {
    goOn: async () => {
      open();
      await tick;
    },
  };
}

test(
  'a repeat that the account refuses leaves the launch open: its first sender may stand ' + 'still before his call',
  async () => {
    const world = await newWorld();
    const { id } = await world.submit(plainMachine);
    const sender = await pausedSender(world);
    world.ec2.cloud.faults.set({ action: 'RunInstances', effect: accountLimit });
    world.nowMs += settings.lockLeaseMs + 1;
    await world.run(120);
    expect(await openLaunches(world)).toBe(1);
    world.ec2.cloud.faults.clear();
    await sender.goOn();
    await world.run(120);
    expect(await world.claim(id)).toMatchObject({ state: 'active' });
    expect(world.left().instances).toBe(1);
    expect(world.ec2.cloud.instances()).toHaveLength(1);
  },
);

test(
  'what is wrong with the call itself is not repeated until the lost call is over, and its '
    + 'request says so meanwhile',
  async () => {
    const world = await newWorld();
    world.ec2.cloud.faults.set({ action: 'RunInstances', effect: { kind: 'drop-request' }, times: 1 });
    const { id } = await world.submit({ ...plainMachine, keyName: 'nobody' });
    await world.run(60);
    expect(await world.claim(id)).toMatchObject({ state: 'pending', reason: 'launch_refused' });
    expect((await world.claim(id)).timeline.at(-1)?.message).toMatch(/InvalidKeyPair.NotFound/);
    await world.run(settings.decisions.callLifeMs / 1_000, 5);
    expect(await world.claim(id)).toMatchObject({ state: 'failed' });
    expect(world.calls.get('RunInstances')).toBeLessThanOrEqual(3);
    expect(world.left().instances).toBe(0);
  },
);

test('a repeat is noted before it is made: the sender who wakes up between the two closes nothing', async () => {
  const world = await newWorld();
  const { id } = await world.submit(plainMachine);
  const sender = await pausedSender(world);
  // The repeat has no answer either, so both calls are in the dark when the sender wakes up and is refused.
  world.ec2.cloud.faults.set({ action: 'RunInstances', effect: { kind: 'drop-response' }, times: 1 });
  world.nowMs += settings.lockLeaseMs + 1;
  await world.run(1);
  expect(world.left().instances).toBe(1);
  world.ec2.cloud.faults.set({ action: 'RunInstances', effect: accountLimit, times: 1 });
  await sender.goOn();
  expect(await openLaunches(world)).toBe(1);
  await world.run(120);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  expect(world.ec2.cloud.instances()).toHaveLength(1);
});

test('a first sender who is alone closes his launch by a refusal at once, and the next offering is tried', async () => {
  const world = await newWorld();
  world.ec2.cloud.faults.set({ action: 'RunInstances', effect: outOfCapacity, times: 1 });
  const { id } = await world.submit(plainMachine);
  await world.run(1);
  const { timeline } = await world.claim(id);
  expect(timeline.map((one) => one.code)).toContain('InsufficientInstanceCapacity');
  await world.run(30);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
});

test(
  'what a dead sender may have called is waited for, then a refusal closes the launch and the '
    + 'next offering is tried',
  async () => {
    const world = await newWorld();
    const { id } = await world.submit(plainMachine);
    world.onStep = (what) => {
      if (what === 'before RunInstances') throw new Crash(what);
    };
    await expect(world.run(1)).rejects.toThrow(Crash);
    world.onStep = () => undefined;
    world.restart();
    const [launch] = (
      await world.store.query<{ request: { instanceType: string } }>({ pk: keys.launches('default'), limit: 1 })
    ).items;
    const instanceType = launch?.data.request.instanceType ?? '';
    world.ec2.cloud.faults.set({
      action: 'RunInstances',
      effect: outOfCapacity,
      parametersContain: `"${instanceType}"`,
    });
    await world.run(10 * 60, 5);
    expect(await world.claim(id)).toMatchObject({ state: 'pending' });
    expect(await openLaunches(world)).toBe(1);
    await world.run(8 * 60, 5);
    const claim = await world.claim(id);
    expect(claim).toMatchObject({ state: 'active' });
    expect(claim.machines[0]?.instanceType).not.toBe(instanceType);
    expect(world.ec2.cloud.instances()).toHaveLength(1);
  },
);

test('a request that is released while its launch is refused ends at once', async () => {
  const world = await newWorld();
  const { id } = await world.submit(plainMachine);
  world.ec2.cloud.faults.set({ action: 'RunInstances', effect: outOfCapacity });
  let isAnswered = false;
  world.onStep = async (what) => {
    if (what === 'after RunInstances') isAnswered = true;
    if (what !== 'before transact' || !isAnswered) return;
    // Between the hand-out's read of the request and its write.
    world.onStep = () => undefined;
    await world.release(id);
  };
  await world.run(20);
  expect(await world.claim(id)).toMatchObject({ state: 'cancelled' });
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
});
