// What a service forecasts of what its policies want, as the API shows it.
import * as z from 'zod';
import type { Score } from '../../../../core/forecast/rolling.ts';
import type { ServiceForecast } from '../../../../core/services/forecast/wish.ts';
import { forecastWish } from '../../../../core/services/forecast/wish.ts';

const replicas = z.number().min(0);

export const serviceForecastView = z
  .object({
    learningStyle: z.enum(['reactive', 'scheduled', 'predictive']),
    acts: z.boolean().meta({ description: 'It is predictive, and enough is known.' }),
    reason: z.string().meta({ description: 'What the forecast wants, or what is missing.' }),
    leadSeconds: z
      .number()
      .min(0)
      .meta({ description: 'How long a node boots and a replica starts: so far ahead is forecast.' }),
    quantile: z.number().meta({ description: '`wantedReplicas` is not passed in this share of the cases.' }),
    demandReplicas: replicas
      .nullable()
      .meta({ description: 'What its policies want now, before bounds and rates; null: no metric has data.' }),
    method: z.string().nullable().meta({ description: 'null: too little is known.' }),
    lowReplicas: replicas.nullable(),
    expectedReplicas: replicas.nullable(),
    wantedReplicas: replicas.nullable(),
    methods: z
      .array(
        z.object({
          method: z.string(),
          naive: z.boolean().meta({ description: 'What no method that is acted on is worse than.' }),
          meanErrorReplicas: replicas.meta({
            description: 'Mean absolute error one lead time ahead, the last day most.',
          }),
          steps: z.int().min(0).meta({ description: 'Of how many forecasts.' }),
        }),
      )
      .meta({ description: 'Past accuracy by a rolling back-test, the best first.' }),
  })
  .meta({ id: 'ServiceForecast' });
export type ServiceForecastView = z.output<typeof serviceForecastView>;

export interface ServiceForecastState {
  readonly learningStyle: ServiceForecastView['learningStyle'];
  readonly quantile: number;
  readonly leadMs: number;
  readonly demandMilli: number | null;
  readonly known: ServiceForecast;
  readonly scores: readonly Score[];
}

export function presentServiceForecast(state: ServiceForecastState): ServiceForecastView {
  const forecast = state.known.kind === 'forecast' ? state.known.forecast : null;
  const rounded = (milli: number): number => Math.round(milli) / 1000;
  const orNull = (milli: number | null | undefined): number | null =>
    typeof milli !== 'number' ? null : rounded(milli);
  return {
    learningStyle: state.learningStyle,
    acts: forecast !== null,
    reason: forecastWish(state.known).reason,
    leadSeconds: Math.round(state.leadMs / 1000),
    quantile: state.quantile,
    demandReplicas: orNull(state.demandMilli),
    method: forecast?.method ?? null,
    lowReplicas: orNull(forecast?.lowMilli),
    expectedReplicas: orNull(forecast?.expectedMilli),
    wantedReplicas: orNull(forecast?.wantedMilli),
    methods: state.scores
      .filter((one) => one.steps > 0)
      .sort((a, b) => a.error - b.error || (a.name < b.name ? -1 : 1))
      .map((one) => ({
        method: one.name,
        naive: one.isNaive,
        meanErrorReplicas: rounded(one.error),
        steps: one.steps,
      })),
  };
}
