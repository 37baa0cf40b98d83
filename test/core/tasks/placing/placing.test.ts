// From what is seen to the engine's question, from its plan to changes, and why tasks wait.
import { describe, expect, test } from '@jest/globals';
import type { AllocationPlan, Unplaced } from '../../../../lib/core/allocation/types.ts';
import type { Refusal } from '../../../../lib/core/plan/capacity-memory.ts';
import type { Observation, PoolMemory } from '../../../../lib/core/plan/observation.ts';
import { changeBounds } from '../../../../lib/core/plan/bounds.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { shapeKey } from '../../../../lib/core/tasks/demand.ts';
import { placeTasks } from '../../../../lib/core/tasks/placing/placing.ts';
import { explain, explainGangs, unplacedDueMs, whyOf } from '../../../../lib/core/tasks/placing/why-waiting.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../../lib/core/values/settings.ts';
import {
  array,
  aside,
  assignment,
  changes,
  chunk,
  launch,
  machineLaunch,
  machines,
  node,
  nowMs,
  observation,
  offerings,
  placedTask,
  pool,
  request,
  summary,
  taskSpec,
} from '../../builders.ts';

const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  untilMs: nowMs + 60_000,
  waitMs: 60_000,
  code: 'InsufficientInstanceCapacity',
  ...more,
});
const refusing = (...keys: string[]): PoolMemory => ({
  ...emptyMemory,
  refusals: Object.fromEntries(keys.map((key) => [key, refusal()])),
});
const [za = '', zb = ''] = offerings.map((one) => one.id);

function question(more: Parameters<typeof observation>[0], gate = everything) {
  const seen = observation(more);
  const copy = new WorkingCopy(seen);
  return { seen, copy, asked: capacityQuestion(seen, copy, settings, () => false, gate) };
}

describe('the question', () => {
  test('is of what waits, of active requests, as volumes allow', () => {
    const requests = [
      request('a'),
      request('b', {}, { quarantine: 'x' }),
      request('c', {}, { tasks: [placedTask()] }),
      request('d'),
    ];
    expect(question({ requests }).asked.demand.map((one) => one.id)).toEqual(['a', 'd']);
    const gate = { ...everything, admit: (one: { readonly id: string }) => (one.id === 'a' ? [] : [one]) as never };
    expect(question({ requests }, gate).asked.input.demand.map((one) => one.id)).toEqual(['d']);
    expect(question({ requests, isPoolDeleting: true }).asked.demand).toEqual([]);
  });

  test('has what may be bought, and what is refused now', () => {
    const calm = question({}).asked.input;
    expect([calm.offerings, calm.unavailable]).toEqual([offerings, []]);
    const short = question({ memory: refusing(za) }).asked.input;
    expect([short.offerings.map((one) => one.id), short.unavailable.map((one) => one.id)]).toEqual([[zb], [za]]);
  });

  test('has the pool’s rules, and all that counts against its limits', () => {
    const reserved = node().reserved;
    const { input } = question({
      pool: pool({ limits: { vcpu: 9 }, maxNodeVcpu: 4, ordering: 'priority' }),
      nodes: [node(), node({ id: 'i-2', state: 'terminating' })],
      launches: [launch('l')],
      machineLaunches: [machineLaunch('m', 'c')],
      claims: [machines('c')],
      aside: aside({ usage: { ...reserved, volumeGib: 0, usdPerMonth: 0 } }),
    }).asked;
    expect(input).toMatchObject({
      usage: { instances: 6, vcpu: 12 },
      pool: { limits: { vcpu: 9 }, maxNodeVcpu: 4, ordering: 'priority', placement: 'least-cost', tasksPerNode: 10 },
      offeringsPerLaunch: settings.offeringsPerLaunch,
      iterations: settings.allocationIterations,
    });
    expect(input).not.toHaveProperty('tenants');
    expect(question({}).asked.input.pool).not.toHaveProperty('maxNodeVcpu');
  });

  test('has, for fair shares, what tenants have of nodes that are not lost', () => {
    const requests = [
      request('a', {}, { tenant: 'x', tasks: [placedTask()] }),
      request('b', {}, { tenant: 'y', tasks: [placedTask()] }),
    ];
    const nodes = [
      node({ assigned: [assignment('a'), assignment('b'), assignment('gone')] }),
      node({ id: 'i-2', state: 'draining', assigned: [assignment('a', { index: 1 })] }),
      node({ id: 'i-3', isLost: true, assigned: [assignment('b', { index: 1 })] }),
    ];
    const { tenants } = question({ requests, nodes, pool: pool({ ordering: 'fair-share' }) }).asked.input;
    expect(tenants).toEqual({
      x: { weight: 1, inUse: { cpuMilli: 2_000, memoryMib: 2_000, gpu: 0 } },
      y: { weight: 1, inUse: { cpuMilli: 1_000, memoryMib: 1_000, gpu: 0 } },
    });
  });
});

