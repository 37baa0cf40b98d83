// How the offerings fare with tasks of one shape: who is excluded by what, and by what alone. Thousands of waiting
// tasks may be of as many shapes, so offerings that fare alike whatever the shape are counted together.
import type { Offering } from '../../values/offering.ts';
import type { Requirements } from '../../values/requirements.ts';
import { requirementsKey, unmetRequirements } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { fits } from '../../values/resources.ts';
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
  /** How many offerings can carry the task and may be bought now. */
  readonly carriersCount: number;
  /** Offerings that nothing but the moment keeps from it: they are out of capacity. */
  readonly out: () => readonly Offering[];
  readonly outCount: number;
  /** All offerings; see {@link carriesNow}. */
  readonly groups: readonly CensusGroup[];
  readonly resources: Resources;
}

/** Whether the group's offerings can carry the census's task and may be bought now. */
export function carriesNow({ isOut, misses, first }: CensusGroup, { resources }: Census): boolean {
  return !isOut && misses.length === 0 && fits(resources, first.type.allocatable);
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
  const counts = { total: new Map<string, number>(), alone: new Map<string, number>() };
  const { bySize, others } = classesOf(groups);
  const [total, alone] = [new Int32Array(sizes.length), new Int32Array(sizes.length)];
  let carriersCount = 0;
  for (const { allocatable, offerings } of bySize) {
    const short = shortOf(resources, allocatable);
    if (short === 0) carriersCount += offerings;
    for (let at = 0; short > 0 && at < sizes.length; at++) {
      if ((short & (1 << at)) === 0) continue;
      total[at] = (total[at] ?? 0) + offerings;
      if (short === 1 << at) alone[at] = (alone[at] ?? 0) + offerings;
    }
  }
  for (const [at, size] of sizes.entries()) {
    addTo(counts.total, size, total[at] ?? 0);
    addTo(counts.alone, size, alone[at] ?? 0);
  }
  const out: CensusGroup[] = [];
  for (const group of others) {
    const short = shortOf(resources, group.first.type.allocatable);
    const misses = [
      ...sizes.filter((_, at) => (short & (1 << at)) !== 0),
      ...group.misses,
      ...(group.isOut ? ['capacity'] : []),
    ];
    if (group.isOut && misses.length === 1) out.push(group);
    for (const miss of misses) {
      addTo(counts.total, miss, group.offerings.length);
      if (misses.length === 1) addTo(counts.alone, miss, group.offerings.length);
    }
  }
  const outCount = out.reduce((sum, one) => sum + one.offerings.length, 0);
  return { ...counts, carriersCount, out: () => out.flatMap((one) => one.offerings), outCount, groups, resources };
}

/** Offerings that nothing but size may exclude, by size, and the others. */
interface Classes {
  readonly bySize: readonly { readonly allocatable: Resources; readonly offerings: number }[];
  readonly others: readonly CensusGroup[];
}

const classesBy = new WeakMap<readonly CensusGroup[], Classes>();

function classesOf(groups: readonly CensusGroup[]): Classes {
  const known = classesBy.get(groups);
  if (known) return known;
  const bySize = new Map<string, { readonly allocatable: Resources; offerings: number }>();
  const others: CensusGroup[] = [];
  for (const group of groups) {
    if (group.isOut || group.misses.length > 0) {
      others.push(group);
      continue;
    }
    const { allocatable } = group.first.type;
    const key = `${String(allocatable.cpuMilli)} ${String(allocatable.memoryMib)} ${String(allocatable.gpu)}`;
    const same = bySize.get(key);
    if (same) same.offerings += group.offerings.length;
    else bySize.set(key, { allocatable, offerings: group.offerings.length });
  }
  const classes = { bySize: [...bySize.values()], others };
  classesBy.set(groups, classes);
  return classes;
}

/** A bit for each of {@link sizes} that is too large. */
function shortOf(resources: Resources, allocatable: Resources): number {
  return (
    (resources.cpuMilli > allocatable.cpuMilli ? 1 : 0)
    + (resources.memoryMib > allocatable.memoryMib ? 2 : 0)
    + (resources.gpu > allocatable.gpu ? 4 : 0)
  );
}

/** What of a task's size may be too large for a node. */
const sizes = ['vcpu', 'memory', 'gpu'] as const;

function addTo(counts: Map<string, number>, key: string, offerings: number): void {
  if (offerings > 0) counts.set(key, (counts.get(key) ?? 0) + offerings);
}
