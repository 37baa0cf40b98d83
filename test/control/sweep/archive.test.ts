// Tasks that have ended go to the archive, an hour of them together; whoever stops in between leaves nothing out.
import { describe, expect, test } from '@jest/globals';
import type { ArchivePart } from '../../../lib/core/forecast/archive.ts';
import { tasksInPart } from '../../../lib/core/forecast/archive.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { noteEnded } from '../../../lib/control/store/ended.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { InvalidCursorError } from '../../../lib/ports/store.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { poolSpec, submission, World } from '../world.ts';

const hourMs = 3_600_000;

async function worldWith(spec: object = {}): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, ...spec });
  return world;
}

async function partsIn(world: World, tenant = 'default'): Promise<readonly ArchivePart[]> {
  return (await world.control.pastTasks('default', { tenant }))?.items ?? [];
}

/** `id index`, each as often as the archive has it. */
async function archived(world: World): Promise<readonly string[]> {
  const parts = await partsIn(world);
  return parts.flatMap((part) =>
    part.requests.flatMap((one) => tasksInPart(part, one).map(({ index }) => `${one.id} ${String(index)}`)),
  );
}

async function noted(world: World): Promise<number> {
  return (await world.ports.store.query({ pk: keys.allEnded('default'), limit: 100 })).items.length;
}

/** One task and an array that have ended; answers what the archive is to have. */
async function ended(world: World): Promise<readonly string[]> {
  const single = await world.control.submit(submission({ labels: { team: 'search' } }));
  const array = await world.control.submit(submission({ count: 30 }));
  await world.run(90);
  return [
    `${single.request.id} 0`,
    ...Array.from({ length: 30 }, (_, index) => `${array.request.id} ${String(index)}`),
  ];
}

test('what has ended is archived within some hour, once, and then nothing more is written', async () => {
  const world = await worldWith();
  const all = await ended(world);
  await world.control.sweep();
  expect(await archived(world)).toEqual([]);
  world.nowMs += hourMs;
  await world.control.sweep();
  expect([...(await archived(world))].sort()).toEqual([...all].sort());
  expect((await partsIn(world))[0]?.requests.find(({ labels }) => labels !== undefined)?.labels).toEqual({
    team: 'search',
  });
  expect(await noted(world)).toBe(0);
  const before = world.changes.length;
  world.nowMs += hourMs;
  await world.control.sweep();
  expect(world.changes.length).toBe(before);
});

test('a sweep that dies before it has removed what was noted, and one beside it, archive nothing twice', async () => {
  const world = await worldWith();
  const all = await ended(world);
  world.nowMs += hourMs;
  const { store } = world.ports;
  const remove = store.delete.bind(store);
  store.delete = () => Promise.reject(new Error('dies'));
  await expect(world.control.sweep()).rejects.toThrow('dies');
  store.delete = remove;
  expect(await noted(world)).toBeGreaterThan(0);
  await Promise.all([world.control.sweep(), world.control.sweep()]);
  expect([...(await archived(world))].sort()).toEqual([...all].sort());
  expect(await noted(world)).toBe(0);
});

test.each([
  ['in one note', false],
  ['in a note each', true],
])('a sweep takes no longer than it may, and the next goes on where it stopped: %s', async (_name, isAlone) => {
  const world = await worldWith();
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    ids.push((await world.control.submit(submission({ count: 30 }))).request.id);
    if (isAlone) await world.run(60);
  }
  await world.run(120);
  world.nowMs += hourMs;
  expect(await noted(world)).toBeGreaterThan(isAlone ? 5 : 0);
  const { store } = world.ports;
  const query = store.query.bind(store);
  let arrays = 0;
  store.query = (asked: Parameters<Store['query']>[0]) => {
    const isOfArray = asked.pk.startsWith('REQUEST#');
    world.nowMs += isOfArray ? 4_000 : 0;
    arrays += isOfArray ? 1 : 0;
    return query(asked);
  };
  for (const [taken, total] of [
    [3, 3],
    [3, 6],
    [0, 6],
  ] as const) {
    arrays = 0;
    await world.control.sweep();
    const all = await archived(world);
    expect([arrays, all.length, new Set(all).size]).toEqual([taken, 30 * total, 30 * total]);
  }
  expect(new Set((await archived(world)).map((one) => one.split(' ')[0]))).toEqual(new Set(ids));
  expect(await noted(world)).toBe(0);
});

