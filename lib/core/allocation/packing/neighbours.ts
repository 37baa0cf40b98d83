/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Who may share a node: how many tasks of each group are there, and which groups are kept away.
import type { NodeRelation, Problem } from '../compile.ts';

export class Neighbours {
  readonly #present: Int32Array;
  readonly #repelled: Int32Array;
  readonly #cap: Float64Array;
  readonly #relations: readonly (NodeRelation | null)[];

  constructor(problem: Problem) {
    this.#relations = problem.relations;
    this.#present = new Int32Array(problem.groups.length);
    this.#repelled = new Int32Array(problem.groups.length);
    // One spread constraint on a group holds for all of the group: whoever joins counts for those who are there.
    this.#cap = new Float64Array(problem.groups.length).fill(Infinity);
    for (const relation of problem.relations) {
      for (const { group, max } of relation?.caps ?? []) this.#cap[group] = Math.min(this.#cap[group]!, max);
    }
  }

  /** Starts over with an empty node, or with what runs on a bin. */
  reset(present?: readonly (readonly [number, number])[], repelled?: readonly number[]): void {
    if (this.#present.length === 0) return;
    this.#present.fill(0);
    this.#repelled.fill(0);
    for (const [group, count] of present ?? []) this.#present[group] = count;
    for (const group of repelled ?? []) this.#repelled[group] = 1;
  }

  /** How many more tasks of the kind may join. */
  room(kind: number): number {
    const relation = this.#relations[kind];
    if (!relation) return Infinity;
    const { group, repels, caps } = relation;
    let room = Infinity;
    for (const other of repels) {
      if (this.#present[other]! > 0) return 0;
      if (other === group) room = 1;
    }
    if (group >= 0) {
      if (this.#repelled[group]! > 0) return 0;
      room = Math.min(room, this.#cap[group]! - this.#present[group]!);
    }
    for (const cap of caps) if (cap.group !== group && this.#present[cap.group]! > cap.max) return 0;
    return Math.max(0, room);
  }

  /** Adds (or, with a negative count, takes back) tasks of the kind. */
  add(kind: number, count: number): void {
    const relation = this.#relations[kind];
    if (!relation || count === 0) return;
    if (relation.group >= 0) this.#present[relation.group]! += count;
    for (const other of relation.repels) this.#repelled[other]! += count;
  }
}
