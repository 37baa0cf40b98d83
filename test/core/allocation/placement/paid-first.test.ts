// Paid capacity first: filled before anything is bought, never beyond what is left; what all plans obey holds for them.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../../properties.ts';
import { afterLaunches, countingAll, paidFirst } from '../../../../lib/core/allocation/constraints/paid-first.ts';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan, Demand } from '../../../../lib/core/allocation/types.ts';
import type { Commitment } from '../../../../lib/core/catalog/commitments.ts';
import { offer, typeOf } from '../../builders.ts';
import { problemsOf } from '../checker.ts';
import { exactCost } from '../exact.ts';
import { commitmentLists, named, paidFor, paidOf, reserved, saved, whole } from './paid-worlds.ts';
import { binOf, demandOf, inputOf, inputs, offerings, types } from '../worlds.ts';

const engine = paidFirst(allocate);

/** The judge knows no commitments: it adds up all that is launched. */
function problems(input: AllocationInput, plan: AllocationPlan): readonly string[] {
  // What is set aside is there when nothing else of it is for sale.
  const named = plan.launches.flatMap((one) => (one.reservation === undefined ? [] : one.offerings));
  const sold = { ...input, offerings: [...new Set([...input.offerings, ...named])] };
  return problemsOf(sold, { ...plan, costUsdPerHour: plan.costUsdPerHour + (plan.paidUsdPerHour ?? 0) });
}

const boughtTypes = ({ launches }: AllocationPlan): readonly (string | undefined)[] =>
  launches.filter((one) => one.paidBy === undefined).map((one) => one.offerings[0]?.type.name);

describe('where nothing is paid for', () => {
  test('a plan is the very same, whatever is asked', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(JSON.stringify(countingAll(allocate)(input))).toBe(JSON.stringify(allocate(input)));
      }),
      { numRuns: 20, seed: 3 },
    );
  });
});

describe('named reservations', () => {
  const reservation = named('m1.4xl', 2, 'za');

  test('are launched into by name, in their zone, up to their count; their reason says so', () => {
    const plan = engine(inputOf([demandOf('d', 7, 1_000, 20)], { paid: whole(reservation) }));
    const [first] = plan.launches;
    expect(first).toMatchObject({ paidBy: 'cr-m1.4xl', count: 2 });
    expect(first?.reservation).toEqual({ id: 'cr-m1.4xl', kind: 'capacity-reservation' });
    expect(first?.offerings.map((one) => one.id)).toEqual(['m1.4xl/za/on-demand']);
    expect(first?.reason).toMatch(
      /^m1\.4xl is paid for by capacity reservation cr-m1\.4xl \(0 of its 2 were in use\), so it costs nothing more/,
    );
    expect(plan.launches.slice(1).some((one) => one.reservation !== undefined)).toBe(false);
  });

  test('are there where EC2 has nothing else of the type', () => {
    const isIts = ({ type }: { readonly type: { readonly name: string } }): boolean => type.name === 'm1.4xl';
    const sold = { offerings: offerings.filter((one) => !isIts(one)), unavailable: offerings.filter(isIts) };
    const demand = [demandOf('d', 7, 1_000, 3)];
    expect(paidFor(engine(inputOf(demand, { ...sold, paid: whole(reservation) })), reservation)).toBe(2);
    const instances = reserved('m1.4xl', 2);
    expect(paidFor(engine(inputOf(demand, { ...sold, paid: whole(instances) })), instances)).toBe(0);
  });

  test('of a block carry what ends before EC2 ends it, or is not known to last longer', () => {
    const hour = 3_600_000;
    const block = named('m1.4xl', 2, 'za', 4 * hour);
    const took = (more: Partial<Demand>) => {
      const input = inputOf([demandOf('d', 7, 1_000, 2, more)], { paid: whole(block) });
      const plan = engine(input);
      expect(problems(input, plan)).toEqual([]);
      return paidFor(plan, block);
    };
    expect(took({})).toBe(1);
    expect(took({ expectedDurationMs: 3.3 * hour })).toBe(1);
    expect(took({ expectedDurationMs: 3.5 * hour })).toBe(0);
    expect(took({ lastsMs: 5 * hour })).toBe(0);
    expect(took({ timeoutMs: 5 * hour })).toBe(0);
    expect(took({ lastsMs: 5 * hour, timeoutMs: hour })).toBe(1);
  });

  test('of a block that a long task cannot have go to a short one like it that is served later', () => {
    const hour = 3_600_000;
    const block = named('m1.4xl', 1, 'za', 4 * hour);
    const [long, short] = [
      demandOf('a', 7, 1_000, 1, { expectedDurationMs: 9 * hour }),
      demandOf('b', 7, 1_000, 1, { createdAtMs: 5 }),
    ];
    const plan = engine(inputOf([long, short], { paid: whole(block) }));
    expect(plan.launches[0]).toMatchObject({ paidBy: 'cr-m1.4xl', tasks: [{ demandId: 'b', count: 1 }] });
    const ready = binOf('n', offerings.find((one) => one.id === 'm1.4xl/za/on-demand') ?? (undefined as never), {
      blockEndsAtMs: 1_000_000 + hour,
    });
    const there = engine(inputOf([long, short], { bins: [ready] }));
    expect(there.placements).toMatchObject([{ binId: 'n', tasks: [{ demandId: 'b', count: 1 }] }]);
  });

  test('have less left after launches into them, and after no others', () => {
    const input = inputOf([demandOf('d', 7, 1_000, 1)], { paid: whole(reservation, reserved('m1.4xl', 1)) });
    const plan = engine(input);
    const left = afterLaunches(input, plan.launches).paid?.map(({ commitment, left: rest }) => [commitment.name, rest]);
    expect(left).toEqual([
      ['cr-m1.4xl', 1],
      ['ri-m1.4xl', 1],
    ]);
  });
});

