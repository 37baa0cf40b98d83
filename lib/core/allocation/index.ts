// The allocation engine: which tasks go to which node, and what to buy for the rest.
import type { Offering } from '../offering.ts';
import { addUsage, noUsage } from '../pool.ts';
import type { PoolLimits, Usage } from '../pool.ts';
import { unmetRequirement } from '../requirements.ts';
import type { Resources } from '../resources.ts';
import { canCarry, explainUnplaced } from './explain.ts';
import type { AllocationInput, AllocationPlan, Demand, PlannedLaunch, TaskShare, Unplaced } from './types.ts';

export type * from './types.ts';

interface OpenNode {
  readonly offering: Offering;
  free: Resources;
  freeTasks: number;
  readonly tasks: Map<string, number>;
}

export function allocate(input: AllocationInput): AllocationPlan {
  const offerings = input.offerings.filter((one) => unmetRequirement(input.pool.requirements, one) === null);
  const bins = [...input.bins].sort((a, b) => (a.state === b.state ? 0 : a.state === 'ready' ? -1 : 1) || (a.id < b.id ? -1 : 1))
    .map((bin) => ({ id: bin.id, offering: bin.offering, free: bin.free, freeTasks: bin.freeTasks, tasks: new Map<string, number>() }));
  const bought: OpenNode[] = [];
  const unplaced: Unplaced[] = [];
  let usage = input.usage;
  for (const demand of [...input.demand].sort((a, b) => (input.pool.ordering === 'priority' ? b.priority - a.priority : 0) || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))) {
    let left = demand.count;
    for (const node of [...bins, ...bought]) {
      if (left === 0) break;
      if (unmetRequirement(demand.requirements, node.offering) === null) left -= put(node, demand, left);
    }
    while (left > 0) {
      const offering = cheapestFor(demand, left, offerings, input, usage);
      if (offering === null) break;
      const node: OpenNode = { offering, free: offering.type.allocatable, freeTasks: input.pool.tasksPerNode, tasks: new Map() };
      usage = addUsage(usage, usageOf(offering));
      bought.push(node);
      left -= put(node, demand, left);
    }
    if (left > 0) unplaced.push(explainUnplaced(input, demand, left, 'limits', 'The limits of the pool leave no room for another node that can carry it.'));
  }
  const launches = launchesOf(bought);
  return {
    placements: bins.filter((bin) => bin.tasks.size > 0).map((bin) => ({ binId: bin.id, tasks: sharesOf(bin.tasks) })),
    launches,
    unplaced,
    costUsdPerHour: launches.reduce((sum, one) => sum + one.count * (one.offerings[0]?.priceUsdPerHour ?? 0), 0),
    lowerBoundUsdPerHour: null,
    gapPercent: null,
    coefficients: null,
  };
}

/** What one node of the offering counts against the limits. */
export function usageOf(offering: Offering): Usage {
  return { instances: 1, vcpu: offering.type.vcpu, memoryMib: offering.type.memoryMib, usdPerHour: offering.priceUsdPerHour };
}

function isWithin(usage: Usage, limits: PoolLimits): boolean {
  return (Object.keys(noUsage) as (keyof Usage)[]).every((key) => usage[key] <= (limits[key] ?? Infinity) + 1e-9);
}

function capacityFor(need: Resources, free: Resources): number {
  return Math.min(
    need.cpuMilli > 0 ? Math.floor(free.cpuMilli / need.cpuMilli) : Infinity,
    need.memoryMib > 0 ? Math.floor(free.memoryMib / need.memoryMib) : Infinity,
    need.gpu > 0 ? Math.floor(free.gpu / need.gpu) : Infinity,
  );
}

function put(node: OpenNode, demand: Demand, wanted: number): number {
  const { resources: need } = demand;
  const count = Math.max(0, Math.min(wanted, node.freeTasks, capacityFor(need, node.free)));
  if (count === 0) return 0;
  node.free = {
    cpuMilli: node.free.cpuMilli - count * need.cpuMilli,
    memoryMib: node.free.memoryMib - count * need.memoryMib,
    gpu: node.free.gpu - count * need.gpu,
  };
  node.freeTasks -= count;
  node.tasks.set(demand.id, (node.tasks.get(demand.id) ?? 0) + count);
  return count;
}

function cheapestFor(demand: Demand, left: number, offerings: readonly Offering[], input: AllocationInput, usage: Usage): Offering | null {
  let best: Offering | null = null;
  let bestCost = Infinity;
  for (const offering of offerings) {
    if (!canCarry(demand, offering, input.pool)) continue;
    if (!isWithin(addUsage(usage, usageOf(offering)), input.pool.limits)) continue;
    const count = Math.min(left, input.pool.tasksPerNode, capacityFor(demand.resources, offering.type.allocatable));
    const cost = offering.priceUsdPerHour / count;
    if (cost < bestCost - 1e-12 || (cost < bestCost + 1e-12 && best !== null && offering.id < best.id)) [best, bestCost] = [offering, cost];
  }
  return best;
}

function sharesOf(tasks: ReadonlyMap<string, number>): TaskShare[] {
  return [...tasks].map(([demandId, count]) => ({ demandId, count })).sort((a, b) => (a.demandId < b.demandId ? -1 : 1));
}

function launchesOf(bought: readonly OpenNode[]): PlannedLaunch[] {
  const groups = new Map<string, PlannedLaunch>();
  for (const node of bought) {
    const tasks = sharesOf(node.tasks);
    const key = `${node.offering.id} ${JSON.stringify(tasks)}`;
    const same = groups.get(key);
    groups.set(key, {
      offerings: [node.offering], count: (same?.count ?? 0) + 1, tasks,
      reason: `Cheapest offering per task for ${String(tasks.length)} kinds of tasks.`,
    });
  }
  return [...groups.values()];
}
