// When EC2 had no capacity for what a pool asked for: by the hour, as weather for back-tests.
import { assert } from '../values/errors.ts';

/** From, until (ms since 1970), the offering (stars for any part of it), EC2's code. */
type ShortageNumbers = readonly [fromMs: number, untilMs: number, offering: string, code: string];

/** Of one hour, by the time at which they began. */
export interface ShortageHour {
  readonly shortages: readonly ShortageNumbers[];
}

/** Not asked for from the refusal on, until the pool would have asked again. */
export interface Shortage {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offering: string;
  readonly code: string;
}

/** An hour is some 50 KB at most; what is refused over and over is asked for less and less often. */
export const shortagesPerHour = 500;
export const hourMs = 3_600_000;

/** null: nothing is new, or the hour is full. */
export function withShortages(before: ShortageHour | null, added: readonly Shortage[]): ShortageHour | null {
  const shortages = [...(before?.shortages ?? [])];
  for (const { fromMs, untilMs, offering, code } of added)
    if (shortages.length < shortagesPerHour) shortages.push([fromMs, untilMs, offering, code]);
  assert(shortages.length <= shortagesPerHour, 'an hour has more shortages than it may have');
  return shortages.length === (before?.shortages ?? []).length ? null : { shortages };
}

export function shortagesIn({ shortages }: ShortageHour): readonly Shortage[] {
  return shortages.map(([fromMs, untilMs, offering, code]) => ({ fromMs, untilMs, offering, code }));
}
