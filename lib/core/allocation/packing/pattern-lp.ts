/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// The pattern relaxation (Gilmore and Gomory's column generation): every column is a node that can really be
// filled that way. Far tighter than the fluid one where tasks are large, and the source of good whole nodes.
import { dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import { leastWorth } from './filler.ts';
import type { Filler, Pattern } from './filler.ts';
import { Simplex } from './simplex.ts';
import type { Column } from './simplex.ts';

export interface Relaxed {
  /** What one task of each kind is worth. */
  readonly worth: Float64Array;
  readonly objective: number;
  /** The patterns of the optimum and how many nodes (a fraction) are filled so. */
  readonly columns: readonly (readonly [Pattern, number])[];
  /** Nothing was found any more that would improve the program. */
  readonly isOptimal: boolean;
  /** Farley's bound: no whole or fractional set of nodes that carries `left` costs less. */
  readonly bound: number;
}

/** Options searched for patterns per round, and columns entered between two looks at all of them. */
const searchedPerRound = 10;
const enteredPerRound = 8;

interface PatternColumn extends Column {
  readonly pattern: Pattern;
}

export interface RelaxOptions {
  /** Rounds of inventing patterns. */
  readonly rounds: number;
  /** Search steps per filling. */
  readonly budget: number;
  /** Search steps per filling in the rounds that look at every option, for the bound; 0 for none. */
  readonly proofBudget: number;
  /** Stop when the bound is this close to the objective. */
  readonly tolerance: number;
}

export class PatternProgram {
  readonly #problem: Problem;
  readonly #filler: Filler;
  readonly #pool: Pattern[] = [];
  readonly #known = new Set<string>();
  /** What the last program said that tasks are worth. */
  readonly #worth: Float64Array;
  #isFirst = true;

  constructor(problem: Problem, filler: Filler) {
    this.#problem = problem;
    this.#filler = filler;
    this.#worth = new Float64Array(problem.kinds);
  }

  add(pattern: Pattern): void {
    const key = `${String(pattern.option)}:${pattern.kinds.join()}:${pattern.counts.join()}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#pool.push(pattern);
  }

  /** Fills every option once at these prices: a first stock of patterns. */
  seed(worth: Float64Array, left: ArrayLike<number>, budget: number): void {
    for (let option = 0; option < this.#problem.options.length; option++) {
      const { pattern } = this.#filler.fill(option, worth, left, this.#problem.price[option]! * 0.9, budget);
      if (pattern) this.add(pattern);
    }
  }

  relax(left: ArrayLike<number>, options: RelaxOptions): Relaxed {
    const { kinds, price } = this.#problem;
    const rowOf = new Int32Array(kinds).fill(-1);
    const active: number[] = [];
    for (let kind = 0; kind < kinds; kind++) if (left[kind]! > 0) rowOf[kind] = active.push(kind) - 1;
    const start = active.map((kind) => this.#column(this.#alone(kind, left[kind]!), rowOf, left));
    const simplex = new Simplex(active.length, 1).reset(
      active.map((kind, row) => left[kind]! * (1 + row * 1e-10)),
      start,
    );
    const stock: PatternColumn[] = [];
    for (const pattern of this.#pool) {
      if (this.#isWorthy(pattern, left)) stock.push(this.#column(pattern, rowOf, left));
    }
    this.#isFirst = false;
    const worth = this.#worth.fill(0);
    let bound = 0;
    let isThorough = false;
    let isOptimal = false;
    for (let round = 0; ; round++) {
      this.#useStock(simplex, stock);
      for (const [row, kind] of active.entries())
        worth[kind] = simplex.dual[row]! >= leastWorth ? simplex.dual[row]! : 0;
      const objective = simplex.objective();
      if (round >= options.rounds) {
        if (isThorough || options.proofBudget === 0) break;
        isThorough = true;
      }
      const budget = isThorough ? options.proofBudget : options.budget;
      let share = 1;
      let isImproved = false;
      for (const [option, bound, isPromising] of this.#mostPromising(worth, left)) {
        if ((!isPromising && !isThorough) || bound <= price[option]!) {
          share = Math.min(share, price[option]! / bound);
          continue;
        }
        const filling = this.#filler.fill(option, worth, left, price[option]!, budget);
        share = Math.min(share, price[option]! / filling.bound);
        if (filling.pattern === null || filling.worth <= price[option]! * (1 + options.tolerance)) continue;
        this.add(filling.pattern);
        const column = this.#column(filling.pattern, rowOf, left);
        stock.push(column);
        if (simplex.enter(column)) isImproved = true;
      }
      let total = 0;
      for (const kind of active) total += worth[kind]! * left[kind]!;
      bound = Math.max(bound, total * share);
      isOptimal = bound >= objective * (1 - options.tolerance) || (isThorough && !isImproved);
      if (isOptimal) break;
      if (isImproved) continue;
      if (options.proofBudget === 0) break;
      isThorough = true;
    }
    const columns: [Pattern, number][] = [];
    for (const [at, column] of simplex.basis.entries()) {
      if (column !== null && simplex.value[at]! > 1e-9)
        columns.push([clipped(column as PatternColumn, active), simplex.value[at]!]);
    }
    return { worth: worth.slice(), objective: simplex.objective(), columns, bound, isOptimal };
  }

  /** Options by what their program promises per dollar; only the first are worth a search. */
  #mostPromising(
    worth: Float64Array,
    left: ArrayLike<number>,
  ): [option: number, bound: number, isPromising: boolean][] {
    const { options, price } = this.#problem;
    const list: [number, number, boolean][] = [];
    // Few tasks are worth less than a large node: that is a bound, too, and costs nothing.
    let total = 0;
    for (let kind = 0; kind < worth.length; kind++) if (left[kind]! > 0) total += worth[kind]! * left[kind]!;
    total *= 1 + 1e-9;
    for (let option = 0; option < options.length; option++) {
      if (total <= price[option]!) {
        list.push([option, total, false]);
        continue;
      }
      list.push([option, this.#filler.fill(option, worth, left, Infinity, 0).bound, false]);
    }
    list.sort((a, b) => b[1] / price[b[0]]! - a[1] / price[a[0]]! || a[0] - b[0]);
    for (const one of list.slice(0, searchedPerRound)) one[2] = true;
    return list;
  }

  /** Whether the pattern, clipped to what is left, may still pay for its node. */
  #isWorthy(pattern: Pattern, left: ArrayLike<number>): boolean {
    let value = 0;
    let most = 0;
    for (let at = 0; at < pattern.kinds.length; at++) {
      const kind = pattern.kinds[at]!;
      const count = Math.min(pattern.counts[at]!, left[kind]!);
      most = Math.max(most, count);
      value += count * this.#worth[kind]!;
    }
    return most > 0 && (this.#isFirst || value > 0.8 * this.#problem.price[pattern.option]!);
  }

  #useStock(simplex: Simplex, stock: readonly PatternColumn[]): void {
    for (let round = 0; round < 20 * (simplex.size + 20); round++) {
      simplex.repairSigns();
      const gainful: [PatternColumn, number][] = [];
      for (const column of stock) {
        const gain = -simplex.reducedCost(column) / column.cost;
        if (gain > 1e-7) gainful.push([column, gain]);
      }
      if (gainful.length === 0) return;
      gainful.sort((a, b) => b[1] - a[1]);
      let hasEntered = false;
      // `enter` looks again: the first may have taken the gain of the others.
      for (const [column] of gainful.slice(0, enteredPerRound)) if (simplex.enter(column)) hasEntered = true;
      if (!hasEntered) return;
    }
  }

  /** As a column over the active kinds, clipped to what is left of each. */
  #column(pattern: Pattern, rowOf: Int32Array, left: ArrayLike<number>): PatternColumn {
    const rows: number[] = [];
    const values: number[] = [];
    for (let at = 0; at < pattern.kinds.length; at++) {
      const kind = pattern.kinds[at]!;
      if (rowOf[kind]! < 0) continue;
      rows.push(rowOf[kind]!);
      values.push(Math.min(pattern.counts[at]!, left[kind]!));
    }
    return {
      rows: Int32Array.from(rows),
      values: Float64Array.from(values),
      cost: this.#problem.price[pattern.option]!,
      pattern,
    };
  }

  /** The cheapest node per task for this kind alone. */
  #alone(kind: number, left: number): Pattern {
    const { options, price, capacity, size } = this.#problem;
    let best = -1;
    let bestCost = Infinity;
    let bestCount = 0;
    for (let option = 0; option < options.length; option++) {
      if (this.#problem.allowed[this.#problem.signature[kind]!]![option] === 0) continue;
      let count = Math.min(left, this.#filler.most(kind));
      for (let d = 0; d < dimensions; d++) {
        const one = size[kind * dimensions + d]!;
        if (one > 0) count = Math.min(count, Math.floor(capacity[option * dimensions + d]! / one));
      }
      if (count > 0 && price[option]! / count < bestCost)
        [best, bestCost, bestCount] = [option, price[option]! / count, count];
    }
    return { option: best, kinds: Int32Array.of(kind), counts: Int32Array.of(bestCount) };
  }
}

function clipped(column: PatternColumn, active: readonly number[]): Pattern {
  return {
    option: column.pattern.option,
    kinds: Int32Array.from(column.rows, (row) => active[row]!),
    counts: Int32Array.from(column.values),
  };
}
