// Regret through control: from tasks that ran on real documents to sums by day, in the write that forgets the node.
import { expect, test } from '@jest/globals';
import { noRegretByDay, paidUsd } from '../../lib/core/costs/regret/sums.ts';
import { poolSpec, submission, World } from './world.ts';

test('nodes that ended are priced again once, and nothing is written for it before or after', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  expect(await world.control.regret('default')).toEqual([{ pool: 'default', regret: noRegretByDay }]);
  for (const count of [1, 1, 30]) await world.control.submit(submission({ count }));
  await world.run(240);
  const stats = await world.control.stats('default');
  expect([stats.goneNodes > 0, stats.nodesByState]).toEqual([true, {}]);
  const [{ regret } = { regret: noRegretByDay }] = (await world.control.regret(null)) ?? [];
  const [[, sum] = ['', noRegretByDay.before]] = Object.entries(regret.byDay);
  expect(sum).toMatchObject({ nodes: stats.goneNodes, notPriced: 0 });
  expect(Object.keys(sum.microUsd)).toEqual(expect.arrayContaining(['boot', 'idleTail', 'needed']));
  // Documents are there a little longer than EC2 bills the instances; 60 seconds at least are in `billing`.
  const ranUsd = paidUsd(sum) - (sum.microUsd.billing ?? 0) / 1e6;
  expect(ranUsd).toBeGreaterThan(stats.spentUsd / 2);
  expect(ranUsd).toBeLessThanOrEqual(stats.spentUsd * 1.01);
  const before = world.changes.length;
  await world.run(20);
  expect(world.changes.slice(before).filter(({ key }) => key.sk === 'TOTALS')).toEqual([]);
  expect(await world.control.regret('nowhere')).toBeNull();
});

test('the regret of a pool that goes stays, among the pools that are gone', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.submit(submission());
  await world.run(120);
  const [{ regret } = { regret: noRegretByDay }] = (await world.control.regret('default')) ?? [];
  expect(Object.keys(regret.byDay)).toHaveLength(1);
  await world.control.deletePool('default');
  await world.run(10);
  world.nowMs += 24 * 3_600_000;
  await world.run(10);
  expect(await world.control.regret(null)).toEqual([{ pool: null, regret }]);
});
