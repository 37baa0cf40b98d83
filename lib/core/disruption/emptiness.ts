// A node without work is given back after the pool's idle time, unless the plan counts on it.
import type { NodeRecord } from '../records/node.ts';
import type { PoolSpec } from '../records/pool.ts';

/** When the node may go for being idle; null while it works, or is not up yet. */
export function idleAtMs(node: NodeRecord, pool: Pick<PoolSpec, 'idleAfterMs'>): number | null {
  if (node.state !== 'ready' || node.assigned.length > 0) return null;
  return (node.emptySinceMs ?? node.readyAtMs ?? node.createdAtMs) + pool.idleAfterMs;
}
