// One decision as a whole: what follows what, who is left out, what is bought and remembered, and when to look again.
import { isNodeLaunch } from '../../../lib/core/records/launch.ts';
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput, AllocationPlan, PlannedLaunch } from '../../../lib/core/allocation/types.ts';
import type { Action } from '../../../lib/core/plan/plan.ts';
import { emptyMemory, isSameMemory } from '../../../lib/core/plan/observation.ts';
import type { PoolMemory } from '../../../lib/core/plan/observation.ts';
import { decide, nextDueAtMs } from '../../../lib/core/plan/decide.ts';
import { tasksDueAtMs } from '../../../lib/core/plan/decide-tasks.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';
import {
  array,
  aside,
  assignment,
  chunk,
  launch,
  machineLaunch,
  node,
  nowMs,
  observation,
  offerings,
  placedTask,
  pool,
  request,
  summary,
  task,
  terms,
} from '../builders.ts';

const nothing: AllocationPlan = {
  placements: [],
  launches: [],
  unplaced: [],
  costUsdPerHour: 0,
  lowerBoundUsdPerHour: null,
  gapPercent: null,
  coefficients: null,
};
const buying = (demandId: string, more: Partial<PlannedLaunch> = {}): PlannedLaunch => ({
  offerings,
  count: 1,
  tasks: [{ demandId, count: 1 }],
  reason: 'cheapest',
  ...more,
});

function decided(
  world: Parameters<typeof observation>[0],
  answer: (input: AllocationInput) => Partial<AllocationPlan> = () => ({}),
) {
  const asked: AllocationInput[] = [];
  const found = decide(
    observation(world),
    settings,
    terms,
    (input) => {
      asked.push(input);
      return { ...nothing, ...answer(input) };
    },
    () => false,
  );
  const kinds = summary(found.plan).filter((one) => one !== 'explain');
  const of = <K extends Action['kind']>(kind: K) =>
    found.plan.actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);
  const bought = of('launch').flatMap(({ launch }) => (isNodeLaunch(launch) ? [launch] : []));
  return { ...found, ...found.tasks, asked, kinds, of, bought };
}

