// `plan`: what would be bought for a file of requests, offline: the same engine and catalog as the server's.
import { demandOf, planDemand, presentPlan, repeatedIds } from '../../lib/api/schemas/plan.ts';
import type { PlanView } from '../../lib/api/schemas/plan.ts';
import { poolBody, poolSpecOf } from '../../lib/api/schemas/pools.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { countingAll } from '../../lib/core/allocation/constraints/paid-first.ts';
import { poolAsked } from '../../lib/core/tasks/capacity/pool-asked.ts';
import { adviceFor } from '../../lib/core/allocation/reasons/slightly-less.ts';
import type { AllocationInput } from '../../lib/core/allocation/types.ts';
import { demandWithDefaults } from '../../lib/core/allocation/requirement-defaults.ts';
import { offeringsFor } from '../../lib/core/catalog/index.ts';
import { paidBeside } from '../../lib/core/costs/commitments.ts';
import { noUsage } from '../../lib/core/records/pool.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { Context } from '../context.ts';
import { exits, usageError } from '../errors.ts';
import { parseItem, readItems, readOne } from '../input/files.ts';
import { plural, table, usd } from '../text.ts';

export interface PlanOptions {
  readonly file: string;
  readonly pool?: string;
  readonly timeBudgetMs: number;
  readonly iterations: number;
  readonly placement?: PoolSpec['placement'];
  readonly ordering?: PoolSpec['ordering'];
  readonly maxNodeVcpu?: number;
}

/** Prints the plan; what cannot be placed at all makes the command fail. @throws CliError for a bad file */
export function plan(context: Context, options: PlanOptions): void {
  const pool = poolOf(options);
  const demand = readItems(options.file).map((item, index) => {
    const body = parseItem(planDemand, item);
    return demandOf(body, index, 'local');
  });
  const repeated = repeatedIds(demand);
  if (repeated.length > 0)
    throw usageError(
      `${options.file} uses ids twice: ${repeated.slice(0, 5).join(', ')}`,
      'ids must be unique; use count for identical tasks',
    );
  const offerings = offeringsFor(pool);
  const endMs = context.environment.monotonicMs() + options.timeBudgetMs;
  let isCutShort = false;
  const input: AllocationInput = {
    nowMs: 0,
    demand: demand.map((one) => demandWithDefaults(one, offerings)),
    bins: [],
    offerings,
    unavailable: [],
    pool: poolAsked(pool),
    usage: noUsage,
    ...paidBeside(pool, [], context.environment.nowMs()),
    offeringsPerLaunch: 1,
    shouldStop: () => (isCutShort ||= context.environment.monotonicMs() >= endMs),
    iterations: options.iterations,
  };
  const counting = countingAll(allocate);
  const found = { ...counting(input), isCutShort };
  const view = presentPlan({ ...found, advice: adviceFor(counting, input, found) });
  context.print(view, () =>
    planText(
      view,
      demand.reduce((sum, one) => sum + one.count, 0),
      demand.length,
    ),
  );
  if (view.isCutShort)
    context.say(
      `the search was ended after ${String(options.timeBudgetMs)} ms, before its ${String(options.iterations)} steps `
        + 'were done; --time-budget-ms gives it more',
    );
  if (view.unplaceable.length > 0) context.exit = exits.failed;
}

function poolOf(options: PlanOptions): PoolSpec {
  const value = options.pool === undefined ? {} : readOne(options.pool);
  const body = parseItem(poolBody, { where: options.pool ?? 'the default pool', value });
  const maxNodeVcpu = options.maxNodeVcpu ?? body.maxNodeVcpu;
  return poolSpecOf(body.name ?? 'plan', {
    ...body,
    ordering: options.ordering ?? body.ordering,
    placement: options.placement ?? body.placement,
    maxNodeVcpu,
  });
}

function planText(view: PlanView, tasks: number, requests: number): string {
  const left = view.unplaceable.reduce((sum, one) => sum + one.count, 0);
  const bound =
    view.lowerBoundUsdPerHour === null
      ? ''
      : ' (no plan costs less than '
        + `${usd(view.lowerBoundUsdPerHour)}/h`
        + `${view.gapPercent === null ? '' : `; gap ${view.gapPercent.toFixed(2)} %`})`;
  const paid = view.paidUsdPerHour === 0 ? '' : ` and ${usd(view.paidUsdPerHour)}/h that commitments pay for`;
  const credits =
    view.creditsUsdPerHour === 0 ? '' : `, of it ${usd(view.creditsUsdPerHour)}/h for surplus CPU credits at full load`;
  const lines = [
    `${plural(tasks - left, 'task')} of ${plural(requests, 'request')} on `
      + `${plural(view.launches.length, 'node')} for ${usd(view.costUsdPerHour)}/h${paid}${credits}${bound}`,
  ];
  if (view.launches.length > 0) lines.push('', launchTable(view));
  if (view.coefficients !== null) {
    const { vcpuUsdPerHour, memoryGibUsdPerHour, gpuUsdPerHour } = view.coefficients;
    lines.push(
      '',
      `worth in this plan: a vCPU ${usd(vcpuUsdPerHour)}/h, a GiB ${usd(memoryGibUsdPerHour)}/h, a GPU `
        + `${usd(gpuUsdPerHour)}/h`,
    );
  }
  for (const one of view.advice) lines.push('', one.message);
  if (view.unplaceable.length > 0) {
    lines.push('', `not placed: ${plural(left, 'task')} of ${plural(view.unplaceable.length, 'request')}`);
    lines.push(
      ...view.unplaceable
        .slice(0, 20)
        .map(
          (one) =>
            `  ${one.requestId} (${plural(one.count, 'task')}, ${one.kind}): `
            + `${one.reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}`,
        ),
    );
    if (view.unplaceable.length > 20) lines.push(`  and ${String(view.unplaceable.length - 20)} more (see --json)`);
  }
  return lines.join('\n');
}

const gpuText = (gpu: PlanView['launches'][number]['gpu']): string =>
  gpu === null
    ? '-'
    : `${String(gpu.count)} x `
      + `${gpu.name}${gpu.memoryMib === null ? '' : ` ${String(Math.floor(gpu.memoryMib / 1024))}Gi`}`;

/** One line per kind of node, the most expensive kind first. */
function launchTable(view: PlanView): string {
  const groups = Map.groupBy(view.launches, (one) => `${one.instanceType} ${one.zone} ${one.capacityType}`);
  const rows = [...groups.values()]
    .map((launches) => {
      const tasks = launches.reduce((sum, one) => sum + one.tasks.reduce((count, share) => count + share.count, 0), 0);
      const cost = launches.reduce((sum, one) => sum + one.priceUsdPerHour, 0);
      return { first: launches[0], count: launches.length, tasks, cost };
    })
    .sort((a, b) => b.cost - a.cost);
  return table(
    ['NODES', 'TYPE', 'GPU', 'ZONE', 'CAPACITY', '$/H EACH', '$/H', 'TASKS'],
    rows.flatMap(({ first, count, tasks, cost }) =>
      first === undefined
        ? []
        : [
            [
              String(count),
              first.instanceType,
              gpuText(first.gpu),
              first.zone,
              first.capacityType,
              usd(first.priceUsdPerHour),
              usd(cost),
              String(tasks),
            ],
          ],
    ),
  );
}
