/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// The allocation engine: which tasks go to which node, and what to buy for the rest. One pass, in this order:
// serve (ordering), wish (preferences), settle zones, bundle, use what is there, buy, keep limits, deal, prove.
import type { Offering } from '../offering.ts';
import { addUsage } from '../pool.ts';
import { unmetRequirement } from '../requirements.ts';
import { clamp } from './clamp.ts';
import { compile, noPenalties } from './compile.ts';
import type { Problem, Unit } from './compile.ts';
import type { Batch } from './dive.ts';
import { explainUnplaced } from './explain.ts';
import { isWithin, launchesOf, usageOfBatches } from './launches.ts';
import { coefficientsOf, constraintPricesOf, listPriceBound } from './lower-bound.ts';
import type { Proof } from './lower-bound.ts';
import { orderOf } from './ordering/index.ts';
import type { Turn } from './ordering/index.ts';
import { placeOnBins } from './place.ts';
import type { Placed } from './place.ts';
import { honourPreferences } from './preferences.ts';
import { provision } from './provision.ts';
import { brokenPromises } from './promises.ts';
import { bundle } from './together.ts';
import type { AllocationInput, AllocationPlan, Demand, TaskShare } from './types.ts';
import { assignZones } from './zones.ts';
import type { Refused, ZoneContext } from './zones.ts';

export type * from './types.ts';

/** Everything decided, before tasks are named. */
export interface Draft {
  readonly units: readonly Unit[];
  readonly problem: Problem;
  readonly placed: Placed;
  readonly batches: readonly Batch[];
  readonly proof: Proof | null;
  /** Tasks of each unit on new nodes, and those that wait. */
  readonly bought: Int32Array;
  readonly waiting: Int32Array;
  readonly refused: readonly Refused[];
}

/** Plans are made again without tasks whose relations the limits broke, at most so often. */
const retriesMax = 12;

export function allocate(input: AllocationInput): AllocationPlan {
  const isSold = (one: Offering): boolean => unmetRequirement(input.pool.requirements, one) === null
    && (input.pool.maxNodeVcpu === undefined || one.type.vcpu <= input.pool.maxNodeVcpu);
  const offerings = input.offerings.filter(isSold);
  const turns = orderOf(input);
  const requirementsOf = honourPreferences(input, offerings, turns);
  const context: ZoneContext = { requirementsOf, offerings: [...offerings, ...input.unavailable.filter(isSold)], input };
  // Gangs and relations over zones hold for what is placed: where limits cut them, the plan is made again for less.
  const allowed = new Map<Demand, number>();
  let draft = draftOf(input, offerings, context, turns, allowed);
  for (let retry = 1; ; retry++) {
    const broken = brokenPromises(draft, input, context, retry >= retriesMax);
    if (broken.length === 0) break;
    for (const { demand, keep } of broken) allowed.set(demand, keep);
    draft = draftOf(input, offerings, context, turns, allowed);
  }
  return planOf(input, offerings, draft, turns);
}

function draftOf(input: AllocationInput, offerings: readonly Offering[], context: ZoneContext, turns: readonly Turn[], allowed: ReadonlyMap<Demand, number>): Draft {
  const open = new Map(allowed);
  const admitted = allowed.size === 0 ? turns : turns.flatMap(({ demand, count }) => {
    const share = Math.min(count, open.get(demand) ?? Infinity);
    if (open.has(demand)) open.set(demand, (open.get(demand) ?? 0) - share);
    return share > 0 ? [{ demand, count: share }] : [];
  });
  const zoned = assignZones(admitted, context);
  const bundled = bundle(zoned.units, input, offerings);
  const { units } = bundled;
  const problem = compile(units, offerings, input, noPenalties);
  const placed = placeOnBins(input, problem, units);
  const left = placed.left.map((count, unit) => (problem.isCarried[problem.kindOfUnit[unit]!] === 1 && units[unit]!.mustJoin === undefined ? count : 0));
  const waiting = placed.left.map((count, unit) => count - left[unit]!);
  const byKind = new Int32Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) byKind[problem.kindOfUnit[unit]!]! += left[unit]!;
  const draft = { units, placed, refused: [...zoned.refused, ...bundled.refused] };
  if (left.every((count) => count === 0)) return { ...draft, problem, batches: [], proof: null, bought: left, waiting };
  const { batches, proof } = provision(problem, byKind, input);
  if (isWithin(addUsage(input.usage, usageOfBatches(problem, batches)), input.pool.limits)) return { ...draft, problem, batches, proof, bought: left, waiting };
  const clamped = clamp(input, problem, offerings, units, left, batches);
  return {
    ...draft, problem: clamped.problem, batches: clamped.batches, proof: null,
    bought: left.map((count, unit) => count - clamped.waiting[unit]!),
    waiting: waiting.map((count, unit) => count + clamped.waiting[unit]!),
  };
}

