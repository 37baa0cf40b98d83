// What the policies of a service want, as one number over time: replicas in thousandths, before rounding, tolerance,
// bounds and rates. It is what a predictive service keeps a history of (core/forecast) and forecasts.
import type { Metric } from '../../scaling/policies/target.ts';
import { scaledMax } from '../../scaling/policies/policy.ts';
import { stepWish } from '../../scaling/policies/step.ts';
import { averageOf } from '../../scaling/policies/target.ts';
import type { ServicePolicy, ServiceScaling } from '../policies.ts';
import type { ServiceSignals } from '../scaling.ts';
import { metricOf, valueOf } from '../scaling.ts';

/** Finer differences are not written: a twentieth of a replica. */
const grainMilli = 50;

/**
 * The most that one of the policies with a metric wants; null: none has data. Metrics of all replicas together stand
 * for themselves, those of each (cpu, averages) count as often as there are replicas: `current`.
 */
export function demandMilliOf(
  { policies }: Pick<ServiceScaling, 'policies'>,
  signals: ServiceSignals,
  current: number,
): number | null {
  let most: number | null = null;
  for (const policy of policies) {
    const wanted = wantedBy(policy, signals, current);
    if (wanted !== null && (most === null || wanted > most)) most = wanted;
  }
  if (most === null) return null;
  return Math.min(scaledMax * 1000, Math.round((most * 1000) / grainMilli) * grainMilli);
}

function wantedBy(policy: ServicePolicy, signals: ServiceSignals, current: number): number | null {
  if (policy.kind !== 'target' && policy.kind !== 'step') return null;
  const { metric } = metricOf(policy.metric, signals);
  if (metric === null) return null;
  return policy.kind === 'step'
    ? stepWish(policy.name, policy.steps, valueOf(metric)).wanted
    : ofTarget(metric, policy.target, current);
}

function ofTarget(metric: Metric, target: number, current: number): number | null {
  const all = sumOf(metric, current);
  return all === null || !Number.isFinite(all) || all < 0 ? null : all / target;
}

/** Of all replicas together; null: not known. */
function sumOf(metric: Metric, current: number): number | null {
  switch (metric.kind) {
    case 'total':
      return metric.value;
    case 'average':
      return current === 0 ? null : metric.value * current;
    case 'each': {
      const average = averageOf(metric.values);
      return average === null ? null : average * metric.values.length;
    }
  }
}
