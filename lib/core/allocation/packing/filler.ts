/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Fills one empty node: which tasks make it worth most? A small linear program over its dimensions, rounded
// down, then a depth-first search for what is left of the node. The program's value bounds every filling.
import { carries, dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import { ownCap } from './fluid.ts';
import { Neighbours } from './neighbours.ts';
import { Simplex } from './simplex.ts';
import type { Column } from './simplex.ts';

/** What one node of an option carries. */
export interface Pattern {
  readonly option: number;
  readonly kinds: Int32Array;
  readonly counts: Int32Array;
}

export interface Filling {
  /** No filling of this option is worth more, whatever is left of each kind. */
  readonly bound: number;
  readonly worth: number;
  readonly pattern: Pattern | null;
}

/** The column of one kind in the little program; its cost changes with every call. */
interface KindColumn extends Column {
  readonly kind: number;
  cost: number;
}

/** Below this a worth is rounding, to be taken for 0. */
export const leastWorth = 1e-9;

/** Task counts up to which the search starts from an empty node: with few tasks, rounding loses most. */
const fewTasks = 48;

/**
 * Numbers per position of the search order: four sizes, left, worth, cost, density, least vCPU and memory from
 * here on, related, kind.
 */
const positionFields = 12;

export class Filler {
  readonly #problem: Problem;
  readonly #active: Int32Array;
  readonly #neighbours: Neighbours;
  readonly #columns: KindColumn[] = [];
  readonly #scale = new Float64Array(dimensions).fill(1);
  readonly #groupCap: Float64Array;
  readonly #program: Simplex;
  readonly #room: Float64Array;
  readonly #carried: (Int32Array | undefined)[] = [];
  // Scratch, reused by every call.
  readonly #taken: Int32Array;
  readonly #density: Float64Array;
  readonly #free = new Float64Array(dimensions);
  readonly #cost: Float64Array;
  readonly #price: Float64Array;
  #order = new Float64Array(0);
  #length = 0;
  #budget = 0;
  #best = 0;
  #trail: number[] = [];
  #bestTrail: number[] = [];

  /** @param active the only kinds that will be filled with; absent: all */
  constructor(problem: Problem, active?: Int32Array) {
    this.#problem = problem;
    this.#active = active ?? Int32Array.from({ length: problem.kinds }, (_, kind) => kind);
    this.#neighbours = new Neighbours(problem);
    const { capacity, kinds, size } = problem;
    for (let at = 0; at < capacity.length; at++)
      this.#scale[at % dimensions] = Math.max(this.#scale[at % dimensions]!, capacity[at]!);
    this.#groupCap = new Float64Array(problem.groups.length);
    for (const kind of this.#active) {
      const rows: number[] = [];
      const values: number[] = [];
      for (let d = 0; d < dimensions; d++) {
        if (size[kind * dimensions + d]! === 0) continue;
        rows.push(d);
        values.push(size[kind * dimensions + d]! / this.#scale[d]!);
      }
      const cap = ownCap(problem, kind);
      if (cap < Infinity) {
        const { group } = problem.relations[kind]!;
        this.#groupCap[group] = Math.max(this.#groupCap[group]!, cap);
        rows.push(dimensions + group);
        values.push(1);
      }
      this.#columns[kind] = { rows: Int32Array.from(rows), values: Float64Array.from(values), cost: 0, kind };
    }
    this.#program = new Simplex(dimensions + this.#groupCap.length, -1);
    this.#room = new Float64Array(dimensions + this.#groupCap.length);
    this.#taken = new Int32Array(kinds);
    this.#density = new Float64Array(kinds);
    this.#cost = new Float64Array(kinds);
    this.#price = new Float64Array(dimensions + this.#groupCap.length);
  }

  /** Kinds that an empty node of the option can carry. */
  carried(option: number): Int32Array {
    const known = this.#carried[option];
    if (known) return known;
    const list: number[] = [];
    for (const kind of this.#active) if (carries(this.#problem, option, kind)) list.push(kind);
    return (this.#carried[option] = Int32Array.from(list));
  }

  /** How many tasks of the kind one empty node may carry as far as their relations to each other go. */
  most(kind: number): number {
    this.#neighbours.reset();
    return this.#neighbours.room(kind);
  }

  /**
   * @param worth per kind: 0, or at least {@link leastWorth}
   * @param left at most so many of each kind; kinds without any are ignored, also in the bound
   * @param target below this bound no filling is searched
   * @param budget steps of the search
   */
  fill(option: number, worth: Float64Array, left: ArrayLike<number>, target: number, budget: number): Filling {
    const { capacity } = this.#problem;
    const kinds: number[] = [];
    for (const kind of this.carried(option)) if (left[kind]! > 0 && worth[kind]! >= leastWorth) kinds.push(kind);
    if (kinds.length === 0) return { bound: 0, worth: 0, pattern: null };
    const room = this.#room;
    for (let d = 0; d < dimensions; d++) room[d] = capacity[option * dimensions + d]! / this.#scale[d]!;
    room.set(this.#groupCap, dimensions);
    const relaxed = this.#relax(kinds, room, worth);
    const bound = this.#proveBound(kinds, relaxed.dual, room, worth);
    if (bound < target) return { bound, worth: 0, pattern: null };

    for (const kind of kinds) this.#taken[kind] = 0;
    this.#neighbours.reset();
    this.#free.set(capacity.subarray(option * dimensions, (option + 1) * dimensions));
    let tasks = 0;
    for (const value of relaxed.value) tasks += value;
    const exact = tasks <= fewTasks;
    if (!exact) this.#round(kinds, relaxed, left, worth, room);
    const density = this.#density;
    // Densest first; among equals the larger, since the small ones fill what remains.
    kinds.sort((a, b) => density[b]! - density[a]! || worth[b]! - worth[a]! || a - b);
    this.#budget = budget;
    this.#best = -1;
    this.#trail = [];
    const free = this.#free;
    this.#prepare(kinds, left, worth);
    let rest = 0;
    for (let d = 0; d < dimensions; d++) rest += (this.#price[d]! * free[d]!) / this.#scale[d]!;
    for (let g = 0; g < this.#groupCap.length; g++) rest += this.#price[dimensions + g]! * this.#groupCap[g]!;
    this.#search(0, free[0]!, free[1]!, free[2]!, free[3]!, 0, rest);
    const trail = this.#bestTrail;
    for (let at = 0; at < trail.length; at += 2) this.#taken[trail[at]!]! += trail[at + 1]!;
    const used = kinds.filter((kind) => this.#taken[kind]! > 0).sort((a, b) => a - b);
    let total = 0;
    for (const kind of used) total += this.#taken[kind]! * worth[kind]!;
    return {
      bound: exact && this.#budget > 0 ? Math.min(bound, total * (1 + 1e-9) + 2e-9) : bound,
      worth: total,
      pattern:
        used.length === 0
          ? null
          : { option, kinds: Int32Array.from(used), counts: Int32Array.from(used, (kind) => this.#taken[kind]!) },
    };
  }

  /** Any prices >= 0 that no kind beats bound every filling: scale the program's prices until none does. */
  #proveBound(kinds: readonly number[], dual: Float64Array, room: Float64Array, worth: Float64Array): number {
    let densest = 1;
    for (let row = 0; row < room.length; row++) this.#price[row] = Math.max(0, -dual[row]!);
    for (const kind of kinds) {
      let cost = 0;
      const column = this.#columns[kind]!;
      for (let k = 0; k < column.rows.length; k++) cost += column.values[k]! * this.#price[column.rows[k]!]!;
      this.#cost[kind] = cost;
      this.#density[kind] = cost > 0 ? worth[kind]! / cost : Infinity;
      densest = Math.max(densest, this.#density[kind]);
    }
    let bound = 0;
    for (let row = 0; row < room.length; row++) bound += room[row]! * this.#price[row]!;
    return densest < Infinity ? bound * densest * (1 + 1e-9) : Infinity;
  }

  /** Maximises worth over fractions of tasks within `room`. Duals are <= 0 (prices with the sign of a minimum). */
  #relax(kinds: readonly number[], room: Float64Array, worth: Float64Array): Simplex {
    const simplex = this.#program.reset(room);
    for (let round = 0; round < 60; round++) {
      simplex.repairSigns();
      let best: KindColumn | null = null;
      let bestGain = 1e-9;
      for (const kind of kinds) {
        const column = this.#columns[kind]!;
        column.cost = -worth[kind]!;
        // Gain relative to worth: steepest in dollars would always try the largest tasks first.
        const gain = -simplex.reducedCost(column) / worth[kind]!;
        if (gain > bestGain) [best, bestGain] = [column, gain];
      }
      if (best === null || !simplex.enter(best)) return simplex;
    }
    return simplex;
  }

  /** Takes the whole tasks of the relaxed solution, within what is left; solves again where a kind ran out. */
  #round(
    kinds: readonly number[],
    first: Simplex,
    left: ArrayLike<number>,
    worth: Float64Array,
    room: Float64Array,
  ): void {
    let relaxed = first;
    let open = kinds;
    for (let round = 0; round < 6; round++) {
      // A few tasks less than the program says: the search then fits the rest in exactly.
      const slack = 3;
      let ranOut = false;
      for (const [at, column] of relaxed.basis.entries()) {
        if (column === null) continue;
        const { kind } = column as KindColumn;
        const whole = Math.max(0, Math.floor(relaxed.value[at]! + 1e-9) - slack);
        const count = Math.min(whole, left[kind]! - this.#taken[kind]!, this.#fits(kind));
        if (whole > left[kind]! - this.#taken[kind]!) ranOut = true;
        this.#take(kind, count);
        this.#taken[kind]! += count;
      }
      if (!ranOut) return;
      open = open.filter((kind) => this.#taken[kind]! < left[kind]!);
      if (open.length === 0) return;
      const rest = Float64Array.from(room);
      for (let d = 0; d < dimensions; d++) rest[d] = this.#free[d]! / this.#scale[d]!;
      for (const kind of kinds) {
        if (this.#taken[kind]! > 0 && ownCap(this.#problem, kind) < Infinity)
          rest[dimensions + this.#problem.relations[kind]!.group]! -= this.#taken[kind]!;
      }
      relaxed = this.#relax(
        open,
        rest.map((one) => Math.max(0, one)),
        worth,
      );
    }
  }

  #fits(kind: number): number {
    const { size } = this.#problem;
    let count = this.#neighbours.room(kind);
    for (let d = 0, at = kind * dimensions; d < dimensions; d++, at++) {
      if (size[at]! > 0) count = Math.min(count, Math.floor(this.#free[d]! / size[at]!));
    }
    return count;
  }

  #take(kind: number, count: number): void {
    if (count === 0) return;
    const { size } = this.#problem;
    for (let d = 0, at = kind * dimensions; d < dimensions; d++, at++) this.#free[d]! -= count * size[at]!;
    this.#neighbours.add(kind, count);
  }

  /** Lays the kinds out in search order, and for every position the least that any later kind needs. */
  #prepare(kinds: readonly number[], left: ArrayLike<number>, worth: Float64Array): void {
    const order = this.#order;
    const { size, relations } = this.#problem;
    const width = positionFields;
    if (order.length < (kinds.length + 1) * width) this.#order = new Float64Array((kinds.length + 1) * width * 2);
    const table = this.#order;
    this.#length = kinds.length;
    let [cpu, memory] = [Infinity, Infinity];
    for (let at = kinds.length - 1; at >= 0; at--) {
      const kind = kinds[at]!;
      const base = at * width;
      for (let d = 0; d < dimensions; d++) table[base + d] = size[kind * dimensions + d]!;
      cpu = Math.min(cpu, table[base]!);
      memory = Math.min(memory, table[base + 1]!);
      table[base + 4] = left[kind]! - this.#taken[kind]!;
      table[base + 5] = worth[kind]!;
      table[base + 6] = this.#cost[kind]!;
      table[base + 7] = this.#density[kind]!;
      table[base + 8] = cpu;
      table[base + 9] = memory;
      table[base + 10] = relations[kind] ? 1 : 0;
      table[base + 11] = kind;
    }
    table[kinds.length * width + 7] = 0;
  }

  /**
   * Depth first over counts of each kind, most first; `rest` is what the free capacity is worth at
   * the program's prices.
   */
  #search(from: number, cpu: number, memory: number, gpu: number, slots: number, value: number, rest: number): void {
    const table = this.#order;
    let base = from * positionFields;
    const end = this.#length * positionFields;
    let most = 0;
    for (; base < end; base += positionFields) {
      if (cpu < table[base + 8]! || memory < table[base + 9]!) {
        base = end;
        break;
      }
      if (cpu < table[base]! || memory < table[base + 1]! || gpu < table[base + 2]! || slots < table[base + 3]!)
        continue;
      most = table[base + 4]!;
      if (table[base + 10] === 1) most = Math.min(most, this.#neighbours.room(table[base + 11]!));
      if (most > 0) break;
    }
    if (value > this.#best + 1e-12) {
      this.#best = value;
      this.#bestTrail = this.#trail.slice();
    }
    if (base >= end || this.#budget <= 0) return;
    const [a, b, c, d] = [table[base]!, table[base + 1]!, table[base + 2]!, table[base + 3]!];
    if (a > 0) most = Math.min(most, Math.floor(cpu / a));
    if (b > 0) most = Math.min(most, Math.floor(memory / b));
    if (c > 0) most = Math.min(most, Math.floor(gpu / c));
    most = Math.min(most, Math.floor(slots / d));
    const one = table[base + 5]!;
    const cost = table[base + 6]!;
    const nextDensity = table[base + positionFields + 7]!;
    const kind = table[base + 11]!;
    const isRelated = table[base + 10] === 1;
    const next = base / positionFields + 1;
    for (let count = most; count >= 0; count--) {
      this.#budget -= 1;
      const sum = value + count * one;
      const open = rest - count * cost;
      // Fewer of a denser kind promise less still.
      if (sum + nextDensity * open <= this.#best + 1e-9) return;
      if (isRelated) this.#neighbours.add(kind, count);
      this.#trail.push(kind, count);
      this.#search(next, cpu - count * a, memory - count * b, gpu - count * c, slots - count * d, sum, open);
      this.#trail.length -= 2;
      if (isRelated) this.#neighbours.add(kind, -count);
      if (this.#budget <= 0) return;
    }
  }
}
