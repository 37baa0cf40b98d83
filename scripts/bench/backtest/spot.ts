// What spot keeps of its discount when nodes are interrupted, how much later tasks are done, and how a storm in one
// zone ends: the table of docs/elastic-fleet.md.
//   node scripts/enter.mjs scripts/bench/backtest/spot.ts [TASKS=800] [SEED=1]
// Two hours of tasks of mostly ten minutes (Pareto, six hours at most). The discount that is kept is what is saved
// against on-demand nodes, in parts of what is saved where nothing is interrupted: that is also what somebody would pay
// at least who knows of each interruption beforehand and loses nothing by it.
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { adjusted } from '../../../lib/backtest/traces/adjust.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { generate, generatedDefaults } from '../../../lib/backtest/traces/generate.ts';
import type { Trace } from '../../../lib/backtest/traces/trace.ts';
import { awsBehaviour, withBoot } from '../../../lib/backtest/world/behaviour.ts';
import { calm, catalogWeather, readWeather } from '../../../lib/backtest/world/weather.ts';
import type { Weather } from '../../../lib/backtest/world/weather.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';

const [tasks = 800, seed = 1] = process.argv.slice(2).map(Number);
const [hourMs, minuteMs, stepMs] = [3_600_000, 60_000, 15_000];
const stormMs = hourMs;

/** Demand of a day, of which the two hours around noon are run. */
function traceOf(mode: 'never' | 'checkpoint'): Trace {
  const perDay = { ...generatedDefaults, tasks: 8 * tasks, arrays: 0, medianS: 600, seed };
  const day = readCsv([...generate(perDay)].join('\n'));
  const noon = adjusted(day, { fromMs: 11 * hourMs, toMs: 13 * hourMs });
  return mode === 'never' ? noon : { ...noon, tasks: noon.tasks.map((one) => ({ ...one, disruption: mode })) };
}

const stormLines = [
  'at_s,offering,price,capacity,interrupt',
  `${String(stormMs / 1000)},*/us-east-1a/spot,,0,1`,
  `${String((stormMs + 30 * minuteMs) / 1000)},*/us-east-1a/spot,,-,`,
].join('\n');
const storm = readWeather(stormLines, 'storm');
const weathers: Readonly<Record<string, Weather>> = {
  'nothing interrupted': calm,
  'as the spot advisor says': catalogWeather,
  '5 % of nodes an hour': { ...calm, interruptionsPerHour: 0.05 },
  '20 % of nodes an hour': { ...calm, interruptionsPerHour: 0.2 },
  'a storm in us-east-1a': storm,
};

interface Measured {
  readonly result: VariantResult;
  /** Of the vCPU that tasks had just before the storm, the least part that they had in the ten minutes after it. */
  readonly leastPart: number;
}

async function measured(trace: Trace, capacityType: 'on-demand' | 'spot', weather: Weather): Promise<Measured> {
  const types = capacityType === 'spot' ? ['spot', 'on-demand'] : ['on-demand'];
  const requirements = { arch: ['amd64'], capacityType: types };
  const pool = poolSpecOf('bench', poolBody.parse({ requirements, limits: { instances: 2_000 } }));
  const world = new BacktestWorld({
    ...{ trace, pools: [pool], seed },
    behaviour: { ...withBoot(awsBehaviour, 60), weather },
  });
  let before = 0;
  let leastPart = 1;
  world.kernel.at(stormMs - stepMs, () => (before = world.measures.busyVcpu.level));
  for (let ms = stormMs; ms <= stormMs + 10 * minuteMs; ms += stepMs)
    world.kernel.at(ms, () => (leastPart = Math.min(leastPart, world.measures.busyVcpu.level / before)));
  await world.run();
  return { result: resultOf('bench', seed, trace, [pool], world), leastPart };
}

for (const mode of ['never', 'checkpoint'] as const) {
  const trace = traceOf(mode);
  const { result: plain } = await measured(trace, 'on-demand', calm);
  const dear = instancesUsd(plain.cost);
  const late = plain.completions.p95S;
  console.log(
    `${String(plain.tasks.submitted)} tasks that ${mode === 'never' ? 'begin anew' : 'go on from a checkpoint'}; `
      + `on demand ${dear.toFixed(2)} USD, done at p95 after ${late.toFixed(0)} s`,
  );
  let ideal: number | null = null;
  for (const [name, weather] of Object.entries(weathers)) {
    const { result, leastPart } = await measured(trace, 'spot', weather);
    const usd = instancesUsd(result.cost);
    ideal ??= usd;
    const { completions, tasks: counts, nodes, cost } = result;
    const kept = (100 * (dear - usd)) / (dear - ideal);
    console.log(
      `  ${name.padEnd(26)} ${usd.toFixed(2)} USD, ${kept.toFixed(0)} % of the discount, ${(usd / ideal).toFixed(3)} `
        + `of nothing interrupted; done at p95 ${(completions.p95S / late).toFixed(3)} of on demand; `
        + `${String(nodes.interruptions)} nodes and ${String(counts.interrupted)} attempts interrupted, `
        + `${((100 * cost.restarted) / usd).toFixed(1)} % of the bill done again; ${String(counts.ran)} ran, `
        + `${String(counts.failed)} failed, ${String(counts.unfinished)} unfinished`
        + (weather === storm ? `; ${(100 * leastPart).toFixed(0)} % of what ran before it ran on at least` : ''),
    );
  }
}
