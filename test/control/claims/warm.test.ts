// The warm pool: as many machines as declared, taken first and refilled, given back with their declaration.
import { expect, test } from '@jest/globals';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { WarmSpec } from '../../../lib/core/records/pool.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec } from './world.ts';

const warm: WarmSpec = {
  running: 1,
  stopped: 2,
  needs: { vcpu: 2, memoryMib: 4_096, gpu: 0, arch: null },
  requirements: {},
  imageId: null,
};
/** Nothing that only a launch can give. */
const plain = { ...machineSpec, volumes: [], network: null };

async function newWorld(pool: Partial<typeof poolSpec> = {}): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, warm, ...pool });
  return world;
}

function kept(world: ClaimWorld): Promise<ClaimRecord[]> {
  return world.warm();
}

function states(world: ClaimWorld): string[] {
  return world.ec2.cloud
    .instances()
    .map((one) => one.state)
    .filter((state) => state !== 'terminated')
    .sort();
}

test(
  'as many machines as declared run and are stopped; a request takes the running one at once, ' + 'and it is replaced',
  async () => {
    const world = await newWorld();
    await world.run(150);
    expect(states(world)).toEqual(['running', 'stopped', 'stopped']);
    const [running] = (await kept(world)).filter((one) => one.power === 'running');
    const calls = world.calls.get('RunInstances') ?? 0;
    const { id } = await world.submit(plain);
    await world.run(1);
    const claim = await world.claim(id);
    expect(claim).toMatchObject({
      state: 'active',
      machines: [
        {
          state: 'there',
          instanceId: running?.machines[0]?.instanceId,
          priceUsdPerHour: running?.machines[0]?.priceUsdPerHour,
        },
      ],
    });
    expect(claim.timeline.map((one) => one.code)).toContain('warm_taken');
    await world.run(150);
    expect([states(world), (world.calls.get('RunInstances') ?? 0) - calls]).toEqual([
      ['running', 'running', 'stopped', 'stopped'],
      1,
    ]);
    // Whoever looks at EC2 finds the request.
    expect(world.ec2.cloud.instance(running?.machines[0]?.instanceId ?? '')?.tags[tagRequest]).toBe(id);
    await world.release(id);
    await world.run(60);
    expect([(await world.claim(id)).state, states(world)]).toEqual(['released', ['running', 'stopped', 'stopped']]);
  },
);

test('while nobody asks, nothing is written about them and EC2 is not changed', async () => {
  const world = await newWorld();
  await world.run(150);
  const calls = world.mutatingCalls();
  const steps: string[] = [];
  world.onStep = (what) => {
    steps.push(what);
  };
  await world.run(300);
  expect(steps.filter((what) => what === 'before transact' || /HOLDS|REQUEST/.test(what))).toEqual([]);
  expect(world.mutatingCalls()).toBe(calls);
});

test('then the stopped ones are started, then machines are launched', async () => {
  const world = await newWorld({ warm: { ...warm, running: 0, stopped: 1 } });
  await world.run(120);
  expect(states(world)).toEqual(['stopped']);
  const both = await world.submit({ ...plain, count: 2 });
  await world.run(60);
  const claim = await world.claim(both.id);
  expect(claim.state).toBe('active');
  expect(claim.machines.filter((part) => part.warm)).toHaveLength(1);
  expect(world.calls.get('StartInstances')).toBe(1);
});

test('a warm machine gets the groups of its request attached', async () => {
  const world = await newWorld();
  const network = await world.submit(networkSpec);
  await world.run(120);
  const { id } = await world.submit({ ...plain, networkRequests: [network.id] });
  await world.run(10);
  const claim = await world.claim(id);
  expect([claim.state, claim.machines[0]?.warm === undefined]).toEqual(['active', false]);
  const listed = await world.ports.cloud.list({ installation: 'test', pool: 'default', things: 'all' });
  expect(listed.instances.find((one) => one.id === claim.machines[0]?.instanceId)?.groupIds).toEqual(
    (await world.claim(network.id)).groupIds,
  );
});

