// BELLOWS_LOCAL_PROCESSES as a limit that allocation obeys: what would run beyond it is neither placed nor
// bought for, and its timeline says so. It counts over all pools, because they share one machine.
import { orderOf } from '../../core/allocation/ordering/index.ts';
import type { Allocate, AllocationInput, AllocationPlan, Demand, Unplaced } from '../../core/allocation/types.ts';

export class ProcessLimit {
  readonly #max: number;
  #free = 0;
  #isClosed = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** Before each tick: how many tasks are on all nodes now. Only ticks place, and one runs at a time. */
  beginTick(assigned: number): void {
    this.#free = this.#isClosed ? 0 : Math.max(0, this.#max - assigned);
  }

  /** From now on nothing is placed or bought: the server stops. */
  close(): void {
    this.#isClosed = true;
    this.#free = 0;
  }

  /**
   * All that is planned, with the limit in front: paid capacity asks the engine several times for one plan. What one
   * round of a tick places is taken from the next round's room.
   */
  wrap(allocate: Allocate): Allocate {
    return (input) => {
      const { demand, postponed } = this.#cut(input);
      const plan = allocate({ ...input, demand });
      this.#free = Math.max(0, this.#free - placedCount(plan, input));
      return { ...plan, unplaced: [...plan.unplaced, ...postponed] };
    };
  }

  /** In the engine's own order: what the limit leaves out is what would be served last. */
  #cut(input: AllocationInput): { demand: readonly Demand[]; postponed: readonly Unplaced[] } {
    let free = this.#free;
    const counts = new Map<Demand, number>();
    for (const { demand, count } of orderOf(input)) {
      const share = demand.gang === true && demand.count > free ? 0 : Math.min(count, free);
      free -= share;
      counts.set(demand, (counts.get(demand) ?? 0) + share);
    }
    const demand: Demand[] = [];
    const postponed: Unplaced[] = [];
    for (const [one, count] of counts) {
      if (count > 0) demand.push({ ...one, count });
      if (count < one.count) postponed.push(this.#unplaced(one, one.count - count, input.offerings.length));
    }
    return { demand, postponed };
  }

  #unplaced(demand: Demand, count: number, offerings: number): Unplaced {
    if (demand.gang === true && demand.count > this.#max) {
      const never =
        `Never: all ${String(demand.count)} tasks of it run at once, and this machine runs at most `
        + `${String(this.#max)}; send fewer, or start the server with `
        + `BELLOWS_LOCAL_PROCESSES=${String(demand.count)}.`;
      return {
        demandId: demand.id,
        count,
        kind: 'unsatisfiable',
        message: never,
        excluded: [{ constraint: 'localProcesses', offerings }],
      };
    }
    const message =
      `This machine runs at most ${String(this.#max)} tasks at once (BELLOWS_LOCAL_PROCESSES); they `
      + 'start as others end.';
    return {
      demandId: demand.id,
      count,
      kind: 'limits',
      message,
      excluded: [{ constraint: 'localProcesses', offerings }],
    };
  }
}

/** Tasks on nodes that are starting are only planned; they will be placed by a later tick. */
function placedCount(plan: AllocationPlan, input: AllocationInput): number {
  const ready = new Set(input.bins.filter((bin) => bin.state === 'ready').map((bin) => bin.id));
  return plan.placements
    .filter((placement) => ready.has(placement.binId))
    .reduce((sum, { tasks }) => sum + tasks.reduce((count, share) => count + share.count, 0), 0);
}
