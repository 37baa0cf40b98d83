/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// The fluid relaxation: tasks as liquid, nodes divisible. Its dual prices say what one vCPU, one MiB, one GPU
// and one task slot is worth in this demand (docs/mathematics.md, "Coefficients").
import { dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import { Simplex } from './simplex.ts';
import type { Column } from './simplex.ts';

/** What the relaxation looks at of a problem. */
export type FluidProblem = Pick<
  Problem,
  'kinds' | 'size' | 'signature' | 'allowed' | 'groups' | 'relations' | 'options' | 'price' | 'capacity'
>;

export interface Fluid {
  /** What one task of each kind is worth: no option can carry more worth than its price (up to rounding). */
  readonly worth: Float64Array;
  /** Per signature and dimension: what one unit of the dimension is worth to its tasks. */
  readonly unitPrice: Float64Array;
  /** Nodes of each option in the fluid optimum: [option, amount], by option. */
  readonly amounts: readonly (readonly [number, number])[];
  /** Worth of a group's place on a node, by group: the price of spread and anti-affinity between nodes. */
  readonly placePrice: Float64Array;
}

/** At most this many tasks of the group on one node, as far as the group's own kinds say so; Infinity if they don't. */
export function ownCap(problem: FluidProblem, kind: number): number {
  const relation = problem.relations[kind];
  if (!relation || relation.group < 0) return Infinity;
  let cap = relation.repels.includes(relation.group) ? 1 : Infinity;
  for (const one of relation.caps) if (one.group === relation.group) cap = Math.min(cap, one.max);
  return cap;
}

/** Of the relaxation: one row per (signature, dimension) with demand, then one per group whose own tasks cap it. */
interface Rows {
  /** The row of each (signature, dimension), and of each group; -1 for none. */
  readonly rowOf: Int32Array;
  readonly groupRow: Int32Array;
  /** Tasks of each group that one node may carry. */
  readonly groupCap: Float64Array;
  /** Demand of each row. */
  readonly amount: readonly number[];
}

export function solveFluid(problem: FluidProblem, left: ArrayLike<number>): Fluid {
  const rows = rowsOf(problem, left);
  const { simplex, dual, optionOf } = optimise(problem, rows);
  const amounts = new Map<number, number>();
  for (const [at, column] of simplex.basis.entries()) {
    const option = column === null ? undefined : optionOf.get(column);
    if (option !== undefined && simplex.value[at]! > 1e-9)
      amounts.set(option, (amounts.get(option) ?? 0) + simplex.value[at]!);
  }
  return { ...pricesOf(problem, rows, dual), amounts: [...amounts].sort((a, b) => a[0] - b[0]) };
}

function rowsOf(problem: FluidProblem, left: ArrayLike<number>): Rows {
  const { size, signature } = problem;
  const demand = new Float64Array(problem.allowed.length * dimensions);
  const groupCap = new Float64Array(problem.groups.length);
  const groupDemand = new Float64Array(problem.groups.length);
  for (let kind = 0; kind < problem.kinds; kind++) {
    const count = left[kind]!;
    if (count === 0) continue;
    for (let d = 0; d < dimensions; d++)
      demand[signature[kind]! * dimensions + d]! += count * size[kind * dimensions + d]!;
    const cap = ownCap(problem, kind);
    if (cap === Infinity) continue;
    const group = problem.relations[kind]!.group;
    groupCap[group] = Math.max(groupCap[group]!, cap);
    groupDemand[group]! += count;
  }
  const amount: number[] = [];
  const rowsFor = (demands: Float64Array): Int32Array =>
    Int32Array.from(demands, (one) => (one > 0 ? amount.push(one) - 1 : -1));
  return { rowOf: rowsFor(demand), groupRow: rowsFor(groupDemand), groupCap, amount };
}

/** The simplex at its optimum, its dual prices per unit of demand, and the option of each column. */
function optimise(
  problem: FluidProblem,
  rows: Rows,
): { simplex: Simplex; dual: Float64Array; optionOf: ReadonlyMap<Column, number> } {
  const { amount } = rows;
  // Every row starts with a column of its own, dearer per unit than any real one could be.
  let dearest = 1;
  for (const price of problem.price) dearest = Math.max(dearest, price);
  const start = amount.map((_, row): Column => ({
    rows: Int32Array.of(row),
    values: Float64Array.of(1),
    cost: dearest * 1e9,
  }));
  // Rows are scaled to a demand of one, and set a hair apart against ties.
  const simplex = new Simplex(amount.length, 1).reset(
    amount.map((_, row) => 1 + row * 1e-9),
    start,
  );
  const dual = new Float64Array(amount.length);
  const optionOf = new Map<Column, number>();
  const limit = 50 * (amount.length + 10);
  for (let round = 0; round < limit; round++) {
    simplex.repairSigns();
    for (let row = 0; row < dual.length; row++) dual[row] = Math.max(0, simplex.dual[row]!) / amount[row]!;
    const found = bestOption(problem, dual, rows);
    if (found === null) break;
    const column = columnOf(found.option, found.suppliers, problem, rows);
    optionOf.set(column, found.option);
    if (!simplex.enter(column)) break;
  }
  return { simplex, dual, optionOf };
}

function pricesOf(problem: FluidProblem, { rowOf, groupRow }: Rows, dual: Float64Array): Omit<Fluid, 'amounts'> {
  const { size, signature } = problem;
  const unitPrice = Float64Array.from(rowOf, (row) => (row >= 0 ? dual[row]! : 0));
  const placePrice = Float64Array.from(groupRow, (row) => (row >= 0 ? dual[row]! : 0));
  const worth = new Float64Array(problem.kinds);
  for (let kind = 0; kind < problem.kinds; kind++) {
    let sum = ownCap(problem, kind) < Infinity ? placePrice[problem.relations[kind]!.group]! : 0;
    for (let d = 0; d < dimensions; d++)
      sum += unitPrice[signature[kind]! * dimensions + d]! * size[kind * dimensions + d]!;
    worth[kind] = sum;
  }
  return { worth, unitPrice, placePrice };
}

/** The option whose capacity, each dimension sold to the signature that pays most, is worth most beyond its price. */
function bestOption(
  problem: FluidProblem,
  dual: Float64Array,
  { rowOf, groupRow, groupCap }: Rows,
): { option: number; suppliers: Int32Array } | null {
  const { capacity, price, allowed, options } = problem;
  let groupsWorth = 0;
  for (let group = 0; group < groupRow.length; group++)
    if (groupRow[group]! >= 0) groupsWorth += groupCap[group]! * dual[groupRow[group]!]!;
  let best = -1;
  let bestRatio = 1 + 1e-9;
  for (let option = 0; option < options.length; option++) {
    let worth = groupsWorth;
    for (let d = 0; d < dimensions; d++) {
      let dearest = 0;
      for (let at = d, s = 0; s < allowed.length; s++, at += dimensions) {
        const row = rowOf[at]!;
        if (row >= 0 && allowed[s]![option] === 1 && dual[row]! > dearest) dearest = dual[row]!;
      }
      worth += dearest * capacity[option * dimensions + d]!;
    }
    const ratio = worth / price[option]!;
    if (ratio > bestRatio) [best, bestRatio] = [option, ratio];
  }
  if (best < 0) return null;
  const suppliers = new Int32Array(dimensions).fill(-1);
  for (let d = 0; d < dimensions; d++) {
    let dearest = 0;
    for (let s = 0; s < allowed.length; s++) {
      const row = rowOf[s * dimensions + d]!;
      if (row >= 0 && allowed[s]![best] === 1 && dual[row]! > dearest) [dearest, suppliers[d]] = [dual[row]!, s];
    }
  }
  return { option: best, suppliers };
}

function columnOf(
  option: number,
  suppliers: Int32Array,
  problem: FluidProblem,
  { rowOf, groupRow, groupCap, amount: total }: Rows,
): Column {
  const rows: number[] = [];
  const values: number[] = [];
  for (let d = 0; d < dimensions; d++) {
    const amount = problem.capacity[option * dimensions + d]!;
    if (suppliers[d]! < 0 || amount === 0) continue;
    const row = rowOf[suppliers[d]! * dimensions + d]!;
    rows.push(row);
    values.push(amount / total[row]!);
  }
  for (let group = 0; group < groupRow.length; group++) {
    if (groupRow[group]! < 0) continue;
    const row = groupRow[group]!;
    rows.push(row);
    values.push(groupCap[group]! / total[row]!);
  }
  return { rows: Int32Array.from(rows), values: Float64Array.from(values), cost: problem.price[option]! };
}

/**
 * Upper bound of the worth that this much capacity can carry, by the unit prices alone: what makes
 * the fluid bound valid.
 */
export function fluidWorthOf(
  problem: Problem,
  fluid: Fluid,
  capacity: Float64Array,
  isAllowed: (signature: number) => boolean,
  groupMax: Float64Array,
): number {
  let worth = 0;
  for (let group = 0; group < groupMax.length; group++) worth += groupMax[group]! * fluid.placePrice[group]!;
  for (let d = 0; d < dimensions; d++) {
    let dearest = 0;
    for (let s = 0; s < problem.allowed.length; s++) {
      if (isAllowed(s)) dearest = Math.max(dearest, fluid.unitPrice[s * dimensions + d]!);
    }
    worth += dearest * capacity[d]!;
  }
  return worth;
}
