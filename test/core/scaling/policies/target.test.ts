// Target tracking: the examples that the documentation of the Horizontal Pod Autoscaler gives, as a table, and its
// rules for metrics that are missing.
import { describe, expect, test } from '@jest/globals';
import { combined, scaledMax } from '../../../../lib/core/scaling/policies/policy.ts';
import type { Behaviour } from '../../../../lib/core/scaling/policies/rates.ts';
import { behaviourDefault, moved, movesMax, neverMoved } from '../../../../lib/core/scaling/policies/rates.ts';
import type { Metric } from '../../../../lib/core/scaling/policies/target.ts';
import { targetWish } from '../../../../lib/core/scaling/policies/target.ts';

const spec = { target: 100, tolerance: 0.1 };
const each = (...values: (number | null)[]): Metric => ({ kind: 'each', values });

describe('what is wanted', () => {
  test.each<[string, Metric | null, number, number | null]>([
    ['200m of 100m doubles', { kind: 'average', value: 200 }, 3, 6],
    ['50m of 100m halves', { kind: 'average', value: 50 }, 6, 3],
    ['and rounds up', { kind: 'average', value: 50 }, 5, 3],
    ['within the tolerance of a tenth it stays', { kind: 'average', value: 110 }, 5, 5],
    ['at its lower end, too', { kind: 'average', value: 90 }, 5, 5],
    ['beyond it, it moves', { kind: 'average', value: 111 }, 5, 6],
    ['a total is for all together', { kind: 'total', value: 1_000 }, 4, 10],
    ['from nothing, too', { kind: 'total', value: 250 }, 0, 3],
    ['to nothing', { kind: 'total', value: 0 }, 4, 0],
    ['an average of none says nothing', { kind: 'average', value: 0 }, 0, null],
    ['no data', null, 5, null],
    ['a metric that is no number', { kind: 'average', value: NaN }, 5, null],
    ['of each', each(300, 300, 300), 3, 9],
    ['nobody has told', each(null, null), 2, null],
    ['going out, who is silent is idle', each(300, 300, null), 3, 6],
    ['and may keep it where it is', each(140, 140, null), 3, 3],
    ['and never turns it round', each(150, null, null), 3, 3],
    ['going in, who is silent is as busy as wanted', each(10, 10, null, null), 4, 3],
    ['and may keep it where it is', each(80, null, null, null), 4, 4],
    ['who has just begun counts as idle when it goes out', { kind: 'each', values: [300, 300], notReady: 1 }, 3, 6],
    ['and may keep it where it is', { kind: 'each', values: [150], notReady: 1 }, 2, 2],
    ['and not at all when it goes in', { kind: 'each', values: [40, 40, 40], notReady: 3 }, 6, 2],
    ['within the tolerance it stays, though some have just begun', { ...each(100, 100), notReady: 3 } as Metric, 5, 5],
    ['and though an update runs one more meanwhile', each(95, 95, 95, 95, 95), 4, 4],
    ['those that told are multiplied', { kind: 'each', values: [300, 300] }, 9, 6],
  ])('%s', (_name, metric, current, wanted) => {
    expect(targetWish('target', spec, metric, current).wanted).toBe(wanted);
  });

  test('however small the target is, it is a number', () => {
    const tiny = { target: 1e-300, tolerance: 0.1 };
    const wishes = [0, 3].map((current) => targetWish('target', tiny, { kind: 'total', value: 1e12 }, current).wanted);
    expect(wishes).toEqual([scaledMax, scaledMax]);
  });

  test('the reason has the inputs', () => {
    expect(targetWish('target cpu', spec, each(300, null), 2).reason).toBe(
      'average 300 of 1, 1 without data, 0 not ready, target 100',
    );
  });
});

