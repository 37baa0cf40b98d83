// Counterfactuals through control: the pool's own decision with a difference, and that nothing is written.
import { expect, test } from '@jest/globals';
import type { WhatIf, WhatIfAnswer } from '../../lib/control/use-cases.ts';
import { poolSpec, submission, World } from './world.ts';

async function asked(world: World, id: string, difference: WhatIf): Promise<WhatIfAnswer> {
  const answer = await world.control.whatIf('default', id, difference);
  if (answer === null) throw new Error(`no request ${id}`);
  return answer;
}

async function submitted(world: World, spec: Parameters<typeof submission>[0] = {}): Promise<string> {
  return (await world.control.submit(submission(spec))).request.id;
}

/** A pool with room for one node of 2 vCPU, on which a task runs that takes it all. */
async function fullWorld(): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: 1 } });
  await submitted(world, { resources: { cpuMilli: 1_500, memoryMib: 512, gpu: 0 } });
  await world.run(90);
  return world;
}

const large = { resources: { cpuMilli: 4_000, memoryMib: 512, gpu: 0 } };

test('a higher limit buys a node, a smaller task starts on the one that is there, as the next ticks do', async () => {
  const world = await fullWorld();
  const id = await submitted(world, large);
  await world.run(5);
  const before = world.changes.length;
  const more = await asked(world, id, { limits: { instances: 2 } });
  expect(more.now).toMatchObject({ kind: 'waits', code: 'limit_reached' });
  expect(more.then).toMatchObject({ kind: 'bought', launches: [{ count: 1 }] });
  const small = await asked(world, id, { resources: { cpuMilli: 50, memoryMib: 64 } });
  expect(small.then).toMatchObject({ kind: 'placed', message: expect.stringMatching(/^1 task starts at once on i-/) });
  const nothing = await asked(world, id, { limits: { instances: 1 } });
  expect(nothing.then).toEqual(nothing.now);
  expect(world.changes).toHaveLength(before);
  await world.control.putPool({ ...poolSpec, limits: { instances: 2 } });
  await world.run(5);
  const { launchedNodes } = await world.control.stats('default');
  expect(launchedNodes).toBe(2);
});

test('another capacity type is bought where the request may have it', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const id = await submitted(world, { ...large, requirements: { capacityType: ['spot'] } });
  const { now, then } = await asked(world, id, { requirements: { capacityType: ['on-demand'] } });
  expect(now).toMatchObject({ kind: 'bought', launches: [{ capacityType: 'spot' }] });
  expect(then).toMatchObject({ kind: 'bought', launches: [{ capacityType: 'on-demand' }] });
  expect(then.launches[0]?.usdPerHour).toBeGreaterThan(now.launches[0]?.usdPerHour ?? Infinity);
});

test('a paused pool waits, and would buy if it were not paused', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.pausePool('default', 'ann');
  const id = await submitted(world);
  const { now, then } = await asked(world, id, { isPaused: false });
  expect(now).toMatchObject({ kind: 'waits', code: 'pool_paused' });
  expect(then.kind).toBe('bought');
});

test('of what has ended, of claims and of others’ requests nothing is said', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const id = await submitted(world);
  expect(await world.control.whatIf('somebody', id, {})).toBeNull();
  await world.run(200);
  await expect(world.control.whatIf('default', id, {})).rejects.toMatchObject({ code: 'not_possible' });
});
