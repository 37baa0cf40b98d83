// Which ends a decision learns from: each once, singles when they are published and arrays with their chunks.
import { expect, test } from '@jest/globals';
import { allTasks, sumOf } from '../../../../../lib/core/lifetimes/learned.ts';
import { bucketOf } from '../../../../../lib/core/lifetimes/survival.ts';
import type { Observation } from '../../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../../lib/core/plan/working-copy.ts';
import { endsInOpenChunks, lifetimesAfter } from '../../../../../lib/core/tasks/capacity/learning/learn-lifetimes.ts';
import { decideEnded } from '../../../../../lib/core/tasks/collect-ended.ts';
import { decideArrays } from '../../../../../lib/core/tasks/decide-requests.ts';
import { array, chunk, decided, observation, pool, request, task } from '../../../builders.ts';

const lasted = { state: 'succeeded', startedAtMs: 1_000, endedAtMs: 6_000 } as const;

function decideBoth(seen: Observation, copy: WorkingCopy): void {
  decideArrays(seen, copy);
  decideEnded(seen, copy);
}

function endsSeen(more: Parameters<typeof observation>[0]): number {
  const learned = lifetimesAfter(decided(decideBoth, observation(more)));
  return sumOf(learned?.classes[allTasks] ?? []);
}

test('a single task, when its end is published; one that never started says nothing', () => {
  const ended = request('r', {}, { state: 'succeeded', endedAtMs: 6_000, tasks: [task(lasted)] });
  const cancelled = request(
    'c',
    {},
    { state: 'cancelled', endedAtMs: 6_000, tasks: [task({ state: 'cancelled', endedAtMs: 6_000 })] },
  );
  expect(endsSeen({ requests: [ended, cancelled, request('open')] })).toBe(1);
});

test('of an array, the tasks of a chunk that is closed now, and not again', () => {
  const whole = chunk(
    'a',
    0,
    25,
    Array.from({ length: 25 }, (_, index) => task({ index, ...lasted })),
  );
  const half = chunk('a', 1, 5, [task({ index: 25, ...lasted })]);
  const row = request('a', { count: 30 });
  expect(endsSeen({ requests: [array(row, [whole, half])] })).toBe(25);
  const closed = { ...row, closed: { chunks: 1, counts: { ...row.counts, pending: 0, succeeded: 25 } } };
  expect(endsSeen({ requests: [array(closed, [whole, half])] })).toBe(0);
});

test('not in a pool that does not learn', () => {
  const ended = request('r', {}, { state: 'succeeded', endedAtMs: 6_000, tasks: [task(lasted)] });
  expect(endsSeen({ requests: [ended], pool: pool({ lifetimes: 'off' }) })).toBe(0);
});

test('each end with how long it lasted', () => {
  const ended = request('r', {}, { state: 'succeeded', endedAtMs: 6_000, tasks: [task(lasted)] });
  const learned = lifetimesAfter(decided(decideBoth, observation({ requests: [ended] })));
  const counts = learned?.classes[allTasks] ?? [];
  expect(counts.findIndex((count) => count > 0)).toBe(bucketOf(5_000));
});

test('an end before its start says nothing; one at its start does', () => {
  const at = (endedAtMs: number) =>
    request('r', {}, { state: 'failed', endedAtMs, tasks: [task({ ...lasted, state: 'failed', endedAtMs })] });
  expect(endsSeen({ requests: [at(999)] })).toBe(0);
  expect(endsSeen({ requests: [at(1_000)] })).toBe(1);
});

test('of an array of which nothing is closed yet, nothing', () => {
  const half = chunk('a', 0, 25, [task({ index: 0, ...lasted })]);
  expect(endsSeen({ requests: [array(request('a', { count: 30 }), [half])] })).toBe(0);
});

test('ends of open chunks alone: of a chunk that is closed they are known, and singles have none', () => {
  const ended = (number: number) =>
    chunk('a', number, 25, [task({ index: 25 * number, ...lasted }), task({ index: 25 * number + 1, startedAtMs: 5 })]);
  const row = request('a', { count: 60 });
  const closed = { ...row, closed: { chunks: 1, counts: { ...row.counts, pending: 0, succeeded: 25 } } };
  const seen = observation({ requests: [array(closed, [ended(0), ended(1), ended(2)]), request('single')] });
  const copy = new WorkingCopy(seen);
  expect(endsInOpenChunks(copy, closed).map((one) => one.lastedMs)).toEqual([5_000, 5_000]);
  expect(endsInOpenChunks(copy, request('single'))).toEqual([]);
});
