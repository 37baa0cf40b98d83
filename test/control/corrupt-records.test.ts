// Records of valid shape that contradict themselves or each other: no tick fails, what is about other records
// goes on, and the one at fault is shown with its error. By hand for known contradictions, and with one random
// field of one random record.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import { StaleSyncError } from '../../lib/control/errors.ts';
import type { Allocate } from '../../lib/core/allocation/types.ts';
import type { Item, ItemKey, Store } from '../../lib/ports/store.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec as claimPool, storageSpec } from './claims/world.ts';
import { sliceOf } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

type Data = Record<string, unknown>;

async function edit(store: Store, key: ItemKey, how: (data: Data) => unknown): Promise<void> {
  const item = await store.get<Data>(key);
  if (!item) throw new Error(`nothing under ${key.pk} ${key.sk}`);
  await store.put({
    item: { ...key, data: how(structuredClone(item.data)), index: item.index },
    condition: item.version,
    writeId: 'by hand',
  });
}

/** Two arrays and two single tasks: of each some run and some wait for room. */
async function busyWorld(
  engine: (given: Allocate) => Allocate = (given) => given,
): Promise<{ world: World; ids: Record<'array' | 'single' | 'later' | 'other', string>; errors: string[] }> {
  const world = new World({ engine });
  const errors: string[] = [];
  world.ports.log.write = (level, message, fields) => {
    if (level === 'error') errors.push(`${message} ${JSON.stringify(fields)}`);
  };
  await world.control.putPool({ ...poolSpec, limits: { instances: 2 }, tasksPerNode: 16, lossesMax: 5 });
  world.ending = () => null;
  const add = async (spec: object): Promise<string> => (await world.control.submit(submission(spec))).request.id;
  const ids = {
    array: await add({ count: 28 }),
    single: await add({}),
    later: await add({ count: 26, retries: 1 }),
    other: await add({}),
  };
  await world.run(20);
  return { world, ids, errors };
}

/** As {@link World.run}; an agent whose document was edited may be refused. */
async function runOn(world: World, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i += 1) {
    world.nowMs += 1_000;
    await world.tickDue();
    for (const instance of world.cloud.instances()) {
      if (instance.state !== 'running') continue;
      await world.sync(instance.id).catch((error: unknown) => {
        if (!(error instanceof StaleSyncError)) throw error;
      });
    }
  }
}

async function end(world: World): Promise<void> {
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await runOn(world, 400);
  for (let i = 0; i < 3; i += 1) {
    world.nowMs += 300_000;
    await world.control.sweep();
    await runOn(world, 20);
  }
}

const isOver = ['succeeded', 'failed', 'cancelled', 'expired'];
const chunkOf = (id: string, n: number): ItemKey => keys.chunk(id, n);
const map =
  (field: string, how: (all: Data[]) => unknown) =>
  (data: Data): Data => ({ ...data, [field]: how(data[field] as Data[]) });
