// What a pool learns of its tasks' lives, through control: from ends to what is shown, and not rewritten in peace.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

async function worldWith(lifetimes?: 'off'): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, ...(lifetimes ? { lifetimes } : {}) });
  for (const count of [1, 1, 30]) await world.control.submit(submission({ count }));
  await world.run(180);
  return world;
}

test('single tasks and arrays are learned from once, and nothing is written while nothing ends', async () => {
  const world = await worldWith();
  const shown = await world.control.lifetimesOfPool('default');
  expect(shown?.classes.map(({ tenant, shape, ends }) => [tenant, shape !== null, ends])).toEqual([
    [null, false, 32],
    ['default', false, 32],
    ['default', true, 32],
  ]);
  expect(shown?.classes[0]?.p50Ms).toBeLessThan(10_000);
  const before = world.changes.length;
  await world.run(20);
  expect(world.changes.slice(before).filter(({ key }) => key.sk === 'MEMORY')).toEqual([]);
  expect(await world.control.lifetimesOfPool('nowhere')).toBeNull();
});

test('a pool with lifetimes off learns nothing, and forgets what it had learned', async () => {
  const off = await (await worldWith('off')).control.lifetimesOfPool('default');
  expect(off).toMatchObject({ isOff: true, classes: [] });
  const world = await worldWith();
  await world.control.putPool({ ...poolSpec, lifetimes: 'off' });
  await world.run(70);
  await world.control.putPool(poolSpec);
  expect((await world.control.lifetimesOfPool('default'))?.classes).toEqual([]);
});
