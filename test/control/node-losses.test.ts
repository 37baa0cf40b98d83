// A task that takes its node down is stopped; whoever only stood beside it is not, and neither is anybody for AWS's
// announced or for our own doing.
import { expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { RequestRecord, TaskSpec } from '../../lib/core/records/request.ts';
import { sliceOf } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

const onDemand: PoolSpec = { ...poolSpec, requirements: { ...poolSpec.requirements, capacityType: ['on-demand'] } };

/** The nodes of tasks that `kills` names end as soon as these run. Answers how many were lost so. */
async function runKilling(
  world: World,
  seconds: number,
  kills: (attemptId: string) => boolean,
  end: (nodeId: string) => void = (id) => world.cloud.crashInstance(id, 'the kernel panicked'),
): Promise<number> {
  const lost = new Set<string>();
  for (let second = 0; second < seconds; second += 1) {
    await world.run(1);
    for (const node of (await world.control.listNodes('default')) ?? []) {
      if (
        node.state !== 'ready'
        || lost.has(node.id)
        || !node.assigned.some((one) => one.startedAtMs !== null && kills(one.attemptId))
      )
        continue;
      end(node.id);
      lost.add(node.id);
    }
  }
  return lost.size;
}

async function request(world: World, id: string): Promise<RequestRecord> {
  return (await world.control.getRequest('default', id)) as RequestRecord;
}

/** Each a millisecond later: their order does not hang on their ids. */
async function submit(world: World, spec: Partial<TaskSpec> = {}): Promise<string> {
  world.nowMs += 1;
  return (await world.control.submit(submission(spec))).request.id;
}

test('every run kills its instance: at the tenth loss it fails, and says so', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(onDemand);
  const id = await submit(world);
  expect(await runKilling(world, 3 * 3_600, (attempt) => attempt.startsWith(id))).toBe(10);
  const record = await request(world, id);
  expect(record).toMatchObject({ state: 'failed', tasks: [{ attempt: 10, losses: 10, nodeLosses: 10 }] });
  expect(record.reason).toMatch(
    /^takes_nodes_down: 10 nodes were lost under it without notice.*ran alone there.*lossesMax is 10.*raise lossesMax/,
  );
  await world.run(60);
  expect(world.published.filter((event) => event.type === 'TaskEnded').length).toBe(1);
  expect(world.cloud.instances().filter((one) => one.state !== 'terminated')).toEqual([]);
});

const limits = [
  [{ lossesMax: 3 }, {}, 3],
  [{ lossesMax: 3 }, { lossesMax: 5 }, 5],
  [{}, { lossesMax: 1 }, 1],
] as const;

test.each(sliceOf(limits, 1))('pool %j, task %j: it fails at loss %d', async (pool, task, losses) => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, ...pool });
  const id = await submit(world, task);
  expect(await runKilling(world, 3_600, (attempt) => attempt.startsWith(id))).toBe(losses);
  expect(await request(world, id)).toMatchObject({ state: 'failed', tasks: [{ nodeLosses: losses }] });
});

test(
  'it counts as well where ticks see the instance shutting down before it is terminated, as an '
    + 'event of EC2 makes them',
  async () => {
    const world = new World({ cloud: { shutdownMs: { minMs: 20_000, maxMs: 30_000 } } });
    world.ending = () => null;
    await world.control.putPool({ ...onDemand, lossesMax: 3 });
    const id = await submit(world);
    const end = (nodeId: string): void => {
      world.cloud.crashInstance(nodeId, 'the kernel panicked');
      void world.control.handleInstanceEvent({
        kind: 'state-change',
        instanceId: nodeId,
        pool: 'default',
        atMs: world.nowMs,
      });
    };
    expect(await runKilling(world, 3_600, (attempt) => attempt.startsWith(id), end)).toBe(3);
    expect(world.published).toContainEqual(
      expect.objectContaining({ type: 'NodeTerminated', reason: expect.stringMatching(/^EC2 says shutting-down/) }),
    );
    expect(await request(world, id)).toMatchObject({ state: 'failed', tasks: [{ nodeLosses: 3 }] });
  },
);

test.each(sliceOf([undefined, 1, 2], 1))(
  'the culprit among eight fails and its neighbours succeed (lossesMax %s)',
  async (lossesMax) => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool({
      ...onDemand,
      limits: { instances: 8 },
      ...(lossesMax === undefined ? {} : { lossesMax }),
    });
    const ids: string[] = [];
    for (let i = 0; i < 8; i += 1)
      ids.push(await submit(world, { resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } }));
    const [culprit = ''] = ids.slice(3);
    // The others end where they run alone.
    world.ending = (attempt) =>
      !attempt.startsWith(culprit) && attempt.endsWith(lossesMax === 1 ? '.2' : '.3')
        ? { outcome: 'exited', exitCode: 0 }
        : null;
    const losses = await runKilling(world, 3_600, (attempt) => attempt.startsWith(culprit));
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    await world.run(1_800, 5);
    for (const id of ids)
      expect([id, (await request(world, id)).state]).toEqual([id, id === culprit ? 'failed' : 'succeeded']);
    expect(losses).toBe(lossesMax === 1 ? 2 : Math.max(lossesMax ?? 10, 3));
  },
);