const contradictions: readonly (readonly [
  string,
  (ids: Record<string, string>) => ItemKey,
  (data: Data) => unknown,
])[] = [
  ['a chunk with one task less', (ids) => chunkOf(ids['array'] ?? '', 0), map('tasks', (all) => all.slice(0, -1))],
  [
    'a chunk with one task more',
    (ids) => chunkOf(ids['array'] ?? '', 0),
    map('tasks', (all) => [...all, { ...all[0], index: 25 }]),
  ],
  [
    'a chunk with another index',
    (ids) => chunkOf(ids['array'] ?? '', 0),
    map('tasks', (all) => all.map((one, n) => (n === 3 ? { ...one, index: 4 } : one))),
  ],
  [
    'a chunk of another request',
    (ids) => chunkOf(ids['array'] ?? '', 0),
    (data) => ({ ...data, requestId: 'r-other' }),
  ],
  [
    'closed chunks that are none',
    (ids) => keys.request(ids['array'] ?? ''),
    (data) => ({ ...data, closed: { chunks: 7, counts: data['counts'] } }),
  ],
  [
    'closed chunks without counts',
    (ids) => keys.request(ids['array'] ?? ''),
    (data) => ({ ...data, closed: { ...(data['closed'] as Data), chunks: 1 } }),
  ],
  ['count 1 without tasks', (ids) => keys.request(ids['single'] ?? ''), (data) => ({ ...data, tasks: [] })],
  ['count 1 with two tasks', (ids) => keys.request(ids['single'] ?? ''), map('tasks', (all) => [...all, ...all])],
  [
    'an array that is smaller than its chunks',
    (ids) => keys.request(ids['array'] ?? ''),
    (data) => ({ ...data, spec: { ...(data['spec'] as Data), count: 24 } }),
  ],
  [
    'an array that has become one task',
    (ids) => keys.request(ids['array'] ?? ''),
    (data) => ({ ...data, spec: { ...(data['spec'] as Data), count: 1 } }),
  ],
  ['an id that is another one', (ids) => keys.request(ids['single'] ?? ''), (data) => ({ ...data, id: 'r-other' })],
  [
    'a count that nobody can loop over',
    (ids) => keys.request(ids['array'] ?? ''),
    (data) => ({ ...data, spec: { ...(data['spec'] as Data), count: 1e15 } }),
  ],
  ['a time far in the future', (ids) => keys.request(ids['single'] ?? ''), (data) => ({ ...data, createdAtMs: 1e300 })],
];

test.each(sliceOf(contradictions, 1))(
  '%s: the request is quarantined with its error, the others end, no tick fails',
  async (_name, keyOf, how) => {
    const { world, ids, errors } = await busyWorld();
    const key = keyOf(ids);
    await edit(world.ports.store, key, how);
    await end(world);
    for (const [name, id] of Object.entries(ids)) {
      const seen = await world.control.getRequest('default', id);
      if (key.pk === `REQUEST#${id}`) expect(seen).toMatchObject({ quarantine: expect.stringContaining(key.pk) });
      else expect([name, seen?.state]).toEqual([name, 'succeeded']);
    }
    expect(
      (await world.control.listActivity('default', { limit: 500 }))?.items.filter((one) => one.code === 'set_aside')
        .length,
    ).toBeGreaterThanOrEqual(1);
    // Found once: the next decisions know.
    expect(errors.filter((one) => one.startsWith('a decision failed')).length).toBeLessThanOrEqual(1);
    expect((await world.control.listRequests({ tenant: 'default', limit: 10 })).items).toHaveLength(4);
  },
);

test('an allocation engine that fails on a request: it is set aside once, and cancelling it ends it', async () => {
  let poison = '';
  const { world, ids, errors } = await busyWorld((given) => (input) => {
    if (input.demand.some((one) => one.id === poison)) throw new TypeError('the engine cannot take it');
    return given(input);
  });
  const {
    request: { id },
  } = await world.control.submit(submission({ priority: 3 }));
  poison = id;
  await end(world);
  for (const one of Object.values(ids))
    expect(await world.control.getRequest('default', one)).toMatchObject({ state: 'succeeded' });
  expect(errors.filter((one) => one.startsWith('a decision failed'))).toHaveLength(1);
  expect(await world.control.getRequest('default', id)).toMatchObject({
    reason: 'quarantined',
    quarantine: expect.stringContaining('the engine cannot take it'),
  });
  await world.control.cancel('default', id);
  await runOn(world, 30);
  expect(isOver).toContain((await world.control.getRequest('default', id))?.state);
});

