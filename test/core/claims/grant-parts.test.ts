// Granting, edge by edge: which zone, which kept volume, which device, and what a part waits for meanwhile.
import { describe, expect, test } from '@jest/globals';
import { decideGrants, seeMachines } from '../../../lib/core/claims/grant.ts';
import { deviceLetters, deviceName } from '../../../lib/core/claims/lifecycle.ts';
import { tagPart } from '../../../lib/core/records/claim.ts';
import type { CallRefusal, ClaimRecord, MachineSpec, StorageSpec } from '../../../lib/core/records/claim.ts';
import type { VolumePart, VolumeWish } from '../../../lib/core/records/volume.ts';
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
  networkWish,
  nowMs,
  offer,
  offerings,
  pool,
  rule,
  seenMachine,
  seenVolume,
  smallType,
  storage,
  storageWish,
  typeOf,
  volumeShape,
  volumeWish,
} from '../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;

function decided(claim: ClaimRecord, world: World = {}): Copy & { readonly buyers: readonly string[] } {
  const copy = claimCopy({ ...world, claims: [claim, ...(world.claims ?? [])] });
  const buyers = decideGrants(copy).map((one) => one.id);
  return Object.assign(copy, { buyers });
}

const refusal = (about: string, more: Partial<CallRefusal> = {}): CallRefusal => ({
  ...{ about, times: 1, nextTryAtMs: nowMs + 9, reason: 'no_capacity', message: `${about} is full` },
  ...more,
});
const faultOf = (copy: Copy, id: string): string =>
  `${copy.claim(id)?.fault?.code ?? 'none'}: ${copy.claim(id)?.fault?.message ?? ''}`;
const withVolume = (more: Partial<VolumePart>, spec: Partial<StorageSpec> = {}): ClaimRecord => {
  const wish = storageWish('s', spec);
  return { ...wish, volume: wish.volume && { ...wish.volume, ...more } };
};

describe('the zone of a new volume', () => {
  const zoneOf = (world: World, spec: Partial<StorageSpec> = {}, more: Partial<ClaimRecord> = {}) =>
    decided(storageWish('s', spec, more), world).claim('s')?.volume?.zone;
  const cheap = typeOf('c7.small', 1, 2, 0.01);

  test('is the cheapest that its requirements allow, and of equal ones the first by name', () => {
    expect(zoneOf({ offerings: [...offerings].reverse() })).toBe('za');
    const world = { offerings: [...offerings, offer(cheap, 'zb', 'on-demand'), offer(smallType, 'zc', 'on-demand')] };
    expect(zoneOf(world)).toBe('zb');
    expect(zoneOf(world, { requirements: { zone: ['zc', 'za'] } })).toBe('za');
    expect(zoneOf(world, { requirements: { zone: ['zc'] } })).toBe('zc');
  });

  test('is that of the machine which it is for, before any other', () => {
    const world = { claims: [machines('m')], offerings: [offer(cheap, 'zb', 'on-demand'), ...offerings] };
    expect(zoneOf(world, { attachTo: 'm', zone: 'zb' })).toBe('za');
  });

  test('is none while all are refused: it waits for the first that may be asked again', () => {
    const refusals = [refusal('za', { nextTryAtMs: nowMs + 20 }), refusal('zb', { nextTryAtMs: nowMs + 10 })];
    const copy = decided(storageWish('s', {}, { refusals }));
    expect([callsOf(copy), copy.dueAtMs, copy.isMoving]).toEqual([[], [nowMs + 10], false]);
    expect(copy.claim('s')?.timeline.at(-1)).toMatchObject({ message: 'zb is full', nextTryAtMs: nowMs + 10 });
    expect(zoneOf({}, {}, { refusals: [refusal('za', { nextTryAtMs: nowMs }), refusal('zb')] })).toBe('za');
  });

  test('limits of cost bind as well, and nothing is asked for', () => {
    const at = (usdPerMonth: number) => decided(storageWish('s'), { pool: pool({ limits: { usdPerMonth } }) });
    expect(callsOf(at(1.6))).toEqual(['create-volume s.v']);
    const full = at(1.5);
    expect([callsOf(full), full.isMoving, full.claim('s')?.volume?.state]).toEqual([[], false, 'wanted']);
  });
});

