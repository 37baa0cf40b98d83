// What lifetimes add to the question: how long tasks last and nodes stay, and how size is weighed.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput } from '../../../../lib/core/allocation/types.ts';
import type { Going, Lifetimes } from '../../../../lib/core/lifetimes/learned.ts';
import { allTasks, classesOf, runningOf, survivalOf, weightOfRunning } from '../../../../lib/core/lifetimes/learned.ts';
import { bucketOf, longestOfMs } from '../../../../lib/core/lifetimes/survival.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../../../lib/core/records/request.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { Lives } from '../../../../lib/core/tasks/capacity/predictions.ts';
import { newChunk } from '../../../../lib/core/tasks/array-chunks.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { array, assignment, launch, node, nowMs, observation, placedTask, pool, request } from '../../builders.ts';

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

  test('is nothing without tasks, and of a node that is starting', () => {
    const { bins } = asked({ nodes: [node()], launches: [launch('l')], requests: [waiting()] });
    expect(bins.map(({ staysMs }) => staysMs)).toEqual([0, 0]);
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
    const chunk = newChunk(old, 0);
    const ended = { ...chunk, tasks: chunk.tasks.map((one) => ({ ...one, startedAtMs: 0, endedAtMs: 500 })) };
    expect(lastsMs({ nodes: [going], requests: [waiting(), array(old, [ended])] }, old400)).toBe(
      lastsMs({ requests: [waiting()] }, old400),
    );
  });

  test('counts neither what has not started nor what is of no request that is known', () => {
    const notYet = node({ id: 'i-2', assigned: [assignment('b', { placedAtMs: nowMs - 120 * minute })] });
    const unknown = node({ id: 'i-3', assigned: [assignment('gone', { startedAtMs: nowMs - 120 * minute })] });
    const beside = request('b', { count: 3 });
    const with20 = lastsMs({ nodes: [going], requests: [waiting(), old] });
    expect(lastsMs({ nodes: [going, notYet, unknown], requests: [waiting(), old, beside] })).toBe(with20);
    const twenty = Array.from({ length: 20 }, () => ({ classes: classesOf(old), ageMs: 120 * minute }));
    const running = runningOf(twenty, weightOfRunning(learned));
    expect(with20).toBe(survivalOf(learned, classesOf(waiting()), running).remainingMs(0));
  });
});

