// Where the simulated cloud hurts, and how it is driven: time, lag, interruptions, limits, bills.
import { describe, expect, test } from '@jest/globals';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import { SimulatedCloud } from '../../../lib/adapters/simulated/cloud/cloud.ts';
import type { LaunchCall } from '../../../lib/adapters/simulated/cloud/market/launching.ts';
import type { CloudOptionsInput } from '../../../lib/adapters/simulated/cloud/options.ts';

const startMs = Date.UTC(2026, 0, 1);

function virtual(options: CloudOptionsInput = {}) {
  const time = { nowMs: startMs };
  const clock = { nowMs: () => time.nowMs, sleep: async (ms: number) => void (time.nowMs += ms) };
  const cloud = new SimulatedCloud({
    clock,
    options: { launchMs: 2000, shutdownMs: 1000, describeLagMs: 0, throttles: {}, ...options },
  });
  return { time, clock, cloud };
}

function call(over: Partial<LaunchCall> = {}): LaunchCall {
  return {
    token: null,
    tokenScope: 'fleet',
    parameters: '{}',
    capacityType: 'on-demand',
    strategy: 'lowest-price',
    overrides: [{ instanceType: 'c7g.large', zone: 'us-east-1a' }],
    count: 1,
    minCount: 0,
    tags: { owner: 'test' },
    ...over,
  };
}

describe('states', () => {
  test('go pending, running, shutting-down, terminated, each at its time, and are forgotten after an hour', () => {
    const { time, cloud } = virtual();
    const [id = ''] = cloud.launch(call()).instanceIds;
    const stateAt = (ms: number) => {
      time.nowMs = startMs + ms;
      return cloud.describe({ owner: 'test' })[0]?.shown.state;
    };
    expect(stateAt(0)).toBe('pending');
    expect(cloud.nextChangeAtMs()).toBe(startMs + 2000);
    expect(stateAt(1999)).toBe('pending');
    expect(stateAt(2000)).toBe('running');
    expect(cloud.nextChangeAtMs()).toBeNull();
    cloud.terminate([id]);
    expect(stateAt(2001)).toBe('shutting-down');
    expect(stateAt(3000)).toBe('terminated');
    expect(stateAt(3000 + 3_599_999)).toBe('terminated');
    expect(stateAt(3000 + 3_600_000)).toBeUndefined();
    expect(cloud.instance(id)).toBeNull();
  });

  test('a list that is asked for again has what has come and gone since, and in its order', () => {
    const { time, cloud } = virtual();
    const ids = (): readonly string[] => cloud.describe({ owner: 'test' }).map((one) => one.instance.id);
    const [first = ''] = cloud.launch(call()).instanceIds;
    expect([ids(), ids()]).toEqual([[first], [first]]);
    const [second = ''] = cloud.launch(call()).instanceIds;
    cloud.launch(call({ tags: { owner: 'another' } }));
    expect(ids()).toEqual([first, second]);
    time.nowMs += 3_000;
    cloud.terminate([first]);
    time.nowMs += 4_000_000;
    expect(ids()).toEqual([second]);
  });

  test('events carry the time of the change, not the time of asking', () => {
    const { time, cloud } = virtual();
    const [id = ''] = cloud.launch(call()).instanceIds;
    time.nowMs += 60_000;
    expect(cloud.takeEvents(time.nowMs)).toMatchObject([
      { kind: 'state-change', instanceId: id, state: 'pending', atMs: startMs },
      { kind: 'state-change', instanceId: id, state: 'running', atMs: startMs + 2000 },
    ]);
    expect(cloud.takeEvents(time.nowMs)).toEqual([]);
  });

  test('describe lags behind appearances and changes; terminate does not know what describe does not show', () => {
    const { time, cloud } = virtual({ describeLagMs: 5000 });
    const [id = ''] = cloud.launch(call()).instanceIds;
    expect(cloud.describe({})).toEqual([]);
    expect(cloud.instances()).toMatchObject([{ id, isVisible: false }]);
    expect(() => cloud.terminate([id])).toThrow(`The instance ID '${id}' does not exist`);
    time.nowMs += 5000;
    expect(cloud.describe({})[0]?.shown.state).toBe('pending');
    expect(cloud.instance(id)?.state).toBe('running');
    time.nowMs += 2000;
    expect(cloud.describe({})[0]?.shown.state).toBe('running');
  });

  test('a launch may fail on its way, and an instance may run without ever coming up', () => {
    const failing = virtual({ failedLaunchProbability: 1 });
    failing.cloud.launch(call());
    failing.time.nowMs += 2000;
    expect(failing.cloud.describe({})[0]?.shown).toMatchObject({
      state: 'shutting-down',
      reason: { code: 'Server.InternalError' },
    });
    const dead = virtual({ neverBootsProbability: 1 });
    dead.cloud.launch(call());
    dead.time.nowMs += 2000;
    expect(dead.cloud.instances()).toMatchObject([{ state: 'running', boots: false }]);
  });

  test('what an ended instance would have done later is no reason to wake anybody', () => {
    const { time, cloud } = virtual({ spotInterruptionsPerHour: 0.001, terminatedVisibleMs: 0 });
    const [id = ''] = cloud.launch(call({ capacityType: 'spot' })).instanceIds;
    time.nowMs += 5000;
    cloud.describe({});
    expect(cloud.nextChangeAtMs()).toBeGreaterThan(time.nowMs);
    cloud.terminate([id]);
    time.nowMs += 5000;
    expect(cloud.instances()).toEqual([]);
    expect(cloud.nextChangeAtMs()).toBeNull();
  });

  test('a crash ends an instance at once, and only once', () => {
    const { time, cloud } = virtual();
    const [id = ''] = cloud.launch(call()).instanceIds;
    time.nowMs += 5000;
    cloud.crashInstance(id, 'the agent was killed');
    cloud.crashInstance(id, 'again');
    expect(cloud.describe({})[0]?.shown).toMatchObject({
      state: 'shutting-down',
      reason: { message: 'Server.InternalError: the agent was killed' },
    });
  });
});

