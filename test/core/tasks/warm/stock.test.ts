// How many warm nodes a pool has, which go, and how many are missing.
import { describe, expect, test } from '@jest/globals';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { missingStock, stopFailedAfter, surplusOf, warmCount } from '../../../../lib/core/tasks/warm/stock.ts';
import { assignment, launch, node } from '../../builders.ts';

const warm = (id: string, more: Partial<NodeRecord> = {}): NodeRecord =>
  node({ id, state: 'stopped', warm: newWarm(0, 0.1), ...more });
const keeps = (stopped: number) => ({ warmNodes: { stopped, expireAfterMs: 1e9 } });

describe('the stock', () => {
  test('counts warm nodes, those that work included, until they leave, and what is bought for it', () => {
    const nodes = [
      warm('i-1'),
      warm('i-2', { state: 'ready' }),
      warm('i-3', { state: 'terminating' }),
      node({ id: 'i-4' }),
    ];
    expect(warmCount(nodes, [])).toBe(2);
    expect(warmCount(nodes, [launch('l-1', { isWarm: true }, 3), launch('l-2')])).toBe(5);
    expect(warmCount([warm('i-1', { isLost: true })], [])).toBe(0);
  });

  test('loses its oldest stopped nodes where there are more than the pool keeps', () => {
    const nodes = [warm('i-1', { createdAtMs: 3 }), warm('i-2', { createdAtMs: 1 }), warm('i-3', { createdAtMs: 2 })];
    expect([...surplusOf(nodes, keeps(2))]).toEqual(['i-2']);
    expect([...surplusOf(nodes, keeps(3))]).toEqual([]);
    expect([...surplusOf(nodes, {})]).toEqual(['i-2', 'i-3', 'i-1']);
    expect([...surplusOf([...nodes, warm('i-4', { state: 'ready' })], keeps(3))]).toEqual(['i-2']);
    expect([...surplusOf([warm('i-2'), warm('i-1'), warm('i-3')], {})]).toEqual(['i-1', 'i-2', 'i-3']);
    const others = [node({ id: 'i-5' }), warm('i-6', { state: 'draining' }), warm('i-7', { isLost: true })];
    expect([...surplusOf([...nodes, ...others], keeps(3))]).toEqual([]);
  });
});

describe('the least that is stopped', () => {
  const missing = (nodes: readonly NodeRecord[], minStopped = 2, stopped = 5, used: readonly string[] = []) =>
    missingStock(nodes, [], { warmNodes: { stopped, minStopped, expireAfterMs: 1e9 } }, new Set(used));

  test('is bought where it is missing, and nothing where none is asked for', () => {
    expect(missing([])).toBe(2);
    expect(missing([warm('i-1')])).toBe(1);
    expect(missing([warm('i-1'), warm('i-2'), warm('i-3')])).toBe(0);
    expect(missingStock([], [], keeps(5), new Set())).toBe(0);
    expect(missingStock([], [], {}, new Set())).toBe(0);
  });

  test('counts those that boot, that stop and that will be stopped, and open launches', () => {
    const coming = (['launching', 'ready', 'stopping'] as const).map((state, n) => warm(`i-${String(n)}`, { state }));
    expect(missing(coming, 4)).toBe(1);
    const some = [launch('l-1', { isWarm: true }, 1), launch('l-2', {}, 5)];
    expect(missingStock([], some, { warmNodes: { stopped: 5, minStopped: 3, expireAfterMs: 1e9 } }, new Set())).toBe(2);
  });

  test.each<[string, NodeRecord]>([
    ['works', warm('i-1', { state: 'ready', assigned: [assignment('r')] })],
    ['starts', warm('i-1', { state: 'starting' })],
    ['is cordoned', warm('i-1', { cordon: { by: 'anna', atMs: 0 } })],
    ['leaves', warm('i-1', { state: 'terminating' })],
    ['is no warm node', node({ id: 'i-1' })],
  ])('does not count one that %s', (_, one) => {
    expect(missing([one])).toBe(2);
  });

  test('does not count one that headroom or a task counts on', () => {
    expect(missing([warm('i-1', { state: 'ready' })], 2, 5, ['i-1'])).toBe(2);
  });

  test('never makes more of them than the pool stops in all, those that work included', () => {
    const working = ['i-1', 'i-2'].map((id) => warm(id, { state: 'ready', assigned: [assignment('r')] }));
    expect(missing(working, 2, 3)).toBe(1);
    expect(missing(working, 2, 2)).toBe(0);
    const coming = [launch('l-1', { isWarm: true }, 2)];
    const least = { stopped: 3, minStopped: 3, expireAfterMs: 1e9 };
    expect(missingStock(working, coming, { warmNodes: least }, new Set())).toBe(0);
  });
});

