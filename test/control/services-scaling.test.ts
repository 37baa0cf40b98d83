// Policies of services through control: the count follows what is reported and measured, schedules and alarms; each
// decision is an event; a service in peace writes nothing.
import { describe, expect, test } from '@jest/globals';
import type { ServicePolicy, ServiceScaling } from '../../lib/core/services/policies.ts';
import type { ServiceWish } from '../../lib/control/services/use-cases.ts';
import { keys } from '../../lib/control/store/keys.ts';
import type { Store } from '../../lib/ports/store.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, submission, taskSpec, World } from './world.ts';

const load: ServicePolicy = {
  ...{ kind: 'target', name: 'load', target: 100 },
  metric: { kind: 'reported', metric: 'visitors', of: 'total' },
};
const web = { tenant: 'default', name: 'web' } as const;

function wish(scaling: Partial<ServiceScaling> | null, more: Partial<ServiceWish> = {}): ServiceWish {
  return {
    ...{ ...web, pool: null, replicas: null, drainMs: 0, template: taskSpec },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
      ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
    },
    ...(scaling === null ? {} : { scaling: { min: 1, max: 6, policies: [load], ...scaling } }),
    ...more,
  };
}

async function begun(given: ServiceWish): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await world.control.services.put(given);
  await world.run(60);
  return world;
}

const shown = async (world: World) => (await world.control.services.get('default', 'web'))?.record;
const replicas = async (world: World) => (await shown(world))?.replicas;
const visitors = (world: World, value: number, atMs: number | null = null) =>
  world.control.services.report({ ...web, metric: 'visitors' }, { value, atMs });

describe('a reported metric', () => {
  test('out at once, in after five minutes, each with an event of what it was told', async () => {
    const world = await begun(wish({}));
    expect(await replicas(world)).toBe(1);
    await visitors(world, 430);
    await world.run(20);
    expect(await replicas(world)).toBe(5);
    expect((await shown(world))?.events.filter((one) => one.code === 'scaled')).toMatchObject([
      { message: expect.stringContaining('5 replicas wanted, 1 before, by target load: total 430, target 100 each') },
    ]);
    await world.run(60);
    expect((await world.control.services.get('default', 'web'))?.counts.ready).toBe(5);
    for (let minute = 0; minute < 4; minute += 1) {
      await visitors(world, 120);
      await world.run(60);
    }
    expect(await replicas(world)).toBe(5);
    await visitors(world, 120);
    await world.run(120);
    expect(await replicas(world)).toBe(2);
    expect((await world.control.services.get('default', 'web'))?.counts.ready).toBe(2);
  });

  test('a report that stood still gives way to what came meanwhile', async () => {
    const world = await begun(wish({}));
    const { store } = world.ports;
    let newer: unknown = null;
    const overtaken: Store['get'] = async (key) => {
      if (newer === null && key.pk.startsWith('REPORTED#')) {
        newer = true;
        world.nowMs += 150_000;
        newer = await visitors(world, 52);
      }
      return store.get(key);
    };
    Object.assign(world.ports, { store: storeWith(store, { get: overtaken }) });
    await visitors(world, 194);
    expect(newer).toMatchObject({ value: 52 });
    expect(await world.control.services.report({ ...web, metric: 'visitors' }, { value: 1, atMs: 1 })).toEqual(newer);
  });

  test('doubled, late and reordered reports change nothing; without any it stays', async () => {
    const world = await begun(wish({}));
    const atMs = world.nowMs;
    expect(await visitors(world, 300, atMs)).toEqual({ value: 300, atMs });
    expect(await visitors(world, 500, atMs)).toEqual({ value: 300, atMs });
    expect(await visitors(world, 600, atMs - 1)).toEqual({ value: 300, atMs });
    await world.run(20);
    expect(await replicas(world)).toBe(3);
    await world.run(3_600);
    expect(await replicas(world)).toBe(3);
    expect(await world.control.services.why('default', 'web')).toMatchObject({
      replicas: 3,
      wanted: 3,
      reason: 'target load: its metric has no data',
      wishes: [{ policy: 'target load', wanted: null }],
    });
  });

  test('only what a policy goes by, and nothing of the future', async () => {
    const world = await begun(wish({}));
    const report = (metric: string, atMs: number | null) =>
      world.control.services.report({ ...web, metric }, { value: 1, atMs });
    await expect(report('vistors', null)).rejects.toThrow('they go by visitors');
    await expect(report('visitors', world.nowMs + 61_000)).rejects.toThrow('61 s ahead');
    expect(await report('visitors', world.nowMs + 59_000)).toMatchObject({ value: 1 });
    const other = { tenant: 'default', name: 'api', metric: 'visitors' };
    expect(await world.control.services.report(other, { value: 1, atMs: null })).toBeNull();
    await world.control.services.put(wish(null, { replicas: 1 }));
    await expect(report('visitors', null)).rejects.toThrow('none goes by any; declare one with metric "reported"');
  });

  test('in peace nothing is written', async () => {
    const world = await begun(wish({}));
    await visitors(world, 95);
    await world.run(120);
    const before = world.changes.filter((one) => one.key.pk.startsWith('SERVICES')).length;
    await world.run(600);
    expect(world.changes.filter((one) => one.key.pk.startsWith('SERVICES'))).toHaveLength(before);
  });
});

