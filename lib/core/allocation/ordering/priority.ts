// Higher priority first, and waiting raises it: a low priority delays a task but never starves it.
import { byArrival } from './fifo.ts';
import type { Order } from './order.ts';

/** Waiting this long is worth one point of priority. */
export const ageingMsPerPoint = 600_000;

export const priority: Order = ({ demand, nowMs }) => {
  const aged = new Map(
    demand.map((one) => [one, one.priority + Math.max(0, nowMs - one.createdAtMs) / ageingMsPerPoint]),
  );
  return [...demand]
    .sort((a, b) => (aged.get(b) ?? 0) - (aged.get(a) ?? 0) || byArrival(a, b))
    .map((one) => ({ demand: one, count: one.count }));
};