test.each([
  [
    'an assignment to a request that does not exist',
    map('assigned', (all) => [...all, { ...all[0], requestId: 'r-none', attemptId: 'r-none.0.1' }]),
  ],
  [
    'an assignment to a task that its request does not have',
    map('assigned', (all) =>
      all.map((one, n) => (n === 0 ? { ...one, index: 999, attemptId: `${String(one['requestId'])}.999.1` } : one)),
    ),
  ],
  [
    'negative room',
    (data: Data) => ({ ...data, allocatable: { cpuMilli: -1e9, memoryMib: -5, gpu: -1 }, tasksMax: -3 }),
  ],
  [
    'negative reservations',
    (data: Data) => ({ ...data, reserved: { instances: -1e9, vcpu: -1, memoryMib: -1, usdPerHour: -1 } }),
  ],
  ['another id', (data: Data) => ({ ...data, id: 'i-other' })],
  ['times far in the future', (data: Data) => ({ ...data, createdAtMs: 7e15, lastSeenAtMs: 7e15 })],
])('a node with %s: every request ends, no tick fails', async (_name, how) => {
  const { world, ids } = await busyWorld();
  const [node] = await world.ports.store.query({ pk: keys.nodes('default'), limit: 1 }).then((page) => page.items);
  if (!node) throw new Error('no node');
  await edit(world.ports.store, { pk: node.pk, sk: node.sk }, how);
  await end(world);
  for (const id of Object.values(ids))
    expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
});

test('two nodes that carry the same attempts: every request ends once', async () => {
  const { world, ids } = await busyWorld();
  const {
    items: [a, b],
  } = await world.ports.store.query<Data>({ pk: keys.nodes('default'), limit: 2 });
  if (!a || !b) throw new Error('two nodes are needed');
  await edit(world.ports.store, { pk: a.pk, sk: a.sk }, (data) => ({ ...data, assigned: b.data['assigned'] }));
  await end(world);
  for (const id of Object.values(ids))
    expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
  const published = world.published.flatMap((event) => (event.type === 'TaskEnded' ? [event.requestId] : []));
  expect([...published].sort()).toEqual(Object.values(ids).sort());
});

// ---- random fields -----------------------------------------------------------------------------------

/** Numbers from 0 to 1 that a seed gives. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function seedsOf(count: number): readonly number[] {
  return sliceOf(
    Array.from({ length: count }, (_, n) => n + Number(process.env['BELLOWS_CORRUPT_FROM'] ?? 0)),
    2,
  );
}

const oddNumbers = [-1, 0, 1, 2, 24, 25, 26, 1_000, -1e9, 1e9, 4e15, 1e18, 1e300];
const states = [
  'pending',
  'placed',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'launching',
  'ready',
  'draining',
  'terminating',
  'open',
  'settled',
  'active',
  'releasing',
  'wanted',
  'there',
  'gone',
];

function spoiledList(all: readonly unknown[], pick: <T>(all: readonly T[]) => T): readonly unknown[] {
  return pick([[], all.slice(1), [...all, ...all.slice(0, 1)], all.toReversed()]);
}

/** One field at random, of the same kind as before. */
function spoiled(data: Data, next: () => number): { data: Data; what: string } {
  const copy = structuredClone(data);
  const fields: { at: Data; name: string; path: string }[] = [];
  const walk = (at: Data, path: string): void => {
    for (const [name, value] of Object.entries(at)) {
      fields.push({ at, name, path: `${path}.${name}` });
      if (typeof value === 'object' && value !== null) walk(value as Data, `${path}.${name}`);
    }
  };
  walk(copy, '');
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T;
  const { at, name, path } = pick(fields);
  const before = at[name];
  const after =
    typeof before === 'number'
      ? pick(oddNumbers)
      : typeof before === 'boolean'
        ? !before
        : typeof before === 'string'
          ? states.includes(before)
            ? pick(states)
            : pick(['', 'other', 'r-other', `${before}0`])
          : Array.isArray(before)
            ? spoiledList(before as unknown[], pick)
            : before === null
              ? pick([0, 7e15, 'other', []])
              : null;
  at[name] = after;
  return {
    data: copy,
    what: `${path}: ${JSON.stringify(before)?.slice(0, 80) ?? ''} -> ${JSON.stringify(after)?.slice(0, 80) ?? ''}`,
  };
}