test.each([
  ['user data', { userData: 'ZWNobw==' }],
  ['a role', { instanceProfile: 'role' }],
  ['new volumes', { volumes: machineSpec.volumes }],
  ['another image', { imageId: 'ami-0123456789abcdef0' }],
  ['much smaller needs', { needs: { ...plain.needs, vcpu: 1, memoryMib: 1_024 } }],
  ['spot', { capacityType: 'spot' as const }],
])('a request with %s gets a machine of its own', async (_what, fields) => {
  const world = await newWorld({ warm: { ...warm, needs: { ...warm.needs, vcpu: 8 } } });
  await world.run(120);
  const { id } = await world.submit({
    ...plain,
    ...('needs' in fields ? {} : { needs: { ...plain.needs, vcpu: 8 } }),
    ...fields,
  });
  await world.run(40);
  expect((await world.claim(id)).machines[0]?.warm).toBeUndefined();
});

test('what the pool no longer declares goes, and so does all of it with the pool', async () => {
  const world = await newWorld();
  await world.run(150);
  await world.control.putPool({ ...poolSpec, warm: { ...warm, running: 0, stopped: 1 } });
  await world.run(60);
  expect(states(world)).toEqual(['stopped']);
  // Other machines than before: the old one is replaced.
  const before = (await kept(world))[0]?.id;
  await world.control.putPool({
    ...poolSpec,
    warm: { ...warm, running: 1, stopped: 0, needs: { ...warm.needs, vcpu: 4 } },
  });
  await world.run(60);
  expect([states(world), (await kept(world)).some((one) => one.id === before)]).toEqual([['running'], false]);
  await world.control.deletePool('default');
  await world.run(60);
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
  expect(await world.documents()).toBe(0);
});

test('they count against the limits, and give way to a request that needs the room', async () => {
  const world = await newWorld({ limits: { instances: 3 } });
  await world.run(150);
  const first = await world.submit({ ...plain, userData: 'ZWNobw==', count: 2 });
  await world.run(120);
  expect((await world.claim(first.id)).state).toBe('active');
  expect((await world.claim(first.id)).timeline.map((one) => one.code)).toContain('limit_reached');
  expect([
    world.left().instances,
    (await kept(world)).filter((one) => one.machines[0]?.state === 'there').length,
  ]).toEqual([3, 1]);
  await world.release(first.id);
  await world.run(240);
  expect(states(world)).toEqual(['running', 'stopped', 'stopped']);
  // More than warm machines could make room for: they stay.
  await expect(world.submit({ ...plain, userData: 'ZWNobw==', count: 4 })).rejects.toMatchObject({
    code: 'unsatisfiable',
  });
  const pool = (await world.control.getPool('default'))?.spec;
  if (!pool) throw new Error('its pool is gone');
  await world.control.putPool({ ...pool, limits: { ...pool.limits, instances: 4 } });
  const never = await world.submit({ ...plain, userData: 'ZWNobw==', count: 4 });
  await world.control.putPool(pool);
  await world.run(60);
  expect([(await world.claim(never.id)).reason, states(world)]).toEqual([
    'limit_reached',
    ['running', 'stopped', 'stopped'],
  ]);
});

test('stopped ones cost their disks only, and a warm machine is no request', async () => {
  const world = await newWorld();
  await world.run(200);
  const { claimed = [], usage, usdPerHour, requestsByState } = await world.control.stats('default');
  const [row] = claimed;
  const price = (await kept(world))[0]?.machines[0]?.priceUsdPerHour ?? 0;
  expect(row).toMatchObject({
    type: 'virtual_machine',
    pool: 'default',
    tenant: '(warm)',
    requests: 3,
    instances: 3,
    stopped: 2,
    volumeGib: 24,
  });
  expect(row?.usdPerHour).toBeCloseTo(price + (24 * 0.08) / 730, 9);
  expect([usage.instances, usage.usdPerHour]).toEqual([3, 3 * price]);
  expect(usdPerHour).toBeCloseTo(price + (24 * 0.08) / 730, 9);
  expect(Object.values(requestsByState).every((count) => count === 0)).toBe(true);
  expect((await world.control.listRequests({ tenant: 'default', limit: 10 })).items).toEqual([]);
});

