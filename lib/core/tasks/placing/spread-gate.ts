// Spread over zones while nodes are still starting: a plan is even once all its nodes are there, but the
// first of them must not take all their tasks at once. What would break maxSkew now waits for the next tick.
import type { AllocationPlan, Demand } from '../../allocation/types.ts';
import type { NodeRecord } from '../../records/node.ts';
import type { Offering } from '../../values/offering.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import { fits } from '../../values/resources.ts';

export interface SpreadQuestion {
  readonly placements: AllocationPlan['placements'];
  readonly demand: readonly Demand[];
  readonly offerings: readonly Offering[];
  /** Nodes that tasks can be placed on now. */
  readonly ready: ReadonlyMap<string, NodeRecord>;
  /** Tasks of a group that run in a zone. */
  readonly running: (group: string, zone: string) => number;
}

/**
 * How many tasks of a demand a node may take now; absent: as many as planned. Keyed by `demand node`. Tasks of one
 * group are gated together, whatever requests they are of, in the order of the placements.
 */
export function gateSpread(question: SpreadQuestion): ReadonlyMap<string, number> {
  const spreads = new Map<string, { maxSkew: number; readonly zones: Set<string> }>();
  for (const demand of question.demand) {
    for (const { topology, group, maxSkew } of demand.spread ?? []) {
      if (topology !== 'zone' || group !== demand.group) continue;
      const known = spreads.get(group) ?? { maxSkew, zones: new Set<string>() };
      known.maxSkew = Math.min(maxSkew, known.maxSkew);
      for (const zone of domainOf(demand, question.offerings)) known.zones.add(zone);
      spreads.set(group, known);
    }
  }
  const allowed = new Map<string, number>();
  for (const [group, { maxSkew, zones }] of spreads) gateGroup(question, group, maxSkew, zones, allowed);
  return allowed;
}

export function gateKey(demandId: string, nodeId: string): string {
  return `${demandId} ${nodeId}`;
}

function gateGroup(
  question: SpreadQuestion,
  group: string,
  maxSkew: number,
  domain: ReadonlySet<string>,
  allowed: Map<string, number>,
): void {
  const counts = new Map([...domain].map((zone) => [zone, question.running(group, zone)]));
  const members = new Set(question.demand.filter((one) => one.group === group).map((one) => one.id));
  const planned = new Map<string, { readonly key: string; readonly count: number }[]>();
  for (const { binId, tasks } of question.placements) {
    const node = question.ready.get(binId);
    if (!node) continue;
    for (const { demandId, count } of tasks) {
      if (!members.has(demandId) || count === 0) continue;
      const key = gateKey(demandId, binId);
      allowed.set(key, 0);
      const queue = planned.get(node.zone) ?? [];
      queue.push({ key, count });
      planned.set(node.zone, queue);
    }
  }
  const fullness = (zone: string): number => counts.get(zone) ?? 0;
  // One task at a time into the emptiest zone that has room planned, as a scheduler that places singly would.
  for (;;) {
    const [zone] = [...planned.keys()]
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
