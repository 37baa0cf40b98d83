// Commitments cost nobody a place: what a plan without them serves first is served first with them, and as much of it.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../../properties.ts';
import { paidFirst } from '../../../../lib/core/allocation/constraints/paid-first.ts';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { orderOf } from '../../../../lib/core/allocation/ordering/index.ts';
import type { AllocationInput, AllocationPlan, Demand } from '../../../../lib/core/allocation/types.ts';
import type { Commitment } from '../../../../lib/core/catalog/commitments.ts';
import { commitmentLists, paidFor, paidOf, reserved, saved, whole } from './paid-worlds.ts';
import { demandOf, inputOf, inputs, offerings } from '../worlds.ts';

const engine = paidFirst(allocate);

/** Of each demand in serving order, how many tasks have a place. */
function servedIn({ demand }: AllocationInput, { unplaced }: AllocationPlan): ReadonlyMap<string, number> {
  const waiting = new Map(unplaced.map((one) => [one.demandId, one.count]));
  return new Map(demand.map(({ id, count }) => [id, count - (waiting.get(id) ?? 0)]));
}

/** What breaks the law, in words; an order in which each demand has one turn. */
function broken(input: AllocationInput, plan: AllocationPlan): string | null {
  const plain = allocate(input);
  const [its, others] = [servedIn(input, plan), servedIn(input, plain)];
  const total = (served: ReadonlyMap<string, number>): number => [...served.values()].reduce((a, b) => a + b, 0);
  if (total(its) < total(others)) return `${String(total(others) - total(its))} tasks have a place only without`;
  const first = orderOf(input).find(({ demand: { id } }) => its.get(id) !== others.get(id))?.demand.id;
  return first !== undefined && (its.get(first) ?? 0) < (others.get(first) ?? 0)
    ? `${first} gives way to what is served later`
    : null;
}

describe('no task waits that a plan without commitments places', () => {
  test('in random worlds', () => {
    let paidLaunches = 0;
    let waiting = 0;
    fc.assert(
      fc.property(inputs, commitmentLists, (input, list) => {
        // With fair shares a demand has many turns.
        const world: AllocationInput = {
          ...input,
          pool: { ...input.pool, ordering: input.pool.ordering === 'fair-share' ? 'priority' : input.pool.ordering },
        };
        const plan = engine({ ...world, paid: paidOf(list) });
        expect(broken(world, plan)).toBeNull();
        paidLaunches += plan.launches.filter((one) => one.paidBy !== undefined).length;
        waiting += plan.unplaced.filter((one) => one.kind === 'limits').length;
      }),
      { numRuns: 80, seed: 11 },
    );
    expect(paidLaunches).toBeGreaterThan(20);
    expect(waiting).toBeGreaterThan(20);
  });

  const big = demandOf('big', 7, 500, 1, { priority: 9 });
  const apart: Partial<Demand> = { group: 'g', spread: [{ topology: 'node', group: 'g', maxSkew: 1 }] };
  const beside: Partial<Demand> = { affinity: [{ topology: 'node', group: 'g' }] };
  test.each<readonly [string, readonly Demand[], Parameters<typeof inputOf>[1], Commitment]>([
    [
      'a gang that one node carries, where one may be bought',
      [demandOf('d', 0.9, 500, 4, { gang: true })],
      { pool: { limits: { instances: 1 } } },
      reserved('c1.l', 1),
    ],
    [
      'a large task before a small one',
      [big, demandOf('small', 0.5, 500)],
      { pool: { limits: { vcpu: 9 }, ordering: 'priority' } },
      reserved('c1.l', 1),
    ],
    [
      'tasks that spread over nodes and one that joins them',
      [demandOf('d', 1.5, 500, 2, apart), demandOf('e', 1, 500, 1, beside)],
      { pool: { limits: { instances: 1 } } },
      reserved('c1.xl', 2),
    ],
    [
      'where only types with GPUs are sold',
      [demandOf('d', 1.5, 500)],
      { offerings: offerings.filter((one) => one.type.gpu > 0), pool: { limits: { instances: 1 } } },
      saved(100),
    ],
  ])('%s', (_, demand, more, commitment) => {
    const input = inputOf(demand, more);
    const plan = engine({ ...input, paid: whole(commitment) });
    expect(broken(input, plan)).toBeNull();
    expect(plan.unplaced.map((one) => one.demandId)).not.toContain('big');
  });

  test('what is not taken does not count against the limits', () => {
    const input = inputOf([demandOf('d', 1.5, 500, 2)], { pool: { limits: { instances: 2 } } });
    const plan = engine({ ...input, paid: whole(reserved('c1.l', 1, 'za'), { ...reserved('g1.xl', 9), name: 'g' }) });
    expect(plan.unplaced).toEqual([]);
    expect(paidFor(plan, reserved('c1.l', 1))).toBe(1);
  });
});

describe('the engine is asked', () => {
  const families = ['c1', 'm1', 'r1', 'a1', 'g1'];
  const all = [
    ...families.map((family) => ({ ...saved(0.3), name: `sp-${family}`, instanceFamily: family }) as Commitment),
    ...Array.from({ length: 40 }, (_, at): Commitment => ({ ...saved(0.1), name: `sp-${String(at)}` })),
    reserved('c1.l', 2),
  ];
  const asked = (more: Partial<AllocationInput>, limit: number): number => {
    let calls = 0;
    paidFirst((input) => {
      calls += 1;
      return allocate(input);
    })({ ...inputOf([demandOf('d', 1.5, 500, 30)], { pool: { limits: { instances: limit } } }), ...more });
    return calls;
  };

  test('a few times, however many commitments there are', () => {
    const paid = whole(...all);
    expect(asked({ paid }, 1_000)).toBeLessThanOrEqual(4);
    expect(asked({ paid }, 3)).toBeLessThanOrEqual(5);
    expect(asked({ paid: whole(reserved('c1.l', 2)) }, 1_000)).toBe(1);
    expect(asked({}, 1_000)).toBe(1);
  });

  test('once when time is up, and without what there is no time for', () => {
    const paid = whole(...all);
    expect(asked({ paid, shouldStop: () => true }, 3)).toBe(1);
    let times = 0;
    expect(asked({ paid, shouldStop: () => (times += 1) > 1 }, 1_000)).toBe(1);
  });

  test('for all savings plans together, those of one family first, and each gets its part', () => {
    const families2 = ['c1', 'm1'].map(
      (family) => ({ ...saved(0.1), name: `sp-${family}`, instanceFamily: family }) as Commitment,
    );
    const paid = whole(saved(0.1), ...families2);
    const plan = engine({ ...inputOf([demandOf('d', 1.5, 500, 40)]), paid });
    for (const { commitment } of paid) expect(paidFor(plan, commitment)).toBeGreaterThan(0);
    for (const { commitment, left } of paid) expect(paidFor(plan, commitment)).toBeLessThanOrEqual(left + 1e-9);
  });
});
