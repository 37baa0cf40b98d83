/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// When a pool's limits do not allow the cheapest nodes: first other nodes (fewer and larger, or leaner ones) for all
// tasks; where that is not enough, as many as can be served in their order, and then whoever still fits.
import type { Offering } from '../../values/offering.ts';
import { addUsage } from '../../records/pool.ts';
import type { Usage } from '../../records/pool.ts';
import { backfill } from '../backfill.ts';
import { chooseOptions, dimensions } from '../compile.ts';
import type { Penalties, Problem, Unit } from '../compile.ts';
import type { Batch } from '../packing/dive.ts';
import { Filler } from '../packing/filler.ts';
import { solveFluid } from '../packing/fluid.ts';
import { isWithin } from '../../records/limits.ts';
import { timesUsage } from '../../records/pool.ts';
import { usageOfBatches } from '../launches.ts';
import { firstPlan } from '../provision.ts';
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

export function clamp(
  input: AllocationInput,
  base: Problem,
  offerings: readonly Offering[],
  units: readonly Unit[],
  left: Int32Array,
  first: readonly Batch[],
): Clamped {
  const used = usageOfBatches(base, first);
  const variants = [
    base,
    ...penaltiesFor(input, used).map((one) => ({
      ...base,
      ...chooseOptions(base.signatures, offerings, input, one, base.nodeMost),
    })),
  ];
  const all = prefixOf(base, left, Infinity);
  let best: Clamped | null = null;
  let bestUsd = Infinity;
  for (const problem of variants.slice(1)) {
    const batches = firstPlan(problem, new Filler(problem), all);
    const usage = usageOfBatches(problem, batches);
    if (isWithin(addUsage(input.usage, usage), input.pool.limits) && usage.usdPerHour < bestUsd - 1e-9) {
      bestUsd = usage.usdPerHour;
      best = { problem, batches, waiting: new Int32Array(left.length) };
    }
  }
  if (best !== null) return best;
  let bestServed = -1;
  for (const problem of variants) {
    const { batches, served } = longestPrefix(input, problem, units, left);
    const usage = usageOfBatches(problem, batches);
    if (served < bestServed || (served === bestServed && usage.usdPerHour >= bestUsd - 1e-9)) continue;
    [bestServed, bestUsd] = [served, usage.usdPerHour];
    best = { problem, batches, waiting: waitingAfter(left, served) };
  }
  if (best === null) return { problem: base, batches: [], waiting: left.slice() };
  const batches = backfill(input, best.problem, units, best.batches, best.waiting);
  return { ...best, batches };
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

function longestPrefix(
  input: AllocationInput,
  problem: Problem,
  units: readonly Unit[],
  left: Int32Array,
): { batches: readonly Batch[]; served: number } {
  const filler = new Filler(problem);
  let served = 0;
  let batches: readonly Batch[] = [];
  let most = mostServed(input, problem, units, left);
  while (served < most) {
    const middle = Math.ceil((served + most) / 2);
    const plan = firstPlan(problem, filler, prefixOf(problem, left, middle));
    if (isWithin(addUsage(input.usage, usageOfBatches(problem, plan)), input.pool.limits))
      [served, batches] = [middle, plan];
    else most = middle - 1;
  }
  return { batches, served };
}

/** No more of the first tasks than this can be served: by what the limits leave, against what nodes can hold. */
function mostServed(input: AllocationInput, problem: Problem, units: readonly Unit[], left: Int32Array): number {
  const { limits } = input.pool;
  const room = addUsage(
    {
      instances: limits.instances ?? Infinity,
      vcpu: limits.vcpu ?? Infinity,
      memoryMib: limits.memoryMib ?? Infinity,
      usdPerHour: limits.usdPerHour ?? Infinity,
    },
    timesUsage(input.usage, -1),
  );
  const largest = new Float64Array(dimensions);
  for (let at = 0; at < problem.capacity.length; at++)
    largest[at % dimensions] = Math.max(largest[at % dimensions]!, problem.capacity[at]!);
  const most = Array.from(largest, (one, d) =>
    Math.min(Math.max(0, room.instances) * one, d === 0 ? room.vcpu * 1000 : d === 1 ? room.memoryMib : Infinity),
  );
  const { worth } = solveFluid(problem, prefixOf(problem, left, Infinity));
  // Penalised prices are no dollars: only an unpenalised worth says anything about the limit in USD.
  const isPlain = problem.options.every((option, at) => problem.price[at]! <= option.priceUsdPerHour * (1 + 1e-9));
  const usd = isPlain ? room.usdPerHour : Infinity;
  const used = new Float64Array(dimensions);
  let usdUsed = 0;
  let served = 0;
  for (let unit = 0; unit < units.length; unit++) {
    const kind = problem.kindOfUnit[unit]!;
    let count = left[unit]!;
    for (let d = 0; d < dimensions; d++) {
      const size = problem.size[kind * dimensions + d]!;
      if (size > 0) count = Math.min(count, Math.floor((most[d]! - used[d]! + 1e-6) / size));
    }
    if (worth[kind]! > 0) count = Math.min(count, Math.floor((usd - usdUsed) / worth[kind]! + 1e-6));
    count = Math.max(0, count);
    for (let d = 0; d < dimensions; d++) used[d]! += count * problem.size[kind * dimensions + d]!;
    usdUsed += count * worth[kind]!;
    served += count;
    if (count < left[unit]!) return served;
  }
  return served;
}
