// Traces of other schedulers, in examples of their formats; and generated ones.
import { describe, expect, test } from '@jest/globals';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { generate, generatedDefaults } from '../../../lib/backtest/traces/generate.ts';
import { readJsonJobs } from '../../../lib/backtest/traces/json-jobs.ts';
import { readSacct } from '../../../lib/backtest/traces/sacct.ts';
import { wrongLinesText } from '../../../lib/backtest/program/text.ts';
import { summaryOf } from '../../../lib/backtest/traces/summary.ts';
import { readSwf } from '../../../lib/backtest/traces/swf.ts';

const task = (of: object): unknown => expect.objectContaining(of);

test('the Standard Workload Format', () => {
  const trace = readSwf(
    '; Version: 2.2\n; MaxNodes: 128\n'
      + '1 100 5 600 4 -1 204800 4 3600 -1 1 7 1 3 2 -1 -1 -1\n'
      + '2 160 -1 -1 -1 -1 -1 2 60 -1 5 8 1 -1 -1 -1 -1 -1\n'
      + '3 130 0 30 1 -1 -1 -1 60 2097152 1 -1 1 -1 -1 -1 -1 -1\n'
      + '4 130 0 30\n',
  );
  expect(trace).toMatchObject({ lines: 6, passedOver: 2, wrongCount: 2 });
  expect(trace.wrong).toEqual([
    { line: 4, reason: 'it never ran' },
    { line: 6, reason: 'has 4 fields; the format has 18' },
  ]);
  expect(trace.tasks).toEqual([
    task({
      line: 3,
      submitMs: 0,
      durationMs: 600_000,
      resources: { cpuMilli: 1000, memoryMib: 200, gpu: 0 },
      count: 4,
      tenant: 'user-7',
      labels: ['queue=2'],
    }),
    task({ submitMs: 30_000, durationMs: 30_000, resources: { cpuMilli: 1000, memoryMib: 2048, gpu: 0 }, count: 1 }),
  ]);
});

test('sacct --parsable2', () => {
  const trace = readSacct(
    'JobID|User|Partition|Submit|Elapsed|State|ReqCPUS|ReqMem|NNodes|AllocTRES\n'
      + '12|anna|gpu|2026-11-01T08:00:30|1-00:00:10|COMPLETED|16|64G|2|cpu=16,mem=128G,node=2,gres/gpu:a100=4\n'
      + '12.batch||||23:59:59|COMPLETED|16||1|\n'
      + '13_4|bruno|cpu|2026-11-01T08:00:00|05:00|FAILED|2|2000Mc|1|\n'
      + '14|bruno|cpu|2026-11-01T08:01:00|00:00:00|CANCELLED|2|2G|1|\n'
      + '15|bruno|cpu|yesterday|05:00|COMPLETED|2|2G|1|\n',
  );
  expect(trace).toMatchObject({ passedOver: 2, wrongCount: 2 });
  expect(trace.wrong).toEqual([
    { line: 5, reason: 'it never ran (CANCELLED)' },
    { line: 6, reason: 'Submit "yesterday" is no time' },
  ]);
  expect(trace.tasks).toEqual([
    task({ submitMs: 0, durationMs: 300_000, resources: { cpuMilli: 2000, memoryMib: 4000, gpu: 0 }, tenant: 'bruno' }),
    task({
      submitMs: 30_000,
      durationMs: 86_410_000,
      resources: { cpuMilli: 8000, memoryMib: 65536, gpu: 2 },
      count: 2,
      labels: ['partition=gpu'],
    }),
  ]);
  expect(() => readSacct('JobID|User\n1|a\n')).toThrow('the header lacks');
});

test.each([
  ['of the whole job, without a suffix', '16G|4|', '', 4_096],
  ['per node, as older Slurm writes it', '4Gn|4|', '', 4_096],
  ['per CPU', '2Gc|4|', '', 4_096],
  ['what was allocated goes first', '1G|4|billing=8,cpu=8,mem=16G,node=4', '', 4_096],
  ['what was asked for where nothing was allocated', '1G|4|cpu=8', 'cpu=8,mem=1.5T,node=4', 393_216],
  ['1 GiB per CPU where nothing is said', '|4|', '', 2_048],
  ['1 GiB per CPU where all of the node was asked for', '0n|4|cpu=8,mem=0', '', 2_048],
])('memory of a node in sacct: %s', (_, cells, asked, memoryMib) => {
  const { tasks } = readSacct(
    'JobID|Submit|ElapsedRaw|State|ReqCPUS|ReqMem|NNodes|AllocTRES|ReqTRES\n'
      + `201|2026-11-01T00:00:00|3600|COMPLETED|8|${cells}|${asked}\n`,
  );
  expect(tasks).toEqual([task({ resources: { cpuMilli: 2_000, memoryMib, gpu: 0 }, count: 4 })]);
});

