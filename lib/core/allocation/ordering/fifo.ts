// First come, first served: the order of acceptance (Nomad's and Docker Swarm's queues, AWS Batch's FIFO queue).
import type { Demand } from '../types.ts';
import type { Order } from './order.ts';

/** Earlier first; ties by id, so that the order of the input never matters. */
export function byArrival(a: Demand, b: Demand): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export const fifo: Order = ({ demand }) =>
  [...demand].sort(byArrival).map((one) => ({ demand: one, count: one.count }));
