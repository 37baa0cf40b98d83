// What ends is told and counted once, whoever stops in between; and a placement that only a node's document knows is
// true for everybody who asks.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import type { RequestRecord } from '../../lib/core/records/request.ts';
import type { Store } from '../../lib/ports/store.ts';
import { createControl } from '../../lib/control/index.ts';
import { poolSpec, settings, submission, World } from './world.ts';

/** A world whose one task runs. */
async function running(): Promise<{
  world: World;
  id: string;
  nodeId: string;
  row: () => Promise<RequestRecord | undefined>;
  document: () => Promise<NodeRecord | undefined>;
}> {
  const world = new World();
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(8);
  const nodeId = world.cloud.instances()[0]?.id ?? '';
  return {
    world,
    id,
    nodeId,
    row: async () => (await world.ports.store.get<RequestRecord>(keys.request(id)))?.data,
    document: async () => (await world.ports.store.get<NodeRecord>(keys.node('default', nodeId)))?.data,
  };
}

function publishedEnds(world: World): number {
  return world.published.filter((event) => event.type === 'TaskEnded').length;
}

/** The sync stores the end in the row and dies before it writes the document; the agent gets no answer. */
async function endWithoutDocument(world: World, nodeId: string): Promise<void> {
  const { store } = world.ports;
  const put = store.put.bind(store);
  store.put = (async (write: Parameters<Store['put']>[0]) => {
    if (write.item.pk.startsWith('NODES#')) throw new Error('dies');
    return put(write);
  }) as Store['put'];
  const claimed = new Map(world.agents.get(nodeId)?.claimed);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await expect(world.sync(nodeId)).rejects.toThrow('dies');
  store.put = put;
  for (const [id, atMs] of claimed) world.agents.get(nodeId)?.claimed.set(id, atMs);
}

test('a placed task runs for who asks, and its row has not been written since it was accepted', async () => {
  const { world, id, nodeId, row } = await running();
  expect(await row()).toMatchObject({ state: 'pending', timeline: [{ code: 'accepted' }] });
  const seen = await world.control.getRequest('default', id);
  expect(seen).toMatchObject({
    state: 'running',
    counts: { running: 1, pending: 0 },
    tasks: [{ state: 'placed', attempt: 1, allocation: { nodeId } }],
  });
  expect(seen?.timeline.map((entry) => entry.code)).toEqual(['accepted', 'placed']);
  expect(await world.control.getTask('default', id, 0)).toMatchObject({ state: 'placed' });
  expect(
    (await world.control.listRequests({ tenant: 'default', limit: 5, state: 'running' })).items.map((one) => one.id),
  ).toEqual([id]);
  expect((await world.control.stats('default')).requestsByState).toMatchObject({ running: 1, pending: 0 });
});

test('an end leaves the open requests at once, and the document names it until it is told', async () => {
  const { world, id, nodeId, document } = await running();
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.sync(nodeId);
  expect((await world.ports.store.get(keys.request(id)))?.index.open).toBeUndefined();
  expect(await document()).toMatchObject({ assigned: [], ended: [id] });
  expect(publishedEnds(world)).toBe(0);
  await world.control.runTick('default');
  expect(await document()).not.toHaveProperty('ended');
  expect(publishedEnds(world)).toBe(1);
});

test.each(['the tick', 'the agent'] as const)(
  'a sync that stops between the row and the document: %s comes next, and it is told once',
  async (next) => {
    const { world, id, nodeId, row, document } = await running();
    await endWithoutDocument(world, nodeId);
    expect(await row()).toMatchObject({ state: 'succeeded' });
    expect(await document()).toMatchObject({ assigned: [{ requestId: id }] });
    if (next === 'the tick') await world.run(61);
    else await world.sync(nodeId);
    await world.run(60);
    expect(publishedEnds(world)).toBe(1);
    expect((await world.control.stats('default')).requestsByState).toMatchObject({
      succeeded: 1,
      running: 0,
      pending: 0,
    });
  },
);

test('an end whose node is lost before anybody was told is told by the tick', async () => {
  const { world, nodeId } = await running();
  await endWithoutDocument(world, nodeId);
  world.cloud.crashInstance(nodeId, 'test');
  await world.run(60);
  expect(publishedEnds(world)).toBe(1);
  expect(await world.control.listNodes('default')).toEqual([]);
  expect((await world.control.stats('default')).requestsByState).toMatchObject({ succeeded: 1 });
});

test("what was placed this moment is cancelled by the tick, not under the agent's feet", async () => {
  const { world, id, nodeId } = await running();
  expect(await world.control.cancel('default', id)).toMatchObject({ state: 'running' });
  expect(world.agents.get(nodeId)?.claimed.size).toBe(1);
  await world.run(5);
  expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'cancelled' });
  expect(world.agents.get(nodeId)?.claimed.size).toBe(0);
  expect(publishedEnds(world)).toBe(1);
});

