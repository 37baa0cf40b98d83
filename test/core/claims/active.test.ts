// What an active claim does in one tick: notices what EC2 lost, starts and stops, resizes, detaches, announces its
// lease's end.
import { describe, expect, test } from '@jest/globals';
import { decideActive, detachUnclaimed, lossOf, noteMissing } from '../../../lib/core/claims/active.ts';
import type { SeenMachine, SeenVolume } from '../../../lib/core/plan/listing.ts';
import { tagPart, tagRequest } from '../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { MachinePart } from '../../../lib/core/records/machine.ts';
import type { VolumePart, VolumeShape } from '../../../lib/core/records/volume.ts';
import { localDecisionSettings } from '../../../lib/core/values/settings.ts';
import {
  attachedTo,
  callsOf,
  claimCopy,
  claimListing,
  lastEntry,
  machines,
  machineSpec,
  nowMs,
  pool,
  seenMachine,
  seenVolume,
  storage,
  storageSpec,
  volumeShape,
} from '../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;
const { listingsApartMs, missingMinAgeMs } = localDecisionSettings;

function listed(volumes: readonly SeenVolume[], instances: readonly SeenMachine[] = []): World {
  return { listing: claimListing({ volumes, machines: instances }) };
}

function decided(claim: ClaimRecord, world: World = {}): Copy {
  const copy = claimCopy({ ...world, claims: [claim, ...(world.claims ?? [])] });
  decideActive(copy, claim);
  return copy;
}

function withMachine(claim: ClaimRecord, more: Partial<MachinePart>): ClaimRecord {
  return { ...claim, machines: claim.machines.map((part) => ({ ...part, ...more })) };
}

function withVolume(claim: ClaimRecord, more: Partial<VolumePart>): ClaimRecord {
  return { ...claim, volume: claim.volume && { ...claim.volume, ...more } };
}

const isoText = (ms: number): string => new Date(ms).toISOString();

describe('a machine is lost', () => {
  const lossIn = (claim: ClaimRecord, instances: readonly SeenMachine[] | null): string | null =>
    lossOf(claimCopy({ listing: instances && claimListing({ machines: instances }) }), claim)?.reason ?? null;
  const machine = machines('m');
  const longMissing = withMachine(machine, { missingSinceMs: nowMs - listingsApartMs });

  test.each(['terminated', 'shutting-down'] as const)('when EC2 shows it as %s', (state) => {
    const copy = claimCopy(listed([], [seenMachine('i-m-0', { state, stateReason: 'Client.UserInitiated' })]));
    expect(lossOf(copy, machine)).toEqual({
      state: 'failed',
      reason: 'instance_lost: i-m-0 ended: Client.UserInitiated',
    });
    expect(lossIn(machine, [seenMachine('i-m-0', { state })])).toBe('instance_lost: i-m-0 ended: no reason given');
  });

  test('not while EC2 shows it in another state', () => {
    for (const state of ['pending', 'running', 'stopping', 'stopped'] as const)
      expect(lossIn(machine, [seenMachine('i-m-0', { state })])).toBeNull();
  });

  test('when two listings far enough apart lack it, and it is old enough for both', () => {
    expect(lossIn(longMissing, [])).toBe('instance_lost: EC2 no longer lists i-m-0');
    expect(lossIn(machine, [])).toBeNull();
    expect(lossIn(withMachine(longMissing, { thereSinceMs: nowMs - missingMinAgeMs + 1 }), [])).toBeNull();
    expect(lossIn(withMachine(longMissing, { thereSinceMs: nowMs - missingMinAgeMs }), [])).toMatch(/no longer lists/);
    expect(lossIn(longMissing, [seenMachine('i-m-0')])).toBeNull();
  });

  test('not without a listing, and not before EC2 made it', () => {
    expect(lossIn(longMissing, null)).toBeNull();
    for (const more of [{ state: 'wanted' }, { state: 'gone' }, { instanceId: null }] as const)
      expect(lossIn(withMachine(longMissing, more), [seenMachine('i-m-0', { state: 'terminated' })])).toBeNull();
  });

  test('also when it is the second of two', () => {
    const two = machines('m', { count: 2 });
    const instances = [seenMachine('i-m-0'), seenMachine('i-m-1', { state: 'terminated' })];
    expect(lossIn(two, instances)).toMatch(/i-m-1/);
  });
});

