// What counts as a heartbeat: two fields of a node's document, and nothing else.
import { expect, test } from '@jest/globals';
import { isHeartbeat } from '../../lib/control/store/copy/heartbeat.ts';

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
