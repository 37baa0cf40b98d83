// Could this pool ever run this, with all its capacity there and nothing else in it? Shortage, quotas, and
// limits that are merely used up do not count here: they pass. Only what is proven impossible is refused, with
// the nearest possible.
import type { Exclusion } from '../types.ts';
import type { Offering } from '../../values/offering.ts';
import type { PoolSpec, Usage } from '../../records/pool.ts';
import { amountText, isPassed, limitKeys, limitsPassed, usageOf } from '../../records/limits.ts';
import { noUsage } from '../../records/pool.ts';
import type { TaskConstraints } from '../../records/request.ts';
import type { Requirements } from '../../values/requirements.ts';
import { requirementKeys, unmetRequirement } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { fits, tasksOn } from '../../values/resources.ts';

/** So many equal tasks, and what they demand of each other. */
export interface Wanted extends TaskConstraints {
  readonly resources: Resources;
  readonly requirements: Requirements;
  readonly count: number;
}

/** What a pool may have. */
export type Bounds = Pick<PoolSpec, 'limits' | 'tasksPerNode' | 'maxNodeVcpu'>;

export interface Never {
  /** Why not, with the nearest possible and the cure: the end of a sentence. */
  readonly message: string;
  readonly excluded: readonly Exclusion[];
}

/**
 * Why the pool can never run it; null: nothing proves that. `offerings`: those that its requirements and maxNodeVcpu
 * allow. `beyond`: those that maxNodeVcpu keeps away, too, to say whether raising it helps.
 */
export function findNever(
  wanted: Wanted,
  bounds: Bounds,
  offerings: readonly Offering[],
  beyond: readonly Offering[] = offerings,
): Never | null {
  const opposed = contradiction(wanted);
  if (opposed !== null) return { message: opposed, excluded: [] };
  const isCarrier = (one: Offering): boolean =>
    fits(wanted.resources, one.type.allocatable) && unmetRequirement(wanted.requirements, one) === null;
  if (!offerings.some(isCarrier))
    return {
      message: noCarrier(wanted, bounds, offerings, beyond),
      excluded: exclusions(wanted, offerings, bounds, beyond),
    };
  if (!offerings.some((one) => isCarrier(one) && limitsPassedBy(one, bounds).length === 0)) {
    return overLimits(offerings.filter(isCarrier), bounds);
  }
  return wanted.gang === true && wanted.count > 1 ? neverTogether(wanted, bounds, offerings.filter(isCarrier)) : null;
}

/**
 * Why an array's tasks can never all run at once though its anti-affinity asks for a zone for each; null: they can, or
 * it does not. For what is submitted: of what runs already, tasks that end leave their zones to others.
 */
export function findTooFewZones(wanted: Wanted, bounds: Bounds, offerings: readonly Offering[]): Never | null {
  if (wanted.count < 2 || !isApartFromItself(wanted, 'zone')) return null;
  const zones = new Set<string>();
  for (const one of offerings) {
    if (
      zones.has(one.zone)
      || !fits(wanted.resources, one.type.allocatable)
      || unmetRequirement(wanted.requirements, one) !== null
    )
      continue;
    if (limitsPassedBy(one, bounds).length === 0) zones.add(one.zone);
  }
  if (zones.size >= wanted.count) return null;
  const names = [...zones].sort().join(', ');
  return {
    message:
      `anti-affinity to its own group asks for a zone for each of its ${String(wanted.count)} tasks, and `
      + `there ${zones.size === 1 ? 'is one zone' : `are ${String(zones.size)} zones`} for them (${names}); `
      + `ask for a count of at most ${String(zones.size)}, or use topology "node"`,
    excluded: [],
  };
}

function isApartFromItself(wanted: Wanted, topology: 'zone' | 'node'): boolean {
  return (
    wanted.group !== undefined
    && (wanted.antiAffinity ?? []).some((one) => one.topology === topology && one.group === wanted.group)
  );
}

/** Together with a group and apart from it: a node's tasks are in one zone, too. */
function contradiction(wanted: Wanted): string | null {
  for (const near of wanted.affinity ?? []) {
    for (const far of wanted.antiAffinity ?? []) {
      if (near.group !== far.group || (near.topology === 'zone' && far.topology === 'node')) continue;
      if (near.group === wanted.group && wanted.count === 1) continue;
      return (
        `affinity wants the ${near.topology} of group ${near.group}, and antiAffinity another `
        + `${far.topology} than it; leave one of the two out`
      );
    }
  }
  return null;
}

