/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Whole nodes out of the pattern relaxation: buy the whole part of its optimum, solve again for the rest, and
// where nothing is whole buy the largest fraction. What is left over at the end fits on small nodes.
import { dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import type { Filler, Pattern } from './filler.ts';
import { Neighbours } from './neighbours.ts';
import type { PatternProgram, RelaxOptions } from './pattern-lp.ts';

/** `copies` nodes filled by one pattern. */
export interface Batch {
  readonly pattern: Pattern;
  readonly copies: number;
}

export function costOf(problem: Problem, batches: readonly Batch[]): number {
  let sum = 0;
  for (const { pattern, copies } of batches) sum += problem.price[pattern.option]! * copies;
  return sum;
}

/** How many times the pattern goes into what is left. */
function timesIn(pattern: Pattern, left: Int32Array): number {
  let times = Infinity;
  for (let at = 0; at < pattern.kinds.length; at++)
    times = Math.min(times, Math.floor(left[pattern.kinds[at]!]! / pattern.counts[at]!));
  return times;
}

function takeFrom(left: Int32Array, pattern: Pattern, copies: number): void {
  for (let at = 0; at < pattern.kinds.length; at++) left[pattern.kinds[at]!]! -= copies * pattern.counts[at]!;
}

function isEmpty(left: Int32Array): boolean {
  for (const count of left) if (count > 0) return false;
  return true;
}

/** The cheapest option that carries all of `pattern`'s tasks on one node. */
function cheapestCarrier(
  problem: Problem,
  neighbours: Neighbours,
  kinds: ArrayLike<number>,
  counts: ArrayLike<number>,
): number {
  const need = new Float64Array(dimensions);
  neighbours.reset();
  for (let at = 0; at < kinds.length; at++) {
    if (counts[at]! > neighbours.room(kinds[at]!)) return -1;
    neighbours.add(kinds[at]!, counts[at]!);
    for (let d = 0; d < dimensions; d++) need[d]! += counts[at]! * problem.size[kinds[at]! * dimensions + d]!;
  }
  let best = -1;
  for (let option = 0; option < problem.options.length; option++) {
    if (best >= 0 && problem.price[option]! >= problem.price[best]!) continue;
    let isCarrier = true;
    for (let d = 0; d < dimensions && isCarrier; d++)
      isCarrier = need[d]! <= problem.capacity[option * dimensions + d]!;
    for (let at = 0; at < kinds.length && isCarrier; at++)
      isCarrier = problem.allowed[problem.signature[kinds[at]!]!]![option] === 1;
    if (isCarrier) best = option;
  }
  return best;
}

/** Buys nodes for all of `left` (which is consumed). */
export function dive(
  problem: Problem,
  program: PatternProgram,
  filler: Filler,
  demand: Int32Array,
  options: RelaxOptions,
): Batch[] {
  const left = demand.slice();
  const neighbours = new Neighbours(problem);
  const batches: Batch[] = [];
  let best: Batch[] | null = null;
  let bestCost = Infinity;
  let cost = 0;
  while (!isEmpty(left)) {
    const whole = oneNodeFor(problem, neighbours, left);
    if (whole !== null && cost + problem.price[whole.option]! < bestCost) {
      bestCost = cost + problem.price[whole.option]!;
      best = [...batches, { pattern: whole, copies: 1 }];
    }
    const relaxed = program.relax(left, options);
    if (cost + relaxed.bound >= bestCost - 1e-9) break;
    const before = batches.length;
    for (const [pattern, amount] of relaxed.columns) {
      const copies = Math.min(Math.floor(amount + 1e-6), timesIn(pattern, left));
      if (copies > 0) batches.push({ pattern, copies });
      takeFrom(left, pattern, copies);
    }
    if (batches.length === before) {
      const pattern = largestFraction(filler, relaxed.columns, relaxed.worth, left, options.budget);
      batches.push({ pattern, copies: 1 });
      takeFrom(left, pattern, 1);
    }
    for (let at = before; at < batches.length; at++) {
      const { pattern, copies } = batches[at]!;
      // A node need not be larger than what it ends up with.
      const option = cheapestCarrier(problem, neighbours, pattern.kinds, pattern.counts);
      if (option >= 0 && problem.price[option]! < problem.price[pattern.option]!)
        batches[at] = { pattern: { ...pattern, option }, copies };
      cost += problem.price[batches[at]!.pattern.option]! * copies;
    }
    if (cost >= bestCost) break;
  }
  return best !== null && bestCost <= cost + (isEmpty(left) ? 0 : Infinity) ? best : batches;
}

/** Everything that is left on one node, if one can carry it. */
function oneNodeFor(problem: Problem, neighbours: Neighbours, left: Int32Array): Pattern | null {
  const kinds: number[] = [];
  for (let kind = 0; kind < left.length; kind++) if (left[kind]! > 0) kinds.push(kind);
  const counts = kinds.map((kind) => left[kind]!);
  const option = cheapestCarrier(problem, neighbours, kinds, counts);
  return option < 0 ? null : { option, kinds: Int32Array.from(kinds), counts: Int32Array.from(counts) };
}

/** The pattern that the optimum uses most, or a fuller filling of the same option. */
function largestFraction(
  filler: Filler,
  columns: readonly (readonly [Pattern, number])[],
  worth: Float64Array,
  left: Int32Array,
  budget: number,
): Pattern {
  let best = columns[0]!;
  for (const one of columns) if (one[1] > best[1] + 1e-9) best = one;
  const [pattern] = best;
  let own = 0;
  for (let at = 0; at < pattern.kinds.length; at++) own += pattern.counts[at]! * worth[pattern.kinds[at]!]!;
  const fuller = filler.fill(pattern.option, worth, left, 0, budget);
  return fuller.pattern !== null && fuller.worth > own ? fuller.pattern : pattern;
}
