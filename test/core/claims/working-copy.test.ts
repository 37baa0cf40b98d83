// The working copy of claims: absence as evidence, what changed, and who uses what.
import { describe, expect, test } from '@jest/globals';
import { missing } from '../../../lib/core/claims/release/absence.ts';
import { localDecisionSettings } from '../../../lib/core/values/settings.ts';
import {
  claimCopy,
  claimListing,
  group,
  keptVolume,
  machineLaunch,
  machines,
  machineWish,
  network,
  networkWish,
  nowMs,
  rule,
  storage,
  storageWish,
} from '../builders.ts';

const { listingsApartMs, missingMinAgeMs } = localDecisionSettings;

describe('what is missing', () => {
  const copy = claimCopy();

  test('is noted with the time of the listing, and forgotten when it is listed', () => {
    expect(missing(false, null, copy)).toEqual({ sinceMs: nowMs, isGone: false });
    expect(missing(true, 5, copy)).toEqual({ sinceMs: null, isGone: false });
    const earlier = claimCopy({ listing: claimListing({ atMs: 77 }) });
    expect(missing(false, null, earlier).sinceMs).toBe(77);
  });

  test('is gone when a second listing, far enough from the first, lacks it as well', () => {
    expect(missing(false, nowMs - listingsApartMs + 1, copy).isGone).toBe(false);
    expect(missing(false, nowMs - listingsApartMs, copy)).toEqual({ sinceMs: nowMs - listingsApartMs, isGone: true });
  });

  test('is not gone before it is old enough for every listing to show it', () => {
    expect(missing(false, 0, copy, nowMs - missingMinAgeMs + 1).isGone).toBe(false);
    expect(missing(false, 0, copy, nowMs - missingMinAgeMs).isGone).toBe(true);
  });

  test('is not decided without a listing', () => {
    expect(missing(false, 0, claimCopy({ listing: null }))).toEqual({ sinceMs: 0, isGone: false });
  });
});

describe('changes', () => {
  test('are the claims and groups that were set to something else', () => {
    const [m, s] = [machines('m'), storage('s', 'za')];
    const copy = claimCopy({ claims: [m, s], groups: [group('n')] });
    copy.setClaim(s);
    expect(copy.changedClaims()).toEqual([]);
    const next = { ...m, reason: 'x' };
    expect(copy.setClaim(next)).toBe(next);
    expect([copy.changedClaims(), copy.claim('m'), copy.claims()]).toEqual([[next], next, [next, s]]);
    const changing = group('n', { state: 'changing' });
    copy.setGroup(changing);
    expect([copy.changedGroups(), copy.group('g-n'), copy.groups()]).toEqual([[changing], changing, [changing]]);
    copy.dropGroup('g-n');
    expect([copy.changedGroups(), copy.groups(), copy.droppedGroups]).toEqual([[], [], ['g-n']]);
  });

  test('of documents leave out a warm machine that has ended', () => {
    const copy = claimCopy({ claims: [machines('w-1')] });
    copy.setClaim(machines('w-1', {}, { reason: 'x' }));
    expect(copy.documentChanges()).toHaveLength(1);
    copy.ended.add('w-1');
    expect(copy.documentChanges()).toEqual([]);
  });

  test('of a warm machine that is dropped, and of kept volumes, say what was before', () => {
    const copy = claimCopy({ claims: [machines('w-1')], kept: [keptVolume('vol-k')] });
    copy.dropClaim('w-1');
    copy.dropKept('vol-k');
    copy.setKept(keptVolume('vol-new'));
    copy.dropKept('vol-unknown');
    expect(copy.documentChanges().flat()).toEqual([
      { before: keptVolume('vol-k'), after: null },
      { before: null, after: keptVolume('vol-new') },
      { before: expect.objectContaining({ id: 'w-1' }), after: null },
    ]);
    expect([copy.kept().map((one) => one.id), copy.keptVolume('vol-k')]).toEqual([['vol-new'], undefined]);
  });
});

describe('who uses what', () => {
  test('networks are used by machines, and named by rules, of claims that are not released', () => {
    const naming = { ingress: [rule({ cidr: null, request: 'o' })] };
    const claims = [
      machines('m', { networkRequests: ['n'] }),
      machines('m2', { networkRequests: ['n', 'n2'] }),
      machines('m3', { networkRequests: ['n'] }, { state: 'releasing' }),
      network('n', naming),
      network('n4', { ingress: [rule({ cidr: null, request: 'p' })] }, { state: 'releasing' }),
      network('n5', {}, { wantedNetwork: networkWish({ ingress: [rule({ cidr: null, request: 'q' })] }) }),
    ];
    const copy = claimCopy({ claims });
    expect([copy.usersOf('n'), copy.usersOf('n2'), copy.usersOf('x')]).toEqual([['m', 'm2'], ['m2'], []]);
    expect([...copy.sources].sort()).toEqual(['o', 'q']);
  });

  test('groups by their references, also after these changed', () => {
    const copy = claimCopy({ groups: [group('n', { references: ['n', 'm'] })] });
    expect(copy.groupsOf('m').map((one) => one.id)).toEqual(['g-n']);
    copy.setGroup(group('n', { references: ['n'] }));
    expect(copy.groupsOf('m')).toEqual([]);
  });

  test('open launches name machines by index; storage requests are those with a volume', () => {
    const launches = [machineLaunch('l', 'm'), machineLaunch('l2', 'm', { members: [{ request: 'm', index: 2 }] })];
    const copy = claimCopy({ claims: [machineWish('m'), storageWish('s')], launches });
    expect([[...copy.openParts('m')], [...copy.openParts('x')]]).toEqual([[0, 2], []]);
    expect(copy.storages().map((one) => one.id)).toEqual(['s']);
  });

  test('a claim needs the nodes that it was decided from', () => {
    const copy = claimCopy();
    copy.needNode('s', 'i-1');
    copy.needNode('s', 'i-2');
    copy.needNode('s', 'i-1');
    expect([copy.needsOf('s'), copy.needsOf('t')]).toEqual([['node i-1', 'node i-2'], []]);
  });

  test('a group is public if everybody may come in', () => {
    const open = group('n', { wish: networkWish({ ingress: [rule({ cidr: '0.0.0.0/0' })] }) });
    expect([claimCopy().isPublicGroup(open), claimCopy().isPublicGroup(group('n'))]).toEqual([true, false]);
  });
});
