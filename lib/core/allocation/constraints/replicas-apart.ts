// Of what is bought for replicas of a service no node shall carry more than half of them all: its loss leaves the
// others. A wish: a plan that keeps to it counts only if nothing more waits for it, and it costs little more.
import { ownValue } from '../../values/dictionary.ts';
import { priceTolerance } from '../launches.ts';
import type { AllocationInput, AllocationPlan, Demand } from '../types.ts';

/** Each is a relation of its own, which makes the search longer. */
const servicesAtOnce = 16;

/** The question with that wish, for what the plan buys; null: the plan keeps to it already. */
export function askedApart(input: AllocationInput, plan: AllocationPlan): AllocationInput | null {
  const services = servicesOf(input.demand);
  if (services.size === 0) return null;
  const total = replicasOf(input, plan, services);
  const most = new Map<string, number>();
  for (const { tasks } of plan.launches)
    for (const [service, count] of countOf(tasks, services)) {
      const half = Math.ceil((total.get(service) ?? 0) / 2);
      if (count > half && (most.size < servicesAtOnce || most.has(service))) most.set(service, half);
    }
  if (most.size === 0) return null;
  const bought = new Set(plan.launches.flatMap(({ tasks }) => tasks.map((one) => one.demandId)));
  return {
    ...input,
    demand: input.demand.map((one) => {
      const half = one.service === undefined ? undefined : most.get(one.service);
      // What has a group of its own says itself how it is spread.
      const isFree = one.group === undefined && bought.has(one.id);
      return half === undefined || !isFree ? one : { ...one, ...atMostOnNode(half, one) };
    }),
  };
}

function atMostOnNode(most: number, { service = '', spread = [] }: Demand): Pick<Demand, 'group' | 'spread'> {
  const group = `replicas of ${service}`;
  return { group, spread: [...spread, { topology: 'node', group, maxSkew: Math.max(1, most) }] };
}

/** Of nobody more waits, not even for the sake of others, and it costs little more. */
export function isWorthIt(apart: AllocationPlan, plan: AllocationPlan): boolean {
  const waiting = new Map(plan.unplaced.map((one) => [one.demandId, one.count]));
  return (
    apart.unplaced.every((one) => one.count <= (waiting.get(one.demandId) ?? 0))
    && apart.costUsdPerHour <= plan.costUsdPerHour * priceTolerance
  );
}

function servicesOf(demand: readonly Demand[]): ReadonlyMap<string, string> {
  return new Map(demand.flatMap(({ id, service }) => (service === undefined ? [] : [[id, service] as const])));
}

/** All replicas of the services: where they run, where they are placed now, and on what is bought. */
function replicasOf(
  { bins }: AllocationInput,
  { placements, launches }: AllocationPlan,
  services: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  const add = (service: string, count: number): unknown => total.set(service, (total.get(service) ?? 0) + count);
  for (const service of new Set(services.values()))
    for (const bin of bins) add(service, ownValue(bin.services ?? {}, service) ?? 0);
  for (const { tasks } of placements) for (const [service, count] of countOf(tasks, services)) add(service, count);
  for (const { tasks, count: nodes } of launches)
    for (const [service, count] of countOf(tasks, services)) add(service, count * nodes);
  return total;
}

function countOf(
  tasks: AllocationPlan['launches'][number]['tasks'],
  services: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { demandId, count } of tasks) {
    const service = services.get(demandId);
    if (service !== undefined) counts.set(service, (counts.get(service) ?? 0) + count);
  }
  return counts;
}
