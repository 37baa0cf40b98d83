// What operators' alarms look at: a few figures of the whole installation, once a minute.

/** Each has its alarm (lib/infra/signals/alarms.ts); a test compares them. */
export const metricNames = ['OldestPendingSeconds', 'LimitsReached', 'MassSilence', 'OrphansReaped'] as const;
export type MetricName = (typeof metricNames)[number];
/** A value is there only when it is not zero: an idle installation has no custom metrics to pay for. */
export type Measured = Readonly<Partial<Record<MetricName, number>>>;

export interface Metrics {
  /** Resolves when all are handed over. Rejects when some may not be: they are lost, the next minute has its own. */
  publish(measured: Measured): Promise<void>;
}
