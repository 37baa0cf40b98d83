// What an installation ran, as a trace that a back-test reads.
import { describe, expect, test } from '@jest/globals';
import { readCsv } from '../../lib/backtest/traces/csv.ts';
import { isMetric, readMetric } from '../../lib/backtest/traces/metric.ts';
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

  test('of nothing is the header alone, and what is no export is refused', async () => {
    const { out } = await bench.run(['history', 'export']);
    expect(out.trim().split('\n')).toEqual([expect.stringMatching(/^submit_s,duration_s,vcpu,memory_mib,gpu,/)]);
    expect((await bench.run(['history', 'import'])).exit).toBe(2);
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
