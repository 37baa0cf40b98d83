// Services as a tick keeps them alive: replicas are requests like any other, none is lost and none is doubled.
import { expect, test } from '@jest/globals';
import { isEnd } from '../../lib/core/records/request.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { servicesMax } from '../../lib/core/services/record.ts';
import type { ServiceWish } from '../../lib/control/services/use-cases.ts';
import { raiseWake } from '../../lib/control/coordination/wake.ts';
import { createControl } from '../../lib/control/index.ts';
import { readPool } from '../../lib/control/requests/pools.ts';
import type { SetAsideRecord } from '../../lib/control/tick/set-aside.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, settings, taskSpec, World } from './world.ts';

const update: ServiceWish['update'] = {
  ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
  ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
};

function wish(fields: Partial<ServiceWish> = {}, template: Partial<TaskSpec> = {}): ServiceWish {
  return {
    tenant: 'default',
    name: 'web',
    pool: null,
    replicas: 3,
    template: { ...taskSpec, ...template },
    update,
    drainMs: 2_000,
    ...fields,
  };
}

async function begun(fields: Partial<ServiceWish> = {}): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await world.control.services.put(wish(fields));
  return world;
}

async function counts(world: World, name = 'web') {
  return (await world.control.services.get('default', name))?.counts;
}

async function openRequests(world: World): Promise<number> {
  const page = await world.control.listRequests({ tenant: 'default', limit: 1_000 });
  return page.items.filter((one) => !isEnd(one.state)).length;
}

const ready = (n: number) => ({ pending: 0, ready: n, stopping: 0, current: n });

test('as many replicas as are wanted run, each a request of its own', async () => {
  const world = await begun();
  await world.run(90);
  expect(await counts(world)).toEqual(ready(3));
  expect(await openRequests(world)).toBe(3);
  const page = await world.control.services.replicas('default', 'web', { limit: 2 });
  expect(page?.items.map((one) => one.replica.slot)).toEqual([0, 1]);
  const last = await world.control.services.replicas('default', 'web', { limit: 2, cursor: page?.nextCursor ?? '' });
  expect(last).toMatchObject({ items: [{ replica: { slot: 2 }, state: 'ready' }], nextCursor: null });
});

test('a calm tick writes nothing', async () => {
  const world = await begun();
  await world.run(90);
  const before = world.changes.length;
  for (let n = 0; n < 20; n += 1) await world.tickDue();
  expect(world.changes.length).toBe(before);
});

test('nobody looks for services in a pool that never had one', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, name: 'other', priority: -1 });
  await world.control.putPool(poolSpec);
  const looked: string[] = [];
  const store = storeWith(world.ports.store, {
    query: (options) => {
      if (options.pk.startsWith('SERVICES#')) looked.push(options.pk);
      return world.ports.store.query(options);
    },
  });
  const control = createControl({ ...world.ports, store }, settings);
  const pass = async (): Promise<readonly string[]> => {
    looked.length = 0;
    for (const pool of ['default', 'other']) {
      await raiseWake(world.ports, pool);
      await control.runTick(pool);
    }
    await control.services.endpoints();
    return [...new Set(looked)];
  };
  expect(await pass()).toEqual([]);
  await control.services.put(wish());
  expect(await pass()).toEqual(['SERVICES#default']);
  // Also where it is declared again, and where the service is gone since.
  await control.services.delete('default', 'web');
  await world.run(30);
  expect(await control.services.get('default', 'web')).toBeNull();
  await control.putPool({ ...poolSpec, priority: 2 });
  expect(await pass()).toEqual(['SERVICES#default']);
});

test('a pool of an older version, which does not say whether it has services, has them all the same', async () => {
  const world = await begun();
  const item = await readPool(world.ports, 'default');
  const { hasServices, ...older } = item?.data ?? {};
  expect(hasServices).toBe(true);
  await world.ports.store.put({
    ...{ item: { ...keys.pool('default'), data: older }, condition: item?.version ?? 'absent', writeId: 'older' },
  });
  await world.control.putPool({ ...poolSpec, priority: 3 });
  await world.run(90);
  expect(await counts(world)).toEqual(ready(3));
});

