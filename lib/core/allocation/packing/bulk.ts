/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Thousands of different kinds are nearly a liquid: buy the whole nodes of the fluid optimum and fill each with a
// mixed sample of the tasks, weighed so that vCPU and memory run out together.
import { carries, dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import type { Batch } from './dive.ts';
import { solveFluid } from './fluid.ts';
import type { Fluid } from './fluid.ts';
import { Neighbours } from './neighbours.ts';

/** Kinds, evenly taken from the whole list, that are tried alone and in pairs to fill the last gap of a node. */
const gapCandidates = 28;
/** Tasks taken out again before the gap is filled: the ends of the list seldom hold what fits exactly. */
const released = 2;
/**
 * A filling must use this share of a node's worth to be bought in bulk; small nodes for tasks kept
 * apart are seldom so full.
 */
const fullEnough = 0.93;
const fullEnoughApart = 0.9;

/** Options looked at again for one node, once all are known. */
const optionsTried = 8;
/** One part in so many of what is left of a pattern's scarcest kind is bought as equal nodes. */
const equalNodesPart = 8;

/** Kinds in mixed order with a place to go on from: a sample must not use up one sort of task before the others. */
interface Stream {
  kinds: Int32Array;
  at: number;
}

/** Kinds that an option can carry: those that want more memory per vCPU than it has, and the others. */
interface Queue {
  /** Kinds whose place on a node is scarce, by group: every node should take one. */
  readonly scarce: readonly Stream[];
  readonly hungry: Stream;
  readonly lean: Stream;
}

export class Bulk {
  readonly #problem: Problem;
  readonly #left: Int32Array;
  readonly #neighbours: Neighbours;
  readonly #slope: Float64Array;
  /** Kinds in an order that has nothing to do with their size. */
  #mixed: Int32Array;
  readonly #taken: Int32Array;
  #placePrice: Float64Array = new Float64Array(0);

  /** `left` is what is to be bought for; buying lowers it. */
  constructor(problem: Problem, left: Int32Array) {
    this.#problem = problem;
    this.#left = left;
    this.#neighbours = new Neighbours(problem);
    this.#taken = new Int32Array(problem.kinds);
    this.#slope = Float64Array.from(
      { length: problem.kinds },
      (_, kind) => problem.size[kind * dimensions + 1]! / (problem.size[kind * dimensions]! + 1e-9),
    );
    const order = Int32Array.from({ length: problem.kinds }, (_, kind) => Math.imul(kind + 1, 0x9e3779b1));
    this.#mixed = Int32Array.from(order.keys()).sort((a, b) => order[a]! - order[b]!);
  }

  /** Buys the whole part of the fluid optimum, again and again, until less than a node of anything is left. */
  wholeNodes(first: Fluid): Batch[] {
    const batches: Batch[] = [];
    let fluid = first;
    this.#placePrice = first.placePrice;
    for (let round = 0; round < 8; round++) {
      let bought = 0;
      for (const [option, amount] of fluid.amounts) {
        const queue = this.#queueOf(option, fluid);
        const nodes = Math.floor(amount + 1e-9);
        for (let node = 0; node < nodes;) {
          const { batch: one, worth } = this.#fill(option, queue, fluid.worth);
          if (one === null) break;
          const batch = this.#repeat(one, nodes - node);
          if (worth < (this.#problem.groups.length > 0 ? fullEnoughApart : fullEnough) * this.#problem.price[option]!) {
            this.#giveBack(batch);
            break;
          }
          batches.push(batch);
          bought += batch.copies;
          node += batch.copies;
        }
      }
      if (bought === 0) break;
      fluid = solveFluid(this.#problem, this.#left);
    }
    return batches;
  }

  /** Fills exactly these nodes, in this order. */
  fillFleet(options: readonly number[], fluid: Fluid): Batch[] {
    const batches: Batch[] = [];
    let queue: Queue | null = null;
    for (let at = 0; at < options.length;) {
      const option = options[at]!;
      if (queue === null || option !== options[at - 1]) queue = this.#queueOf(option, null);
      const { batch } = this.#fill(option, queue, fluid.worth);
      if (batch === null) return batches;
      let same = 1;
      while (options[at + same] === option) same += 1;
      const bought = this.#repeat(batch, same);
      batches.push(bought);
      at += bought.copies;
    }
    return batches;
  }

  /** Buys the option that carries most worth per dollar, node by node, until at most `kindsMax` kinds are left. */
  bestNodes(worth: Float64Array, kindsMax: number): Batch[] {
    const batches: Batch[] = [];
    const ratios = new Float64Array(this.#problem.options.length).fill(Infinity);
    const order = Array.from(ratios.keys());
    for (;;) {
      this.#mixed = this.#mixed.filter((kind) => this.#left[kind]! > 0);
      if (this.#mixed.length <= kindsMax) break;
      let best: Batch | null = null;
      let bestRatio = 0;
      // Lazily: what an option was good for last time is about what it is good for now.
      order.sort((a, b) => ratios[b]! - ratios[a]! || a - b);
      for (const [tried, option] of order.entries()) {
        if (best !== null && (tried >= optionsTried || bestRatio >= ratios[option]!) && ratios[option]! < Infinity)
          break;
        ratios[option] = 0;
        const { batch, worth: value } = this.#fill(option, this.#queueOf(option, null), worth);
        if (batch === null) continue;
        this.#giveBack(batch);
        const ratio = value / this.#problem.price[option]!;
        ratios[option] = ratio;
        if (ratio > bestRatio * (1 + 1e-9)) [best, bestRatio] = [batch, ratio];
      }
      if (best === null) break;
      for (let at = 0; at < best.pattern.kinds.length; at++)
        this.#left[best.pattern.kinds[at]!]! -= best.pattern.counts[at]!;
      batches.push(this.#repeat(best, Infinity));
    }
    return batches;
  }

  /** Buys the same node several times where plenty is left of everything on it. */
  #repeat({ pattern }: Batch, nodesMax: number): Batch {
    let more = nodesMax - 1;
    for (let at = 0; at < pattern.kinds.length; at++) {
      more = Math.min(more, Math.floor(this.#left[pattern.kinds[at]!]! / pattern.counts[at]! / equalNodesPart));
    }
    for (let at = 0; at < pattern.kinds.length; at++) this.#left[pattern.kinds[at]!]! -= more * pattern.counts[at]!;
    return { pattern, copies: 1 + more };
  }

  /** Whether the fluid optimum pays for a place of the group on a node. */
  #isScarce(group: number): boolean {
    return (this.#placePrice[group] ?? 0) > 0;
  }

  #giveBack({ pattern, copies }: Batch): void {
    for (let at = 0; at < pattern.kinds.length; at++) this.#left[pattern.kinds[at]!]! += copies * pattern.counts[at]!;
  }

  /** With a fluid: only the kinds that pay this option's full prices, since others are cheaper elsewhere. */
  #queueOf(option: number, fluid: Fluid | null): Queue {
    const { size, allowed, signature, capacity } = this.#problem;
    const dearest = new Float64Array(dimensions);
    if (fluid) {
      for (let s = 0; s < allowed.length; s++) {
        if (allowed[s]![option] === 1)
          for (let d = 0; d < dimensions; d++) dearest[d] = Math.max(dearest[d]!, fluid.unitPrice[s * dimensions + d]!);
      }
    }
    const target = capacity[option * dimensions + 1]! / capacity[option * dimensions]!;
    const scarce = new Map<number, number[]>();
    const hungry: number[] = [];
    const lean: number[] = [];
    for (const kind of this.#mixed) {
      if (this.#left[kind]! === 0 || !carries(this.#problem, option, kind)) continue;
      if (fluid) {
        let full = 0;
        let own = 0;
        for (let d = 0; d < dimensions; d++) {
          full += dearest[d]! * size[kind * dimensions + d]!;
          own += fluid.unitPrice[signature[kind]! * dimensions + d]! * size[kind * dimensions + d]!;
        }
        if (own < full * (1 - 1e-6)) continue;
      }
      const group = this.#problem.relations[kind]?.group ?? -1;
      if (group >= 0 && this.#isScarce(group)) scarce.set(group, [...(scarce.get(group) ?? []), kind]);
      (this.#slope[kind]! > target ? hungry : lean).push(kind);
    }
    return {
      scarce: [...scarce.values()].map((list) => ({ kinds: Int32Array.from(list), at: 0 })),
      hungry: { kinds: Int32Array.from(hungry), at: 0 },
      lean: { kinds: Int32Array.from(lean), at: 0 },
    };
  }

  /** Fills one node from the queue and takes its tasks. */
  #fill(option: number, queue: Queue, worth: Float64Array): { batch: Batch | null; worth: number } {
    const { capacity } = this.#problem;
    const free = capacity.slice(option * dimensions, (option + 1) * dimensions);
    const target = free[1]! / free[0]!;
    const taken = this.#taken;
    const used: number[] = [];
    let total = 0;
    this.#neighbours.reset();
    const take = (kind: number, count: 1 | -1 = 1): void => {
      if (taken[kind] === 0) used.push(kind);
      taken[kind]! += count;
      this.#left[kind]! -= count;
      total += count * worth[kind]!;
      this.#neighbours.add(kind, count);
      for (let d = 0; d < dimensions; d++) free[d]! -= count * this.#problem.size[kind * dimensions + d]!;
      if (count === 1) recent.push(kind);
    };
    const recent: number[] = [];
    for (const stream of queue.scarce) {
      const kind = this.#next(stream, free);
      if (kind >= 0) take(kind);
    }
    for (;;) {
      const [wanted, other] = free[1]! > target * free[0]! ? [queue.hungry, queue.lean] : [queue.lean, queue.hungry];
      const kind = this.#next(wanted, free);
      const found = kind >= 0 ? kind : this.#next(other, free);
      if (found < 0) break;
      take(found);
    }
    const last = recent.slice(queue.scarce.length).slice(-released);
    for (const kind of last) take(kind, -1);
    const before = total + last.reduce((sum, kind) => sum + worth[kind]!, 0);
    const start = recent.length;
    const candidates = this.#gapCandidates(queue, free, worth);
    for (;;) {
      const [first, second] = this.#bestInGap(candidates, free, worth);
      if (first < 0) break;
      take(first);
      if (second >= 0) take(second);
    }
    if (total < before) {
      for (const kind of recent.slice(start)) take(kind, -1);
      for (const kind of last) take(kind);
    }
    if (used.length === 0) return { batch: null, worth: 0 };
    const isOnce = new Set<number>();
    const kinds = used
      .filter((kind) => taken[kind]! > 0 && !isOnce.has(kind) && isOnce.add(kind).size > 0)
      .sort((a, b) => a - b);
    const batch: Batch = {
      pattern: { option, kinds: Int32Array.from(kinds), counts: Int32Array.from(kinds, (kind) => taken[kind]!) },
      copies: 1,
    };
    for (const kind of kinds) taken[kind] = 0;
    return { batch, worth: total };
  }

  /** The next kind of the stream, if one of the next few is left and fits. */
  #next(stream: Stream, free: Float64Array): number {
    for (let tries = 0; tries < 4;) {
      const { length } = stream.kinds;
      if (length === 0) return -1;
      if (stream.at >= length) {
        stream.at = 0;
        stream.kinds = stream.kinds.filter((kind) => this.#left[kind]! > 0);
        tries += 1;
        continue;
      }
      const kind = stream.kinds[stream.at]!;
      stream.at += 1;
      if (this.#left[kind] === 0) continue;
      if (this.#fits(kind, free)) return kind;
      tries += 1;
    }
    return -1;
  }

  #fits(kind: number, free: Float64Array): boolean {
    const { size, relations } = this.#problem;
    for (let d = 0, at = kind * dimensions; d < dimensions; d++, at++) if (size[at]! > free[d]!) return false;
    return relations[kind] === null || this.#neighbours.room(kind) > 0;
  }

  /** Kinds from all along the queue that still fit, dearest first. */
  #gapCandidates(queue: Queue, free: Float64Array, worth: Float64Array): number[] {
    const candidates: number[] = [];
    for (const { kinds, at } of [queue.hungry, queue.lean]) {
      for (let k = 0, found = 0; k < kinds.length && found < gapCandidates && k < 8 * gapCandidates; k++) {
        const kind = kinds[(at + k) % kinds.length]!;
        if (this.#left[kind]! === 0 || !this.#fits(kind, free)) continue;
        candidates.push(kind);
        found += 1;
      }
    }
    return candidates.sort((a, b) => worth[b]! - worth[a]! || a - b);
  }

  /** The task, or the two tasks, that fill the gap with most worth; -1 for none. */
  #bestInGap(known: readonly number[], free: Float64Array, worth: Float64Array): [number, number] {
    const candidates = known.filter((kind) => this.#left[kind]! > 0 && this.#fits(kind, free));
    let best: [number, number] = candidates.length > 0 ? [candidates[0]!, -1] : [-1, -1];
    let bestWorth = candidates.length > 0 ? worth[candidates[0]!]! : 0;
    const { size, relations } = this.#problem;
    for (let i = 0; i < candidates.length; i++) {
      const one = candidates[i]!;
      // Whether two related tasks may meet is settled one at a time.
      if (relations[one] !== null) continue;
      if (2 * worth[one]! <= bestWorth) break;
      for (let j = this.#left[one]! < 2 ? i + 1 : i; j < candidates.length; j++) {
        const two = candidates[j]!;
        if (worth[one]! + worth[two]! <= bestWorth) break;
        if (relations[two] !== null) continue;
        let isRoom = true;
        for (let d = 0; d < dimensions && isRoom; d++)
          isRoom = size[one * dimensions + d]! + size[two * dimensions + d]! <= free[d]!;
        if (!isRoom) continue;
        [best, bestWorth] = [[one, two], worth[one]! + worth[two]!];
        break;
      }
    }
    return best;
  }
}
