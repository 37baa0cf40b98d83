/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// A proof of how cheap any plan could be. It looks at the demand and at what is sold, never at the packing: prices
// per task such that no node can carry more worth than it costs make the demand's worth a bound (weak duality).
import { compile, dimensions, noPenalties } from '../compile.ts';
import type { Problem, Unit } from '../compile.ts';
import { Filler } from './filler.ts';
import { fluidWorthOf, ownCap, solveFluid } from './fluid.ts';
import type { Fluid } from './fluid.ts';
import { byOwner, tenantOf } from './owners.ts';
import { PatternProgram } from './pattern-lp.ts';
import type { Relaxed } from './pattern-lp.ts';
import type { Offering } from '../../values/offering.ts';
import type { AllocationInput, Bin, Coefficients } from '../types.ts';

/** Rounding in sums of doubles is far below this share; the bound gives it away. */
const safety = 1e-9;

/** Rounds of inventing patterns: a few dozen settle most demands. */
const proofRounds = 30;
/** With many tasks of each kind the program's optimum is nearly the plan's price: GPUs of many types take some 150. */
const planRounds = 200;
const tasksPerKind = 8;

/** Kinds up to which patterns are worth their program. */
export const patternKindsMax = 150;

export function activeKinds(left: Int32Array): number {
  let active = 0;
  for (const count of left) if (count > 0) active += 1;
  return active;
}

export interface Proof {
  readonly fluid: Fluid;
  readonly relaxed: Relaxed | null;
  readonly program: PatternProgram;
  /** Lower bound of the guiding price of carrying `left` on new nodes. */
  readonly bound: number;
  /** The part of it that the fluid relaxation proves. */
  readonly fluidBound: number;
}

/** What a plan's proof says; of several owners' parts, added up. */
export type Proven = Pick<Proof, 'fluid' | 'bound' | 'fluidBound'>;

/** The bound of the fluid relaxation alone. */
export function fluidProof(problem: Problem, filler: Filler, fluid: Fluid, left: Int32Array): Proof {
  let total = 0;
  for (let kind = 0; kind < problem.kinds; kind++) total += fluid.worth[kind]! * left[kind]!;
  const fluidBound = total * shareProven(problem, fluid) * (1 - safety);
  return { fluid, relaxed: null, program: new PatternProgram(problem, filler), bound: fluidBound, fluidBound };
}

/** For a plan: what its patterns are taken from. Of few tasks each, rounding decides, and rounds are dear. */
export function proveForPlan(problem: Problem, filler: Filler, left: Int32Array): Proof {
  const tasks = left.reduce((sum, count) => sum + count, 0);
  return prove(problem, filler, left, tasks >= tasksPerKind * activeKinds(left) ? planRounds : proofRounds);
}

/** The better of the fluid and the pattern relaxation's bounds. */
function prove(problem: Problem, filler: Filler, left: Int32Array, rounds = proofRounds): Proof {
  const simple = fluidProof(problem, filler, solveFluid(problem, left), left);
  if (activeKinds(left) > patternKindsMax) return simple;
  const { program, fluid } = simple;
  program.seed(fluid.worth, left, 200);
  const relaxed = program.relax(left, { rounds, budget: 400, proofBudget: 4000, tolerance: 1e-4 });
  return { ...simple, relaxed, bound: Math.max(simple.bound, relaxed.bound * (1 - safety)) };
}

/**
 * The share of its worth that the fluid prices prove: below 1 if some option's capacity is worth
 * more than its price.
 */
function shareProven(problem: Problem, fluid: Fluid): number {
  const caps = groupCaps(problem);
  let share = 1;
  for (let option = 0; option < problem.options.length; option++) {
    const worth = fluidWorthOf(
      problem,
      fluid,
      problem.capacity.subarray(option * dimensions, (option + 1) * dimensions),
      (signature) => problem.allowed[signature]![option] === 1,
      caps,
    );
    if (worth > 0) share = Math.min(share, problem.price[option]! / worth);
  }
  return share;
}

function groupCaps(problem: Problem): Float64Array {
  const caps = new Float64Array(problem.groups.length);
  for (let kind = 0; kind < problem.kinds; kind++) {
    const cap = ownCap(problem, kind);
    if (cap < Infinity) caps[problem.relations[kind]!.group] = Math.max(caps[problem.relations[kind]!.group]!, cap);
  }
  return caps;
}

/** Nothing but the price of offerings guides what is bought. */
export function isByPriceAlone({ perNodeOverheadUsdPerHour = 0, overTime }: AllocationInput): boolean {
  const isWeighed = (overTime?.sizeExponent ?? 0) !== 0 || overTime?.usual !== undefined;
  return perNodeOverheadUsdPerHour === 0 && !isWeighed;
}

/**
 * Lower bound of the list price of the launches of any plan that places `placed` tasks of each unit on the bins and on
 * new nodes. The bins' free capacity is given its full worth, as if a better plan could use all of it.
 */
