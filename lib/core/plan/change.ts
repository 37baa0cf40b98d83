// One change of a decision, within the bounds of what is written together: whoever decides makes it here.
import { assertWithin, changeBounds, recordBytes, WriteSum } from './bounds.ts';
import type { NodeRecord } from '../records/node.ts';
import type { ActivityNote, Change, RecordWrite } from './plan.ts';
import { writeKey } from './plan.ts';

/**
 * @throws AssertionError when it writes more than {@link changeBounds}: the decision has to make several changes of it
 *   (slices.ts)
 */
export function newChange(
  what: Change['what'],
  reason: string,
  writes: readonly RecordWrite[],
  more: Partial<Pick<Change, 'restsOn' | 'needs' | 'ended' | 'gone' | 'regret' | 'costs' | 'activity' | 'events'>> = {},
): Change {
  // Later copies of one record replace earlier ones within the change.
  const byKey = new Map(writes.map((write) => [writeKey(write), write]));
  const sum = new WriteSum();
  sum.add([...byKey.values()].map(writeEntry));
  assertWithin(sum, changeBounds, `the change "${what}" (${reason})`);
  return {
    kind: 'change',
    what,
    reason,
    writes: [...byKey.values()],
    restsOn: [],
    needs: [],
    ended: [],
    gone: [],
    activity: null,
    events: [],
    ...more,
  };
}

/** What a write counts against bounds. */
export function writeEntry(write: RecordWrite): [key: string, bytes: number] {
  return [writeKey(write), recordBytes(write.type === 'drop' ? write.name : write.record)];
}

/** What the pool's activity says of a node. */
export function nodeNote(code: string, node: NodeRecord, reason: string): ActivityNote {
  return { code, message: `${node.id}: ${reason}`, node };
}
