// How many more of the nodes that are paid for may be launched: as many as are left of each commitment, in all zones
// together, and as the pool's limits have room for. Only those that get tasks count. Of stopped nodes that may be
// started it is the limits alone.
import { isWithin, usageOf } from '../../records/limits.ts';
import type { Usage } from '../../records/pool.ts';
import { addUsage, sumUsage } from '../../records/pool.ts';
import { assert } from '../../values/errors.ts';
import type { AllocationInput, Bin } from '../types.ts';

export class PaidRoom {
  readonly #limits: AllocationInput['pool']['limits'];
  readonly #left: Map<string, number>;
  #usage: Usage;

  constructor({ paid = [], pool, usage }: Pick<AllocationInput, 'paid' | 'pool' | 'usage'>) {
    this.#limits = pool.limits;
    this.#usage = usage;
    // Nodes of savings plans were chosen within what is left of them.
    this.#left = new Map(
      paid.map(({ commitment: { kind, name }, left }) => [name, kind === 'savings-plan' ? Infinity : left]),
    );
  }

  isOpen({ offering, paidBy = '', isStopped }: Bin): boolean {
    const isLeft = isStopped === true || (this.#left.get(paidBy) ?? 0) >= 1;
    return isLeft && isWithin(addUsage(this.#usage, usageOf(offering)), this.#limits);
  }

  take({ offering, paidBy = '', isStopped }: Bin): void {
    const left = isStopped === true ? 1 : (this.#left.get(paidBy) ?? 0);
    assert(left >= 1, 'no more nodes are taken than are left of a commitment');
    this.#left.set(paidBy, left - 1);
    this.#usage = addUsage(this.#usage, usageOf(offering));
  }
}

/** The question, once the nodes that are paid for and got tasks count against the limits. */
export function countingTaken(input: AllocationInput, taken: readonly { readonly bin: Bin }[]): AllocationInput {
  const paid = taken.filter(({ bin }) => bin.state === 'to-launch');
  if (paid.length === 0) return input;
  return { ...input, usage: addUsage(input.usage, sumUsage(paid.map(({ bin }) => usageOf(bin.offering)))) };
}
