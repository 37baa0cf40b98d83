// One listing for nodes and claims, and one sweep: what EC2 is asked for, and how much at once.
import { expect, test } from '@jest/globals';
import { tagInstallation, tagPool } from '../../../lib/core/records/launch.ts';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import { storeWith } from '../store-with.ts';
import { submission } from '../world.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';

const describes = ['DescribeInstances', 'DescribeVolumes', 'DescribeSnapshots', 'DescribeSecurityGroups'];
const shape = { type: 'gp3', sizeGib: 8, iops: 3_000, throughputMibps: 125, usdPerMonth: 1 } as const;

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

const asked = (world: ClaimWorld): readonly number[] => describes.map((action) => world.calls.get(action) ?? 0);

test('a pool of tasks alone costs one describe call a listing', async () => {
  const world = await newWorld();
  await world.control.submit(submission());
  await world.run(30);
  const [instances = 0, ...others] = asked(world);
  expect(instances).toBeGreaterThan(0);
  expect(others).toEqual([0, 0, 0]);
});

test('nodes and claims of a pool share each listing', async () => {
  const world = await newWorld();
  await world.submit(storageSpec);
  await world.submit({ ...machineSpec, network: null });
  await world.run(30);
  await world.control.submit(submission());
  world.calls.clear();
  await world.run(30);
  const [instances = 0, volumes] = asked(world);
  // Besides listings, the launch of the node is looked up by its tag.
  expect(world.ec2.cloud.instances().filter((one) => one.tags[tagRequest] === undefined)).not.toEqual([]);
  expect(instances).toBeGreaterThan(0);
  expect(volumes).toBe(instances);
});

test('a sweep lists once, and deletes at most a hundred orphans', async () => {
  const world = await newWorld();
  const tags = { [tagInstallation]: 'test', [tagPool]: 'default', [tagRequest]: 'r-lost' };
  const make = async (n: number) =>
    world.ports.cloud.createVolume(`lost-${String(n)}`, { zone: 'us-east-1a', shape, snapshotId: null, tags });
  for (let n = 0; n < 130; n += 1) await make(n);
  world.nowMs += 60_000;
  world.calls.clear();
  expect(await world.control.sweep()).toEqual({ orphansSeen: 130, reaped: 0 });
  expect(asked(world)).toEqual([1, 1, 1, 1]);
  world.nowMs += 61_000;
  expect(await world.control.sweep()).toEqual({ orphansSeen: 130, reaped: 100 });
  expect(await world.control.sweep()).toEqual({ orphansSeen: 30, reaped: 30 });
  expect(await world.control.sweep()).toEqual({ orphansSeen: 0, reaped: 0 });
});

test('a round reads the records of tasks and of claims once each', async () => {
  const world = await newWorld();
  await world.submit(storageSpec);
  await world.control.submit(submission({ run: { kind: 'command', argv: ['sleep', '1000'] } }));
  await world.run(60);
  const read: string[] = [];
  const { store } = world.ports;
  const watched = storeWith(store, {
    get: (key) => (read.push(`${key.pk} ${key.sk}`), store.get(key)),
    query: (options) => (read.push(options.pk), store.query(options)),
  });
  Object.assign(world.ports, { store: watched });
  world.nowMs += 60_000;
  const { rounds } = await world.control.runTick('default');
  expect(rounds).toBeGreaterThan(0);
  const once = ['LAUNCHES#default', 'NODES#default', 'RESOURCES#default', 'POOL#default MEMORY', 'POOLS default'];
  for (const record of once) expect([record, read.filter((one) => one === record).length]).toEqual([record, rounds]);
});
