// What claims cost by day: passed on once a day while they are there, and the rest when they end.
import { describe, expect, test } from '@jest/globals';
import {
  disksUsdPerHour,
  isStopped,
  passOnClaimCosts,
  spentUsd,
  unbilledOfClaim,
  unbilledOfKept,
} from '../../../lib/core/claims/spent.ts';
import { billedAtOnceMax } from '../../../lib/core/costs/pass-on-bills.ts';
import type { MachinePart } from '../../../lib/core/records/machine.ts';
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

describe('a machine', () => {
  const [part] = running('r').machines as [MachinePart];
  const disk = (usdPerMonth: number): MachinePart['volumes'][number] =>
    ({ shape: { usdPerMonth } }) as MachinePart['volumes'][number];
  const spent = (own: Partial<MachinePart>, hours: number): number =>
    spentUsd(running('r', { machines: [{ ...part, priceUsdPerHour: 0.5, ...own }] }), 10 * day + hours * hour);

  test('pays its disks and those of its image, taken for gp3, at all times', () => {
    const disks = { volumes: [disk(7.3), disk(14.6)], imageGib: 10 };
    expect(disksUsdPerHour({ ...part, ...disks })).toBeCloseTo((7.3 + 14.6 + 10 * 0.08) / 730, 12);
    expect(spent(disks, 4)).toBeCloseTo(4 * (0.5 + (21.9 + 0.8) / 730), 9);
    expect(spent({ ...disks, stoppedSinceMs: 10 * day }, 4)).toBeCloseTo((4 * 22.7) / 730, 9);
  });

  test('pays itself while it runs: not before it is there, nor while it is stopped', () => {
    expect(spent({}, 4)).toBe(2);
    expect(spent({ thereSinceMs: null }, 4)).toBe(0);
    expect(spent({ stoppedMs: hour }, 4)).toBe(1.5);
    expect(spent({ stoppedMs: hour, stoppedSinceMs: 10 * day + 2 * hour }, 4)).toBe(0.5);
    expect([part, { ...part, stoppedSinceMs: 1 }].map(isStopped)).toEqual([false, true]);
  });
});

test('what costs nothing passes nothing on, and what begins and ends in one moment has its day', () => {
  const free = running('r', { machines: [] });
  expect(unbilledOfClaim(free, [], 12 * day)).toEqual([]);
  const billed = { toMs: 11 * day, nanoUsd: 23e9 };
  expect(unbilledOfClaim(running('r', { billed, endedAtMs: 11 * day }), [], 12 * day)).toMatchObject([
    { day: 10, nanoUsd: 1e9 },
  ]);
});

test('so many pass on in one decision, each with what it has cost until now, and none that is changed anyway', () => {
  const all = Array.from({ length: billedAtOnceMax + 2 }, (_, n) =>
    running(`r-${String(n)}`, {
      createdAtMs: nowMs - 2 * day,
      machines: running('x').machines.map((one) => ({ ...one, thereSinceMs: nowMs - 2 * day })),
    }),
  );
  const copy = claimCopy({ claims: all });
  copy.setClaim({ ...(all[0] as ClaimRecord), reason: 'changed' });
  passOnClaimCosts(copy);
  const passed = changes(copy);
  expect(passed).toHaveLength(billedAtOnceMax);
  expect(passed[0]).toMatchObject({
    reason: 'costs of r-1 pass to the days of the pool',
    writes: [{ record: { id: 'r-1', billed: { toMs: nowMs, nanoUsd: 48e9 } } }],
    costs: [{ tenant: 't' }, { tenant: 't' }, { tenant: 't' }],
  });
  expect(passed[0]?.costs?.[0]).not.toHaveProperty('labels');
});
