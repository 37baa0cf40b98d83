// How the offerings fare with tasks of one shape: who is excluded by what, and by what alone. Thousands of waiting
// tasks may be of as many shapes, so offerings that fare alike whatever the shape are counted together.
import type { Offering } from '../../values/offering.ts';
import type { Requirements } from '../../values/requirements.ts';
import { requirementsKey, unmetRequirements } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import type { AllocationInput } from '../types.ts';

/** What is asked of one node, and in which zones (null: any). */
export interface Ask {
  readonly resources: Resources;
  readonly requirements: Requirements;
  readonly zones: readonly string[] | null;
}

/** Offerings of one type at one price that the same constraints exclude, whatever the size of a task. */
export interface CensusGroup {
  readonly first: Offering;
  readonly offerings: Offering[];
  /** Constraints other than a task's size. */
  readonly misses: readonly string[];
  readonly isOut: boolean;
}

export interface Census {
  readonly total: ReadonlyMap<string, number>;
  readonly alone: ReadonlyMap<string, number>;
  /** What can carry the task and may be bought now, and the number of its offerings. */
  readonly carriers: readonly CensusGroup[];
  readonly carriersCount: number;
  /** Offerings that nothing but the moment keeps from it: they are out of capacity. */
  readonly out: () => readonly Offering[];
  readonly outCount: number;
}

interface Known {
  readonly groups: Map<string, readonly CensusGroup[]>;
  readonly censuses: Map<string, Census>;
}

const knownBy = new WeakMap<AllocationInput, Known>();

export function censusOf(input: AllocationInput, ask: Ask): Census {
  const known = knownBy.get(input) ?? { groups: new Map<string, CensusGroup[]>(), censuses: new Map<string, Census>() };
  knownBy.set(input, known);
  const { cpuMilli, memoryMib, gpu } = ask.resources;
  const kind = `${requirementsKey(ask.requirements)} ${ask.zones?.join(',') ?? ''}`;
  const shape = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${kind}`;
  const before = known.censuses.get(shape);
  if (before) return before;
  const groups = known.groups.get(kind) ?? groupsOf(input, ask);
  known.groups.set(kind, groups);
  const census = takeCensus(groups, ask.resources);
  known.censuses.set(shape, census);
  return census;
}

function groupsOf(input: AllocationInput, { requirements, zones }: Omit<Ask, 'resources'>): readonly CensusGroup[] {
  const { pool } = input;
  const groups = new Map<string, CensusGroup>();
  const add = (offering: Offering, isOut: boolean): void => {
    const { type, zone, priceUsdPerHour } = offering;
    const misses = [
      ...(pool.maxNodeVcpu !== undefined && type.vcpu > pool.maxNodeVcpu ? ['maxNodeVcpu'] : []),
      ...unmetRequirements(requirements, offering),
      ...unmetRequirements(pool.requirements, offering).map((key) => `pool.${key}`),
      ...(zones?.includes(zone) === false ? ['relation'] : []),
    ];
    const key = `${type.name} ${String(priceUsdPerHour)} ${String(isOut)} ${misses.join(';')}`;
    const known = groups.get(key);
    if (known) known.offerings.push(offering);
    else groups.set(key, { first: offering, offerings: [offering], misses, isOut });
  };
  for (const offering of input.offerings) add(offering, false);
  for (const offering of input.unavailable) add(offering, true);
  return [...groups.values()];
}

function takeCensus(groups: readonly CensusGroup[], resources: Resources): Census {
  const total = new Map<string, number>();
  const alone = new Map<string, number>();
  const carriers: CensusGroup[] = [];
  const out: CensusGroup[] = [];
  for (const group of groups) {
    const misses = [...tooSmall(resources, group.first.type.allocatable), ...group.misses];
    if (misses.length === 0) (group.isOut ? out : carriers).push(group);
    if (group.isOut) misses.push('capacity');
    const [only] = misses;
    if (misses.length === 1 && only !== undefined) addTo(alone, only, group);
    for (const miss of misses) addTo(total, miss, group);
  }
  const countOf = (list: readonly CensusGroup[]): number => list.reduce((sum, one) => sum + one.offerings.length, 0);
  return {
    total,
    alone,
    carriers,
    carriersCount: countOf(carriers),
    out: () => out.flatMap((one) => one.offerings),
    outCount: countOf(out),
  };
}

function addTo(counts: Map<string, number>, key: string, { offerings }: CensusGroup): void {
  counts.set(key, (counts.get(key) ?? 0) + offerings.length);
}

const fitsWell: readonly string[] = [];

function tooSmall(resources: Resources, allocatable: Resources): readonly string[] {
  const isShort = {
    vcpu: resources.cpuMilli > allocatable.cpuMilli,
    memory: resources.memoryMib > allocatable.memoryMib,
    gpu: resources.gpu > allocatable.gpu,
  };
  if (!isShort.vcpu && !isShort.memory && !isShort.gpu) return fitsWell;
  return [...(isShort.vcpu ? ['vcpu'] : []), ...(isShort.memory ? ['memory'] : []), ...(isShort.gpu ? ['gpu'] : [])];
}
