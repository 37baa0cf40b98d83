// How many warm nodes a pool has, and which go.
import { describe, expect, test } from '@jest/globals';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { surplusOf, warmCount } from '../../../../lib/core/tasks/warm/stock.ts';
import { launch, node } from '../../builders.ts';

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
  });
});
