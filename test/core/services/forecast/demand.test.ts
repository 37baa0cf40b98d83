// What policies of a service want as one number, and what a forecast of it wants of the count.
import { describe, expect, test } from '@jest/globals';
import type { Forecast } from '../../../../lib/core/forecast/learning.ts';
import { atOnce } from '../../../../lib/core/scaling/policies/rates.ts';
import { demandMilliOf } from '../../../../lib/core/services/forecast/demand.ts';
import { forecastWish } from '../../../../lib/core/services/forecast/wish.ts';
import type { ServiceForecast } from '../../../../lib/core/services/forecast/wish.ts';
import type { ServiceMetric, ServicePolicy } from '../../../../lib/core/services/policies.ts';
import type { ServiceSignals } from '../../../../lib/core/services/scaling.ts';
import { scaledService, scalingDueAtMs } from '../../../../lib/core/services/scaling.ts';
import { service } from '../builders.ts';

const t = 1_000_000;
const nobody: ServiceSignals = { nowMs: t, waiting: 0, usage: { cpu: [], memory: [], notReady: 0 }, reported: {} };
const target = (metric: ServiceMetric, value: number): ServicePolicy => ({
  ...{ kind: 'target', name: 'load', metric, target: value },
});
const visitors: ServiceMetric = { kind: 'reported', metric: 'visitors', of: 'total' };
const reported = (value: number) => ({ reported: { visitors: { value, atMs: t } } });
const cpu = (...values: readonly (number | null)[]) => ({ usage: { cpu: values, memory: [], notReady: 1 } });
const steps = [
  { from: 10, wanted: 2 },
  { from: 50, wanted: 6 },
];

describe('demand', () => {
  test.each<[string, ServicePolicy, Partial<ServiceSignals>, number, number | null]>([
    ['a total stands for itself, however many there are', target(visitors, 100), reported(430), 1, 4_300],
    ['and from none', target(visitors, 100), reported(430), 0, 4_300],
    [
      'an average counts as often as there are replicas',
      target({ ...visitors, of: 'average' }, 100),
      reported(150),
      4,
      6_000,
    ],
    ['an average of none is nothing', target({ ...visitors, of: 'average' }, 100), reported(150), 0, null],
    [
      'cpu counts as often as replicas serve; who is silent is like the others',
      target({ kind: 'cpu' }, 60),
      cpu(90, 90, null),
      3,
      4_500,
    ],
    ['nobody has told', target({ kind: 'cpu' }, 60), cpu(null), 3, null],
    ['what waits', target({ kind: 'waiting' }, 10), { waiting: 25 }, 3, 2_500],
    ['a step', { kind: 'step', name: 's', metric: visitors, steps }, reported(50), 3, 6_000],
    ['below all steps', { kind: 'step', name: 's', metric: visitors, steps }, reported(9), 3, 0],
    ['a step without data', { kind: 'step', name: 's', metric: visitors, steps }, {}, 3, null],
    ['no metric', { kind: 'manual', name: 'm', replicas: 7 }, {}, 3, null],
    ['in twentieths', target(visitors, 100), reported(433), 1, 4_350],
    ['never above all numbers', target(visitors, 1e-9), reported(1e12), 1, 1_000_000_000],
  ])('%s', (_what, policy, signals, current, wanted) => {
    expect(demandMilliOf({ policies: [policy] }, { ...nobody, ...signals }, current)).toBe(wanted);
  });

  test('the largest of several', () => {
    const policies = [target(visitors, 100), target({ kind: 'waiting' }, 10), target({ kind: 'cpu' }, 60)];
    expect(demandMilliOf({ policies }, { ...nobody, ...reported(430), waiting: 70 }, 2)).toBe(7_000);
  });
});

const forecast = (wantedMilli: number): ServiceForecast => ({
  kind: 'forecast',
  forecast: {
    ...{ method: 'last-value', errorMilli: 0, naive: { method: 'last-value', errorMilli: 0 } },
    ...{ expectedMilli: 4_000, wantedMilli, lowMilli: 3_000, quantile: 0.9, leadMs: 90_000 },
  } satisfies Forecast,
});

describe('what it wants of the count', () => {
  const after = (replicas: number, signals: Partial<ServiceSignals>, style?: 'predictive'): number | undefined =>
    scaledService(
      service({
        replicas,
        scaling: {
          ...{ min: 1, max: 8, policies: [target(visitors, 100)], behaviour: atOnce },
          ...(style && { learningStyle: style }),
        },
      }),
      { ...nobody, ...signals },
    )?.record.replicas;

  test('a wish beside those of the policies: the largest wins, within max', () => {
    expect(after(2, { ...reported(200), forecast: forecast(4_600) }, 'predictive')).toBe(5);
    expect(after(2, { ...reported(700), forecast: forecast(4_600) }, 'predictive')).toBe(7);
    expect(after(2, { ...reported(200), forecast: forecast(99_000) }, 'predictive')).toBe(8);
    expect(after(2, { ...reported(200), forecast: forecast(4_600) })).toBe(2);
  });

  test('it never moves anything in below the policies, and nothing where they have no data', () => {
    expect(after(6, { ...reported(500), forecast: forecast(1_000) }, 'predictive')).toBe(5);
    expect(after(6, { forecast: forecast(1_000) }, 'predictive')).toBe(6);
    const none: ServiceForecast = { kind: 'none', reason: 'too little is known' };
    expect(after(6, { ...reported(300), forecast: none }, 'predictive')).toBe(3);
    expect(after(6, reported(300), 'predictive')).toBe(3);
    expect(after(6, { forecast: none }, 'predictive')).toBe(6);
  });

  test('its words', () => {
    expect(forecastWish(forecast(4_600))).toEqual({
      policy: 'forecast',
      wanted: 5,
      reason: 'within 90 s at most 4.6 wanted in 90 of 100 cases, 4 expected (last-value)',
    });
    expect(forecastWish({ kind: 'none', reason: 'x' })).toEqual({
      policy: 'forecast',
      wanted: null,
      agrees: true,
      reason: 'x',
    });
  });

  test('it looks again each minute', () => {
    const scaling = { min: 1, max: 8, policies: [target(visitors, 100)], learningStyle: 'predictive' } as const;
    const record = service({ replicas: 2, scaling });
    const last = scaledService(record, { ...nobody, ...reported(200) });
    expect(last && scalingDueAtMs(record, last, t)).toBe(t + 60_000);
  });
});
