// Consolidation over the whole path: steady demand moves nothing, and after a drop the tasks of one node go on at
// another without losing a retry.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

const spec = { ...poolSpec, requirements: { instanceType: ['c7i.large'] }, disruption: { consolidation: {} } };

test('nothing moves while demand is steady; after a drop the pool ends with fewer nodes, and stays so', async () => {
  const world = new World();
  const ended = new Set<string>();
  world.ending = (attemptId) =>
    [...ended].some((id) => attemptId.startsWith(id)) ? { outcome: 'exited', exitCode: 0 } : null;
  await world.control.putPool(spec);
  for (let n = 0; n < 6; n += 1)
    await world.control.submit(
      submission({
        resources: { cpuMilli: 900, memoryMib: 512, gpu: 0 },
        env: { N: String(n) },
        disruption: { mode: 'restart' },
      }),
    );
  const nodes = async () => (await world.control.listNodes('default')) ?? [];
  await world.run(20);
  await world.run(1_200, 10);
  const full = await nodes();
  expect(full.map(({ state, assigned }) => [state, assigned.length])).toEqual(full.map(() => ['ready', 2]));
  expect(full.flatMap(({ assigned }) => assigned).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1]);
  for (const { assigned } of full) if (assigned[0]) ended.add(assigned[0].attemptId);
  await world.run(900, 10);
  const left = await nodes();
  expect(left.map(({ assigned }) => assigned.length).sort()).toEqual([1, 2]);
  expect(
    left
      .flatMap(({ assigned }) => assigned)
      .map(({ attempt }) => attempt)
      .sort(),
  ).toEqual([1, 1, 2]);
  const activity = (await world.control.listActivity('default', { limit: 100 }))?.items ?? [];
  const moves = activity.filter(({ code }) => code === 'node_draining');
  expect(moves.map(({ message }) => message)).toEqual([
    expect.stringMatching(/: its task fits on other nodes: that saves \S+ USD, for \S+ USD of work/),
  ]);
});
