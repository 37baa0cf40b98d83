// The event bus fails, hangs, comes back: nothing waits for it, and no event is lost.
import { expect, test } from '@jest/globals';
import { publishingAccepted } from '../../lib/control/requests/accepted.ts';
import type { LockRecord } from '../../lib/control/coordination/lock.ts';
import { keys } from '../../lib/control/store/keys.ts';
import type { OutboxRecord } from '../../lib/control/tick/outbox.ts';
import type { BellowsEvent } from '../../lib/ports/events.ts';
import type { Write } from '../../lib/ports/store.ts';
import { ClaimWorld, poolSpec as claimPool, storageSpec } from './claims/world.ts';
import { poolSpec, submission, World } from './world.ts';

type Publish = (events: readonly BellowsEvent[]) => Promise<void>;

/** A world whose bus does as `mode` says. */
function worldWithBus(): { world: World; bus: { publish: Publish | null; calls: number } } {
  const world = new World();
  const { events } = world.ports;
  const take = events.publish.bind(events);
  const bus: { publish: Publish | null; calls: number } = { publish: null, calls: 0 };
  events.publish = (list) => {
    bus.calls += 1;
    return (bus.publish ?? take)(list);
  };
  return { world, bus };
}

const refuses: Publish = () => Promise.reject(new Error('EventBridge is down'));
const hangs: Publish = () => new Promise(() => {});

async function waiting(world: World): Promise<readonly BellowsEvent[]> {
  const page = await world.ports.store.query<OutboxRecord>({ pk: keys.outboxes('default'), limit: 1_000 });
  return page.items.flatMap((item) => item.data.events);
}

function names(events: readonly BellowsEvent[]): readonly string[] {
  return events.map((event) => `${event.type} ${'requestId' in event ? event.requestId : event.nodeId}`).sort();
}

test.each([
  ['throws', refuses],
  ['hangs', hangs],
] as const)(
  'a bus that %s for an hour stops nothing: nodes are bought, tasks placed, nodes terminated; then every event comes',
  async (_how, publish) => {
    const { world, bus } = worldWithBus();
    bus.publish = publish;
    await world.control.putPool(poolSpec);
    const {
      request: { id: first },
    } = await world.control.submit(submission());
    await world.run(120);
    const nodes = world.cloud.instances().map((one) => one.id);
    expect(await world.control.listNodes('default')).toEqual([]);
    expect(world.cloud.instances().filter((one) => one.state !== 'terminated')).toEqual([]);
    const {
      request: { id: second },
    } = await world.control.submit(submission());
    await world.run(3_000, 5);
    nodes.push(
      ...world.cloud
        .instances()
        .map((one) => one.id)
        .filter((one) => !nodes.includes(one)),
    );
    await world.run(600);
    for (const id of [first, second])
      expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
    expect(world.published).toEqual([]);
    expect(nodes.length).toBe(2);
    const wanted = [
      ...nodes.flatMap((id) => [`NodeLaunched ${id}`, `NodeTerminated ${id}`]),
      `TaskEnded ${first}`,
      `TaskEnded ${second}`,
    ].sort();
    expect(names(await waiting(world))).toEqual(wanted);
    // Backed off to a minute, and the lock is free all the time.
    expect(bus.calls).toBeLessThan(8 * 75);
    expect((await world.ports.store.get<LockRecord>(keys.lock('default')))?.data).toMatchObject({ holder: null });
    const outages = (await world.control.listActivity('default', { limit: 100 }))?.items.filter(
      (one) => one.code === 'events_delayed',
    );
    expect(outages?.length).toBe(1);
    bus.publish = null;
    await world.run(61);
    expect(names(world.published)).toEqual(wanted);
    expect(await waiting(world)).toEqual([]);
    expect((await world.ports.store.get<LockRecord>(keys.lock('default')))?.data.publishing).toBeNull();
  },
);

test('what cannot be published alone keeps back nothing but itself', async () => {
  const { world, bus } = worldWithBus();
  await world.control.putPool(poolSpec);
  bus.publish = async (list) => {
    if (list.some((event) => event.type === 'NodeLaunched')) throw new Error('this one is refused');
    world.published.push(...list);
  };
  const ids: string[] = [];
  for (let i = 0; i < 4; i += 1) ids.push((await world.control.submit(submission())).request.id);
  await world.run(30);
  expect(names(world.published)).toEqual(ids.map((id) => `TaskEnded ${id}`).sort());
  expect([...new Set((await waiting(world)).map((event) => event.type))]).toEqual(['NodeLaunched']);
  bus.publish = null;
  await world.run(61);
  expect(world.published.map((event) => event.type)).toContain('NodeLaunched');
  expect(await waiting(world)).toEqual([]);
});

