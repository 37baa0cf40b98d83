// What ended requests leave, what a person can do about what does not go, and giving all back with the installation.
import { describe, expect, test } from '@jest/globals';
import { cureOf, leftText, sharedGroups } from '../../../../lib/core/claims/release/left-over.ts';
import { removalStep, volumeOwners } from '../../../../lib/core/claims/release/installation-removal.ts';
import type { RemovalStep } from '../../../../lib/core/claims/release/installation-removal.ts';
import type { PermissionRule } from '../../../../lib/core/records/security-group.ts';
import type { SeenSnapshot, SeenVolume } from '../../../../lib/core/plan/listing.ts';
import { tagIntent, tagPart, tagRequest } from '../../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { tagLaunch } from '../../../../lib/core/records/launch.ts';
import type { MachineLaunch } from '../../../../lib/core/records/launch.ts';
import type { KeptVolume, VolumePart } from '../../../../lib/core/records/volume.ts';
import {
  attachedTo,
  claimCopy,
  claimListing,
  group,
  keptVolume,
  machineLaunch,
  machines,
  nowMs,
  seenMachine,
  seenVolume,
  storage,
  volumeShape,
  volumeWish,
} from '../../builders.ts';

function withVolume(id: string, more: Partial<VolumePart>, claim: Partial<ClaimRecord> = {}): ClaimRecord {
  const one = storage(id, 'za', claim);
  return { ...one, volume: one.volume && { ...one.volume, ...more } };
}

function withVolumes(claim: ClaimRecord, more: Partial<VolumePart>): ClaimRecord {
  return {
    ...claim,
    machines: claim.machines.map((part) => ({
      ...part,
      volumes: part.volumes.map((one) => ({ ...one, volumeId: `vol-${one.key}`, ...more })),
    })),
  };
}

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

interface Installation {
  readonly claims?: readonly ClaimRecord[];
  readonly launches?: readonly MachineLaunch[];
  readonly kept?: readonly KeptVolume[];
  readonly volumes?: readonly SeenVolume[];
  readonly snapshots?: readonly SeenSnapshot[];
  readonly alive?: readonly { readonly id: string; readonly state: string }[];
  readonly copiesAll?: boolean;
  /** Seen free by the last look as well. */
  readonly free?: readonly string[];
}

function removal({ claims = [], launches = [], kept = [], ...seen }: Installation): RemovalStep {
  return removalStep({
    listing: claimListing({ volumes: seen.volumes ?? [], snapshots: seen.snapshots ?? [] }),
    alive: seen.alive ?? [],
    owners: volumeOwners(claims, launches, kept),
    copiesAll: seen.copiesAll ?? false,
    freeBefore: new Set(seen.free ?? seen.volumes?.map((one) => one.id)),
  });
}

