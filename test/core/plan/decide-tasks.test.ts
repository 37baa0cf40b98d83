// The part of a decision that is about tasks and nodes: what each rule finds reaches what is bought, placed, drained,
// remembered and said. With the engine where a rule asks it again; the rules themselves have their own examples.
import { describe, expect, test } from '@jest/globals';
import { allocate as engine } from '../../../lib/core/allocation/index.ts';
import type { Allocate, AllocationInput, AllocationPlan, PlannedLaunch } from '../../../lib/core/allocation/types.ts';
import type { Lifetimes } from '../../../lib/core/lifetimes/learned.ts';
import { allTasks } from '../../../lib/core/lifetimes/learned.ts';
import { bucketOf } from '../../../lib/core/lifetimes/survival.ts';
import { decide } from '../../../lib/core/plan/decide.ts';
import { earliest, tasksDueAtMs } from '../../../lib/core/plan/decide-tasks.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import type { Action } from '../../../lib/core/plan/plan.ts';
import { isNodeLaunch } from '../../../lib/core/records/launch.ts';
import { localDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import {
  array,
  assignment,
  node,
  nowMs,
  observation,
  offer,
  offerings,
  placedTask,
  pool,
  request,
  smallType,
  storage,
  summary,
  task,
  terms,
  typeOf,
} from '../builders.ts';

type World = NonNullable<Parameters<typeof observation>[0]>;

const nothing: AllocationPlan = {
  ...{ placements: [], launches: [], unplaced: [], costUsdPerHour: 0 },
  ...{ lowerBoundUsdPerHour: null, gapPercent: null, coefficients: null },
};

function decided(world: World, given: Allocate | ((input: AllocationInput) => Partial<AllocationPlan>) = () => ({})) {
  const asked: AllocationInput[] = [];
  const allocate: Allocate = (input) => {
    asked.push(input);
    return { ...nothing, ...given(input) };
  };
  const found = decide(observation(world), settings, terms, allocate, () => false);
  const of = <K extends Action['kind']>(kind: K) =>
    found.plan.actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);
  const bought = of('launch').flatMap(({ launch }) => (isNodeLaunch(launch) ? [launch] : []));
  const kinds = summary(found.plan).filter((one) => one !== 'explain' && one !== 'remember');
  const memory = of('remember').at(-1)?.memory;
  const codes = Object.values(of('explain')[0]?.why.byShape ?? {}).map(({ code }) => code);
  return { ...found.tasks, asked, bought, kinds, memory, codes, why: of('explain')[0]?.why };
}

const buying = (demandId: string, more: Partial<PlannedLaunch> = {}): PlannedLaunch => ({
  ...{ offerings, count: 1, tasks: [{ demandId, count: 1 }], reason: 'cheapest' },
  ...more,
});
const again = nowMs + settings.unplacedAgainMs;

