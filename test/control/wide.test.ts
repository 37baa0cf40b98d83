// The API's own maxima at once: what one decision is about is written in bounded changes, and each
// reaches its right end.
import { expect, test } from '@jest/globals';
import type { RequestRecord, TaskSpec } from '../../lib/core/records/request.ts';
import { transactionBytesMax, transactionItemsMax } from '../../lib/ports/store.ts';
import { measured, noise } from './wide.ts';
import { poolSpec, submission, World } from './world.ts';

const many = 1_000;
/** More than one sync may acknowledge. */
const manyEnds = 1_000;
const small: Partial<TaskSpec> = { resources: { cpuMilli: 10, memoryMib: 8, gpu: 0 } };
/** One node takes all of them. */
const roomy = {
  ...poolSpec,
  requirements: { instanceType: ['c6a.8xlarge'], zone: ['us-east-1a'] },
  tasksPerNode: 1_000,
  maxNodeVcpu: 96,
};

async function submitMany(world: World, count: number, spec: Partial<TaskSpec> = small): Promise<string[]> {
  const results = await world.control.submitBatch(
    Array.from({ length: count }, (_, n) => submission(spec, `key-${String(n)}`)),
  );
  return results.map((one) => {
    if (one instanceof Error) throw one;
    return one.request.id;
  });
}

async function states(world: World, ids: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { items } = await world.control.listRequests({ tenant: 'default', limit: 1_000 });
  const byId = new Map(items.map((one) => [one.id, one.state]));
  for (const id of ids) counts[byId.get(id) ?? 'gone'] = (counts[byId.get(id) ?? 'gone'] ?? 0) + 1;
  return counts;
}

function expectBounded(widest: { readonly writes: number; readonly bytes: number }): void {
  expect(widest.writes).toBeLessThanOrEqual(transactionItemsMax);
  expect(widest.bytes).toBeLessThanOrEqual(transactionBytesMax);
}

test(`${String(many)} tasks of one lost node are queued again and run elsewhere`, async () => {
  const world = new World();
  const widest = measured(world.ports);
  await world.control.putPool(roomy);
  world.ending = () => null;
  const ids = await submitMany(world, many);
  await world.run(60);
  expect(await states(world, ids)).toEqual({ running: many });
  const [first] = world.cloud.instances();
  expect(world.cloud.instances()).toHaveLength(1);
  world.cloud.crashInstance(first?.id ?? '', 'the host died');
  await world.run(30);
  const lost = (await world.control.listNodes('default'))?.filter((node) => node.id === first?.id);
  expect(lost).toEqual([]);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(120);
  expect(await states(world, ids)).toEqual({ succeeded: many });
  const request = (await world.control.getRequest('default', ids[many - 1] ?? '')) as RequestRecord;
  expect(request.tasks[0]).toMatchObject({ attempt: 2, losses: 1, failures: 0 });
  const activity = await world.control.listActivity('default', { limit: 1_000 });
  expect(activity?.items.filter((one) => one.code === 'node_lost')).toHaveLength(1);
  expect(world.published.filter((one) => one.type === 'TaskEnded')).toHaveLength(many);
  expectBounded(widest);
});

test(`${String(many / 2)} arrays of two tasks are placed on one node, and all end when it is drained`, async () => {
  const world = new World();
  const widest = measured(world.ports);
  await world.control.putPool(roomy);
  const ids = await submitMany(world, many / 2, { ...small, count: 2 });
  world.ending = () => null;
  await world.run(60);
  expect(world.cloud.instances()).toHaveLength(1);
  expect((await world.control.listNodes('default'))?.[0]?.assigned).toHaveLength(many);
  world.cloud.interrupt(world.cloud.instances()[0]?.id ?? '', 10_000);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(120);
  expect(await states(world, ids)).toEqual({ succeeded: many / 2 });
  expectBounded(widest);
});

test(`${String(many)} waiting tasks with scripts of 120 KB, cancelled at once, are all cancelled`, async () => {
  const world = new World();
  const widest = measured(world.ports);
  await world.control.putPool(roomy);
  world.cloud.setCapacity('*', 0);
  const script = noise(120_000);
  const ids = await submitMany(world, many, { ...small, run: { kind: 'shell', script } });
  await world.run(2);
  for (const id of ids) await world.control.cancel('default', id);
  await world.run(20);
  expect(await states(world, ids)).toEqual({ cancelled: many });
  expect(widest.bytes).toBeGreaterThan(1_000_000);
  expectBounded(widest);
});

