// What an installation ran, as a trace that a back-test reads.
import { describe, expect, test } from '@jest/globals';
import { readCsv } from '../../lib/backtest/traces/csv.ts';
import { isMetric, readMetric } from '../../lib/backtest/traces/metric.ts';
import { readWeather } from '../../lib/backtest/world/weather.ts';
import type { ArchivePart } from '../../lib/core/forecast/archive.ts';
import type { Shortage } from '../../lib/core/forecast/shortages.ts';
import type { TaskRecord } from '../../lib/core/records/request.ts';
import { nowMs } from '../lambdas/fake-use-cases.ts';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

function ended(index: number, seconds: number): TaskRecord {
  return {
    index,
    state: 'succeeded',
    attempt: 1,
    allocation: null,
    placedAtMs: nowMs,
    startedAtMs: nowMs + 1_000,
    endedAtMs: nowMs + 1_000 + seconds * 1_000,
    exitCode: 0,
    reason: null,
    failures: 0,
    losses: 0,
    notBeforeMs: 0,
  };
}

describe('history export', () => {
  test('is a trace: single tasks, and of arrays each that ran', async () => {
    const options = ['--vcpu', '2', '--memory', '3Gi', '--name', 'nightly', '--label', 'team=search'];
    await bench.run(['run', ...options, '--priority', '3', '--require', 'arch=arm64', '--', 'true']);
    await bench.run(['run', '--count', '3', '--', 'true']);
    await bench.run(['run', '--', 'true']);
    bench.fake.end('r1', 0);
    bench.fake.change('r1', { tenant: 'user:ann,@x' });
    bench.fake.end('r2', 0);
    const node = { nodeId: 'i-7', instanceType: 'm7g.large', zone: 'us-east-1c', capacityType: 'spot' } as const;
    const ran: TaskRecord = {
      ...ended(0, 4),
      allocation: { ...node, priceUsdPerHour: 0.03 },
      usage: { cpuMs: 900, memoryPeakMib: 300, writtenBytes: null, by: 'cgroup' },
    };
    bench.fake.arrayTasks.set('r2', [ran, ended(1, 6.5), { ...ended(2, 0), startedAtMs: null }]);
    const { out, err, exit } = await bench.run(['history', 'export', '--since', '2h']);
    expect(exit).toBe(0);
    expect(err).toContain('1 request left out: not ended, or never begun');
    expect(bench.fake.filters).toContainEqual(
      expect.objectContaining({ sinceMs: expect.any(Number), order: 'oldest' }),
    );
    const trace = readCsv(out);
    expect(trace.wrongCount).toBe(0);
    expect(trace.tasks.map((one) => one.durationMs)).toEqual([1_000, 4_000, 6_500]);
    expect(trace.tasks[0]).toMatchObject({
      submitMs: 0,
      resources: { cpuMilli: 2_000, memoryMib: 3_072, gpu: 0 },
      pool: 'default',
      tenant: 'user:ann,@x',
      labels: ['team=search'],
      priority: 3,
      requirements: { arch: ['arm64'] },
      name: 'nightly',
    });
    expect(trace.tasks[1]).toMatchObject({
      used: { memoryMib: 300 },
      ran: {
        node: 'i-7',
        instanceType: 'm7g.large',
        zone: 'us-east-1c',
        capacityType: 'spot',
        usdPerHour: 0.03,
        startMs: (trace.tasks[1]?.submitMs ?? NaN) + 1_000,
      },
    });
  });

  test('has what the archive has, and of the ledger only what that does not have yet', async () => {
    await bench.run(['run', '--name', 'both', '--', 'true']);
    await bench.run(['run', '--name', 'late', '--', 'true']);
    bench.fake.end('r1', 0);
    bench.fake.end('r2', 0);
    const past = {
      ...{ tenant: 'tenant-a', state: 'succeeded' as const, resources: { cpuMilli: 250, memoryMib: 64, gpu: 0 } },
      ...{
        priority: -2,
        deadlineMs: 90_000,
        disruption: 'restart' as const,
        labels: { team: 'a' },
        zone: ['us-east-1a'],
      },
    };
    const tasks = [0, 1].map((index) => [index, 500, 7_000, 0, 100, 50] as const);
    const part: ArchivePart = {
      nodes: [['i-1', 'm7g.large', 'us-east-1a', 'spot', 0.02]],
      requests: [
        { ...past, id: 'r1', name: 'both', createdAtMs: nowMs - 3_600_000, tasks: tasks.slice(0, 1) },
        { ...past, id: 'gone', createdAtMs: nowMs - 864_000_000, tasks },
      ],
    };
    // As after a failure of the controller: twice.
    bench.fake.archive.push(part, part);
    const { out, exit } = await bench.run(['history', 'export']);
    expect(exit).toBe(0);
    const trace = readCsv(out);
    expect(trace.wrongCount).toBe(0);
    expect(trace.tasks.map(({ name, submitMs, durationMs }) => [name ?? '', submitMs, durationMs])).toEqual([
      ['', 0, 7_000],
      ['', 0, 7_000],
      ['both', 860_400_000, 7_000],
      ['late', 864_000_000, 1_000],
    ]);
    expect(trace.tasks[0]).toMatchObject({
      ...{ tenant: 'tenant-a', pool: 'default', labels: ['team=a'], priority: -2, deadlineMs: 90_000 },
      ...{ requirements: { zone: ['us-east-1a'] }, used: { memoryMib: 100 }, disruption: 'restart' },
      ran: { node: 'i-1', instanceType: 'm7g.large', capacityType: 'spot', usdPerHour: 0.02, startMs: 500 },
    });
    const few = await bench.run(['history', 'export', '--limit', '1']);
    expect([readCsv(few.out).tasks.length, few.err]).toEqual([1, expect.stringContaining('raise --limit')]);
  });

  test('of nothing is the header alone, and what is no export is refused', async () => {
    const { out } = await bench.run(['history', 'export']);
    expect(out.trim().split('\n')).toEqual([expect.stringMatching(/^submit_s,duration_s,vcpu,memory_mib,gpu,/)]);
    expect((await bench.run(['history', 'import'])).exit).toBe(2);
  });
});

