// Whether a task could ever run in a pool, judged from the catalog and the run's spot prices alone: written anew here,
// so that a mistake in control's own judgement shows.
import { surplusUsdPerHour } from '../../../core/catalog/burstable.ts';
import { instanceTypes } from '../../../core/catalog/index.ts';
import type { MachineSpec } from '../../../core/records/claim.ts';
import type { PoolSpec } from '../../../core/records/pool.ts';
import type { TaskSpec } from '../../../core/records/request.ts';
import type { InstanceType } from '../../../core/values/offering.ts';
import type { Requirements } from '../../../core/values/requirements.ts';

export const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/** USD per hour by offering id (`type/zone/capacity type`), where that is not the packaged catalog's price. */
export type PriceChanges = ReadonlyMap<string, number>;

/** Specs and price lists are never changed in place, so a verdict holds for the three objects. */
const verdicts = new WeakMap<PriceChanges, WeakMap<PoolSpec, WeakMap<TaskSpec, boolean>>>();

export function isPlaceable(spec: TaskSpec, pool: PoolSpec, prices: PriceChanges): boolean {
  const atPrices = verdicts.get(prices) ?? new WeakMap<PoolSpec, WeakMap<TaskSpec, boolean>>();
  verdicts.set(prices, atPrices);
  const ofPool = atPrices.get(pool) ?? new WeakMap<TaskSpec, boolean>();
  atPrices.set(pool, ofPool);
  const known = ofPool.get(spec);
  if (known !== undefined) return known;
  const verdict = judge(spec, pool, prices);
  ofPool.set(spec, verdict);
  return verdict;
}

function judge(spec: TaskSpec, pool: PoolSpec, prices: PriceChanges): boolean {
  const { limits } = pool;
  if (pool.tasksPerNode < 1 || (limits.instances ?? 1) < 1) return false;
  return instanceTypes.some((type) => {
    if (
      type.vcpu > Math.min(pool.maxNodeVcpu ?? Infinity, limits.vcpu ?? Infinity)
      || type.memoryMib > (limits.memoryMib ?? Infinity)
    )
      return false;
    const { cpuMilli, memoryMib, gpu } = type.allocatable;
    if (spec.resources.cpuMilli > cpuMilli || spec.resources.memoryMib > memoryMib || spec.resources.gpu > gpu)
      return false;
    const nodes = nodesTogether(spec, pool, type);
    if (
      nodes === Infinity
      || nodes > (limits.instances ?? Infinity)
      || nodes * type.vcpu > (limits.vcpu ?? Infinity)
      || nodes * type.memoryMib > (limits.memoryMib ?? Infinity)
    )
      return false;
    // Limits count what a burstable type costs at full load, unless its tasks are bursty.
    const surplusOf = spec.requirements.bursty === true ? () => 0 : surplusUsdPerHour;
    return [
      ['on-demand', type.onDemandUsdPerHour],
      ['spot', type.spotUsdPerHour],
    ].some(
      ([capacityType, price]) =>
        typeof price === 'number'
        && zones.some(
          (zone) =>
            nodes * ((prices.get(`${type.name}/${zone}/${String(capacityType)}`) ?? price) + surplusOf(type))
              <= (limits.usdPerHour ?? Infinity)
            && [spec.requirements, pool.requirements].every((one) => meets(type, zone, String(capacityType), one)),
        ),
    );
  });
}

/** A key pair that EC2 does not know: who names it never gets a machine. */
export const unknownKeyName = 'nobody-has-it';

/** A machine of a service: what its pool sells, and has room for. */
export function isGrantable(
  { needs, requirements, capacityType, keyName }: MachineSpec,
  pool: Pick<PoolSpec, 'requirements' | 'limits' | 'maxNodeVcpu'>,
  prices: PriceChanges,
): boolean {
  const { limits } = pool;
  if ((limits.instances ?? 1) < 1 || keyName === unknownKeyName) return false;
  return instanceTypes.some((type) => {
    const price = capacityType === 'spot' ? type.spotUsdPerHour : type.onDemandUsdPerHour;
    const isLarge =
      type.vcpu > Math.min(pool.maxNodeVcpu ?? Infinity, limits.vcpu ?? Infinity)
      || type.memoryMib > (limits.memoryMib ?? Infinity);
    if (isLarge || typeof price !== 'number' || type.vcpu < needs.vcpu || type.memoryMib < needs.memoryMib)
      return false;
    return zones.some(
      (zone) =>
        (prices.get(`${type.name}/${zone}/${capacityType}`) ?? price) + surplusUsdPerHour(type)
          <= (limits.usdPerHour ?? Infinity)
        && [requirements, pool.requirements].every((one) => meets(type, zone, capacityType, one)),
    );
  });
}

function meets(type: InstanceType, zone: string, capacityType: string, requirements: Requirements): boolean {
  const { category: instanceCategory, family: instanceFamily, name: instanceType, arch } = type;
  return (
    isAllowed(requirements, { instanceCategory, instanceFamily, instanceType, arch, zone, capacityType })
    && type.generation >= (requirements.minInstanceGeneration ?? 0)
    && type.localDiskGib >= (requirements.minLocalDiskGib ?? 0)
    && (type.networkMbps ?? 0) / 1000 >= (requirements.minNetworkGbps ?? 0)
  );
}

/**
 * Nodes of this type that have to be there at once: one, or as many as hold a whole gang, spread as it says. Infinity:
 * the zones that are allowed are too few.
 */
function nodesTogether(spec: TaskSpec, pool: PoolSpec, { allocatable }: InstanceType): number {
  if (spec.gang !== true) return 1;
  const isApart = (topology: 'node' | 'zone') => spec.antiAffinity?.some((rule) => rule.topology === topology) === true;
  const { cpuMilli, memoryMib } = spec.resources;
  const room = Math.min(
    isApart('node') ? 1 : pool.tasksPerNode,
    Math.floor(allocatable.cpuMilli / cpuMilli),
    Math.floor(allocatable.memoryMib / memoryMib),
  );
  const open = zones.filter((zone) =>
    [spec.requirements, pool.requirements].every((one) => one.zone === undefined || one.zone.includes(zone)),
  );
  const skews = (spec.spread ?? []).flatMap((rule) => (rule.topology === 'zone' ? [rule.maxSkew] : []));
  const skewMax = Math.min(...skews, isApart('zone') ? 1 : Infinity);
  return Math.min(
    ...divided(spec.count, open.length).flatMap((counts) => {
      if (isApart('zone') && Math.max(...counts) > 1) return [];
      if (Math.max(...counts) - Math.min(...counts) > skewMax) return [];
      return [counts.reduce((nodes, count) => nodes + Math.ceil(count / Math.max(1, room)), 0)];
    }),
  );
}

/** All ways to divide so many tasks among so many zones. */
function divided(tasks: number, places: number): readonly (readonly number[])[] {
  if (places <= 1) return places === 1 ? [[tasks]] : [];
  return Array.from({ length: tasks + 1 }, (_, first) =>
    divided(tasks - first, places - 1).map((rest) => [first, ...rest]),
  ).flat();
}

function isAllowed(requirements: Requirements, facts: Readonly<Record<string, string>>): boolean {
  return Object.entries(requirements).every(
    ([key, allowed]) => !Array.isArray(allowed) || allowed.includes(facts[key]),
  );
}
