// Commitments for the engine's tests, what plans use of them, and a generator.
import { expect } from '@jest/globals';
import { fc } from '../../../properties.ts';
import type { AllocationPlan, PaidCapacity } from '../../../../lib/core/allocation/types.ts';
import type { Commitment } from '../../../../lib/core/catalog/commitments.ts';
import { coveredUsdPerHour } from '../../../../lib/core/catalog/commitments.ts';
import { types } from '../worlds.ts';

export function reserved(instanceType: string, count: number, zone?: string): Commitment {
  const at = zone === undefined ? {} : { zone };
  return { kind: 'reserved-instances', name: `ri-${instanceType}`, instanceType, count, ...at };
}

export function saved(usdPerHour: number, discountPercent = 50): Commitment {
  return { kind: 'savings-plan', name: 'sp', usdPerHour, discountPercent };
}

const hourMs = 3_600_000;

/** A targeted capacity reservation; with an end a capacity block, of worlds whose time is 1,000,000. */
export function named(instanceType: string, count: number, zone: string, endsInMs?: number): Commitment {
  const its = { name: `cr-${instanceType}`, instanceType, count, zone };
  if (endsInMs === undefined) return { kind: 'capacity-reservation', ...its };
  return { kind: 'capacity-block', ...its, fromMs: 0, untilMs: 1_000_000 + endsInMs };
}

/** Of which nothing is in use. */
export function whole(...commitments: readonly Commitment[]): PaidCapacity {
  return commitments.map((commitment) => {
    const of = commitment.kind === 'savings-plan' ? commitment.usdPerHour : commitment.count;
    return { commitment, of, used: 0, left: commitment.kind === 'savings-plan' ? coveredUsdPerHour(commitment) : of };
  });
}

/** Instances, or USD per hour on demand, by commitment. */
export function paidFor({ launches }: AllocationPlan, by: Commitment): number {
  return launches
    .filter((one) => one.paidBy === by.name)
    .reduce((sum, { count, offerings: [first] }) => {
      expect(first?.capacityType).toBe('on-demand');
      return sum + count * (by.kind === 'savings-plan' ? (first?.priceUsdPerHour ?? 0) : 1);
    }, 0);
}

export const commitmentLists = fc.array(
  fc.oneof(
    fc.record({
      instanceType: fc.constantFrom(...types.map((one) => one.name)),
      count: fc.integer({ min: 1, max: 3 }),
      zone: fc.constantFrom(undefined, 'za', 'zb'),
    }),
    fc.record({ usdPerHour: fc.constantFrom(0.05, 0.4, 2), discountPercent: fc.constantFrom(0, 30) }),
    fc.record({
      kind: fc.constantFrom('capacity-reservation', 'capacity-block'),
      instanceType: fc.constantFrom(...types.map((one) => one.name)),
      count: fc.integer({ min: 1, max: 3 }),
      zone: fc.constantFrom('za', 'zb'),
      untilMs: fc.constantFrom(1_000_000 + 2 * hourMs, 1_000_000 + 500 * hourMs),
    }),
  ),
  { minLength: 1, maxLength: 3 },
);

export function paidOf(list: readonly object[]): PaidCapacity {
  return whole(
    ...list.map((one, at): Commitment => {
      const kind = 'usdPerHour' in one ? 'savings-plan' : 'reserved-instances';
      return JSON.parse(JSON.stringify({ kind, ...one, name: `c${String(at)}` })) as Commitment;
    }),
  );
}
