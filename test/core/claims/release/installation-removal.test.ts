// What becomes of volumes, instances and groups when the installation itself is removed.
import { describe, expect, test } from '@jest/globals';
import { removalStep, volumeOwners } from '../../../../lib/core/claims/release/installation-removal.ts';
import type { RemovalStep } from '../../../../lib/core/claims/release/installation-removal.ts';
import type { SeenSnapshot, SeenVolume } from '../../../../lib/core/plan/listing.ts';
import { tagIntent, tagPart, tagRequest } from '../../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { tagLaunch } from '../../../../lib/core/records/launch.ts';
import type { MachineLaunch } from '../../../../lib/core/records/launch.ts';
import type { PermissionRule } from '../../../../lib/core/records/security-group.ts';
import type { KeptVolume } from '../../../../lib/core/records/volume.ts';
import {
  attachedTo,
  claimListing,
  keptVolume,
  machineLaunch,
  machines,
  seenVolume,
  storage,
  volumeShape,
  volumeWish,
} from '../../builders.ts';
import { withVolume, withVolumes } from './given.ts';

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

  test('what EC2 shows as an error cannot be copied', () => {
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
