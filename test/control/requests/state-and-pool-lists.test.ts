// What did not succeed, and what one pool was asked for, is found without looking at all the others.
import { describe, expect, test } from '@jest/globals';
import { tagPool } from '../../../lib/core/records/launch.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import type { RequestState } from '../../../lib/core/records/request.ts';
import { listItemsMax } from '../../../lib/control/requests/listing.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { RequestFilter } from '../../../lib/control/use-cases.ts';
import { ClaimWorld, storageSpec } from '../claims/world.ts';
import { storeWith } from '../store-with.ts';
import { poolSpec, settings, submission, taskSpec, World } from '../world.ts';
import { isQuick } from '../../slice.ts';
import { createControl } from '../../../lib/control/index.ts';

type Filter = Omit<RequestFilter, 'tenant' | 'limit' | 'cursor'>;

/** Ids page by page, and how many were looked at. */
async function list({ control }: Pick<World, 'control'>, filter: Filter, limit = 7) {
  const ids: string[] = [];
  let examined = 0;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await control.listRequests({ tenant: 'default', limit, ...filter, cursor });
    ids.push(...page.items.map((one) => one.id));
    examined += page.examined;
    cursor = page.nextCursor;
  }
  return { ids, examined };
}

/** Each agent syncs once, in the pool of its node. */
async function syncPools(world: World): Promise<void> {
  for (const { id, state, boots, tags } of world.cloud.instances())
    if (state === 'running' && boots) await world.sync(id, tags[tagPool]);
}

const listedStates = ['failed', 'cancelled', 'expired'] as const satisfies readonly RequestState[];

/** Those of a state by looking at everything, as the list without filters shows them. */
async function byLooking({ control }: Pick<World, 'control'>, state: RequestState, order: 'newest' | 'oldest') {
  const { items } = await control.listRequests({ tenant: 'default', limit: 1_000, order });
  return items.filter((one) => one.state === state);
}

describe('what did not succeed', () => {
  test('is listed by its state from its end on, alone, of batches, arrays, and of all pools', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.control.putPool({ ...poolSpec, name: 'other', limits: { instances: 1 } });
    const failing = new Set<string>();
    world.ending = (attempt) => ({ outcome: 'exited', exitCode: failing.has(attempt.split('.')[0] ?? '') ? 1 : 0 });
    for (let n = 0; n < 12; n += 1) {
      world.nowMs += 250;
      const made = [
        await world.control.submit(submission({ count: n % 4 === 0 ? 30 : 1 })),
        ...(await world.control.submitBatch([
          submission(),
          { ...submission(), pool: 'other' },
          submission(n % 3 === 0 ? { deadlineMs: 100 } : {}),
        ])),
      ].map((one) => (one instanceof Error ? '' : one.request.id));
      for (const id of made.slice(0, 2)) if (n % 2 === 0) failing.add(id);
      if (n % 5 === 0) await world.control.cancel('default', made[2] ?? '');
    }
    const seen = new Set<RequestState>();
    // In each second of it the list has what has ended, collected or not.
    for (let second = 0; second < 120; second += 1) {
      await world.tickDue();
      if (!isQuick || second < 10) await agreed();
      await syncPools(world);
      if (!isQuick || second < 10 || second % 10 === 0) await agreed();
      world.nowMs += 1_000;
    }
    expect([...seen].sort()).toEqual([...listedStates].sort());
    const { items } = await world.control.listRequests({ tenant: 'default', limit: 1_000 });
    expect(items.filter((one) => !isEnd(one.state))).toEqual([]);

    async function agreed(): Promise<void> {
      for (const state of listedStates)
        for (const order of ['newest', 'oldest'] as const) {
          const all = await byLooking(world, state, order);
          const { ids } = await list(world, { state, order }, 3);
          expect([...ids].sort()).toEqual(all.map((one) => one.id).sort());
          const times = new Map(all.map((one) => [one.id, one.createdAtMs]));
          expect(ids.map((id) => times.get(id))).toEqual(all.map((one) => one.createdAtMs));
          if (all.length > 0) seen.add(state);
        }
    }
  });

  test('is found among many others, and with a pool', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, limits: { instances: 50 } });
    await world.control.putPool({ ...poolSpec, name: 'other' });
    world.ending = (attempt) => ({ outcome: 'exited', exitCode: failed.has(attempt.split('.')[0] ?? '') ? 1 : 0 });
    const failed = new Set<string>();
    for (let n = 0; n < 20; n += 1) {
      world.nowMs += 1;
      const made = await world.control.submitBatch(
        Array.from({ length: 60 }, (_, at) => ({ ...submission(), pool: at === 0 ? 'other' : 'default' })),
      );
      for (const one of made.slice(0, 2)) if (!(one instanceof Error)) failed.add(one.request.id);
    }
    for (let second = 0; second < 120; second += 1) {
      world.nowMs += 1_000;
      await world.tickDue();
      await syncPools(world);
    }
    const { ids, examined } = await list(world, { state: 'failed' }, 1_000);
    expect([new Set(ids), ids.length]).toEqual([failed, 40]);
    expect(examined).toBeLessThanOrEqual(60);
    const ofOther = await list(world, { state: 'failed', pool: 'other' }, 1_000);
    expect([ofOther.ids.length, ofOther.examined <= 60]).toEqual([20, true]);
  });

  test('claims, too', async () => {
    const world = new ClaimWorld();
    await world.control.putPool({ ...poolSpec, accepts: ['task', 'storage'] });
    const one = { tenant: 'default', idempotencyKey: null, pool: null, spec: storageSpec, canonicalBody: 'a' };
    const { request } = await world.control.submit(one);
    await world.control.cancel('default', request.id);
    await world.run(30);
    expect((await list(world, { state: 'cancelled' })).ids).toEqual([request.id]);
    expect((await list(world, { state: 'failed' })).ids).toEqual([]);
  });

  test('is not lost where the process dies between entry and end, nor listed before it ended', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    world.ending = () => ({ outcome: 'exited', exitCode: 1 });
    const { request } = await world.control.submit(submission());
    await world.run(40);
    const [stillRuns] = await runningOnes();
    expect(stillRuns).toBeUndefined();
    expect((await list(world, { state: 'failed' })).ids).toEqual([request.id]);

    const again = await world.control.submit(submission());
    const { store } = world.ports;
    const dying = storeWith(store, {
      put: async (options) => {
        const row = options.item.pk === `REQUEST#${again.request.id}` ? (options.item.data as { state: string }) : null;
        if (row?.state === 'failed') throw new Error('dead');
        return store.put(options);
      },
    });
    const dead = createControl({ ...world.ports, store: dying }, settings);
    const living = { sync: world.control.sync.bind(world.control) };
    Object.assign(world.control, { sync: dead.sync.bind(dead) });
    await expect(world.run(10)).rejects.toThrow('dead');
    expect((await list(world, { state: 'failed' })).ids).toEqual([request.id]);
    Object.assign(world.control, living);
    await world.run(10);
    expect(new Set((await list(world, { state: 'failed' })).ids)).toEqual(new Set([request.id, again.request.id]));

    async function runningOnes() {
      return (await world.control.listRequests({ tenant: 'default', limit: 5, state: 'running' })).items;
    }
  });

  test('is listed as long as its row is kept', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    world.ending = () => ({ outcome: 'exited', exitCode: 1 });
    const { request } = await world.control.submit(submission());
    await world.run(40);
    for (const [days, ids] of [
      [6.9, [request.id]],
      [1, []],
    ] as const) {
      world.nowMs += days * 24 * 3_600_000;
      expect([days, (await list(world, { state: 'failed' })).ids]).toEqual([days, ids]);
    }
  });
});

