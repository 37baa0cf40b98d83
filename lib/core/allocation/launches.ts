/* eslint-disable @typescript-eslint/no-non-null-assertion -- arrays indexed within their own bounds */
// From filled patterns to launches: real tasks are dealt to nodes (long ones together, so that nodes empty
// together), and each launch names other offerings that could carry the same tasks.
import type { Offering } from '../values/offering.ts';
import { isWithin, reservedBy, usageOf } from '../records/limits.ts';
import { addUsage, noUsage, timesUsage } from '../records/pool.ts';
import type { Usage } from '../records/pool.ts';
import { dimensions, effectivePrice, sizeWeight } from './compile.ts';
import type { Problem, Unit } from './compile.ts';
import type { Batch } from './packing/dive.ts';
import type { Placed } from './place.ts';
import { ReplicaCount } from './placement/replica-count.ts';
import type { AllocationInput, PlannedLaunch, TaskShare } from './types.ts';

/** Other offerings of a launch may cost so much more than the planned one; so may nodes that keep replicas apart. */
export const priceTolerance = 1.25;
/** And by what was learned of them so much. */
const worseTolerance = 1.05;
/** Runners-up named in a launch's reason. */
const runnersUpNamed = 2;

export function usageOfBatches(problem: Problem, batches: readonly Batch[]): Usage {
  let usage = noUsage;
  for (const { pattern, copies } of batches)
    usage = addUsage(usage, timesUsage(usageOf(problem.options[pattern.option]!), copies));
  return usage;
}

interface Lot {
  readonly unit: number;
  left: number;
}

/** `left` tasks of each unit are on the batches' nodes, all of them; `byBin`: those that nodes of now take. */
export function launchesOf(
  input: AllocationInput,
  problem: Problem,
  units: readonly Unit[],
  left: Int32Array,
  batches: readonly Batch[],
  byBin: Placed['byBin'],
): PlannedLaunch[] {
  const duration = Float64Array.from(units, (unit) => unit.demand.expectedDurationMs ?? -1);
  const lots = problem.unitsOfKind.map((list) => {
    const open = list.filter((unit) => left[unit]! > 0);
    // The longest first: the first nodes get the long tasks of every kind, the last nodes the short ones.
    if (open.some((unit) => duration[unit] !== duration[open[0]!]))
      open.sort((a, b) => duration[b]! - duration[a]! || a - b);
    return open.map((unit): Lot => ({ unit, left: left[unit]! }));
  });
  const heads = new Int32Array(problem.kinds);
  const zoning = new ZoneTurns(input, units, byBin);
  let planned = batches.reduce(
    (usage, { pattern, copies }) => addUsage(usage, timesUsage(usageOf(problem.options[pattern.option]!), copies)),
    input.usage,
  );
  const launches: PlannedLaunch[] = [];
  for (const { pattern, copies } of batches) {
    const market = carriersOf(problem, pattern);
    for (let done = 0; done < copies;) {
      // As many equal nodes as the first lots of all kinds can fill.
      let count = copies - done;
      for (let at = 0; at < pattern.kinds.length; at++) {
        const lot = lots[pattern.kinds[at]!]![heads[pattern.kinds[at]!]!]!;
        count = Math.min(count, Math.max(1, Math.floor(lot.left / pattern.counts[at]!)));
      }
      const next = Array.from(pattern.kinds, (kind) => units[lots[kind]![heads[kind]!]!.unit]!);
      if (zoning.areApart(next)) count = Math.min(count, Math.ceil((copies - done) / Math.max(1, market.zones.length)));
      const tasks = new Map<string, number>();
      for (let at = 0; at < pattern.kinds.length; at++)
        dealTo(tasks, lots[pattern.kinds[at]!]!, heads, pattern.kinds[at]!, pattern.counts[at]!, count, units);
      const zone = zoning.next(market.zones, tasks, count);
      const { offerings, reserved } = interchangeable(input, market.offerings, zone, planned, count);
      planned = addUsage(planned, timesUsage(reserved, count));
      launches.push({
        offerings,
        count,
        tasks: [...tasks].map(([demandId, share]): TaskShare => ({ demandId, count: share })),
        reason:
          reasonOf(problem, pattern, offerings[0]!, market.offerings)
          + weighedOf(input, offerings[0]!)
          + passedOverOf(market),
      });
      done += count;
    }
  }
  return launches;
}

