// The plan of a decision about claims: changes in the order in which they may be written, each with its reason, and
// calls that rest on them. It is plain data.
import { describe, expect, test } from '@jest/globals';
import { claimCalls, claimChanges } from '../../../lib/core/claims/changes.ts';
import { decideClaims } from '../../../lib/core/claims/decide.ts';
import type { ClaimCall } from '../../../lib/core/plan/claim-call.ts';
import type { Action, Change } from '../../../lib/core/plan/plan.ts';
import { touchedKeys, writeKey } from '../../../lib/core/plan/plan.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { GroupRecord } from '../../../lib/core/records/security-group.ts';
import {
  changes,
  claimListing,
  claimCopy,
  group,
  keptVolume,
  machines,
  machineWish,
  network,
  networkWish,
  nowMs,
  rule,
  seenMachine,
  storage,
  storageWish,
  volumeWish,
} from '../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;

const ofKind = <K extends Action['kind']>(actions: readonly Action[], kind: K): Extract<Action, { kind: K }>[] =>
  actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);

function decided(world: Parameters<typeof claimCopy>[0]): readonly Action[] {
  const copy = claimCopy(world);
  decideClaims(copy);
  return copy.actions;
}

const cancelled = { cancelRequestedAtMs: nowMs };
const wide: Parameters<typeof claimCopy>[0] = {
  claims: [machineWish('m1'), storageWish('s1'), network('n1'), machines('m2', {}, cancelled)],
  groups: [group('n2')],
  kept: [keptVolume('vol-k', { isGoing: true, keptUntilMs: nowMs - 1 })],
  leftOver: [{ kind: 'volume', owner: 'old', place: 'v' }],
};

test('is plain data: printed as JSON and read again it is the same', () => {
  const actions = decided(wide);
  expect(actions.length).toBeGreaterThan(5);
  expect(JSON.parse(JSON.stringify(actions))).toEqual(actions);
});

test('is the same for the same observation', () => {
  expect(decided(wide)).toEqual(decided(wide));
});

test('gives a reason for each change and each call', () => {
  const actions = decided(wide);
  const reasons = [...ofKind(actions, 'change'), ...ofKind(actions, 'call')].map((one) => one.reason);
  expect(reasons.filter((reason) => reason.trim() === '')).toEqual([]);
});

test('a row comes after the documents of its claim, and rests on them', () => {
  const all = changes({ actions: decided(wide) });
  const rowAt = all.findIndex((one) => one.writes.some((write) => writeKey(write) === 'claim s1'));
  const documentAt = all.findIndex((one) => one.writes.some((write) => writeKey(write) === 'volume s1 v'));
  expect(documentAt).toBeGreaterThanOrEqual(0);
  expect(rowAt).toBeGreaterThan(documentAt);
  expect(all[documentAt]?.writes.flatMap(touchedKeys)).toContain('claim s1');
});

test('a call rests on the row of its claim', () => {
  const calls = ofKind(decided(wide), 'call');
  expect(calls.find(({ call }) => call.kind === 'create-volume')).toMatchObject({ restsOn: ['claim s1'] });
});

test('what is left over of ended claims is dropped by its name', () => {
  expect(changes({ actions: decided(wide) }, 'left-over')).toMatchObject([
    { writes: [{ type: 'drop', name: { kind: 'volume', owner: 'old', place: 'v' } }], ended: [] },
  ]);
});

test('a claim that ends is counted in the change that closes its row, after its documents are kept', () => {
  const listing = claimListing({ machines: [seenMachine('i-m-0', { state: 'terminated' })] });
  const ending = { state: 'released', reason: 'asked' } as const;
  const gone = machines('m', {}, { ...cancelled, state: 'releasing', ending });
  const all = changes({ actions: decided({ listing, claims: [gone] }) });
  expect(all.map((one) => one.what)).toEqual(['document', 'past', 'end']);
  expect(all.at(-1)).toMatchObject({
    writes: [{ type: 'claim', isEnded: true, record: { id: 'm' } }],
    restsOn: ['claim m'],
    ended: [{ id: 'm' }],
  });
});

