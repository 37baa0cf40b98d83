// Requests that hold, together: shared groups, references, one rolled-back grant, keeping, leases, power, the
// sweep, limits, and what a burst costs.
import { expect, test } from '@jest/globals';
import { tagInstallation, tagPool } from '../../../lib/core/records/launch.ts';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import type { NetworkRule } from '../../../lib/core/records/security-group.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec, storageSpec } from './world.ts';

const nothing = { instances: 0, volumes: 0, groups: 0 };

async function newWorld(
  options: ConstructorParameters<typeof ClaimWorld>[0] = {},
  pool: Partial<typeof poolSpec> = {},
): Promise<ClaimWorld> {
  const world = new ClaimWorld(options);
  await world.control.putPool({ ...poolSpec, ...pool });
  return world;
}

test(
  'a burst of 100 identical machines with a volume and a shared network costs a few ' + 'calls, and leaves nothing',
  async () => {
    const world = await newWorld();
    const claims = [];
    for (let i = 0; i < 100; i += 1) claims.push(await world.submit(machineSpec));
    await world.run(60);
    for (const { id } of claims) expect(await world.claim(id)).toMatchObject({ state: 'active' });
    expect(world.left()).toEqual({ instances: 100, volumes: 200, groups: 1 });
    const granting = world.mutatingCalls();
    expect(granting / 100).toBeLessThanOrEqual(0.1);
    for (const { id } of claims) await world.release(id);
    await world.run(120);
    for (const { id } of claims) expect(await world.claim(id)).toMatchObject({ state: 'released' });
    expect(world.left()).toEqual(nothing);
    expect(await world.documents()).toBe(0);
    expect(world.mutatingCalls() / 100).toBeLessThanOrEqual(1.2);
  },
);

test('identical rules of a tenant share one group until the last reference goes', async () => {
  const world = await newWorld();
  const a = await world.submit(networkSpec);
  const b = await world.submit(networkSpec);
  const own = await world.submit({ ...networkSpec, network: { ...networkSpec.network, sharing: 'dedicated' } });
  await world.run(20);
  expect((await world.claim(a.id)).groupIds).toEqual((await world.claim(b.id)).groupIds);
  expect(world.left().groups).toBe(2);
  await world.release(a.id);
  await world.release(own.id);
  await world.run(20);
  expect([(await world.claim(a.id)).state, (await world.claim(b.id)).state, world.left().groups]).toEqual([
    'released',
    'active',
    1,
  ]);
  await world.release(b.id);
  await world.run(20);
  expect(world.left()).toEqual(nothing);
});

test('groups that name each other are released in any order', async () => {
  const world = await newWorld();
  const web = await world.submit({ ...networkSpec, network: { ...networkSpec.network, sharing: 'dedicated' } });
  const rule: NetworkRule = { protocol: 'tcp', fromPort: 5432, toPort: 5432, cidr: null, request: web.id };
  const database = await world.submit({ ...networkSpec, network: { ...networkSpec.network, ingress: [rule] } });
  await world.run(20);
  expect([(await world.claim(web.id)).state, (await world.claim(database.id)).state]).toEqual(['active', 'active']);
  // The source goes first: the rule that names it is revoked, and then EC2 lets it go.
  await world.release(web.id);
  await world.run(30);
  expect([(await world.claim(web.id)).state, world.left().groups]).toEqual(['released', 1]);
  await world.release(database.id);
  await world.run(20);
  expect(world.left()).toEqual(nothing);
});

