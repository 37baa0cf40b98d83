// A metric as a trace: CloudWatch's `get-metric-data`, its values read as demand in vCPU. Each vCPU of demand is a task
// that runs for as long as the curve is that high: what came last goes first, so the base of the curve is long tasks.
import * as z from 'zod';
import { limits } from '../../api/limits.ts';
import { traceOfJobs } from './jobs.ts';
import type { Job } from './jobs.ts';
import { LineError, TraceError } from './trace.ts';
import type { Trace } from './trace.ts';

const result = z.looseObject({
  Id: z.string().default(''),
  Label: z.string().optional(),
  Timestamps: z.array(z.union([z.string(), z.number()])),
  Values: z.array(z.number()),
});
const page = z.looseObject({ MetricDataResults: z.array(result) });

/** A metric says nothing of memory. */
const memoryMibPerVcpu = 4_096;
const vcpuMax = 1_000_000;
const durationMsMax = limits.durationSecondsMax * 1_000;

export function isMetric(pages: readonly unknown[]): boolean {
  return pages.some((one) => typeof one === 'object' && one !== null && 'MetricDataResults' in one);
}

/** @throws TraceError */
export function readMetric(pages: readonly unknown[]): Trace {
  const series = new Map<string, Point[]>();
  const wrong: LineError[] = [];
  let values = 0;
  for (const one of pages) {
    const parsed = page.safeParse(one);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new TraceError(
        `it is no answer of get-metric-data: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      );
    }
    // Further pages go on with the same results.
    for (const { Id, Label, Timestamps, Values } of parsed.data.MetricDataResults) {
      if (Timestamps.length !== Values.length)
        throw new TraceError(`${Id} has ${String(Timestamps.length)} times and ${String(Values.length)} values`);
      const name = Label ?? Id;
      const points = series.get(name) ?? [];
      series.set(name, points);
      for (const [at, time] of Timestamps.entries()) {
        const [atMs, vcpu] = [timeOf(time), Values[at] ?? NaN];
        values += 1;
        if (Number.isNaN(atMs)) wrong.push(new LineError(`${name}: ${JSON.stringify(time)} is no time`, values));
        else if (!(vcpu >= 0 && vcpu <= vcpuMax))
          wrong.push(
            new LineError(`${name}: ${String(vcpu)} must be a demand of 0 to ${String(vcpuMax)} vCPU`, values),
          );
        else points.push({ atMs, vcpu: Math.round(vcpu) });
      }
    }
  }
  const jobs = [...series].flatMap(([name, points]) => jobsOf(name, points));
  return traceOfJobs<Job | LineError>(
    [...jobs, ...wrong],
    (one) => {
      if (one instanceof LineError) throw one;
      return one;
    },
    { unit: 'value', lines: values },
  );
}

interface Point {
  readonly atMs: number;
  readonly vcpu: number;
}

/** The CLI writes times as text, SDKs as seconds. */
function timeOf(time: string | number): number {
  return typeof time === 'number' ? time * 1_000 : Date.parse(time);
}

/** A value is valid for one period; where none follows, there is no demand. */
function jobsOf(name: string, points: readonly Point[]): readonly Job[] {
  const sorted = [...points].sort((a, b) => a.atMs - b.atMs);
  const gaps = sorted.slice(1).map((point, at) => point.atMs - (sorted[at]?.atMs ?? 0));
  const periodMs = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 60_000;
  const jobs: Job[] = [];
  const running: { sinceMs: number; vcpu: number }[] = [];
  let level = 0;
  const change = (atMs: number, vcpu: number): void => {
    if (vcpu > level) running.push({ sinceMs: atMs, vcpu: vcpu - level });
    for (let more = level - vcpu; more > 0;) {
      const last = running.at(-1);
      if (last === undefined) break;
      const ended = Math.min(more, last.vcpu);
      jobs.push(...pieces(name, last.sinceMs, atMs, ended));
      last.vcpu -= ended;
      more -= ended;
      if (last.vcpu === 0) running.pop();
    }
    level = vcpu;
  };
  for (const [at, { atMs, vcpu }] of sorted.entries()) {
    change(atMs, vcpu);
    const nextMs = sorted[at + 1]?.atMs ?? Infinity;
    if (nextMs > atMs + 1.5 * periodMs) change(atMs + periodMs, 0);
  }
  return jobs;
}

/** As arrays of tasks of one vCPU, none longer and none larger than what may be submitted. */
function pieces(name: string, fromMs: number, toMs: number, vcpu: number): readonly Job[] {
  const jobs: Job[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += durationMsMax)
    for (let left = vcpu; left > 0; left -= limits.countMax)
      jobs.push({
        submitMs: atMs,
        durationMs: Math.min(durationMsMax, toMs - atMs),
        vcpu: 1,
        memoryMib: memoryMibPerVcpu,
        gpu: 0,
        count: Math.min(left, limits.countMax),
        pool: null,
        tenant: 'default',
        labels: [`metric=${name}`],
        name: null,
      });
  return jobs;
}
