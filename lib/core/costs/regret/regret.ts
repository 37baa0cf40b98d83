// Regret: an ended node priced again in hindsight. What was paid is divided into what each mistake cost and what the
// best node would have cost: boot; idle before, and after, its tasks; a larger type than they needed; tasks of
// different lives on one node, where two would have been cheaper; requests larger than what was used.
import { weighedUsdPerHour } from '../../catalog/burstable.ts';
import type { CapacityType, InstanceType, Offering } from '../../values/offering.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import { addResources, fits, noResources, subtractResources } from '../../values/resources.ts';
import type { Resources } from '../../values/resources.ts';

export interface RanTask {
  readonly startMs: number;
  readonly endMs: number;
  readonly resources: Resources;
  readonly requirements: Requirements;
  /** The most that it used; null: not known. */
  readonly used: Resources | null;
}

export interface EndedNode {
  readonly type: InstanceType;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  readonly billedFromMs: number;
  /** null: it never took tasks. */
  readonly readyAtMs: number | null;
  readonly endedAtMs: number;
  readonly tasks: readonly RanTask[];
}

/** USD. All parts but `paid` add up to it. */
export interface Regret {
  readonly paid: number;
  readonly boot: number;
  /** Of nodes on which nothing ever ran, after their boot. */
  readonly unused: number;
  /** Ready, and its first task had not begun. */
  readonly idleHead: number;
  /** Its last task had ended. */
  readonly idleTail: number;
  /** A cheaper type of the same zone, capacity type and architecture would have carried all tasks. */
  readonly size: number;
  /** Two nodes, one for the tasks that ended early and one for the others, each with its boot. */
  readonly lifetime: number;
  /** A node for what tasks used, where it is known of all of them. */
  readonly request: number;
  /** Beyond the seconds: 60 at least. */
  readonly billing: number;
  /** What the best node of hindsight costs between its first and its last task. */
  readonly needed: number;
}

export const noRegret: Regret = {
  paid: 0,
  boot: 0,
  unused: 0,
  idleHead: 0,
  idleTail: 0,
  size: 0,
  lifetime: 0,
  request: 0,
  billing: 0,
  needed: 0,
};

export const regretParts = [
  'boot',
  'unused',
  'idleHead',
  'idleTail',
  'size',
  'lifetime',
  'request',
  'billing',
  'needed',
] as const satisfies readonly (keyof Regret)[];

export function addRegret(a: Regret, b: Regret): Regret {
  const sum = { ...a, paid: a.paid + b.paid };
  for (const part of regretParts) sum[part] = a[part] + b[part];
  return sum;
}

const hourMs = 3_600_000;
/** EC2 bills for as long at least. */
const billedMsMin = 60_000;
/** Moments at which the lives of a node's tasks are divided: all of them up to so many, else as many evenly taken. */
const divisionsMax = 16;

/** Tick after tick asks with the same list. */
const hindsights = new WeakMap<readonly Offering[], Hindsight>();

/** Prices nodes of one pool again, by what it may buy. */
export class Hindsight {
  readonly #offerings: readonly Offering[];
  /** Cheapest first; made when the first node of the market has ended. */
  readonly #byMarket = new Map<string, readonly Offering[]>();

  constructor(offerings: readonly Offering[]) {
    this.#offerings = offerings;
  }

  /** The same for the same list. */
  static over(offerings: readonly Offering[]): Hindsight {
    const known = hindsights.get(offerings) ?? new Hindsight(offerings);
    hindsights.set(offerings, known);
    return known;
  }

