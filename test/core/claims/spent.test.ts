// What claims cost by day: passed on once a day while they are there, and the rest when they end.
import { describe, expect, test } from '@jest/globals';
import { passOnClaimCosts, spentUsd, unbilledOfClaim, unbilledOfKept } from '../../../lib/core/claims/spent.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import { changes, claimCopy, keptVolume, machines, nowMs } from '../builders.ts';

const hour = 3_600_000;
const day = 24 * hour;

function running(id: string, more: Partial<ClaimRecord> = {}): ClaimRecord {
  const claim = machines(id, { labels: { team: 'x', other: 'y' } });
  const [part] = claim.machines;
  if (part === undefined) throw new Error('a machine request has a machine');
  return {
    ...claim,
    createdAtMs: 10 * day,
    machines: [{ ...part, thereSinceMs: 10 * day, priceUsdPerHour: 1, volumes: [], imageGib: 0 }],
    ...more,
  };
}

describe('a claim', () => {
  test('pays by day, with the labels that are declared', () => {
    expect(unbilledOfClaim(running('r'), ['team'], 11 * day + 12 * hour)).toEqual([
      { kind: 'claim', day: 10, nanoUsd: 24e9, tenant: 't', labels: { team: 'x' } },
      { kind: 'claim', day: 11, nanoUsd: 12e9, tenant: 't', labels: { team: 'x' } },
    ]);
  });

  test('pays the rest after what was passed on, until its end', () => {
    const billed = { toMs: 11 * day, nanoUsd: 24e9 };
    const ended = running('r', { billed, endedAtMs: 11 * day + 6 * hour });
    expect(unbilledOfClaim(ended, [], 12 * day)).toEqual([{ kind: 'claim', day: 11, nanoUsd: 6e9, tenant: 't' }]);
    expect(spentUsd(ended, 12 * day)).toBe(30);
  });

  test('that passes on late does so to seven days, and nothing is lost', () => {
    const late = unbilledOfClaim(running('r'), [], 40 * day);
    expect(late.map((one) => one.day)).toEqual([33, 34, 35, 36, 37, 38, 39]);
    expect(late.map((one) => one.nanoUsd / 24e9)).toEqual([24, 1, 1, 1, 1, 1, 1]);
  });

  test('passes on once a day, while nothing else changes it', () => {
    const yesterday = { createdAtMs: nowMs - day };
    const claims = [
      running('r', yesterday),
      running('s', { createdAtMs: nowMs - 1 }),
      running('u', { ...yesterday, state: 'releasing' }),
    ];
    const copy = claimCopy({ claims });
    passOnClaimCosts(copy);
    expect(changes(copy)).toMatchObject([
      { what: 'bill', writes: [{ type: 'claim', record: { id: 'r', billed: { toMs: nowMs } } }] },
    ]);
    const [{ writes: [write] = [] } = {}] = changes(copy);
    const billed = write?.type === 'claim' ? write.record : claims[0];
    const again = claimCopy({ claims: [billed as ClaimRecord] });
    passOnClaimCosts(again);
    expect(changes(again)).toEqual([]);
  });
});

test('a kept volume pays for its time without a claim', () => {
  const volume = keptVolume('vol-1', { keptSinceMs: 10 * day });
  const [one, ...others] = unbilledOfKept(volume, 10 * day + 73 * 60_000);
  expect([one?.tenant, others]).toEqual([volume.tenant, []]);
  expect((one?.nanoUsd ?? 0) / 1e9).toBeCloseTo((volume.shape.usdPerMonth / 730) * (73 / 60), 9);
});
