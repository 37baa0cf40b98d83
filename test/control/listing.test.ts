// The list of requests: complete, newest first, nothing twice, however they came and however it is paged.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { listItemsMax, listReadsMax } from '../../lib/control/requests/listing.ts';
import { requestItem } from '../../lib/control/requests/submit.ts';
import type { RequestFilter, RequestPage, Submission } from '../../lib/control/use-cases.ts';
import { isClaim } from '../../lib/core/records/claim.ts';
import type { ClaimSpec } from '../../lib/core/records/claim.ts';
import type { RequestRecord } from '../../lib/core/records/request.ts';
import { ClaimWorld, machineSpec, storageSpec } from './claims/world.ts';
import { countOf, isQuick, sliceOf } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

async function listAll(world: World, limit: number, tenant = 'default'): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page = await world.control.listRequests({ tenant, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map((one) => one.id));
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
  throw new Error('the list does not end');
}

describe('the list of requests', () => {
  test('single ones and batches, repeats included, in pages of any size', async () => {
    const step = fc.record({
      keys: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 }),
      isSingle: fc.boolean(),
      afterMs: fc.constantFrom(0, 0, 1, 500),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
        const world = new World();
        await world.control.putPool(poolSpec);
        const createdAtMs = new Map<string, number>();
        for (const { keys, isSingle, afterMs } of steps) {
          world.nowMs += afterMs;
          const all = keys.map((key) => submission({}, `key-${String(key)}`));
          const results = isSingle
            ? await Promise.all(all.map((one) => world.control.submit(one)))
            : await world.control.submitBatch(all);
          for (const one of results) {
            if (one instanceof Error) throw one;
            if (!one.isRepeat) createdAtMs.set(one.request.id, world.nowMs);
          }
        }
        const ids = await listAll(world, limit);
        expect([...ids].sort()).toEqual([...createdAtMs.keys()].sort());
        const times = ids.map((id) => createdAtMs.get(id) ?? 0);
        expect(times).toEqual([...times].sort((a, b) => b - a));
      }),
      { numRuns: countOf({ short: 60, long: 600, quick: 8 }) },
    );
  });

  test('a large batch is opened piece by piece; what comes meanwhile does not shift the pages', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const results = await world.control.submitBatch(Array.from({ length: 450 }, () => submission()));
    const first = await world.control.listRequests({ tenant: 'default', limit: 120 });
    world.nowMs += 5;
    await world.control.submitBatch([submission(), submission()]);
    const rest: string[] = [];
    for (let cursor = first.nextCursor; cursor !== null;) {
      const page = await world.control.listRequests({ tenant: 'default', limit: 120, cursor });
      rest.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor;
    }
    const all = [...first.items.map((one) => one.id), ...rest];
    expect(all.length).toBe(450);
    expect(new Set(all)).toEqual(new Set(results.map((one) => (one instanceof Error ? '' : one.request.id))));
    expect(await listAll(world, 1_000, 'somebody else')).toEqual([]);
  });

  test('what is open for longer than its batch is listed lists itself, and is listed once', async () => {
    const world = new World({ settings: { keepEndedMs: 60_000 } });
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, tasksPerNode: 1 });
    world.ending = () => null;
    await world.control.submitBatch([submission(), submission(), submission({ count: 30 })]);
    const ids = (await listAll(world, 10)).sort();
    expect(ids.length).toBe(3);
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await world.run(30);
      expect((await listAll(world, 10)).sort()).toEqual(ids);
      const rows = await world.ports.store.getMany<RequestRecord>(ids.map((id) => keys.request(id)));
      expect(rows.map((row) => row?.data.batch !== undefined)).toEqual(ids.map(() => minutes < 1));
      world.nowMs += 30_000;
    }
    // Its entry is gone by now.
    world.nowMs += 24 * 3_600_000;
    expect((await listAll(world, 10)).sort()).toEqual(ids);
  });

  test(
    'ended ones are listed as long as they are kept, filtered by state, and a cursor of ' + 'another list is refused',
    async () => {
      const world = new World();
      await world.control.putPool(poolSpec);
      await world.control.submitBatch([submission(), submission({ priority: 1 })]);
      await world.run(10);
      const ended = await world.control.listRequests({ tenant: 'default', limit: 1, state: 'succeeded' });
      expect(ended.items.map((one) => (isClaim(one) ? null : one.state))).toEqual(['succeeded']);
      expect((await world.control.listRequests({ tenant: 'default', limit: 10, state: 'pending' })).items).toEqual([]);
      for (const cursor of [
        'nonsense',
        '',
        Buffer.from('00000000000000').toString('base64url'),
        `${ended.nextCursor ?? ''}x`,
      ]) {
        await expect(world.control.listRequests({ tenant: 'default', limit: 1, cursor })).rejects.toMatchObject({
          code: 'invalid_cursor',
        });
      }
      world.nowMs += 8 * 24 * 3_600_000;
      expect(await listAll(world, 10)).toEqual([]);
    },
  );
});

