// Figures for /metrics through control: counters by pool, kept when the pool goes, and nothing written for them later.
import { expect, test } from '@jest/globals';
import { poolsMax } from '../../lib/control/requests/figures/metrics.ts';
import { countLaunch, emptyTotals, launchCodesMax } from '../../lib/control/store/totals.ts';
import { countOf } from '../../lib/core/values/collections/histogram.ts';
import { CloudRefusedError } from '../../lib/ports/cloud.ts';
import { poolSpec, submission, World } from './world.ts';

test('what runs, what ended, launches and money are there by pool', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  await world.control.submit(submission({ count: 3 }));
  await world.run(20);
  const [pool, others] = await world.control.poolMetrics();
  expect(pool).toMatchObject({
    pool: 'default',
    open: { running: 1 },
    openTasks: { pending: 0, running: 3 },
    nodes: { ready: 1 },
    launches: { launched: 1 },
    launchedNodes: 1,
    oldestPendingMs: null,
    assigned: { cpuMilli: 1_500 },
  });
  expect(others).toMatchObject({ pool: null, nodes: {}, launchedNodes: 0 });
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(240);
  const [after] = await world.control.poolMetrics();
  expect(after).toMatchObject({ open: {}, ended: { succeeded: 1 }, nodes: {}, goneNodes: 1, usdPerHour: 0 });
  expect([(after?.spentUsd ?? 0) > 0, (after?.ticks ?? 0) > (pool?.ticks ?? 0)]).toEqual([true, true]);
  const stats = await world.control.stats('default');
  expect([after?.spentUsd, after?.launchedNodes]).toEqual([stats.spentUsd, stats.launchedNodes]);
});

test('a refusal counts by its code once the launch is closed, and waiting shows its age', async () => {
  const world = new World();
  const fault = { code: 'VcpuLimitExceeded', scope: 'quota', message: 'no more vCPU', about: null } as const;
  world.ports.cloud.launchFleet = async () => {
    throw new CloudRefusedError(fault);
  };
  await world.control.putPool(poolSpec);
  await world.control.submit(submission());
  await world.run(5);
  const [pool] = await world.control.poolMetrics();
  expect(pool?.launches).toMatchObject({ VcpuLimitExceeded: expect.any(Number) });
  expect([pool?.launchedNodes, pool?.open, (pool?.oldestPendingMs ?? 0) > 0]).toEqual([0, { pending: 1 }, true]);
});

test('counters of a pool that goes stay, among the others', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.submit(submission());
  await world.run(120);
  const [before] = await world.control.poolMetrics();
  await world.control.deletePool('default');
  await world.run(10);
  world.nowMs += 24 * 3_600_000;
  await world.run(10);
  const all = await world.control.poolMetrics();
  expect(all).toHaveLength(1);
  const { ended, launches, spentUsd } = before ?? {};
  expect(all[0]).toMatchObject({ pool: null, ended, launches, spentUsd });
});

test('pools are label values: the oldest are told apart, and the others summed', async () => {
  const world = new World();
  for (let n = 0; n < poolsMax + 3; n += 1) {
    await world.control.putPool({ ...poolSpec, name: `pool-${String(n)}` });
    world.nowMs += 1_000;
  }
  await world.control.submit({ ...submission(), pool: `pool-${String(poolsMax + 1)}` });
  const all = await world.control.poolMetrics();
  expect(all).toHaveLength(poolsMax + 1);
  expect([all[0]?.pool, all.at(-1)?.pool, all.at(-1)?.open]).toEqual(['pool-0', null, { pending: 1 }]);
});

test('codes of launches are bounded', () => {
  const codes = Array.from({ length: launchCodesMax + 20 }, (_, n) => `code-${String(n)}`);
  const { launches = {} } = codes.reduce((totals, code) => countLaunch(code, 0)(totals), emptyTotals);
  expect([Object.keys(launches).length, launches['other'], countOf(launches)]).toEqual([
    launchCodesMax,
    21,
    codes.length,
  ]);
  expect(countLaunch('code-3', 0)({ ...emptyTotals, launches }).launches).toMatchObject({ 'code-3': 2 });
});
