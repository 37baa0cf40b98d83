// One change: its writes, each record once, and its bounds.
import { expect, test } from '@jest/globals';
import { changeBounds, recordBytes } from '../../../lib/core/plan/bounds.ts';
import { newChange, nodeNote, writeEntry } from '../../../lib/core/plan/change.ts';
import type { RecordWrite } from '../../../lib/core/plan/plan.ts';
import { writeKey } from '../../../lib/core/plan/plan.ts';
import { node, request } from '../builders.ts';

const row = (id: string): RecordWrite => ({ type: 'request', record: request(id) });

test('has what it was given, and nothing else', () => {
  const rest = { restsOn: [], needs: [], ended: [], gone: [], activity: null, events: [] };
  expect(newChange('drain', 'r', [row('a')])).toEqual({
    ...{ kind: 'change', what: 'drain', reason: 'r', writes: [row('a')], ...rest },
  });
  expect(newChange('drain', 'r', [], { restsOn: ['k'] })).toMatchObject({ restsOn: ['k'], needs: [] });
});

test('of one record the later copy is written, once', () => {
  const later: RecordWrite = { type: 'request', record: request('a', { priority: 9 }) };
  expect(newChange('place', 'r', [row('a'), row('b'), later]).writes).toEqual([later, row('b')]);
});

test('that is larger than its bounds names itself', () => {
  const many = Array.from({ length: changeBounds.writes }, (_, n) => row(`r${String(n)}`));
  expect(newChange('place', 'r', many).writes).toHaveLength(changeBounds.writes);
  expect(() => newChange('place', 'because', [...many, row('more')])).toThrow('the change "place" (because)');
});

test('a write counts with its key and its bytes; a deletion with those of its name', () => {
  expect(writeEntry(row('a'))).toEqual([writeKey(row('a')), recordBytes(request('a'))]);
  const name = { kind: 'service', tenant: 't', name: 'web' } as const;
  expect(writeEntry({ type: 'drop', name })).toEqual([writeKey({ type: 'drop', name }), recordBytes(name)]);
});

test('a note of a node begins with its id', () => {
  expect(nodeNote('drained', node(), 'it is empty')).toEqual({
    ...{ code: 'drained', message: 'i-1: it is empty', node: node() },
  });
});
