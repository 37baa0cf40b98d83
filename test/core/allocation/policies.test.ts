// Orderings, placements, relations and explanations, one example each.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { AllocationPlan } from '../../../lib/core/allocation/types.ts';
import { offer, typeOf } from '../builders.ts';
import { binOf, demandOf, inputOf, offerings, types } from './worlds.ts';

const node = offer(typeOf('c9.xl', 4, 8, 0.2), 'za', 'on-demand');
const served = (plan: AllocationPlan): string[] =>
  [...plan.placements.flatMap((one) => one.tasks), ...plan.launches.flatMap((one) => one.tasks)]
    .map((one) => one.demandId)
    .sort();
/** Room for exactly one task of one vCPU. */
const room = [binOf('n1', node, { free: { cpuMilli: 1000, memoryMib: 8000, gpu: 0 } })];

describe('ordering', () => {
  const ask = (ordering: 'fifo' | 'priority' | 'fair-share', old: object, young: object, more = {}): string[] =>
    served(
      allocate(
        inputOf(
          [
            demandOf('young', 1, 100, 1, { createdAtMs: 900_000, ...young }),
            demandOf('old', 1, 100, 1, { createdAtMs: 0, ...old }),
          ],
          { bins: room, offerings: [], ...more, pool: { ordering } },
        ),
      ),
    );

  test('fifo serves who came first', () => expect(ask('fifo', {}, { priority: 9 })).toEqual(['old']));
  test('priority serves the higher priority', () => expect(ask('priority', {}, { priority: 9 })).toEqual(['young']));
  test('priority does not age: what waits long gets turns instead (see priority.test.ts)', () =>
    expect(ask('priority', {}, { priority: 1 })).toEqual(['young']));
  test('fair-share serves the tenant that holds less, whoever came first', () => {
    const tenants = {
      rich: { weight: 1, inUse: { cpuMilli: 8000, memoryMib: 0, gpu: 0 } },
      poor: { weight: 1, inUse: { cpuMilli: 0, memoryMib: 0, gpu: 0 } },
    };
    expect(ask('fair-share', { tenant: 'rich' }, { tenant: 'poor' }, { tenants })).toEqual(['young']);
  });
});

describe('what is served first is named first, whatever its id', () => {
  const ages = [500, 100, 300, 0, 400, 200];
  const demand = ages.map((createdAtMs, n) => demandOf(`d${String(n)}`, 1, 100, 1, { createdAtMs }));
  const oldest = ['d3', 'd1', 'd5', 'd2', 'd4', 'd0'];
  test.each(['fifo', 'priority', 'fair-share'] as const)('on one node (%s)', (ordering) => {
    const { placements } = allocate(
      inputOf(demand, {
        bins: [binOf('n', offer(typeOf('c9.big', 32, 64, 1), 'za', 'on-demand'))],
        pool: { ordering },
      }),
    );
    expect(placements.map((one) => one.tasks.map((share) => share.demandId))).toEqual([oldest]);
  });

  test('and nodes by the first that they take', () => {
    // The second node is the better one until it is full.
    const bins = [
      binOf('n1', node, { freeTasks: 100 }),
      binOf('n2', node, { free: { cpuMilli: 3000, memoryMib: 3000, gpu: 0 }, freeTasks: 90 }),
    ];
    const { placements } = allocate(inputOf(demand, { bins }));
    expect(placements.map((one) => [one.binId, one.tasks.map((share) => share.demandId)])).toEqual([
      ['n2', oldest.slice(0, 3)],
      ['n1', oldest.slice(3)],
    ]);
  });
});

describe('placement', () => {
  const bins = [
    binOf('empty', node, { freeTasks: 100 }),
    binOf('used', node, { free: { cpuMilli: 1500, memoryMib: 3000, gpu: 0 }, freeTasks: 95 }),
    binOf('lopsided', node, { free: { cpuMilli: 3000, memoryMib: 1000, gpu: 0 }, freeTasks: 90 }),
  ];
  test.each([
    ['most-allocated', 'used'],
    ['least-cost', 'used'],
    ['least-allocated', 'empty'],
    ['spread', 'empty'],
    ['balanced', 'used'],
  ] as const)('%s puts the task on %s', (placement, bin) => {
    expect(
      allocate(inputOf([demandOf('d', 0.5, 500)], { bins, pool: { placement } })).placements.map((one) => one.binId),
    ).toEqual([bin]);
  });

  test('ready capacity is used before what is in flight, and both before anything is bought', () => {
    const plan = allocate(
      inputOf([demandOf('d', 1, 100, 3)], {
        bins: [binOf('a', node, { state: 'in-flight', freeTasks: 2 }), binOf('b', node, { freeTasks: 1 })],
      }),
    );
    expect(plan.placements.map((one) => [one.binId, one.tasks[0]?.count])).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
    expect(plan.launches).toEqual([]);
  });

  test('tasks that end together share nodes', () => {
    const long = demandOf('long', 1, 1000, 3, { expectedDurationMs: 3_600_000 });
    const short = demandOf('short', 1, 1000, 3, { expectedDurationMs: 60_000 });
    const plan = allocate(inputOf([short, long], { offerings: [node] }));
    expect(plan.launches.map((one) => one.tasks)).toEqual([
      [{ demandId: 'long', count: 3 }],
      [{ demandId: 'short', count: 3 }],
    ]);
  });
});