describe('a decision', () => {
  test('about nothing does nothing, and says that nothing waits', () => {
    const { kinds, asked, of, unplacedDueMs, culprits, hasUntried } = decided({});
    expect([kinds, asked, unplacedDueMs, culprits, hasUntried]).toEqual([[], [], null, [], false]);
    expect(of('explain')).toEqual([{ kind: 'explain', why: { byShape: {} } }]);
  });

  test('asks once for what waits, places, and buys what is missing', () => {
    const { kinds, asked, bought } = decided({ requests: [request('a'), request('b')], nodes: [node()] }, () => ({
      placements: [{ binId: 'i-1', tasks: [{ demandId: 'a', count: 1 }] }],
      launches: [buying('b')],
    }));
    expect(asked.map((one) => one.demand.map(({ id }) => id))).toEqual([['a', 'b']]);
    expect(kinds).toEqual(['place i-1', 'launch']);
    const { offerings: wanted, reason } = buying('b');
    expect(bought).toMatchObject([
      {
        id: 'l-new',
        state: 'open',
        reason,
        createdAtMs: nowMs,
        callingSinceMs: nowMs,
        request: {
          call: 'fleet',
          count: 1,
          templateVersion: '7',
          overrides: wanted.map((one) => ({ instanceType: one.type.name, zone: one.zone })),
          tags: { 'bellows:installation': 'test', 'bellows:launch': 'l-new' },
        },
      },
    ]);
  });

  test('queues tasks of a lost node and places them in the same round', () => {
    const running = request('r', {}, { state: 'running', tasks: [placedTask()] });
    const instances = new Map([
      ['i-1', { id: 'i-1', state: 'terminated' as const, stateReason: null }],
      ['i-2', { id: 'i-2', state: 'running' as const, stateReason: null }],
    ]);
    const listing = { atMs: nowMs, instances };
    const nodes = [node({ assigned: [assignment('r')] }), node({ id: 'i-2' })];
    const { kinds } = decided({ requests: [running], nodes, listing }, () => ({
      placements: [{ binId: 'i-2', tasks: [{ demandId: 'r', count: 1 }] }],
    }));
    expect(kinds).toEqual(['lost r i-1', 'place i-2']);
  });

  test('keeps nodes that the plan counts on, and lets others go', () => {
    const emptySinceMs = nowMs - 60_000;
    const nodes = [node({ emptySinceMs }), node({ id: 'i-2', emptySinceMs })];
    const { kinds } = decided({ requests: [request('a')], nodes }, () => ({
      placements: [{ binId: 'i-1', tasks: [{ demandId: 'a', count: 1 }] }],
    }));
    expect(kinds).toEqual(['place i-1', 'drain i-2']);
  });

  test('keeps headroom, and says why it is not reached', () => {
    const emptySinceMs = nowMs - 60_000;
    const floor = { nodes: 2, because: '', nextActAtMs: null };
    const found = decided({ nodes: [node({ emptySinceMs })], floor }, () => ({
      unplaced: [{ demandId: 'headroom', count: 1, kind: 'limits', message: 'full', excluded: [] }],
    }));
    expect([...found.kept]).toEqual(['i-1']);
    expect(found.kinds).toEqual([]);
    expect(found.of('explain')[0]?.why.headroom?.code).toBe('limit_reached');
    expect(found.unplacedDueMs).toBe(nowMs + settings.unplacedAgainMs);
  });

  test('says what it did not see', () => {
    const unseen = { behind: 3, after: {}, from: {} };
    expect(decided({ unseen }).of('explain')[0]?.why.unseen).toBe(unseen);
  });

  test('brings arrays up to date after it placed their tasks, and publishes ends', () => {
    const moved = array(request('r', { count: 30 }), [chunk('r', 0, 25, [placedTask()])]);
    const done = request('d', {}, { state: 'failed', endedAtMs: 1, tasks: [task({ state: 'failed' })] });
    const nodes = [node({ assigned: [assignment('r')] })];
    expect(decided({ requests: [moved, done], nodes }).kinds).toEqual(['aggregate r', 'collect d']);
  });

  test('about tasks that are kept apart comes first; the others have what that leaves', () => {
    const lossy = request('a', {}, { tasks: [task({ nodeLosses: 2 })] });
    const nodes = [node(), node({ id: 'i-2' })];
    const { asked, kinds, bought } = decided({ requests: [lossy, request('b')], nodes }, (input) =>
      input.pool.tasksPerNode === 1
        ? {
            placements: [{ binId: 'i-1', tasks: [{ demandId: 'a', count: 1 }] }],
            launches: [buying('a', { reason: 'alone' })],
          }
        : { launches: [buying('b')] },
    );
    expect(asked.map((one) => one.demand.map(({ id }) => id))).toEqual([['a'], ['b']]);
    expect(asked.map((one) => one.bins.map(({ id }) => id))).toEqual([['i-1', 'i-2'], ['i-2']]);
    expect(asked.map((one) => one.usage.instances)).toEqual([2, 3]);
    expect(kinds).toEqual(['place i-1', 'launch', 'launch']);
    expect(bought.map((one) => one.reason)).toEqual(['alone', 'cheapest']);
  });

  test('on which a record makes it fail is made without that record', () => {
    const broken = array(request('bad', { count: 30 }), [chunk('bad', 0, 24)]);
    const found = decided({ requests: [broken, request('good')] }, () => ({ launches: [buying('good')] }));
    expect(found.culprits).toEqual([
      { key: 'request bad', error: 'chunk 0 has 24 tasks, not 25, and .spec.count is 30' },
    ]);
    expect(found.asked.at(-1)?.demand.map(({ id }) => id)).toEqual(['good']);
    expect(found.kinds).toEqual(['launch']);
    expect(found.observation.aside?.requests).toEqual(new Set(['bad']));
  });

  test('of which a task fails that a node runs is made without that task alone', () => {
    const broken = request('bad', {}, { timeline: null as never, cancelRequestedAtMs: 1 });
    const nodes = [node({ assigned: [assignment('bad'), assignment('beside')] })];
    const all = { requests: [broken, request('beside'), request('good')], nodes };
    const found = decided(all, () => ({ placements: [{ binId: 'i-1', tasks: [{ demandId: 'good', count: 1 }] }] }));
    expect(found.culprits.map((one) => one.key)).toEqual(['request bad']);
    expect(found.kinds).toEqual(['place i-1']);
  });

  test('does not look at what would fail of a task that runs, and about which nothing is to be decided', () => {
    const broken = request('bad', {}, { timeline: null as never });
    const nodes = [node({ assigned: [assignment('bad')] })];
    const found = decided({ requests: [broken, request('good')], nodes }, () => ({
      placements: [{ binId: 'i-1', tasks: [{ demandId: 'good', count: 1 }] }],
    }));
    expect([found.culprits, found.kinds]).toEqual([[], ['place i-1']]);
  });
});

