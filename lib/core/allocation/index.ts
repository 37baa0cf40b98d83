/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// The allocation engine: which tasks go to which node, and what to buy for the rest. One pass, in this order:
// serve (ordering), wish (preferences), settle zones, bundle, use what is there, buy, keep limits, deal, prove.
import type { Offering } from '../values/offering.ts';
import { addUsage, sumUsage } from '../records/pool.ts';
import type { Usage } from '../records/pool.ts';
import { requirementsKey, says, unmetRequirement } from '../values/requirements.ts';
import type { Requirements } from '../values/requirements.ts';
import { clamp } from './constraints/clamp.ts';
import { compile, noPenalties } from './compile.ts';
import type { Unit } from './compile.ts';
import { explainUnplaced } from './reasons/explain.ts';
import type { Block } from './reasons/explain.ts';
import { isWithin, reservedBy } from '../records/limits.ts';
import { countingTaken } from './constraints/paid-room.ts';
import { launchesOf, usageOfBatches } from './launches.ts';
import { coefficientsOf, constraintPricesOf, isByPriceAlone, listPriceBound } from './packing/lower-bound.ts';
import { orderOf } from './ordering/index.ts';
import type { Turn } from './ordering/order.ts';
import { placeOnBins } from './place.ts';
import { honourPreferences } from './constraints/preferences.ts';
import { firstProvision, improved } from './provision.ts';
import type { FirstProvision, Provision } from './provision.ts';
import { costOf } from './packing/dive.ts';
import type { Batch } from './packing/dive.ts';
import type { Problem } from './compile.ts';
import { violatedConstraints } from './constraints/violated-constraints.ts';
import { askedApart, isWorthIt } from './constraints/replicas-apart.ts';
import { bundle } from './constraints/together.ts';
import type { AllocationInput, AllocationPlan, Demand, PlannedLaunch, TaskShare } from './types.ts';
import type { WorkingCopy } from './working-copy.ts';
import { assignZones } from './constraints/zones.ts';
import type { Refused } from './constraints/zones.ts';
import type { ZoneContext } from './constraints/zone-context.ts';

export type * from './types.ts';

/** Why tasks were left out of a plan that was made again, by the plan that showed it. */
type Blocked = Map<Demand, Block>;

/** Plans are made again without tasks whose relations the limits broke, at most so often. */
const retriesMax = 12;

export function allocate(input: AllocationInput): AllocationPlan {
  const plan = allocateAsAsked(input);
  const wish = askedApart(input, plan);
  if (wish === null) return plan;
  const apart = allocateAsAsked(wish);
  return isWorthIt(apart, plan) ? apart : plan;
}

function allocateAsAsked(input: AllocationInput): AllocationPlan {
  const offerings = soldTo(input.pool, input.offerings);
  const turns = orderOf(input);
  const wished = honourPreferences(input, offerings, turns);
  const everything = [...offerings, ...soldTo(input.pool, input.unavailable)];
  const context: ZoneContext = { requirementsOf: wished, offerings: everything, input };
  const kept = checkConstraints(input, offerings, context, turns);
  const lost = waitingForPreferences(kept, input, wished);
  if (lost.size === 0) return planOf(input, offerings, kept, turns, context);
  // A wish is no reason to wait: where it leaves no place, the task is planned without it.
  const plain: ZoneContext = {
    ...context,
    requirementsOf: (demand) => (lost.has(demand) ? demand.requirements : wished(demand)),
  };
  return planOf(input, offerings, checkConstraints(input, offerings, plain, turns), turns, plain);
}

/** By list, then by what a pool asks: tick after tick asks for the same while nothing is refused. */
const soldLists = new WeakMap<readonly Offering[], Map<string, readonly Offering[]>>();
const soldListsMax = 16;

