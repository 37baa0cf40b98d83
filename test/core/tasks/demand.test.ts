// Which tasks wait now, and which of them are kept apart.
import { describe, expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { ChunkRecord, RequestRecord, TaskSpec } from '../../../lib/core/records/request.ts';
import { aloneKey, demandOf, shapeKey, shapeOf, waitingIndexes } from '../../../lib/core/tasks/demand.ts';
import type { Company } from '../../../lib/core/tasks/demand.ts';
import { array, chunk, nowMs, observation, placedTask, request, task, taskSpec } from '../builders.ts';

const waiting = (
  record: RequestRecord,
  chunks: readonly ChunkRecord[] = [],
  company: Company = 'together',
): number[] => [...waitingIndexes(record, chunks, nowMs, company, {})];
const lossy = { nodeLosses: 2 };

describe('a single task waits', () => {
  test.each<[string, Partial<Parameters<typeof task>[0]>, boolean]>([
    ['when it is pending', {}, true],
    ['when its time has come', { notBeforeMs: nowMs }, true],
    ['not before its time', { notBeforeMs: nowMs + 1 }, false],
    ['not when it is placed', { state: 'placed' }, false],
    ['not when it has ended', { state: 'failed' }, false],
  ])('%s', (_what, more, waits) => {
    expect(waiting(request('r', {}, { tasks: [task(more)] }))).toEqual(waits ? [0] : []);
  });

  test('with others or apart from them', () => {
    const apart = request('r', {}, { tasks: [task(lossy)] });
    expect([waiting(apart), waiting(apart, [], 'alone')]).toEqual([[], [0]]);
    expect([waiting(request('r')), waiting(request('r'), [], 'alone')]).toEqual([[0], []]);
  });
});

describe('of an array wait', () => {
  test('tasks that nothing has touched, behind the chunks that are closed', () => {
    expect(waiting(request('r', { count: 27 }))).toEqual(Array.from({ length: 27 }, (_, i) => i));
    const { counts } = request('r').closed;
    expect(waiting(request('r', { count: 27 }, { closed: { chunks: 1, counts } }))).toEqual([25, 26]);
  });

  test('the pending ones of chunks that are there, in order', () => {
    const chunks = [
      chunk('r', 1, 3, [placedTask('i-1', { index: 26 })]),
      chunk('r', 0, 25, [task({ index: 3, state: 'failed' })]),
    ];
    const all = waiting(request('r', { count: 28 }), chunks);
    expect(all).toHaveLength(26);
    expect(all).not.toContain(3);
    expect(all.slice(-2)).toEqual([25, 27]);
  });

  test('apart from others those alone that lost nodes', () => {
    const record = request('r', { count: 30 });
    const chunks = [chunk('r', 0, 25, [task({ index: 4, ...lossy })])];
    expect(waiting(record, chunks, 'alone')).toEqual([4]);
    expect(waiting(record, chunks)).toHaveLength(29);
  });

  test('apart from others all of a gang, when one of them lost nodes and waits', () => {
    const record = request('r', { count: 3, gang: true });
    const one = (more: object) => [chunk('r', 0, 3, [task({ index: 1, ...lossy, ...more })])];
    expect(waiting(record, one({}), 'alone')).toEqual([0, 1, 2]);
    expect(waiting(record, one({}))).toEqual([]);
    expect(waiting(record, one({ state: 'placed' }), 'alone')).toEqual([]);
  });
});

describe('the demand of a request', () => {
  const of = (record: RequestRecord, chunks: readonly ChunkRecord[] = []) => {
    const copy = new WorkingCopy(observation({ requests: [array(record, chunks)] }));
    return demandOf(copy.request(record.id) ?? record, copy, 'together', {});
  };

  test('counts what waits, and says what a plan needs to know', () => {
    expect(of(request('r', { count: 30, priority: 2, expectedDurationMs: 9 }, { createdAtMs: 4 }))).toEqual({
      id: 'r',
      tenant: 't',
      count: 30,
      resources: taskSpec.resources,
      requirements: {},
      priority: 2,
      createdAtMs: 4,
      expectedDurationMs: 9,
    });
  });

  test('says how tasks relate to others of their tenant', () => {
    const relations: Partial<TaskSpec> = {
      group: 'g',
      spread: [{ topology: 'zone', group: 'g', maxSkew: 1 }],
      affinity: [{ topology: 'node', group: 'h' }],
      antiAffinity: [{ topology: 'node', group: 'g' }],
      preferences: [{ requirements: { arch: ['arm64'] }, maxExtraUsdPerHour: 1 }],
      gang: false,
    };
    expect(of(request('r', relations))).toMatchObject({
      ...relations,
      group: 'g of t',
      spread: [{ topology: 'zone', group: 'g of t', maxSkew: 1 }],
      affinity: [{ topology: 'node', group: 'h of t' }],
      antiAffinity: [{ topology: 'node', group: 'g of t' }],
    });
  });

  test.each<[string, RequestRecord]>([
    ['has ended', request('r', {}, { endedAtMs: 1 })],
    ['shall stop', request('r', {}, { cancelRequestedAtMs: 1 })],
    ['has no task that waits', request('r', {}, { tasks: [placedTask()] })],
  ])('is nothing when it %s', (_what, record) => {
    expect(of(record)).toBeNull();
  });
});

describe('the shape of a task', () => {
  const key = (more: Partial<TaskSpec> = {}): string => shapeKey({ ...taskSpec, ...more });

  test('is what it waits for, not who it is', () => {
    expect(key({ env: { A: '1' }, priority: 9, count: 3 })).toBe(key());
    expect(key()).toBe('1000m 1000Mi 0gpu');
    expect(aloneKey(key())).toBe('alone 1000m 1000Mi 0gpu');
  });

  test('with relations is of one tenant, without them of all', () => {
    const shapes = (more: Partial<TaskSpec>) =>
      ['t', 'u'].map((tenant) => shapeOf({ tenant, spec: { ...taskSpec, ...more } }));
    expect(new Set(shapes({})).size).toBe(1);
    expect(new Set(shapes({ group: 'g' })).size).toBe(2);
    expect(shapeOf({ tenant: 't', spec: taskSpec })).toBe(key());
  });

  test('differs in whatever a plan decides by', () => {
    const all = [
      key(),
      key({ resources: { cpuMilli: 2_000, memoryMib: 1_000, gpu: 0 } }),
      key({ resources: { cpuMilli: 1_000, memoryMib: 2_000, gpu: 0 } }),
      key({ resources: { cpuMilli: 1_000, memoryMib: 1_000, gpu: 1 } }),
      key({ requirements: { arch: ['arm64'] } }),
      key({ group: 'g' }),
      key({ spread: [] }),
      key({ affinity: [] }),
      key({ antiAffinity: [] }),
      key({ gang: true }),
      key({ mounts: [{ request: 'v', path: null }] }),
      key({ mounts: [{ request: 'w', path: null }] }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(key({ mounts: [{ request: 'v', path: 'a' }] })).toBe(key({ mounts: [{ request: 'v', path: null }] }));
  });
});
