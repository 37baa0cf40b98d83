// Granting: what is brought there part by part, what it waits for, and what cannot be had.
import { describe, expect, test } from '@jest/globals';
import { decideGrants, seeMachines } from '../../../lib/core/claims/grant.ts';
import { tagPart } from '../../../lib/core/records/claim.ts';
import type { CallRefusal, ClaimRecord, MachineSpec, StorageSpec } from '../../../lib/core/records/claim.ts';
import type { VolumePart } from '../../../lib/core/records/volume.ts';
import {
  attachedTo,
  callsOf,
  claimCopy,
  claimListing,
  group,
  keptVolume,
  lastEntry,
  machineLaunch,
  machines,
  machineWish,
  network,
  nowMs,
  pool,
  seenMachine,
  seenVolume,
  storage,
  storageSpec,
  storageWish,
  volumeWish,
} from '../builders.ts';

type World = Parameters<typeof claimCopy>[0];
type Copy = ReturnType<typeof claimCopy>;

function decided(claim: ClaimRecord, world: World = {}): Copy & { readonly buyers: readonly string[] } {
  const copy = claimCopy({ ...world, claims: [claim, ...(world?.claims ?? [])] });
  const buyers = decideGrants(copy).map((one) => one.id);
  return Object.assign(copy, { buyers });
}

const refusal = (about: string): CallRefusal => ({
  about,
  times: 1,
  nextTryAtMs: nowMs + 9,
  reason: 'no_capacity',
  message: `${about} is full`,
});
const faultOf = (copy: Copy, id: string): string | undefined => copy.claim(id)?.fault?.code;

test('what a service had in its place ended again and again: nothing is asked for before its time', () => {
  const early = machineWish('m', {}, { notBeforeMs: nowMs + 5 });
  const copy = decided(early);
  expect([copy.buyers, copy.calls, copy.dueAtMs]).toEqual([[], [], [nowMs + 5]]);
  expect(copy.claim('m')).toMatchObject({ reason: 'waits_after_crash', grantSinceMs: null });
  expect(decided({ ...early, notBeforeMs: nowMs }).buyers).toEqual(['m']);
  const named = decided({ ...early, after: 'ended, InvalidAMIID.NotFound: no such image' });
  expect(named.claim('m')?.timeline.at(-1)?.message).toBe(
    'what its service had in this place ended again and again; the last ended, InvalidAMIID.NotFound: no such image',
  );
});

