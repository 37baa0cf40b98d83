// A deleted pool leaves a tombstone, and the tombstone goes.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import { createControl } from '../../lib/control/index.ts';
import type { PoolRecord } from '../../lib/control/use-cases.ts';
import { poolSpec, settings, submission, World } from './world.ts';

const dayMs = 24 * 3_600_000;

async function tombstones(world: World): Promise<readonly string[]> {
  return (await world.ports.store.query<PoolRecord>({ pk: keys.pools, limit: 1_000 })).items.map((item) => item.sk);
}

test('300 pools made and deleted are gone a day later, and nobody reads them one by one meanwhile', async () => {
  const world = new World();
  for (let i = 0; i < 300; i += 1) {
    await world.control.putPool({ ...poolSpec, name: `p${String(i)}` });
    await world.control.deletePool(`p${String(i)}`);
  }
  await world.tickDue();
  world.nowMs += 60_000;
  await world.tickDue();
  expect((await tombstones(world)).length).toBe(300);
  let reads = 0;
  const { store } = world.ports;
  for (const name of ['get', 'getMany', 'query'] as const) {
    const read = store[name].bind(store) as (...given: unknown[]) => Promise<never>;
    Object.assign(store, {
      [name]: (...given: unknown[]) => {
        reads += 1;
        return read(...given);
      },
    });
  }
  expect(await world.control.duePools()).toEqual([]);
  expect(reads).toBeLessThan(5);
  world.nowMs += dayMs;
  await world.tickDue();
  expect(await tombstones(world)).toEqual([]);
  expect((await store.query({ pk: 'POOL#p7', limit: 10 })).items).toEqual([]);
  reads = 0;
  expect(await world.control.duePools()).toEqual([]);
  expect(reads).toBeLessThan(5);
});

test('what a pool counted stays counted when its tombstone goes, and a pool of the same name begins anew', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(120);
  const before = await world.control.stats('default');
  expect(before).toMatchObject({ requestsByState: { succeeded: 1 }, launchedNodes: 1, goneNodes: 1 });
  await world.control.deletePool('default');
  await world.run(10);
  world.nowMs += dayMs;
  await world.run(10);
  expect(await tombstones(world)).toEqual([]);
  const after = await world.control.stats('default');
  expect(after).toMatchObject({
    requestsByState: before.requestsByState,
    launchedNodes: 1,
    goneNodes: 1,
    spentUsd: before.spentUsd,
    latencyMs: before.latencyMs,
  });
  expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
  await world.control.putPool(poolSpec);
  const { request: second } = await world.control.submit(submission());
  await world.run(60);
  expect(await world.control.getRequest('default', second.id)).toMatchObject({ state: 'succeeded' });
});

test('a pool that still has a node, or events to publish, keeps its tombstone', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(10);
  const publish = world.ports.events.publish.bind(world.ports.events);
  world.ports.events.publish = () => Promise.reject(new Error('down'));
  await world.control.cancel('default', id);
  await world.run(60);
  await world.control.deletePool('default');
  await world.run(60);
  world.nowMs += dayMs;
  await world.run(120);
  expect(await tombstones(world)).toEqual(['default']);
  world.ports.events.publish = publish;
  await world.run(120);
  expect(await tombstones(world)).toEqual([]);
  expect(world.published.map((event) => event.type)).toEqual(
    expect.arrayContaining(['NodeLaunched', 'TaskEnded', 'NodeTerminated']),
  );
});

test('the sweep finds tombstones of which no tick knows that they are to go', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.deletePool('default');
  await world.run(5);
  const lock = await world.ports.store.get<object>(keys.lock('default'));
  await world.ports.store.put({
    item: { ...keys.lock('default'), data: { ...lock?.data, nextDueAtMs: null } },
    condition: lock?.version ?? 0,
    writeId: 'older',
  });
  world.nowMs += 30 * dayMs;
  expect(await world.control.duePools()).toEqual([]);
  await world.control.sweep();
  await world.tickDue();
  expect(await tombstones(world)).toEqual([]);
});

test.each([
  [
    'its pool is gone',
    async (world: World) => {
      await world.control.deletePool('default');
      await world.run(5);
      return world.control;
    },
  ],
  [
    'its pool takes no tasks any more',
    async (world: World) => {
      await world.control.putPool({ ...poolSpec, accepts: ['storage'] });
      return world.control;
    },
  ],
  [
    'the catalog has lost what it needs',
    async (world: World) =>
      createControl({ ...world.ports, catalog: { ...world.ports.catalog, offerings: async () => [] } }, settings),
  ],
])('a repeat answers the present state though %s', async (_what, change) => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const first = await world.control.submit(submission({}, 'key-1'));
  await world.run(60);
  const control = await change(world);
  const again = await control.submit(submission({}, 'key-1'));
  expect(again).toMatchObject({ isRepeat: true, request: { id: first.request.id, state: 'succeeded' } });
  expect(await control.submitBatch([submission({}, 'key-1')])).toMatchObject([
    { isRepeat: true, request: { state: 'succeeded' } },
  ]);
  await expect(control.submit(submission({ priority: 9 }, 'key-1'))).rejects.toMatchObject({
    code: 'idempotency_conflict',
  });
  await expect(control.submit(submission({}, 'key-2'))).rejects.toMatchObject({
    code: expect.stringMatching(/unknown_pool|unsatisfiable/),
  });
});