describe('a volume that was kept', () => {
  const reuse = (more: Partial<VolumeWish> = {}, spec: Partial<StorageSpec> = {}) =>
    storageWish('s', { volume: { ...volumeWish, strategy: 'reuse-first', ...more }, ...spec });
  const shaped = (id: string, more: Partial<typeof volumeShape> = {}, zone = 'za') =>
    keptVolume(id, { zone, shape: { ...volumeShape, ...more } });
  const takenBy = (claim: ClaimRecord, ...kept: readonly ReturnType<typeof keptVolume>[]) =>
    decided(claim, { kept }).claim('s')?.volume?.volumeId ?? null;

  test('is taken where it is large and fast enough, the smallest first', () => {
    expect(takenBy(reuse(), shaped('vol-a', { sizeGib: 30 }), shaped('vol-b', { sizeGib: 21 }))).toBe('vol-b');
    expect(takenBy(reuse(), shaped('vol-a', { sizeGib: 19 }))).toBeNull();
    expect(takenBy(reuse({ volumeType: 'io2' }), shaped('vol-a'))).toBeNull();
    expect(takenBy(reuse({ volumeType: 'gp3' }), shaped('vol-a'))).toBe('vol-a');
    expect(takenBy(reuse({ iops: 4_000 }), shaped('vol-a'))).toBeNull();
    expect(takenBy(reuse({ iops: 4_000 }), shaped('vol-a', { iops: 4_000 }))).toBe('vol-a');
    expect(takenBy(reuse({ throughputMibps: 200 }), shaped('vol-a'))).toBeNull();
    expect(takenBy(reuse({ throughputMibps: 200 }), shaped('vol-a', { throughputMibps: 200 }))).toBe('vol-a');
    // A type that has none of it is not fast enough either.
    const slow = { type: 'st1', sizeGib: 125, iops: null, throughputMibps: null } as const;
    expect(takenBy(reuse({ iops: 100 }), shaped('vol-a', slow))).toBeNull();
    expect(takenBy(reuse(), shaped('vol-a', slow))).toBe('vol-a');
  });

  test('is taken in a zone that its request allows, and never in the place of a snapshot', () => {
    expect(takenBy(reuse({}, { zone: 'zb' }), shaped('vol-a'))).toBeNull();
    expect(takenBy(reuse({}, { zone: 'zb' }), shaped('vol-a', {}, 'zb'))).toBe('vol-a');
    expect(takenBy(reuse({}, { requirements: { zone: ['zb'] } }), shaped('vol-a'))).toBeNull();
    const from = decided(reuse({ snapshotId: 'snap-1' }), {
      kept: [shaped('vol-a')],
      snapshotOwners: new Map([['snap-1', null]]),
    });
    expect(from.claim('s')?.volume).toMatchObject({ state: 'asked', volumeId: null });
    expect(from.calls).toMatchObject([{ kind: 'create-volume', snapshotId: 'snap-1' }]);
  });

  test('brings its shape, its zone and what it has cost meanwhile', () => {
    const kept = keptVolume('vol-a', {
      zone: 'zb',
      keptSinceMs: nowMs - 3_600_000,
      shape: { ...volumeShape, sizeGib: 40 },
    });
    const copy = decided(reuse(), { kept: [kept] });
    expect(copy.claim('s')?.volume).toMatchObject({ zone: 'zb', shape: { sizeGib: 40 }, costSinceMs: nowMs });
    expect(copy.claim('s')?.volume?.paidUsd).toBeCloseTo(1.6 / 730, 9);
    expect(lastEntry(copy, 's')).toBe('volume: takes vol-a over, which an earlier request of this tenant kept');
    expect(callsOf(copy)).toEqual([]);
  });
});

