// A task that was ended for its memory is placed again with more of it.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from '../world.ts';

test('the next attempt is placed with the memory that it grew to', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const given = submission();
  if (given.spec.type !== 'task') throw new Error('the world submits tasks');
  const { memoryMib } = given.spec.resources;
  const starved = { outcome: 'exited', exitCode: 137, isOutOfMemory: true } as const;
  world.ending = (attemptId) => (attemptId.endsWith('.1') ? starved : null);
  const { request } = await world.control.submit({
    ...given,
    spec: { ...given.spec, retries: 1, memoryGrowth: { factor: 1.5, maxMib: 4 * memoryMib } },
  });
  await world.run(30);
  const nodes = (await world.control.listNodes('default')) ?? [];
  expect(nodes.flatMap((node) => node.assigned).map((one) => [one.attempt, one.resources.memoryMib])).toEqual([
    [2, Math.ceil(1.5 * memoryMib)],
  ]);
  expect(await world.control.getRequest('default', request.id)).toMatchObject({ state: 'running' });
});
