// Target tracking, as the Kubernetes Horizontal Pod Autoscaler documents it: ceil(n x metric / target), nothing within
// the tolerance. What is missing is taken for what makes the change smaller, and never turns its direction.
import type { Wish } from './policy.ts';
import { scaledMax } from './policy.ts';

export interface TargetSpec {
  /** Of the metric for one node or replica. */
  readonly target: number;
  /** The part by which the metric may be off; HPA's default is a tenth. */
  readonly tolerance: number;
}

export const toleranceDefault = 0.1;

/** A metric as it was last told. */
export type Metric =
  /** One value for all together, e.g. messages in a queue. */
  | { readonly kind: 'total'; readonly value: number }
  /** The average of all, e.g. as CloudWatch has it. */
  | { readonly kind: 'average'; readonly value: number }
  /**
   * Of each node or replica; null: it has not said. `notReady`: so many more have just begun, and what they say does
   * not count yet.
   */
  | { readonly kind: 'each'; readonly values: readonly (number | null)[]; readonly notReady?: number };

/** null: nobody has told anything, or not for too long. */
export function targetWish(policy: string, spec: TargetSpec, metric: Metric | null, current: number): Wish {
  if (metric === null) return { policy, wanted: null, reason: 'its metric has no data' };
  if (metric.kind === 'each') return eachWish(policy, spec, metric, current);
  if (!Number.isFinite(metric.value) || metric.value < 0)
    return { policy, wanted: null, reason: `its metric is ${String(metric.value)}, which is no number from 0 up` };
  const perOne = metric.kind === 'average' ? metric.value : current === 0 ? Infinity : metric.value / current;
  const shown = `${metric.kind} ${text(metric.value)}, target ${text(spec.target)} each, ${String(current)} now`;
  // From nothing an average says nothing; of a total, any needs one.
  if (current === 0)
    return metric.kind === 'total'
      ? { policy, wanted: ceil(metric.value / spec.target), reason: shown }
      : { policy, wanted: null, reason: `${shown}: an average of none` };
  return { policy, wanted: afterRatio(perOne / spec.target, current, spec), reason: shown };
}

function afterRatio(ratio: number, current: number, { tolerance }: TargetSpec): number {
  return Math.abs(ratio - 1) <= tolerance + 1e-9 ? current : ceil(ratio * current);
}

/** Not one more for what arithmetic leaves over; and never infinite, however small the target is. */
function ceil(value: number): number {
  return Math.min(scaledMax, Math.max(0, Math.ceil(value - 1e-9)));
}

function eachWish(
  policy: string,
  spec: TargetSpec,
  { values, notReady = 0 }: Metric & { readonly kind: 'each' },
  current: number,
): Wish {
  const known = values.filter(isNumber);
  const missing = values.length - known.length;
  const sum = known.reduce((total, one) => total + one, 0);
  const average = sum / known.length;
  const gaps = missing + notReady === 0 ? '' : `, ${String(missing)} without data, ${String(notReady)} not ready`;
  const shown = `average ${text(average)} of ${String(known.length)}${gaps}, target ${text(spec.target)}`;
  if (known.length === 0) return { policy, wanted: null, reason: `no replica has told its metric${gaps}` };
  const ratio = average / spec.target;
  const wanted = (): number => {
    // Not as many as have told: some have just begun, and an update runs more than are wanted.
    if (Math.abs(ratio - 1) <= spec.tolerance + 1e-9) return current;
    if (missing === 0 && (notReady === 0 || ratio <= 1)) return ceil(ratio * known.length);
    // Going in, who is silent is as busy as wanted; going out, idle, as are those that have just begun.
    const filled = ratio < 1 ? sum + missing * spec.target : sum;
    const count = known.length + missing + (ratio > 1 ? notReady : 0);
    const again = filled / count / spec.target;
    const turns = (ratio < 1 && again > 1) || (ratio > 1 && again < 1);
    if (turns || Math.abs(again - 1) <= spec.tolerance) return current;
    const next = ceil(again * count);
    // The change would go the other way than the metric says.
    return (again < 1 && next > current) || (again > 1 && next < current) ? current : next;
  };
  return { policy, wanted: wanted(), reason: shown };
}

/** Of those that have told; null: none has. */
export function averageOf(values: readonly (number | null)[]): number | null {
  const known = values.filter(isNumber);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value) && value >= 0;
}

function text(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