describe('a volume that was asked for', () => {
  const tags = { [tagPart]: 's.v' };
  const asked = withVolume({ state: 'asked', zone: 'za', askedAtMs: 5 });

  test('is asked for again with all that it was asked for, until it is listed', () => {
    const again = decided(asked);
    expect(again.calls).toMatchObject([{ kind: 'create-volume', token: 's.v', zone: 'za', shape: { sizeGib: 20 } }]);
    expect(lastEntry(again, 's')).toBe('volume: waits for EC2 to make 20 GiB of gp3');
    expect(callsOf(decided(asked, { listing: null }))).toEqual([]);
    const other = claimListing({ volumes: [seenVolume('vol-2', { tags: { [tagPart]: 'x' } })] });
    expect(callsOf(decided(asked, { listing: other }))).toEqual(['create-volume s.v']);
  });

  test('is there in the zone that EC2 says, also where a machine has it already', () => {
    const listing = claimListing({ volumes: [seenVolume('vol-1', { tags, state: 'in-use', zone: 'zb' })] });
    expect(decided(asked, { listing }).claim('s')).toMatchObject({ state: 'active', volume: { zone: 'zb' } });
  });

  test('that is known is waited for until it can be used', () => {
    const there = withVolume({ state: 'there', zone: 'za', volumeId: 'vol-1' });
    const found = (volumes: readonly ReturnType<typeof seenVolume>[]) =>
      decided(there, { listing: claimListing({ volumes }) });
    expect(lastEntry(found([]), 's')).toBe('volume: waits for vol-1 to be available');
    expect(lastEntry(found([seenVolume('vol-1', { state: 'creating' })]), 's')).toBe(
      'volume: waits for vol-1 to be available',
    );
    expect(callsOf(found([]))).toEqual([]);
    expect(found([seenVolume('vol-1', { state: 'in-use' })]).claim('s')?.state).toBe('active');
    // Its id is known, and it has not been seen yet.
    const coming = withVolume({ state: 'asked', zone: 'za', volumeId: 'vol-1' });
    expect(decided(coming, { listing: claimListing({ volumes: [seenVolume('vol-1')] }) }).claim('s')?.state).toBe(
      'active',
    );
  });
});

