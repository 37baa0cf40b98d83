// Maintenance that AWS announces for a later day: planned for and shown, and no full pool waits for it.
import { expect, test } from '@jest/globals';
import { announcedLeadMs } from '../../lib/core/disruption/methods/announced.ts';
import { poolSpec, submission, World } from './world.ts';

const weekMs = 7 * 86_400_000;
const reason = 'AWS Health announces AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED';

async function announcedWorld(limits = { instances: 1 }) {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits, requirements: { instanceType: ['c7i.large'] } });
  await world.control.submit(submission());
  await world.run(15);
  const [node] = (await world.control.listNodes('default')) ?? [];
  if (!node) throw new Error('nothing runs');
  const atMs = world.nowMs + weekMs;
  for (let times = 0; times < 2; times += 1)
    await world.control.handleInstanceEvent({
      kind: 'scheduled-change',
      instanceId: node.id,
      pool: 'default',
      atMs,
      reason,
    });
  return { world, id: node.id, atMs };
}

const nodesOf = async (world: World) => (await world.control.listNodes('default')) ?? [];

test('the node works on in a full pool, which tells of it once, and drains shortly before', async () => {
  const { world, id, atMs } = await announcedWorld();
  await world.control.submit(submission({ env: { N: '2' } }));
  await world.run(15);
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'ready', announced: { reason, atMs } }]);
  expect((await nodesOf(world))[0]?.assigned).toHaveLength(2);
  const activity = await world.control.listActivity('default', { limit: 100 });
  expect(activity?.items.filter((one) => one.code === 'node_announced')).toHaveLength(1);
  world.nowMs = atMs - announcedLeadMs - 120_000;
  await world.run(60);
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'ready' }]);
  await world.run(90);
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'draining', drain: { by: 'announced', reason } }]);
});

test('a task that is known to end later goes to another node where one has room', async () => {
  const { world, id } = await announcedWorld({ instances: 2 });
  await world.control.submit(submission({ resources: { cpuMilli: 1_600, memoryMib: 512, gpu: 0 }, env: { N: '2' } }));
  await world.run(15);
  expect(await nodesOf(world)).toHaveLength(2);
  const long = await world.control.submit(
    submission({ resources: { cpuMilli: 300, memoryMib: 256, gpu: 0 }, expectedDurationMs: 2 * weekMs }),
  );
  await world.run(15);
  const holder = (await nodesOf(world)).find((node) => node.assigned.some((one) => one.requestId === long.request.id));
  expect(holder?.id).not.toBe(id);
});
