/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// When a pool's limits do not allow the cheapest nodes: first other nodes (fewer and larger, or leaner ones) for all
// tasks; where that is not enough, as many as can be served in their order, and then whoever still fits. What limits
// allow is asked of the fluid relaxation first, which costs little: few plans are made in vain.
import type { Offering } from '../../values/offering.ts';
import { addUsage, timesUsage } from '../../records/pool.ts';
import type { Usage } from '../../records/pool.ts';
import { backfill } from '../backfill.ts';
import { chooseOptions } from '../compile.ts';
import type { Penalties, Problem, Unit } from '../compile.ts';
import type { Batch } from '../packing/dive.ts';
import { Filler } from '../packing/filler.ts';
import { solveFluidByOwner } from '../packing/owners.ts';
import { isWithin, limitKeys, usageOf } from '../../records/limits.ts';
import { usageOfBatches } from '../launches.ts';
import { activeKinds, patternKindsMax } from '../packing/lower-bound.ts';
import { firstPlan } from '../provision.ts';
import type { Provision } from '../provision.ts';
import type { AllocationInput } from '../types.ts';

export interface Clamped {
  /** The problem that the batches' options belong to. */
  readonly problem: Problem;
  readonly batches: readonly Batch[];
  /** What is left waiting of each unit. */
  readonly waiting: Int32Array;
}

/** How hard limited dimensions are priced, in multiples of what they cost on average. */
const penaltySteps = [1, 8, 64];

/** Plans that may be made to find how many of the first tasks the limits allow: of large demand, and of small. */
const plansOfMany = 3;
const plansOfFew = 12;
/** Of small demand, how many ways to weigh the limits are tried with plans, not only with the fluid. */
const variantsOfFew = 4;
/** A prefix is long enough at this part of what the fluid allows; whoever still fits is added anyway. */
const longEnough = 0.97;
/** Ways to price the limits that serve this part of what the best serves are told apart by what they cost. */
const nearlyMost = 0.99;
/** Of what the fluid allows, what real nodes hold at the first try more often than not. */
const likelyPart = 0.985;

/** What one way of pricing the limits comes to. */
interface Variant {
  readonly problem: Problem;
  /** Of all tasks, if they and the nodes were liquid. */
  readonly usage: Usage;
}

export function clamp(
  input: AllocationInput,
  base: Problem,
  offerings: readonly Offering[],
  units: readonly Unit[],
  left: Int32Array,
  first: Provision,
): Clamped {
  const all = prefixOf(base, left, Infinity);
  const used = usageOfBatches(base, first.batches);
  const variants = [
    base,
    ...penaltiesFor(input, used).map((one) => ({
      ...base,
      ...chooseOptions(base.signatures, offerings, input, one, base.nodeMost),
    })),
  ].map((problem): Variant => ({ problem, usage: fluidUsage(problem, all) }));
  const whole = forAll(input, variants.slice(1), all);
  if (whole !== null) return { ...whole, waiting: new Int32Array(left.length) };
  let best: { problem: Problem; batches: readonly Batch[]; served: number; usd: number } | null = null;
  for (const variant of mostServing(input, variants, left)) {
    if (best !== null && input.shouldStop()) break;
    const found = longestPrefix(input, variant, left);
    const usd = usageOfBatches(variant.problem, found.batches).usdPerHour;
    if (best === null || found.served > best.served || (found.served === best.served && usd < best.usd - 1e-9))
      best = { problem: variant.problem, ...found, usd };
  }
  if (best === null) return { problem: base, batches: [], waiting: left.slice() };
  const waiting = waitingAfter(left, best.served);
  const batches = backfill(input, best.problem, units, best.batches, waiting);
  return { problem: best.problem, batches, waiting };
}

/** The cheapest plan for all tasks within the limits, where the fluid says that one may be. */
function forAll(
  input: AllocationInput,
  variants: readonly Variant[],
  all: Int32Array,
): { problem: Problem; batches: readonly Batch[] } | null {
  const hopeful = variants
    .filter((one) => isNearlyWithin(input, one.usage))
    .sort((a, b) => a.usage.usdPerHour - b.usage.usdPerHour);
  const isSmall = activeKinds(all) <= patternKindsMax;
  let best: { problem: Problem; batches: readonly Batch[]; usd: number } | null = null;
  for (const { problem } of hopeful) {
    if (best !== null && (!isSmall || input.shouldStop())) break;
    const batches = firstPlan(problem, new Filler(problem), all);
    const usage = usageOfBatches(problem, batches);
    if (isWithin(addUsage(input.usage, usage), input.pool.limits) && usage.usdPerHour < (best?.usd ?? Infinity) - 1e-9)
      best = { problem, batches, usd: usage.usdPerHour };
  }
  return best;
}

/** The fluid is solved nearly: what just fits the limits may come out above them. Plans keep them exactly. */
const solvedWithin = 1e-6;

function isNearlyWithin(input: AllocationInput, usage: Usage): boolean {
  return isWithin(addUsage(input.usage, timesUsage(usage, 1 - solvedWithin)), input.pool.limits);
}

