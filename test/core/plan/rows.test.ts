// The rows of an observation are worked out once, and are those that the documents of its nodes make of them; a
// decision touches no row of a task that runs, and sees every one that waits again.
import { expect, test } from '@jest/globals';
import { SeenRows, rowsOf } from '../../../lib/core/plan/rows.ts';
import { activeArrays, WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { array, aside, assignment, node, observation, request, task } from '../builders.ts';

const ids = (records: readonly { readonly id: string }[]): readonly string[] => records.map((one) => one.id);

test('one observation has one set of rows; other nodes or other requests have others', () => {
  const seen = observation({ requests: [request('r')], nodes: [node({ assigned: [assignment('r')] })] });
  expect(rowsOf({ ...seen, nowMs: 1 } as typeof seen)).toBe(rowsOf(seen));
  expect(rowsOf({ ...seen, nodes: [] })).not.toBe(rowsOf(seen));
  expect(rowsOf({ ...seen, nodes: [] }).get('r')?.state).toBe('pending');
  expect(rowsOf({ ...seen, requests: [] }).get('r')).toBeUndefined();
  expect(rowsOf({ ...seen, aside: aside({ requests: new Set(['r']) }) }).get('r')?.state).toBe('pending');
});

test('a document that is the same places a row that is the same as before, and one that has changed anew', () => {
  const on = node({ assigned: [assignment('gone'), assignment('r'), assignment('s')] });
  const [r, s] = [request('r'), request('s')];
  const rowsWith = (...requests: readonly (typeof r)[]): SeenRows =>
    new SeenRows(observation({ requests, nodes: [on] }));
  const first = rowsWith(r, s);
  expect(rowsWith(r, s).get('r')).toBe(first.get('r'));
  const again = request('r', {}, { tasks: [task({ attempt: 2 })] });
  const later = rowsWith(again, s);
  expect(later.get('r')).toBe(again);
  expect(later.get('s')).toBe(first.get('s'));
  expect(rowsWith(s).get('s')).toBe(first.get('s'));
  expect(later.open('r')?.record).toBe(again);
  expect(later.open('gone')).toBeUndefined();
});

test('what may wait is all but what runs, until a running task is changed', () => {
  const seen = observation({
    requests: [request('a'), request('b'), array(request('c', { count: 2 })), request('d')],
    nodes: [node({ assigned: [assignment('b'), assignment('d')] })],
  });
  const copy = new WorkingCopy(seen);
  expect(ids(copy.waiting())).toEqual(['a', 'c']);
  expect(ids(copy.active())).toEqual(['a', 'b', 'c', 'd']);
  expect([copy.isStillPlaced('a'), copy.isStillPlaced('b'), copy.isStillPlaced('x')]).toEqual([false, true, false]);
  copy.setTask('a', task({ notBeforeMs: 7 }));
  expect(copy.waiting()[0]?.tasks[0]?.notBeforeMs).toBe(7);
  expect(ids(copy.waiting())).toEqual(['a', 'c']);
  copy.setTask('d', task({ attempt: 2 }));
  expect(ids(copy.waiting())).toContain('d');
  expect(copy.waiting().at(-1)?.tasks[0]?.attempt).toBe(2);
  expect([copy.isStillPlaced('b'), copy.isStillPlaced('d')]).toEqual([true, false]);
  copy.setNode(node({ assigned: [] }));
  expect(copy.isStillPlaced('b')).toBe(false);
});

test('what is set aside neither waits nor is active', () => {
  const requests = [request('q', {}, { quarantine: 'broken' }), request('r'), array(request('s', { count: 2 }))];
  const seen = observation({ requests, aside: aside({ requests: new Set(['s']) }) });
  const copy = new WorkingCopy(seen);
  expect([ids(copy.waiting()), ids(copy.active()), activeArrays(seen)]).toEqual([['r'], ['r'], []]);
});
