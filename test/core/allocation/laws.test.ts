// Laws that every plan obeys: the bound is a bound, order and shape of the input don't matter, more choice and less
// demand don't cost more (within a stated tolerance), and more time never makes a plan worse.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import type { Demand } from '../../../lib/core/allocation/types.ts';
import { countOf } from '../../slice.ts';
import { exactCost } from './exact.ts';
import { offer } from '../builders.ts';
import { demandOf, demands, inputOf, inputs, offerings, plainDemands, types } from './worlds.ts';

/**
 * The worst rise in cost, in percent, that the search may show where the optimum cannot rise. Worst seen:
 * see docs/allocation.md.
 */
const monotoneTolerancePercent = 12;
/** Pattern programs stop at a share of this: two bounds of nearly the same demand may differ by it. */
const tolerance = 0.02;

const few = ['c1.l', 'c1.xl', 'm1.l', 'r1.2xl']
  .flatMap((name) => types.filter((type) => type.name === name))
  .map((type) => offer(type, 'za', 'on-demand'));

describe('laws', () => {
  test('bound <= optimum <= plan, against exact dynamic programming on small cases', () => {
    const small = fc.array(
      fc.record({
        vcpu: fc.constantFrom(0.4, 0.7, 1, 1.9, 2.5),
        memoryMib: fc.constantFrom(300, 1500, 3700, 7000),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let optimal = 0;
    let all = 0;
    fc.assert(
      fc.property(small, (list) => {
        const demand = list.map((one, at) => demandOf(`d${String(at)}`, one.vcpu, one.memoryMib, one.count));
        const plan = allocate(inputOf(demand, { offerings: few, iterations: 20 }));
        const optimum = exactCost(demand, few);
        expect(plan.unplaced).toEqual([]);
        expect(plan.lowerBoundUsdPerHour ?? 0).toBeLessThanOrEqual(optimum + 1e-9);
        expect(plan.costUsdPerHour).toBeGreaterThanOrEqual(optimum - 1e-9);
        all += 1;
        if (plan.costUsdPerHour < optimum + 1e-9) optimal += 1;
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(optimal / all).toBeGreaterThan(0.9);
  });

  test('the bound holds with free capacity on bins, too: what is bought is never cheaper than it', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = allocate(input);
        expect(plan.lowerBoundUsdPerHour ?? 0).toBeLessThanOrEqual(plan.costUsdPerHour + 1e-9);
      }),
      { numRuns: 30, seed: 2 },
    );
  });

  test('the order of the input does not matter', () => {
    fc.assert(
      fc.property(demands, fc.integer(), (demand, seed) => {
        const shuffled = [...demand].sort((a, b) => hash(a.id, seed) - hash(b.id, seed));
        expect(allocate(inputOf(shuffled, { offerings: [...offerings].reverse() }))).toEqual(allocate(inputOf(demand)));
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  test('a shape with a count is the same as its tasks one by one', () => {
    fc.assert(
      fc.property(plainDemands, (demand) => {
        const single = demand.flatMap((one) =>
          Array.from({ length: one.count }, (_, at): Demand => ({
            ...one,
            id: `${one.id}.${String(at).padStart(3, '0')}`,
            count: 1,
          })),
        );
        const whole = allocate(inputOf(demand));
        const parts = allocate(inputOf(single));
        expect(parts.costUsdPerHour).toBeCloseTo(whole.costUsdPerHour, 9);
        expect(parts.lowerBoundUsdPerHour).toBeCloseTo(whole.lowerBoundUsdPerHour ?? 0, 9);
      }),
      { numRuns: 30, seed: 4 },
    );
  });

  test('the same input gives the same plan, bit for bit', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(JSON.stringify(allocate(input))).toBe(JSON.stringify(allocate(input)));
      }),
      { numRuns: 20, seed: 5 },
    );
  });

  test('more iterations never make a plan dearer', () => {
    fc.assert(
      fc.property(plainDemands, (demand) => {
        let last = Infinity;
        for (const iterations of [0, 1, 3, 10]) {
          const { costUsdPerHour } = allocate(inputOf(demand, { iterations }));
          expect(costUsdPerHour).toBeLessThanOrEqual(last + 1e-9);
          last = costUsdPerHour;
        }
      }),
      { numRuns: 20, seed: 6 },
    );
  });

  test('task slots beyond what tasks could use change nothing, and fewer of them never lower the bound', () => {
    fc.assert(
      fc.property(demands, fc.integer({ min: 1, max: 40 }), (demand, tasksPerNode) => {
        const tasks = demand.reduce((sum, one) => sum + one.count, 0);
        const planned = (slots: number) => {
          const { pool, ...rest } = inputOf(demand);
          return allocate({ ...rest, pool: { ...pool, tasksPerNode: slots } });
        };
        const boundOf = (slots: number): number => planned(slots).lowerBoundUsdPerHour ?? 0;
        expect(tasks).toBeLessThan(1_000);
        expect(planned(1_000_000)).toEqual(planned(1_024));
        const few = planned(tasksPerNode);
        expect(few.lowerBoundUsdPerHour ?? 0).toBeLessThanOrEqual(few.costUsdPerHour + 1e-9);
        if (few.unplaced.length === 0 && planned(1_000_000).unplaced.length === 0)
          expect(few.lowerBoundUsdPerHour ?? 0).toBeGreaterThanOrEqual(boundOf(1_000_000) * (1 - tolerance) - 1e-9);
      }),
      { numRuns: countOf({ short: 40, long: 200 }), seed: 8 },
    );
  });

  test('with a million slots the bound and the plan are those of a thousand', () => {
    const labels = ['a', 'b', 'c'];
    const demand = Array.from({ length: 150 }, (_, at): Demand => {
      const group = `g${labels[at % 3] ?? ''}`;
      const one = demandOf(
        `d${String(at).padStart(3, '0')}`,
        [0.1, 0.25, 0.5, 1, 1.5][(at * 7) % 5] ?? 1,
        100 + ((at * 911) % 3_900),
        1,
      );
      if (at % 3 === 0) return { ...one, group: 'apart', antiAffinity: [{ topology: 'node', group: 'apart' }] };
      return at % 3 === 1 ? { ...one, group, spread: [{ topology: 'node', group, maxSkew: 1 }] } : one;
    });
    const planned = (tasksPerNode: number) => {
      const { pool, ...rest } = inputOf(demand, { iterations: 0 });
      return allocate({ ...rest, pool: { ...pool, tasksPerNode } });
    };
    const [few, many] = [planned(1_000), planned(1_000_000)];
    expect(many).toEqual(planned(1_024));
    // The same program with another number in it: it may stop a hair earlier or later.
    const boundOf = (plan: typeof few): number => plan.lowerBoundUsdPerHour ?? 0;
    expect(Math.abs(boundOf(many) / boundOf(few) - 1)).toBeLessThan(1e-4);
    expect(Math.abs(many.costUsdPerHour / few.costUsdPerHour - 1)).toBeLessThan(1e-2);
  });

  test('a first plan of large tasks, some with GPUs, is near its bound: its patterns are sought to the end', () => {
    const sold = offeringsOf({ capacityType: ['on-demand'] });
    for (const seed of [1, 2]) {
      const next = numbers(seed);
      const demand = Array.from({ length: 40 + 5 * seed }, (_, at): Demand => {
        const count = 1 + Math.floor(60 * next() ** 4);
        const [vcpu, memoryMib] = [2 * 2 ** (5 * next()), Math.round(4096 * 2 ** (5 * next()))];
        const gpu = next() < 0.3 ? 0 : 1 + Math.floor(1.2 * next());
        const cpuMilli = Math.round(1000 * vcpu);
        return { ...demandOf(`d${String(at)}`, 0, 0, count), resources: { cpuMilli, memoryMib, gpu } };
      });
      const plan = allocate(inputOf(demand, { offerings: sold, iterations: 0 }));
      expect(plan.unplaced).toEqual([]);
      expect(plan.gapPercent).toBeLessThan(1);
    }
  });

  test('one more offering, or one task less, costs no more than the tolerance', () => {
    let worstPercent = 0;
    fc.assert(
      fc.property(plainDemands, fc.integer({ min: 0, max: types.length - 1 }), (demand, without) => {
        const sold = offerings.filter((one) => one.type.name !== types[without]?.name || one.zone !== 'za');
        const before = allocate(inputOf(demand, { offerings: sold })).costUsdPerHour;
        const wider = allocate(inputOf(demand)).costUsdPerHour;
        const [first, ...rest] = demand;
        const less =
          first === undefined ? rest : [...(first.count > 1 ? [{ ...first, count: first.count - 1 }] : []), ...rest];
        const fewer = allocate(inputOf(less)).costUsdPerHour;
        worstPercent = Math.max(worstPercent, 100 * (wider / before - 1), wider > 0 ? 100 * (fewer / wider - 1) : 0);
        expect(worstPercent).toBeLessThanOrEqual(monotoneTolerancePercent);
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});

/** Lehmer's sequence of numbers below 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function hash(text: string, seed: number): number {
  let value = seed;
  for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 2654435761);
  return value >>> 0;
}
