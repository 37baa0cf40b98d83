// Nodes that some pools stop when they have no work (invariant 31). Drawn from a stream of its own: what else is drawn
// stays as it was without any.
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Stream } from '../random.ts';

const minuteMs = 60_000;

export function withWarmNodes(stream: Stream, pool: PoolSpec): PoolSpec {
  const isWanted = stream.chance(0.35);
  const stopped = stream.pick([1, 2, 5]);
  const expireAfterMs = stream.pick([30 * minuteMs, 240 * minuteMs, 7 * 1_440 * minuteMs]);
  const isHasty = stream.chance(0.7);
  const isStocked = stream.chance(0.4);
  const { capacityType } = pool.requirements;
  const mayStop = capacityType === undefined || capacityType.includes('on-demand');
  if (!isWanted || !mayStop) return pool;
  return {
    ...pool,
    // Only what is on demand can be stopped, and only what is stopped while there is work to come is started again.
    ...(capacityType === undefined ? { onDemand: pool.onDemand ?? { baseVcpu: 0, percent: 100 } } : {}),
    ...(isHasty ? { idleAfterMs: 0 } : {}),
    warmNodes: { stopped, ...(isStocked ? { minStopped: Math.ceil(stopped / 2) } : {}), expireAfterMs },
  };
}

export function withoutWarmNodes({ warmNodes: _kept, ...pool }: PoolSpec): PoolSpec {
  return pool;
}
