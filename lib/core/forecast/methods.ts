// Methods that say what a series will be. Each has one form: a base curve, and how much of what the series is off it
// now lasts. So what was learned is a few numbers, and every tick can ask what comes without learning again.

/** What a method holds for usual, for one series. A series is one value for each step. */
export interface Base {
  readonly name: string;
  /**
   * What is usual in step `at`, as known at the end of step `known`; null: it knows too little. Asked for rising
   * `known`, and for `at` up to a day later.
   */
  readonly at: (at: number, known: number) => number | null;
  /** How much of the difference of now lasts; null: that is learned. */
  readonly lasts: number | null;
}

export type BaseOf = (values: readonly number[], dayLength: number) => Base;

/** The yardstick: it stays as it is. */
const lastValue: BaseOf = () => ({ name: 'last-value', lasts: 1, at: () => 0 });

/** As one season before. */
function seasonalNaive(name: string, days: number): BaseOf {
  return (values, dayLength) => {
    const season = days * dayLength;
    return {
      name,
      lasts: 0,
      at: (at, known) => values[at - season * Math.max(1, Math.ceil((at - known) / season))] ?? null,
    };
  };
}

/** So many seasons are looked back at. */
const seasonsMax = 14;

/**
 * The median of the same time in past days or weeks, with that of the steps around it where these are short: one
 * strange day says little.
 */
function seasonalMedian(name: string, days: number): BaseOf {
  return (values, dayLength) => {
    const season = days * dayLength;
    const around = Math.floor(dayLength / 288);
    const usual = new Map<number, number | null>();
    const seen = new Float64Array(seasonsMax * (2 * around + 1));
    const at = (slot: number, known: number): number | null => {
      const same = usual.get(slot);
      if (same !== undefined) return same;
      let count = 0;
      for (let back = 1; back <= seasonsMax && slot - back * season + around >= 0; back += 1) {
        const middle = slot - back * season;
        const last = Math.min(middle + around, known, values.length - 1);
        for (let near = Math.max(0, middle - around); near <= last; near += 1) seen[count++] = values[near] ?? 0;
      }
      const median = count === 0 ? null : medianOf(seen.subarray(0, count));
      usual.set(slot, median);
      // Steps are asked for in order: those far back are not asked for again.
      if (usual.size > 4 * dayLength) for (const old of usual.keys()) if (old < known - dayLength) usual.delete(old);
      return median;
    };
    return { name, lasts: null, at };
  };
}

/** The median of the last steps: what comes and goes does not last. */
function level(name: string, steps: number): BaseOf {
  return (values) => {
    let last = { known: -1, median: null as number | null };
    return {
      name,
      lasts: null,
      at: (_at, known) => {
        if (last.known !== known)
          last = {
            known,
            median: known < 2 ? null : medianOf(values.slice(Math.max(0, known + 1 - steps), known + 1)),
          };
        return last.median;
      },
    };
  };
}

/** Exponential smoothing of level and trend (Holt, damped); without a trend, of the level alone. */
function smoothing(name: string, alpha: number, beta: number): BaseOf {
  return (values) => {
    const levels: number[] = [];
    const trends: number[] = [];
    const learn = (known: number): void => {
      for (let at = levels.length; at <= known; at += 1) {
        const value = values[at] ?? 0;
        const [before, trend] = [levels[at - 1] ?? value, damping * (trends[at - 1] ?? 0)];
        const next = alpha * value + (1 - alpha) * (before + trend);
        levels.push(next);
        trends.push(beta * (next - before) + (1 - beta) * trend);
      }
    };
    return {
      name,
      lasts: null,
      at: (at, known) => {
        learn(known);
        return known < 2 ? null : (levels[known] ?? 0) + damped(at - known) * (trends[known] ?? 0);
      },
    };
  };
}

const damping = 0.9;

/** The sum of the powers of the damping up to so many steps. */
function damped(steps: number): number {
  return (damping * (1 - damping ** Math.max(0, steps))) / (1 - damping);
}

export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Those that nothing may be worse than. */
export const naiveMethods: readonly BaseOf[] = [
  lastValue,
  seasonalNaive('seasonal-naive-day', 1),
  seasonalNaive('seasonal-naive-week', 7),
];

export const methods: readonly BaseOf[] = [
  ...naiveMethods,
  seasonalMedian('seasonal-median-day', 1),
  seasonalMedian('seasonal-median-week', 7),
  level('level-of-12', 12),
  level('level-of-48', 48),
  smoothing('smoothing', 0.2, 0),
  smoothing('smoothing-with-trend', 0.6, 0.3),
];
