// Which of a fleet's overrides EC2 tries first. The strategies are EC2's ("Allocation strategies for EC2
// Fleet"); how deep a capacity pool is, is the simulator's own seeded opinion, as AWS does not publish its own.
import { unreachable } from '../../../../core/values/errors.ts';
import type { FleetStrategy } from '../options.ts';

export interface PoolChoice {
  readonly offering: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly priceUsdPerHour: number;
  /** Smaller is preferred; by default the position in the request. */
  readonly priority: number;
  /** Units of target capacity that one instance gives. */
  readonly weight: number;
  readonly depth: number;
}

/** The overrides in the order in which the fleet fills its target from them. Ties go to the offering's name. */
export function inFleetOrder<T extends PoolChoice>(choices: readonly T[], strategy: FleetStrategy): T[] {
  const deepest = Math.max(...choices.map((choice) => choice.depth));
  // "Highest capacity availability" is a class, not a rank: the pools at least half as deep as the deepest.
  const shallow = (choice: PoolChoice): number => (choice.depth * 2 >= deepest ? 0 : 1);
  const unitPrice = (choice: PoolChoice): number => choice.priceUsdPerHour / choice.weight;
  const keys = (choice: PoolChoice): readonly number[] => {
    switch (strategy) {
      case 'lowest-price':
      case 'diversified':
        return [unitPrice(choice)];
      case 'prioritized':
        return [choice.priority];
      case 'price-capacity-optimized':
        return [shallow(choice), unitPrice(choice)];
      case 'capacity-optimized':
        return [-choice.depth];
      case 'capacity-optimized-prioritized':
        return [shallow(choice), choice.priority];
      default:
        return unreachable(strategy);
    }
  };
  return choices
    .map((choice) => ({ choice, keys: keys(choice) }))
    .sort((a, b) => {
      for (const [at, key] of a.keys.entries()) {
        const other = b.keys[at] ?? 0;
        if (key !== other) return key - other;
      }
      return a.choice.offering < b.choice.offering ? -1 : 1;
    })
    .map((entry) => entry.choice);
}
