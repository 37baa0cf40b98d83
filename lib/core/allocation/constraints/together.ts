// Affinity over nodes: tasks that must share a node become one unit that is placed as a whole. Where tasks of the
// wanted group run already, the followers may only join them there.
import type { Offering } from '../../values/offering.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, noResources } from '../../values/resources.ts';
import { canCarry } from '../reasons/explain.ts';
import { intersect } from '../../values/requirements.ts';
import type { Unit } from '../compile.ts';
import type { AllocationInput, Demand } from '../types.ts';
import type { Refused } from './zones.ts';

interface Bundled {
  readonly units: Unit[];
  readonly refused: Refused[];
}

export function bundle(units: readonly Unit[], input: AllocationInput, offerings: readonly Offering[]): Bundled {
  if (!units.some(({ demand }) => wantedGroups(demand).length > 0)) return { units: [...units], refused: [] };
  const running = new Set(
    input.bins.flatMap((bin) =>
      Object.entries(bin.groups)
        .filter((one) => one[1] > 0)
        .map((one) => one[0]),
    ),
  );
  const followers = units.filter(({ demand }) => wantedGroups(demand).length > 0);
  const rest = units.filter(({ demand }) => wantedGroups(demand).length === 0);
  const watched = new Set([
    ...input.bins.flatMap((bin) => bin.antiAffinityGroups),
    ...units.flatMap(({ demand }) =>
      [...(demand.antiAffinity ?? []), ...(demand.spread ?? [])].map((one) => one.group),
    ),
  ]);
  const done: Unit[] = [];
  const refused: Refused[] = [];
  for (const component of componentsOf(followers)) {
    const wanted = [...new Set(component.flatMap(({ demand }) => wantedGroups(demand)))].sort();
    if (wanted.some((group) => running.has(group))) {
      done.push(...component.map((unit): Unit => ({ ...unit, mustJoin: wantedGroups(unit.demand) })));
      continue;
    }
    // One task of each wanted group that is not a follower itself leads the others.
    const members: Unit[] = [];
    let isLed = true;
    for (const group of wanted) {
      if (component.some(({ demand }) => demand.group === group)) continue;
      const at = rest.findIndex(({ demand }) => demand.group === group);
      const leader = rest[at];
      if (leader === undefined) {
        isLed = false;
        continue;
      }
      members.push({ ...leader, count: 1 });
      if (leader.count === 1) rest.splice(at, 1);
      else rest[at] = { ...leader, count: leader.count - 1 };
    }
    members.push(...component);
    const merged = isLed ? merge(members, input, offerings) : null;
    if (merged === null) {
      for (const unit of members) {
        if (wantedGroups(unit.demand).length > 0)
          refused.push({
            demand: unit.demand,
            count: unit.count,
            detail: `No task of ${wantedGroups(unit.demand).join(', ')} can share a node with it.`,
          });
        else rest.push(unit);
      }
      continue;
    }
    const touched = members
      .map(({ demand }) => demand.group)
      .filter((group) => group !== undefined && watched.has(group));
    done.push(
      new Set(members.map(({ demand }) => demand.group)).size > 1 && touched.length > 0
        ? { ...merged.unit, isExclusive: true }
        : merged.unit,
    );
    refused.push(...merged.refused);
  }
  return { units: [...done, ...rest], refused };
}

function wantedGroups(demand: Demand): string[] {
  return (demand.affinity ?? []).filter((one) => one.topology === 'node').map((one) => one.group);
}

/** Followers that name each other's groups, directly or through others. */
function componentsOf(followers: readonly Unit[]): Unit[][] {
  const components: { groups: Set<string>; units: Unit[] }[] = [];
  for (const unit of followers) {
    const groups = new Set([
      ...wantedGroups(unit.demand),
      ...(unit.demand.group === undefined ? [] : [unit.demand.group]),
    ]);
    const merged = { groups, units: [unit] };
    for (let at = components.length - 1; at >= 0; at--) {
      const other = components[at];
      if (other === undefined || ![...other.groups].some((group) => groups.has(group))) continue;
      for (const group of other.groups) groups.add(group);
      merged.units.unshift(...other.units);
      components.splice(at, 1);
    }
    components.push(merged);
  }
  return components.map((one) => one.units);
}

