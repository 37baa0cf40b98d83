// Who is served first, when not all can be: one small file per ordering behind one interface.
import { unreachable } from '../../values/errors.ts';
import type { AllocationInput, Demand } from '../types.ts';
import { fairShare } from './fair-share.ts';
import { fifo } from './fifo.ts';
import { priority } from './priority.ts';

/** `count` tasks of the demand whose turn it is. A demand may have several turns. */
export interface Turn {
  readonly demand: Demand;
  readonly count: number;
}

export type Order = (input: Pick<AllocationInput, 'demand' | 'nowMs' | 'tenants' | 'pool' | 'bins'>) => Turn[];

export function orderOf(input: AllocationInput): Turn[] {
  switch (input.pool.ordering) {
    case 'fifo':
      return fifo(input);
    case 'priority':
      return priority(input);
    case 'fair-share':
      return fairShare(input);
    default:
      return unreachable(input.pool.ordering);
  }
}
