// Progress of runs side by side: what is left falls while nothing is heard, and follows the work that was done.
import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../../lib/backtest/program/progress.ts';

describe('the time left', () => {
  test('is that of the work done over all runs', () => {
    const progress = new Progress(4, 1_000);
    expect(progress.text(1_000)).toBe('0 % of 4 runs, time left unknown');
    progress.set(0, 0.5, 11_000);
    progress.set(1, 0.5, 11_000);
    expect(progress.text(11_000)).toBe('25 % of 4 runs, 30 s left');
    progress.set(0, 1, 21_000);
    progress.set(1, 1, 21_000);
    expect(progress.text(21_000)).toBe('50 % of 4 runs, 20 s left');
    progress.set(2, 0.2, 301_000);
    expect(progress.text(301_000)).toBe('55 % of 4 runs, 4.1 minutes left');
  });

  test('runs down while an oracle says nothing, and does not grow', () => {
    const progress = new Progress(2, 0);
    progress.set(0, 1, 10_000);
    expect([10_000, 15_000, 19_000, 20_000, 600_000].map((nowMs) => progress.text(nowMs))).toEqual([
      '50 % of 2 runs, 10 s left',
      '50 % of 2 runs, 5 s left',
      '50 % of 2 runs, 1 s left',
      '50 % of 2 runs, longer than was foreseen',
      '50 % of 2 runs, longer than was foreseen',
    ]);
    // What is said again is no work.
    progress.set(0, 1, 700_000);
    expect(progress.text(700_000)).toBe('50 % of 2 runs, longer than was foreseen');
    progress.set(1, 1, 700_000);
    expect(() => progress.set(2, 1, 0)).toThrow('run 2 cannot be done');
  });
});
