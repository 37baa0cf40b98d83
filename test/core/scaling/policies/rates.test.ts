// How fast a number may move: windows and rates as the Horizontal Pod Autoscaler documents them, and what is remembered
// for that, which is bounded.
import { describe, expect, test } from '@jest/globals';
import type { Behaviour, Moved } from '../../../../lib/core/scaling/policies/rates.ts';
import { atOnce, behaviourDefault, moved, movesMax, neverMoved } from '../../../../lib/core/scaling/policies/rates.ts';

const second = 1_000;
const at = (current: number, wanted: number, nowMs = 0) => ({ current, wanted, nowMs });
const rates = (more: Partial<Behaviour['out']> = {}) => ({ ...atOnce.out, ...more });

describe('what is remembered', () => {
  test('the first wish comes after what is there; the same wish again is nothing new', () => {
    const first = moved(neverMoved, at(3, 5, 10), atOnce).moved;
    expect(first).toEqual({
      wishes: [
        [10, 3],
        [10, 5],
      ],
      changes: [[10, 2]],
    });
    expect(moved(first, at(5, 5, 20), atOnce).moved).toBe(first);
    expect(moved(neverMoved, at(3, 3, 10), atOnce).moved).toEqual({ wishes: [[10, 3]], changes: [] });
  });

  test('changes as long as a rate looks back, wishes as long as a window does', () => {
    const behaviour: Behaviour = {
      out: rates({ policies: [{ kind: 'count', value: 100, periodMs: 60 * second }] }),
      in: rates({ stabilisationMs: 100 * second }),
    };
    let kept: Moved = neverMoved;
    for (const [n, seconds] of [0, 50, 90, 160].entries())
      kept = moved(kept, at(n + 1, n + 2, seconds * second), behaviour).moved;
    expect(kept.changes).toEqual([[160 * second, 1]]);
    // The wish of second 50 was in force until second 90, within the last hundred.
    expect(kept.wishes).toEqual([
      [50 * second, 3],
      [90 * second, 4],
      [160 * second, 5],
    ]);
    expect(moved(kept, at(5, 6, 220 * second), behaviour).moved.changes).toEqual([[220 * second, 1]]);
    expect(moved(kept, at(5, 6, 219 * second), behaviour).moved.changes).toHaveLength(2);
  });

  test('no more than so many: the oldest are joined, of wishes the larger one stays', () => {
    const behaviour: Behaviour = {
      out: rates({ policies: [{ kind: 'count', value: 1e6, periodMs: 1e9 }] }),
      in: rates({ stabilisationMs: 1e9, policies: [{ kind: 'count', value: 1e6, periodMs: 1e9 }] }),
    };
    let [kept, current]: [Moved, number] = [neverMoved, 1];
    for (let n = 0; n < movesMax + 10; n += 1) {
      const { next, moved: after } = moved(kept, at(current, current + 1 + (n === 0 ? 100 : 0), n), behaviour);
      [kept, current] = [after, next];
    }
    expect([kept.wishes.length, kept.changes.length]).toEqual([movesMax, movesMax]);
    expect(kept.changes.reduce((sum, [, by]) => sum + by, 0)).toBe(current - 1);
    expect(kept.changes[0]).toEqual([10, 111]);
    expect(kept.wishes[0]?.[1]).toBe(112);
  });
});

describe('a window', () => {
  const careful: Behaviour = {
    out: rates({ stabilisationMs: 60 * second }),
    in: rates({ stabilisationMs: 60 * second }),
  };

  test('goes out by the smallest and in by the largest wish of late', () => {
    const high = moved(neverMoved, at(4, 8, 0), careful);
    expect(high.next).toBe(4);
    expect(moved(high.moved, at(4, 8, 59 * second), careful).next).toBe(4);
    expect(moved(high.moved, at(4, 8, 60 * second), careful).next).toBe(8);
    const low = moved(neverMoved, at(4, 1, 0), careful);
    expect([low.next, moved(low.moved, at(4, 1, 60 * second), careful).next]).toEqual([4, 1]);
    // Between both it stays.
    const between = moved(low.moved, at(4, 9, 10 * second), careful);
    expect(between.next).toBe(4);
  });
});

describe('rates', () => {
  const both = [
    { kind: 'percent', value: 50, periodMs: 60 * second },
    { kind: 'count', value: 3, periodMs: 60 * second },
  ] as const;
  const next = (current: number, wanted: number, behaviour: Behaviour, kept = neverMoved) =>
    moved(kept, at(current, wanted, 0), behaviour).next;

  test('the widest or the narrowest of them, both ways; disabled: not at all', () => {
    const of = (select: 'max' | 'min' | 'disabled'): Behaviour => {
      const one = rates({ select, policies: both });
      return { out: one, in: one };
    };
    expect([next(10, 99, of('max')), next(10, 99, of('min')), next(10, 99, of('disabled'))]).toEqual([15, 13, 10]);
    expect([next(10, 0, of('max')), next(10, 0, of('min')), next(10, 0, of('disabled'))]).toEqual([5, 7, 10]);
    expect(next(10, 12, of('min'))).toBe(12);
    expect(next(10, 9, of('min'))).toBe(9);
  });

  test('a part of nothing is one, and what changed in the period counts', () => {
    const one = rates({ policies: [{ kind: 'percent', value: 50, periodMs: 60 * second }] });
    const behaviour = { out: one, in: one };
    expect(next(0, 9, behaviour)).toBe(1);
    expect(next(1, 9, behaviour)).toBe(2);
    const lately: Moved = { wishes: [], changes: [[-30 * second, 4]] };
    expect(next(12, 99, behaviour, lately)).toBe(12);
    const before: Moved = { wishes: [], changes: [[-60 * second, 4]] };
    expect(next(12, 99, behaviour, before)).toBe(18);
  });

  test('unless others are declared they are HPA’s: doubled or four more in 15 s, in after five minutes', () => {
    expect(next(1, 99, behaviourDefault)).toBe(5);
    expect(next(10, 99, behaviourDefault)).toBe(20);
    const low = moved(neverMoved, at(10, 2, 0), behaviourDefault);
    expect(moved(low.moved, at(10, 2, 299 * second), behaviourDefault).next).toBe(10);
    expect(moved(low.moved, at(10, 2, 300 * second), behaviourDefault).next).toBe(2);
    expect(next(10, 99, atOnce)).toBe(99);
    expect(next(10, 0, atOnce)).toBe(0);
  });
});

describe('after a clock that was far ahead', () => {
  const hour = 3_600 * second;

  test('a number moves on after a period, though it moved in times to come', () => {
    const ahead = moved(neverMoved, at(4, 8, hour), behaviourDefault);
    expect(ahead.next).toBe(8);
    // Its rates would let nothing go out until then; now it is one period.
    const set = moved(ahead.moved, at(8, 40, 60 * second), behaviourDefault);
    expect([set.next, set.moved.changes]).toEqual([8, [[60 * second, 4]]]);
    expect(moved(set.moved, at(8, 40, 75 * second), behaviourDefault).next).toBe(16);
  });

  test('a wish goes out though a smaller one is of times to come', () => {
    const out = { ...atOnce, in: rates({ stabilisationMs: 300 * second }) };
    const high = moved(neverMoved, at(5, 9, hour), out).moved;
    const low = moved(high, at(9, 2, hour + second), out).moved;
    expect(moved(low, at(5, 9, 60 * second), out).next).toBe(9);
  });
});
