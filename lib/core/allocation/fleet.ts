/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Where tasks are small, the fleet can be chosen before the packing: whole nodes that together cover the demand and
// a hair more, at the least loss against the fluid prices. The packing then has to fit everything in.
import { Bulk } from './bulk.ts';
import { dimensions } from './compile.ts';
import type { Problem } from './compile.ts';
import type { Batch } from './dive.ts';
import type { Fluid } from './fluid.ts';
import { activeKinds, patternKindsMax } from './lower-bound.ts';

/** Parts of the demand that the fleet may be larger by, so that packing succeeds: tried from tight to loose. */
const allowances = [0.0002, 0.0004, 0.0007, 0.001, 0.0015, 0.002, 0.003, 0.005];
/** With fewer tasks to a node, tasks are too large for this. */
const tasksPerNodeLeast = 8;
/** Steps of the search for one fleet. */
const stepsMax = 20_000;
/** Nodes added at most to the whole part of the fluid optimum. */
const nodesMax = 40;
/** Options with the least loss per dollar that are combined. */
const optionsMax = 14;

/** Nodes for all of `demand`, or null where no fleet of nearly the fluid cost holds it. Only for tasks that may run anywhere, beside anyone. */
export function fleetFor(problem: Problem, fluid: Fluid, demand: Int32Array): Batch[] | null {
  if (activeKinds(demand) > patternKindsMax || problem.signatures.length !== 1 || problem.relations.some((one) => one !== null)) return null;
  const nodesWanted = fluid.amounts.reduce((sum, one) => sum + one[1], 0);
  if (demand.reduce((sum, count) => sum + count, 0) < tasksPerNodeLeast * nodesWanted) return null;
  for (const allowance of allowances) {
    const nodes = cheapestCover(problem, fluid, demand, allowance);
    if (nodes === null) continue;
    const left = demand.slice();
    const batches = new Bulk(problem, left).fillFleet(nodes, fluid);
    if (left.every((count) => count === 0)) return batches;
  }
  return null;
}

/** Options (one entry per node, small ones first) that cover the demand and its allowance at the least price. */
function cheapestCover(problem: Problem, fluid: Fluid, demand: Int32Array, allowance: number): number[] | null {
  const { capacity, price, size } = problem;
  const need = new Float64Array(dimensions);
  for (let kind = 0; kind < problem.kinds; kind++) {
    for (let d = 0; d < dimensions; d++) need[d]! += demand[kind]! * size[kind * dimensions + d]! * (1 + allowance);
  }
  const worthOf = (option: number): number => {
    let worth = 0;
    for (let d = 0; d < dimensions; d++) worth += capacity[option * dimensions + d]! * fluid.unitPrice[d]!;
    return worth;
  };
  const loss = Float64Array.from(price, (usd, option) => Math.max(0, usd - worthOf(option)));
  const base = fluid.amounts.map(([option, amount]) => [option, Math.max(0, Math.floor(amount) - 1)] as const);
  for (const [option, count] of base) for (let d = 0; d < dimensions; d++) need[d]! -= count * capacity[option * dimensions + d]!;
  const options = Array.from(price.keys())
    .sort((a, b) => loss[a]! / price[a]! - loss[b]! / price[b]! || a - b).slice(0, optionsMax)
    .sort((a, b) => price[b]! - price[a]! || a - b);
  let best: number[] | null = null;
  let bestExcess = Infinity;
  let steps = stepsMax;
  const chosen: number[] = [];
  // Excess over the fluid cost: what the chosen options lose, and at the end what their unused capacity is worth.
  const search = (from: number, open: Float64Array, excess: number): void => {
    if (excess >= bestExcess || steps < 0 || chosen.length > nodesMax) return;
    if (open.every((amount) => amount <= 0)) {
      let unused = 0;
      for (let d = 0; d < dimensions; d++) unused -= open[d]! * fluid.unitPrice[d]!;
      if (excess + unused < bestExcess - 1e-12) {
        bestExcess = excess + unused;
        best = chosen.slice();
      }
      return;
    }
    for (let at = from; at < options.length; at++) {
      const option = options[at]!;
      steps -= 1;
      const rest = open.map((amount, d) => amount - capacity[option * dimensions + d]!);
      let over = 0;
      for (let d = 0; d < dimensions; d++) over += Math.max(0, -rest[d]!) * fluid.unitPrice[d]!;
      // Overshoot in one dimension never comes back.
      if (excess + loss[option]! + over >= bestExcess) continue;
      chosen.push(option);
      search(at, rest, excess + loss[option]!);
      chosen.pop();
    }
  };
  search(0, need, 0);
  if (best === null) return null;
  const nodes = base.flatMap(([option, count]) => new Array<number>(count).fill(option)).concat(best);
  return nodes.sort((a, b) => price[a]! - price[b]! || a - b);
}
