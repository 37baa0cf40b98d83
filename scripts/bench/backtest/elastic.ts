// Cost over time against the clairvoyant bound, of the defaults beside the policy of the cost of now with 60 s idle, on
// the same trace in the same run: the table of docs/elastic-fleet.md.
//   node scripts/enter.mjs scripts/bench/backtest/elastic.ts [TRACE...] [--from S] [--to S] [--moves] [--idle S]
//     [--cut] [--baselines] [--oracle] [--spot] [--seed N] [--only NAME]
// A TRACE is a file that a back-test reads, a pod list of openb (of its pods those without a GPU, with their times), or
// `drop`: 1,000 tasks of 30 shapes at once, of which 60 % end after an hour, the others after six. `--moves`: its tasks
// save every minute and bear moves, in a pool that consolidates. `--cut`: what runs half a minute after the last
// submission ends then, so that no tail of long tasks is measured. `--spot`: spot nodes in the catalog's weather.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { baselineNames, runBaseline } from '../../../lib/backtest/baselines/index.ts';
import { oracleOf } from '../../../lib/backtest/oracle/index.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { adjusted } from '../../../lib/backtest/traces/adjust.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { readTrace } from '../../../lib/backtest/traces/read.ts';
import type { Trace } from '../../../lib/backtest/traces/trace.ts';
import { awsBehaviour, withBoot } from '../../../lib/backtest/world/behaviour.ts';
import { weatherOf } from '../../../lib/backtest/world/weather.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { Stream } from '../../../lib/simulator/random.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    moves: { type: 'boolean', default: false },
    cut: { type: 'boolean', default: false },
    idle: { type: 'string' },
    baselines: { type: 'boolean', default: false },
    oracle: { type: 'boolean', default: false },
    spot: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const head = 'submit_s,duration_s,vcpu,memory_mib,gpu';
const weather = values.spot ? { weather: weatherOf('catalog', 0) } : {};
const behaviour = { ...withBoot(awsBehaviour, 60), ...weather };

function drop(): Trace {
  const stream = new Stream(seed, 'drop');
  const lines = Array.from({ length: 1_000 }, () =>
    [
      0,
      stream.chance(0.6) ? 3_600 : 21_600,
      stream.pick([0.1, 0.25, 0.5, 1, 1.5]),
      stream.pick([100, 256, 512, 1024, 2048, 4096]),
      0,
    ].join(','),
  );
  return readCsv([head, ...lines].join('\n'));
}

/** null: it is no pod list. Pods that never ended are left out, and those of more than a month. */
function podsOf(text: string): Trace | null {
  const [first = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = first.split(',');
  if (!columns.includes('cpu_milli')) return null;
  const pods = lines.map((line) => {
    const fields = line.split(',');
    return (name: string): number => Number(fields[columns.indexOf(name)] || NaN);
  });
  const kept = pods
    .filter((of) => of('num_gpu') === 0 && of('deletion_time') > of('creation_time'))
    .filter((of) => of('deletion_time') - of('creation_time') <= 2_592_000);
  const from = Math.min(...kept.map((of) => of('creation_time')));
  const rows = kept.map((of) => [
    of('creation_time') - from,
    of('deletion_time') - of('creation_time'),
    of('cpu_milli') / 1000,
    of('memory_mib'),
    0,
  ]);
  return readCsv([head, ...rows.map((row) => row.join(','))].join('\n'));
}

function withoutTail(trace: Trace): Trace {
  const lastMs = trace.tasks.reduce((last, { submitMs }) => Math.max(last, submitMs), 0);
  const cutMs = lastMs + 30_000;
  const tasks = trace.tasks.map((one) => ({ ...one, durationMs: Math.min(one.durationMs, cutMs - one.submitMs) }));
  return { ...trace, tasks };
}

function traceOf(name: string): Trace {
  const whole = name === 'drop' ? drop() : (podsOf(readFileSync(name, 'utf8')) ?? readTrace(name));
  const ms = (seconds: string | undefined): number | undefined =>
    seconds === undefined ? undefined : Number(seconds) * 1000;
  const within = adjusted(whole, { fromMs: ms(values.from), toMs: ms(values.to) });
  const cut = values.cut ? withoutTail(within) : within;
  return values.moves
    ? { ...cut, tasks: cut.tasks.map((one) => ({ ...one, disruption: 'checkpoint' as const })) }
    : cut;
}

function poolOf(more: object): PoolSpec {
  const requirements = { arch: ['amd64'], capacityType: [values.spot ? 'spot' : 'on-demand'] };
  const idle = values.idle === undefined ? {} : { idleAfterSeconds: Number(values.idle) };
  return poolSpecOf('bench', poolBody.parse({ requirements, limits: { instances: 2_000 }, ...idle, ...more }));
}

const consolidating = values.moves ? { disruption: { consolidation: {} } } : {};
const policies = { then: { objective: 'cost-now', idleAfterSeconds: 60 }, defaults: consolidating };

async function measured(name: string, run: () => Promise<VariantResult>): Promise<void> {
  if (values.only !== undefined && values.only !== name) return;
  const before = process.cpuUsage();
  const { cost, boundUsd, waits, nodes, tasks } = await run();
  const used = process.cpuUsage(before);
  const usd = instancesUsd(cost);
  const part = (of: number): string => `${((100 * of) / usd).toFixed(0)} %`;
  console.log(
    `${name.padEnd(20)} ${usd.toFixed(2)} USD, ${(usd / boundUsd).toFixed(3)} of the bound; wait p50 `
      + `${waits.all.p50S.toFixed(1)} p95 ${waits.all.p95S.toFixed(1)} p99 ${waits.all.p99S.toFixed(1)} s; `
      + `${String(nodes.launched)} nodes, ${String(tasks.moved)} moves; work ${part(cost.work)}, stranded `
      + `${part(cost.stranded)}, idle ${part(cost.idle)}, boot ${part(cost.boot)}, again ${part(cost.restarted)}; `
      + `${((used.user + used.system) / 1e6).toFixed(0)} s of CPU`,
  );
}

for (const file of positionals) {
  const trace = traceOf(file);
  const count = trace.tasks.reduce((sum, one) => sum + one.count, 0);
  console.log(`${file}: ${String(count)} tasks${values.moves ? ' that save' : ''}`);
  for (const [name, more] of Object.entries(policies)) {
    await measured(name, async () => {
      const pools = [poolOf(more)];
      const world = new BacktestWorld({ trace, pools, behaviour, seed });
      await world.run();
      return resultOf(name, seed, trace, pools, world);
    });
  }
  const pool = poolOf({});
  for (const name of values.baselines ? baselineNames.filter((one) => one !== 'recorded') : [])
    await measured(name, () => runBaseline({ name, trace, pool, behaviour, seed }));
  if (values.oracle)
    console.log(
      `oracle               ${oracleOf({ trace, pools: [pool], behaviour, seed })?.usd.toFixed(2) ?? '-'} USD`,
    );
}
