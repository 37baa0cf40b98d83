// Virtual machines with their volumes and networks: granted as one, and given back until nothing is left.
import { expect, test } from '@jest/globals';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';

const needs = { vcpu: 2, memoryMib: 4_096, gpu: 0, arch: null };
const warm = { running: 1, stopped: 0, needs, requirements: {}, imageId: null };

test('a machine with a volume and a network comes, and goes without a trace', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const { id } = await world.submit(machineSpec);
  await world.run(40);
  const active = await world.claim(id);
  expect(active).toMatchObject({
    state: 'active',
    reason: null,
    machines: [{ state: 'there', capacityType: 'on-demand', volumes: [{ state: 'there', device: '/dev/sdf' }] }],
  });
  expect(active.machines[0]?.privateIp).toMatch(/^172\.31\./);
  expect(active.groupIds).toHaveLength(1);
  expect(world.left()).toEqual({ instances: 1, volumes: 2, groups: 1 });
  await world.release(id);
  await world.run(90);
  expect(await world.claim(id)).toMatchObject({ state: 'released', reason: 'released' });
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
  expect(await world.documents()).toBe(0);
  expect(world.published.map((event) => event.type)).toContain('RequestEnded');
});

test('machines, their disks and volumes have the labels of declared keys as tags in EC2', async () => {
  const world = new ClaimWorld({ settings: { labelKeys: ['team', 'env'] } });
  await world.control.putPool({ ...poolSpec, warm });
  await world.run(60);
  const labelsOf = (): string[] => {
    const all = [
      ...world.ec2.cloud.instances().filter((one) => one.state === 'running'),
      ...world.ec2.volumes.values(),
    ];
    return all
      .map(({ tags }) =>
        Object.entries(tags)
          .filter(([key]) => key.startsWith('bellows:label:'))
          .map((tag) => tag.join('='))
          .sort()
          .join(),
      )
      .filter((labels) => labels !== '')
      .sort();
  };
  expect(labelsOf()).toEqual([]);
  await world.submit({ ...machineSpec, labels: { team: 'search', env: 'prod', note: 'x' } });
  await world.submit({ ...storageSpec, labels: { team: 'disks' } });
  await world.submit(storageSpec);
  await world.submit({ ...machineSpec, volumes: [], network: null, labels: { env: 'taken' } });
  await world.run(60);
  // A machine with its root disk and one more; a volume; a machine that was warm, with its root disk.
  expect(labelsOf()).toEqual(
    [
      ...Array.from({ length: 2 }, () => 'bellows:label:env=taken'),
      ...Array.from({ length: 3 }, () => 'bellows:label:env=prod,bellows:label:team=search'),
      'bellows:label:team=disks',
    ].sort(),
  );
  expect([...world.calls.keys()]).toContain('CreateTags');
});