describe('relations', () => {
  const zonesOf = (plan: AllocationPlan): Record<string, number> => {
    const zones: Record<string, number> = {};
    for (const {
      offerings: [first],
      count,
      tasks,
    } of plan.launches)
      zones[first?.zone ?? ''] =
        (zones[first?.zone ?? ''] ?? 0) + count * tasks.reduce((sum, one) => sum + one.count, 0);
    return zones;
  };

  test('spread over zones is level', () =>
    expect(
      zonesOf(
        allocate(
          inputOf([demandOf('d', 1, 1000, 7, { group: 'g', spread: [{ topology: 'zone', group: 'g', maxSkew: 1 }] })]),
        ),
      ),
    ).toEqual({ za: 3, zb: 2, zc: 2 }));
  describe('a wish for one zone and a spread over all', () => {
    const wish = { preferences: [{ requirements: { zone: ['zb'] }, maxExtraUsdPerHour: 1 }] };
    const level = { group: 'g', spread: [{ topology: 'zone' as const, group: 'g', maxSkew: 1 }] };
    const plan = (count: number, bins: Parameters<typeof inputOf>[1] = {}): AllocationPlan =>
      allocate(inputOf([demandOf('d', 1, 1000, count, { ...level, ...wish })], bins));
    test('are level all the same, and nobody waits', () => {
      expect(Object.values(zonesOf(plan(7))).sort()).toEqual([2, 2, 3]);
      expect(plan(7).unplaced).toEqual([]);
    });
    test('go to that zone while the spread allows it', () => expect(zonesOf(plan(1))).toEqual({ zb: 1 }));
    test('go elsewhere where it is full of their like', () => {
      const there = offer(typeOf('c9.xl', 4, 8, 0.2), 'zb', 'on-demand');
      const { placements, launches, unplaced } = plan(1, { bins: [binOf('n1', there, { groups: { g: 1 } })] });
      expect([placements, unplaced]).toEqual([[], []]);
      expect(launches.map((one) => one.offerings[0]?.zone)).not.toContain('zb');
    });
  });
  test('self-affinity keeps a group in one zone', () =>
    expect(
      Object.keys(
        zonesOf(
          allocate(inputOf([demandOf('d', 3, 1000, 9, { group: 'g', affinity: [{ topology: 'zone', group: 'g' }] })])),
        ),
      ),
    ).toHaveLength(1));
  describe('zones of unequal prices: the dearest, a, is not taken for its name', () => {
    const dear = offerings.map((one) =>
      one.zone === 'za' ? { ...one, priceUsdPerHour: one.priceUsdPerHour * 4 } : one,
    );
    const group = { group: 'g' };
    const affinity = { ...group, affinity: [{ topology: 'zone' as const, group: 'g' }] };
    const cases: readonly [string, Parameters<typeof allocate>[0]['demand']][] = [
      ['self-affinity', [demandOf('d', 0.5, 512, 20, affinity)]],
      [
        'a leader and its follower',
        [demandOf('leader', 1, 1000, 3, group), demandOf('follower', 1, 1000, 3, { affinity: affinity.affinity })],
      ],
      [
        'one task apart from its like',
        [demandOf('d', 1, 1000, 1, { ...group, antiAffinity: [{ topology: 'zone', group: 'g' }] })],
      ],
      ['two tasks apart', [demandOf('d', 1, 1000, 2, { ...group, antiAffinity: [{ topology: 'zone', group: 'g' }] })]],
    ];
    test.each(cases)('%s', (_what, demand) => {
      const plan = allocate(inputOf(demand, { offerings: dear }));
      expect(plan.unplaced).toEqual([]);
      expect(Object.keys(zonesOf(plan))).not.toContain('za');
      expect(plan.costUsdPerHour).toBeCloseTo(
        allocate(inputOf(demand, { offerings: dear.filter((one) => one.zone !== 'za') })).costUsdPerHour,
        9,
      );
    });

    test('nor where it sells nothing but what is far too large', () => {
      const large = offerings.filter((one) => one.zone !== 'za' || one.type.name === 'g1.4xl');
      const plan = allocate(inputOf([demandOf('d', 0.5, 512, 1, affinity)], { offerings: large }));
      expect(plan.launches.map((one) => one.offerings[0]?.type.name)).toEqual(['c1.l']);
      expect(Object.keys(zonesOf(plan))).not.toContain('za');
    });
  });
  test('anti-affinity on nodes buys a node for each', () => {
    const plan = allocate(
      inputOf([demandOf('d', 0.1, 100, 5, { group: 'g', antiAffinity: [{ topology: 'node', group: 'g' }] })]),
    );
    expect(plan.launches.reduce((sum, one) => sum + one.count, 0)).toBe(5);
    expect(plan.constraintPrices?.[0]?.usdPerHour).toBeGreaterThan(0);
  });
  test('a gang that does not fit is not started, and leaves its room to others', () => {
    const plan = allocate(
      inputOf([demandOf('gang', 3, 1000, 3, { gang: true }), demandOf('other', 3, 1000, 1, { createdAtMs: 1 })], {
        pool: { limits: { instances: 2 }, maxNodeVcpu: 4 },
      }),
    );
    expect(served(plan)).toEqual(['other']);
    // Within two instances it never will.
    expect(plan.unplaced).toMatchObject([{ demandId: 'gang', count: 3, kind: 'unsatisfiable' }]);
  });
  test('who is served before a gang has the nodes that are kept for it, also where it does not fit beside them', () => {
    const kept = { demandId: 'gang', fromMs: 0, spare: { cpuMilli: 0, memoryMib: 0, gpu: 0 }, spareTasks: 0 };
    const bins = ['a', 'b'].map((id) => binOf(id, offer(typeOf('c9.xl', 4, 8, 0.2), 'za', 'on-demand'), { kept }));
    const size = (id: string, createdAtMs: number, more: object = {}) =>
      demandOf(id, 3, 100, 1, { createdAtMs, ...more });
    const gang = demandOf('gang', 3, 100, 2, { gang: true, createdAtMs: 1 });
    const plan = allocate(inputOf([size('before', 0), gang, size('behind', 2)], { bins, offerings: [] }));
    expect(served(plan)).toEqual(['before']);
    expect(served(allocate(inputOf([gang, size('behind', 2)], { bins, offerings: [] })))).toEqual(['gang', 'gang']);
  });
  test('a gang for which level zones would need too many nodes is spread as unevenly as it may be', () => {
    const relations = { group: 'g', spread: [{ topology: 'zone', group: 'g', maxSkew: 2 }] } as const;
    const pool = { limits: { instances: 3 }, maxNodeVcpu: 4 };
    const requirements = { zone: ['za', 'zb'] };
    const ask = (limits: object, more: object = {}) =>
      allocate(
        inputOf([demandOf('gang', 1.5, 100, 6, { gang: true, requirements, ...relations, ...more })], {
          pool: { ...pool, limits },
        }),
      );
    const plan = ask(pool.limits);
    expect(plan.unplaced).toEqual([]);
    expect(plan.launches.reduce((sum, one) => sum + one.count, 0)).toBe(3);
    expect(Object.values(zonesOf(plan)).sort()).toEqual([2, 4]);
    // With room for it, it is level.
    expect(Object.values(zonesOf(ask({})))).toEqual([3, 3]);
    expect(ask(pool.limits, { spread: [{ ...relations.spread[0], maxSkew: 1 }] }).launches).toEqual([]);
  });
  test('a preference is honoured while it costs less than it may', () => {
    const wish = (maxExtraUsdPerHour: number): string | undefined =>
      allocate(
        inputOf([
          demandOf('d', 1, 1000, 2, {
            requirements: { capacityType: ['on-demand'] },
            preferences: [{ requirements: { instanceFamily: ['r1'] }, maxExtraUsdPerHour }],
          }),
        ]),
      ).launches[0]?.offerings[0]?.type.family;
    expect(wish(1)).toBe('r1');
    expect(wish(0)).not.toBe('r1');
  });
  test('one node carries no more than its share', () => {
    const plan = allocate(inputOf([demandOf('d', 0.5, 500, 40)], { pool: { maxNodeShare: 0.25 } }));
    for (const { tasks } of plan.launches)
      expect(tasks.reduce((sum, one) => sum + one.count, 0)).toBeLessThanOrEqual(10);
  });
});