function planOf(input: AllocationInput, offerings: readonly Offering[], draft: Draft, turns: readonly Turn[]): AllocationPlan {
  const { units, problem, placed, batches, bought, proof } = draft;
  const launches = launchesOf(input, problem, units, bought, batches);
  const costUsdPerHour = launches.reduce((sum, one) => sum + one.count * one.offerings[0]!.priceUsdPerHour, 0);
  const served = bought.map((count, unit) => count + units[unit]!.count - placed.left[unit]!);
  // Zones and bundles were decided on the way; the bound must hold for every other decision, too.
  const isDecided = units.some((unit) => unit.zone !== null || unit.parts !== undefined);
  let known = proof === null ? null : { problem, proof };
  // Where all zones sell the same, a liquid costs the same in any of them: the fluid part of the proof holds as it is.
  if (isDecided && known !== null) known = input.bins.length === 0 && (input.perNodeOverheadUsdPerHour ?? 0) === 0 && isSameInAllZones(offerings, units) ? { problem, proof: { ...known.proof, bound: known.proof.fluidBound } } : null;
  const free = isDecided && known === null ? undecided(input, units, served) : { units, served };
  const lowerBoundUsdPerHour = launches.length === 0 ? 0 : Math.min(costUsdPerHour, listPriceBound(input, offerings, free.units, free.served, known));
  const gap = costUsdPerHour === 0 ? 0 : lowerBoundUsdPerHour > 0 ? 100 * (costUsdPerHour / lowerBoundUsdPerHour - 1) : null;
  const byKind = new Int32Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) byKind[problem.kindOfUnit[unit]!]! += bought[unit]!;
  return {
    placements: placed.byBin.map(({ bin, units: shares }) => ({ binId: bin.id, tasks: sharesOf(units, shares) })),
    launches,
    unplaced: unplacedOf(input, draft, turns),
    costUsdPerHour,
    lowerBoundUsdPerHour,
    gapPercent: gap,
    coefficients: proof === null ? null : coefficientsOf(problem, proof.fluid, byKind),
    ...(proof === null || problem.groups.length === 0 ? {} : { constraintPrices: constraintPricesOf(problem, proof.fluid, byKind) }),
  };
}

function isSameInAllZones(offerings: readonly Offering[], units: readonly Unit[]): boolean {
  if (units.some((unit) => unit.parts !== undefined || unit.requirements.zone !== undefined)) return false;
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
function undecided(input: AllocationInput, units: readonly Unit[], served: Int32Array): { units: Unit[]; served: Int32Array } {
  const demandById = new Map(input.demand.map((demand) => [demand.id, demand]));
  const free: Unit[] = [];
  for (const [at, unit] of units.entries()) {
    const count = served[at]!;
    if (unit.parts === undefined) free.push({ demand: unit.demand, count, requirements: unit.requirements, zone: null });
    else for (const part of unit.parts) {
      const demand = demandById.get(part.demandId)!;
      free.push({ demand, count: count * part.count, requirements: demand.requirements, zone: null });
    }
  }
  return { units: free, served: Int32Array.from(free, (unit) => unit.count) };
}

function sharesOf(units: readonly Unit[], shares: readonly (readonly [number, number])[]): TaskShare[] {
  const tasks = new Map<string, number>();
  for (const [unit, count] of shares) {
    for (const part of units[unit]!.parts ?? [{ demandId: units[unit]!.demand.id, count: 1 }]) {
      tasks.set(part.demandId, (tasks.get(part.demandId) ?? 0) + count * part.count);
    }
  }
  return [...tasks].map(([demandId, count]) => ({ demandId, count })).sort((a, b) => (a.demandId < b.demandId ? -1 : 1));
}

/** One record per demand that has tasks without a place, in serving order. */
function unplacedOf(input: AllocationInput, draft: Draft, turns: readonly Turn[]): AllocationPlan['unplaced'] {
  const wanted = input.demand.reduce((sum, one) => sum + one.count, 0);
  let given = 0;
  for (const [at, unit] of draft.units.entries()) given += (unit.count - draft.waiting[at]!) * (unit.parts?.reduce((sum, one) => sum + one.count, 0) ?? 1);
  if (given === wanted) return [];
  const served = new Map<string, number>();
  for (const [at, unit] of draft.units.entries()) {
    const count = unit.count - draft.waiting[at]!;
    for (const part of unit.parts ?? [{ demandId: unit.demand.id, count: 1 }]) served.set(part.demandId, (served.get(part.demandId) ?? 0) + count * part.count);
  }
  const refused = new Map(draft.refused.map((one) => [one.demand, one.detail]));
  const demands = [...new Set(turns.map((turn) => turn.demand))];
  return demands.flatMap((demand) => {
    const count = demand.count - (served.get(demand.id) ?? 0);
    if (count <= 0) return [];
    const detail = refused.get(demand);
    return [detail !== undefined
      ? explainUnplaced(input, demand, count, 'constraints', detail)
      : explainUnplaced(input, demand, count, 'limits', demand.gang === true
        ? 'The limits of the pool leave no room for all of its tasks at once, and it wants all or none.'
        : 'The limits of the pool leave no room for another node that can carry it.')];
  });
}
