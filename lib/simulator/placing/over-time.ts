// Laws that look at spans of time: who gets what becomes free, what it costs, and how often EC2 is asked in vain.
import type { NodeRecord } from '../../core/records/node.ts';
import type { CapacityType, Offering } from '../../core/values/offering.ts';
import { ownGroup } from './laws.ts';
import type { PlacingWorld, Tick, Witness } from './world.ts';

const minuteMs = 60_000;
const windowMs = 10 * minuteMs;
/** Shares may differ from their mean by this. */
const shareTolerance = 0.1;

type Say = (law: string, atMs: number, text: string) => void;

/**
 * While all tenants wait, their dominant shares by weight are equal: over each 10 minutes, once what ran before has
 * ended.
 */
export class Shares implements Witness {
  /** The most that a share differed from the mean, as a part of it. */
  worst = 0;
  windows = 0;
  readonly #say: Say;
  #sinceMs: number | null = null;
  #before: { readonly atMs: number; readonly shares: ReadonlyMap<string, number> } | null = null;
  readonly #sums = new Map<string, number>();

  constructor(say: Say) {
    this.#say = say;
  }

  tick({ world, nowMs }: Tick): void {
    const { scene } = world;
    const waiting = new Set(world.waiting().map((one) => one.tenant));
    if (Object.keys(scene.weights).some((name) => !waiting.has(name))) {
      this.#sinceMs = null;
      return;
    }
    // What was placed before all waited may be there for as long as a task lasts.
    this.#sinceMs ??= nowMs + scene.longestMs + scene.bootMs;
    if (nowMs >= this.#sinceMs) {
      const { atMs, shares } = this.#before ?? { atMs: nowMs, shares: new Map<string, number>() };
      const spanMs = nowMs - Math.max(atMs, this.#sinceMs);
      for (const [tenant, share] of shares) this.#sums.set(tenant, (this.#sums.get(tenant) ?? 0) + share * spanMs);
      if (nowMs - this.#sinceMs >= windowMs) {
        this.#judge(nowMs);
        this.#sums.clear();
        this.#sinceMs = nowMs;
      }
    }
    this.#before = { atMs: nowMs, shares: sharesOf(world) };
  }

  #judge(nowMs: number): void {
    const all = [...this.#sums.values()];
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    this.windows += 1;
    for (const [tenant, sum] of this.#sums) {
      const off = Math.abs(sum / mean - 1);
      this.worst = Math.max(this.worst, off);
      if (off > shareTolerance) this.#say('shares', nowMs, `${tenant} has ${(sum / mean).toFixed(2)} of its share`);
    }
  }
}

/** By tenant: the largest part of any resource of the nodes that its tasks have, by its weight. */
function sharesOf(world: PlacingWorld): ReadonlyMap<string, number> {
  const whole = { cpuMilli: 0, memoryMib: 0 };
  const inUse = new Map(Object.keys(world.scene.weights).map((name) => [name, { cpuMilli: 0, memoryMib: 0 }]));
  for (const { allocatable, assigned } of world.nodes.values()) {
    whole.cpuMilli += allocatable.cpuMilli;
    whole.memoryMib += allocatable.memoryMib;
    for (const { requestId, resources } of assigned) {
      const own = inUse.get(world.arrivals.get(requestId)?.tenant ?? '');
      if (!own) continue;
      own.cpuMilli += resources.cpuMilli;
      own.memoryMib += resources.memoryMib;
    }
  }
  return new Map(
    [...inUse].map(([name, own]) => [
      name,
      Math.max(own.cpuMilli / whole.cpuMilli, own.memoryMib / whole.memoryMib) / (world.scene.weights[name] ?? 1),
    ]),
  );
}

/** What is paid is at most so much more than a fleet that always stood there for the dearest moment. */
const billMost = 1.5;

export class Bill implements Witness {
  /** What was paid, as a part of the price of that fleet. */
  ratio = 0;
  #usdPerHour = 0;
  #firstMs: number | null = null;
  #lastMs = 0;

  tick({ world, nowMs, placed }: Tick): void {
    const tasks = [...world.nodes.values()].flatMap((one) => one.assigned);
    if (tasks.length === 0) return;
    this.#firstMs ??= nowMs;
    this.#lastMs = nowMs;
    if (placed.length > 0) this.#usdPerHour = Math.max(this.#usdPerHour, standingUsdPerHour(world, tasks));
  }

