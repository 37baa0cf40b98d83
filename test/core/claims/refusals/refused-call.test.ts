// What EC2's refusal of a call makes of a claim or a group: it waits with the time of the next try, what was not
// granted yet is given up, and what was granted stays.
import { describe, expect, test } from '@jest/globals';
import type { CallForClaim, CallForGroup } from '../../../../lib/core/claims/refusals/refused-call.ts';
import { claimAfterRefusal, groupAfterRefusal } from '../../../../lib/core/claims/refusals/refused-call.ts';
import type { RefusalScope } from '../../../../lib/core/values/ec2-error-codes.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import type { VolumeUse } from '../../../../lib/core/records/volume.ts';
import { group, machines, machineWish, nowMs, storage, storageWish, volumeShape } from '../../builders.ts';

const calls = {
  create: { kind: 'create-volume', request: 's', token: 's.v', zone: 'za', shape: volumeShape, snapshotId: null },
  attach: { kind: 'attach', request: 's', volumeId: 'vol-s', instanceId: 'i-1', device: '/dev/sdf' },
  start: { kind: 'start', request: 'm', ids: ['i-m-0'] },
  stop: { kind: 'stop', request: 'm', ids: ['i-m-0'] },
  modify: { kind: 'modify', request: 's', volumeId: 'vol-s', shape: { ...volumeShape, sizeGib: 30 } },
  snapshot: { kind: 'snapshot', request: 's', part: 's.v', volumeId: 'vol-s', intent: 'n1' },
  delete: { kind: 'delete-volume', request: 's', volumeId: 'vol-s' },
  groups: { kind: 'set-groups', request: 'm', instanceId: 'i-m-0', groupIds: ['sg-1'] },
  detach: { kind: 'detach', request: 's', volumeId: 'vol-s', instanceId: 'i-1' },
} as const satisfies Record<string, CallForClaim>;

function after(claim: ClaimRecord, call: CallForClaim, code: string, scope: RefusalScope = 'request') {
  const next = claimAfterRefusal(claim, call, { code, scope, message: `${code}: no` }, nowMs);
  return next && { ...next, last: next.timeline.at(-1) };
}

const soon = nowMs + 5_000;
const asked = storageWish('s', {}, { grantSinceMs: 5 });
const asking = { ...asked, volume: asked.volume && { ...asked.volume, state: 'asked' as const, zone: 'za' } };
const use = (node?: NonNullable<VolumeUse['node']>): VolumeUse => ({
  request: 'm',
  machine: 0,
  device: '/dev/sdf',
  ...(node ? { node } : {}),
});
const startable = machines('m', {}, { state: 'pending', power: 'running' });

describe('a claim waits', () => {
  test('for a volume that EC2 has no room for: its zone is refused, its grant has not begun', () => {
    expect(after(asking, calls.create, 'InsufficientVolumeCapacity', 'zone')).toMatchObject({
      reason: 'no_capacity',
      grantSinceMs: null,
      volume: { state: 'wanted', zone: null },
      refusals: [{ about: 'za', nextTryAtMs: soon }],
      last: { nextTryAtMs: soon },
    });
  });

  test('for a quota, which is of the whole account, and says what to raise', () => {
    const next = after(asking, calls.create, 'VolumeLimitExceeded', 'account');
    expect(next).toMatchObject({ reason: 'account_limit', refusals: [{ about: '*' }] });
    expect(next?.last?.message).toContain('Service Quotas');
  });

  test.each<[string, Partial<ClaimRecord>]>([
    ['is being released', { state: 'releasing' }],
    ['was cancelled', { cancelRequestedAtMs: 1 }],
    ['asks by another token by now', { volume: asking.volume && { ...asking.volume, key: 's.v.zb' } }],
  ])('not where it %s: then it is refused for good', (_what, more) => {
    const next = after({ ...asking, ...more }, calls.create, 'VolumeLimitExceeded');
    expect(next).toMatchObject({ fault: { code: 'VolumeLimitExceeded' }, volume: { state: 'gone' } });
  });

  test('to be attached, later and later', () => {
    const wish = storage('s', 'za', { state: 'pending', startedAtMs: null, usedBy: use() });
    const first = after(wish, calls.attach, 'AttachmentLimitExceeded');
    expect(first).toMatchObject({ reason: 'account_limit', refusals: [{ about: 'i-1', times: 1 }] });
    const again = first && after(first, calls.attach, 'AttachmentLimitExceeded');
    expect(again?.refusals).toMatchObject([{ times: 2, nextTryAtMs: nowMs + 10_000 }]);
    const active = after({ ...wish, state: 'active' }, calls.attach, 'AttachmentLimitExceeded');
    expect(active).toMatchObject({ state: 'active', reason: null, refusals: [{ about: 'i-1' }] });
  });

  test.each<[string, RefusalScope, string]>([
    ['InsufficientInstanceCapacity', 'offering', 'no_capacity'],
    ['VcpuLimitExceeded', 'quota', 'account_limit'],
  ])('to be started again after %s', (code, scope, reason) => {
    expect(after(startable, calls.start, code, scope)).toMatchObject({
      state: 'pending',
      reason,
      startRefused: { times: 1, nextTryAtMs: soon },
    });
    const often = { ...startable, startRefused: { times: 20, nextTryAtMs: 0 } };
    expect(after(often, calls.start, code, scope)?.startRefused?.nextTryAtMs).toBe(nowMs + 300_000);
  });

  test('for its final snapshot, if that is what it asked for last', () => {
    const { volume } = storage('s', 'za');
    const retried = { failures: 0, nextTryAtMs: null };
    const snapshot = { id: null, askedAtMs: 1, intents: ['n0', 'n1'], missingSinceMs: null, ...retried };
    const going = storage('s', 'za', { state: 'releasing', volume: volume && { ...volume, snapshot } });
    const next = after(going, calls.snapshot, 'IncorrectState');
    expect(next).toMatchObject({ volume: { snapshot: { failures: 1 } }, last: { code: 'snapshot_failed' } });
    expect(next?.last?.nextTryAtMs).toBeGreaterThan(nowMs);
    expect(after(going, { ...calls.snapshot, intent: 'n0' }, 'IncorrectState')).toBeNull();
  });

  test('for the day’s limit of a volume that was changed', () => {
    const wanted = { ...volumeShape, sizeGib: 30 };
    const next = after(storage('s', 'za', { wantedShape: wanted }), calls.modify, 'VolumeModificationRateExceeded');
    expect(next).toMatchObject({ wantedShape: wanted, modifiedAtMs: nowMs, modifyAgainAtMs: nowMs + 1_800_000 });
    expect(after(storage('s', 'za'), calls.modify, 'VolumeModificationRateExceeded')).toBeNull();
  });
});

