// What must hold for whatever is placed, although limits or shortage left some tasks waiting: gangs are whole,
// spread groups stay level, and nobody follows a group that is not there.
import { unmetRequirement } from '../../values/requirements.ts';
import type { WorkingCopy } from '../working-copy.ts';
import type { AllocationInput, Demand } from '../types.ts';
import type { ZoneContext } from './zone-context.ts';

export interface ViolatedConstraint {
  readonly demand: Demand;
  /** How many of its tasks the next attempt may place. */
  readonly keep: number;
}

/** At most one broken gang at a time (the first served: it may have starved the others), or all when `isLast`. */
export function violatedConstraints(
  copy: WorkingCopy,
  input: AllocationInput,
  context: ZoneContext,
  isLast: boolean,
): ViolatedConstraint[] {
  if (copy.refused.length === 0 && copy.waiting.every((count) => count === 0)) return [];
  const served = new Map<Demand, number>();
  const zones = new Map<string, Map<string, number>>();
  const demandById = new Map(input.demand.map((demand) => [demand.id, demand]));
  const note = (group: string, zone: string, count: number): void => {
    const of = zones.get(group) ?? new Map<string, number>();
    of.set(zone, (of.get(zone) ?? 0) + count);
    zones.set(group, of);
  };
  for (const bin of input.bins)
    for (const [group, count] of Object.entries(bin.groups)) note(group, bin.offering.zone, count);
  for (const { zone, groups } of input.closed ?? [])
    for (const [group, count] of Object.entries(groups)) note(group, zone, count);
  for (const [at, unit] of copy.units.entries()) {
    const count = unit.count - (copy.waiting[at] ?? 0);
    for (const part of unit.parts ?? [{ demandId: unit.demand.id, count: 1 }]) {
      const demand = demandById.get(part.demandId) ?? unit.demand;
      served.set(demand, (served.get(demand) ?? 0) + count * part.count);
      if (demand.group !== undefined && unit.zone !== null) note(demand.group, unit.zone, count * part.count);
    }
  }
  const gangs = [...served].filter(([demand, count]) => demand.gang === true && count > 0 && count < demand.count);
  if (gangs.length > 0) return (isLast ? gangs : gangs.slice(0, 1)).map(([demand]) => ({ demand, keep: 0 }));

  const uneven = unevenSpreads(served, zones, context, isLast);
  return [...uneven, ...withoutAffinity(copy, served, zones, new Set(uneven.map((one) => one.demand)))];
}

/** Tasks that are served, by demand. */
type Served = ReadonlyMap<Demand, number>;
/** Tasks on nodes, by group and zone. */
type GroupZones = ReadonlyMap<string, ReadonlyMap<string, number>>;

function unevenSpreads(served: Served, zones: GroupZones, context: ZoneContext, isLast: boolean): ViolatedConstraint[] {
  const broken: ViolatedConstraint[] = [];
  const spreads = new Map<string, { maxSkew: number; domain: Set<string> }>();
  for (const demand of served.keys()) {
    for (const { topology, group, maxSkew } of demand.spread ?? []) {
      if (topology !== 'zone' || group !== demand.group) continue;
      const spread = spreads.get(group) ?? { maxSkew, domain: new Set<string>() };
      for (const one of context.offerings)
        if (!spread.domain.has(one.zone) && canBeIn(demand, one)) spread.domain.add(one.zone);
      spreads.set(group, { maxSkew: Math.min(maxSkew, spread.maxSkew), domain: spread.domain });
    }
  }
  for (const [group, { maxSkew, domain }] of spreads) {
    const counts = [...domain].map((zone) => zones.get(group)?.get(zone) ?? 0);
    const least = Math.min(...counts);
    const surplus = counts.reduce((sum, count) => sum + Math.max(0, count - least - maxSkew), 0);
    if (surplus === 0) continue;
    const members = [...served].filter(([demand, count]) => demand.group === group && count > 0);
    const partial = members.filter(([demand, count]) => count < demand.count);
    // The next attempt deals what can be served evenly; after many, nothing.
    for (const [demand, count] of partial.length > 0 ? partial : members.slice(-1))
      broken.push({ demand, keep: isLast ? 0 : Math.max(0, count - surplus) });
  }
  return broken;
}

function withoutAffinity(
  copy: WorkingCopy,
  served: Served,
  zones: GroupZones,
  known: ReadonlySet<Demand>,
): ViolatedConstraint[] {
  const broken: ViolatedConstraint[] = [];
  for (const [demand, count] of served) {
    if (count === 0 || known.has(demand)) continue;
    const wanted = (demand.affinity ?? []).filter((one) => one.topology === 'zone').map((one) => one.group);
    const isAlone =
      wanted.length > 0
      && copy.units.some(
        (unit, at) =>
          unit.demand === demand
          && unit.zone !== null
          && unit.count > (copy.waiting[at] ?? 0)
          && wanted.some((group) => (zones.get(group)?.get(unit.zone ?? '') ?? 0) === 0),
      );
    if (isAlone) broken.push({ demand, keep: 0 });
  }
  return broken;
}

/** Whatever it wishes. */
function canBeIn(demand: Demand, offering: ZoneContext['offerings'][number]): boolean {
  const { allocatable } = offering.type;
  const { cpuMilli, memoryMib, gpu } = demand.resources;
  return (
    cpuMilli <= allocatable.cpuMilli
    && memoryMib <= allocatable.memoryMib
    && gpu <= allocatable.gpu
    && unmetRequirement(demand.requirements, offering) === null
  );
}
