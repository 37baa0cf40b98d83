// A small allocation for runs: first fit, then the cheapest offering per task. The engine proper is pure and has
// tests of its own; most runs are about everything around it, and pass their hours in milliseconds with this one.
import type {
  AllocationInput,
  AllocationPlan,
  Bin,
  Demand,
  PlannedLaunch,
  TaskShare,
  Unplaced,
} from '../../core/allocation/types.ts';
import { PaidRoom } from '../../core/allocation/constraints/paid-room.ts';
import { orderOf } from '../../core/allocation/ordering/index.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { Usage } from '../../core/records/pool.ts';
import { addUsage } from '../../core/records/pool.ts';
import { unmetRequirement } from '../../core/values/requirements.ts';
import type { Resources } from '../../core/values/resources.ts';
import { findNever } from '../../core/allocation/reasons/satisfiable.ts';

interface OpenNode {
  /** null: to be bought. */
  readonly binId: string | null;
  readonly offering: Offering;
  cpuMilli: number;
  memoryMib: number;
  gpu: number;
  tasks: number;
  readonly shares: Map<string, number>;
  /** Whose tasks it has; undefined: nobody's. */
  tenant: string | undefined;
  /** Whose turn it is to have it next; undefined: anybody's. */
  readonly keptFor: string | undefined;
  /** Stopped, or paid for and not launched: it counts against the limits once it has tasks; null: it is there. */
  readonly toCome: Bin | null;
}

const order = { ready: 0, 'in-flight': 1, 'to-launch': 2 } as const;

export function plainAllocate(input: AllocationInput): AllocationPlan {
  const nodes = [...input.bins].sort((a, b) => order[a.state] - order[b.state] || (a.id < b.id ? -1 : 1)).map(opened);
  const waiting = new Map<Demand, number>();
  let usage = input.usage;
  const paid = new PaidRoom(input);
  // Reservations rest on the order in which an allocation serves: it has to be the engine's.
  for (const { demand, count } of orderOf(input)) {
    let left = count;
    for (const node of nodes) {
      if (left === 0) break;
      if (input.pool.isTenantPerNode === true && isOthers(node, demand)) continue;
      if (unmetRequirement(demand.requirements, node.offering) !== null) continue;
      const toCome = node.shares.size === 0 ? node.toCome : null;
      const started = toCome === null ? usage : addUsage(usage, usageOf(node.offering));
      if (toCome !== null && !(isWithin(started, input) && paid.isOpen(toCome))) continue;
      const count = put(node, demand, left);
      if (count > 0 && toCome !== null) paid.take(toCome);
      if (count > 0) usage = started;
      left -= count;
    }
    const carriers = left === 0 ? [] : input.offerings.filter((one) => canCarry(demand, one, input));
    while (left > 0) {
      const offering = cheapest(
        demand,
        left,
        carriers.filter((one) => isWithin(addUsage(usage, usageOf(one)), input)),
        input.pool.tasksPerNode,
      );
      if (offering === null) break;
      const node = bought(offering, input.pool.tasksPerNode);
      usage = addUsage(usage, usageOf(offering));
      nodes.push(node);
      left -= put(node, demand, left);
    }
    if (left > 0) waiting.set(demand, (waiting.get(demand) ?? 0) + left);
  }
  const launches = launchesOf(
    nodes.filter((node) => node.binId === null),
    input,
  );
  return {
    placements: nodes.flatMap((node) =>
      node.binId === null || node.shares.size === 0 ? [] : [{ binId: node.binId, tasks: sharesOf(node) }],
    ),
    launches,
    unplaced: [...waiting].map(([demand, count]) => explained(input, demand, count)),
    costUsdPerHour: launches.reduce((sum, one) => sum + one.count * (one.offerings[0]?.priceUsdPerHour ?? 0), 0),
    lowerBoundUsdPerHour: null,
    gapPercent: null,
    coefficients: null,
  };
}

function opened(bin: Bin): OpenNode {
  return {
    binId: bin.id,
    offering: bin.offering,
    ...bin.free,
    tasks: bin.freeTasks,
    shares: new Map(),
    tenant: bin.tenant,
    keptFor: bin.kept?.tenant,
    toCome: bin.state === 'to-launch' ? bin : null,
  };
}

function bought(offering: Offering, tasks: number): OpenNode {
  const { allocatable } = offering.type;
  const nobody = { tenant: undefined, keptFor: undefined, toCome: null };
  return { binId: null, offering, ...allocatable, tasks, shares: new Map(), ...nobody };
}

