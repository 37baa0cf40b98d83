// Whether a replica that nothing runs yet only waits for room: its pool may buy nothing for it now, whatever its
// template says. Reasons of waiting tasks are kept by their shape, for people; here it is looked up anew.
import { canCarry } from '../allocation/reasons/explain.ts';
import { stopOf } from '../costs/budgets.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { isClaim } from '../records/claim.ts';
import { isWithin, usageOf } from '../records/limits.ts';
import { addUsage } from '../records/pool.ts';
import type { RequestRecord } from '../records/request.ts';
import { poolAsked } from '../tasks/capacity/pool-asked.ts';
import type { ReplicaState } from './replica-state.ts';

/** Of claims. */
const roomReasons: ReadonlySet<string> = new Set(['limit_reached', 'pool_paused']);

export function waitsForRoom({ phase, request }: ReplicaState, copy: WorkingCopy): boolean {
  if (phase !== 'pending' || request === null) return false;
  return isClaim(request) ? roomReasons.has(request.reason ?? '') : isTaskKeptOut(request, copy);
}

/** While a node of the pool comes, that may be the one for it. */
function isTaskKeptOut({ tenant, spec }: RequestRecord, copy: WorkingCopy): boolean {
  const { paused, stops, pool, offerings, launches, nodes } = copy.seen;
  if (paused !== undefined || stopOf(stops, tenant) !== undefined) return true;
  if (launches.length > 0 || nodes.some(({ record }) => record.state === 'launching')) return false;
  const asked = poolAsked(pool);
  const usage = copy.usage();
  const carriers = offerings.filter((one) => canCarry(spec, one, asked));
  return carriers.length > 0 && carriers.every((one) => !isWithin(addUsage(usage, usageOf(one)), pool.limits));
}
