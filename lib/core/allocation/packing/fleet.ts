/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Where tasks are small, the fleet can be chosen before the packing: whole nodes that together cover the demand and
// a hair more, at the least loss against the fluid prices. The packing then has to fit everything in.
import { Bulk } from './bulk.ts';
import { dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import { costOf } from './dive.ts';
import type { Batch } from './dive.ts';
import type { Fluid } from './fluid.ts';
import { activeKinds, patternKindsMax } from './lower-bound.ts';

/** Parts of the demand that the fleet may be larger by, so that packing succeeds: tried from tight to loose. */
const allowances = [0.0002, 0.0004, 0.0007, 0.001, 0.0015, 0.002, 0.003, 0.005];
/** More tasks than these left over, and the fleet was too tight. */
const leftOverMost = 12;
/** With fewer tasks to a node, tasks are too large for this. */
const tasksPerNodeLeast = 8;
/** Options with the least loss per dollar, enough for large fleets; all are tried after them. */
const optionsFew = 14;
/** Parts of the fluid cost that a fleet may exceed it by, tried in turn. */
const excessLimits = [0.0003, 0.0006, 0.0012, 0.0025, 0.005, 0.01, 0.02];
/** Part of the fluid cost below which no other options are tried. */
const excessFine = 0.0008;
/** Steps of the search for one fleet within one limit. */
const stepsMax = 30_000;
/** Nodes added at most to the whole part of the fluid optimum. */
const nodesMax = 40;

/**
 * Nodes for all of `demand`, or null where no fleet near the fluid cost holds it. Only for tasks that may run
 * anywhere, beside anyone. `complete` buys for the few tasks that a tight fleet leaves over; below `goodCost`
 * the first fleet is taken.
 */
export function fleetFor(
  problem: Problem,
  fluid: Fluid,
  demand: Int32Array,
  goodCost: number,
  complete: (left: Int32Array) => Batch[],
): Batch[] | null {
  if (
    activeKinds(demand) > patternKindsMax
    || problem.signatures.length !== 1
    || problem.relations.some((one) => one !== null)
  )
    return null;
  const nodesWanted = fluid.amounts.reduce((sum, one) => sum + one[1], 0);
  if (demand.reduce((sum, count) => sum + count, 0) < tasksPerNodeLeast * nodesWanted) return null;
  let best: Batch[] | null = null;
  let bestCost = Infinity;
  for (const allowance of allowances) {
    const nodes = cheapestCover(problem, fluid, demand, allowance);
    if (nodes === null) continue;
    const left = demand.slice();
    const batches = new Bulk(problem, left).fillFleet(nodes, fluid);
    const leftCount = left.reduce((sum, count) => sum + count, 0);
    if (leftCount > leftOverMost) continue;
    if (leftCount > 0) batches.push(...complete(left));
    const cost = costOf(problem, batches);
    if (cost < bestCost) [best, bestCost] = [batches, cost];
    if (bestCost <= goodCost) break;
  }
  return best;
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
  for (const [option, count] of base)
    for (let d = 0; d < dimensions; d++) need[d]! -= count * capacity[option * dimensions + d]!;
  // Small nodes lose a larger part of their price, but little in all, and they close the last gap of a small fleet.
  const byLoss = Array.from(price.keys()).sort((a, b) => loss[a]! / price[a]! - loss[b]! / price[b]! || a - b);
  const choices = [byLoss.slice(0, optionsFew), byLoss].map((list) =>
    [...list].sort((a, b) => price[b]! - price[a]! || a - b),
  );
  let options: readonly number[] = [];
  let best: number[] | null = null;
  let bestExcess = Infinity;
  let steps = stepsMax;
  const chosen: number[] = [];
  // Excess over the fluid cost: what the chosen options lose, and at the end what their unused capacity is worth.
  const [cpuPrice, memoryPrice, gpuPrice, slotPrice] = [
    fluid.unitPrice[0]!,
    fluid.unitPrice[1]!,
    fluid.unitPrice[2]!,
    fluid.unitPrice[3]!,
  ];
  const search = (from: number, cpu: number, memory: number, gpu: number, slots: number, excess: number): void => {
    if (excess >= bestExcess || steps < 0 || chosen.length > nodesMax) return;
    if (cpu <= 0 && memory <= 0 && gpu <= 0 && slots <= 0) {
      const unused = -(cpu * cpuPrice + memory * memoryPrice + gpu * gpuPrice + slots * slotPrice);
      if (excess + unused < bestExcess - 1e-12) {
        bestExcess = excess + unused;
        best = chosen.slice();
      }
      return;
    }
    for (let at = from; at < options.length; at++) {
      const option = options[at]!;
      const base = option * dimensions;
      steps -= 1;
      const [a, b, c, d] = [
        cpu - capacity[base]!,
        memory - capacity[base + 1]!,
        gpu - capacity[base + 2]!,
        slots - capacity[base + 3]!,
      ];
      // Overshoot in one dimension never comes back.
      const over = -(
        Math.min(0, a) * cpuPrice
        + Math.min(0, b) * memoryPrice
        + Math.min(0, c) * gpuPrice
        + Math.min(0, d) * slotPrice
      );
      if (excess + loss[option]! + over >= bestExcess) continue;
      chosen.push(option);
      search(at, a, b, c, d, excess + loss[option]!);
      chosen.pop();
    }
  };
  const total = fluid.worth.reduce((sum, worth, kind) => sum + worth * demand[kind]!, 0);
  // Deepening: a small excess prunes nearly everything, so that the search is complete where it matters.
  for (const choice of choices) {
    options = choice;
    const known = bestExcess;
    for (const limit of excessLimits) {
      bestExcess = Math.min(known, limit * total);
      steps = stepsMax;
      const before = bestExcess;
      search(0, need[0]!, need[1]!, need[2]!, need[3]!, 0);
      if (bestExcess < before || before === known) break;
    }
    if (best === null) bestExcess = Infinity;
    else if (bestExcess <= excessFine * total) break;
  }
  if (best === null) return null;
  const nodes = base.flatMap(([option, count]) => new Array<number>(count).fill(option)).concat(best);
  return nodes.sort((a, b) => price[a]! - price[b]! || a - b);
}
