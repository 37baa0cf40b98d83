// What of a trace may run on what of the market, as the numbers of the fluid relaxation: tasks as liquid, nodes
// divisible. A burstable type is there twice, with the CPU that its price pays for, and with all of it at the price of
// full load: what it costs in between is a mixture of the two.
import { dimensions } from '../../core/allocation/compile.ts';
import { withDefaults } from '../../core/allocation/requirement-defaults.ts';
import type { FluidProblem } from '../../core/allocation/packing/fluid.ts';
import { baselineOf, surplusUsdPerVcpuHour } from '../../core/catalog/burstable.ts';
import { offeringsFor } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Offering } from '../../core/values/offering.ts';
import { requirementsKey, unmetRequirement } from '../../core/values/requirements.ts';
import type { Requirements } from '../../core/values/requirements.ts';
import { fits } from '../../core/values/resources.ts';
import type { TraceTask } from '../traces/trace.ts';

export interface BoundProblem extends FluidProblem {
  /** Of the task at this position; -1: nothing that the pool may buy can carry it. */
  readonly kindOf: readonly number[];
  /** The cheapest that one task of each kind can run on alone. */
  readonly aloneUsdPerHour: Float64Array;
}

interface Kind {
  readonly resources: TraceTask['resources'];
  readonly requirements: Requirements;
}

interface Column {
  readonly capacity: readonly number[];
  readonly price: number;
  readonly mask: readonly boolean[];
  readonly offering: Offering;
}

/** `priced`: each offering at a price that it never falls below. */
export function boundProblem(
  tasks: readonly TraceTask[],
  pool: PoolSpec,
  priced?: (offering: Offering) => Offering,
): BoundProblem {
  const offerings = offeringsFor(pool, priced);
  const { kinds, kindOf } = kindsOf(tasks, offerings);
  const keys = kinds.map((kind) => requirementsKey(kind.requirements));
  const signatures = [...new Set(keys)].sort();
  const asked = signatures.map((key) => kinds[keys.indexOf(key)]?.requirements ?? {});
  const columns = columnsOf(offerings, asked, pool.tasksPerNode);
  const alone = Float64Array.from(kinds, (kind) => aloneOn(kind, offerings));
  return {
    kinds: kinds.length,
    size: Float64Array.from(
      kinds.flatMap(({ resources }) => [resources.cpuMilli, resources.memoryMib, resources.gpu, 1]),
    ),
    signature: Int32Array.from(keys, (key) => signatures.indexOf(key)),
    allowed: asked.map((_, at) => Uint8Array.from(columns, (one) => (one.mask[at] === true ? 1 : 0))),
    groups: [],
    relations: kinds.map(() => null),
    options: columns.map((one) => one.offering),
    price: Float64Array.from(columns, (one) => one.price),
    capacity: Float64Array.from(columns.flatMap((one) => one.capacity)),
    kindOf: kindOf.map((kind) => (Number.isFinite(alone[kind]) ? kind : -1)),
    aloneUsdPerHour: alone,
  };
}

function kindsOf(
  tasks: readonly TraceTask[],
  offerings: readonly Offering[],
): { readonly kinds: readonly Kind[]; readonly kindOf: readonly number[] } {
  const kinds: Kind[] = [];
  const byKey = new Map<string, number>();
  const completed = new Map<string, Requirements>();
  const kindOf = tasks.map(({ resources, requirements }) => {
    const { cpuMilli, memoryMib, gpu } = resources;
    const asked = `${String(gpu)} ${requirementsKey(requirements)}`;
    const complete = completed.get(asked) ?? withDefaults({ requirements, gpu, image: null }, offerings);
    completed.set(asked, complete);
    const key = `${String(cpuMilli)} ${String(memoryMib)} ${asked}`;
    const known = byKey.get(key);
    if (known !== undefined) return known;
    byKey.set(key, kinds.length);
    return kinds.push({ resources, requirements: complete }) - 1;
  });
  return { kinds, kindOf };
}

function columnsOf(
  offerings: readonly Offering[],
  asked: readonly Requirements[],
  tasksPerNode: number,
): readonly Column[] {
  const merged = new Map<string, Column>();
  for (const offering of offerings) {
    const mask = asked.map((requirements) => unmetRequirement(requirements, offering) === null);
    if (!mask.includes(true)) continue;
    for (const { cpuMilli, price } of loadsOf(offering)) {
      const { memoryMib, gpu } = offering.type.allocatable;
      const capacity = [cpuMilli, memoryMib, gpu, tasksPerNode];
      const key = `${capacity.join()} ${mask.join()}`;
      const known = merged.get(key);
      if (known === undefined || price < known.price) merged.set(key, { capacity, price, mask, offering });
    }
  }
  return [...merged.values()];
}

function loadsOf({
  type,
  priceUsdPerHour,
}: Offering): readonly { readonly cpuMilli: number; readonly price: number }[] {
  const { cpuMilli } = type.allocatable;
  if (!type.isBurstable) return [{ cpuMilli, price: priceUsdPerHour }];
  const base = Math.min(cpuMilli, type.vcpu * baselineOf(type) * 1000);
  return [
    { cpuMilli: base, price: priceUsdPerHour },
    // What tasks can use of it, and not all of its vCPU: no load costs more.
    { cpuMilli, price: priceUsdPerHour + ((cpuMilli - base) / 1000) * surplusUsdPerVcpuHour[type.arch] },
  ];
}

/** Infinity where nothing carries it. */
function aloneOn({ resources, requirements }: Kind, offerings: readonly Offering[]): number {
  let least = Infinity;
  for (const offering of offerings) {
    const { type, priceUsdPerHour } = offering;
    if (priceUsdPerHour >= least || !fits(resources, type.allocatable)) continue;
    if (unmetRequirement(requirements, offering) !== null) continue;
    const above = Math.max(0, resources.cpuMilli / 1000 - type.vcpu * baselineOf(type));
    least = Math.min(least, priceUsdPerHour + (type.isBurstable ? above * surplusUsdPerVcpuHour[type.arch] : 0));
  }
  return least;
}

/** The price of all resources of a column, each sold to the signature that pays most, may not be over its own. */
export function shareProven(problem: FluidProblem, unitPrice: Float64Array): number {
  let share = 1;
  for (const [option, price] of problem.price.entries()) {
    let worth = 0;
    for (let d = 0; d < dimensions; d += 1) {
      let dearest = 0;
      for (const [signature, allowed] of problem.allowed.entries())
        if (allowed[option] === 1) dearest = Math.max(dearest, unitPrice[signature * dimensions + d] ?? 0);
      worth += dearest * (problem.capacity[option * dimensions + d] ?? 0);
    }
    if (worth > 0) share = Math.min(share, price / worth);
  }
  return share;
}
