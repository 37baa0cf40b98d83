// What a tick saw of the pool, as the record of its shadow has it.
import { describe, expect, test } from '@jest/globals';
import { absorb, shadowBootMs, shadowSpecOf } from '../../../../lib/core/costs/shadow/absorb.ts';
import type { ShadowRecord } from '../../../../lib/core/costs/shadow/record.ts';
import { noShadowSums } from '../../../../lib/core/costs/shadow/record.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { DisruptionName, NodeDrain, NodeRecord } from '../../../../lib/core/records/node.ts';
import type { TaskRecord } from '../../../../lib/core/records/request.ts';
import {
  array,
  assignment,
  chunk,
  launch,
  node,
  nowMs,
  observation,
  placedTask,
  request,
  resources,
  task,
  taskSpec,
} from '../../builders.ts';
import { hourMs, liveNode, requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

type World = Parameters<typeof observation>[0];
const absorbed = (before: ShadowRecord | null, world: World = {}): ShadowRecord =>
  absorb(before, observation(world), '1');
const drainBy = (by: DisruptionName): NodeDrain => ({ by, reason: '', atMs: 1, deadlineMs: null });
const running = (id: string, more: Partial<TaskRecord> = {}) =>
  request(id, {}, { state: 'running', tasks: [placedTask('i-1', more)] });

describe('the boot of a shadow', () => {
  test("takes as long as its pool's nodes, and a minute where none has booted yet", () => {
    expect(shadowBootMs(observation({ memory: { ...emptyMemory, bootMs: 5_000 } }))).toBe(5_000);
    expect(shadowBootMs(observation())).toBe(60_000);
  });
});

describe('a shadow begins', () => {
  test('with nothing, where the pool has nothing', () => {
    expect(absorbed(null)).toEqual(shadow({ sinceMs: nowMs, atMs: nowMs, isBootGuessed: true }));
    expect(absorbed(null, { memory: { ...emptyMemory, bootMs: 5 } }).isBootGuessed).toBe(false);
  });

  test('anew with another declaration', () => {
    const before = shadow({ revision: '0', named: 7, nodes: [shadowNode('s')] });
    expect(absorbed(before)).toEqual(shadow({ sinceMs: nowMs, atMs: nowMs, isBootGuessed: true }));
  });

  test("with the pool's nodes, and its tasks where they run; no launch of these is counted", () => {
    const drain = drainBy('drift');
    const nodes = [
      node({ assigned: [assignment('r', { placedAtMs: 17 })], emptySinceMs: null, replaces: ['i-0'], drain }),
      node({ id: 'i-2', reservation: 'cr-1', emptySinceMs: 5 }),
      node({ id: 'i-3', state: 'launching', readyAtMs: null, createdAtMs: nowMs - 10_000 }),
      node({ id: 'i-4', state: 'launching', readyAtMs: null, createdAtMs: nowMs - 90_000 }),
      node({ id: 'i-5', state: 'terminating' }),
      node({ id: 'i-6', isLost: true }),
    ];
    const found = absorbed(null, { nodes, requests: [running('r'), request('waits')] });
    const own = { createdAtMs: 0, readyAtMs: 1 };
    expect(found.nodes).toEqual([
      shadowNode('i-1', { ...own, emptySinceMs: null, replaces: ['i-0'], drain }),
      shadowNode('i-2', { ...own, emptySinceMs: 5, reservation: 'cr-1' }),
      shadowNode('i-3', { createdAtMs: nowMs - 10_000, readyAtMs: nowMs + 50_000, emptySinceMs: nowMs }),
      shadowNode('i-4', { createdAtMs: nowMs - 90_000, readyAtMs: nowMs, emptySinceMs: nowMs }),
    ]);
    expect(found.tasks).toEqual([
      shadowTask('r', { livePlacedAtMs: 10, hasStarted: true, node: 'i-1', placedAtMs: 17 }),
      shadowTask('waits'),
    ]);
    expect(found.live.nodes.map(({ id }) => id)).toEqual(['i-1', 'i-2', 'i-3', 'i-4']);
    expect(found.live.sums).toEqual(noShadowSums);
    expect(found.sums).toEqual(noShadowSums);
  });

  test('with the nodes that open launches are about to make', () => {
    const one = launch('l', { createdAtMs: nowMs - 10_000 }, 2);
    const reserved = launch('k', {
      createdAtMs: nowMs - 90_000,
      request: {
        ...one.request,
        count: 1,
        capacityType: 'spot',
        reservation: { id: 'cr-1', kind: 'capacity-reservation' },
      },
    });
    const empty = launch('n', { request: { ...one.request, overrides: [] } });
    const coming = { createdAtMs: nowMs - 10_000, readyAtMs: nowMs + 50_000, emptySinceMs: null };
    expect(absorbed(null, { launches: [one, reserved, empty] }).nodes).toEqual([
      shadowNode('l.0', coming),
      shadowNode('l.1', coming),
      shadowNode('k.0', {
        ...{ createdAtMs: nowMs - 90_000, readyAtMs: nowMs, emptySinceMs: null },
        ...{ capacityType: 'spot', reservation: 'cr-1' },
      }),
    ]);
  });
});

describe('a shadow stops', () => {
  const stopped = { reason: 'x', atMs: nowMs - 1, againAtMs: nowMs + 1 };

  test('until its time, whatever the pool does, and then begins anew', () => {
    const before = shadow({ stopped });
    expect(absorbed(before, { nodes: [node()] })).toBe(before);
    const again = absorbed(shadow({ stopped: { ...stopped, againAtMs: nowMs } }), { nodes: [node()] });
    expect(again).toMatchObject({ sinceMs: nowMs, nodes: [{ id: 'i-1' }] });
    expect(again.stopped).toBeUndefined();
    expect(absorbed({ ...before, revision: '0' }).stopped).toBeUndefined();
  });

  test('where a tick did not see all that waits', () => {
    const found = absorbed(shadow({ named: 3 }), { unseen: { behind: 3, after: {}, from: {} } });
    expect(found.stopped).toEqual({
      reason: 'more tasks wait than a tick looks at',
      atMs: nowMs,
      againAtMs: nowMs + 600_000,
    });
    expect(found).toMatchObject({ sinceMs, named: 3 });
    expect(absorbed(null, { unseen: { behind: 3, after: {}, from: {} } })).toMatchObject({ sinceMs: nowMs });
  });

  test('of more tasks than it carries, those that run among them', () => {
    const of = (pending: number, more: number) => {
      const one = request('r', { count: 2_000 });
      return { requests: [array({ ...one, counts: { ...one.counts, pending, running: more } })] };
    };
    const reason = 'more than 1000 tasks wait or run';
    expect(absorbed(shadow(), of(600, 401)).stopped?.reason).toBe(reason);
    // Once it has said so it says no more, also when its time is over.
    const before = shadow({ stopped: { reason, atMs: 1, againAtMs: nowMs } });
    expect(absorbed(before, of(600, 401))).toBe(before);
    expect(absorbed(shadow({ stopped: { ...stopped, againAtMs: nowMs } }), of(600, 401)).stopped).toMatchObject({
      reason,
      atMs: nowMs,
    });
  });

  test('of tasks that have ended in the pool alone and wait in it, together with those of the pool', () => {
    const tasks = Array.from({ length: 1_000 }, (_, index) => shadowTask('old', { index, node: 's', tookMs: 5 }));
    const before = shadow({ tasks, requests: requestsOf(['old']), nodes: [shadowNode('s')] });
    expect(absorbed(before).stopped).toBeUndefined();
    expect(absorbed(before, { requests: [request('a')] }).stopped?.reason).toBe('more than 1000 tasks wait or run');
  });

  test('of more nodes than it carries', () => {
    const nodes = Array.from({ length: 201 }, (_, n) => node({ id: `i-${String(n)}` }));
    expect(absorbed(shadow(), { nodes }).stopped?.reason).toBe('the pool has more than 200 nodes');
    expect(absorbed(shadow(), { nodes: nodes.slice(1) }).stopped).toBeUndefined();
  });

  test('where a request says too much of where it may run', () => {
    const large = request('r', { requirements: { instanceType: ['x'.repeat(4_000)] } });
    expect(absorbed(shadow(), { requests: [large] }).stopped?.reason).toBe(
      'what r says of where it may run takes more than 4000 bytes',
    );
    const fits = request('r', { requirements: { instanceType: ['x'.repeat(3_800)] } });
    expect(absorbed(shadow(), { requests: [fits] }).stopped).toBeUndefined();
  });
});

describe('nodes of the pool', () => {
  test('that came are launches, and those that went have cost something', () => {
    const before = shadow({ live: { nodes: [liveNode('gone'), liveNode('i-1')], sums: noShadowSums } });
    const came = node({ id: 'i-2', capacityType: 'spot', priceUsdPerHour: 0.04, createdAtMs: nowMs - 5 });
    const { live } = absorbed(before, { nodes: [node(), came] });
    expect(live.nodes).toEqual([
      liveNode('i-1'),
      liveNode('i-2', { capacityType: 'spot', priceUsdPerHour: 0.04, createdAtMs: nowMs - 5 }),
    ]);
    expect(live.sums).toEqual({ ...noShadowSums, launches: 1, ends: 1, usd: 0.1 });
  });

  test('that go already, or are lost, are gone', () => {
    const before = shadow({ live: { nodes: [liveNode('i-1'), liveNode('i-2')], sums: noShadowSums } });
    const nodes = [node({ state: 'terminating' }), node({ id: 'i-2', isLost: true })];
    expect(absorbed(before, { nodes }).live).toMatchObject({ nodes: [], sums: { ends: 2 } });
  });

  test('that stay change nothing', () => {
    const live = { nodes: [liveNode('i-1')], sums: noShadowSums };
    expect(absorbed(shadow({ live }), { nodes: [node({ priceUsdPerHour: 9 })] }).live.nodes).toEqual(live.nodes);
  });
});

describe('a task', () => {
  const since = (id: string, more: Partial<TaskRecord> = {}) => ({ ...running(id, more), createdAtMs: sinceMs });

  test('that comes waits, with what decisions ask of it', () => {
    const found = absorbed(shadow(), { requests: [request('r', { name: 'n' }, { createdAtMs: 77 })] });
    expect(found.tasks).toEqual([shadowTask('r')]);
    expect(found.requests).toEqual({
      r: { tenant: 't', createdAtMs: 77, spec: { resources, requirements: {}, priority: 0, name: 'n' } },
    });
  });

  test('that starts in the pool has waited there, once', () => {
    const placed = since('r', { placedAtMs: nowMs - 500 });
    const first = absorbed(shadow(), { requests: [placed] });
    expect(first.live.sums.waits).toEqual({ count: 1, sumMs: hourMs - 500, buckets: expect.any(Array) as unknown });
    expect(first.tasks).toEqual([shadowTask('r', { livePlacedAtMs: nowMs - 500, hasStarted: true })]);
    expect(absorbed(first, { requests: [placed] }).live.sums.waits.count).toBe(1);
    // Its node was lost: it waits again, and what it started before is no start of now.
    const lost = absorbed(first, { requests: [{ ...placed, tasks: [task()] }] });
    expect(lost.tasks).toEqual([shadowTask('r', { hasStarted: true })]);
    expect(absorbed(lost, { requests: [placed] }).live.sums.waits.count).toBe(1);
  });

  test('of before the shadow began is not counted', () => {
    const old = { ...running('r', { placedAtMs: nowMs }), createdAtMs: sinceMs - 1 };
    expect(absorbed(shadow(), { requests: [old] }).live.sums.waits.count).toBe(0);
  });

  test('of an array is one of its own; of those whose chunk is closed nothing is seen', () => {
    const one = request('r', { count: 60 });
    const open = array({ ...one, closed: { ...one.closed, chunks: 1 } }, [
      chunk('r', 1, 25, [placedTask('i-1', { index: 30 })]),
    ]);
    const { tasks, requests } = absorbed(shadow(), { requests: [open] });
    expect(tasks.map(({ index }) => index)).toEqual(Array.from({ length: 35 }, (_, at) => 25 + at));
    expect(tasks.filter((each) => each.hasStarted).map(({ index }) => index)).toEqual([30]);
    expect(Object.keys(requests)).toEqual(['r']);
  });

  test('that has ended in the pool is kept with how long its last attempt had its place', () => {
    const ended = request(
      'r',
      {},
      { tasks: [placedTask('i-1', { state: 'succeeded', placedAtMs: 100, endedAtMs: 350 })] },
    );
    const waits = shadow({ tasks: [shadowTask('r', { livePlacedAtMs: 90 })], requests: requestsOf(['r']) });
    expect(absorbed(waits, { requests: [ended] }).tasks).toEqual([
      shadowTask('r', { livePlacedAtMs: 90, tookMs: 250 }),
    ]);
    // Known once: its end is not looked at again.
    const known = shadow({ tasks: [shadowTask('r', { tookMs: 9 })], requests: requestsOf(['r']) });
    expect(absorbed(known, { requests: [ended] }).tasks).toEqual(known.tasks);
    expect(absorbed(shadow(), { requests: [ended] })).toMatchObject({ tasks: [], requests: {} });
    const over = shadow({ tasks: [shadowTask('r', { isOver: true })], requests: requestsOf(['r']) });
    expect(absorbed(over, { requests: [ended] }).tasks).toEqual([]);
  });

  test('whose last place is not known any more took what was seen of it', () => {
    const cancelled = request('r', {}, { tasks: [task({ state: 'cancelled', endedAtMs: 350 })] });
    const seen = (more: Parameters<typeof shadowTask>[1]) =>
      absorbed(shadow({ tasks: [shadowTask('r', more)], requests: requestsOf(['r']) }), { requests: [cancelled] })
        .tasks;
    expect(seen({ livePlacedAtMs: 50 })).toMatchObject([{ tookMs: 300 }]);
    expect(seen({ livePlacedAtMs: 900 })).toMatchObject([{ tookMs: 0 }]);
    expect(seen({ node: 's', placedAtMs: 1 })).toMatchObject([{ tookMs: 0 }]);
    expect(seen({})).toEqual([]);
  });

  test('of a request that has ended as a whole took until then', () => {
    const record = { ...running('r', { placedAtMs: 100 }), endedAtMs: 400 };
    const before = shadow({ tasks: [shadowTask('r')], requests: requestsOf(['r']) });
    expect(absorbed(before, { requests: [record] }).tasks).toMatchObject([{ tookMs: 300 }]);
  });

  test('that the pool does not show any more has ended now', () => {
    const of = (more: Parameters<typeof shadowTask>[1]) =>
      absorbed(shadow({ tasks: [shadowTask('r', more)], requests: requestsOf(['r']) })).tasks;
    expect(of({ livePlacedAtMs: nowMs - 70 })).toMatchObject([{ tookMs: 70 }]);
    expect(of({ livePlacedAtMs: nowMs + 70 })).toMatchObject([{ tookMs: 0 }]);
    expect(of({ node: 's', placedAtMs: 1 })).toMatchObject([{ tookMs: 0 }]);
    expect(of({ livePlacedAtMs: nowMs - 70, tookMs: 5 })).toMatchObject([{ tookMs: 5 }]);
    expect(of({ livePlacedAtMs: nowMs - 70, isOver: true })).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test('that went is followed by its request where no other task is left', () => {
    const before = shadow({
      tasks: [shadowTask('r'), shadowTask('s', { node: 'n' })],
      requests: requestsOf(['r', 's']),
    });
    expect(Object.keys(absorbed(before).requests)).toEqual(['s']);
  });
});

describe('a move of the pool', () => {
  const withdrawn = { atMs: 1 } as never;
  const leaving = (by: DisruptionName, more: Partial<NodeRecord> = {}) =>
    node({ drain: drainBy(by), assigned: [assignment('r', { attempt: 2, withdrawn })], ...more });
  const moves = (record: ShadowRecord) => record.live.sums.moves;

  test('is an attempt that is stopped as its node goes by choice, each once', () => {
    const first = absorbed(shadow(), { nodes: [leaving('consolidation')], requests: [running('r', { attempt: 2 })] });
    expect(moves(first)).toBe(1);
    expect(first.tasks).toMatchObject([{ movedAttempt: 2 }]);
    const second = absorbed(first, { nodes: [leaving('consolidation')], requests: [running('r', { attempt: 2 })] });
    expect(moves(second)).toBe(1);
    const next = leaving('drift', { assigned: [assignment('r', { attempt: 3, withdrawn })] });
    expect(moves(absorbed(second, { nodes: [next], requests: [running('r', { attempt: 3 })] }))).toBe(2);
  });

  test.each([
    ['drift', 1],
    ['expiry', 1],
    ['emptiness', 1],
    ['interruption', 0],
    ['operator', 0],
  ] as const)('by %s is counted %d times', (by, count) => {
    expect(moves(absorbed(shadow(), { nodes: [leaving(by)], requests: [running('r')] }))).toBe(count);
  });

  test('is none where the attempt goes on, where its task has ended, and without a drain', () => {
    const requests = [running('r')];
    const goesOn = leaving('drift', { assigned: [assignment('r')] });
    expect(moves(absorbed(shadow(), { nodes: [goesOn], requests }))).toBe(0);
    expect(moves(absorbed(shadow(), { nodes: [leaving('drift', { drain: null })], requests }))).toBe(0);
    const ended = shadow({ tasks: [shadowTask('r', { tookMs: 5, node: 's' })], requests: requestsOf(['r']) });
    expect(moves(absorbed(ended, { nodes: [leaving('drift')] }))).toBe(0);
  });
});

test('of what a task says the shadow keeps what decides where it may run, and nothing that is absent', () => {
  expect(shadowSpecOf(taskSpec)).toEqual({ resources, requirements: {}, priority: 0 });
  const said = { timeoutMs: 1, expectedDurationMs: 2, deadlineMs: 3, name: 'n', group: 'g' };
  expect(shadowSpecOf({ ...taskSpec, ...said, priority: 4 })).toEqual({
    ...{ resources, requirements: {}, priority: 4 },
    ...said,
  });
});
