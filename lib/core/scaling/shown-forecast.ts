// What a pool forecasts of its own demand, and what it has learned of what it buys, as it is shown.
import type { Forecast } from '../forecast/learning.ts';
import type { Score } from '../forecast/rolling.ts';
import type { EffectivePrice } from '../lifetimes/effective-prices.ts';
import type { LearningStyle } from '../records/pool.ts';

export interface ShownForecast {
  readonly learningStyle: LearningStyle;
  readonly quantile: number;
  readonly leadMs: number;
  readonly demandMilli: number;
  /** null: too little is known; `missing` says what. */
  readonly forecast: Forecast | null;
  readonly missing: string;
  readonly scores: readonly Score[];
  /** Of an adaptive pool, by id; of others what they remember and do not act on. */
  readonly offerings: readonly EffectivePrice[];
}
