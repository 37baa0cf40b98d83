// Room for what is forecast: how many tasks beyond those that are there, on what is left of nodes first.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput, AllocationPlan, Bin } from '../../../lib/core/allocation/types.ts';
import { aheadTasksMax, planAhead } from '../../../lib/core/scaling/ahead.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { planHeadroom } from '../../../lib/core/scaling/headroom.ts';
import { StartsFirst } from '../../../lib/core/tasks/warm/starts.ts';
import { binOf, demandOf, inputOf } from '../allocation/worlds.ts';
import { observation, offer, pool, request, smallType } from '../builders.ts';

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
const ahead = (wantedMilli: number) => ({ wantedMilli, because: 'ahead of a forecast' });
const resources = { cpuMilli: 1_000, memoryMib: 2_048, gpu: 0 };
const pending = request('r-1', { resources, count: 4 });
const seen = (requests = [pending]) =>
  observation({
    pool: pool({ learningStyle: 'predictive' }),
    requests: requests.map((record) => ({ record, version: 1, chunks: [], isCollected: false })),
  });

function asked(
  wantedMilli: number,
  {
    bins = [],
    plan = null,
    world = seen(),
    answer = nothing,
    pool: poolAsked = {},
  }: {
    readonly pool?: Partial<AllocationInput['pool']>;
    readonly bins?: readonly Bin[];
    readonly plan?: Partial<AllocationPlan> | null;
    readonly world?: ReturnType<typeof seen>;
    readonly answer?: AllocationPlan;
  } = {},
) {
  const questions: AllocationInput[] = [];
  const input = inputOf([demandOf('r-1', 1, 2_048, 4)], { bins, pool: poolAsked });
  const starts = new StartsFirst(new WorkingCopy(world), (one) => {
    questions.push(one);
    return answer;
  });
  const found = planAhead(world, ahead(wantedMilli), input, plan && { ...nothing, ...plan }, starts);
  return { ...found, question: questions[0] };
}

describe('tasks ahead', () => {
  test('are what the forecast is above what waits and runs, each as the mean of these', () => {
    expect(asked(9_000).question?.demand).toMatchObject([{ id: 'forecast', count: 5, resources }]);
    expect(asked(9_100).question?.demand[0]?.count).toBe(6);
  });
  test('none where there is as much already', () => {
    expect(asked(4_000).question).toBeUndefined();
  });
  test("are each tenant's by its part, where nodes serve one tenant at a time", () => {
    const world = seen([
      request('r-1', { resources, count: 3 }, { tenant: 'shop' }),
      request('r-2', { resources, count: 1 }, { tenant: 'lab' }),
    ]);
    expect(asked(12_000, { world }).question?.demand).toMatchObject([{ id: 'forecast', tenant: '', count: 8 }]);
    const apart = asked(12_000, { world, pool: { isTenantPerNode: true } }).question?.demand;
    expect(apart).toMatchObject([
      { id: 'forecast', tenant: 'shop', count: 6, resources },
      { id: 'forecast 2', tenant: 'lab', count: 2, resources },
    ]);
    const alone = asked(9_000, { pool: { isTenantPerNode: true } }).question?.demand;
    expect(alone).toMatchObject([{ id: 'forecast', tenant: 't', count: 5 }]);
  });
  test('count on what nodes have free that the plan has just given to their tenant', () => {
    const bins = [binOf('n1', small)];
    const plan = { placements: [{ binId: 'n1', tasks: [{ demandId: 'r-1', count: 1 }] }] };
    const { question } = asked(9_000, { bins, plan, pool: { isTenantPerNode: true } });
    expect(question?.bins).toMatchObject([{ id: 'n1', tenant: 't' }]);
  });
  test('have a bound', () => {
    expect(asked(1e12).question?.demand[0]?.count).toBe(aheadTasksMax);
  });
  test('without any task: as the last ones, or as a task that says nothing of its size', () => {
    expect(asked(2_000, { world: seen([]) }).question?.demand).toMatchObject([
      { count: 4, resources: { cpuMilli: 500, memoryMib: 512 } },
    ]);
  });
});

describe('nodes', () => {
  const offered = [binOf('i-1', small), binOf('i-2', small), binOf('i-3', small, { goesAtMs: 5 })];

  test('count with what the plan leaves of them; those that EC2 takes and what others have do not', () => {
    const plan = {
      placements: [
        { binId: 'i-1', tasks: [{ demandId: 'r-1', count: 1 }] },
        { binId: 'i-2', tasks: [{ demandId: 'r-unknown', count: 1 }] },
      ],
    };
    const { question } = asked(9_000, { bins: offered, plan });
    const { cpuMilli } = small.type.allocatable;
    expect(question?.bins.map(({ id, free, freeTasks }) => [id, free.cpuMilli, freeTasks])).toEqual([
      ['i-1', cpuMilli - 1_000, 99],
    ]);
  });

  test('that are about to be bought count with what they have to spare, and against the limits', () => {
    const launches = [{ offerings: [small], count: 2, tasks: [{ demandId: 'r-1', count: 1 }], reason: '' }];
    const { question } = asked(9_000, { plan: { launches } });
    expect(question?.bins.map(({ state, freeTasks }) => [state, freeTasks])).toHaveLength(2);
    expect(question?.usage.instances).toBe(2);
  });

  test('that the forecast counts on are kept; others are bought, with the forecast in the reason', () => {
    const tasks = [{ demandId: 'forecast', count: 1 }];
    const answer = {
      ...nothing,
      placements: [
        { binId: 'i-1', tasks },
        { binId: 'bought 0.0', tasks },
      ],
      launches: [{ offerings: [small], count: 1, tasks, reason: 'cheapest' }],
    };
    const found = asked(9_000, { bins: offered, answer });
    expect([...found.kept]).toEqual(['i-1']);
    expect(found.launches.map((one) => one.reason)).toEqual(['ahead of a forecast; cheapest']);
  });
});

test('while a request waits for room within the limits, nothing is bought ahead', () => {
  const world = { ...seen(), floor: { nodes: 0, because: '', nextActAtMs: null, ahead: ahead(9_000) } };
  const unplaced = [{ demandId: 'r-1', count: 1, kind: 'limits' as const, message: '', excluded: [] }];
  const found = planHeadroom(world, inputOf([]), new WorkingCopy(world), { ...nothing, unplaced }, new Set(), () => {
    throw new Error('nothing is to be allocated');
  });
  expect(found).toMatchObject({ launches: [], unplaced: [{ kind: 'limits', count: 1 }] });
});

test('requests that are not forecast are not taken for a part of what is', () => {
  const reactive = request('r-2', { resources, count: 8, learningStyle: 'reactive' });
  expect(asked(12_000, { world: seen([pending, reactive]) }).question?.demand).toMatchObject([{ count: 8 }]);
});
