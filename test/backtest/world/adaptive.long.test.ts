// A pool that learns of offerings against one that does not: one of two types is interrupted again and again. Only
// directions; figures are in docs/scaling.md.
import { expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { resultOf } from '../../../lib/backtest/results.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { readWeather } from '../../../lib/backtest/world/weather.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';

/** The cheaper of the two. */
const bad = 'c6g.xlarge';
const every = (from: number, to: number, step: number, row: (at: number) => string): string =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => row(from + n * step)).join('\n');
const hour = 3_600;
/** Two and a half hours: a task of twenty minutes every three minutes. */
const tasks = every(0, 2.5 * hour, 180, (at) => `${String(at)},1200,1,1024,0,1`);
const trace = readCsv(`submit_s,duration_s,vcpu,memory_mib,gpu,count\n${tasks}\n`);
const storms = every(900, 6 * hour, 900, (at) => `${String(at)},${bad}/us-east-1a/spot,,,0.5`);
const weather = readWeather(`at_s,offering,price,capacity,interrupt\n${storms}\n`, 'weather.csv');

async function ran(learningStyle: string): Promise<VariantResult> {
  const requirements = { instanceType: [bad, 'c7g.xlarge'], capacityType: ['spot'], zone: ['us-east-1a'] };
  const pools = [poolSpecOf('pool', poolBody.parse({ learningStyle, requirements }))];
  const world = new BacktestWorld({ trace, pools, behaviour: { ...awsBehaviour, weather }, seed: 1 });
  await world.run();
  return resultOf(learningStyle, 1, trace, pools, world);
}

test('an adaptive pool leaves the type that EC2 takes again and again, and pays less', async () => {
  const [predictive, adaptive] = [await ran('predictive'), await ran('adaptive')];
  expect(predictive.nodes.byType).not.toHaveProperty(['c7g.xlarge spot']);
  expect(adaptive.nodes.byType).toHaveProperty(['c7g.xlarge spot']);
  expect(adaptive.nodes.interruptions).toBeLessThan(predictive.nodes.interruptions / 2);
  expect(adaptive.cost.total).toBeLessThan(predictive.cost.total);
  expect(adaptive.cost.restarted).toBeLessThan(predictive.cost.restarted / 2);
  expect(adaptive.waits.all.p95S).toBeLessThan(1.2 * predictive.waits.all.p95S);
});
