// First fit with the price last, as Karpenter documents its scheduling, and consolidation by savings over disruption.
// "Karpenter-like", not Karpenter: pending tasks are batched (1 s without news, 10 s at most), the largest first;
// each goes to the first node that has room, in the cluster or in the making, else to a new one; a node in the making
// keeps every type that still fits, and becomes the cheapest of them when it is launched. So it grows as long as any
// type of up to 64 vCPU fits, and the price is asked last. (Concepts: NodePools, Scheduling, Disruption.)
import type { Offering } from '../../core/values/offering.ts';
import { addResources, fits, noResources } from '../../core/values/resources.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { Fleet, FleetNode, Policy } from './fleet.ts';
import { roomOf } from './policies.ts';
import type { Room } from './policies.ts';
import type { QueuedTask } from './waiting.ts';

export interface KarpenterLikeSettings {
  /** How long a node must have been without a change before it is consolidated. */
  readonly consolidateAfterMs: number;
  /**
   * Busy nodes go, too, where their tasks have room elsewhere, and the share of the fleet's price that they save is at
   * least this many times the share of its tasks that begin again; null: only empty nodes.
   */
  readonly savingsPerDisruption: number | null;
}

const idleMs = 1_000;
const batchMaxMs = 10_000;
const pollMs = 10_000;
const vcpuMax = 64;

/** A node in the making. */
interface Claim {
  used: Resources;
  tasks: number;
  types: readonly Offering[];
}

export class KarpenterLike implements Policy {
  readonly #settings: KarpenterLikeSettings;
  #batchSinceMs: number | null = null;
  #lastMs = 0;
  #seen = 0;
  readonly #changedAtMs = new WeakMap<FleetNode, { tasks: number; atMs: number }>();

  constructor(settings: KarpenterLikeSettings) {
    this.#settings = settings;
  }

  begin(fleet: Fleet): void {
    fleet.every(pollMs, () => this.#consolidate(fleet));
  }

  changed(fleet: Fleet): void {
    const { length } = fleet.waiting;
    const isMore = length > this.#seen;
    this.#seen = length;
    if (!isMore) return;
    this.#lastMs = fleet.nowMs;
    if (this.#batchSinceMs !== null) return;
    this.#batchSinceMs = fleet.nowMs;
    this.#waitForMore(fleet);
  }

  #waitForMore(fleet: Fleet): void {
    const sinceMs = this.#batchSinceMs ?? fleet.nowMs;
    const atMs = Math.min(this.#lastMs + idleMs, sinceMs + batchMaxMs);
    fleet.after(Math.max(0, atMs - fleet.nowMs), () => {
      if (fleet.nowMs < Math.min(this.#lastMs + idleMs, sinceMs + batchMaxMs)) return this.#waitForMore(fleet);
      this.#batchSinceMs = null;
      this.#provision(fleet);
    });
  }

  #provision(fleet: Fleet): void {
    const rooms = fleet.nodes.filter((node) => node.state === 'booting').map(roomOf);
    const pending = [...fleet.waiting.all()].sort(byLargest);
    const claims: Claim[] = [];
    for (const { kind, task } of pending) {
      if (rooms.some((room) => room.take(fleet, kind))) continue;
      if (claims.some((claim) => join(claim, kind, task.resources, fleet))) continue;
      const claim: Claim = {
        used: noResources,
        tasks: 0,
        types: fleet.offerings.filter((one) => one.type.vcpu <= vcpuMax && !one.type.isBurstable),
      };
      if (join(claim, kind, task.resources, fleet)) claims.push(claim);
    }
    for (const { types } of claims) {
      const [cheapest] = [...types].sort((a, b) => a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1));
      if (cheapest) fleet.launch(cheapest);
    }
  }

  #consolidate(fleet: Fleet): void {
    const { consolidateAfterMs, savingsPerDisruption } = this.#settings;
    const quiet = fleet.nodes.filter(
      (node) => node.state === 'ready' && this.#quietMs(node, fleet) >= consolidateAfterMs,
    );
    const empty = quiet.filter((node) => node.running.size === 0);
    for (const node of empty) fleet.terminate(node);
    if (savingsPerDisruption === null || empty.length > 0) return;
    const price = fleet.nodes.reduce((sum, node) => sum + node.offering.priceUsdPerHour, 0);
    const tasks = fleet.nodes.reduce((sum, node) => sum + node.running.size, 0);
    const candidates = quiet
      .map((node) => ({ node, score: (node.offering.priceUsdPerHour / price) * (tasks / node.running.size) }))
      .filter(({ score }) => score >= savingsPerDisruption)
      .sort((a, b) => b.score - a.score || (a.node.id < b.node.id ? -1 : 1));
    // One at a time: the next poll sees what became of it.
    const goes = candidates.find(({ node }) => this.#haveRoomElsewhere(node, fleet));
    if (goes === undefined) return;
    fleet.terminate(goes.node);
    fleet.place();
  }

  #haveRoomElsewhere(node: FleetNode, fleet: Fleet): boolean {
    if (fleet.waiting.length > 0) return false;
    const rooms: Room[] = fleet.nodes.filter((one) => one !== node && one.state === 'ready').map(roomOf);
    return [...node.running.values()].sort(byLargest).every(({ kind }) => rooms.some((room) => room.take(fleet, kind)));
  }

  /** Since its tasks changed, as far as it was looked at. */
  #quietMs(node: FleetNode, fleet: Fleet): number {
    if (node.running.size === 0) return fleet.nowMs - node.emptySinceMs;
    const known = this.#changedAtMs.get(node);
    if (known?.tasks === node.running.size) return fleet.nowMs - known.atMs;
    this.#changedAtMs.set(node, { tasks: node.running.size, atMs: fleet.nowMs });
    return 0;
  }
}

function byLargest(a: QueuedTask, b: QueuedTask): number {
  return (
    b.task.resources.cpuMilli - a.task.resources.cpuMilli
    || b.task.resources.memoryMib - a.task.resources.memoryMib
    || a.order - b.order
    || (a.name < b.name ? -1 : 1)
  );
}

/** Whether some type of the claim still fits with it; the others leave the claim. */
function join(claim: Claim, kind: number, resources: Resources, fleet: Fleet): boolean {
  if (claim.tasks >= fleet.tasksPerNode) return false;
  const used = addResources(claim.used, resources);
  const types = claim.types.filter((one) => fits(used, one.type.allocatable) && fleet.canRun(kind, one));
  if (types.length === 0) return false;
  claim.used = used;
  claim.tasks += 1;
  claim.types = types;
  return true;
}