function soldTo(
  { requirements, maxNodeVcpu = Infinity }: AllocationInput['pool'],
  offerings: readonly Offering[],
): readonly Offering[] {
  const key = `${String(maxNodeVcpu)} ${requirementsKey(requirements)}`;
  const lists = soldLists.get(offerings) ?? new Map<string, readonly Offering[]>();
  const known = lists.get(key);
  if (known) return known;
  const sold = offerings.filter((one) => unmetRequirement(requirements, one) === null && one.type.vcpu <= maxNodeVcpu);
  if (lists.size >= soldListsMax) lists.clear();
  soldLists.set(offerings, lists.set(key, sold));
  return sold;
}

interface Kept {
  readonly copy: WorkingCopy;
  readonly blocked: Blocked;
}

/** Gangs and relations over zones hold for what is placed: where limits cut them, the plan is made again for less. */
function checkConstraints(
  input: AllocationInput,
  offerings: readonly Offering[],
  context: ZoneContext,
  turns: readonly Turn[],
): Kept {
  const allowed = new Map<Demand, number>();
  const blocked: Blocked = new Map();
  let copy = copyOf(input, offerings, context, turns, allowed);
  for (let retry = 1; ; retry++) {
    const broken = violatedConstraints(copy, input, context, retry >= retriesMax);
    if (broken.length === 0) break;
    for (const { demand, keep } of broken) {
      allowed.set(demand, keep);
      if (!blocked.has(demand))
        blocked.set(demand, blockOf(copy, demand, context) ?? groupBlockOf(copy, demand, context));
    }
    copy = copyOf(input, offerings, context, turns, allowed);
  }
  // Who gave way first may fit after all, beside what is left now that others gave way, too.
  let chances = secondChancesMax;
  for (const [demand, keep] of allowed) {
    const uneven = mayBeUneven(demand) ? { uneven: new Set([demand]) } : {};
    if (chances === 0) break;
    if (allowed.size < 2 && !uneven.uneven) continue;
    chances -= 1;
    const more = new Map(allowed);
    more.delete(demand);
    const next = copyOf(input, offerings, { ...context, ...uneven }, turns, more);
    if (
      next.refused.some((one) => one.demand === demand)
      || placedOf(next, demand) <= keep
      || violatedConstraints(next, input, context, false).length > 0
    )
      continue;
    allowed.delete(demand);
    copy = next;
  }
  return { copy, blocked };
}

/** All its tasks or none, and not as many in each zone: where there is little room it fills nodes instead. */
function mayBeUneven({ gang, group, spread = [] }: Demand): boolean {
  const isOwn = (one: (typeof spread)[number]) => one.topology === 'zone' && one.group === group && one.maxSkew > 1;
  return gang === true && spread.some(isOwn);
}

/** Plans are made again for so many of those that gave way. */
const secondChancesMax = 4;

function placedOf(copy: WorkingCopy, demand: Demand): number {
  let placed = 0;
  for (const [at, unit] of copy.units.entries()) {
    const parts = unit.parts?.find((part) => part.demandId === demand.id)?.count ?? (unit.demand === demand ? 1 : 0);
    placed += parts * (unit.count - copy.waiting[at]!);
  }
  return placed;
}

/** Demands that wait, in part or whole, for nodes as they wish them. */
function waitingForPreferences(
  { copy }: Kept,
  input: AllocationInput,
  wished: (demand: Demand) => Requirements,
): ReadonlySet<Demand> {
  return new Set(
    input.demand.filter(
      (demand) =>
        (demand.preferences?.length ?? 0) > 0
        && wished(demand) !== demand.requirements
        && placedOf(copy, demand) < demand.count,
    ),
  );
}

