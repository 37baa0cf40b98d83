// The cheapest fleet for small demands, exactly: dynamic programming over what is left of each demand, where every
// step buys one node and fills it in every maximal way. Shares no code with the engine.
import type { Demand } from '../../../lib/core/allocation/types.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';

export function exactCost(demand: readonly Demand[], offerings: readonly Offering[]): number {
  const known = new Map<string, number>();
  const costOf = (left: readonly number[]): number => {
    if (left.every((count) => count === 0)) return 0;
    const key = left.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    let best = Infinity;
    for (const { type, priceUsdPerHour } of offerings) {
      const fill = (at: number, cpu: number, memory: number, rest: readonly number[], isFilled: boolean): void => {
        const one = demand[at];
        if (one === undefined) {
          if (isFilled) best = Math.min(best, priceUsdPerHour + costOf(rest));
          return;
        }
        const { cpuMilli, memoryMib } = one.resources;
        const most = Math.min(rest[at] ?? 0, Math.floor(cpu / cpuMilli), Math.floor(memory / memoryMib));
        for (let count = 0; count <= most; count++) {
          fill(
            at + 1,
            cpu - count * cpuMilli,
            memory - count * memoryMib,
            rest.map((other, index) => (index === at ? other - count : other)),
            isFilled || count > 0,
          );
        }
      };
      fill(0, type.allocatable.cpuMilli, type.allocatable.memoryMib, left, false);
    }
    known.set(key, best);
    return best;
  };
  return costOf(demand.map((one) => one.count));
}
