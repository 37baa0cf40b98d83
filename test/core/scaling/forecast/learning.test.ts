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
  const nowMs = start + 5 * dayMs + 6.5 * 3_600_000;
  const learning = new Learning(historyOf(nowMs, daily), nowMs, lead);

  test('of a daily cycle rises with the day, before demand does', () => {
    const found = forecastOf(learning, nowMs, daily(nowMs));
    expect(found?.expectedMilli).toBeGreaterThan(daily(nowMs));
    expect(Math.abs((found?.expectedMilli ?? 0) - daily(nowMs + lead))).toBeLessThan(600);
    expect(found?.wantedMilli).toBeGreaterThanOrEqual(found?.expectedMilli ?? Infinity);
    expect(found?.lowMilli).toBeLessThanOrEqual(found?.expectedMilli ?? 0);
    expect(found?.errorMilli).toBeLessThanOrEqual(found?.naive.errorMilli ?? 0);
  });

  test('is larger at a larger quantile', () => {
    const [at50, at99] = [0.5, 0.99].map((one) => forecastOf(learning, nowMs, daily(nowMs), one)?.wantedMilli ?? 0);
    expect(at99).toBeGreaterThanOrEqual(at50 ?? Infinity);
  });

  test('goes on with each step as if it were learned anew', () => {
    const laterMs = nowMs + 3 * stepMs;
    const later = historyOf(laterMs, daily);
    const goesOn = new Learning(historyOf(nowMs, daily), nowMs, lead);
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
  const nowMs = start + 2 * dayMs;
  const learning = new Learning(historyOf(nowMs, daily), nowMs, lead);
  expect(learning.isFor(lead, nowMs)).toBe(true);
  expect(learning.isFor(stepMs + 1, nowMs) || learning.isFor(200_000, nowMs)).toBe(false);
  expect(learning.isFor(lead, nowMs + 40 * dayMs)).toBe(false);
  expect(learning.isFor(lead, nowMs - dayMs)).toBe(false);
});
