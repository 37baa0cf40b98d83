// A second policy beside some pools (invariant 29). Drawn from a stream of its own: what else is drawn stays as it was
// without any, and so does what happens.
import type { PoolSpec, ShadowPolicy } from '../../core/records/pool.ts';
import type { Stream } from '../random.ts';

export function withShadow(stream: Stream, pool: PoolSpec): PoolSpec {
  const isWanted = stream.chance(0.3);
  const shadow: ShadowPolicy = {
    ...(stream.chance(0.5) ? { idleAfterMs: stream.pick([0, 30_000, 600_000]) } : {}),
    ...(stream.chance(0.5) ? { objective: stream.pick(['cost-now', 'cost-over-time'] as const) } : {}),
    ...(stream.chance(0.3) ? { patienceMs: stream.pick([0, 120_000]) } : {}),
    ...(stream.chance(0.3) ? { tasksPerNode: stream.pick([1, 16]) } : {}),
    ...(stream.chance(0.4) ? { disruption: { consolidation: { calmMs: 60_000, apartMs: 10_000 } } } : {}),
  };
  return isWanted ? { ...pool, shadow } : pool;
}
