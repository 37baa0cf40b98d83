// Steps: the number by how much a metric is, as a table.
import type { Wish } from './policy.ts';

export interface Step {
  /** From this value of the metric on. */
  readonly from: number;
  readonly wanted: number;
}

/** Below the first step nothing is wanted. null: nobody has told anything. */
export function stepWish(policy: string, steps: readonly Step[], value: number | null): Wish {
  if (value === null) return { policy, wanted: null, reason: 'its metric has no data' };
  const reached = steps.filter((one) => value >= one.from);
  const step = reached.reduce<Step | null>((best, one) => (best === null || one.from > best.from ? one : best), null);
  const shown = String(Math.round(value * 1000) / 1000);
  return step === null
    ? { policy, wanted: 0, reason: `${shown} is below its first step` }
    : { policy, wanted: step.wanted, reason: `${shown} is at least ${String(step.from)}` };
}
