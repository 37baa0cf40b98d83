// Which of the nodes with room gets the next task: one small file per policy behind one interface.
import { unreachable } from '../../values/errors.ts';
import type { Placement } from '../../records/pool.ts';
import { balanced } from './balanced.ts';
import { leastAllocated } from './least-allocated.ts';
import { leastCost } from './least-cost-now.ts';
import { mostAllocated } from './most-allocated.ts';
import { overTime } from './least-cost-over-time.ts';
import type { PlacementPolicy } from './policy.ts';
import { spread } from './spread.ts';

/** `isOverTime`: it counts what nodes cost until they are empty. */
export function placementOf(placement: Placement, isOverTime: boolean): PlacementPolicy {
  switch (placement) {
    case 'least-cost':
      return isOverTime ? overTime : leastCost;
    case 'spread':
      return spread;
    case 'least-allocated':
      return leastAllocated;
    case 'most-allocated':
      return mostAllocated;
    case 'balanced':
      return balanced;
    default:
      return unreachable(placement);
  }
}