describe('a search for cheaper nodes', () => {
  const stepsOf = (isTooLate: () => boolean): number => {
    let steps = 0;
    const allocate = ({ shouldStop }: AllocationInput): AllocationPlan => {
      while (!shouldStop()) steps += 1;
      return nothing;
    };
    decide(observation({ requests: [request('a')] }), settings, terms, allocate, isTooLate);
    return steps;
  };
  test('has twice the steps of a plan, counted over the decision', () => {
    expect(stepsOf(() => false)).toBe(2 * settings.allocationIterations);
  });
  test('ends when it is too late', () => {
    let asked = 0;
    expect(stepsOf(() => (asked += 1) > 7)).toBe(7);
  });
});

test('a pool whose budget is spent buys nothing, and the decision goes on about the pool as it is', () => {
  const spent = { pool: { usdPerDay: 5, usdPerMonth: 5 } };
  const found = decided({ requests: [request('a')], pool: pool({ budget: { usdPerDay: 4 } }), spent });
  expect(found.asked.flatMap((one) => one.demand)).toEqual([]);
  expect(found.of('explain')[0]?.why.byShape).toMatchObject({});
  expect(found.observation.pool.limits).toEqual(pool().limits);
  const less = decided({
    requests: [request('a')],
    pool: pool({ budget: { usdPerDay: 40 } }),
    spent: { pool: { usdPerDay: 10, usdPerMonth: 10 } },
  });
  expect(less.asked[0]?.pool.limits.usdPerHour).toBe(30);
});

test('open launches are called again when they are due, those of nodes and those of machines', () => {
  const due = { nextTryAtMs: nowMs - 1 };
  const machineLaunches = [machineLaunch('m', 'r', due)];
  const { of } = decided({
    launches: [launch('l', due), launch('later', { nextTryAtMs: nowMs + 1 })],
    machineLaunches,
  });
  expect(of('settle').map((one) => one.launchId)).toEqual(['l', 'm']);
});

test('of many records at fault some wait for the next decision', () => {
  const broken = Array.from({ length: 21 }, (_, n) => {
    const id = `bad-${String(n)}`;
    return array(request(id, { count: 30 }), [chunk(id, 0, 24)]);
  });
  expect([decided({ requests: broken }).hasUntried, decided({ requests: broken.slice(2) }).hasUntried]).toEqual([
    true,
    false,
  ]);
});

