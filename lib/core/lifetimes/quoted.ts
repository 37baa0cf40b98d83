// What lifetimes say of a request before it runs: when the last of its tasks has ended, and how long they run together.
import { endsEnough, survivalOf, sumOf } from './learned.ts';
import type { Lifetimes } from './learned.ts';
import type { Survival } from './survival.ts';
import type { Odds } from '../records/request.ts';
import { ownValue } from '../values/dictionary.ts';

export type { Odds };

/** Of quotes that named a figure: how many came true within it. */
export interface CameTrue {
  readonly known: number;
  readonly withinP50: number;
  readonly withinP90: number;
}

export interface QuoteAccuracy {
  readonly pool: string;
  /** Quoted requests that were looked at, the newest; those that succeeded; those that have not ended. */
  readonly quoted: number;
  readonly succeeded: number;
  readonly open: number;
  readonly finish: CameTrue;
  readonly usd: CameTrue;
}

/** How long tasks last. `declared`: as they say themselves; `prior`: as tasks do, since too little has ended. */
export interface Lasting {
  readonly basis: 'declared' | 'learned' | 'prior';
  /** That what was learned rests on. */
  readonly ends: number;
  /** The age that this part of them has ended by, in milliseconds. */
  readonly quantileMs: (part: number) => number;
  readonly meanMs: number;
}

/** What of a request counts: its classes (widest first), how long it says that it lasts, and when it is stopped. */
export interface Asked {
  readonly classes: readonly string[];
  readonly expectedDurationMs: number | null;
  readonly timeoutMs: number | null;
}

export function lastingOf(
  { classes, expectedDurationMs, timeoutMs }: Asked,
  lifetimes: Lifetimes | undefined,
): Lasting {
  const most = timeoutMs ?? Infinity;
  if (expectedDurationMs !== null) {
    const ms = Math.min(most, expectedDurationMs);
    return { basis: 'declared', ends: 0, quantileMs: () => ms, meanMs: ms };
  }
  const survival: Survival = survivalOf(lifetimes, classes);
  const counts = classes.flatMap((key) => {
    const seen = ownValue(lifetimes?.classes ?? {}, key);
    return seen === undefined ? [] : [sumOf(seen)];
  });
  const ends = Math.round(counts.at(-1) ?? 0);
  return {
    basis: ends >= endsEnough || (counts[0] ?? 0) >= endsEnough ? 'learned' : 'prior',
    ends,
    quantileMs: (part) => Math.min(most, survival.quantileMs(part)),
    meanMs: Math.min(most, survival.remainingMs(0)),
  };
}

/** When the last of so many tasks that start together has ended: the quantile of the largest of independent lives. */
export function lastEndMs({ quantileMs }: Lasting, count: number): Odds {
  return { p50: quantileMs(0.5 ** (1 / count)), p90: quantileMs(0.9 ** (1 / count)) };
}

/**
 * How long so many tasks run, added up. One as it is; of many the mean, and above it as far as a normal distribution
 * has nine of ten sums, with the deviation that the quantiles of one tell.
 */
export function togetherMs({ quantileMs, meanMs }: Lasting, count: number): Odds {
  const [half, most] = [quantileMs(0.5), quantileMs(0.9)];
  if (count === 1) return { p50: half, p90: most };
  return { p50: count * meanMs, p90: count * meanMs + Math.sqrt(count) * Math.max(0, most - half) };
}

/** Of what was seen; null: nothing was. */
export function oddsOf(values: readonly number[]): Odds | null {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return sorted.length === 0 ? null : { p50: at(0.5), p90: at(0.9) };
}