test('a task whose next attempt was not written is not placed as that attempt', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, tasksPerNode: 1 });
  world.ending = () => null;
  const {
    request: { id },
  } = await world.control.submit(submission());
  const {
    request: { id: other },
  } = await world.control.submit(submission());
  await world.run(8);
  world.ending = (attemptId) => (attemptId.startsWith(other) ? { outcome: 'exited', exitCode: 0 } : null);
  await world.run(3);
  const nodes = (await world.control.listNodes('default')) ?? [];
  const [lost, free] = [
    nodes.find((node) => node.assigned.length === 1),
    nodes.find((node) => node.assigned.length === 0),
  ];
  expect([lost?.state, free?.state]).toEqual(['ready', 'ready']);
  // In one decision the task is queued again, as its node is gone, and placed on the free one;
  // meanwhile its end is stored.
  const { store } = world.ports;
  const transact = store.transact.bind(store);
  const places: number[] = [];
  store.transact = async (writes, writeId) => {
    const places2 = writes.some(
      (write) =>
        write.op === 'put' && write.item.sk === free?.id && JSON.stringify(write.item.data).includes(`${id}.0.2`),
    );
    if (places2) places.push(writes.length);
    const row = await store.get<RequestRecord>(keys.request(id));
    if (places2 && row && row.data.endedAtMs === null) {
      const [task] = row.data.tasks;
      const data = {
        ...row.data,
        state: 'succeeded',
        endedAtMs: world.nowMs,
        tasks: [{ ...task, state: 'succeeded', endedAtMs: world.nowMs }],
      };
      await store.put({
        item: { pk: row.pk, sk: row.sk, data, index: {} },
        condition: row.version,
        writeId: 'the sync',
      });
    }
    return transact(writes, writeId);
  };
  world.cloud.crashInstance(lost?.id ?? '', 'test');
  await world.run(12);
  expect(places.length).toBe(1);
  expect((await world.control.listNodes('default'))?.flatMap((node) => node.assigned) ?? []).toEqual([]);
  expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
  expect(publishedEnds(world)).toBe(2);
});

test(
  'while no tick runs, a document names no more ends than its bound; the rest stays ' + 'among the open requests',
  async () => {
    const { world, nodeId, document } = await running();
    await world.control.submitBatch(
      Array.from({ length: 31 }, () => submission({ resources: { cpuMilli: 10, memoryMib: 16, gpu: 0 } })),
    );
    await world.run(3);
    const bounded = createControl(world.ports, { ...settings, unpublishedEndsMax: 20 });
    const claimed = (await document())?.assigned ?? [];
    expect(claimed.length).toBe(32);
    const ends = claimed.map((one) => ({
      attemptId: one.attemptId,
      outcome: 'exited' as const,
      exitCode: 0,
      message: null,
      startedAtMs: world.nowMs,
      endedAtMs: world.nowMs,
    }));
    await bounded.sync({ nodeId, pool: 'default', bootId: `boot-${nodeId}`, seq: 1_000, ends, onNode: [] });
    expect((await document())?.ended?.length).toBe(20);
    await world.control.runTick('default');
    expect(await document()).not.toHaveProperty('ended');
    expect(publishedEnds(world)).toBe(32);
  },
);

test(
  'while events cannot be published, tasks go on being placed; documents stay ' + 'small, and nothing is lost',
  async () => {
    const world = new World({ settings: { tickRoundsMax: 2 } });
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, maxNodeVcpu: 8, tasksPerNode: 32 });
    const { events } = world.ports;
    const publish = events.publish.bind(events);
    let isDown = true;
    events.publish = async (list) => {
      if (isDown && list.some((one) => one.type === 'TaskEnded')) throw new Error('EventBridge is down');
      return publish(list);
    };
    await world.control.submitBatch(
      Array.from({ length: 300 }, () => submission({ resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } })),
    );
    const step = async (): Promise<void> => {
      world.nowMs += 10_000;
      await world.tickDue();
      await world.syncAll();
    };
    for (let i = 0; i < 200; i += 1) await step();
    expect((await world.control.listNodes('default'))?.flatMap((node) => node.ended ?? [])).toEqual([]);
    expect(
      (await world.control.listRequests({ tenant: 'default', limit: 1_000, state: 'succeeded' })).items.length,
    ).toBe(300);
    isDown = false;
    for (let i = 0; i < 20; i += 1) await step();
    expect(new Set(world.published.map((event) => ('requestId' in event ? event.requestId : ''))).size - 1).toBe(300);
    expect((await world.control.stats('default')).requestsByState).toMatchObject({ succeeded: 300, pending: 0 });
  },
);
