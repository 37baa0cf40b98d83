/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// What to buy: a good plan at once, then better ones by taking a few nodes apart and buying them again.
import type { Problem } from './compile.ts';
import { coarsened, settled } from './packing/coarse.ts';
import type { Coarse } from './packing/coarse.ts';
import { Bulk } from './packing/bulk.ts';
import { costOf, dive } from './packing/dive.ts';
import type { Batch } from './packing/dive.ts';
import { Filler } from './packing/filler.ts';
import { solveFluid } from './packing/fluid.ts';
import type { Fluid } from './packing/fluid.ts';
import { fleetFor } from './packing/fleet.ts';
import { activeKinds, fluidProof, patternKindsMax, proveForPlan } from './packing/lower-bound.ts';
import type { Proof, Proven } from './packing/lower-bound.ts';
import { byOwner, joinedFluid } from './packing/owners.ts';
import { PatternProgram } from './packing/pattern-lp.ts';
import type { RelaxOptions } from './packing/pattern-lp.ts';

export interface Provision {
  readonly batches: readonly Batch[];
  readonly proof: Proven;
}

/** Of tasks that may share nodes. */
interface OwnProvision extends Provision {
  readonly proof: Proof;
}

export interface ProvisionBudget {
  readonly iterations: number;
  readonly shouldStop: () => boolean;
}

/** A gap below this is not worth another step. */
const gapAimed = 2e-4;

/** A fleet with at most this gap is taken without looking at patterns. */
const gapOfFleet = 1e-3;
/** A fleet with at most this gap is good enough for a first plan: patterns are the first step of the search. */
const gapOfFirst = 4e-3;

/** Times that the pattern program may be taken further before the search goes over to buying anew. */
const refinementsMax = 12;

/** Search steps per option that may prove how little it can carry: first few, then many. */
const proofBudgets = [6000, 60_000];

/** Kinds that bulk buying leaves to patterns; fewer where groups make nodes small, and patterns find little. */
const tailKindsMax = 60;
const tailKindsMaxCoarse = 10;

const quick: RelaxOptions = { rounds: 4, budget: 400, proofBudget: 0, tolerance: 1e-4 };

/** A first plan by a fixed amount of work, with what is needed to go on from it. */
interface FirstOwnProvision extends OwnProvision {
  readonly filler: Filler;
  /** Patterns were looked at; else it is a fleet. */
  readonly hasPatterns: boolean;
}

/** A first plan, and the parts that it is of: nodes are shared within a part only. */
export interface FirstProvision extends Provision {
  readonly parts: readonly { readonly left: Int32Array; readonly provision: FirstOwnProvision }[];
}

/** Buys for `left` (tasks by kind) by a fixed amount of work for each owner. */
export function firstProvision(problem: Problem, left: Int32Array): FirstProvision {
  let kinds = 0;
  const parts = byOwner(problem, left).map((own) => {
    kinds += activeKinds(own);
    return { left: own, provision: firstOwn(problem, own, kinds <= provedKindsMax) };
  });
  return { parts, ...joined(problem, parts) };
}

/** Improvements of a first plan while the budget lasts, most of it where most is paid; never dearer. */
export function improved(problem: Problem, first: FirstProvision, budget: ProvisionBudget): Provision {
  const cost = costOf(problem, first.batches);
  const parts = first.parts.map(({ left, provision }) => {
    const share = first.parts.length === 1 || cost === 0 ? 1 : costOf(problem, provision.batches) / cost;
    const own = { ...budget, iterations: Math.ceil(budget.iterations * share) };
    return { left, provision: improvedOwn(problem, left, provision, own) };
  });
  return joined(problem, parts);
}

function joined(
  problem: Problem,
  parts: readonly { readonly left: Int32Array; readonly provision: OwnProvision }[],
): Provision {
  const sum = (of: 'bound' | 'fluidBound'): number => parts.reduce((all, one) => all + one.provision.proof[of], 0);
  const fluids = parts.map(({ left, provision }) => ({ left, fluid: provision.proof.fluid }));
  return {
    batches: parts.flatMap(({ provision }) => provision.batches),
    proof: { fluid: joinedFluid(problem, fluids), bound: sum('bound'), fluidBound: sum('fluidBound') },
  };
}

/** Of many owners only the first, by their kinds together, have a proof by patterns at once; others in the search. */
const provedKindsMax = 2 * patternKindsMax;