describe('reserved instances', () => {
  test('are filled first though others are cheaper, and beyond them the cheapest is bought', () => {
    const demand = [demandOf('d', 2, 1_000, 20)];
    const plain = allocate(inputOf(demand));
    expect(boughtTypes(plain)).not.toContain('m1.4xl');
    const plan = engine(inputOf(demand, { paid: whole(reserved('m1.4xl', 1)) }));
    expect(plan.launches[0]).toMatchObject({ paidBy: 'ri-m1.4xl', count: 1 });
    expect(plan.launches[0]?.offerings.map((one) => one.type.name)).toEqual(['m1.4xl']);
    expect(plan.launches[0]?.reason).toMatch(
      /^m1\.4xl is paid for by commitment ri-m1\.4xl \(0 of its 1 were in use\), so it costs nothing more; it carries/,
    );
    expect(plan.paidUsdPerHour).toBeCloseTo(0.78, 9);
    expect(boughtTypes(plan)).not.toContain('m1.4xl');
    expect(plan.costUsdPerHour).toBeLessThan(plain.costUsdPerHour);
    expect(plan.costUsdPerHour).toBeGreaterThan(0);
  });

  test('of a zone pay in that zone only; those of none in any, together never more than there are', () => {
    const zoned = (zone: string, count: number) =>
      demandOf(`d-${zone}`, 1.5, 500, count, { requirements: { zone: [zone] } });
    const demand = [zoned('za', 3), zoned('zb', 3)];
    const inA = engine(inputOf(demand, { paid: whole(reserved('c1.l', 9, 'za')) }));
    expect(paidFor(inA, reserved('c1.l', 9))).toBe(3);
    const anywhere = engine(inputOf(demand, { paid: whole(reserved('c1.l', 4)) }));
    expect(paidFor(anywhere, reserved('c1.l', 4))).toBe(4);
    expect(problems(inputOf(demand), anywhere)).toEqual([]);
  });

  test('room that is there or coming comes first, whatever it costs', () => {
    const dear = offerings.find((one) => one.id === 'g1.4xl/za/on-demand') ?? offer(types[0] as never, 'za', 'spot');
    for (const state of ['ready', 'in-flight'] as const) {
      const bins = [binOf('n', dear, { state })];
      const plan = engine(inputOf([demandOf('d', 1, 500)], { bins, paid: whole(reserved('c1.l', 5)) }));
      expect(plan.launches).toEqual([]);
      expect(plan.placements.map((one) => one.binId)).toEqual(['n']);
    }
  });

  test('with GPUs are for tasks that want one', () => {
    const paid = whole(reserved('g1.xl', 5));
    expect(paidFor(engine(inputOf([demandOf('d', 1, 500)], { paid })), reserved('g1.xl', 5))).toBe(0);
    const resources = { cpuMilli: 1_000, memoryMib: 500, gpu: 1 };
    const plan = engine(inputOf([demandOf('d', 1, 500, 2, { resources })], { paid }));
    expect(paidFor(plan, reserved('g1.xl', 5))).toBe(2);
  });

  test('are packed also where the pool spreads what runs', () => {
    const demand = [demandOf('d', 0.5, 500, 12)];
    const plan = engine(inputOf(demand, { pool: { placement: 'spread' }, paid: whole(reserved('c1.4xl', 9)) }));
    expect(paidFor(plan, reserved('c1.4xl', 9))).toBe(1);
  });

  test('of any zone are filled before others are bought, however many types and zones there are', () => {
    const sold = offerings.filter((one) => one.zone !== 'zc');
    const paid = whole(reserved('c1.l', 4), reserved('c1.xl', 4));
    const plan = engine(inputOf([demandOf('d', 1.6, 500, 12)], { offerings: sold, paid }));
    expect(paidFor(plan, reserved('c1.l', 4))).toBe(4);
    expect(paidFor(plan, reserved('c1.xl', 4))).toBe(4);
    expect(plan.costUsdPerHour).toBe(0);
  });

  test('that no task fits, or of a zone that none may be in, do not stand before others', () => {
    const large = [demandOf('d', 10, 500, 500)];
    const behind = engine(inputOf(large, { paid: whole(reserved('c1.l', 400), reserved('c1.4xl', 5)) }));
    expect(paidFor(behind, reserved('c1.4xl', 5))).toBe(5);
    const zoned = [demandOf('d', 1.5, 500, 300, { requirements: { zone: ['zc'] } })];
    expect(paidFor(engine(inputOf(zoned, { paid: whole(reserved('c1.l', 200)) })), reserved('c1.l', 200))).toBe(200);
  });

  test('of which there are more than are shown at once take turns', () => {
    const many = [reserved('c1.l', 900), reserved('m1.l', 900, 'za'), reserved('r1.l', 900, 'zb')];
    const plan = engine(inputOf([demandOf('d', 1.5, 500, 900)], { paid: whole(...many) }));
    expect(many.map((one) => paidFor(plan, one))).toEqual([240, 80, 80]);
  });

  test('of burstable types are for bursty tasks', () => {
    const burstable = typeOf('t9.l', 2, 4, 0.09, { isBurstable: true });
    const sold = [...offerings, offer(burstable, 'za', 'on-demand')];
    const paidIn = (requirements: Demand['requirements']): number => {
      const demand = [demandOf('d', 1.5, 500, 2, { requirements })];
      return paidFor(
        engine(inputOf(demand, { offerings: sold, paid: whole(reserved('t9.l', 5)) })),
        reserved('t9.l', 5),
      );
    };
    expect(paidIn({})).toBe(0);
    expect(paidIn({ bursty: true })).toBe(2);
  });

  test('keep to the limits, and give way where these allow others that carry more', () => {
    const paid = whole(reserved('c1.l', 9));
    const demand = [demandOf('d', 1.5, 500, 2)];
    const plan = engine(inputOf(demand, { paid, pool: { limits: { instances: 2 } } }));
    expect(paidFor(plan, reserved('c1.l', 9))).toBe(2);
    const more = engine(inputOf([demandOf('d', 1.5, 500, 6)], { paid, pool: { limits: { instances: 2 } } }));
    expect(more.unplaced).toEqual([]);
    expect(paidFor(more, reserved('c1.l', 9))).toBeLessThanOrEqual(2);
    const least = engine(inputOf([demandOf('d', 1.5, 500, 6)], { paid, pool: { limits: { vcpu: 4 } } }));
    expect(paidFor(least, reserved('c1.l', 9))).toBe(2);
    expect(least.unplaced).toMatchObject([{ kind: 'limits', count: 4 }]);
  });
});

