// How long tasks waited, as counts in buckets: bounded, whatever came.

/** Buckets grow by half an octave from one second on: the last begins after twelve days. */
export const waitBuckets = 42;

export interface Waits {
  readonly count: number;
  readonly sumMs: number;
  /** By bucket; shorter than `waitBuckets`: the others are 0. */
  readonly buckets: readonly number[];
}

export const noWaits: Waits = { count: 0, sumMs: 0, buckets: [] };

export function withWait({ count, sumMs, buckets }: Waits, ms: number): Waits {
  const waitedMs = Math.max(0, ms);
  const at = Math.min(waitBuckets - 1, waitedMs <= 1_000 ? 0 : Math.ceil(2 * Math.log2(waitedMs / 1_000)));
  const length = Math.max(buckets.length, at + 1);
  return {
    count: count + 1,
    sumMs: sumMs + waitedMs,
    buckets: Array.from({ length }, (_, i) => (buckets[i] ?? 0) + (i === at ? 1 : 0)),
  };
}

/** `part` of them, 0 to 1, waited at most so long, rounded up to the end of a bucket; null: nobody has waited. */
export function waitAt({ count, buckets }: Waits, part: number): number | null {
  if (count === 0) return null;
  let seen = 0;
  for (const [at, some] of buckets.entries()) {
    seen += some;
    if (seen >= part * count) return Math.round(1_000 * 2 ** (at / 2));
  }
  return null;
}

export function meanWaitMs({ count, sumMs }: Waits): number | null {
  return count === 0 ? null : sumMs / count;
}