export function listPriceBound(
  input: AllocationInput,
  offerings: readonly Offering[],
  units: readonly Unit[],
  placed: Int32Array,
  known: { problem: Problem; proof: Proven } | null,
): number {
  if (known !== null && input.bins.length === 0 && isByPriceAlone(input))
    return known.proof.bound * cheapestShareOf(offerings, known.problem);
  const { perNodeOverheadUsdPerHour: _overhead, overTime: _weights, ...plain } = input;
  const problem = compile(units, offerings, plain, noPenalties);
  const demand = new Int32Array(problem.kinds);
  for (let unit = 0; unit < units.length; unit++) demand[problem.kindOfUnit[unit]!]! += placed[unit]!;
  // What only bins can carry is worth nothing to what is bought.
  for (let kind = 0; kind < problem.kinds; kind++) if (problem.isCarried[kind] === 0) demand[kind] = 0;
  const share = cheapestShareOf(offerings, problem);
  const parts = byOwner(problem, demand);
  if (input.bins.length === 0) {
    const filler = new Filler(problem);
    return parts.reduce((sum, part) => sum + prove(problem, filler, part).bound, 0) * share;
  }
  const fluids = parts.map((part) => ({ tenant: tenantOf(problem, part), fluid: solveFluid(problem, part) }));
  let total = 0;
  for (const [at, { fluid }] of fluids.entries()) {
    let worth = 0;
    for (let kind = 0; kind < problem.kinds; kind++) worth += fluid.worth[kind]! * parts[at]![kind]!;
    total += worth * shareProven(problem, fluid);
  }
  const caps = groupCaps(problem);
  for (const bin of mostTaken(input)) {
    const free = Float64Array.of(
      bin.free.cpuMilli,
      bin.free.memoryMib,
      bin.free.gpu,
      Math.min(bin.freeTasks, problem.nodeMost[dimensions - 1]!),
    );
    // One owner can use it: whoever has it, or to whom it is worth most.
    let most = 0;
    for (const { tenant, fluid } of fluids)
      if (tenant === null || bin.tenant === undefined || bin.tenant === tenant)
        most = Math.max(
          most,
          fluidWorthOf(problem, fluid, free, () => true, caps),
        );
    total -= most;
  }
  return Math.max(0, total * share * (1 - safety) - safety);
}

/** Of nodes that would be launched, shown for each zone, so many as are left of the commitment: of one type. */
function mostTaken({ bins, paid = [] }: AllocationInput): readonly Bin[] {
  const left = new Map(
    paid.flatMap(({ commitment: { kind, name }, left: count }) =>
      kind === 'savings-plan' ? [] : [[name, count] as const],
    ),
  );
  return bins.filter(({ paidBy }) => {
    const count = paidBy === undefined ? undefined : left.get(paidBy);
    if (paidBy === undefined || count === undefined) return true;
    left.set(paidBy, count - 1);
    return count >= 1;
  });
}

/** List price over guiding price, at least: spot's expected interruptions are in the guide, not on the bill. */
function cheapestShareOf(offerings: readonly Offering[], problem: Problem): number {
  let share = 1;
  for (const { offering, effective } of problem.market) share = Math.min(share, offering.priceUsdPerHour / effective);
  return offerings.length === 0 ? 1 : share;
}

/**
 * What one vCPU, GiB and GPU is worth: the fluid prices, averaged over the demand where
 * requirements set them apart.
 */
export function coefficientsOf(problem: Problem, fluid: Fluid, left: Int32Array): Coefficients {
  const amount = new Float64Array(dimensions);
  const worth = new Float64Array(dimensions);
  for (let kind = 0; kind < problem.kinds; kind++) {
    for (let d = 0; d < dimensions; d++) {
      const size = left[kind]! * problem.size[kind * dimensions + d]!;
      amount[d]! += size;
      worth[d]! += size * fluid.unitPrice[problem.signature[kind]! * dimensions + d]!;
    }
  }
  const per = (d: number): number => (amount[d]! > 0 ? worth[d]! / amount[d]! : 0);
  return { vcpuUsdPerHour: per(0) * 1000, memoryGibUsdPerHour: per(1) * 1024, gpuUsdPerHour: per(2) };
}

/**
 * What it is worth, of the bound, that tasks of a group keep apart on nodes: places taken times
 * the price of a place.
 */
export function constraintPricesOf(
  problem: Problem,
  fluid: Fluid,
  left: Int32Array,
): { constraint: string; usdPerHour: number }[] {
  const usd = new Float64Array(problem.groups.length);
  for (let kind = 0; kind < problem.kinds; kind++) {
    if (ownCap(problem, kind) < Infinity)
      usd[problem.relations[kind]!.group]! += left[kind]! * fluid.placePrice[problem.relations[kind]!.group]!;
  }
  return problem.groups
    .map((group, at) => ({ constraint: `${group} apart on nodes`, usdPerHour: usd[at]! }))
    .sort((a, b) => b.usdPerHour - a.usdPerHour || (a.constraint < b.constraint ? -1 : 1));
}
