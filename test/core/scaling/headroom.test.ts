// Nodes without work that a pool keeps: which, how many more are bought, of which size, and what comes first.
import { describe, expect, test } from '@jest/globals';
import type {
  AllocationInput,
  AllocationPlan,
  Bin,
  PlannedLaunch,
  Unplaced,
} from '../../../lib/core/allocation/types.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { reservedBy } from '../../../lib/core/records/limits.ts';
import { noHeadroom, planHeadroom } from '../../../lib/core/scaling/headroom.ts';
import { binOf, inputOf } from '../allocation/worlds.ts';
import { assignment, node, nowMs, observation, offer, offerings, request, smallType, typeOf } from '../builders.ts';

const large = offer(typeOf('m7.4xl', 16, 64, 0.8), 'za', 'on-demand');
const tiny = offer(typeOf('t7.nano', 1, 1, 0.01), 'za', 'on-demand');
const small = offer(smallType, 'za', 'on-demand');
const nothing: AllocationPlan = {
  placements: [],
  launches: [],
  unplaced: [],
  costUsdPerHour: 0,
  lowerBoundUsdPerHour: null,
  gapPercent: null,
  coefficients: null,
};
const launch = (more: Partial<PlannedLaunch> = {}): PlannedLaunch => ({
  offerings: [small],
  count: 1,
  tasks: [{ demandId: 'headroom', count: 1 }],
  reason: 'cheapest',
  ...more,
});

interface Case {
  readonly floor?: number;
  readonly because?: string;
  readonly bins?: readonly Bin[];
  readonly offerings?: AllocationInput['offerings'];
  readonly wanted?: readonly string[];
  readonly plan?: Partial<AllocationPlan> | null;
  readonly seen?: Partial<Parameters<typeof observation>[0]>;
  readonly answer?: Partial<AllocationPlan>;
}

function planned({ floor = 2, because = '', bins = [], wanted = [], plan = null, seen, answer, ...more }: Case) {
  const world: Observation = observation({ ...seen, floor: { nodes: floor, because, nextActAtMs: null } });
  const asked: AllocationInput[] = [];
  const usage = { instances: 1, vcpu: 1, memoryMib: 1, usdPerHour: 1 };
  const input = inputOf([], { bins, usage, ...(more.offerings && { offerings: more.offerings }) });
  const found = planHeadroom(
    world,
    input,
    new WorkingCopy(world),
    plan && { ...nothing, ...plan },
    new Set(wanted),
    (one) => {
      asked.push(one);
      return { ...nothing, ...answer };
    },
  );
  return { ...found, asked, kept: [...found.kept] };
}
const size = (one: Case) => planned(one).asked[0]?.demand[0]?.resources;

test('without a floor, or in a pool that is deleted, nothing is kept or bought', () => {
  const world = observation();
  const never = () => {
    throw new Error('nothing is to be allocated');
  };
  expect(planHeadroom(world, inputOf([]), new WorkingCopy(world), null, new Set(), never)).toBe(noHeadroom);
  expect(planned({ seen: { isPoolDeleting: true } })).toMatchObject({ kept: [], launches: [], asked: [] });
  expect(planned({ floor: 0 })).toMatchObject({ kept: [], asked: [] });
});

describe('nodes without work', () => {
  const bins = [
    binOf('i-1', small, { state: 'in-flight' }),
    binOf('i-2', small),
    binOf('i-3', small),
    binOf('i-4', small),
  ];

  test('are kept, ready ones first, as many as the floor says, and none is bought', () => {
    expect(planned({ bins })).toMatchObject({ kept: ['i-2', 'i-3'], asked: [] });
    expect(planned({ bins, floor: 4 })).toMatchObject({ kept: ['i-2', 'i-3', 'i-4', 'i-1'], asked: [] });
  });

  test('are those that the plan does not count on, and that have no task', () => {
    const nodes = [node({ id: 'i-3', assigned: [assignment('r')] })];
    expect(planned({ bins, wanted: ['i-2'], seen: { nodes } }).kept).toEqual(['i-4', 'i-1']);
  });
});

describe('what is missing is bought', () => {
  test('by the engine, one to a node, within what the demand leaves of the limits', () => {
    const { asked, kept } = planned({
      floor: 3,
      bins: [binOf('i-1', small)],
      plan: { launches: [launch({ offerings: [small, large], count: 2 })] },
    });
    expect(kept).toEqual(['i-1']);
    expect(asked[0]).toMatchObject({
      bins: [],
      pool: { tasksPerNode: 1 },
      usage: { instances: 3, vcpu: 33, memoryMib: 1 + 2 * 65_536, usdPerHour: 2.6 },
      demand: [{ id: 'headroom', count: 2, priority: 0, createdAtMs: nowMs, expectedDurationMs: null }],
    });
  });

  test('for a reason that says who wanted it', () => {
    const answer = { launches: [launch()] };
    expect(planned({ answer, because: ' (alarm busy)' }).launches.map((one) => one.reason)).toEqual([
      'headroom of 2 nodes (alarm busy); cheapest',
    ]);
    expect(planned({ answer, floor: 1 }).launches.map((one) => one.reason)).toEqual(['headroom of 1 node; cheapest']);
  });

  test('or says why it cannot be', () => {
    const unplaced: Unplaced[] = [{ demandId: 'headroom', count: 2, kind: 'shortage', message: 'no', excluded: [] }];
    expect(planned({ answer: { unplaced } }).unplaced).toEqual(unplaced);
  });

  test('not while requests wait for room within the limits: they come first', () => {
    const waiting: Unplaced = { demandId: 'r', count: 9, kind: 'limits', message: 'full', excluded: [] };
    const first = planned({ floor: 1, bins: [binOf('i-1', small)], plan: { unplaced: [waiting] } });
    expect(first).toMatchObject({
      kept: [],
      asked: [],
      unplaced: [{ demandId: 'headroom', count: 1, kind: 'limits' }],
    });
    expect(first.unplaced[0]?.message).toMatch(/come before its headroom/);
    expect(planned({ plan: { unplaced: [{ ...waiting, kind: 'shortage' }] } }).asked).toHaveLength(1);
  });
});