/** What the nodes of the fluid optimum count against limits; at least one node. */
function fluidUsage(problem: Problem, demand: Int32Array): Usage {
  let usage: Usage = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 };
  for (const [option, amount] of solveFluidByOwner(problem, demand).amounts)
    usage = addUsage(usage, usageOf(problem.options[option]!, amount));
  return usage.instances >= 1 || usage.instances === 0 ? usage : timesUsage(usage, 1 / usage.instances);
}

function penaltiesFor(input: AllocationInput, used: Usage): Penalties[] {
  const { limits } = input.pool;
  const wanted = addUsage(input.usage, used);
  const isOver = (key: keyof Usage): number => (wanted[key] > (limits[key] ?? Infinity) ? 1 : 0);
  const per = (amount: number): number => (amount > 0 ? used.usdPerHour / amount : 0);
  const list: Penalties[] = [];
  if (isOver('instances') + isOver('vcpu') + isOver('memoryMib') === 0) return list;
  for (const step of penaltySteps) {
    list.push({
      perInstance: step * isOver('instances') * per(used.instances),
      perVcpu: step * isOver('vcpu') * per(used.vcpu),
      perMemoryMib: step * isOver('memoryMib') * per(used.memoryMib),
    });
  }
  return list;
}

/** Counts by kind of the first `tasks` tasks in serving order. */
function prefixOf(problem: Problem, left: Int32Array, tasks: number): Int32Array {
  const counts = new Int32Array(problem.kinds);
  let open = tasks;
  for (let unit = 0; unit < left.length && open > 0; unit++) {
    const count = Math.min(left[unit]!, open);
    counts[problem.kindOfUnit[unit]!]! += count;
    open -= count;
  }
  return counts;
}

function waitingAfter(left: Int32Array, served: number): Int32Array {
  let open = served;
  return left.map((count) => {
    const share = Math.min(count, open);
    open -= share;
    return count - share;
  });
}

const isMany = (left: Int32Array): boolean => activeKinds(left) > patternKindsMax;

interface Serving extends Variant {
  /** So many of the first tasks the limits allow if they and the nodes are liquid. */
  readonly served: number;
}

/** The ways to price the limits that serve most tasks, and of those that serve nearly as many the cheapest. */
function mostServing(input: AllocationInput, variants: readonly Variant[], left: Int32Array): readonly Serving[] {
  const serving = variants.map((one): Serving => ({ ...one, served: servedByFluid(input, one.problem, left) }));
  const most = Math.max(...serving.map((one) => one.served));
  const isNear = (one: Serving): number => (one.served >= most * nearlyMost ? 0 : 1);
  serving.sort(
    (a, b) =>
      isNear(a) - isNear(b) || (isNear(a) === 0 ? 0 : b.served - a.served) || a.usage.usdPerHour - b.usage.usdPerHour,
  );
  return serving.slice(0, isMany(left) ? 1 : variantsOfFew);
}

function servedByFluid(input: AllocationInput, problem: Problem, left: Int32Array): number {
  let [least, most] = [0, left.reduce((sum, count) => sum + count, 0)];
  // To a part in a thousand: plans are not more exact.
  while (most - least > Math.max(0.001 * most, 0.5)) {
    const middle = Math.ceil((least + most) / 2);
    const usage = fluidUsage(problem, prefixOf(problem, left, middle));
    if (isNearlyWithin(input, usage)) least = middle;
    else most = middle - 1;
  }
  return most;
}

/** By plans: from what the fluid allows down to what fits, then up again while that is worth a plan. */
function longestPrefix(
  input: AllocationInput,
  { problem, served: allowed }: Serving,
  left: Int32Array,
): { batches: readonly Batch[]; served: number } {
  const filler = new Filler(problem);
  let served = 0;
  let batches: readonly Batch[] = [];
  let most = allowed;
  // A plan of whole nodes serves only nearly what the fluid does; how nearly is learnt from the plans.
  let next = isMany(left) ? Math.ceil(allowed * likelyPart) : allowed;
  for (let plan = isMany(left) ? plansOfMany : plansOfFew; plan > 0 && served < most; plan--) {
    if (served > 0 && input.shouldStop()) break;
    const made = firstPlan(problem, filler, prefixOf(problem, left, next));
    const excess = excessOf(input, usageOfBatches(problem, made));
    if (excess <= 1) {
      [served, batches] = [next, made];
      if (isMany(left) && served >= allowed * longEnough) break;
    } else most = next - 1;
    const guess = Math.floor(next / excess);
    next = Math.min(
      most,
      Math.max(served + 1, guess > served && guess < most ? guess : Math.ceil((served + most) / 2)),
    );
  }
  return { batches, served };
}

/** How many times what the limits leave: above 1 for what passes one. */
function excessOf(input: AllocationInput, usage: Usage): number {
  if (isWithin(addUsage(input.usage, usage), input.pool.limits)) return 1;
  let excess = 1 + 1e-6;
  for (const key of limitKeys) {
    const room = (input.pool.limits[key] ?? Infinity) - input.usage[key];
    excess = Math.max(excess, room > 0 ? usage[key] / room : Infinity);
  }
  return excess;
}