  end(world: PlacingWorld, say: Say): void {
    const hours = (this.#lastMs - (this.#firstMs ?? this.#lastMs)) / (60 * minuteMs);
    this.ratio = hours > 0 ? world.spentUsd / (hours * this.#usdPerHour) : 0;
    if (this.ratio > billMost) say('bill', world.nowMs, `${this.ratio.toFixed(2)} times a fleet that always stands`);
  }
}

type Task = NodeRecord['assigned'][number];

/**
 * The cheapest of fleets of one type that carry the tasks, packed by first-fit decreasing, wherever it is sold for
 * least, on spot as far as the account's quota goes: those that must be on demand by themselves. Of relations it knows
 * only those that keep tasks on nodes apart.
 */
function standingUsdPerHour(world: PlacingWorld, tasks: readonly Task[]): number {
  const { offerings, quotas } = world.scene;
  const isOnDemand = (one: Task): boolean =>
    world.arrivals.get(one.requestId)?.spec.requirements.capacityType !== undefined;
  const types = [...new Map(offerings.map((one) => [one.type.name, one.type])).values()];
  return [true, false].reduce((sum, wanted) => {
    const own = tasks.filter((one) => isOnDemand(one) === wanted);
    const prices = types.map((type) => {
      const nodes = nodesFor(world, own, type.allocatable);
      const least = (capacityType: CapacityType): number =>
        Math.min(
          ...offerings.flatMap((one) =>
            one.type.name === type.name && one.capacityType === capacityType ? one.priceUsdPerHour : [],
          ),
        );
      const spot = wanted ? 0 : Math.min(nodes, Math.floor(quotas.spot / type.vcpu));
      return (spot > 0 ? spot * least('spot') : 0) + (nodes > spot ? (nodes - spot) * least('on-demand') : 0);
    });
    return sum + (own.length === 0 ? 0 : Math.min(...prices));
  }, 0);
}

function nodesFor(world: PlacingWorld, tasks: readonly Task[], whole: Offering['type']['allocatable']): number {
  const nodes: { cpuMilli: number; memoryMib: number; tasks: number; readonly apart: Set<string> }[] = [];
  for (const { requestId, resources } of [...tasks].sort((a, b) => b.resources.cpuMilli - a.resources.cpuMilli)) {
    if (resources.cpuMilli > whole.cpuMilli || resources.memoryMib > whole.memoryMib) return Infinity;
    // Zones apart are nodes apart.
    const rules = world.arrivals.get(requestId)?.spec.antiAffinity ?? [];
    const apart = rules.map((one) => ownGroup(requestId, one.group, world));
    let node = nodes.find(
      (one) =>
        one.cpuMilli >= resources.cpuMilli
        && one.memoryMib >= resources.memoryMib
        && one.tasks < world.scene.pool.tasksPerNode
        && apart.every((group) => !one.apart.has(group)),
    );
    if (!node) nodes.push((node = { ...whole, tasks: 0, apart: new Set() }));
    node.cpuMilli -= resources.cpuMilli;
    node.memoryMib -= resources.memoryMib;
    node.tasks += 1;
    for (const group of apart) node.apart.add(group);
  }
  return nodes.length;
}

/** See docs/allocation.md: to find out that there is none, and then in 90 minutes. */
const discoveryMost = 12;
const inVainMost = 10;
const inVainMs = 90 * minuteMs;
const discoveryMs = 3 * minuteMs;

/** Calls that brought nothing, by the shape of the tasks that they were for. */
export class CallsInVain implements Witness {
  most = 0;
  readonly #say: Say;
  readonly #byShape = new Map<string, number[]>();

  constructor(say: Say) {
    this.#say = say;
  }

  tick({ world, nowMs, launches }: Tick): void {
    for (const { launch, came } of launches)
      for (const shape of launch.shapes ?? []) {
        if (came > 0 || nowMs - world.quotaRefusedAtMs < inVainMs) {
          this.#byShape.delete(shape);
          continue;
        }
        const calls = (this.#byShape.get(shape) ?? []).filter((atMs) => nowMs - atMs < inVainMs);
        calls.push(nowMs);
        this.#byShape.set(shape, calls);
        const first = calls[0] ?? nowMs;
        const later = calls.filter((atMs) => atMs - first > discoveryMs).length;
        this.most = Math.max(this.most, later);
        // What went out while they waited is found out beside.
        const news = world.scene.shortages.filter((one) => one.fromMs > first && one.fromMs <= nowMs).length;
        if (later > inVainMost + news * discoveryMost || calls.length - later > discoveryMost)
          this.#say('in vain', nowMs, `${String(calls.length)} calls for ${shape} since ${String(first)}`);
      }
  }
}
