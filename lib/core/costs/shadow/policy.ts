// A pool as its shadow declares it: the pool's own declaration, with the shadow's fields in their place.
import type { PoolSpec, ShadowPolicy, WarmNodesSpec } from '../../records/pool.ts';

/** Without a shadow of its own, and without nodes that are bought to be stopped: there none ever is. */
export function shadowSpec({ shadow: _own, ...pool }: PoolSpec, { objective, ...fields }: ShadowPolicy): PoolSpec {
  const { objective: ofPool, warmNodes, ...rest } = { ...pool, ...fields };
  const isNow = objective === undefined ? ofPool === 'cost-now' : objective === 'cost-now';
  return {
    ...rest,
    ...(warmNodes === undefined ? {} : { warmNodes: withoutStock(warmNodes) }),
    ...(isNow ? { objective: 'cost-now' as const } : {}),
  };
}

function withoutStock({ minStopped: _bought, ...warmNodes }: WarmNodesSpec): WarmNodesSpec {
  return warmNodes;
}
