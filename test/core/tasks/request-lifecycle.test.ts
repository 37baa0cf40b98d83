// The row of a request follows its tasks: single tasks, arrays, stops, timelines and placements.
import { withTimeline } from '../../../lib/core/records/timeline.ts';
import { describe, expect, test } from '@jest/globals';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../../lib/core/records/request.ts';
import {
  aggregateArray,
  allocationOn,
  countTasks,
  deadlineOf,
  newRequest,
  stopWish,
  taskStopWish,
  withPlacement,
  withPlacements,
  withTask,
} from '../../../lib/core/tasks/request-lifecycle.ts';
import { assignment, chunk, node, placedTask, request, task, taskSpec } from '../builders.ts';

const last = (record: RequestRecord) => record.timeline.at(-1);
const on = node({ assigned: [assignment('r', { placedAtMs: 40 })] });

describe('a new request', () => {
  test('of one task holds it, and its story begins', () => {
    const fields = { id: 'r', tenant: 't', pool: 'p', bodyHash: 'h', spec: taskSpec };
    expect(newRequest(fields, 7)).toEqual({
      ...fields,
      createdAtMs: 7,
      state: 'pending',
      reason: null,
      startedAtMs: null,
      endedAtMs: null,
      counts: { pending: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
      tasks: [task()],
      closed: { chunks: 0, counts: { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 } },
      cancelRequestedAtMs: null,
      quarantine: null,
      timeline: [{ atMs: 7, stage: 'accepted', code: 'accepted', message: 'accepted into pool p' }],
    });
  });

  test('of an array holds none, and says how many', () => {
    const array = request('r', { count: 51 });
    expect(array.tasks).toEqual([]);
    expect(array.counts.pending).toBe(51);
    expect(array.timeline[0]?.message).toBe('accepted into pool p: 51 tasks');
  });
});

describe('a stop', () => {
  test.each<[string, number | null, number | null, number, object | null]>([
    ['nothing is wished', null, null, 99, null],
    ['before the deadline', null, 100, 99, null],
    ['at the deadline', null, 100, 100, { state: 'expired', reason: 'deadline_missed' }],
    ['after it', null, 100, 101, { state: 'expired', reason: 'deadline_missed' }],
    ['a cancel', 5, null, 99, { state: 'cancelled', reason: 'cancelled' }],
    ['a cancel goes before a missed deadline', 5, 100, 101, { state: 'cancelled', reason: 'cancelled' }],
  ])('%s', (_what, cancelRequestedAtMs, deadlineMs, nowMs, wish) => {
    expect(stopWish(request('r', { deadlineMs }, { cancelRequestedAtMs }), nowMs)).toEqual(wish);
  });

  test('the deadline counts from acceptance', () => {
    expect(deadlineOf(request('r', { deadlineMs: 100 }, { createdAtMs: 7 }))).toBe(107);
    expect(deadlineOf(request('r'))).toBeNull();
  });
});

test('a task stops with its request, or because it was cancelled by itself', () => {
  const cancelled = { state: 'cancelled', reason: 'cancelled' };
  const late = request('r', { deadlineMs: 50 });
  expect(taskStopWish(request('r'), {}, 99)).toBeNull();
  expect(taskStopWish(request('r'), { cancelRequestedAtMs: 5 }, 99)).toEqual(cancelled);
  expect(taskStopWish(late, {}, 99)).toEqual({ state: 'expired', reason: 'deadline_missed' });
  expect(taskStopWish(late, { cancelRequestedAtMs: 5 }, 99)).toMatchObject({ state: 'expired' });
  expect(taskStopWish(late, { cancelRequestedAtMs: 5 }, 49)).toEqual(cancelled);
});

describe('the timeline', () => {
  test('keeps the first entry and the newest 39', () => {
    let record = request('r');
    for (let n = 1; n <= 60; n += 1)
      record = withTimeline(record, { atMs: n, stage: 's', code: 'c', message: `m${String(n)}` });
    expect(record.timeline).toHaveLength(40);
    expect(record.timeline[0]?.code).toBe('accepted');
    expect(record.timeline[1]?.message).toBe('m22');
    expect(last(record)?.message).toBe('m60');
  });

  test('cuts what a program said at length', () => {
    const record = withTimeline(request('r'), { atMs: 1, stage: 's', code: 'c', message: 'x'.repeat(5_000) });
    expect(JSON.stringify(last(record)?.message).length).toBeLessThanOrEqual(1_000);
    expect(last(record)?.message).toMatch(/^x{900,}…$/);
  });
});

describe('the row of a single task', () => {
  const onNode = 'attempt 1 placed on i-1 (c7.large on-demand in za)';
  test.each<[string, TaskRecord, Partial<RequestRecord>, object]>([
    [
      'waits',
      task(),
      { state: 'pending', endedAtMs: null },
      { stage: 'pending', code: 'pending', message: 'waits to be placed' },
    ],
    [
      'waits again, until it is time',
      task({ attempt: 3, reason: 'exit code 1', notBeforeMs: 150 }),
      { state: 'pending', reason: 'exit code 1' },
      {
        stage: 'pending',
        code: 'queued_again',
        message: 'attempt 2 ended (exit code 1); attempt 3 waits',
        nextTryAtMs: 150,
      },
    ],
    [
      'waits again at once',
      task({ attempt: 2, notBeforeMs: 100 }),
      { state: 'pending' },
      { stage: 'pending', code: 'queued_again', message: 'attempt 1 ended (lost); attempt 2 waits' },
    ],
    ['runs', placedTask(), { state: 'running', endedAtMs: null }, { stage: 'placed', code: 'placed', message: onNode }],
    [
      'runs nobody knows where',
      placedTask('i-1', { allocation: null }),
      { state: 'running' },
      { stage: 'placed', code: 'placed', message: 'attempt 1 placed on a node' },
    ],
    [
      'succeeded',
      task({ state: 'succeeded', exitCode: 0, startedAtMs: 50, endedAtMs: 90 }),
      { state: 'succeeded', startedAtMs: 50, endedAtMs: 90 },
      { stage: 'ended', code: 'succeeded', message: 'exit code 0' },
    ],
    [
      'failed for a reason',
      task({ state: 'failed', exitCode: 3, reason: 'timeout', endedAtMs: 90 }),
      { state: 'failed', reason: 'timeout', endedAtMs: 90 },
      { stage: 'ended', code: 'failed', message: 'timeout' },
    ],
    [
      'ended without a time of its own, or a word',
      task({ state: 'cancelled' }),
      { state: 'cancelled', endedAtMs: 100 },
      { stage: 'ended', code: 'cancelled', message: 'cancelled' },
    ],
  ])('%s', (_what, now, row, entry) => {
    const next = withTask(request('r'), now, 100);
    expect(next).toMatchObject({ ...row, tasks: [now], counts: countTasks([now]) });
    expect(last(next)).toEqual({ atMs: 100, ...entry });
  });

  test('keeps the first start', () => {
    expect(withTask(request('r', {}, { startedAtMs: 5 }), task({ startedAtMs: 50 }), 100).startedAtMs).toBe(5);
  });

  test('is not that of an array', () => {
    expect(() => withTask(request('r', { count: 2 }), task(), 1)).toThrow('request r is an array');
  });
});

describe('a placement that only the node’s document has', () => {
  const [placement = assignment('r')] = on.assigned;

  test('makes the row that of a task that runs there', () => {
    const row = withPlacement(request('r'), on, placement);
    expect(row).toMatchObject({
      state: 'running',
      tasks: [{ state: 'placed', placedAtMs: 40, allocation: allocationOn(on) }],
    });
    expect(last(row)).toMatchObject({ atMs: 40, code: 'placed' });
    expect(allocationOn(on)).toEqual({
      nodeId: 'i-1',
      instanceType: 'c7.large',
      zone: 'za',
      capacityType: 'on-demand',
      priceUsdPerHour: 0.1,
    });
  });

  test('tells how far a start is that takes long', () => {
    const row = withPlacement(request('r'), on, { ...placement, note: 'its image is being fetched' });
    expect(last(row)).toEqual({ atMs: 40, stage: 'placed', code: 'starting', message: 'its image is being fetched' });
  });

  test.each<[string, RequestRecord, object]>([
    ['another attempt', request('r', {}, { tasks: [task({ attempt: 2 })] }), {}],
    ['a task that has ended', request('r', {}, { tasks: [task({ state: 'failed' })] }), {}],
    ['a task that is placed', request('r', {}, { tasks: [placedTask()] }), {}],
    ['an array', request('r', { count: 2 }), {}],
  ])('changes nothing of %s', (_what, record) => {
    expect(withPlacement(record, on, placement)).toBe(record);
  });

  test('is what the document says of it', () => {
    const record = request('r');
    const row = withPlacement(record, on, placement);
    const noted = withPlacement(record, on, { ...placement, note: 'its image is being fetched' });
    expect(last(noted)?.code).toBe('starting');
    expect(withPlacement(record, on, placement)).toEqual(row);
    expect(withPlacement(record, { ...on, id: 'i-2' }, placement).tasks[0]?.allocation?.nodeId).toBe('i-2');
    expect(withPlacement(record, { ...on, id: 'i-2' }, { ...placement, placedAtMs: 41 }).tasks[0]?.placedAtMs).toBe(41);
  });

  test('finds its row among others', () => {
    const [a, b] = [request('a'), request('r')];
    const rows = withPlacements([a, b], [on, node({ id: 'i-2', assigned: [assignment('gone')] })]);
    expect(rows[0]).toBe(a);
    expect(rows[1]?.state).toBe('running');
    expect(rows).toHaveLength(2);
  });
});

test('tasks are counted by what they are; expired ones as cancelled', () => {
  const states = ['pending', 'placed', 'placed', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
  expect(countTasks(states.map((state) => task({ state })))).toEqual({
    pending: 1,
    running: 2,
    succeeded: 1,
    failed: 1,
    cancelled: 2,
  });
});

describe('the row of an array', () => {
  const array = (more: Partial<RequestRecord> = {}, spec = {}) => request('r', { count: 30, ...spec }, more);
  const all = (number: number, size: number, state: TaskRecord['state'], more: Partial<TaskRecord> = {}): ChunkRecord =>
    chunk(
      'r',
      number,
      size,
      Array.from({ length: size }, (_, at) => task({ index: number * 25 + at, state, ...more })),
    );

  test('is the same while nothing has moved', () => {
    const record = array();
    expect(aggregateArray(record, [], 100)).toBe(record);
    expect(aggregateArray(record, [chunk('r', 0, 25)], 100)).toBe(record);
  });

  test('runs from the first placement on, and says so once', () => {
    const placed = placedTask('i-1', { index: 3 });
    const next = aggregateArray(array(), [chunk('r', 0, 25, [placed])], 100);
    expect(next).toMatchObject({
      state: 'running',
      startedAtMs: 10,
      endedAtMs: null,
      reason: null,
      counts: { pending: 29, running: 1 },
      closed: { chunks: 0 },
    });
    expect(last(next)).toEqual({
      atMs: 100,
      stage: 'placed',
      code: 'first_task_placed',
      message: 'first tasks are placed',
    });
    const ended = task({ index: 3, state: 'succeeded', startedAtMs: 5 });
    const later = aggregateArray(next, [chunk('r', 0, 25, [ended])], 200);
    expect(later).toMatchObject({ state: 'running', startedAtMs: 10, counts: { pending: 29, succeeded: 1 } });
    expect(later.timeline).toBe(next.timeline);
  });

  test('began with the earliest of its tasks, by its start where it is known', () => {
    const tasks = [
      placedTask('i-1', { index: 0, placedAtMs: 30 }),
      placedTask('i-1', { index: 1, startedAtMs: 20, placedAtMs: 5 }),
    ];
    expect(aggregateArray(array(), [chunk('r', 0, 25, tasks)], 100).startedAtMs).toBe(20);
  });

  test('closes chunks in their order, and counts closed ones without reading them', () => {
    const second = all(1, 5, 'succeeded');
    const early = aggregateArray(array(), [second], 100);
    expect(early.closed.chunks).toBe(0);
    const open = array({}, { count: 60 });
    const both = aggregateArray(open, [all(0, 25, 'failed'), all(1, 25, 'succeeded')], 100);
    expect(both.closed).toEqual({
      chunks: 2,
      counts: { pending: 0, running: 0, succeeded: 25, failed: 25, cancelled: 0 },
      failed: [0, 1, 2, 3, 4].map((index) => ({ index, what: 'failed' })),
      nanoUsd: 0,
    });
    expect(both.counts).toEqual({ pending: 10, running: 0, succeeded: 25, failed: 25, cancelled: 0 });
    const end = aggregateArray(both, [all(2, 10, 'succeeded')], 200);
    expect(end).toMatchObject({
      state: 'failed',
      reason: '25 of 60 tasks failed: 0 (failed), 1 (failed), 2 (failed), 3 (failed), 4 (failed), …',
      endedAtMs: 200,
      counts: { succeeded: 35 },
    });
    // A chunk that is closed is not counted twice, whoever still has it.
    expect(aggregateArray(both, [all(0, 25, 'failed'), all(2, 10, 'succeeded')], 200).counts).toEqual(end.counts);
  });

  test('closes no chunk of which a task has not ended', () => {
    const most = all(0, 25, 'succeeded').tasks.map((one) => (one.index === 9 ? task({ index: 9 }) : one));
    const next = aggregateArray(array(), [chunk('r', 0, 25, most), all(1, 5, 'succeeded')], 100);
    expect(next).toMatchObject({ closed: { chunks: 0 }, endedAtMs: null, counts: { pending: 1, succeeded: 29 } });
    const done = aggregateArray(next, [all(0, 25, 'succeeded'), all(1, 5, 'succeeded')], 200);
    expect(done).toMatchObject({ state: 'succeeded', closed: { chunks: 2 } });
    expect(done.closed).not.toHaveProperty('failed');
  });

  test('sums what its attempts cost, closed chunks included; nothing where that is not known of one', () => {
    const allocation = { ...allocationOn(on), instanceType: 'm7g.large' };
    const paid = { allocation, placedAtMs: 0, startedAtMs: 0, endedAtMs: 3_600_000 };
    const one = all(0, 25, 'succeeded').tasks.map((each, at) => (at === 0 ? { ...each, ...paid } : each));
    const nanoUsd = aggregateArray(array(), [chunk('r', 0, 25, one)], 100).nanoUsd ?? 0;
    expect(nanoUsd).toBeGreaterThan(0);
    const begun = aggregateArray(array(), [all(0, 25, 'succeeded', paid)], 100);
    expect([begun.nanoUsd, begun.closed.nanoUsd]).toEqual([25 * nanoUsd, 25 * nanoUsd]);
    const end = aggregateArray(begun, [all(1, 5, 'succeeded')], 200);
    expect([end.nanoUsd, end.closed.nanoUsd]).toEqual([25 * nanoUsd, 25 * nanoUsd]);
    // Of a row from before the field nothing is known, and nothing is said.
    const { nanoUsd: _own, closed, ...row } = begun;
    const { nanoUsd: _closed, ...old } = closed;
    const unknown = aggregateArray({ ...row, closed: old }, [all(1, 5, 'succeeded')], 200);
    expect([Object.hasOwn(unknown, 'nanoUsd'), Object.hasOwn(unknown.closed, 'nanoUsd')]).toEqual([false, false]);
  });

  test('is written again when its state or its beginning has changed, though no count has', () => {
    const record = array({ state: 'running', counts: { ...array().counts } });
    const next = aggregateArray(record, [chunk('r', 0, 25)], 100);
    expect(next.state).toBe('pending');
    const begun = task({ index: 0, placedAtMs: 7 });
    expect(aggregateArray(array(), [chunk('r', 0, 25, [begun])], 100)).toMatchObject({
      state: 'running',
      startedAtMs: 7,
    });
  });

  test('names the first that failed, in closed chunks and in others, each with its exit code or why', () => {
    const chunkWith = (number: number, failed: Record<number, Partial<TaskRecord>>): ChunkRecord => {
      const { tasks } = all(number, 25, 'succeeded');
      return { requestId: 'r', chunk: number, tasks: tasks.map((task) => ({ ...task, ...failed[task.index] })) };
    };
    const first = chunkWith(0, { 7: { state: 'failed', exitCode: 3, reason: 'exit code 3' } });
    const second = chunkWith(1, {
      30: { state: 'failed', exitCode: null, reason: 'timeout' },
      31: { state: 'failed', exitCode: null, reason: 'error: no such image: x' },
    });
    const begun = aggregateArray(array({}, { count: 50 }), [first], 100);
    expect(begun.closed).toMatchObject({ chunks: 1, failed: [{ index: 7, what: 'exit 3' }] });
    const end = aggregateArray(begun, [second], 200);
    expect(end.reason).toBe('3 of 50 tasks failed: 7 (exit 3), 30 (timeout), 31 (error)');
    // A row from before the field: what is known is named.
    const { failed: _none, ...closed } = begun.closed;
    expect(aggregateArray({ ...begun, closed }, [second], 200).reason).toBe(
      '3 of 50 tasks failed: 30 (timeout), 31 (error), …',
    );
  });

  test('succeeds when all tasks have', () => {
    const end = aggregateArray(array(), [all(0, 25, 'succeeded'), all(1, 5, 'succeeded')], 100);
    expect(end).toMatchObject({ state: 'succeeded', reason: null, endedAtMs: 100, closed: { chunks: 2 } });
    expect(last(end)).toEqual({ atMs: 100, stage: 'ended', code: 'succeeded', message: 'all 30 tasks succeeded' });
  });

  test('is not over while a task runs, though it shall stop', () => {
    const record = array({ cancelRequestedAtMs: 50 });
    const running = aggregateArray(record, [chunk('r', 0, 25, [placedTask('i-1', { index: 0 })])], 100);
    expect(running).toMatchObject({ state: 'running', endedAtMs: null, counts: { pending: 29, running: 1 } });
    const waiting = aggregateArray(record, [chunk('r', 1, 5)], 100);
    expect(waiting.endedAtMs).toBeNull();
    const most = all(0, 25, 'succeeded').tasks.map((one) => (one.index === 0 ? placedTask('i-1', { index: 0 }) : one));
    const last = aggregateArray(record, [chunk('r', 0, 25, most), all(1, 5, 'cancelled')], 100);
    expect(last).toMatchObject({ state: 'running', endedAtMs: null, counts: { pending: 0, running: 1 } });
    const queued = most.map((one) => (one.index === 0 ? task({ index: 0, attempt: 2 }) : one));
    const again = aggregateArray(record, [chunk('r', 0, 25, queued)], 100);
    expect(again).toMatchObject({ endedAtMs: null, counts: { pending: 6, cancelled: 0 } });
  });

  test.each<[string, Partial<RequestRecord>, object, readonly ChunkRecord[], string, string]>([
    ['untouched and cancelled', { cancelRequestedAtMs: 50 }, {}, [], 'cancelled', 'cancelled'],
    ['untouched and past its deadline', {}, { deadlineMs: 60 }, [], 'expired', 'deadline_missed'],
    [
      'partly done and cancelled',
      { cancelRequestedAtMs: 50 },
      {},
      [
        chunk(
          'r',
          0,
          25,
          all(0, 25, 'succeeded').tasks.map((one) => (one.index === 1 ? { ...one, state: 'failed' } : one)),
        ),
      ],
      'cancelled',
      'cancelled: of 30 tasks 24 succeeded, 1 failed, 5 were cancelled; failed: 1 (failed)',
    ],
    [
      'partly done and past its deadline',
      {},
      { deadlineMs: 60 },
      [all(0, 25, 'succeeded'), all(1, 5, 'expired')],
      'expired',
      'deadline_missed: of 30 tasks 25 succeeded, 0 failed, 5 were stopped',
    ],
    [
      'cancelled after some expired',
      { cancelRequestedAtMs: 50 },
      {},
      [all(0, 25, 'succeeded'), all(1, 5, 'expired')],
      'expired',
      'deadline_missed: of 30 tasks 25 succeeded, 0 failed, 5 were stopped',
    ],
    [
      'cancelled after the last end, which stopped nothing',
      { cancelRequestedAtMs: 50 },
      {},
      [all(0, 25, 'succeeded'), all(1, 5, 'succeeded')],
      'succeeded',
      'all 30 tasks succeeded',
    ],
  ])('%s', (_what, more, spec, chunks, state, message) => {
    const end = aggregateArray(array(more, spec), chunks, 100);
    expect(end).toMatchObject({ state, endedAtMs: 100, counts: { pending: 0, running: 0 } });
    expect(last(end)).toEqual({ atMs: 100, stage: 'ended', code: state, message });
  });
});