describe('a volume is lost', () => {
  const lossIn = (claim: ClaimRecord, volumes: readonly SeenVolume[]): string | null =>
    lossOf(claimCopy(listed(volumes)), claim)?.reason ?? null;
  const old = withVolume(storage('s', 'za'), { askedAtMs: nowMs - missingMinAgeMs });
  const longMissing = withVolume(old, { missingSinceMs: nowMs - listingsApartMs });

  test('when EC2 shows an error', () => {
    const copy = claimCopy(listed([seenVolume('vol-s', { state: 'error' })]));
    expect(lossOf(copy, old)).toEqual({ state: 'failed', reason: expect.stringMatching(/^volume_lost: .*vol-s$/) });
    expect(lossIn(old, [seenVolume('vol-s')])).toBeNull();
  });

  test('when two listings far enough apart lack it, and it is old enough for both', () => {
    expect(lossIn(longMissing, [])).toMatch(/^volume_lost: EC2 no longer lists vol-s/);
    expect(lossIn(old, [])).toBeNull();
    expect(lossIn(withVolume(longMissing, { askedAtMs: nowMs - missingMinAgeMs + 1 }), [])).toBeNull();
  });

  test('not before EC2 made it', () => {
    const errors = [seenVolume('vol-s', { state: 'error' })];
    for (const more of [{ state: 'asked' }, { state: 'gone' }, { volumeId: null }] as const)
      expect(lossIn(withVolume(longMissing, more), errors)).toBeNull();
  });
});

describe('the time since when a part is missing', () => {
  const noted = (claim: ClaimRecord, world: World = {}): [claim: ClaimRecord, copy: Copy] => {
    const copy = claimCopy({ ...world, claims: [claim] });
    return [noteMissing(copy, claim), copy];
  };

  test('is kept from the first listing on that lacks it, and the pool looks again soon', () => {
    for (const claim of [machines('m'), storage('s', 'za')]) {
      const [once, copy] = noted(claim);
      expect([...once.machines, once.volume].map((part) => part?.missingSinceMs ?? null)).toContain(nowMs);
      expect(copy.claim(claim.id)).toBe(once);
      expect(copy.isMoving).toBe(true);
      const later = claimCopy({ claims: [once], listing: claimListing({ atMs: nowMs + 1 }) });
      expect(noteMissing(later, once)).toBe(once);
      expect(later.isMoving).toBe(true);
    }
  });

  test('is forgotten when it is listed again', () => {
    const missing = { missingSinceMs: 5 };
    const [machine, copy] = noted(withMachine(machines('m'), missing), listed([], [seenMachine('i-m-0')]));
    expect(machine.machines[0]?.missingSinceMs).toBeNull();
    expect(copy.isMoving).toBe(false);
    const [volume] = noted(withVolume(storage('s', 'za'), missing), listed([seenVolume('vol-s')]));
    expect(volume.volume?.missingSinceMs).toBeNull();
  });

  test('changes nothing else: what is there, what is not made yet, what is gone', () => {
    const there: readonly [ClaimRecord, World][] = [
      [machines('m'), listed([], [seenMachine('i-m-0')])],
      [storage('s', 'za'), listed([seenVolume('vol-s')])],
      [withMachine(machines('m'), { state: 'wanted' }), {}],
      [withVolume(storage('s', 'za'), { state: 'asked' }), {}],
      [withVolume(storage('s', 'za'), { volumeId: null }), {}],
    ];
    for (const [claim, world] of there) {
      const [same, copy] = noted(claim, world);
      expect(same).toBe(claim);
      expect([copy.isMoving, copy.changedClaims()]).toEqual([false, []]);
    }
  });

  test('of two machines is that of the missing one alone', () => {
    const [two] = noted(machines('m', { count: 2 }), listed([], [seenMachine('i-m-0')]));
    expect(two.machines.map((part) => part.missingSinceMs)).toEqual([null, nowMs]);
  });
});

