// What EC2 refuses and what passes by itself: it waits with EC2's words and the time of the next try, and does not end.
import { expect, test } from '@jest/globals';
import { presentRequest } from '../../../lib/api/presenters.ts';
import type { ClaimRecord, ClaimSpec } from '../../../lib/core/records/claim.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec, storageSpec } from './world.ts';

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

function refuse(world: ClaimWorld, action: string, code: string, times?: number): void {
  world.ec2.cloud.faults.set({
    action,
    effect: { kind: 'fail', code, message: 'not now', httpStatus: 400 },
    ...(times === undefined ? {} : { times }),
  });
}

function expectWaiting(claim: ClaimRecord, reason: string, words: RegExp): void {
  expect(claim).toMatchObject({ state: 'pending', reason, fault: null });
  expect(claim.timeline.at(-1)).toMatchObject({ code: reason, message: expect.stringMatching(words) });
  expect(presentRequest(claim, null).nextTryAt).not.toBeNull();
}

test('a volume that a zone has no room for is made in another one at once', async () => {
  const world = await newWorld();
  refuse(world, 'CreateVolume', 'InsufficientVolumeCapacity', 1);
  const { id } = await world.submit(storageSpec);
  await world.run(15);
  const claim = await world.claim(id);
  expect(claim).toMatchObject({ state: 'active', reason: null, volume: { zone: 'us-east-1b' } });
  expect(claim.refusals).toBeUndefined();
  expect(claim.timeline.map((entry) => entry.message).join('\n')).toMatch(
    /us-east-1a now \(InsufficientVolumeCapacity: not now\)/,
  );
});

const plain = { ...machineSpec, volumes: [], network: null };

test.each<[string, string, string, RegExp, ClaimSpec]>([
  ['CreateVolume', 'InsufficientVolumeCapacity', 'no_capacity', /InsufficientVolumeCapacity/, storageSpec],
  ['CreateVolume', 'InsufficientVolumeCapacity', 'no_capacity', /us-east-1b/, { ...storageSpec, zone: 'us-east-1b' }],
  [
    'CreateVolume',
    'VolumeLimitExceeded',
    'account_limit',
    /VolumeLimitExceeded: not now.*\(gp3\) volumes, in TiB/,
    storageSpec,
  ],
  ['CreateVolume', 'MaxIOPSLimitExceeded', 'account_limit', /MaxIOPSLimitExceeded.*Service Quotas/, storageSpec],
  [
    'CreateSecurityGroup',
    'SecurityGroupLimitExceeded',
    'account_limit',
    /SecurityGroupLimitExceeded.*VPC security groups per Region/,
    networkSpec,
  ],
  [
    'CreateSecurityGroup',
    'SecurityGroupLimitExceeded',
    'account_limit',
    /SecurityGroupLimitExceeded/,
    { ...machineSpec, volumes: [] },
  ],
])(
  '%s refused with %s waits as %s, less and less often asked, and is granted when that has passed',
  async (action, code, reason, words, spec) => {
    const world = await newWorld();
    refuse(world, action, code);
    const { id } = await world.submit(spec);
    await world.run(3_000, 5);
    expectWaiting(await world.claim(id), reason, words);
    expect(world.calls.get(action)).toBeLessThan(40);
    expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
    world.ec2.cloud.faults.clear();
    await world.run(400, 5);
    expect(await world.claim(id)).toMatchObject({ state: 'active', reason: null });
    await world.release(id);
    await world.run(120);
    expect([(await world.claim(id)).state, world.left()]).toEqual([
      'released',
      { instances: 0, volumes: 0, groups: 0 },
    ]);
  },
);

test('a machine that takes no more volumes keeps the new one waiting, and its volume', async () => {
  const world = await newWorld();
  const machine = await world.submit(plain);
  await world.run(30);
  refuse(world, 'AttachVolume', 'AttachmentLimitExceeded');
  const { id } = await world.submit({ ...storageSpec, attachTo: machine.id });
  await world.run(2_000, 5);
  expectWaiting(await world.claim(id), 'account_limit', /AttachmentLimitExceeded.*larger machine/);
  // with the root disk of the machine
  expect([world.left().volumes, (world.calls.get('AttachVolume') ?? 0) < 20]).toEqual([2, true]);
  world.ec2.cloud.faults.clear();
  await world.run(400, 5);
  expect(await world.claim(id)).toMatchObject({ state: 'active', reason: null });
});

