// What a list is read from may change between its pages, and none of them loses or repeats a request for that.
import { describe, expect, test } from '@jest/globals';
import { keys } from '../../../lib/control/store/keys.ts';
import type { RequestFilter, RequestPage } from '../../../lib/control/use-cases.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { ClaimWorld, storageSpec } from '../claims/world.ts';
import { storeWith } from '../store-with.ts';
import { poolSpec, submission, World } from '../world.ts';

type Listing = Pick<World, 'control'>;
type Filter = Omit<RequestFilter, 'tenant' | 'limit'>;

async function idsFrom(world: Listing, limit: number, filter: Filter, cursor: string | null): Promise<string[]> {
  const ids: string[] = [];
  for (let at = cursor; at !== null;) {
    const page: RequestPage = await world.control.listRequests({ tenant: 'default', limit, ...filter, cursor: at });
    ids.push(...page.items.map((one) => one.id));
    at = page.nextCursor;
  }
  return ids;
}

async function morePools(world: Listing): Promise<void> {
  for (let n = 0; n < 21; n += 1) await world.control.putPool({ ...poolSpec, name: `p${String(n)}` });
}

describe('a cursor of open requests stays good', () => {
  const pending = { state: 'pending' } as const;

  /** Single ones and batches, several in each millisecond. */
  async function waiting(): Promise<World> {
    const world = new World();
    await world.control.putPool(poolSpec);
    for (let n = 0; n < 9; n += 1) {
      if (n % 3 === 0) world.nowMs += 5;
      await world.control.submit(submission());
      await world.control.submitBatch([submission(), submission({ priority: n })]);
    }
    return world;
  }

  test.each(['newest', 'oldest'] as const)('when pools have become many, wherever it is: %s first', async (order) => {
    for (let limit = 1; limit < 27; limit += 1) {
      const world = await waiting();
      const first = await world.control.listRequests({ tenant: 'default', limit, order, ...pending });
      const whole = await world.control.listRequests({ tenant: 'default', limit: 100, order, ...pending });
      await morePools(world);
      const rest = await idsFrom(world, 2, { order, ...pending }, first.nextCursor);
      const ids = [...first.items.map((one) => one.id), ...rest];
      expect([ids.length, new Set(ids)]).toEqual([27, new Set(whole.items.map((one) => one.id))]);
    }
  });

  test('when priorities have become many', async () => {
    const world = await waiting();
    const first = await world.control.listRequests({ tenant: 'default', limit: 20, ...pending });
    await world.control.submitBatch(Array.from({ length: 300 }, (_, n) => submission({ priority: n % 60 })));
    const rest = await idsFrom(world, 3, pending, first.nextCursor);
    expect(new Set([...first.items.map((one) => one.id), ...rest]).size).toBe(27);
  });

  test('for open requests: another list refuses it, before and after the turn', async () => {
    const world = await waiting();
    const { nextCursor } = await world.control.listRequests({ tenant: 'default', limit: 4, ...pending });
    await morePools(world);
    const next = await world.control.listRequests({
      tenant: 'default',
      limit: 1,
      ...pending,
      cursor: nextCursor ?? '',
    });
    for (const cursor of [nextCursor ?? '', next.nextCursor ?? ''])
      for (const filter of [{}, { name: 'n' }, { state: 'succeeded' }] as const)
        await expect(
          world.control.listRequests({ tenant: 'default', limit: 4, ...filter, cursor }),
        ).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('open claims by type', () => {
  async function claimed(count: number): Promise<{ world: ClaimWorld; ids: readonly string[] }> {
    const world = new ClaimWorld();
    await world.control.putPool({ ...poolSpec, accepts: ['task', 'storage'] });
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      world.nowMs += n % 2;
      const one = { tenant: 'default', idempotencyKey: null, pool: null, spec: storageSpec };
      ids.push((await world.control.submit({ ...one, canonicalBody: String(n) })).request.id);
    }
    return { world, ids: ids.sort() };
  }

  const all = async (world: Listing, filter: Filter): Promise<readonly string[]> => {
    const { items, nextCursor } = await world.control.listRequests({ tenant: 'default', limit: 2, ...filter });
    return [...items.map((one) => one.id), ...(await idsFrom(world, 2, filter, nextCursor))].sort();
  };

  test('are listed however old they are, also in many pools', async () => {
    const { world, ids } = await claimed(5);
    await world.run(60);
    world.nowMs += 2 * 366 * 24 * 3_600_000;
    for (const filter of [{}, { state: 'active' }, { order: 'oldest' }] as const)
      expect([filter, await all(world, { type: 'storage', ...filter })]).toEqual([filter, ids]);
    await morePools(world);
    for (const filter of [{}, { state: 'active' }, { pool: 'default' }] as const)
      expect([filter, await all(world, { type: 'storage', ...filter })]).toEqual([filter, ids]);
  });

  test('are listed without an entry, and once with one', async () => {
    const { world, ids } = await claimed(7);
    const { store } = world.ports;
    for (const pk of keys.listedShards('default', 'type=storage').slice(2))
      for (const { sk, version } of (await store.query({ pk, limit: 100 })).items)
        await store.delete({ pk, sk }, version);
    expect(await all(world, { type: 'storage' })).toEqual(ids);
  });
});

test('why a request waits costs no second read of its pool’s nodes, and of a large pool none', async () => {
  for (const [isLarge, countOfNew, most] of [
    [false, 1, 6],
    [true, 1, 6],
    [false, 2, 6],
    [true, 2, 0],
  ] as const) {
    const world = new World({ settings: isLarge ? { copiedFromRecords: 0 } : {} });
    await world.control.putPool({ ...poolSpec, limits: { instances: 6 }, tasksPerNode: 1, maxNodeVcpu: 2 });
    world.ending = () => null;
    await world.control.submit(submission({ count: 6 }));
    await world.run(40);
    await world.ports.store.delete(keys.why('default'), await versionOf(world.ports.store));
    const { request } = await world.control.submit(submission({ count: countOfNew }));
    let read = 0;
    const { store } = world.ports;
    const counting = storeWith(store, {
      query: async <T>(options: Parameters<Store['query']>[0]) => {
        const page = await store.query<T>(options);
        if (options.pk === keys.nodes('default')) read += page.items.length;
        return page;
      },
    });
    Object.assign(world.ports, { store: counting });
    expect((await world.control.getRequest('default', request.id))?.reason).toBe('waiting_for_tick');
    expect([isLarge, countOfNew, read]).toEqual([isLarge, countOfNew, most]);
    read = 0;
    const page = await world.control.listRequests({ tenant: 'default', limit: 1 });
    expect([page.items[0]?.reason, read]).toEqual(['waiting_for_tick', most]);
  }
});

async function versionOf(store: Store): Promise<number> {
  return (await store.get(keys.why('default')))?.version ?? 0;
}