describe('a savings plan', () => {
  test('has on-demand nodes bought though spot is cheaper, as far as it pays for them', () => {
    const demand = [demandOf('d', 1.5, 500, 8)];
    expect(new Set(allocate(inputOf(demand)).launches.map((one) => one.offerings[0]?.capacityType))).toEqual(
      new Set(['spot']),
    );
    const plan = engine(inputOf(demand, { paid: whole(saved(0.12)) }));
    const paid = paidFor(plan, saved(0.12));
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThanOrEqual(0.24 + 1e-9);
    const others = plan.launches.filter((one) => one.paidBy === undefined);
    expect(others.map((one) => one.offerings[0]?.capacityType)).toContain('spot');
    expect(problems(inputOf(demand), plan)).toEqual([]);
  });

  test('comes after reserved instances, and pays for its family only', () => {
    const demand = [demandOf('d', 1.5, 500, 4)];
    const family: Commitment = { ...saved(10), kind: 'savings-plan', instanceFamily: 'm1' } as Commitment;
    const plan = engine(inputOf(demand, { paid: whole(reserved('c1.l', 1), family) }));
    expect(paidFor(plan, reserved('c1.l', 1))).toBe(1);
    expect(paidFor(plan, family)).toBeGreaterThan(0);
    expect(plan.launches.filter((one) => one.paidBy === 'sp').map((one) => one.offerings[0]?.type.family)).toEqual(
      expect.arrayContaining(['m1']),
    );
    expect(plan.costUsdPerHour).toBe(0);
  });
});

