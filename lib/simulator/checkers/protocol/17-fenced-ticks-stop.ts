// Invariant 17: a tick that has learned that another one raised the fence decides nothing any more, serves no wake and
// releases no lock: what it still wanted was decided on what it had read before. Only where a process runs one call at
// a time is it known whose write it is.
import type { Truth, Watcher } from '../../truth.ts';

const name = '17: a fenced tick stops';

export function fencedTicksStop(truth: Truth): Watcher {
  const fenced = new Set<string>();
  return {
    fenced(by) {
      if (by.startsWith('scheduler')) fenced.add(by);
    },
    write(by, what) {
      if (fenced.has(by) && isOfTick(what)) truth.violate(name, `${by} has lost the fence and goes on: ${what}`, [by]);
    },
  };
}

/**
 * Calls for open launches are made side by side: when one of them learns it, the others note what EC2 has answered
 * them, which needs no fence, or learn it themselves. Recording a launch is a decision, and checks the pool's spec.
 */
function isOfTick(what: string): boolean {
  if (/^put (?:LOCK|WAKE)#/.test(what)) return true;
  const isOfOpenLaunch = what.includes('LAUNCHES#') && !what.includes('check POOLS');
  return what.includes('check FENCE#') && !isOfOpenLaunch;
}
