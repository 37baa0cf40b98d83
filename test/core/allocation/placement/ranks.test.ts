// Ranks of bins are kept from one task to the next: only what has changed is ranked again.
import { expect, test } from '@jest/globals';
import { Ranks, unfit } from '../../../../lib/core/allocation/placement/ranks.ts';

function ranked() {
  const asked: number[] = [];
  const scores = [3, unfit, 5];
  const ranks = new Ranks(scores.length);
  const of = (alike: string) => {
    const { scores: known, rooms } = ranks.of(alike, (at) => {
      asked.push(at);
      return { score: scores[at] ?? unfit, room: at };
    });
    return { scores: [...known], rooms: [...rooms], asked: asked.splice(0) };
  };
  return { ranks, scores, of };
}

test('each bin is ranked once, and again when it has changed', () => {
  const { ranks, scores, of } = ranked();
  expect(of('a')).toEqual({ scores: [3, unfit, 5], rooms: [0, 1, 2], asked: [0, 1, 2] });
  expect(of('a').asked).toEqual([]);
  scores[1] = 9;
  ranks.changed(1);
  ranks.changed(1);
  expect(of('a')).toEqual({ scores: [3, 9, 5], rooms: [0, 1, 2], asked: [1] });
  expect(of('a').asked).toEqual([]);
});

test('tasks that are not alike have ranks of their own, of so many kinds at one time', () => {
  const { ranks, of } = ranked();
  for (let n = 0; n < 16; n += 1) expect(of(String(n)).asked).toEqual([0, 1, 2]);
  expect(of('0').asked).toEqual([]);
  ranks.changed(2);
  // One more takes the place of the one that was asked for longest ago.
  expect(of('16').asked).toEqual([0, 1, 2]);
  expect(of('0').asked).toEqual([2]);
  expect(of('1').asked).toEqual([0, 1, 2]);
});
