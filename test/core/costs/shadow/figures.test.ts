// A shadow beside its pool, for people.
import { describe, expect, test } from '@jest/globals';
import { shadowFigures } from '../../../../lib/core/costs/shadow/figures.ts';
import type { ShadowNode, ShadowRecord } from '../../../../lib/core/costs/shadow/record.ts';
import { noShadowSums } from '../../../../lib/core/costs/shadow/record.ts';
import { noWaits, withWait } from '../../../../lib/core/costs/shadow/waits.ts';
import type { PoolSpec } from '../../../../lib/core/records/pool.ts';
import { nowMs, pool } from '../../builders.ts';
import { hourMs, liveNode, requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

const keeping = pool({ shadow: { idleAfterMs: 10 * hourMs } });
const figures = (more: Partial<ShadowRecord>, own: PoolSpec = keeping) => shadowFigures(shadow(more), own, nowMs);

describe('the figures of a shadow', () => {
  test('are of both sides until now', () => {
    const waits = [1_000, 1_000, 4_000].reduce(withWait, noWaits);
    const found = figures({
      nodes: [shadowNode('s', { capacityType: 'spot', priceUsdPerHour: 0.4 })],
      sums: { ...noShadowSums, usd: 2, spotUsd: 1, launches: 3, ends: 2, moves: 1, waits },
      live: { nodes: [liveNode('i-1'), liveNode('i-2')], sums: noShadowSums },
      cutShort: 4,
      isBootGuessed: true,
    });
    const none = { launches: 0, ends: 0, moves: 0, started: 0, waiting: 0 };
    expect(found).toEqual({
      ...{ sinceMs, untilMs: nowMs, stopped: null, isBootGuessed: true, cutShort: 4 },
      live: { ...none, usd: 0.2, spotUsd: 0, usdPerHour: 0.2, nodes: 2, waits: null },
      shadow: {
        ...{
          usd: 2.4,
          spotUsd: 1.4,
          usdPerHour: 0.4,
          nodes: 1,
          launches: 3,
          ends: 2,
          moves: 1,
          started: 3,
          waiting: 0,
        },
        waits: { meanMs: 2_000, p50Ms: 1_000, p95Ms: 4_000 },
      },
    });
  });

  test('say what waits on each side by then', () => {
    const requests = { ...requestsOf(['r']), ...requestsOf(['later'], nowMs + 1) };
    const tasks = [
      shadowTask('r'),
      shadowTask('r', { index: 1, livePlacedAtMs: 5 }),
      shadowTask('r', { index: 2, tookMs: 5 }),
      shadowTask('r', { index: 3, isOver: true }),
      shadowTask('r', { index: 4, node: 's', placedAtMs: 1 }),
      shadowTask('later'),
      shadowTask('nobody'),
    ];
    const found = figures({ requests, tasks, nodes: [shadowNode('s')] });
    expect([found.live.waiting, found.shadow.waiting]).toEqual([3, 3]);
  });

  test('of one that has stopped are of before', () => {
    const stopped = { reason: 'x', atMs: sinceMs + hourMs / 2, againAtMs: nowMs };
    expect(figures({ stopped, nodes: [shadowNode('s')] })).toMatchObject({
      untilMs: stopped.atMs,
      stopped: { reason: 'x', againAtMs: nowMs },
      shadow: { usd: 0.05 },
    });
  });

  test('count what has ended since the last tick', () => {
    const tasks = [shadowTask('r', { node: 's', placedAtMs: nowMs - 500, tookMs: 100 })];
    const drain = { by: 'drift', reason: '', atMs: 1, deadlineMs: null } as const;
    const found = figures({ tasks, requests: requestsOf(['r']), nodes: [shadowNode('s', { drain })] });
    expect(found.shadow).toMatchObject({ nodes: 0, ends: 1 });
  });
});

describe('a node that was idle for long enough', () => {
  const idle = pool({ shadow: { idleAfterMs: hourMs / 2 } });
  const of = (own: PoolSpec, node: Partial<ShadowNode> = {}, more: Partial<ShadowRecord> = {}) =>
    figures({ nodes: [shadowNode('s', node)], ...more }, own).shadow;

  test('has gone, though no tick has come since', () => {
    expect(of(idle)).toMatchObject({ nodes: 0, ends: 1, usd: 0.05 });
    expect(of(idle, { emptySinceMs: null })).toMatchObject({ ends: 1, usd: 0.05 });
    expect(of(idle, { readyAtMs: sinceMs + hourMs / 4 })).toMatchObject({ ends: 1, usd: 0.075 });
  });

  test('is there until its time, while it has work, and while something waits', () => {
    expect(of(idle, { emptySinceMs: nowMs - hourMs / 2 }).nodes).toBe(1);
    const requests = requestsOf(['r']);
    expect(of(idle, {}, { requests, tasks: [shadowTask('r', { node: 's', placedAtMs: 1 })] }).nodes).toBe(1);
    expect(of(idle, {}, { requests, tasks: [shadowTask('r')] }).nodes).toBe(1);
    expect(of(idle, {}, { requests, tasks: [shadowTask('r', { isOver: true })] }).nodes).toBe(0);
  });

  test("is there where the shadow's policy keeps some, and where it looks ahead", () => {
    expect(of({ ...idle, headroom: { nodes: 1 } as never }).nodes).toBe(1);
    expect(of({ ...idle, learningStyle: 'predictive' }).nodes).toBe(1);
    expect(of(pool({ idleAfterMs: hourMs / 2 })).nodes).toBe(0);
  });
});
