// What a pool learns of what it bought: counted once, faded by half in a day, bounded, and written only with news.
import { describe, expect, test } from '@jest/globals';
import {
  fadedTo,
  learnedNow,
  newsOfNode,
  nothingLearned,
  offeringsHalfLifeMs,
  offeringsLearnedMax,
  weightOf,
  withGoneNodes,
  withRefused,
} from '../../../lib/core/lifetimes/offerings.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { node, nowMs, offer, smallType } from '../builders.ts';

const id = offer(smallType, 'za', 'spot').id;
const hour = 3_600_000;
const drain = (by: 'interruption' | 'boot-timeout' | 'emptiness' | 'termination'): NodeRecord['drain'] => ({
  by,
  reason: 'r',
  atMs: nowMs,
  deadlineMs: null,
});
/** Created an hour ago, ready a minute later. */
const spot = (more: Partial<NodeRecord> = {}): NodeRecord =>
  node({ capacityType: 'spot', createdAtMs: nowMs - hour, readyAtMs: nowMs - hour + 60_000, ...more });

describe('a node', () => {
  test('that called says how long it booted and was there', () => {
    expect(newsOfNode(spot(), nowMs)).toEqual({ hours: 1, booted: 1, bootSeconds: 60, bootLogs: Math.log(60) });
  });

  test.each([
    [spot({ drain: drain('interruption') }), { interrupted: 1 }],
    [spot({ drain: drain('termination') }), { interrupted: 1 }],
    [spot({ readyAtMs: null, drain: drain('boot-timeout') }), { failed: 1 }],
    [spot({ readyAtMs: null, drain: drain('interruption') }), { interrupted: 1 }],
    [spot({ drain: drain('emptiness') }), {}],
    [node({ drain: drain('interruption') }), {}],
    [spot({ readyAtMs: null, drain: drain('emptiness') }), {}],
  ])('that went says why, where that is no wish of ours: %#', (one, bad) => {
    const { failed, interrupted } = newsOfNode(one, nowMs);
    expect({ ...(failed && { failed }), ...(interrupted && { interrupted }) }).toEqual(bad);
  });
});

test('all that was learned counts half a day later, and is only counted anew with news', () => {
  const first = withRefused(undefined, [id, id], nowMs) ?? {};
  expect(first[id]).toMatchObject({ refused: 2, booted: 0, atMs: nowMs });
  expect(withRefused(first, [], nowMs + hour)).toBe(first);
  expect(withGoneNodes(first, [], nowMs + hour)).toBe(first);
  const later = withRefused(first, [id], nowMs + offeringsHalfLifeMs) ?? {};
  expect(later[id]?.refused).toBeCloseTo(2, 6);
  expect(fadedTo(later[id] ?? nothingLearned, nowMs + 3 * offeringsHalfLifeMs).refused).toBeCloseTo(0.5, 6);
});

test('nodes that are there count beside what is stored, and are not stored', () => {
  const stored = withGoneNodes(undefined, [spot({ id: 'i-9' })], nowMs);
  const all = learnedNow(stored, [spot()], nowMs);
  expect(all.get(id)).toMatchObject({ booted: 2, bootSeconds: 120, hours: 2 });
  expect(stored?.[id]).toMatchObject({ booted: 1 });
});

test('too many offerings: those that say least are forgotten, as are those that say nothing any more', () => {
  const names = Array.from({ length: offeringsLearnedMax + 5 }, (_, at) => `t${String(at).padStart(3, '0')}/za/spot`);
  const much = names.slice(5);
  const all = withRefused(withRefused(undefined, [...names, ...much], nowMs), [...much], nowMs) ?? {};
  expect(Object.keys(all)).toEqual(much);
  expect(Object.values(all).every((one) => weightOf(one) === 3)).toBe(true);
  const later = withRefused(all, [id], nowMs + 7 * offeringsHalfLifeMs);
  expect(Object.keys(later ?? {})).toEqual([id]);
});
