// What a forecast wants of a predictive service.
import { expect, test } from '@jest/globals';
import type { Forecast } from '../../../../lib/core/forecast/learning.ts';
import { forecastWish } from '../../../../lib/core/services/forecast/wish.ts';

const forecast: Forecast = {
  ...{ method: 'a day before', errorMilli: 1, naive: { method: 'as now', errorMilli: 2 }, lowMilli: 0 },
  ...{ expectedMilli: 1_449, wantedMilli: 2_001, quantile: 0.9, leadMs: 61_400 },
};
const wanted = (wantedMilli: number) =>
  forecastWish({ kind: 'forecast', forecast: { ...forecast, wantedMilli } }).wanted;

test('without a forecast nothing is wanted, and it is said why', () => {
  expect(forecastWish({ kind: 'none', reason: 'too little' })).toEqual({
    ...{ policy: 'forecast', wanted: null, agrees: true, reason: 'too little' },
  });
});

test('whole replicas are wanted, as many as the forecast needs', () => {
  expect([2_001, 2_000, 1, 0, -5].map(wanted)).toEqual([3, 2, 1, 0, 0]);
  // What division makes of a whole number is no further replica.
  expect(wanted(3_000.000_000_1)).toBe(3);
});

test('it is said for when, in which share of the cases, and by which method', () => {
  expect(forecastWish({ kind: 'forecast', forecast }).reason).toBe(
    'within 61 s at most 2 wanted in 90 of 100 cases, 1.4 expected (a day before)',
  );
});