test('an outbox item that is none is set aside, and the others are published', async () => {
  const { world } = worldWithBus();
  await world.control.putPool(poolSpec);
  await world.ports.store.put({
    item: { ...keys.outbox('default', world.nowMs, 'broken'), data: { events: 'none' } },
    condition: 'absent',
    writeId: 'w',
  });
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(30);
  expect(names(world.published)).toContain(`TaskEnded ${id}`);
  expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
});

test('a process that dies right after a launch is settled loses no NodeLaunched', async () => {
  const { world } = worldWithBus();
  await world.control.putPool(poolSpec);
  await world.control.submit(submission());
  const { store } = world.ports;
  const transact = store.transact.bind(store);
  let isDead = false;
  store.transact = async (writes: readonly Write[], writeId) => {
    await transact(writes, writeId);
    isDead ||= writes.some((write) => write.op === 'put' && write.item.pk === 'NODES#default');
    if (isDead) throw new Error('dies');
  };
  await expect(world.run(10)).rejects.toThrow('dies');
  store.transact = transact;
  await world.run(60);
  expect(
    world.published
      .filter((event) => event.type === 'NodeLaunched')
      .map((event) => ('nodeId' in event ? event.nodeId : '')),
  ).toEqual(world.cloud.instances().map((one) => one.id));
});

test('a backlog of 3,000 events is published over several ticks, a thousand items at most in each', async () => {
  const { world, bus } = worldWithBus();
  await world.control.putPool(poolSpec);
  for (let i = 0; i < 3_000; i += 1) {
    const data: OutboxRecord = {
      tries: 0,
      events: [
        { type: 'NodeTerminated', nodeId: `i-${String(i)}`, pool: 'default', reason: 'idle', atMs: world.nowMs },
      ],
    };
    await world.ports.store.put({
      item: { ...keys.outbox('default', world.nowMs, String(i).padStart(6, '0')), data },
      condition: 'absent',
      writeId: `w${String(i)}`,
    });
  }
  bus.calls = 0;
  await world.control.runTick('default');
  expect(world.published.length).toBe(1_000);
  await world.run(5);
  expect(new Set(names(world.published)).size).toBe(3_000);
  expect(world.published.length).toBe(3_000);
});

test('a lease that ends and a request that is released are published late, and hold up nothing', async () => {
  const world = new ClaimWorld();
  const { events } = world.ports;
  const publish = events.publish.bind(events);
  events.publish = refuses;
  await world.control.putPool(claimPool);
  const { id } = await world.submit({ ...storageSpec, leaseMs: 3_600_000 });
  await world.run(60);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  await world.run(3_660, 5);
  expect(await world.claim(id)).toMatchObject({ state: 'expired' });
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
  expect(world.published).toEqual([]);
  events.publish = publish;
  await world.run(61);
  expect(names(world.published)).toEqual([`LeaseEnding ${id}`, `RequestEnded ${id}`]);
});

test('a request is accepted though its acceptance cannot be published now; that follows, once', async () => {
  const { world, bus } = worldWithBus();
  bus.publish = hangs;
  const api = publishingAccepted(world.control, world.ports);
  await api.putPool(poolSpec);
  const {
    request: { id },
  } = await api.submit(submission());
  const batch = await api.submitBatch([submission(), submission()]);
  expect(batch.length).toBe(2);
  bus.publish = null;
  await world.run(61);
  expect(world.published.filter((event) => event.type === 'RequestAccepted').length).toBe(3);
  expect(names(world.published)).toContain(`RequestAccepted ${id}`);
});

test('an address for output that cannot be had keeps back its attempt, not what the same sync reports', async () => {
  const { world } = worldWithBus();
  await world.control.putPool({ ...poolSpec, limits: { instances: 1 } });
  const {
    request: { id: first },
  } = await world.control.submit(submission());
  await world.run(6);
  const uploadUrl = world.ports.outputs.uploadUrl.bind(world.ports.outputs);
  world.ports.outputs.uploadUrl = () => Promise.reject(new Error('S3 is away'));
  const {
    request: { id: second },
  } = await world.control.submit(submission());
  await world.run(20);
  expect(await world.control.getRequest('default', first)).toMatchObject({ state: 'succeeded' });
  expect((await world.control.getRequest('default', second))?.state).not.toBe('succeeded');
  world.ports.outputs.uploadUrl = uploadUrl;
  await world.run(5);
  expect(await world.control.getRequest('default', second)).toMatchObject({ state: 'succeeded' });
});
