// A pool's shadow on a trace says of a policy what a back-test of that policy says: which way cost and waits go.
import { expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { shadowsOf } from '../../../lib/backtest/program/text.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';

/** An hour and a half: three tasks every ten minutes, of one to six minutes. */
const tasks = Array.from({ length: 27 }, (_, n) => [600 * Math.floor(n / 3) + n, 60 * (1 + (n % 6)), 1, 512, 0, 1]);
const trace = readCsv(`submit_s,duration_s,vcpu,memory_mib,gpu,count\n${tasks.join('\n')}\n`);
const requirements = { instanceType: ['m5.large'], capacityType: ['on-demand'] };

async function backtest(policy: object) {
  const pools = [poolSpecOf('pool', poolBody.parse({ requirements, ...policy }))];
  const world = new BacktestWorld({ trace, pools, behaviour: awsBehaviour, seed: 1 });
  await world.run();
  const { cost, waits } = resultOf('v', 1, trace, pools, world);
  return { usd: instancesUsd(cost), waitS: waits.all.meanS, shadows: await world.shadows() };
}

test('a shadow that keeps idle nodes costs more and waits less, as a variant of its own does', async () => {
  const policy = { idleAfterSeconds: 600 };
  const [shadowed, variant] = [await backtest({ shadow: policy }), await backtest(policy)];
  const [{ figures } = { figures: undefined }] = shadowed.shadows;
  expect(variant.shadows).toEqual([]);
  expect(variant.usd).toBeGreaterThan(1.3 * shadowed.usd);
  expect(variant.waitS).toBeLessThan(shadowed.waitS / 2);
  const [ownUsd, usd] = [figures?.live.usd ?? NaN, figures?.shadow.usd ?? NaN];
  expect(ownUsd / shadowed.usd).toBeCloseTo(1, 1);
  expect(Math.abs(usd / ownUsd / (variant.usd / shadowed.usd) - 1)).toBeLessThan(0.15);
  expect(figures?.shadow.waits?.meanMs).toBeLessThan((figures?.live.waits?.meanMs ?? NaN) / 2);
  expect(shadowsOf(shadowed)).toEqual([
    expect.stringMatching(
      /^the shadow of pool pool would have cost \S+ USD with a mean wait of \S+ s for a node, where/,
    ),
  ]);
});