function isOthers({ tenant: has, keptFor }: OpenNode, { tenant }: Demand): boolean {
  return (has ?? tenant) !== tenant || (keptFor ?? tenant) !== tenant;
}

function usageOf(offering: Offering): Usage {
  return {
    instances: 1,
    vcpu: offering.type.vcpu,
    memoryMib: offering.type.memoryMib,
    usdPerHour: offering.priceUsdPerHour,
  };
}

function isWithin(usage: Usage, { pool: { limits } }: AllocationInput): boolean {
  return (
    usage.instances <= (limits.instances ?? Infinity)
    && usage.vcpu <= (limits.vcpu ?? Infinity)
    && usage.memoryMib <= (limits.memoryMib ?? Infinity)
    && usage.usdPerHour <= (limits.usdPerHour ?? Infinity) + 1e-9
  );
}

function canCarry(demand: Demand, offering: Offering, { pool }: AllocationInput): boolean {
  return (
    pool.tasksPerNode >= 1
    && offering.type.vcpu <= (pool.maxNodeVcpu ?? Infinity)
    && roomFor(demand.resources, offering.type.allocatable) > 0
    && unmetRequirement(demand.requirements, offering) === null
    && unmetRequirement(pool.requirements, offering) === null
  );
}

function roomFor(need: Resources, free: Resources): number {
  const times = (one: number, all: number): number => (one > 0 ? Math.floor(all / one) : Infinity);
  return Math.min(
    times(need.cpuMilli, free.cpuMilli),
    times(need.memoryMib, free.memoryMib),
    times(need.gpu, free.gpu),
  );
}

function put(node: OpenNode, { id, resources, tenant }: Demand, wanted: number): number {
  const count = Math.max(0, Math.min(wanted, node.tasks, roomFor(resources, node)));
  if (count === 0) return 0;
  node.cpuMilli -= count * resources.cpuMilli;
  node.memoryMib -= count * resources.memoryMib;
  node.gpu -= count * resources.gpu;
  node.tasks -= count;
  node.tenant = tenant;
  node.shares.set(id, (node.shares.get(id) ?? 0) + count);
  return count;
}

function cheapest(demand: Demand, left: number, offerings: readonly Offering[], tasksPerNode: number): Offering | null {
  let best: Offering | null = null;
  let bestCost = Infinity;
  for (const offering of offerings) {
    const cost =
      offering.priceUsdPerHour / Math.min(left, tasksPerNode, roomFor(demand.resources, offering.type.allocatable));
    if (cost < bestCost - 1e-12 || (cost < bestCost + 1e-12 && best !== null && offering.id < best.id))
      [best, bestCost] = [offering, cost];
  }
  return best;
}

/** In serving order, as the engine has them. */
function sharesOf(node: OpenNode): TaskShare[] {
  return [...node.shares].map(([demandId, count]) => ({ demandId, count }));
}

/** Equal nodes are one launch; other zones of the same type are its alternatives, as the price is the same there. */
function launchesOf(nodes: readonly OpenNode[], input: AllocationInput): PlannedLaunch[] {
  const groups = new Map<string, PlannedLaunch>();
  for (const node of nodes) {
    const tasks = sharesOf(node);
    const key = `${node.offering.id} ${JSON.stringify(tasks)}`;
    const others = input.offerings.filter(
      (one) =>
        one.type === node.offering.type
        && one.capacityType === node.offering.capacityType
        && one.id !== node.offering.id
        && one.priceUsdPerHour <= node.offering.priceUsdPerHour
        && input.demand.every((demand) => !node.shares.has(demand.id) || canCarry(demand, one, input)),
    );
    const offerings = [node.offering, ...others].slice(0, input.offeringsPerLaunch);
    groups.set(key, {
      offerings,
      count: (groups.get(key)?.count ?? 0) + 1,
      tasks,
      reason: 'The cheapest offering per task.',
    });
  }
  return [...groups.values()];
}

function explained(input: AllocationInput, demand: Demand, count: number): Unplaced {
  const areCarriersThere = input.offerings.some((one) => canCarry(demand, one, input));
  const isShort = !areCarriersThere && input.unavailable.some((one) => canCarry(demand, one, input));
  const isNever = findNever(demand, input.pool, [...input.offerings, ...input.unavailable]) !== null;
  const kind = isNever ? 'unsatisfiable' : areCarriersThere ? 'limits' : isShort ? 'shortage' : 'unsatisfiable';
  return { demandId: demand.id, count, kind, message: `It waits: ${kind}.`, excluded: [] };
}
