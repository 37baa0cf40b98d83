// A second policy of a pool, whose decisions are only recorded: the fields that are policy, and what came of it.
import * as z from 'zod';
import type { PoolSpec, ShadowPolicy } from '../../../core/records/pool.ts';
import type { ShadowFigures, ShadowSide } from '../../../core/costs/shadow/figures.ts';
import { limits } from '../../limits.ts';
import { poolDisruption, poolDisruptionOf, poolDisruptionView, presentDisruption } from '../disruption.ts';
import { requirements, requirementsOf, requirementsView } from '../requirements.ts';
import { compact, time, timeOf, wholeNumber } from '../values.ts';

export const onDemandShare = z
  .strictObject({
    baseVcpu: wholeNumber(0, 10_000_000).default(0).meta({ description: 'The first vCPUs that the pool has.' }),
    percent: z
      .number('must be a number from 0 to 100')
      .min(0, 'must be at least 0')
      .max(100, 'must be at most 100')
      .default(0)
      .meta({ description: 'Of the vCPUs above that.' }),
  })
  .meta({ id: 'OnDemandShare' });

const durationSeconds = z
  .number('must be a number of seconds')
  .min(0, 'must not be negative')
  .max(limits.durationSecondsMax);

/** Of a pool and of its shadow alike; which are optional, and what stands in for them, is the pool's to say. */
export const policyFields = {
  tasksPerNode: wholeNumber(1, limits.tasksPerNodeMax),
  maxNodeVcpu: wholeNumber(1, limits.vcpuMax),
  ordering: z.enum(['fifo', 'priority', 'fair-share'], 'must be "fifo", "priority" or "fair-share"'),
  placement: z.enum(
    ['least-cost', 'spread', 'least-allocated', 'most-allocated', 'balanced'],
    'must be "least-cost", "spread", "least-allocated", "most-allocated" or "balanced"',
  ),
  idleAfterSeconds: durationSeconds,
  objective: z.enum(['cost-over-time', 'cost-now'], 'must be "cost-over-time" or "cost-now"'),
  patienceSeconds: durationSeconds,
};

/** What is absent is as the pool has it; what is there replaces the pool's field whole. */
export const shadowPolicy = z
  .strictObject({
    ...z.object(policyFields).partial().shape,
    requirements: requirements.optional(),
    onDemand: onDemandShare.optional(),
    disruption: poolDisruption.optional(),
  })
  .meta({
    id: 'ShadowPolicy',
    description:
      'A second policy that is decided by beside the pool, and only recorded (docs/elastic-fleet.md): fields as the '
      + "pool has them, each in the place of the pool's own; {} is the pool's own policy once more.",
  });

export function shadowPolicyOf(body: z.output<typeof shadowPolicy>): ShadowPolicy {
  const { idleAfterSeconds, patienceSeconds, requirements: asked, disruption, ...rest } = body;
  const ms = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : Math.round(seconds * 1000);
  return compact({
    ...rest,
    requirements: asked && requirementsOf(asked),
    disruption: disruption && poolDisruptionOf(disruption),
    idleAfterMs: ms(idleAfterSeconds),
    patienceMs: ms(patienceSeconds),
  });
}

interface CapacityFields {
  readonly onDemand?: unknown;
  readonly requirements: { readonly capacityType?: readonly string[] | undefined };
}

/** A share on demand goes with pools that may have both. */
export function hasBothForShare({ onDemand, requirements: { capacityType } }: CapacityFields): boolean {
  return onDemand === undefined || capacityType === undefined || new Set(capacityType).size === 2;
}

export const shadowPolicyView = z.object({
  requirements: requirementsView.exactOptional(),
  tasksPerNode: z.int().exactOptional(),
  maxNodeVcpu: z.int().exactOptional(),
  ordering: policyFields.ordering.exactOptional(),
  placement: policyFields.placement.exactOptional(),
  idleAfterSeconds: z.number().exactOptional(),
  objective: policyFields.objective.exactOptional(),
  patienceSeconds: z.number().exactOptional(),
  onDemand: onDemandShare.exactOptional(),
  disruption: poolDisruptionView.exactOptional(),
});

export function presentShadowPolicy(policy: ShadowPolicy): z.output<typeof shadowPolicyView> {
  const { idleAfterMs, patienceMs, disruption, ...rest } = policy;
  return {
    ...rest,
    ...(idleAfterMs === undefined ? {} : { idleAfterSeconds: idleAfterMs / 1000 }),
    ...(patienceMs === undefined ? {} : { patienceSeconds: patienceMs / 1000 }),
    ...(disruption === undefined ? {} : { disruption: presentDisruption(disruption) }),
  };
}