async function recordsOf(world: World, ids: readonly string[]): Promise<readonly Item<Data>[]> {
  const parts = [...ids.map((id) => keys.request(id).pk), keys.nodes('default'), keys.launches('default')];
  const found = await Promise.all(parts.map((pk) => world.ports.store.query<Data>({ pk, limit: 100 })));
  return [
    ...found.flatMap((page) => page.items),
    ...[await world.ports.store.get<Data>(keys.memory('default'))].filter((one) => one !== null),
  ];
}

test.each(seedsOf(60))(
  'one random field of one random record (%d): no tick fails, every other request ends',
  async (seed) => {
    const { world, ids, errors } = await busyWorld();
    const next = draws(seed);
    const records = await recordsOf(world, Object.values(ids));
    const record = records[Math.floor(next() * records.length)];
    if (!record) throw new Error('no records');
    const { data, what } = spoiled(record.data, next);
    const about = `${record.pk} ${record.sk} ${what}`;
    await edit(world.ports.store, { pk: record.pk, sk: record.sk }, () => data);
    // Sometimes EC2 ends a node meanwhile.
    const [instance] = world.cloud.instances();
    if (next() < 0.4 && instance) world.cloud.terminate([instance.id]);
    try {
      await end(world);
    } catch (error) {
      throw new Error(`${about}: ${String(error)}`, { cause: error });
    }
    const seen = await Promise.all(Object.values(ids).map((id) => world.control.getRequest('default', id)));
    for (const one of seen) {
      if (one && isOver.includes(one.state)) continue;
      // Its own record, or one that says something of it; and it says why it does not end.
      const isOwn = record.pk === `REQUEST#${one?.id ?? ''}`;
      // Of an array that runs, the timeline says it: what is pending of it waits.
      const waiting = one?.timeline.findLast((entry) => entry.stage === 'pending' && entry.code !== 'accepted');
      const why = one?.reason ?? one?.quarantine ?? waiting?.message ?? null;
      expect([about, isOwn, why]).toEqual([about, true, expect.stringMatching(/./)]);
    }
    expect([about, errors.filter((one) => one.startsWith('a decision failed')).length <= 1]).toEqual([about, true]);
    await world.control.stats('default');
    await world.control.listNodes('default');
  },
);

test.each(seedsOf(40))(
  'one random field of something claimed (%d): no tick fails, what others claim is granted and released',
  async (seed) => {
    const world = new ClaimWorld();
    await world.control.putPool(claimPool);
    const next = draws(seed + 77);
    const network = await world.submit(networkSpec);
    const ids = [
      network.id,
      (await world.submit(storageSpec)).id,
      (await world.submit({ ...machineSpec, network: null, networkRequests: [network.id] })).id,
    ];
    const other = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, sizeGib: 7 } });
    await world.run(next() < 0.5 ? 90 : 3 + Math.floor(next() * 10));
    const rows = await Promise.all(ids.map((id) => world.store.get<Data>(keys.request(id))));
    const { items } = await world.store.query<Data>({ pk: keys.resources('default'), limit: 100 });
    const records = [...rows, ...items].filter((one) => one !== null);
    const record = records[Math.floor(next() * records.length)];
    if (!record) throw new Error('no records');
    const { data, what } = spoiled(record.data, next);
    const about = `${record.pk} ${record.sk} ${what}`;
    await edit(world.store, { pk: record.pk, sk: record.sk }, () => data);
    try {
      const late = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, sizeGib: 9 } });
      await world.run(120);
      for (const id of [other.id, late.id]) expect([about, (await world.claim(id)).state]).toEqual([about, 'active']);
      for (const id of [other.id, late.id]) await world.release(id);
      await world.run(120);
      for (const id of [other.id, late.id]) expect([about, (await world.claim(id)).state]).toEqual([about, 'released']);
      await world.control.stats('default');
    } catch (error) {
      throw new Error(`${about}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, {
        cause: error,
      });
    }
  },
);
