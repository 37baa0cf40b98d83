// What others do, as their documentation says it, in a few lines each. None of them is that product: they are models,
// without its faults and its finer points, and with a scheduler that always puts a task where there is room.
import type { Offering } from '../../core/values/offering.ts';
import type { Fleet, FleetNode, Policy } from './fleet.ts';

/** As many nodes of one type as the peak needs, from the first submission to the last end. */
export class FixedFleet implements Policy {
  readonly #offering: Offering;
  readonly #nodes: number;

  constructor(offering: Offering, nodes: number) {
    this.#offering = offering;
    this.#nodes = nodes;
  }

  begin(fleet: Fleet): void {
    for (let at = 0; at < this.#nodes; at += 1) fleet.launch(this.#offering, true);
  }

  lost(fleet: Fleet): void {
    fleet.launch(this.#offering);
  }
}

/** A node of the type at once whenever a task has none: how many that makes is what a fixed fleet needs. */
export class NodesOnDemand implements Policy {
  readonly #offering: Offering;
  #isBuying = false;
  nodes = 0;

  constructor(offering: Offering) {
    this.#offering = offering;
  }

  begin(): void {
    this.nodes = 0;
  }

  changed(fleet: Fleet): void {
    if (this.#isBuying) return;
    this.#isBuying = true;
    for (; fleet.waiting.length > 0; this.nodes += 1) {
      fleet.launch(this.#offering, true);
      fleet.place();
    }
    this.#isBuying = false;
  }
}

/** Of one metric a minute, as CloudWatch has them for target tracking: out after three, in after fifteen. */
const outAfter = 3;
const inAfter = 15;
const minuteMs = 60_000;

/**
 * Auto Scaling's target tracking on one type ("Target tracking scaling policies", EC2 Auto Scaling User Guide): the
 * metric is the vCPU that running and waiting tasks ask for, over the group's vCPU, in percent. Above the target for
 * three minutes the group grows to metric / target times its size; below nine tenths of it for fifteen it shrinks
 * likewise. Nodes that shrink away take no more tasks and finish what they have. One node at least stays.
 */
export class TargetTracking implements Policy {
  readonly #offering: Offering;
  readonly #target: number;
  #above = 0;
  #below = 0;

  constructor(offering: Offering, targetPercent: number) {
    this.#offering = offering;
    this.#target = targetPercent / 100;
  }

  begin(fleet: Fleet): void {
    fleet.launch(this.#offering, true);
    fleet.every(minuteMs, () => this.#evaluate(fleet));
  }

  /** A group replaces what it has lost. */
  lost(fleet: Fleet): void {
    fleet.launch(this.#offering);
  }

  #evaluate(fleet: Fleet): void {
    const kept = fleet.nodes.filter((node) => node.state !== 'draining');
    const metric = askedMilli(fleet) / (kept.length * this.#offering.type.allocatable.cpuMilli);
    this.#above = metric > this.#target ? this.#above + 1 : 0;
    this.#below = metric < 0.9 * this.#target ? this.#below + 1 : 0;
    const wanted = Math.max(1, Math.ceil((kept.length * metric) / this.#target));
    if (this.#above >= outAfter) {
      for (let at = kept.length; at < wanted; at += 1) fleet.launch(this.#offering);
      this.#above = 0;
    } else if (this.#below >= inAfter && wanted < kept.length) {
      const emptiest = [...kept].sort((a, b) => a.running.size - b.running.size || b.createdAtMs - a.createdAtMs);
      for (const node of emptiest.slice(0, kept.length - wanted)) fleet.drain(node);
      this.#below = 0;
    }
  }
}

function askedMilli(fleet: Fleet): number {
  let asked = 0;
  for (const node of fleet.nodes) for (const { task } of node.running.values()) asked += task.resources.cpuMilli;
  for (const [kind, count] of fleet.waiting.counts()) asked += count * (fleet.kinds[kind]?.resources.cpuMilli ?? 0);
  return asked;
}

/**
 * AWS Batch's BEST_FIT_PROGRESSIVE ("Instance type allocation strategies for AWS Batch"): types that are large enough
 * for the jobs of the queue, those with the lowest price per vCPU first. Looks once a minute at what waits beyond the
 * room that is coming; nodes without work go after a time.
 */
export class BatchLike implements Policy {
  readonly #idleMs: number;
  readonly #vcpuMax: number;

  constructor(idleMinutes: number, vcpuMax: number) {
    this.#idleMs = idleMinutes * minuteMs;
    this.#vcpuMax = vcpuMax;
  }

  begin(fleet: Fleet): void {
    fleet.every(minuteMs, () => {
      this.#scaleOut(fleet);
      giveBackIdle(fleet, this.#idleMs);
    });
  }

  #scaleOut(fleet: Fleet): void {
    const coming = fleet.nodes.filter((node) => node.state === 'booting').map(roomOf);
    const left: WantedTask[] = [];
    for (const [kind, count] of fleet.waiting.counts()) {
      const { cpuMilli = 0 } = fleet.kinds[kind]?.resources ?? {};
      for (let at = 0; at < count; at += 1)
        if (!coming.some((room) => room.take(fleet, kind))) left.push({ kind, cpuMilli });
    }
    buyFor(
      fleet,
      left,
      fleet.offerings.filter((one) => one.type.vcpu <= this.#vcpuMax && !one.type.isBurstable),
    );
  }
}

export interface WantedTask {
  readonly kind: number;
  readonly cpuMilli: number;
}

/** Nodes for all of them, each the best fit for what is left. */
export function buyFor(fleet: Fleet, wanted: readonly WantedTask[], offerings: readonly Offering[]): void {
  const left = [...wanted];
  while (left.length > 0) {
    const offering = bestFit(fleet, left, offerings);
    if (offering === null) return;
    const room = roomOf(fleet.launch(offering));
    const before = left.length;
    for (let at = 0; at < left.length;) {
      const one = left[at];
      if (one !== undefined && room.take(fleet, one.kind)) left.splice(at, 1);
      else at += 1;
    }
    if (left.length === before) left.shift();
  }
}

/** Large enough for the oldest; no larger than all that waits asks for, where there is one. */
function bestFit(fleet: Fleet, left: readonly WantedTask[], offerings: readonly Offering[]): Offering | null {
  const [first] = left;
  if (first === undefined) return null;
  const asked = left.reduce((sum, one) => sum + one.cpuMilli, 0);
  const able = offerings.filter((one) => fleet.canRun(first.kind, one));
  const fitting = able.filter((one) => one.type.allocatable.cpuMilli <= Math.max(asked, first.cpuMilli * 2));
  const perVcpu = (one: Offering): number => one.priceUsdPerHour / one.type.vcpu;
  return (
    [...(fitting.length > 0 ? fitting : able)].sort(
      (a, b) => perVcpu(a) - perVcpu(b) || a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1),
    )[0] ?? null
  );
}

export function giveBackIdle(fleet: Fleet, idleMs: number): void {
  for (const node of fleet.nodes)
    if (node.state === 'ready' && node.running.size === 0 && fleet.nowMs - node.emptySinceMs >= idleMs)
      fleet.terminate(node);
}

/** What is left of a node that is planned upon. */
export interface Room {
  take(fleet: Fleet, kind: number): boolean;
}

export function roomOf(node: FleetNode): Room {
  let { cpuMilli, memoryMib, gpu } = node.free;
  let tasks = node.running.size;
  return {
    take: (fleet, kind) => {
      const asked = fleet.kinds[kind]?.resources;
      if (asked === undefined || tasks >= fleet.tasksPerNode || !fleet.canRun(kind, node.offering)) return false;
      if (asked.cpuMilli > cpuMilli || asked.memoryMib > memoryMib || asked.gpu > gpu) return false;
      cpuMilli -= asked.cpuMilli;
      memoryMib -= asked.memoryMib;
      gpu -= asked.gpu;
      tasks += 1;
      return true;
    },
  };
}
