// Invariant 22: a pool is not looked at again and again for nothing. A tick takes the lock and releases it; what it
// changes is written beside that. Wakes come seconds apart, and what waits is looked at once a minute.
import type { Truth, Watcher } from '../../truth.ts';

const name = '22: no tick after tick for nothing';

/** So many in a row, within so many milliseconds. */
const ticksMax = 40;
const writesPerTick = 2;
const withinMs = 30_000;

/** What every tick writes, whatever it finds; an explanation may name a time. */
const ofLooking = /^(LOCK|FENCE|WAKE)#| WHY$/;

export function idleTicks(truth: Truth): Watcher {
  /** When they were, by the key of the lock, since something else was written. */
  const inVain = new Map<string, number[]>();
  return {
    // EC2 says of each instance that it is pending, running or gone: of a hundred it does so some hundreds of times.
    instance() {
      inVain.clear();
    },
    wrote(keys) {
      if (keys.some((key) => !ofLooking.test(key))) inVain.clear();
      for (const key of keys.filter((one) => one.startsWith('FENCE#'))) {
        const times = [...(inVain.get(key) ?? []), truth.nowMs].slice(-ticksMax * writesPerTick);
        inVain.set(key, times);
        const [first = 0] = times;
        if (times.length === ticksMax * writesPerTick && truth.nowMs - first < withinMs)
          truth.violate(
            name,
            `${String(ticksMax)} ticks within ${String(Math.round(truth.nowMs - first))} ms changed nothing`,
            [key],
          );
      }
    },
  };
}
