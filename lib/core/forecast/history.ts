// What a pool's tasks wanted over time, waiting and running ones together: by the minute, and the older, the coarser.
// Only changes are written down. A minute without a sample repeats the one before; a sample is the most of its minute.
import { assert } from '../values/errors.ts';
import type { Resources } from '../values/resources.ts';
import { noResources } from '../values/resources.ts';

/** Slots count from 1970. */
export interface Curve {
  readonly from: number;
  /** The first slot that it does not know. */
  readonly to: number;
  /** Four numbers for each change: slot after `from`, cpuMilli, memoryMib, gpu; each is so until the next. */
  readonly points: readonly number[];
}

/** `open`: the present hour, which is written with each change; the others once an hour. */
export const historyLevels = ['open', 'minutes', 'fives', 'hours'] as const;
export type HistoryLevel = (typeof historyLevels)[number];
export type DemandHistory = Readonly<Record<HistoryLevel, Curve | null>>;

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
export const slotMsOf: Readonly<Record<HistoryLevel, number>> = {
  open: minuteMs,
  minutes: minuteMs,
  fives: 5 * minuteMs,
  hours: hourMs,
};
/** By the minute and by five minutes for so long; by the hour for as long as the pool says. */
const minuteDays = 3;
const fiveDays = 28;
export const historyDaysDefault = 90;
export const historyDaysMax = 400;

const width = 4;

export const emptyHistory: DemandHistory = { open: null, minutes: null, fives: null, hours: null };

export type Noted =
  /** Nothing is to be written; `laterMs`: there will be then. */
  | { readonly kind: 'same'; readonly laterMs: number | null }
  | { readonly kind: 'open'; readonly open: Curve; readonly laterMs: number | null }
  /** Its hour is over: {@link closedHour} first. */
  | { readonly kind: 'closed' };

/** The present hour with a sample of now. */
export function withSample(open: Curve | null, demand: Resources, nowMs: number): Noted {
  const slot = Math.floor(nowMs / minuteMs);
  const last = open === null ? noResources : lastOf(open);
  if (isSame(last, demand)) return { kind: 'same', laterMs: null };
  const hour = Math.floor(nowMs / hourMs);
  if (open === null) return { kind: 'open', open: curveAt(hour * 60, slot, noResources, demand), laterMs: null };
  if (hour > Math.floor(open.from / 60)) return { kind: 'closed' };
  if (slot >= open.to) {
    return { kind: 'open', open: { ...open, to: slot + 1, points: withPoint(open, slot, demand) }, laterMs: null };
  }
  // This minute has a sample, or the clock went back: what is less is the next one's.
  const most = maxOf(last, demand);
  const laterMs = isSame(most, demand) ? null : open.to * minuteMs;
  if (isSame(most, last)) return { kind: 'same', laterMs };
  return { kind: 'open', open: { ...open, points: withPoint(open, open.to - 1, most) }, laterMs };
}

/** The open hour goes to the minutes, and whole days of these to the coarser ones; the next hour opens as it ended. */
export function closedHour(history: DemandHistory, nowMs: number, days: number): DemandHistory {
  const { open } = history;
  assert(open !== null, 'an hour is closed that is not open');
  const hour = Math.floor(nowMs / hourMs);
  const today = Math.floor(nowMs / dayMs);
  const whole = joined(history.minutes, open, hour * 60);
  const fives = extended(history.fives, whole, 5, today * 288);
  const hours = extended(history.hours, whole, 60, today * 24);
  const closed: DemandHistory = {
    // What was so when the hour began; its first minute has no sample yet.
    open: { from: hour * 60, to: hour * 60, points: [0, ...numbersOf(lastOf(open))] },
    minutes: trimmed(whole, hour * 60 - minuteDays * 1_440),
    fives: fives && trimmed(fives, (today - fiveDays) * 288),
    hours: hours && trimmed(hours, (today - days) * 24),
  };
  for (const level of historyLevels) assertBounded(closed[level]);
  return closed;
}

function assertBounded(curve: Curve | null): void {
  assert(
    curve === null || curve.points.length <= width * (curve.to - curve.from + 1),
    'a curve has more points than slots',
  );
}

function curveAt(from: number, slot: number, before: Resources, demand: Resources): Curve {
  const first = slot === from || isSame(before, demand) ? [] : [0, ...numbersOf(before)];
  return { from, to: slot + 1, points: [...first, slot - from, ...numbersOf(demand)] };
}

function numbersOf({ cpuMilli, memoryMib, gpu }: Resources): readonly number[] {
  return [cpuMilli, memoryMib, gpu];
}

function resourcesAt(points: readonly number[], at: number): Resources {
  return { cpuMilli: points[at + 1] ?? 0, memoryMib: points[at + 2] ?? 0, gpu: points[at + 3] ?? 0 };
}

/** What it says of its last slot, and of all after it. */
function lastOf({ points }: Curve): Resources {
  return resourcesAt(points, points.length - width);
}

/** What was wanted when it was last written; it is so until now. */
export function lastDemand({ open }: Pick<DemandHistory, 'open'>): Resources {
  return open === null ? noResources : lastOf(open);
}

export function isSame(a: Resources, b: Resources): boolean {
  return a.cpuMilli === b.cpuMilli && a.memoryMib === b.memoryMib && a.gpu === b.gpu;
}

function maxOf(a: Resources, b: Resources): Resources {
  return {
    cpuMilli: Math.max(a.cpuMilli, b.cpuMilli),
    memoryMib: Math.max(a.memoryMib, b.memoryMib),
    gpu: Math.max(a.gpu, b.gpu),
  };
}

