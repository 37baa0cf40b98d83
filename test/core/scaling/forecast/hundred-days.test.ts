// The history of demand over a hundred days: that it stays small, and what is known of each day then.
import { expect, test } from '@jest/globals';
import type { DemandHistory } from '../../../../lib/core/forecast/history.ts';
import {
  closedHour,
  emptyHistory,
  historyLevels,
  knownFromMs,
  valuesOf,
  withSample,
} from '../../../../lib/core/forecast/history.ts';
import type { Resources } from '../../../../lib/core/values/resources.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 2);
const vcpu = (count: number): Resources => ({ cpuMilli: count * 1000, memoryMib: count * 2048, gpu: 0 });

/** As a tick keeps it. */
function noted(before: DemandHistory, demand: Resources, nowMs: number): { history: DemandHistory; writes: number } {
  const one = withSample(before.open, demand, nowMs);
  if (one.kind === 'same') return { history: before, writes: 0 };
  if (one.kind === 'open') return { history: { ...before, open: one.open }, writes: 1 };
  const closed = closedHour(before, nowMs, 90);
  const next = withSample(closed.open, demand, nowMs);
  return { history: next.kind === 'open' ? { ...closed, open: next.open } : closed, writes: 4 };
}

const cpus = (history: DemandHistory, fromMs: number, count: number, stepMs: number): number[] =>
  valuesOf(history, start + fromMs, count, stepMs).map((one) => one.cpuMilli / 1000);

test('100 days of change fit into four records of less than the half of what a store takes', () => {
  let history: DemandHistory = emptyHistory;
  let writes = 0;
  let samples = 0;
  // Another value with each step of what keeps it: of five minutes, and in the last four days of one.
  const stepOf = (at: number): number => (at < 96 * 1_440 ? 5 : 1);
  const noise = (at: number): number => 50 + Math.round(40 * Math.sin((2 * Math.PI * at) / 1_440)) + ((at * 7) % 11);
  const curve = (at: number): number => noise(at - (at % stepOf(at)));
  for (let at = 0; at < 100 * 1_440; at += stepOf(at)) {
    const next = noted(history, vcpu(curve(at)), start + at * minute);
    history = next.history;
    writes += next.writes;
    samples += 1;
  }
  for (const level of historyLevels) expect(JSON.stringify(history[level]).length).toBeLessThan(200 * 1_024);
  expect(writes / samples).toBeLessThan(1.3);
  const end = 100 * day;
  // Exact by the minute, means by five minutes and by the hour, and nothing before 90 days.
  const exact = Array.from({ length: 60 }, (_, at) => curve(100 * 1_440 - 60 + at));
  expect(cpus(history, end - hour, 60, minute)).toEqual(exact);
  const mean = (at: number, count: number): number =>
    Array.from({ length: count }, (_, i) => curve(at + i)).reduce((a, b) => a + b, 0) / count;
  expect(cpus(history, end - 20 * day, 1, 5 * minute)[0]).toBeCloseTo(mean(80 * 1_440, 5), 3);
  expect(cpus(history, end - 60 * day, 1, hour)[0]).toBeCloseTo(mean(40 * 1_440, 60), 3);
  expect((knownFromMs(history) ?? 0) - start).toBe(9 * day);
});
