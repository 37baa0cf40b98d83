// Demand over time: what is written when, what a gap means, and how it is kept in a few small records for 90 days.
import { describe, expect, test } from '@jest/globals';
import type { DemandHistory } from '../../../../lib/core/forecast/history.ts';
import {
  closedHour,
  emptyHistory,
  knownFromMs,
  lastDemand,
  valuesMax,
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
    expect(withSample(open, vcpu(4), start + 5 * minute)).toMatchObject({ open: { to: minutes + 6 }, laterMs: null });
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
});

// Slots of the first day.
const [minutes, fives, hours] = [start / minute, start / (5 * minute), start / hour];
const anyHour = { from: minutes, to: minutes + 31, points: [0, 0, 0, 0, 30, 6_000, 1, 2] };

describe('the open hour', () => {
  test('begins with what was before, unless its first minute has the first sample', () => {
    expect(withSample(null, vcpu(3), start + 2 * minute + 1)).toEqual({
      kind: 'open',
      open: { from: minutes, to: minutes + 3, points: [0, 0, 0, 0, 2, 3_000, 6_144, 0] },
      laterMs: null,
    });
    expect(withSample(null, vcpu(3), start + hour)).toMatchObject({
      open: { from: minutes + 60, to: minutes + 61, points: [0, 3_000, 6_144, 0] },
    });
  });

  test('is closed by the first change of another hour, and by no repetition', () => {
    expect(withSample(anyHour, none, start + hour)).toEqual({ kind: 'closed' });
    expect(withSample(anyHour, none, start + hour - 1).kind).toBe('open');
    const same = { cpuMilli: 6_000, memoryMib: 1, gpu: 2 };
    expect(withSample(anyHour, same, start + 2 * hour)).toEqual({ kind: 'same', laterMs: null });
  });

  test('has no second point for what was so before, nor two of one minute', () => {
    const open = { from: minutes, to: minutes + 3, points: [1, 5_000, 0, 0, 2, 2_000, 0, 0] };
    const noted = (cpuMilli: number) =>
      withSample(open, { cpuMilli, memoryMib: 0, gpu: 0 }, start + 2 * minute + 30_000);
    expect(noted(5_000)).toMatchObject({ open: { to: minutes + 3, points: [1, 5_000, 0, 0] }, laterMs: null });
    expect(noted(4_000)).toMatchObject({ open: { points: [1, 5_000, 0, 0, 2, 4_000, 0, 0] } });
    expect(noted(1_000)).toEqual({ kind: 'same', laterMs: start + 3 * minute });
  });

  test.each([
    [{ cpuMilli: 2, memoryMib: 0, gpu: 0 }, [2, 1, 1]],
    [{ cpuMilli: 0, memoryMib: 2, gpu: 0 }, [1, 2, 1]],
    [{ cpuMilli: 0, memoryMib: 0, gpu: 2 }, [1, 1, 2]],
  ])('keeps the most of each resource: %j', (demand, most) => {
    const open = { from: minutes, to: minutes + 1, points: [0, 1, 1, 1] };
    expect(withSample(open, demand, start + 9_000)).toEqual({
      kind: 'open',
      open: { ...open, points: [0, ...most] },
      laterMs: start + minute,
    });
  });

  test('says what was wanted last', () => {
    expect(lastDemand({ open: anyHour })).toEqual({ cpuMilli: 6_000, memoryMib: 1, gpu: 2 });
    expect(lastDemand(emptyHistory)).toEqual(none);
  });
});

