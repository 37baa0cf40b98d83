// When what nodes cost passes on: once a day, so many at once, and never of a node that goes with the decision.
import { expect, test } from '@jest/globals';
import { billedAtOnceMax, passOnBills } from '../../../lib/core/costs/pass-on-bills.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { changes, node, nowMs, observation, summary } from '../builders.ts';

const day = 24 * 3_600_000;

function copyOf(...nodes: readonly NodeRecord[]): WorkingCopy {
  return new WorkingCopy(observation({ nodes }));
}

test('a node of yesterday passes on what it cost, and one of today does not', () => {
  const copy = copyOf(node({ id: 'i-1', createdAtMs: nowMs - day }), node({ id: 'i-2', createdAtMs: nowMs - 1 }));
  passOnBills(copy);
  expect(changes(copy)).toMatchObject([
    { what: 'bill', writes: [{ type: 'node', record: { id: 'i-1', billed: { toMs: nowMs } } }] },
  ]);
  const [{ costs = [] } = {}] = changes(copy);
  expect(new Set(costs.map((one) => one.day)).size).toBe(2);
});

test('a node that is gone passes on once, with the write that forgets it', () => {
  const gone = node({ id: 'i-1', createdAtMs: nowMs - day });
  const copy = copyOf(gone);
  copy.forget(gone, 'gone');
  passOnBills(copy);
  expect(changes(copy).map((one) => one.what)).toEqual(['forget']);
  expect(changes(copy)[0]?.costs).not.toEqual([]);
});

test('many nodes pass on in several decisions', () => {
  const many = Array.from({ length: billedAtOnceMax + 5 }, (_, n) =>
    node({ id: `i-${String(n)}`, createdAtMs: nowMs - day }),
  );
  const copy = copyOf(...many);
  passOnBills(copy);
  expect(summary(copy)).toHaveLength(billedAtOnceMax);
});

test('one that is set aside is left as it is', () => {
  const copy = copyOf(node({ createdAtMs: nowMs - day, quarantine: 'cannot be read' }));
  passOnBills(copy);
  expect(changes(copy)).toEqual([]);
});
