// Durations in buckets that grow by a fourth of an octave: percentiles within 19 %, small enough for one row.

/** Count by bucket number. */
export type Histogram = Readonly<Record<string, number>>;

export const emptyHistogram: Histogram = {};

export const bucketsPerOctave = 4;

export function withDuration(histogram: Histogram, ms: number): Histogram {
  const bucket = String(ms < 1 ? 0 : 1 + Math.floor(Math.log2(ms) * bucketsPerOctave));
  return { ...histogram, [bucket]: (histogram[bucket] ?? 0) + 1 };
}

/** The upper edge of a bucket. */
export function bucketEdgeMs(bucket: number): number {
  return 2 ** (bucket / bucketsPerOctave);
}

export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const merged: Record<string, number> = { ...a };
  for (const [bucket, count] of Object.entries(b)) merged[bucket] = (merged[bucket] ?? 0) + count;
  return merged;
}

export function countOf(histogram: Histogram): number {
  return Object.values(histogram).reduce((sum, count) => sum + count, 0);
}

/** The upper edge (ms) of the bucket in which the quantile lies; null without durations. */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = countOf(histogram);
  let seen = 0;
  // Keys that are whole numbers come in their order.
  for (const [bucket, count] of Object.entries(histogram)) {
    seen += count;
    if (seen >= q * total) return Math.round(bucketEdgeMs(Number(bucket)));
  }
  return null;
}