test('jobs of sacct that have not ended are named and counted, whatever they ran until then', () => {
  const line = (id: string, seconds: number, state: string): string =>
    `${id}|2026-11-01T00:00:00|${String(seconds)}|${state}|2|2G|1\n`;
  const trace = readSacct(
    'JobID|Submit|ElapsedRaw|State|ReqCPUS|ReqMem|NNodes\n'
      + line('1', 100, 'RUNNING')
      + line('105_[1-5]', 0, 'PENDING')
      + line('2', 30, 'SUSPENDED')
      + line('3', 40, 'CANCELLED by 7')
      + line('4', 50, 'REQUEUED'),
  );
  expect(trace.wrong).toEqual([
    { line: 2, reason: 'it had not ended (RUNNING)' },
    { line: 3, reason: 'it had not ended (PENDING)' },
    { line: 4, reason: 'it had not ended (SUSPENDED)' },
  ]);
  expect(trace.tasks.map((one) => one.durationMs)).toEqual([40_000, 50_000]);
});

describe('JSON', () => {
  test('of describe-jobs of AWS Batch', () => {
    const job = (more: object): object => ({
      jobId: 'j',
      jobName: 'render',
      jobQueue: 'arn:aws:batch:us-east-1:1:job-queue/night',
      createdAt: 1_000,
      startedAt: 61_000,
      stoppedAt: 121_000,
      ...more,
    });
    const trace = readJsonJobs(
      JSON.stringify({
        jobs: [
          job({
            container: {
              resourceRequirements: [
                { type: 'VCPU', value: '0.5' },
                { type: 'MEMORY', value: '1024' },
                { type: 'GPU', value: '1' },
              ],
            },
          }),
          job({ createdAt: 3_000, container: { vcpus: 2, memory: 4096 } }),
          job({ arrayProperties: { size: 10 } }),
          job({ stoppedAt: undefined, container: { vcpus: 2, memory: 4096 } }),
          job({ container: {} }),
        ],
      }),
    );
    expect(trace).toMatchObject({ unit: 'item', passedOver: 1, wrongCount: 2 });
    expect(trace.wrong.map((one) => one.reason)).toEqual(['j never ran, or runs', 'its vCPU: not known']);
    expect(trace.tasks).toEqual([
      task({
        submitMs: 0,
        durationMs: 60_000,
        resources: { cpuMilli: 500, memoryMib: 1024, gpu: 1 },
        labels: ['queue=night'],
        name: 'render',
      }),
      task({ submitMs: 2_000, resources: { cpuMilli: 2000, memoryMib: 4096, gpu: 0 } }),
    ]);
  });

  test("of GitHub Actions, one page a line, with larger runners' cores from their label", () => {
    const at = (time: string): string => `2026-11-01T10:${time}Z`;
    const page = (jobs: readonly object[]): string => JSON.stringify({ total_count: jobs.length, jobs });
    const trace = readJsonJobs(
      [
        page([
          {
            id: 1,
            name: 'test',
            workflow_name: 'CI',
            created_at: at('00:10'),
            started_at: at('00:20'),
            completed_at: at('02:20'),
            labels: ['ubuntu-latest'],
          },
        ]),
        page([
          {
            id: 2,
            created_at: at('00:00'),
            started_at: at('00:20'),
            completed_at: at('01:20'),
            labels: ['ubuntu-16-cores'],
          },
          { id: 3, created_at: at('00:00'), started_at: null, completed_at: null },
        ]),
      ].join('\n'),
    );
    expect(trace.wrong).toEqual([{ line: 3, reason: 'it never ran, or runs' }]);
    expect(trace.tasks).toEqual([
      task({ submitMs: 0, durationMs: 60_000, resources: { cpuMilli: 16000, memoryMib: 65536, gpu: 0 } }),
      task({
        submitMs: 10_000,
        durationMs: 120_000,
        resources: { cpuMilli: 4000, memoryMib: 16384, gpu: 0 },
        labels: ['workflow=CI'],
      }),
    ]);
  });

  test('of a metric: each vCPU of demand for as long as the curve is that high, the last one ends first', () => {
    const at = (minute: number): string => `2026-11-01T10:${String(minute).padStart(2, '0')}:00+00:00`;
    const result = (minutes: readonly number[], Values: readonly number[], more: object = {}): object => ({
      MetricDataResults: [{ Id: 'm1', Label: 'vCPU in use', Timestamps: minutes.map(at), Values, ...more }],
      Messages: [],
    });
    // Newest first, on two pages; nothing is known of 10:25 and 10:30.
    const trace = readJsonJobs(
      JSON.stringify([result([20, 15, 10], [1.4, 3, 5]), result([5, 0, 35, 40], [2.6, 2, 4, -1])]),
    );
    expect(trace.wrong).toEqual([{ line: 7, reason: 'vCPU in use: -1 must be a demand of 0 to 1000000 vCPU' }]);
    expect(trace).toMatchObject({ unit: 'value', lines: 7 });
    expect(wrongLinesText(trace)).toEqual([
      '1 of 7 values are wrong and left out:',
      '  value 7: vCPU in use: -1 must be a demand of 0 to 1000000 vCPU',
    ]);
    const minutes = trace.tasks.map((one) => [one.submitMs / 60_000, one.durationMs / 60_000, one.count]);
    expect(minutes).toEqual([
      [0, 20, 1],
      [0, 25, 1],
      [5, 15, 1],
      [10, 5, 2],
      [35, 5, 4],
    ]);
    expect(trace.tasks[0]).toMatchObject({
      resources: { cpuMilli: 1_000, memoryMib: 4_096, gpu: 0 },
      labels: ['metric=vCPU in use'],
    });
    // SDKs write seconds.
    const seconds = result([], [], { Timestamps: [1_000, 1_060], Values: [1, 1] });
    expect(readJsonJobs(JSON.stringify(seconds)).tasks).toEqual([task({ durationMs: 120_000, count: 1 })]);
  });

  test.each([
    [{ MetricDataResults: [{ Id: 'm', Timestamps: ['x'], Values: [1] }] }, 'm: "x" is no time'],
    [{ MetricDataResults: [{ Id: 'm', Timestamps: [1, 2], Values: [1] }] }, 'm has 2 times and 1 values'],
    [{ MetricDataResults: [{ Id: 'm' }] }, 'no answer of get-metric-data: MetricDataResults.0.Timestamps'],
  ])('of a metric that cannot be read is refused: %j', (value, message) => {
    expect(() => readJsonJobs(JSON.stringify(value))).toThrow(message);
  });

  test.each([
    ['eksProperties', 'b runs on EKS; only jobs of one container are read'],
    ['nodeProperties', 'b runs on several nodes at once (multi-node parallel); only jobs of one container are read'],
    ['ecsProperties', 'b is of several containers (ecsProperties); only jobs of one container are read'],
  ])('of describe-jobs with %s says that these are not read', (field, reason) => {
    const job = { jobId: 'a', createdAt: 0, startedAt: 1, stoppedAt: 9, container: { vcpus: 1, memory: 512 } };
    const trace = readJsonJobs(
      JSON.stringify({ jobs: [job, { ...job, jobId: 'b', container: undefined, [field]: {} }] }),
    );
    expect(trace.wrong).toEqual([{ line: 2, reason }]);
    expect(wrongLinesText(trace)).toEqual(['1 of 2 items are wrong and left out:', `  item 2: ${reason}`]);
  });

  test('of GitHub names runners that are not Linux', () => {
    const job = (labels: readonly string[]): object => ({
      created_at: '2026-11-01T10:00:00Z',
      started_at: '2026-11-01T10:00:00Z',
      completed_at: '2026-11-01T10:01:00Z',
      labels,
    });
    const all = [['ubuntu-24.04'], ['macos-14'], ['self-hosted', 'Windows'], ['self-hosted', 'linux']].map(job);
    const trace = readJsonJobs(JSON.stringify({ jobs: all }));
    expect(trace.tasks).toHaveLength(2);
    expect(trace.wrong.map((one) => one.reason)).toEqual([
      'its runner is macos-14; nodes run Linux',
      'its runner is Windows; nodes run Linux',
    ]);
  });

  test('of something else is refused', () => {
    expect(() => readJsonJobs('{"jobs": [1]}')).toThrow('(1 items, 1 wrong; item 1: is no object)');
    expect(() => readJsonJobs('{"runs": []}')).toThrow('no list "jobs"');
    expect(() => readJsonJobs('hello')).toThrow('not JSON');
  });
});

