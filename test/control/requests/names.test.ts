// Names and labels: requests are found by them, newest or oldest first, at a cost that does not depend on the others.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { RequestFilter, Submission } from '../../../lib/control/use-cases.ts';
import { countOf } from '../../slice.ts';
import { ClaimWorld, machineSpec } from '../claims/world.ts';
import { poolSpec, settings, submission, World } from '../world.ts';

type Filter = Omit<RequestFilter, 'tenant' | 'limit' | 'cursor'>;

async function walk(world: World, filter: Filter, limit = 1_000): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await world.control.listRequests({ tenant: 'default', limit, cursor, ...filter });
    ids.push(...page.items.map((one) => one.id));
    cursor = page.nextCursor;
  }
  return ids;
}

function newWorld(): World {
  return new World({ settings: { ...settings, labelKeys: ['team'] } });
}

interface Made {
  readonly id: string;
  readonly atMs: number;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

describe('requests are found by name and label', () => {
  test('all of them and no others, in any order and pages, alone or in batches, repeats included', async () => {
    const one = fc.record({
      key: fc.integer({ min: 0, max: 25 }),
      name: fc.constantFrom(undefined, 'a', 'constructor'),
      team: fc.constantFrom(undefined, 'x', 'y z'),
      env: fc.constantFrom(undefined, 'prod'),
    });
    const step = fc.record({
      ones: fc.array(one, { minLength: 1, maxLength: 6 }),
      afterMs: fc.constantFrom(0, 1, 400),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
        const world = newWorld();
        await world.control.putPool(poolSpec);
        const made = new Map<string, Made>();
        // A key is always sent with the same body.
        const bodies = new Map<number, Submission>();
        for (const { ones, afterMs } of steps) {
          world.nowMs += afterMs;
          const all = ones.map(({ key, name, team, env }) => {
            const labels = { ...(team === undefined ? {} : { team }), ...(env === undefined ? {} : { env }) };
            const body =
              bodies.get(key) ?? submission({ ...(name === undefined ? {} : { name }), labels }, `k${String(key)}`);
            bodies.set(key, body);
            return body;
          });
          const results =
            all.length === 1 && all[0] ? [await world.control.submit(all[0])] : await world.control.submitBatch(all);
          for (const result of results) {
            if (result instanceof Error) throw result;
            const { id, spec } = result.request;
            if (!result.isRepeat) made.set(id, { id, atMs: world.nowMs, name: spec.name, labels: spec.labels ?? {} });
          }
        }
        const since = [...made.values()].map((each) => each.atMs).sort()[Math.floor(made.size / 2)] ?? 0;
        const filters: readonly [Filter, (request: Made) => boolean][] = [
          [{}, () => true],
          [{ name: 'a' }, (each) => each.name === 'a'],
          [{ name: 'constructor' }, (each) => each.name === 'constructor'],
          [{ labels: [['team', 'y z']] }, (each) => each.labels['team'] === 'y z'],
          [{ labels: [['env', 'prod']] }, (each) => each.labels['env'] === 'prod'],
          [
            {
              labels: [
                ['env', 'prod'],
                ['team', 'x'],
              ],
              sinceMs: since,
            },
            (each) => each.labels['env'] === 'prod' && each.labels['team'] === 'x' && each.atMs >= since,
          ],
          [{ name: 'a', sinceMs: since }, (each) => each.name === 'a' && each.atMs >= since],
          [{ sinceMs: since }, (each) => each.atMs >= since],
        ];
        for (const [filter, belongs] of filters) {
          const wanted = [...made.values()].filter(belongs);
          for (const order of ['newest', 'oldest'] as const) {
            const ids = await walk(world, { ...filter, order }, limit);
            expect([filter, order, [...ids].sort()]).toEqual([filter, order, wanted.map((each) => each.id).sort()]);
            const times = ids.map((id) => made.get(id)?.atMs ?? 0);
            expect(times).toEqual([...times].sort((a, b) => (order === 'newest' ? b - a : a - b)));
          }
        }
      }),
      { numRuns: countOf({ short: 40, long: 400, quick: 6 }) },
    );
  });

  test('a claim too; another tenant finds nothing', async () => {
    const world = new ClaimWorld({ settings: { labelKeys: ['team'] } });
    await world.control.putPool({ ...poolSpec, accepts: ['task', 'virtual_machine'] });
    const spec = { ...machineSpec, name: 'db', labels: { team: 'x' } };
    const claim: Submission = { tenant: 'default', idempotencyKey: null, pool: null, spec, canonicalBody: 'db' };
    const { request } = await world.control.submit(claim);
    await world.control.submit(submission({ name: 'db' }));
    for (const filter of [{ name: 'db', type: 'virtual_machine' }, { labels: [['team', 'x']] as const }])
      expect(
        (await world.control.listRequests({ tenant: 'default', limit: 9, ...filter })).items.map((one) => one.id),
      ).toEqual([request.id]);
    expect((await world.control.listRequests({ tenant: 'other', limit: 9, name: 'db' })).items).toEqual([]);
  });
});