describe('a node that could not be stopped', () => {
  const now = 10 * 3_600_000;
  const ago = (ms: number): number => now - ms;
  const drainBy = (by: 'refused-power' | 'emptiness') => ({ by, reason: 'why', atMs: 1, deadlineMs: null }) as const;
  const refused = warm('i-1', { state: 'terminating', drain: drainBy('refused-power') });
  const trouble = { reason: 'its disk is full', sinceMs: 1 };
  const broken = warm('i-1', { state: 'terminating', drain: drainBy('emptiness'), trouble });
  const noted = (nodes: readonly NodeRecord[], beforeMs?: number) =>
    stopFailedAfter(nodes, beforeMs, now).stopFailedAtMs;
  const stoppedAt = (sinceMs: number): NodeRecord => warm('i-9', { warm: { ...newWarm(0, 0.1), sinceMs, stops: 1 } });

  test('is noted when EC2 refused it, or its agent cannot work, and it was never stopped', () => {
    expect(noted([refused])).toBe(now);
    expect(noted([broken])).toBe(now);
    expect(noted([refused, warm('i-2')])).toBe(now);
  });

  test.each<[string, NodeRecord]>([
    ['is no warm node', node({ state: 'terminating', drain: drainBy('refused-power') })],
    ['has not gone yet', { ...refused, state: 'draining' }],
    ['goes for no reason that is known', warm('i-1', { state: 'terminating' })],
    ['goes because it is empty', warm('i-1', { state: 'terminating', drain: drainBy('emptiness') })],
    ['was stopped before', { ...broken, warm: { ...newWarm(0, 0.1), stops: 1 } }],
    ['has trouble, and goes for another reason', { ...broken, drain: { ...drainBy('emptiness'), by: 'expiry' } }],
  ])('is not noted where it %s', (_, one) => {
    expect(noted([one])).toBeUndefined();
  });

  test('is not noted anew within the hour, and is after it', () => {
    expect(noted([refused], ago(3_599_999))).toBe(ago(3_599_999));
    expect(noted([refused], ago(3_600_000))).toBe(now);
  });

  test('is remembered until another was stopped since', () => {
    expect(noted([], ago(60_000))).toBe(ago(60_000));
    expect(noted([], ago(7_200_000))).toBe(ago(7_200_000));
    expect(noted([stoppedAt(ago(60_000))], ago(60_000))).toBe(ago(60_000));
    expect(noted([stoppedAt(ago(7_200_000))], ago(7_200_000))).toBe(ago(7_200_000));
    expect(noted([stoppedAt(ago(59_999))], ago(60_000))).toBeUndefined();
    expect(noted([stoppedAt(ago(59_999)), stoppedAt(1)], ago(60_000))).toBeUndefined();
    expect(noted([stoppedAt(ago(60_000)), refused], ago(60_000))).toBe(ago(60_000));
    expect(noted([{ ...stoppedAt(ago(1)), state: 'ready' }], ago(60_000))).toBe(ago(60_000));
    expect(noted([stoppedAt(ago(30_000)), refused], ago(60_000))).toBe(now);
    expect(noted([])).toBeUndefined();
    expect(noted([stoppedAt(1)])).toBeUndefined();
  });
});