test('a task that is kept apart has no neighbours, whoever waits, and those are served', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, limits: { instances: 4 } });
  const id = await submit(world, { resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } });
  await runKilling(world, 60, (attempt) => attempt.endsWith('.1') || attempt.endsWith('.2'));
  const others: string[] = [];
  for (let i = 0; i < 20; i += 1)
    others.push(await submit(world, { resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } }));
  await world.run(120);
  const nodes = (await world.control.listNodes('default')) ?? [];
  const own = nodes.find((node) => node.assigned.some((one) => one.requestId === id));
  expect(own?.assigned.length).toBe(1);
  expect(nodes.filter((node) => node !== own).reduce((sum, node) => sum + node.assigned.length, 0)).toBe(20);
});

test('an array: its one bad task fails, each of the others succeeds; a gang stays together', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, lossesMax: 4 });
  const array = await submit(world, { count: 10, resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } });
  world.ending = (attempt) =>
    !attempt.startsWith(`${array}.7.`) && attempt.endsWith('.3') ? { outcome: 'exited', exitCode: 0 } : null;
  await runKilling(world, 3_600, (attempt) => attempt.startsWith(`${array}.7.`));
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(1_200, 5);
  expect(await request(world, array)).toMatchObject({
    state: 'failed',
    counts: { succeeded: 9, failed: 1, pending: 0, running: 0 },
  });
  expect((await world.control.getTask('default', array, 7))?.state).toBe('failed');
  world.ending = () => null;
  const gang = await submit(world, { count: 3, gang: true, resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } });
  await runKilling(world, 1_800, (attempt) => attempt.startsWith(`${gang}.1.`));
  expect((await world.control.getTask('default', gang, 1))?.state).toBe('failed');
});

test('at most a quarter of the limit runs alone; the reason says so', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, limits: { instances: 8 } });
  const ids: string[] = [];
  for (let i = 0; i < 6; i += 1) ids.push(await submit(world, { resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } }));
  await runKilling(world, 40, (attempt) => attempt.endsWith('.1') || attempt.endsWith('.2'));
  await world.run(300);
  const nodes = (await world.control.listNodes('default')) ?? [];
  expect(nodes.map((node) => node.assigned.length).filter((count) => count > 0)).toEqual([1, 1]);
  const waiting = (await Promise.all(ids.map((id) => request(world, id)))).filter((one) => one.state === 'pending');
  expect(waiting.length).toBe(4);
  for (const one of waiting)
    expect(one.timeline.at(-1)).toMatchObject({
      code: 'constraints',
      message: expect.stringMatching(/runs alone on a node; at most 2 /),
    });
});

test.each([
  [
    'a spot reclaim',
    (world: World) => (id: string) => {
      world.cloud.crashInstance(id, 'Server.SpotInstanceTermination: Spot instance termination');
    },
  ],
  [
    'a drain that AWS announced',
    (world: World) => (id: string) => {
      void world.control
        .handleInstanceEvent({
          kind: 'scheduled-change',
          instanceId: id,
          pool: 'default',
          atMs: world.nowMs,
          reason: 'retirement',
        })
        .then(() => {
          world.cloud.crashInstance(id, 'retired');
        });
    },
  ],
] as const)("%s is nobody's fault, however often", async (_what, end) => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, lossesMax: 2 });
  const id = await submit(world);
  expect(await runKilling(world, 1_200, (attempt) => attempt.startsWith(id), end(world))).toBeGreaterThan(3);
  const record = await request(world, id);
  expect(['pending', 'running']).toContain(record.state);
  expect(record.tasks[0]?.nodeLosses ?? 0).toBe(0);
  expect(record.tasks[0]?.losses).toBeGreaterThan(2);
});

test("silence, of one node or of all, is nobody's fault", async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...onDemand, lossesMax: 1 });
  const id = await submit(world);
  await world.run(10);
  // No agent calls for an hour.
  for (let i = 0; i < 360; i += 1) {
    world.nowMs += 10_000;
    await world.tickDue();
  }
  expect((await request(world, id)).endedAtMs).toBeNull();
  expect((await request(world, id)).tasks[0]?.losses).toBeGreaterThan(0);
  expect((await request(world, id)).tasks[0]?.nodeLosses).toBeUndefined();
});