function limitsPassedBy(one: Offering, { limits }: Pick<Bounds, 'limits'>): readonly (keyof Usage)[] {
  return limitsPassed(limits, limitKeys, noUsage, usageOf(one));
}

// --- nothing carries it

function noCarrier(
  wanted: Wanted,
  bounds: Bounds,
  offerings: readonly Offering[],
  beyond: readonly Offering[],
): string {
  if (offerings.length === 0) return 'its requirements allow no offering of the catalog';
  const raise = largerNode(wanted, bounds, offerings, beyond);
  const met = offerings.filter((one) => unmetRequirement(wanted.requirements, one) === null);
  if (met.length === 0) return `${unmetText(wanted, offerings)}${raise}`;
  const { resources } = wanted;
  const most = (key: keyof Resources): Offering =>
    met.reduce((best, one) =>
      one.type.allocatable[key] > best.type.allocatable[key]
      || (one.type.allocatable[key] === best.type.allocatable[key] && one.priceUsdPerHour < best.priceUsdPerHour)
        ? one
        : best,
    );
  const [gpu, cpu, memory] = [most('gpu').type, most('cpuMilli').type, most('memoryMib').type];
  const cap = bounds.maxNodeVcpu === undefined ? '' : ` (maxNodeVcpu ${String(bounds.maxNodeVcpu)})`;
  if (resources.gpu > gpu.allocatable.gpu) {
    return gpu.allocatable.gpu === 0
      ? `no node that it may buy for it has a GPU${cap}; ask for none${raise}`
      : `the most GPUs of a node that it may buy for it are ${String(gpu.allocatable.gpu)} (${gpu.name})${cap}; `
          + `ask for at most ${String(gpu.allocatable.gpu)}${raise}`;
  }
  if (resources.cpuMilli > cpu.allocatable.cpuMilli) {
    return (
      `the largest node that it may buy for it has ${String(cpu.vcpu)} vCPU${cap}; ask for at most `
      + `${String(cpu.allocatable.cpuMilli / 1000)}${raise}`
    );
  }
  if (resources.memoryMib > memory.allocatable.memoryMib) {
    return (
      `the most memory of a node that it may buy for it is ${String(memory.memoryMib)} MiB `
      + `(${memory.name})${cap}, of which tasks may use ${String(memory.allocatable.memoryMib)}; ask for at `
      + `most ${String(memory.allocatable.memoryMib)}${raise}`
    );
  }
  const nearest = nearestOf(resources, met).type;
  return (
    `no node that it may buy for it has ${amounts(resources)} together; the nearest is ${nearest.name}, of `
    + `which tasks may use ${amounts(nearest.allocatable)}: ask for no more${raise}`
  );
}

export function amounts({ cpuMilli, memoryMib, gpu }: Resources): string {
  return `${String(cpuMilli / 1000)} vCPU and ${String(memoryMib)} MiB${gpu > 0 ? ` and ${String(gpu)} GPU` : ''}`;
}

/** The offering that lacks the smallest part of what is asked for. */
function nearestOf(resources: Resources, offerings: readonly Offering[]): Offering {
  const lacks = ({ type: { allocatable } }: Offering): number =>
    (['cpuMilli', 'memoryMib', 'gpu'] as const).reduce(
      (sum, key) => sum + (resources[key] > allocatable[key] ? 1 - allocatable[key] / resources[key] : 0),
      0,
    );
  return offerings.reduce((best, one) =>
    lacks(one) < lacks(best) - 1e-12
    || (lacks(one) <= lacks(best) + 1e-12 && one.priceUsdPerHour < best.priceUsdPerHour)
      ? one
      : best,
  );
}

/** The cure that the pool's owner has, if it is one: the smallest node that maxNodeVcpu keeps away. */
function largerNode(
  wanted: Wanted,
  bounds: Bounds,
  offerings: readonly Offering[],
  beyond: readonly Offering[],
): string {
  if (bounds.maxNodeVcpu === undefined || beyond.length === offerings.length) return '';
  const able = beyond.filter(
    (one) => fits(wanted.resources, one.type.allocatable) && unmetRequirement(wanted.requirements, one) === null,
  );
  if (able.length === 0) return '';
  const smallest = able.reduce((best, one) =>
    one.type.vcpu < best.type.vcpu || (one.type.vcpu === best.type.vcpu && one.priceUsdPerHour < best.priceUsdPerHour)
      ? one
      : best,
  );
  return `, or raise maxNodeVcpu to ${String(smallest.type.vcpu)} (${smallest.type.name})`;
}

