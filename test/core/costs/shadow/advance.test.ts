// The shadow's own time, from one thing that happens there to the next.
import { describe, expect, test } from '@jest/globals';
import type { AllocationInput, AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import { advance, shadowStepsMax, withEnds } from '../../../../lib/core/costs/shadow/advance.ts';
import type { ShadowWorld } from '../../../../lib/core/costs/shadow/observation.ts';
import type { ShadowRecord } from '../../../../lib/core/costs/shadow/record.ts';
import { noShadowSums } from '../../../../lib/core/costs/shadow/record.ts';
import type { PoolSpec } from '../../../../lib/core/records/pool.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { nowMs, observation, offerings, pool, terms } from '../../builders.ts';
import { hourMs, requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

const nothing: AllocationPlan = {
  ...{ placements: [], launches: [], unplaced: [], costUsdPerHour: 0 },
  ...{ lowerBoundUsdPerHour: null, gapPercent: null, coefficients: null },
};

interface Case extends Pick<PoolSpec, 'warmNodes'> {
  readonly idleAfterMs?: number;
  readonly answer?: (input: AllocationInput) => Partial<AllocationPlan>;
  /** Looks at the time that are granted; absent: all. */
  readonly looks?: number;
}

/** The shadow until now, and at which times something waited when it decided. */
function advanced(before: ShadowRecord, { idleAfterMs = 10 * hourMs, answer = () => ({}), looks, ...more }: Case = {}) {
  const asked: AllocationInput[] = [];
  let looked = 0;
  const world: ShadowWorld = {
    seen: observation({ memory: { ...emptyMemory, bootMs: 5_000 } }),
    pool: pool({ idleAfterMs, ...more }),
    ...{ offerings, settings, terms },
    allocate: (input) => {
      asked.push(input);
      return { ...nothing, ...answer(input) };
    },
    isTooLate: () => looks !== undefined && (looked += 1) > looks,
  };
  return { record: advance(before, world), asked };
}

const buysOne = (input: AllocationInput): Partial<AllocationPlan> =>
  input.bins.length > 0
    ? { placements: input.demand.map(({ id }) => ({ binId: 's', tasks: [{ demandId: id, count: 1 }] })) }
    : { launches: [{ offerings, count: 1, tasks: [{ demandId: 'r.0', count: 1 }], reason: 'cheapest' }] };

describe('a shadow', () => {
  test('that has stopped does not go on', () => {
    const before = shadow({ stopped: { reason: '', atMs: 1, againAtMs: 2 }, tasks: [shadowTask('r')] });
    expect(advanced(before).record).toBe(before);
  });

  test('in which nothing happens is as it was, now', () => {
    const { record, asked } = advanced(shadow());
    expect([record, asked]).toEqual([shadow({ atMs: nowMs }), []]);
  });

  test('buys for what waits; its nodes have ids of their own, and are ready after a boot', () => {
    const before = shadow({ tasks: [shadowTask('r')], requests: requestsOf(['r'], nowMs), named: 4 });
    const { record } = advanced(before, { answer: buysOne });
    expect(record.nodes).toMatchObject([{ id: 'l-shadow5.0', readyAtMs: nowMs + 5_000, tasksMax: 10 }]);
    expect(record).toMatchObject({ named: 5, cutShort: 0, atMs: nowMs, sums: { launches: 1 } });
  });

  test('decides when a task comes, and places it then', () => {
    const before = shadow({
      ...{ tasks: [shadowTask('r')], requests: requestsOf(['r'], nowMs - 300), nodes: [shadowNode('s')] },
    });
    const { record } = advanced(before, { answer: buysOne });
    expect(record.tasks).toMatchObject([{ node: 's', placedAtMs: nowMs - 300 }]);
    expect(record.sums.waits).toMatchObject({ count: 1, sumMs: 0 });
  });

  test('has no more of a node that its pool would stop: its volume is in neither cost', () => {
    const before = shadow({ nodes: [shadowNode('s'), shadowNode('t')] });
    const warmNodes = { stopped: 1, expireAfterMs: 100 * hourMs };
    const { record } = advanced(before, { idleAfterMs: 1_000, warmNodes });
    expect(record).toMatchObject({ nodes: [], sums: { ends: 2 } });
    expect(record.sums.usd).toBeCloseTo(0.2, 3);
  });

  test('decides when a task has ended, and when a node is ready', () => {
    const before = shadow({
      tasks: [shadowTask('r', { node: 's', placedAtMs: nowMs - 2_000, tookMs: 1_400 }), shadowTask('t')],
      requests: requestsOf(['r', 't']),
      nodes: [
        shadowNode('s', { tasksMax: 1 }),
        shadowNode('b', { createdAtMs: nowMs - 5_000, readyAtMs: nowMs - 200 }),
      ],
    });
    const { asked } = advanced(before, {
      answer: ({ bins }) => ({
        placements: bins.flatMap(({ id, state }) =>
          id === 'b' && state === 'ready' ? [{ binId: 'b', tasks: [{ demandId: 't.0', count: 1 }] }] : [],
        ),
      }),
    });
    expect(asked.map(({ bins, nowMs }) => [nowMs, bins.map(({ id, state }) => `${id} ${state}`)])).toEqual([
      [nowMs - 600, ['s ready', 'b in-flight']],
      [nowMs - 200, ['s ready', 'b ready']],
    ]);
  });

  test('lets a node go that was idle for long enough, at its time', () => {
    const before = shadow({ nodes: [shadowNode('s', { emptySinceMs: nowMs - 600 })] });
    const { record } = advanced(before, { idleAfterMs: 500 });
    expect(record.nodes).toEqual([]);
    expect(record.sums).toEqual({ ...noShadowSums, ends: 1, usd: (0.1 * (hourMs - 100)) / hourMs });
  });

  test('has a few looks at what waits, however long nothing happened', () => {
    const before = shadow({
      ...{ tasks: [shadowTask('r')], requests: requestsOf(['r']), atMs: nowMs - hourMs, dueAtMs: nowMs - hourMs + 1 },
    });
    const { asked, record } = advanced(before, {
      answer: () => ({ unplaced: [{ demandId: 'r.0', count: 1, kind: 'shortage', message: '', excluded: [] }] }),
    });
    expect(new Set(asked.map((one) => one.nowMs)).size).toBe(4);
    expect(record.cutShort).toBe(0);
  });

  test('makes so many steps in a tick, and goes on with the next', () => {
    const ids = Array.from({ length: 20 }, (_, n) => `r${String(n)}`);
    const requests = Object.assign({}, ...ids.map((id, n) => requestsOf([id], nowMs - 900 + n))) as never;
    const { record } = advanced(shadow({ tasks: ids.map((id) => shadowTask(id)), requests }));
    expect(record).toMatchObject({ atMs: nowMs - 900 + shadowStepsMax - 1, cutShort: 1 });
  });

  test('makes no step where no time is left', () => {
    expect(advanced(shadow(), { looks: 0 }).record).toEqual(shadow({ cutShort: 1 }));
  });

  test('whose decision fails on a record stops, and says on which', () => {
    const before = shadow({ tasks: [shadowTask('r')], requests: requestsOf(['r']) });
    const { record } = advanced(before, {
      answer: () => {
        throw new Error(`it fails ${'x'.repeat(600)}`);
      },
    });
    expect(record.stopped?.reason).toMatch(/^its decision about request r\.0 failed: it fails x+$/);
    expect(record.stopped?.reason).toHaveLength('its decision about request r.0 failed: '.length + 500);
    expect(record.stopped?.atMs).toBe(nowMs);
  });

  test('with more nodes than it carries stops', () => {
    const before = shadow({ tasks: [shadowTask('r')], requests: requestsOf(['r'], nowMs) });
    const buys = (count: number) =>
      advanced(before, {
        answer: () => ({ launches: [{ offerings, count, tasks: [{ demandId: 'r.0', count: 1 }], reason: '' }] }),
      }).record;
    expect(buys(200).stopped).toBeUndefined();
    expect(buys(201).stopped?.reason).toBe('it has more than 200 nodes');
  });
});

describe('a task that has ended by then', () => {
  const at = (more: Parameters<typeof shadowTask>[1]) => shadowTask('r', { node: 's', placedAtMs: 100, ...more });
  const of = (tasks: ShadowRecord['tasks'], more: Partial<ShadowRecord> = {}) =>
    withEnds(
      shadow({
        tasks,
        nodes: [shadowNode('s', { emptySinceMs: null })],
        requests: requestsOf(['r', 't']),
        atMs: 0,
        ...more,
      }),
      nowMs,
    );

  test('leaves its node, which is empty since the last of them ended', () => {
    const found = of([at({ tookMs: 50 }), at({ index: 1, tookMs: 80 }), at({ index: 2, tookMs: 20 })]);
    expect(found).toMatchObject({ tasks: [], requests: {}, nodes: [{ emptySinceMs: 180 }], sums: noShadowSums });
  });

  test('ends no earlier than the record is', () => {
    expect(of([at({ tookMs: 50 })], { atMs: 777 }).nodes).toMatchObject([{ emptySinceMs: 777 }]);
  });

  test('is none that goes on, waits, or ends later', () => {
    const record = shadow({
      tasks: [at({ tookMs: null }), at({ node: null, tookMs: 5 }), at({ tookMs: nowMs })],
      atMs: 0,
    });
    expect(withEnds(record, nowMs)).toBe(record);
    expect(withEnds({ ...record, tasks: [at({ tookMs: nowMs - 100 })] }, nowMs).tasks).toEqual([]);
    expect(of([shadowTask('r', { node: 's', tookMs: 5 })]).tasks).toHaveLength(1);
  });

  test('beside others leaves the node as it is, and its request', () => {
    const stays = at({ index: 1 });
    const found = of([at({ tookMs: 50 }), stays, shadowTask('t', { node: 's', placedAtMs: 1, tookMs: 1 })]);
    expect(found.tasks).toEqual([stays]);
    expect(Object.keys(found.requests)).toEqual(['r']);
    expect(found.nodes).toEqual([shadowNode('s', { emptySinceMs: null })]);
  });

  test('lets a node go that only waited for it; others stay', () => {
    const drain = { by: 'drift', reason: '', atMs: 1, deadlineMs: null } as const;
    const other = shadowNode('other', { drain });
    const end = sinceMs + hourMs / 2;
    const found = of(
      [at({ placedAtMs: sinceMs, tookMs: hourMs / 4 }), at({ index: 1, placedAtMs: sinceMs, tookMs: hourMs / 2 })],
      { nodes: [shadowNode('s', { drain }), other] },
    );
    expect(found.nodes).toEqual([other]);
    expect(found.sums).toEqual({ ...noShadowSums, ends: 1, usd: (0.1 * (end - sinceMs)) / hourMs });
  });
});
