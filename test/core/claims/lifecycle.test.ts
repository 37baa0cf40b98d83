// A claim's life edge by edge: why it ends, what it waits for, and its revision.
import { describe, expect, test } from '@jest/globals';
import {
  beginRelease,
  deviceName,
  ended,
  endingOf,
  granted,
  paused,
  resumed,
  waiting,
  waitsForEc2,
  waitsUntil,
} from '../../../lib/core/claims/lifecycle.ts';
import { etagOf } from '../../../lib/core/claims/etag.ts';
import type { CallRefusal, ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { NetworkWish } from '../../../lib/core/records/security-group.ts';
import {
  machineSpec,
  machineWish,
  machines,
  network,
  networkWish,
  nowMs,
  storage,
  storageSpec,
  storageWish,
  volumeShape,
  volumeWish,
} from '../builders.ts';

const atText = (ms: number): string => new Date(ms).toISOString();
const refusal = (about: string, nextTryAtMs: number, times = 1): CallRefusal => ({
  about,
  times,
  nextTryAtMs,
  reason: 'no_capacity',
  message: about,
});

describe('a new claim', () => {
  test('wants each of its machines, with volumes of its own', () => {
    const claim = machineWish('r', { count: 2, volumes: [volumeWish, volumeWish] });
    expect(claim).toMatchObject({ state: 'pending', counts: { pending: 2 }, power: 'running', volume: null });
    expect(claim.timeline.map((one) => one.message)).toEqual(['accepted into pool p']);
    expect(claim.machines.map((part) => [part.index, part.state])).toEqual([
      [0, 'wanted'],
      [1, 'wanted'],
    ]);
    expect(claim.machines.flatMap((part) => part.volumes).map((one) => [one.key, one.device])).toEqual([
      ['r.m0.v0', '/dev/sdf'],
      ['r.m0.v1', '/dev/sdg'],
      ['r.m1.v0', '/dev/sdf'],
      ['r.m1.v1', '/dev/sdg'],
    ]);
  });

  test('of storage wants one volume, and no network wants anything of the kind', () => {
    expect(storageWish('r')).toMatchObject({ machines: [], volume: { key: 'r.v', device: null, shape: volumeShape } });
    expect(network('n')).toMatchObject({ machines: [], volume: null });
  });

  test('is not made of a volume that no type can be', () => {
    expect(() => storageWish('r', { volume: { ...volumeWish, sizeGib: 1_000_000 } })).toThrow(
      /the submit must refuse it/,
    );
  });

  test('has so many names for devices', () => {
    expect([deviceName(0), deviceName(10), deviceName(11)]).toEqual(['/dev/sdf', '/dev/sdp', '/dev/sd?']);
  });
});

describe('a claim ends', () => {
  const fault = { code: 'Bad', message: 'because' };
  const late = { spec: { ...storageSpec, deadlineMs: 1_000 } };

  test.each([
    ['not by itself', {}, nowMs, null],
    ['as cancelled before it was granted', { cancelRequestedAtMs: 5 }, nowMs, ['cancelled', 'cancelled']],
    ['as released after', { cancelRequestedAtMs: 5, startedAtMs: 4 }, nowMs, ['released', 'released']],
    ['by its caller, whatever failed', { cancelRequestedAtMs: 5, fault }, nowMs, ['cancelled', 'cancelled']],
    ['as failed with its fault', { fault }, nowMs, ['failed', 'Bad: because']],
    [
      "with EC2's sentence, which begins with the code",
      { fault: { code: 'Bad', message: 'Bad: because' } },
      nowMs,
      ['failed', 'Bad: because'],
    ],
    ['with its fault, also where its deadline is over', { fault, ...late }, 1_000, ['failed', 'Bad: because']],
    ['not before its deadline', late, 999, null],
    ['at its deadline', late, 1_000, ['expired', 'deadline_missed']],
    ['not at its deadline once it was granted', { ...late, startedAtMs: 1 }, 1_000, null],
    ['not before its lease does', { leaseEndsAtMs: nowMs + 1 }, nowMs, null],
    ['with its lease', { leaseEndsAtMs: nowMs }, nowMs, ['expired', 'lease_ended']],
  ] as const)('%s', (_what, more, atMs, ending) => {
    const found = endingOf(storageWish('r', {}, more), false, atMs);
    expect(found && [found.state, found.reason]).toEqual(ending);
  });

  test('with its pool, unless its caller was first', () => {
    expect(endingOf(storageWish('r', {}, { fault }), true, nowMs)).toEqual({
      state: 'cancelled',
      reason: 'the pool was deleted',
    });
    expect(endingOf(storageWish('r', {}, { startedAtMs: 1, cancelRequestedAtMs: 2 }), true, nowMs)?.state).toBe(
      'released',
    );
  });
});

describe('edges', () => {
  test('pending to active: granted, and its lease begins', () => {
    const waits = machineWish('r', { count: 2, leaseMs: 60_000 }, { refusals: [refusal('za', 1)], reason: 'booting' });
    const claim = granted(waits, 'has it', nowMs);
    expect(claim).toMatchObject({
      state: 'active',
      reason: null,
      startedAtMs: nowMs,
      leaseEndsAtMs: nowMs + 60_000,
      counts: { pending: 0, running: 2 },
    });
    expect(claim).not.toHaveProperty('refusals');
    expect(claim.timeline.at(-1)).toEqual({ atMs: nowMs, stage: 'active', code: 'active', message: 'has it' });
  });

  test('pending to active again: its first start and its lease stay', () => {
    const restarted = machineWish('r', { leaseMs: 60_000 }, { startedAtMs: 5, leaseEndsAtMs: 60_005 });
    expect(granted(restarted, '', nowMs)).toMatchObject({ startedAtMs: 5, leaseEndsAtMs: 60_005 });
    expect(granted(machineWish('r'), '', nowMs).leaseEndsAtMs).toBeNull();
  });

  test.each([
    ['changing_rules', { wantedNetwork: networkWish(), wantedShape: volumeShape }],
    ['resizing', { wantedShape: volumeShape }],
  ])('active with a wish that is open says %s', (reason, more) => {
    expect(granted(storageWish('r', {}, more), '', nowMs).reason).toBe(reason);
  });

  test('active to releasing: wishes end, and it says why', () => {
    const wishing = storage('r', 'za', { wantedShape: volumeShape, isResizing: true, wantedNetwork: networkWish() });
    const claim = beginRelease(wishing, { state: 'expired', reason: 'lease_ended' }, nowMs);
    expect(claim).toMatchObject({
      state: 'releasing',
      reason: 'lease_ended',
      ending: { state: 'expired' },
      wantedShape: null,
      isResizing: false,
      wantedNetwork: null,
      releasingSinceMs: nowMs,
    });
    expect(claim.timeline.at(-1)).toMatchObject({ code: 'expired', message: 'is being released: lease_ended' });
  });

  test.each([
    ['released', { succeeded: 3, failed: 0, cancelled: 0 }],
    ['failed', { succeeded: 0, failed: 3, cancelled: 0 }],
    ['cancelled', { succeeded: 0, failed: 0, cancelled: 3 }],
    ['expired', { succeeded: 0, failed: 0, cancelled: 3 }],
  ] as const)('releasing to %s: each of its machines is counted', (state, counts) => {
    const going = beginRelease(machines('r', { count: 3 }), { state, reason: 'why' }, nowMs);
    expect(ended(going, 'nothing is left', nowMs + 1)).toMatchObject({
      state,
      reason: 'why',
      endedAtMs: nowMs + 1,
      counts: { pending: 0, running: 0, ...counts },
    });
  });

  test('nothing ends that is not being released', () => {
    expect(() => ended(machines('r'), '', nowMs)).toThrow(/without being released/);
    expect(() => ended(machines('r', {}, { state: 'releasing' }), '', nowMs)).toThrow(/without being released/);
  });

  test('a machine pauses once, and its pauses add up', () => {
    const [part] = machines('r').machines;
    if (!part) throw new Error('no machine');
    const stopped = paused(part, 100);
    expect(stopped.stoppedSinceMs).toBe(100);
    expect(paused(stopped, 200)).toBe(stopped);
    const again = resumed(stopped, 150);
    expect(again).toMatchObject({ stoppedSinceMs: null, stoppedMs: 50 });
    expect(resumed(again, 160)).toBe(again);
    expect(resumed(paused(again, 200), 210).stoppedMs).toBe(60);
    const gone = { ...part, state: 'gone' } as const;
    expect(paused(gone, 100)).toBe(gone);
  });
});

describe('waiting', () => {
  const first = waiting(storageWish('r'), 'volume', 'waits for it', nowMs);

  test('is told once', () => {
    expect(first).toMatchObject({ reason: 'volume' });
    expect(first.timeline.at(-1)).toEqual({ atMs: nowMs, stage: 'pending', code: 'volume', message: 'waits for it' });
    expect(waiting(first, 'volume', 'waits for it', nowMs + 1)).toBe(first);
  });

  test.each([
    ['another message', first, 'volume', 'waits for more'],
    ['another code', first, 'group', 'waits for it'],
    ['a reason that was forgotten', { ...first, reason: null }, 'volume', 'waits for it'],
  ])('is told again with %s', (_what, claim: ClaimRecord, code, message) => {
    expect(waiting(claim, code, message, nowMs + 1).timeline).toHaveLength(first.timeline.length + 1);
  });

  test('says until when, where that is known', () => {
    const until = waiting(first, 'no_capacity', 'later', nowMs, nowMs + 5);
    expect(waitsUntil(until)).toBe(nowMs + 5);
    expect(waitsUntil(first)).toBeNull();
    expect(waitsUntil({ ...until, reason: null })).toBeNull();
    expect(waitsUntil({ ...until, reason: 'volume' })).toBeNull();
    expect(waitsUntil({ ...until, endedAtMs: nowMs })).toBeNull();
  });

  test('for EC2 to take the next change of a volume names both', () => {
    const claim = waitsForEc2(storage('s', 'za'), nowMs + 9, nowMs);
    expect(claim.timeline.at(-1)).toMatchObject({
      code: 'waits_for_ec2',
      nextTryAtMs: nowMs + 9,
      message: expect.stringMatching(`a change of vol-s .* until ${atText(nowMs + 9)}`),
    });
  });
});

describe('a revision', () => {
  const claim = storage('s', 'za');
  const of = (more: Partial<ClaimRecord>): string => etagOf({ ...claim, ...more });

  test('is a short text, the same for the same wishes', () => {
    expect(etagOf(claim)).toMatch(/^[0-9a-f]{16}$/);
    expect(of({ ...claim })).toBe(etagOf(claim));
  });

  test.each([
    ['is another request’s', { id: 'other' }],
    ['is stopped', { power: 'stopped' }],
    ['is cancelled', { cancelRequestedAtMs: 5 }],
    ['shall have other rules', { wantedNetwork: networkWish() }],
    ['shall have another shape', { wantedShape: { ...volumeShape, sizeGib: 21 } }],
    ['shall have another type', { wantedShape: { ...volumeShape, type: 'io2' } }],
    ['shall have other IOPS', { wantedShape: { ...volumeShape, iops: 4_000 } }],
    ['shall have another throughput', { wantedShape: { ...volumeShape, throughputMibps: 200 } }],
    ['is used', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } }],
  ] as const)('changes when the claim %s', (_what, more) => {
    expect(of(more)).not.toBe(etagOf(claim));
  });

  test.each([
    ['is granted', { state: 'active', reason: 'x', startedAtMs: 9 }],
    ['has the shape that was wished', { wantedShape: volumeShape }],
    ['is priced anew', { wantedShape: { ...volumeShape, usdPerMonth: 9 } }],
    ['is let go of by who uses it', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' }, isDetaching: true }],
  ] as const)('stays when the claim %s', (_what, more) => {
    expect(of(more)).toBe(etagOf(claim));
  });

  test('changes with how rules are shared, and who may come in; not when they come into force', () => {
    const rules = (more: Partial<NetworkWish>): string => etagOf(network('n', more));
    expect(new Set([rules({}), rules({ sharing: 'share' }), rules({ allowPublic: true })]).size).toBe(3);
    const next = networkWish({ ingress: [] });
    expect(etagOf(network('n', {}, { wantedNetwork: next }))).toBe(rules({ ingress: [] }));
    expect(rules({ ingress: [] })).not.toBe(rules({}));
  });

  test('counts a machine that shall be attached as long as it waits; then who has it', () => {
    const spec = { ...storageSpec, attachTo: 'm' };
    const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
    expect(of({ spec, state: 'pending' })).toBe(of({ spec, usedBy }));
    expect(of({ spec })).toBe(etagOf(claim));
    expect(etagOf(machines('m', { ...machineSpec }))).not.toBe(etagOf(machines('n')));
  });
});