describe('launches', () => {
  test('for equal reasons of equal offerings are one', () => {
    const launches = [
      buying('a'),
      buying('b', { count: 2 }),
      buying('c', { reason: 'other' }),
      buying('d', { offerings: offerings.slice(1) }),
    ];
    const { bought } = decided({ requests: [request('a')] }, () => ({ launches }));
    expect(bought.map((one) => [one.request.count, one.reason, one.request.overrides.length])).toEqual([
      [3, 'cheapest', 2],
      [1, 'other', 2],
      [1, 'cheapest', 1],
    ]);
  });

  test('say which gangs they are for', () => {
    const requests = [
      array(request('g', { count: 2, gang: true })),
      array(request('h', { count: 2, gang: true })),
      request('a'),
    ];
    const launches = [buying('g'), buying('h'), buying('a', { reason: 'other' })];
    const { bought } = decided({ requests }, () => ({ launches }));
    expect(bought.map((one) => one.gangs)).toEqual([['g', 'h'], undefined]);
  });

  describe('while nodes come and never call', () => {
    const memory: PoolMemory = { ...emptyMemory, boots: { failed: 3, countedToMs: 1, last: 'x' } };
    const buy = (world: Parameters<typeof observation>[0]) =>
      decided({ requests: [request('a')], memory, ...world }, () => ({
        launches: [buying('a', { count: 7 }), buying('a', { reason: 'b' })],
      }));
    test('are one node to try', () => {
      expect(buy({}).bought.map((one) => one.request.count)).toEqual([1]);
      expect(buy({}).unplacedDueMs).toBe(nowMs + settings.unplacedAgainMs);
    });
    test('are none until it is known what became of that', () => {
      expect(
        buy({ nodes: [node({ state: 'launching', lastSeenAtMs: null, readyAtMs: null, createdAtMs: nowMs })] }).of(
          'launch',
        ),
      ).toEqual([]);
      expect(buy({ launches: [launch('l')] }).of('launch')).toEqual([]);
      expect(buy({ memory: { ...memory, boots: { failed: 2, countedToMs: 1, last: 'x' } } }).of('launch')).toHaveLength(
        2,
      );
    });
  });
});

describe('a gang of which a part came', () => {
  const requests = [array(request('g', { count: 2, gang: true })), request('a')];
  const remembering = (untilMs: number | null): PoolMemory => ({
    ...emptyMemory,
    gangs: { g: { came: 1, of: 2, waitMs: 5_000, untilMs } },
  });
  const plan = ({ demand }: AllocationInput) => ({ launches: demand.map(({ id }) => buying(id, { reason: id })) });

  test('has nothing bought for it before its time; others are asked for again without it', () => {
    const { asked, bought } = decided({ requests, memory: remembering(nowMs + 1) }, plan);
    expect(asked.map((one) => one.demand.map(({ id }) => id))).toEqual([['g', 'a'], ['a']]);
    expect(bought.map((one) => one.reason)).toEqual(['a']);
  });

  test('alone is not asked for at all, and the pool looks again', () => {
    const found = decided({ requests: requests.slice(0, 1), memory: remembering(nowMs + 1) }, plan);
    expect([found.asked.length, found.of('launch'), found.unplacedDueMs]).toEqual([
      1,
      [],
      nowMs + settings.unplacedAgainMs,
    ]);
  });

  test('may use nodes that are there before its time', () => {
    const { kinds } = decided({ requests, nodes: [node()], memory: remembering(nowMs + 1) }, () => ({
      placements: [{ binId: 'i-1', tasks: [{ demandId: 'g', count: 2 }] }],
    }));
    expect(kinds).toContain('place g[0] i-1');
  });

  test('is asked for when its time has come', () => {
    expect(decided({ requests, memory: remembering(nowMs) }, plan).of('launch')).toHaveLength(2);
  });

  test('waits from when the plan cannot have the rest, and is forgotten when it waits no more', () => {
    const unplaced = [{ demandId: 'g', count: 1, kind: 'shortage', message: '', excluded: [] }] as const;
    expect(
      decided({ requests, memory: remembering(null) }, () => ({ unplaced })).of('remember')[0]?.memory.gangs,
    ).toEqual({ g: { came: 1, of: 2, waitMs: 5_000, untilMs: nowMs + 5_000 } });
    expect(decided({ requests, memory: remembering(null) }).of('remember')).toEqual([]);
    expect(decided({ memory: remembering(null) }).of('remember')[0]?.memory.gangs).toEqual({});
  });
});

