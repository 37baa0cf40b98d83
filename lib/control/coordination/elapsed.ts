// How much time has passed since a moment, where too little would be wrong: by either clock. The monotonic one may
// stand still with its process (a function that is frozen between two calls, a laptop that sleeps), and the other may
// be set.
import type { Clock } from '../../ports/clock.ts';

export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

type Clocks = Pick<Clock, 'monotonicMs' | 'nowMs'>;

export function momentOf(clock: Clocks): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
}

/** Infinity: the wall clock was set back, and nobody knows. */
export function elapsedMs(clock: Clocks, { monotonicMs, wallMs }: Moment): number {
  const byWallMs = clock.nowMs() - wallMs;
  return byWallMs < 0 ? Infinity : Math.max(clock.monotonicMs() - monotonicMs, byWallMs);
}
