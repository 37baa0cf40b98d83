// What each zone has for tasks of one shape now: room on nodes that are there or coming, and offerings that may be
// bought within the limits. An estimate, for choosing among zones: which node takes what is decided later.
import type { Offering } from '../../values/offering.ts';
import { addUsage } from '../../records/pool.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { fits, tasksOn } from '../../values/resources.ts';
import { effectivePrice } from '../compile.ts';
import { isWithin, usageOf } from '../../records/limits.ts';
import type { Bin, Demand } from '../types.ts';
import type { ZoneContext } from './zone-context.ts';

/** What so many tasks would find in a zone: those that have no room there now, and what the others would cost. */
export interface ZoneOffer {
  readonly withoutRoom: number;
  readonly usdPerHour: number;
}

/** One node that could be bought: how many of the tasks it carries, at which price. */
interface Choice {
  readonly tasks: number;
  readonly usdPerHour: number;
}

interface OpenBin {
  readonly bin: Bin;
  free: Resources;
  freeTasks: number;
  /** Groups of tasks that were dealt to it. */
  readonly dealt: Set<string>;
  /** Whose tasks it has; undefined: nobody's, or that does not matter. */
  tenant: string | undefined;
}

export class ZoneMarket {
  readonly #context: ZoneContext;
  readonly #bins = new Map<string, OpenBin[]>();
  /** What one node of it still is within the limits. */
  readonly #buyable: readonly Offering[];
  readonly #choices = new Map<string, Map<string, readonly Choice[]>>();

  constructor(context: ZoneContext) {
    this.#context = context;
    const { bins, usage, pool, unavailable } = context.input;
    const isOut = new Set(unavailable);
    this.#buyable = context.offerings.filter(
      (one) => !isOut.has(one) && isWithin(addUsage(usage, usageOf(one)), pool.limits),
    );
    for (const bin of bins) {
      const zone = this.#bins.get(bin.offering.zone) ?? [];
      zone.push({ bin, free: bin.free, freeTasks: bin.freeTasks, dealt: new Set(), tenant: bin.tenant });
      this.#bins.set(bin.offering.zone, zone);
    }
  }

  /** How many more of its tasks the zone can take; Infinity where nodes for them can be bought. */
  roomIn(demand: Demand, zone: string): number {
    if (this.#choicesOf(demand, zone).length > 0) return Infinity;
    return this.#roomOnBins(demand, zone);
  }

  offerFor(demand: Demand, count: number, zone: string): ZoneOffer {
    const open = count - Math.min(count, this.#roomOnBins(demand, zone));
    const choices = this.#choicesOf(demand, zone);
    if (open === 0) return { withoutRoom: 0, usdPerHour: 0 };
    if (choices.length === 0) return { withoutRoom: open, usdPerHour: 0 };
    return {
      withoutRoom: 0,
      usdPerHour: choices.reduce(
        (least, one) => Math.min(least, Math.ceil(open / one.tasks) * one.usdPerHour),
        Infinity,
      ),
    };
  }

  /** Tasks were dealt to the zone: they use what is free on its nodes first. */
  take(demand: Demand, zone: string, count: number): void {
    let left = count;
    for (const one of this.#bins.get(zone) ?? []) {
      if (left === 0) break;
      const share = Math.min(left, this.#roomOn(demand, one));
      if (share === 0) continue;
      left -= share;
      const { cpuMilli, memoryMib, gpu } = demand.resources;
      one.free = {
        cpuMilli: one.free.cpuMilli - share * cpuMilli,
        memoryMib: one.free.memoryMib - share * memoryMib,
        gpu: one.free.gpu - share * gpu,
      };
      one.freeTasks -= share;
      if (this.#context.input.pool.isTenantPerNode === true) one.tenant = demand.tenant;
      if (demand.group !== undefined) one.dealt.add(demand.group);
    }
  }

  #roomOnBins(demand: Demand, zone: string): number {
    let room = 0;
    for (const one of this.#bins.get(zone) ?? []) room += this.#roomOn(demand, one);
    return room;
  }

  #roomOn(demand: Demand, { bin, free, freeTasks, dealt, tenant }: OpenBin): number {
    const isOthers = this.#context.input.pool.isTenantPerNode === true && (tenant ?? demand.tenant) !== demand.tenant;
    if (
      freeTasks <= 0
      || isOthers
      || !fits(demand.resources, free)
      || unmetRequirement(this.#context.requirementsOf(demand), bin.offering) !== null
    )
      return 0;
    if (demand.group !== undefined && bin.antiAffinityGroups.includes(demand.group)) return 0;
    const apart = (demand.antiAffinity ?? []).filter((one) => one.topology === 'node');
    if (apart.some(({ group }) => (bin.groups[group] ?? 0) > 0 || dealt.has(group))) return 0;
    return apart.some(({ group }) => group === demand.group) ? 1 : tasksOn(demand.resources, free, freeTasks);
  }

  #choicesOf(demand: Demand, zone: string): readonly Choice[] {
    const { cpuMilli, memoryMib, gpu } = demand.resources;
    const requirements = this.#context.requirementsOf(demand);
    const isAlone = (demand.antiAffinity ?? []).some((one) => one.topology === 'node' && one.group === demand.group);
    const key =
      `${String(cpuMilli)},${String(memoryMib)},${String(gpu)};${isAlone ? '1' : ''};`
      + `${requirementsKey(requirements)}`;
    let byZone = this.#choices.get(key);
    if (!byZone) {
      byZone = this.#choose(demand, isAlone ? 1 : this.#context.input.pool.tasksPerNode);
      this.#choices.set(key, byZone);
    }
    return byZone.get(zone) ?? [];
  }

  /** Per zone and number of tasks that a node carries, the cheapest node. */
  #choose(demand: Demand, tasksMax: number): Map<string, readonly Choice[]> {
    const requirements = this.#context.requirementsOf(demand);
    const best = new Map<string, Map<number, number>>();
    for (const offering of this.#buyable) {
      const { allocatable } = offering.type;
      if (!fits(demand.resources, allocatable) || unmetRequirement(requirements, offering) !== null) continue;
      const tasks = tasksOn(demand.resources, allocatable, tasksMax);
      if (tasks === 0) continue;
      const of = best.get(offering.zone) ?? new Map<number, number>();
      const usdPerHour = effectivePrice(offering, this.#context.input.perNodeOverheadUsdPerHour ?? 0);
      if (usdPerHour < (of.get(tasks) ?? Infinity)) of.set(tasks, usdPerHour);
      best.set(offering.zone, of);
    }
    return new Map(
      [...best].map(([zone, of]) => [zone, [...of].map(([tasks, usdPerHour]) => ({ tasks, usdPerHour }))]),
    );
  }
}
