// Counting what nodes cost until they are empty: smaller nodes where lives differ, and tasks that end together.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { Bin, OverTime } from '../../../../lib/core/allocation/types.ts';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import { offer, typeOf } from '../../builders.ts';
import { binOf, demandOf, inputOf, offerings } from '../worlds.ts';

const minute = 60_000;
const of = (type: string): Offering =>
  offerings.find((one) => one.type.name === type && one.capacityType === 'on-demand') as Offering;
const weighed: OverTime = { sizeExponent: 0.3, sizeFloorVcpu: 1 };

function sizes(overTime?: OverTime) {
  const sold = offerings.filter((one) => one.capacityType === 'on-demand');
  const plan = allocate(
    inputOf([demandOf('a', 0.45, 500, 40)], { offerings: sold, ...(overTime ? { overTime } : {}) }),
  );
  return {
    plan,
    vcpu: plan.launches.flatMap((one) => new Array<number>(one.count).fill(one.offerings[0]?.type.vcpu ?? 0)),
  };
}

describe('buying', () => {
  test('takes smaller nodes, and says what was weighed', () => {
    const [before, after] = [sizes(), sizes(weighed)];
    expect(Math.max(...after.vcpu)).toBeLessThan(Math.max(...before.vcpu));
    expect(after.plan.launches[0]?.reason).toContain('Weighed by cost until it is empty');
    expect(before.plan.launches[0]?.reason).not.toContain('Weighed');
  });

  test('takes a node that usual tasks will fill again, where it costs less than by its size', () => {
    const sold = (price: number): readonly Offering[] => [
      offer(typeOf('m.medium', 1, 4, 0.055), 'za', 'on-demand'),
      offer(typeOf('m.large', 2, 8, price), 'za', 'on-demand'),
    ];
    const usual = { cpuMilli: 2_000, memoryMib: 2_000 };
    const bought = (price: number, overTime: OverTime) =>
      allocate(inputOf([demandOf('a', 0.5, 500)], { offerings: sold(price), overTime })).launches[0];
    const plain: OverTime = { sizeExponent: 0, sizeFloorVcpu: 1 };
    expect(bought(0.08, plain)?.offerings[0]?.type.name).toBe('m.medium');
    expect(bought(0.08, { ...plain, usual })?.offerings[0]?.type.name).toBe('m.large');
    expect(bought(0.08, { ...plain, usual })?.reason).toContain('less than 2 vCPU or 2000 MiB');
    // Twice as large at twice the price is no bargain, however large the usual tasks are.
    const large = { cpuMilli: 64_000, memoryMib: 64_000 };
    expect(bought(0.11, { ...plain, usual: large })?.offerings[0]?.type.name).toBe('m.medium');
    // By memory alone, too; and each is weighed with its size.
    const memory = { cpuMilli: 100, memoryMib: 7_000 };
    expect(bought(0.08, { ...weighed, sizeExponent: 0.1, usual: memory })?.offerings[0]?.type.name).toBe('m.large');
  });

  test('costs and their bound stay list prices', () => {
    const { plan } = sizes(weighed);
    const list = plan.launches.reduce((sum, one) => sum + one.count * (one.offerings[0]?.priceUsdPerHour ?? 0), 0);
    expect(plan.costUsdPerHour).toBeCloseTo(list, 9);
    expect(plan.lowerBoundUsdPerHour).toBeLessThanOrEqual(plan.costUsdPerHour);
    expect(plan.lowerBoundUsdPerHour).toBeCloseTo(sizes().plan.lowerBoundUsdPerHour ?? 0, 6);
  });

  test('is as without where lives do not differ, or the floor is above all sizes', () => {
    expect(sizes({ sizeExponent: 0, sizeFloorVcpu: 1 }).plan).toEqual(sizes().plan);
    expect(sizes({ ...weighed, sizeFloorVcpu: 1_024 }).vcpu).toEqual(sizes().vcpu);
  });
});

describe('placing', () => {
  const bin = (id: string, staysMs: number, cpuMilli: number): Bin =>
    binOf(id, of('c1.xl'), { free: { ...of('c1.xl').type.allocatable, cpuMilli }, expectedEmptyAtMs: null, staysMs });
  const placedOn = (bins: readonly Bin[], expectedDurationMs: number | null = null): string[] =>
    allocate(
      inputOf([demandOf('a', 0.5, 500, 1, { expectedDurationMs, lastsMs: expectedDurationMs ?? minute })], {
        bins,
        overTime: weighed,
      }),
    ).placements.map((one) => one.binId);

  test('goes where tasks go on for long, so that the node whose tasks are about to end goes', () => {
    expect(placedOn([bin('a', minute, 1_000), bin('b', 60 * minute, 2_000)])).toEqual(['b']);
    expect(placedOn([bin('a', minute, 1_000), bin('empty', 0, 3_900)])).toEqual(['a']);
  });

  test('among nodes that stay equally long, to the fullest', () => {
    expect(placedOn([bin('a', minute, 2_000), bin('b', minute, 1_000)])).toEqual(['b']);
  });

  test('a task that says how long it lasts goes where it keeps no node', () => {
    expect(placedOn([bin('short', minute, 600), bin('long', 20 * minute, 2_000)], 10 * minute)).toEqual(['long']);
    expect(placedOn([bin('long', 20 * minute, 600), bin('longer', 60 * minute, 2_000)], 10 * minute)).toEqual(['long']);
  });
});
