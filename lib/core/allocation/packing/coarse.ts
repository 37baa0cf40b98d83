/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Groups whose tasks keep apart only from each other split every size into as many kinds as there are groups. Where
// there are more nodes than tasks in any of them, their places cost nothing: they are bought for as one group, of which
// a node may carry as many as of all of them together. Who of a size goes where is settled afterwards.
import { dimensions } from '../compile.ts';
import type { NodeRelation, Problem } from '../compile.ts';
import type { Batch } from './dive.ts';
import type { Pattern } from './filler.ts';
import { ownCap } from './fluid.ts';
import type { Fluid } from './fluid.ts';

export interface Coarse {
  readonly problem: Problem;
  readonly left: Int32Array;
  /** Kinds of the whole problem, by kind of the coarse one. */
  readonly members: readonly (readonly number[])[];
  /** Of the whole problem: tasks of each group on a node, at most. */
  readonly cap: Float64Array;
}

/** Nodes looked at, at most, to find a place for one task. */
const exchangesMax = 2000;

/** The problem with fewer kinds; null where that merges none. */
export function coarsened(problem: Problem, fluid: Fluid, left: Int32Array): Coarse | null {
  const cap = capsOf(problem);
  const isFree = freeGroups(problem, fluid, cap);
  const all = problem.groups.length;
  let max = 0;
  for (let group = 0; group < all; group++) if (isFree[group] === 1) max += cap[group]!;
  const merged: NodeRelation = { group: all, repels: [], caps: [{ group: all, max }] };
  const relations: (NodeRelation | null)[] = [];
  const members: number[][] = [];
  const index = new Map<string, number>();
  for (let kind = 0; kind < problem.kinds; kind++) {
    if (left[kind]! === 0) continue;
    const relation = problem.relations[kind] ?? null;
    const isMerged = relation !== null && relation.group >= 0 && isFree[relation.group] === 1;
    const size = problem.size.subarray(kind * dimensions, (kind + 1) * dimensions).join();
    const key = isMerged ? `${String(problem.signature[kind]!)}:${size}` : `kind ${String(kind)}`;
    const known = index.get(key);
    if (known === undefined) {
      index.set(key, members.push([kind]) - 1);
      relations.push(isMerged ? merged : relation);
    } else members[known]!.push(kind);
  }
  if (members.every((list) => list.length === 1)) return null;
  const sizes = members.flatMap(([kind = 0]) => [...problem.size.subarray(kind * dimensions, (kind + 1) * dimensions)]);
  return {
    members,
    cap,
    left: Int32Array.from(members, (list) => list.reduce((sum, kind) => sum + left[kind]!, 0)),
    problem: {
      ...problem,
      groups: [...problem.groups, ''],
      kinds: members.length,
      size: Float64Array.from(sizes),
      signature: Int32Array.from(members, ([kind = 0]) => problem.signature[kind]!),
      owner: Int32Array.from(members, ([kind = 0]) => problem.owner[kind]!),
      relations,
      isCarried: Uint8Array.from(members, ([kind = 0]) => problem.isCarried[kind]!),
      unitsOfKind: members.map((list) => list.flatMap((kind) => problem.unitsOfKind[kind]!)),
      kindOfUnit: new Int32Array(0),
    },
  };
}

/** Of each group, how many may share a node at most: as the strictest of its kinds says. */
function capsOf(problem: Problem): Float64Array {
  const cap = new Float64Array(problem.groups.length).fill(Infinity);
  for (const [kind, relation] of problem.relations.entries())
    if (relation !== null && relation.group >= 0)
      cap[relation.group] = Math.min(cap[relation.group]!, ownCap(problem, kind));
  return cap;
}

/** 1 for groups that keep apart from themselves alone, of whom no other says anything, and whose places are free. */
function freeGroups(problem: Problem, fluid: Fluid, cap: Float64Array): Uint8Array {
  const isFree = Uint8Array.from(cap, (most, group) => (most < Infinity && !(fluid.placePrice[group]! > 0) ? 1 : 0));
  for (const relation of problem.relations) {
    if (!relation) continue;
    for (const group of [...relation.repels, ...relation.caps.map((one) => one.group)]) {
      if (group === relation.group) continue;
      if (group >= 0) isFree[group] = 0;
      if (relation.group >= 0) isFree[relation.group] = 0;
    }
  }
  return isFree;
}