describe('a pool that consolidates', () => {
  const half = { cpuMilli: 900, memoryMib: 1_000, gpu: 0 };
  const large = typeOf('c7.2xlarge', 8, 16, 0.4);
  const busy = (id: string, type = smallType) =>
    node({
      ...{ id, instanceType: type.name, allocatable: type.allocatable, emptySinceMs: null },
      priceUsdPerHour: type.onDemandUsdPerHour ?? 0,
      assigned: [assignment(`r-${id}`, { resources: half, startedAtMs: 20, savedAtMs: nowMs })],
    });
  const world = (nodes: readonly ReturnType<typeof busy>[], more: World = {}): World => ({
    pool: pool({ disruption: { consolidation: {} }, nodesServe: 'any-tenant' }),
    offerings: [offer(smallType, 'za', 'on-demand'), offer(large, 'za', 'on-demand')],
    nodes,
    ...more,
    requests: [
      ...nodes.map(({ id }) =>
        request(
          `r-${id}`,
          { resources: half, disruption: { mode: 'checkpoint' } },
          { state: 'running', tasks: [placedTask(id)] },
        ),
      ),
      ...(more.requests ?? []),
    ],
  });
  const two = [busy('i-1'), busy('i-2')];

  test('empties the node that others can do without, and remembers when', () => {
    const { kinds, memory, bought } = decided(world(two), engine);
    expect([kinds, bought]).toEqual([['drain i-1'], []]);
    expect(memory?.consolidatedAtMs).toBe(nowMs);
  });

  test('buys what is to take the place of another, which stays until then', () => {
    const { bought, kinds, memory } = decided(world([busy('i-1', large)]), engine);
    expect(bought).toMatchObject([{ replaces: ['i-1'], request: { count: 1 } }]);
    expect(kinds).toEqual(['launch']);
    expect(memory?.consolidatedAtMs).toBe(nowMs);
  });

  test('does neither while something is bought, or waits that may still get a node', () => {
    const waits = { requests: [request('a')] };
    const launching = decided(world(two, waits), ({ demand }) => ({ launches: demand.map(({ id }) => buying(id)) }));
    expect(launching.kinds).toEqual(['launch']);
    const lacking = (kind: 'limits' | 'unsatisfiable') =>
      decided(world(two, waits), (input) =>
        input.demand.some(({ id }) => id === 'a')
          ? { unplaced: [{ demandId: 'a', count: 1, kind, message: '', excluded: [] }] }
          : engine(input),
      ).kinds;
    expect([lacking('limits'), lacking('unsatisfiable')]).toEqual([[], ['drain i-1']]);
    const floor = { nodes: 1, because: '', nextActAtMs: null };
    const short = decided(world(two, { floor }), () => ({
      unplaced: [{ demandId: 'headroom', count: 1, kind: 'limits', message: '', excluded: [] }],
    }));
    expect(short.kinds).toEqual([]);
  });

  test('keeps no node for it that tasks are placed on now', () => {
    const placing = decided(world(two, { requests: [request('a', { resources: half })] }), (input) =>
      input.demand.some(({ id }) => id === 'a')
        ? { placements: [{ binId: 'i-1', tasks: [{ demandId: 'a', count: 1 }] }] }
        : engine(input),
    );
    expect(placing.kinds).not.toContain('drain i-1');
  });
});

describe('what is kept for the first that does not fit', () => {
  const whole = smallType.allocatable;
  const large = request('large', { resources: { ...whole, memoryMib: 500 } });
  const runs = assignment('runs', {
    ...{ resources: { cpuMilli: 1_000, memoryMib: 500, gpu: 0 }, expectedEndAtMs: nowMs + 60_000, startedAtMs: 20 },
  });
  const world: World = {
    pool: pool({ limits: { instances: 1 } }),
    nodes: [node({ assigned: [runs], emptySinceMs: null })],
    requests: [
      large,
      request('runs', {}, { state: 'running', tasks: [placedTask()] }),
      request('small', { resources: { cpuMilli: 500, memoryMib: 500, gpu: 0 } }, { createdAtMs: nowMs - 1_000 }),
    ],
  };

  test('is not given to others, which is said, and it is looked at again', () => {
    const { kinds, why, unplacedDueMs } = decided(world, engine);
    expect(kinds).toEqual([]);
    const said = Object.values(why?.byShape ?? {});
    expect(said.map(({ message }) => message).join('\n')).toMatch(/kept|waits/);
    expect(unplacedDueMs).not.toBeNull();
    // Without the one that waits for the whole node, the small one runs there.
    const alone = { ...world, requests: world.requests?.slice(1) ?? [] };
    expect(decided(alone, engine).kinds).toEqual(['place i-1']);
  });
});

describe('a task that may wait', () => {
  const counts = new Array<number>(20).fill(0);
  counts[bucketOf(10_000)] = 400;
  const tenSeconds: Lifetimes = { classes: { [allTasks]: counts }, learnedAtMs: 0 };
  const world = (ageMs: number): World => ({
    nodes: [
      node({
        ...{ readyAtMs: 60_000, emptySinceMs: null },
        assigned: [
          assignment('runs', {
            ...{ placedAtMs: nowMs - ageMs, startedAtMs: nowMs - ageMs, resources: node().allocatable },
          }),
        ],
      }),
    ],
    requests: [
      request('runs', { resources: node().allocatable }, { state: 'running', tasks: [placedTask()] }),
      request('waits', {}, { createdAtMs: nowMs - 5_000 }),
    ],
    memory: { ...emptyMemory, lifetimes: tenSeconds },
  });

  test('is asked for without a search first, and has nothing bought while room is likely', () => {
    const { asked, bought, codes, unplacedDueMs } = decided(world(9_000), engine);
    expect([asked[0]?.iterations, bought, codes]).toEqual([0, [], ['waits_for_room']]);
    // Its patience ends then: 30 s after it came.
    expect(unplacedDueMs).toBe(nowMs + 25_000);
  });

  test('is asked for once more with a search where it does not wait', () => {
    const { asked, bought } = decided(world(3_000_000), engine);
    expect(asked.map(({ iterations }) => iterations === 0)).toEqual([true, false]);
    expect(bought).toHaveLength(1);
  });

  test('remembers how long its nodes boot', () => {
    expect(decided(world(9_000), engine).memory?.bootMs).toBe(60_000);
  });
});

