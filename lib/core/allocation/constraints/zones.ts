// Relations over zones (spread, affinity, anti-affinity) are settled before any node is chosen: every task that
// such a relation touches is given its zone, in serving order, so that nodes only have to be of that zone. Where the
// relation leaves a choice, a zone that has room now is chosen, and the cheapest of these (zone-market.ts).
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Unit } from '../compile.ts';
import type { Turn } from '../ordering/order.ts';
import type { Demand } from '../types.ts';
import type { ZoneContext } from './zone-context.ts';
import { ZoneMarket } from './zone-market.ts';

/** Tasks that are not placed because of a relation to others. */
export interface Refused {
  readonly demand: Demand;
  readonly count: number;
  /** What the relation is and why it leaves no place; one sentence. */
  readonly detail: string;
  /** The only zones that the relation leaves, none of which has room now. Absent: it leaves no place at all. */
  readonly zones?: readonly string[];
  /** So many units were served before it. */
  readonly unitsBefore?: number;
}

export interface Zoned {
  readonly units: Unit[];
  readonly refused: Refused[];
}

export function assignZones(turns: readonly Turn[], context: ZoneContext): Zoned {
  const { requirementsOf } = context;
  const groups = new Set<string>();
  for (const { demand } of turns) for (const one of zoneRelations(demand)) groups.add(one.group);
  for (const { zoneAntiAffinityGroups = [] } of [...context.input.bins, ...(context.input.closed ?? [])])
    for (const group of zoneAntiAffinityGroups) groups.add(group);
  if (groups.size === 0) {
    return {
      units: turns.map(({ demand, count }) => ({ demand, count, requirements: requirementsOf(demand), zone: null })),
      refused: [],
    };
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
        for (const [zone, share] of dealt.zones)
          units.push({ demand, count: share, requirements: requirementsOf(demand), zone });
        if (dealt.refused > 0) refused.push({ demand, count: dealt.refused, unitsBefore: units.length, ...dealt.why });
      }
    }
    open = waiting;
  }
  return { units, refused };
}

function zoneRelations(demand: Demand): { readonly group: string; readonly kind: string }[] {
  const { spread = [], affinity = [], antiAffinity = [] } = demand;
  return [
    ...spread.map((one) => ({ ...one, kind: 'spread' })),
    ...affinity.map((one) => ({ ...one, kind: 'affinity' })),
    ...antiAffinity.map((one) => ({ ...one, kind: 'anti-affinity' })),
  ].filter((one) => one.topology === 'zone');
}

/** So many followers of a group have a say in which zone it gets. */
const followersMax = 32;

/** How many tasks of each group each zone has, what runs and what was dealt. */
class Board {
  readonly #context: ZoneContext;
  readonly #count = new Map<string, Map<string, number>>();
  /** Zones from which a group is kept away by tasks that run there or were dealt there. */
  readonly #repelled = new Map<string, Set<string>>();
  readonly #dealt = new Map<string, number>();
  readonly #domains = new Map<string, string[]>();
  readonly #market: ZoneMarket;
  /** Who wants to be in the zone of a group that it is not of. */
  readonly #followers = new Map<string, Turn[]>();
  /** A spread constraint holds for its whole group: over all zones where such a task could run. */
  readonly #spread = new Map<string, { maxSkew: number; zones: Set<string> }>();

  constructor(context: ZoneContext, turns: readonly Turn[]) {
    this.#context = context;
    this.#market = new ZoneMarket(context);
    for (const turn of turns) {
      const { demand } = turn;
      for (const one of demand.affinity ?? []) {
        if (one.topology !== 'zone' || one.group === demand.group) continue;
        const known = this.#followers.get(one.group);
        if (!known) this.#followers.set(one.group, [turn]);
        else if (known.length < followersMax) known.push(turn);
      }
      for (const { topology, group, maxSkew } of demand.spread ?? []) {
        if (topology !== 'zone' || group !== demand.group) continue;
        const known = this.#spread.get(group) ?? { maxSkew, zones: new Set<string>() };
        // A wish is no reason to count fewer.
        for (const zone of this.#domainOf(demand, demand.requirements)) known.zones.add(zone);
        this.#spread.set(group, { maxSkew: Math.min(maxSkew, known.maxSkew), zones: known.zones });
      }
    }
    for (const { offering, groups, zoneAntiAffinityGroups = [] } of context.input.bins)
      this.#addRunning(offering.zone, groups, zoneAntiAffinityGroups);
    for (const { zone, groups, zoneAntiAffinityGroups } of context.input.closed ?? [])
      this.#addRunning(zone, groups, zoneAntiAffinityGroups);
  }

  #addRunning(zone: string, groups: Readonly<Record<string, number>>, repelled: readonly string[]): void {
    for (const [group, count] of Object.entries(groups)) this.#add(group, zone, count);
    for (const group of repelled) this.#repel(group, zone);
  }

