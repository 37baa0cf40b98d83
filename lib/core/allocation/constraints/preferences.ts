/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Wishes: a preference narrows a task's requirements while that costs less than its owner said it may.
import { intersect, unmetRequirement } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { Offering } from '../../values/offering.ts';
import { capacityOf, compile, dimensions, effectivePrice, noPenalties } from '../compile.ts';
import type { Turn } from '../ordering/order.ts';
import { solveFluid } from '../packing/fluid.ts';
import type { AllocationInput, Demand } from '../types.ts';

/** What each demand's tasks require once their affordable preferences are added, in the order they were named. */
export function honourPreferences(
  input: AllocationInput,
  offerings: readonly Offering[],
  turns: readonly Turn[],
): (demand: Demand) => Requirements {
  if (!turns.some(({ demand }) => (demand.preferences?.length ?? 0) > 0)) return (demand) => demand.requirements;
  const units = turns.map(({ demand, count }) => ({ demand, count, requirements: demand.requirements, zone: null }));
  const problem = compile(units, offerings, input, noPenalties);
  const demandOf = Int32Array.from(problem.unitsOfKind, (list) =>
    list.reduce((sum, unit) => sum + units[unit]!.count, 0),
  );
  const fluid = solveFluid(
    problem,
    demandOf.map((count, kind) => count * problem.isCarried[kind]!),
  );
  const kindOf = new Map(units.map((unit, at) => [unit.demand, problem.kindOfUnit[at]!]));
  const tasksPerNode = Math.min(input.pool.tasksPerNode, problem.nodeMost[dimensions - 1]!);
  const known = new Map<string, Requirements>();
  return (demand) => {
    const kind = kindOf.get(demand);
    if (kind === undefined || (demand.preferences?.length ?? 0) === 0) return demand.requirements;
    const key = `${String(kind)} ${JSON.stringify(demand.preferences)}`;
    let narrowed = known.get(key);
    if (narrowed === undefined) {
      narrowed = demand.requirements;
      const signature = problem.signature[kind]! * dimensions;
      const prices = fluid.unitPrice.subarray(signature, signature + dimensions);
      const size = problem.size.subarray(kind * dimensions, (kind + 1) * dimensions);
      const own = prices.reduce((sum, price, d) => sum + price * size[d]!, 0);
      for (const { requirements, maxExtraUsdPerHour } of demand.preferences ?? []) {
        const wish = intersect(narrowed, requirements);
        if (cheapestShare(input, offerings, wish, prices, size, tasksPerNode) - own <= maxExtraUsdPerHour + 1e-9)
          narrowed = wish;
      }
      known.set(key, narrowed);
    }
    return narrowed;
  };
}

/** What the task's share of a node would cost on the best offering that meets the wish; Infinity where none does. */
function cheapestShare(
  input: AllocationInput,
  offerings: readonly Offering[],
  wish: Requirements,
  prices: Float64Array,
  size: Float64Array,
  tasksPerNode: number,
): number {
  let best = Infinity;
  for (const offering of offerings) {
    const capacity = capacityOf(offering, tasksPerNode);
    if (capacity.some((amount, d) => amount < size[d]!) || unmetRequirement(wish, offering) !== null) continue;
    let part = 0;
    let whole = 0;
    for (let d = 0; d < dimensions; d++) {
      part += prices[d]! * size[d]!;
      whole += prices[d]! * capacity[d]!;
    }
    // Where nothing is worth anything yet, the largest part of any dimension counts.
    const share =
      whole > 0 ? part / whole : Math.max(...capacity.map((amount, d) => (amount > 0 ? size[d]! / amount : 0)));
    best = Math.min(best, effectivePrice(offering, input.perNodeOverheadUsdPerHour ?? 0) * share);
  }
  return best;
}