describe('the memory', () => {
  test('begins without anything, and is the same by what it says, in whatever order', () => {
    expect(emptyMemory).toMatchObject({ refusals: {}, gangs: {}, boots: null, massSilenceSinceMs: null });
    const one = { ...emptyMemory, passedOver: { 1: 2, 3: 4 }, bootMs: 5 };
    expect(isSameMemory(one, { ...emptyMemory, bootMs: 5, passedOver: { 3: 4, 1: 2 } })).toBe(true);
    expect(isSameMemory(one, { ...one, bootMs: 6 })).toBe(false);
    expect(isSameMemory(one, { ...one, passedOver: { 1: 2 } })).toBe(false);
  });

  test('is written only when it changes; what time has made stale goes then', () => {
    const refusals = { x: { untilMs: nowMs - 1e9, waitMs: 1, code: 'Unsupported' } };
    expect(decided({ memory: emptyMemory }).of('remember')).toEqual([]);
    expect(decided({ memory: { ...emptyMemory, refusals } }).of('remember')).toEqual([]);
    const gangs = { gone: { came: 1, of: 2, waitMs: 5_000, untilMs: null } };
    expect(decided({ memory: { ...emptyMemory, refusals, gangs } }).of('remember')[0]?.memory).toMatchObject({
      refusals: {},
      gangs: {},
    });
  });

  test('has a node that never called before anything is bought', () => {
    const failed = node({
      state: 'terminating',
      readyAtMs: null,
      lastSeenAtMs: null,
      drain: { by: 'boot-timeout', reason: 'it did not call', atMs: nowMs, deadlineMs: null },
    });
    const { asked, of } = decided({ requests: [request('a')], nodes: [failed] });
    expect(asked[0]?.unavailable.map((one) => one.zone)).toEqual(['za']);
    expect(of('remember')[0]?.memory.boots?.failed).toBe(1);
  });

  test('has a silence of everybody', () => {
    const silent = node({ lastSeenAtMs: nowMs - silentAfterMs(settings) - 1 });
    expect(decided({ nodes: [silent] }).of('remember')[0]?.memory.massSilenceSinceMs).toBe(nowMs);
  });
});

