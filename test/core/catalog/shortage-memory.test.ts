// When what EC2 had nothing of is asked for again.
import { describe, expect, test } from '@jest/globals';
import type { Droughts, ShapeNews } from '../../../lib/core/catalog/shortage-memory.ts';
import { droughtsAfter, droughtsMax } from '../../../lib/core/catalog/shortage-memory.ts';

const timing = { outOfCapacityMs: 100, outOfCapacityMaxMs: 350 };
const short = (...shapes: readonly string[]): ShapeNews => ({ shapes, hasCome: false, isShort: true });
const after = (before: Droughts | undefined, nowMs: number, ...news: readonly ShapeNews[]) =>
  droughtsAfter(before, news, nowMs, timing);

describe('a shape for which there is nothing', () => {
  test('waits twice as long each time, up to the most', () => {
    const first = after(undefined, 0, short('a'));
    expect(first).toEqual({ turn: 0, byShape: { a: { untilMs: 100, waitMs: 100 } } });
    const second = after(first ?? undefined, 100, short('a'));
    expect(second).toEqual({ turn: 1, byShape: { a: { untilMs: 300, waitMs: 200 } } });
    const third = after(second ?? undefined, 300, short('a'));
    expect(third).toEqual({ turn: 2, byShape: { a: { untilMs: 650, waitMs: 350 } } });
  });

  test('is not moved by what is said before its time', () => {
    const first = after(undefined, 0, short('a')) ?? undefined;
    expect(after(first, 99, short('a'))).toEqual(first);
  });

  test('takes one turn with others that were asked for again in the same call; a new one takes none', () => {
    const first = after(undefined, 0, short('a', 'b')) ?? undefined;
    expect(after(first, 100, short('a', 'b'), short('c'))).toMatchObject({
      turn: 1,
      byShape: { a: { waitMs: 200 }, b: { waitMs: 200 }, c: { waitMs: 100 } },
    });
    expect(after(first, 50, short('c'))?.turn).toBe(0);
  });

  test('is forgotten when something has come; a call that failed otherwise says nothing', () => {
    const first = after(undefined, 0, short('a', 'b')) ?? undefined;
    const news = { shapes: ['a'], hasCome: true, isShort: false };
    expect(after(first, 100, news)).toEqual({ turn: 0, byShape: { b: { untilMs: 100, waitMs: 100 } } });
    expect(after(first, 100, { shapes: ['a', 'b'], hasCome: true, isShort: true })).toBeNull();
    expect(after(first, 100, { shapes: ['a'], hasCome: false, isShort: false })).toEqual(first);
    expect(after(undefined, 0)).toBeNull();
  });
});

test('of too many the last are remembered', () => {
  const names = Array.from({ length: droughtsMax + 1 }, (_, n) => `s${String(n)}`);
  const { byShape } = after(undefined, 0, short(...names)) ?? { byShape: {} };
  expect(Object.keys(byShape)).toEqual(names.slice(1));
});
