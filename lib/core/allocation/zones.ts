// Relations over zones (spread, affinity, anti-affinity) are settled before any node is chosen: every task that
// such a relation touches is given its zone, in serving order, so that nodes only have to be of that zone.
import { requirementsKey, unmetRequirement } from '../requirements.ts';
import type { Requirements } from '../requirements.ts';
import type { Offering } from '../offering.ts';
import type { Unit } from './compile.ts';
import type { Turn } from './ordering/index.ts';
import type { AllocationInput, Demand } from './types.ts';

/** Tasks that a relation keeps from every zone. */
export interface Refused {
  readonly demand: Demand;
  readonly count: number;
  readonly detail: string;
}

export interface Zoned {
  readonly units: Unit[];
  readonly refused: Refused[];
}

export interface ZoneContext {
  readonly requirementsOf: (demand: Demand) => Requirements;
  /** Offerings that the pool may buy, those out of capacity included: they make the zones. */
  readonly offerings: readonly Offering[];
  readonly input: AllocationInput;
}

export function assignZones(turns: readonly Turn[], context: ZoneContext): Zoned {
  const { requirementsOf } = context;
  const groups = new Set<string>();
  for (const { demand } of turns) for (const one of zoneRelations(demand)) groups.add(one.group);
  if (groups.size === 0) {
    return { units: turns.map(({ demand, count }) => ({ demand, count, requirements: requirementsOf(demand), zone: null })), refused: [] };
  }
  const board = new Board(context, turns);
  const units: Unit[] = [];
  const refused: Refused[] = [];
  let open = turns;
  // A task that wants to be with others waits for them to get their zone; two rounds settle who waits for whom.
  for (const isLast of [false, false, true]) {
    const waiting: Turn[] = [];
    for (const turn of open) {
      const { demand, count } = turn;
      const isTouched = zoneRelations(demand).length > 0 || (demand.group !== undefined && groups.has(demand.group));
      if (!isTouched) {
        units.push({ demand, count, requirements: requirementsOf(demand), zone: null });
      } else if (!isLast && board.mustWait(demand)) {
        waiting.push(turn);
      } else {
        const dealt = board.deal(demand, count);
        for (const [zone, share] of dealt.zones) units.push({ demand, count: share, requirements: requirementsOf(demand), zone });
        if (dealt.refused > 0) {
          refused.push({ demand, count: dealt.refused, detail: `Its spread, affinity or anti-affinity over zones leaves no zone for ${String(dealt.refused)} of its tasks.` });
        }
      }
    }
    open = waiting;
  }
  return { units, refused };
}

function zoneRelations(demand: Demand): { readonly group: string }[] {
  return [...(demand.spread ?? []), ...(demand.affinity ?? []), ...(demand.antiAffinity ?? [])].filter((one) => one.topology === 'zone');
}

/** How many tasks of each group each zone has, what runs and what was dealt. */
class Board {
  readonly #context: ZoneContext;
  readonly #count = new Map<string, Map<string, number>>();
  /** Zones from which a group is kept away by tasks dealt there. */
  readonly #repelled = new Map<string, Set<string>>();
  readonly #dealt = new Map<string, number>();
  readonly #domains = new Map<string, string[]>();
  /** A spread constraint holds for its whole group: over all zones where such a task could run. */
  readonly #spread = new Map<string, { maxSkew: number; zones: Set<string> }>();