describe('the pool looks again', () => {
  test('for a task whose volume is not there yet, and says why it waits', () => {
    const mounting = request('r', { mounts: [{ request: 'v', path: null }] });
    const storages = new Map([['v', storage('v', 'za', { state: 'pending' })]]);
    const { codes, unplacedDueMs } = decided({ requests: [mounting], storages });
    expect([codes, unplacedDueMs]).toEqual([['waiting_for_reference'], again]);
  });

  test('where a budget is spent, which it says', () => {
    const spent = { pool: { usdPerDay: 5, usdPerMonth: 5 } };
    const found = decided({ requests: [request('a')], pool: pool({ budget: { usdPerDay: 4 } }), spent });
    expect(found.unplacedDueMs).toBe(again);
    expect(found.why?.stops).toBeDefined();
    expect(decided({ requests: [request('a')] }).unplacedDueMs).toBeNull();
  });

  test('for its services at their time', () => {
    const due = (servicesDueMs: number | null) =>
      tasksDueAtMs(observation(), settings, { launches: [], unplacedDueMs: null, kept: new Set(), servicesDueMs });
    expect([due(nowMs + 3), due(null)]).toEqual([nowMs + 3, null]);
  });

  test('at the earlier of two times, of which either may be none', () => {
    expect([earliest(3, 5), earliest(5, 3), earliest(null, 5), earliest(3, null), earliest(null, null)]).toEqual([
      ...[3, 3, 5],
      ...[3, null],
    ]);
  });
});

describe('what is remembered', () => {
  test('are levels of priority that wait while others have been given nodes that are there', () => {
    const requests = [array(request('high', { priority: 5, count: 2 })), request('low')];
    const lacking = (demandId: string) => ({ demandId, count: 1, kind: 'limits', message: '', excluded: [] }) as const;
    const passed = (more: Parameters<typeof node>[0]) =>
      decided({ pool: pool({ ordering: 'priority' }), requests, nodes: [node(more)] }, () => ({
        placements: [{ binId: 'i-1', tasks: [{ demandId: 'high', count: 1 }] }],
        unplaced: [lacking('high'), lacking('low')],
      })).memory?.passedOver;
    expect(Object.values(passed({}) ?? {})).toEqual([nowMs]);
    // What is for a node that is not there yet is not served.
    const coming = passed({ state: 'launching', readyAtMs: null, lastSeenAtMs: null, createdAtMs: nowMs });
    expect(Object.values(coming ?? {})).toEqual([nowMs, nowMs]);
  });

  test('is what the last tasks asked for, of a pool that keeps headroom', () => {
    const kept = (floor: World['floor']) =>
      decided({ requests: [request('a')], ...(floor ? { floor } : {}) }).memory?.lastTasks;
    const none = { because: '', nextActAtMs: null };
    expect(kept({ nodes: 1, ...none })?.resources).toEqual(request('a').spec.resources);
    expect(kept({ nodes: 0, ahead: { wantedMilli: 0, because: '' }, ...none })?.resources).toBeDefined();
    expect([kept(undefined), kept({ nodes: 0, ...none })]).toEqual([undefined, undefined]);
  });

  test('is how long what has ended lasted', () => {
    const ended = request(
      'd',
      {},
      {
        state: 'succeeded',
        endedAtMs: 9,
        tasks: [task({ state: 'succeeded', startedAtMs: 1_000, endedAtMs: 61_000 })],
      },
    );
    expect(decided({ requests: [ended] }).memory?.lifetimes?.classes).toHaveProperty([allTasks]);
    expect(decided({ requests: [ended], pool: pool({ lifetimes: 'off' }) }).memory?.lifetimes).toBeUndefined();
  });

  test('are gangs alone of those of which a part has no place', () => {
    const memory = { ...emptyMemory, gangs: { a: { came: 1, of: 2, waitMs: 5_000, untilMs: null } } };
    expect(decided({ requests: [request('a')], memory }).memory?.gangs).toEqual({});
  });
});

