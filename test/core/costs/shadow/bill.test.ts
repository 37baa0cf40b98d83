// What nodes of both sides cost.
import { describe, expect, test } from '@jest/globals';
import { costOf, stopShadow, withEnded, withPresent } from '../../../../lib/core/costs/shadow/bill.ts';
import { noShadowSums } from '../../../../lib/core/costs/shadow/record.ts';
import { nowMs } from '../../builders.ts';
import { hourMs, liveNode, requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

const priced = { capacityType: 'on-demand', priceUsdPerHour: 2, createdAtMs: sinceMs } as const;
const spot = { ...priced, capacityType: 'spot' } as const;

describe('a node', () => {
  test('costs its price from its launch', () => {
    expect(costOf(priced, 0, sinceMs + hourMs / 2)).toBe(1);
  });
  test('costs nothing of before the shadow began, and never less than nothing', () => {
    expect(costOf({ ...priced, createdAtMs: sinceMs - hourMs }, sinceMs, nowMs)).toBe(2);
    expect(costOf(priced, nowMs, sinceMs)).toBe(0);
  });
  test('that ends has cost a minute at least', () => {
    expect(withEnded(noShadowSums, priced, sinceMs, sinceMs + 1_000)).toEqual({
      ...noShadowSums,
      usd: 2 / 60,
      ends: 1,
    });
    expect(withEnded(noShadowSums, priced, sinceMs, nowMs).usd).toBe(2);
  });
  test('of before the shadow began has had its minute', () => {
    const old = { ...priced, createdAtMs: sinceMs - 1 };
    expect(withEnded(noShadowSums, old, sinceMs, sinceMs + 1_800).usd).toBe(0.001);
  });
  test('on spot counts there too, and is added to what there was', () => {
    const sums = { ...noShadowSums, usd: 10, spotUsd: 5, ends: 3, launches: 4, moves: 2 };
    expect(withEnded(sums, spot, sinceMs, nowMs)).toEqual({ ...sums, usd: 12, spotUsd: 7, ends: 4 });
    expect(withEnded(sums, priced, sinceMs, nowMs)).toEqual({ ...sums, usd: 12, ends: 4 });
  });
  test('that is there has cost something, and has not ended', () => {
    const sums = { ...noShadowSums, usd: 10, spotUsd: 5 };
    expect(withPresent(sums, [priced, spot, spot], sinceMs, nowMs)).toEqual({ ...sums, usd: 16, spotUsd: 9 });
    expect(withPresent(sums, [priced], sinceMs, sinceMs + 1_800).usd).toBe(10.001);
  });
});

test('a shadow that stops keeps its sums with what both sides have cost, and begins anew after ten minutes', () => {
  const record = shadow({
    requests: requestsOf(['a']),
    tasks: [shadowTask('a')],
    nodes: [shadowNode('s')],
    live: { nodes: [liveNode('i-1', { priceUsdPerHour: 3 })], sums: noShadowSums },
    ...{ dueAtMs: nowMs, named: 7, cutShort: 2 },
  });
  expect(stopShadow(record, 'too many', nowMs)).toEqual(
    shadow({
      atMs: nowMs,
      sums: { ...noShadowSums, usd: 0.1 },
      live: { nodes: [], sums: { ...noShadowSums, usd: 3 } },
      stopped: { reason: 'too many', atMs: nowMs, againAtMs: nowMs + 600_000 },
      ...{ dueAtMs: null, named: 7, cutShort: 2 },
    }),
  );
});