/** The points with one at this slot, which is the last one or comes after it. */
function withPoint({ from, points }: Curve, slot: number, demand: Resources): readonly number[] {
  const lastAt = points.length - width;
  const before = points[lastAt] === slot - from ? points.slice(0, lastAt) : points;
  const isRepeat = before.length > 0 && isSame(resourcesAt(before, before.length - width), demand);
  return isRepeat ? before : [...before, slot - from, ...numbersOf(demand)];
}

/** One after the other, both of minutes; up to a slot, until which the last value is so. */
function joined(before: Curve | null, next: Curve, to: number): Curve {
  if (before === null) return { ...next, to };
  const shift = next.from - before.from;
  const points = [...before.points];
  for (let at = 0; at < next.points.length; at += width) {
    const demand = resourcesAt(next.points, at);
    if (!isSame(resourcesAt(points, points.length - width), demand))
      points.push((next.points[at] ?? 0) + shift, ...numbersOf(demand));
  }
  return { from: before.from, to, points };
}

/** Without what is before a slot; what was so then is so from there on. */
function trimmed(curve: Curve, from: number): Curve {
  if (curve.from >= from) return curve;
  const at = pointAt(curve, from);
  const rest = curve.points.slice(at + width);
  const shift = from - curve.from;
  const points = [0, ...numbersOf(resourcesAt(curve.points, at))];
  for (let i = 0; i < rest.length; i += width) points.push((rest[i] ?? 0) - shift, ...rest.slice(i + 1, i + width));
  return { from, to: Math.max(from, curve.to), points };
}

/** Where the point is that a slot has its value of. */
function pointAt({ from, points }: Curve, slot: number): number {
  let [low, high] = [0, points.length / width - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((points[middle * width] ?? 0) <= slot - from) low = middle;
    else high = middle - 1;
  }
  return low * width;
}

/** The coarse curve up to a slot of its own, from the means of the finer one, which has so many slots for each. */
function extended(coarse: Curve | null, fine: Curve, ratio: number, to: number): Curve | null {
  const from = coarse?.to ?? Math.ceil(fine.from / ratio);
  if (from >= to) return coarse;
  const points = [...(coarse?.points ?? [])];
  const start = coarse?.from ?? from;
  const means = new Means(fine);
  const lastChange = fine.from + (fine.points[fine.points.length - width] ?? 0);
  // After its last change nothing is new, however long that was ago.
  const end = Math.min(to, Math.max(from, Math.floor(lastChange / ratio) + 2));
  for (let slot = from; slot < end; slot += 1) {
    const mean = means.of(slot * ratio, (slot + 1) * ratio);
    if (points.length === 0 || !isSame(resourcesAt(points, points.length - width), mean))
      points.push(slot - start, ...numbersOf(mean));
  }
  return { from: start, to, points };
}

/** Means of neighbouring spans of a curve, one after the other; before its beginning nothing was wanted. */
class Means {
  readonly #curve: Curve;
  #at = 0;

  constructor(curve: Curve) {
    this.#curve = curve;
  }

  of(from: number, to: number): Resources {
    const { points, from: start } = this.#curve;
    let [cpuMilli, memoryMib, gpu] = [0, 0, 0];
    while (this.#at + width < points.length && (points[this.#at + width] ?? 0) + start <= from) this.#at += width;
    for (let at = this.#at; at < points.length; at += width) {
      const since = Math.max(from, (points[at] ?? 0) + start);
      const until = Math.min(to, at + width < points.length ? (points[at + width] ?? 0) + start : Infinity);
      if (since >= to) break;
      const slots = Math.max(0, until - since);
      cpuMilli += slots * (points[at + 1] ?? 0);
      memoryMib += slots * (points[at + 2] ?? 0);
      gpu += slots * (points[at + 3] ?? 0);
    }
    const rounded = (sum: number): number => Math.round(sum / (to - from));
    return { cpuMilli: rounded(cpuMilli), memoryMib: rounded(memoryMib), gpu: rounded(gpu) };
  }
}

/** From when on it knows anything, and since when by the minute; null: nothing. */
export function knownFromMs(history: DemandHistory): number | null {
  const starts = historyLevels.flatMap((level) => {
    const curve = history[level];
    return curve === null ? [] : [curve.from * slotMsOf[level]];
  });
  return starts.length === 0 ? null : Math.min(...starts);
}

/** So many values are made at once at most. */
export const valuesMax = 50_000;

/** The mean of each step from a time on, of each span from the finest that knows it. */
export function valuesOf(history: DemandHistory, fromMs: number, count: number, stepMs: number): readonly Resources[] {
  assert(count <= valuesMax, `${String(count)} values of demand are asked for at once`);
  const whole = wholeCurve(history);
  if (whole === null) return Array.from({ length: count }, () => noResources);
  const means = new Means(whole);
  return Array.from({ length: count }, (_, at) =>
    means.of((fromMs + at * stepMs) / minuteMs, (fromMs + (at + 1) * stepMs) / minuteMs),
  );
}

/** All levels as one curve of minutes: each until a finer one begins. */
function wholeCurve(history: DemandHistory): Curve | null {
  const points: number[] = [];
  let until = Infinity;
  const parts: number[][] = [];
  for (const level of historyLevels) {
    const curve = history[level];
    if (curve === null) continue;
    const ratio = slotMsOf[level] / minuteMs;
    const part: number[] = [];
    for (let at = 0; at < curve.points.length; at += width) {
      const slot = ((curve.points[at] ?? 0) + curve.from) * ratio;
      if (slot < until) part.push(slot, ...curve.points.slice(at + 1, at + width));
    }
    parts.unshift(part);
    until = Math.min(until, curve.from * ratio);
  }
  for (const part of parts) for (const number of part) points.push(number);
  return points.length === 0 ? null : { from: 0, to: Infinity, points };
}
