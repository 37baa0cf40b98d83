// Who is served first, when not all can be: one small file per ordering behind one interface.
import { unreachable } from '../../values/errors.ts';
import type { AllocationInput } from '../types.ts';
import { fairShare } from './fair-share.ts';
import { fifo } from './fifo.ts';
import type { Turn } from './order.ts';
import { priority } from './priority.ts';

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
