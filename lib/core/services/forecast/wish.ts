// What a forecast wants of a predictive service: one more wish among those of its policies. It only ever moves the
// count out: without a forecast it wants nothing, and agrees to whatever the policies want.
import type { Forecast } from '../../forecast/learning.ts';
import type { Wish } from '../../scaling/policies/policy.ts';

export type ServiceForecast =
  | { readonly kind: 'forecast'; readonly forecast: Forecast }
  /** `reason`: why there is none, for people. */
  | { readonly kind: 'none'; readonly reason: string };

export function forecastWish(known: ServiceForecast): Wish {
  if (known.kind === 'none') return { policy: 'forecast', wanted: null, agrees: true, reason: known.reason };
  const { wantedMilli, expectedMilli, quantile, leadMs, method } = known.forecast;
  const reason =
    `within ${String(Math.round(leadMs / 1000))} s at most ${replicas(wantedMilli)} wanted in `
    + `${String(Math.round(quantile * 100))} of 100 cases, ${replicas(expectedMilli)} expected (${method})`;
  return { policy: 'forecast', wanted: Math.max(0, Math.ceil(wantedMilli / 1000 - 1e-9)), reason };
}

/** Thousandths of a replica, for people. */
function replicas(milli: number): string {
  return String(Math.round(milli / 100) / 10);
}
