// Could any offering of a pool ever carry this task? Shortage and limits do not count here: they pass.
import type { Offering } from './offering.ts';
import type { PoolSpec } from './pool.ts';
import type { TaskSpec } from './request.ts';
import { unmetRequirement } from './requirements.ts';

export interface Exclusion {
  readonly constraint: string;
  readonly offerings: number;
}

/** What stands between the task and this offering; null: nothing. */
function obstacle(spec: Pick<TaskSpec, 'resources' | 'requirements'>, pool: Pick<PoolSpec, 'maxNodeVcpu'>, offering: Offering): string | null {
  const unmet = unmetRequirement(spec.requirements, offering);
  if (unmet) return unmet;
  const { allocatable } = offering.type;
  if (spec.resources.gpu > allocatable.gpu) return 'gpu';
  if (spec.resources.cpuMilli > allocatable.cpuMilli) return 'vcpu';
  if (spec.resources.memoryMib > allocatable.memoryMib) return 'memoryMib';
  if (pool.maxNodeVcpu !== undefined && offering.type.vcpu > pool.maxNodeVcpu) return 'maxNodeVcpu';
  return null;
}

/** `offerings`: those that the pool's requirements allow. Stops at the first that fits. */
export function findObstacles(spec: Pick<TaskSpec, 'resources' | 'requirements'>, pool: Pick<PoolSpec, 'name' | 'maxNodeVcpu'>, offerings: readonly Offering[]): readonly Exclusion[] | null {
  const excluded = new Map<string, number>();
  for (const offering of offerings) {
    const reason = obstacle(spec, pool, offering);
    if (reason === null) return null;
    excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
  }
  return [...excluded].map(([constraint, count]) => ({ constraint, offerings: count }))
    .sort((a, b) => a.offerings - b.offerings || (a.constraint < b.constraint ? -1 : 1));
}
