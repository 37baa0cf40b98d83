// What is learned of a pool's history, and what is said of now with it.
import { describe, expect, test } from '@jest/globals';
import { closedHour, emptyHistory, withSample } from '../../../../lib/core/forecast/history.ts';
import type { DemandHistory } from '../../../../lib/core/forecast/history.ts';
import { grainOf, knownMsEnough, Learning } from '../../../../lib/core/forecast/learning.ts';
import type { Forecast } from '../../../../lib/core/forecast/learning.ts';
import type { Resources } from '../../../../lib/core/values/resources.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 2);
const lead = 60_000;
const { stepMs } = grainOf(lead);
const milli = (cpuMilli: number): Resources => ({ cpuMilli, memoryMib: cpuMilli, gpu: 0 });
/** 10 to 50 vCPU in a day. */
const daily = (atMs: number): number => 30_000 - Math.round(20_000 * Math.cos((2 * Math.PI * atMs) / dayMs));

function historyOf(untilMs: number, of: (atMs: number) => number): DemandHistory {
  let history = emptyHistory;
  for (let atMs = start; atMs < untilMs; atMs += stepMs) {
    const demand = milli(of(atMs + stepMs / 2));
    const noted = withSample(history.open, demand, atMs);
    if (noted.kind === 'open') history = { ...history, open: noted.open };
    if (noted.kind !== 'closed') continue;
    history = closedHour(history, atMs, 90);
    const next = withSample(history.open, demand, atMs);
    if (next.kind === 'open') history = { ...history, open: next.open };
  }
  return history;
}

function forecastOf(learning: Learning, nowMs: number, cpuMilli: number, quantile = 0.9): Forecast | null {
  const known = learning.at(nowMs, milli(cpuMilli), quantile, lead);
  return known.kind === 'forecast' ? known.forecast : null;
}

describe('a forecast', () => {
  const nowMs = start + 3 * dayMs + 6.5 * 3_600_000;
  const learned = (): Learning => new Learning(historyOf(nowMs, daily), nowMs, lead);

  test('of a daily cycle rises with the day, before demand does', () => {
    const found = forecastOf(learned(), nowMs, daily(nowMs));
    expect(found?.expectedMilli).toBeGreaterThan(daily(nowMs));
    expect(Math.abs((found?.expectedMilli ?? 0) - daily(nowMs + lead))).toBeLessThan(600);
    expect(found?.wantedMilli).toBeGreaterThanOrEqual(found?.expectedMilli ?? Infinity);
    expect(found?.lowMilli).toBeLessThanOrEqual(found?.expectedMilli ?? 0);
    expect(found?.errorMilli).toBeLessThanOrEqual(found?.naive.errorMilli ?? 0);
  });

  test('is larger at a larger quantile', () => {
    const learning = learned();
    const [at50, at99] = [0.5, 0.99].map((one) => forecastOf(learning, nowMs, daily(nowMs), one)?.wantedMilli ?? 0);
    expect(at99).toBeGreaterThanOrEqual(at50 ?? Infinity);
  });

  test('goes on with each step as if it were learned anew', () => {
    const earlyMs = start + 6.5 * 3_600_000;
    const laterMs = earlyMs + 3 * stepMs;
    const later = historyOf(laterMs, daily);
    const goesOn = new Learning(historyOf(earlyMs, daily), earlyMs, lead);
    expect(goesOn.isBehind(laterMs)).toBe(true);
    goesOn.goOn(later, laterMs);
    expect(goesOn.isBehind(laterMs)).toBe(false);
    expect(goesOn.scores()).toEqual(new Learning(later, laterMs, lead).scores());
  });
});

test('too little is known of a young pool, of one without demand, and where nothing was kept', () => {
  const nowMs = start + knownMsEnough - stepMs;
  const young = new Learning(historyOf(nowMs, daily), nowMs, lead);
  expect(young.at(nowMs, milli(1), 0.9, lead)).toEqual({ kind: 'too-little', knownMs: knownMsEnough - stepMs });
  expect(new Learning(emptyHistory, nowMs, lead).at(nowMs, milli(0), 0.9, lead)).toEqual({
    kind: 'too-little',
    knownMs: 0,
  });
});