test('a machine uses storage and networks by id, in the zone of its volume, and lets them go', async () => {
  const world = await newWorld();
  const storage = await world.submit({ ...storageSpec, zone: 'us-east-1b' });
  const network = await world.submit(networkSpec);
  const machine = await world.submit({
    ...machineSpec,
    network: null,
    volumes: [],
    volumeRequests: [storage.id],
    networkRequests: [network.id],
  });
  const second = await world.submit({ ...machineSpec, network: null, volumes: [], volumeRequests: [storage.id] });
  await world.run(60);
  expect(await world.claim(machine.id)).toMatchObject({
    state: 'active',
    machines: [{ zone: 'us-east-1b' }],
    groupIds: (await world.claim(network.id)).groupIds,
  });
  expect(await world.claim(storage.id)).toMatchObject({ state: 'active', usedBy: { request: machine.id } });
  expect(await world.claim(second.id)).toMatchObject({ state: 'pending', reason: 'in_use' });
  // A volume that is used waits for its user; the next one takes it over.
  await world.release(machine.id);
  await world.run(60);
  expect(await world.claim(machine.id)).toMatchObject({ state: 'released' });
  expect(await world.claim(second.id)).toMatchObject({ state: 'active' });
  await world.release(storage.id);
  await world.run(10);
  expect(await world.claim(storage.id)).toMatchObject({ state: 'releasing', reason: 'in_use' });
  for (const { id } of [second, network]) await world.release(id);
  await world.run(150);
  for (const { id } of [second, network, storage]) expect((await world.claim(id)).state).toBe('released');
  expect(world.left()).toEqual(nothing);
  expect(await world.documents()).toBe(0);
});

test('a grant that EC2 refuses in part is rolled back as a whole', async () => {
  const world = await newWorld();
  const badKey = await world.submit({ ...machineSpec, keyName: 'nobody-has-it' });
  const badSnapshot = await world.submit({
    ...storageSpec,
    volume: { ...storageSpec.volume, snapshotId: 'snap-0123456789abcdef0' },
  });
  // What EC2 does not show might be to come.
  await world.run(120);
  expect(await world.claim(badKey.id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('InvalidKeyPair.NotFound'),
  });
  expect(await world.claim(badSnapshot.id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('InvalidSnapshot.NotFound'),
  });
  expect(world.left()).toEqual(nothing);
  expect(await world.documents()).toBe(0);
});

test("out of capacity tries the next offering; the pool's limits bind machines and volumes", async () => {
  const world = await newWorld({}, { limits: { instances: 1, volumeGib: 50 } });
  world.ec2.cloud.faults.set({
    action: 'RunInstances',
    effect: { kind: 'fail', code: 'InsufficientInstanceCapacity', message: 'none', httpStatus: 500 },
    times: 2,
  });
  const first = await world.submit(machineSpec);
  const second = await world.submit(machineSpec);
  const sized = (sizeGib: number) => ({
    ...storageSpec,
    volume: { ...storageSpec.volume, sizeGib, volumeType: 'gp3' as const },
  });
  await world.submit(sized(30));
  const big = await world.submit(sized(30));
  await expect(world.submit(sized(51))).rejects.toMatchObject({
    code: 'unsatisfiable',
    message: expect.stringContaining('volumes are 51 GiB, and limits.volumeGib is 50'),
  });
  await expect(world.submit({ ...machineSpec, count: 2 })).rejects.toMatchObject({
    code: 'unsatisfiable',
    message: expect.stringContaining('its 2 machines need at least 2'),
  });
  await world.run(60);
  expect(
    (await world.claim(first.id)).timeline.filter((one) => one.code === 'InsufficientInstanceCapacity'),
  ).toHaveLength(2);
  expect([
    (await world.claim(first.id)).state,
    (await world.claim(second.id)).reason,
    (await world.claim(big.id)).reason,
  ]).toEqual(['active', 'limit_reached', 'limit_reached']);
  // What is in use, and what would suffice.
  const lastOf = async (id: string): Promise<string> => (await world.claim(id)).timeline.at(-1)?.message ?? '';
  // The type is the engine's choice.
  expect((await lastOf(second.id)).replace(/\([a-z0-9.-]+\)/, '(a type)')).toBe(
    'The limits of pool default leave no room for one more machine (a type): limits.instances is 1 with 1 in use, '
      + 'and 2 would suffice; and for 20 GiB of volumes: limits.volumeGib is 50 with 50 in use, and 70 would suffice.',
  );
  expect(await lastOf(big.id)).toBe(
    'The limits of pool default leave no room for 30 GiB of gp3: limits.volumeGib is 50 with 50 in use, '
      + 'and 80 would suffice.',
  );
  await world.release(first.id);
  await world.run(60);
  expect((await world.claim(second.id)).state).toBe('active');
});