test('a kept volume that is gone is counted in the change that drops its document', () => {
  const kept = keptVolume('vol-k', { isGoing: true, keptUntilMs: nowMs - 1, missingSinceMs: 0 });
  expect(changes({ actions: decided({ kept: [kept] }) }, 'kept-gone')).toMatchObject([
    { writes: [{ type: 'drop', name: { kind: 'kept', id: 'vol-k' } }], gone: [{ id: 'vol-k' }] },
  ]);
});

describe('the change of a group', () => {
  const isPublic = { wish: networkWish({ ingress: [rule({ cidr: '0.0.0.0/0' })], allowPublic: true }) };
  const groupChange = (before: GroupRecord | null, after: GroupRecord): Change | undefined => {
    const copy = claimCopy({ groups: before ? [before] : [] });
    copy.setGroup(after);
    return claimChanges(copy)[0];
  };

  test('says which fields differ, or that it is new', () => {
    const changed = group('n', { state: 'changing', references: ['n', 'm'] });
    expect(groupChange(group('n'), changed)).toMatchObject({
      what: 'group',
      reason: 'group bellows-test-n: state, references changed',
      writes: [{ type: 'group', record: changed }],
      activity: null,
    });
    expect(groupChange(null, group('n'))?.reason).toBe('group bellows-test-n: is new');
    const { groupId, fault, ...rest } = group('n');
    const refused = group('n', { refusals: [] });
    expect(groupChange(group('n'), refused)?.reason).toBe('group bellows-test-n: refusals changed');
    expect(groupChange(refused, { ...rest, groupId, fault })?.reason).toBe('group bellows-test-n: refusals changed');
  });

  test('that opens it to the internet is in the pool’s activity, once, with who asked', () => {
    const references = Array.from({ length: 21 }, (_, n) => `r${String(n)}`);
    const open = group('n', { ...isPublic, references });
    expect(groupChange(group('n'), open)?.activity).toEqual({
      code: 'open_to_world',
      message:
        `bellows-test-n lets the whole internet in, as ${references.slice(0, 20).join(', ')} asked with `
        + 'allowPublic',
      node: null,
    });
    expect(groupChange(null, open)?.activity).not.toBeNull();
    expect(groupChange(open, { ...open, state: 'changing' })?.activity).toBeNull();
    expect(groupChange(open, group('n'))?.activity).toBeNull();
  });

  test('that drops it names it', () => {
    const copy = claimCopy({ groups: [group('n')] });
    copy.dropGroup('g-n');
    expect(claimChanges(copy)).toMatchObject([
      { what: 'group', reason: 'group g-n is gone', writes: [{ type: 'drop', name: { kind: 'group', id: 'g-n' } }] },
    ]);
  });
});