describe('of nodes it has', () => {
  const bins = (nodes: readonly NodeRecord[], more: Parameters<typeof observation>[0] = {}) =>
    question({ nodes, ...more }).asked.input.bins;

  test.each<[string, Partial<NodeRecord>, string | undefined]>([
    ['those that are ready', {}, 'ready'],
    ['those that boot', { state: 'launching', lastSeenAtMs: null }, 'in-flight'],
    ['ready ones that were not heard of yet', { lastSeenAtMs: null }, 'ready'],
    ['ones that were heard of lately', { lastSeenAtMs: nowMs - silentAfterMs(settings) / 2 }, 'ready'],
    ['not one that has been silent since', { lastSeenAtMs: nowMs - silentAfterMs(settings) / 2 - 1 }, undefined],
    ['not one that drains', { state: 'draining' }, undefined],
    ['not one that is lost', { isLost: true }, undefined],
    ['not one that the pool may not have any more', { instanceType: 'm1.old' }, undefined],
  ])('%s', (_what, more, state) => {
    expect(bins([node(more)]).map((one) => one.state)).toEqual(state === undefined ? [] : [state]);
  });

  test('those of open launches as well, each as a node on its way', () => {
    const found = bins([], {
      launches: [launch('l', {}, 2), launch('old', { request: { ...launch('old').request, overrides: [] } })],
    });
    expect(found).toMatchObject([
      { id: 'l#0', state: 'in-flight', offering: { id: za }, free: { cpuMilli: 1_900 }, freeTasks: 10, groups: {} },
      { id: 'l#1', state: 'in-flight', antiAffinityGroups: [], expectedEmptyAtMs: null },
    ]);
    const usage = question({ launches: [launch('l', {}, 2)] }).asked.input.usage;
    expect(usage).toMatchObject({ instances: 2, vcpu: 4 });
  });

  test('what is free on them, and what runs there of which group', () => {
    const requests = [
      request('a', {
        group: 'g',
        antiAffinity: [
          { topology: 'node', group: 'h' },
          { topology: 'zone', group: 'z' },
        ],
      }),
      request('b'),
    ];
    const assigned = [assignment('a', { expectedEndAtMs: 7 }), assignment('b', { expectedEndAtMs: 9 })];
    expect(bins([node({ assigned })], { requests })).toMatchObject([
      {
        id: 'i-1',
        offering: { id: za },
        free: { cpuMilli: -100, memoryMib: 1_796, gpu: 0 },
        freeTasks: 8,
        groups: { 'g of t': 1 },
        antiAffinityGroups: ['h of t'],
        expectedEmptyAtMs: 9,
      },
    ]);
  });

  test('that they are empty now, or when they will be where every end is known', () => {
    const ends = (...at: (number | null)[]) =>
      bins([node({ assigned: at.map((expectedEndAtMs, index) => assignment('r', { index, expectedEndAtMs })) })])[0];
    expect([ends(), ends(7, null), ends(7, 5)].map((one) => one?.expectedEmptyAtMs)).toEqual([nowMs, null, 7]);
  });

  test('that one with a task that runs alone takes no other', () => {
    expect(bins([node({ assigned: [assignment('a', { isAlone: true })] })])[0]?.freeTasks).toBe(0);
  });
});

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