describe('an attachment', () => {
  const there = withVolume({ state: 'there', zone: 'za', volumeId: 'vol-1' }, { attachTo: 'm' });
  const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
  const using = { ...there, usedBy };
  type Machine = Parameters<typeof seenMachine>[1];
  type Volume = Parameters<typeof seenVolume>[1];
  const world = (
    volume: Volume = {},
    machine: Machine = {},
    claims: readonly ClaimRecord[] = [machines('m')],
  ): World => ({
    claims,
    listing: claimListing({ machines: [seenMachine('i-m-0', machine)], volumes: [seenVolume('vol-1', volume)] }),
  });

  test('is made to a machine that runs or is stopped, of a volume that is free', () => {
    expect(callsOf(decided(using, world()))).toEqual(['attach vol-1 i-m-0']);
    expect(callsOf(decided(using, world({}, { state: 'stopped' })))).toEqual(['attach vol-1 i-m-0']);
    const waits = decided(using, world({}, { state: 'pending' }));
    expect([callsOf(waits), lastEntry(waits, 's')]).toEqual([
      [],
      'attaching: waits for vol-1 to be attached to i-m-0 as /dev/sdf',
    ]);
    expect(callsOf(decided(using, world(attachedTo('i-m-0', 'attaching'))))).toEqual([]);
    expect(callsOf(decided(using, world(attachedTo('i-other'))))).toEqual([]);
    expect(decided(using, world(attachedTo('i-other'))).claim('s')?.state).toBe('pending');
  });

  test('ends what was refused before, and waits while it is refused', () => {
    const refusals = [refusal('i-m-0')];
    const now = decided({ ...using, refusals }, world(attachedTo('i-m-0'))).claim('s');
    expect([now?.state, now?.refusals]).toEqual(['active', undefined]);
    const refused = decided({ ...using, refusals }, world());
    expect([refused.dueAtMs, lastEntry(refused, 's')]).toEqual([[nowMs + 9], 'no_capacity: i-m-0 is full']);
  });

  test('is to one machine at most', () => {
    const taken = { ...there, usedBy: { ...usedBy, request: 'x' } };
    const copy = decided(taken, world());
    expect([lastEntry(copy, 's'), copy.isMoving]).toEqual(['in_use: vol-1 is used by x', false]);
  });

  test('has the first device that neither a disk nor another volume of the machine has', () => {
    const claim = machines('m', { volumes: [volumeWish] });
    const other = storage('o', 'za', { usedBy: { ...usedBy, device: '/dev/sdg' } });
    const elsewhere = storage('e', 'za', { usedBy: { ...usedBy, request: 'x', device: '/dev/sdh' } });
    const copy = decided(there, world({}, {}, [claim, other, elsewhere]));
    expect(copy.claim('s')?.usedBy).toEqual({ ...usedBy, device: '/dev/sdh' });
    expect(lastEntry(copy, 's')).toBe('attaching: will be attached to i-m-0 as /dev/sdh');
  });

  test('fails where no device is left', () => {
    const all = [...deviceLetters].map((_, n) =>
      storage(`o${String(n)}`, 'za', { usedBy: { ...usedBy, device: deviceName(n) } }),
    );
    const copy = decided(there, world({}, {}, [machines('m'), ...all]));
    expect(faultOf(copy, 's')).toBe('too_many_volumes: m has 11 volumes, and no device name is left');
    expect(copy.isMoving).toBe(true);
    const machine = decided(machineWish('m', { volumeRequests: ['s'] }), { claims: [storage('s', 'za'), ...all] });
    expect(faultOf(machine, 'm')).toBe('too_many_volumes: there is no device name left for s');
  });

  test('is to a machine of its own tenant that is not being released', () => {
    const gone = 'reference_gone: m is no virtual machine request of this tenant and pool, or is being released';
    expect(faultOf(decided(there, world({}, {}, [machines('m', {}, { tenant: 'u' })])), 's')).toBe(gone);
    expect(faultOf(decided(there, world({}, {}, [machines('m', {}, { state: 'releasing' })])), 's')).toBe(gone);
    expect(faultOf(decided(there, world({}, {}, [storage('m', 'za')])), 's')).toBe(gone);
    const pending = machines('m', {}, { state: 'pending' });
    const waits = decided(there, world({}, {}, [pending]));
    expect([lastEntry(waits, 's'), waits.isMoving]).toEqual(['waiting_for_reference: waits for m to be active', false]);
  });
});

describe('the time limit of a grant', () => {
  const sinceOf = (claim: ClaimRecord, world: World = {}) => decided(claim, world).claim(claim.id)?.grantSinceMs;

  test('begins with the first call, goes on, and stands still while EC2 refuses', () => {
    expect(sinceOf(storageWish('s'))).toBe(nowMs);
    expect(sinceOf(storageWish('s', {}, { grantSinceMs: 5 }))).toBe(5);
    const refusals = [refusal('za'), refusal('zb')];
    expect(sinceOf(storageWish('s', {}, { refusals, grantSinceMs: 5 }))).toBeNull();
    expect(sinceOf(storageWish('s', {}, { refusals }))).toBeNull();
    // Waiting for others is no call, and ends none.
    const waiting = storageWish('s', { attachTo: 'm' });
    expect(sinceOf(waiting, { claims: [machineWish('m')] })).toBeNull();
    expect(sinceOf({ ...waiting, grantSinceMs: 5 }, { claims: [machineWish('m')] })).toBe(5);
  });

  test('nothing is decided of claims that are active or go', () => {
    for (const claim of [storage('s', 'za'), { ...storageWish('s'), state: 'releasing' as const }]) {
      const copy = decided(claim);
      expect([copy.changedClaims(), copy.calls, copy.isMoving]).toEqual([[], [], false]);
    }
  });
});