/**
 * Zones of equal price take turns where the pool spreads its nodes; and what carries replicas of a service goes where
 * the fewest of them are.
 */
class ZoneTurns {
  readonly #isSpread: boolean;
  readonly #services: ReadonlyMap<string, string>;
  readonly #replicas: ReplicaCount;
  #turn = 0;

  constructor({ pool, demand, bins }: AllocationInput, units: readonly Unit[], byBin: Placed['byBin']) {
    this.#isSpread = pool.placement === 'spread';
    this.#services = new Map(
      demand.flatMap(({ id, service }) => (service === undefined ? [] : [[id, service] as const])),
    );
    this.#replicas = new ReplicaCount(bins);
    if (this.#services.size === 0) return;
    for (const { bin, units: given } of byBin)
      for (const [unit, count] of given) {
        const { service } = units[unit]!.demand;
        if (service !== undefined) this.#replicas.add(service, bin.offering.zone, count);
      }
  }

  /** Nodes that begin with these are not all bought in one zone. */
  areApart(units: readonly Unit[]): boolean {
    return this.#isSpread || units.some(({ demand }) => demand.service !== undefined);
  }

  /** For so many nodes with these tasks each; undefined: whichever is cheapest. */
  next(zones: readonly string[], tasks: ReadonlyMap<string, number>, nodes: number): string | undefined {
    const replicas = [...tasks].flatMap(([id, count]) => {
      const service = this.#services.get(id);
      return service === undefined ? [] : [{ service, count: count * nodes }];
    });
    const zone =
      replicas.length > 0 ? this.#thinnest(zones, replicas) : this.#isSpread ? this.#inTurn(zones) : undefined;
    if (zone !== undefined) for (const { service, count } of replicas) this.#replicas.add(service, zone, count);
    return zone;
  }

  #inTurn(zones: readonly string[]): string | undefined {
    return zones.length === 0 ? undefined : zones[this.#turn++ % zones.length];
  }

  #thinnest(zones: readonly string[], replicas: readonly { readonly service: string }[]): string | undefined {
    const own = (zone: string): number =>
      replicas.reduce((sum, { service }) => sum + this.#replicas.of(service, zone), 0);
    const least = Math.min(...zones.map(own));
    return zones.find((zone) => own(zone) === least);
  }
}

/** Moves `count` tasks for each of `nodes` nodes from the kind's lots; `tasks` gets one node's share. */
function dealTo(
  tasks: Map<string, number>,
  lots: Lot[],
  heads: Int32Array,
  kind: number,
  count: number,
  nodes: number,
  units: readonly Unit[],
): void {
  let open = count;
  while (open > 0) {
    const lot = lots[heads[kind]!]!;
    const share = nodes > 1 ? open : Math.min(open, lot.left);
    lot.left -= share * nodes;
    if (lot.left === 0) heads[kind]! += 1;
    const unit = units[lot.unit]!;
    for (const part of unit.parts ?? [{ demandId: unit.demand.id, count: 1 }]) {
      tasks.set(part.demandId, (tasks.get(part.demandId) ?? 0) + share * part.count);
    }
    open -= share;
  }
}

interface Carriers {
  /** The planned one, then by price as far as launches and reasons need them. */
  readonly offerings: Offering[];
  /** Of those that are as good as the planned one. */
  readonly zones: string[];
  /** Without what was learned this would have been bought in place of the planned one; null: nothing else. */
  readonly passedOver: Offering | null;
}

