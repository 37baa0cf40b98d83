// A part of a pool is on demand whatever spot costs: the first vCPUs that it has, and a share of those above, as
// Auto Scaling groups have it (OnDemandBaseCapacity, OnDemandPercentageAboveBaseCapacity). It is a wish: where EC2 has
// no such node on demand, the limits have no room for its price, or a task asks for spot, spot is bought. What is there
// is never ended for it; what leaves is replaced by the next nodes that are bought.
import { isWorse } from '../../allocation/launches.ts';
import type { Demand, PlannedLaunch } from '../../allocation/types.ts';
import type { CapacityMemory } from '../../plan/capacity-memory.ts';
import { isRefused } from '../../plan/capacity-memory.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { isNodeLaunch } from '../../records/launch.ts';
import { isWithin, reservedBy } from '../../records/limits.ts';
import type { OnDemandShare, PoolSpec, Usage } from '../../records/pool.ts';
import { addUsage, subtractUsage, sumUsage } from '../../records/pool.ts';
import type { Offering } from '../../values/offering.ts';

/** Of nodes that stay, and of what is being launched. */
interface Present {
  readonly vcpu: number;
  readonly onDemandVcpu: number;
}

/** The pool as it is before what is planned. */
export interface ShareContext {
  readonly pool: Pick<PoolSpec, 'onDemand' | 'limits'>;
  readonly offerings: readonly Offering[];
  readonly memory: Pick<CapacityMemory, 'refusals'>;
  readonly nowMs: number;
  readonly usage: Usage;
  readonly present: Present;
}

/** So many vCPUs of a pool that has `vcpu` are to be on demand. */
export function onDemandVcpuOf({ baseVcpu, percent }: OnDemandShare, vcpu: number): number {
  return Math.min(vcpu, baseVcpu) + (percent / 100) * Math.max(0, vcpu - baseVcpu);
}

export function shareContextOf(copy: WorkingCopy): ShareContext {
  const { pool, offerings, memory, nowMs } = copy.seen;
  return { pool, offerings, memory, nowMs, usage: copy.usage(), present: presentOf(copy) };
}

function presentOf(copy: WorkingCopy): Present {
  const { seen, bought } = copy;
  const launches = [...seen.launches.map((one) => one.record), ...bought].filter(isNodeLaunch);
  const all = [
    ...[...copy.nodes()].filter(
      (one) => one.state !== 'draining' && one.state !== 'terminating' && one.state !== 'stopped',
    ),
    ...launches.map(({ reserved, request: { capacityType } }) => ({ reserved, capacityType })),
  ];
  const sum = (of: typeof all): number => of.reduce((vcpu, one) => vcpu + one.reserved.vcpu, 0);
  return { vcpu: sum(all), onDemandVcpu: sum(all.filter((one) => one.capacityType === 'on-demand')) };
}

/** Launches of spot nodes of which as many as the share lacks are on demand, of the same types in the same zones. */
export function withOnDemandShare(
  planned: readonly PlannedLaunch[],
  demand: readonly Demand[],
  context: ShareContext,
): readonly PlannedLaunch[] {
  const { pool, offerings } = context;
  const { onDemand: share, limits } = pool;
  if (share === undefined || planned.length === 0) return planned;
  const twins = new Map(offerings.flatMap((one) => (one.capacityType === 'on-demand' ? [[placeOf(one), one]] : [])));
  const byId = new Map(demand.map((one) => [one.id, one]));
  let { vcpu, onDemandVcpu } = context.present;
  let usage = addUsage(context.usage, sumUsage(planned.map((one) => reservedBy(one.offerings, one.count))));
  return planned.flatMap((launch): readonly PlannedLaunch[] => {
    const [first] = launch.offerings;
    if (first === undefined) return [launch];
    const each = first.type.vcpu;
    const before = vcpu;
    vcpu += launch.count * each;
    if (first.capacityType === 'on-demand') {
      onDemandVcpu += launch.count * each;
      return [launch];
    }
    const others = twinsOf(launch, twins, byId, context);
    let count = 0;
    for (let n = 1; n <= launch.count && others.length > 0; n += 1)
      if (onDemandVcpuOf(share, before + n * each) - onDemandVcpu - count * each > 1e-9) count += 1;
    if (count === 0) return [launch];
    const after = addUsage(subtractUsage(usage, reservedBy(launch.offerings, count)), reservedBy(others, count));
    if (!isWithin(after, limits)) return [launch];
    usage = after;
    onDemandVcpu += count * each;
    const reason = `${launch.reason} On demand: ${shareText(share)}.`;
    const left = launch.count - count;
    return [{ ...launch, offerings: others, count, reason }, ...(left === 0 ? [] : [{ ...launch, count: left }])];
  });
}

function shareText({ baseVcpu, percent }: OnDemandShare): string {
  const parts = [
    ...(baseVcpu === 0 ? [] : [`the first ${String(baseVcpu)} vCPU`]),
    ...(percent === 0 ? [] : [`${String(percent)} % of the vCPU${baseVcpu === 0 ? '' : ' above'}`]),
  ];
  return `the pool wants ${parts.join(' and ')} there`;
}

/** Its type and zone. */
function placeOf({ type, zone }: Offering): string {
  return `${type.name}/${zone}`;
}

/**
 * The same types in the same zones on demand, cheapest first, where all tasks of the launch may have that; without
 * those that were learned to be worse than another.
 */
function twinsOf(
  { offerings, tasks, paidBy }: PlannedLaunch,
  twins: ReadonlyMap<string, Offering>,
  byId: ReadonlyMap<string, Demand>,
  { memory, nowMs }: ShareContext,
): readonly Offering[] {
  const mayHave = tasks.every(({ demandId }) => {
    const asked = byId.get(demandId)?.requirements.capacityType;
    return asked === undefined || asked.includes('on-demand');
  });
  if (!mayHave || paidBy !== undefined) return [];
  const all = offerings.flatMap((one) => twins.get(placeOf(one)) ?? []).filter((one) => !isRefused(memory, one, nowMs));
  return all
    .filter((one) => !all.some((other) => isWorse(one, other)))
    .sort((a, b) => a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1));
}