function copyOf(
  input: AllocationInput,
  offerings: readonly Offering[],
  context: ZoneContext,
  turns: readonly Turn[],
  allowed: ReadonlyMap<Demand, number>,
  isThrifty = true,
): WorkingCopy {
  const open = new Map(allowed);
  const admitted =
    allowed.size === 0
      ? turns
      : turns.flatMap(({ demand, count }) => {
          const share = Math.min(count, open.get(demand) ?? Infinity);
          if (open.has(demand)) open.set(demand, (open.get(demand) ?? 0) - share);
          return share > 0 ? [{ demand, count: share }] : [];
        });
  const zoned = assignZones(admitted, context);
  const bundled = bundle(zoned.units, input, offerings);
  const { units } = bundled;
  const problem = compile(units, offerings, input, noPenalties);
  const place = new Map([
    ...leftOut(input, turns, allowed).map((demand) => [demand.id, unitsAhead(demand, turns, units)] as const),
    ...zoned.refused.map(({ demand, unitsBefore = 0 }) => [demand.id, unitsBefore] as const),
  ]);
  const placed = placeOnBins(input, problem, { units, place }, isThrifty);
  const left = placed.left.map((count, unit) =>
    problem.isCarried[problem.kindOfUnit[unit]!] === 1 && units[unit]!.mustJoin === undefined ? count : 0,
  );
  const waiting = placed.left.map((count, unit) => count - left[unit]!);
  const byKind = new Int32Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) byKind[problem.kindOfUnit[unit]!]! += left[unit]!;
  const copy = { units, placed, refused: [...zoned.refused, ...bundled.refused] };
  if (left.every((count) => count === 0))
    return { ...copy, problem, batches: [], proof: null, bought: left, waiting, first: null };
  const provision = firstProvision(problem, byKind);
  const counted = countingTaken(input, placed.byBin);
  const bought = withinLimits(counted, problem, provision);
  if (bought !== null) return { ...copy, problem, ...bought, bought: left, waiting, first: provision };
  // Before tasks wait for room within the limits, they take what is there at any price.
  if (placed.isThrifty) return copyOf(input, offerings, context, turns, allowed, false);
  const clamped = clamp(counted, problem, offerings, units, left, provision);
  return {
    ...copy,
    first: null,
    problem: clamped.problem,
    batches: clamped.batches,
    proof: null,
    bought: left.map((count, unit) => count - clamped.waiting[unit]!),
    waiting: waiting.map((count, unit) => count + clamped.waiting[unit]!),
  };
}

/** Demands for which bins are kept and that this plan is made without: who is served before them may use the bins. */
function leftOut({ bins }: AllocationInput, turns: readonly Turn[], allowed: ReadonlyMap<Demand, number>): Demand[] {
  const kept = new Set(bins.flatMap((bin) => bin.kept?.demandId ?? []));
  return [...new Set(turns.map((turn) => turn.demand))].filter(
    (demand) => kept.has(demand.id) && allowed.get(demand) === 0,
  );
}

/** How many units are of turns before its first. */
function unitsAhead(demand: Demand, turns: readonly Turn[], units: readonly Unit[]): number {
  const ahead = new Map<string, number>();
  for (const turn of turns) {
    if (turn.demand === demand) break;
    ahead.set(turn.demand.id, (ahead.get(turn.demand.id) ?? 0) + turn.count);
  }
  let count = 0;
  for (const unit of units) {
    const [id = ''] = unit.parts?.map((part) => part.demandId) ?? [unit.demand.id];
    const left = ahead.get(id) ?? 0;
    if (left <= 0) continue;
    ahead.set(id, left - unit.count * (unit.parts?.find((part) => part.demandId === id)?.count ?? 1));
    count += 1;
  }
  return count;
}

/** The first plan, or where only its price is over the limit a cheaper one; null: neither is within the limits. */
function withinLimits(input: AllocationInput, problem: Problem, first: FirstProvision): Provision | null {
  const { limits } = input.pool;
  const usageWith = (batches: readonly Batch[]): Usage => addUsage(input.usage, usageOfBatches(problem, batches));
  const usage = usageWith(first.batches);
  if (isWithin(usage, limits)) return first;
  const { usdPerHour = Infinity, ...others } = limits;
  const share = problem.market.reduce((least, one) => Math.min(least, one.offering.priceUsdPerHour / one.effective), 1);
  if (!isWithin(usage, others) || input.usage.usdPerHour + first.proof.bound * share > usdPerHour) return null;
  const cheaper = improved(problem, first, input);
  return isWithin(usageWith(cheaper.batches), limits) ? cheaper : null;
}