test('what passes by itself changes nothing', () => {
  for (const call of [calls.create, calls.attach, calls.delete, calls.detach])
    expect(after(asking, call, 'IncorrectState')).toBeNull();
  expect(after(machineWish('m'), calls.start, 'IncorrectInstanceState')).toBeNull();
});

describe('refused for good', () => {
  test('a volume that was not granted is given up, one for a task is taken back, one that was granted stays', () => {
    const wish = storage('s', 'za', { state: 'pending', startedAtMs: null });
    expect(after(wish, calls.attach, 'Nope')).toMatchObject({ fault: { code: 'Nope', message: 'Nope: no' } });
    const node = { id: 'i-1', attemptId: 'r.0.1', sinceMs: 0, isAttached: false, refusal: null };
    const mounted = storage('s', 'za', { usedBy: use(node) });
    expect(after(mounted, calls.attach, 'Nope')).toMatchObject({ usedBy: { node: { refusal: 'Nope: no' } } });
    expect(after(mounted, { ...calls.attach, instanceId: 'i-2' }, 'Nope')).toBeNull();
    expect(after({ ...wish, startedAtMs: 1, usedBy: use() }, calls.attach, 'Nope')).toMatchObject({
      state: 'active',
      usedBy: null,
      last: { code: 'attach_refused' },
    });
  });

  test('a machine that is not granted is given up; one that was stays as it was', () => {
    expect(after(machineWish('m'), calls.start, 'Unsupported', 'offering')).toMatchObject({
      fault: { code: 'Unsupported' },
    });
    expect(after(startable, calls.start, 'Unsupported', 'offering')).toMatchObject({
      state: 'active',
      power: 'stopped',
      last: { code: 'start_refused' },
    });
    const stopping = machines('m', {}, { power: 'stopped' });
    expect(after(stopping, calls.stop, 'Nope')).toMatchObject({ power: 'running', last: { code: 'stop_refused' } });
    expect(after(machines('m'), calls.stop, 'Nope')).toBeNull();
  });

  test('a new size is given up', () => {
    const resizing = storage('s', 'za', { wantedShape: volumeShape, isResizing: true, reason: 'resizing' });
    expect(after(resizing, calls.modify, 'Nope')).toMatchObject({
      wantedShape: null,
      isResizing: false,
      reason: null,
      last: { code: 'resize_refused' },
    });
    expect(after({ ...resizing, isDetaching: true }, calls.modify, 'Nope')?.reason).toBe('resizing');
  });

  test.each([
    ['a deletion', calls.delete, storage('s', 'za'), 'delete_refused'],
    ['a change of groups', calls.groups, machines('m'), 'groups_refused'],
  ])('%s is noted once', (_what, call, claim, code) => {
    const next = after(claim, call, 'Nope');
    expect(next?.last?.code).toBe(code);
    expect(next && after(next, call, 'Nope')).toBeNull();
  });
});

describe('a group', () => {
  const create: CallForGroup = { kind: 'create-group', group: 'g-n' };
  const creating = group('n', { state: 'creating', groupId: null });
  const result = (call: CallForGroup, code: string, of = creating) =>
    groupAfterRefusal(of, call, { code, scope: 'account', message: 'no' }, nowMs);

  test('waits for a quota, and is faulty when it is refused for good', () => {
    expect(result(create, 'SecurityGroupLimitExceeded')?.refusals).toMatchObject([{ nextTryAtMs: soon }]);
    expect(result(create, 'Nope')?.fault).toEqual({ code: 'Nope', message: 'no' });
    const rules: CallForGroup = { kind: 'authorize', group: 'g-n', groupId: 'sg-n', rules: [] };
    expect(result(rules, 'RulesPerSecurityGroupLimitExceeded')?.fault?.code).toBe('RulesPerSecurityGroupLimitExceeded');
  });

  test('stays as it is otherwise', () => {
    expect(result(create, 'InvalidGroup.Duplicate')).toBeNull();
    expect(result(create, 'Nope', { ...creating, fault: { code: 'x', message: 'y' } })).toBeNull();
    expect(result({ kind: 'delete-group', group: 'g-n', groupId: 'sg-n' }, 'Nope')).toBeNull();
  });
});
