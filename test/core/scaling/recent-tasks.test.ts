// What the next task will look like, and what the tasks of a pool want now.
import { describe, expect, test } from '@jest/globals';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import { demandNow } from '../../../lib/core/scaling/demand-now.ts';
import { carriesShape, knownTasks, largest, recentTasks } from '../../../lib/core/scaling/recent-tasks.ts';
import { observation, offer, offerings, pool, request, smallType } from '../builders.ts';

const size = (cpuMilli: number, memoryMib: number, gpu = 0) => ({ cpuMilli, memoryMib, gpu });
const arm: Partial<TaskSpec> = { requirements: { arch: ['arm64'] } };

describe('the tasks that a pool knows', () => {
  test('the most of each resource, and at least a default task', () => {
    const requests = [
      request('a', { resources: size(2_000, 100) }),
      request('b', { resources: size(100, 3_000, 1) }),
      request('c', { resources: size(1, 1) }),
    ];
    expect(knownTasks(observation({ requests }))?.resources).toEqual(size(2_000, 3_000, 1));
    expect(knownTasks(observation({ requests: [request('c', { resources: size(1, 1) })] }))?.resources).toEqual(
      size(500, 512),
    );
  });

  test('of those with the commonest requirements, counted by tasks', () => {
    const requests = [
      request('a', { resources: size(4_000, 100) }),
      request('b', { resources: size(4_000, 100) }),
      request('c', { ...arm, count: 3, resources: size(600, 600) }),
    ];
    expect(knownTasks(observation({ requests }))).toEqual({
      resources: size(600, 600),
      requirements: arm.requirements,
    });
  });

  test('are the last ones where there are none; null where there were none', () => {
    const lastTasks = { resources: size(7, 7), requirements: {} };
    expect(knownTasks(observation({ memory: { ...emptyMemory, lastTasks } }))).toEqual(lastTasks);
    expect(knownTasks(observation())).toBeNull();
  });
});

describe('what headroom carries', () => {
  const headroom = { nodes: 1, resources: size(1_500, 800) };

  test('as declared, with the requirements of the tasks that are there', () => {
    const seen = observation({ pool: pool({ headroom }), requests: [request('a', arm)] });
    expect(recentTasks(seen)).toMatchObject({ resources: headroom.resources, requirements: { arch: ['arm64'] } });
  });

  test('else what is known, else a default task', () => {
    expect(recentTasks(observation({ requests: [request('a', { resources: size(9_000, 1) })] })).resources).toEqual(
      size(9_000, 512),
    );
    expect(recentTasks(observation()).resources).toEqual(size(500, 512));
  });
});

test('an offering carries it with room and by its requirements', () => {
  const [offering = offer(smallType, 'za', 'on-demand')] = offerings;
  const whole = smallType.allocatable;
  expect(carriesShape(offering, { resources: whole, requirements: {} })).toBe(true);
  expect(carriesShape(offering, { resources: { ...whole, cpuMilli: 2_000 }, requirements: {} })).toBe(false);
  expect(carriesShape(offering, { resources: whole, requirements: { zone: ['zb'] } })).toBe(false);
});

test('the largest of two is so in each resource', () => {
  expect(largest(size(1, 5, 0), size(2, 3, 1))).toEqual(size(2, 5, 1));
});

test('demand of now: what waits and what runs, and nothing of what has ended', () => {
  const counts = { pending: 2, running: 3, succeeded: 9, failed: 0, cancelled: 0 };
  const requests = [
    request('a', { count: 14 }, { counts }),
    request('b', { resources: size(10, 20, 1) }),
    request('c', {}, { state: 'failed', endedAtMs: 5 }),
  ];
  expect(demandNow(observation({ requests }))).toEqual(size(5_010, 5_020, 1));
});