describe('laws', () => {
  test('every plan is sound, and no commitment pays for more than is left of it', () => {
    let paidLaunches = 0;
    fc.assert(
      fc.property(inputs, commitmentLists, (input, list) => {
        const paid = paidOf(list);
        const plan = engine({ ...input, paid });
        expect(problems(input, plan)).toEqual([]);
        for (const { commitment, left } of paid)
          expect(paidFor(plan, commitment)).toBeLessThanOrEqual(left * (1 + 1e-9));
        expect(plan.lowerBoundUsdPerHour ?? 0).toBeLessThanOrEqual(plan.costUsdPerHour + 1e-9);
        paidLaunches += plan.launches.filter((one) => one.paidBy !== undefined).length;
        const after = afterLaunches({ ...input, paid }, plan.launches);
        for (const one of paid) {
          const rest = after.paid?.find((other) => other.commitment === one.commitment)?.left ?? 0;
          expect(rest).toBeLessThanOrEqual(one.left - paidFor(plan, one.commitment) + 1e-9);
        }
      }),
      { numRuns: 120, seed: 5 },
    );
    expect(paidLaunches).toBeGreaterThan(20);
  });

  test('the bound is below the cheapest fleet that has one node for nothing', () => {
    const few = ['c1.l', 'c1.xl', 'm1.l'].flatMap((name) => types.filter((type) => type.name === name));
    const sold = few.map((type) => offer(type, 'za', 'on-demand'));
    const sizes = fc.array(fc.constantFrom([0.4, 300], [1, 1500], [1.9, 3700], [2.5, 7000]), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom(...few), (list, free) => {
        const demand = list.map(([vcpu = 0, mib = 0], at) => demandOf(`d${String(at)}`, vcpu, mib));
        const plan = engine(inputOf(demand, { offerings: sold, paid: whole(reserved(free.name, 1)) }));
        expect(plan.unplaced).toEqual([]);
        let best = Infinity;
        for (let set = 0; set < 2 ** demand.length; set += 1) {
          const [on, off] = [demand.filter((_, at) => set & (1 << at)), demand.filter((_, at) => !(set & (1 << at)))];
          const sum = (key: 'cpuMilli' | 'memoryMib'): number => on.reduce((all, one) => all + one.resources[key], 0);
          if (sum('cpuMilli') <= free.allocatable.cpuMilli && sum('memoryMib') <= free.allocatable.memoryMib)
            best = Math.min(best, exactCost(off, sold));
        }
        expect(plan.lowerBoundUsdPerHour ?? 0).toBeLessThanOrEqual(best + 1e-9);
        expect(plan.costUsdPerHour).toBeGreaterThanOrEqual(best - 1e-9);
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});

test('launches of a decision use up what later plans of it may have', () => {
  const input: AllocationInput = inputOf([demandOf('d', 1.5, 500, 3)], { paid: whole(reserved('c1.l', 3)) });
  const first = engine({ ...input, demand: [demandOf('d', 1.5, 500, 2)] });
  const after = afterLaunches(input, first.launches);
  expect(after.usage.instances).toBe(2);
  expect(after.paid).toMatchObject([{ left: 1 }]);
  expect(paidFor(engine({ ...after, demand: [demandOf('e', 1.5, 500, 3)] }), reserved('c1.l', 3))).toBe(1);
});
