// What a back-test costs in CPU: a generated day on one pool, as many tasks as wanted.
//   node scripts/enter.mjs scripts/bench/backtest/day.ts [TASKS=3000] [SEED=1]
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { generate, generatedDefaults } from '../../../lib/backtest/traces/generate.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';

const [tasks = 3_000, seed = 1] = process.argv.slice(2).map(Number);
const trace = readCsv([...generate({ ...generatedDefaults, tasks, seed })].join('\n'));
const pool = poolSpecOf(
  'bench',
  poolBody.parse({ requirements: { arch: ['amd64'], capacityType: ['on-demand'] }, limits: { instances: 500 } }),
);
const before = process.cpuUsage();
const world = new BacktestWorld({ trace, pools: [pool], behaviour: awsBehaviour, seed });
await world.run();
const { cost, boundUsd, nodes, control, waits } = resultOf('bench', seed, trace, [pool], world);
const used = process.cpuUsage(before);
const cpuS = (used.user + used.system) / 1e6;
console.log(
  `${String(tasks)} tasks, at most ${String(nodes.most)} nodes: ${cpuS.toFixed(1)} s of CPU, `
    + `${(tasks / cpuS).toFixed(0)} tasks and ${(world.kernel.nowMs / 1000 / cpuS).toFixed(0)} simulated seconds `
    + `for each, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
);
console.log(
  `${String(control.ticks)} ticks, ${String(control.syncs)} syncs made; `
    + `cost ${(instancesUsd(cost) / boundUsd).toFixed(2)} of the bound, wait p95 ${waits.all.p95S.toFixed(1)} s`,
);
