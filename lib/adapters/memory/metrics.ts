// CloudWatch in memory, for tests and simulations: data points come by `put`, and are seen some time later.
import { metricId } from '../../core/scaling/policies/cloudwatch.ts';
import type { CloudWatchMetric } from '../../core/records/pool.ts';
import { assert } from '../../core/values/errors.ts';
import type { MetricAnswer, MetricSource } from '../../ports/metrics/cloudwatch.ts';
import { metricsPerRead } from '../../ports/metrics/cloudwatch.ts';

interface Point {
  readonly atMs: number;
  readonly value: number;
  readonly seenFromMs: number;
}

/** Newer ones take the place of the oldest. */
const pointsMax = 5_000;

export class MemoryMetrics implements MetricSource {
  readonly #nowMs: () => number;
  readonly #points = new Map<string, Point[]>();
  /** What was asked for, call by call. */
  readonly calls: { readonly metrics: number; readonly fromMs: number; readonly toMs: number }[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** One value of the period in which `atMs` is; it is seen `lateMs` after that. */
  put(metric: CloudWatchMetric, value: number, atMs: number, lateMs = 0): void {
    const id = metricId(metric);
    const points = this.#points.get(id) ?? [];
    const startMs = Math.floor(atMs / metric.periodMs) * metric.periodMs;
    points.push({ atMs: startMs, value, seenFromMs: atMs + lateMs });
    if (points.length > pointsMax) points.shift();
    this.#points.set(id, points);
  }

  async read(metrics: readonly CloudWatchMetric[], fromMs: number, toMs: number): Promise<readonly MetricAnswer[]> {
    assert(metrics.length <= metricsPerRead, `${String(metrics.length)} metrics are asked for in one call`);
    this.calls.push({ metrics: metrics.length, fromMs, toMs });
    return metrics.map((metric) => this.#newest(metric, fromMs, toMs));
  }

  #newest(metric: CloudWatchMetric, fromMs: number, toMs: number): MetricAnswer {
    let newest: Point | null = null;
    for (const one of this.#points.get(metricId(metric)) ?? [])
      if (one.atMs >= fromMs && one.atMs < toMs && one.seenFromMs <= this.#nowMs() && one.atMs >= (newest?.atMs ?? -1))
        newest = one;
    return newest === null ? { kind: 'none' } : { kind: 'value', value: newest.value, atMs: newest.atMs };
  }
}