  constructor(context: ZoneContext, turns: readonly Turn[]) {
    this.#context = context;
    for (const { demand } of turns) {
      for (const { topology, group, maxSkew } of demand.spread ?? []) {
        if (topology !== 'zone' || group !== demand.group) continue;
        const known = this.#spread.get(group) ?? { maxSkew, zones: new Set<string>() };
        for (const zone of this.#domainOf(demand)) known.zones.add(zone);
        this.#spread.set(group, { maxSkew: Math.min(maxSkew, known.maxSkew), zones: known.zones });
      }
    }
    for (const bin of context.input.bins) {
      for (const [group, count] of Object.entries(bin.groups)) this.#add(group, bin.offering.zone, count);
    }
  }

  mustWait(demand: Demand): boolean {
    return (demand.affinity ?? []).some((one) => one.topology === 'zone' && one.group !== demand.group && this.#zonesOf(one.group).length === 0);
  }

  deal(demand: Demand, count: number): { zones: Map<string, number>; refused: number } {
    const zones = new Map<string, number>();
    const domain = this.#domainOf(demand);
    const spread = demand.group === undefined ? undefined : this.#spread.get(demand.group);
    const repelsItself = (demand.antiAffinity ?? []).some((one) => one.topology === 'zone' && one.group === demand.group);
    let left = count;
    while (left > 0) {
      const allowed = domain.filter((zone) => this.#isAllowed(demand, zone));
      if (allowed.length === 0) break;
      let zone = allowed[0] as string;
      for (const other of allowed) if (this.#isBetter(demand, other, zone, spread !== undefined)) zone = other;
      // Level zones take equal shares at once; otherwise a spread or anti-affine task is dealt alone.
      const isLevel = spread !== undefined && !repelsItself && allowed.length === domain.length && domain.length === spread.zones.size
        && domain.every((one) => this.#countOf(demand.group, one) === this.#countOf(demand.group, zone));
      if (isLevel && left >= domain.length) {
        const each = Math.floor(left / domain.length);
        for (const one of domain) this.#put(demand, one, each, zones);
        left -= each * domain.length;
        continue;
      }
      const step = spread !== undefined || repelsItself ? 1 : left;
      this.#put(demand, zone, step, zones);
      left -= step;
    }
    return { zones: new Map([...zones].sort((a, b) => (a[0] < b[0] ? -1 : 1))), refused: left };
  }

  #put(demand: Demand, zone: string, count: number, zones: Map<string, number>): void {
    zones.set(zone, (zones.get(zone) ?? 0) + count);
    this.#dealt.set(zone, (this.#dealt.get(zone) ?? 0) + count);
    if (demand.group !== undefined) this.#add(demand.group, zone, count);
    for (const one of demand.antiAffinity ?? []) {
      if (one.topology !== 'zone') continue;
      const repelled = this.#repelled.get(one.group) ?? new Set<string>();
      repelled.add(zone);
      this.#repelled.set(one.group, repelled);
    }
  }

  #isAllowed(demand: Demand, zone: string): boolean {
    const { group } = demand;
    for (const one of demand.antiAffinity ?? []) {
      if (one.topology === 'zone' && this.#countOf(one.group, zone) > 0) return false;
    }
    if (group !== undefined && this.#repelled.get(group)?.has(zone) === true) return false;
    for (const one of demand.affinity ?? []) {
      if (one.topology !== 'zone') continue;
      const homes = this.#zonesOf(one.group);
      if (homes.length === 0 ? one.group !== group : !homes.includes(zone)) return false;
    }
    const spread = group === undefined ? undefined : this.#spread.get(group);
    if (spread !== undefined && spread.zones.has(zone)) {
      const least = Math.min(...[...spread.zones].map((other) => this.#countOf(group, other)));
      if (this.#countOf(group, zone) + 1 - least > spread.maxSkew) return false;
    }
    return true;
  }

  /** Spread tasks go where their group is thinnest; others stay with their group; then the zone dealt least so far. */
  #isBetter(demand: Demand, zone: string, than: string, isSpread: boolean): boolean {
    const own = this.#countOf(demand.group, zone) - this.#countOf(demand.group, than);
    if (own !== 0) return isSpread ? own < 0 : own > 0;
    const dealt = (this.#dealt.get(zone) ?? 0) - (this.#dealt.get(than) ?? 0);
    return dealt !== 0 ? dealt < 0 : zone < than;
  }

  /** Zones where the task could run at all, by name. */
  #domainOf(demand: Demand): string[] {
    const { cpuMilli, memoryMib, gpu } = demand.resources;
    const requirements = this.#context.requirementsOf(demand);
    const key = `${String(cpuMilli)},${String(memoryMib)},${String(gpu)};${requirementsKey(requirements)}`;
    const known = this.#domains.get(key);
    if (known) return known;
    const zones = new Set<string>();
    const runs = [...this.#context.offerings, ...this.#context.input.bins.map((bin) => bin.offering)];
    for (const offering of runs) {
      const { allocatable } = offering.type;
      if (zones.has(offering.zone) || cpuMilli > allocatable.cpuMilli || memoryMib > allocatable.memoryMib || gpu > allocatable.gpu) continue;
      if (unmetRequirement(requirements, offering) === null) zones.add(offering.zone);
    }
    const sorted = [...zones].sort();
    this.#domains.set(key, sorted);
    return sorted;
  }

  #zonesOf(group: string): string[] {
    return [...(this.#count.get(group) ?? [])].filter((one) => one[1] > 0).map((one) => one[0]);
  }

  #countOf(group: string | undefined, zone: string): number {
    return group === undefined ? 0 : (this.#count.get(group)?.get(zone) ?? 0);
  }

  #add(group: string, zone: string, count: number): void {
    const zones = this.#count.get(group) ?? new Map<string, number>();
    zones.set(zone, (zones.get(zone) ?? 0) + count);
    this.#count.set(group, zones);
  }
}
