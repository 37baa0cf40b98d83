// How far each commitment was used on average since midnight (UTC): what it was used for times how long, kept with the
// pool's memory. It is written only when the use changes, as nodes come and go, which writes the memory anyway.
import type { CommitmentUse } from './commitments.ts';
import { ownValue } from '../values/dictionary.ts';
import { dayMs } from './regret/sums.ts';

/** Of one commitment: since `atMs` it is used so far, and what was before that on that day (UTC). */
export interface UsedToday {
  readonly used: number;
  readonly atMs: number;
  /** The day's start, or when the commitment was first seen. */
  readonly fromMs: number;
  /** Use times milliseconds from then until `atMs`. */
  readonly sum: number;
}

export type CommitmentDays = Readonly<Record<string, UsedToday>>;

/** By name. Those that did not change stay as they are. */
export function afterUse(before: CommitmentDays | undefined, uses: readonly CommitmentUse[], nowMs: number) {
  return Object.fromEntries(
    uses.map(({ commitment: { name }, used }): [string, UsedToday] => {
      const known = before && ownValue(before, name);
      // Six digits of a USD: sums of prices are not exact.
      const rounded = Math.round(used * 1e6) / 1e6;
      if (known?.used === rounded) return [name, known];
      const { fromMs, sum } = known === undefined ? { fromMs: nowMs, sum: 0 } : until(known, nowMs);
      return [name, { used: rounded, atMs: nowMs, fromMs, sum }];
    }),
  ) satisfies CommitmentDays;
}

/** Mean use of this day (UTC) until now. */
export function meanToday(known: UsedToday, nowMs: number): number {
  const { fromMs, sum } = until(known, nowMs);
  return nowMs <= fromMs ? known.used : sum / (nowMs - fromMs);
}

function until({ used, atMs, fromMs, sum }: UsedToday, nowMs: number): Pick<UsedToday, 'fromMs' | 'sum'> {
  const midnightMs = Math.floor(nowMs / dayMs) * dayMs;
  return fromMs >= midnightMs || atMs >= midnightMs
    ? { fromMs, sum: sum + used * Math.max(0, nowMs - atMs) }
    : { fromMs: midnightMs, sum: used * (nowMs - midnightMs) };
}