/** What one listing reads: entries of lists, and rows. */
async function readsOf(
  world: World,
  filter: Filter,
  limit: number,
): Promise<{ found: number; entries: number; rows: number }> {
  const { store } = world.ports;
  let [entries, rows] = [0, 0];
  const [query, queryIndex, getMany] = [
    store.query.bind(store),
    store.queryIndex.bind(store),
    store.getMany.bind(store),
  ];
  store.query = async (options) => {
    const page = await query(options);
    if (options.pk.startsWith('LISTED#')) entries += page.items.length;
    return page as never;
  };
  store.queryIndex = async (index, options) => {
    const page = await queryIndex(index, options);
    if (index === 'by-time') rows += page.items.length;
    return page as never;
  };
  store.getMany = async (wanted) => {
    const items = await getMany(wanted);
    rows += items.length;
    return items as never;
  };
  const page = await world.control.listRequests({ tenant: 'default', limit, ...filter });
  Object.assign(store, { query, queryIndex, getMany });
  return { found: page.items.length, entries, rows };
}

describe('what a listing reads', () => {
  test.each<[string, Filter]>([
    ['by name', { name: 'wanted' }],
    ['by a declared label', { labels: [['team', 'wanted']] }],
    ['by name, the oldest first', { name: 'wanted', order: 'oldest' }],
  ])('%s does not depend on how many others there are', async (_what, filter) => {
    const wanted = 60;
    const measured: Awaited<ReturnType<typeof readsOf>>[] = [];
    for (const others of [0, 1_500]) {
      const world = newWorld();
      await world.control.putPool(poolSpec);
      const labels = { team: 'wanted' };
      for (let n = 0; n < wanted; n += 1) {
        world.nowMs += 1;
        await world.control.submit(submission({ name: 'wanted', labels }));
        for (let batch = 0; batch < others / wanted / 25; batch += 1)
          await world.control.submitBatch(
            Array.from({ length: 25 }, () => submission({ name: 'other', labels: { team: 'o' } })),
          );
      }
      measured.push(await readsOf(world, filter, 50));
    }
    // The four parts of the list are read a little ahead; each row once.
    for (const { found, entries, rows } of measured)
      expect([found, entries <= 50 + 16, rows <= 50 + 16]).toEqual([50, true, true]);
  });

  test('a batch of one name has one entry in its list', async () => {
    const world = newWorld();
    await world.control.putPool(poolSpec);
    await world.control.submitBatch(Array.from({ length: 30 }, () => submission({ name: 'nightly' })));
    const pages = await Promise.all(
      keys.listedShards('default', 'name=nightly').map((pk) => world.ports.store.query({ pk, limit: 100 })),
    );
    expect(pages.flatMap((page) => page.items)).toHaveLength(1);
    expect(await walk(world, { name: 'nightly' }, 7)).toHaveLength(30);
  });

  test('an entry without its request, as a crash in between leaves it, is passed over', async () => {
    const world = newWorld();
    await world.control.putPool(poolSpec);
    const { store } = world.ports;
    const put = store.put.bind(store);
    store.put = async (write) => {
      if (write.item.pk.startsWith('REQUEST#')) throw new Error('crash');
      return put(write);
    };
    await expect(world.control.submit(submission({ name: 'a' }))).rejects.toThrow('crash');
    store.put = put;
    expect(await walk(world, { name: 'a' })).toEqual([]);
    const { request } = await world.control.submit(submission({ name: 'a' }));
    expect(await walk(world, { name: 'a' })).toEqual([request.id]);
  });
});