function firstOwn(problem: Problem, left: Int32Array, isProved: boolean): FirstOwnProvision {
  const filler = fillerOfOwn(problem, left);
  const fluid = solveFluid(problem, left);
  const simple = fluidProof(problem, filler, fluid, left);
  const fleet = fleetFor(problem, fluid, left, simple.bound * (1 + gapOfFleet), (rest) =>
    dive(problem, new PatternProgram(problem, filler), filler, rest, quick),
  );
  if (fleet !== null && costOf(problem, fleet) <= simple.bound * (1 + gapOfFirst))
    return { batches: fleet, proof: simple, filler, hasPatterns: false };
  if (isProved || activeKinds(left) > patternKindsMax) return withPatterns(problem, left, filler, fleet);
  const bought = firstOwnPlan(problem, filler, left);
  const batches = fleet !== null && costOf(problem, fleet) < costOf(problem, bought) ? fleet : bought;
  return { batches, proof: simple, filler, hasPatterns: false };
}

/** Beyond patterns, only what the bulk leaves is filled by search. Of many owners each has use for its own kinds. */
function fillerOfOwn(problem: Problem, left: Int32Array): Filler {
  if (activeKinds(left) > patternKindsMax) return new Filler(problem, new Int32Array(0));
  return problem.tenants.length > 1 ? fillerFor(problem, left) : new Filler(problem);
}

function withPatterns(
  problem: Problem,
  left: Int32Array,
  filler: Filler,
  fleet: readonly Batch[] | null,
): FirstOwnProvision {
  const proof = proveForPlan(problem, filler, left);
  const bought = buy(problem, filler, proof.program, proof.fluid, left);
  const isFleetCheaper = fleet !== null && costOf(problem, fleet) < costOf(problem, bought);
  return { batches: isFleetCheaper ? fleet : bought, proof, filler, hasPatterns: true };
}

function improvedOwn(
  problem: Problem,
  left: Int32Array,
  first: FirstOwnProvision,
  budget: ProvisionBudget,
): OwnProvision {
  const { filler } = first;
  if (budget.iterations === 0 || budget.shouldStop()) return first;
  if (!first.hasPatterns) {
    const { proof } = first;
    if (costOf(problem, first.batches) <= proof.bound * (1 + gapOfFleet))
      return { batches: improve(problem, filler, first.batches, proof.fluid.worth, proof.bound, budget), proof };
    const patterns = withPatterns(problem, left, filler, first.batches);
    return improvedOwn(problem, left, patterns, { ...budget, iterations: budget.iterations - 1 });
  }
  const { proof, batches, steps } = refine(problem, filler, first.proof, first.batches, left, budget);
  const worth = proof.relaxed?.worth ?? proof.fluid.worth;
  return {
    batches: improve(problem, filler, batches, worth, proof.bound, {
      ...budget,
      iterations: budget.iterations - steps,
    }),
    proof,
  };
}

/** Where the first proof stopped short of its program's optimum: more patterns, for a better bound and another plan. */
function refine(
  problem: Problem,
  filler: Filler,
  start: Proof,
  first: readonly Batch[],
  left: Int32Array,
  budget: ProvisionBudget,
): { proof: Proof; batches: readonly Batch[]; steps: number } {
  let proof = start;
  let steps = 0;
  let level = 0;
  const cost = costOf(problem, first);
  for (; steps < refinementsMax && steps < budget.iterations && !budget.shouldStop(); steps++) {
    const { relaxed } = proof;
    if (relaxed === null || cost <= proof.bound * (1 + gapAimed)) break;
    if (relaxed.isOptimal) level += 1;
    const proofBudget = proofBudgets[level];
    if (proofBudget === undefined) break;
    const next = proof.program.relax(left, { rounds: 12, budget: 1000, proofBudget, tolerance: 1e-5 });
    proof = { ...proof, relaxed: next, bound: Math.max(proof.bound, next.bound * (1 - 1e-9)) };
  }
  if (steps === 0) return { proof, batches: first, steps };
  const second = dive(problem, proof.program, filler, left, quick);
  return { proof, batches: costOf(problem, second) < cost - 1e-9 ? second : first, steps: steps + 1 };
}

/** A good plan by a fixed amount of work, without a proof. */
export function firstPlan(problem: Problem, filler: Filler, left: Int32Array): Batch[] {
  return byOwner(problem, left).flatMap((own) => firstOwnPlan(problem, filler, own));
}

function firstOwnPlan(problem: Problem, filler: Filler, left: Int32Array): Batch[] {
  const fluid = solveFluid(problem, left);
  const program = new PatternProgram(problem, filler);
  if (activeKinds(left) <= patternKindsMax) program.seed(fluid.worth, left, 200);
  return buy(problem, filler, program, fluid, left);
}

