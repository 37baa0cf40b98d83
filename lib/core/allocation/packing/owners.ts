/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Where a node carries tasks of one owner at a time, a demand falls apart: what is bought for one owner has nothing
// to do with what is bought for another. Each part is solved by itself; costs and bounds add up.
import { dimensions } from '../compile.ts';
import type { Problem } from '../compile.ts';
import { solveFluid } from './fluid.ts';
import type { Fluid } from './fluid.ts';

/** `left` (tasks by kind) by owner, those who have any. Where all may share nodes: `left` itself. */
export function byOwner({ owner, tenants }: Problem, left: Int32Array): readonly Int32Array[] {
  if (tenants.length <= 1) return [left];
  const parts = new Map<number, Int32Array>();
  for (let kind = 0; kind < left.length; kind++) {
    if (left[kind] === 0) continue;
    const part = parts.get(owner[kind]!) ?? new Int32Array(left.length);
    part[kind] = left[kind]!;
    parts.set(owner[kind]!, part);
  }
  return parts.size === 0 ? [left] : [...parts].sort((a, b) => a[0] - b[0]).map((one) => one[1]);
}

/** Whose the demand is that {@link byOwner} gave; null: anybody's. */
export function tenantOf({ owner, tenants }: Problem, part: Int32Array): string | null {
  if (tenants.length === 0) return null;
  return (
    tenants[
      owner[
        Math.max(
          0,
          part.findIndex((count) => count > 0),
        )
      ]!
    ] ?? null
  );
}

/** The fluid optimum where no node is shared by two owners. */
export function solveFluidByOwner(problem: Problem, left: Int32Array): Fluid {
  return joinedFluid(
    problem,
    byOwner(problem, left).map((part) => ({ left: part, fluid: solveFluid(problem, part) })),
  );
}

/**
 * Optima of parts as one. A kind is worth what it is to its owner; a unit of a signature costs what its owners pay on
 * average, by how much of it each of them asks for.
 */
export function joinedFluid(
  problem: Problem,
  parts: readonly { readonly left: Int32Array; readonly fluid: Fluid }[],
): Fluid {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first.fluid;
  const worth = new Float64Array(problem.kinds);
  const paid = new Float64Array(problem.signatures.length * dimensions);
  const amount = new Float64Array(paid.length);
  const placePrice = new Float64Array(problem.groups.length);
  const amounts = new Map<number, number>();
  for (const { left, fluid } of parts) {
    for (let kind = 0; kind < problem.kinds; kind++) {
      if (left[kind] === 0) continue;
      worth[kind] = fluid.worth[kind]!;
      for (let d = 0; d < dimensions; d++) {
        const at = problem.signature[kind]! * dimensions + d;
        const size = left[kind]! * problem.size[kind * dimensions + d]!;
        amount[at]! += size;
        paid[at]! += size * fluid.unitPrice[at]!;
      }
    }
    for (const [group, price] of fluid.placePrice.entries()) placePrice[group] = Math.max(placePrice[group]!, price);
    for (const [option, nodes] of fluid.amounts) amounts.set(option, (amounts.get(option) ?? 0) + nodes);
  }
  return {
    worth,
    unitPrice: paid.map((usd, at) => (amount[at]! > 0 ? usd / amount[at]! : 0)),
    placePrice,
    amounts: [...amounts].sort((a, b) => a[0] - b[0]),
  };
}
