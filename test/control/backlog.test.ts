// However many requests wait: what is urgent is seen, each tenant is, and the oldest are; and who is
// not seen is told so.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { createControl } from '../../lib/control/index.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { isUnseen, OpenWindow } from '../../lib/control/tick/open-window.ts';
import type { Unseen } from '../../lib/core/plan/observation.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { countOf, isQuick } from '../slice.ts';
import { poolSpec, settings, submission, World } from './world.ts';

const limited: PoolSpec = {
  ...poolSpec,
  ordering: 'priority',
  limits: { instances: 1 },
  requirements: { instanceType: ['c7i.large'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
};
const big = { resources: { cpuMilli: 1_200, memoryMib: 512, gpu: 0 } };
const small = { resources: { cpuMilli: 300, memoryMib: 256, gpu: 0 } };

/** One node with room for something small, and so many large tasks that wait for the limit. */
async function fullWorld(
  backlog: number,
  observedRequestsMax: number,
  pool: PoolSpec = limited,
): Promise<{ world: World; waiting: string[] }> {
  const world = new World({ settings: { observedRequestsMax } });
  await world.control.putPool(pool);
  world.ending = () => null;
  const waiting: string[] = [];
  for (let n = 0; n <= backlog; n += 1) waiting.push(await add(world, big));
  await world.run(8);
  return { world, waiting };
}

/** Each a millisecond later: their order does not hang on their ids. */
async function add(world: World, spec: Partial<TaskSpec>, tenant = 'default'): Promise<string> {
  world.nowMs += 1;
  return (await world.control.submit({ ...submission(spec), tenant })).request.id;
}

async function stateOf(world: World, id: string, tenant = 'default') {
  return (await world.control.getRequest(tenant, id))?.state;
}

describe('more requests wait than a tick looks at', () => {
  test.each(['priority', 'fifo', 'fair-share'] as const)(
    'an urgent one that has room runs at once (%s)',
    async (ordering) => {
      const { world } = await fullWorld(60, 16, { ...limited, ordering });
      const id = await add(world, { ...small, priority: 10 });
      await world.run(3);
      expect(await stateOf(world, id)).toBe('running');
    },
  );

  test('so does the first one of another tenant', async () => {
    const { world } = await fullWorld(60, 16, { ...limited, ordering: 'fair-share', nodesServe: 'any-tenant' });
    const id = await add(world, small, 'other');
    await world.run(3);
    expect(await stateOf(world, id, 'other')).toBe('running');
  });

  test('who is not looked at is told how many come before, and moves up when they go', async () => {
    const { world, waiting } = await fullWorld(60, 16);
    const id = await add(world, small);
    await world.run(3);
    const request = await world.control.getRequest('default', id);
    expect(request).toMatchObject({ state: 'pending', reason: 'behind_others' });
    expect(request?.timeline.at(-1)?.message).toMatch(
      /^behind 16 others of pool default that wait; a tick looks at so many at once/,
    );
    const seen = [];
    for (const one of waiting) seen.push((await world.control.getRequest('default', one))?.reason);
    expect(seen.filter((reason) => reason === 'limit_reached').length).toBeGreaterThanOrEqual(16);
    expect(seen.slice(-1)).toEqual(['behind_others']);
    for (const one of waiting) await world.control.cancel('default', one);
    await world.run(12);
    expect(await stateOf(world, id)).toBe('running');
    for (const one of waiting) expect(await stateOf(world, one)).toBe('cancelled');
  });

  test('a cancelled one ends though it is far behind', async () => {
    const { world, waiting } = await fullWorld(60, 16);
    await world.control.cancel('default', waiting.at(-1) ?? '');
    await world.run(2);
    expect(await stateOf(world, waiting.at(-1) ?? '')).toBe('cancelled');
  });

  test('those that wait for their retry hide nobody', async () => {
    const world = new World({ settings: { observedRequestsMax: 8 } });
    await world.control.putPool({ ...poolSpec, ordering: 'priority', limits: { instances: 1 } });
    const failing = new Set<string>();
    world.ending = (id) => (failing.has(id.split('.')[0] ?? '') ? { outcome: 'exited', exitCode: 1 } : null);
    for (let n = 0; n < 12; n += 1) failing.add(await add(world, { ...small, priority: 5, retries: 50 }));
    await world.run(20);
    const id = await add(world, small);
    await world.run(3);
    expect(await stateOf(world, id)).toBe('running');
  });

  test('those that are set aside hide nobody', async () => {
    const world = new World({ settings: { observedRequestsMax: 8 } });
    await world.control.putPool({ ...poolSpec, ordering: 'priority' });
    world.ending = () => null;
    const { allocate } = world.ports;
    const poisonous = (input: Parameters<typeof allocate>[0]): ReturnType<typeof allocate> => {
      if (input.demand.some((one) => one.priority === 7)) throw new Error('poison');
      return allocate(input);
    };
    Object.assign(world, {
      control: createControl({ ...world.ports, allocate: poisonous }, { ...settings, observedRequestsMax: 8 }),
    });
    const poison: string[] = [];
    for (let n = 0; n < 20; n += 1) poison.push(await add(world, { ...small, priority: 7 }));
    await world.run(6);
    const id = await add(world, small);
    await world.run(10);
    expect(await stateOf(world, id)).toBe('running');
    for (const one of poison) expect((await world.control.getRequest('default', one))?.reason).toBe('quarantined');
    await expect(world.control.deletePool('default')).rejects.toMatchObject({ code: 'pool_in_use' });
    for (const one of poison) await world.control.cancel('default', one);
    await world.run(8);
    for (const one of poison) expect(await stateOf(world, one)).toBe('cancelled');
  });
});

test('an entry that moves while the groups are read is shown once', async () => {
  const world = new World();
  const store = new MemoryStore({ clock: world.ports.clock });
  const entry = { id: 'r-1', tenant: 't', priority: 0, createdAtMs: world.nowMs };
  const put = async (isEnding: boolean, condition: 'absent' | number) =>
    store.put({
      item: { ...keys.request('r-1'), data: {}, index: { open: keys.open('p', { ...entry, isEnding }) } },
      condition,
      writeId: String(condition),
    });
  await put(true, 'absent');
  const moving = Object.assign(Object.create(store) as MemoryStore, {
    indexKeys: async (...given: Parameters<MemoryStore['indexKeys']>) => {
      const page = await store.indexKeys(...given);
      // Seen at its old place, it goes to its new one.
      if (given[1].limit > 1 && page.keys.length > 0) await put(false, 1).catch(() => undefined);
      return page;
    },
  });
  // Another of the same shard, so that the group is known from the beginning.
  const shardOf = (id: string): string => keys.open('p', { ...entry, id, isEnding: false }).pk;
  const id =
    Array.from({ length: 100 }, (_, n) => `r-1${String(n)}`).find((one) => shardOf(one) === shardOf('r-1')) ?? '';
  await store.put({
    item: { ...keys.request(id), data: {}, index: { open: keys.open('p', { ...entry, id, isEnding: false }) } },
    condition: 'absent',
    writeId: 'w',
  });
  const window = new OpenWindow(
    { ...world.ports, store: moving },
    { name: 'p', ordering: 'priority' },
    () => false,
    20_000,
  );
  await window.open(async () => ({}));
  const ids = await window.take(10);
  expect([...ids].sort()).toEqual(['r-1', id].sort());
});

test(
  "the window: each group's head, a quarter the oldest, a quarter by priority; the rest " + 'is known to be unseen',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            priority: fc.constantFrom(-3, 0, 0, 0, 10, 1_000_000),
            tenant: fc.constantFrom('a', 'b', 'c'),
            ageMs: fc.integer({ min: 0, max: 10_000_000 }),
            isEnding: fc.constantFrom(false, false, false, false, true),
          }),
          { maxLength: 80 },
        ),
        fc.integer({ min: 32, max: 64 }),
        fc.constantFrom('fifo' as const, 'priority' as const, 'fair-share' as const),
        async (made, most, ordering) => {
          const world = new World();
          const store = new MemoryStore({ clock: world.ports.clock });
          const all = made.map((one, n) => ({ ...one, id: `r-${String(n)}`, createdAtMs: world.nowMs - one.ageMs }));
          for (const one of all)
            await store.put({
              item: { ...keys.request(one.id), data: {}, index: { open: keys.open('p', one) } },
              condition: 'absent',
              writeId: one.id,
            });
          const window = new OpenWindow(
            { ...world.ports, store },
            { name: 'p', ordering },
            (id) => id === 'r-0',
            20_000,
          );
          await window.open(async () => ({}));
          const ids = await window.take(most);
          const unseen = await window.unseen();
          const waiting = all.filter((one) => one.id !== 'r-0');
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.length).toBe(Math.min(most, waiting.length));
          expect(ids).not.toContain('r-0');
          const shown = new Set(ids);
          const oldest = [...waiting].sort((a, b) => a.createdAtMs - b.createdAtMs).slice(0, 1);
          const urgent = [...waiting]
            .filter((one) => !one.isEnding)
            .sort((a, b) => b.priority - a.priority || a.createdAtMs - b.createdAtMs)
            .slice(0, 1);
          if (most >= 60) for (const one of [...oldest, ...urgent]) expect(shown.has(one.id)).toBe(true);
          for (const one of waiting)
            expect(unseen !== null && isUnseen(keys.open('p', one), unseen)).toBe(!shown.has(one.id));
        },
      ),
      { numRuns: countOf({ short: 150, long: 1_500, quick: 20 }) },
    );
  },
);