type Made = 'single' | 'ended' | 'batch' | 'array' | 'storage' | 'machine' | 'other pool';
const batchItems = isQuick ? 60 : 150;

/** Requests of mixed kinds, some of them ended, a millisecond apart; the ids of each kind. */
async function mixed(
  count: number,
  kindOf: (n: number) => Made,
): Promise<{ world: ClaimWorld; ids: ReadonlyMap<Made, readonly string[]> }> {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, accepts: ['task', 'virtual_machine', 'storage'] });
  await world.control.putPool({ ...poolSpec, name: 'other' });
  const ids = new Map<Made, string[]>();
  for (let n = 0; n < count; n += 1) {
    world.nowMs += 1;
    const kind = kindOf(n);
    const submissions = {
      single: () => [submission()],
      ended: () => [submission()],
      array: () => [submission({ count: 30 })],
      batch: () => Array.from({ length: batchItems }, () => submission()),
      storage: () => [claiming(storageSpec)],
      machine: () => [claiming(machineSpec)],
      'other pool': () => [{ ...submission({ labels: { rare: 'yes' } }), pool: 'other' }],
    }[kind]();
    const results =
      submissions.length === 1
        ? await Promise.all(submissions.map((one) => world.control.submit(one)))
        : await world.control.submitBatch(submissions);
    for (const one of results) {
      if (one instanceof Error) throw one;
      ids.set(kind, [...(ids.get(kind) ?? []), one.request.id]);
      if (kind === 'ended') await end(world, one.request.id);
    }
  }
  return { world, ids };
}

async function end({ ports: { store }, nowMs }: ClaimWorld, id: string): Promise<void> {
  const item = await store.get<RequestRecord>(keys.request(id));
  if (!item) throw new Error(`${id} is gone`);
  await store.put({
    item: { ...item, data: { ...item.data, state: 'succeeded', endedAtMs: nowMs } },
    condition: item.version,
    writeId: `end-${id}`,
  });
}

function claiming(spec: ClaimSpec): Submission {
  return { tenant: 'default', idempotencyKey: null, pool: null, spec, canonicalBody: JSON.stringify(spec) };
}