describe('what is bought', () => {
  const launchesOf = (...launches: readonly PlannedLaunch[]) =>
    decided({ requests: [array(request('g', { count: 2, gang: true })), request('a')] }, () => ({ launches })).bought;

  test('for shapes of both is for the shapes of both, each once', () => {
    const [one] = launchesOf(buying('a'), buying('g'), buying('a'));
    expect(one).toMatchObject({ gangs: ['g'], request: { count: 3 } });
    expect(new Set(one?.shapes).size).toBe(2);
    expect(one?.shapes).toHaveLength(2);
    expect(launchesOf(buying('a'), buying('a'))[0]).not.toHaveProperty('gangs');
  });

  test('into a reservation is a launch of its own', () => {
    const reservation = { id: 'cr-1', kind: 'capacity-reservation' } as const;
    expect(launchesOf(buying('a'), buying('a', { reservation })).map((one) => one.request.count)).toEqual([...[1, 1]]);
  });

  test('for headroom is none of what is bought for tasks', () => {
    const floor = { nodes: 1, because: '', nextActAtMs: null };
    const found = decided({ requests: [request('a')], floor }, ({ demand }) => ({
      launches: demand.map(({ id }) => buying(id, { reason: id })),
    }));
    expect(found.launches.flatMap(({ tasks }) => tasks.map(({ demandId }) => demandId))).toEqual(['a']);
    expect(found.bought).toHaveLength(2);
  });
});

describe('stopped nodes that are to be ready', () => {
  const spec = pool({ warmNodes: { stopped: 2, minStopped: 2, expireAfterMs: 1e9 } });
  const isStock = ({ id }: { readonly id: string }) => id === 'warm nodes';
  /** All that is asked for is bought, but for what is named here. */
  const stock = (world: World, lacking: readonly string[] = []) =>
    decided({ pool: spec, ...world }, ({ demand }) => ({
      launches: demand.flatMap(({ id, count }) => (lacking.includes(id) ? [] : [buying(id, { count })])),
      unplaced: demand.flatMap(({ id, count }) =>
        lacking.includes(id) ? [{ demandId: id, count, kind: 'limits', message: '', excluded: [] }] : [],
      ),
    }));
  const stockAsked = ({ asked }: ReturnType<typeof decided>) => asked.filter(({ demand }) => demand.some(isStock));

  test('are bought as such when nobody waits, and of no other pool', () => {
    const { bought, why, launches } = stock({});
    expect(bought).toMatchObject([{ isWarm: true, request: { count: 2 } }]);
    expect([launches, why?.warmNodes]).toEqual([[], undefined]);
    expect(stock({ pool: pool() }).bought).toEqual([]);
  });

  test('come after all that waits, headroom too, and while single nodes are tried', () => {
    const floor = { nodes: 1, because: '', nextActAtMs: null };
    const boots = { failed: 3, countedToMs: nowMs, last: '' };
    for (const [world, lacking] of [
      [{ requests: [request('a')] }, ['a']],
      [{ floor }, ['headroom']],
      [{ memory: { ...emptyMemory, boots } }, []],
    ] as const)
      expect(stockAsked(stock(world, lacking))).toEqual([]);
  });

  test('have what is left by what is bought now; and nothing is left in a paused pool', () => {
    const beside = stock({ requests: [request('a')] });
    expect(beside.bought.map(({ isWarm }) => isWarm === true)).toEqual([false, true]);
    expect(stockAsked(beside).map(({ usage }) => usage.instances)).toEqual([1]);
    expect(stockAsked(stock({ paused: { by: 'ann', sinceMs: 1 } }))[0]?.usage.instances).toBeGreaterThan(1e6);
  });

  test('are not there for a reason that the pool shows', () => {
    const { bought, why } = stock({}, ['warm nodes']);
    expect([bought, why?.warmNodes === undefined]).toEqual([[], false]);
  });
});