  #repel(group: string, zone: string): void {
    const repelled = this.#repelled.get(group) ?? new Set<string>();
    repelled.add(zone);
    this.#repelled.set(group, repelled);
  }

  mustWait(demand: Demand): boolean {
    return (demand.affinity ?? []).some(
      (one) => one.topology === 'zone' && one.group !== demand.group && this.#zonesOf(one.group).length === 0,
    );
  }

  deal(
    demand: Demand,
    count: number,
  ): { zones: Map<string, number>; refused: number; why: Pick<Refused, 'detail' | 'zones'> } {
    const zones = new Map<string, number>();
    const domain = this.#domainOf(demand);
    const spread = demand.group === undefined ? undefined : this.#spread.get(demand.group);
    const repelsItself = (demand.antiAffinity ?? []).some(
      (one) => one.topology === 'zone' && one.group === demand.group,
    );
    const isSingly = spread !== undefined || repelsItself;
    const isEven = spread !== undefined && this.#context.uneven?.has(demand) !== true;
    let left = count;
    let why: Pick<Refused, 'detail' | 'zones'> = { detail: '' };
    while (left > 0) {
      const allowed = domain.filter((zone) => this.#isAllowed(demand, zone));
      const open = allowed.filter((zone) => this.#market.roomIn(demand, zone) > 0);
      if (open.length === 0) {
        why = this.#refusal(demand, left, allowed, domain);
        break;
      }
      // Level zones take equal shares at once; otherwise a spread or anti-affine task is dealt alone.
      const isLevel =
        isEven
        && !repelsItself
        && open.length === domain.length
        && domain.length === spread.zones.size
        && domain.every((one) => this.#countOf(demand.group, one) === this.#countOf(demand.group, domain[0] ?? ''));
      const each = isLevel
        ? Math.min(Math.floor(left / domain.length), ...domain.map((zone) => this.#market.roomIn(demand, zone)))
        : 0;
      if (each > 0) {
        for (const one of domain) this.#put(demand, one, each, zones);
        left -= each * domain.length;
        continue;
      }
      const zone = this.#best(demand, open, isSingly ? 1 : left, isEven);
      const step = isSingly ? 1 : Math.min(left, this.#market.roomIn(demand, zone));
      this.#put(demand, zone, step, zones);
      left -= step;
    }
    return { zones: new Map([...zones].sort((a, b) => (a[0] < b[0] ? -1 : 1))), refused: left, why };
  }

  #refusal(
    demand: Demand,
    count: number,
    allowed: readonly string[],
    domain: readonly string[],
  ): Pick<Refused, 'detail' | 'zones'> {
    const kinds = [...new Set(zoneRelations(demand).map((one) => one.kind))].join(' and ') || 'anti-affinity of others';
    if (allowed.length === 0) {
      const homes = (demand.affinity ?? []).filter(
        (one) => one.topology === 'zone' && one.group !== demand.group && this.#zonesOf(one.group).length === 0,
      );
      const absent = homes.map((one) => one.group).join(', ');
      return {
        detail:
          absent === ''
            ? `Its ${kinds} over zones leaves no zone of ${domain.join(', ')} for ${String(count)} of its tasks.`
            : `It waits for a task of group ${absent}, in whose zone it is to run.`,
      };
    }
    return {
      zones: allowed,
      detail: `Its ${kinds} over zones leaves only ${allowed.join(', ')} for ${String(count)} of its tasks.`,
    };
  }

  #put(demand: Demand, zone: string, count: number, zones: Map<string, number>): void {
    zones.set(zone, (zones.get(zone) ?? 0) + count);
    this.#dealt.set(zone, (this.#dealt.get(zone) ?? 0) + count);
    this.#market.take(demand, zone, count);
    if (demand.group !== undefined) this.#add(demand.group, zone, count);
    for (const one of demand.antiAffinity ?? []) {
      if (one.topology === 'zone') this.#repel(one.group, zone);
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

  /**
   * Of zones with room: spread tasks go where their group is thinnest; others where most of them and of those who
   * follow them have room, then to their own group; then the cheapest, the zone dealt least so far, and by name.
   */
  #best(demand: Demand, open: readonly string[], count: number, isEven: boolean): string {
    const [first = '', ...others] = open;
    if (others.length === 0) return first;
    const followers = demand.group === undefined ? [] : (this.#followers.get(demand.group) ?? []);
    const rank = (zone: string): readonly number[] => {
      const own = this.#countOf(demand.group, zone);
      const offer = this.#market.offerFor(demand, count, zone);
      let [withoutRoom, usdPerHour] = [offer.withoutRoom, offer.usdPerHour];
      for (const one of followers) {
        const theirs = this.#domainOf(one.demand).includes(zone)
          ? this.#market.offerFor(one.demand, one.count, zone)
          : { withoutRoom: one.count, usdPerHour: 0 };
        withoutRoom += theirs.withoutRoom;
        usdPerHour += theirs.usdPerHour;
      }
      return [
        ...(isEven ? [own, withoutRoom] : [withoutRoom, -own]),
        Math.round(usdPerHour * 1e6),
        this.#dealt.get(zone) ?? 0,
      ];
    };
    let best = first;
    let bestRank = rank(first);
    for (const zone of others) {
      const other = rank(zone);
      const at = other.findIndex((value, n) => value !== bestRank[n]);
      if (at >= 0 && (other[at] ?? 0) < (bestRank[at] ?? 0)) [best, bestRank] = [zone, other];
    }
    return best;
  }

  /** Zones where the task could run at all, by name. */
  #domainOf(demand: Demand, requirements = this.#context.requirementsOf(demand)): string[] {
    const { cpuMilli, memoryMib, gpu } = demand.resources;
    const key = `${String(cpuMilli)},${String(memoryMib)},${String(gpu)};${requirementsKey(requirements)}`;
    const known = this.#domains.get(key);
    if (known) return known;
    const zones = new Set<string>();
    const runs = [...this.#context.offerings, ...this.#context.input.bins.map((bin) => bin.offering)];
    for (const offering of runs) {
      const { allocatable } = offering.type;
      if (
        zones.has(offering.zone)
        || cpuMilli > allocatable.cpuMilli
        || memoryMib > allocatable.memoryMib
        || gpu > allocatable.gpu
      )
        continue;
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
