// Timings and bounds that decisions use: they must agree with each other.
import { describe, expect, test } from '@jest/globals';
import { awsDecisionSettings, localDecisionSettings, silentAfterMs } from '../../../lib/core/values/settings.ts';

describe('timings', () => {
  test('a node is silent only after its agent must have killed its tasks', () => {
    expect(silentAfterMs(awsDecisionSettings)).toBe(60_000 + 180_000 + 10_000 + 10_000);
    expect(silentAfterMs(localDecisionSettings)).toBe(10_000 + 60_000 + 3_000 + 5_000);
  });

  test.each([
    ['AWS', awsDecisionSettings],
    ['this machine', localDecisionSettings],
  ])('agree with each other on %s', (_where, one) => {
    expect(silentAfterMs(one)).toBeGreaterThan(one.fenceMs + one.killGraceMs);
    expect(one.bootTimeoutMs).toBeGreaterThan(one.listingCalmMs);
    expect(one.listingBusyMs).toBeLessThan(one.listingCalmMs);
    for (const [first, most] of [
      [one.outOfCapacityMs, one.outOfCapacityMaxMs],
      [one.accountPauseMs, one.accountPauseMaxMs],
      [one.ownFaultMs, one.ownFaultMaxMs],
      [one.unplacedAgainMs, one.neverAgainMs],
    ] as const)
      expect(first).toBeLessThan(most);
    for (const value of Object.values(one)) expect(value).toBeGreaterThan(0);
    // As often as the catalog is read when nothing is due.
    expect(one.neverAgainMs).toBe(21_600_000);
    expect(Object.keys(one)).toEqual(Object.keys(awsDecisionSettings));
  });
});
