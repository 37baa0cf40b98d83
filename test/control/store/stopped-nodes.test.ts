// Stopped nodes in a pool that ticks keep a copy of.
import { expect, test } from '@jest/globals';
import { poolSpec, submission } from '../world.ts';
import { nodesOf, observed, tick } from './observed-pool.ts';

test('speak no more: their last heartbeat is not taken over, and they are not read again and again', async () => {
  const given = observed();
  const { world, reads } = given;
  await world.control.putPool({
    ...poolSpec,
    ...{ idleAfterMs: 10_000, tasksPerNode: 1, warmNodes: { stopped: 5, expireAfterMs: 36_000_000 } },
    requirements: { ...poolSpec.requirements, capacityType: ['on-demand'] },
  });
  let isOver = false;
  world.ending = () => (isOver ? { outcome: 'exited', exitCode: 0 } : null);
  for (let n = 0; n < 5; n += 1) await world.control.submit(submission({}, `task-${String(n)}`));
  await world.run(120);
  isOver = true;
  await world.run(300);
  expect(nodesOf(given).map(({ state }) => state)).toEqual(Array(5).fill('stopped'));
  expect(nodesOf(given).map(({ lastSeenAtMs }) => lastSeenAtMs)).toEqual(Array(5).fill(null));
  reads.take();
  await tick(world);
  expect(reads.take()['NODES'] ?? 0).toBe(0);
});