describe('with the installation', () => {
  const free = [seenVolume('vol-s')];
  const copied = (state: SeenSnapshot['state'], tags: SeenSnapshot['tags'] = { [tagIntent]: 'n' }): SeenSnapshot[] => [
    { id: 'snap-9', state, volumeId: 'vol-s', tags },
  ];
  const wanted = withVolume('s', { onRelease: 'keep' });

  test('a volume that was to be deleted is deleted', () => {
    const step = removal({ claims: [storage('s', 'za')], volumes: free });
    expect(step).toMatchObject({ copy: [], deleteVolumes: ['vol-s'], left: ['vol-s is free'] });
    expect([...step.free]).toEqual(['vol-s']);
  });

  test.each(['snapshot', 'keep'] as const)('a volume with policy %s is copied first', (onRelease) => {
    const step = removal({ claims: [withVolume('s', { onRelease })], volumes: free });
    expect(step).toMatchObject({
      copy: [{ volumeId: 'vol-s', request: 's', tenant: 't' }],
      deleteVolumes: [],
      left: ['vol-s is being copied to a snapshot'],
    });
  });

  test('a volume that was never granted is deleted whatever its policy', () => {
    const step = removal({ claims: [withVolume('s', { onRelease: 'keep' }, { startedAtMs: null })], volumes: free });
    expect(step).toMatchObject({ copy: [], deleteVolumes: ['vol-s'] });
  });

  test('all are copied where that is asked for, but what no record names as its volume', () => {
    const step = removal({ claims: [storage('s', 'za')], volumes: free, copiesAll: true });
    expect(step).toMatchObject({ copy: [{ volumeId: 'vol-s' }], deleteVolumes: [] });
    const launched = removal({
      launches: [machineLaunch('l-1', 'm')],
      volumes: [seenVolume('vol-d', { tags: { [tagLaunch]: 'l-1' } })],
      copiesAll: true,
    });
    expect(launched).toMatchObject({ copy: [], deleteVolumes: ['vol-d'] });
  });

  test('a kept volume, and one that no record knows, is copied', () => {
    const step = removal({ kept: [keptVolume('vol-k')], volumes: [seenVolume('vol-k')] });
    expect(step.copy).toEqual([{ volumeId: 'vol-k', request: 'kept', tenant: 't' }]);
    const tags = { [tagRequest]: 'r-9' };
    const copyOf = (one: SeenVolume): RemovalStep['copy'] => removal({ volumes: [one] }).copy;
    expect(copyOf(seenVolume('vol-x', { tags }))).toMatchObject([{ request: 'r-9', tenant: null }]);
    expect(copyOf(seenVolume('vol-x'))).toMatchObject([{ request: 'unknown', tenant: null }]);
  });

  test('a volume whose id no record has is known by its part', () => {
    const asked = withVolume('s', { volumeId: null, state: 'asked' });
    const step = removal({ claims: [asked], volumes: [seenVolume('vol-new', { tags: { [tagPart]: 's.v' } })] });
    expect(step).toMatchObject({ copy: [], deleteVolumes: ['vol-new'] });
  });

  test('of the disks of a launch the one that is wanted most decides', () => {
    const disk = [seenVolume('vol-d', { tags: { [tagLaunch]: 'l' } })];
    const claim = (onRelease: 'delete' | 'keep'): ClaimRecord =>
      machines(`m-${onRelease}`, { volumes: [{ ...volumeWish, onRelease }] });
    expect(removal({ claims: [claim('keep'), claim('delete')], volumes: disk }).copy).toHaveLength(1);
    expect(removal({ claims: [claim('delete'), claim('keep')], volumes: disk }).copy).toHaveLength(1);
    expect(removal({ claims: [claim('delete')], volumes: disk })).toMatchObject({ copy: [], deleteVolumes: ['vol-d'] });
    const known = withVolumes(claim('keep'), {});
    expect(removal({ claims: [known], volumes: disk })).toMatchObject({ copy: [], deleteVolumes: ['vol-d'] });
    const ungranted = { ...claim('keep'), startedAtMs: null };
    expect(removal({ claims: [ungranted], volumes: disk })).toMatchObject({ copy: [], deleteVolumes: ['vol-d'] });
  });

  test('a copy is made once, and the volume goes when it is complete', () => {
    const step = (snapshots: readonly SeenSnapshot[]): RemovalStep =>
      removal({ claims: [wanted], volumes: free, snapshots });
    expect(step(copied('pending'))).toMatchObject({
      copy: [],
      deleteVolumes: [],
      left: ['vol-s is being copied to snap-9'],
    });
    expect(step(copied('completed'))).toMatchObject({ copy: [], deleteVolumes: ['vol-s'], left: ['vol-s is free'] });
    expect(step(copied('error'))).toMatchObject({ copy: [{ volumeId: 'vol-s' }], deleteVolumes: [] });
  });

  test('somebody’s backup is no copy', () => {
    const step = removal({ claims: [wanted], volumes: free, snapshots: copied('completed', {}) });
    expect(step).toMatchObject({ copy: [{ volumeId: 'vol-s' }], deleteVolumes: [] });
  });

  test('a volume is copied when two looks have seen it free: it may go with its machine', () => {
    expect(removal({ claims: [wanted], volumes: free, free: [] })).toMatchObject({ copy: [], deleteVolumes: [] });
  });

  test('what EC2 gave up cannot be copied', () => {
    const step = removal({ claims: [wanted], volumes: [seenVolume('vol-s', { state: 'error' })] });
    expect(step).toMatchObject({ copy: [], deleteVolumes: ['vol-s'] });
  });

  test('what is on its way is waited for', () => {
    const step = removal({ claims: [wanted], volumes: [seenVolume('vol-s', { state: 'deleting' })] });
    expect(step).toMatchObject({ copy: [], deleteVolumes: [], left: ['vol-s is deleting'] });
    expect(step.free.size).toBe(0);
  });

  describe('instances', () => {
    const alive = [
      { id: 'i-1', state: 'running' },
      { id: 'i-2', state: 'shutting-down' },
    ];
    const disk = [seenVolume('vol-m.m0.v0', attachedTo('i-1'))];
    const machine = withVolumes(machines('m', { volumes: [volumeWish] }), { state: 'there' });

    test('end, but those that end already', () => {
      expect(removal({ alive })).toMatchObject({
        terminate: ['i-1'],
        left: ['i-1 is running', 'i-2 is shutting-down'],
      });
    });

    test('take their disks with them', () => {
      const step = removal({ claims: [machine], volumes: disk, alive });
      expect(step).toMatchObject({ copy: [], deleteVolumes: [], terminate: ['i-1'] });
      expect(step.left[0]).toBe('vol-m.m0.v0 is attached to i-1');
    });

    test('wait for the copy of a disk that goes with them, where all are copied', () => {
      const seen = { claims: [machine], volumes: disk, alive, copiesAll: true };
      expect(removal(seen)).toMatchObject({ copy: [{ volumeId: 'vol-m.m0.v0', request: 'm' }], terminate: [] });
      const state = (one: SeenSnapshot['state']): SeenSnapshot[] => [
        { id: 'snap-9', state: one, volumeId: 'vol-m.m0.v0', tags: { [tagIntent]: 'n' } },
      ];
      expect(removal({ ...seen, snapshots: state('pending') })).toMatchObject({ copy: [], terminate: [] });
      expect(removal({ ...seen, snapshots: state('completed') })).toMatchObject({ copy: [], terminate: ['i-1'] });
    });

    test('do not wait for what outlives them', () => {
      const keeps = withVolumes(machines('m', { volumes: [{ ...volumeWish, onRelease: 'keep' }] }), {
        state: 'there',
        onRelease: 'keep',
        shape: volumeShape,
      });
      expect(removal({ claims: [keeps], volumes: disk, alive })).toMatchObject({ copy: [], terminate: ['i-1'] });
    });
  });

  test('groups go after the last instance, rules for other groups first', () => {
    const permission = (groupId: string | null): PermissionRule => ({
      isEgress: false,
      protocol: '-1',
      fromPort: -1,
      toPort: -1,
      cidr: null,
      groupId,
    });
    const groups = [
      { id: 'sg-1', name: 'a', rules: [permission('sg-2'), permission(null)] },
      { id: 'sg-2', name: 'b', rules: [permission(null)] },
    ];
    const step = (alive: readonly { id: string; state: string }[]): RemovalStep =>
      removalStep({
        listing: claimListing({ groups }),
        alive,
        owners: volumeOwners([], [], []),
        copiesAll: false,
        freeBefore: new Set(),
      });
    expect(step([{ id: 'i-1', state: 'shutting-down' }])).toMatchObject({ revoke: [], deleteGroups: [] });
    expect(step([])).toMatchObject({
      revoke: [{ groupId: 'sg-1', rules: [permission('sg-2')] }],
      deleteGroups: ['sg-1', 'sg-2'],
      left: ['sg-1 is there', 'sg-2 is there'],
    });
  });

  test('nothing is left where nothing is there', () => {
    expect(removal({}).left).toEqual([]);
  });
});

test('an owner of a disk is the launch’s until its request says more', () => {
  const { byLaunch } = volumeOwners([machines('m')], [machineLaunch('l', 'm'), machineLaunch('l-2', 'x')], []);
  expect(byLaunch.get('l')).toMatchObject({ request: 'm', tenant: 't', isGranted: true });
  expect(byLaunch.get('l-2')).toMatchObject({ request: 'several', tenant: null, isWanted: false, isGranted: false });
});