test('what ended by itself is replaced at once, then later and later, and the events say so', async () => {
  const world = await begun({ replicas: 1 });
  await world.run(90);
  const startedAtMs: number[] = [];
  const seen = new Set<string>();
  world.ending = (id) => {
    if (!seen.has(id)) startedAtMs.push(world.nowMs);
    seen.add(id);
    return { outcome: 'exited', exitCode: 1 };
  };
  await world.run(60);
  const pauses = startedAtMs.slice(1).map((at, n) => at - (startedAtMs[n] ?? 0));
  expect(pauses[0]).toBeLessThanOrEqual(3_000);
  for (const [n, pause] of pauses.slice(1).entries()) expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** n);
  expect(pauses.length).toBeLessThan(8);
  const events = (await world.control.services.get('default', 'web'))?.record.events ?? [];
  expect(events.some((one) => one.code === 'crash_loop' && one.message.includes('is replaced in 8 s'))).toBe(true);
  world.ending = () => null;
  await world.run(60);
  expect(await counts(world)).toEqual(ready(1));
});

test('what is cancelled from outside is replaced without a pause', async () => {
  const world = await begun({ replicas: 2 });
  await world.run(90);
  const [first] = (await world.control.services.replicas('default', 'web', { limit: 1 }))?.items ?? [];
  await world.control.cancel('default', first?.replica.request ?? '');
  await world.run(8);
  expect(await counts(world)).toEqual(ready(2));
  const shown = await world.control.services.get('default', 'web');
  expect(shown?.record.running.map((one) => one.crashes)).toEqual([0, 0]);
});

test('scaled out and in: those that are too many are drained first', async () => {
  const world = await begun();
  await world.run(90);
  await world.control.services.scale('default', 'web', 5);
  await world.run(60);
  expect(await counts(world)).toEqual(ready(5));
  await world.control.services.scale('default', 'web', 2);
  await world.run(1);
  expect(await counts(world)).toEqual({ pending: 0, ready: 2, stopping: 3, current: 2 });
  await world.run(10);
  expect(await counts(world)).toEqual(ready(2));
  expect(await openRequests(world)).toBe(2);
});

const check = {
  probe: { kind: 'tcp', port: 'http' },
  ...{ startPeriodMs: 0, intervalMs: 1_000, timeoutMs: 500, healthyAfter: 1, unhealthyAfter: 2 },
} as const;
const serving = { ports: [{ name: 'http' }], health: check };

test('with a health check a replica serves once it is healthy, and what is unhealthy is replaced', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await world.control.services.put(wish({ replicas: 2 }, serving));
  await world.run(60);
  expect(await counts(world)).toEqual({ pending: 2, ready: 0, stopping: 0, current: 0 });
  world.health = () => ({ isHealthy: true });
  await world.run(2);
  expect(await counts(world)).toEqual(ready(2));
  const [ill] = (await world.control.services.get('default', 'web'))?.record.running ?? [];
  world.health = (id) =>
    id.startsWith(ill?.request ?? '') ? { isHealthy: false, message: 'refused' } : { isHealthy: true };
  await world.run(8);
  expect(await counts(world)).toEqual(ready(2));
  const { record } = (await world.control.services.get('default', 'web')) ?? {};
  expect(record?.running.map((one) => one.request)).not.toContain(ill?.request);
  expect(record?.running.map((one) => one.crashes).sort()).toEqual([0, 1]);
  expect(record?.events.map((one) => one.message)).toContainEqual(expect.stringContaining('it is unhealthy: refused'));
});

test('another template: never fewer ready than wanted, never more than one above', async () => {
  const world = await begun();
  await world.run(90);
  await world.control.services.put(wish({}, { env: { COLOUR: 'green' } }));
  let least = Infinity;
  let most = 0;
  for (let n = 0; n < 60; n += 1) {
    await world.run(1);
    const now = await counts(world);
    least = Math.min(least, now?.ready ?? 0);
    most = Math.max(most, (now?.ready ?? 0) + (now?.pending ?? 0));
  }
  expect(least).toBe(3);
  expect(most).toBe(4);
  expect(await counts(world)).toEqual(ready(3));
  expect((await world.control.services.get('default', 'web'))?.record.revision).toBe(2);
});

test('the same declaration again changes nothing', async () => {
  const world = await begun();
  await world.run(90);
  const before = world.changes.length;
  await world.control.services.put(wish());
  expect(world.changes.slice(before).every((one) => one.key.pk.startsWith('WAKE'))).toBe(true);
});

