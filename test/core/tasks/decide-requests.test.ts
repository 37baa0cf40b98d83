// What becomes of open requests apart from placing: stopped, repaired, collected, listed, brought up to date.
import { describe, expect, test } from '@jest/globals';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { decideArrays, decideListed, decideRequests } from '../../../lib/core/tasks/decide-requests.ts';
import {
  array,
  aside,
  assignment,
  changes,
  chunk,
  decided,
  node,
  nowMs,
  observation,
  placedTask,
  putRecord,
  request,
  summary,
  task,
} from '../builders.ts';

const cancelled = { cancelRequestedAtMs: 1 };
const placed = (id: string, more: Partial<RequestRecord> = {}): RequestRecord =>
  request(id, {}, { state: 'running', tasks: [placedTask()], ...more });

describe('a task that waits', () => {
  test('goes on waiting while nobody wishes otherwise', () => {
    expect(summary(decided(decideRequests, observation({ requests: [request('r')] })))).toEqual([]);
  });

  test.each<[string, RequestRecord, boolean, string, string]>([
    ['its request is cancelled', request('r', {}, cancelled), false, 'cancelled', 'cancelled'],
    ['its deadline is missed', request('r', { deadlineMs: 1 }), false, 'expired', 'deadline_missed'],
    ['its pool is deleted', request('r'), true, 'cancelled', 'the pool was deleted'],
  ])('ends when %s', (_what, record, isPoolDeleting, state, reason) => {
    const copy = decided(decideRequests, observation({ requests: [record], isPoolDeleting }));
    expect(summary(copy)).toEqual(['stop r']);
    expect(copy.request('r')).toMatchObject({ state, reason, endedAtMs: nowMs });
  });

  test('of an array ends in its chunk; tasks that nothing has touched have none to end in', () => {
    const record = request('r', { count: 60 }, cancelled);
    const touched = chunk('r', 1, 25, [task({ index: 25, attempt: 2 })]);
    const copy = decided(decideRequests, observation({ requests: [array(record, [touched])] }));
    expect(new Set(summary(copy))).toEqual(new Set(['stop r[1]']));
    expect(copy.chunks('r')[0]?.tasks.every((one) => one.state === 'cancelled')).toBe(true);
  });

  test.each<[string, Partial<RequestRecord>]>([
    ['has ended', { ...cancelled, endedAtMs: 5, state: 'failed' }],
    ['is set aside', { ...cancelled, quarantine: 'broken' }],
  ])('of a request that %s is left alone', (_what, more) => {
    expect(summary(decided(decideRequests, observation({ requests: [request('r', {}, more)] })))).toEqual([]);
  });
});

