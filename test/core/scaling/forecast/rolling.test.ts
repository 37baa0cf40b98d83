// The rolling back-test on made series: what it chooses, that it is never worse than the naive ones where that matters,
// and that it says nothing where it knows too little.
import { describe, expect, test } from '@jest/globals';
import type { Base } from '../../../../lib/core/forecast/methods.ts';
import { Judged, Rolling } from '../../../../lib/core/forecast/rolling.ts';

const day = 48;

/** The same numbers each time, 0 to 1. */
function noise(at: number): number {
  return ((at * 7_919 + ((at * at) % 8_191) * 31) % 1_009) / 1_009;
}

function errors(values: readonly number[], ahead = 1): { chosen: number; of: (name: string) => number; last: string } {
  const rolling = new Rolling(values, day, ahead);
  const sums = new Map<string, number>();
  const add = (name: string, said: number | undefined, actual: number): void => {
    sums.set(name, (sums.get(name) ?? 0) + Math.abs((said ?? 0) - actual));
  };
  let last = '';
  for (let at = 0; at < values.length - ahead; at += 1) {
    rolling.learn(at);
    if (at < 7 * day) continue;
    const said = rolling.predictions(at);
    last = rolling.best()?.chosen.base.name ?? '';
    for (const [name, one] of said) add(name, one, values[at + ahead] ?? 0);
    add('chosen', said.get(last), values[at + ahead] ?? 0);
  }
  return { chosen: sums.get('chosen') ?? 0, of: (name) => sums.get(name) ?? 0, last };
}

const daily = (at: number): number => 50 + 40 * Math.sin((2 * Math.PI * at) / day);
const make = (of: (at: number) => number, days = 21): number[] => Array.from({ length: days * day }, (_, at) => of(at));

describe('what is chosen', () => {
  test('a daily cycle with noise: a seasonal method, far better than the last value and the day before', () => {
    const { chosen, of, last } = errors(make((at) => daily(at) + 10 * noise(at)));
    expect(last).toBe('seasonal-median-day');
    expect(chosen).toBeLessThan(0.8 * of('last-value'));
    expect(chosen).toBeLessThan(0.85 * of('seasonal-naive-day'));
  });
  test('quiet weekends: the week', () => {
    const { last } = errors(make((at) => (Math.floor(at / day) % 7 < 5 ? daily(at) : 5) + 4 * noise(at), 42));
    expect(last).toContain('week');
  });
  test('noise around a level: the level', () => {
    const { chosen, of } = errors(make((at) => 20 + 10 * noise(at)));
    expect(chosen).toBeLessThan(0.85 * of('last-value'));
    expect(chosen).toBeLessThan(0.85 * of('seasonal-naive-day'));
  });
  test('a walk: nothing is better than the last value, and what is chosen is hardly worse', () => {
    let value = 1_000;
    const { chosen, of } = errors(make((at) => (value += Math.round(10 * (noise(at) - 0.5)))));
    expect(chosen).toBeLessThan(1.05 * of('last-value'));
  });
  test('a cycle that ends: the naive ones do not stay behind for long', () => {
    const { chosen, of } = errors(make((at) => (at < 10 * day ? daily(at) : 20 + noise(at))));
    expect(chosen).toBeLessThan(1.02 * of('last-value'));
  });
  test('too little is known: nothing', () => {
    const rolling = new Rolling([1, 2, 3, 4, 5, 6], day, 1);
    for (let at = 0; at < 6; at += 1) rolling.learn(at);
    expect(rolling.best()).toBeNull();
  });
});

/** One method, judged by itself. */
function judged(values: readonly number[], base: Partial<Base> = {}, ahead = 1, dayLength = day): Judged {
  return new Judged(() => ({ name: 'own', lasts: null, at: () => 0, ...base }), values, dayLength, ahead);
}

describe('how much of what is off lasts', () => {
  const after = (values: readonly number[], base: Partial<Base> = {}, ahead = 1, dayLength = day): number => {
    const one = judged(values, base, ahead, dayLength);
    for (const at of values.keys()) one.learn(at);
    return one.lasts();
  };

  test('is what the method says, or all of it until something was off', () => {
    expect([after([10, 5], { lasts: 0.25 }), after([]), after([0, 7])]).toEqual([0.25, 1, 1]);
    // Usual is what it knows of then, and of now.
    expect(after([10, 5], { at: () => null })).toBe(1);
    expect(after([10, 5], { at: (at, known) => (at > known ? null : 0) })).toBe(1);
  });

  test('is the part that was left a lead time later, above or below what is usual', () => {
    expect(after([10, 5])).toBe(0.5);
    expect(after([10, 15], { at: () => 20 })).toBe(0.5);
    expect(after([10, 2, 4], {}, 2)).toBe(0.4);
    expect(after([10, 30])).toBe(1);
    expect(after([10, 0], { at: () => 5 })).toBe(0);
  });

  test('weighs what was lately more: a day ago counts for a third', () => {
    const keeps = 1 - 1 / day;
    expect(after([10, 5, 5])).toBeCloseTo((5 * keeps + 5) / (10 * keeps + 5), 12);
    const short = 1 - 1 / 24;
    expect(after([10, 5, 5], {}, 1, 4)).toBeCloseTo((5 * short + 5) / (10 * short + 5), 12);
  });
});