describe('spot', () => {
  test('an interruption gives notice, then takes the instance', () => {
    const { time, cloud } = virtual({ rebalanceProbability: 1 });
    const [id = ''] = cloud.launch(call({ capacityType: 'spot' })).instanceIds;
    time.nowMs += 10_000;
    cloud.takeEvents(time.nowMs);
    cloud.interrupt(id, 40_000);
    cloud.interrupt(id, 1);
    const reclaimAtMs = time.nowMs + 40_000;
    expect(cloud.instance(id)?.reclaimAtMs).toBe(reclaimAtMs);
    expect(cloud.takeEvents(time.nowMs)).toMatchObject([
      { kind: 'rebalance-recommendation', instanceId: id },
      { kind: 'interruption-warning', instanceId: id, action: 'terminate', reclaimAtMs },
    ]);
    time.nowMs = reclaimAtMs - 1;
    expect(cloud.instance(id)?.state).toBe('running');
    time.nowMs = reclaimAtMs;
    expect(cloud.describe({})[0]?.shown).toMatchObject({
      state: 'shutting-down',
      reason: { code: 'Server.SpotInstanceTermination' },
    });
  });

  test('random interruptions come at about the rate asked for, and never to on-demand', () => {
    const { time, cloud } = virtual({ spotInterruptionsPerHour: 1 });
    cloud.launch(call({ capacityType: 'spot', count: 400 }));
    cloud.launch(call({ count: 100 }));
    time.nowMs += 3_600_000;
    const noticed = cloud.takeEvents(time.nowMs).filter((event) => event.kind === 'interruption-warning').length;
    // 1 - 1/e of 400 is 253; six standard deviations of the binomial are 58.
    expect(noticed).toBeGreaterThan(195);
    expect(noticed).toBeLessThan(311);
    expect(
      cloud.instances().filter((instance) => instance.capacityType === 'on-demand' && instance.state === 'running'),
    ).toHaveLength(100);
  });

  test('on-demand instances cannot be interrupted', () => {
    const { cloud } = virtual();
    const [id = ''] = cloud.launch(call()).instanceIds;
    expect(() => cloud.interrupt(id, 0)).toThrow('only spot instances are interrupted');
  });
});

