// Pools with the ordering fair-share: what counts is what each tenant's tasks hold, whoever came first.
import { describe, expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { sliceOf } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

/** Two nodes for eight tasks each, which tenants share: what each has is counted in tasks. */
const shared: PoolSpec = {
  ...poolSpec,
  nodesServe: 'any-tenant',
  ordering: 'fair-share',
  tasksPerNode: 8,
  limits: { instances: 2 },
  requirements: { instanceType: ['c7i.2xlarge'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
};
const small = { resources: { cpuMilli: 900, memoryMib: 512, gpu: 0 } };

async function sharedWorld(pool: PoolSpec = shared): Promise<World> {
  const world = new World();
  await world.control.putPool(pool);
  const startedAtMs = new Map<string, number>();
  world.ending = (id) => {
    if (!startedAtMs.has(id)) startedAtMs.set(id, world.nowMs);
    const lengthMs = 6_000 + ((Number(id.split('.')[1]) * 7) % 16) * 400;
    return world.nowMs - (startedAtMs.get(id) ?? 0) >= lengthMs ? { outcome: 'exited', exitCode: 0 } : null;
  };
  return world;
}

async function add(world: World, tenant: string, spec: Partial<TaskSpec>): Promise<string> {
  return (await world.control.submit({ ...submission(spec), tenant })).request.id;
}

/** How many tasks of each request have a place, summed over the seconds. */
async function placesOver(world: World, seconds: number, ids: readonly string[]): Promise<number[]> {
  const sums = ids.map(() => 0);
  for (let second = 0; second < seconds; second += 1) {
    await world.run(1);
    for (const node of (await world.control.listNodes('default')) ?? []) {
      for (const one of node.assigned) sums[ids.indexOf(one.requestId)] = (sums[ids.indexOf(one.requestId)] ?? 0) + 1;
    }
  }
  return sums.map((sum) => sum / seconds);
}

function expectEqual(places: readonly number[]): void {
  const mean = places.reduce((a, b) => a + b, 0) / places.length;
  for (const one of places) expect(Math.abs(one - mean) / mean).toBeLessThan(0.2);
}

describe('after a long monopoly', () => {
  const tenants = [
    ['a', 'b'],
    ['z', 'b'],
  ] as const;

  test.each(sliceOf(tenants, 1))('the newcomer soon has as much as tenant %s', async (first, second) => {
    const world = await sharedWorld();
    const monopolist = await add(world, first, { ...small, count: 4_000 });
    await world.run(30);
    const newcomer = await add(world, second, { ...small, count: 200 });
    await world.run(15);
    const places = await placesOver(world, 30, [monopolist, newcomer]);
    expect(places[0]).toBeGreaterThan(7);
    expectEqual(places);
  });
});

test('a newcomer soon has one of two nodes, too, where a node serves one tenant at a time', async () => {
  const { nodesServe: _shared, ...apart } = shared;
  const world = await sharedWorld(apart);
  const monopolist = await add(world, 'a', { ...small, count: 2_000 });
  await world.run(20);
  const newcomer = await add(world, 'b', { ...small, count: 200 });
  await world.run(20);
  const places = await placesOver(world, 20, [monopolist, newcomer]);
  expect(places[0]).toBeGreaterThan(6);
  expectEqual(places);
});

test('three tenants have a third each, whatever their names, and single requests count as arrays do', async () => {
  const world = await sharedWorld();
  const ids = [await add(world, 'm', { ...small, count: 500 }), await add(world, 'a', { ...small, count: 1_000 })];
  await world.run(20);
  const singles: string[] = [];
  for (let n = 0; n < 60; n += 1) singles.push(await add(world, 'z', small));
  await world.run(14);
  const [m = 0, a = 0, ...z] = await placesOver(world, 20, [...ids, ...singles]);
  expectEqual([m, a, z.reduce((sum, one) => sum + one, 0)]);
});

test('one place: the lot decides, and nobody is left out', async () => {
  const world = await sharedWorld({ ...shared, tasksPerNode: 1, limits: { instances: 1 } });
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  const ids = [await add(world, 'a', { ...small, count: 500 }), await add(world, 'b', { ...small, count: 500 })];
  await world.run(100);
  for (const [n, id] of ids.entries()) {
    const request = await world.control.getRequest(['a', 'b'][n] ?? '', id);
    expect(request?.counts.succeeded).toBeGreaterThan(10);
  }
});

test('sizes: who asks for tasks four times as large has a quarter as many', async () => {
  const world = await sharedWorld();
  const large = await add(world, 'a', { resources: { cpuMilli: 3_600, memoryMib: 512, gpu: 0 }, count: 300 });
  await world.run(20);
  const little = await add(world, 'b', { ...small, count: 1_000 });
  await world.run(20);
  const [ofLarge = 0, ofLittle = 0] = await placesOver(world, 30, [large, little]);
  expectEqual([ofLarge * 4, ofLittle]);
});

test('GPU tasks count by the GPUs they hold, which are scarcer than vCPU', async () => {
  const world = await sharedWorld({
    ...shared,
    maxNodeVcpu: 96,
    limits: { instances: 1 },
    tasksPerNode: 32,
    requirements: { instanceType: ['g4dn.12xlarge'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
  });
  const first = await add(world, 'a', { resources: { cpuMilli: 1_000, memoryMib: 1_024, gpu: 1 }, count: 200 });
  await world.run(20);
  const second = await add(world, 'b', { resources: { cpuMilli: 4_000, memoryMib: 1_024, gpu: 1 }, count: 200 });
  await world.run(15);
  expectEqual(await placesOver(world, 30, [first, second]));
});
