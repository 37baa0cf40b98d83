// What a pool forecasts of its own demand, as the API shows it.
import * as z from 'zod';
import type { Forecast } from '../../../core/forecast/learning.ts';
import type { Score } from '../../../core/forecast/rolling.ts';
import type { LearningStyle } from '../../../core/records/pool.ts';
import { learningStyle } from '../requests.ts';

const vcpu = z.number().min(0);

export const forecastView = z
  .object({
    learningStyle,
    acts: z
      .boolean()
      .meta({ description: 'The pool buys by it: its learning style is predictive, and enough is known.' }),
    reason: z.string().meta({ description: 'Why it is chosen, or what is missing.' }),
    leadSeconds: z.number().min(0).meta({ description: 'How long a node boots, so far ahead is forecast.' }),
    quantile: z.number().meta({ description: '`wantedVcpu` is not passed in this share of the cases.' }),
    demandVcpu: vcpu.meta({ description: 'Of the last sample.' }),
    method: z.string().nullable().meta({ description: 'null: too little is known.' }),
    lowVcpu: vcpu.nullable(),
    expectedVcpu: vcpu.nullable(),
    wantedVcpu: vcpu.nullable(),
    methods: z
      .array(
        z.object({
          method: z.string(),
          naive: z.boolean().meta({ description: 'What no method that is acted on is worse than.' }),
          meanErrorVcpu: vcpu.meta({ description: 'Mean absolute error one lead time ahead, the last day most.' }),
          steps: z.int().min(0).meta({ description: 'Of how many forecasts.' }),
        }),
      )
      .meta({ description: 'Past accuracy by a rolling back-test, the best first.' }),
  })
  .meta({ id: 'Forecast' });
export type ForecastView = z.output<typeof forecastView>;

export interface ForecastState {
  readonly learningStyle: LearningStyle;
  readonly quantile: number;
  readonly leadMs: number;
  readonly demandMilli: number;
  /** null: too little is known; `missing` says what. */
  readonly forecast: Forecast | null;
  readonly missing: string;
  readonly scores: readonly Score[];
}

export function presentForecast(state: ForecastState): ForecastView {
  const { forecast, scores } = state;
  const rounded = (milli: number): number => Math.round(milli) / 1000;
  const orNull = (milli: number | undefined): number | null => (milli === undefined ? null : rounded(milli));
  return {
    learningStyle: state.learningStyle,
    acts: forecast !== null && state.learningStyle === 'predictive',
    reason: forecast === null ? state.missing : reasonOf(forecast),
    leadSeconds: Math.round(state.leadMs / 1000),
    quantile: state.quantile,
    demandVcpu: rounded(state.demandMilli),
    method: forecast?.method ?? null,
    lowVcpu: orNull(forecast?.lowMilli),
    expectedVcpu: orNull(forecast?.expectedMilli),
    wantedVcpu: orNull(forecast?.wantedMilli),
    methods: scores
      .filter((one) => one.steps > 0)
      .sort((a, b) => a.error - b.error || (a.name < b.name ? -1 : 1))
      .map((one) => ({ method: one.name, naive: one.isNaive, meanErrorVcpu: rounded(one.error), steps: one.steps })),
  };
}

function reasonOf({ method, errorMilli, naive }: Forecast): string {
  const vcpus = (milli: number): string => `${String(Math.round(milli / 10) / 100)} vCPU`;
  return method === naive.method
    ? `nothing is better than ${method}, which is off by ${vcpus(errorMilli)} on average`
    : `${method} is off by ${vcpus(errorMilli)} on average, and the best naive method, ${naive.method}, by `
        + vcpus(naive.errorMilli);
}
