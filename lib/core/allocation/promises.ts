// What must hold for whatever is placed, although limits or shortage left some tasks waiting: gangs are whole,
// spread groups stay level, and nobody follows a group that is not there.
import { unmetRequirement } from '../requirements.ts';
import type { Draft } from './index.ts';
import type { AllocationInput, Demand } from './types.ts';
import type { ZoneContext } from './zones.ts';

export interface BrokenPromise {
  readonly demand: Demand;
  /** How many of its tasks the next attempt may place. */
  readonly keep: number;
}

/** At most one broken gang at a time (the first served: it may have starved the others), or all when `isLast`. */
export function brokenPromises(draft: Draft, input: AllocationInput, context: ZoneContext, isLast: boolean): BrokenPromise[] {
  if (draft.refused.length === 0 && draft.waiting.every((count) => count === 0)) return [];
  const served = new Map<Demand, number>();
  const zones = new Map<string, Map<string, number>>();
  const demandById = new Map(input.demand.map((demand) => [demand.id, demand]));
  const note = (group: string, zone: string, count: number): void => {
    const of = zones.get(group) ?? new Map<string, number>();
    of.set(zone, (of.get(zone) ?? 0) + count);
    zones.set(group, of);
  };
  for (const bin of input.bins) for (const [group, count] of Object.entries(bin.groups)) note(group, bin.offering.zone, count);
  for (const [at, unit] of draft.units.entries()) {
    const count = unit.count - (draft.waiting[at] ?? 0);
    for (const part of unit.parts ?? [{ demandId: unit.demand.id, count: 1 }]) {
      const demand = demandById.get(part.demandId) ?? unit.demand;
      served.set(demand, (served.get(demand) ?? 0) + count * part.count);
      if (demand.group !== undefined && unit.zone !== null) note(demand.group, unit.zone, count * part.count);
    }
  }
  const gangs = [...served].filter(([demand, count]) => demand.gang === true && count > 0 && count < demand.count);
  if (gangs.length > 0) return (isLast ? gangs : gangs.slice(0, 1)).map(([demand]) => ({ demand, keep: 0 }));

  const broken: BrokenPromise[] = [];
  for (const [demand, count] of served) {
    if (count === 0 || count === demand.count) continue;
    const uneven = (demand.spread ?? []).some(({ topology, group, maxSkew }) => {
      if (topology !== 'zone') return false;
      const domain = new Set(context.offerings.filter((one) => canBeIn(demand, one, context)).map((one) => one.zone));
      const counts = [...domain].map((zone) => zones.get(group)?.get(zone) ?? 0);
      return counts.length > 0 && Math.max(...counts) - Math.min(...counts) > maxSkew;
    });
    // The next attempt deals what can be served evenly; after many, not at all.
    if (uneven) broken.push({ demand, keep: isLast ? 0 : Math.max(0, count - 1) });
  }
  for (const [demand, count] of served) {
    if (count === 0 || broken.some((one) => one.demand === demand)) continue;
    const isAlone = (demand.affinity ?? []).some(({ topology, group }) => topology === 'zone' && group !== demand.group && [...(zones.get(group)?.values() ?? [])].every((one) => one === 0));
    if (isAlone) broken.push({ demand, keep: 0 });
  }
  return broken;
}

function canBeIn(demand: Demand, offering: ZoneContext['offerings'][number], context: ZoneContext): boolean {
  const { allocatable } = offering.type;
  const { cpuMilli, memoryMib, gpu } = demand.resources;
  return cpuMilli <= allocatable.cpuMilli && memoryMib <= allocatable.memoryMib && gpu <= allocatable.gpu
    && unmetRequirement(context.requirementsOf(demand), offering) === null;
}
