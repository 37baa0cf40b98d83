// The rolling back-test on made series: what it chooses, that it is never worse than the naive ones where that matters,
// and that it says nothing where it knows too little.
import { describe, expect, test } from '@jest/globals';
import { Rolling } from '../../../../lib/core/forecast/rolling.ts';

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