const usd = z.number();
const side = z.object({
  usd: usd.meta({ description: 'List prices of nodes, from launch to end, since then.' }),
  spotUsd: usd.meta({ description: 'Of these, on spot.' }),
  usdPerHour: usd.meta({ description: 'Of the nodes that are there.' }),
  nodes: z.int(),
  launches: z.int(),
  ends: z.int().meta({ description: 'Nodes that went.' }),
  moves: z.int().meta({ description: 'Attempts that were stopped by choice, to run again elsewhere.' }),
  tasksStarted: z.int().meta({ description: 'Of those that were submitted since.' }),
  tasksWaiting: z.int(),
  waitSeconds: z
    .object({ mean: z.number(), p50: z.number(), p95: z.number() })
    .nullable()
    .meta({
      description:
        'From submission to the first place on a node, of tasks submitted since. p50 and p95 are rounded up to half an '
        + 'octave. null: none has started.',
    }),
});

export const shadowView = z
  .object({
    policy: shadowPolicyView.nullable().meta({ description: 'null: the pool has no shadow.' }),
    figures: z
      .object({
        since: time,
        until: time,
        stopped: z
          .object({ reason: z.string().meta({ description: 'For operators.' }), again: time })
          .nullable()
          .meta({ description: 'It does not go on, and begins anew then, or as soon as it can after that.' }),
        pool: side,
        shadow: side,
        difference: z
          .object({
            usd,
            percent: z.number().nullable().meta({ description: "Of the pool's cost; null: that is 0." }),
            meanWaitSeconds: z.number().nullable(),
            moves: z.int(),
          })
          .meta({ description: "The shadow's less the pool's." }),
        cutShort: z.int().meta({ description: 'Ticks that had no time for all that it had to decide.' }),
      })
      .nullable()
      .meta({ description: 'null: no tick has looked at it yet.' }),
    notes: z.array(z.string()).meta({ description: 'What the figures do not know.' }),
    promote: z.string().nullable(),
  })
  .meta({ id: 'Shadow' });
export type ShadowView = z.output<typeof shadowView>;

/** Of a pool with or without a shadow. */
export interface ShadowState {
  readonly pool: PoolSpec;
  /** null: no tick has looked at it. */
  readonly figures: ShadowFigures | null;
}

const reasonForOthers = 'operators see why';

/** `isOperator`: why it stopped may name requests of others. */
export function presentShadow({ pool, figures: all }: ShadowState, isOperator: boolean): ShadowView {
  const { shadow } = pool;
  if (shadow === undefined) return { policy: null, figures: null, notes: [], promote: null };
  const stopped = all && all.stopped && { ...all.stopped, ...(isOperator ? {} : { reason: reasonForOthers }) };
  const figures = all && { ...all, stopped };
  const fields = Object.keys(presentShadowPolicy(shadow));
  return {
    policy: presentShadowPolicy(shadow),
    figures: figures && presentFigures(figures),
    notes: notesOf(pool, figures),
    promote:
      fields.length === 0
        ? null
        : `in the file of pool ${pool.name}, put ${fields.join(', ')} of shadow in the place of the pool's own, remove `
          + `shadow, and: ./bellows pool apply ${pool.name} -f FILE`,
  };
}

function presentFigures({ live, shadow, stopped, ...one }: ShadowFigures): NonNullable<ShadowView['figures']> {
  const usdMore = shadow.usd - live.usd;
  return {
    since: timeOf(one.sinceMs),
    until: timeOf(one.untilMs),
    stopped: stopped && { reason: stopped.reason, again: timeOf(stopped.againAtMs) },
    pool: presentSide(live),
    shadow: presentSide(shadow),
    difference: {
      usd: rounded(usdMore, 6),
      percent: live.usd === 0 ? null : rounded((100 * usdMore) / live.usd, 1),
      meanWaitSeconds:
        live.waits === null || shadow.waits === null
          ? null
          : rounded((shadow.waits.meanMs - live.waits.meanMs) / 1000, 1),
      moves: shadow.moves - live.moves,
    },
    cutShort: one.cutShort,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function presentSide({ waits, started, waiting, ...rest }: ShadowSide): z.output<typeof side> {
  return {
    ...rest,
    usd: rounded(rest.usd, 6),
    spotUsd: rounded(rest.spotUsd, 6),
    usdPerHour: rounded(rest.usdPerHour, 6),
    tasksStarted: started,
    tasksWaiting: waiting,
    waitSeconds: waits && {
      mean: rounded(waits.meanMs / 1000, 1),
      p50: rounded(waits.p50Ms / 1000, 1),
      p95: rounded(waits.p95Ms / 1000, 1),
    },
  };
}

function notesOf(pool: PoolSpec, figures: ShadowFigures | null): string[] {
  const spot = figures !== null && figures.shadow.spotUsd + figures.live.spotUsd > 0;
  const notes: (string | null)[] = [
    'in the shadow every launch succeeds, and boots as long as nodes of the pool do',
    'a task lasts as long as its last attempt in the pool; one that starts earlier in the shadow still ends there no '
      + 'earlier than its end in the pool is seen',
    spot ? 'nodes of the shadow are never interrupted: what it has on spot is cheaper than it would be' : null,
    figures?.isBootGuessed === true ? 'no node had booted when it began: a boot was taken for a minute' : null,
    pool.commitments === undefined ? null : 'both sides count list prices: what commitments pay for is not taken off',
    'gangs, mounts and services are taken as single tasks; machines and volumes of claims are in neither side',
  ];
  return notes.filter((one) => one !== null);
}
