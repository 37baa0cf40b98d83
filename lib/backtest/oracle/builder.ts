// Builds nodes one at a time around a seed: of every machine that may carry the seed, filled with what overlaps it, the
// one is kept whose price for what it carries is least. What a task is worth says the fluid relaxation.
import { solveFluid } from '../../core/allocation/packing/fluid.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { boundProblem } from '../measure/bound-problem.ts';
import type { TraceTask } from '../traces/trace.ts';
import { BusyNode } from './busy-node.ts';
import type { Effort } from './busy-node.ts';
import type { Item, Kind, Machine, Market } from './market.ts';

/** Machines that are tried for one seed: the cheapest that carry it, and those that are cheapest for what they hold. */
const cheapestTried = 8;
const efficientTried = 10;
/** Candidates that the choice of the machine looks at; what is chosen is filled with all of them. */
const lookedAt = 200;
/** Worth of a task at the least, as a share of what it costs alone. */
const worthLeast = 1e-3;
const hourMs = 3_600_000;

export class Builder {
  readonly items: readonly Item[];
  readonly bootMs: number;
  readonly effort: Effort;
  /** USD that each item may be expected to cost. */
  readonly worthUsd: Float64Array;
  readonly #market: Market;
  readonly #tried: readonly (readonly number[])[];

  constructor(tasks: readonly TraceTask[], pool: PoolSpec, market: Market, bootMs: number, effort: Effort) {
    this.items = market.items;
    this.bootMs = bootMs;
    this.effort = effort;
    this.#market = market;
    const problem = boundProblem(tasks, pool);
    const volume = new Float64Array(problem.kinds);
    for (const { task, startMs, endMs } of market.items) {
      const kind = problem.kindOf[task] ?? -1;
      if (kind >= 0) volume[kind] = (volume[kind] ?? 0) + (endMs - startMs) / hourMs + 1e-6;
    }
    const { worth, unitPrice } = solveFluid(problem, volume);
    this.worthUsd = Float64Array.from(market.items, ({ task, startMs, endMs }) => {
      const kind = problem.kindOf[task] ?? -1;
      const perHour = Math.max(worth[kind] ?? 0, worthLeast * (problem.aloneUsdPerHour[kind] ?? 0));
      return (perHour * (endMs - startMs + bootMs)) / hourMs;
    });
    const prices = [0, 1, 2].map((d) =>
      problem.allowed.reduce((most, _, at) => Math.max(most, unitPrice[at * 4 + d] ?? 0), 0),
    );
    this.#tried = market.kinds.map((kind) => triedFor(kind, market.machines, prices));
  }

  kindOf(item: Item): Kind {
    const kind = this.#market.kinds[item.kind];
    if (kind === undefined) throw new RangeError(`task ${String(item.task)} is of no kind`);
    return kind;
  }

  itemAt(at: number): Item {
    const item = this.items[at];
    if (item === undefined) throw new RangeError(`no item ${String(at)}`);
    return item;
  }

  /**
   * The best node for the seed and what of the candidates joins it: those that make it dearer by no more than so many
   * times what they are worth. `blur` of each machine's price for what it carries: another choice now and then.
   */
  build(
    seed: number,
    candidates: readonly number[],
    keenness: number,
    blur = () => 1,
  ): { node: BusyNode; taken: Set<number> } {
    const looked = candidates.slice(0, lookedAt);
    const worthMost = looked.reduce((sum, at) => sum + (this.worthUsd[at] ?? 0), this.worthUsd[seed] ?? 0);
    let best: { node: BusyNode; taken: Set<number> } | null = null;
    let bestRatio = Infinity;
    for (const position of this.#tried[this.itemAt(seed).kind] ?? []) {
      const machine = this.#market.machines[position];
      if (machine === undefined) continue;
      const node = this.#empty(machine, position);
      const taken = new Set<number>([seed]);
      this.#put(node, seed);
      if (node.usd / worthMost >= bestRatio) continue;
      const worth = this.#fill(node, taken, looked, keenness) + (this.worthUsd[seed] ?? 0);
      const ratio = (node.usd / worth) * blur();
      if (ratio < bestRatio) [best, bestRatio] = [{ node, taken }, ratio];
    }
    if (best === null) throw new RangeError(`no machine carries item ${String(seed)}`);
    this.#fill(best.node, best.taken, candidates.slice(lookedAt), keenness);
    return best;
  }

  #fill(node: BusyNode, taken: Set<number>, candidates: readonly number[], keenness: number): number {
    let sum = 0;
    for (const at of candidates) {
      const worth = this.worthUsd[at] ?? 0;
      const item = this.itemAt(at);
      if (node.extraUsd(item, this.kindOf(item)) > keenness * worth) continue;
      this.#put(node, at);
      taken.add(at);
      sum += worth;
    }
    return sum;
  }

  #put(node: BusyNode, at: number): void {
    const item = this.itemAt(at);
    node.add(item, this.kindOf(item));
  }

  #empty(machine: Machine, position: number): BusyNode {
    return new BusyNode(machine, position, this.bootMs, this.#market.tasksPerNode, this.effort);
  }
}

function triedFor(kind: Kind, machines: readonly Machine[], prices: readonly number[]): readonly number[] {
  const costOf = (at: number): number => {
    const machine = machines[at];
    if (machine === undefined) return Infinity;
    const { cpuMilli, memoryMib, gpu } = machine.capacity;
    const carries = [Math.min(cpuMilli, machine.paidMilli), memoryMib, gpu];
    const worth = carries.reduce((sum, amount, d) => sum + amount * (prices[d] ?? 0), 0);
    return worth > 0 ? machine.usdPerMs / worth : Infinity;
  };
  const efficient = [...kind.machines].sort((a, b) => costOf(a) - costOf(b) || a - b).slice(0, efficientTried);
  return [...new Set([...kind.machines.slice(0, cheapestTried), ...efficient])];
}
