// Invariant 17: a tick that has learned that another one raised the fence decides nothing any more, serves no wake and
// releases no lock: what it still wanted was decided on what it had read before. It may raise wakes again that it has
// served. Only where a process runs one call at a time is it known whose write it is.
import type { Truth, Watcher } from '../../truth.ts';

const name = '17: a fenced tick stops';

export function fencedTicksStop(truth: Truth): Watcher {
  const fenced = new Set<string>();
  /** Calls that put a wake now, though they are fenced; by process. */
  const waking = new Map<string, string>();
  return {
    fenced(by) {
      if (by.startsWith('scheduler')) fenced.add(by);
    },
    put(process, { pk, data }) {
      const by = waking.get(process);
      if (by === undefined || !pk.startsWith('WAKE#')) return;
      const { wanted, served } = data as { readonly wanted: number; readonly served: number };
      if (served >= wanted) truth.violate(name, `${by} has lost the fence and serves the wakes of ${pk}`, [by]);
    },
    write(by, what) {
      const [process = by] = by.split(', ');
      waking.delete(process);
      if (!fenced.has(by)) return;
      if (what.startsWith('put WAKE#')) waking.set(process, by);
      if (isOfTick(what)) truth.violate(name, `${by} has lost the fence and goes on: ${what}`, [by]);
    },
  };
}

/**
 * Calls for open launches are made side by side: when one of them learns it, the others note what EC2 has answered
 * them, which needs no fence, or learn it themselves. Recording a launch is a decision, and checks the pool's spec.
 */
function isOfTick(what: string): boolean {
  if (what.startsWith('put LOCK#')) return true;
  const isOfOpenLaunch = what.includes('LAUNCHES#') && !what.includes('check POOLS');
  return what.includes('check FENCE#') && !isOfOpenLaunch;
}