  /** @throws RangeError for times that do not follow each other */
  of(node: EndedNode): Regret {
    const { priceUsdPerHour, billedFromMs, readyAtMs, endedAtMs, tasks } = node;
    const ready = readyAtMs ?? endedAtMs;
    if (billedFromMs > ready || ready > endedAtMs) throw new RangeError('a node ended before it was there');
    const usd = (ms: number): number => (ms / hourMs) * priceUsdPerHour;
    const ranMs = endedAtMs - billedFromMs;
    const billing = usd(Math.max(billedMsMin, Math.ceil(ranMs / 1000) * 1000) - ranMs);
    const boot = usd(ready - billedFromMs);
    const base = { ...noRegret, paid: usd(ranMs) + billing, boot, billing };
    if (tasks.length === 0) return { ...base, unused: usd(endedAtMs - ready) };
    const { startMs, endMs } = spanOf(tasks);
    const asBought = usd(endMs - startMs);
    const asSized = Math.min(asBought, this.#leastUsd(node, tasks, resourcesOf));
    const asDivided = Math.min(asSized, this.#dividedUsd(node, tasks, ready - billedFromMs));
    const isUseKnown = tasks.every((task) => task.used !== null);
    const asUsed = isUseKnown ? Math.min(asDivided, this.#leastUsd(node, tasks, usedOf)) : asDivided;
    return {
      ...base,
      idleHead: usd(startMs - ready),
      idleTail: usd(endedAtMs - endMs),
      size: asBought - asSized,
      lifetime: asSized - asDivided,
      request: asDivided - asUsed,
      needed: asUsed,
    };
  }

  /** Of the cheapest that carries all of them, from the first to the last; Infinity where none is known. */
  #leastUsd(node: EndedNode, tasks: readonly RanTask[], sizeOf: (task: RanTask) => Resources): number {
    const most = peakOf(tasks, sizeOf);
    const wishes = new Map(tasks.map(({ requirements }) => [requirementsKey(requirements), requirements]));
    const offering = this.#marketOf(node).find(
      (one) =>
        fits(most, one.type.allocatable)
        && [...wishes.values()].every((requirements) => unmetRequirement(requirements, one) === null),
    );
    if (offering === undefined) return Infinity;
    const { startMs, endMs } = spanOf(tasks);
    return ((endMs - startMs) / hourMs) * weighedUsdPerHour(offering, false) * this.#priceLevel(node);
  }

  /** Prices are those of now: what the node's was when it was bought, against now, is taken for what all were. */
  #priceLevel(node: EndedNode): number {
    const now = this.#marketOf(node).find((one) => one.type.name === node.type.name);
    return now === undefined ? 1 : node.priceUsdPerHour / now.priceUsdPerHour;
  }

  #marketOf({ zone, capacityType, type: { arch } }: EndedNode): readonly Offering[] {
    const key = `${zone ?? ''} ${capacityType} ${arch}`;
    const known = this.#byMarket.get(key);
    if (known) return known;
    const market = this.#offerings
      .filter((one) => one.zone === (zone ?? '') && one.capacityType === capacityType && one.type.arch === arch)
      .map((one) => ({ one, usd: weighedUsdPerHour(one, false) }))
      .sort((a, b) => a.usd - b.usd || (a.one.id < b.one.id ? -1 : 1))
      .map(({ one }) => one);
    this.#byMarket.set(key, market);
    return market;
  }

  /** Of the best two nodes. One is in the place of this one; the other boots, too, and is billed for 60 seconds. */
  #dividedUsd(node: EndedNode, tasks: readonly RanTask[], bootMs: number): number {
    const ends = [...new Set(tasks.map((task) => task.endMs))].sort((a, b) => a - b).slice(0, -1);
    const every = Math.max(1, ends.length / divisionsMax);
    let least = Infinity;
    for (let at = 0; at < ends.length; at += every) {
      const atMs = ends[Math.floor(at)] ?? 0;
      const parts = [tasks.filter((task) => task.endMs <= atMs), tasks.filter((task) => task.endMs > atMs)];
      const prices = parts.map((part) => {
        const usd = this.#leastUsd(node, part, resourcesOf);
        const { startMs, endMs } = spanOf(part);
        const ms = Math.max(1, endMs - startMs);
        return { usd, more: (usd / ms) * (Math.max(billedMsMin, bootMs + ms) - ms) };
      });
      const usd = prices.reduce((sum, one) => sum + one.usd, 0);
      if (usd === Infinity) continue;
      least = Math.min(least, usd + Math.min(...prices.map((one) => one.more)));
    }
    return least;
  }
}

function resourcesOf({ resources }: RanTask): Resources {
  return resources;
}

function usedOf({ used, resources }: RanTask): Resources {
  return used ?? resources;
}

function spanOf(tasks: readonly RanTask[]): { readonly startMs: number; readonly endMs: number } {
  let [startMs, endMs] = [Infinity, -Infinity];
  for (const task of tasks) [startMs, endMs] = [Math.min(startMs, task.startMs), Math.max(endMs, task.endMs)];
  return { startMs, endMs };
}

/** The most of each resource that they need at once. */
function peakOf(tasks: readonly RanTask[], sizeOf: (task: RanTask) => Resources): Resources {
  const changes = tasks.flatMap((task) => [
    { atMs: task.startMs, isEnd: false, size: sizeOf(task) },
    { atMs: task.endMs, isEnd: true, size: sizeOf(task) },
  ]);
  changes.sort((a, b) => a.atMs - b.atMs || Number(b.isEnd) - Number(a.isEnd));
  let [now, most] = [noResources, noResources];
  for (const { isEnd, size } of changes) {
    now = isEnd ? subtractResources(now, size) : addResources(now, size);
    most = {
      cpuMilli: Math.max(most.cpuMilli, now.cpuMilli),
      memoryMib: Math.max(most.memoryMib, now.memoryMib),
      gpu: Math.max(most.gpu, now.gpu),
    };
  }
  return most;
}
