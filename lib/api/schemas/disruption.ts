// By which choices nodes go, as a pool says it, and what a task bears of it.
import * as z from 'zod';
import { voluntaryMethods } from '../../core/records/pool.ts';
import type { DisruptionBudget, PoolConsolidation, PoolDisruption } from '../../core/records/pool.ts';
import { checkpointSignals } from '../../core/records/request.ts';
import type { TaskDisruption } from '../../core/records/request.ts';
import { limits } from '../limits.ts';
import { cron, timeZone } from './figures/policies.ts';
import { compact, seconds, wholeNumber } from './values.ts';

const budget = z
  .strictObject({
    nodes: wholeNumber(0, limits.poolInstancesMax).optional(),
    percent: z
      .number('must be a number of percent')
      .min(0, 'must not be negative')
      .max(100, 'must be at most 100')
      .optional()
      .meta({ description: "Of the pool's nodes, rounded up." }),
    methods: z
      .array(z.enum(voluntaryMethods, `must be one of ${voluntaryMethods.join(', ')}`))
      .min(1)
      .max(voluntaryMethods.length)
      .optional()
      .meta({ description: 'All that are a choice unless given.' }),
    schedule: cron
      .optional()
      .meta({
        description: 'The budget binds from each of these times on (cron, e.g. "0 8 * * 1-5"); always unless given.',
      }),
    timeZone: timeZone.optional().meta({ description: 'Of the schedule; UTC unless given.' }),
    durationSeconds: seconds(60).optional().meta({ description: 'How long it binds from then on.' }),
  })
  .refine((one) => (one.nodes === undefined) !== (one.percent === undefined), 'must have either nodes or percent')
  .refine(
    (one) => (one.schedule === undefined) === (one.durationSeconds === undefined),
    'must have both schedule and durationSeconds, or neither',
  )
  .refine((one) => one.timeZone === undefined || one.schedule !== undefined, 'must have a schedule for its timeZone');

export const poolDisruption = z.strictObject({
  drift: z.boolean().default(false).meta({ description: 'Nodes that would not be bought so any more go.' }),
  expireAfterSeconds: seconds(60)
    .optional()
    .meta({ description: 'Nodes of this age go, each up to a tenth earlier; never unless given.' }),
  consolidation: z
    .strictObject({
      calmSeconds: seconds(60)
        .optional()
        .meta({ description: 'After a launch of the pool, and on a node after a task was placed there; 300.' }),
      apartSeconds: seconds(1).optional().meta({ description: 'From one node to the next; 60.' }),
    })
    .optional()
    .meta({
      description:
        'Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays; never '
        + 'unless given.',
    }),
  maxDrainSeconds: seconds(0)
    .optional()
    .meta({ description: 'Tasks of the mode `never` are stopped this long after their node began to drain; a day.' }),
  budgets: z
    .array(budget)
    .max(limits.budgetsMax)
    .optional()
    .meta({ description: 'How many nodes may be on their way out at once by choice; all of them bind.' }),
});

const msOrUndefined = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1000);

export function poolDisruptionOf(body: z.output<typeof poolDisruption>): PoolDisruption {
  const { drift, expireAfterSeconds, consolidation, maxDrainSeconds, budgets = [] } = body;
  return compact({
    drift: drift || undefined,
    expireAfterMs: msOrUndefined(expireAfterSeconds),
    consolidation:
      consolidation
      && compact({
        calmMs: msOrUndefined(consolidation.calmSeconds),
        apartMs: msOrUndefined(consolidation.apartSeconds),
      }),
    maxDrainMs: msOrUndefined(maxDrainSeconds),
    budgets: budgets.length === 0 ? undefined : budgets.map(budgetOf),
  });
}

function budgetOf({
  schedule,
  timeZone: zone = 'UTC',
  durationSeconds,
  ...rest
}: z.output<typeof budget>): DisruptionBudget {
  const window =
    schedule === undefined || durationSeconds === undefined
      ? undefined
      : { schedule, timeZone: zone, durationMs: Math.round(durationSeconds * 1000) };
  return compact({ ...rest, window });
}