test('a page shows each task once, also where a sweep died between two notes or an end was noted again', async () => {
  const world = await worldWith();
  const all: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    all.push(`${(await world.control.submit(submission())).request.id} 0`);
    await world.run(30);
  }
  world.nowMs += hourMs;
  const { store } = world.ports;
  const remove = store.delete.bind(store);
  let removed = 0;
  store.delete = (...of) => ((removed += 1) > 2 ? Promise.reject(new Error('dies')) : remove(...of));
  await expect(world.control.sweep()).rejects.toThrow('dies');
  store.delete = remove;
  await world.control.sweep();
  await noteEnded(world.ports, 'default', [all[0]?.split(' ')[0] ?? ''], 90 * 24 * hourMs);
  world.nowMs += 2 * hourMs;
  await world.control.sweep();
  // The page on which the sweep died is in one part, whoever wrote it; the end that was noted again is in another.
  expect((await store.query({ pk: keys.archives('default'), limit: 10 })).items).toHaveLength(2);
  expect([...(await archived(world))].sort()).toEqual([...all].sort());
});

describe('each task is in the archive once', () => {
  /** Ids of requests that have ended, with so much to say of each that some twenty fill a part. */
  async function manyEnded(world: World, count: number): Promise<readonly string[]> {
    const { request } = await world.control.submit(submission());
    await world.run(30);
    const { store, random } = world.ports;
    const row = await store.get<RequestRecord>(keys.request(request.id));
    if (row === null) throw new Error('no row');
    await removeAll(world);
    const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`label-${String(n)}`, 'x'.repeat(600)]));
    const ids = Array.from({ length: count }, (_, n) => `r-${String(n).padStart(4, '0')}`);
    for (const id of ids) {
      const data = { ...row.data, id, spec: { ...row.data.spec, labels: long } };
      const item = { ...keys.request(id), data, expiresAtMs: row.expiresAtMs };
      await store.put({ item, condition: 'absent', writeId: random.id() });
    }
    return ids;
  }

  async function removeAll(world: World): Promise<void> {
    const { store } = world.ports;
    for (const { pk, sk, version } of (await store.query({ pk: keys.allEnded('default'), limit: 100 })).items)
      await store.delete({ pk, sk }, version);
  }

  /** As the store has them, in all parts. */
  async function inStore(world: World): Promise<readonly string[]> {
    const { items } = await world.ports.store.query<ArchivePart>({ pk: keys.archives('default'), limit: 1_000 });
    return items.flatMap(({ data }) => data.requests.map((one) => one.id)).sort();
  }

  async function noteInParts(world: World, ids: readonly string[], each: number): Promise<void> {
    for (let from = 0; from < ids.length; from += each) {
      await noteEnded(world.ports, 'default', ids.slice(from, from + each), 90 * 24 * hourMs);
      world.nowMs += 1_000;
    }
  }

  /** The first `writes` writes are made, then the process is gone. */
  async function dyingAfter(world: World, writes: number, work: () => Promise<unknown>): Promise<boolean> {
    const { store } = world.ports;
    const kept = { put: store.put.bind(store), delete: store.delete.bind(store), transact: store.transact.bind(store) };
    let left = writes;
    const orDie =
      <A extends unknown[], R>(write: (...of: A) => Promise<R>) =>
      (...of: A): Promise<R> =>
        (left -= 1) < 0 ? Promise.reject(new Error('dies')) : write(...of);
    Object.assign(store, { put: orDie(kept.put), delete: orDie(kept.delete), transact: orDie(kept.transact) });
    try {
      await work();
      return false;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'dies') throw error;
      return true;
    } finally {
      Object.assign(store, kept);
    }
  }

  test('wherever a sweep dies, also where there is more to archive when the next one comes', async () => {
    let isOver = false;
    for (let writes = 0; !isOver; writes += 1) {
      const world = await worldWith();
      const ids = await manyEnded(world, 70);
      await noteInParts(world, ids.slice(0, 60), 6);
      world.nowMs += hourMs;
      isOver = !(await dyingAfter(world, writes, () => world.control.sweep()));
      await noteInParts(world, ids.slice(60), 5);
      // And the next one dies early, too.
      await dyingAfter(world, 2, () => world.control.sweep());
      world.nowMs += hourMs;
      await world.control.sweep();
      expect([writes, await inStore(world)]).toEqual([writes, ids]);
      expect(await noted(world)).toBe(0);
      expect(writes).toBeLessThan(100);
    }
  });

  test('wherever a sweep dies, also where the next one sees fewer notes at once', async () => {
    let isOver = false;
    for (let writes = 0; !isOver; writes += 1) {
      const world = await worldWith();
      const ids = await manyEnded(world, 40);
      await noteInParts(world, ids, 4);
      world.nowMs += hourMs;
      isOver = !(await dyingAfter(world, writes, () => world.control.sweep()));
      const { store } = world.ports;
      const query = store.query.bind(store);
      const short: Store['query'] = (of) => query(of.pk.startsWith('ENDED#') ? { ...of, limit: 3 } : of);
      Object.assign(store, { query: short });
      for (let sweeps = 0; sweeps < 3; sweeps += 1) await world.control.sweep();
      Object.assign(store, { query });
      expect([writes, await inStore(world)]).toEqual([writes, ids]);
      expect(await noted(world)).toBe(0);
      expect(writes).toBeLessThan(100);
    }
  });

  test.each([1, 2, 3, 4, 5])('whoever works beside: the second begins at read %i of the first', async (nth) => {
    const world = await worldWith();
    const ids = await manyEnded(world, 60);
    await noteInParts(world, ids, 6);
    world.nowMs += hourMs;
    const { store } = world.ports;
    const getMany = store.getMany.bind(store);
    let reads = 0;
    store.getMany = async (of: Parameters<Store['getMany']>[0]) => {
      if (of[0]?.pk.startsWith('REQUEST#') && (reads += 1) === nth) await world.control.sweep();
      return getMany(of);
    };
    await world.control.sweep();
    world.nowMs += hourMs;
    await world.control.sweep();
    expect(reads).toBeGreaterThanOrEqual(nth);
    expect(await inStore(world)).toEqual(ids);
    expect(await noted(world)).toBe(0);
  });

  test('what is left of a note for which there was no time has a name of its own', async () => {
    const world = await worldWith();
    const ids = await manyEnded(world, 250);
    await noteInParts(world, ids, 250);
    world.nowMs += hourMs;
    const { store } = world.ports;
    const getMany = store.getMany.bind(store);
    store.getMany = (of: Parameters<Store['getMany']>[0]) => {
      world.nowMs += of[0]?.pk.startsWith('REQUEST#') ? 11_000 : 0;
      return getMany(of);
    };
    const name = async () => (await store.query({ pk: keys.allEnded('default'), limit: 10 })).items[0]?.sk;
    const before = await name();
    await world.control.sweep();
    expect(await noted(world)).toBe(1);
    expect(await name()).not.toBe(before);
    for (let n = 0; n < 300 && (await noted(world)) > 0; n += 1) await world.control.sweep();
    expect(await inStore(world)).toEqual(ids);
  });
});

