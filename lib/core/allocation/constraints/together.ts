// Affinity over nodes: tasks that must share a node become one unit that is placed as a whole. Where tasks of the
// wanted group run already, the followers may only join them there.
import type { Offering } from '../../values/offering.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, noResources } from '../../values/resources.ts';
import { canCarry } from '../reasons/explain.ts';
import { intersect } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { Unit } from '../compile.ts';
import type { AllocationInput, Demand } from '../types.ts';
import type { Refused } from './zones.ts';

interface Bundled {
  readonly units: Unit[];
  readonly refused: Refused[];
}

export function bundle(units: readonly Unit[], input: AllocationInput, offerings: readonly Offering[]): Bundled {
  const followers = units.filter(isFollower);
  if (followers.length === 0) return { units: [...units], refused: [] };
  const running = new Set(
    input.bins.flatMap((bin) =>
      Object.entries(bin.groups)
        .filter((one) => one[1] > 0)
        .map((one) => one[0]),
    ),
  );
  const rest = units.filter((unit) => !isFollower(unit));
  const watched = watchedGroups(units, input);
  const done: Unit[] = [];
  const refused: Refused[] = [];
  for (const component of componentsOf(followers)) {
    const wanted = [...new Set(component.flatMap(({ demand }) => wantedGroups(demand)))].sort();
    if (wanted.some((group) => running.has(group))) {
      done.push(...component.map((unit): Unit => ({ ...unit, mustJoin: wantedGroups(unit.demand) })));
      continue;
    }
    const { leaders, isLed } = takeLeaders(component, wanted, rest);
    const members = [...leaders, ...component];
    const merged = isLed ? merge(members, input, offerings) : null;
    if (merged === null) {
      refused.push(...members.filter(isFollower).map(refusedAlone));
      rest.push(...members.filter((unit) => !isFollower(unit)));
      continue;
    }
    done.push(needsOwnNode(members, watched) ? { ...merged.unit, isExclusive: true } : merged.unit);
    refused.push(...merged.refused);
  }
  return { units: [...done, ...rest], refused };
}

/** The groups that some task, running or not, may not want beside it, or not in any number. */
function watchedGroups(units: readonly Unit[], input: AllocationInput): ReadonlySet<string> {
  return new Set([
    ...input.bins.flatMap((bin) => bin.antiAffinityGroups),
    ...units.flatMap(({ demand }) =>
      [...(demand.antiAffinity ?? []), ...(demand.spread ?? [])].map((one) => one.group),
    ),
  ]);
}

/** Takes one task of each wanted group that is not a follower itself out of `rest`: it leads the others. */
function takeLeaders(
  component: readonly Unit[],
  wanted: readonly string[],
  rest: Unit[],
): { leaders: readonly Unit[]; isLed: boolean } {
  const leaders: Unit[] = [];
  let isLed = true;
  for (const group of wanted) {
    if (component.some(({ demand }) => demand.group === group)) continue;
    const at = rest.findIndex(({ demand }) => demand.group === group);
    const leader = rest[at];
    if (leader === undefined) {
      isLed = false;
      continue;
    }
    leaders.push({ ...leader, count: 1 });
    if (leader.count === 1) rest.splice(at, 1);
    else rest[at] = { ...leader, count: leader.count - 1 };
  }
  return { leaders, isLed };
}

function refusedAlone({ demand, count }: Unit): Refused {
  return { demand, count, detail: `No task of ${wantedGroups(demand).join(', ')} can share a node with it.` };
}

function needsOwnNode(members: readonly Unit[], watched: ReadonlySet<string>): boolean {
  const groups = new Set(members.map(({ demand }) => demand.group));
  return groups.size > 1 && [...groups].some((group) => group !== undefined && watched.has(group));
}

function isFollower({ demand }: Unit): boolean {
  return wantedGroups(demand).length > 0;
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

/** A bundle while members are put into it. */
interface OpenBundle {
  resources: Resources;
  requirements: Requirements;
  zone: string | null;
  slots: number;
  readonly parts: Map<string, number>;
  readonly groups: Map<string, number>;
  readonly repelled: Set<string>;
}

/** The members on one node: as many of them, in order, as some offering can carry; null if not even the first fit. */
function merge(
  members: readonly Unit[],
  input: AllocationInput,
  offerings: readonly Offering[],
): { unit: Unit; refused: Refused[] } | null {
  const [first] = members;
  if (first === undefined) return null;
  const open: OpenBundle = {
    resources: noResources,
    requirements: first.requirements,
    zone: first.zone,
    slots: 0,
    parts: new Map(),
    groups: new Map(),
    repelled: new Set(),
  };
  const refused: Refused[] = [];
  const relations = members.map(({ demand }) => demand);
  for (const unit of members) {
    const requirements = unit === first ? open.requirements : intersect(open.requirements, unit.requirements);
    const count = mostThatFit({ ...unit, requirements }, open, relations, input, offerings);
    if (count < unit.count)
      refused.push({
        demand: unit.demand,
        count: unit.count - count,
        detail: 'It must share a node with others, and no node can carry them all.',
      });
    if (count > 0) join(open, { ...unit, requirements }, count);
  }
  const { resources, requirements, zone, parts } = open;
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

/** Tasks of the unit, whose requirements are narrowed to the bundle's, that some offering carries beside the others. */
function mostThatFit(
  unit: Unit,
  open: OpenBundle,
  relations: readonly Demand[],
  { pool }: AllocationInput,
  offerings: readonly Offering[],
): number {
  if (unit.zone !== null && open.zone !== null && unit.zone !== open.zone) return 0;
  if (repels(unit.demand, open)) return 0;
  const zone = open.zone ?? unit.zone;
  if (pool.isTenantPerNode === true && relations[0]?.tenant !== unit.demand.tenant) return 0;
  const isCarried = (count: number): boolean => {
    const resources = addResources(open.resources, times(unit.demand.resources, count));
    return offerings.some(
      (one) =>
        (zone === null || one.zone === zone) && canCarry({ resources, requirements: unit.requirements }, one, pool),
    );
  };
  let least = 0;
  let most = Math.min(unit.count, pool.tasksPerNode - open.slots, spreadRoom(unit.demand, relations));
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (isCarried(middle)) least = middle;
    else most = middle - 1;
  }
  return most;
}

function join(open: OpenBundle, { demand, requirements, zone }: Unit, count: number): void {
  open.requirements = requirements;
  open.zone ??= zone;
  open.resources = addResources(open.resources, times(demand.resources, count));
  open.slots += count;
  open.parts.set(demand.id, (open.parts.get(demand.id) ?? 0) + count);
  for (const one of demand.antiAffinity ?? []) if (one.topology === 'node') open.repelled.add(one.group);
  if (demand.group !== undefined) open.groups.set(demand.group, (open.groups.get(demand.group) ?? 0) + count);
}

function repels(demand: Demand, { groups, repelled }: OpenBundle): boolean {
  return (
    (demand.group !== undefined && repelled.has(demand.group))
    || (demand.antiAffinity ?? []).some(
      (one) => one.topology === 'node' && (groups.has(one.group) || one.group === demand.group),
    )
  );
}

/** A spread over nodes counts in a bundle, too. */
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
