// Figures of a large pool come from what its last tick left; they are those that its records give.
import { expect, test } from '@jest/globals';
import type { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import type { ControlSettings } from '../../../lib/control/index.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { costsMax, presentOfTick, typesMax } from '../../../lib/control/requests/figures/present.ts';
import { node, observation } from '../../core/builders.ts';
import { storedBytes } from '../../../lib/ports/store/size.ts';
import type { Item, Store } from '../../../lib/ports/store.ts';
import { ClaimWorld, poolSpec as claimPool, storageSpec } from '../claims/world.ts';
import { storeWith } from '../store-with.ts';
import { poolSpec, submission, World } from '../world.ts';

/** Every pool is large. */
const large: Partial<ControlSettings> = { copiedFromRecords: 0 };

/** Some wait, some run, one has failed. */
async function mixed(own: Partial<ControlSettings>): Promise<World> {
  const world = new World({ settings: own });
  await world.control.putPool({ ...poolSpec, limits: { ...poolSpec.limits, instances: 2 }, maxNodeVcpu: 2 });
  world.ending = () => ({ outcome: 'exited', exitCode: 1 });
  await world.control.submit(submission());
  await world.run(10);
  world.ending = () => null;
  await world.control.submit(submission({ count: 3 }));
  for (let n = 0; n < 12; n += 1) {
    world.nowMs += 10;
    await world.control.submit(submission({}, `key-${String(n)}`));
  }
  await world.run(60);
  return world;
}

/** How often each kind of partition was read. */
function counted(world: World): Map<string, number> {
  const reads = new Map<string, number>();
  const { store } = world.ports;
  const note = (pk: string): void =>
    void reads.set(pk.split('#')[0] ?? '', (reads.get(pk.split('#')[0] ?? '') ?? 0) + 1);
  const own: Partial<Store> = {
    get: (key) => (note(key.pk), store.get(key)),
    query: (options) => (note(options.pk), store.query(options)),
    queryIndex: (index, options) => (note(options.pk), store.queryIndex(index, options)),
  };
  Object.assign(world.ports, { store: storeWith(store, own) });
  return reads;
}

function lockOf(store: Store): ReturnType<MemoryStore['peek']> {
  return (store as MemoryStore).peek(keys.lock('default'));
}

test('a large pool has the figures of its records, and a look reads none of them', async () => {
  const [small, wide] = [await mixed({ copiedFromRecords: Infinity }), await mixed(large)];
  const bytes = storedBytes(lockOf(wide.ports.store) as Item);
  const [expected, figures] = [await small.control.stats('default'), await wide.control.stats('default')];
  expect(expected.requestsByState.pending).toBeGreaterThan(0);
  expect(expected.requestsByState.failed).toBe(1);
  expect({ ...figures, figuresOfMs: 0, spentUsd: 0 }).toEqual({ ...expected, figuresOfMs: 0, spentUsd: 0 });
  expect(figures.spentUsd / expected.spentUsd).toBeCloseTo(1, 2);
  expect(figures.figuresOfMs).toBeLessThanOrEqual(expected.figuresOfMs);
  expect((await wide.control.poolMetrics())[0]).toMatchObject({
    ...(await small.control.poolMetrics())[0],
    ticks: expect.any(Number),
    spentUsd: expect.any(Number),
  });
  expect(bytes).toBeLessThan(1_000);
  const [summary] = figures.pools;
  expect(summary).toEqual({
    ...{ pool: 'default', openTasks: figures.openTasks, instances: figures.usage.instances },
    ...{ nodes: Object.values(figures.nodesByState).reduce((a, b) => a + b), usdPerHour: figures.usdPerHour },
  });
  expect(figures.openTasks.pending).toBeGreaterThan(0);
  const [oldest] = (
    await wide.control.listRequests({ ...{ tenant: 'default', state: 'pending' }, order: 'oldest', limit: 1 })
  ).items;
  expect(figures.oldestPendingAtMs).toBe(oldest?.createdAtMs);
  const reads = counted(wide);
  await wide.control.stats('default');
  expect([...reads.keys()].sort()).toEqual(['LOCK', 'PAST-POOLS', 'POOL', 'POOLS']);
});

test('money goes on between ticks, and the figures say of when they are', async () => {
  const world = await mixed(large);
  const before = await world.control.stats('default');
  world.nowMs += 3_600_000;
  const after = await world.control.stats('default');
  expect(after.spentUsd - before.spentUsd).toBeCloseTo(before.usdPerHour, 6);
  expect([after.figuresOfMs, after.atMs - before.atMs]).toEqual([before.figuresOfMs, 3_600_000]);
});

test('requests beyond the window of a tick wait, too', async () => {
  const world = new World({ settings: { ...large, observedRequestsMax: 5 } });
  await world.control.putPool({ ...poolSpec, limits: { ...poolSpec.limits, instances: 1 }, maxNodeVcpu: 2 });
  for (let n = 0; n < 30; n += 1) await world.control.submit(submission({}, `key-${String(n)}`));
  world.ending = () => null;
  await world.run(10);
  expect((lockOf(world.ports.store)?.data as LockRecord).present?.seen).toBeLessThan(30);
  expect((await world.control.stats('default')).requestsByState).toMatchObject({ pending: 26, running: 4 });
  expect((await world.control.poolMetrics())[0]?.openTasks).toEqual({ pending: 26, running: 4 });
});

test('a pool that has become small is read as it is', async () => {
  const world = await mixed({ copiedFromRecords: 4 });
  expect((lockOf(world.ports.store)?.data as LockRecord).present).toBeDefined();
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(300);
  expect((lockOf(world.ports.store)?.data as LockRecord).present).toBeUndefined();
  expect((await world.control.stats('default')).requestsByState).toMatchObject({ pending: 0, running: 0 });
});

test.each([costsMax, costsMax + 1])('the claims of %i tenants are all counted', async (tenants) => {
  const world = new ClaimWorld({ settings: large });
  await world.control.putPool(claimPool);
  for (let n = 0; n < tenants; n += 1)
    await world.control.submit({
      ...{ tenant: `tenant-${String(n)}`, idempotencyKey: null, pool: null },
      ...{ spec: storageSpec, canonicalBody: JSON.stringify(storageSpec) },
    });
  await world.run(60);
  const { present } = lockOf(world.store)?.data as LockRecord;
  expect(present?.costs?.length).toBe(tenants > costsMax ? undefined : tenants);
  const figures = await world.control.stats('default', true);
  expect([figures.claimed?.length, figures.requestsByState.active]).toEqual([tenants, tenants]);
});

test('a large pool whose ticks have stopped says that what came since waits, and since when', async () => {
  const world = new World({ settings: large });
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  await world.control.submit(submission());
  await world.run(30);
  for (let n = 0; n < 5; n += 1) await world.control.submit(submission({}, `later-${String(n)}`));
  const since = world.nowMs;
  world.nowMs += 30_000;
  expect((await world.control.stats('default')).requestsByState).toMatchObject({ running: 1, pending: 0 });
  world.nowMs += 2 * 3_600_000;
  const figures = await world.control.stats('default');
  expect(figures.requestsByState).toMatchObject({ running: 1, pending: 5 });
  expect(figures.oldestPendingAtMs).toBe(since);
  expect((await world.control.poolMetrics())[0]?.oldestPendingMs).toBe(2 * 3_600_000 + 30_000);
});

test('while a tick works, what ends is counted once, and money never falls', async () => {
  const world = new World({ settings: large });
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  for (let n = 0; n < 3; n += 1) await world.control.submit(submission({}, `key-${String(n)}`));
  await world.run(30);
  world.nowMs += 10 * 3_600_000;
  await world.run(5);
  const { store } = world.ports;
  const spent: number[] = [];
  const counts = new Set<number>();
  const look = async (): Promise<void> => {
    const { requestsByState: states } = await world.control.stats('default');
    counts.add(states.pending + states.running + states.succeeded);
    spent.push((await world.control.poolMetrics()).reduce((sum, one) => sum + one.spentUsd, 0));
  };
  const isRelease = ({ pk, data }: { readonly pk: string; readonly data: unknown }): boolean =>
    pk === keys.lock('default').pk && (data as LockRecord).holder === null;
  const put: Store['put'] = async (write) => {
    if (!isRelease(write.item)) return store.put(write);
    await look();
    const item = await store.put(write);
    await look();
    return item;
  };
  Object.assign(world.ports, { store: storeWith(store, { put }) });
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(120);
  expect([...counts]).toEqual([3]);
  expect(spent.length).toBeGreaterThan(4);
  expect(spent.filter((usd, at) => usd < (spent[at - 1] ?? 0) - 1e-9)).toEqual([]);
  expect((await world.control.stats('default')).goneNodes).toBeGreaterThan(0);
});

test('of many instance types the most are named, and the others counted', () => {
  const nodes = Array.from({ length: typesMax + 5 }, (_, n) =>
    node({ id: `i-${String(n)}`, instanceType: `t${String(n)}` }),
  );
  const { nodesByType } = presentOfTick(
    observation({ nodes: [...nodes, node({ id: 'i', instanceType: 't7' })] }),
    0,
    null,
  );
  expect(Object.keys(nodesByType)).toHaveLength(typesMax);
  expect([nodesByType['t7'], nodesByType['(other types)']]).toEqual([2, 6]);
});