test('a lease ends, is announced before, and can be renewed', async () => {
  const world = await newWorld();
  const { id } = await world.submit({ ...networkSpec, leaseMs: 60_000 });
  await world.run(50);
  await world.control.changeClaim('default', id, { kind: 'renew' });
  await world.run(40);
  expect((await world.claim(id)).state).toBe('active');
  await world.run(60);
  expect(await world.claim(id)).toMatchObject({ state: 'expired', reason: 'lease_ended' });
  expect(world.published.filter((event) => event.type === 'LeaseEnding')).toHaveLength(1);
  expect(world.left()).toEqual(nothing);
});

test('a released volume is copied once, or kept for the next use of its tenant', async () => {
  const world = await newWorld();
  const copied = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, onRelease: 'snapshot' } });
  const kept = await world.submit({
    ...storageSpec,
    volume: { ...storageSpec.volume, sizeGib: 130, onRelease: 'keep' },
  });
  await world.run(20);
  const { volume } = await world.claim(kept.id);
  for (const { id } of [copied, kept]) await world.release(id);
  await world.run(30);
  expect([(await world.claim(copied.id)).state, world.ec2.snapshots.size, world.left().volumes]).toEqual([
    'released',
    1,
    1,
  ]);
  const next = await world.submit({
    ...storageSpec,
    volume: { ...storageSpec.volume, sizeGib: 100, strategy: 'reuse-first' },
  });
  await world.run(10);
  expect(await world.claim(next.id)).toMatchObject({ state: 'active', volume: { volumeId: volume?.volumeId } });
  await world.release(next.id);
  await world.run(90);
  expect(world.left().volumes).toBe(0);
});

test('a kept volume whose time is over goes, though EC2 cannot be listed then and no request is left', async () => {
  const world = await newWorld();
  const { id } = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, onRelease: 'keep' } });
  await world.run(20);
  await world.release(id);
  await world.run(90);
  expect([(await world.claim(id)).state, world.left().volumes, await world.documents()]).toEqual(['released', 1, 1]);
  world.nowMs += storageSpec.volume.keepMs;
  world.ec2.cloud.faults.set({ action: 'DescribeVolumes', effect: { kind: 'throttle' } });
  await world.run(1);
  expect(world.left().volumes).toBe(1);
  world.ec2.cloud.faults.clear();
  await world.run(60);
  expect([world.left(), await world.documents()]).toEqual([nothing, 0]);
});

test("a machine stops, starts where there is capacity, and is judged by EC2's state", async () => {
  const world = await newWorld();
  const { id } = await world.submit(machineSpec);
  await world.run(30);
  await world.control.changeClaim('default', id, { kind: 'power', power: 'stopped' });
  await world.run(30);
  expect(await world.claim(id)).toMatchObject({ state: 'active', reason: 'stopped' });
  world.ec2.cloud.faults.set({
    action: 'StartInstances',
    effect: { kind: 'fail', code: 'InsufficientInstanceCapacity', message: 'none', httpStatus: 500 },
    times: 1,
  });
  await world.control.changeClaim('default', id, { kind: 'power', power: 'running' });
  await world.run(2);
  expect((await world.claim(id)).state).toBe('pending');
  await world.run(30);
  const running = await world.claim(id);
  expect(running).toMatchObject({ state: 'active', reason: null });
  world.ec2.cloud.crashInstance(running.machines[0]?.instanceId ?? '', 'the host failed');
  await world.run(120);
  expect(await world.claim(id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('instance_lost') });
  expect(world.left()).toEqual(nothing);
});