test('a sweep that dies before it has written leaves it to the next', async () => {
  const world = await worldWith();
  const all = await ended(world);
  world.nowMs += hourMs;
  const { store } = world.ports;
  const put = store.put.bind(store);
  store.put = ((write: Parameters<Store['put']>[0]) =>
    write.item.pk.startsWith('ARCHIVE#') ? Promise.reject(new Error('dies')) : put(write)) as Store['put'];
  await expect(world.control.sweep()).rejects.toThrow('dies');
  store.put = put;
  await world.control.sweep();
  expect(await archived(world)).toHaveLength(all.length);
});

test('it outlives the requests, and goes after the days of its pool; a pool that keeps less shows less', async () => {
  const world = await worldWith({ historyDays: 30 });
  const all = await ended(world);
  world.nowMs += hourMs;
  await world.control.sweep();
  const [id = ''] = (all[0] ?? '').split(' ');
  world.nowMs += 20 * 24 * hourMs;
  expect(await world.control.getRequest('default', id)).toBeNull();
  expect(await archived(world)).toHaveLength(all.length);
  await world.control.putPool({ ...poolSpec, historyDays: 10 });
  expect(await archived(world)).toEqual([]);
  await world.control.putPool({ ...poolSpec, historyDays: 30 });
  expect(await archived(world)).toHaveLength(all.length);
  world.nowMs += 11 * 24 * hourMs;
  expect(await archived(world)).toEqual([]);
});

