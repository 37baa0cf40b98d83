// What a request is told before it runs: how long its tasks last, when the last one ends, how long they run in all.
import { describe, expect, test } from '@jest/globals';
import type { Lifetimes } from '../../../lib/core/lifetimes/learned.ts';
import { allTasks } from '../../../lib/core/lifetimes/learned.ts';
import { lastEndMs, lastingOf, oddsOf, togetherMs } from '../../../lib/core/lifetimes/quoted.ts';
import { bucketOf, priorSurvival } from '../../../lib/core/lifetimes/survival.ts';

const asked = { classes: [allTasks, 'tenant|t'], expectedDurationMs: null, timeoutMs: null };

/** All that ended lasted about ten minutes. */
function learned(ends: number): Lifetimes {
  const counts = Array.from({ length: bucketOf(600_000) + 1 }, (_, at) => (at === bucketOf(600_000) ? ends : 0));
  return { classes: { [allTasks]: counts, 'tenant|t': counts }, learnedAtMs: 0 };
}

describe('how long a task lasts', () => {
  test('is as it says, whatever was learned', () => {
    const lasting = lastingOf({ ...asked, expectedDurationMs: 90_000 }, learned(500));
    expect([lasting.basis, lasting.quantileMs(0.5), lasting.quantileMs(0.9), lasting.meanMs]).toEqual([
      'declared',
      90_000,
      90_000,
      90_000,
    ]);
  });

  test('is as tasks usually last, where too few have ended', () => {
    const lasting = lastingOf(asked, undefined);
    expect([lasting.basis, lasting.ends, lasting.quantileMs(0.5)]).toEqual(['prior', 0, priorSurvival.quantileMs(0.5)]);
    expect(lastingOf(asked, learned(19)).basis).toBe('prior');
  });

  test('is learned from enough ends', () => {
    const { basis, ends, quantileMs } = lastingOf(asked, learned(500));
    expect([basis, ends]).toEqual(['learned', 500]);
    expect(quantileMs(0.5)).toBeGreaterThan(400_000);
    expect(quantileMs(0.9)).toBeLessThan(1_000_000);
  });

  test('is never longer than its timeout', () => {
    const { quantileMs, meanMs } = lastingOf({ ...asked, timeoutMs: 30_000 }, undefined);
    expect([quantileMs(0.9), meanMs]).toEqual([30_000, 30_000]);
  });
});

describe('many tasks', () => {
  const lasting = lastingOf(asked, undefined);

  test('are done when the longest is: later than one of them', () => {
    expect(lastEndMs(lasting, 1)).toEqual({ p50: lasting.quantileMs(0.5), p90: lasting.quantileMs(0.9) });
    expect(lastEndMs(lasting, 10).p50).toBeCloseTo(lasting.quantileMs(0.5 ** 0.1), 6);
    expect(lastEndMs(lasting, 10).p50).toBeGreaterThan(lasting.quantileMs(0.9));
  });

  test('run as long as their mean says, each', () => {
    const { p50, p90 } = togetherMs(lasting, 100);
    expect(p50).toBe(100 * lasting.meanMs);
    expect(p90 - p50).toBeCloseTo(10 * (lasting.quantileMs(0.9) - lasting.quantileMs(0.5)), 6);
    expect(togetherMs(lasting, 1)).toEqual({ p50: lasting.quantileMs(0.5), p90: lasting.quantileMs(0.9) });
  });

  test('that say how long they last have no odds', () => {
    const sure = lastingOf({ ...asked, expectedDurationMs: 1_000 }, undefined);
    expect([togetherMs(sure, 7), lastEndMs(sure, 7)]).toEqual([
      { p50: 7_000, p90: 7_000 },
      { p50: 1_000, p90: 1_000 },
    ]);
  });
});

test('odds of what was seen', () => {
  expect(oddsOf([])).toBeNull();
  expect(oddsOf([7])).toEqual({ p50: 7, p90: 7 });
  expect(oddsOf([10, 2, 1, 3, 4, 5, 6, 7, 8, 9])).toEqual({ p50: 6, p90: 10 });
});
