// The whole path through control alone: a request comes in, a node is bought, the task runs, everything goes back.
import type { RequestRecord } from '../../lib/core/records/request.ts';
import { describe, expect, test } from '@jest/globals';
import { countOf } from '../slice.ts';
import { poolSpec, settings, submission, World } from './world.ts';

describe('the path', () => {
  test('a task is placed on a node bought for it, ends, and the node goes away', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission());
    await world.run(10);
    const ended = await world.control.getRequest('default', request.id);
    expect(ended).toMatchObject({ state: 'succeeded', counts: { succeeded: 1 } });
    expect(ended?.timeline.map((entry) => entry.code)).toEqual(['accepted', 'placed', 'succeeded']);
    expect(world.published.map((event) => event.type)).toEqual(['NodeLaunched', 'TaskEnded']);
    await world.run(45);
    expect(world.cloud.instances().map((one) => one.state)).toEqual(['terminated']);
    expect(await world.control.listNodes('default')).toEqual([]);
    const { items = [] } = (await world.control.listActivity('default', { limit: 50 })) ?? {};
    expect(items.map((one) => one.code).reverse()).toEqual(['launch', 'node_draining', 'node_terminated']);
    const stats = await world.control.stats('default');
    expect(stats).toMatchObject({
      launchedNodes: 1,
      goneNodes: 1,
      usage: { instances: 0 },
      requestsByState: { succeeded: 1, pending: 0 },
    });
    expect(stats.spentUsd).toBeGreaterThan(0);
  });

  test('how far a long start is stands in the timeline as one entry', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission());
    const timeline = async (): Promise<readonly string[]> =>
      ((await world.control.getRequest('default', request.id)) as RequestRecord).timeline.map((entry) => entry.message);
    world.starting = () => 'fetching the image x';
    await world.run(10);
    const first = await timeline();
    expect(first.at(-1)).toBe('fetching the image x');
    world.starting = () => 'fetching the image x: 2 of 3 layers';
    await world.run(5);
    expect(await timeline()).toEqual([...first.slice(0, -1), 'fetching the image x: 2 of 3 layers']);
    world.starting = () => null;
    await world.run(5);
    expect((await timeline()).slice(-2)).toEqual(['fetching the image x: 2 of 3 layers', 'exit code 0']);
  });

  test('output is stored by the node that runs the attempt, and by no other', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission());
    world.ending = () => null;
    await world.run(10);
    const [node] = world.cloud.instances();
    const claims = (nodeId: string, attempt: number): Promise<boolean> =>
      world.control.hasAttempt(nodeId, `${request.id}.0.${String(attempt)}`);
    expect([
      await claims(node?.id ?? '', 1),
      await claims(node?.id ?? '', 2),
      await claims('i-0', 1),
      await world.control.hasAttempt(node?.id ?? '', 'nobody.0.1'),
    ]).toEqual([true, false, false, false]);
  });

  test('when all is done nothing is due and nothing is written', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.control.submit(submission());
    await world.run(120);
    const before = world.changes.length;
    await world.run(300);
    await world.control.sweep();
    expect(world.changes.length).toBe(before);
    expect(await world.control.duePools()).toEqual([]);
  });

  test('an array runs on few nodes, its row counts its tasks, and each task runs once', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission({ count: 60 }));
    const seen: string[] = [];
    world.ending = (attemptId) => {
      seen.push(attemptId);
      return { outcome: 'exited', exitCode: 0 };
    };
    await world.run(30);
    expect(await world.control.getRequest('default', request.id)).toMatchObject({
      state: 'succeeded',
      counts: { pending: 0, running: 0, succeeded: 60 },
    });
    expect(new Set(seen).size).toBe(60);
    expect(seen.length).toBe(60);
  });

  test('a repeated declaration wakes its pool: the first may have stopped right after its write', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.run(5);
    expect(await world.control.duePools()).toEqual([]);
    await world.control.putPool(poolSpec);
    expect(await world.control.duePools()).toEqual(['default']);
  });

  test('equal nodes for different requests are one launch', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, tasksPerNode: 1 });
    await world.control.submitBatch([submission(), submission(), submission()]);
    await world.run(10);
    const { items = [] } = (await world.control.listActivity('default', { limit: 50 })) ?? {};
    expect(items.filter((one) => one.code === 'launch').map((one) => one.message.slice(0, 15))).toEqual([
      '3 of 3 launched',
    ]);
    expect(await world.control.stats('default')).toMatchObject({ launchedNodes: 3, requestsByState: { succeeded: 3 } });
  });

  test('a failed task is retried as often as it may be, then fails with its exit code', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission({ retries: 2 }));
    world.ending = () => ({ outcome: 'exited', exitCode: 7 });
    await world.run(30);
    const failed = await world.control.getRequest('default', request.id);
    expect(failed).toMatchObject({ state: 'failed', reason: 'exit code 7' });
    expect(failed?.tasks[0]).toMatchObject({ attempt: 3, failures: 3, exitCode: 7 });
  });

  test('a node that dies loses its task to another node; the retries are untouched', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const { request } = await world.control.submit(submission());
    world.ending = () => null;
    await world.run(10);
    const [first] = world.cloud.instances();
    world.cloud.crashInstance(first?.id ?? '', 'test');
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    await world.run(40);
    const ended = await world.control.getRequest('default', request.id);
    expect(ended?.state).toBe('succeeded');
    expect(ended?.tasks[0]).toMatchObject({ attempt: 2, losses: 1, failures: 0 });
  });

  test('cancelling stops what runs and ends what waits', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, tasksPerNode: 10 });
    world.ending = () => null;
    const { request } = await world.control.submit(submission({ count: 40 }));
    await world.run(10);
    const { counts } = (await world.control.getRequest('default', request.id)) ?? {};
    expect(counts?.running).toBeGreaterThan(0);
    expect(counts?.running).toBeLessThanOrEqual(10);
    await world.control.cancel('default', request.id);
    await world.run(5);
    expect(await world.control.getRequest('default', request.id)).toMatchObject({
      state: 'cancelled',
      counts: { cancelled: 40, running: 0, pending: 0 },
    });
    expect(world.agents.values().next().value?.claimed.size).toBe(0);
  });

  test('limits keep the rest waiting, and the timeline says why', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, tasksPerNode: 1 });
    world.ending = () => null;
    await world.control.submit(submission());
    world.nowMs += 1;
    const { request } = await world.control.submit(submission());
    await world.run(10);
    const waiting = await world.control.getRequest('default', request.id);
    expect(waiting).toMatchObject({ state: 'pending', reason: 'limit_reached' });
    expect((await world.control.stats('default')).usage.instances).toBe(1);
  });

  test('one key, one request: a repeat gets the same, another body a conflict', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const all = await Promise.all(Array.from({ length: 20 }, () => world.control.submit(submission({}, 'key'))));
    expect(new Set(all.map((one) => one.request.id)).size).toBe(1);
    expect(all.filter((one) => !one.isRepeat).length).toBe(1);
    await expect(world.control.submit(submission({ priority: 5 }, 'key'))).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  });

  test('what no offering could ever carry is refused, with the nearest miss', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await expect(
      world.control.submit(submission({ resources: { cpuMilli: 500_000, memoryMib: 1, gpu: 0 } })),
    ).rejects.toMatchObject({ code: 'unsatisfiable' });
    await expect(world.control.submit({ ...submission(), pool: 'nowhere' })).rejects.toMatchObject({
      code: 'unknown_pool',
    });
  });

  test('a missed deadline expires what waits and what runs', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, tasksPerNode: 1 });
    world.ending = () => null;
    const running = await world.control.submit(submission({ deadlineMs: 15_000 }));
    const waiting = await world.control.submit(submission({ deadlineMs: 15_000 }));
    await world.run(25);
    for (const { request } of [running, waiting]) {
      expect(await world.control.getRequest('default', request.id)).toMatchObject({
        state: 'expired',
        reason: 'deadline_missed',
      });
    }
  });

  test('a spot warning drains the node; the task finishes or moves', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, requirements: { ...poolSpec.requirements, capacityType: ['spot'] } });
    world.ending = () => null;
    const { request } = await world.control.submit(submission());
    await world.run(10);
    const [first] = world.cloud.instances();
    await world.control.handleInstanceEvent({
      kind: 'interruption-warning',
      instanceId: first?.id ?? '',
      pool: 'default',
      atMs: world.nowMs + 120_000,
    });
    world.cloud.interrupt(first?.id ?? '', 10_000);
    await world.run(40);
    expect(await world.control.getRequest('default', request.id)).toMatchObject({
      state: 'running',
      tasks: [{ attempt: 2 }],
    });
    expect(world.cloud.instances().filter((one) => one.state === 'running').length).toBe(1);
  });

  test('an event that an instance changed is looked into at once, however fresh the last listing', async () => {
    const world = new World({
      settings: { decisions: { ...settings.decisions, listingBusyMs: 60_000, listingCalmMs: 60_000 } },
    });
    await world.control.putPool(poolSpec);
    world.ending = () => null;
    const { request } = await world.control.submit(submission());
    await world.run(70);
    const [first] = world.cloud.instances();
    world.cloud.crashInstance(first?.id ?? '', 'the host died');
    for (let second = 0; second < 20; second += 1) {
      for (const event of world.cloud.takeEvents(world.nowMs))
        await world.control.handleInstanceEvent({
          kind: 'state-change',
          instanceId: event.instanceId,
          pool: 'default',
          atMs: world.nowMs,
        });
      await world.run(1);
    }
    expect(await world.control.getRequest('default', request.id)).toMatchObject({
      state: 'running',
      tasks: [{ attempt: 2 }],
    });
  });

  test('an instance that nobody knows is reaped at the second sighting', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.ports.cloud.launchFleet('stray', {
      call: 'fleet',
      capacityType: 'on-demand',
      templateVersion: '1',
      count: 1,
      overrides: [{ instanceType: 'm5.large', zone: 'us-east-1a', priceUsdPerHour: 0.1 }],
      tags: { 'bellows:installation': 'test', 'bellows:pool': 'default', 'bellows:launch': 'stray' },
    });
    expect(await world.control.sweep()).toEqual({ orphansSeen: 1, reaped: 0 });
    world.nowMs += 61_000;
    expect(await world.control.sweep()).toEqual({ orphansSeen: 1, reaped: 1 });
  });
});

test('a large array is worked off in a window: chunks that have ended are not read again', async () => {
  const world = new World();
  const many = countOf({ short: 10_000, long: 10_000, quick: 2_500 });
  await world.control.putPool({ ...poolSpec, tasksPerNode: 200, limits: { instances: 5 } });
  const { request } = await world.control.submit(
    submission({ count: many, resources: { cpuMilli: 20, memoryMib: 16, gpu: 0 } }),
  );
  await world.run(20);
  const under = (await world.control.getRequest('default', request.id)) as RequestRecord | null;
  expect(under?.closed.chunks).toBeGreaterThan(0);
  expect(under?.counts.succeeded).toBeGreaterThanOrEqual((under?.closed.chunks ?? 0) * 25);
  await world.run(60);
  expect(await world.control.getRequest('default', request.id)).toMatchObject({
    state: 'succeeded',
    counts: { succeeded: many, pending: 0, running: 0, failed: 0 },
  });
});