/** The plan that is kept, after the search for cheaper nodes: the same tasks, within the same limits. */
function searched(input: AllocationInput, copy: WorkingCopy): WorkingCopy {
  if (copy.first === null || copy.proof === null) return copy;
  const { batches, proof } = improved(copy.problem, copy.first, input);
  const isCheaper = costOf(copy.problem, batches) <= costOf(copy.problem, copy.batches);
  const { usage } = countingTaken(input, copy.placed.byBin);
  const isKept = isCheaper && isWithin(addUsage(usage, usageOfBatches(copy.problem, batches)), input.pool.limits);
  return { ...copy, batches: isKept ? batches : copy.batches, proof };
}

function planOf(
  input: AllocationInput,
  offerings: readonly Offering[],
  kept: Kept,
  turns: readonly Turn[],
  context: ZoneContext,
): AllocationPlan {
  const { blocked } = kept;
  const copy = searched(input, kept.copy);
  const { units, problem, placed, batches, bought, proof } = copy;
  const counted = countingTaken(input, placed.byBin);
  const launches = launchesOf(counted, problem, units, bought, batches, placed.byBin);
  const costUsdPerHour = launches.reduce((sum, one) => sum + one.count * one.offerings[0]!.priceUsdPerHour, 0);
  const served = bought.map((count, unit) => count + units[unit]!.count - placed.left[unit]!);
  // Zones and bundles were decided on the way; the bound must hold for every other decision, too.
  const isDecided = units.some((unit) => unit.zone !== null || unit.parts !== undefined);
  let known = proof === null ? null : { problem, proof };
  // Where all zones sell the same, a liquid costs the same in any of them: the fluid part of the proof holds as it is.
  if (isDecided && known !== null)
    known =
      input.bins.length === 0 && isByPriceAlone(input) && isSameInAllZones(offerings, units)
        ? { problem, proof: { ...known.proof, bound: known.proof.fluidBound } }
        : null;
  const free = isDecided && known === null ? undecided(input, units, served) : { units, served };
  const lowerBoundUsdPerHour =
    launches.length === 0
      ? 0
      : Math.min(costUsdPerHour, listPriceBound(input, offerings, free.units, free.served, known));
  const gap =
    costUsdPerHour === 0 ? 0 : lowerBoundUsdPerHour > 0 ? 100 * (costUsdPerHour / lowerBoundUsdPerHour - 1) : null;
  const byKind = new Int32Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) byKind[problem.kindOfUnit[unit]!]! += bought[unit]!;
  return {
    placements: placed.byBin.map(({ bin, units: shares }) => ({ binId: bin.id, tasks: sharesOf(units, shares) })),
    launches,
    unplaced: unplacedOf(input, copy, turns, { blocked, context, usage: usageAfter(counted, launches) }),
    costUsdPerHour,
    lowerBoundUsdPerHour,
    gapPercent: gap,
    coefficients: proof === null ? null : coefficientsOf(problem, proof.fluid, byKind),
    ...(proof === null || problem.groups.length === 0
      ? {}
      : { constraintPrices: constraintPricesOf(problem, proof.fluid, byKind) }),
  };
}

