// Invariant 17: a tick that has learned that another one raised the fence changes nothing any more: what it still
// wanted was decided on what it had read before. Only where a process runs one call at a time is it known whose write
// it is.
import type { Truth, Watcher } from '../truth.ts';

const name = '17: a fenced tick stops';

export function fencedTicksStop(truth: Truth): Watcher {
  const fenced = new Set<string>();
  return {
    fenced(by) {
      if (by.startsWith('scheduler')) fenced.add(by);
    },
    write(by, what) {
      if (fenced.has(by)) truth.violate(name, `${by} has lost the fence and goes on: ${what}`, [by]);
    },
  };
}
