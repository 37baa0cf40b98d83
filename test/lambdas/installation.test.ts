// The removal: what the installation has in EC2 is released, data that was to outlive it is copied first,
// and nobody else's things are touched. Over the strict EC2 model, with records that control wrote.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createInstallationHandler } from '../../lambdas/installation/handler.ts';
import type { CustomResourceAnswer } from '../../lambdas/installation/handler.ts';
import { readVolumeOwners } from '../../lib/control/claims/removal.ts';
import { readPool } from '../../lib/control/requests/pools.ts';
import { deregisterAll } from '../../lib/control/services/targets/removal.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { put } from '../../lib/control/store/store-retry.ts';
import type { GroupTargets } from '../../lib/core/services/targets/record.ts';
import { SimulatedTargetGroups } from '../../lib/adapters/simulated/target-groups.ts';
import { TargetGroupError } from '../../lib/ports/ec2/target-groups.ts';
import type { ClaimSpec } from '../../lib/core/records/claim.ts';
import type { ReleasePolicy } from '../../lib/core/records/volume.ts';
import { tagRequest } from '../../lib/core/records/claim.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec, settings, storageSpec } from '../control/claims/world.ts';
import { RecordingLog } from './calls.ts';

let world: ClaimWorld;
let log: RecordingLog;
let emptied: number;
let bells: string[];
let targetGroups: SimulatedTargetGroups;
let denied: string;

beforeEach(async () => {
  world = new ClaimWorld();
  log = new RecordingLog();
  emptied = 0;
  targetGroups = new SimulatedTargetGroups({ nowMs: () => world.nowMs });
  denied = '';
  bells = ['i-0000000000000001', 'i-0000000000000002'];
  await world.control.putPool(poolSpec);
});

async function remove(
  over: { readonly keepData?: boolean; readonly drainMs?: number } = {},
): Promise<CustomResourceAnswer> {
  const { ports } = world;
  const { cloud } = ports;
  const answers: CustomResourceAnswer[] = [];
  const clock = {
    nowMs: () => world.nowMs,
    monotonicMs: () => world.nowMs,
    sleep: async (ms: number) => void (world.nowMs += ms),
  };
  const handler = createInstallationHandler({
    installation: settings.installation,
    cloud,
    volumeOwners: () => readVolumeOwners(ports),
    clock,
    log,
    drainMs: over.drainMs ?? 780_000,
    declarePool: async () => undefined,
    deregisterAll: () =>
      deregisterAll(ports, {
        deregister: async (arn, targets) => {
          // It cannot be a target, and keeps no other registered.
          if (targets.some(({ id }) => id === '10.0.0.8'))
            throw new TargetGroupError('invalid_target', 'not in the VPC');
          if (arn === denied) throw new TargetGroupError('access_denied', 'api: no permission');
          await targetGroups.deregister(arn, targets);
        },
      }),
    emptyOutputs: async () => void (emptied += 1),
    bells: { list: async () => bells, close: async (nodeId) => void bells.splice(bells.indexOf(nodeId), 1) },
    answer: async (_url, answer) => void answers.push(answer),
  });
  const answer = await handler(
    {
      RequestType: 'Delete',
      ResponseURL: 'https://answer.example',
      StackId: 's',
      RequestId: 'r',
      LogicalResourceId: 'l',
      ResourceProperties: { Does: 'drain', QuietSeconds: '20', KeepData: String(over.keepData ?? false) },
    },
    {} as never,
  );
  expect(answers).toEqual([answer]);
  // Also those of nodes that nobody has removed.
  if (answer.Status === 'SUCCESS') expect(bells).toEqual([]);
  return answer;
}

const volume = (onRelease: ReleasePolicy, sizeGib: number): ClaimSpec & { type: 'storage' } => ({
  ...storageSpec,
  volume: { ...storageSpec.volume, iops: 3_000, onRelease, sizeGib },
});
const machineWith = (...disks: readonly (readonly [ReleasePolicy, number])[]): ClaimSpec => ({
  ...machineSpec,
  volumes: disks.map(([onRelease, sizeGib]) => ({ ...storageSpec.volume, iops: 3_000, onRelease, sizeGib })),
});
async function active(spec: ClaimSpec): Promise<string> {
  const { id } = await world.submit(spec);
  await world.run(20);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  return id;
}
const copies = (): readonly {
  readonly sizeGib: number;
  readonly request: string | undefined;
  readonly tenant: string | undefined;
}[] =>
  [...world.ec2.snapshots.values()]
    .map((one) => ({ sizeGib: one.sizeGib, request: one.tags[tagRequest], tenant: one.tags['bellows:tenant'] }))
    .sort((a, b) => a.sizeGib - b.sizeGib);
const nothing = { instances: 0, volumes: 0, groups: 0 };