describe('a node of which nothing is to be done is looked at less closely, and comes to the same', () => {
  const counts = new Array<number>(14).fill(0);
  // Of so many ends each that runs counts for a part.
  counts[bucketOf(minute)] = 230;
  const learned: Lifetimes = { classes: { [allTasks]: counts }, learnedAtMs: 0 };
  const since = (ms: number): Partial<Assignment> => ({ placedAtMs: nowMs - ms - 5, startedAtMs: nowMs - ms });
  const requests = [
    request('a'),
    request('a-too'),
    request('a-older'),
    request('large', { resources: { cpuMilli: 4_000, memoryMib: 9_000, gpu: 0 } }),
    request('n', { name: 'n' }),
    request('m', { name: 'm' }),
    request('other', {}, { tenant: 'u' }),
    request('placed'),
    request('says'),
    request('said'),
  ];
  const byTask: Readonly<Record<string, Partial<Assignment>>> = {
    a: since(61_000),
    'a-too': since(60_500),
    'a-older': since(90 * minute),
    large: since(7 * minute),
    n: since(30 * minute),
    m: since(3 * minute),
    other: since(20 * minute),
    placed: { placedAtMs: nowMs - 9 * minute },
    says: { ...since(minute), expectedEndAtMs: nowMs + 1_234_567 },
    said: { ...since(100 * minute), expectedEndAtMs: nowMs - 1 },
  };
  const carrying = (...ids: readonly string[]) => node({ assigned: ids.map((id) => assignment(id, byTask[id])) });
  const memory = { ...emptyMemory, lifetimes: learned };
  const copyOf = (on: NodeRecord, rows: readonly RequestRecord[]): WorkingCopy =>
    new WorkingCopy(observation({ nodes: [on], requests: rows, memory }));
  /** Rows in another order than the document names them make no settled node. */
  const bothWays = (on: NodeRecord): readonly WorkingCopy[] => {
    const rows = requests.filter(({ id }) => on.assigned.some(({ requestId }) => id === requestId));
    const copies = [copyOf(on, rows), copyOf(on, [...rows].reverse())];
    expect(copies.map((copy) => copy.settledOn(on) !== undefined)).toEqual([true, false]);
    return copies;
  };
  /** Of all that run on a node; the order in which they are added up does not matter. */
  const going = (...ids: readonly string[]): readonly Going[] =>
    ids.flatMap((id) => {
      const [record, startedAtMs] = [requests.find((one) => one.id === id), byTask[id]?.startedAtMs];
      return record === undefined || typeof startedAtMs !== 'number'
        ? []
        : [{ classes: classesOf(record), ageMs: nowMs - startedAtMs }];
    });
  const survival = (record: RequestRecord | undefined, ...ids: readonly string[]) =>
    survivalOf(learned, record ? classesOf(record) : [], runningOf(going(...ids), weightOfRunning(learned)));

  test.each(requests.filter(({ id }) => id !== 'a').map((record) => [record.id, record] as const))(
    'how long it stays, by %s',
    (id, record) => {
      const on = carrying('a', id);
      const { startedAtMs = null } = byTask[id] ?? {};
      const ageMs = startedAtMs === null ? 9 * minute : nowMs - startedAtMs;
      const expected = id === 'says' ? 1_234_567 : survival(record, 'a', id).remainingMs(ageMs);
      const least = survival(requests[0], 'a', id).remainingMs(61_000);
      for (const copy of bothWays(on)) {
        expect(new Lives(copy).staysMs(on)).toBe(Math.max(expected, least));
        const [, one] = on.assigned;
        expect(one && new Lives(copy).remainingMs(one)).toBe(expected);
      }
    },
  );

  test('and what runs on it counts for what waits, as many as there are of each age', () => {
    const ids = requests.map(({ id }) => id);
    for (const copy of bothWays(carrying(...ids))) {
      const lives = new Lives(copy);
      for (const record of requests)
        expect(lives.of(record.id).remainingMs(0)).toBe(survival(record, ...ids).remainingMs(0));
    }
  });

  test('once one of its tasks is gone, it is looked at anew, in the same decision', () => {
    const on = carrying('a', 'says');
    const [copy] = bothWays(on);
    expect(copy && new Lives(copy).staysMs(on)).toBe(1_234_567);
    const left = carrying('a');
    copy?.setNode(left);
    const now = copy?.node('i-1');
    expect(now && copy?.settledOn(now)).toBeUndefined();
    expect(now && copy && new Lives(copy).staysMs(now)).toBe(survival(requests[0], 'a').remainingMs(61_000));
  });

  test('once the row of one of its tasks has changed, that counts', () => {
    const on = carrying('a', 'n');
    const [copy] = bothWays(on);
    const row = copy?.request('n');
    expect(row && copy?.setRequest({ ...row, tenant: 'u' })).toMatchObject({ type: 'request' });
    expect(copy?.settledOn(on)).toBeUndefined();
    const record = request('n', { name: 'n' }, { tenant: 'u' });
    const running = runningOf(
      [...going('a'), { classes: classesOf(record), ageMs: 30 * minute }],
      weightOfRunning(learned),
    );
    expect(copy && new Lives(copy).staysMs(on)).toBe(
      survivalOf(learned, classesOf(record), running).remainingMs(30 * minute),
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

  test('by what tasks say, where they say it, in parts of how many there are', () => {
    const [short, long] = [
      request('s', { expectedDurationMs: minute, count: 30 }),
      request('l', { expectedDurationMs: 60 * minute, count: 10 }),
    ];
    const aliveAt = (ms: number): number => (30 * Number(minute > ms) + 10 * Number(60 * minute > ms)) / 40;
    const exponent = (0.15 * Math.log(longestOfMs(aliveAt, 16) / longestOfMs(aliveAt, 1))) / Math.log(16);
    expect(exponent).toBeGreaterThan(0.05);
    const { overTime } = asked({ requests: [short, long] });
    expect(overTime?.sizeExponent).toBeCloseTo(Math.round(exponent / 0.05) * 0.05, 10);
  });

  test('not where nothing waits', () => {
    expect(asked({ nodes: [busy(minute)], requests: [runs] })).not.toHaveProperty('overTime');
  });

  test('by what three tasks of the middle size need, where eight run', () => {
    const sizes = [1_000, 8_000, 500, 1_000, 100, 500, 250, 1_000];
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

  test('does again what it has done since its start, or since it saved last', () => {
    const unsavedMs = (more: Partial<Assignment>): number =>
      lives().unsavedMs(assignment('runs', { placedAtMs: nowMs - 9, ...more }));
    expect(unsavedMs({})).toBe(9);
    expect(unsavedMs({ startedAtMs: nowMs - 5 })).toBe(5);
    expect(unsavedMs({ startedAtMs: nowMs - 5, savedAtMs: nowMs - 2 })).toBe(2);
    expect(unsavedMs({ startedAtMs: nowMs - 5, savedAtMs: nowMs - 7 })).toBe(5);
    expect(unsavedMs({ startedAtMs: nowMs + 5 })).toBe(0);
  });

  test('of a request that is not known, as of any task', () => {
    expect(lives().remainingMs(saying(null))).toBe(lives(runs).remainingMs(saying(null)));
  });

  test('is worked out once for tasks that are alike, and anew for another name', () => {
    const all = [runs, request('twin'), request('named', { name: 'n' }), request('m', { name: 'm' })];
    const endsAfter = (ms: number): readonly number[] => {
      const ends = new Array<number>(bucketOf(ms) + 1).fill(0);
      ends[bucketOf(ms)] = 400;
      return ends;
    };
    const ofName = { 'name n|t': endsAfter(60 * minute), 'name m|t': endsAfter(10 * minute) };
    const lifetimes = { classes: { [allTasks]: endsAfter(minute), ...ofName }, learnedAtMs: 0 };
    const seen = observation({ requests: all, memory: { ...emptyMemory, lifetimes } });
    const known = new Lives(new WorkingCopy(seen));
    expect(known.of('twin')).toBe(known.of('runs'));
    expect(known.of('named').remainingMs(0)).toBeGreaterThan(3 * known.of('runs').remainingMs(0));
    expect(known.of('named').remainingMs(0)).toBeGreaterThan(2 * known.of('m').remainingMs(0));
    const young = lives(...all);
    expect(young.of('twin')).toBe(young.of('runs'));
  });
});
