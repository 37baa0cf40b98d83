// What lifetimes add to the question: how long tasks last and nodes stay, and how size is weighed.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput } from '../../../../lib/core/allocation/types.ts';
import type { Lifetimes } from '../../../../lib/core/lifetimes/learned.ts';
import { allTasks } from '../../../../lib/core/lifetimes/learned.ts';
import { bucketOf } from '../../../../lib/core/lifetimes/survival.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { RequestRecord, TaskSpec } from '../../../../lib/core/records/request.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { Lives } from '../../../../lib/core/tasks/capacity/predictions.ts';
import { newChunk } from '../../../../lib/core/tasks/array-chunks.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { array, assignment, node, nowMs, observation, placedTask, pool, request } from '../../builders.ts';

const minute = 60_000;
const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };

function asked(more: Parameters<typeof observation>[0]): AllocationInput {
  const seen = observation(more);
  return capacityQuestion(seen, new WorkingCopy(seen), settings, () => false, everything).input;
}

const busy = (ageMs: number, expectedEndAtMs: number | null = null) =>
  node({ assigned: [assignment('runs', { placedAtMs: nowMs - ageMs, startedAtMs: nowMs - ageMs, expectedEndAtMs })] });
const runs = request('runs', {}, { tasks: [placedTask()] });
const waiting = (spec: Partial<TaskSpec> = {}) => request('w', spec);

describe('how long a node stays', () => {
  const stays = (ageMs: number, endsAtMs?: number): number =>
    asked({ nodes: [busy(ageMs, endsAtMs)], requests: [runs, waiting()] }).bins[0]?.staysMs ?? NaN;

  test('is told by the ages of its tasks: who has run for long goes on for long', () => {
    expect(stays(60 * minute)).toBeGreaterThan(2 * stays(minute));
  });

  test('is what its tasks said, and when that is over, what their ages tell', () => {
    expect(stays(minute, nowMs + 7_000)).toBe(7_000);
    expect(stays(60 * minute, nowMs - 1)).toBe(stays(60 * minute));
  });

  test('is nothing without tasks', () => {
    expect(asked({ nodes: [node()], requests: [waiting()] }).bins[0]?.staysMs).toBe(0);
  });
});

describe('a young pool, in which a hundred tasks ended after a minute', () => {
  const counts = new Array<number>(14).fill(0);
  counts[bucketOf(minute)] = 100;
  const learned = { classes: { [allTasks]: counts }, learnedAtMs: 0 };
  const lastsMs = (more: Parameters<typeof observation>[0], lifetimes: Lifetimes = learned): number =>
    asked({ ...more, memory: { ...emptyMemory, lifetimes } }).demand[0]?.lastsMs ?? NaN;
  const old = request('old', { count: 20 });
  const going = node({
    assigned: Array.from({ length: 20 }, (_, index) =>
      assignment(`old.${String(index)}`, { requestId: 'old', index, startedAtMs: nowMs - 120 * minute }),
    ),
  });

  test('knows of the twenty that have run for two hours', () => {
    const short = lastsMs({ requests: [waiting()] });
    expect(lastsMs({ nodes: [going], requests: [waiting(), old] })).toBeGreaterThan(3 * short);
    const off = pool({ lifetimes: 'off' });
    expect(lastsMs({ nodes: [going], requests: [waiting(), old], pool: off })).toBe(
      lastsMs({ requests: [waiting()], pool: off }),
    );
  });

  test('and of those of an array that ended beside one that goes on', () => {
    const beside = request('old', { count: 25 });
    const chunk = newChunk(beside, 0);
    const ended = { ...chunk, tasks: chunk.tasks.map((one) => ({ ...one, startedAtMs: 0, endedAtMs: 500 })) };
    const nodes = [going];
    const withThem = lastsMs({ nodes, requests: [waiting(), array(beside, [ended])] });
    expect(withThem).toBeLessThan(lastsMs({ nodes, requests: [waiting(), beside] }));
  });

  test('an old pool goes by what ended alone', () => {
    const old400 = { classes: { [allTasks]: counts.map((count) => 4 * count) }, learnedAtMs: 0 };
    expect(lastsMs({ nodes: [going], requests: [waiting(), old] }, old400)).toBe(
      lastsMs({ requests: [waiting()] }, old400),
    );
  });
});