/** Offerings that can carry a node filled so. */
function carriersOf(problem: Problem, pattern: Batch['pattern']): Carriers {
  const { size, signature, market } = problem;
  const need = new Float64Array(dimensions);
  const words = new Int32Array(Math.ceil(problem.signatures.length / 32));
  for (let at = 0; at < pattern.kinds.length; at++) {
    const kind = pattern.kinds[at]!;
    for (let d = 0; d < dimensions; d++) need[d]! += pattern.counts[at]! * size[kind * dimensions + d]!;
    words[signature[kind]! >> 5]! |= 1 << (signature[kind]! & 31);
  }
  const planned = problem.options[pattern.option]!;
  const offerings: Offering[] = [];
  const others = new Set<string>();
  const isLearned = market.some(({ offering }) => offering.learned !== undefined);
  let passedOver: Offering | null = null;
  let ceiling = Infinity;
  for (const { offering, effective: price, mask } of market) {
    const isEnough = price > ceiling && others.size >= runnersUpNamed;
    if (isEnough && !isLearned) break;
    if (isEnough && offering.learned === undefined) continue;
    const { allocatable } = offering.type;
    if (need[0]! > allocatable.cpuMilli || need[1]! > allocatable.memoryMib || need[2]! > allocatable.gpu) continue;
    let isAllowed = true;
    for (let word = 0; word < words.length; word++) isAllowed &&= (words[word]! & ~mask[word]!) === 0;
    if (!isAllowed) continue;
    if (isWeighedDown(offering, planned) && isCheaper(offering, passedOver ?? planned)) passedOver = offering;
    if (isEnough) continue;
    offerings.push(offering);
    if (offering.type !== planned.type && offering.capacityType === planned.capacityType)
      others.add(offering.type.name);
    if (offering === planned) ceiling = price * priceTolerance;
  }
  const best = offerings.filter(
    (one) =>
      one.type === planned.type
      && one.capacityType === planned.capacityType
      && one.priceUsdPerHour === planned.priceUsdPerHour
      && !isWorse(one, planned),
  );
  // The planned offering leads; under limits a cheaper one may not fit.
  return {
    offerings: [planned, ...offerings.filter((one) => one !== planned)],
    zones: best.map((one) => one.zone).sort(),
    passedOver,
  };
}

function isWeighedDown({ learned }: Offering, than: Offering): boolean {
  return (learned?.factor ?? 1) > (than.learned?.factor ?? 1);
}

/** By what counts where nothing was learned. */
function isCheaper(one: Offering, than: Offering): boolean {
  const plain = ({ learned: _learned, ...known }: Offering): number => effectivePrice(known, 0);
  const more = plain(one) - plain(than);
  return more < 0 || (more === 0 && one.id < than.id);
}

/**
 * By what was learned: the fleet, which knows nothing of it, is not left to choose this one. What is tried again is
 * worse than anything that is not, whatever is hoped of it: only what the plan chose itself is a trial.
 */
export function isWorse({ learned }: Offering, than: Offering): boolean {
  if (learned === undefined) return false;
  if (learned.isTrial === true && than.learned?.isTrial !== true) return true;
  return learned.factor > (than.learned?.factor ?? 1) * worseTolerance;
}

function interchangeable(
  input: AllocationInput,
  carriers: readonly Offering[],
  zone: string | undefined,
  planned: Usage,
  count: number,
): { offerings: Offering[]; reserved: Usage } {
  const first =
    carriers.find(
      (one) => one.zone === zone && one.type === carriers[0]!.type && one.capacityType === carriers[0]!.capacityType,
    ) ?? carriers[0]!;
  const base = usageOf(first);
  const offerings = [first];
  let reserved = base;
  for (const one of carriers) {
    if (offerings.length >= input.offeringsPerLaunch) break;
    if (one === first || one.capacityType !== first.capacityType || one.priceUsdPerHour < first.priceUsdPerHour)
      continue;
    if (isWorse(one, first)) continue;
    if (one.priceUsdPerHour > first.priceUsdPerHour * priceTolerance) break;
    const grown = reservedBy([...offerings, one]);
    // `planned` counts the first offering of every node already; only the increase is new.
    if (!isWithin(addUsage(planned, timesUsage(minus(grown, base), count)), input.pool.limits)) continue;
    offerings.push(one);
    reserved = grown;
  }
  return { offerings, reserved: minus(reserved, base) };
}

