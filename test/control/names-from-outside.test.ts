// Names that every object of JavaScript has of its own are names like any other.
import { describe, expect, test } from '@jest/globals';
import { presentPool } from '../../lib/api/schemas/pools.ts';
import { readFloor } from '../../lib/control/tick/scaling/headroom-floor.ts';
import { fairShare } from '../../lib/core/allocation/ordering/fair-share.ts';
import type { Demand } from '../../lib/core/allocation/types.ts';
import { poolSpec, submission, World } from './world.ts';

describe.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'web'])('%s', (name) => {
  test('as the label of a spread: three tasks go to two zones', async () => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool(poolSpec);
    await world.control.submit(
      submission({ count: 3, group: name, spread: [{ topology: 'zone', group: name, maxSkew: 1 }] }),
    );
    await world.run(60);
    const zones = new Set(
      (await world.control.listNodes('default'))?.filter((node) => node.assigned.length > 0).map((node) => node.zone),
    );
    expect(zones.size).toBe(2);
  });

  test('as the label of a task that others of it keep away from: each on a node of its own', async () => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool(poolSpec);
    for (let i = 0; i < 3; i += 1)
      await world.control.submit(submission({ group: name, antiAffinity: [{ topology: 'node', group: name }] }));
    await world.run(60);
    expect((await world.control.listNodes('default'))?.map((node) => node.assigned.length)).toEqual([1, 1, 1]);
  });

  test('as the name of an alarm and of a pool: shown before the alarm ever said something, and after', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, name, alarms: [{ alarmName: name, addNodes: 1, cooldownMs: 60_000 }] });
    const before = await world.control.getPool(name);
    expect(before && presentPool(before)).toMatchObject({
      name,
      alarms: [{ alarmName: name }],
      headroom: { floorNodes: 0 },
    });
    expect(before && presentPool(before).alarms?.[0]).not.toHaveProperty('state');
    await world.control.handleAlarmEvent({
      alarmName: name,
      state: 'ALARM',
      previousState: 'OK',
      atMs: world.nowMs,
      reason: 'high',
    });
    const after = await world.control.getPool(name);
    expect(after && presentPool(after)).toMatchObject({
      alarms: [{ state: 'ALARM' }],
      headroom: { floorNodes: 1, alarmName: name },
    });
    expect(after && (await readFloor(world.ports, after, null))?.nodes).toBe(1);
  });

  test('as the name of a tenant whose share is counted', () => {
    const demand = {
      id: 'r',
      tenant: name,
      count: 1,
      resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 },
      priority: 0,
      createdAtMs: 0,
    } as Partial<Demand> as Demand;
    expect(fairShare({ demand: [demand], nowMs: 0, bins: [], tenants: {}, pool: { limits: {} } as never })).toEqual([
      { demand, count: 1 },
    ]);
  });

  test('as the key of a request, and of a tenant', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit({ ...submission({}, name), tenant: name });
    expect(await world.control.submit({ ...submission({}, name), tenant: name })).toMatchObject({ isRepeat: true });
    await world.run(30);
    expect((await world.control.listRequests({ tenant: name, limit: 10 })).items).toMatchObject([
      { id: request.id, state: 'succeeded' },
    ]);
  });
});
