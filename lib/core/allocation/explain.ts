// Why a task is not placed: which constraint excludes how many offerings, nearest miss first.
import type { Offering } from '../offering.ts';
import { requirementKeys, requirementsKey, unmetRequirement } from '../requirements.ts';
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

/** How the offerings fare with tasks of one shape: who is excluded by what, and by what alone. */
interface Census {
  readonly total: ReadonlyMap<string, number>;
  readonly alone: ReadonlyMap<string, number>;
  /** Offerings that nothing but the moment keeps from carrying the task. */
  readonly carriers: number;
}

/** Thousands of waiting tasks are of few shapes, and each census asks every offering. */
const censuses = new WeakMap<AllocationInput, Map<string, Census>>();

function censusOf(input: AllocationInput, demand: Demand): Census {
  let byShape = censuses.get(input);
  if (!byShape) {
    byShape = new Map();
    censuses.set(input, byShape);
  }
  const { cpuMilli, memoryMib, gpu } = demand.resources;
  const shape = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(demand.requirements)}`;
  const known = byShape.get(shape);
  if (known) return known;
  const census = takeCensus(input, demand);
  byShape.set(shape, census);
  return census;
}

function takeCensus(input: AllocationInput, demand: Demand): Census {
  const total = new Map<string, number>();
  const alone = new Map<string, number>();
  const countOne = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  let carriers = 0;
  for (const [at, offering] of [...input.offerings, ...input.unavailable].entries()) {
    const misses = missesOf(demand, offering, input.pool);
    if (at >= input.offerings.length) misses.push('capacity');
    if (misses.length === 0) carriers += 1;
    for (const miss of misses) countOne(total, miss);
    const [only] = misses;
    if (misses.length === 1 && only !== undefined) countOne(alone, only);
  }
  return { total, alone, carriers };
}

/** The record of `count` unplaced tasks. `blocked` says what stood in the way of offerings that could carry them. */
export function explainUnplaced(input: AllocationInput, demand: Demand, count: number, blocked: 'limits' | 'constraints', detail: string): Unplaced {
  const { total, alone, carriers } = censusOf(input, demand);
  const blockedOnly: [string, number][] = carriers > 0 ? [[blocked, carriers]] : [];
  const nearness = new Map([...alone, ...blockedOnly]);
  const excluded = [...total, ...blockedOnly]
    .map(([constraint, offerings]) => ({ constraint, offerings }))
    .sort((a, b) => ((nearness.get(a.constraint) ?? Infinity) - (nearness.get(b.constraint) ?? Infinity) || 0)
      || a.offerings - b.offerings || (a.constraint < b.constraint ? -1 : 1));
  const kind: UnplacedKind = carriers > 0 ? blocked : (alone.get('capacity') ?? 0) > 0 ? 'shortage' : 'unsatisfiable';
  return { demandId: demand.id, count, kind, message: messageOf(kind, demand, excluded, input.offerings.length + input.unavailable.length, detail), excluded };
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
