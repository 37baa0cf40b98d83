// Virtual machines with their volumes and networks: granted as one, and given back until nothing is left.
import { expect, test } from '@jest/globals';
import { ClaimWorld, machineSpec, poolSpec } from './world.ts';

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
