// The nodes of a pool as the allocation engine sees them: those that take tasks now, those that are starting, and
// those that take no more but whose tasks count for relations.
import { isOfEarlierAgent, ofEarlierAgent } from './agents.ts';
import { isTenantPerNode } from './pool-asked.ts';
import type { AllocationInput, Bin, ClosedNode } from '../../allocation/types.ts';
import { endsInstancesAtMs, isOpen, reservationOf } from '../../catalog/commitments.ts';
import type { Observation } from '../../plan/observation.ts';
import type { Carried } from '../../plan/rows/carried.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { relationsOf, serviceOf } from '../demand.ts';
import { assignedOn } from '../../records/node.ts';
import type { NodeRecord } from '../../records/node.ts';
import type { AffinityConstraint } from '../../records/request.ts';
import { dictionary } from '../../values/dictionary.ts';
import type { Offering } from '../../values/offering.ts';
import { offeringId, offeringsById } from '../../values/offering.ts';
import { subtractResources } from '../../values/resources.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import { silentAfterMs } from '../../values/settings.ts';

export function binsOf(
  observation: Observation,
  copy: WorkingCopy,
  settings: DecisionSettings,
): Pick<AllocationInput, 'bins' | 'closed'> {
  const bins = [...readyBins(observation, copy, settings), ...inFlightBins(observation, copy)];
  const closed = closedNodes(new Set(bins.map((one) => one.id)), observation, copy);
  return { bins, ...(closed.length === 0 ? {} : { closed }) };
}

/** Nodes that carry tasks and are no bins. */
function closedNodes(bins: ReadonlySet<string>, observation: Observation, copy: WorkingCopy): readonly ClosedNode[] {
  return [...observation.nodes, ...(observation.aside?.nodes ?? [])]
    .map(({ record }) => copy.node(record.id) ?? record)
    .filter((node) => node.assigned.length > 0 && !node.isLost && !bins.has(node.id))
    .map((node) => ({ zone: node.zone, ...relationsOn(node, copy) }))
    .filter(({ groups, apart }) => Object.keys(groups).length > 0 || apart.zone.length > 0)
    .map(({ zone, groups, apart }) => ({ zone, groups, zoneAntiAffinityGroups: apart.zone }));
}

function offeringOf(
  instanceType: string,
  zone: string,
  capacityType: NodeRecord['capacityType'],
  observation: Observation,
): Offering | undefined {
  return offeringsById(observation.offerings).get(offeringId(instanceType, zone, capacityType));
}

interface Relations {
  readonly groups: Readonly<Record<string, number>>;
  /** Replicas of each; those that are to stop make room for others. */
  readonly services: Readonly<Record<string, number>>;
  /** Groups that must keep away. */
  readonly apart: Readonly<Record<'node' | 'zone', readonly string[]>>;
}

/** Of the tasks that run on the node. */
function relationsOn(node: NodeRecord, copy: WorkingCopy): Relations {
  const groups = dictionary<number>();
  const services = dictionary<number>();
  const apart: AffinityConstraint[] = [];
  for (const one of node.assigned) {
    const record = copy.submitted(one.requestId);
    if (record === undefined) continue;
    const { group, antiAffinity = [] } = relationsOf(record);
    if (group !== undefined) groups[group] = (groups[group] ?? 0) + 1;
    if (record.spec.service !== undefined && one.withdrawn === null) {
      const name = serviceOf(record, record.spec.service);
      services[name] = (services[name] ?? 0) + 1;
    }
    if (antiAffinity.length > 0) apart.push(...antiAffinity);
  }
  return { groups, services, apart: { node: groupsOver('node', apart), zone: groupsOver('zone', apart) } };
}

function groupsOver(topology: 'node' | 'zone', rules: readonly AffinityConstraint[]): readonly string[] {
  if (rules.length === 0) return [];
  return [...new Set(rules.filter((one) => one.topology === topology).map((one) => one.group))].sort();
}

function bin(node: NodeRecord, state: Bin['state'], observation: Observation, copy: WorkingCopy): Bin | null {
  const found = offeringOf(node.instanceType, node.zone, node.capacityType, observation);
  if (!found) return null; // the pool's spec no longer allows it: it finishes what it has and empties
  const offering = isOfEarlierAgent(node, copy.templateVersion) ? ofEarlierAgent(found) : found;
  const goes = node.announced ? { goesAtMs: node.announced.atMs } : {};
  const paidShare = copy.paid.shares.get(node.id);
  const paid = paidShare === undefined ? {} : { paidShare };
  const ends = blockEnd(node.reservation, observation);
  return { id: node.id, state, offering, ...occupancyOf(node, copy), ...ends, ...goes, ...paid };
}

/** When little of the block is left, what may last for any time goes elsewhere if it can. */
function blockEnd(
  reservation: string | undefined,
  { pool, nowMs }: Observation,
): Pick<Bin, 'blockEndsAtMs' | 'goesAtMs'> {
  const into = reservationOf(pool, reservation);
  const blockEndsAtMs = into === undefined ? null : endsInstancesAtMs(into);
  if (into === undefined || blockEndsAtMs === null) return {};
  return { blockEndsAtMs, ...(isOpen(into, nowMs) ? {} : { goesAtMs: blockEndsAtMs }) };
}