describe('a volume', () => {
  const withVolume = (more: Partial<VolumePart>, spec: Partial<StorageSpec> = {}): ClaimRecord => {
    const wish = storageWish('s', spec);
    return { ...wish, volume: wish.volume && { ...wish.volume, ...more } };
  };

  test('is asked for in the zone that its request names, or where the pool buys cheapest', () => {
    const copy = decided(storageWish('s'));
    expect(callsOf(copy)).toEqual(['create-volume s.v']);
    expect(copy.claim('s')).toMatchObject({
      volume: { state: 'asked', zone: 'za', askedAtMs: nowMs },
      reason: 'volume',
      grantSinceMs: nowMs,
    });
    expect(decided(storageWish('s', { zone: 'zb' })).claim('s')?.volume?.zone).toBe('zb');
  });

  test('is asked for with its declared labels as tags, and with the same ones when its token is repeated', () => {
    const wish = storageWish('s', { labels: { team: 'search', note: 'x' } });
    const labelTags = { 'bellows:label:team': 'search' };
    const first = decided(wish, { labelKeys: ['team'] });
    expect(first.calls).toMatchObject([{ token: 's.v', labelTags }]);
    const asked = first.claim('s');
    if (asked === undefined) throw new Error('it has no claim');
    expect(asked.volume).toMatchObject({ state: 'asked', labelTags });
    // EC2 refuses a known token with other parameters: the keys that are declared by now make no difference.
    for (const labelKeys of [[], ['team', 'note']])
      expect(decided(asked, { labelKeys }).calls).toEqual([expect.objectContaining({ token: 's.v', labelTags })]);
    expect(decided(storageWish('t'), { labelKeys: ['team'] }).calls[0]).not.toHaveProperty('labelTags');
  });

  test('is asked for elsewhere where one zone has no room; with another token', () => {
    const copy = decided(storageWish('s', {}, { refusals: [refusal('za')] }));
    expect(callsOf(copy)).toEqual(['create-volume s.v.zb']);
    const fixed = decided(storageWish('s', { zone: 'za' }, { refusals: [refusal('za')], grantSinceMs: 5 }));
    expect(callsOf(fixed)).toEqual([]);
    expect(fixed.claim('s')).toMatchObject({ reason: 'no_capacity', grantSinceMs: null });
    expect(fixed.dueAtMs).toEqual([nowMs + 9]);
  });

  test('waits for the pool’s limits, and fails where the pool has no zone for it', () => {
    const full = decided(storageWish('s'), { pool: pool({ limits: { volumeGib: 19 } }) });
    expect(lastEntry(full, 's')).toMatch(
      /^limit_reached: The limits of pool p leave no room for 20 GiB of gp3: limits/,
    );
    expect([callsOf(full), full.claim('s')?.grantSinceMs]).toEqual([[], null]);
    expect(faultOf(decided(storageWish('s', { requirements: { zone: ['zx'] } })), 's')).toBe('no_zone');
  });

  test('that was kept is taken over where that is wished: the smallest that is enough', () => {
    const reuse = storageWish('s', { volume: { ...volumeWish, strategy: 'reuse-first' } });
    const copy = decided(reuse, { kept: [keptVolume('vol-b'), keptVolume('vol-a')] });
    expect(copy.claim('s')?.volume).toMatchObject({ state: 'there', volumeId: 'vol-a', costSinceMs: nowMs });
    expect(copy.kept().map((one) => one.id)).toEqual(['vol-b']);
    for (const more of [{ tenant: 'u' }, { isGoing: true }, { keptUntilMs: nowMs }, { zone: 'zx' }])
      expect(decided(reuse, { kept: [keptVolume('vol-a', more)] }).claim('s')?.volume?.volumeId).toBeNull();
    expect(decided(storageWish('s'), { kept: [keptVolume('vol-a')] }).claim('s')?.volume?.volumeId).toBeNull();
  });

  test('is found by its part, whatever became of the answer, and active when it is available', () => {
    const asked = withVolume({ state: 'asked', zone: 'za' });
    const seen = (state: 'creating' | 'available'): Copy => {
      const tags = { [tagPart]: 's.v' };
      return decided(asked, { listing: claimListing({ volumes: [seenVolume('vol-1', { state, tags })] }) });
    };
    expect(callsOf(decided(asked))).toEqual(['create-volume s.v']);
    expect(seen('creating').claim('s')?.state).toBe('pending');
    expect(seen('available').claim('s')).toMatchObject({ state: 'active', volume: { volumeId: 'vol-1' } });
    expect(lastEntry(seen('available'), 's')).toBe('active: has vol-1: 20 GiB of gp3 in za, 1.60 USD a month');
  });

  test('is made from a snapshot of its own tenant alone', () => {
    const from = storageWish('s', { volume: { ...volumeWish, snapshotId: 'snap-1' } });
    const owned = (owner: string | null): Copy => decided(from, { snapshotOwners: new Map([['snap-1', owner]]) });
    expect(lastEntry(decided(from), 's')).toBe('snapshot: waits for EC2 to say whose snap-1 is');
    expect(faultOf(owned('u'), 's')).toBe('snapshot_forbidden');
    expect(callsOf(owned('t'))).toEqual(['create-volume s.v']);
    expect(callsOf(owned(null))).toEqual(['create-volume s.v']);
  });

  test('for a machine waits for it, is taken, attached, and active then', () => {
    const there = withVolume({ state: 'there', zone: 'za', volumeId: 'vol-1' }, { attachTo: 'm' });
    expect(faultOf(decided(there), 's')).toBe('reference_gone');
    expect(decided(there, { claims: [machineWish('m')] }).claim('s')?.reason).toBe('waiting_for_reference');
    const seen = (more: Parameters<typeof seenVolume>[1]): World => ({
      claims: [machines('m')],
      listing: claimListing({ machines: [seenMachine('i-m-0')], volumes: [seenVolume('vol-1', more)] }),
    });
    const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
    expect(decided(there, seen({})).claim('s')?.usedBy).toEqual(usedBy);
    expect(callsOf(decided({ ...there, usedBy }, seen({})))).toEqual(['attach vol-1 i-m-0']);
    expect(decided({ ...there, usedBy }, seen(attachedTo('i-m-0'))).claim('s')?.state).toBe('active');
    const refused = decided({ ...there, usedBy, refusals: [refusal('i-m-0')] }, seen({}));
    expect([callsOf(refused), refused.claim('s')?.reason]).toEqual([[], 'no_capacity']);
    const elsewhere = there.volume && { ...there, volume: { ...there.volume, zone: 'zb' } };
    expect(elsewhere && faultOf(decided(elsewhere, seen({})), 's')).toBe('zone_mismatch');
  });

  test('that was granted before is not given up because a later wish failed', () => {
    const wish = withVolume({ state: 'there', zone: 'za', volumeId: 'vol-1' }, { attachTo: 'gone' });
    const copy = decided({ ...wish, startedAtMs: 5 });
    expect(copy.claim('s')).toMatchObject({ state: 'active', fault: null, spec: { attachTo: null } });
    expect(lastEntry(copy, 's')).toMatch(/^active: is not attached: gone is no virtual machine request/);
  });
});

