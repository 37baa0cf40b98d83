// Jobs of other schedulers as tasks of a trace: what their readers share.
import { limits } from '../../api/limits.ts';
import type { TraceTask } from './trace.ts';
import { LineError, TraceBuilder } from './trace.ts';
import type { Trace, TraceUnit } from './trace.ts';

/** A job as it was recorded; times in milliseconds of any clock. */
export interface Job {
  readonly submitMs: number;
  readonly durationMs: number;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpu: number;
  readonly count: number;
  readonly pool: string | null;
  readonly tenant: string;
  readonly labels: readonly string[];
  readonly name: string | null;
}

/** Reads one line or item; null: it is no job. @throws LineError */
export type ReadJob<T> = (item: T) => Job | null;

/** Time begins with the first submission. `lines`: as many as the file has, where items are not its lines. */
export function traceOfJobs<T>(
  items: Iterable<T>,
  read: ReadJob<T>,
  { unit, lines }: { readonly unit?: TraceUnit; readonly lines?: number } = {},
): Trace {
  const jobs: { readonly job: Job; readonly line: number }[] = [];
  const builder = new TraceBuilder(unit);
  for (const item of items) {
    const line = builder.line();
    try {
      const job = read(item);
      if (job === null) builder.passOver();
      else jobs.push({ job: checked(job), line });
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      builder.wrong(error.line ?? line, error.message);
    }
  }
  const firstMs = jobs.reduce((first, { job }) => Math.min(first, job.submitMs), Infinity);
  for (const { job, line } of jobs) builder.add(taskOf(job, line, firstMs));
  return builder.build(lines);
}

function taskOf(job: Job, line: number, firstMs: number): TraceTask {
  const { count, pool, tenant, labels, name } = job;
  return {
    line,
    submitMs: Math.round(job.submitMs - firstMs),
    durationMs: Math.max(1, Math.round(job.durationMs)),
    resources: { cpuMilli: Math.round(job.vcpu * 1000), memoryMib: Math.ceil(job.memoryMib), gpu: job.gpu },
    count,
    pool,
    tenant,
    labels,
    name,
    priority: 0,
    deadlineMs: null,
    requirements: {},
    group: null,
    ran: null,
    used: null,
  };
}

function checked(job: Job): Job {
  between('its run time in seconds', job.durationMs / 1000, 0, limits.durationSecondsMax);
  between('its vCPU', job.vcpu, limits.vcpuMin, limits.vcpuMax);
  between('its memory in MiB', job.memoryMib, 0, limits.memoryMibMax);
  between('its GPUs', job.gpu, 0, limits.gpuMax);
  between('its number of tasks', job.count, 1, limits.countMax);
  return job;
}

function between(what: string, value: number, min: number, max: number): void {
  if (!Number.isFinite(value)) throw new LineError(`${what}: not known`);
  if (value < min || value > max)
    throw new LineError(`${what} is ${String(value)}; it must be between ${String(min)} and ${String(max)}`);
}