test(`an array of ${String(10 * many)} tasks, some of them running, is cancelled as a whole`, async () => {
  const world = new World();
  const widest = measured(world.ports);
  await world.control.putPool({ ...roomy, limits: { instances: 1 } });
  world.ending = () => null;
  const { request } = await world.control.submit(submission({ ...small, count: 10 * many }));
  await world.run(60);
  expect(await world.control.getRequest('default', request.id)).toMatchObject({
    state: 'running',
    counts: { running: 1_000 },
  });
  await world.control.cancel('default', request.id);
  await world.run(20);
  expect(await world.control.getRequest('default', request.id)).toMatchObject({
    state: 'cancelled',
    counts: { running: 0, pending: 0, cancelled: 10 * many },
  });
  expectBounded(widest);
});

const bigScripts = {
  ...poolSpec,
  requirements: { instanceType: ['c6a.24xlarge'], zone: ['us-east-1a'] },
  tasksPerNode: 1_000,
  maxNodeVcpu: 96,
};

/** Runs and notes each reply's size and number of starts. */
async function repliesOf(
  world: World,
  seconds: number,
): Promise<{ readonly bytes: number; readonly starts: number; readonly nextSyncMs: number }[]> {
  const replies: { bytes: number; starts: number; nextSyncMs: number }[] = [];
  const sync = world.sync.bind(world);
  world.sync = async (nodeId, pool) => {
    const reply = await sync(nodeId, pool);
    replies.push({
      bytes: Buffer.byteLength(JSON.stringify(reply)),
      starts: reply.start.length,
      nextSyncMs: reply.nextSyncMs,
    });
    return reply;
  };
  await world.run(seconds);
  return replies;
}

test(
  'an array of 100 with a script of 120 KB: no reply takes more than 4 MB, the next one has the rest at '
    + 'once, and all of them run',
  async () => {
    const world = new World();
    await world.control.putPool(bigScripts);
    world.ending = () => null;
    const { request } = await world.control.submit(
      submission({
        resources: { cpuMilli: 100, memoryMib: 100, gpu: 0 },
        run: { kind: 'shell', script: noise(120_000) },
        count: 100,
      }),
    );
    const replies = await repliesOf(world, 60);
    expect(Math.max(...replies.map((one) => one.bytes))).toBeLessThanOrEqual(4_000_000);
    const withStarts = replies.filter((one) => one.starts > 0);
    expect(withStarts.map((one) => one.starts)).toEqual([33, 33, 33, 1]);
    expect(withStarts.map((one) => one.nextSyncMs === 0)).toEqual([true, true, true, false]);
    expect(world.agents.values().next().value?.claimed.size).toBe(100);
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    await world.run(10);
    expect((await world.control.getRequest('default', request.id))?.state).toBe('succeeded');
  },
);

test(`${String(many)} tasks with scripts of 120 KB each start on one node, reply by reply`, async () => {
  const world = new World();
  const widest = measured(world.ports);
  await world.control.putPool(bigScripts);
  world.ending = () => null;
  const ids = await submitMany(world, many, { ...small, run: { kind: 'shell', script: noise(120_000) } });
  const replies = await repliesOf(world, 90);
  expect(Math.max(...replies.map((one) => one.bytes))).toBeLessThanOrEqual(4_000_000);
  expect(await states(world, ids)).toEqual({ running: many });
  expect(world.agents.values().next().value?.claimed.size).toBe(many);
  for (const id of ids) await world.control.cancel('default', id);
  await world.run(30);
  expect(await states(world, ids)).toEqual({ cancelled: many });
  expectBounded(widest);
});

test(`${String(manyEnds)} ends in one sync are stored over several, and none is lost`, async () => {
  const world = new World();
  await world.control.putPool(roomy);
  world.ending = () => null;
  const { request } = await world.control.submit(submission({ ...small, count: manyEnds }));
  await world.run(40);
  const [node] = world.cloud.instances();
  const agent = world.agents.get(node?.id ?? '');
  expect(agent?.claimed.size).toBe(manyEnds);
  const ends = [...(agent?.claimed ?? [])].map(([attemptId, startedAtMs]) => ({
    attemptId,
    outcome: 'exited' as const,
    exitCode: 0,
    message: null,
    startedAtMs,
    endedAtMs: world.nowMs,
  }));
  let left = ends;
  const acknowledged: number[] = [];
  for (let n = 1; left.length > 0 && n < 10; n += 1) {
    const reply = await world.control.sync({
      nodeId: node?.id ?? '',
      pool: 'default',
      bootId: agent?.bootId ?? '',
      seq: (agent?.seq ?? 0) + n,
      onNode: [],
      ends: left,
    });
    const done = new Set(reply.acknowledged);
    acknowledged.push(done.size);
    left = left.filter((end) => !done.has(end.attemptId));
    expect(reply.start).toEqual([]);
    expect(reply.nextSyncMs === 0).toBe(left.length > 0);
  }
  expect(acknowledged).toEqual([200, 200, 200, 200, 200]);
  await world.control.runTick('default');
  expect(await world.control.getRequest('default', request.id)).toMatchObject({
    state: 'succeeded',
    counts: { succeeded: manyEnds },
  });
});
