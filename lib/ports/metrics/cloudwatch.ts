// Metrics of CloudWatch that policies go by: what GetMetricData answers, one call for many.
import type { CloudWatchMetric } from '../../core/records/pool.ts';
import { BellowsError } from '../../core/values/errors.ts';

/** Of one call. */
export const metricsPerRead = 500;

/** Of one metric. `atMs`: the start of the period that the value is of. */
export type MetricAnswer =
  | { readonly kind: 'value'; readonly value: number; readonly atMs: number }
  | { readonly kind: 'none' }
  /** CloudWatch refuses this one, or failed to work it out. */
  | { readonly kind: 'failed'; readonly message: string };

/** CloudWatch refused the whole call, or gave no answer; the message says why, and what to do. */
export class MetricsUnreadError extends BellowsError {
  /** It finds one of the metrics invalid, and says nothing of the others. */
  readonly isInvalid: boolean;
  constructor(message: string, options: ErrorOptions & { readonly isInvalid?: boolean } = {}) {
    super('metrics_unread', message, options);
    this.isInvalid = options.isInvalid === true;
  }
}

export interface MetricSource {
  /**
   * The newest value of each metric of the span [fromMs, toMs), in the order asked for; at most {@link metricsPerRead}
   * metrics, all of one period, of which `fromMs` and `toMs` are multiples. Sent once, with a deadline of seconds.
   * @throws MetricsUnreadError
   */
  read(metrics: readonly CloudWatchMetric[], fromMs: number, toMs: number): Promise<readonly MetricAnswer[]>;
}