describe('several', () => {
  const scaled = { current: 5, min: 1, max: 10 };
  const wish = (wanted: number | null, policy = 'p'): { policy: string; wanted: number | null; reason: string } => ({
    policy,
    wanted,
    reason: 'r',
  });
  test.each([
    ['the largest wants out', [wish(3), wish(8), wish(6)], 8],
    ['all must agree to go in', [wish(3), wish(5)], 5],
    ['all agree: the largest of them', [wish(2), wish(3)], 3],
    ['one without data does not agree', [wish(2), wish(null)], 5],
    ['but keeps nobody from going out', [wish(7), wish(null)], 7],
    ['none has data', [wish(null)], 5],
    ['the bounds hold', [wish(40)], 10],
    ['both', [wish(0)], 1],
    ['no policies', [], 5],
  ])('%s', (_name, wishes, wanted) => {
    expect(combined(wishes, scaled).wanted).toBe(wanted);
  });

  test('a number out of its bounds goes there whatever has no data', () => {
    expect(combined([wish(null)], { current: 0, min: 2, max: 4 })).toMatchObject({ wanted: 2, by: null });
  });
});

/** The number after each look, every 15 seconds. */
function run(start: number, wanted: number, behaviour: Behaviour, looks: number, everyMs = 15_000): number[] {
  let [current, state] = [start, neverMoved];
  const seen: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const { next, moved: after } = moved(state, { current, wanted, nowMs: look * everyMs }, behaviour);
    [current, state] = [next, after];
    seen.push(current);
  }
  return seen;
}

describe('how fast', () => {
  const inRates = (select: 'max' | 'min' | 'disabled', ...policies: Behaviour['in']['policies']): Behaviour => ({
    ...behaviourDefault,
    in: { stabilisationMs: 0, select, policies },
  });
  const pods4 = { kind: 'count', value: 4, periodMs: 60_000 } as const;
  const percent10 = { kind: 'percent', value: 10, periodMs: 60_000 } as const;

  test('80 to 10: a tenth a minute while that is more than four, then four', () => {
    const seen = run(80, 10, inRates('max', pods4, percent10), 14, 60_000);
    expect(seen).toEqual([72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10]);
  });
  test('the period counts, not the look', () => {
    expect(run(80, 10, inRates('max', pods4, percent10), 6)).toEqual([72, 72, 72, 72, 64, 64]);
  });
  test('the least of both, and disabled', () => {
    expect(run(80, 10, inRates('min', pods4, percent10), 3, 60_000)).toEqual([76, 72, 68]);
    expect(run(80, 10, inRates('disabled'), 3)).toEqual([80, 80, 80]);
    expect(run(80, 10, inRates('max'), 1)).toEqual([10]);
  });
  test('a part of nothing is one: from none it goes out, too', () => {
    const double = { ...behaviourDefault, out: { ...behaviourDefault.out, policies: [percent10] } };
    expect(run(0, 5, double, 3, 60_000)).toEqual([1, 2, 3]);
  });
  test('out by default: doubled, or four more, each 15 seconds, at once', () => {
    expect(run(1, 40, behaviourDefault, 5)).toEqual([5, 10, 20, 40, 40]);
  });
  test('in by default: after five minutes of wishes for less, at once', () => {
    const seen = run(10, 2, behaviourDefault, 23);
    expect(seen.slice(0, 20)).toEqual(Array<number>(20).fill(10));
    expect(seen.slice(20)).toEqual([2, 2, 2]);
  });
  test('one wish for more in the window holds it', () => {
    let [current, state] = [10, neverMoved];
    for (let look = 0; look < 30; look += 1) {
      const wanted = look === 10 ? 9 : 2;
      const { next, moved: after } = moved(state, { current, wanted, nowMs: look * 15_000 }, behaviourDefault);
      [current, state] = [next, after];
      if (look === 20) expect(current).toBe(9);
    }
    expect(current).toBe(9);
  });
  test('a wish like the last one changes nothing that is remembered', () => {
    const first = moved(neverMoved, { current: 5, wanted: 3, nowMs: 0 }, behaviourDefault);
    const second = moved(first.moved, { current: 5, wanted: 3, nowMs: 15_000 }, behaviourDefault);
    expect(second.moved).toBe(first.moved);
  });
  test('what is remembered has a bound', () => {
    let [current, state] = [500, neverMoved];
    for (let look = 0; look < 500; look += 1) {
      const wanted = look % 2 === 0 ? 100 : 900 - look;
      const { next, moved: after } = moved(state, { current, wanted, nowMs: look * 100 }, behaviourDefault);
      [current, state] = [next, after];
      expect(Math.max(state.wishes.length, state.changes.length)).toBeLessThanOrEqual(movesMax);
    }
  });
});
