// Traces in JSON: AWS Batch's `describe-jobs`, GitHub Actions' jobs of workflow runs, and metrics (metric.ts). One
// object, a list of pages, or one page a line. Positions in messages are those of the jobs, in the order of the file.
import * as z from 'zod';
import { LineError, TraceError } from './trace.ts';
import type { Trace } from './trace.ts';
import { traceOfJobs } from './jobs.ts';
import type { Job } from './jobs.ts';
import { isMetric, readMetric } from './metric.ts';

const page = z.looseObject({ jobs: z.array(z.unknown()) });

/** @throws TraceError */
export function readJsonJobs(text: string): Trace {
  const pages = pagesIn(text);
  if (isMetric(pages)) return readMetric(pages);
  const jobs = pages.flatMap((one) => {
    const parsed = page.safeParse(one);
    if (!parsed.success) throw new TraceError('it has no list "jobs", as describe-jobs of AWS Batch and GitHub have');
    return parsed.data.jobs;
  });
  return traceOfJobs(
    jobs,
    (job) => {
      if (typeof job !== 'object' || job === null) throw new LineError('is no object');
      return 'jobId' in job ? batchJob(job) : githubJob(job);
    },
    { unit: 'item' },
  );
}

function pagesIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly unknown[]) : [value];
  } catch (error) {
    // One page a line.
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw new TraceError(`it is not JSON: ${String(error)}`, { cause: error });
    return lines.map((line, at): unknown => {
      try {
        return JSON.parse(line);
      } catch (cause) {
        throw new TraceError(`line ${String(at + 1)} is not JSON: ${String(cause)}`, { cause });
      }
    });
  }
}

const batch = z.looseObject({
  jobId: z.string(),
  jobName: z.string().optional(),
  jobQueue: z.string().optional(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  stoppedAt: z.number().optional(),
  arrayProperties: z.looseObject({ size: z.number().optional(), index: z.number().optional() }).optional(),
  container: z
    .looseObject({
      vcpus: z.number().optional(),
      memory: z.number().optional(),
      resourceRequirements: z.array(z.looseObject({ type: z.string(), value: z.string() })).optional(),
    })
    .optional(),
});

/** What they ask for is not where that of a container is. */
const otherForms = [
  ['eksProperties', 'runs on EKS'],
  ['nodeProperties', 'runs on several nodes at once (multi-node parallel)'],
  ['ecsProperties', 'is of several containers (ecsProperties)'],
] as const;

function batchJob(value: object): Job | null {
  const job = parsed(batch, value);
  // The parent of an array: its children are jobs of their own.
  if (job.arrayProperties?.size !== undefined && job.arrayProperties.index === undefined) return null;
  const other = otherForms.find(([field]) => field in value);
  if (other !== undefined) throw new LineError(`${job.jobId} ${other[1]}; only jobs of one container are read`);
  if (job.startedAt === undefined || job.stoppedAt === undefined)
    throw new LineError(`${job.jobId} never ran, or runs`);
  const asked = new Map(
    (job.container?.resourceRequirements ?? []).map(({ type, value: much }) => [type, Number(much)]),
  );
  return {
    submitMs: job.createdAt,
    durationMs: job.stoppedAt - job.startedAt,
    vcpu: asked.get('VCPU') ?? job.container?.vcpus ?? NaN,
    memoryMib: asked.get('MEMORY') ?? job.container?.memory ?? NaN,
    gpu: asked.get('GPU') ?? 0,
    count: 1,
    pool: null,
    tenant: 'default',
    labels: job.jobQueue === undefined ? [] : [`queue=${job.jobQueue.split('/').at(-1) ?? ''}`],
    name: job.jobName ?? null,
  };
}

const github = z.looseObject({
  name: z.string().optional(),
  workflow_name: z.string().nullish(),
  created_at: z.string(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  labels: z.array(z.string()).default([]),
});

/** GitHub's standard Linux runner of a public repository; larger ones have their cores in a label. */
const runner = { vcpu: 4, memoryMibPerVcpu: 4_096 };

function githubJob(value: object): Job {
  const job = parsed(github, value);
  const time = (text: string | null | undefined): number => (typeof text === 'string' ? Date.parse(text) : NaN);
  const [created, started, completed] = [time(job.created_at), time(job.started_at), time(job.completed_at)];
  if (Number.isNaN(created)) throw new LineError(`created_at ${JSON.stringify(job.created_at)} is no time`);
  if (Number.isNaN(started) || Number.isNaN(completed) || completed <= started)
    throw new LineError('it never ran, or runs');
  const system = job.labels.find((label) => /^(?:macos|windows)/i.test(label));
  if (system !== undefined) throw new LineError(`its runner is ${system}; nodes run Linux`);
  const cores = job.labels.map((label) => /(\d+)-?cores?\b/.exec(label)?.[1]).find((one) => one !== undefined);
  const vcpu = cores === undefined ? runner.vcpu : Number(cores);
  return {
    submitMs: created,
    durationMs: completed - started,
    vcpu,
    memoryMib: vcpu * runner.memoryMibPerVcpu,
    gpu: 0,
    count: 1,
    pool: null,
    tenant: 'default',
    labels: typeof job.workflow_name !== 'string' ? [] : [`workflow=${job.workflow_name}`],
    name: job.name ?? null,
  };
}

function parsed<T extends z.ZodType>(schema: T, value: object): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new LineError(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`);
}