describe('history export --weather', () => {
  test('has what spot nodes cost and what could not be had, as a back-test of the trace reads it', async () => {
    const [startMs, zone] = [nowMs - 7_200_000, 'us-east-1a'];
    const tasks = [0, 60, 120, 180].map((s, n) => [n, s * 1_000, 5_000, n, null, null] as const);
    bench.fake.archive.push({
      nodes: [0.02, 0.02, 0.03, 0.09].map((usd, n) =>
        n === 3 ? ['i-3', 'm7g.large', zone, 'on-demand', usd] : [`i-${String(n)}`, 'm7g.large', zone, 'spot', usd],
      ),
      requests: [
        {
          ...{ id: 'r', tenant: 'tenant-a', createdAtMs: startMs, state: 'succeeded', priority: 0, tasks },
          resources: { cpuMilli: 250, memoryMib: 64, gpu: 0 },
        },
      ],
    });
    const short = (fromS: number, untilS: number): Shortage => ({
      ...{ fromMs: startMs + fromS * 1_000, untilMs: startMs + untilS * 1_000 },
      ...{ offering: 'c7i.large/*/spot', code: 'InsufficientInstanceCapacity' },
    });
    bench.fake.shortages.push(short(30, 100), short(90, 150));
    const { out, exit } = await bench.run(['history', 'export', '--weather']);
    expect(exit).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      'at_s,offering,price,capacity,interrupt',
      '0,m7g.large/us-east-1a/spot,0.02,,',
      '30,c7i.large/*/spot,,0,',
      '120,m7g.large/us-east-1a/spot,0.03,,',
      '150,c7i.large/*/spot,,-,',
    ]);
    const { changes } = readWeather(out, 'weather.csv');
    expect(changes.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['price', 0],
      ['capacity', 30_000],
      ['price', 120_000],
      ['capacity', 150_000],
    ]);
  });
});

describe('history export --demand', () => {
  test("is one answer of CloudWatch's, which a back-test reads as demand", async () => {
    const { out, exit } = await bench.run(['history', 'export', '--demand', '--pool', 'default']);
    expect(exit).toBe(0);
    const pages: unknown[] = [JSON.parse(out)];
    expect(isMetric(pages)).toBe(true);
    const trace = readMetric(pages);
    expect(trace.wrongCount).toBe(0);
    expect(trace.tasks.length).toBeGreaterThan(3);
    expect((await bench.run(['history', 'export', '--demand', '--pool', 'nowhere'])).exit).toBe(4);
  });
});