test('without a listing nothing is decided', () => {
  const ending = machines('m', { leaseMs: 1_000 }, { leaseEndsAtMs: nowMs + 1, power: 'stopped' });
  const copy = decided(ending, { listing: null });
  expect([copy.changedClaims(), copy.calls, copy.leasesEnding, copy.dueAtMs]).toEqual([[], [], [], []]);
});

describe('the end of a lease', () => {
  const leased = (leaseMs: number, endsInMs: number, more: Partial<ClaimRecord> = {}): Copy =>
    decided(
      machines('m', { leaseMs }, { leaseEndsAtMs: nowMs + endsInMs, ...more }),
      listed([], [seenMachine('i-m-0')]),
    );

  test.each([
    [1_000_000, 100_000],
    [36_000_000, 300_000],
  ])('of %d ms is announced %d ms before', (leaseMs, beforeMs) => {
    const early = leased(leaseMs, beforeMs + 1);
    expect([early.leasesEnding, early.dueAtMs, early.changedClaims()]).toEqual([[], [nowMs + 1], []]);
    const due = leased(leaseMs, beforeMs);
    expect([due.leasesEnding, due.dueAtMs]).toEqual([['m'], [nowMs + beforeMs]]);
    expect(lastEntry(due, 'm')).toBe(
      `lease_ending: its lease ends at ${isoText(nowMs + beforeMs)}; renew it to keep it`,
    );
    expect(due.claim('m')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'active' });
  });

  test('is announced once, and again when the lease was renewed', () => {
    const announced = leased(1_000_000, 50_000).claim('m');
    const again = decided(announced ?? machines('m'), listed([], [seenMachine('i-m-0')]));
    expect([again.leasesEnding, again.changedClaims()]).toEqual([[], []]);
    const renewed = announced && { ...announced, leaseEndsAtMs: nowMs + 60_000 };
    expect(decided(renewed ?? machines('m'), listed([], [seenMachine('i-m-0')])).leasesEnding).toEqual(['m']);
  });

  test('is none of a claim without a lease', () => {
    const copy = decided(machines('m'), listed([], [seenMachine('i-m-0')]));
    expect([copy.leasesEnding, copy.dueAtMs]).toEqual([[], []]);
  });
});