describe('a machine', () => {
  const booting = (spec: Partial<MachineSpec> = {}): ClaimRecord => ({
    ...machines('m', spec),
    ...{ state: 'pending', startedAtMs: null },
  });
  const seen = (more: Parameters<typeof seenMachine>[1] = {}, volumes: readonly ReturnType<typeof seenVolume>[] = []) =>
    claimListing({ machines: [seenMachine('i-m-0', more)], volumes });

  test('that is launched waits for the answer, or says why EC2 refused', () => {
    const open = { launches: [machineLaunch('l', 'm')] };
    const one = { ...booting({ count: 2 }), machines: machineWish('m', { count: 2 }).machines };
    const [first, second] = one.machines;
    if (!first || !second) throw new RangeError('two machines');
    const launched = { ...one, machines: [first, { ...second, state: 'there' as const, instanceId: 'i-2' }] };
    expect(lastEntry(decided(launched, open), 'm')).toBe("launching: waits for EC2's answer to the launch of 1 of 2");
    const entry = { atMs: 1, stage: 'pending', code: 'launch_refused', message: 'no room' };
    const refused = { ...launched, reason: 'launch_refused', timeline: [entry, { ...entry, code: 'x' }] };
    expect(decided(refused, open).claim('m')).toMatchObject({ reason: 'launch_refused' });
    expect(lastEntry(decided(refused, open), 'm')).toBe('launch_refused: no room');
    expect(decided({ ...refused, reason: 'x' }, open).claim('m')?.reason).toBe('launching');
  });

  test('waits for all its disks to be listed', () => {
    const claim = booting({ volumes: [volumeWish] });
    const copy = decided(claim, { listing: seen() });
    expect(lastEntry(copy, 'm')).toBe('volume: waits for /dev/sdf to show');
  });

  test('waits for a volume that it names to be attached', () => {
    const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
    const world = (volume: Parameters<typeof seenVolume>[1]) => ({
      claims: [storage('s', 'za', { usedBy })],
      listing: seen({}, [seenVolume('vol-s', volume)]),
    });
    const naming = booting({ volumeRequests: ['s'] });
    expect(callsOf(decided(naming, world({})))).toEqual(['attach vol-s i-m-0']);
    expect(decided(naming, world({})).claim('m')?.reason).toBe('attaching');
    expect(decided(naming, world(attachedTo('i-m-0'))).claim('m')?.state).toBe('active');
  });

  test('has all its security groups attached before it is active, and says which', () => {
    const groups = [group('b', { references: ['b', 'm'] }), group('a', { references: ['a', 'm'] })];
    const claims = [network('a'), network('b')];
    const naming = booting({ networkRequests: ['a', 'b'] });
    const bare = decided(naming, { claims, groups, listing: seen({ groupIds: ['sg-a'] }) });
    expect(lastEntry(bare, 'm')).toBe('group: waits for i-m-0 to have its security groups attached');
    const whole = decided(naming, { claims, groups, listing: seen({ groupIds: ['sg-a', 'sg-b'] }) });
    expect(whole.claim('m')).toMatchObject({ state: 'active', groupIds: ['sg-a', 'sg-b'] });
  });

  test('waits for its groups, and fails with one of them', () => {
    const wish = machineWish('m', { networkRequests: ['n'] });
    const having = (more: Parameters<typeof group>[1]) =>
      decided(wish, { claims: [network('n')], groups: [group('n', more)] });
    const coming = having({ state: 'creating', groupId: null });
    expect(lastEntry(coming, 'm')).toBe('group: waits for the security group bellows-test-n to get its rules');
    expect([coming.buyers, coming.isMoving]).toEqual([[], true]);
    expect(lastEntry(having({ state: 'creating' }), 'm')).toMatch(/security group sg-n to get/);
    const refused = having({ state: 'creating', refusals: [refusal('*')] });
    expect([lastEntry(refused, 'm'), refused.dueAtMs]).toEqual(['no_capacity: * is full', [nowMs + 9]]);
    expect(faultOf(having({ state: 'creating', fault: { code: 'Bad', message: 'no' } }), 'm')).toBe('Bad: no');
    const own = machineWish('m', { network: networkWish({ ingress: [rule({ cidr: null, request: 'gone' })] }) });
    expect(faultOf(decided(own), 'm')).toMatch(/^reference_gone: its rules name gone, /);
  });

  test('waits for no network or volume of another tenant, nor for one that is released', () => {
    const byNetwork = machineWish('m', { networkRequests: ['n'] });
    const byVolume = machineWish('m', { volumeRequests: ['s'] });
    for (const more of [{ tenant: 'u' }, { state: 'releasing' as const }]) {
      expect(faultOf(decided(byNetwork, { claims: [network('n', {}, more)] }), 'm')).toMatch(
        /^reference_gone: n is no /,
      );
      expect(faultOf(decided(byVolume, { claims: [storage('s', 'za', more)] }), 'm')).toMatch(
        /^reference_gone: s is no /,
      );
    }
    expect(faultOf(decided(byVolume, { claims: [machines('s')] }), 'm')).toMatch(/^reference_gone: s is no storage/);
  });

  test('that is stopped is started; others are waited for by name', () => {
    const state = (one: 'pending' | 'stopped' | 'stopping') => decided(booting(), { listing: seen({ state: one }) });
    const started = state('stopped');
    expect(callsOf(started)).toEqual(['start i-m-0']);
    expect(lastEntry(started, 'm')).toBe('starting: asks EC2 to start i-m-0; without capacity it waits');
    expect([callsOf(state('stopping')), lastEntry(state('pending'), 'm')]).toEqual([
      [],
      'booting: waits for i-m-0 to run',
    ]);
    expect(lastEntry(decided(booting(), { listing: null }), 'm')).toBe('booting: waits for i-m-0 to run');
    const stopped = decided({ ...booting(), power: 'stopped' }, { listing: seen({ state: 'stopped' }) });
    expect([callsOf(stopped), stopped.claim('m')?.reason]).toEqual([[], 'booting']);
  });

  test('that could not be started is tried again in time, and what was refused is over when it runs', () => {
    const startRefused = { times: 1, nextTryAtMs: nowMs };
    const claim = { ...booting(), startRefused };
    expect(callsOf(decided(claim, { listing: seen({ state: 'stopped' }) }))).toEqual(['start i-m-0']);
    expect(decided(claim, { listing: seen() }).claim('m')).toMatchObject({ state: 'active', startRefused: null });
    expect(decided(booting(), { listing: seen() }).claim('m')).not.toHaveProperty('startRefused');
  });

  test('that was to be stopped before it had started is active again, to be stopped then', () => {
    const claim = { ...machines('m', { count: 2 }), state: 'pending', power: 'stopped' } as const;
    const copy = decided(claim);
    expect(copy.claim('m')).toMatchObject({ state: 'active', reason: 'stopping', counts: { pending: 0, running: 2 } });
    expect(copy.isMoving).toBe(true);
  });
});

