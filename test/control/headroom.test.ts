// The headroom floor through control: alarms move it, nodes are bought for it and not given back, requests come first.
import { describe, expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { AlarmEvent } from '../../lib/core/scaling/alarms.ts';
import { poolSpec, submission, World } from './world.ts';

const alarmed: PoolSpec = {
  ...poolSpec,
  limits: { instances: 4 },
  alarms: [
    { alarmName: 'high', addNodes: 2, cooldownMs: 60_000 },
    { alarmName: 'low', removeNodes: 2, cooldownMs: 0 },
  ],
};

function rings(
  world: World,
  alarmName: string,
  atMs = world.nowMs,
  state: AlarmEvent['state'] = 'ALARM',
): Promise<readonly string[]> {
  return world.control.handleAlarmEvent({
    alarmName,
    state,
    previousState: state === 'ALARM' ? 'OK' : 'ALARM',
    reason: 'Threshold Crossed: 9 messages',
    atMs,
  });
}

const running = (world: World): number =>
  world.cloud.instances().filter((one) => one.state === 'pending' || one.state === 'running').length;

async function open(spec = alarmed): Promise<World> {
  const world = new World();
  await world.control.putPool(spec);
  return world;
}

async function messages(world: World, code: string): Promise<string[]> {
  const page = await world.control.listActivity('default', { limit: 100 });
  return (page?.items ?? []).filter((one) => one.code === code).map((one) => one.message);
}

describe('the floor', () => {
  test('is bought, kept beyond the idle time, shown, and terminated when an alarm lowers it', async () => {
    const world = await open();
    expect(await rings(world, 'high')).toEqual(['default']);
    await world.run(200);
    expect(running(world)).toBe(2);
    expect(await world.control.getPool('default')).toMatchObject({
      headroom: {
        floorNodes: 2,
        lacking: null,
        record: { because: { alarmName: 'high' }, alarms: { high: { state: 'ALARM' } } },
      },
    });
    expect((await world.control.stats('default')).headroomNodes).toBe(2);
    expect(await messages(world, 'headroom_changed')).toEqual([
      'alarm high (+2): the headroom floor goes from 0 to 2 nodes. Threshold Crossed: 9 messages',
    ]);
    expect((await messages(world, 'launch')).join()).toContain(
      'headroom of 2 nodes, held since alarm high (Threshold Crossed: 9 messages)',
    );
    await rings(world, 'low');
    await world.run(60);
    expect(running(world)).toBe(0);
    expect(await world.control.listNodes('default')).toEqual([]);
  });

  test('does not rise twice for one transition, however often and late it is told', async () => {
    const world = await open();
    const atMs = world.nowMs;
    for (let i = 0; i < 3; i += 1) await rings(world, 'high', atMs);
    await rings(world, 'high', atMs - 30_000);
    await world.run(120);
    await rings(world, 'high', atMs);
    await world.run(30);
    expect(running(world)).toBe(2);
    expect(await messages(world, 'headroom_changed')).toHaveLength(1);
  });

  test('an event that another one overtook between its read and its write is judged again', async () => {
    const world = await open();
    const { store } = world.ports;
    const transact = store.transact.bind(store);
    let isRace = true;
    store.transact = async (writes, writeId) => {
      if (isRace) {
        isRace = false;
        // The same event, delivered to another function, wins.
        await rings(world, 'high', 5);
      }
      return transact(writes, writeId);
    };
    await rings(world, 'high', 5);
    expect((await world.control.getPool('default'))?.headroom?.floorNodes).toBe(2);
    expect(await messages(world, 'headroom_changed')).toHaveLength(1);
  });

  test('after its cooldown an alarm that is still in ALARM acts without another event', async () => {
    const world = await open();
    await rings(world, 'high');
    await rings(world, 'high', world.nowMs + 1, 'OK');
    await rings(world, 'high', world.nowMs + 2);
    await world.run(55);
    expect(running(world)).toBe(2);
    await world.run(20);
    expect(running(world)).toBe(4);
    expect((await world.control.getPool('default'))?.headroom?.floorNodes).toBe(4);
  });

  test('a request runs on what is kept, and the floor is filled up behind it', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(10);
    world.ending = () => null;
    const { request } = await world.control.submit(submission());
    await world.run(3);
    expect(await world.control.getRequest('default', request.id)).toMatchObject({ state: 'running' });
    await world.run(10);
    expect(running(world)).toBe(3);
    expect((await world.control.listNodes('default'))?.filter((node) => node.assigned.length === 0)).toHaveLength(2);
  });

  test('requests come before it: a node that takes their room is terminated', async () => {
    const world = await open({ ...alarmed, limits: { instances: 2 } });
    await rings(world, 'high');
    await world.run(10);
    expect(running(world)).toBe(2);
    // Needs a larger node than those that are kept, and the limit leaves no room for one.
    const { request } = await world.control.submit(
      submission({ resources: { cpuMilli: 7_000, memoryMib: 4_096, gpu: 0 } }),
    );
    await world.run(3);
    expect((await world.control.getPool('default'))?.headroom?.lacking).toMatchObject({ code: 'limit_reached' });
    await world.run(60);
    expect(await world.control.getRequest('default', request.id)).toMatchObject({ state: 'succeeded' });
  });

  test('says why it is not reached', async () => {
    const world = await open({ ...alarmed, limits: { instances: 4, vcpu: 2 } });
    await rings(world, 'high');
    await world.run(10);
    expect(running(world)).toBe(1);
    expect((await world.control.getPool('default'))?.headroom).toMatchObject({
      floorNodes: 2,
      lacking: { code: 'limit_reached' },
    });
  });

  test('a node of it that EC2 takes is bought again', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(10);
    const [first] = world.cloud.instances();
    if (first === undefined) throw new Error('nothing runs');
    world.cloud.crashInstance(first.id, 'a test');
    await world.run(30);
    expect(running(world)).toBe(2);
    expect(world.cloud.instances()).toHaveLength(3);
  });

  test('ends with the alarms of the pool, and does not come back with them', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(10);
    await world.control.putPool({ ...poolSpec, limits: { instances: 4 } });
    await world.run(60);
    expect(running(world)).toBe(0);
    await world.control.putPool(alarmed);
    await world.run(10);
    expect(running(world)).toBe(0);
    expect((await world.control.getPool('default'))?.headroom?.floorNodes).toBe(0);
  });

  test('says so when an alarm finds it at its end', async () => {
    const world = await open({ ...alarmed, limits: { instances: 1 } });
    for (const name of ['low', 'high']) await rings(world, name);
    await rings(world, 'low', world.nowMs + 1);
    expect((await messages(world, 'headroom_changed')).reverse()).toEqual([
      'alarm low (-2): the headroom floor stays at 0 nodes (it cannot go below zero). Threshold Crossed: 9 messages',
      'alarm high (+2): the headroom floor goes from 0 to 1 nodes (the limit of instances). '
        + 'Threshold Crossed: 9 messages',
      'alarm low (-2): the headroom floor goes from 1 to 0 nodes (it cannot go below zero). '
        + 'Threshold Crossed: 9 messages',
    ]);
  });

  test('a deleted pool has none', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(10);
    await world.control.deletePool('default');
    await world.run(30);
    expect(running(world)).toBe(0);
  });

  test('while it is kept and nothing happens, nothing is due all the time', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(60);
    let due = 0;
    for (let i = 0; i < 60; i += 1) {
      world.nowMs += 100;
      due += (await world.control.duePools()).length;
      await world.tickDue();
    }
    expect(due).toBeLessThan(5);
  });
});

