// Which pool of a variant a task goes to.
import type { PoolSpec } from '../../core/records/pool.ts';
import type { TraceTask } from './trace.ts';

/**
 * The only one, whatever the trace calls it; of several the one that the task names, or the first by priority, then
 * name, that takes tasks. null: it names one that is not there.
 */
export function poolOf(task: Pick<TraceTask, 'pool'>, pools: readonly PoolSpec[]): PoolSpec | null {
  const [first] = pools;
  if (first !== undefined && pools.length === 1) return first;
  if (task.pool !== null) return pools.find((pool) => pool.name === task.pool) ?? null;
  const taking = pools.filter((pool) => pool.accepts.includes('task'));
  return taking.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))[0] ?? null;
}