test('a machine waits, too, for a volume of another request that it cannot be given now', async () => {
  const world = await newWorld();
  const storage = await world.submit(storageSpec);
  await world.run(15);
  refuse(world, 'AttachVolume', 'AttachmentLimitExceeded');
  const { id } = await world.submit({ ...plain, volumeRequests: [storage.id] });
  await world.run(2_000, 5);
  expectWaiting(await world.claim(id), 'account_limit', /AttachmentLimitExceeded/);
  expect(await world.claim(storage.id)).toMatchObject({ state: 'active' });
  world.ec2.cloud.faults.clear();
  await world.run(400, 5);
  expect(await world.claim(id)).toMatchObject({ state: 'active', reason: null });
});

test.each([
  ['a deadline', { ...storageSpec, deadlineMs: 60_000 }, 'expired'],
  ['a release', storageSpec, 'cancelled'],
] as const)('%s ends what waits, and nothing is left', async (what, spec, state) => {
  const world = await newWorld();
  refuse(world, 'CreateVolume', 'VolumeLimitExceeded');
  const { id } = await world.submit(spec);
  await world.run(30);
  if (what === 'a release') await world.release(id);
  await world.run(60);
  expect([(await world.claim(id)).state, world.left().volumes]).toEqual([state, 0]);
});

test.each<[string, string, ClaimSpec]>([
  ['DeleteVolume', 'UnauthorizedOperation', storageSpec],
  ['TerminateInstances', 'OperationNotPermitted', plain],
  ['DeleteSecurityGroup', 'DependencyViolation', networkSpec],
])(
  '%s refused with %s is asked for at most once a minute in the end, and done once EC2 takes it',
  async (action, code, spec) => {
    const world = await newWorld();
    const { id } = await world.submit(spec);
    await world.run(60);
    refuse(world, action, code);
    await world.release(id);
    await world.run(1_800, 5);
    expect(world.calls.get(action)).toBeGreaterThan(25);
    expect(world.calls.get(action)).toBeLessThan(40);
    expect(world.calls.get('DescribeInstances')).toBeLessThan(300);
    world.ec2.cloud.faults.clear();
    await world.run(150);
    expect([(await world.claim(id)).state, world.left()]).toEqual([
      'released',
      { instances: 0, volumes: 0, groups: 0 },
    ]);
  },
);

test.each<[string, ClaimSpec]>([
  [
    'a rule',
    {
      ...networkSpec,
      network: {
        ...networkSpec.network,
        ingress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidr: null, request: 'r-nobody' }],
      },
    },
  ],
  ["a machine's network", { ...machineSpec, networkRequests: ['r-nobody'] }],
  ["a machine's volume", { ...machineSpec, volumeRequests: ['r-nobody'] }],
  ['attachTo', { ...storageSpec, attachTo: 'r-nobody' }],
])('an unknown request named by %s is refused at once', async (_by, spec) => {
  const world = await newWorld();
  await expect(world.submit(spec)).rejects.toMatchObject({
    code: 'unsatisfiable',
    message: expect.stringContaining('r-nobody'),
  });
});

test('what names another is answered as a repeat when that is gone', async () => {
  const world = await newWorld();
  const source = await world.submit(networkSpec);
  const spec: ClaimSpec = {
    ...networkSpec,
    network: {
      ...networkSpec.network,
      ingress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidr: null, request: source.id }],
    },
  };
  const { id } = await world.submit(spec, 'mine');
  await world.run(30);
  await world.release(source.id);
  await world.run(60);
  expect((await world.submit(spec, 'mine')).id).toBe(id);
  await expect(world.submit({ ...storageSpec, attachTo: source.id })).rejects.toThrow(
    'no live virtual_machine request',
  );
});

test('a pool whose record was written over says so, and what to do', async () => {
  const world = await newWorld();
  const item = await world.store.get(keys.pool('default'));
  await world.store.put({
    item: { ...keys.pool('default'), data: {} },
    condition: item?.version ?? 'absent',
    writeId: 'overwritten',
  });
  await expect(world.submit(storageSpec)).rejects.toThrow(/record of pool "default" cannot be read.*PUT \/v1\/pools/);
  await world.control.putPool(poolSpec);
  const { id } = await world.submit(storageSpec);
  await world.run(30);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
});