describe('a page', () => {
  // The last two are about the limit of reads; quick runs leave them to the others, which take them in turn.
  const sizes = isQuick ? [20, 21, 600] : [20, 21, 600, 951, 2_000];

  test.each(sliceOf(sizes, 1))('has what the filter lets through, behind %i others', async (others) => {
    const { world, ids } = await mixed(others + 2, (n) => (n === 0 ? 'machine' : n === 1 ? 'storage' : 'single'));
    for (const [type, kind] of [
      ['virtual_machine', 'machine'],
      ['storage', 'storage'],
    ] as const) {
      const page = await world.control.listRequests({ tenant: 'default', limit: 100, type });
      expect(page).toMatchObject({ items: [{ id: ids.get(kind)?.[0] }], nextCursor: null });
      expect(
        (await world.control.listRequests({ tenant: 'default', limit: 100, type, state: 'pending' })).items.length,
      ).toBe(1);
    }
    for (const limit of [1, 20, 100, 1_000]) {
      const page = await world.control.listRequests({ tenant: 'default', limit, type: 'task' });
      expect([limit, page.items.length]).toEqual([limit, Math.min(limit, others)]);
      expect(page.items.map((one) => one.id)).toEqual([...(ids.get('single') ?? [])].reverse().slice(0, limit));
    }
  });

  test('has `limit` rows whatever lies between: batches, arrays, other pools, ended and expired ones', async () => {
    const cycle: readonly Made[] = ['single', 'array', 'storage', 'other pool', 'ended', 'machine'];
    const { world, ids } = await mixed(isQuick ? 306 : 606, (n) =>
      n % 200 === 7 ? 'batch' : (cycle[n % cycle.length] ?? 'single'),
    );
    const count = (...kinds: readonly Made[]): number =>
      kinds.reduce((sum, kind) => sum + (ids.get(kind)?.length ?? 0), 0);
    for (const [filter, total] of [
      [{}, count(...cycle, 'batch')],
      [{ type: 'storage' }, count('storage')],
      [{ pool: 'other' }, count('other pool')],
      [{ state: 'pending', pool: 'default', type: 'task' }, count('single', 'array', 'batch')],
      [{ state: 'failed' }, 0],
      [{ state: 'succeeded', type: 'task' }, count('ended')],
    ] as const) {
      const page = await world.control.listRequests({ tenant: 'default', limit: 1_000, ...filter });
      expect([filter, page.items.length]).toEqual([filter, Math.min(1_000, total)]);
      const pages: number[] = [];
      for (let cursor: string | undefined | null; cursor !== null;) {
        const next = await world.control.listRequests({ tenant: 'default', limit: 40, cursor, ...filter });
        pages.push(next.items.length);
        cursor = next.nextCursor;
      }
      // Each page but the last is full; the last may be empty when the one before just took all.
      expect(pages.slice(0, -1).every((one) => one === 40)).toBe(true);
      expect(pages.reduce((a, b) => a + b)).toBe(total);
    }
  });

  test('looks at so many requests at most, and says so; its cursor goes on, and nothing is left out', async () => {
    const { world, ids } = await mixed(isQuick ? 41 : 81, (n) => (n === 0 ? 'other pool' : 'batch'));
    const found: string[] = [];
    let examined = 0;
    let pages = 0;
    for (let cursor: string | undefined | null; cursor !== null; pages += 1) {
      const { page, reads, items } = await counted(world, { limit: 100, labels: [['rare', 'yes']], cursor });
      expect(reads).toBeLessThanOrEqual(listReadsMax);
      expect(items).toBeLessThanOrEqual(listItemsMax);
      expect(page.examined).toBe(items);
      examined += items;
      found.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(ids.get('other pool'));
    // Each once, and the batches that a page ends in twice.
    const all = [...ids.values()].reduce((sum, one) => sum + one.length, 0);
    expect(examined).toBeGreaterThanOrEqual(all);
    expect(examined).toBeLessThan(all * 1.1 + 200);
    expect(pages).toBeGreaterThanOrEqual(3);
  });
});

/** A page, and what it read: calls, and requests or batches of which a list told. */
async function counted(
  { control, ports: { store } }: Pick<World, 'control' | 'ports'>,
  filter: Partial<RequestFilter> & { readonly limit: number },
): Promise<{ page: RequestPage; reads: number; items: number }> {
  let [reads, items] = [0, 0];
  const [query, queryIndex, indexKeys, getMany] = [
    store.query.bind(store),
    store.queryIndex.bind(store),
    store.indexKeys.bind(store),
    store.getMany.bind(store),
  ];
  // What an entry names is read with it, and counts once.
  let named = 0;
  store.query = async (options) => {
    const page = await query(options);
    if (!options.pk.startsWith('LISTED#')) return page as never;
    reads += 1;
    items += page.items.length;
    named += page.items.filter((item) => !item.sk.includes('#~')).length;
    return page as never;
  };
  store.queryIndex = async (index, options) => {
    const page = await queryIndex(index, options);
    reads += 1;
    items += page.items.length;
    return page as never;
  };
  store.indexKeys = async (index, options) => {
    const page = await indexKeys(index, options);
    items += page.keys.length;
    return page;
  };
  store.getMany = async (wanted) => {
    if (wanted.some((key) => !key.pk.startsWith('REQUEST#'))) return getMany(wanted);
    const again = Math.min(named, wanted.length);
    named -= again;
    items += wanted.length - again;
    reads += 1;
    return getMany(wanted);
  };
  const page = await control.listRequests({ tenant: 'default', ...filter });
  Object.assign(store, { query, queryIndex, indexKeys, getMany });
  return { page, reads, items };
}

describe('a page of what few are, among many others', () => {
  const wanted = 1_000;
  const others = 3_000;

  type Change = (n: number, template: RequestRecord) => Partial<RequestRecord>;

  /** Rows as they are stored: `wanted` of one kind spread among others that have succeeded. */
  async function rare(change: Change): Promise<World> {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission());
    const template = (await world.ports.store.get<RequestRecord>(keys.request(request.id)))?.data;
    if (!template) throw new Error('nothing was stored');
    await world.ports.store.delete(keys.request(template.id), 1);
    for (let n = 0; n < wanted + others; n += 1) {
      const isWanted = n % 4 === 0;
      const createdAtMs = world.nowMs + n;
      const record: RequestRecord = {
        ...template,
        id: `r-${String(n).padStart(6, '0')}`,
        createdAtMs,
        ...(isWanted ? change(n, template) : { state: 'succeeded', endedAtMs: createdAtMs }),
      };
      const collected = record.endedAtMs === null ? null : { expiresAtMs: world.nowMs + 1e9 };
      await world.ports.store.put({ item: requestItem(record, collected), condition: 'absent', writeId: 'w' });
    }
    world.nowMs += wanted + others;
    return world;
  }

  test.each<[string, Partial<RequestFilter>, Change]>([
    ['that wait', { state: 'pending' }, () => ({})],
    ['that wait, the oldest first', { state: 'pending', order: 'oldest' }, () => ({})],
    [
      'that wait, of several priorities, set aside or about to end',
      { state: 'pending', pool: 'default' },
      (n, { spec }) => ({
        spec: { ...spec, priority: n % 3 },
        quarantine: n % 5 === 0 ? 'broken' : null,
        cancelRequestedAtMs: n % 7 === 0 ? 1 : null,
      }),
    ],
  ])('looks at little else: those %s', async (_what, filter, change) => {
    const world = await rare(change);
    const { page, items } = await counted(world, { limit: 1_000, ...filter });
    expect(page.items).toHaveLength(wanted);
    expect(new Set(page.items.map((one) => one.id)).size).toBe(wanted);
    expect(items).toBeLessThanOrEqual(listItemsMax);
    const times = page.items.map((one) => one.createdAtMs * (filter.order === 'oldest' ? 1 : -1));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Page by page they are the same.
    const paged: string[] = [];
    for (let cursor: string | undefined | null; cursor !== null;) {
      const next = await world.control.listRequests({ tenant: 'default', limit: 300, ...filter, cursor });
      paged.push(...next.items.map((one) => one.id));
      cursor = next.nextCursor;
    }
    expect(paged).toEqual(page.items.map((one) => one.id));
  });

  test('or of all, where nothing is left out; since a time', async () => {
    const world = await rare(() => ({}));
    for (const order of ['newest', 'oldest'] as const) {
      const { page, items } = await counted(world, { limit: 1_000, order });
      expect([page.items.length, items <= listItemsMax]).toEqual([1_000, true]);
      const since = await counted(world, { limit: 1_000, order, sinceMs: world.nowMs - 1_000 });
      expect([since.page.items.length, since.items <= listItemsMax]).toEqual([1_000, true]);
    }
  });

  test('nobody sees open requests of another tenant; a cursor is of its own list', async () => {
    const world = await rare((n) => (n % 8 === 0 ? { tenant: 'other' } : {}));
    const { page } = await counted(world, { limit: 1_000, state: 'pending' });
    expect(page.items.map((one) => one.tenant)).toEqual(Array.from({ length: wanted / 2 }, () => 'default'));
    const { nextCursor } = await world.control.listRequests({ tenant: 'default', limit: 10, state: 'pending' });
    const rest = { tenant: 'default', limit: 10, cursor: nextCursor ?? '' };
    expect(nextCursor).not.toBeNull();
    await expect(world.control.listRequests(rest)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  test('claims by type, and those that were released', async () => {
    const world = new ClaimWorld();
    await world.control.putPool({ ...poolSpec, accepts: ['task', 'virtual_machine', 'storage'] });
    const ids: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      world.nowMs += 1;
      await world.control.submitBatch(Array.from({ length: 40 }, () => submission()));
      ids.push((await world.control.submit(claiming(storageSpec))).request.id);
    }
    const { page, items } = await counted(world, { limit: 1_000, type: 'storage' });
    expect(page.items.map((one) => one.id)).toEqual([...ids].reverse());
    // An open one is in its list and among the pool's claims.
    expect(items).toBeLessThanOrEqual(70);
    expect((await counted(world, { limit: 1_000, state: 'pending', type: 'storage' })).items).toBeLessThanOrEqual(50);
    expect((await counted(world, { limit: 1_000, state: 'released' })).items).toBeLessThanOrEqual(40);
    // Open claims of other types are passed over.
    const others = await counted(world, { limit: 1_000, type: 'virtual_machine' });
    expect(others.page).toMatchObject({ items: [], nextCursor: null });
    expect(others.items).toBeLessThanOrEqual(ids.length + 4);
  });
});
