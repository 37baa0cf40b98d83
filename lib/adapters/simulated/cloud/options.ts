// How the simulated cloud behaves: one validated object. The defaults suit a laptop (seconds, not
// minutes); tests and simulations harden what they want to be hurt by.
import * as z from 'zod';

const ms = z.number().int().min(0);
const distribution = z.union([
  ms,
  z.strictObject({ minMs: ms, maxMs: ms }).refine((range) => range.minMs <= range.maxMs, 'minMs is over maxMs'),
  z.strictObject({ medianMs: ms, sigma: z.number().min(0), maxMs: ms }),
]);
const probability = z.number().min(0).max(1);
const bucket = z.strictObject({ capacity: z.number().positive(), refillPerSecond: z.number().min(0) });

/** `requests` pays one token a call, `resources` one per instance that the call concerns. */
const throttle = z.strictObject({ requests: bucket, resources: bucket.optional() });
export type ThrottleOptions = z.output<typeof throttle>;

export const fleetStrategies = [
  'lowest-price',
  'prioritized',
  'price-capacity-optimized',
  'capacity-optimized',
  'capacity-optimized-prioritized',
  'diversified',
] as const;
export type FleetStrategy = (typeof fleetStrategies)[number];

/**
 * The documented token buckets of EC2's API for an account in a large region ("Request throttling for
 * the Amazon EC2 API").
 */
export const awsThrottles: Readonly<Record<string, ThrottleOptions>> = {
  CreateFleet: { requests: { capacity: 50, refillPerSecond: 5 } },
  RunInstances: { requests: { capacity: 5, refillPerSecond: 2 }, resources: { capacity: 1000, refillPerSecond: 2 } },
  DescribeInstances: { requests: { capacity: 100, refillPerSecond: 20 } },
  TerminateInstances: {
    requests: { capacity: 100, refillPerSecond: 5 },
    resources: { capacity: 1000, refillPerSecond: 20 },
  },
};

/** Ten times EC2's: locally they are met by loops that run wild, not by honest work. */
const gentleThrottles: Readonly<Record<string, ThrottleOptions>> = {
  CreateFleet: { requests: { capacity: 500, refillPerSecond: 50 } },
  DescribeInstances: { requests: { capacity: 1000, refillPerSecond: 200 } },
  TerminateInstances: { requests: { capacity: 1000, refillPerSecond: 50 } },
};

export const cloudOptionsSchema = z.strictObject({
  seed: z.string().default('bellows'),
  /** From the call to `running`. */
  launchMs: distribution.default({ minMs: 1000, maxMs: 3000 }),
  /** From `shutting-down` to `terminated`. */
  shutdownMs: distribution.default({ minMs: 1000, maxMs: 2000 }),
  /** How long describe lags behind each appearance and each change. */
  describeLagMs: distribution.default({ minMs: 0, maxMs: 1000 }),
  /** How long terminated instances stay visible. */
  terminatedVisibleMs: ms.default(3_600_000),
  /** How long an answer takes after its effect; slept on the clock. 0: at once. */
  callMs: distribution.default(0),
  /** Of launched instances that reach `running` and whose system never comes up. */
  neverBootsProbability: probability.default(0),
  /** Of launched instances that go from `pending` straight to their end (`Server.InternalError`). */
  failedLaunchProbability: probability.default(0),
  /** Random interruptions of each spot instance; 'catalog': from the spot advisor's band of its type. */
  spotInterruptionsPerHour: z.union([z.number().min(0), z.literal('catalog')]).default(0),
  spotNoticeMs: distribution.default(120_000),
  /** How far spot prices move around the catalog's estimate, per type and zone: 0.2 is +-20 %. */
  spotPriceVariation: z.number().min(0).max(0.9).default(0),
  /** Share of interruptions that a rebalance recommendation precedes. */
  rebalanceProbability: probability.default(0.5),
  /** Instances that each offering has for this account; null: as many as asked for. */
  capacityPerOffering: z.number().int().min(0).nullable().default(null),
  /** Instances that come back to a depleted offering, up to its full capacity. */
  capacityRefillPerMinute: z.number().min(0).default(0),
  /** The fleet, not its caller, picks among the overrides. */
  fleetStrategy: z
    .strictObject({
      'on-demand': z.enum(fleetStrategies).default('lowest-price'),
      spot: z.enum(fleetStrategies).default('price-capacity-optimized'),
    })
    .prefault({}),
  /** vCPU at once, by quota class (lib/core/catalog/quotas.ts); an absent class is not limited. */
  vcpuLimits: z
    .strictObject({
      'on-demand': z.record(z.string(), z.number().min(0)).default({}),
      spot: z.record(z.string(), z.number().min(0)).default({}),
    })
    .prefault({}),
  /** Instances pending or running at once; null: no limit of that kind. */
  instanceLimit: z.number().int().min(0).nullable().default(null),
  /** By EC2 action; an absent action is not throttled. */
  throttles: z.record(z.string(), throttle).default({ ...gentleThrottles }),
  /** false: a replay of a used token answers without listing its instances, as EC2 reserves the right to. */
  replayListsInstances: z.boolean().default(true),
});

export type CloudOptions = z.output<typeof cloudOptionsSchema>;
export type CloudOptionsInput = z.input<typeof cloudOptionsSchema>;