export const poolDisruptionView = z.object({
  drift: z.boolean(),
  expireAfterSeconds: z.number().exactOptional(),
  consolidation: z
    .object({ calmSeconds: z.number().exactOptional(), apartSeconds: z.number().exactOptional() })
    .exactOptional(),
  maxDrainSeconds: z.number().exactOptional(),
  budgets: z
    .array(
      z.object({
        nodes: z.int().exactOptional(),
        percent: z.number().exactOptional(),
        methods: z.array(z.string()).readonly().exactOptional(),
        schedule: z.string().exactOptional(),
        timeZone: z.string().exactOptional(),
        durationSeconds: z.number().exactOptional(),
      }),
    )
    .readonly()
    .exactOptional(),
});

type BudgetView = NonNullable<z.output<typeof poolDisruptionView>['budgets']>[number];

export function presentDisruption(pool: PoolDisruption): z.output<typeof poolDisruptionView> {
  const { drift = false, expireAfterMs, consolidation, maxDrainMs, budgets } = pool;
  return {
    drift,
    ...(expireAfterMs === undefined ? {} : { expireAfterSeconds: expireAfterMs / 1000 }),
    ...(consolidation === undefined ? {} : { consolidation: presentConsolidation(consolidation) }),
    ...(maxDrainMs === undefined ? {} : { maxDrainSeconds: maxDrainMs / 1000 }),
    ...(budgets === undefined ? {} : { budgets: budgets.map(presentBudget) }),
  };
}

function presentBudget({ window, ...rest }: DisruptionBudget): BudgetView {
  if (window === undefined) return rest;
  const { durationMs, ...times } = window;
  return { ...rest, ...times, durationSeconds: durationMs / 1000 };
}

function presentConsolidation({ calmMs, apartMs }: PoolConsolidation): {
  readonly calmSeconds?: number;
  readonly apartSeconds?: number;
} {
  return {
    ...(calmMs === undefined ? {} : { calmSeconds: calmMs / 1000 }),
    ...(apartMs === undefined ? {} : { apartSeconds: apartMs / 1000 }),
  };
}

const costUsdMax = 1_000_000;
/** As long as EC2's notice before it takes a spot instance. */
const checkpointGraceSeconds = 120;

export const taskDisruption = z
  .strictObject({
    mode: z
      .enum(['never', 'restart', 'checkpoint'], 'must be "never", "restart" or "checkpoint"')
      .default('never')
      .meta({
        description:
          '`never`: it runs until it ends, at most for maxDrainSeconds. `restart`: it is stopped and queued again. '
          + '`checkpoint`: it is asked to save, stopped as soon as it has, and queued again.',
      }),
    signal: z
      .enum(checkpointSignals, `must be one of ${checkpointSignals.join(', ')}`)
      .optional()
      .meta({ description: 'Of `checkpoint`: how it is asked to save; TERM unless given.' }),
    costUsd: z
      .number('must be a number of USD')
      .min(0, 'must not be negative')
      .max(costUsdMax, `must be at most ${String(costUsdMax)}`)
      .optional()
      .meta({
        description: 'What a stop of one task costs beside the work that it does again; consolidation weighs it.',
      }),
    graceSeconds: seconds(0)
      .max(limits.graceSecondsMax, `must be at most ${String(limits.graceSecondsMax)} seconds`)
      .optional()
      .meta({
        description: 'TERM to KILL when it is stopped; 10 unless given (3 on one machine), with `checkpoint` 120.',
      }),
    maxDrainSeconds: seconds(0)
      .optional()
      .meta({ description: 'Of `never`: it is stopped this long after its node began to drain; the pool decides.' }),
  })
  .refine((one) => one.signal === undefined || one.mode === 'checkpoint', {
    path: ['signal'],
    message: 'is only for the mode checkpoint',
  });

export function taskDisruptionOf(body: z.output<typeof taskDisruption>): TaskDisruption {
  const { mode, signal, costUsd, maxDrainSeconds } = body;
  const graceSeconds = body.graceSeconds ?? (mode === 'checkpoint' ? checkpointGraceSeconds : undefined);
  const times = { graceMs: msOrUndefined(graceSeconds), maxDrainMs: msOrUndefined(maxDrainSeconds) };
  return { mode, ...compact({ signal, costUsd, ...times }) };
}
