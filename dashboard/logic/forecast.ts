// What a pool's demand was and what is forecast of it, as a plot: the past to scale, and a fan to one lead time ahead.
import { niceMost } from './series.ts';

export interface Demand {
  /** Means of equal steps, oldest first. */
  readonly past: readonly number[];
  readonly now: number;
  /** One lead time ahead. */
  readonly low: number;
  readonly expected: number;
  readonly wanted: number;
}

export interface Fan {
  readonly past: string;
  /** What is not passed, above and below, in the given share of the cases. */
  readonly band: string;
  readonly expected: string;
  readonly nowX: number;
  readonly most: number;
}

/** The part of the width that is ahead: a lead time of a minute beside a day would not be seen to scale. */
export const aheadShare = 0.14;

export function fanOf({ past, now, low, expected, wanted }: Demand, width: number, height: number): Fan {
  const most = niceMost(Math.max(now, wanted, ...past));
  const nowX = width * (1 - aheadShare);
  const y = (value: number): string => (height - (height * value) / most).toFixed(1);
  const steps = past.map((value, at) => {
    const [from, to] = [at, at + 1].map((one) => ((nowX * one) / past.length).toFixed(1));
    return `${at === 0 ? `M${String(from)} ` : 'V'}${y(value)}H${String(to)}`;
  });
  const start = `M${nowX.toFixed(1)} ${y(now)}`;
  const end = width.toFixed(1);
  return {
    past: steps.join(''),
    band: `${start}L${end} ${y(wanted)}V${y(low)}Z`,
    expected: `${start}L${end} ${y(expected)}`,
    nowX,
    most,
  };
}