describe('what a method says', () => {
  const tens: Partial<Base> = { at: (at) => 10 * at, lasts: 0.5 };

  test('of a lead time ahead is what is usual then and what lasts of now, never below nothing', () => {
    expect(judged([0, 0, 26], tens, 3).predict(2)).toBe(50 + 0.5 * (26 - 20));
    expect(judged([0, 0, 0], { at: (at) => (at > 2 ? 0 : 90), lasts: 1 }).predict(2)).toBe(0);
    expect(judged([1], { at: () => null }).predict(0)).toBeNull();
    expect(judged([1], { at: (at) => (at > 0 ? null : 1) }).predict(0)).toBeNull();
    expect(judged([1], { at: (at) => (at > 0 ? 1 : null) }).predict(0)).toBeNull();
  });

  test('between steps is between them', () => {
    const steep: Partial<Base> = { at: (at) => (at > 2 ? 100 : 0), lasts: 1 };
    expect(judged([], steep).expectedAt(2.25, 2, 2, 7)).toBe(25 + 7);
    expect(judged([], tens).expectedAt(3, 2, 2, 26)).toBe(33);
    expect(judged([], { at: () => null, lasts: 1 }).expectedAt(3, 2, 2, 26)).toBe(26);
    expect(judged([], { at: (at) => 100 - 50 * at, lasts: 1 }).expectedAt(4, 2, 2, 0)).toBe(0);
  });
});

describe('how far off it was', () => {
  /** Said of each step, and what came. */
  const off = (...pairs: readonly (readonly [said: number, came: number])[]): Judged => {
    const one = judged(pairs.map(([, came]) => came));
    for (const [at, [said]] of pairs.entries()) {
      one.said.set(at, said);
      one.learn(at);
    }
    return one;
  };

  test('is the mean of the differences, what was lately more', () => {
    const keeps = 1 - 1 / day;
    const one = off([8, 10], [10, 6]);
    expect([one.steps, one.said.size]).toEqual([2, 0]);
    expect(one.meanError()).toBeCloseTo((2 * keeps + 4) / (keeps + 1), 12);
    const nothing = judged([5]);
    nothing.learn(0);
    expect([nothing.meanError(), nothing.steps]).toEqual([0, 0]);
  });

  test('in a share of the cases, by the square root of what was said', () => {
    const one = off([100, 90], [100, 120], [100, 105]);
    expect([0, 0.33, 0.34, 0.66, 0.67, 1].map((share) => Math.round(one.offAt(share, 100)))).toEqual([
      -10, -10, 5, 5, 20, 20,
    ]);
    // Four times as much is twice as far off; below one vCPU it is as far off as there.
    expect(one.offAt(1, 4_000)).toBeCloseTo(40, 9);
    expect(one.offAt(1, 1_000)).toBeCloseTo(20, 9);
    expect(off([4_000, 4_040]).offAt(1, 1_000)).toBeCloseTo(20, 9);
    expect(off().offAt(1, 100)).toBe(0);
  });

  test('of the last 576 steps', () => {
    const steady = Array.from({ length: 575 }, () => [100, 100] as const);
    expect(off([100, 900], ...steady).offAt(1, 100)).toBeCloseTo(800, 9);
    expect(off([100, 900], ...steady, [100, 100]).offAt(1, 100)).toBe(0);
  });
});

describe('the best', () => {
  const learned = (values: readonly number[], dayLength: number, ahead = 1): Rolling => {
    const rolling = new Rolling(values, dayLength, ahead);
    for (const at of values.keys()) rolling.learn(at);
    return rolling;
  };
  const steady = (count: number) => Array.from({ length: count }, () => 10);

  test('is none before a twelfth step was judged, or the 24th part of a day', () => {
    expect([learned(steady(12), day).best(), learned(steady(20), 480).best()]).toEqual([null, null]);
    expect(learned(steady(13), day).best()?.chosen.base.name).toBe('last-value');
    expect(learned(steady(21), 480).best()?.naive.base.name).toBe('last-value');
    expect(learned(steady(13), day, 2).best()).toBeNull();
  });

  test('of equals is the first, and the naive one is named beside it', () => {
    const saw = Array.from({ length: 13 * 48 }, (_, at) => (at % 2 === 0 ? 10 : 20));
    const best = learned(saw, day).best();
    expect([best?.chosen.base.name, best?.naive.base.name]).toEqual(['seasonal-naive-day', 'seasonal-naive-day']);
  });

  test('scores say of each how many steps it was judged by', () => {
    const scores = learned(steady(6), 2).scores();
    expect(scores.map(({ name, isNaive, steps }) => [name, isNaive, steps]).slice(0, 3)).toEqual([
      ['last-value', true, 5],
      ['seasonal-naive-day', true, 3],
      ['seasonal-naive-week', true, 0],
    ]);
    expect(scores.filter(({ isNaive }) => isNaive)).toHaveLength(3);
    expect(scores.map(({ error }) => error)).toEqual(scores.map(() => 0));
  });

  test('says of the step a lead time after the last, and of no other', () => {
    const rolling = learned([1, 2, 3], day, 2);
    expect(rolling.predictions(2).get('last-value')).toBe(3);
    expect(rolling.predictions(3).get('last-value')).toBeUndefined();
    expect(rolling.predictions(2).has('seasonal-naive-day')).toBe(false);
  });
});
