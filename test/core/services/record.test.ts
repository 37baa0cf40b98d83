// A service's document: its replicas' ids, its revisions, and the events that it keeps.
import { expect, test } from '@jest/globals';
import { replicaId, revisionOf, withEvents } from '../../../lib/core/services/record.ts';
import { revisions, service } from './builders.ts';

const event = (atMs: number) => ({ atMs, code: 'replica_ended', message: 'gone' });

test('the id of a replica has the service’s and its number, and sorts by it', () => {
  expect(replicaId({ id: 'aa' }, 0)).toBe('r-aa0000000000');
  expect(replicaId({ id: 'aa' }, 255)).toBe('r-aa00000000ff');
});

test('a revision is found by its number', () => {
  const record = service({ revision: 3, revisions: revisions(2, 3, 4) });
  expect([2, 3, 5].map((number) => revisionOf(record, number)?.number)).toEqual([2, 3, undefined]);
});

test('the last fifty events are kept, and a document without new ones is the same', () => {
  const before = service({ events: Array.from({ length: 49 }, (_, n) => event(n)) });
  expect(withEvents(before, [])).toBe(before);
  const after = withEvents(before, [event(49), event(50)]).events;
  expect(after.map((one) => one.atMs)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
});
