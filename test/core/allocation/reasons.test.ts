// Whatever is not placed has a true reason. The judge here knows only the input and the plan, and asks for each reason
// what would make it false.
import { expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan, Demand, Unplaced } from '../../../lib/core/allocation/types.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';
import { countOf } from '../../slice.ts';
import { inputs, zones } from './worlds.ts';

const limitNames = ['instances', 'vcpu', 'memoryMib', 'usdPerHour'] as const;

function carries(offering: Offering, demand: Demand, input: AllocationInput): boolean {
  const { type, zone, capacityType } = offering;
  const allows = ({ arch, zone: inZones, capacityType: capacities, instanceFamily }: Demand['requirements']): boolean =>
    (arch?.includes(type.arch) ?? true)
    && (inZones?.includes(zone) ?? true)
    && (capacities?.includes(capacityType) ?? true)
    && (instanceFamily?.includes(type.family) ?? true);
  return (
    allows(demand.requirements)
    && allows(input.pool.requirements)
    && type.vcpu <= (input.pool.maxNodeVcpu ?? Infinity)
    && demand.resources.cpuMilli <= type.allocatable.cpuMilli
    && demand.resources.memoryMib <= type.allocatable.memoryMib
    && demand.resources.gpu <= type.allocatable.gpu
  );
}

/** Whether other tasks have any say in where this one goes. */
function isRelated(demand: Demand, input: AllocationInput): boolean {
  if (
    [demand.spread, demand.affinity, demand.antiAffinity].some((one) => (one?.length ?? 0) > 0)
    || demand.gang === true
  )
    return true;
  const { group } = demand;
  return (
    group !== undefined
    && (input.bins.some((bin) => bin.antiAffinityGroups.includes(group))
      || input.demand.some((other) =>
        [...(other.spread ?? []), ...(other.affinity ?? []), ...(other.antiAffinity ?? [])].some(
          (one) => one.group === group,
        ),
      ))
  );
}

function used(input: AllocationInput, plan: AllocationPlan): Record<(typeof limitNames)[number], number> {
  const sum = { ...input.usage };
  for (const { offerings: sold, count } of plan.launches) {
    sum.instances += count;
    sum.vcpu += count * Math.max(...sold.map((one) => one.type.vcpu));
    sum.memoryMib += count * Math.max(...sold.map((one) => one.type.memoryMib));
    sum.usdPerHour += count * Math.max(...sold.map((one) => one.priceUsdPerHour));
  }
  return sum;
}

function passes(input: AllocationInput, usage: ReturnType<typeof used>, one: Offering): boolean {
  const more = { instances: 1, vcpu: one.type.vcpu, memoryMib: one.type.memoryMib, usdPerHour: one.priceUsdPerHour };
  return limitNames.some((key) => usage[key] + more[key] > (input.pool.limits[key] ?? Infinity) * (1 + 1e-9));
}

function falsehoodsOf(input: AllocationInput, plan: AllocationPlan): string[] {
  const wrong: string[] = [];
  const usage = used(input, plan);
  for (const one of plan.unplaced) {
    const demand = input.demand.find(({ id }) => id === one.demandId);
    if (!demand) wrong.push(`${one.demandId} is nobody`);
    else
      wrong.push(
        ...falsehoods(one, demand, input, usage).map(
          (text) => `${one.demandId} (${one.kind}: ${one.message}): ${text}`,
        ),
      );
  }
  return wrong;
}

function falsehoods(one: Unplaced, demand: Demand, input: AllocationInput, usage: ReturnType<typeof used>): string[] {
  const there = input.offerings.filter((offering) => carries(offering, demand, input));
  const out = input.unavailable.filter((offering) => carries(offering, demand, input));
  const related = isRelated(demand, input);
  const wrong: string[] = [];
  const nothing = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 };
  const isNever = [...there, ...out].every((offering) => passes(input, nothing, offering));
  if (isNever && one.kind !== 'unsatisfiable') wrong.push('nothing can ever carry it');
  switch (one.kind) {
    case 'unsatisfiable':
      if (!isNever && !related) wrong.push('there are offerings that can carry it');
      if (
        !isNever
        && demand.gang === true
        && demand.count * Math.min(...[...there, ...out].map((offering) => offering.type.vcpu))
          <= (input.pool.limits.vcpu ?? Infinity)
        && input.pool.limits.instances === undefined
        && input.pool.limits.memoryMib === undefined
        && input.pool.limits.usdPerHour === undefined
        && demand.spread === undefined
      )
        wrong.push('a node for each of the gang is within the limits');
      break;
    case 'shortage':
      if (out.length === 0) wrong.push('nothing is out');
      if (
        one.lacking === undefined
        || one.lacking.length === 0
        || one.lacking.some((offering) => !out.includes(offering))
      )
        wrong.push('it does not say what is out');
      if (there.length > 0 && !related) wrong.push('there is capacity');
      break;
    case 'limits': {
      if (there.length === 0) wrong.push('nothing that can carry it is to be had, whatever the limits');
      const named = limitNames.filter((key) => one.message.includes(`limits.${key} is `));
      if (named.length === 0) wrong.push('no limit is named');
      for (const key of named) if (input.pool.limits[key] === undefined) wrong.push(`there is no limit ${key}`);
      if (!related && !there.every((offering) => passes(input, usage, offering)))
        wrong.push('another node is within the limits');
      break;
    }
    case 'constraints':
      if (!related) wrong.push('it has no relation to others');
      break;
  }
  return wrong;
}

/** Whole zones out of capacity, as a shortage is. */
const shortages = fc
  .tuple(inputs, fc.subarray(zones))
  .map(([input, out]): AllocationInput =>
    Object.assign(
      {
        ...input,
        offerings: input.offerings.filter((one) => !out.includes(one.zone)),
        unavailable: [...input.unavailable, ...input.offerings.filter((one) => out.includes(one.zone))],
      },
      { [fc.toStringMethod]: () => `zones ${out.join(',')} out of ${fc.stringify(input)}` },
    ),
  );

test('the reason of each task without a place is true, zones out or not', () => {
  fc.assert(
    fc.property(shortages, (input) => {
      expect(falsehoodsOf(input, allocate(input))).toEqual([]);
    }),
    { numRuns: countOf({ short: 400, long: 400, quick: 80 }), seed: 20 },
  );
});

test('without limits nothing waits for a limit', () => {
  fc.assert(
    fc.property(shortages, (given) => {
      const input = { ...given, pool: { ...given.pool, limits: {} } };
      expect(allocate(input).unplaced.filter((one) => one.kind === 'limits')).toEqual([]);
    }),
    { numRuns: countOf({ short: 400, long: 400, quick: 80 }), seed: 21 },
  );
});