describe('the change of documents', () => {
  const reasons = (copy: ReturnType<typeof claimCopy>): readonly string[] =>
    changes({ actions: claimChanges(copy) }, 'document').map((one) => one.reason);

  test('names what each is about, and which fields differ', () => {
    const claims = [machines('m', { volumes: [volumeWish] }), storage('s', 'za')];
    const copy = claimCopy({ claims });
    const [m, s] = claims;
    if (!m || !s?.volume) throw new Error('no claims');
    copy.setClaim({ ...m, machines: m.machines.map((part) => ({ ...part, missingSinceMs: 5 })) });
    copy.setClaim({ ...s, volume: { ...s.volume, device: '/dev/sdf' } });
    expect(reasons(copy)).toEqual(['machine 0 of m: missingSinceMs changed', 'volume v of s: device changed']);
    expect(changes({ actions: claimChanges(copy) }, 'document')).toMatchObject([
      { writes: [{ type: 'machine', record: { claim: 'm', index: 0 } }] },
      { writes: [{ type: 'volume', record: { claim: 's', place: 'v' } }] },
    ]);
  });

  test('drops those of a machine that is wanted anew', () => {
    const claim = machines('m');
    const copy = claimCopy({ claims: [claim] });
    copy.setClaim({ ...claim, machines: machineWish('m').machines });
    expect(changes({ actions: claimChanges(copy) }, 'document')).toMatchObject([
      {
        reason: 'machine 0 of m: is dropped',
        writes: [{ type: 'drop', name: { kind: 'machine', owner: 'm', index: 0 } }],
      },
    ]);
    const volume = storage('s', 'za');
    const other = claimCopy({ claims: [volume] });
    other.setClaim({ ...volume, volume: storageWish('s').volume });
    expect(changes({ actions: claimChanges(other) }, 'document')).toMatchObject([
      {
        reason: 'volume v of s: is dropped',
        writes: [{ type: 'drop', name: { kind: 'volume', owner: 's', place: 'v' } }],
      },
    ]);
  });

  test('of one volume that passes from a claim to those that are kept is one', () => {
    const claim = storage('s', 'za');
    const copy = claimCopy({ claims: [claim] });
    copy.setClaim({ ...claim, volume: claim.volume && { ...claim.volume, state: 'kept' } });
    copy.setKept(keptVolume('vol-s'));
    const [change, ...others] = changes({ actions: claimChanges(copy) }, 'document');
    expect(others).toEqual([]);
    expect(change?.reason).toBe('kept volume vol-s: is new; volume v of s: state changed');
    expect(change?.writes).toMatchObject([
      { type: 'kept', record: { id: 'vol-s' } },
      { type: 'volume', record: { state: 'kept' } },
    ]);
  });

  test('of a kept volume that a claim takes over drops the one and writes the other; nothing of it is over', () => {
    const wanted = storageWish('s');
    const copy = claimCopy({ claims: [wanted], kept: [keptVolume('vol-k')] });
    copy.dropKept('vol-k');
    copy.setClaim({ ...wanted, volume: wanted.volume && { ...wanted.volume, state: 'there', volumeId: 'vol-k' } });
    expect(changes({ actions: claimChanges(copy) })).toMatchObject([
      {
        what: 'document',
        writes: [
          { type: 'drop', name: { kind: 'kept', id: 'vol-k' } },
          { type: 'volume', record: { volumeId: 'vol-k' } },
        ],
        gone: [],
      },
    ]);
  });

  test('of a kept volume is none of those that are gone', () => {
    const copy = claimCopy({ kept: [keptVolume('vol-k')] });
    copy.setKept(keptVolume('vol-k', { isGoing: true }));
    expect(changes({ actions: claimChanges(copy) })).toMatchObject([
      { what: 'document', reason: 'kept volume vol-k: isGoing changed', gone: [] },
    ]);
    copy.dropKept('vol-k');
    expect(changes({ actions: claimChanges(copy) })).toMatchObject([
      { what: 'kept-gone', reason: 'kept volume vol-k is gone', gone: [{ id: 'vol-k' }] },
    ]);
  });
});