function isSameInAllZones(offerings: readonly Offering[], units: readonly Unit[]): boolean {
  if (units.some((unit) => unit.parts !== undefined || says(unit.requirements, 'zone'))) return false;
  const zones = new Set(offerings.map((one) => one.zone)).size;
  const sold = new Map<string, { price: number; zones: number }>();
  for (const { type, capacityType, priceUsdPerHour } of offerings) {
    const key = `${type.name} ${capacityType}`;
    const same = sold.get(key) ?? { price: priceUsdPerHour, zones: 0 };
    if (same.price !== priceUsdPerHour) return false;
    same.zones += 1;
    sold.set(key, same);
  }
  return [...sold.values()].every((one) => one.zones === zones);
}

/** The served tasks as they were asked for: in no zone yet, and each by itself. */
function undecided(
  input: AllocationInput,
  units: readonly Unit[],
  served: Int32Array,
): { units: Unit[]; served: Int32Array } {
  const demandById = new Map(input.demand.map((demand) => [demand.id, demand]));
  const free: Unit[] = [];
  for (const [at, unit] of units.entries()) {
    const count = served[at]!;
    if (unit.parts === undefined)
      free.push({ demand: unit.demand, count, requirements: unit.requirements, zone: null });
    else
      for (const part of unit.parts) {
        const demand = demandById.get(part.demandId)!;
        free.push({ demand, count: count * part.count, requirements: demand.requirements, zone: null });
      }
  }
  return { units: free, served: Int32Array.from(free, (unit) => unit.count) };
}

/**
 * In serving order: what is written first is what was served first, also where only a part of it
 * comes to be written.
 */
function sharesOf(units: readonly Unit[], shares: readonly (readonly [number, number])[]): TaskShare[] {
  const tasks = new Map<string, number>();
  for (const [unit, count] of shares) {
    for (const part of units[unit]!.parts ?? [{ demandId: units[unit]!.demand.id, count: 1 }]) {
      tasks.set(part.demandId, (tasks.get(part.demandId) ?? 0) + count * part.count);
    }
  }
  return [...tasks].map(([demandId, count]) => ({ demandId, count }));
}

/** What the pool holds once the launches are made, each at its largest offering. */
function usageAfter(input: AllocationInput, launches: readonly PlannedLaunch[]): Usage {
  return addUsage(input.usage, sumUsage(launches.map((one) => reservedBy(one.offerings, one.count))));
}

interface Story {
  readonly blocked: Blocked;
  readonly context: ZoneContext;
  readonly usage: Usage;
}

/** One record per demand that has tasks without a place, in serving order. */
function unplacedOf(
  input: AllocationInput,
  copy: WorkingCopy,
  turns: readonly Turn[],
  { blocked, context, usage }: Story,
): AllocationPlan['unplaced'] {
  const wanted = input.demand.reduce((sum, one) => sum + one.count, 0);
  let given = 0;
  for (const [at, unit] of copy.units.entries())
    given += (unit.count - copy.waiting[at]!) * (unit.parts?.reduce((sum, one) => sum + one.count, 0) ?? 1);
  if (given === wanted) return [];
  const served = new Map<string, number>();
  for (const [at, unit] of copy.units.entries()) {
    const count = unit.count - copy.waiting[at]!;
    for (const part of unit.parts ?? [{ demandId: unit.demand.id, count: 1 }])
      served.set(part.demandId, (served.get(part.demandId) ?? 0) + count * part.count);
  }
  const demands = [...new Set(turns.map((turn) => turn.demand))];
  let gangs = 0;
  return demands.flatMap((demand) => {
    const count = demand.count - (served.get(demand.id) ?? 0);
    if (count <= 0) return [];
    let block = blocked.get(demand) ?? blockOf(copy, demand, context) ?? plainBlock(demand, context);
    if (demand.gang === true && !block.isClosed && gangs < gangsMeasuredMax) {
      gangs += 1;
      block = { ...block, together: usageOfGang(input, demand, context) };
    }
    return [explainUnplaced(input, demand, count, block, usage)];
  });
}

/** What a gang would need is a plan of its own: it is made for so many of those that wait. */
const gangsMeasuredMax = 8;

