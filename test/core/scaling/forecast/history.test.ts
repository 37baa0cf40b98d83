// Demand over time: what is written when, what a gap means, and how it is kept in a few small records for 90 days.
import { describe, expect, test } from '@jest/globals';
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
const none = vcpu(0);

/** As a tick keeps it. */
function noted(before: DemandHistory, demand: Resources, nowMs: number): { history: DemandHistory; writes: number } {
  const one = withSample(before.open, demand, nowMs);
  if (one.kind === 'same') return { history: before, writes: 0 };
  if (one.kind === 'open') return { history: { ...before, open: one.open }, writes: 1 };
  const closed = closedHour(before, nowMs, 90);
  const next = withSample(closed.open, demand, nowMs);
  return { history: next.kind === 'open' ? { ...closed, open: next.open } : closed, writes: 4 };
}

function after(samples: readonly (readonly [number, Resources])[]): DemandHistory {
  return samples.reduce((history, [atMs, demand]) => noted(history, demand, start + atMs).history, emptyHistory);
}

const cpus = (history: DemandHistory, fromMs: number, count: number, stepMs: number): number[] =>
  valuesOf(history, start + fromMs, count, stepMs).map((one) => one.cpuMilli / 1000);

describe('a sample', () => {
  test('is written where it differs, and a quiet pool writes nothing', () => {
    expect(withSample(null, none, start)).toEqual({ kind: 'same', laterMs: null });
    const { open } = after([[minute, vcpu(3)]]);
    expect(withSample(open, vcpu(3), start + 20 * minute)).toEqual({ kind: 'same', laterMs: null });
    expect(withSample(open, vcpu(3), start + 20 * day)).toEqual({ kind: 'same', laterMs: null });
    expect(withSample(open, vcpu(4), start + 2 * minute).kind).toBe('open');
  });

  test('is the most of its minute; what is less comes with the next one', () => {
    const first = after([[minute, vcpu(3)]]);
    expect(withSample(first.open, vcpu(1), start + minute + 5_000)).toEqual({
      kind: 'same',
      laterMs: start + 2 * minute,
    });
    const higher = after([
      [minute, vcpu(3)],
      [minute + 9_000, vcpu(7)],
      [minute + 20_000, vcpu(2)],
      [2 * minute, vcpu(2)],
    ]);
    expect(cpus(higher, 0, 4, minute)).toEqual([0, 7, 2, 2]);
    // Each resource by itself.
    const mixed = withSample(first.open, { cpuMilli: 1000, memoryMib: 9_000, gpu: 0 }, start + minute + 1);
    expect(mixed).toMatchObject({ kind: 'open', laterMs: start + 2 * minute, open: { points: expect.any(Array) } });
  });

  test('of a clock that went back waits for its time', () => {
    const { open } = after([[10 * minute, vcpu(3)]]);
    expect(withSample(open, vcpu(5), start + 4 * minute)).toMatchObject({ laterMs: null, kind: 'open' });
    expect(withSample(open, vcpu(1), start + 4 * minute)).toEqual({ kind: 'same', laterMs: start + 11 * minute });
  });
});

describe('older parts', () => {
  test('a gap repeats the last sample, over hours and days', () => {
    const history = after([
      [5 * minute, vcpu(4)],
      [2 * day + 30 * minute, vcpu(8)],
      [2 * day + 3 * hour, none],
    ]);
    expect(cpus(history, 0, 10, minute)).toEqual([0, 0, 0, 0, 0, 4, 4, 4, 4, 4]);
    expect(cpus(history, day, 3, hour)).toEqual([4, 4, 4]);
    expect(cpus(history, 2 * day, 5, hour)).toEqual([6, 8, 8, 0, 0]);
    expect(knownFromMs(history)).toBe(start);
    expect(cpus(history, -hour, 2, 30 * minute)).toEqual([0, 0]);
  });

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
});
