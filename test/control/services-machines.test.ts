// Services of virtual machines over the strict model of EC2: replicas come, are replaced, change and go, and nothing of
// them is left behind.
import { expect, test } from '@jest/globals';
import type { ServiceWish } from '../../lib/control/services/use-cases.ts';
import type { MachineSpec } from '../../lib/core/records/claim.ts';
import { ClaimWorld, Crash, machineSpec, networkSpec, poolSpec } from './claims/world.ts';

const update: ServiceWish['update'] = {
  ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
  ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
};

function wish(fields: Partial<ServiceWish> = {}, template: Partial<MachineSpec> = {}): ServiceWish {
  return {
    ...{ tenant: 'default', name: 'web', pool: null, replicas: 3, update, drainMs: 2_000 },
    template: { ...machineSpec, ...template },
    ...fields,
  };
}

async function begun(fields: Partial<ServiceWish> = {}): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  await world.control.services.put(wish(fields));
  await world.run(60);
  return world;
}

async function counts(world: ClaimWorld) {
  return (await world.control.services.get('default', 'web'))?.counts;
}

async function replicas(world: ClaimWorld) {
  return (await world.control.services.replicas('default', 'web', { limit: 100 }))?.items ?? [];
}

const ready = (n: number) => ({ pending: 0, ready: n, stopping: 0, current: n });
const instances = (world: ClaimWorld): number => world.left().instances;

test('as many machines as are wanted, spread over zones, each a claim that says whose it is', async () => {
  const world = await begun();
  expect(await counts(world)).toEqual(ready(3));
  const all = await replicas(world);
  expect(all.map(({ machine }) => machine?.zone).sort()).toEqual(['us-east-1a', 'us-east-1a', 'us-east-1b']);
  expect(all.every(({ machine, node }) => typeof machine?.privateAddress === 'string' && node === null)).toBe(true);
  const page = await world.control.listRequests({ tenant: 'default', type: 'virtual_machine', limit: 10 });
  expect(page.items.map(({ spec }) => 'service' in spec && spec.service?.slot).sort()).toEqual([0, 1, 2]);
});

test('one that is terminated from outside, and one that its owner releases, are replaced', async () => {
  const world = await begun();
  const [first, second] = await replicas(world);
  world.ec2.cloud.terminate([first?.machine?.instanceId ?? '']);
  await world.release(second?.replica.request ?? '');
  expect((await world.claim(second?.replica.request ?? '')).timeline.at(-1)?.message).toBe(
    'the caller released it; service web puts another one in its place',
  );
  await world.run(60);
  expect(await counts(world)).toEqual(ready(3));
  const now = (await replicas(world)).map((one) => one.replica.request);
  expect(now).not.toContain(first?.replica.request);
  expect(now).not.toContain(second?.replica.request);
  expect(instances(world)).toBe(3);
});

test('scaled in and out, and deleted: nothing is left', async () => {
  const world = await begun();
  await world.control.services.scale('default', 'web', 5);
  await world.run(60);
  expect(await counts(world)).toEqual(ready(5));
  await world.control.services.scale('default', 'web', 1);
  await world.run(60);
  expect([await counts(world), instances(world)]).toEqual([ready(1), 1]);
  await world.control.services.delete('default', 'web');
  await world.run(90);
  expect(await world.control.services.get('default', 'web')).toBeNull();
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
  expect(await world.documents()).toBe(0);
});

test('another template comes without fewer ready ones; one that cannot be launched is rolled back', async () => {
  const world = await begun();
  await world.control.services.put(wish({}, { userData: 'eA==' }));
  for (let n = 0; n < 60; n += 1) {
    await world.run(1);
    expect((await counts(world))?.ready).toBeGreaterThanOrEqual(3);
    // One more than wanted, and those that go.
    expect(instances(world)).toBeLessThanOrEqual(6);
  }
  expect(await counts(world)).toEqual(ready(3));
  const before = (await replicas(world)).map((one) => one.replica.request);
  await world.control.services.put(wish({}, { imageId: 'ami-00000000000000000' }));
  await world.run(120);
  const service = await world.control.services.get('default', 'web');
  expect(service?.record.rollout).toMatchObject({ state: 'rolled-back', revision: 2 });
  expect(service?.record.rollout.reason).toContain('3 of its replicas');
  expect((await replicas(world)).map((one) => one.replica.request)).toEqual(before);
});

test('a crash of the controller anywhere neither doubles nor loses a machine', async () => {
  for (let at = 1; at <= 40; at += 3) {
    const world = new ClaimWorld();
    await world.control.putPool(poolSpec);
    await world.control.services.put(wish({ replicas: 2 }));
    let steps = 0;
    world.onStep = () => {
      steps += 1;
      if (steps === at) throw new Crash(`at step ${String(at)}`);
    };
    try {
      await world.run(30);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    world.onStep = () => {};
    world.restart();
    await world.run(60);
    expect([at, await counts(world), instances(world)]).toEqual([at, ready(2), 2]);
  }
});

test('it is not stopped and its rules are not edited by itself', async () => {
  const world = await begun({ replicas: 1 });
  const [{ replica } = {}] = await replicas(world);
  const change = world.control.changeClaim('default', replica?.request ?? '', { kind: 'power', power: 'stopped' });
  await expect(change).rejects.toThrow(/is a replica of service web, whose template decides: it cannot be stopped/);
});

test('what a template names has to be there', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const put = world.control.services.put(wish({}, { networkRequests: ['r-0'] }));
  await expect(put).rejects.toThrow(/networkRequests name r-0, which is no live network request of yours/);
  const network = await world.submit(networkSpec);
  await world.run(10);
  await world.control.services.put(wish({ replicas: 1 }, { network: null, networkRequests: [network.id] }));
  await world.run(30);
  expect(await counts(world)).toEqual(ready(1));
});