test('tasks that wait, of its tenant only', async () => {
  const queue: ServicePolicy = { kind: 'target', name: 'queue', target: 4, metric: { kind: 'waiting' } };
  const world = await begun(wish({ policies: [queue] }));
  await world.control.putPool({ ...poolSpec, limits: { vcpu: 4 } });
  await world.control.submit(submission({ count: 16, resources: { cpuMilli: 4_000, memoryMib: 1_000, gpu: 0 } }));
  await world.run(30);
  expect(await replicas(world)).toBe(4);
  expect(await world.control.services.why('default', 'web')).toMatchObject({ wishes: [{ wanted: 4 }] });
});

test('what replicas use, as their agents tell it', async () => {
  const busy: ServicePolicy = { kind: 'target', name: 'busy', target: 50, metric: { kind: 'cpu' } };
  const world = await begun(wish({ policies: [busy] }));
  world.usage = { cpuMilli: taskSpec.resources.cpuMilli, memoryMib: 10 };
  await world.run(90);
  expect(await replicas(world)).toBeGreaterThan(1);
  expect((await world.control.services.why('default', 'web'))?.reason).toContain('average 100');
});

test('alarms move it once, by the event of CloudWatch', async () => {
  const alarm: ServicePolicy = { ...{ kind: 'alarm', name: 'a', alarmName: 'busy' }, change: 2, cooldownMs: 0 };
  const world = await begun(wish({ policies: [alarm] }));
  const event = { alarmName: 'busy', state: 'ALARM', previousState: 'OK', reason: 'too many', atMs: 1 } as const;
  expect(await world.control.handleAlarmEvent(event)).toEqual(['default/web']);
  expect(await world.control.handleAlarmEvent(event)).toEqual(['default/web']);
  expect(await world.control.handleAlarmEvent({ ...event, alarmName: 'other' })).toEqual([]);
  await world.run(20);
  expect(await replicas(world)).toBe(3);
  expect((await shown(world))?.events.at(-2)?.message).toContain('busy is ALARM; set by busy (too many)');
});

describe('a declaration', () => {
  const manual = (count: number): ServicePolicy => ({ kind: 'manual', name: 'floor', replicas: count });
  test('begins where it says, or where it was, within the bounds', async () => {
    const world = await begun(wish(null, { replicas: 5 }));
    await world.control.services.put(wish({ max: 4 }));
    expect(await replicas(world)).toBe(4);
    await world.control.services.put(wish({ min: 2 }, { replicas: 3 }));
    expect(await replicas(world)).toBe(4);
    await world.control.services.put(wish({ min: 5 }));
    expect(await replicas(world)).toBe(5);
    await world.control.services.put(wish(null, { replicas: 2 }));
    expect(await shown(world)).toMatchObject({ replicas: 2 });
    expect(await shown(world)).not.toHaveProperty('scaling');
    expect(await shown(world)).not.toHaveProperty('scaled');
    await world.control.services.put(wish({}, { replicas: 3 }));
    expect(await replicas(world)).toBe(3);
  });

  test('the same again changes nothing', async () => {
    const world = await begun(wish({ policies: [manual(3)] }));
    expect(await replicas(world)).toBe(3);
    const before = world.changes.filter((one) => one.key.pk === keys.services('default')).length;
    await world.control.services.put(wish({ policies: [manual(3)] }));
    expect(world.changes.filter((one) => one.key.pk === keys.services('default'))).toHaveLength(before);
  });

  test('scaling by hand is refused with its cure', async () => {
    const world = await begun(wish({}));
    await expect(world.control.services.scale('default', 'web', 4)).rejects.toThrow(
      'policies of service web move its replicas, from 1 to 6; declare it with another min or max',
    );
  });

  test('counts with its most against the bound of its pool', async () => {
    const world = await begun(wish({ max: 1_000 }));
    for (let n = 0; n < 9; n += 1) await world.control.services.put(wish({ max: 1_000 }, { name: `web-${String(n)}` }));
    await expect(world.control.services.put(wish(null, { name: 'more', replicas: 1 }))).rejects.toThrow(
      '10001 replicas',
    );
  });
});
