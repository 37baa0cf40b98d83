// Metrics of CloudWatch in a run: numbers of two metrics come each minute, some late and some not at all, of a third
// never any; and each call of a controller waits in the kernel and meets its own faults.
import type { MemoryMetrics } from '../../adapters/memory/metrics.ts';
import type { CloudWatchMetric } from '../../core/records/pool.ts';
import { metricId } from '../../core/scaling/policies/cloudwatch.ts';
import type { MetricAnswer, MetricSource } from '../../ports/metrics/cloudwatch.ts';
import { MetricsUnreadError } from '../../ports/metrics/cloudwatch.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { ServiceOutages } from '../faults/service-outages.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';
import type { Process } from './process.ts';

const minuteMs = 60_000;

function metricNamed(metricName: string, statistic: string): CloudWatchMetric {
  return { namespace: 'Simulated', metricName, dimensions: { World: 'drawn' }, statistic, periodMs: minuteMs };
}

export const backlog = metricNamed('Backlog', 'Sum');
export const visitors = metricNamed('Visitors', 'Average');
/** Nobody ever puts a number of it. */
export const silent = metricNamed('Silent', 'Maximum');

export interface CloudWatchWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly outages: ServiceOutages;
  readonly cloudWatch: MemoryMetrics;
}

/** Numbers come until `busyMs`; `stream` null: a run in which nobody goes by a metric. */
export function feedCloudWatch({ kernel, draws, cloudWatch }: CloudWatchWorld, stream: Stream | null, busyMs: number) {
  if (stream === null) return;
  const put = (metric: CloudWatchMetric): void => {
    const value = stream.integer(0, 700);
    // What CloudWatch has of its own metrics is there within a minute.
    const lateMs = draws.hits('metricLate') ? draws.of('metricLate').between(minuteMs, 6 * minuteMs) : 30_000;
    if (!draws.hits('metricMissing')) cloudWatch.put(metric, value, epochMs + kernel.nowMs, lateMs);
  };
  const first = stream.between(0, minuteMs);
  for (let atMs = first; atMs < busyMs; atMs += minuteMs)
    kernel.at(atMs, () => {
      put(backlog);
      put(visitors);
    });
}

export function cloudWatchOf(process: Process, world: CloudWatchWorld): MetricSource {
  const { draws, kernel, trace, truth, outages, cloudWatch } = world;
  const faulty = (answer: MetricAnswer): MetricAnswer =>
    draws.hits('metricFailed') ? { kind: 'failed', message: 'CloudWatch failed to work it out' } : answer;
  return {
    read: (metrics, fromMs, toMs) =>
      process.call(`CloudWatch read ${String(metrics.length)}`, async () => {
        if (draws.hits('metricsRefused')) throw new MetricsUnreadError('CloudWatch refused the call: rate exceeded');
        if (await outages.meets('metricsOutage')) throw new MetricsUnreadError('CloudWatch gave no answer');
        const answers = (await cloudWatch.read(metrics, fromMs, toMs)).map(faulty);
        for (const [n, metric] of metrics.entries())
          if (answers[n]?.kind === 'value') truth.metricValuesAtMs.set(metricId(metric), kernel.nowMs);
        trace.write(kernel.nowMs, process.name, `CloudWatch says ${answers.map(inShort).join(', ')}`);
        return answers;
      }),
  };
}

function inShort(answer: MetricAnswer): string {
  return answer.kind === 'value' ? String(answer.value) : answer.kind;
}