describe('a task that is placed', () => {
  const on = (more: Parameters<typeof assignment>[1] = {}) => node({ assigned: [assignment('r', more)] });

  test('runs on while its node has it', () => {
    expect(summary(decided(decideRequests, observation({ requests: [placed('r')], nodes: [on()] })))).toEqual([]);
  });

  test('waits again when no node has it, as its next attempt', () => {
    const copy = decided(decideRequests, observation({ requests: [placed('r')] }));
    expect(summary(copy)).toEqual(['requeue r']);
    expect(copy.task('r', 0)).toMatchObject({ state: 'pending', attempt: 2, reason: 'its node i-1 is gone' });
  });

  test('waits again when a node has another attempt of it only', () => {
    const nodes = [on({ attempt: 7 })];
    expect(summary(decided(decideRequests, observation({ requests: [placed('r')], nodes })))).toEqual(['requeue r']);
  });

  test('ends as wished when no node has it and it shall stop', () => {
    const copy = decided(decideRequests, observation({ requests: [placed('r', cancelled)] }));
    expect(copy.task('r', 0)).toMatchObject({ state: 'cancelled', reason: 'cancelled', endedAtMs: nowMs });
  });

  test('is taken back at once when its agent cannot have heard of it', () => {
    const copy = decided(
      decideRequests,
      observation({ requests: [placed('r', cancelled)], nodes: [on({ isOffered: false })] }),
    );
    expect(summary(copy)).toEqual(['stop r i-1']);
    expect(copy.task('r', 0)?.state).toBe('cancelled');
    expect(copy.node('i-1')).toMatchObject({ assigned: [], emptySinceMs: nowMs });
  });

  test('is withdrawn from an agent that may run it, once', () => {
    const seen = observation({ requests: [placed('r', cancelled)], nodes: [on()] });
    const copy = decided(decideRequests, seen);
    expect(summary(copy)).toEqual(['withdraw i-1']);
    expect(copy.task('r', 0)?.state).toBe('placed');
    const withdrawn = { reason: 'cancelled', atSeq: 1, atBootId: 'b' };
    expect(copy.node('i-1')?.assigned).toEqual([assignment('r', { withdrawn })]);
    const again = observation({ requests: [placed('r', cancelled)], nodes: [on({ withdrawn })] });
    expect(summary(decided(decideRequests, again))).toEqual([]);
  });

  test('is withdrawn without touching its neighbours', () => {
    const nodes = [node({ assigned: [assignment('a'), assignment('r')] })];
    const copy = decided(decideRequests, observation({ requests: [placed('a'), placed('r', cancelled)], nodes }));
    expect(copy.node('i-1')?.assigned.map((one) => one.withdrawn !== null)).toEqual([false, true]);
  });
});

describe('the list of a batch', () => {
  const inBatch = (untilMs: number, more: Partial<RequestRecord> = {}): RequestRecord =>
    request('r', {}, { batch: { id: 'b', untilMs }, ...more });

  test('is left for a list entry of its own by what outlives it', () => {
    const copy = decided(decideListed, observation({ requests: [inBatch(nowMs)] }));
    expect(summary(copy)).toEqual(['list r']);
    expect(putRecord(changes(copy)[0]?.writes[0])).not.toHaveProperty('batch');
  });

  test.each<[string, RequestRecord]>([
    ['what is listed for long enough', inBatch(nowMs + 1)],
    ['what has ended', inBatch(nowMs, { endedAtMs: 5 })],
    ['what lists itself', request('r')],
  ])('not for %s', (_what, record) => {
    expect(summary(decided(decideListed, observation({ requests: [record] })))).toEqual([]);
  });

  test('is left by what is set aside, but not before that is written', () => {
    const left = aside({ requests: new Set(['r']) });
    expect(summary(decided(decideListed, observation({ requests: [inBatch(nowMs)], aside: left })))).toEqual([]);
    const written = inBatch(nowMs, { quarantine: 'broken' });
    expect(summary(decided(decideListed, observation({ requests: [written], aside: left })))).toEqual(['list r']);
  });
});

describe('the row of an array', () => {
  test('follows its chunks, and is not written where nothing moved', () => {
    const record = request('r', { count: 30 });
    expect(summary(decided(decideArrays, observation({ requests: [array(record, [chunk('r', 0, 25)])] })))).toEqual([]);
    const moved = chunk('r', 0, 25, [placedTask()]);
    const copy = decided(decideArrays, observation({ requests: [array(record, [moved])] }));
    expect(summary(copy)).toEqual(['aggregate r']);
    expect(copy.request('r')).toMatchObject({ state: 'running', counts: { running: 1, pending: 29 } });
  });

  test('sees what the same decision did', () => {
    const seen = observation({ requests: [array(request('r', { count: 30 }))] });
    const copy = new WorkingCopy(seen);
    copy.setTask('r', placedTask('i-1', { index: 26 }));
    decideArrays(seen, copy);
    expect(copy.request('r')?.counts.running).toBe(1);
  });

  test('is not that of single tasks, or of what has ended', () => {
    const ended = array(request('r', { count: 30 }, { endedAtMs: 5 }), [chunk('r', 0, 25, [placedTask()])]);
    expect(summary(decided(decideArrays, observation({ requests: [placed('s'), ended] })))).toEqual([]);
  });
});