describe('a plan', () => {
  function place(plan: AllocationPlan, more: Parameters<typeof observation>[0], isAlone = false) {
    const { seen, copy, asked } = question(more);
    const wanted = placeTasks(plan, { ...asked, isAlone }, copy, seen.pool);
    return { copy, wanted: [...wanted] };
  }
  const array27 = array(request('r', { count: 27, expectedDurationMs: 50 }), [chunk('r', 0, 25)]);

  test('places a single task in the node’s document alone', () => {
    const { copy, wanted } = place(planOf({ 'i-1': { r: 1 } }), { requests: [request('r')], nodes: [node()] });
    expect(wanted).toEqual(['i-1']);
    expect(summary(copy)).toEqual(['place i-1']);
    expect(changes(copy)[0]).toMatchObject({ reason: '1 tasks placed on i-1', restsOn: ['request r'] });
    expect(copy.node('i-1')).toMatchObject({ emptySinceMs: null });
    const payer = { tenant: 't', meterNanoUsd: expect.any(Number) as unknown as number };
    expect(copy.node('i-1')?.assigned).toEqual([assignment('r', { isOffered: false, placedAtMs: nowMs, payer })]);
    expect(copy.request('r')?.state).toBe('running');
  });

  test('places an array’s tasks with their chunks, lowest first, over nodes', () => {
    const nodes = [node(), node({ id: 'i-2' })];
    const { copy } = place(planOf({ 'i-1': { r: 26 }, 'i-2': { r: 1 } }), { requests: [array27], nodes });
    expect(summary(copy)).toEqual(['place r[0] r[1] i-1', 'place r[1] i-2']);
    expect(copy.node('i-1')?.assigned.map((one) => one.index)).toEqual(Array.from({ length: 26 }, (_, at) => at));
    expect(copy.node('i-2')?.assigned).toMatchObject([{ index: 26, expectedEndAtMs: nowMs + 50 }]);
    expect(changes(copy).map((one) => one.restsOn)).toEqual([[], []]);
    expect(copy.task('r', 26)).toMatchObject({ state: 'placed', allocation: { nodeId: 'i-2' } });
  });

  test('only counts on nodes on their way', () => {
    const booting = node({ state: 'launching', lastSeenAtMs: null });
    const { copy, wanted } = place(planOf({ 'i-1': { r: 1 }, 'l#0': { r: 1 } }), {
      requests: [request('r')],
      nodes: [booting],
    });
    expect([summary(copy), wanted]).toEqual([[], ['i-1', 'l#0']]);
  });

  test('starts a gang when all of it has a ready node, and none of it before', () => {
    const requests = [array(request('r', { count: 2, gang: true }))];
    const nodes = [node(), node({ id: 'i-2', state: 'launching', lastSeenAtMs: null })];
    expect(summary(place(planOf({ 'i-1': { r: 1 }, 'i-2': { r: 1 } }), { requests, nodes }).copy)).toEqual([]);
    const both = place(planOf({ 'i-1': { r: 2 } }), { requests, nodes });
    expect(both.copy.node('i-1')?.assigned).toHaveLength(2);
  });

  test('starts a gang on all of its nodes in one write, after what is no gang; a larger one by node', () => {
    const two = [node(), node({ id: 'i-2' })];
    const requests = [array(request('r', { count: 3, gang: true })), request('s')];
    const { copy } = place(planOf({ 'i-1': { r: 2 }, 'i-2': { s: 1, r: 1 } }), { requests, nodes: two });
    expect(summary(copy)).toEqual(['place i-2', 'place r[0] i-1 i-2']);
    expect(changes(copy)[1]?.reason).toBe('3 tasks of gang r placed on 2 nodes');
    expect(copy.node('i-2')?.assigned.map((one) => one.requestId)).toEqual(['s', 'r']);
    const ids = Array.from({ length: changeBounds.writes }, (_, at) => `i-${String(at)}`);
    const large = {
      requests: [array(request('r', { count: ids.length, gang: true }))],
      nodes: ids.map((id) => node({ id })),
    };
    const byNode = place(planOf(Object.fromEntries(ids.map((id) => [id, { r: 1 }]))), large);
    expect(changes(byNode.copy)).toHaveLength(ids.length);
  });

  test('starts no gang of which the spread holds a part back, and others of its group in its place', () => {
    const spread = [{ topology: 'zone', group: 'g', maxSkew: 1 }] as const;
    const requests = [
      array(request('r', { count: 2, gang: true, group: 'g', spread })),
      request('s', { group: 'g', spread }),
    ];
    const { copy } = place(planOf({ 'i-1': { r: 2, s: 1 } }), { requests, nodes: [node()] });
    expect(copy.node('i-1')?.assigned.map((one) => one.requestId)).toEqual(['s']);
  });

  // Seed 17000015: the first gave way to the second, which then waited for zones that only the first could use.
  test('starts a gang whose group has others in zones that it cannot use, and that have no place', () => {
    const spread = [{ topology: 'zone', group: 'g', maxSkew: 1 }] as const;
    const inZone = (id: string, zone: string) =>
      array(request(id, { count: 2, gang: true, group: 'g', spread, requirements: { zone: [zone] } }));
    const requests = [inZone('first', 'zb'), inZone('second', 'za')];
    const { copy } = place(planOf({ 'i-1': { second: 2 } }), { requests, nodes: [node()] });
    expect(copy.node('i-1')?.assigned.map((one) => one.requestId)).toEqual(['second', 'second']);
  });

  test('marks what runs alone, and what waits for its volumes', () => {
    const lossy = request('r', { mounts: [{ request: 'v', path: null }] });
    const apart = { ...lossy, tasks: lossy.tasks.map((one) => ({ ...one, nodeLosses: 2 })) };
    const { copy } = place(planOf({ 'i-1': { r: 1 } }), { requests: [apart], nodes: [node()] }, true);
    expect(copy.node('i-1')?.assigned).toMatchObject([
      { isAlone: true, mounts: { requests: ['v'], areAttached: false } },
    ]);
  });

  test('that places more than waits, or what is not open, is a defect', () => {
    const world = { requests: [request('r')], nodes: [node()] };
    expect(() => place(planOf({ 'i-1': { r: 2 } }), world)).toThrow('the plan places more tasks of r than wait');
    expect(() => place(planOf({ 'i-1': { x: 1 } }), world)).toThrow('the plan places x, which is not open');
  });

  test('lets zones fill evenly', () => {
    const spread = [{ topology: 'zone', group: 'g', maxSkew: 1 }] as const;
    const requests = [array(request('r', { count: 4, group: 'g', spread }))];
    expect(place(planOf({ 'i-1': { r: 4 } }), { requests, nodes: [node()] }).copy.node('i-1')?.assigned).toHaveLength(
      1,
    );
  });
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
});
