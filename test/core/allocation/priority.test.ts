// Who is served first by priority, and how nobody is left out.
import { describe, expect, test } from '@jest/globals';
import { levelsMax, passedOverAfter, priority, turnAfterMs } from '../../../lib/core/allocation/ordering/priority.ts';
import { orderOf } from '../../../lib/core/allocation/ordering/index.ts';
import type { AllocationInput, Demand } from '../../../lib/core/allocation/types.ts';
import { demandOf, inputOf } from './worlds.ts';

const nowMs = 100_000_000;
const one = (id: string, level: number, createdAtMs = 0, more: Partial<Demand> = {}): Demand =>
  demandOf(id, 1, 1_000, 1, { priority: level, createdAtMs, ...more });
const input = (demand: readonly Demand[], more: Partial<AllocationInput> = {}): AllocationInput => ({
  ...inputOf(demand),
  nowMs,
  ...more,
});
const turns = (demand: readonly Demand[], passedOver?: Record<string, number>) =>
  priority(input(demand, passedOver ? { passedOver } : {})).map((turn) => `${turn.demand.id} ${String(turn.count)}`);
const longAgo = nowMs - turnAfterMs;

test('a higher priority comes first, however long a lower one waits; within a level the older', () => {
  expect(turns([one('old', 0, 0), one('urgent', 10, nowMs), one('older urgent', 10, 5)])).toEqual([
    'older urgent 1',
    'urgent 1',
    'old 1',
  ]);
});

describe('a level that got nothing for long', () => {
  const array = (id: string, level: number, more: Partial<Demand> = {}) => ({ ...one(id, level, 0, more), count: 5 });

  test('has one task of each shape served before all others', () => {
    const other = one('shape', 0, 7, { resources: { cpuMilli: 2_000, memoryMib: 1, gpu: 0 } });
    const demand = [array('low', 0), one('twin', 0, 3), other, array('high', 9)];
    expect(turns(demand, { 0: longAgo })).toEqual(['low 1', 'shape 1', 'high 5', 'low 4', 'twin 1']);
    expect(turns(demand, { 0: longAgo + 1 })).toEqual(['high 5', 'low 5', 'twin 1', 'shape 1']);
  });

  test('has a gang served whole, and the level that waits longest first', () => {
    const demand = [array('gang', 0, { gang: true }), one('mid', 1), one('high', 2)];
    expect(turns(demand, { 0: longAgo, 1: longAgo - 1 })).toEqual(['mid 1', 'gang 5', 'high 1']);
  });

  test('has its turn within its tenant, where shares are fair', () => {
    const demand = [one('low', 0, 0, { tenant: 'a' }), one('high', 5, 0, { tenant: 'a' })];
    const fair = input(demand, { passedOver: { '0 a': longAgo } });
    const order = orderOf({ ...fair, pool: { ...fair.pool, ordering: 'fair-share' } });
    expect(order.map((turn) => turn.demand.id)).toEqual(['low', 'high']);
  });
});

describe('since when a level is passed over', () => {
  const demand = [one('low', 0), one('high', 5)];
  const after = (
    waiting: string[],
    served: string[],
    passedOver = {},
    of: readonly Demand[] = demand,
    fifo = false,
  ) => {
    const { pool } = input(of);
    const asked = { ...input(of), passedOver, pool: { ...pool, ordering: fifo ? 'fifo' : 'priority' } as const };
    return passedOverAfter(asked, new Set(waiting), new Set(served));
  };

  test('is when it first waits and gets nothing, until it is served or waits no more', () => {
    expect(after(['low'], ['high'])).toEqual({ 0: nowMs });
    expect(after(['low'], ['high'], { 0: 7 })).toEqual({ 0: 7 });
    expect(after([], ['high'], { 0: 7 })).toEqual({ 0: 7 });
    expect(after(['low'], ['low'], { 0: 7 })).toEqual({});
    expect(after([], [], { 0: 7, 3: 7 }, [one('high', 5), one('low', 0)])).toEqual({ 0: 7 });
  });

  test('is nothing where there is one level, and in order of arrival', () => {
    expect(after(['low'], [], { 0: 7 }, [one('low', 0)])).toEqual({});
    expect(after(['low'], [], { 0: 7 }, demand, true)).toEqual({});
  });

  test('is kept of so many levels, those that wait longest', () => {
    const many = Array.from({ length: levelsMax + 5 }, (_, n) => one(`d${String(n)}`, n));
    const known = after(
      many.map(({ id }) => id),
      [],
      { 104: 1 },
      many,
    );
    expect(Object.keys(known)).toHaveLength(levelsMax);
    expect(known['104']).toBe(1);
  });
});
