// What a pool forecasts of its own demand, and which learning style acts on a request, as the API shows it.
import * as z from 'zod';
import type { Forecast } from '../../../core/forecast/learning.ts';
import type { EffectivePrice } from '../../../core/lifetimes/effective-prices.ts';
import { forecastsDemand } from '../../../core/records/pool.ts';
import type { ShownForecast } from '../../../core/scaling/shown-forecast.ts';

export const learningStyle = z.enum(
  ['reactive', 'scheduled', 'predictive', 'adaptive'],
  'must be "reactive", "scheduled", "predictive" or "adaptive"',
);

export const learningView = z
  .object({
    style: learningStyle.meta({ description: "The request's own, else that of its pool." }),
    acted: learningStyle.meta({ description: 'What comes of it as its pool is now.' }),
    reason: z.string(),
  })
  .meta({ description: 'Of tasks that have a node or a style of their own, while their pool is there.' });

const vcpu = z.number().min(0);
const faded = z.number().min(0);

export const forecastView = z
  .object({
    learningStyle,
    acts: z
      .boolean()
      .meta({ description: 'The pool buys by it: its learning style is predictive or adaptive, and enough is known.' }),
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
    offerings: z
      .array(
        z.object({
          offering: z.string().meta({ description: 'Type, zone and capacity type.' }),
          factor: z.number().meta({ description: 'It counts so many times its price when nodes are chosen.' }),
          hopefulFactor: z.number().meta({ description: 'The least that what was learned allows for.' }),
          refusedLaunches: faded.meta({ description: 'Launches that EC2 had no capacity for.' }),
          nodes: faded.meta({ description: 'Nodes whose agent called.' }),
          neverCalled: faded.meta({ description: 'Nodes whose agent did not.' }),
          interruptions: faded.meta({ description: 'Nodes that EC2 took though nobody asked for it.' }),
          nodeHours: faded,
          bootP50Seconds: z.number().nullable().meta({ description: 'null: none of its nodes has booted.' }),
        }),
      )
      .meta({
        description: 'What was learned of what the pool bought, the worst first; old news count less: docs/scaling.md.',
      }),
  })
  .meta({ id: 'Forecast' });
export type ForecastView = z.output<typeof forecastView>;

export function presentForecast(state: ShownForecast): ForecastView {
  const { forecast, scores } = state;
  const rounded = (milli: number): number => Math.round(milli) / 1000;
  const orNull = (milli: number | undefined): number | null => (milli === undefined ? null : rounded(milli));
  return {
    learningStyle: state.learningStyle,
    acts: forecast !== null && forecastsDemand(state.learningStyle),
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
    offerings: [...state.offerings]
      .sort((a, b) => b.learned.factor - a.learned.factor || (a.id < b.id ? -1 : 1))
      .map(presentOffering),
  };
}

function presentOffering({ id, sums, bootP50Seconds, learned }: EffectivePrice): ForecastView['offerings'][number] {
  const rounded = (amount: number): number => Math.round(amount * 100) / 100;
  return {
    offering: id,
    factor: learned.factor,
    hopefulFactor: learned.hopeful,
    refusedLaunches: rounded(sums.refused),
    nodes: rounded(sums.booted),
    neverCalled: rounded(sums.failed),
    interruptions: rounded(sums.interrupted),
    nodeHours: rounded(sums.hours),
    bootP50Seconds: bootP50Seconds === null ? null : rounded(bootP50Seconds),
  };
}

function reasonOf({ method, errorMilli, naive }: Forecast): string {
  const vcpus = (milli: number): string => `${String(Math.round(milli / 10) / 100)} vCPU`;
  return method === naive.method
    ? `nothing is better than ${method}, which is off by ${vcpus(errorMilli)} on average`
    : `${method} is off by ${vcpus(errorMilli)} on average, and the best naive method, ${naive.method}, by `
        + vcpus(naive.errorMilli);
}
