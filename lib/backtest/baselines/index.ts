// The baselines by name, each with the settings that are tried on the trace. Shown is the cheapest setting whose wait
// is bearable, so that a baseline is not beaten for having been set badly.
import { offeringsFor } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Offering } from '../../core/values/offering.ts';
import { fits } from '../../core/values/resources.ts';
import { totalOf } from '../measure/node-costs.ts';
import { resultOf } from '../results.ts';
import type { RunFigures, Settings, Tried, VariantResult } from '../results.ts';
import type { Trace } from '../traces/trace.ts';
import type { Behaviour } from '../world/behaviour.ts';
import { calm } from '../world/weather.ts';
import { Fleet } from './fleet.ts';
import type { Placement, Policy } from './fleet.ts';
import { KarpenterLike } from './karpenter-like.ts';
import { ManagedInstances } from './managed-instances.ts';
import { RecordedRun } from './recorded.ts';
import { BatchLike, FixedFleet, NodesOnDemand, TargetTracking } from './policies.ts';

export const baselineNames = [
  'fixed',
  'target-tracking',
  'batch-like',
  'batch-managed-like',
  'karpenter-like',
  'recorded',
] as const;
export type BaselineName = (typeof baselineNames)[number];

/** A setting whose 95 % of waits are above this is shown only if all are. */
export const bearableWaitS = 180;
/** A baseline of one type is tried with so many families, and with so many sizes of each, the smallest first. */
const familiesTried = 3;
const sizesTried = 3;

interface Candidate {
  readonly settings: Settings;
  readonly policy: Policy;
  readonly offerings: readonly Offering[];
  readonly placement: Placement;
}

