// A predictive service through control: replicas are there before they are wanted, what it learned from is kept, and
// in peace nothing is written.
import { expect, test } from '@jest/globals';
import type { Curve } from '../../lib/core/forecast/history.ts';
import type { ServiceScaling } from '../../lib/core/services/policies.ts';
import { atOnce } from '../../lib/core/scaling/policies/rates.ts';
import { predictiveServicesMax } from '../../lib/control/tick/scaling/service-forecasts.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { poolSpec, taskSpec, World } from './world.ts';

const minute = 60_000;
const scaling: ServiceScaling = {
  ...{ min: 1, max: 6, behaviour: atOnce, learningStyle: 'predictive' },
  policies: [
    { kind: 'target', name: 'load', target: 100, metric: { kind: 'reported', metric: 'visitors', of: 'total' } },
  ],
};
const web = { tenant: 'default', name: 'web' } as const;

async function put(
  world: World,
  more: Partial<ServiceScaling> = {},
  name: string = web.name,
): Promise<{ readonly pool: string; readonly id: string }> {
  world.ending = () => null;
  const { record } = await world.control.services.put({
    ...{ ...web, name, pool: null, replicas: null, drainMs: 0, template: taskSpec, scaling: { ...scaling, ...more } },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
      ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
    },
  });
  return record;
}

/** Each day four replicas from some time after now's time of day on, for three hours; else one. */
async function worldWithDays(beginsInMs: number): Promise<World> {
  const world = new World();
  await world.control.putPool(poolSpec);
  const record = await put(world);
  const now = Math.floor(world.nowMs / minute);
  const to = Math.floor(now / 60) * 60;
  const from = to - 3 * 1_440;
  const points = [0, 1_000, 0, 0];
  for (let day = -3; day < 0; day += 1) {
    const begins = now + day * 1_440 + Math.round(beginsInMs / minute);
    if (begins > from) points.push(begins - from, 4_000, 0, 0, begins + 180 - from, 1_000, 0, 0);
  }
  const curves = { minutes: { from, to, points }, open: { from: to, to, points: [0, 1_000, 0, 0] } } as const;
  for (const [level, data] of Object.entries(curves) as ['minutes' | 'open', Curve][])
    await world.ports.store.put({
      item: { ...keys.serviceHistory(record, level), data },
      condition: 'absent',
      writeId: `made-${level}`,
    });
  return world;
}

async function run(world: World, minutes: number, value: number): Promise<void> {
  for (let n = 0; n < minutes; n += 1) {
    await world.control.services.report({ ...web, metric: 'visitors' }, { value, atMs: null });
    await world.run(60);
  }
}

const shown = async (world: World) => (await world.control.services.get('default', 'web'))?.record;
const forecast = (world: World) => world.control.services.forecast('default', 'web');

test('what is wanted each day at this time is there before, with an event that says why', async () => {
  const world = await worldWithDays(3 * minute);
  await run(world, 3, 100);
  expect((await shown(world))?.replicas).toBeGreaterThanOrEqual(3);
  expect((await shown(world))?.events.map((one) => one.message).join('\n')).toMatch(
    /replicas wanted, 1 before, by forecast: within \d+ s at most [\d.]+ wanted in 90 of 100 cases/,
  );
  expect(await forecast(world)).toMatchObject({
    ...{ learningStyle: 'predictive', quantile: 0.9, demandMilli: 1_000 },
    known: { kind: 'forecast', forecast: { method: expect.stringContaining('day') } },
  });
  expect((await world.control.services.why('default', 'web'))?.wishes.map((one) => one.policy)).toEqual([
    'target load',
    'forecast',
  ]);
});

test('one that knows too little goes by its policies, out and in, and says what is missing', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const record = await put(world);
  await run(world, 2, 330);
  expect((await shown(world))?.replicas).toBe(4);
  await run(world, 2, 100);
  expect((await shown(world))?.replicas).toBe(1);
  expect(await forecast(world)).toMatchObject({
    known: { kind: 'none', reason: expect.stringMatching(/is known for \d+ minutes, and 120 minutes are needed/) },
  });
  const open = await world.ports.store.get<Curve>(keys.serviceHistory(record, 'open'));
  expect(open?.data.points.filter((_, at) => at % 4 === 1)).toEqual(expect.arrayContaining([3_300, 1_000]));
  expect(open?.expiresAtMs).toBeGreaterThan(world.nowMs);
});

test('a reactive one keeps no history; without data nothing is noted', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const { learningStyle: _style, ...reactive } = scaling;
  const record = await put(world);
  await world.run(120);
  expect(await world.ports.store.get(keys.serviceHistory(record, 'open'))).toBeNull();
  expect(await forecast(world)).toMatchObject({
    demandMilli: null,
    known: { reason: expect.stringContaining('no metric') },
  });
  await world.control.services.delete('default', 'web');
  await world.run(60);
  await world.control.services.put({
    ...{ ...web, pool: null, replicas: null, drainMs: 0, template: taskSpec, scaling: reactive },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
      ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
    },
  });
  await run(world, 2, 330);
  expect(world.changes.filter((one) => one.key.pk.startsWith('SERVICE-HISTORY'))).toEqual([]);
  expect((await forecast(world))?.known).toMatchObject({
    reason: expect.stringContaining('declared with learningStyle "predictive"'),
  });
  expect(await world.control.services.forecast('default', 'nowhere')).toBeNull();
});

test('an hour that is over goes to the minutes', async () => {
  const world = await worldWithDays(6 * 60 * minute);
  const { id, pool } = (await shown(world)) ?? { id: '', pool: '' };
  await run(world, 2, 200);
  world.nowMs += 60 * minute;
  await run(world, 2, 300);
  const minutes = await world.ports.store.get<Curve>(keys.serviceHistory({ id, pool }, 'minutes'));
  const open = await world.ports.store.get<Curve>(keys.serviceHistory({ id, pool }, 'open'));
  expect(minutes?.data.points).toContain(2_000);
  expect(open?.data.points).toContain(3_000);
});

test('in peace nothing is written, though it looks each minute', async () => {
  const world = await worldWithDays(6 * 60 * minute);
  await run(world, 3, 100);
  const isOwn = (pk: string): boolean => /^SERVICE/.test(pk);
  const before = world.changes.filter(({ key }) => isOwn(key.pk)).length;
  await run(world, 6, 100);
  expect(world.changes.filter(({ key }) => isOwn(key.pk))).toHaveLength(before);
});

test('of more services than have a forecast none is noted, and their metrics move them all the same', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const names = Array.from({ length: predictiveServicesMax + 2 }, (_, n) => `web-${String(n)}`);
  for (const name of names) {
    await put(world, { max: 2 }, name);
    await world.control.services.report({ ...web, name, metric: 'visitors' }, { value: 180, atMs: null });
  }
  await world.run(2);
  const noted = world.changes.filter(({ key }) => key.pk.startsWith('SERVICE-HISTORY#'));
  expect(new Set(noted.map(({ key }) => key.sk.split('#')[0])).size).toBe(predictiveServicesMax);
  const page = await world.control.services.page('default', { limit: 100 });
  expect(page.items.map((one) => one.record.replicas)).toEqual(names.map(() => 2));
});
