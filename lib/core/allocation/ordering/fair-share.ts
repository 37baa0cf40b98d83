// Weighted dominant resource fairness (Ghodsi et al., NSDI 2011; Mesos' allocator): whose largest share of any
// resource, divided by the weight, is smallest is served next. Within a tenant: by priority, see priority.ts.
import { ownValue } from '../../values/dictionary.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, noResources, subtractResources, sumResources } from '../../values/resources.ts';
import type { AllocationInput, Demand } from '../types.ts';
import type { Order, Turn } from './order.ts';
import { byPriority } from './priority.ts';

/**
 * So many turns go by single tasks; then by two at a time, by four, …: exact where there is little
 * room, quick for many.
 */
const turnsPerStep = 1_024;

interface Tenant {
  readonly name: string;
  readonly weight: number;
  readonly demand: Demand[];
  queue: Turn[];
  inUse: Resources;
  at: number;
  served: number;
}

export const fairShare: Order = ({ demand, tenants, pool, bins, nowMs, passedOver }) => {
  const queues = new Map<string, Tenant>();
  let total = noResources;
  for (const { inUse } of Object.values(tenants ?? {})) total = addResources(total, inUse);
  for (const one of demand) {
    const known = tenants && ownValue(tenants, one.tenant);
    const tenant = queues.get(one.tenant) ?? {
      name: one.tenant,
      weight: Math.max(1e-6, known?.weight ?? 1),
      demand: [],
      queue: [],
      inUse: known?.inUse ?? noResources,
      at: 0,
      served: 0,
    };
    tenant.demand.push(one);
    queues.set(one.tenant, tenant);
    total = addResources(total, times(one.resources, one.count));
  }
  const whole = wholeOf({ pool, bins }, total);
  // Between equals the lot decides, anew each time: a fixed order would give every single place to the same one.
  const open = [...queues.values()]
    .map((tenant) => ({ tenant, lot: lotOf(tenant.name, nowMs) }))
    .sort((a, b) => a.lot - b.lot || (a.tenant.name < b.tenant.name ? -1 : 1))
    .map(({ tenant }) => tenant);
  for (const tenant of open)
    tenant.queue = byPriority(tenant.demand, { nowMs, ...(passedOver ? { passedOver } : {}) }, true);
  const turns: Turn[] = [];
  let turnsTaken = 0;
  const share = (tenant: Tenant): number => dominantShare(tenant.inUse, whole) / tenant.weight;
  while (open.length > 0) {
    let next = open[0] as Tenant;
    for (const tenant of open) if (share(tenant) < share(next)) next = tenant;
    const turn = next.queue[next.at];
    if (turn === undefined) {
      open.splice(open.indexOf(next), 1);
      continue;
    }
    // Alone or all-or-nothing: no reason to take turns.
    const { demand: one } = turn;
    const step = open.length === 1 || one.gang === true ? turn.count : 2 ** Math.floor(turnsTaken / turnsPerStep);
    turnsTaken += 1;
    const count = Math.min(step, turn.count - next.served);
    const last = turns.at(-1);
    if (last?.demand === one) turns[turns.length - 1] = { demand: one, count: last.count + count };
    else turns.push({ demand: one, count });
    next.inUse = addResources(next.inUse, times(one.resources, count));
    next.served += count;
    if (next.served >= turn.count) {
      next.at += 1;
      next.served = 0;
    }
  }
  return turns;
};

/** Shares are of the pool's limits where it has any, else of its nodes, else of all that is used and wanted. */
function wholeOf({ pool, bins }: Pick<AllocationInput, 'pool' | 'bins'>, total: Resources): Resources {
  const nodes = sumResources(
    bins.filter((bin) => bin.state !== 'to-launch').map((bin) => bin.offering.type.allocatable),
  );
  return {
    cpuMilli: pool.limits.vcpu === undefined ? nodes.cpuMilli || total.cpuMilli : pool.limits.vcpu * 1000,
    memoryMib: pool.limits.memoryMib ?? (nodes.memoryMib || total.memoryMib),
    gpu: nodes.gpu || total.gpu,
  };
}

/** What a tenant's tasks have now, `less` so much of it, as its dominant share by weight. */
export function shareNow(
  input: Pick<AllocationInput, 'pool' | 'bins' | 'tenants'>,
): (tenant: string, less?: Resources) => number {
  const whole = wholeOf(input, noResources);
  return (tenant, less = noResources) => {
    const { inUse = noResources, weight = 1 } = (input.tenants && ownValue(input.tenants, tenant)) ?? {};
    return dominantShare(subtractResources(inUse, less), whole) / Math.max(1e-6, weight);
  };
}

/** A number that tells nothing of the name: FNV-1a with the finalizer of MurmurHash3. */
function lotOf(name: string, nowMs: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${name} ${String(nowMs)}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function dominantShare(inUse: Resources, whole: Resources): number {
  return Math.max(
    part(inUse.cpuMilli, whole.cpuMilli),
    part(inUse.memoryMib, whole.memoryMib),
    part(inUse.gpu, whole.gpu),
  );
}

function part(amount: number, whole: number): number {
  return whole > 0 ? amount / whole : 0;
}

function times(resources: Resources, count: number): Resources {
  return { cpuMilli: resources.cpuMilli * count, memoryMib: resources.memoryMib * count, gpu: resources.gpu * count };
}
