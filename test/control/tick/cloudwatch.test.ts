// Policies by metrics of CloudWatch through control: services and pools follow them, each is read once for each of its
// periods, what is missing or refused moves nothing in and is shown, and what does not change is not written.
import { describe, expect, test } from '@jest/globals';
import type { CloudWatchMetric, PoolSpec } from '../../../lib/core/records/pool.ts';
import { atOnce } from '../../../lib/core/scaling/policies/rates.ts';
import type { ServicePolicy } from '../../../lib/core/services/policies.ts';
import type { ServiceWish } from '../../../lib/control/services/use-cases.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { MetricsUnreadError } from '../../../lib/ports/metrics/cloudwatch.ts';
import { createControl } from '../../../lib/control/index.ts';
import { poolSpec, settings, taskSpec, World } from '../world.ts';

const visible: CloudWatchMetric = {
  namespace: 'AWS/SQS',
  metricName: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: 'orders' },
  statistic: 'Average',
  periodMs: 60_000,
};
const queue: ServicePolicy = {
  ...{ kind: 'target', name: 'queue', target: 100 },
  metric: { kind: 'cloudwatch', cloudWatch: visible, of: 'total' },
};

function wish(policies: readonly ServicePolicy[], name = 'web'): ServiceWish {
  return {
    ...{ tenant: 'default', name, pool: null, replicas: null, drainMs: 0, template: taskSpec },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
      ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
    },
    scaling: { min: 1, max: 6, policies, behaviour: atOnce },
  };
}

async function begun(policies: readonly ServicePolicy[] = [queue]): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await world.control.services.put(wish(policies));
  return world;
}

/** Minute by minute, with a value for each, or none. */
async function minutes(world: World, count: number, value: number | null, metric = visible): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    if (value !== null) world.metrics.put(metric, value, world.nowMs);
    await world.run(60);
  }
}

const replicas = async (world: World) => (await world.control.services.get('default', 'web'))?.record.replicas;
const why = (world: World) => world.control.services.why('default', 'web');

function refuse(world: World, message: string): void {
  const read = async () => Promise.reject(new MetricsUnreadError(message));
  Object.assign(world.metrics, { read });
}

describe('a service', () => {
  test('follows the metric, and says as of when', async () => {
    const world = await begun();
    await minutes(world, 4, 430);
    expect(await replicas(world)).toBe(5);
    expect(await why(world)).toMatchObject({
      wishes: [{ wanted: 5, reason: expect.stringMatching(/total 430, target 100 each, 5 now, CloudWatch until 20/) }],
    });
    await minutes(world, 4, 120);
    expect(await replicas(world)).toBe(2);
  });

  test('the average of each: n x metric / target', async () => {
    const world = await begun([{ ...queue, metric: { kind: 'cloudwatch', cloudWatch: visible, of: 'average' } }]);
    await minutes(world, 3, 300);
    expect(await replicas(world)).toBeGreaterThanOrEqual(3);
  });

  test('missing data moves nothing in', async () => {
    const world = await begun();
    await minutes(world, 4, 430);
    await minutes(world, 30, null);
    expect(await replicas(world)).toBe(5);
    expect(await why(world)).toMatchObject({
      reason: expect.stringContaining('has no data: none came in the last 3 periods of 60 s'),
      wishes: [{ wanted: null }],
    });
  });

  test('late data counts when it comes, as long as it is of the last three periods', async () => {
    const world = await begun();
    world.metrics.put(visible, 430, world.nowMs, 150_000);
    await world.run(140);
    expect(await replicas(world)).toBe(1);
    await world.run(60);
    expect(await replicas(world)).toBe(5);
  });

  test('one call for each period and no more, however often it ticks; nothing in peace is written', async () => {
    const world = await begun();
    await minutes(world, 10, 95);
    const written = () => world.changes.filter((one) => !/^(LOCK|FENCE|WAKE|NODES)/.test(one.key.pk)).length;
    const [calls, before] = [world.metrics.calls.length, written()];
    for (let n = 0; n < 20; n += 1) {
      world.metrics.put(visible, 95, world.nowMs);
      for (let tick = 0; tick < 4; tick += 1) {
        await world.control.runTick('default');
        await world.run(15);
      }
    }
    expect(world.metrics.calls.length - calls).toBe(20);
    expect(written()).toBe(before);
    const spans = world.metrics.calls.map((one) => one.toMs);
    expect(new Set(spans).size).toBe(spans.length);
  });

  test('another process goes on with what was read', async () => {
    const world = await begun();
    await minutes(world, 4, 430);
    const calls = world.metrics.calls.length;
    const other = createControl(world.ports, settings);
    await other.runTick('default');
    expect(world.metrics.calls.length).toBe(calls);
    expect(await replicas(world)).toBe(5);
  });

  test('a call that is refused is not sent again before the next minute, and is shown with its cure', async () => {
    const world = await begun();
    await minutes(world, 4, 430);
    let calls = 0;
    Object.assign(world.metrics, {
      read: async () => {
        calls += 1;
        throw new MetricsUnreadError('CloudWatch refused GetMetricData (AccessDenied, HTTP 403); allow it');
      },
    });
    await minutes(world, 10, 0);
    expect(await replicas(world)).toBe(5);
    expect(calls).toBeLessThanOrEqual(11);
    expect(await why(world)).toMatchObject({ reason: expect.stringContaining('(AccessDenied, HTTP 403); allow it') });
  });

  test('where there is no CloudWatch it has no data', async () => {
    const world = await begun();
    Object.assign(world.ports, { cloudWatch: undefined });
    await world.run(120);
    expect(await why(world)).toMatchObject({ reason: expect.stringContaining('report the metric instead') });
  });

  test('a defect is no answer of CloudWatch', async () => {
    const world = await begun();
    Object.assign(world.metrics, { read: async () => Promise.reject(new TypeError('defect')) });
    await expect(world.run(60)).rejects.toThrow('defect');
  });
});

