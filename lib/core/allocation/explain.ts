// Why a task is not placed: which constraint excludes how many offerings, nearest miss first.
import type { Offering } from '../offering.ts';
import { requirementKeys, unmetRequirement } from '../requirements.ts';
import type { Requirements } from '../requirements.ts';
import type { AllocationInput, Demand, Unplaced, UnplacedKind } from './types.ts';

/** True when an empty node of this offering could carry one task of the demand in this pool. */
export function canCarry(demand: Pick<Demand, 'resources' | 'requirements'>, offering: Offering, pool: AllocationInput['pool']): boolean {
  return pool.tasksPerNode >= 1 && missesOf(demand, offering, pool).length === 0;
}

/** Every constraint that keeps one task of the demand off an empty node of the offering. */
function missesOf(demand: Pick<Demand, 'resources' | 'requirements'>, offering: Offering, pool: AllocationInput['pool']): string[] {
  const { allocatable } = offering.type;
  const misses: string[] = [];
  if (demand.resources.cpuMilli > allocatable.cpuMilli) misses.push('vcpu');
  if (demand.resources.memoryMib > allocatable.memoryMib) misses.push('memory');
  if (demand.resources.gpu > allocatable.gpu) misses.push('gpu');
  if (pool.maxNodeVcpu !== undefined && offering.type.vcpu > pool.maxNodeVcpu) misses.push('maxNodeVcpu');
  misses.push(...unmet(demand.requirements, offering), ...unmet(pool.requirements, offering).map((key) => `pool.${key}`));
  return misses;
}

function unmet(requirements: Requirements, offering: Offering): string[] {
  if (unmetRequirement(requirements, offering) === null) return [];
  return requirementKeys.filter((key) => requirements[key] !== undefined && unmetRequirement({ [key]: requirements[key] }, offering) !== null);
}

/** The record of `count` unplaced tasks. `blocked` says what stood in the way of offerings that could carry them. */
export function explainUnplaced(input: AllocationInput, demand: Demand, count: number, blocked: 'limits' | 'constraints', detail: string): Unplaced {
  const total = new Map<string, number>();
  const alone = new Map<string, number>();
  const count1 = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  let carriers = 0;
  const all = [...input.offerings, ...input.unavailable];
  for (const [at, offering] of all.entries()) {
    const misses = missesOf(demand, offering, input.pool);
    if (at >= input.offerings.length) misses.push('capacity');
    if (misses.length === 0) {
      carriers += 1;
      misses.push(blocked);
    }
    for (const miss of misses) count1(total, miss);
    const [only] = misses;
    if (misses.length === 1 && only !== undefined) count1(alone, only);
  }
  const nearness = (key: string): number => alone.get(key) ?? Infinity;
  const excluded = [...total]
    .map(([constraint, offerings]) => ({ constraint, offerings }))
    .sort((a, b) => (nearness(a.constraint) - nearness(b.constraint) || 0) || a.offerings - b.offerings || (a.constraint < b.constraint ? -1 : 1));
  const kind: UnplacedKind = carriers > 0 ? blocked : (alone.get('capacity') ?? 0) > 0 ? 'shortage' : 'unsatisfiable';
  return { demandId: demand.id, count, kind, message: messageOf(kind, demand, excluded, all.length, detail), excluded };
}

function messageOf(kind: UnplacedKind, demand: Demand, excluded: Unplaced['excluded'], offerings: number, detail: string): string {
  const { cpuMilli, memoryMib, gpu } = demand.resources;
  const need = `${String(cpuMilli / 1000)} vCPU, ${String(memoryMib)} MiB${gpu > 0 ? `, ${String(gpu)} GPU` : ''}`;
  const why = excluded.map((one) => `${one.constraint} excludes ${String(one.offerings)}`).join(', ');
  switch (kind) {
    case 'unsatisfiable':
      return `None of the pool's ${String(offerings)} offerings can carry a task of ${need}${why ? `: ${why}` : ''}.`;
    case 'shortage':
      return `Every offering that can carry a task of ${need} is out of capacity now.`;
    case 'limits':
    case 'constraints':
      return detail;
  }
}