describe('what EC2 shows of a machine', () => {
  const listed = (more: Parameters<typeof seenMachine>[1], volumes: readonly ReturnType<typeof seenVolume>[] = []) =>
    claimListing({ machines: [seenMachine('i-m-0', more)], volumes });
  const known = (claim: ClaimRecord, listing: ReturnType<typeof claimListing>) =>
    seeMachines(claimCopy({ claims: [claim], listing }), claim);
  const root = { device: '/dev/xvda', volumeId: 'vol-root' };

  test.each<[string, Parameters<typeof seenMachine>[1], object]>([
    ['its private address', { privateIp: '10.0.0.1' }, { privateIp: '10.0.0.1', publicIp: null }],
    ['its public address', { publicIp: '1.2.3.4' }, { privateIp: null, publicIp: '1.2.3.4' }],
    ['its type', { instanceType: 'c7.xlarge' }, { instanceType: 'c7.xlarge' }],
  ])('%s', (_what, more, part) => {
    expect(known(machines('m'), listed(more)).machines[0]).toMatchObject(part);
  });

  test('that it is there again', () => {
    const claim = machines('m');
    const missing = { ...claim, machines: claim.machines.map((part) => ({ ...part, missingSinceMs: 5 })) };
    expect(known(missing, listed({})).machines[0]?.missingSinceMs).toBeNull();
    expect(known(missing, claimListing())).toBe(missing);
  });

  test('of disks only those of its image count, and none while one of them is not listed', () => {
    const claim = machines('m', { volumes: [volumeWish] });
    const disks = [root, { device: '/dev/sdf', volumeId: 'vol-own' }, { device: '/dev/sdz', volumeId: 'vol-part' }];
    const volumes = [
      seenVolume('vol-root', { sizeGib: 8 }),
      seenVolume('vol-own', { sizeGib: 20 }),
      seenVolume('vol-part', { sizeGib: 100, tags: { [tagPart]: 's.v' } }),
    ];
    const all = known(claim, listed({ disks }, volumes));
    expect(all.machines[0]).toMatchObject({ imageGib: 8, volumes: [{ state: 'there', volumeId: 'vol-own' }] });
    const later = known(all, listed({ disks }, volumes.slice(1)));
    expect(later).toBe(all);
    expect(known(all, listed({ disks: [] }))).toBe(all);
  });

  test('of one that has no instance is nothing', () => {
    const wish = machineWish('m');
    expect(known(wish, listed({ privateIp: '10.0.0.1' }))).toBe(wish);
    expect(known(storageWish('s'), claimListing())).toMatchObject({ machines: [] });
  });
});

