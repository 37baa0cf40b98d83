// What ended requests leave, what a person can do about what does not go.
import { describe, expect, test } from '@jest/globals';
import { cureOf, leftText, sharedGroups } from '../../../../lib/core/claims/release/left-over.ts';
import type { SeenSnapshot } from '../../../../lib/core/plan/listing.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import {
  attachedTo,
  claimCopy,
  claimListing,
  group,
  machines,
  nowMs,
  seenMachine,
  seenVolume,
  storage,
  volumeWish,
} from '../../builders.ts';
import { withVolume, withVolumes } from './given.ts';

const snapshot = { id: 'snap-1', askedAtMs: 1, missingSinceMs: null, intents: ['a'], failures: 0, nextTryAtMs: null };
const ending = { state: 'released', reason: 'released' } as const;
const volumes = Array.from({ length: 6 }, () => volumeWish);

describe('what an ended request leaves', () => {
  const left = (claim: ClaimRecord): string => leftText(claimCopy({ claims: [claim] }), claim);

  test('is nothing where all is gone', () => {
    expect(left(withVolume('s', { state: 'gone' }))).toBe('nothing of it is left');
    expect(left(withVolume('s', { snapshot }))).toBe('nothing of it is left');
  });

  test('is the snapshot of a volume that is gone, with what it may cost', () => {
    expect(left(withVolume('s', { state: 'gone', snapshot }, { ending }))).toBe(
      'released; snapshot snap-1 is kept until you delete it (an estimate: at most 1.00 USD a month, by the data in '
        + 'it)',
    );
  });

  test('is several snapshots, of which some are named', () => {
    const six = withVolumes(machines('m', { volumes }), { state: 'gone', snapshot });
    expect(left(six)).toMatch(/^active; snapshots (?:snap-1, ){4}snap-1 and 1 more are kept until you delete them \(/);
    expect(left(six)).toContain('at most 6.00 USD a month, by the data in them');
  });

  test('is a volume that is kept, and until when', () => {
    expect(left(withVolume('s', { state: 'kept', keptUntilMs: nowMs }))).toBe(
      `active; vol-s (20 GiB of gp3 (3000 IOPS, 125 MiB/s), 1.60 USD a month) is kept until `
        + `${new Date(nowMs).toISOString()} for your next request with strategy reuse-first`,
    );
    expect(left(withVolume('s', { state: 'kept' }))).toContain('is kept for a while for your next request');
  });

  test('is several volumes that are kept, told by when that ends', () => {
    const claim = machines('m', { volumes: [volumeWish, volumeWish] });
    const two = withVolumes(claim, { state: 'kept', keptUntilMs: nowMs });
    expect(left(two)).toMatch(/vol-m\.m0\.v0, vol-m\.m0\.v1 \(3\.20 USD a month together\) are kept until/);
  });

  test('is a group that others use', () => {
    const claim = storage('s', 'za', { waitsForGroups: ['g-a', 'g-b', 'g-c', 'g-x'] });
    const groups = [
      group('a', { references: ['r-1'] }),
      group('b', { references: ['r-1', 'r-2'], groupId: 'sg-b' }),
      group('c', { state: 'deleting' }),
    ];
    const copy = claimCopy({ claims: [claim], groups });
    expect(sharedGroups(copy, claim).map((one) => one.groupId)).toEqual(['sg-a', 'sg-b']);
    expect(leftText(copy, claim)).toBe('active; sg-a stays: r-1 uses it; sg-b stays: r-1, r-2 use it');
    const unmade = claimCopy({ groups: [group('a', { groupId: null })] });
    expect(sharedGroups(unmade, claim)).toEqual([]);
  });
});

describe('what a person can do about what does not go', () => {
  const going = machines('m');

  test('names the state of instances that have not ended', () => {
    const seen = (state: 'running' | 'terminated'): string | null => {
      const listing = claimListing({ machines: [seenMachine('i-m-0', { state })] });
      return cureOf(claimCopy({ listing }), going, 'terminating');
    };
    expect(seen('running')).toMatch(/^EC2 shows i-m-0 as running: where termination protection is on/);
    expect(seen('terminated')).toMatch(/^EC2 shows nothing of them:/);
  });

  test('names the groups that are being deleted, not those that stay', () => {
    const claim = storage('s', 'za', { waitsForGroups: ['g-a', 'g-b'] });
    const copy = claimCopy({ groups: [group('a', { state: 'deleting' }), group('b')] });
    expect(cureOf(copy, claim, 'groups')).toMatch(/uses sg-a, a network .*Values=sg-a", and remove it/);
  });

  test('of an open launch is to wait; of what is unknown, nothing', () => {
    expect(cureOf(claimCopy(), going, 'launch_open')).toMatch(/^EC2 has not said/);
    expect(cureOf(claimCopy(), going, 'snapshot_failed')).toBeNull();
  });

  const pending: SeenSnapshot = { id: 'snap-1', state: 'pending', volumeId: 'vol-s', tags: {} };

  test.each([
    ['attached', attachedTo('i-9'), {}, /^EC2 shows vol-s as attached on i-9: unmount it there/],
    ['being copied', {}, { onRelease: 'snapshot', snapshot }, /^snap-1 is being made; for much data/],
    ['creating', { state: 'creating' }, {}, /^EC2 shows vol-s as creating; where that stays, ask AWS support/],
    ['not deleted', {}, {}, /^EC2 shows vol-s as available, and has not deleted it/],
  ] as const)('of a volume that is %s', (_what, seen, part, cure) => {
    const claim = withVolume('s', part);
    const listing = claimListing({ volumes: [seenVolume('vol-s', seen)], snapshots: [pending] });
    const copy = claimCopy({ claims: [claim], listing });
    for (const code of ['volumes', 'in_use', 'detaching']) expect(cureOf(copy, claim, code)).toMatch(cure);
  });

  test.each([
    ['is gone', { state: 'gone' }],
    ['is kept', { state: 'kept' }],
    ['waits for a snapshot that is not there', { onRelease: 'snapshot' }],
  ] as const)('is nothing of a volume that %s', (_what, part) => {
    const claim = withVolume('s', part);
    const copy = claimCopy({ claims: [claim], listing: claimListing({ volumes: [seenVolume('vol-s')] }) });
    expect(cureOf(copy, claim, 'volumes')).toBeNull();
  });

  test('of a machine is about the volumes that it uses, too', () => {
    const used = storage('s', 'za', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } });
    const listing = claimListing({ volumes: [seenVolume('vol-s', attachedTo('i-m-0', 'busy'))] });
    expect(cureOf(claimCopy({ claims: [going, used], listing }), going, 'detaching')).toMatch(/vol-s as busy on i-m-0/);
    const others = storage('s', 'za', { usedBy: { request: 'x', machine: 0, device: '/dev/sdf' } });
    expect(cureOf(claimCopy({ claims: [going, others], listing }), going, 'detaching')).toBeNull();
  });
});