describe('how size is weighed', () => {
  test('not at all where all tasks say that they last equally long, and hardly where that was learned', () => {
    const requests = [waiting({ expectedDurationMs: 10 * minute, count: 40 })];
    expect(asked({ requests }).overTime?.sizeExponent).toBe(0);
    const counts = new Array<number>(30).fill(0);
    counts[bucketOf(10 * minute)] = 500;
    const alike: Lifetimes = { classes: { [allTasks]: counts }, learnedAtMs: 0 };
    const memory = { ...emptyMemory, lifetimes: alike };
    expect(asked({ requests: [waiting({ count: 40 })], memory }).overTime?.sizeExponent).toBeLessThanOrEqual(0.05);
  });

  test('more where lives differ; much demand is not cut into thousands of nodes', () => {
    const { overTime } = asked({ requests: [waiting()] });
    expect(overTime?.sizeExponent).toBeGreaterThan(0.05);
    expect(overTime?.sizeFloorVcpu).toBe(1);
    expect(asked({ requests: [waiting({ count: 1_000 })] }).overTime?.sizeFloorVcpu).toBe(1);
    expect(asked({ requests: [waiting({ count: 10_000 })] }).overTime?.sizeFloorVcpu).toBe(16);
  });

  test('by what three tasks of the middle size need, where eight run', () => {
    const sizes = [100, 250, 500, 500, 1_000, 1_000, 1_000, 8_000];
    const running = (count: number) =>
      node({
        assigned: sizes
          .slice(0, count)
          .map((cpuMilli, index) =>
            assignment(`a.${String(index)}`, {
              requestId: 'a',
              index,
              resources: { cpuMilli, memoryMib: 700, gpu: 0 },
            }),
          ),
      });
    const requests = [request('a', { count: 8 }), waiting()];
    // To half an octave: 3,000 and 2,100.
    expect(asked({ nodes: [running(8)], requests }).overTime?.usual).toEqual({ cpuMilli: 2_896, memoryMib: 2_048 });
    expect(asked({ nodes: [running(7)], requests }).overTime).not.toHaveProperty('usual');
  });

  test('a pool that counts the cost of now is asked as ever', () => {
    const input = asked({ nodes: [busy(minute)], requests: [runs, waiting()], pool: pool({ objective: 'cost-now' }) });
    expect(input.overTime).toBeUndefined();
    expect(input.bins[0]).not.toHaveProperty('staysMs');
    expect(input.demand[0]).not.toHaveProperty('lastsMs');
  });
});

describe('how long one task goes on', () => {
  const lives = (...requests: readonly RequestRecord[]): Lives => new Lives(new WorkingCopy(observation({ requests })));
  const saying = (expectedEndAtMs: number | null) =>
    assignment('runs', { startedAtMs: nowMs - minute, expectedEndAtMs });

  test('is how old it is: since its start, or since it was placed', () => {
    expect(lives().ageMs(assignment('runs', { placedAtMs: nowMs - 9, startedAtMs: nowMs - 5 }))).toBe(5);
    expect(lives().ageMs(assignment('runs', { placedAtMs: nowMs - 9 }))).toBe(9);
    expect(lives().ageMs(assignment('runs', { startedAtMs: nowMs + 3 }))).toBe(0);
  });

  test('ends within a time by what it said', () => {
    expect(lives(runs).endsWithin(saying(nowMs + 50), 49)).toBe(0);
    expect(lives(runs).endsWithin(saying(nowMs + 50), 50)).toBe(1);
  });

  test('and by its age, where it said nothing or that is over', () => {
    const guess = lives(runs).endsWithin(saying(null), minute);
    expect(guess).toBeGreaterThan(0);
    expect(guess).toBeLessThan(1);
    expect(lives(runs).endsWithin(saying(nowMs), minute)).toBe(guess);
    expect(lives(runs).remainingMs(saying(nowMs))).toBe(lives(runs).remainingMs(saying(null)));
  });

  test('of a request that is not known, as of any task', () => {
    expect(lives().remainingMs(saying(null))).toBe(lives(runs).remainingMs(saying(null)));
  });

  test('is worked out once for tasks that are alike, and anew for another name', () => {
    const all = [runs, request('twin'), request('named', { name: 'n' })];
    const endsAfter = (ms: number): readonly number[] => {
      const ends = new Array<number>(bucketOf(ms) + 1).fill(0);
      ends[bucketOf(ms)] = 400;
      return ends;
    };
    const ofName = { 'name n|t': endsAfter(60 * minute) };
    const lifetimes = { classes: { [allTasks]: endsAfter(minute), ...ofName }, learnedAtMs: 0 };
    const seen = observation({ requests: all, memory: { ...emptyMemory, lifetimes } });
    const known = new Lives(new WorkingCopy(seen));
    expect(known.of('twin')).toBe(known.of('runs'));
    expect(known.of('named').remainingMs(0)).toBeGreaterThan(3 * known.of('runs').remainingMs(0));
  });
});