describe('more groups (priority and tenant) than a window has room for', () => {
  /** A request of each group, and which were shown in how many windows. */
  async function shownIn(
    groups: number,
    most: number,
    windows: number,
    each = 1,
  ): Promise<{ shown: Map<string, number>; reads: number }> {
    const world = new World();
    const store = new MemoryStore({ clock: world.ports.clock });
    for (let n = 0; n < groups * each; n += 1) {
      const id = `r-${String(n)}`;
      await store.put({
        item: {
          ...keys.request(id),
          data: {},
          index: {
            open: keys.open('p', {
              id,
              tenant: `t${String(n % 7)}`,
              priority: n % groups,
              createdAtMs: n,
              isEnding: false,
            }),
          },
        },
        condition: 'absent',
        writeId: id,
      });
    }
    let [reads, state] = [0, 1];
    const indexKeys = store.indexKeys.bind(store);
    Object.assign(store, {
      indexKeys: async (...given: Parameters<typeof indexKeys>) => {
        reads += 1;
        return indexKeys(...given);
      },
    });
    const random = { ...world.ports.random, next: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 };
    const shown = new Map<string, number>();
    let goOn: Unseen['goOn'];
    for (let window = 0; window < windows; window += 1) {
      const open = new OpenWindow(
        { ...world.ports, store, random },
        { name: 'p', ordering: 'priority' },
        () => false,
        most,
      );
      await open.open(async () => goOn);
      for (const id of await open.take(most)) shown.set(id, (shown.get(id) ?? 0) + 1);
      const unseen = await open.unseen();
      goOn = unseen?.goOn;
    }
    return { shown, reads: reads / windows };
  }

  const sizes = [
    [2_000, 1],
    [2_000, 3],
    [12_000, 1],
  ] as const;
  test.each(isQuick ? sizes.slice(0, 1) : sizes)(
    '%i groups: each is shown again and again, with few reads',
    async (groups, each) => {
      const { shown, reads } = await shownIn(groups, 20_000, groups / 20, each);
      expect(shown.size).toBe(groups * each);
      expect(Math.min(...shown.values())).toBeGreaterThan(1);
      // The most urgent always are.
      expect(shown.get(`r-${String(groups - 1)}`)).toBe(groups / 20);
      expect(reads).toBeLessThan(2_000);
    },
  );

  test('also by a window that has no room for all of its heads', async () => {
    const { shown } = await shownIn(300, 16, 1_200);
    expect(shown.size).toBe(300);
  });

  test('one of the least urgent groups runs when there is room, though none before it ever can', async () => {
    const { world } = await fullWorld(0, 64);
    for (let n = 1; n < 200; n += 1) await add(world, { ...big, priority: n });
    const id = await add(world, { ...small, priority: -5 });
    await world.run(600);
    expect(await stateOf(world, id)).toBe('running');
  });
});
