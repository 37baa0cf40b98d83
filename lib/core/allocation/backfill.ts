/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Limits stand in the way of buying for everyone: whom does the rest of the room serve? In serving order, first
// what is free on the planned nodes, then the cheapest node that still fits within the limits.
import { addUsage } from '../records/pool.ts';
import type { Usage } from '../records/pool.ts';
import { carries, dimensions } from './compile.ts';
import type { Problem, Unit } from './compile.ts';
import type { Batch } from './packing/dive.ts';
import { isWithin, usageOf } from '../records/limits.ts';
import { usageOfBatches } from './launches.ts';
import { Neighbours } from './packing/neighbours.ts';
import type { AllocationInput } from './types.ts';

interface Node {
  readonly option: number;
  readonly free: Float64Array;
  readonly tasks: Map<number, number>;
  /** Whose it is (see {@link Problem}); -1: nobody's yet. */
  owner: number;
}

/** Adds what still fits of `waiting` (per unit; changed) to the batches. */
export function backfill(
  input: AllocationInput,
  problem: Problem,
  units: readonly Unit[],
  batches: readonly Batch[],
  waiting: Int32Array,
): Batch[] {
  const neighbours = new Neighbours(problem);
  let usage = addUsage(input.usage, usageOfBatches(problem, batches));
  const nodes = batches.flatMap(({ pattern, copies }) =>
    Array.from({ length: copies }, () => nodeOf(problem, pattern)),
  );
  // What found no room finds none later: room only shrinks.
  const isHopeless = new Uint8Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) {
    const kind = problem.kindOfUnit[unit]!;
    if (waiting[unit]! === 0 || isHopeless[kind] === 1 || problem.isCarried[kind] === 0) continue;
    for (const node of nodes) {
      if (waiting[unit]! === 0) break;
      waiting[unit]! -= put(problem, neighbours, node, kind, waiting[unit]!);
    }
    while (waiting[unit]! > 0) {
      const option = cheapestWithin(input, problem, usage, kind, waiting[unit]!);
      if (option < 0) {
        isHopeless[kind] = 1;
        break;
      }
      const node: Node = {
        option,
        free: problem.capacity.slice(option * dimensions, (option + 1) * dimensions),
        tasks: new Map(),
        owner: -1,
      };
      const count = put(problem, neighbours, node, kind, waiting[unit]!);
      if (count === 0) break;
      nodes.push(node);
      usage = addUsage(usage, usageOf(problem.options[option]!));
      waiting[unit]! -= count;
    }
  }
  return nodes.map(({ option, tasks }) => {
    const kinds = [...tasks.keys()].sort((a, b) => a - b);
    return {
      pattern: { option, kinds: Int32Array.from(kinds), counts: Int32Array.from(kinds, (kind) => tasks.get(kind)!) },
      copies: 1,
    };
  });
}

function nodeOf(problem: Problem, { option, kinds, counts }: Batch['pattern']): Node {
  const free = problem.capacity.slice(option * dimensions, (option + 1) * dimensions);
  const tasks = new Map<number, number>();
  for (let at = 0; at < kinds.length; at++) {
    tasks.set(kinds[at]!, counts[at]!);
    for (let d = 0; d < dimensions; d++) free[d]! -= counts[at]! * problem.size[kinds[at]! * dimensions + d]!;
  }
  return { option, free, tasks, owner: kinds.length === 0 ? -1 : problem.owner[kinds[0]!]! };
}

function put(problem: Problem, neighbours: Neighbours, node: Node, kind: number, wanted: number): number {
  if (node.owner >= 0 && node.owner !== problem.owner[kind]) return 0;
  if (!carries(problem, node.option, kind)) return 0;
  let count = wanted;
  for (let d = 0; d < dimensions; d++) {
    const size = problem.size[kind * dimensions + d]!;
    if (size > 0) count = Math.min(count, Math.floor(node.free[d]! / size));
  }
  if (count <= 0) return 0;
  neighbours.reset();
  for (const [other, tasks] of node.tasks) neighbours.add(other, tasks);
  count = Math.min(count, neighbours.room(kind));
  if (count <= 0) return 0;
  for (let d = 0; d < dimensions; d++) node.free[d]! -= count * problem.size[kind * dimensions + d]!;
  node.tasks.set(kind, (node.tasks.get(kind) ?? 0) + count);
  node.owner = problem.owner[kind]!;
  return count;
}

function cheapestWithin(input: AllocationInput, problem: Problem, usage: Usage, kind: number, left: number): number {
  let best = -1;
  let bestCost = Infinity;
  for (let option = 0; option < problem.options.length; option++) {
    if (
      !carries(problem, option, kind)
      || !isWithin(addUsage(usage, usageOf(problem.options[option]!)), input.pool.limits)
    )
      continue;
    let count = left;
    for (let d = 0; d < dimensions; d++) {
      const size = problem.size[kind * dimensions + d]!;
      if (size > 0) count = Math.min(count, Math.floor(problem.capacity[option * dimensions + d]! / size));
    }
    if (problem.price[option]! / count < bestCost) [best, bestCost] = [option, problem.price[option]! / count];
  }
  return best;
}