/** Whose tasks the node has; null: those of several, or nobody knows. Undefined: nobody's, or it does not matter. */
function tenantOn({ assigned }: NodeRecord, copy: WorkingCopy): string | null | undefined {
  if (!isTenantPerNode(copy.seen.pool)) return undefined;
  let owner: string | null | undefined;
  for (const { payer, requestId } of assigned) {
    const tenant = payer?.tenant ?? copy.submitted(requestId)?.tenant ?? null;
    if (owner !== undefined && owner !== tenant) return null;
    owner = tenant;
  }
  return owner;
}

type Occupancy = Omit<Bin, 'id' | 'state' | 'offering'>;

/** Of settled nodes, in pools whose nodes serve any tenant and one tenant each. */
const occupancies = [new WeakMap<Carried, Occupancy>(), new WeakMap<Carried, Occupancy>()] as const;

/** What is free on the node, and whom it carries. */
export function occupancyOf(node: NodeRecord, copy: WorkingCopy): Occupancy {
  const carried = copy.settledOn(node);
  if (carried === undefined) return newOccupancy(node, copy);
  const known = occupancies[isTenantPerNode(copy.seen.pool) ? 1 : 0];
  let occupancy = known.get(carried);
  if (occupancy === undefined) known.set(carried, (occupancy = newOccupancy(node, copy)));
  return occupancy;
}

/** Of a node with tasks, nothing of it changes with time. */
function newOccupancy(node: NodeRecord, copy: WorkingCopy): Occupancy {
  const { groups, services, apart } = relationsOn(node, copy);
  const tenant = tenantOn(node, copy);
  // Those of a pool that any tenant shared until now get nothing more until they serve one.
  const isFull = tenant === null || node.assigned.some((one) => one.isAlone === true);
  const { nowMs } = copy;
  const isEmpty = node.state === 'ready' && node.assigned.length === 0;
  const ends = node.assigned.map((one) => one.expectedEndAtMs).filter((at) => at !== null);
  return {
    free: subtractResources(node.allocatable, assignedOn(node)),
    freeTasks: isFull ? 0 : node.tasksMax - node.assigned.length,
    ...(typeof tenant === 'string' ? { tenant } : {}),
    groups,
    ...(Object.keys(services).length === 0 ? {} : { services }),
    antiAffinityGroups: apart.node,
    zoneAntiAffinityGroups: apart.zone,
    expectedEmptyAtMs: isEmpty
      ? nowMs
      : ends.length > 0 && ends.length === node.assigned.length
        ? Math.max(...ends)
        : null,
  };
}

/** Ready nodes that speak: one that is silent gets nothing new, though it is not given up yet. */
function readyBins(observation: Observation, copy: WorkingCopy, settings: DecisionSettings): readonly Bin[] {
  return observation.nodes
    .map(({ record }) => copy.node(record.id) ?? record)
    .filter(
      (node) =>
        node.state === 'ready'
        && !node.isLost
        && !node.cordon
        && (node.lastSeenAtMs === null || observation.nowMs - node.lastSeenAtMs <= silentAfterMs(settings) / 2),
    )
    .map((node) => bin(node, 'ready', observation, copy))
    .filter((one) => one !== null);
}

/** Stopped nodes that may be started, the cheapest first, as bins that come after all others. */
export function stoppedBins(nodes: readonly NodeRecord[], observation: Observation, copy: WorkingCopy): readonly Bin[] {
  return nodes
    .map((node) => bin(node, 'to-launch', observation, copy))
    .filter((one) => one !== null)
    .sort((a, b) => a.offering.priceUsdPerHour - b.offering.priceUsdPerHour || (a.id < b.id ? -1 : 1))
    .map((one) => ({ ...one, isStopped: true as const }));
}

/** Of nodes that boot, those that may get tasks. */
export function startingBins(
  nodes: readonly NodeRecord[],
  observation: Observation,
  copy: WorkingCopy,
): readonly Bin[] {
  return nodes
    .filter((node) => (node.state === 'launching' || node.state === 'starting') && !node.cordon)
    .map((node) => bin(node, 'in-flight', observation, copy))
    .filter((one) => one !== null);
}

/** Nodes that boot, and open launches as the nodes they will yield. */
function inFlightBins(observation: Observation, copy: WorkingCopy): readonly Bin[] {
  const nodes = observation.nodes.map(({ record }) => copy.node(record.id) ?? record);
  const booting = startingBins(nodes, observation, copy);
  const coming = observation.launches.flatMap(({ record }) => {
    const first = record.request.overrides[0];
    const offering = first && offeringOf(first.instanceType, first.zone, record.request.capacityType, observation);
    if (!offering) return [];
    return Array.from({ length: record.request.count }, (_, i): Bin => ({
      id: `${record.id}#${String(i)}`,
      state: 'in-flight',
      offering,
      free: offering.type.allocatable,
      freeTasks: record.tasksMax,
      groups: dictionary(),
      antiAffinityGroups: [],
      expectedEmptyAtMs: null,
      ...blockEnd(record.request.reservation?.id, observation),
    }));
  });
  return [...booting, ...coming];
}