test('what is registered with target groups is deregistered, and a group that refuses is named', async () => {
  const arns = ['web', 'api'].map(
    (name) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`,
  );
  const [web = '', api = ''] = arns;
  const target = { id: '10.0.0.7', port: 80 };
  const pool = await readPool(world.ports, 'default');
  if (!pool) throw new Error('no pool');
  await put(world.ports, { ...keys.pool('default'), data: { ...pool.data, hasTargets: true } }, pool.version);
  const added = { state: 'added', atMs: 0 } as const;
  for (const arn of [web, api, web.replace('/web/', '/gone/')]) {
    const record: GroupTargets = {
      ...{ pool: 'default', tenant: 't', name: 'shop', service: 'aa', arn },
      ...{ facts: null, targets: { '10.0.0.7:80': added, '10.0.0.8:80': added }, lookedAtMs: null, troubles: {} },
    };
    await put(world.ports, { ...keys.targets(record), data: record }, 'absent');
  }
  for (const arn of arns) {
    targetGroups.create(arn);
    await targetGroups.register(arn, [target]);
  }
  denied = api;
  const { Status, Reason } = await remove();
  expect(Status).toBe('SUCCESS');
  expect(Reason.split('; ').slice(1)).toEqual(['targets of service shop stay registered: api: no permission']);
  expect(arns.map((arn) => targetGroups.registered(arn))).toEqual([[], ['10.0.0.7:80']]);
});

test('machines, volumes and networks with default policies are released, and nothing stays', async () => {
  await active(machineSpec);
  await active(volume('delete', 30));
  await active(networkSpec);
  expect(world.left()).toEqual({ instances: 1, volumes: 3, groups: 1 });
  expect(await remove()).toMatchObject({ Status: 'SUCCESS', Reason: '1 instances, 1 volumes and 1 groups released' });
  expect(world.left()).toEqual(nothing);
  expect(copies()).toEqual([]);
  expect(emptied).toBe(1);
});

test(
  'what was to be copied or kept becomes a snapshot that says whose ' + 'it is, also of what was kept already',
  async () => {
    const machine = await active(machineWith(['delete', 11], ['snapshot', 12], ['keep', 13]));
    const storage = await active(volume('snapshot', 14));
    const kept = await active(volume('keep', 15));
    await world.release(kept);
    await world.run(20);
    expect(await world.claim(kept)).toMatchObject({ state: 'released' });
    const { Status, Reason } = await remove();
    expect(Status).toBe('SUCCESS');
    expect(world.left()).toEqual(nothing);
    expect(copies()).toEqual([
      { sizeGib: 12, request: machine, tenant: 'default' },
      { sizeGib: 13, request: machine, tenant: 'default' },
      { sizeGib: 14, request: storage, tenant: 'default' },
      { sizeGib: 15, request: kept, tenant: 'default' },
    ]);
    for (const snapshot of world.ec2.snapshots.values()) expect(Reason).toContain(snapshot.id);
  },
);

test('with keepData every granted volume is copied, before its machine takes it away, and outputs stay', async () => {
  const machine = await active(machineWith(['delete', 21], ['snapshot', 22]));
  const storage = await active(volume('delete', 23));
  expect(await remove({ keepData: true })).toMatchObject({ Status: 'SUCCESS' });
  expect(world.left()).toEqual(nothing);
  expect(copies().map(({ sizeGib, request }) => [sizeGib, request])).toEqual([
    [21, machine],
    [22, machine],
    [23, storage],
  ]);
  expect(emptied).toBe(0);
});

test('a volume that no record knows is copied before it is deleted', async () => {
  const { cloud } = world.ports;
  await cloud.createVolume('lost', {
    zone: 'us-east-1a',
    shape: { type: 'gp3', sizeGib: 31, iops: 3_000, throughputMibps: 125, usdPerMonth: 2.5 },
    snapshotId: null,
    tags: {
      'bellows:installation': settings.installation,
      'bellows:pool': 'default',
      [tagRequest]: 'r-lost',
      'bellows:part': 'lost',
    },
  });
  expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(world.left()).toEqual(nothing);
  expect(copies()).toEqual([{ sizeGib: 31, request: 'r-lost', tenant: undefined }]);
});

test('what was never granted is not copied', async () => {
  world.ec2.cloud.faults.set({ action: 'RunInstances', effect: { kind: 'throttle' } });
  const { id } = await world.submit(volume('snapshot', 32));
  await world.run(1);
  expect(await world.claim(id)).toMatchObject({ state: 'pending' });
  expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(world.left()).toEqual(nothing);
  expect(copies()).toEqual([]);
});

test('groups that name each other go as well', async () => {
  const { cloud } = world.ports;
  const tags = { 'bellows:installation': settings.installation, 'bellows:pool': 'default', [tagRequest]: 'r-1' };
  const [a, b] = [await cloud.createGroup('a', 'a', tags), await cloud.createGroup('b', 'b', tags)];
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    await cloud.authorize(one, [
      { isEgress: false, protocol: 'tcp', fromPort: 1, toPort: 1, cidr: null, groupId: other },
    ]);
  expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(world.left()).toEqual(nothing);
});

test('what carries no tag of ours, or that of another installation, stays', async () => {
  const { cloud } = world.ports;
  const shape = { type: 'gp3', sizeGib: 10, iops: 3_000, throughputMibps: 125, usdPerMonth: 0.8 } as const;
  await cloud.createVolume('a', { zone: 'us-east-1a', shape, snapshotId: null, tags: {} });
  await cloud.createVolume('b', {
    zone: 'us-east-1a',
    shape,
    snapshotId: null,
    tags: { 'bellows:installation': 'another', 'bellows:pool': 'default', [tagRequest]: 'r-1' },
  });
  await cloud.createGroup('mine', 'mine', {});
  await active(machineSpec);
  expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(world.left()).toEqual({ instances: 0, volumes: 2, groups: 1 });
});

describe('in bad weather', () => {
  test.each(['throttle', 'drop-request', 'drop-response'] as const)(
    '%s of every call once leaves nothing and copies once',
    async (kind) => {
      await active(machineWith(['delete', 24], ['snapshot', 25]));
      await active(volume('keep', 26));
      for (const action of [
        'DescribeInstances',
        'DescribeVolumes',
        'DescribeSnapshots',
        'DescribeSecurityGroups',
        'TerminateInstances',
        'CreateSnapshot',
        'DeleteVolume',
        'DeleteSecurityGroup',
      ]) {
        world.ec2.cloud.faults.set({ action, effect: { kind }, times: 1 });
      }
      expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
      expect(world.ec2.cloud.faults.list()).toEqual([]);
      expect(world.left()).toEqual(nothing);
      expect(copies().map((one) => one.sizeGib)).toEqual([25, 26]);
    },
  );

  test('what does not end in time fails the removal by name; the next one goes on from there', async () => {
    await active(volume('snapshot', 27));
    world.ec2.cloud.faults.set({
      action: 'DeleteVolume',
      effect: { kind: 'fail', code: 'UnauthorizedOperation', message: 'not you', httpStatus: 403 },
    });
    const failed = await remove({ drainMs: 120_000 });
    const [left] = world.ec2.volumes.all();
    expect(failed).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(`${left?.id ?? '?'} is free (UnauthorizedOperation: not you)`) as unknown,
    });
    expect(emptied).toBe(0);
    world.ec2.cloud.faults.clear();
    expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
    expect(world.left()).toEqual(nothing);
    expect(copies().map((one) => one.sizeGib)).toEqual([27]);
  });

  test('a volume that somebody put onto an instance of his own is left to him, and named with it', async () => {
    await active(volume('delete', 28));
    const foreign = world.ec2.cloud.launch({
      capacityType: 'on-demand',
      token: null,
      tokenScope: 'run/region',
      parameters: '',
      strategy: 'prioritized',
      overrides: [{ instanceType: 'm7i.large', zone: world.ec2.volumes.all()[0]?.zone ?? '' }],
      count: 1,
      minCount: 1,
      failsBelowMinimum: true,
      tags: {},
    });
    world.nowMs += 30_000;
    const [claimed] = world.ec2.volumes.all();
    await world.ports.cloud.attach(claimed?.id ?? '', foreign.instances[0]?.id ?? '', '/dev/sdf');
    world.nowMs += 30_000;
    expect(await remove({ drainMs: 60_000 })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(
        `${claimed?.id ?? '?'} is attached to ${foreign.instances[0]?.id ?? '?'}`,
      ) as unknown,
    });
    expect(world.left()).toMatchObject({ instances: 1, volumes: 1 });
  });

  test('a protected machine is asked for again until it is free', async () => {
    await active(machineSpec);
    const [instance] = world.ec2.cloud.instances();
    world.ec2.cloud.setTerminationProtection(instance?.id ?? '', true);
    expect(await remove({ drainMs: 60_000 })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(instance?.id ?? '?') as unknown,
    });
    world.ec2.cloud.setTerminationProtection(instance?.id ?? '', false);
    expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
    expect(world.left()).toEqual(nothing);
  });
});

test('a volume whose copy EC2 does not show yet is not copied twice', async () => {
  await active(volume('snapshot', 29));
  const { cloud } = world.ports;
  const list = cloud.list.bind(cloud);
  const untilMs = world.nowMs + 30_000;
  cloud.list = async (scope) => {
    const listing = await list(scope);
    return world.nowMs < untilMs ? { ...listing, snapshots: [] } : listing;
  };
  expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(copies().map((one) => one.sizeGib)).toEqual([29]);
});