describe('power', () => {
  const stopping = machines('m', { count: 2 }, { power: 'stopped' });
  const inStates = (claim: ClaimRecord, ...states: readonly SeenMachine['state'][]): Copy =>
    decided(
      claim,
      listed(
        [],
        states.map((state, n) => seenMachine(`i-m-${String(n)}`, { state })),
      ),
    );

  test('stops what runs, and waits until all have stopped', () => {
    const copy = inStates(stopping, 'running', 'stopped');
    expect(callsOf(copy)).toEqual(['stop i-m-0']);
    expect(lastEntry(copy, 'm')).toBe('stopping: is being stopped');
    expect(copy.isMoving).toBe(true);
    for (const state of ['pending', 'stopping'] as const) {
      const moving = inStates(stopping, state, 'stopped');
      expect([callsOf(moving), moving.claim('m')?.reason, moving.isMoving]).toEqual([[], 'stopping', true]);
    }
  });

  test('has stopped when all are listed as stopped: from now on their hours cost nothing', () => {
    const copy = inStates(stopping, 'stopped', 'stopped');
    expect(copy.claim('m')?.machines.map((part) => part.stoppedSinceMs)).toEqual([nowMs, nowMs]);
    expect(lastEntry(copy, 'm')).toMatch(/^stopped: is stopped; its volumes, network and place in the limits /);
    expect([copy.calls, copy.isMoving]).toEqual([[], false]);
    const again = inStates(copy.claim('m') ?? stopping, 'stopped', 'stopped');
    expect(again.changedClaims()).toEqual([]);
  });

  test('says first that new rules are waited for', () => {
    const editing = { ...stopping, wantedNetwork: { ingress: [], egress: null, sharing: 'share', allowPublic: false } };
    const copy = inStates(editing as ClaimRecord, 'stopped', 'stopped');
    expect(copy.claim('m')?.reason).toBeNull();
    expect(copy.claim('m')?.machines[0]?.stoppedSinceMs).toBe(nowMs);
  });

  test('is not known of a machine that is not listed', () => {
    const copy = inStates(stopping, 'stopped');
    expect(copy.claim('m')?.machines.map((part) => part.stoppedSinceMs ?? null)).toEqual([null, null]);
    expect(copy.claim('m')?.reason).toBeNull();
  });

  test.each(['stopped', 'stopping'] as const)('starts what is %s by waiting as a new request does', (state) => {
    const was = withMachine(machines('m', { count: 2 }), { stoppedSinceMs: nowMs - 7, stoppedMs: 3 });
    const copy = inStates(was, state, 'running');
    expect(copy.claim('m')).toMatchObject({
      state: 'pending',
      reason: 'starting',
      counts: { pending: 2, running: 0 },
      machines: [
        { stoppedSinceMs: null, stoppedMs: 10 },
        { stoppedSinceMs: null, stoppedMs: 10 },
      ],
    });
    expect(copy.claim('m')?.timeline.at(-1)).toEqual({
      atMs: nowMs,
      stage: 'pending',
      code: 'starting',
      message: 'is being started',
    });
    expect([copy.calls, copy.isMoving]).toEqual([[], true]);
  });

  test('that is as it should be takes away the reason, but for rules that are changing', () => {
    const reasonAfter = (reason: string): string | null | undefined =>
      inStates({ ...machines('m'), reason }, 'running').claim('m')?.reason;
    expect(reasonAfter('stopping')).toBeNull();
    expect(reasonAfter('changing_rules')).toBe('changing_rules');
    expect(inStates(machines('m'), 'running').changedClaims()).toEqual([]);
  });

  test('is of machines alone', () => {
    const copy = decided({ ...storage('s', 'za'), power: 'stopped' }, listed([seenVolume('vol-s')]));
    expect([copy.calls, copy.changedClaims()]).toEqual([[], []]);
  });
});

describe('a machine that was taken from the warm pool', () => {
  const warm = withMachine(machines('m'), { warm: { id: 'w-1', spec: machineSpec } });
  const disks = ['vol-1', 'vol-2', 'vol-3'].map((volumeId, n) => ({ device: `/dev/sd${String(n)}`, volumeId }));
  const tagged = (request: string): World =>
    listed(
      [seenVolume('vol-1'), seenVolume('vol-2', { tags: { [tagPart]: 's.v' } })],
      [seenMachine('i-m-0', { disks, tags: { [tagRequest]: request } })],
    );

  test('gets the tag of its request, with its disks, but for volumes of other requests', () => {
    const copy = decided(warm, tagged('w-1'));
    expect(copy.calls).toEqual([{ kind: 'retag', request: 'm', ids: ['i-m-0', 'vol-1'] }]);
  });

  test('gets its declared labels with it', () => {
    const labelled = { ...warm, spec: { ...warm.spec, labels: { team: 'search', note: 'x' } } };
    expect(decided(labelled, { ...tagged('w-1'), labelKeys: ['team'] }).calls).toEqual([
      { kind: 'retag', request: 'm', ids: ['i-m-0', 'vol-1'], labelTags: { 'bellows:label:team': 'search' } },
    ]);
  });

  test('is left alone once it has the tag, is not listed, or was launched for its request', () => {
    expect(callsOf(decided(warm, tagged('m')))).toEqual([]);
    expect(callsOf(decided(warm))).toEqual([]);
    expect(callsOf(decided(machines('m'), tagged('w-1')))).toEqual([]);
  });
});