describe('its size is nine tenths of', () => {
  test('what most of the pool’s nodes are; of equally many the first by name', () => {
    const [a, b, c] = [binOf('a', large), binOf('b', small), binOf('c', small)];
    expect(size({ floor: 4, bins: [a, b, c] })).toEqual({ cpuMilli: 1_710, memoryMib: 3_417, gpu: 0 });
    expect(size({ floor: 4, bins: [a, b] })?.cpuMilli).toBe(1_710);
    expect(size({ floor: 4, bins: [a] })?.cpuMilli).toBe(14_310);
  });

  test('the cheapest of 2 vCPU or more that may be bought now', () => {
    expect(size({ offerings: [large, tiny, small] })?.cpuMilli).toBe(1_710);
    expect(size({ offerings: [tiny] })?.cpuMilli).toBe(810);
  });

  test('the cheapest that is sold at all, where everything is refused now', () => {
    expect(size({ offerings: [], seen: { offerings } })?.cpuMilli).toBe(1_710);
    expect(size({ offerings: [], seen: { offerings: [] } })).toEqual({ cpuMilli: 500, memoryMib: 512, gpu: 0 });
  });
});

describe('it carries the next task:', () => {
  const nano = offer(
    typeOf('t7.nano2', 2, 1, 0.001, { allocatable: { cpuMilli: 1_900, memoryMib: 74, gpu: 0 } }),
    'za',
    'spot',
  );
  const needs = (cpuMilli: number, memoryMib: number) => ({ resources: { cpuMilli, memoryMib, gpu: 0 } });

  test('a default one where nothing is known: the cheapest that it does not fit is neither bought nor counted', () => {
    const asked = planned({ floor: 2, bins: [binOf('n', nano)], offerings: [nano, small] });
    expect(asked.kept).toEqual([]);
    expect(asked.asked[0]?.demand[0]?.resources).toEqual({ cpuMilli: 1_710, memoryMib: 3_417, gpu: 0 });
  });

  test('as large as those that the pool runs, with what most of them require', () => {
    const requirements = { zone: ['za'] };
    const requests = [
      request('a', { ...needs(9_000, 500), count: 3, requirements }),
      request('b', { ...needs(100, 40_000), requirements }),
      request('c', { ...needs(30_000, 1), requirements: { zone: ['zb'] } }),
    ];
    const { asked, kept } = planned({ bins: [binOf('s', small), binOf('l', large)], seen: { requests } });
    expect(kept).toEqual(['l']);
    expect(asked[0]?.demand[0]).toMatchObject({ requirements, resources: { cpuMilli: 14_310 } });
    const none = planned({ offerings: [small], seen: { requests } });
    expect(none.asked[0]?.demand[0]?.resources).toEqual({ cpuMilli: 9_000, memoryMib: 40_000, gpu: 0 });
  });

  test('as the last ones were, where none is left', () => {
    const lastTasks = { ...needs(1_000, 20_000), requirements: {} };
    const seen = { memory: { ...emptyMemory, lastTasks } };
    expect(planned({ floor: 1, bins: [binOf('s', small), binOf('l', large)], seen }).kept).toEqual(['l']);
  });

  test('on a node that EC2 does not take soon', () => {
    expect(planned({ floor: 1, bins: [binOf('s', small, { goesAtMs: nowMs + 1 })] }).kept).toEqual([]);
  });
});

test('a launch reserves the most that any of its offerings would count', () => {
  expect(reservedBy([small, large], 3)).toEqual({
    instances: 3,
    vcpu: 48,
    memoryMib: 3 * 65_536,
    usdPerHour: 2.4000000000000004,
  });
});

describe('a declared shape', () => {
  const headroom = { resources: { cpuMilli: 3_000, memoryMib: 2_048, gpu: 0 }, nodes: 0 };
  const seen = (more: Case['seen'] = {}): Case => ({
    seen: { pool: { ...observation().pool, headroom }, ...more },
    offerings: [tiny, small, large],
  });

  test('is what each node carries, whatever runs in the pool; smaller ones do not count', () => {
    const requests = [request('r', { resources: { cpuMilli: 100, memoryMib: 100, gpu: 0 } })];
    const found = planned({ ...seen({ requests }), bins: [binOf('i-1', small), binOf('i-2', large)] });
    expect(found.kept).toEqual(['i-2']);
    expect(found.asked[0]?.demand[0]?.count).toBe(1);
    expect(found.asked[0]?.demand[0]?.resources.cpuMilli).toBe(14_310);
  });

  test('has the requirements of the tasks that the pool knows', () => {
    const lastTasks = { resources: headroom.resources, requirements: { arch: ['arm64' as const] } };
    const { asked } = planned(seen({ memory: { ...emptyMemory, lastTasks } }));
    expect(asked[0]?.demand[0]?.requirements.arch).toEqual(['arm64']);
  });
});