test('deleted: its replicas are drained, and then nothing of it is left; the name is free again', async () => {
  const world = await begun();
  await world.run(90);
  await expect(world.control.deletePool('default')).rejects.toMatchObject({
    code: 'pool_in_use',
    message: 'pool default has services; delete them first',
  });
  await world.control.services.delete('default', 'web');
  await world.run(12);
  expect(await world.control.services.get('default', 'web')).toBeNull();
  expect(await openRequests(world)).toBe(0);
  await world.control.services.put(wish({ replicas: 1 }));
  await world.run(60);
  expect(await counts(world)).toEqual(ready(1));
});

test('services of others are not seen, and a name is given once whatever the pool', async () => {
  const world = await begun();
  await world.control.putPool({ ...poolSpec, name: 'other' });
  expect(await world.control.services.get('somebody', 'web')).toBeNull();
  await expect(world.control.services.put(wish({ pool: 'other' }))).rejects.toMatchObject({ code: 'not_possible' });
  await world.control.services.put(wish({ tenant: 'somebody', pool: 'other', replicas: 1 }));
  expect((await world.control.services.page('somebody', { limit: 10 })).items).toHaveLength(1);
  expect((await world.control.services.page('default', { limit: 10 })).items).toHaveLength(1);
});

test('a pool has room for so many replicas', async () => {
  const world = await begun();
  const many = Array.from({ length: 10 }, (_, n) => wish({ name: `big-${String(n)}`, replicas: 1_000 }));
  const results = await Promise.allSettled(many.map((one) => world.control.services.put(one)));
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(9);
  expect(results.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'too_many_services' } });
});

test('a pool has room for so many services, those of which no replica is wanted, too', async () => {
  const world = await begun({ replicas: 0 });
  const before = await world.ports.store.get<object>(
    keys.service({ pool: poolSpec.name, tenant: 'default', name: 'web' }),
  );
  for (let n = 1; n < servicesMax; n += 1) {
    const name = `s-${String(n)}`;
    const key = keys.service({ pool: poolSpec.name, tenant: 'default', name });
    const item = { ...key, data: { ...before?.data, name, id: n.toString(16).padStart(16, '0') } };
    await world.ports.store.put({ item, condition: 'absent', writeId: name });
  }
  const more = world.control.services.put(wish({ name: 'more', replicas: 0 }));
  await expect(more).rejects.toMatchObject({ code: 'too_many_services' });
  await expect(world.control.services.put(wish({ replicas: 1 }))).resolves.toMatchObject({ record: { replicas: 1 } });
});

test('one that was set aside is listed until it is deleted, and then goes', async () => {
  const world = await begun();
  await world.run(90);
  const key = keys.service({ pool: poolSpec.name, tenant: 'default', name: 'web' });
  const before = await world.ports.store.get<object>(key);
  const data = { ...before?.data, quarantine: 'a decision about this service failed: too many' };
  await world.ports.store.put({ item: { ...key, data }, condition: before?.version ?? 'absent', writeId: 'aside' });
  await raiseWake(world.ports, poolSpec.name);
  await world.run(5);
  expect(await counts(world)).toEqual(ready(3));
  expect(await setAside(world)).toEqual([key]);
  await world.control.services.delete('default', 'web');
  await world.run(90);
  expect(await counts(world)).toBeUndefined();
  expect(await setAside(world)).toEqual([]);
});

async function setAside(world: World): Promise<readonly object[]> {
  const item = await world.ports.store.get<SetAsideRecord>(keys.setAside(poolSpec.name));
  return (item?.data.records ?? []).map((one) => one.key);
}

test('what became of a preStop command is in the timeline of the replica', async () => {
  const world = await begun({ template: { ...taskSpec, preStop: { argv: ['leave'] } } });
  await world.run(60);
  const [first] = (await world.control.services.get('default', 'web'))?.record.running ?? [];
  await world.control.services.scale('default', 'web', 0);
  world.ending = () => ({ outcome: 'withdrawn', exitCode: null, preStop: 'ended with 0' });
  await world.run(30);
  const record = await world.control.getRequest('default', first?.request ?? '');
  expect(record).toMatchObject({ state: 'cancelled', reason: 'cancelled; its preStop command ended with 0' });
  expect(record?.timeline.at(-1)?.message).toContain('its preStop command ended with 0');
});
