// Invariant 21: all tasks of a gang start at once, or none: the write that places the first of them places each that
// was never placed before. (One that is tried again, or was lost, goes by itself: the others run already. A gang too
// large for one write is not drawn.)
import { isEnd } from '../../../core/records/request.ts';
import type { RequestRecord } from '../../../core/records/request.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '21: gangs start whole';

export function gangsStartWhole(truth: Truth): Watcher {
  /** Each task that was ever placed, by request. */
  const placed = new Map<string, Set<number>>();
  const begun = new Map<string, RequestRecord>();
  return {
    task(request, _before, after) {
      if (request.spec.gang !== true || after.state !== 'placed') return;
      const indexes = placed.get(request.id) ?? new Set();
      placed.set(request.id, indexes);
      if (indexes.has(after.index)) return;
      indexes.add(after.index);
      begun.set(request.id, request);
    },
    written() {
      for (const [id, request] of begun) {
        const tasks = new Map(truth.tasksOf(request).map((one) => [one.index, one]));
        const indexes = Array.from({ length: request.spec.count }, (_, index) => index);
        // One that was cancelled by itself is no part of it any more.
        const left = indexes.filter(
          (index) => !placed.get(id)?.has(index) && !isEnd(tasks.get(index)?.state ?? 'pending'),
        );
        if (left.length > 0 && request.cancelRequestedAtMs === null)
          truth.violate(name, `tasks ${left.join(', ')} of ${id} are not placed, and the others are`, [id]);
      }
      begun.clear();
    },
  };
}