/** Which requirement nothing meets, or which of them would have to go. */
function unmetText({ requirements, resources }: Wanted, offerings: readonly Offering[]): string {
  const keys = requirementKeys.filter((key) => requirements[key] !== undefined);
  const text = (key: (typeof keys)[number]): string => `requirements.${key} ${JSON.stringify(requirements[key])}`;
  const alone = keys.filter((key) =>
    offerings.every((one) => unmetRequirement({ [key]: requirements[key] }, one) !== null),
  );
  if (alone.length > 0) {
    const there = alone.map((key) => valuesOf(key, offerings)).filter((one) => one !== '');
    return (
      'nothing that it may buy meets '
      + `${alone.map(text).join(' or ')}${there.length === 0 ? '' : `; it has ${there.join(' and ')}`}`
    );
  }
  const cures = keys.flatMap((key) => {
    const { [key]: _left, ...rest } = requirements;
    const other = offerings.find(
      (one) => unmetRequirement(rest, one) === null && fits(resources, one.type.allocatable),
    );
    return other === undefined
      ? []
      : [`without requirements.${key}, ${other.type.name} (${other.capacityType} in ${other.zone}) would do`];
  });
  return (
    `nothing that it may buy meets ${keys.map(text).join(' and ')} at `
    + `once${cures.length === 0 ? '' : `; ${cures.slice(0, 3).join('; ')}`}`
  );
}

function valuesOf(key: string, offerings: readonly Offering[]): string {
  const of = {
    zone: (one: Offering) => one.zone,
    capacityType: (one: Offering) => one.capacityType,
    arch: (one: Offering) => one.type.arch,
    instanceCategory: (one: Offering) => one.type.category,
  };
  const read = Object.hasOwn(of, key) ? of[key as keyof typeof of] : null;
  return read === null ? '' : [...new Set(offerings.map(read))].sort().join(', ');
}

/** The first obstacle of each offering, and how many offerings have it. */
function exclusions(
  { resources, requirements }: Wanted,
  offerings: readonly Offering[],
  bounds: Bounds,
  beyond: readonly Offering[],
): readonly Exclusion[] {
  const counts = new Map<string, number>();
  const add = (key: string, by: number): void => void counts.set(key, (counts.get(key) ?? 0) + by);
  for (const one of offerings) {
    const { allocatable } = one.type;
    add(
      unmetRequirement(requirements, one)
        ?? (resources.gpu > allocatable.gpu ? 'gpu' : resources.cpuMilli > allocatable.cpuMilli ? 'vcpu' : 'memoryMib'),
      1,
    );
  }
  if (bounds.maxNodeVcpu !== undefined && beyond.length > offerings.length)
    add('maxNodeVcpu', beyond.length - offerings.length);
  return [...counts]
    .map(([constraint, count]) => ({ constraint, offerings: count }))
    .sort((a, b) => a.offerings - b.offerings || (a.constraint < b.constraint ? -1 : 1));
}

// --- limits that no node, or no set of nodes, is within