describe('explanations', () => {
  test('a launch says why, and what the runners-up would cost', () => {
    expect(allocate(inputOf([demandOf('d', 1.5, 3000)])).launches[0]?.reason).toBe(
      'c1.l at $0.0320/h carries 1 task, using 79 % of its vCPU and 79 % of its memory; for the same tasks: m1.l '
        + '+$0.0080, r1.l +$0.0200 per hour.',
    );
  });

  test('what nothing can carry says which constraint excludes how many, nearest miss first', () => {
    const [unplaced] = allocate(inputOf([demandOf('d', 20, 1000, 1, { requirements: { arch: ['arm64'] } })])).unplaced;
    expect(unplaced).toMatchObject({
      kind: 'unsatisfiable',
      excluded: [
        { constraint: 'vcpu', offerings: 60 },
        { constraint: 'arch', offerings: 54 },
      ],
    });
  });

  test('what is only out of capacity waits', () => {
    expect(
      allocate(inputOf([demandOf('d', 1, 1000)], { offerings: [], unavailable: offerings })).unplaced,
    ).toMatchObject([{ kind: 'shortage' }]);
  });

  test('under limits, fewer and larger nodes are bought before anyone waits', () => {
    const plan = allocate(
      inputOf([demandOf('d', 1, 1000, 30)], {
        offerings: types.map((type) => offer(type, 'za', 'on-demand')),
        pool: { limits: { instances: 2 } },
      }),
    );
    expect(plan.unplaced).toEqual([]);
    expect(plan.launches.reduce((sum, one) => sum + one.count, 0)).toBe(2);
  });
});