describe('a network', () => {
  const wish = (request: string): ClaimRecord =>
    network('n', { ingress: [rule({ cidr: null, request })] }, { state: 'pending', startedAtMs: null, groupIds: [] });

  test('fails where its rules name a request of nobody, of another tenant, or one that is released', () => {
    const text = /^reference_gone: its rules name o, which is no network request of this tenant and pool/;
    expect(faultOf(decided(wish('o')), 'n')).toMatch(text);
    expect(faultOf(decided(wish('o'), { claims: [network('o', {}, { tenant: 'u' })] }), 'n')).toMatch(text);
    expect(faultOf(decided(wish('o'), { claims: [network('o', {}, { state: 'releasing' })] }), 'n')).toMatch(text);
    const fine = decided(wish('o'), { claims: [network('o')], groups: [group('o')] });
    expect(faultOf(fine, 'n')).toBe('none: ');
  });
});

describe('waiting for what others have', () => {
  const isMovingOf = (claim: ClaimRecord, world: World) => {
    const copy = decided(claim, world);
    return [copy.isMoving, copy.claim(claim.id)?.grantSinceMs, copy.claim(claim.id)?.reason];
  };

  test('is no call to EC2: nothing moves, and the time limit does not begin', () => {
    const byVolume = machineWish('m', { volumeRequests: ['s'] });
    expect(isMovingOf(byVolume, { claims: [storageWish('s')] })).toEqual([true, null, 'waiting_for_reference']);
    const usedBy = { request: 'x', machine: 0, device: '/dev/sdf' };
    expect(isMovingOf(byVolume, { claims: [storage('s', 'za', { usedBy })] })).toEqual([false, null, 'in_use']);
    const byNetwork = machineWish('m', { networkRequests: ['n'] });
    const pending = decided(byNetwork, { claims: [network('n', {}, { state: 'pending' })], groups: [group('n')] });
    expect(pending.claim('m')).toMatchObject({ grantSinceMs: null, reason: 'waiting_for_reference' });
    const early = machineWish('m', {}, { notBeforeMs: nowMs + 5 });
    expect(isMovingOf(early, {})).toEqual([false, null, 'waits_after_crash']);
  });
});