test.each([0, 90])('chunks of an array go with its row, in a pool that keeps history for %i days', async (days) => {
  const world = await worldWith({ historyDays: days });
  await ended(world);
  const { items } = await world.control.listRequests({ tenant: 'default', limit: 10 });
  const id = items.find((one) => one.spec.type === 'task' && one.spec.count > 1)?.id ?? '';
  const row = await world.ports.store.get(keys.request(id));
  const chunks = async () => (await world.ports.store.query({ pk: keys.request(id).pk, limit: 100 })).items;
  expect((await chunks()).map((one) => one.expiresAtMs)).toContain(null);
  world.nowMs += hourMs;
  await world.control.sweep();
  expect(row?.expiresAtMs).toBeGreaterThan(world.nowMs);
  expect(new Set((await chunks()).map((one) => one.expiresAtMs))).toEqual(new Set([row?.expiresAtMs]));
  expect(world.changes.some(({ key }) => key.pk.startsWith('ARCHIVE#'))).toBe(days > 0);
  const before = world.changes.length;
  await world.control.sweep();
  expect(world.changes.length).toBe(before);
});

test('is shown to its own tenant, since a time, and for a known pool', async () => {
  const world = await worldWith();
  await ended(world);
  world.nowMs += hourMs;
  await world.control.sweep();
  const requestsOf = (parts: readonly ArchivePart[] = []): number => parts.flatMap((one) => one.requests).length;
  expect(requestsOf(await partsIn(world, 'somebody'))).toBe(0);
  const since = await world.control.pastTasks('default', { tenant: 'default', sinceMs: world.nowMs });
  expect(requestsOf(since?.items)).toBe(0);
  expect(await world.control.pastTasks('nowhere', { tenant: 'default' })).toBeNull();
  const wrong = world.control.pastTasks('default', { tenant: 'default', cursor: 'x' });
  await expect(wrong).rejects.toThrow(InvalidCursorError);
});

test('what EC2 has no capacity for is kept with the history, each refusal once, and goes after its days', async () => {
  const world = await worldWith({
    historyDays: 30,
    requirements: { instanceType: ['c7i.large'], zone: ['us-east-1a'] },
  });
  world.cloud.setCapacity('*/*/*', 0);
  await world.control.submit(submission());
  const startMs = world.nowMs;
  await world.run(30);
  const known = (await world.control.pastShortages('default', {}))?.items ?? [];
  const codes = new Set(known.map((one) => one.code));
  expect([known.length, [...codes]]).toEqual([new Set(known.map((one) => one.offering)).size, [expect.any(String)]]);
  expect(known[0]).toMatchObject({ offering: expect.stringContaining('c7i.large/') });
  expect(known[0]?.fromMs).toBeGreaterThanOrEqual(startMs);
  expect(known[0]?.untilMs).toBeGreaterThan(known[0]?.fromMs ?? NaN);
  expect((await world.control.pastShortages('default', { sinceMs: world.nowMs }))?.items).toEqual([]);
  expect(await world.control.pastShortages('nowhere', {})).toBeNull();
  world.nowMs += 31 * 24 * hourMs;
  expect((await world.control.pastShortages('default', {}))?.items).toEqual([]);
});
