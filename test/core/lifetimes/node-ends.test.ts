// What the end of a node says of what was bought.
import { describe, expect, test } from '@jest/globals';
import { bootFailure, isLostSpot } from '../../../lib/core/lifetimes/node-ends.ts';
import type { DisruptionName } from '../../../lib/core/records/node.ts';
import { node } from '../builders.ts';

const drainBy = (by: DisruptionName) => ({ by, reason: 'why', atMs: 7, deadlineMs: null });

describe('a node that never became ready', () => {
  test.each<[DisruptionName, boolean]>([
    ['boot-timeout', true],
    ['termination', true],
    ['ending', true],
    ['interruption', false],
    ['operator', false],
  ])('and goes by %s failed to boot: %s', (by, isFailure) => {
    const found = bootFailure(node({ readyAtMs: null, drain: drainBy(by) }));
    expect(found).toEqual(isFailure ? { atMs: 7, message: 'i-1 (c7.large in za): why' } : null);
  });

  test('may come yet, and one that became ready did not fail', () => {
    expect(bootFailure(node({ readyAtMs: null }))).toBeNull();
    expect(bootFailure(node({ readyAtMs: 0, drain: drainBy('termination') }))).toBeNull();
  });
});

describe('a spot node', () => {
  const spot = (by: DisruptionName | null, readyAtMs: number | null = 0) =>
    isLostSpot(node({ capacityType: 'spot', readyAtMs, drain: by === null ? null : drainBy(by) }));

  test('is lost by notice, also while it boots', () => {
    expect([spot('interruption'), spot('interruption', null)]).toEqual([true, true]);
  });
  test('is lost where it worked and ended though nobody asked', () => {
    expect([spot('termination'), spot('ending'), spot('termination', null), spot('ending', null)]).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
  });
  test('is not lost while it is there, or where its pool ended it', () => {
    expect([spot(null), spot('emptiness'), spot('boot-timeout', null)]).toEqual([false, false, false]);
  });
  test('is what it takes: on demand nothing is lost to others', () => {
    expect(isLostSpot(node({ drain: drainBy('interruption') }))).toBe(false);
  });
});
