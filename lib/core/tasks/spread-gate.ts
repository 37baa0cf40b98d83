// Spread over zones while nodes are still on their way: a plan is even once all its nodes are there, but the
// first of them must not take all their tasks at once. What would break maxSkew now waits for the next tick.
import type { AllocationPlan, Demand } from '../allocation/types.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Offering } from '../values/offering.ts';
import { unmetRequirement } from '../values/requirements.ts';
import { fits } from '../values/resources.ts';

export interface SpreadQuestion {
  readonly plan: AllocationPlan;
  readonly demand: readonly Demand[];
  readonly offerings: readonly Offering[];
  /** Nodes that tasks can be placed on now. */
  readonly ready: ReadonlyMap<string, NodeRecord>;
  /** Tasks of a group that run in a zone. */
  readonly running: (group: string, zone: string) => number;
}

/** How many tasks of a demand a node may take now; absent: as many as planned. Keyed by `demand node`. */
export function gateSpread(question: SpreadQuestion): ReadonlyMap<string, number> {
  const allowed = new Map<string, number>();
  for (const demand of question.demand) {
    const rules = (demand.spread ?? []).filter((rule) => rule.topology === 'zone' && rule.group === demand.group);
    for (const { group, maxSkew } of rules) gateDemand(question, demand, group, maxSkew, allowed);
  }
  return allowed;
}

export function gateKey(demandId: string, nodeId: string): string {
  return `${demandId} ${nodeId}`;
}

function gateDemand(
  question: SpreadQuestion,
  demand: Demand,
  group: string,
  maxSkew: number,
  allowed: Map<string, number>,
): void {
  const counts = new Map(domainOf(demand, question.offerings).map((zone) => [zone, question.running(group, zone)]));
  const planned = new Map<string, { readonly key: string; readonly count: number }[]>();
  for (const { binId, tasks } of question.plan.placements) {
    const node = question.ready.get(binId);
    const count = tasks.filter((share) => share.demandId === demand.id).reduce((sum, share) => sum + share.count, 0);
    if (!node || count === 0) continue;
    const key = gateKey(demand.id, binId);
    allowed.set(key, 0);
    planned.set(node.zone, [...(planned.get(node.zone) ?? []), { key, count }]);
  }
  const zones = [...planned.keys()].sort();
  const fullness = (zone: string): number => counts.get(zone) ?? 0;
  // One task at a time into the emptiest zone that has room planned, as a scheduler that places singly would.
  for (;;) {
    const [zone] = zones
      .filter((one) => planned.get(one)?.length)
      .sort((a, b) => fullness(a) - fullness(b) || (a < b ? -1 : 1));
    if (zone === undefined || fullness(zone) + 1 - Math.min(...counts.values()) > maxSkew) return;
    const queue = planned.get(zone) ?? [];
    const [first] = queue;
    if (!first) return;
    counts.set(zone, fullness(zone) + 1);
    const taken = (allowed.get(first.key) ?? 0) + 1;
    allowed.set(first.key, taken);
    if (taken >= first.count) queue.shift();
  }
}

/**
 * The zones that the engine counts too: those where an offering of the pool could carry the
 * task, in capacity or not.
 */
function domainOf(demand: Demand, offerings: readonly Offering[]): string[] {
  const zones = new Set<string>();
  for (const offering of offerings) {
    if (zones.has(offering.zone) || !fits(demand.resources, offering.type.allocatable)) continue;
    if (unmetRequirement(demand.requirements, offering) === null) zones.add(offering.zone);
  }
  return [...zones].sort();
}
