// From what is seen to the engine's question, and from its plan to changes.
import { describe, expect, test } from '@jest/globals';
import type { AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import { changeBounds } from '../../../../lib/core/plan/bounds.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { placeTasks } from '../../../../lib/core/tasks/placing/placing.ts';
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
  offerings,
  placedTask,
  pool,
  request,
  summary,
} from '../../builders.ts';
import { everything, question, refusing } from './given.ts';

const [za = '', zb = ''] = offerings.map((one) => one.id);

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
  const bins = (nodes: readonly NodeRecord[], more: Parameters<typeof question>[0] = {}) =>
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
  function place(plan: AllocationPlan, more: Parameters<typeof question>[0], isAlone = false) {
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
