// A pool as its shadow declares it: the pool's own declaration, with the shadow's fields in their place.
import type { PoolSpec, ShadowPolicy } from '../../records/pool.ts';

/** Without a shadow of its own. */
export function shadowSpec({ shadow: _own, ...pool }: PoolSpec, { objective, ...fields }: ShadowPolicy): PoolSpec {
  const { objective: ofPool, ...rest } = { ...pool, ...fields };
  const isNow = objective === undefined ? ofPool === 'cost-now' : objective === 'cost-now';
  return { ...rest, ...(isNow ? { objective: 'cost-now' as const } : {}) };
}