describe('a resize', () => {
  const wanted: VolumeShape = { ...volumeShape, sizeGib: 40, usdPerMonth: 3.2 };
  const resizing = storage('s', 'za', { wantedShape: wanted });
  const as = (shape: Partial<VolumeShape>): World => listed([seenVolume('vol-s', shape)]);

  test('is asked for, and counts against the limits from then on', () => {
    const copy = decided(resizing, as({}));
    expect(copy.calls).toEqual([{ kind: 'modify', request: 's', volumeId: 'vol-s', shape: wanted }]);
    expect(copy.claim('s')).toMatchObject({ isResizing: true, reason: 'resizing' });
    expect(lastEntry(copy, 's')).toMatch(/^resizing: waits for EC2 to make it 40 GiB of gp3/);
    expect(copy.isMoving).toBe(true);
  });

  test('waits for room below the limits, unless it counts already', () => {
    const limited = (claim: ClaimRecord, limits: object): Copy =>
      decided(claim, { ...as({}), pool: pool({ limits: limits }) });
    const over = limited(resizing, { volumeGib: 39 });
    expect([over.calls, over.claim('s')?.isResizing]).toEqual([[], false]);
    expect(lastEntry(over, 's')).toBe(
      'limit_reached: The limits of pool p leave no room for its new size: limits.volumeGib is 39 with 20 in use, '
        + 'and 40 would suffice.',
    );
    expect(limited(resizing, { volumeGib: 40 }).calls).toHaveLength(1);
    expect(limited(resizing, { usdPerMonth: 3.1 }).calls).toEqual([]);
    expect(limited(resizing, { usdPerMonth: 3.2 }).calls).toHaveLength(1);
    expect(limited({ ...resizing, isResizing: true }, { volumeGib: 39 }).calls).toHaveLength(1);
  });

  test('that EC2 took a short time ago waits until EC2 may take the next', () => {
    const soon = { ...resizing, modifyAgainAtMs: nowMs + 1, reason: 'waits_for_ec2' };
    const copy = decided(soon, as({}));
    expect([copy.calls, copy.dueAtMs, copy.isMoving]).toEqual([[], [nowMs + 1], false]);
    expect(copy.claim('s')).toMatchObject({ isResizing: true, reason: 'waits_for_ec2' });
    const due = decided({ ...soon, modifyAgainAtMs: nowMs }, as({}));
    expect([due.calls.length, due.claim('s')?.reason]).toEqual([1, 'waits_for_ec2']);
    expect(due.claim('s')?.timeline).toEqual(soon.timeline);
  });

  test('is done when EC2 shows the volume so: it costs what it is from now on', () => {
    const claim = withVolume(
      { ...resizing, isResizing: true, reason: 'resizing', modifyAgainAtMs: 5 },
      { askedAtMs: 0, costSinceMs: nowMs - 3_600_000, paidUsd: 1 },
    );
    const copy = decided(claim, as(wanted));
    expect(copy.claim('s')).toMatchObject({
      wantedShape: null,
      isResizing: false,
      modifyAgainAtMs: null,
      modifiedAtMs: nowMs,
      reason: null,
      volume: { shape: wanted, costSinceMs: nowMs },
    });
    expect(copy.claim('s')?.volume?.paidUsd).toBeCloseTo(1 + 1.6 / 730);
    expect(lastEntry(copy, 's')).toBe('resized: has 40 GiB of gp3 (3000 IOPS, 125 MiB/s), 3.20 USD a month');
    expect([copy.calls, copy.claim('s')?.timeline.at(-1)?.stage]).toEqual([[], 'active']);
    expect(decided({ ...claim, modifiedAtMs: 9 }, as(wanted)).claim('s')?.modifiedAtMs).toBe(9);
  });

  test('is not done while one property differs; settings that a type has not are not compared', () => {
    for (const more of [{ type: 'io2' as const }, { sizeGib: 39 }, { iops: 2_999 }, { throughputMibps: 124 }])
      expect(decided(resizing, as({ ...wanted, ...more })).claim('s')?.wantedShape).toEqual(wanted);
    const st1: VolumeShape = { type: 'st1', sizeGib: 500, iops: null, throughputMibps: null, usdPerMonth: 22.5 };
    const cold = storage('s', 'za', { wantedShape: st1 });
    expect(decided(cold, as({ ...st1, iops: 250, throughputMibps: 20 })).claim('s')?.wantedShape).toBeNull();
  });

  test('of several that follow each other keeps the price of the one that EC2 has done', () => {
    const copy = decided(resizing, as({ sizeGib: 30, iops: 4_000 }));
    expect(copy.claim('s')).toMatchObject({
      wantedShape: wanted,
      modifiedAtMs: nowMs,
      volume: { shape: { type: 'gp3', sizeGib: 30, iops: 4_000, throughputMibps: 125 }, costSinceMs: nowMs },
    });
    expect(copy.claim('s')?.volume?.shape.usdPerMonth).toBeCloseTo(30 * 0.08 + 1_000 * 0.005);
    expect(decided({ ...resizing, modifiedAtMs: 9 }, as({ sizeGib: 30 })).claim('s')?.modifiedAtMs).toBe(9);
    const faster = decided(resizing, as({ iops: 4_000 }));
    expect(faster.claim('s')?.volume?.shape).toMatchObject({ sizeGib: 20, iops: 4_000 });
    const cold = decided(resizing, as({ type: 'st1', sizeGib: 125, iops: 62, throughputMibps: 5 }));
    expect(cold.claim('s')?.volume?.shape).toMatchObject({ type: 'st1', iops: null, throughputMibps: null });
  });

  test('a listing that shows the volume smaller, or of an unknown type, lags', () => {
    for (const more of [{ sizeGib: 19 }, { type: 'gp2' as never, sizeGib: 30 }, {}])
      expect(decided(resizing, as(more)).claim('s')).toMatchObject({
        volume: { shape: volumeShape },
        wantedShape: wanted,
      });
    expect(decided(resizing, as({ sizeGib: 19 })).claim('s')?.modifiedAtMs).toBeUndefined();
  });

  test('waits for a volume that EC2 lists', () => {
    expect(decided(resizing, listed([])).calls).toEqual([]);
    expect(decided(withVolume(resizing, { volumeId: null }), as({})).calls).toEqual([]);
  });

  test('leaves the reason of a volume that is being detached or attached', () => {
    const attaching = {
      ...resizing,
      usedBy: {
        request: 'r',
        machine: 0,
        device: '/dev/sdf',
        node: { id: 'i-1', attemptId: 'a', sinceMs: 1, isAttached: false, refusal: null },
      },
      reason: 'attaching',
    };
    expect(decided(attaching, as({})).claim('s')).toMatchObject({ reason: 'attaching', isResizing: true });
    const attached = {
      ...attaching,
      usedBy: { ...attaching.usedBy, node: { ...attaching.usedBy.node, isAttached: true } },
    };
    expect(decided(attached, as({})).claim('s')?.reason).toBe('resizing');
    const busy = listed([seenVolume('vol-s', { ...attachedTo('i-1', 'busy'), sizeGib: 40 })]);
    expect(decided({ ...resizing, isDetaching: true, reason: 'busy' }, busy).claim('s')).toMatchObject({
      wantedShape: null,
      reason: 'busy',
    });
  });
});

