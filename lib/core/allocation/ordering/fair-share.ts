// Weighted dominant resource fairness (Ghodsi et al., NSDI 2011; Mesos' allocator): whose largest share of any
// resource, divided by the weight, is smallest is served next. Within a tenant: priority, then arrival.
import { ownValue } from '../../dictionary.ts';
import type { Resources } from '../../resources.ts';
import { addResources, noResources } from '../../resources.ts';
import type { Demand } from '../types.ts';
import { byArrival } from './fifo.ts';
import type { Order, Turn } from './index.ts';

/** One demand is served in at most so many turns: exact for small arrays, fine-grained for large ones. */
const turnsPerDemandMax = 256;

interface Tenant {
  readonly name: string;
  readonly weight: number;
  readonly queue: Demand[];
  held: Resources;
  at: number;
  served: number;
}

export const fairShare: Order = ({ demand, tenants, pool }) => {
  const queues = new Map<string, Tenant>();
  let total = noResources;
  for (const { held } of Object.values(tenants ?? {})) total = addResources(total, held);
  for (const one of demand) {
    const known = tenants && ownValue(tenants, one.tenant);
    const tenant = queues.get(one.tenant) ?? { name: one.tenant, weight: Math.max(1e-6, known?.weight ?? 1), queue: [], held: known?.held ?? noResources, at: 0, served: 0 };
    tenant.queue.push(one);
    queues.set(one.tenant, tenant);
    total = addResources(total, times(one.resources, one.count));
  }
  // Shares are of the pool's limits where it has any, else of all that is held and wanted.
  const whole: Resources = {
    cpuMilli: (pool.limits.vcpu ?? total.cpuMilli / 1000) * 1000,
    memoryMib: pool.limits.memoryMib ?? total.memoryMib,
    gpu: total.gpu,
  };
  const open = [...queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { queue } of open) queue.sort((a, b) => b.priority - a.priority || byArrival(a, b));
  const turns: Turn[] = [];
  const share = (tenant: Tenant): number => dominantShare(tenant.held, whole) / tenant.weight;
  while (open.length > 0) {
    let next = open[0] as Tenant;
    for (const tenant of open) if (share(tenant) < share(next)) next = tenant;
    const one = next.queue[next.at];
    if (one === undefined) {
      open.splice(open.indexOf(next), 1);
      continue;
    }
    // Alone or all-or-nothing: no reason to take turns.
    const step = open.length === 1 || one.gang === true ? one.count : Math.max(1, Math.ceil(one.count / turnsPerDemandMax));
    const count = Math.min(step, one.count - next.served);
    const last = turns.at(-1);
    if (last?.demand === one) turns[turns.length - 1] = { demand: one, count: last.count + count };
    else turns.push({ demand: one, count });
    next.held = addResources(next.held, times(one.resources, count));
    next.served += count;
    if (next.served >= one.count) {
      next.at += 1;
      next.served = 0;
    }
  }
  return turns;
};

function dominantShare(held: Resources, whole: Resources): number {
  return Math.max(part(held.cpuMilli, whole.cpuMilli), part(held.memoryMib, whole.memoryMib), part(held.gpu, whole.gpu));
}

function part(amount: number, whole: number): number {
  return whole > 0 ? amount / whole : 0;
}

function times(resources: Resources, count: number): Resources {
  return { cpuMilli: resources.cpuMilli * count, memoryMib: resources.memoryMib * count, gpu: resources.gpu * count };
}
