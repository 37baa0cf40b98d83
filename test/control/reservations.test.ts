// The first in the order that does not fit: nodes are kept for it, and only what does not delay it goes ahead.
import { expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { poolSpec, settings, submission, World } from './world.ts';

/** One node of 8 vCPU. */
const oneNode: PoolSpec = {
  ...poolSpec,
  requirements: { instanceType: ['c7i.2xlarge'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
  limits: { instances: 1 },
};
const size = (cpuMilli: number) => ({ resources: { cpuMilli, memoryMib: 512, gpu: 0 } });

/** Tasks of the requests run for so many seconds, others for ever. */
function worldOf(seconds: Readonly<Record<string, number>> = {}, otherSeconds = Infinity): World {
  const world = new World();
  const startedAtMs = new Map<string, number>();
  world.ending = (id) => {
    const since = startedAtMs.get(id) ?? world.nowMs;
    startedAtMs.set(id, since);
    const lastingMs = (seconds[id.split('.')[0] ?? ''] ?? otherSeconds) * 1_000;
    return world.nowMs - since >= lastingMs ? { outcome: 'exited', exitCode: 0 } : null;
  };
  return world;
}

let added = 0;

async function add(world: World, spec: Partial<TaskSpec>): Promise<string> {
  added += 1;
  return (await world.control.submit(submission({ env: { N: String(added) }, ...spec }))).request.id;
}

async function seen(world: World, id: string) {
  const request = await world.control.getRequest('default', id);
  return {
    state: request?.state,
    running: request?.counts.running ?? 0,
    says: request?.timeline.at(-1)?.message ?? '',
  };
}

/** Runs until nothing of the request waits; answers the seconds, or those that were allowed. */
async function secondsUntilStarted(world: World, id: string, mostSeconds: number, each: () => Promise<void>) {
  for (let second = 0; second < mostSeconds; second += 1) {
    await each();
    await world.run(1);
    if ((await world.control.getRequest('default', id))?.counts.pending === 0) return second;
  }
  return mostSeconds;
}

const { reserveAfterMs } = settings.decisions;

test.each(['fifo', 'priority'] as const)('%s: a large task starts though small ones keep coming', async (ordering) => {
  const world = worldOf({}, 45);
  await world.control.putPool({ ...oneNode, ordering });
  let second = 0;
  const smallOnes = async (): Promise<void> => {
    second += 1;
    if (second % 8 === 0) await add(world, size(1_000));
  };
  for (let at = 0; at < 60; at += 1) {
    await smallOnes();
    await world.run(1);
  }
  const large = await add(world, size(7_500));
  const waited = await secondsUntilStarted(world, large, 600, smallOnes);
  expect(waited).toBeLessThan(reserveAfterMs / 1_000 + 45 + 30);
});

test('only tasks that are known to end before it starts go ahead of it, or have room beside it', async () => {
  const world = worldOf();
  await world.control.putPool(oneNode);
  const long = await add(world, { ...size(4_000), expectedDurationMs: 900_000 });
  await world.run(15);
  const large = await add(world, size(7_000));
  await world.run(reserveAfterMs / 1_000 + 15);
  const [node] = (await world.control.listNodes('default')) ?? [];
  expect((await seen(world, large)).says).toMatch(
    new RegExp(`Node ${node?.id ?? ''} is kept for it; free by 20\\d\\d-`),
  );
  const ends = await add(world, { ...size(1_000), expectedDurationMs: 60_000 });
  const isStopped = await add(world, { ...size(1_000), timeoutMs: 60_000 });
  const tooLong = await add(world, { ...size(1_500), expectedDurationMs: 3_600_000 });
  const unknown = await add(world, size(1_500));
  const beside = await add(world, size(500));
  await world.run(20);
  const states = await Promise.all([long, ends, isStopped, tooLong, unknown, beside].map((id) => seen(world, id)));
  expect(states.map((one) => one.state)).toEqual(['running', 'running', 'running', 'pending', 'pending', 'running']);
  expect(states[4]?.says).toContain(`has room, but is kept for request ${large}`);
});

test('where nobody knows when it fits, others have what will be left beside it, and no more', async () => {
  const lasting: Record<string, number> = {};
  const world = worldOf(lasting);
  await world.control.putPool(oneNode);
  lasting[await add(world, size(4_000))] = 200;
  await world.run(15);
  const large = await add(world, size(7_000));
  await world.run(reserveAfterMs / 1_000 + 15);
  const small = await add(world, { ...size(1_500), expectedDurationMs: 1_000 });
  const beside = await add(world, size(500));
  await world.run(20);
  expect(await seen(world, beside)).toMatchObject({ state: 'running' });
  expect(await seen(world, small)).toMatchObject({ state: 'pending' });
  expect((await seen(world, large)).says).toContain('is kept for it; free when, is not known');
  await world.run(120);
  expect(await seen(world, large)).toMatchObject({ state: 'running' });
});

test('a gang that needs the whole pool starts, though others are served all the time', async () => {
  const world = worldOf({}, 40);
  await world.control.putPool({ ...oneNode, limits: { instances: 3 } });
  let second = 0;
  const smallOnes = async (): Promise<void> => {
    second += 1;
    if (second % 3 === 0) await add(world, size(1_000));
  };
  for (let at = 0; at < 60; at += 1) {
    await smallOnes();
    await world.run(1);
  }
  const gang = await add(world, { ...size(6_000), count: 3, gang: true });
  const waited = await secondsUntilStarted(world, gang, 900, smallOnes);
  expect(waited).toBeLessThan(reserveAfterMs / 1_000 + 60);
});

test('small nodes are emptied for a task that needs a larger one than the limits leave room for', async () => {
  const world = worldOf({}, 40);
  await world.control.putPool({
    ...oneNode,
    requirements: { ...oneNode.requirements, instanceType: ['c7i.large', 'c7i.2xlarge'] },
    limits: { vcpu: 8 },
  });
  let second = 0;
  const smallOnes = async (): Promise<void> => {
    second += 1;
    if (second % 10 === 0) await add(world, size(1_500));
  };
  for (let at = 0; at < 80; at += 1) {
    await smallOnes();
    await world.run(1);
  }
  const large = await add(world, size(7_000));
  await world.run(1);
  expect(await seen(world, large)).toMatchObject({ state: 'pending' });
  const waited = await secondsUntilStarted(world, large, 900, smallOnes);
  expect(waited).toBeLessThan(reserveAfterMs / 1_000 + 120);
});

test('whose tasks are served one after the other gets no reservation', async () => {
  const world = worldOf({}, 30);
  await world.control.putPool(oneNode);
  const array = await add(world, { ...size(2_000), count: 60 });
  await world.run(reserveAfterMs / 1_000 + 60);
  const last = await seen(world, array);
  expect(last.running).toBe(4);
  expect(last.says).not.toContain('kept for it');
});
