// A pool as the allocation engine is asked about it.
import type { PoolLimits, PoolSpec } from '../../records/pool.ts';
import type { AllocationInput } from '../../allocation/types.ts';

/** `limits`: those of this decision; absent: the declared ones. */
export function poolAsked(pool: PoolSpec, limits: PoolLimits = pool.limits): AllocationInput['pool'] {
  return {
    requirements: pool.requirements,
    limits,
    tasksPerNode: pool.tasksPerNode,
    ...(pool.maxNodeVcpu === undefined ? {} : { maxNodeVcpu: pool.maxNodeVcpu }),
    ordering: pool.ordering,
    placement: pool.placement,
    ...(isTenantPerNode(pool) ? { isTenantPerNode: true } : {}),
  };
}

/** Its nodes carry tasks of one tenant at a time. */
export function isTenantPerNode({ nodesServe }: Pick<PoolSpec, 'nodesServe'>): boolean {
  return nodesServe !== 'any-tenant';
}
