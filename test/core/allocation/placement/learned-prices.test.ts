// Learned prices in a plan: what is expected to be dear is passed over and said to be, limits go by real prices, and
// what was bad is tried again within a part of all that is spent.
import { describe, expect, test } from '@jest/globals';
import { countingAll } from '../../../../lib/core/allocation/constraints/paid-first.ts';
import { trialShare } from '../../../../lib/core/allocation/constraints/learned-prices.ts';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import type { LearnedPrice, Offering } from '../../../../lib/core/values/offering.ts';
import { offer, typeOf } from '../../builders.ts';
import { binOf, demandOf, inputOf } from '../worlds.ts';

const bad = typeOf('c1.l', 2, 4, 0.08);
const good = typeOf('c2.l', 2, 4, 0.1);
const of = (learned?: Partial<LearnedPrice>): readonly Offering[] => [
  {
    ...offer(bad, 'za', 'on-demand'),
    ...(learned && { learned: { factor: 1.5, hopeful: 1.5, because: 'counts 50 % more than its price', ...learned } }),
  },
  offer(good, 'za', 'on-demand'),
];

function planned(offerings: readonly Offering[], more: Partial<AllocationInput> = {}, tasks = 1): AllocationPlan {
  return countingAll(allocate)({ ...inputOf([demandOf('a', 1, 3_000, tasks)]), offerings, unavailable: [], ...more });
}
const bought = ({ launches }: AllocationPlan): readonly (string | undefined)[] =>
  launches.map((one) => one.offerings[0]?.type.name);

test('what counts more than another is passed over, at the real price, and the reason says so', () => {
  expect(bought(planned(of()))).toEqual(['c1.l']);
  const plan = planned(of({}));
  expect(bought(plan)).toEqual(['c2.l']);
  expect(plan.costUsdPerHour).toBeCloseTo(0.1, 9);
  expect(plan.launches[0]?.reason).toContain(
    ' Learned: c1.l/za/on-demand counts 50 % more than its price, and would have been bought otherwise.',
  );
  // EC2 is not given it as another choice either.
  expect(plan.launches[0]?.offerings.map((one) => one.type.name)).toEqual(['c2.l']);
  expect(plan.lowerBoundUsdPerHour).toBeLessThanOrEqual(0.1 + 1e-9);
});

test('what counts more and is still the best, or is not in question, is bought without a word', () => {
  const plan = planned(of({ factor: 1.2, hopeful: 1.2 }));
  expect(bought(plan)).toEqual(['c1.l']);
  expect(plan.launches[0]?.reason).not.toContain('Learned');
});

test('limits are of real prices', () => {
  const dear = planned(of({ factor: 4, hopeful: 4 }).slice(0, 1), {
    pool: { ...inputOf([]).pool, limits: { usdPerHour: 0.09 } },
  });
  expect(bought(dear)).toEqual(['c1.l']);
  expect(dear.costUsdPerHour).toBeCloseTo(0.08, 9);
});

describe('a trial', () => {
  const hopeful = of({ factor: 1.5, hopeful: 1.1 });
  /** What a node of it counts more than it would have to. */
  const extra = 0.08 * 0.4;
  const usage = (usdPerHour: number): AllocationInput['usage'] => ({ ...inputOf([]).usage, usdPerHour });
  const enough = extra / trialShare;

  test('is made while all of them are a small part of what is spent, and says so', () => {
    const plan = planned(hopeful, { usage: usage(enough) });
    expect(bought(plan)).toEqual(['c1.l']);
    expect(plan.launches[0]?.reason).toContain('Tried again');
    expect(bought(planned(hopeful, { usage: usage(enough / 2) }))).toEqual(['c2.l']);
  });

  test('is not left to EC2 beside what was chosen', () => {
    // As cheap as c2.l if it were as good as may be hoped.
    const near = of({ hopeful: 1 }).map((one, at) => (at === 0 ? { ...one, priceUsdPerHour: 0.105 } : one));
    const plan = planned(near, { offeringsPerLaunch: 5 });
    expect(plan.launches.map((one) => one.offerings.map(({ type }) => type.name))).toEqual([['c2.l']]);
  });

  test('is not made of many nodes at once, nor beside those that are there', () => {
    expect(bought(planned(hopeful, { usage: usage(enough) }, 4))).not.toContain('c1.l');
    const [first] = hopeful;
    if (first === undefined) throw new Error('there is none');
    const full = binOf('i-1', first, { free: { cpuMilli: 0, memoryMib: 0, gpu: 0 } });
    expect(bought(planned(hopeful, { usage: usage(enough), bins: [full] }))).toEqual(['c2.l']);
  });

  test('is the same for the same question', () => {
    const twice = [1, 2].map(() => planned(hopeful, { usage: usage(enough) }));
    expect(twice[0]).toEqual(twice[1]);
  });
});