test('a stopped one that EC2 has no capacity to start goes back, and the request is launched elsewhere', async () => {
  const world = await newWorld({ warm: { ...warm, running: 0, stopped: 1 } });
  await world.run(120);
  const [one] = await kept(world);
  const part = one?.machines[0];
  world.ec2.cloud.setCapacity(`${part?.instanceType ?? ''}/${part?.zone ?? ''}/on-demand`, 0);
  const { id } = await world.submit(plain);
  await world.run(60);
  const claim = await world.claim(id);
  expect(claim.state).toBe('active');
  expect(claim.machines[0]?.instanceId).not.toBe(part?.instanceId);
  expect(claim.timeline.map((entry) => entry.code)).toEqual(expect.arrayContaining(['warm_taken', 'no_capacity']));
  expect((await kept(world)).map((back) => [back.id, back.machines[0]?.instanceId])).toEqual([
    [one?.id, part?.instanceId],
  ]);
  expect(states(world)).toEqual(['running', 'stopped']);
});

test('one that ends before its request is granted is no loss of the request', async () => {
  const world = await newWorld({ warm: { ...warm, running: 0, stopped: 1 } });
  await world.run(120);
  const lost = (await kept(world))[0]?.machines[0]?.instanceId ?? '';
  const { id } = await world.submit(plain);
  await world.run(1);
  expect(await world.claim(id)).toMatchObject({ state: 'pending', machines: [{ instanceId: lost }] });
  world.ec2.cloud.crashInstance(lost, 'hardware');
  await world.run(60);
  const claim = await world.claim(id);
  expect(claim.timeline.map((one) => one.code)).toEqual(expect.arrayContaining(['warm_taken', 'warm_lost', 'active']));
  expect([claim.state, claim.machines[0]?.instanceId === lost]).toEqual(['active', false]);
});

test('one that cannot be had is not asked for all the time', async () => {
  const world = await newWorld({ warm: { ...warm, running: 1, stopped: 0, imageId: 'ami-00000000000000000' } });
  await world.run(240);
  const calls = world.calls.get('RunInstances') ?? 0;
  expect([calls >= 1, calls <= 3, world.left().instances]).toEqual([true, true, 0]);
  await world.run(200);
  expect(world.calls.get('RunInstances') ?? 0).toBeGreaterThan(calls);
  await world.control.putPool(poolSpec);
  await world.run(10);
  expect(await world.documents()).toBe(0);
});

test('what no offering can be, or no request would use, is refused where it is declared', async () => {
  const world = new ClaimWorld();
  await expect(newWorld({ warm: { ...warm, needs: { ...warm.needs, vcpu: 64 } } })).rejects.toThrow(
    /can be kept warm as 64 vCPU, 4096 MiB, amd64, on-demand; the nearest possible is \S+ \(8 vCPU/,
  );
  await expect(world.control.putPool({ ...poolSpec, accepts: ['task'], warm })).rejects.toThrow(
    'accepts no virtual_machine',
  );
});

test('a lost one is replaced at once', async () => {
  const world = await newWorld({ warm: { ...warm, running: 1, stopped: 0 } });
  await world.run(60);
  const lost = (await kept(world))[0]?.machines[0]?.instanceId ?? '';
  world.ec2.cloud.crashInstance(lost, 'hardware');
  await world.run(60);
  expect(states(world)).toEqual(['running']);
  expect((await kept(world))[0]?.machines[0]?.instanceId).not.toBe(lost);
});
