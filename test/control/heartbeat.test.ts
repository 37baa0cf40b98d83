// What counts as a heartbeat: two fields of a node's document, and nothing else.
import { expect, test } from '@jest/globals';
import { isHeartbeat, withHeartbeat } from '../../lib/control/store/copy/heartbeat.ts';
import { node } from '../core/builders.ts';

const document = {
  id: 'i-1',
  seq: 3,
  lastSeenAtMs: 1_000,
  assigned: [{ attemptId: 'a', startedAtMs: null }],
  by: null,
};

test('two documents differ by a heartbeat where nothing but its two fields has moved', () => {
  const later = { seq: 4, lastSeenAtMs: 61_000 };
  expect(isHeartbeat(document, { ...document, ...later })).toBe(true);
  expect(isHeartbeat(document, structuredClone({ ...document, ...later }))).toBe(true);
  expect(isHeartbeat(document, { ...document, by: undefined, ...later })).toBe(false);
  expect(isHeartbeat(document, { ...document, assigned: [], ...later })).toBe(false);
  expect(isHeartbeat(document, { ...document, drain: { by: 'emptiness' } })).toBe(false);
  expect(isHeartbeat({ ...document, drain: { by: 'emptiness' } }, document)).toBe(false);
  expect(isHeartbeat({ ...document, drain: undefined }, document)).toBe(true);
});

test('a document takes the later heartbeat over when it is written; one that is stopped takes its number only', () => {
  const later = { seq: 9, lastSeenAtMs: 2_000 };
  const ready = node({ seq: 8, lastSeenAtMs: 1_000 });
  expect(withHeartbeat(ready, later)).toEqual({ ...ready, ...later });
  expect(withHeartbeat({ ...ready, lastSeenAtMs: null }, later)).toEqual({ ...ready, seq: 9, lastSeenAtMs: null });
});