/** The coarse nodes with tasks of the whole problem on them, which are taken from `left`. */
export function settled(problem: Problem, coarse: Coarse, batches: readonly Batch[], left: Int32Array): Batch[] {
  const board = new Board(problem, coarse, left);
  for (const { pattern, copies } of batches) for (let copy = 0; copy < copies; copy++) board.fill(pattern);
  board.exchange();
  return board.batches();
}

/** A node while who goes to it is settled. */
interface Node {
  readonly option: number;
  readonly kinds: number[];
  /** Tasks of each group. */
  readonly present: Map<number, number>;
}

class Board {
  readonly #problem: Problem;
  readonly #coarse: Coarse;
  readonly #left: Int32Array;
  readonly #coarseOf: Int32Array;
  readonly #nodes: Node[] = [];
  /** Places for which nobody was found, each with the coarse kind that it is for. */
  readonly #open: [Node, number][] = [];

  constructor(problem: Problem, coarse: Coarse, left: Int32Array) {
    this.#problem = problem;
    this.#coarse = coarse;
    this.#left = left;
    this.#coarseOf = new Int32Array(problem.kinds).fill(-1);
    for (const [at, members] of coarse.members.entries()) for (const kind of members) this.#coarseOf[kind] = at;
  }

  /** Opens a node and takes for each of its places who has most left. */
  fill({ option, kinds, counts }: Pattern): void {
    const node: Node = { option, kinds: [], present: new Map() };
    this.#nodes.push(node);
    for (let at = 0; at < kinds.length; at++) {
      for (let count = counts[at]!; count > 0; count--) {
        let best = -1;
        for (const kind of this.#coarse.members[kinds[at]!]!)
          if (this.#left[kind]! > (best < 0 ? 0 : this.#left[best]!) && this.#fits(kind, node)) best = kind;
        if (best < 0) this.#open.push([node, kinds[at]!]);
        else this.#put(best, node, 1);
      }
    }
  }

  /** Who fits no open place takes another's of its size, who takes the open one. */
  exchange(): void {
    for (const [node, coarse] of this.#open)
      this.#coarse.members[coarse]!.some((kind) => this.#left[kind]! > 0 && this.#exchanged(kind, node, coarse));
  }

  batches(): Batch[] {
    return this.#nodes.flatMap(({ option, kinds }) => {
      const counts = new Map<number, number>();
      for (const kind of kinds.sort((a, b) => a - b)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const pattern = { option, kinds: Int32Array.from(counts.keys()), counts: Int32Array.from(counts.values()) };
      return counts.size === 0 ? [] : [{ pattern, copies: 1 }];
    });
  }

  #exchanged(kind: number, node: Node, coarse: number): boolean {
    if (this.#fits(kind, node)) {
      this.#put(kind, node, 1);
      return true;
    }
    for (const other of this.#nodes.slice(-exchangesMax)) {
      if (other === node || !this.#fits(kind, other)) continue;
      const moved = other.kinds.find((one) => this.#coarseOf[one] === coarse && this.#fits(one, node));
      if (moved === undefined) continue;
      this.#put(moved, other, -1);
      this.#put(moved, node, 1);
      this.#put(kind, other, 1);
      return true;
    }
    return false;
  }

  #fits(kind: number, { present }: Node): boolean {
    const group = this.#problem.relations[kind]?.group ?? -1;
    return group < 0 || (present.get(group) ?? 0) < this.#coarse.cap[group]!;
  }

  #put(kind: number, node: Node, count: 1 | -1): void {
    if (count === 1) node.kinds.push(kind);
    else node.kinds.splice(node.kinds.indexOf(kind), 1);
    this.#left[kind]! -= count;
    const group = this.#problem.relations[kind]?.group ?? -1;
    if (group >= 0) node.present.set(group, (node.present.get(group) ?? 0) + count);
  }
}
