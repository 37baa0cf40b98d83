// Stopped nodes that are there before anybody asks (`warmNodes.minStopped`): bought like headroom, on demand since only
// that can be stopped, and stopped once they are set up and have no work. Whoever waits comes first.
import type { Allocate, AllocationInput, PlannedLaunch, Unplaced } from '../allocation/types.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { NodeLaunch } from '../records/launch.ts';
import { missingStock, stockAgainMs } from '../tasks/warm/stock.ts';
import { askedForNodes, sizeOf } from './headroom.ts';
import { recentTasks } from './recent-tasks.ts';

export interface WarmStock {
  /** All on demand. */
  readonly launches: readonly PlannedLaunch[];
  readonly unplaced: readonly Unplaced[];
}

const noStock: WarmStock = { launches: [], unplaced: [] };
const demandId = 'warm nodes';

function notStopped(count: number, againAtMs: number): Unplaced {
  const message =
    'The last node that was to be stopped could not be, as the activity of the pool says; the next is bought at '
    + `${new Date(againAtMs).toISOString()}.`;
  return { demandId, count, kind: 'constraints', excluded: [], message };
}

/** `input`: with all that is launched and started now in its usage. `used`: nodes that tasks or headroom count on. */
export function planWarmStock(
  copy: WorkingCopy,
  input: AllocationInput,
  used: ReadonlySet<string>,
  allocate: Allocate,
): WarmStock {
  const { seen, nowMs } = copy;
  if (seen.isPoolDeleting) return noStock;
  const launches = seen.launches.map(({ record }): NodeLaunch => record);
  const missing = missingStock(copy.nodes(), launches, seen.pool, used);
  if (missing === 0) return noStock;
  const { stopFailedAtMs } = seen.memory;
  const againAtMs = stopFailedAtMs === undefined ? -Infinity : stopFailedAtMs + stockAgainMs;
  if (againAtMs > nowMs) return { launches: [], unplaced: [notStopped(missing, againAtMs)] };
  // The first after that shows whether it can be stopped.
  const count = stopFailedAtMs === undefined ? missing : 1;
  const shape = recentTasks(seen);
  const { capacityType } = shape.requirements;
  // Tasks on spot alone are nothing that a stopped node could carry.
  if (capacityType?.includes('on-demand') === false) return noStock;
  const { paid: _first, ...plain } = input;
  const requirements = { ...shape.requirements, capacityType: ['on-demand' as const] };
  const asked = { id: demandId, count, resources: sizeOf(seen, input, shape), requirements, createdAtMs: nowMs };
  const answer = allocate(askedForNodes(plain, asked));
  const many = `one of ${String(seen.pool.warmNodes?.minStopped)} stopped nodes that the pool has ready`;
  return {
    unplaced: answer.unplaced,
    launches: answer.launches.map((one) => ({ ...one, reason: `${many}; ${one.reason}` })),
  };
}
