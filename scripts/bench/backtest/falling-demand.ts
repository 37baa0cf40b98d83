// Consolidation after a drop (tasks of 1 vCPU: 60 % end at once, the others long after), the same beside large tasks,
// under steady demand, which must move nothing, and under demand that goes up and down, where no node may go that is
// bought again minutes later.
//   node scripts/enter.mjs scripts/bench/backtest/falling-demand.ts [TASKS=1000] [MODE=checkpoint] [VCPU=32]
//     [ONLY, such as 'consolidation small'] [TRACE]
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import type { Trace } from '../../../lib/backtest/traces/trace.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';
import { Stream } from '../../../lib/simulator/random.ts';

const [tasks = 1_000, , vcpu = 32] = process.argv.slice(2).map(Number);
const mode = process.argv[3] ?? 'checkpoint';
const [hourS, minuteMs] = [3_600, 60_000];
const head = 'submit_s,duration_s,vcpu,memory_mib,gpu,name,disruption';

function fallingLines(): readonly string[] {
  const stream = new Stream(1, 'falling');
  return Array.from({ length: tasks }, () =>
    stream.chance(0.6) ? `0,${String(hourS)},1,2048,0,short,${mode}` : `0,${String(4 * hourS)},1,2048,0,long,${mode}`,
  );
}

function falling(): Trace {
  return readCsv([head, ...fallingLines()].join('\n'));
}

/** The same beside large tasks, for each of which a node is bought: every four minutes, for five hours. */
function busy(): Trace {
  const large = Array.from({ length: (5 * hourS) / 240 }, (_, n) => `${String(240 * n)},600,17,34816,0,large,${mode}`);
  const lines = [...fallingLines(), ...large].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return readCsv([head, ...lines].join('\n'));
}

/** Tasks of 20 minutes to an hour and a half, as many beginning as ending. */
function steady(): Trace {
  const stream = new Stream(1, 'steady');
  const everyS = 3_000 / (tasks / 10);
  const lines = Array.from({ length: Math.floor((8 * hourS) / everyS) }, (_, n) =>
    [(n * everyS).toFixed(1), Math.round(stream.between(1_200, 5_400)), 1, 2048, 0, 'steady', mode].join(','),
  );
  return readCsv([head, ...lines].join('\n'));
}

/** Tasks of 17 vCPU for an hour, and small ones that fill their nodes and stay. */
function mixed(): Trace {
  const large = Array.from({ length: 2 }, () => `0,${String(hourS)},17,34816,0,large,${mode}`);
  const small = Array.from({ length: 12 }, () => `600,${String(4 * hourS)},1,2048,0,small,${mode}`);
  return readCsv([head, ...large, ...small].join('\n'));
}

/** For six hours, ten minutes in which much comes and ten in which little does; one task of ten lasts for long. */
function waves(): Trace {
  const stream = new Stream(1, 'waves');
  const lines: string[] = [];
  for (let atS = 0; atS < 6 * hourS; atS += Math.floor(atS / 600) % 2 === 0 ? 6 : 30) {
    const durationS = stream.chance(0.1) ? stream.between(1_800, 5_400) : stream.between(120, 480);
    lines.push([atS, Math.round(durationS), 1, 2048, 0, 'wave', mode].join(','));
  }
  return readCsv([head, ...lines].join('\n'));
}

interface Said {
  readonly requirements: object;
  readonly disruption: object;
}

async function measure(name: string, trace: Trace, { requirements: said, ...more }: Said): Promise<void> {
  if (onlyTrace !== undefined && !name.includes(`, ${onlyTrace},`)) return;
  const requirements = { arch: ['amd64'], capacityType: ['on-demand'], ...said };
  const body = { ...more, requirements, maxNodeVcpu: vcpu, tasksPerNode: 100, limits: { instances: 500 } };
  const pool = poolSpecOf('bench', poolBody.parse(body));
  const world = new BacktestWorld({ trace, pools: [pool], behaviour: awsBehaviour, seed: 1 });
  const levels: string[] = [];
  for (const minutes of [58, 62, 65, 70, 90, 120, 470])
    world.kernel.at(minutes * minuteMs, () => {
      const { usdPerHour, busyVcpu, nodes, counts } = world.measures;
      const [usd, busy] = [usdPerHour.level, busyVcpu.level];
      levels.push(
        `${String(minutes)} min: ${usd.toFixed(2)} USD/h, ${String(busy)} vCPU busy on ${String(nodes.level)} nodes `
          + `(${((1000 * usd) / Math.max(1, busy)).toFixed(1)} mUSD each), ${String(counts.moved)} moved`,
      );
    });
  const before = process.cpuUsage();
  await world.run();
  const used = process.cpuUsage(before);
  const { cost, boundUsd, waits } = resultOf('bench', 1, trace, [pool], world);
  console.log(
    `${name}: cost ${cost.total.toFixed(2)} USD, ${(instancesUsd(cost) / boundUsd).toFixed(3)} of the bound; `
      + `${String(world.measures.counts.moved)} moves, ${String(world.measures.counts.launched)} nodes, `
      + `wait p95 ${waits.all.p95S.toFixed(1)} s, ${((used.user + used.system) / 1e6).toFixed(0)} s of CPU`,
  );
  for (const line of levels) console.log(`  ${line}`);
}

const kinds = { small: { instanceFamily: ['m7i'] }, large: { instanceType: ['m7i.8xlarge'] } };
const [only, onlyTrace] = process.argv.slice(5);
for (const [name, disruption] of [
  ['without', {}],
  ['consolidation', { consolidation: {} }],
] as const) {
  for (const [kind, requirements] of Object.entries(kinds)) {
    if (only !== undefined && only !== `${name} ${kind}`) continue;
    await measure(`${name}, falling, ${kind}`, falling(), { disruption, requirements });
    await measure(`${name}, steady, ${kind}`, steady(), { disruption, requirements });
    await measure(`${name}, waves, ${kind}`, waves(), { disruption, requirements });
    if (kind !== 'small') continue;
    await measure(`${name}, busy, ${kind}`, busy(), { disruption, requirements });
    await measure(`${name}, mixed, ${kind}`, mixed(), { disruption, requirements });
  }
}
