// `npm run bench:allocation [-- --json] [-- --workload NAME] [-- --trace FILE] [-- --openb FILE] [-- --budget-ms N]`:
// cost against the proven bound, and time, per workload. Each workload has a process of its own, for its peak memory.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allocate } from '../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan } from '../../lib/core/allocation/index.ts';
import { runBaselines } from './allocation/baselines.ts';
import type { BaselineResult } from './allocation/baselines.ts';
import { generic, traceWorkload, workloads } from './allocation/workloads.ts';
import type { Workload } from './allocation/workloads.ts';

interface Measured {
  readonly costUsdPerHour: number;
  readonly lowerBoundUsdPerHour: number;
  readonly gapPercent: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly tasksPerSecond: number;
  readonly nodes: number;
}

interface Row {
  readonly workload: string;
  readonly catalog: string;
  readonly tasks: number;
  readonly unplaced: number;
  readonly first: Measured;
  readonly full: Measured;
  readonly peakMib: number;
  readonly costNowUsdPerHour: number | null;
  readonly constraintPrices: AllocationPlan['constraintPrices'] | null;
  readonly baselines: readonly BaselineResult[];
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    workload: { type: 'string', multiple: true },
    trace: { type: 'string' },
    openb: { type: 'string', default: '' },
    'budget-ms': { type: 'string', default: '1000' },
    one: { type: 'boolean', default: false },
  },
});
const budgetMs = Number(values['budget-ms']);

function inputOf(
  workload: Pick<Workload, 'demand' | 'offerings'>,
  iterations: number,
  shouldStop: () => boolean,
): AllocationInput {
  return {
    nowMs: 0,
    demand: workload.demand,
    bins: [],
    offerings: workload.offerings,
    unavailable: [],
    usage: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 },
    pool: { requirements: {}, limits: {}, tasksPerNode: 1_000_000, ordering: 'fifo', placement: 'least-cost' },
    offeringsPerLaunch: 3,
    shouldStop,
    iterations,
  };
}

function measure(workload: Workload, iterations: number): { measured: Measured; plan: AllocationPlan } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  // CPU time: what else the machine does must not make a plan dearer.
  const cpuMsUsed = (): number => {
    const used = process.cpuUsage(cpu);
    return (used.user + used.system) / 1000;
  };
  const plan = allocate(inputOf(workload, iterations, () => cpuMsUsed() > budgetMs));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const tasks = workload.demand.reduce((sum, one) => sum + one.count, 0);
  return {
    plan,
    measured: {
      costUsdPerHour: plan.costUsdPerHour,
      lowerBoundUsdPerHour: plan.lowerBoundUsdPerHour ?? 0,
      gapPercent: plan.gapPercent ?? NaN,
      ms,
      cpuMs: (user + system) / 1000,
      tasksPerSecond: (tasks / ms) * 1000,
      nodes: plan.launches.reduce((sum, one) => sum + one.count, 0),
    },
  };
}

function runOne(workload: Workload): Row {
  // The compiler of the machine warms up on something else.
  const warm = generic(1500, 1).map((one) => ({ ...one, id: `w${one.id}` }));
  for (let round = 0; round < 3; round++)
    allocate(inputOf({ demand: warm, offerings: workload.offerings }, 3, () => false));
  const first = measure(workload, 0);
  const full = measure(workload, 1_000_000);
  const peakMib = process.resourceUsage().maxRSS / 1024;
  return {
    workload: workload.name,
    catalog: workload.catalog,
    tasks: workload.demand.reduce((sum, one) => sum + one.count, 0),
    unplaced: full.plan.unplaced.reduce((sum, one) => sum + one.count, 0),
    first: first.measured,
    full: full.measured,
    peakMib,
    costNowUsdPerHour: workload.costNowUsdPerHour ?? null,
    constraintPrices: full.plan.constraintPrices ?? null,
    baselines: workload.hasBaselines ? runBaselines(workload.demand, workload.offerings, () => performance.now()) : [],
  };
}

function printRow(row: Row): void {
  const number = (value: number, digits = 2): string =>
    value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const line = (name: string, cost: number, gap: number, ms: number, nodes: number, more: string): void => {
    process.stdout.write(
      `  ${name.padEnd(46)} ${number(cost, 3).padStart(12)} $/h ${number(gap).padStart(7)} %  `
        + `${number(ms, 0).padStart(7)} ms ${String(nodes).padStart(7)} nodes  ${more}\n`,
    );
  };
  const { first, full } = row;
  process.stdout.write(
    `\n${row.workload} (${number(row.tasks, 0)} tasks, catalog ${row.catalog}): bound `
      + `${number(full.lowerBoundUsdPerHour, 3)} $/h, peak ${number(row.peakMib, 0)} `
      + `MiB${row.unplaced > 0 ? `, ${String(row.unplaced)} unplaced` : ''}\n`,
  );
  line(
    'bellows, first plan',
    first.costUsdPerHour,
    first.gapPercent,
    first.ms,
    first.nodes,
    `${number(first.tasksPerSecond, 0)} tasks/s (${number(first.cpuMs, 0)} ms of CPU: `
      + `${number((row.tasks / first.cpuMs) * 1000, 0)}/s)`,
  );
  line(`bellows, at most ${String(budgetMs)} ms of CPU`, full.costUsdPerHour, full.gapPercent, full.ms, full.nodes, '');
  for (const one of row.baselines) {
    if (one.costUsdPerHour === null) process.stdout.write(`  ${one.name.padEnd(46)} cannot carry this demand\n`);
    else
      line(
        one.name,
        one.costUsdPerHour,
        100 * (one.costUsdPerHour / full.lowerBoundUsdPerHour - 1),
        one.ms,
        one.nodes,
        '',
      );
  }
  if (row.costNowUsdPerHour !== null)
    process.stdout.write(
      `  the fleet as it is costs ${number(row.costNowUsdPerHour)} $/h; repacked `
        + `${number(100 * (1 - full.costUsdPerHour / row.costNowUsdPerHour), 1)} % less\n`,
    );
  for (const one of row.constraintPrices ?? [])
    process.stdout.write(`  ${one.constraint} is worth ${number(one.usdPerHour, 3)} $/h of the bound\n`);
}

async function runInChild(args: readonly string[]): Promise<Row> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), '--one', '--openb', values.openb, '--budget-ms', String(budgetMs), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the measuring process for ${args.join(' ')} ended with ${String(code)}`);
  return JSON.parse(text) as Row;
}

const all = [...workloads.keys()].filter((name) => values.openb !== '' || !name.startsWith('openb'));
const names = values.workload ?? (values.trace === undefined ? all : []);
if (names === all && values.openb === '')
  process.stderr.write(
    'without --openb openb_pod_list_default.csv (Alibaba cluster-trace-gpu-v2023) its workloads are left out\n',
  );
if (values.one) {
  const [name = ''] = names;
  const workload = values.trace === undefined ? workloads.get(name)?.(values.openb) : traceWorkload(values.trace);
  if (workload === undefined) throw new Error(`no workload "${name}"; there are ${[...workloads.keys()].join(', ')}`);
  process.stdout.write(JSON.stringify(runOne(workload)));
} else {
  const runs = values.trace === undefined ? names.map((name) => ['--workload', name]) : [['--trace', values.trace]];
  const rows: Row[] = [];
  for (const [at, args] of runs.entries()) {
    process.stderr.write(`[${String(at + 1)}/${String(runs.length)}] ${args.join(' ')}\n`);
    const row = await runInChild(args);
    rows.push(row);
    if (!values.json) printRow(row);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}
