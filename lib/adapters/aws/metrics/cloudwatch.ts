// Metrics by GetMetricData. The client is loaded when a policy first goes by one: others pay nothing for it.
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type { CloudWatchClient, GetMetricDataCommandInput, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchMetric } from '../../../core/records/pool.ts';
import { assert } from '../../../core/values/errors.ts';
import type { MetricAnswer, MetricSource } from '../../../ports/metrics/cloudwatch.ts';
import { metricsPerRead, MetricsUnreadError } from '../../../ports/metrics/cloudwatch.ts';
import type { AwsClientOptions } from '../sdk.ts';
import { AwsServiceError, keepingConnections, loadedOnce, sendCall } from '../sdk.ts';

const timeoutMsDefault = 3_000;
/** A span of few periods fits into one answer; what does not come with it is missing. */
const pagesMax = 3;

export class CloudWatchMetrics implements MetricSource {
  readonly #options: AwsClientOptions;
  readonly #client: () => Promise<{ readonly client: CloudWatchClient; readonly sdk: Sdk }>;

  constructor(options: AwsClientOptions) {
    this.#options = options;
    this.#client = loadedOnce(() => this.#load());
  }

  async read(metrics: readonly CloudWatchMetric[], fromMs: number, toMs: number): Promise<readonly MetricAnswer[]> {
    assert(metrics.length <= metricsPerRead, `${String(metrics.length)} metrics are asked for in one call`);
    const { client, sdk } = await this.#client();
    const found = new Map<string, MetricDataResult>();
    const input: GetMetricDataCommandInput = {
      MetricDataQueries: metrics.map(queryOf),
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      ScanBy: 'TimestampDescending',
    };
    let token: string | undefined;
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const answer = await this.#send(async (options) =>
        client.send(new sdk.GetMetricDataCommand({ ...input, NextToken: token }), options),
      );
      for (const one of answer.MetricDataResults ?? []) {
        const id = one.Id ?? '';
        // The newest value comes first; later pages have older ones.
        if (!((found.get(id)?.Values?.length ?? 0) > 0)) found.set(id, one);
      }
      token = answer.NextToken;
      if (token === undefined || token === '') break;
    }
    return metrics.map((_, n) => answerOf(found.get(idOf(n))));
  }

  async #load(): Promise<{ readonly client: CloudWatchClient; readonly sdk: Sdk }> {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { sdk, client: new sdk.CloudWatchClient(keepingConnections(this.#options)) };
  }

  async #send<T>(send: Parameters<typeof sendCall<T>>[2]): Promise<T> {
    try {
      return await sendCall('GetMetricData', this.#options.timeoutMs ?? timeoutMsDefault, send);
    } catch (error) {
      const cure = error instanceof AwsServiceError ? cureOf(error) : 'it is read again in a minute';
      throw new MetricsUnreadError(`${error instanceof AwsServiceError ? refusal(error) : noAnswer}; ${cure}`, {
        cause: error,
        isInvalid: error instanceof AwsServiceError && invalid.test(error.awsCode),
      });
    }
  }
}

type Sdk = Pick<typeof CloudWatch, 'GetMetricDataCommand' | 'CloudWatchClient'>;

const invalid = /^(Validation|InvalidParameter|MissingRequired)/;
const noAnswer = 'CloudWatch gave no answer to GetMetricData in time';

/** Without AWS's own sentence: it may name other things each time, and what is the same is not written again. */
function refusal({ awsCode, status }: AwsServiceError): string {
  return `CloudWatch refused GetMetricData (${awsCode}, HTTP ${String(status)})`;
}

function cureOf({ awsCode, status }: AwsServiceError): string {
  if (/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(awsCode))
    return (
      "the scheduler's role needs cloudwatch:GetMetricData on *: deploy the present stack, or look for a policy "
      + 'of the organization that denies it'
    );
  if (/^(Throttl|RequestLimitExceeded|LimitExceeded|TooManyRequests)/.test(awsCode) || status === 429)
    return (
      'the account asks for more than its quota: raise "GetMetricData" in Service Quotas, or use fewer metrics '
      + 'or longer periods; it is read again in a minute'
    );
  if (invalid.test(awsCode))
    return 'a metric is not as CloudWatch wants it: compare names, dimensions and statistics with its console';
  return 'it is read again in a minute';
}

function idOf(n: number): string {
  return `m${String(n)}`;
}

function queryOf(
  { namespace, metricName, dimensions, statistic, periodMs }: CloudWatchMetric,
  n: number,
): NonNullable<GetMetricDataCommandInput['MetricDataQueries']>[number] {
  return {
    Id: idOf(n),
    ReturnData: true,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodMs / 1000,
      Stat: statistic,
    },
  };
}

function answerOf(result: MetricDataResult | undefined): MetricAnswer {
  const { StatusCode: status, Values: [value] = [], Timestamps: [at] = [], Messages: messages = [] } = result ?? {};
  if (status === 'Forbidden' || status === 'InternalError') {
    const words = messages.map((one) => one.Value ?? one.Code ?? '').join('; ');
    return { kind: 'failed', message: `CloudWatch answers ${status}${words === '' ? '' : `: ${words.slice(0, 300)}`}` };
  }
  return value === undefined || at === undefined || !Number.isFinite(value)
    ? { kind: 'none' }
    : { kind: 'value', value, atMs: at.getTime() };
}