/** Many kinds are bought in bulk first; what that leaves is small enough for patterns. */
function buy(problem: Problem, filler: Filler, program: PatternProgram, fluid: Fluid, demand: Int32Array): Batch[] {
  if (activeKinds(demand) <= patternKindsMax) return dive(problem, program, filler, demand, quick);
  const left = demand.slice();
  const coarse = coarsened(problem, fluid, demand);
  const batches =
    coarse === null ? inBulk(problem, fluid, left, tailKindsMax) : settled(problem, coarse, boughtCoarse(coarse), left);
  return activeKinds(left) === 0
    ? batches
    : [...batches, ...dive(problem, program, fillerFor(problem, left), left, quick)];
}

function boughtCoarse({ problem, left: demand }: Coarse): Batch[] {
  const left = demand.slice();
  const batches = inBulk(problem, solveFluid(problem, left), left, tailKindsMaxCoarse);
  const filler = fillerFor(problem, left);
  return [...batches, ...dive(problem, new PatternProgram(problem, filler), filler, left, quick)];
}

/** Buys until at most `kindsMax` kinds are left. */
function inBulk(problem: Problem, fluid: Fluid, left: Int32Array, kindsMax: number): Batch[] {
  const bulk = new Bulk(problem, left);
  return [...bulk.wholeNodes(fluid), ...bulk.bestNodes(fluid.worth, kindsMax)];
}

/** A filler for the kinds that are left alone: what it keeps per kind and option is too much for all of them. */
function fillerFor(problem: Problem, left: Int32Array): Filler {
  return new Filler(
    problem,
    Int32Array.from(left.keys()).filter((kind) => left[kind]! > 0),
  );
}

/** Large neighbourhood search: some nodes, mostly wasteful ones, are dropped, and their tasks bought for anew. */
function improve(
  problem: Problem,
  whole: Filler,
  first: readonly Batch[],
  worth: Float64Array,
  bound: number,
  budget: ProvisionBudget,
): Batch[] {
  let cost = costOf(problem, first);
  if (cost <= bound * (1 + gapAimed) || budget.iterations === 0 || budget.shouldStop()) return [...first];
  let nodes = first.flatMap(({ pattern, copies }) => Array.from({ length: copies }, () => pattern));
  const next = sequence(nodes.length);
  const loss = (pattern: Batch['pattern']): number => {
    let value = problem.price[pattern.option]!;
    for (let at = 0; at < pattern.kinds.length; at++) value -= pattern.counts[at]! * worth[pattern.kinds[at]!]!;
    return value;
  };
  const isLarge = problem.kinds > patternKindsMax;
  let order: number[] | null = null;
  for (let step = 0; step < budget.iterations && cost > bound * (1 + gapAimed) && !budget.shouldStop(); step++) {
    if (nodes.length < 2) break;
    order ??= nodes
      .map((pattern, at) => [loss(pattern), at] as const)
      .sort((a, b) => b[0] - a[0] || a[1] - b[1])
      .map((one) => one[1]);
    const wanted = Math.min(nodes.length, 2 + next(8));
    const chosen = new Set<number>();
    // Squaring a uniform number favours the front of the order: the wasteful nodes.
    while (chosen.size < wanted) {
      const at = next(1 << 20) / (1 << 20);
      chosen.add(order[Math.floor(at * at * order.length)]!);
    }
    const tasks = new Int32Array(problem.kinds);
    let before = 0;
    for (const at of chosen) {
      const { option, kinds, counts } = nodes[at]!;
      before += problem.price[option]!;
      for (let k = 0; k < kinds.length; k++) tasks[kinds[k]!]! += counts[k]!;
    }
    const filler = isLarge ? fillerFor(problem, tasks) : whole;
    const program = new PatternProgram(problem, filler);
    for (const at of chosen) program.add(nodes[at]!);
    const bought = dive(problem, program, filler, tasks, { rounds: 5, budget: 400, proofBudget: 0, tolerance: 1e-5 });
    const after = costOf(problem, bought);
    if (after >= before - 1e-9) continue;
    nodes = nodes
      .filter((_, at) => !chosen.has(at))
      .concat(bought.flatMap(({ pattern, copies }) => Array.from({ length: copies }, () => pattern)));
    cost += after - before;
    order = null;
  }
  return merge(nodes);
}

function merge(nodes: readonly Batch['pattern'][]): Batch[] {
  const batches = new Map<string, { pattern: Batch['pattern']; copies: number }>();
  for (const pattern of nodes) {
    const key = `${String(pattern.option)}:${pattern.kinds.join()}:${pattern.counts.join()}`;
    const same = batches.get(key);
    if (same) same.copies += 1;
    else batches.set(key, { pattern, copies: 1 });
  }
  return [...batches].sort((a, b) => b[1].copies - a[1].copies || (a[0] < b[0] ? -1 : 1)).map((one) => one[1]);
}

/** A fixed sequence of numbers below a limit (xorshift): the search must be the same every time. */
function sequence(seed: number): (limit: number) => number {
  let state = (seed * 2654435761 + 88172645) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