describe('an hour that is over', () => {
  test('goes to the minutes, and the next one begins as it ended', () => {
    expect(closedHour({ ...emptyHistory, open: anyHour }, start + hour + 5 * minute, 90)).toEqual({
      open: { from: minutes + 60, to: minutes + 60, points: [0, 6_000, 1, 2] },
      minutes: { ...anyHour, to: minutes + 60 },
      fives: null,
      hours: null,
    });
    expect(() => closedHour(emptyHistory, start, 90)).toThrow('an hour is closed that is not open');
  });

  test('goes with its day to the means of five minutes and of hours', () => {
    const first = closedHour({ ...emptyHistory, open: anyHour }, start + hour, 90);
    const open = { from: minutes + 60, to: minutes + 71, points: [0, 6_000, 1, 2, 10, 0, 0, 0] };
    expect(closedHour({ ...first, open }, start + day + 10 * minute, 90)).toEqual({
      open: { from: minutes + 1_440, to: minutes + 1_440, points: [0, 0, 0, 0] },
      minutes: { from: minutes, to: minutes + 1_440, points: [...anyHour.points, 70, 0, 0, 0] },
      fives: { from: fives, to: fives + 288, points: [0, 0, 0, 0, 6, 6_000, 1, 2, 14, 0, 0, 0] },
      hours: { from: hours, to: hours + 24, points: [0, 3_000, 1, 1, 1, 1_000, 0, 0, 2, 0, 0, 0] },
    });
  });

  test('goes on where the coarser ones ended, with no second point for the same', () => {
    const before = {
      minutes: { from: minutes - 1_440, to: minutes, points: [0, 6_000, 1, 2] },
      fives: { from: fives - 300, to: fives - 288, points: [0, 6_000, 1, 2] },
      hours: { from: hours - 30, to: hours - 24, points: [0, 4_000, 1, 2] },
    };
    const open = { from: minutes - 60, to: minutes - 50, points: [0, 6_000, 1, 2, 10, 0, 0, 0] };
    const closed = closedHour({ ...before, open }, start, 90);
    expect(closed.fives).toEqual({ ...before.fives, to: fives, points: [0, 6_000, 1, 2, 290, 0, 0, 0] });
    expect(closed.hours).toEqual({
      ...before.hours,
      to: hours,
      points: [0, 4_000, 1, 2, 6, 6_000, 1, 2, 29, 1_000, 0, 0],
    });
  });

  test('forgets what is older than is kept: three days, four weeks, and as many days as the pool says', () => {
    const history = {
      open: { from: minutes - 60, to: minutes, points: [0, 4, 4, 4] },
      minutes: { from: minutes - 5_820, to: minutes - 60, points: [0, 1, 1, 1, 1_500, 2, 2, 2, 1_501, 3, 3, 3] },
      fives: { from: fives - 30 * 288, to: fives, points: [0, 1, 1, 1, 2 * 288 + 3, 2, 2, 2] },
      hours: { from: hours - 12 * 24, to: hours, points: [0, 1, 1, 1, 12, 5, 5, 5, 100, 6, 6, 6, 101, 7, 7, 7] },
    };
    const closed = closedHour(history, start, 10);
    expect(closed.minutes).toEqual({
      from: minutes - 4_320,
      to: minutes,
      points: [0, 2, 2, 2, 1, 3, 3, 3, 5_760 - 1_500, 4, 4, 4],
    });
    expect(closed.fives).toEqual({ from: fives - 28 * 288, to: fives, points: [0, 1, 1, 1, 3, 2, 2, 2] });
    expect(closed.hours).toEqual({
      from: hours - 240,
      to: hours,
      points: [0, 5, 5, 5, 100 - 48, 6, 6, 6, 101 - 48, 7, 7, 7],
    });
    expect(closedHour(history, start, 12).hours).toEqual(history.hours);
  });

  test('keeps no curve with more points than slots', () => {
    const withPoints = (points: readonly number[]) => () =>
      closedHour({ ...emptyHistory, open: anyHour, fives: { from: fives - 1, to: fives, points } }, start + hour, 90);
    expect(withPoints([0, 1, 1, 1, 1, 2, 2, 2])).not.toThrow();
    expect(withPoints([0, 1, 1, 1, 0, 2, 2, 2, 1, 3, 3, 3])).toThrow('a curve has more points than slots');
  });
});

describe('values', () => {
  const curve = (from: number, cpuMilli: number, later: number) => ({
    from,
    to: from + 1,
    points: [0, cpuMilli, cpuMilli, 1, 1, later, later, 0],
  });
  const history = {
    open: curve(minutes + 60, 5_000, 6_000),
    minutes: curve(minutes + 30, 4_000, 4_500),
    fives: curve(fives + 2, 2_000, 3_000),
    hours: curve(hours - 1, 1_000, 1_500),
  };

  test('are of the finest that knows them, and what it says last is so from there on', () => {
    expect(cpus(history, -2 * hour, 3, hour)[0]).toBe(0);
    expect(cpus(history, -hour, 1, hour)).toEqual([1]);
    expect(cpus(history, 0, 6, 5 * minute)).toEqual([1.5, 1.5, 2, 3, 3, 3]);
    expect(cpus(history, 30 * minute, 2, minute)).toEqual([4, 4.5]);
    expect(cpus(history, 59 * minute, 4, minute)).toEqual([4.5, 5, 6, 6]);
    expect(cpus(history, 30 * day, 1, day)).toEqual([6]);
    expect(valuesOf(history, start + 30 * minute, 1, minute)).toEqual([{ cpuMilli: 4_000, memoryMib: 4_000, gpu: 1 }]);
  });

  test('are means of a step, of parts of minutes, too', () => {
    expect(cpus(history, 30 * minute, 1, 2 * minute)).toEqual([4.25]);
    expect(cpus(history, 30.5 * minute, 2, minute)).toEqual([4.25, 4.5]);
    expect(cpus(history, 59 * minute, 1, 4 * minute)).toEqual([(4.5 + 5 + 6 + 6) / 4]);
  });

  test('are none before anything is known, and at most so many at once', () => {
    expect(valuesOf(emptyHistory, start, 2, hour)).toEqual([none, none]);
    expect(knownFromMs(emptyHistory)).toBeNull();
    expect(knownFromMs(history)).toBe(start - hour);
    expect(knownFromMs({ ...history, hours: null })).toBe(start + 10 * minute);
    expect(valuesOf(emptyHistory, start, valuesMax, hour)).toHaveLength(valuesMax);
    expect(() => valuesOf(emptyHistory, start, valuesMax + 1, hour)).toThrow(/^50001 values of demand are asked for/);
  });
});