describe('the pool is due', () => {
  test('not at once for what a decision did not do though it was due: then as often as nodes come and go', () => {
    const old = observation({
      nodes: [node({ emptySinceMs: 0 })],
      launches: [launch('l', { nextTryAtMs: nowMs - 7 })],
    });
    const decision = decide(
      old,
      settings,
      terms,
      () => nothing,
      () => false,
    );
    expect(nextDueAtMs(decision, settings)).toBe(nowMs + settings.listingBusyMs);
    expect(nextDueAtMs(decision, settings, nowMs)).toBe(nowMs + settings.listingBusyMs);
    const later = { ...decision, observation: observation({ nodes: [] }) };
    expect(nextDueAtMs(later, settings, nowMs)).toBe(nowMs + settings.listingBusyMs);
    expect(nextDueAtMs(later, settings, nowMs + 7)).toBe(nowMs + 7);
    expect(nextDueAtMs(later, settings, null)).toBeNull();
  });

  test('not by time for an empty node on which a waiting gang counts', () => {
    const gang = request('g', { count: 2, gang: true });
    const world = { requests: [gang], nodes: [node({ id: 'i-1', emptySinceMs: 1 })] };
    const counting = { placements: [{ binId: 'i-1', tasks: [{ demandId: 'g', count: 1 }] }] };
    const find = (answer: object) =>
      decide(
        observation(world),
        settings,
        terms,
        () => ({ ...nothing, ...answer }),
        () => false,
      ).tasks.kept;
    expect(find(counting)).toEqual(new Set(['i-1']));
  });

  const due = (
    world: Parameters<typeof observation>[0],
    unplacedDueMs: number | null = null,
    kept: readonly string[] = [],
  ) =>
    tasksDueAtMs(observation(world), settings, {
      launches: [],
      unplacedDueMs,
      kept: new Set(kept),
      servicesDueMs: null,
    });
  const calm = nowMs + settings.listingCalmMs;

  test.each<[string, Parameters<typeof observation>[0], number | null, number | null]>([
    ['never without anything', {}, null, null],
    ['for what has no place', {}, nowMs + 7, nowMs + 7],
    ['for a launch without an answer', { launches: [launch('l', { nextTryAtMs: nowMs + 6 })] }, null, nowMs + 6],
    ['for what it did not see', { unseen: { behind: 1, after: {}, from: {} } }, null, nowMs + settings.unplacedAgainMs],
    ['for an alarm that waits', { floor: { nodes: 0, because: '', nextActAtMs: nowMs + 3 } }, null, nowMs + 3],
    ['for a deadline', { requests: [request('r', { deadlineMs: nowMs + 5 })] }, null, nowMs + 5],
    [
      'not for one of what has ended',
      { requests: [request('r', { deadlineMs: nowMs + 5 }, { endedAtMs: 1 })] },
      null,
      null,
    ],
    [
      'not for one of what is set aside',
      { requests: [request('r', { deadlineMs: nowMs + 5 }, { quarantine: 'x' })] },
      null,
      null,
    ],
    [
      'nor of what was just set aside',
      { requests: [request('r', { deadlineMs: nowMs + 5 })], aside: aside({ requests: new Set(['r']) }) },
      null,
      null,
    ],
    [
      'for a batch, whoever is set aside',
      { requests: [request('r', {}, { quarantine: 'x', batch: { id: 'b', untilMs: nowMs + 9 } })] },
      null,
      nowMs + 9,
    ],
    [
      'not for one of what has ended',
      { requests: [request('r', {}, { endedAtMs: 1, batch: { id: 'b', untilMs: nowMs + 9 } })] },
      null,
      null,
    ],
    [
      'for a task that waits for its time',
      { requests: [request('r', {}, { tasks: [task({ notBeforeMs: nowMs + 4 })] })] },
      null,
      nowMs + 4,
    ],
    [
      'not for one whose time has come',
      { requests: [request('r', {}, { tasks: [task({ notBeforeMs: nowMs })] })] },
      null,
      null,
    ],
    [
      'nor for one that is placed',
      { requests: [request('r', {}, { tasks: [placedTask('i', { notBeforeMs: nowMs + 4 })] })] },
      null,
      null,
    ],
    [
      'for one of an array',
      { requests: [array(request('r', { count: 30 }), [chunk('r', 0, 25, [task({ notBeforeMs: nowMs + 4 })])])] },
      null,
      nowMs + 4,
    ],
    ['to list nodes', { nodes: [node({ assigned: [assignment('r')] })] }, null, calm],
    ['to list nodes that are set aside', { aside: aside({ nodes: [{ record: node(), version: 1 }] }) }, null, calm],
    [
      'to list those that go, soon',
      { nodes: [node({ state: 'draining', assigned: [assignment('r')] })] },
      null,
      nowMs + settings.listingBusyMs,
    ],
    ['and those that end', { nodes: [node({ state: 'terminating' })] }, null, nowMs + settings.listingBusyMs],
    ['for an idle node', { nodes: [node({ emptySinceMs: nowMs - 59_000 })] }, null, nowMs + 1_000],
    [
      'for a boot',
      { nodes: [node({ state: 'launching', lastSeenAtMs: null, createdAtMs: nowMs - settings.bootTimeoutMs })] },
      null,
      nowMs + 1,
    ],
  ])('%s', (_what, world, unplacedDueMs, expected) => {
    expect(due(world, unplacedDueMs)).toBe(expected);
  });

  test('not for the idle time of a node that is kept', () => {
    expect(due({ nodes: [node({ emptySinceMs: nowMs - 59_000 })] }, null, ['i-1'])).toBe(calm);
  });

  test('by the pool’s idle time', () => {
    expect(due({ nodes: [node({ emptySinceMs: nowMs })], pool: pool({ idleAfterMs: 5 }) })).toBe(nowMs + 5);
  });
});
