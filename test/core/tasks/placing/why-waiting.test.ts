// Why tasks wait, for whom it is said, and when the pool looks again for their sake.
import { describe, expect, test } from '@jest/globals';
import type { AllocationPlan, Bin, Unplaced } from '../../../../lib/core/allocation/types.ts';
import type { Observation, PoolMemory } from '../../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { noUsage } from '../../../../lib/core/records/pool.ts';
import type { Reservation } from '../../../../lib/core/tasks/capacity/reservation.ts';
import { shapeKey } from '../../../../lib/core/tasks/demand.ts';
import { explain, explainGangs, unplacedDueMs, whyOf } from '../../../../lib/core/tasks/placing/why-waiting.ts';
import { awsDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import {
  array,
  assignment,
  node,
  nowMs,
  observation,
  offer,
  offerings,
  pool,
  request,
  resources,
  taskSpec,
  typeOf,
} from '../../builders.ts';
import { question, refusal, refusing } from './given.ts';

const [za = '', zb = ''] = offerings.map((one) => one.id);

const planOf = (
  placements: Record<string, Record<string, number>>,
  more: Partial<AllocationPlan> = {},
): AllocationPlan => ({
  placements: Object.entries(placements).map(([binId, tasks]) => ({
    binId,
    tasks: Object.entries(tasks).map(([demandId, count]) => ({ demandId, count })),
  })),
  launches: [],
  unplaced: [],
  costUsdPerHour: 0,
  lowerBoundUsdPerHour: null,
  gapPercent: null,
  coefficients: null,
  ...more,
});

describe('why a task waits', () => {
  const unplaced = (more: Partial<Unplaced> = {}): Unplaced => ({
    demandId: 'r',
    count: 1,
    kind: 'shortage',
    message: 'No room.',
    excluded: [{ constraint: 'vcpu', offerings: 1 }],
    ...more,
  });
  const at = (memory: PoolMemory): Observation => observation({ memory });
  const failing: PoolMemory = { ...emptyMemory, boots: { failed: 3, countedToMs: 1, last: '' } };

  test.each<[string, Unplaced, PoolMemory, string]>([
    ['nothing could ever carry it', unplaced({ kind: 'unsatisfiable' }), refusing(za, zb), 'unsatisfiable'],
    ['a limit', unplaced({ kind: 'limits' }), refusing(za, zb), 'limit_reached'],
    ['a relation', unplaced({ kind: 'constraints' }), emptyMemory, 'constraints'],
    ['a relation, and what is refused beside it', unplaced({ kind: 'constraints' }), refusing(za, zb), 'no_capacity'],
    ['shortage', unplaced(), emptyMemory, 'no_capacity'],
    ['shortage as EC2 says', unplaced(), refusing(za, zb), 'no_capacity'],
    ['a limit while nodes never call', unplaced({ kind: 'limits' }), failing, 'launch_refused'],
    [
      'a quota',
      unplaced(),
      { ...emptyMemory, refusals: { '*/*/on-demand': refusal({ code: 'VcpuLimitExceeded' }) } },
      'account_limit',
    ],
  ])('%s', (_what, one, memory, code) => {
    expect(whyOf(one, at(memory)).code).toBe(code);
  });

  test('names what excludes offerings, and when the next may be asked for', () => {
    const later = {
      ...emptyMemory,
      refusals: { [za]: refusal({ untilMs: nowMs + 9 }), [zb]: refusal({ untilMs: nowMs + 5 }) },
    };
    expect(whyOf(unplaced(), at(later))).toMatchObject({
      message: expect.stringMatching(/^No room\. EC2 refuses /),
      nextTryAtMs: nowMs + 5,
      excluded: unplaced().excluded,
    });
    expect(whyOf(unplaced(), at(emptyMemory))).toEqual({
      code: 'no_capacity',
      message: 'No room.',
      nextTryAtMs: null,
      excluded: unplaced().excluded,
    });
    // Of a part that is refused, the rest says nothing: the first end of a refusal is when to look again.
    expect(
      whyOf(unplaced(), at({ ...emptyMemory, refusals: { [za]: refusal({ untilMs: nowMs + 9 }) } })).nextTryAtMs,
    ).toBe(nowMs + 9);
    expect(whyOf(unplaced({ kind: 'limits' }), at(later)).nextTryAtMs).toBeNull();
  });

  function explained(plan: AllocationPlan | null, alone: readonly Unplaced[], more: Parameters<typeof observation>[0]) {
    const { seen, copy, asked } = question(more);
    return explain(plan, alone, asked, seen, copy);
  }
  const shape = shapeKey(taskSpec);

  test('is said once for all of a shape, by the first', () => {
    const requests = [request('r'), request('s')];
    const plan = planOf(
      {},
      { unplaced: [unplaced(), unplaced({ demandId: 's', message: 'Other.' }), unplaced({ demandId: 'x' })] },
    );
    const found = explained(plan, [], { requests });
    expect(Object.keys(found)).toEqual([shape]);
    expect(found[shape]?.message).toBe('No room.');
  });

  test('is of its own for what is kept apart; an array has it where it has no other', () => {
    const alone = [unplaced({ kind: 'constraints', message: 'Alone.' })];
    expect(Object.keys(explained(null, alone, { requests: [request('r')] }))).toEqual([`alone ${shape}`]);
    const both = explained(null, alone, { requests: [array(request('r', { count: 30 }))] });
    expect(Object.keys(both)).toEqual([`alone ${shape}`, shape]);
    const other = explained(planOf({}, { unplaced: [unplaced()] }), alone, {
      requests: [array(request('r', { count: 30 }))],
    });
    expect(other[shape]?.message).toBe('No room.');
  });

  const buying = planOf(
    {},
    { launches: [{ offerings: offerings.slice(1), count: 1, tasks: [{ demandId: 'r', count: 1 }], reason: '' }] },
  );

  test('is that others are asked for, while a part is refused', () => {
    const found = explained(buying, [], { requests: [request('r')], memory: refusing(za) });
    expect(found[shape]).toEqual({
      code: 'searching',
      message:
        'EC2 refused 1 of the 2 offerings that could carry it (InsufficientInstanceCapacity); '
        + 'others are being asked for.',
      nextTryAtMs: null,
      excluded: [],
    });
    expect(explained(buying, [], { requests: [request('r')] })).toEqual({});
    expect(explained(buying, [], { requests: [request('r')], memory: refusing('m9.large/*/*') })).toEqual({});
  });

  test('is that nodes come and never call, while one is tried', () => {
    expect(explained(buying, [], { requests: [request('r')], memory: failing })[shape]?.code).toBe('launch_refused');
    expect(explained(null, [], { requests: [request('r')], memory: failing })).toEqual({});
  });

  test('names the node that has room but is kept for a gang, until that starts', () => {
    const requests = [array(request('gang', { count: 2, gang: true })), request('r')];
    const plan = planOf(
      { [node().id]: { gang: 1 } },
      { unplaced: [unplaced({ kind: 'limits' }), unplaced({ kind: 'limits', demandId: 'gang' })] },
    );
    const found = explained(plan, [], { requests, nodes: [node()] })[shape];
    expect(found?.message).toBe(
      `No room. Node ${node().id} has room, but is kept for request gang, whose tasks start all at once: `
        + 'the nodes for the others are not ready yet.',
    );
    const full = [node({ assigned: [assignment('gang'), assignment('x')] })];
    expect(explained(plan, [], { requests, nodes: full })[shape]?.message).toBe('No room.');
    expect(explained(plan, [], { requests, nodes: [node({ state: 'launching' })] })[shape]?.message).toBe('No room.');
  });

  describe('of a gang of which a part came', () => {
    const gang = (untilMs: number | null, refusals: PoolMemory['refusals'] = {}) => {
      const memory = { ...emptyMemory, refusals, gangs: { r: { came: 1, of: 3, waitMs: 5, untilMs } } };
      const { seen, copy, asked } = question({ requests: [array(request('r', { count: 3, gang: true }))], memory });
      return Object.values(explainGangs(asked, seen, copy));
    };
    test('is the part, until all are asked for again', () => {
      expect(gang(nowMs + 5)).toEqual([
        {
          code: 'no_capacity',
          message: '1 of 3 nodes came; it wants all or none, so they are terminated and all are asked for again later.',
          nextTryAtMs: nowMs + 5,
          excluded: [],
        },
      ]);
    });
    test('is nothing while the rest may still come, or once its time has come', () => {
      expect([gang(null), gang(nowMs)]).toEqual([[], []]);
    });
    test('is what is refused, as long as that lasts', () => {
      const refusals = refusing(za, zb).refusals;
      expect(gang(nowMs + 5, refusals)[0]).toMatchObject({ nextTryAtMs: nowMs + 60_000 });
      expect(gang(nowMs, refusals)[0]?.message).toMatch(/later\. EC2 refuses/);
    });
  });

  describe('is looked at again', () => {
    const due = (list: readonly Unplaced[], memory: PoolMemory = emptyMemory) =>
      unplacedDueMs(list, { memory, nowMs }, settings);
    const soon = { ...emptyMemory, refusals: { [za]: refusal({ untilMs: nowMs + 7 }) } };

    test.each<[string, readonly Unplaced[], PoolMemory, number | null]>([
      ['never where nothing waits', [], soon, null],
      ['seldom where nothing could ever carry it', [unplaced({ kind: 'unsatisfiable' })], soon, settings.neverAgainMs],
      ['within a minute', [unplaced({ kind: 'limits' })], soon, settings.unplacedAgainMs],
      ['when a refusal beside a relation ends', [unplaced({ kind: 'constraints' })], soon, 7],
      ['when what it lacks may be asked for', [unplaced({ lacking: offerings })], soon, 7],
      ['not for what it does not lack', [unplaced({ lacking: offerings.slice(1) })], soon, settings.unplacedAgainMs],
      [
        'for the first of several',
        [unplaced({ kind: 'unsatisfiable' }), unplaced({ kind: 'limits' })],
        soon,
        settings.unplacedAgainMs,
      ],
    ])('%s', (_what, list, memory, inMs) => {
      expect(due(list, memory)).toBe(inMs === null ? null : nowMs + inMs);
    });
  });

  describe('names nodes that have room, and why they are not for it', () => {
    const limited = (id = 'r') => planOf({}, { unplaced: [unplaced({ kind: 'limits', demandId: id })] });
    const free = (id: string, more: Parameters<typeof node>[0] = {}) => node({ id, ...more });

    function messageOf(
      asked: Partial<ReturnType<typeof question>['asked']['input']>,
      own: Parameters<typeof request> = ['r'],
      { plan = limited(), reservation = null }: { plan?: AllocationPlan; reservation?: Reservation | null } = {},
    ): string | undefined {
      const { seen, copy, asked: all } = question({ requests: [request(...own)], pool: pool({ tasksPerNode: 9 }) });
      const input = { ...all.input, ...asked };
      return Object.values(explain(plan, [], { ...all, input }, seen, copy, reservation))[0]?.message;
    }
    const [bin] = question({ nodes: [free('i-1')] }).asked.input.bins;
    if (!bin) throw new RangeError('no bin');
    const tenants = { ...question({}).asked.input.pool, isTenantPerNode: true } as const;
    const others = (...bins: readonly Partial<Bin>[]) =>
      bins.map((one, at): Bin => ({ ...bin, id: `i-${String(at + 1)}`, tenant: 'other', ...one }));

    test('of other tenants', () => {
      const but = 'serves another tenant until it is empty (nodesServe of the pool: one-tenant).';
      expect(messageOf({ pool: tenants, bins: others({}) })).toBe(`No room. Node i-1 has room, but ${but}`);
      expect(messageOf({ pool: tenants, bins: others({}, {}, {}) })).toBe(
        `No room. Node i-1 (and 2 more nodes) has room, but ${but}`,
      );
      const short = planOf({}, { unplaced: [unplaced({ kind: 'shortage' })] });
      expect(messageOf({ pool: tenants, bins: others({}) }, ['r'], { plan: short })).toMatch(/ Node i-1 has room/);
    });

    test('not those that are full, its own, nobody’s, or of the wrong kind; nor where tenants share nodes', () => {
      const small = { ...bin.free, cpuMilli: 999 };
      const not = others({ freeTasks: 0 }, { free: small }, { tenant: 't' });
      expect(messageOf({ pool: tenants, bins: [...not, bin] })).toBe('No room.');
      expect(messageOf({ pool: tenants, bins: others({}) }, ['r', { requirements: { zone: ['zb'] } }])).toBe(
        'No room.',
      );
      const { isTenantPerNode: _, ...shared } = tenants;
      expect(messageOf({ pool: shared, bins: others({}) })).toBe('No room.');
      const relation = planOf({}, { unplaced: [unplaced({ kind: 'constraints' })] });
      expect(messageOf({ pool: tenants, bins: others({}) }, ['r'], { plan: relation })).toBe('No room.');
    });

    test('of agents of an earlier version, for what these would fail', () => {
      const run = { kind: 'container', image: 'alpine', argv: null } as const;
      const earlier: Bin = { ...bin, offering: { ...bin.offering, isOfEarlierAgent: true } };
      const withRole = { run, role: 'arn:aws:iam::123456789012:role/reads' };
      expect(messageOf({ bins: [earlier] }, ['r', withRole])).toMatch(
        /^No room\. Node i-1 has room, but its agent is of an earlier version, .* or let .* drift\.$/,
      );
      expect(messageOf({ bins: [bin] }, ['r', withRole])).toBe('No room.');
      expect(messageOf({ bins: [earlier] }, ['r', { run }])).toBe('No room.');
      const relation = planOf({}, { unplaced: [unplaced({ kind: 'constraints' })] });
      expect(messageOf({ bins: [earlier] }, ['r', withRole], { plan: relation })).toBe('No room.');
    });

    describe('while nodes are kept', () => {
      const kept = { demandId: 'first', fromMs: null, spare: resources, spareTasks: 1 };
      const bins = [{ ...bin, kept }];
      const reservation = (demandId: string): Reservation => ({
        ...{ demandId, kept: new Map([['i-1', kept]]), vacated: new Set<string>(), room: noUsage, startsAtMs: null },
      });
      const forAnother = { reservation: reservation('first') };
      const text =
        'No room. Node i-1 has room, but is kept for request first, which is served first and does not fit yet; only '
        + 'tasks that are known to end before it starts run there meanwhile.';

      test('for another', () => {
        expect(messageOf({ bins }, ['r'], forAnother)).toBe(text);
        expect(messageOf({ bins })).toBe('No room.');
        expect(messageOf({ bins: [bin] }, ['r'], forAnother)).toBe('No room.');
        expect(messageOf({ bins: [{ ...bin, kept, freeTasks: 0 }] }, ['r'], forAnother)).toBe('No room.');
        const tight = { ...bin, kept, free: { ...bin.free, memoryMib: 1 } };
        expect(messageOf({ bins: [tight] }, ['r'], forAnother)).toBe('No room.');
      });

      test('for itself', () => {
        expect(messageOf({ bins }, ['r'], { reservation: reservation('r') })).toMatch(
          /^No room\. Node i-1 is kept for it; /,
        );
      });

      test('not to what could never run there, nor in a paused pool', () => {
        const never = planOf({}, { unplaced: [unplaced({ kind: 'unsatisfiable' })] });
        expect(messageOf({ bins }, ['r'], { ...forAnother, plan: never })).toBe('No room.');
        const paused = { by: 'alice', sinceMs: 1 };
        const { seen, copy, asked } = question({ requests: [request('r')], nodes: [free('i-1')], paused });
        const found = explain(
          limited(),
          [],
          { ...asked, input: { ...asked.input, bins } },
          seen,
          copy,
          reservation('r'),
        );
        expect(Object.values(found)).toMatchObject([{ code: 'pool_paused' }]);
        expect(Object.values(found)[0]?.message).not.toMatch(/kept/);
      });

      test('is the news of all of a shape, whichever of them comes first', () => {
        const plan = planOf({}, { unplaced: [unplaced({ demandId: 's' }), unplaced({ demandId: 'r' })] });
        const { seen, copy, asked } = question({ requests: [request('r'), request('s')] });
        const found = (demandId: string) => explain(plan, [], asked, seen, copy, reservation(demandId))[shape]?.message;
        expect(found('r')).toMatch(/^No room\. Node i-1 is kept for it; /);
        expect(found('s')).toMatch(/^No room\. Node i-1 is kept for it; /);
      });
    });
  });

  test('is a pause where a limit is all that keeps it', () => {
    const seen = observation({ paused: { by: 'alice', sinceMs: 1 } });
    expect(whyOf(unplaced({ kind: 'limits' }), seen)).toMatchObject({
      code: 'pool_paused',
      excluded: [],
      nextTryAtMs: null,
    });
    expect(whyOf(unplaced({ kind: 'constraints' }), seen).code).toBe('constraints');
  });

  test('of what needs no GPU is not what GPUs are refused for', () => {
    const gpu = offer(typeOf('g6.xlarge', 4, 16, 0.9, { gpu: 1 }), 'za', 'on-demand');
    const memory = {
      ...emptyMemory,
      refusals: { [gpu.id]: refusal({ code: 'Unsupported' }), ...refusing(za, zb).refusals },
    };
    const said = (isGpuWanted: boolean) => whyOf(unplaced(), at(memory), [gpu, ...offerings], isGpuWanted).message;
    expect(said(false)).not.toMatch(/Unsupported/);
    expect(said(true)).toMatch(/Unsupported/);
    // What is asked of the engine is for all, and what is bought then for one of them.
    const more = {
      offerings: [gpu, ...offerings],
      requests: [request('r')],
      memory: { ...emptyMemory, refusals: { [gpu.id]: refusal() } },
    };
    expect(explained(buying, [], more)).toEqual({});
    const wanting = { ...more, requests: [request('r', { resources: { ...resources, gpu: 1 } })] };
    expect(Object.values(explained(buying, [], wanting))).toMatchObject([{ code: 'searching' }]);
  });

  test('of a search names three codes, and nothing that was said already', () => {
    const zones = ['za', 'zb', 'zc', 'zd', 'ze'];
    const sold = zones.map((zone) => offer(typeOf('c7.large', 2, 4, 0.1), zone, 'on-demand'));
    const refusals = Object.fromEntries(
      sold.slice(0, 4).map((one, n) => [one.id, refusal({ code: ['A', 'B', 'B', 'C'][n] ?? '' })]),
    );
    const world = { offerings: sold, requests: [request('r')], memory: { ...emptyMemory, refusals } };
    expect(explained(buying, [], world)[shape]?.message).toMatch(/^EC2 refused 4 of the 5 offerings .* \(A, B, C\); /);
    const waits = { ...buying, unplaced: [unplaced({ kind: 'limits' })] };
    expect(explained(waits, [], world)[shape]).toMatchObject({ code: 'limit_reached', message: 'No room.' });
    const unknown = {
      ...buying,
      launches: buying.launches.map((one) => ({ ...one, tasks: [{ demandId: 'x', count: 1 }] })),
    };
    expect(explained(unknown, [], world)).toEqual({});
  });
});