describe('detaching', () => {
  const use = { request: 'm', machine: 0, device: '/dev/sdf' };
  const detaching = storage('s', 'za', { isDetaching: true, usedBy: use, spec: { ...storageSpec, attachTo: 'm' } });
  const attachment = (state?: string): World => listed([seenVolume('vol-s', attachedTo('i-m-0', state))]);

  test('is asked of EC2, without force, and waited for', () => {
    const copy = decided(detaching, attachment());
    expect(callsOf(copy)).toEqual(['detach vol-s i-m-0']);
    expect(lastEntry(copy, 's')).toBe('detaching: waits for vol-s to leave i-m-0');
    expect(copy.isMoving).toBe(true);
  });

  test('is not asked for again while EC2 does it, or while the volume is mounted', () => {
    const leaving = decided(detaching, attachment('detaching'));
    expect([leaving.calls, leaving.claim('s')?.reason]).toEqual([[], 'detaching']);
    const busy = decided(detaching, attachment('busy'));
    expect([busy.calls, busy.isMoving]).toEqual([[], true]);
    expect(lastEntry(busy, 's')).toMatch(/^busy: vol-s is mounted on i-m-0 \(\/dev\/sdf\): unmount it there, /);
    expect(lastEntry(busy, 's')).toMatch(/never detached by force$/);
  });

  test('is done when EC2 shows no attachment', () => {
    const copy = decided({ ...detaching, reason: 'detaching' }, listed([seenVolume('vol-s')]));
    expect(copy.claim('s')).toMatchObject({ isDetaching: false, usedBy: null, reason: null, spec: { attachTo: null } });
    expect(copy.claim('s')?.timeline.at(-1)).toEqual({
      atMs: nowMs,
      stage: 'active',
      code: 'detached',
      message: 'vol-s is free; attach it again, or release it',
    });
  });

  test('takes the volume from the wishes of the machine that has it: its next start would claim it again', () => {
    const user = machines('m', { volumeRequests: ['s', 'other'] });
    const copy = decided(detaching, { ...attachment(), claims: [user] });
    expect(copy.claim('m')?.spec).toMatchObject({ volumeRequests: ['other'] });
    expect(lastEntry(copy, 'm')).toMatch(/^volume_detaching: .*volume of s$/);
    for (const one of [machines('m', { volumeRequests: ['other'] }), storage('m', 'za')])
      expect(decided(detaching, { ...attachment(), claims: [one] }).claim('m')).toBe(one);
    const free = decided({ ...detaching, usedBy: null }, { ...attachment(), claims: [user] });
    expect(free.claim('m')).toBe(user);
  });

  test('waits for a volume that EC2 lists', () => {
    for (const world of [listed([]), listed([seenVolume('other')])]) {
      const claim = withVolume(detaching, { missingSinceMs: nowMs });
      const copy = decided(claim, world);
      expect([copy.calls, copy.claim('s')]).toEqual([[], claim]);
    }
  });

  test('goes on beside a resize', () => {
    const wanted: VolumeShape = { ...volumeShape, sizeGib: 40, usdPerMonth: 3.2 };
    const copy = decided({ ...detaching, wantedShape: wanted }, attachment());
    expect(copy.calls.map((call) => call.kind)).toEqual(['modify', 'detach']);
    expect(copy.claim('s')).toMatchObject({ isResizing: true, reason: 'detaching' });
  });
});

describe('an attachment that nobody asks for', () => {
  test('is taken away: a slow call may have made it after the wish had gone', () => {
    const copy = decided(storage('s', 'za'), listed([seenVolume('vol-s', attachedTo('i-9'))]));
    expect(copy.calls).toEqual([{ kind: 'detach', request: 's', volumeId: 'vol-s', instanceId: 'i-9' }]);
  });

  test('is none while it is used, is on its way, or where there is no volume', () => {
    const used = storage('s', 'za', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } });
    expect(decided(used, listed([seenVolume('vol-s', attachedTo('i-9'))])).calls).toEqual([]);
    for (const volumes of [[], [seenVolume('vol-s')], [seenVolume('vol-s', attachedTo('i-9', 'detaching'))]]) {
      const copy = claimCopy(listed(volumes));
      detachUnclaimed(copy, storage('s', 'za'));
      expect(copy.calls).toEqual([]);
    }
    const copy = claimCopy(listed([seenVolume('vol-s', attachedTo('i-9'))]));
    detachUnclaimed(copy, machines('m'));
    expect(copy.calls).toEqual([]);
  });
});
