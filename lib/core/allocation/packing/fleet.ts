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
  const base = fluid.amounts.map(([option, amount]) => [option, Math.max(0, Math.floor(amount) - 1)] as const);
  for (const [option, count] of base)
    for (let d = 0; d < dimensions; d++) need[d]! -= count * capacity[option * dimensions + d]!;
  const search = new CoverSearch(problem, fluid, need);
  const total = fluid.worth.reduce((sum, worth, kind) => sum + worth * demand[kind]!, 0);
  // Deepening: a small excess prunes nearly everything, so that the search is complete where it matters.
  for (const options of choicesOf(price, search.loss)) {
    const known = search.bestExcess;
    for (const limit of excessLimits) {
      const before = Math.min(known, limit * total);
      search.run(options, before);
      if (search.bestExcess < before || before === known) break;
    }
    if (search.best === null) search.bestExcess = Infinity;
    else if (search.bestExcess <= excessFine * total) break;
  }
  if (search.best === null) return null;
  const nodes = base.flatMap(([option, count]) => new Array<number>(count).fill(option)).concat(search.best);
  return nodes.sort((a, b) => price[a]! - price[b]! || a - b);
}

/**
 * Options to choose from, dear ones first: a few, then all. Small nodes lose a larger part of their price, but little
 * in all, and they close the last gap of a small fleet.
 */
function choicesOf(price: Float64Array, loss: Float64Array): readonly (readonly number[])[] {
  const byLoss = Array.from(price.keys()).sort((a, b) => loss[a]! / price[a]! - loss[b]! / price[b]! || a - b);
  return [byLoss.slice(0, optionsFew), byLoss].map((list) => [...list].sort((a, b) => price[b]! - price[a]! || a - b));
}

/** Searches the nodes that cover a need, by depth. Excess: what they cost over the fluid worth of the need. */
class CoverSearch {
  /** Per option: the part of its price that its capacity is not worth. */
  readonly loss: Float64Array;
  best: number[] | null = null;
  bestExcess = Infinity;
  readonly #capacity: Float64Array;
  readonly #prices: readonly [number, number, number, number];
  readonly #need: Float64Array;
  readonly #chosen: number[] = [];
  #options: readonly number[] = [];
  #steps = stepsMax;

  constructor({ capacity, price }: Problem, { unitPrice }: Fluid, need: Float64Array) {
    this.#capacity = capacity;
    this.#prices = [unitPrice[0]!, unitPrice[1]!, unitPrice[2]!, unitPrice[3]!];
    this.#need = need;
    this.loss = Float64Array.from(price, (usd, option) => {
      let worth = 0;
      for (let d = 0; d < dimensions; d++) worth += capacity[option * dimensions + d]! * unitPrice[d]!;
      return Math.max(0, usd - worth);
    });
  }

  /** Looks for less excess than `excessMax`. */
  run(options: readonly number[], excessMax: number): void {
    this.#options = options;
    this.bestExcess = excessMax;
    this.#steps = stepsMax;
    this.#search(0, this.#need[0]!, this.#need[1]!, this.#need[2]!, this.#need[3]!, 0);
  }

  #search(from: number, cpu: number, memory: number, gpu: number, slots: number, excess: number): void {
    if (excess >= this.bestExcess || this.#steps < 0 || this.#chosen.length > nodesMax) return;
    const [cpuPrice, memoryPrice, gpuPrice, slotPrice] = this.#prices;
    if (cpu <= 0 && memory <= 0 && gpu <= 0 && slots <= 0) {
      // What the chosen options lose, and what their unused capacity is worth.
      const unused = -(cpu * cpuPrice + memory * memoryPrice + gpu * gpuPrice + slots * slotPrice);
      if (excess + unused < this.bestExcess - 1e-12) {
        this.bestExcess = excess + unused;
        this.best = this.#chosen.slice();
      }
      return;
    }
    const [capacity, options] = [this.#capacity, this.#options];
    for (let at = from; at < options.length; at++) {
      const option = options[at]!;
      const base = option * dimensions;
      this.#steps -= 1;
      const a = cpu - capacity[base]!;
      const b = memory - capacity[base + 1]!;
      const c = gpu - capacity[base + 2]!;
      const d = slots - capacity[base + 3]!;
      // Overshoot in one dimension never comes back.
      const over = -(
        Math.min(0, a) * cpuPrice
        + Math.min(0, b) * memoryPrice
        + Math.min(0, c) * gpuPrice
        + Math.min(0, d) * slotPrice
      );
      const next = excess + this.loss[option]!;
      if (next + over >= this.bestExcess) continue;
      this.#chosen.push(option);
      this.#search(at, a, b, c, d, next);
      this.#chosen.pop();
    }
  }
}
