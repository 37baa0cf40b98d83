// Survival curves: the prior, what ends make of it, and predictions by age.
import { describe, expect, test } from '@jest/globals';
import { bucketCount, bucketOf, longestOfMs, priorSurvival } from '../../../lib/core/lifetimes/survival.ts';

const second = 1_000;
const minute = 60_000;

/** So many ends that lasted this long. */
function counts(...of: readonly (readonly [lastedMs: number, ends: number])[]): number[] {
  const all = new Array<number>(bucketCount).fill(0);
  for (const [lastedMs, ends] of of) all[bucketOf(lastedMs)] = ends;
  return all;
}

describe('buckets', () => {
  test('grow by half an octave from a second on, and the last takes the rest', () => {
    expect([0, 999, 1_000, 1_414, 1_415, 2_000, 4_000].map(bucketOf)).toEqual([0, 0, 1, 1, 2, 3, 5]);
    expect(bucketOf(400 * 86_400_000)).toBe(bucketCount - 1);
  });
});

describe('before anything has ended', () => {
  test('half end within two minutes, and who has run for long goes on for about as long', () => {
    expect(priorSurvival.quantileMs(0.5)).toBeCloseTo(2 * minute, -4);
    const hour = 60 * minute;
    expect(priorSurvival.endsWithin(hour, hour)).toBeCloseTo(0.49, 1);
    expect(priorSurvival.remainingMs(hour)).toBeGreaterThan(priorSurvival.remainingMs(minute));
  });
});

describe('with ends', () => {
  test('many tell how long the next one lasts, whatever the prior says', () => {
    const survival = priorSurvival.refinedBy(counts([30 * second, 500]));
    expect(survival.quantileMs(0.5)).toBeGreaterThan(20 * second);
    expect(survival.quantileMs(0.5)).toBeLessThan(40 * second);
    expect(survival.endsWithin(0, 10 * second)).toBeLessThan(0.02);
    expect(survival.endsWithin(0, minute)).toBeGreaterThan(0.97);
  });

  test('few hardly move it', () => {
    const survival = priorSurvival.refinedBy(counts([30 * second, 1]));
    expect(survival.quantileMs(0.5) / priorSurvival.quantileMs(0.5)).toBeGreaterThan(0.8);
  });

  test('a task that outlived the short ones is predicted as one of the long ones', () => {
    const survival = priorSurvival.refinedBy(counts([10 * second, 400], [60 * minute, 100]));
    expect(survival.endsWithin(0, 15 * second)).toBeGreaterThan(0.7);
    expect(survival.endsWithin(5 * minute, 15 * second)).toBeLessThan(0.02);
    expect(survival.remainingMs(5 * minute)).toBeGreaterThan(40 * minute);
    expect(survival.remainingMs(5 * minute)).toBeGreaterThan(2 * survival.remainingMs(0));
  });

  test('those that still run at a great age count as having reached it', () => {
    const ended = counts([minute, 100]);
    const running = counts([120 * minute, 20]);
    expect(priorSurvival.refinedBy(ended).aliveAt(10 * minute)).toBeLessThan(0.05);
    const survival = priorSurvival.refinedBy(ended, running);
    expect(survival.aliveAt(10 * minute)).toBeGreaterThan(0.12);
    expect(survival.aliveAt(10 * minute)).toBeLessThan(20 / 120);
    expect(survival.quantileMs(0.9)).toBeGreaterThan(30 * minute);
    // Who has just begun says nothing.
    const young = priorSurvival.refinedBy(ended, counts([5 * second, 400]));
    expect(young.aliveAt(10 * minute)).toBeLessThan(0.06);
  });

  test('it never rises and never predicts less than nothing, at any age', () => {
    const survival = priorSurvival.refinedBy(counts([second, 5], [40 * second, 60], [minute * 7, 3]));
    let before = 1;
    for (let ms = 0; ms < 40 * 86_400_000; ms = ms * 1.3 + 500) {
      const alive = survival.aliveAt(ms);
      expect(alive).toBeLessThanOrEqual(before);
      expect(survival.remainingMs(ms)).toBeGreaterThanOrEqual(0);
      expect(survival.endsWithin(ms, minute)).toBeGreaterThanOrEqual(0);
      before = alive;
    }
  });
});

describe('the longest of many', () => {
  test('lasts hardly longer where all are alike, and far longer where lives are heavy-tailed', () => {
    const alike = priorSurvival.refinedBy(counts([10 * minute, 100_000]));
    expect(longestOfMs((ms) => alike.aliveAt(ms), 1)).toBeCloseTo(alike.remainingMs(0), -3);
    expect(longestOfMs((ms) => alike.aliveAt(ms), 16) / longestOfMs((ms) => alike.aliveAt(ms), 1)).toBeLessThan(1.3);
    expect(
      longestOfMs((ms) => priorSurvival.aliveAt(ms), 16) / longestOfMs((ms) => priorSurvival.aliveAt(ms), 1),
    ).toBeGreaterThan(5);
  });
});