describe('by pool', () => {
  test('few of many are found, of batches and alone, tasks and claims, in both orders', async () => {
    const world = new ClaimWorld();
    await world.control.putPool({ ...poolSpec, accepts: ['task', 'storage'] });
    await world.control.putPool({ ...poolSpec, name: 'other', accepts: ['task', 'storage'] });
    const wanted: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      world.nowMs += 1;
      const made = [
        ...(await world.control.submitBatch(
          Array.from({ length: 100 }, (_, at) => ({ ...submission(), pool: at === 50 ? 'other' : null })),
        )),
        await world.control.submit({
          ...{ tenant: 'default', idempotencyKey: null, pool: 'other', canonicalBody: String(n) },
          spec: n % 2 === 0 ? storageSpec : taskSpec,
        }),
      ];
      for (const one of made) if (!(one instanceof Error) && one.request.pool === 'other') wanted.push(one.request.id);
    }
    const { ids, examined } = await list(world, { pool: 'other' }, 1_000);
    expect(new Set(ids)).toEqual(new Set(wanted));
    expect([ids.length, examined <= 50]).toEqual([24, true]);
    expect((await list(world, { pool: 'other', order: 'oldest' }, 5)).ids).toEqual([...ids].reverse());
    expect((await list(world, { pool: 'default' }, 1_000)).ids).toHaveLength(12 * 99);
    const page = await world.control.listRequests({ tenant: 'default', limit: 1_000, pool: 'default' });
    expect([page.items.length, page.examined <= listItemsMax]).toEqual([1_000, true]);
  });

  test('a repeat is listed where it first came', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.control.putPool({ ...poolSpec, name: 'other' });
    const one = { ...submission({}, 'key'), pool: 'other' };
    await world.control.submit(one);
    world.nowMs += 10;
    await world.control.submitBatch([one, { ...submission(), pool: 'other' }]);
    const { ids } = await list(world, { pool: 'other' }, 1);
    expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
  });
});

test('replicas of services are listed by pool, name and declared labels', async () => {
  const world = new World({ settings: { labelKeys: ['team'] } });
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await world.control.services.put({
    ...{ tenant: 'default', name: 'web', pool: null, replicas: 3, drainMs: 2_000 },
    template: { ...taskSpec, labels: { team: 'a' } },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first', minHealthyMs: 0, progressMs: 60_000 },
      isRolledBack: true,
    },
  });
  await world.run(60);
  const all = (await list(world, {})).ids;
  expect(all).toHaveLength(3);
  const { spec } = (await world.control.getRequest('default', all[0] ?? '')) ?? {};
  for (const filter of [{ pool: 'default' }, { labels: [['team', 'a']] }, { name: spec?.name }] as const)
    expect([filter, new Set((await list(world, filter)).ids)]).toEqual([filter, new Set(all)]);
  const shards = keys.listedShards('default', 'pool=default');
  const entries = await Promise.all(shards.map((pk) => world.ports.store.query({ pk, limit: 10 })));
  // They may run for longer than tasks do.
  const expiries = entries.flatMap((page) => page.items.map((item) => item.expiresAtMs ?? 0));
  expect(expiries.map((one) => Math.round((one - world.nowMs) / 86_400_000))).toEqual([730, 730, 730]);
});