test('another lead time, and twice as much as it began with, are learned anew', () => {
  const nowMs = start + 3 * 3_600_000;
  const learning = new Learning(historyOf(nowMs, daily), nowMs, lead);
  expect(learning.isFor(lead, nowMs)).toBe(true);
  expect(learning.isFor(stepMs + 1, nowMs) || learning.isFor(200_000, nowMs)).toBe(false);
  expect(learning.isFor(lead, nowMs + 40 * dayMs)).toBe(false);
  expect(learning.isFor(lead, nowMs - dayMs)).toBe(false);
});

describe('of demand that stays the same', () => {
  /** So much since the start, and one sample of it. */
  const steady = (cpuMilli: number): DemandHistory => {
    const noted = withSample(null, milli(cpuMilli), start);
    return noted.kind === 'open' ? { ...emptyHistory, open: noted.open } : emptyHistory;
  };
  const hours = (count: number): number => start + count * 3_600_000;

  test('it is the last value, and what is off now lasts', () => {
    const nowMs = hours(3);
    const found = new Learning(steady(10_000), nowMs, lead).at(nowMs, milli(12_000), 0.9, lead);
    const method = 'last-value';
    expect(found).toEqual({
      kind: 'forecast',
      forecast: {
        ...{ method, errorMilli: 0, naive: { method, errorMilli: 0 }, quantile: 0.9, leadMs: lead },
        ...{ expectedMilli: 12_000, wantedMilli: 12_000, lowMilli: 12_000 },
      },
    });
  });

  test('two hours are enough', () => {
    const kindOf = (nowMs: number) => new Learning(steady(10_000), nowMs, lead).at(nowMs, milli(1), 0.9, lead).kind;
    expect([kindOf(hours(2)), kindOf(hours(2) - 1)]).toEqual(['forecast', 'too-little']);
  });

  test('steps are of a minute, and of five where nodes boot for more than two and a half', () => {
    expect([grainOf(150_000).stepMs, grainOf(150_001).stepMs]).toEqual([60_000, 300_000]);
    const known = (leadMs: number, nowMs: number) =>
      new Learning(steady(1), nowMs, leadMs).at(nowMs, milli(1), 0.9, leadMs);
    expect(known(150_000, start + 599_999)).toEqual({ kind: 'too-little', knownMs: 540_000 });
    expect(known(150_001, start + 599_999)).toEqual({ kind: 'too-little', knownMs: 300_000 });
  });

  test('one is used for the same number of steps ahead, and is not behind before a step is over', () => {
    const learning = new Learning(steady(1), hours(1), lead);
    expect([60_000, 60_001, 120_000].map((leadMs) => learning.isFor(leadMs, hours(1)))).toEqual([true, false, false]);
    expect(learning.isFor(1, hours(1))).toBe(true);
    expect([learning.isBehind(hours(1) + stepMs - 1), learning.isBehind(hours(1) + stepMs)]).toEqual([false, true]);
    learning.goOn(steady(1), hours(1) + stepMs - 1);
    expect(learning.at(hours(1), milli(1), 0.9, lead)).toEqual({ kind: 'too-little', knownMs: 3_600_000 });
  });

  test('it is learned anew after twice as long as is looked back at', () => {
    const leadMs = 300_000;
    const learning = new Learning(steady(1), hours(1), leadMs);
    const most = start + 2 * 15 * dayMs;
    expect([learning.isFor(leadMs, most), learning.isFor(leadMs, most + leadMs)]).toEqual([true, false]);
    expect(() => {
      learning.goOn(steady(1), most + 2 * leadMs);
    }).toThrow('more steps are learned than may be');
  });
});

test('a rise is expected for its whole lead time: the most of it is what is wanted', () => {
  const nowMs = start + 4 * 3_600_000;
  const rising = (atMs: number): number => Math.round((atMs - start) / 1_000);
  const found = forecastOf(new Learning(historyOf(nowMs, rising), nowMs, lead), nowMs, rising(nowMs));
  expect(found?.method).toBe('smoothing-with-trend');
  // Sixty in a minute; a trend fades.
  expect(Math.abs((found?.expectedMilli ?? 0) - rising(nowMs + lead))).toBeLessThan(25);
  const falling = (atMs: number): number => 20_000 - rising(atMs);
  const after = forecastOf(new Learning(historyOf(nowMs, falling), nowMs, lead), nowMs, falling(nowMs));
  // It is at its most now.
  expect(after?.expectedMilli).toBe(falling(nowMs));
});
