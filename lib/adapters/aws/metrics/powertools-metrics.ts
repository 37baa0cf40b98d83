// The metrics port on Powertools' Metrics: a line of CloudWatch's embedded metric format in the function's log.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Metrics as PowertoolsClient } from '@aws-lambda-powertools/metrics';
import type { Measured, MetricName, Metrics } from '../../../ports/metrics/published.ts';

const units: Readonly<Record<MetricName, (typeof MetricUnit)[keyof typeof MetricUnit]>> = {
  OldestPendingSeconds: MetricUnit.Seconds,
  LimitsReached: MetricUnit.Count,
  MassSilence: MetricUnit.Count,
  OrphansReaped: MetricUnit.Count,
};

export class PowertoolsMetrics implements Metrics {
  readonly #client: PowertoolsClient;

  /** `installation` is the one dimension: alarms look for exactly that. */
  constructor(client: PowertoolsClient, installation: string) {
    this.#client = client;
    client.clearDefaultDimensions();
    client.setDefaultDimensions({ installation });
  }

  async publish(measured: Measured): Promise<void> {
    for (const [name, value] of Object.entries(measured) as [MetricName, number][])
      this.#client.addMetric(name, units[name], value);
    this.#client.publishStoredMetrics();
  }
}
