// The operator's brake over the whole path: what is paused buys nothing, what is cordoned takes nothing, and a node
// that is drained or terminated by hand gives its tasks back without losing a retry.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

const spec = { ...poolSpec, requirements: { instanceType: ['c7i.large'] } };
/** Two of them fill a node. */
const half = { resources: { cpuMilli: 900, memoryMib: 512, gpu: 0 } };

const nodesOf = async (world: World) => (await world.control.listNodes('default')) ?? [];
const reasonOf = async (world: World, id: string) => {
  const request = await world.control.getRequest('default', id);
  return request?.timeline.at(-1)?.message;
};
const codesOf = async (world: World) =>
  ((await world.control.listActivity('default', { limit: 100 }))?.items ?? []).map(({ code, principal }) => [
    code,
    principal,
  ]);

async function busyWorld() {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(spec);
  const { request } = await world.control.submit(submission(half));
  await world.run(15);
  const [node] = await nodesOf(world);
  if (!node) throw new Error('nothing runs');
  return { world, task: request.id, id: node.id };
}

test('a paused pool buys nothing, fills what is there, says who paused it, and goes on when resumed', async () => {
  const { world } = await busyWorld();
  await world.control.pausePool('default', 'ops/alice');
  await world.control.pausePool('default', 'ops/bob');
  const second = await world.control.submit(submission({ ...half, env: { N: '2' } }));
  world.nowMs += 1;
  const third = await world.control.submit(submission({ ...half, env: { N: '3' } }));
  await world.run(90);
  expect(await nodesOf(world)).toHaveLength(1);
  expect((await world.control.getRequest('default', second.request.id))?.state).toBe('running');
  expect(await reasonOf(world, third.request.id)).toMatch(
    /^pool default is paused by ops\/alice since .*: \.\/bellows pool resume default$/,
  );
  // Declared anew it stays paused.
  await world.control.putPool({ ...spec, idleAfterMs: 60_000 });
  expect((await world.control.getPool('default'))?.paused).toMatchObject({ by: 'ops/alice' });
  await world.run(10);
  expect(await nodesOf(world)).toHaveLength(1);
  await world.control.resumePool('default', 'ops/bob');
  await world.run(15);
  expect(await nodesOf(world)).toHaveLength(2);
  expect((await world.control.getRequest('default', third.request.id))?.state).toBe('running');
  const codes = await codesOf(world);
  expect(codes.filter(([code]) => code === 'pool_paused')).toEqual([['pool_paused', 'ops/alice']]);
  expect(codes).toContainEqual(['pool_resumed', 'ops/bob']);
});

test('a cordoned node takes nothing and stays without work, and takes tasks again', async () => {
  const { world, task, id } = await busyWorld();
  await world.control.orderNode(id, { kind: 'cordon' }, 'alice');
  await world.control.submit(submission({ ...half, env: { N: '2' } }));
  await world.run(15);
  const others = (await nodesOf(world)).filter((one) => one.id !== id);
  expect(others).toMatchObject([{ assigned: [{}] }]);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(300, 5);
  expect((await world.control.getRequest('default', task))?.state).toBe('succeeded');
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'ready', assigned: [], cordon: { by: 'alice' } }]);
  await world.control.orderNode(id, { kind: 'uncordon' }, 'alice');
  await world.run(60);
  expect(await nodesOf(world)).toEqual([]);
  expect(await codesOf(world)).toEqual(
    expect.arrayContaining([
      ['node_cordoned', 'alice'],
      ['node_uncordoned', 'alice'],
    ]),
  );
});

test('a drained node keeps its task until the deadline, and then releases it without losing a retry', async () => {
  const { world, task, id } = await busyWorld();
  await world.control.orderNode(id, { kind: 'drain', stopAfterMs: null }, 'alice');
  await world.run(60);
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'draining', assigned: [{}] }]);
  await world.control.orderNode(id, { kind: 'drain', stopAfterMs: 20_000 }, 'alice');
  await world.run(15);
  expect(await nodesOf(world)).toMatchObject([{ id, state: 'draining', assigned: [{ withdrawn: null }] }]);
  await world.run(60);
  const after = (await nodesOf(world)).filter((one) => one.state === 'ready');
  expect(after).toMatchObject([{ assigned: [{ requestId: task, attempt: 2 }] }]);
  expect(after[0]?.id).not.toBe(id);
  const request = await world.control.getRequest('default', task);
  expect(request && 'tasks' in request ? request.tasks[0] : null).toMatchObject({ failures: 0, losses: 1 });
});

test('a node that is terminated stops its tasks first, and the task says who did it', async () => {
  const { world, task, id } = await busyWorld();
  await world.control.orderNode(id, { kind: 'terminate' }, 'ops/alice');
  await world.run(3);
  const request = await world.control.getRequest('default', task);
  expect(request?.timeline.map((entry) => entry.message).join('\n')).toContain(
    `node ${id} goes: terminated by ops/alice`,
  );
  await world.run(30);
  expect((await nodesOf(world)).map((one) => one.id)).not.toContain(id);
  expect((await world.control.getRequest('default', task))?.state).toBe('running');
  expect(await codesOf(world)).toContainEqual(['node_terminating', 'ops/alice']);
});

test('what nobody has is unknown, and a node that goes does not come back', async () => {
  const { world, id } = await busyWorld();
  expect(await world.control.orderNode('i-none', { kind: 'cordon' }, 'alice')).toBeNull();
  await world.control.orderNode(id, { kind: 'drain', stopAfterMs: null }, 'alice');
  await expect(world.control.orderNode(id, { kind: 'uncordon' }, 'alice')).rejects.toThrow('does not come back');
  expect(await world.control.pausePool('none', 'alice')).toBeNull();
});

test('of a node that drifts, what restarts goes elsewhere at once, and the rest after maxDrainSeconds', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...spec, disruption: { drift: true } });
  const stays = await world.control.submit(submission(half));
  const moves = await world.control.submit(submission({ ...half, env: { N: '2' }, disruption: { mode: 'restart' } }));
  await world.run(15);
  const [old] = await nodesOf(world);
  expect(old?.assigned).toHaveLength(2);
  await world.control.putPool({ ...spec, tasksPerNode: 8, disruption: { drift: true, maxDrainMs: 120_000 } });
  await world.run(30);
  const nodes = await nodesOf(world);
  expect(nodes.find((one) => one.id === old?.id)).toMatchObject({
    state: 'draining',
    drain: { by: 'drift' },
    assigned: [{ requestId: stays.request.id, withdrawn: null }],
  });
  expect(nodes.find((one) => one.state === 'ready')).toMatchObject({
    tasksMax: 8,
    assigned: [{ requestId: moves.request.id, attempt: 2 }],
  });
  // After maxDrainMs it is stopped as well, and no retry is lost.
  await world.run(150);
  expect((await nodesOf(world)).map((one) => one.id)).not.toContain(old?.id);
  const request = await world.control.getRequest('default', stays.request.id);
  expect(request && 'tasks' in request ? request.tasks[0] : null).toMatchObject({ failures: 0, attempt: 2 });
});