describe('a network', () => {
  const wish = network('n', {}, { state: 'pending', startedAtMs: null, groupIds: [] });

  test('is active with its group, and fails with it', () => {
    expect(lastEntry(decided(wish), 'n')).toBe('group: waits for the security group bellows-test-n to get its rules');
    const active = decided(wish, { groups: [group('n')] });
    expect(active.claim('n')).toMatchObject({ state: 'active', groupIds: ['sg-n'] });
    const fault = { code: 'Bad', message: '' };
    expect(faultOf(decided(wish, { groups: [group('n', { state: 'creating', fault })] }), 'n')).toBe('Bad');
    const refused = decided(wish, { groups: [group('n', { state: 'creating', refusals: [refusal('*')] })] });
    expect(lastEntry(refused, 'n')).toBe('no_capacity: * is full');
  });
});

describe('a machine', () => {
  const wish = (spec: Partial<MachineSpec> = {}): ClaimRecord => machineWish('m', spec);
  const booting: ClaimRecord = { ...machines('m'), state: 'pending', startedAtMs: null };
  const seen = (more: Parameters<typeof seenMachine>[1]): World => ({
    listing: claimListing({ machines: [seenMachine('i-m-0', more)] }),
  });

  test('is to be bought when all it needs is there', () => {
    expect(decided(wish()).buyers).toEqual(['m']);
    const open = decided(wish(), { launches: [machineLaunch('l', 'm')] });
    expect([open.buyers, open.claim('m')?.reason]).toEqual([[], 'launching']);
  });

  test('is active when EC2 shows it running', () => {
    expect(decided(booting, seen({ state: 'pending' })).claim('m')?.reason).toBe('booting');
    expect(lastEntry(decided(booting, seen({})), 'm')).toBe('active: has i-m-0 (c7.large on-demand in za)');
  });

  test('that was stopped is started; or not, where it is to be stopped again', () => {
    const starting = { ...booting, startedAtMs: 5 };
    expect(callsOf(decided(starting, seen({ state: 'stopped' })))).toEqual(['start i-m-0']);
    const startRefused = { times: 1, nextTryAtMs: nowMs + 9 };
    const refused = decided({ ...starting, startRefused }, seen({ state: 'stopped' }));
    expect([callsOf(refused), refused.dueAtMs]).toEqual([[], [nowMs + 9]]);
    const stopped = decided({ ...starting, power: 'stopped' }, seen({ state: 'stopped' }));
    expect([callsOf(stopped), stopped.claim('m')?.state]).toEqual([[], 'active']);
  });

  test('takes the volumes that it names, of one zone, which nobody else has', () => {
    const naming = wish({ volumeRequests: ['s', 'o'] });
    expect(faultOf(decided(naming), 'm')).toBe('reference_gone');
    const usedBy = { request: 'x', machine: 0, device: '/dev/sdf' };
    const claims = (more: Partial<ClaimRecord>, zone = 'za'): World => ({
      claims: [storage('s', 'za'), storage('o', zone, more)],
    });
    expect(decided(naming, claims({ state: 'pending' })).claim('m')?.reason).toBe('waiting_for_reference');
    expect(decided(naming, claims({ usedBy })).claim('m')?.reason).toBe('in_use');
    expect(faultOf(decided(naming, claims({}, 'zb')), 'm')).toBe('zone_mismatch');
    const taken = decided(naming, claims({}));
    expect([taken.claim('s')?.usedBy?.device, taken.claim('o')?.usedBy?.device]).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(taken.buyers).toEqual(['m']);
  });

  test('waits for the networks that it uses', () => {
    const naming = wish({ networkRequests: ['n'] });
    expect(faultOf(decided(naming), 'm')).toBe('reference_gone');
    expect(decided(naming, { claims: [network('n', {}, { state: 'pending' })] }).claim('m')?.reason).toBe(
      'waiting_for_reference',
    );
    const ready = decided(naming, { claims: [network('n')], groups: [group('n')] });
    expect([ready.buyers, ready.group('g-n')?.references]).toEqual([['m'], ['n', 'm']]);
  });

  test('takes over what EC2 shows of it', () => {
    const disks = [{ device: '/dev/xvda', volumeId: 'vol-root' }];
    const listing = claimListing({
      machines: [seenMachine('i-m-0', { privateIp: '10.0.0.1', publicIp: '1.2.3.4', disks })],
      volumes: [seenVolume('vol-root', { sizeGib: 8 })],
    });
    const claim = machines('m');
    const copy = claimCopy({ claims: [claim], listing });
    const known = seeMachines(copy, claim);
    expect(known.machines[0]).toMatchObject({ privateIp: '10.0.0.1', publicIp: '1.2.3.4', imageGib: 8 });
    expect(seeMachines(copy, known)).toBe(known);
    expect(seeMachines(claimCopy({ claims: [claim], listing: null }), claim)).toBe(claim);
  });
});

test('a volume that was granted and is gone while it is being attached is missed', () => {
  const copy = decided(storage('s', 'za', { state: 'pending', spec: { ...storageSpec, attachTo: 'm' } }), {
    claims: [machines('m')],
    listing: claimListing({ machines: [seenMachine('i-m-0')] }),
  });
  expect(copy.claim('s')).toMatchObject({ state: 'pending', volume: { missingSinceMs: nowMs } });
});