/** What nodes for all of its tasks would count against the limits, if there were none. */
function usageOfGang(input: AllocationInput, demand: Demand, context: ZoneContext): Usage | null {
  const alone = { ...input, demand: [demand], bins: [], pool: { ...input.pool, limits: {} } };
  const copy = copyOf(
    alone,
    context.offerings,
    { ...context, input: { ...alone, unavailable: [] } },
    [{ demand, count: demand.count }],
    new Map(),
  );
  return copy.batches.length === 0 ? null : usageOfBatches(copy.problem, copy.batches);
}

function plainBlock(demand: Demand, context: ZoneContext): Block {
  return {
    ask: { resources: demand.resources, requirements: context.requirementsOf(demand), zones: null },
    relation: null,
    isClosed: false,
    together: null,
  };
}

interface CopyIndex {
  readonly refused: ReadonlyMap<Demand, Refused>;
  /** By demand, the first unit with tasks of it that waits. */
  readonly waiting: ReadonlyMap<string, Unit>;
}

const indexes = new WeakMap<WorkingCopy, CopyIndex>();

function indexOf(copy: WorkingCopy): CopyIndex {
  const known = indexes.get(copy);
  if (known) return known;
  const refused = new Map<Demand, Refused>();
  for (const one of copy.refused) if (!refused.has(one.demand)) refused.set(one.demand, one);
  const waiting = new Map<string, Unit>();
  for (const [at, unit] of copy.units.entries()) {
    if (copy.waiting[at]! === 0) continue;
    for (const id of [unit.demand.id, ...(unit.parts ?? []).map((part) => part.demandId)])
      if (!waiting.has(id)) waiting.set(id, unit);
  }
  const index = { refused, waiting };
  indexes.set(copy, index);
  return index;
}

/** What kept a demand's tasks from a place in this draft; null: they have one, or are not in it. */
function blockOf(copy: WorkingCopy, demand: Demand, context: ZoneContext): Block | null {
  const refused = indexOf(copy).refused.get(demand);
  const plain = plainBlock(demand, context);
  if (refused)
    return {
      ...plain,
      ask: { ...plain.ask, zones: refused.zones ?? null },
      relation: refused.detail,
      isClosed: refused.zones === undefined,
    };
  const unit = indexOf(copy).waiting.get(demand.id);
  if (unit !== undefined) {
    const ask = {
      resources: unit.demand.resources,
      requirements: unit.requirements,
      zones: unit.zone === null ? null : [unit.zone],
    };
    if (unit.mustJoin !== undefined) {
      return {
        ask,
        relation:
          `It must share a node with tasks of ${unit.mustJoin.join(', ')}, and where they run `
          + 'is no room for it now.',
        isClosed: true,
        together: null,
      };
    }
    return {
      ask,
      relation: unit.zone === null ? null : `Its relations to other tasks put it in ${unit.zone}.`,
      isClosed: false,
      together: null,
    };
  }
  return null;
}

/** A demand that had to give way though its own tasks had places: for the sake of a group of which others have none. */
function groupBlockOf(copy: WorkingCopy, demand: Demand, context: ZoneContext): Block {
  const plain = plainBlock(demand, context);
  const others = new Set([
    ...copy.refused.map((one) => one.demand),
    ...copy.units.filter((_, at) => copy.waiting[at]! > 0).map((unit) => unit.demand),
  ]);
  for (const other of others) {
    const block =
      other.group !== undefined
      && (other.group === demand.group || (demand.affinity ?? []).some((one) => one.group === other.group))
        ? blockOf(copy, other, context)
        : null;
    if (block)
      return {
        ...plain,
        ask: { ...plain.ask, zones: block.ask.zones },
        relation: `It keeps level or together with group ${other.group ?? ''}, which waits.`,
        isClosed: block.isClosed,
      };
  }
  return {
    ...plain,
    relation: 'Its relations to other tasks leave no place for it beside what is placed.',
    isClosed: true,
  };
}