describe('one call for a pool', () => {
  test('a metric that CloudWatch finds invalid keeps no other from being read', async () => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool(poolSpec);
    const read = world.metrics.read.bind(world.metrics);
    let calls = 0;
    Object.assign(world.metrics, {
      read: async (metrics: readonly CloudWatchMetric[], fromMs: number, toMs: number) => {
        calls += 1;
        if (metrics.some((one) => one.namespace === ':wrong'))
          throw new MetricsUnreadError('a metric is not as CloudWatch wants it', { isInvalid: true });
        return read(metrics, fromMs, toMs);
      },
    });
    for (let n = 0; n < 9; n += 1) {
      const cloudWatch = { ...visible, namespace: n % 4 === 0 ? ':wrong' : 'right', dimensions: { n: String(n) } };
      const policy: ServicePolicy = { ...queue, metric: { kind: 'cloudwatch', cloudWatch, of: 'total' } };
      await world.control.services.put({ ...wish([policy], `s${String(n)}`), tenant: 'else' });
    }
    await world.control.services.put(wish([queue]));
    await minutes(world, 4, 430);
    expect(await replicas(world)).toBe(5);
    expect(await world.control.services.why('else', 's4')).toMatchObject({
      reason: expect.stringContaining('a metric is not as CloudWatch wants it'),
    });
    const before = calls;
    await minutes(world, 10, 430);
    expect(calls - before).toBe(40);
  });

  test('of all metrics with one period, each once; others have calls of their own', async () => {
    const world = new World();
    world.ending = () => null;
    const other = { ...visible, dimensions: { QueueName: 'mails' } };
    const slow = { ...visible, periodMs: 300_000 };
    const policies: PoolSpec['policies'] = [
      { kind: 'target', name: 'mails', cloudWatch: other, target: 10 },
      { kind: 'target', name: 'slow', cloudWatch: slow, target: 10 },
    ];
    await world.control.putPool({ ...poolSpec, policies });
    for (const name of ['a', 'b']) await world.control.services.put(wish([queue], name));
    await world.run(1);
    expect(world.metrics.calls.map((one) => one.metrics)).toEqual([2, 1]);
    await world.run(62);
    expect(world.metrics.calls.map((one) => one.metrics)).toContain(2);
  });

  test('more than 500 are not read, and those that are not say so', async () => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool(poolSpec);
    const many = (from: number): readonly ServicePolicy[] =>
      Array.from({ length: 8 }, (_, n) => ({
        ...queue,
        name: `q${String(n)}`,
        metric: {
          kind: 'cloudwatch',
          cloudWatch: { ...visible, dimensions: { QueueName: String(from + n) } },
          of: 'total',
        },
      }));
    for (let n = 0; n < 63; n += 1) await world.control.services.put(wish(many(8 * n), `s${String(n)}`));
    await world.control.runTick('default');
    expect(world.metrics.calls.map((one) => one.metrics)).toEqual([500]);
    const item = await world.ports.store.get<{ readings: object }>(keys.cloudWatch('default'));
    expect(Object.keys(item?.data.readings ?? {})).toHaveLength(500);
    const reasons = await Promise.all(
      Array.from(
        { length: 63 },
        async (_, n) => (await world.control.services.why('default', `s${String(n)}`))?.wishes,
      ),
    );
    const leftOut = reasons
      .flat()
      .filter((one) => one?.reason.includes('name 504 metrics, and 500 of a pool are read'));
    expect(leftOut).toHaveLength(4);
  });
});

describe('a pool', () => {
  test('keeps a node for each so many, and says why', async () => {
    const world = new World();
    const policies: PoolSpec['policies'] = [{ kind: 'target', name: 'queue', cloudWatch: visible, target: 100 }];
    await world.control.putPool({ ...poolSpec, policies });
    await minutes(world, 4, 230);
    expect(await world.control.explainPool('default')).toMatchObject({
      headroomNodes: 3,
      wanted: 3,
      wishes: [{ policy: 'target queue', wanted: 3, reason: expect.stringContaining('total 230, target 100 each') }],
    });
    expect(world.cloud.instances().filter((one) => one.state === 'running')).toHaveLength(3);
    refuse(world, 'CloudWatch refused it; do this');
    await minutes(world, 20, null);
    expect(await world.control.explainPool('default')).toMatchObject({
      headroomNodes: 3,
      reason: expect.stringContaining('do this'),
    });
  });

  test('that nobody asks of has no record, and a deleted one leaves none', async () => {
    const world = new World();
    const policies: PoolSpec['policies'] = [{ kind: 'target', name: 'queue', cloudWatch: visible, target: 100 }];
    await world.control.putPool(poolSpec);
    await minutes(world, 2, 0);
    expect(world.metrics.calls).toEqual([]);
    await world.control.putPool({ ...poolSpec, policies });
    await minutes(world, 3, 0);
    expect(await world.ports.store.get(keys.cloudWatch('default'))).not.toBeNull();
    await world.control.deletePool('default');
    world.nowMs += 24 * 3_600_000;
    await world.run(120);
    expect(await world.ports.store.get(keys.cloudWatch('default'))).toBeNull();
  });
});
