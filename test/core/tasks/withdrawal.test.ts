// An attempt that shall stop: at once where its agent cannot know of it, else by a mark that the agent answers.
import { expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { Assignment } from '../../../lib/core/records/node.ts';
import { withdraw } from '../../../lib/core/tasks/withdrawal.ts';
import { assignment, node, nowMs, observation, placedTask, request } from '../builders.ts';

const wish = { state: 'cancelled', reason: 'cancelled by its owner' } as const;

function withdrawn(more: Partial<Assignment>): WorkingCopy {
  const own = assignment('r', more);
  const carrier = node({ seq: 7, bootId: 'boot', assigned: [assignment('other'), own] });
  const copy = new WorkingCopy(observation({ requests: [request('r'), request('other')], nodes: [carrier] }));
  withdraw('r', placedTask(), wish, carrier, own, copy);
  return copy;
}

test('one that no reply has offered ends at once, and leaves the node', () => {
  const copy = withdrawn({ isOffered: false });
  expect(copy.actions).toMatchObject([{ kind: 'change', what: 'stop', reason: wish.reason }]);
  expect(copy.request('r')).toMatchObject({ tasks: [{ state: 'cancelled', reason: wish.reason, endedAtMs: nowMs }] });
  expect(copy.node('i-1')?.assigned.map((one) => one.requestId)).toEqual(['other']);
});

test('one that may have been offered is marked with where its node was, and goes on meanwhile', () => {
  const copy = withdrawn({ isOffered: true });
  expect(copy.actions).toMatchObject([{ kind: 'change', what: 'withdraw', reason: wish.reason }]);
  expect(copy.node('i-1')?.assigned.map((one) => one.withdrawn)).toEqual([
    null,
    { reason: wish.reason, atSeq: 7, atBootId: 'boot' },
  ]);
  expect(copy.request('r')?.endedAtMs).toBeNull();
});

test('one that is marked already is not written again', () => {
  expect(withdrawn({ withdrawn: { reason: 'before', atSeq: 1, atBootId: 'b' } }).actions).toEqual([]);
});