describe('the change of a row', () => {
  const rowChange = (before: ClaimRecord, after: ClaimRecord, world: World = {}): readonly Change[] => {
    const copy = claimCopy({ claims: [before], ...world });
    copy.setClaim(after);
    return changes({ actions: claimChanges(copy) }, 'claim');
  };
  const entry = { atMs: nowMs, stage: 'active', code: 'x', message: 'is being started' };

  test('says what its timeline says now, or which fields differ', () => {
    const claim = storage('s', 'za');
    const said = { ...claim, reason: 'x', timeline: [...claim.timeline, entry] };
    expect(rowChange(claim, said)).toMatchObject([
      { reason: 's: is being started', writes: [{ type: 'claim', record: { id: 's' } }], restsOn: ['claim s'] },
    ]);
    expect(rowChange(claim, { ...claim, reason: 'x' })[0]?.reason).toBe('s: reason changed');
    expect(rowChange(claim, { ...claim, reason: 'x', timeline: [{ ...entry, atMs: 5 }] })[0]?.reason).toBe(
      's: reason, timeline changed',
    );
    expect(rowChange(claim, { ...claim, volume: claim.volume && { ...claim.volume, device: 'd' } })).toEqual([]);
  });

  test('needs the nodes that it was decided from', () => {
    const claim = storage('s', 'za');
    const copy = claimCopy({ claims: [claim] });
    copy.needNode('s', 'i-1');
    copy.setClaim({ ...claim, reason: 'x' });
    expect(changes({ actions: claimChanges(copy) }, 'claim')).toMatchObject([{ needs: ['node i-1'] }]);
  });

  test('is published where its lease ends', () => {
    const claim = storage('s', 'za', { leaseEndsAtMs: 5 });
    const copy = claimCopy({ claims: [claim, storage('s2', 'za')] });
    copy.leasesEnding.push('s');
    copy.setClaim({ ...claim, reason: 'x' });
    copy.setClaim(storage('s2', 'za', { reason: 'x' }));
    expect(changes({ actions: claimChanges(copy) }, 'claim').map((one) => one.events)).toEqual([
      [{ type: 'LeaseEnding', requestId: 's', tenant: 't', leaseEndsAtMs: 5 }],
      [],
    ]);
  });

  test('that takes a warm machine is in the pool’s activity', () => {
    const claim = machineWish('m');
    const taken = { ...entry, code: 'warm_taken', message: 'takes i-1 from the warm pool' };
    const [change] = rowChange(claim, { ...claim, timeline: [...claim.timeline, taken, entry] });
    expect(change?.activity).toEqual({ code: 'warm_taken', message: 'm takes i-1 from the warm pool', node: null });
    const old = { ...claim, timeline: [...claim.timeline, { ...taken, atMs: 5 }, entry] };
    expect(rowChange(claim, old)[0]?.activity).toBeNull();
  });

  describe('of a warm machine', () => {
    const warm = machineWish('w-1');
    const waits = (reason: string, more: Partial<ClaimRecord> = {}): readonly Change[] =>
      rowChange(warm, { ...warm, reason, timeline: [...warm.timeline, { ...entry, code: reason }], ...more });

    test.each(['no_capacity', 'limit_reached', 'constraints', 'account_limit', 'launch_refused'])(
      'that waits because of %s is in the pool’s activity alone: its document says the rest',
      (reason) => {
        expect(waits(reason)).toMatchObject([
          {
            writes: [],
            activity: { code: 'warm_waits', message: 'w-1, which is to be kept ready: is being started', node: null },
          },
        ]);
      },
    );

    test('is none where nobody need read it', () => {
      expect(waits('starting')).toEqual([]);
      expect(waits('no_capacity', { state: 'active' })).toEqual([]);
      expect(waits('no_capacity', { timeline: warm.timeline })).toEqual([]);
      const claim = machineWish('m');
      const waiting = { ...claim, reason: 'no_capacity', timeline: [...claim.timeline, entry] };
      expect(rowChange(claim, waiting)[0]?.activity).toBeNull();
    });

    test('that is new is a document', () => {
      const copy = claimCopy();
      copy.setClaim(warm);
      expect(claimChanges(copy)).toMatchObject([
        { what: 'document', reason: 'machine 0 of w-1: is new', writes: [{ type: 'machine', record: { id: 'w-1' } }] },
      ]);
    });
  });
});