describe('a generated trace', () => {
  const text = (more: object): string => [...generate({ ...generatedDefaults, ...more })].join('\n');

  test('is the same for its seed, has as many tasks as wanted, and its summary says so', () => {
    expect(text({ seed: 4 })).toBe(text({ seed: 4 }));
    expect(text({ seed: 4 })).not.toBe(text({ seed: 5 }));
    const summary = summaryOf(readCsv(text({ tasks: 5_000, days: 7, tenants: 4 })));
    expect(summary).toMatchObject({ tasks: 5_000, tenants: 4, wrongCount: 0, passedOver: 0 });
    expect(summary.hours).toBeGreaterThan(5 * 24);
    expect(summary.duration.p50S).toBeGreaterThan(40);
    expect(summary.duration.p50S).toBeLessThan(90);
  });

  test('is counted by hand', () => {
    const trace = readCsv('submit_s,duration_s,vcpu,memory_mib,gpu,count\n0,3600,1,1024,1,2\n1800,3600,0.5,2048,0,1\n');
    expect(summaryOf(trace)).toMatchObject({
      tasks: 3,
      hours: 1.5,
      shapes: 2,
      vcpuHours: 2.5,
      memoryGibHours: 4,
      gpuHours: 2,
      most: { tasks: 3, vcpu: 2.5 },
    });
  });
});
