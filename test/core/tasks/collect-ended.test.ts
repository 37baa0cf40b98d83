// Ends are published once, and what has ended leaves the open requests.
import { describe, expect, test } from '@jest/globals';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { decideEnded } from '../../../lib/core/tasks/collect-ended.ts';
import { array, assignment, changes, decided, node, observation, request, summary, task } from '../builders.ts';

describe('an end that nobody was told of', () => {
  const ended = (id: string, more: Partial<RequestRecord> = {}): RequestRecord =>
    request(id, {}, { state: 'succeeded', endedAtMs: 5, tasks: [task({ state: 'succeeded' })], ...more });

  test('is published, and the request leaves the open ones', () => {
    const copy = decided(decideEnded, observation({ requests: [ended('r'), request('open')] }));
    expect(changes(copy)).toMatchObject([
      { what: 'collect', writes: [{ type: 'request', isCollected: true }], ended: [{ id: 'r' }] },
    ]);
  });

  test('not while a node still carries the attempt', () => {
    const nodes = [node({ assigned: [assignment('r')] })];
    expect(summary(decided(decideEnded, observation({ requests: [ended('r')], nodes })))).toEqual([]);
    const other = [node({ assigned: [assignment('r', { attempt: 2 })] })];
    expect(summary(decided(decideEnded, observation({ requests: [ended('r')], nodes: other })))).toEqual(['collect r']);
  });

  test('not of what has left the open ones already', () => {
    const requests = [{ ...array(ended('r')), isCollected: true }];
    expect(summary(decided(decideEnded, observation({ requests })))).toEqual([]);
  });

  test('is published by the document that names it; of two documents by the first', () => {
    const requests = [{ ...array(ended('r')), isCollected: true }];
    const nodes = [node({ ended: ['r', 'unknown'] }), node({ id: 'i-2', ended: ['r'] })];
    const copy = decided(decideEnded, observation({ requests, nodes }));
    expect(summary(copy)).toEqual(['collect i-1', 'collect i-2']);
    expect(changes(copy).map((one) => one.ended.map(({ id }) => id))).toEqual([['r'], []]);
    expect([...copy.nodes()].map((one) => 'ended' in one)).toEqual([false, false]);
  });

  test('a thousand are published at a time', () => {
    const all = Array.from({ length: 1_001 }, (_, at) => `r${String(at)}`);
    const copy = decided(decideEnded, observation({ nodes: [node({ ended: all })] }));
    expect(copy.node('i-1')?.ended).toEqual(['r1000']);
  });
});