export interface BaselineOptions {
  readonly name: BaselineName;
  readonly trace: Trace;
  readonly pool: PoolSpec;
  readonly behaviour: Behaviour;
  readonly seed: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/**
 * Tries every setting and answers the best one's figures: of those that ran the most work the cheapest. It may buy what
 * the pool may, without the pool's limits.
 */
export async function runBaseline(options: BaselineOptions): Promise<VariantResult> {
  const { name, trace, pool, behaviour, seed, onProgress } = options;
  // Nothing can be set: it was so.
  if (name === 'recorded')
    return resultOf(name, seed, trace, [pool], new RecordedRun(trace, pool, behaviour), 'nothing to set');
  const candidates = await candidatesOf(options, name);
  const tried: Tried[] = [];
  let best: TriedFleet | null = null;
  for (const [at, candidate] of candidates.entries()) {
    onProgress?.(at, candidates.length);
    const fleet = new Fleet({ ...options, ...candidate });
    await fleet.run();
    const one: Tried = {
      settings: candidate.settings,
      costUsd: totalOf(fleet.measures.costs),
      waitP95S: fleet.measures.waits.all().p95S,
      ran: fleet.measures.counts.ran,
    };
    tried.push(one);
    if (best === null || isBetter({ fleet, one }, best)) best = { fleet, one };
  }
  if (best === null) return resultOf(name, seed, trace, [pool], await withoutNodes(options), 'nothing to set');
  return resultOf(name, seed, trace, [pool], best.fleet, { settings: best.one.settings, tried });
}

interface TriedFleet {
  readonly fleet: Fleet;
  readonly one: Tried;
}

/** The pool may buy nothing that this baseline is tried with. */
async function withoutNodes(options: BaselineOptions): Promise<RunFigures> {
  const policy: Policy = { begin: () => undefined };
  const fleet = new Fleet({ ...options, policy, offerings: [], placement: 'first-fit' });
  await fleet.run();
  const { measures, counts, unfinished, calls, weather } = fleet;
  const reason =
    `the pool may buy no type that ${options.name} is tried with: `
    + 'types that are not burstable, and carry whatever the pool can';
  return {
    measures,
    counts,
    unfinished,
    calls,
    weather,
    refusals: fleet.refusals.map(({ line }) => ({ line, reason })),
  };
}

/** A setting that leaves tasks waiting for ever is cheap: what ran goes first. */
function isBetter({ fleet, one: a }: TriedFleet, { fleet: other, one: b }: TriedFleet): boolean {
  const more = fleet.measures.counts.ran - other.measures.counts.ran;
  if (more !== 0) return more > 0;
  const [isBearable, isOther] = [a.waitP95S <= bearableWaitS, b.waitP95S <= bearableWaitS];
  if (isBearable !== isOther) return isBearable;
  return isBearable ? a.costUsd < b.costUsd : a.waitP95S < b.waitP95S;
}

async function candidatesOf(
  options: BaselineOptions,
  name: Exclude<BaselineName, 'recorded'>,
): Promise<readonly Candidate[]> {
  const { trace, pool } = options;
  const all = offeringsFor(pool);
  const plain = oneZone(all);
  const types = typesFor(trace, plain);
  const ofType = (offering: Offering, policy: Policy, settings: Settings): Candidate => ({
    settings: { type: offering.type.name, capacity: offering.capacityType, ...settings },
    policy,
    offerings: [offering],
    placement: 'first-fit',
  });
  switch (name) {
    case 'fixed':
      return Promise.all(
        types.map(async (offering) => {
          const nodes = await peakNodes(options, offering);
          return ofType(offering, new FixedFleet(offering, nodes), { nodes });
        }),
      );
    case 'target-tracking':
      return types.flatMap((offering) =>
        [50, 70, 90].map((target) => ofType(offering, new TargetTracking(offering, target), { targetPercent: target })),
      );
    case 'batch-like':
      return [2, 5, 10].flatMap((idleMinutes) =>
        [4, 16, 64].map((vcpuMax) => ({
          settings: { idleMinutes, vcpuMax },
          policy: new BatchLike(idleMinutes, vcpuMax),
          offerings: plain,
          placement: 'first-fit' as const,
        })),
      );
    case 'batch-managed-like':
      return [0, 60, 300].flatMap((scaleInAfterS) =>
        [4, 16, 64].map((vcpuMax) => ({
          settings: { scaleInAfterS, vcpuMax },
          policy: new ManagedInstances(scaleInAfterS, vcpuMax),
          offerings: all,
          placement: 'zones-then-packed' as const,
        })),
      );
    case 'karpenter-like':
      return [0, 60].flatMap((consolidateAfterS) =>
        [null, 2].flatMap((savingsPerDisruption) =>
          (['least-allocated', 'first-fit'] as const).map((placement) => ({
            settings: { consolidateAfterS, savingsPerDisruption: savingsPerDisruption ?? 'empty only', placement },
            policy: new KarpenterLike({ consolidateAfterMs: consolidateAfterS * 1000, savingsPerDisruption }),
            offerings: plain,
            placement,
          })),
        ),
      );
  }
}

/** Prices are the same in every zone here: one of each type is enough to choose from. */
function oneZone(offerings: readonly Offering[]): readonly Offering[] {
  const seen = new Map<string, Offering>();
  for (const one of offerings) {
    const key = `${one.type.name} ${one.capacityType}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

/** Small sizes, that carry every task that any does, of the families cheapest for the mix of vCPU, memory and GPU. */
function typesFor(trace: Trace, offerings: readonly Offering[]): readonly Offering[] {
  const sum = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
  for (const { resources, durationMs, count } of trace.tasks) {
    sum.cpuMilli += resources.cpuMilli * durationMs * count;
    sum.memoryMib += resources.memoryMib * durationMs * count;
    sum.gpu += resources.gpu * durationMs * count;
  }
  const carriable = trace.tasks
    .map((task) => task.resources)
    .filter((one) => offerings.some(({ type }) => fits(one, type.allocatable)));
  const needed = {
    cpuMilli: carriable.reduce((most, one) => Math.max(most, one.cpuMilli), 0),
    memoryMib: carriable.reduce((most, one) => Math.max(most, one.memoryMib), 0),
    gpu: carriable.reduce((most, one) => Math.max(most, one.gpu), 0),
  };
  const nodesFor = ({ cpuMilli, memoryMib, gpu }: typeof needed): number =>
    Math.max(sum.cpuMilli / cpuMilli, sum.memoryMib / memoryMib, sum.gpu === 0 ? 0 : sum.gpu / gpu);
  const able = offerings
    .filter((one) => !one.type.isBurstable && fits(needed, one.type.allocatable))
    .map((offering) => ({ offering, cost: offering.priceUsdPerHour * nodesFor(offering.type.allocatable) }))
    .sort((a, b) => a.cost - b.cost || (a.offering.id < b.offering.id ? -1 : 1));
  const familyOf = ({ type, capacityType }: Offering): string => `${type.family} ${capacityType}`;
  const families = [...new Set(able.map(({ offering }) => familyOf(offering)))].slice(0, familiesTried);
  return families.flatMap((family) =>
    able
      .map(({ offering }) => offering)
      .filter((offering) => familyOf(offering) === family)
      .sort((a, b) => a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1))
      .slice(0, sizesTried),
  );
}

async function peakNodes(options: BaselineOptions, offering: Offering): Promise<number> {
  const policy = new NodesOnDemand(offering);
  const fleet = new Fleet({
    ...options,
    behaviour: { ...options.behaviour, weather: calm },
    policy,
    offerings: [offering],
    placement: 'first-fit',
  });
  await fleet.run();
  return policy.nodes;
}
