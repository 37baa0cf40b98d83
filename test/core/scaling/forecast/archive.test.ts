// What is kept of tasks that ran: whole, in bounded parts, and nothing of what was run.
import { describe, expect, test } from '@jest/globals';
import { ArchiveBuilder, partBytesMax, partTasksMax, tasksInPart } from '../../../../lib/core/forecast/archive.ts';
import type { ArchivePart } from '../../../../lib/core/forecast/archive.ts';
import type { RequestRecord, TaskRecord, TaskSpec } from '../../../../lib/core/records/request.ts';
import { taskSpec } from '../../../control/world.ts';

const createdAtMs = 1_800_000_000_000;

function request(spec: Partial<TaskSpec> = {}, id = 'r-1'): RequestRecord {
  return {
    ...{ id, tenant: 'team a', pool: 'default', bodyHash: '', createdAtMs, state: 'succeeded', reason: null },
    ...{ startedAtMs: null, endedAtMs: null, tasks: [], cancelRequestedAtMs: null, quarantine: null, timeline: [] },
    spec: { ...taskSpec, ...spec },
    counts: { pending: 0, running: 0, succeeded: 1, failed: 0, cancelled: 0 },
    closed: { chunks: 0, counts: { pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 } },
  };
}

function ran(index: number, node: string | null = 'i-0123456789abcdef0'): TaskRecord {
  const place = {
    instanceType: 'm7g.large',
    zone: 'us-east-1c',
    capacityType: 'spot',
    priceUsdPerHour: 0.0312,
  } as const;
  return {
    ...{ index, state: 'succeeded', attempt: 1, placedAtMs: null, exitCode: 0, reason: null },
    ...{ failures: 0, losses: 0, notBeforeMs: 0 },
    allocation: node === null ? null : { nodeId: node, ...place },
    startedAtMs: createdAtMs + 1_000 + index,
    endedAtMs: createdAtMs + 9_000 + 2 * index,
    usage: { memoryPeakMib: 300, cpuMs: 900, writtenBytes: null, by: 'cgroup' },
  };
}

function partsOf(...all: readonly (readonly [RequestRecord, readonly TaskRecord[]])[]): readonly ArchivePart[] {
  const builder = new ArchiveBuilder();
  return [...all.flatMap(([one, tasks]) => builder.add(one, tasks)), ...builder.rest()];
}

describe('a part of the archive', () => {
  test('has what was asked for, when and where it ran and what it used; not what was run', () => {
    const spec: Partial<TaskSpec> = {
      ...{ name: 'nightly', labels: { team: 'search' }, group: 'web', priority: 3, deadlineMs: 60_000 },
      env: { TOKEN: 'secret' },
      disruption: { mode: 'restart' },
      requirements: { arch: ['arm64'], matchExpressions: [{ key: 'zone', operator: 'In', values: ['us-east-1c'] }] },
    };
    const [part] = partsOf([request(spec), [ran(0)]]);
    expect(part?.requests[0]).toMatchObject({
      ...{ id: 'r-1', tenant: 'team a', createdAtMs, state: 'succeeded', resources: taskSpec.resources },
      ...{ name: 'nightly', labels: { team: 'search' }, group: 'web', priority: 3, deadlineMs: 60_000 },
      ...{ disruption: 'restart', arch: ['arm64'], zone: ['us-east-1c'] },
    });
    expect(part && tasksInPart(part, part.requests[0] as ArchivePart['requests'][0])).toEqual([
      {
        ...{ index: 0, startedAtMs: createdAtMs + 1_000, endedAtMs: createdAtMs + 9_000 },
        node: ran(0).allocation,
        ...{ memoryPeakMib: 300, cpuMs: 900 },
      },
    ]);
    expect(JSON.stringify(part)).not.toMatch(/secret|TOKEN|true/);
  });

  test('has nothing of what was not asked for', () => {
    const { resources, priority } = taskSpec;
    const [part] = partsOf([request(), [ran(0, null)]]);
    expect(part).toEqual({
      nodes: [],
      requests: [
        {
          ...{ id: 'r-1', tenant: 'team a', createdAtMs, state: 'succeeded', resources, priority },
          tasks: [[0, 1_000, 8_000, null, 300, 900]],
        },
      ],
    });
    expect(part && tasksInPart(part, part.requests[0] as ArchivePart['requests'][0])[0]?.node).toBeNull();
  });

  test('has a node once, however many tasks ran there, and each request once', () => {
    const [part, ...others] = partsOf(
      [request({}, 'r-1'), [ran(0, 'i-1'), ran(1, 'i-2'), ran(2, 'i-1')]],
      [request({}, 'r-2'), [ran(0, 'i-2')]],
    );
    expect(others).toEqual([]);
    expect(part?.nodes.map(([id]) => id)).toEqual(['i-1', 'i-2']);
    expect(part?.requests.map(({ id, tasks }) => [id, tasks.map(([index, , , at]) => [index, at])])).toEqual([
      [
        'r-1',
        [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
      ],
      ['r-2', [[0, 1]]],
    ]);
  });

  test('has of requirements what a list or an expression allows, 50 values at most, and no exclusions', () => {
    const zones = Array.from({ length: 60 }, (_, n) => `z${String(n)}`);
    const allowed = (requirements: TaskSpec['requirements']): unknown => {
      const { zone, arch, capacityType } = partsOf([request({ requirements }), [ran(0)]])[0]?.requests[0] ?? {};
      return { zone, arch, capacityType };
    };
    expect(allowed({ zone: zones, capacityType: ['spot'] })).toEqual({
      zone: zones.slice(0, 50),
      capacityType: ['spot'],
    });
    expect(
      allowed({
        matchExpressions: [
          { key: 'zone', operator: 'NotIn', values: ['za'] },
          { key: 'arch', operator: 'In', values: ['arm64'] },
        ],
      }),
    ).toEqual({ arch: ['arm64'] });
  });

  test('has no request of which nothing ran, or nothing has ended', () => {
    expect(partsOf([request(), [{ ...ran(0), startedAtMs: null }]])).toEqual([]);
    expect(partsOf([request(), [{ ...ran(0), endedAtMs: null }]])).toEqual([]);
  });

  test('is bounded, at the maxima, too: arrays of 10,000, 20 labels each, a node for each task', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`${'k'.repeat(60)}${String(n)}`, 'v'.repeat(128)]),
    );
    const zone = Array.from({ length: 1_000 }, (_, n) => `${'z'.repeat(60)}${String(n)}`);
    const spec = { labels, requirements: { zone }, count: 10_000 };
    const tasks = Array.from({ length: 10_000 }, (_, n) => ran(n, `i-${String(n).padStart(17, '0')}`));
    const others = Array.from({ length: 300 }, (_, n) => [request(spec, `r-${String(n)}`), [ran(0)]] as const);
    const parts = partsOf([request(spec, 'array'), tasks], ...others);
    for (const part of parts) {
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(partBytesMax);
      expect(part.requests.reduce((sum, one) => sum + one.tasks.length, 0)).toBeLessThanOrEqual(partTasksMax);
    }
    const seen = parts.flatMap((part) =>
      part.requests.flatMap((one) =>
        tasksInPart(part, one).map(({ index, node }) => `${one.id} ${String(index)} ${node?.nodeId ?? ''}`),
      ),
    );
    expect(new Set(seen).size).toBe(10_300);
    expect(seen).toContain('array 9999 i-00000000000009999');
  });
});
