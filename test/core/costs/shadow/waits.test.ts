// How long tasks waited, as counts in buckets.
import { describe, expect, test } from '@jest/globals';
import { meanWaitMs, noWaits, waitAt, waitBuckets, withWait } from '../../../../lib/core/costs/shadow/waits.ts';

const after = (...waitedMs: readonly number[]) => waitedMs.reduce(withWait, noWaits);

describe('waits', () => {
  test('are counted in buckets that grow by half an octave from one second on', () => {
    expect(after(0, 1_000).buckets).toEqual([2]);
    expect(after(1_001).buckets).toEqual([0, 1]);
    expect(after(1_415).buckets).toEqual([0, 0, 1]);
    expect(after(2_000, 0, 2_000)).toEqual({ count: 3, sumMs: 4_000, buckets: [1, 0, 2] });
  });

  test('below nothing are nothing, and the last bucket has all that are longer', () => {
    expect(after(-5)).toEqual({ count: 1, sumMs: 0, buckets: [1] });
    expect(after(1e12).buckets).toHaveLength(waitBuckets);
    expect(after(1e12).buckets.at(-1)).toBe(1);
    expect(after(1_000 * 2 ** 20.5, 1_000 * 2 ** 20).buckets.slice(-2)).toEqual([1, 1]);
  });

  test('have a part of them that waited at most so long, to the end of its bucket', () => {
    const waits = after(500, 2_000, 2_000, 60_000);
    expect([0, 0.25, 0.26, 0.75, 0.76, 1].map((part) => waitAt(waits, part))).toEqual([
      ...[1_000, 1_000, 2_000, 2_000],
      ...[64_000, 64_000],
    ]);
    expect(waitAt(after(1_100), 0.5)).toBe(1_414);
  });

  test('have a mean; of none there is neither', () => {
    expect(meanWaitMs(after(1_000, 3_000))).toBe(2_000);
    expect([meanWaitMs(noWaits), waitAt(noWaits, 0.5)]).toEqual([null, null]);
  });

  test('that their buckets do not have are none of them', () => {
    expect(waitAt({ count: 2, sumMs: 0, buckets: [1] }, 1)).toBeNull();
  });
});
