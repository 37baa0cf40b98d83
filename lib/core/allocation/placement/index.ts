// Which of the nodes with room gets the next task: one small file per policy behind one interface.
import { unreachable } from '../../values/errors.ts';
import type { Placement } from '../../records/pool.ts';
import { balanced } from './balanced.ts';
import { leastAllocated } from './least-allocated.ts';
import { leastCost } from './least-cost.ts';
import { mostAllocated } from './most-allocated.ts';
import type { PlacementPolicy } from './policy.ts';
import { spread } from './spread.ts';

export function placementOf(placement: Placement): PlacementPolicy {
  switch (placement) {
    case 'least-cost':
      return leastCost;
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
