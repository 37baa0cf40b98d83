// Tasks that are kept apart: how many at once, on which nodes, and what the others hear.
import { describe, expect, test } from '@jest/globals';
import type { Bin } from '../../../lib/core/allocation/types.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../../lib/core/records/request.ts';
import { aloneQuestion, givesWay } from '../../../lib/core/tasks/alone.ts';
import type { CapacityQuestion } from '../../../lib/core/tasks/capacity/capacity-question.ts';
import { binOf, demandOf, inputOf } from '../allocation/worlds.ts';
import { array, assignment, chunk, node, observation, offerings, pool, request, task } from '../builders.ts';

const lossy = { nodeLosses: 2 };
const apart = (id: string, createdAtMs: number, spec: Partial<TaskSpec> = {}): RequestRecord =>
  request(id, spec, { createdAtMs, tasks: [task(lossy)] });
const group = (id: string, count: number, createdAtMs = 0, spec: Partial<TaskSpec> = {}) =>
  array(request(id, { count, ...spec }, { createdAtMs }), [
    chunk(
      id,
      0,
      count,
      Array.from({ length: count }, (_, index) => task({ index, ...lossy })),
    ),
  ]);
const [offering] = offerings;
const bins: readonly Bin[] = offering ? ['i-1', 'i-2', 'i-3'].map((id) => binOf(id, offering)) : [];

/** At most `instances / 4` run alone at once. */
function asked(requests: Parameters<typeof observation>[0], instances = 8, isPoolDeleting = false) {
  const seen = observation({ ...requests, pool: pool({ limits: { instances } }), isPoolDeleting });
  const question: CapacityQuestion = { isAlone: false, input: inputOf([], { bins }), demand: [], onDemand: new Map() };
  const everything = { admit: (one: Parameters<typeof inputOf>[0][number]) => [one], why: {} };
  const found = aloneQuestion(question, seen, new WorkingCopy(seen), everything);
  return (
    found && {
      ...found,
      admitted: found.demand.map((one) => `${one.id} ${String(one.count)}`),
      waiting: found.postponed.map((one) => `${one.demandId} ${String(one.count)}`),
    }
  );
}
const holder = (requestId: string): NodeRecord => node({ assigned: [assignment(requestId, { isAlone: true })] });

describe('nothing is asked', () => {
  test.each([
    ['where no task is kept apart', asked({ requests: [request('r')] })],
    ['of a pool that is deleted', asked({ requests: [apart('r', 0)] }, 8, true)],
  ])('%s', (_what, found) => {
    expect(found).toBeNull();
  });
});

describe('at once go', () => {
  test('the oldest, then by id, up to a quarter of the pool’s instances', () => {
    const found = asked({ requests: [apart('c', 5), apart('b', 1), apart('a', 1)] });
    expect([found?.admitted, found?.waiting]).toEqual([['a 1', 'b 1'], ['c 1']]);
    expect(found?.postponed[0]).toMatchObject({ kind: 'constraints', excluded: [] });
    expect(found?.postponed[0]?.message).toMatch(/runs alone on a node; at most 2 of the pool's tasks do at once/);
  });

  test('fewer while others run alone', () => {
    const found = asked({ requests: [apart('a', 1), apart('b', 2)], nodes: [holder('x')] });
    expect([found?.admitted, found?.waiting]).toEqual([['a 1'], ['b 1']]);
    const full = asked({
      requests: [apart('a', 1)],
      nodes: [holder('x'), { ...holder('y'), id: 'i-2' }, { ...holder('z'), id: 'i-3' }],
    });
    expect([full?.admitted, full?.waiting]).toEqual([[], ['a 1']]);
  });

  test('a part of an array, and the rest waits', () => {
    const found = asked({ requests: [group('a', 5)] });
    expect([found?.admitted, found?.waiting]).toEqual([['a 2'], ['a 3']]);
  });

  test('of a gang all or none', () => {
    const gang = { gang: true };
    expect(asked({ requests: [group('g', 2, 0, gang)] })?.admitted).toEqual(['g 2']);
    const busy = asked({ requests: [group('g', 2, 0, gang)], nodes: [holder('x')] });
    expect([busy?.admitted, busy?.waiting]).toEqual([[], ['g 2']]);
    const behind = asked({ requests: [apart('a', 0), group('g', 2, 1, gang)] });
    expect([behind?.admitted, behind?.waiting]).toEqual([['a 1'], ['g 2']]);
  });

  test('a gang that is larger than the bound when nothing else runs alone, and what it lost comes back to it', () => {
    const gang = { gang: true };
    const found = asked({ requests: [group('g', 5, 0, gang), apart('z', 9)] });
    expect([found?.admitted, found?.waiting]).toEqual([['g 5'], ['z 1']]);
    expect(asked({ requests: [group('g', 5, 0, gang)], nodes: [holder('x')] })?.admitted).toEqual([]);
    expect(asked({ requests: [group('g', 5, 0, gang)], nodes: [holder('g')] })?.admitted).toEqual(['g 5']);
  });
});

describe('it is asked for', () => {
  test('empty nodes alone, one task to each', () => {
    const nodes = [node(), { ...holder('x'), id: 'i-2' }];
    const found = asked({ requests: [apart('r', 0)], nodes });
    expect(found?.isAlone).toBe(true);
    expect(found?.input.pool.tasksPerNode).toBe(1);
    expect(found?.input.demand).toBe(found?.demand);
    expect(found?.input.bins.map((bin) => [bin.id, bin.freeTasks, bin.free.cpuMilli > 0])).toEqual([
      ['i-1', 1, true],
      ['i-2', 0, false],
      ['i-3', 1, true],
    ]);
  });

  test('without affinity to tasks of a node, which it will not have', () => {
    const affinity = [
      { topology: 'node', group: 'g' },
      { topology: 'zone', group: 'g' },
    ] as const;
    expect(asked({ requests: [apart('r', 0, { affinity })] })?.demand[0]?.affinity).toEqual([
      { topology: 'zone', group: 'g of t' },
    ]);
    expect(asked({ requests: [apart('r', 0, { affinity: [affinity[0]] })] })?.demand[0]).not.toHaveProperty('affinity');
  });
});

describe('where a node serves one tenant at a time', () => {
  const ask = (demand: readonly ReturnType<typeof demandOf>[], isTenantPerNode = true): CapacityQuestion => ({
    isAlone: false,
    onDemand: new Map(),
    demand,
    input: inputOf(demand, { nowMs: 10_000, ...(isTenantPerNode ? { pool: { isTenantPerNode } } : {}) }),
  });
  const alone = ask([demandOf('a', 1, 1, 1, { tenant: 't', createdAtMs: 5_000 })]);
  const older = (more: Parameters<typeof demandOf>[4]) => [demandOf('o', 1, 1, 1, { tenant: 'u', ...more })];
  const settings = { reserveAfterMs: 6_000 };

  test('they give way to what is older than all of them, of another tenant, and has waited for long', () => {
    expect(givesWay(alone, ask(older({ createdAtMs: 4_000 })), settings)).toBe(true);
    expect(givesWay(alone, ask(older({ createdAtMs: 4_001 })), settings)).toBe(false);
    expect(givesWay(alone, ask(older({ createdAtMs: 5_000 })), { reserveAfterMs: 1 })).toBe(false);
    expect(givesWay(alone, ask(older({ createdAtMs: 0, tenant: 't' })), settings)).toBe(false);
    expect(givesWay(alone, ask(older({ createdAtMs: 0 }), false), settings)).toBe(false);
  });
});