function minus(a: Usage, b: Usage): Usage {
  return addUsage(a, timesUsage(b, -1));
}

function reasonOf(problem: Problem, pattern: Batch['pattern'], first: Offering, carriers: readonly Offering[]): string {
  const used = new Float64Array(dimensions);
  let tasks = 0;
  for (let at = 0; at < pattern.kinds.length; at++) {
    tasks += pattern.counts[at]!;
    for (let d = 0; d < dimensions; d++)
      used[d]! += pattern.counts[at]! * problem.size[pattern.kinds[at]! * dimensions + d]!;
  }
  const { allocatable, name } = first.type;
  const percent = (amount: number, of: number): string => `${String(Math.round((100 * amount) / of))} %`;
  const whose = first.isOwnPrice === true ? " (the pool's own price)" : '';
  const runnersUp: string[] = [];
  const seen = new Set([name]);
  for (const one of carriers) {
    if (runnersUp.length === runnersUpNamed) break;
    if (seen.has(one.type.name) || one.capacityType !== first.capacityType) continue;
    seen.add(one.type.name);
    const extra = one.priceUsdPerHour - first.priceUsdPerHour;
    runnersUp.push(`${one.type.name} ${extra < 0 ? '-' : '+'}${usd(Math.abs(extra))}`);
  }
  return (
    `${name} at ${usd(first.priceUsdPerHour)}/h${whose} carries ${String(tasks)} task${tasks === 1 ? '' : 's'}, `
    + `using ${percent(used[0]!, allocatable.cpuMilli)} of its vCPU and `
    + `${percent(used[1]!, allocatable.memoryMib)} of its memory`
    + (allocatable.gpu > 0 ? ` and ${String(used[2]!)} of ${String(allocatable.gpu)} GPU` : '')
    + (runnersUp.length > 0
      ? `; for the same tasks: ${runnersUp.join(', ')} per hour.`
      : '; nothing else within reach can carry the same tasks.')
  );
}

/** Where what was learned changed the choice. */
function passedOverOf({ passedOver }: Carriers): string {
  if (passedOver?.learned === undefined) return '';
  return ` Learned: ${passedOver.id} ${passedOver.learned.because}, and would have been bought otherwise.`;
}

/** What was weighed besides the price per hour. */
function weighedOf({ overTime }: AllocationInput, { type }: Offering): string {
  if (overTime === undefined) return '';
  const { sizeExponent, sizeFloorVcpu, usual } = overTime;
  const small =
    usual === undefined
      ? ''
      : ` Nodes of less than ${String(usual.cpuMilli / 1000)} vCPU or ${String(usual.memoryMib)} MiB, about three `
        + 'usual tasks, count more: few tasks would fill them again.';
  if (sizeExponent === 0) return small;
  const bySize = { sizeExponent, sizeFloorVcpu };
  const twice = { ...type, vcpu: 2 * type.vcpu };
  const more = Math.round(100 * (sizeWeight(twice, bySize) / sizeWeight(type, bySize) - 1));
  const from = sizeFloorVcpu > 1 ? ` from ${String(sizeFloorVcpu)} vCPU on` : '';
  return (
    ` Weighed by cost until it is empty: its tasks last for different times, so a node twice as large counts `
    + `${String(more)} % more per vCPU (size to the power of ${String(Number(sizeExponent.toFixed(3)))}${from}).`
    + small
  );
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