describe('what AWS is about to take', () => {
  test.each(['interruption-warning', 'scheduled-change'] as const)(
    '%s: its node drains, with the reason in the activity, once',
    async (kind) => {
      const world = await open();
      world.ending = () => null;
      await world.control.submit(submission());
      await world.run(10);
      const [node] = (await world.control.listNodes('default')) ?? [];
      if (node === undefined) throw new Error('nothing runs');
      const reason =
        'AWS Health announces AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED for 2026-12-05T15:10:09.000Z';
      for (let i = 0; i < 2; i += 1)
        await world.control.handleInstanceEvent({
          kind,
          instanceId: node.id,
          pool: 'default',
          atMs: world.nowMs + 120_000,
          ...(kind === 'scheduled-change' ? { reason } : {}),
        });
      expect(await world.control.listNodes('default')).toMatchObject([
        {
          state: 'draining',
          drain: {
            reason: kind === 'scheduled-change' ? reason : 'spot interruption',
            deadlineMs: world.nowMs + 120_000,
          },
        },
      ]);
      expect(await messages(world, 'node_draining')).toEqual([
        `${node.id}: ${kind === 'scheduled-change' ? reason : 'spot interruption'}`,
      ]);
    },
  );

  test('a node that is kept without work is replaced', async () => {
    const world = await open();
    await rings(world, 'high');
    await world.run(10);
    const [node] = (await world.control.listNodes('default')) ?? [];
    if (node === undefined) throw new Error('nothing runs');
    await world.control.handleInstanceEvent({
      kind: 'scheduled-change',
      instanceId: node.id,
      pool: 'default',
      atMs: world.nowMs + 86_400_000,
      reason: 'AWS Health announces it',
    });
    await world.run(30);
    const nodes = (await world.control.listNodes('default')) ?? [];
    expect(nodes).toHaveLength(2);
    expect(nodes.map((one) => one.id)).not.toContain(node.id);
  });
});

describe('declared headroom', () => {
  const headroom = { resources: { cpuMilli: 3_000, memoryMib: 4_096, gpu: 0 }, nodes: 1 };

  test('is bought and held without any alarm, and those of alarms come on top', async () => {
    const { alarms: _alarms, ...quiet } = alarmed;
    const world = await open({ ...quiet, headroom });
    await world.run(200);
    const nodes = (await world.control.listNodes('default')) ?? [];
    expect(nodes).toHaveLength(1);
    expect(nodes[0]?.allocatable.cpuMilli).toBeGreaterThanOrEqual(3_000);
    expect(nodes[0]?.state).toBe('ready');
    expect(await world.control.getPool('default')).toMatchObject({ headroom: { floorNodes: 1, lacking: null } });
    expect((await world.control.stats('default')).headroomNodes).toBe(1);
    const before = world.changes.length;
    await world.tickDue();
    expect(world.changes.length).toBe(before);
    await world.control.putPool({ ...alarmed, headroom });
    await rings(world, 'high');
    await world.run(60);
    expect(running(world)).toBe(3);
    const launches = await messages(world, 'launch');
    expect(launches[0]).toContain('headroom of 3 nodes, 1 of them as declared, held since alarm high');
  });

  test('that nothing which the pool may buy carries is refused', async () => {
    const large = { resources: { cpuMilli: 64_000, memoryMib: 4_096, gpu: 0 }, nodes: 0 };
    await expect(open({ ...alarmed, headroom: large })).rejects.toThrow('carries a task as large');
  });
});