/** The members on one node: as many of them, in order, as some offering can carry; null if not even the first fit. */
function merge(
  members: readonly Unit[],
  input: AllocationInput,
  offerings: readonly Offering[],
): { unit: Unit; refused: Refused[] } | null {
  const [first] = members;
  if (first === undefined) return null;
  let resources: Resources = noResources;
  let requirements = first.requirements;
  let zone = first.zone;
  let slots = 0;
  const parts = new Map<string, number>();
  const refused: Refused[] = [];
  const groupsHere = new Map<string, number>();
  const refusedHere = new Set<string>();
  const relations = members.map(({ demand }) => demand);
  for (const unit of members) {
    const narrowed = unit === first ? requirements : intersect(requirements, unit.requirements);
    const nextZone = zone ?? unit.zone;
    const conflicts = unit.zone !== null && zone !== null && unit.zone !== zone;
    let count =
      conflicts || repels(unit.demand, groupsHere, refusedHere)
        ? 0
        : Math.min(unit.count, input.pool.tasksPerNode - slots, spreadRoom(unit.demand, relations));
    const carried = (wanted: number): boolean => {
      const total = addResources(resources, times(unit.demand.resources, wanted));
      return offerings.some(
        (one) =>
          (nextZone === null || one.zone === nextZone)
          && canCarry({ resources: total, requirements: narrowed }, one, input.pool),
      );
    };
    let least = 0;
    while (least < count) {
      const middle = Math.ceil((least + count) / 2);
      if (carried(middle)) least = middle;
      else count = middle - 1;
    }
    if (count < unit.count)
      refused.push({
        demand: unit.demand,
        count: unit.count - count,
        detail: 'It must share a node with others, and no node can carry them all.',
      });
    if (count === 0) continue;
    [requirements, zone] = [narrowed, nextZone];
    resources = addResources(resources, times(unit.demand.resources, count));
    slots += count;
    parts.set(unit.demand.id, (parts.get(unit.demand.id) ?? 0) + count);
    for (const one of unit.demand.antiAffinity ?? []) if (one.topology === 'node') refusedHere.add(one.group);
    if (unit.demand.group !== undefined)
      groupsHere.set(unit.demand.group, (groupsHere.get(unit.demand.group) ?? 0) + count);
  }
  if (parts.size === 0 || (parts.size === 1 && members.length > 1 && members.some((one) => !parts.has(one.demand.id))))
    return null;
  const demand: Demand = {
    ...first.demand,
    resources,
    spread: relations.flatMap((one) => one.spread ?? []),
    antiAffinity: relations.flatMap((one) => one.antiAffinity ?? []),
  };
  return {
    unit: { demand, count: 1, requirements, zone, parts: [...parts].map(([demandId, count]) => ({ demandId, count })) },
    refused,
  };
}

function repels(demand: Demand, here: ReadonlyMap<string, number>, refusedHere: ReadonlySet<string>): boolean {
  return (
    (demand.group !== undefined && refusedHere.has(demand.group))
    || (demand.antiAffinity ?? []).some(
      (one) => one.topology === 'node' && (here.has(one.group) || one.group === demand.group),
    )
  );
}

/** A spread over nodes holds for a bundle, too. */
function spreadRoom(demand: Demand, all: readonly Demand[]): number {
  let room = Infinity;
  for (const one of all)
    for (const spread of one.spread ?? [])
      if (spread.topology === 'node' && spread.group === demand.group) room = Math.min(room, spread.maxSkew);
  return room;
}

function times(resources: Resources, count: number): Resources {
  return { cpuMilli: resources.cpuMilli * count, memoryMib: resources.memoryMib * count, gpu: resources.gpu * count };
}
