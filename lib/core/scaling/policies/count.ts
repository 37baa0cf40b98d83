// The number that policies move, from one look to the next: their wishes together, within the bounds, as fast as it may
// move. The same rule for nodes of a pool's headroom and for replicas of a service.
import type { Combined, Scaled, Wish } from './policy.ts';
import { combined } from './policy.ts';
import type { Behaviour, Moved } from './rates.ts';
import { moved } from './rates.ts';

export interface CountAfter {
  /** Within the bounds, also where these have just changed. */
  readonly count: number;
  /** The same object as before where nothing is new. */
  readonly moved: Moved;
  readonly combined: Combined;
}

export function countAfter(
  before: Moved,
  wishes: readonly Wish[],
  scaled: Scaled,
  behaviour: Behaviour,
  nowMs: number,
): CountAfter {
  const { current, min, max } = scaled;
  const wish = combined(wishes, scaled);
  const { next, moved: after } = moved(before, { current, wanted: wish.wanted, nowMs }, behaviour);
  return { count: Math.max(min, Math.min(max, next)), moved: after, combined: wish };
}