describe('the end', () => {
  const ended = (claim: ClaimRecord): readonly Change[] => {
    const copy = claimCopy({ claims: [claim] });
    copy.setClaim({ ...claim, endedAtMs: nowMs });
    copy.ended.add(claim.id);
    return claimChanges(copy);
  };
  const over = machineWish('w-1', {}, { state: 'released', startedAtMs: 1 });

  test('of a warm machine drops its document', () => {
    const drop = { what: 'end', writes: [{ type: 'drop', name: { kind: 'machine', owner: 'w-1', index: 0 } }] };
    expect(ended(over)).toMatchObject([drop]);
    expect(ended({ ...over, state: 'failed' })).toMatchObject([drop]);
    expect(ended({ ...over, startedAtMs: null })).toMatchObject([drop]);
    // Nothing of it is kept as past, also where it had an instance.
    expect(ended(machines('w-1', {}, { state: 'released' }))).toMatchObject([drop]);
  });

  test('of one that could not be had leaves it, so that it is not asked for again at once', () => {
    expect(ended({ ...over, state: 'failed', startedAtMs: null })).toMatchObject([
      { what: 'end', reason: 'w-1 ends', writes: [{ type: 'machine', record: { id: 'w-1' } }] },
    ]);
  });

  test('of a claim writes its row as ended, and keeps what it had', () => {
    const all = ended(storage('s', 'za', { state: 'released' }));
    expect(all.map((one) => [one.what, one.reason])).toEqual([
      ['past', 's ends'],
      ['end', 's ends'],
    ]);
    expect(all[0]).toMatchObject({ writes: [{ type: 'past', record: { claim: 's', place: 'v' } }] });
    const last = { atMs: nowMs, stage: 'ended', code: 'released', message: 'nothing of it is left' };
    expect(ended(storage('s', 'za', { state: 'released', timeline: [last] })).at(-1)?.reason).toBe(
      's: nothing of it is left',
    );
  });

  test('of a note of a warm machine is a drop', () => {
    const copy = claimCopy();
    copy.droppedWarm.push('w-9');
    expect(claimChanges(copy)).toMatchObject([
      {
        what: 'left-over',
        reason: 'w-9 may be asked for again',
        writes: [{ type: 'drop', name: { kind: 'machine', owner: 'w-9', index: 0 } }],
      },
    ]);
  });
});

describe('the reason of a call', () => {
  const reasonOf = (call: ClaimCall, world: World = {}): string | undefined => {
    const copy = claimCopy(world);
    copy.calls.push(call);
    return claimCalls(copy)[0]?.reason;
  };
  const stop: ClaimCall = { kind: 'stop', request: 'm', ids: ['i-1'] };

  test('is the newest entry of its claim, or its state', () => {
    const timeline = [{ atMs: 1, stage: 'active', code: 'x', message: 'is being stopped' }];
    expect(reasonOf(stop, { claims: [machines('m', {}, { timeline })] })).toBe('m: is being stopped');
    expect(reasonOf(stop, { claims: [machines('m', {}, { timeline: [] })] })).toBe('m: active');
    expect(reasonOf(stop)).toBe('m: it has ended');
  });

  test('of several claims names the first, and how many others', () => {
    const terminate = (...requests: readonly string[]): ClaimCall => ({
      kind: 'terminate',
      machines: requests.map((request, n) => ({ id: `i-${String(n)}`, request })),
    });
    expect(reasonOf(terminate('m', 'm'))).toBe('m: it has ended');
    expect(reasonOf(terminate('m', 'n', 'o'))).toBe('m: it has ended; and 2 more claims');
  });

  test('of a kept volume, and of a group', () => {
    expect(reasonOf({ kind: 'delete-volume', request: null, volumeId: 'vol-k' })).toMatch(/^nobody .*kept volume/);
    const remove: ClaimCall = { kind: 'delete-group', group: 'g-n', groupId: 'sg-n' };
    expect(reasonOf(remove, { groups: [group('n', { state: 'deleting' })] })).toBe('group bellows-test-n is deleting');
    expect(reasonOf(remove)).toBe('group g-n is gone');
  });

  test('goes with what it rests on: its record, and nodes that its claim was decided from', () => {
    const copy = claimCopy();
    copy.needNode('m', 'i-1');
    copy.calls.push(
      stop,
      { kind: 'create-group', group: 'g-n' },
      { kind: 'delete-volume', request: null, volumeId: 'v' },
    );
    expect(claimCalls(copy).map((one) => one.restsOn)).toEqual([['claim m', 'node i-1'], ['group g-n'], ['kept v']]);
  });
});