describe('capacity', () => {
  const spread = [
    { instanceType: 'c7g.large', zone: 'us-east-1a' },
    { instanceType: 'c7g.xlarge', zone: 'us-east-1b' },
  ];

  test('depletes with launches, comes back with terminations and with time', () => {
    const { time, cloud } = virtual();
    cloud.setCapacity('c7g.large/us-east-1a/*', 3, 1);
    const first = cloud.launch(call({ count: 5 }));
    expect(first.instanceIds).toHaveLength(3);
    expect(first.faults).toMatchObject([{ code: 'InsufficientInstanceCapacity' }]);
    expect(cloud.launch(call()).instanceIds).toEqual([]);
    cloud.terminate(first.instanceIds.slice(0, 1));
    expect(cloud.launch(call({ count: 2 })).instanceIds).toHaveLength(1);
    time.nowMs += 120_000;
    expect(cloud.launch(call({ count: 5 })).instanceIds).toHaveLength(2);
  });

  test('the fleet takes the rest from the next override', () => {
    const { cloud } = virtual();
    cloud.setCapacity('c7g.large/*', 2);
    expect(cloud.launch(call({ count: 5, overrides: spread })).instances.map((one) => one.instanceType)).toEqual([
      'c7g.large',
      'c7g.large',
      'c7g.xlarge',
      'c7g.xlarge',
      'c7g.xlarge',
    ]);
  });

  test('strategies choose by price, by priority, by depth, or spread evenly', () => {
    const { cloud } = virtual();
    cloud.setCapacity('c7g.large/*', 100);
    cloud.setCapacity('c7g.xlarge/*', 1000);
    const chosen = (strategy: LaunchCall['strategy'], count = 1) =>
      cloud.launch(call({ strategy, count, overrides: spread.toReversed() })).instances.map((one) => one.instanceType);
    expect(chosen('lowest-price')).toEqual(['c7g.large']);
    expect(chosen('prioritized')).toEqual(['c7g.xlarge']);
    expect(chosen('capacity-optimized')).toEqual(['c7g.xlarge']);
    expect(chosen('price-capacity-optimized')).toEqual(['c7g.xlarge']);
    expect(chosen('diversified', 4).sort()).toEqual(['c7g.large', 'c7g.large', 'c7g.xlarge', 'c7g.xlarge']);
  });

  test('a minimum that cannot be met launches nothing, takes nothing, and fails alike when repeated', () => {
    const { cloud } = virtual();
    cloud.setCapacity('*', 3);
    const wanted = call({ token: 't', count: 5, minCount: 5, failsBelowMinimum: true });
    expect(() => cloud.launch(wanted)).toThrow('do not have sufficient c7g.large capacity');
    cloud.setCapacity('*', null);
    expect(() => cloud.launch(wanted)).toThrow('do not have sufficient c7g.large capacity');
    expect(cloud.instances()).toEqual([]);
    cloud.setCapacity('*', 3);
    expect(cloud.launch(call({ count: 3, minCount: 3 })).instanceIds).toHaveLength(3);
  });

  test('vCPU limits count what runs, per class and capacity type', () => {
    const { cloud } = virtual({ vcpuLimits: { 'on-demand': { standard: 4 }, spot: { standard: 2 } } });
    const first = cloud.launch(call({ count: 3 }));
    expect(first.instanceIds).toHaveLength(2);
    expect(first.faults).toMatchObject([
      { code: 'VcpuLimitExceeded', scope: 'quota', about: { instanceType: 'c7g.large', zone: 'us-east-1a' } },
    ]);
    expect(cloud.launch(call({ capacityType: 'spot', count: 2 })).faults).toMatchObject([
      { code: 'MaxSpotInstanceCountExceeded' },
    ]);
    expect(
      cloud.launch(call({ overrides: [{ instanceType: 'g5.xlarge', zone: 'us-east-1a' }] })).instanceIds,
    ).toHaveLength(1);
    cloud.terminate(first.instanceIds);
    expect(cloud.launch(call()).instanceIds).toHaveLength(1);
  });
});

describe('throttling and bills', () => {
  test('a bucket empties by calls and fills with time; resources count apart', () => {
    const { time, cloud } = virtual({
      throttles: {
        TerminateInstances: {
          requests: { capacity: 2, refillPerSecond: 1 },
          resources: { capacity: 10, refillPerSecond: 5 },
        },
      },
    });
    cloud.admit('TerminateInstances', 4);
    expect(() => cloud.admit('TerminateInstances', 7)).toThrow('Request limit exceeded');
    cloud.admit('TerminateInstances', 6);
    expect(() => cloud.admit('TerminateInstances', 1)).toThrow('Request limit exceeded');
    time.nowMs += 1000;
    cloud.admit('TerminateInstances', 5);
    cloud.admit('DescribeInstances', 0);
  });

  test('running seconds are billed, a minute at least, and a forgotten instance stays on the bill', () => {
    const { time, cloud } = virtual();
    const price = instanceType('c7g.large')?.onDemandUsdPerHour ?? Number.NaN;
    const [id = ''] = cloud.launch(call()).instanceIds;
    expect(cloud.billing()).toEqual({ spentUsd: 0, launched: 1, usdPerHour: 0 });
    time.nowMs = startMs + 2000 + 1_800_000;
    expect(cloud.billing()).toMatchObject({ spentUsd: price / 2, usdPerHour: price });
    cloud.terminate([id]);
    time.nowMs += 3 * 3_600_000;
    expect(cloud.instances()).toEqual([]);
    expect(cloud.billing()).toEqual({ spentUsd: price / 2, launched: 1, usdPerHour: 0 });
    const [short = ''] = cloud.launch(call()).instanceIds;
    time.nowMs += 3000;
    cloud.terminate([short]);
    expect(cloud.billing().spentUsd).toBeCloseTo(price / 2 + price / 60, 10);
  });
});

test('one seed, one history: the same calls at the same times give the same ids, times and choices', () => {
  const run = () => {
    const { time, cloud } = virtual({
      seed: 's',
      launchMs: { medianMs: 20_000, sigma: 0.6, maxMs: 120_000 },
      describeLagMs: { minMs: 0, maxMs: 3000 },
      spotInterruptionsPerHour: 5,
      failedLaunchProbability: 0.2,
    });
    for (let step = 0; step < 50; step++) {
      cloud.launch(call({ capacityType: step % 2 ? 'spot' : 'on-demand', count: 3 }));
      time.nowMs += 60_000;
    }
    return JSON.stringify([cloud.instances(), cloud.takeEvents(time.nowMs), cloud.billing()]);
  };
  expect(run()).toBe(run());
});