test('the sweep releases what carries our tags and no record knows, and nothing else', async () => {
  const world = await newWorld();
  const { cloud } = world.ports;
  const tags = { [tagInstallation]: 'test', [tagPool]: 'default', [tagRequest]: 'r-lost' };
  await cloud.createGroup('bellows-test-lost', 'leaked', tags);
  await cloud.createVolume('lost', {
    zone: 'us-east-1a',
    shape: { type: 'gp3', sizeGib: 8, iops: 3_000, throughputMibps: 125, usdPerMonth: 1 },
    snapshotId: null,
    tags,
  });
  await cloud.createVolume('foreign', {
    zone: 'us-east-1a',
    shape: { type: 'gp3', sizeGib: 9, iops: 3_000, throughputMibps: 125, usdPerMonth: 1 },
    snapshotId: null,
    tags: { owner: 'somebody else' },
  });
  const mine = await world.submit(machineSpec);
  await world.run(30);
  expect(await world.control.sweep()).toEqual({ orphansSeen: 2, reaped: 0 });
  await world.run(70);
  expect(await world.control.sweep()).toEqual({ orphansSeen: 2, reaped: 2 });
  await world.run(10);
  expect((await world.claim(mine.id)).state).toBe('active');
  expect(world.left()).toEqual({ instances: 1, volumes: 3, groups: 1 });
});

test('a volume is detached without being released: free, never by force, and attached again', async () => {
  const world = await newWorld();
  const machine = await world.submit({ ...machineSpec, volumes: [], network: null });
  await world.run(30);
  const storage = await world.submit({ ...storageSpec, attachTo: machine.id });
  const named = await world.submit({ ...storageSpec, zone: 'us-east-1b' });
  const second = await world.submit({ ...machineSpec, volumes: [], network: null, volumeRequests: [named.id] });
  await world.run(60);
  const detach = async (id: string): Promise<void> => {
    await world.control.changeClaim('default', id, { kind: 'detach' });
  };
  const setMounted = (id: string | null | undefined, isMounted: boolean): void => {
    const volume = world.ec2.volumes.get(id ?? '');
    if (volume)
      world.ec2.volumes.put({ ...volume, attachments: volume.attachments.map((one) => ({ ...one, isMounted })) });
  };
  const { volume } = await world.claim(storage.id);
  setMounted(volume?.volumeId, true);
  await detach(storage.id);
  await detach(named.id);
  await expect(
    world.control.changeClaim('default', storage.id, { kind: 'attach', machine: machine.id }),
  ).rejects.toThrow('being detached');
  await world.run(60);
  // Named by its machine: that one gives it up, and its next start does not claim it.
  expect(await world.claim(named.id)).toMatchObject({
    state: 'active',
    reason: null,
    usedBy: null,
    isDetaching: false,
  });
  expect((await world.claim(second.id)).spec).toMatchObject({ volumeRequests: [] });
  expect(await world.claim(storage.id)).toMatchObject({
    state: 'active',
    reason: 'busy',
    usedBy: { request: machine.id },
  });
  expect((await world.claim(storage.id)).timeline.at(-1)?.message).toContain('unmount');
  setMounted(volume?.volumeId, false);
  await world.run(30);
  expect(await world.claim(storage.id)).toMatchObject({
    state: 'active',
    reason: null,
    usedBy: null,
    volume: { volumeId: volume?.volumeId },
  });
  await detach(storage.id);
  await world.control.changeClaim('default', storage.id, { kind: 'attach', machine: machine.id });
  await expect(detach(storage.id)).rejects.toThrow('being attached');
  await world.run(30);
  expect(await world.claim(storage.id)).toMatchObject({ state: 'active', usedBy: { request: machine.id } });
  // Released while it is being detached: it goes at once, its machine stays.
  await detach(storage.id);
  await world.release(storage.id);
  await world.run(40);
  expect([(await world.claim(storage.id)).state, (await world.claim(machine.id)).state]).toEqual([
    'released',
    'active',
  ]);
  for (const { id } of [machine, second, named]) await world.release(id);
  await world.run(90);
  expect(world.left()).toEqual(nothing);
});
