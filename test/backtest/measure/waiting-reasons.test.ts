// What tasks waited for, by hand.
import { expect, test } from '@jest/globals';
import { WaitingReasons } from '../../../lib/backtest/measure/waiting-reasons.ts';
import type { WhyEntry } from '../../../lib/core/plan/plan.ts';

const entry = (code: string, message: string): WhyEntry => ({ code, message, nextTryAtMs: null, excluded: [] });

test('a code counts while any shape of a pool waits for it, pools by themselves, up to the end', () => {
  const reasons = new WaitingReasons();
  reasons.set('a', { byShape: { x: entry('limits', 'first'), y: entry('limits', 'second') } }, 1_000);
  reasons.set('b', { byShape: { x: entry('limits', 'third') } }, 2_000);
  reasons.set('a', { byShape: { x: entry('shortage', 'none') } }, 4_000);
  reasons.set('b', { byShape: {} }, 7_000);
  reasons.end(9_500);
  reasons.end(20_000);
  expect(reasons.result).toEqual({
    limits: { seconds: 3 + 5, example: 'first' },
    shortage: { seconds: 5.5, example: 'none' },
  });
});