function overLimits(carriers: readonly Offering[], bounds: Bounds): Never {
  const counts = new Map<keyof Usage, number>();
  for (const one of carriers)
    for (const key of limitsPassedBy(one, bounds)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const always = limitKeys.filter((key) => counts.get(key) === carriers.length);
  const keys = always.length > 0 ? always : limitKeys.filter((key) => counts.has(key));
  const texts = keys.map((key) => limitText(key, carriers, bounds));
  return {
    message:
      always.length > 0
        ? texts.join('; and ')
        : `no node that carries it is within all limits at once: ${texts.join('; ')}`,
    excluded: keys.map((key) => ({ constraint: `limits.${key}`, offerings: counts.get(key) ?? 0 })),
  };
}

function limitText(key: keyof Usage, carriers: readonly Offering[], { limits }: Bounds): string {
  const limit = amountText(key, limits[key] ?? 0);
  const least = carriers.reduce((best, one) => (usageOf(one)[key] < usageOf(best)[key] ? one : best));
  const amount = amountText(key, usageOf(least)[key]);
  switch (key) {
    case 'instances':
      return `limits.instances is ${limit}, and it needs a node; raise it to at least 1`;
    case 'vcpu':
      return (
        `the smallest node that carries it has ${amount} vCPU (${least.type.name}), limits.vcpu is `
        + `${limit}; raise it to at least ${amount}, or ask for less`
      );
    case 'memoryMib':
      return (
        `the node with the least memory that carries it has ${amount} MiB (${least.type.name}), `
        + `limits.memoryMib is ${limit}; raise it to at least ${amount}, or ask for less`
      );
    case 'usdPerHour':
      return (
        `the cheapest node that carries it costs $${amount}/h (${least.type.name} ${least.capacityType}), `
        + `limits.usdPerHour is ${limit}; raise it to at least ${amount}, or ask for less`
      );
  }
}

/** A gang needs nodes for all of it at once: the least that any set of nodes for it counts against each limit. */
function neverTogether(wanted: Wanted, bounds: Bounds, carriers: readonly Offering[]): Never | null {
  const apart = isApartFromItself(wanted, 'node') ? 1 : Infinity;
  const skew = (wanted.spread ?? [])
    .filter((one) => one.topology === 'node' && one.group === wanted.group)
    .reduce((least, one) => Math.min(least, one.maxSkew), Infinity);
  const tasksMax = Math.min(bounds.tasksPerNode, apart, skew);
  const isOnOne = (wanted.affinity ?? []).some((one) => one.topology === 'node' && one.group === wanted.group);
  const most = Math.max(...carriers.map((one) => tasksOn(wanted.resources, one.type.allocatable, tasksMax)));
  if (isOnOne && most < wanted.count) {
    return {
      message:
        `all ${String(wanted.count)} tasks of the gang want one node, and the largest carries `
        + `${String(most)}; ask for a count of at most ${String(most)}`,
      excluded: [],
    };
  }
  for (const key of limitKeys) {
    const limit = bounds.limits[key];
    if (limit === undefined) continue;
    const least = leastFor(wanted, key, carriers, tasksMax);
    const needed = least[wanted.count] ?? 0;
    if (!isPassed(bounds.limits, key, needed)) continue;
    let possible = 0;
    while (possible < wanted.count && !isPassed(bounds.limits, key, least[possible + 1] ?? Infinity)) possible += 1;
    const what = { instances: 'nodes', vcpu: 'vCPU', memoryMib: 'MiB of memory', usdPerHour: 'USD/h' }[key];
    return {
      message:
        `all ${String(wanted.count)} tasks of the gang at once need at least ${amountText(key, needed)} `
        + `${what}, limits.${key} is ${amountText(key, limit)}; ask for a count of at most `
        + `${String(possible)}, or raise it to at least ${amountText(key, needed)}`,
      excluded: [{ constraint: `limits.${key}`, offerings: carriers.length }],
    };
  }
  return null;
}

/** By number of tasks, the least that nodes for so many count against a limit: a covering knapsack, solved exactly. */
function leastFor(wanted: Wanted, key: keyof Usage, carriers: readonly Offering[], tasksMax: number): Float64Array {
  const cost = new Map<number, number>();
  for (const one of carriers) {
    const tasks = Math.min(wanted.count, tasksOn(wanted.resources, one.type.allocatable, tasksMax));
    if (tasks > 0) cost.set(tasks, Math.min(cost.get(tasks) ?? Infinity, usageOf(one)[key]));
  }
  // A larger node that counts no more makes a smaller one pointless.
  const choices: (readonly [number, number])[] = [];
  for (const [tasks, each] of [...cost].sort((a, b) => b[0] - a[0]))
    if ((choices.at(-1)?.[1] ?? Infinity) > each) choices.push([tasks, each]);
  const least = new Float64Array(wanted.count + 1).fill(Infinity);
  least[0] = 0;
  for (let count = 1; count <= wanted.count; count += 1) {
    for (const [tasks, each] of choices)
      least[count] = Math.min(least[count] ?? Infinity, (least[Math.max(0, count - tasks)] ?? Infinity) + each);
  }
  return least;
}
