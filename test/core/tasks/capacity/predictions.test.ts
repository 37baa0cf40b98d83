// What lifetimes add to the question: how long tasks last and nodes stay, and how size is weighed.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput } from '../../../../lib/core/allocation/types.ts';
import type { Lifetimes } from '../../../../lib/core/lifetimes/learned.ts';
import { allTasks } from '../../../../lib/core/lifetimes/learned.ts';
import { bucketOf } from '../../../../lib/core/lifetimes/survival.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { TaskSpec } from '../../../../lib/core/records/request.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, placedTask, pool, request } from '../../builders.ts';

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
    expect(asked({ requests: [waiting({ count: 1_000 })] }).overTime?.sizeFloorVcpu).toBe(4);
  });

  test('a pool that counts the cost of now is asked as ever', () => {
    const input = asked({ nodes: [busy(minute)], requests: [runs, waiting()], pool: pool({ objective: 'cost-now' }) });
    expect(input.overTime).toBeUndefined();
    expect(input.bins[0]).not.toHaveProperty('staysMs');
    expect(input.demand[0]).not.toHaveProperty('lastsMs');
  });
});
