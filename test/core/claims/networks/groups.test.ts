// Security groups: which one a request gets, each step to what its document says, and moves from one to another.
import { describe, expect, test } from '@jest/globals';
import {
  acquireGroup,
  decideGroups,
  isLiveNetwork,
  referTo,
  releaseGroup,
} from '../../../../lib/core/claims/networks/groups.ts';
import { openEgress, wantedPermissions, wishKey } from '../../../../lib/core/claims/networks/network-rules.ts';
import type { PermissionRule } from '../../../../lib/core/records/security-group.ts';
import type { SeenGroup } from '../../../../lib/core/plan/listing.ts';
import type { CallRefusal } from '../../../../lib/core/records/claim.ts';
import type { GroupRecord, NetworkWish } from '../../../../lib/core/records/security-group.ts';
import { localDecisionSettings } from '../../../../lib/core/values/settings.ts';
import {
  callsOf,
  claimCopy,
  claimListing,
  group,
  lastEntry,
  machines,
  network,
  networkWish,
  nowMs,
  rule,
} from '../../builders.ts';

const { listingsApartMs } = localDecisionSettings;
const wish = networkWish();
const shareKey = `t ${wishKey(wish)}`;
const shared = { sharing: 'share' } as const;
const other = networkWish({ ingress: [rule({ fromPort: 80, toPort: 80 })] });
const fault = { code: 'Bad', message: 'because' };
const standing: CallRefusal = {
  about: '*',
  times: 1,
  nextTryAtMs: nowMs + 9,
  reason: 'account_limit',
  message: 'full',
};

/** As EC2 shows the group when it has its rules, but for what is said. */
function seenGroup(owner: string, rules: readonly PermissionRule[] = permissions(wish)): SeenGroup {
  return { id: `sg-${owner}`, name: `bellows-test-${owner}`, rules };
}

function permissions(one: NetworkWish): readonly PermissionRule[] {
  return wantedPermissions(one, (request) => [`sg-${request}`]);
}

describe('the group of a request’s rules', () => {
  test('is a new one of its own', () => {
    const n = network('n', {}, { startedAtMs: null });
    const copy = claimCopy({ claims: [n] });
    const made = acquireGroup(copy, n, wish);
    expect(made).toEqual(group('n', { state: 'creating', groupId: null, createdAtMs: nowMs, name: 'bellows-test-n' }));
    expect(acquireGroup(copy, n, wish)).toBe(made);
    expect(copy.changedGroups()).toEqual([made]);
  });

  test('has another name once the request was granted, or had one before', () => {
    const [granted, again] = [network('n'), network('n', {}, { startedAtMs: null })];
    expect(acquireGroup(claimCopy({ claims: [granted] }), granted, wish).id).toBe('g-n:n1');
    const old = group('n', { state: 'deleting', references: [] });
    expect(acquireGroup(claimCopy({ claims: [again], groups: [old] }), again, wish).id).toBe('g-n:n1');
  });

  test('is one that others share, where the wish allows it', () => {
    const n = network('n', shared);
    const of = (more: Partial<GroupRecord>, tenant = 't'): GroupRecord =>
      acquireGroup(
        claimCopy({ claims: [n], groups: [group('o', { shareKey, ...more })] }),
        { ...n, tenant },
        networkWish(shared),
      );
    expect(of({})).toMatchObject({ id: 'g-o', references: ['o', 'n'] });
    expect(of({}, 'u').id).toBe('g-n:n1');
    expect(of({ state: 'deleting' }).id).toBe('g-n:n1');
    expect(of({ fault }).id).toBe('g-n:n1');
    expect(of({ shareKey: null }).id).toBe('g-n:n1');
    const many = Array.from({ length: 2_000 }, (_, at) => `r-${String(at)}`);
    expect(of({ references: many }).id).toBe('g-n:n1');
    expect(of({ references: many.slice(1) }).id).toBe('g-o');
  });

  test('is its own as soon as other requests’ rules name it', () => {
    const n = network('n', shared);
    const namer = network('m', { ingress: [rule({ cidr: null, request: 'n' })] });
    const groups = [group('o', { shareKey, references: ['o', 'n'] })];
    expect(acquireGroup(claimCopy({ claims: [n, namer], groups }), n, networkWish(shared))).toMatchObject({
      id: 'g-n:n1',
      shareKey: null,
    });
    const leaving = { ...namer, state: 'releasing' } as const;
    expect(acquireGroup(claimCopy({ claims: [n, leaving], groups }), n, networkWish(shared)).id).toBe('g-o');
  });

  test('is its present one with other rules, where nobody else has it', () => {
    const n = network('n');
    const changed = acquireGroup(claimCopy({ claims: [n], groups: [group('n')] }), n, other);
    expect(changed).toMatchObject({ id: 'g-n', wish: other, state: 'changing' });
    const early = group('n', { state: 'creating', fault });
    expect(acquireGroup(claimCopy({ claims: [n], groups: [early] }), n, other)).toMatchObject({
      state: 'creating',
      fault: null,
    });
  });

  test('is not its present one where others have it, or the rules of both do not fit', () => {
    const n = network('n', shared);
    const used = group('n', { shareKey, references: ['n', 'o'] });
    expect(acquireGroup(claimCopy({ claims: [n], groups: [used] }), n, other).id).toBe('g-n:n1');
    const wide = networkWish({ ingress: Array.from({ length: 60 }, (_, at) => rule({ fromPort: at, toPort: 99 })) });
    expect(acquireGroup(claimCopy({ claims: [n], groups: [group('n')] }), n, wide).id).toBe('g-n:n1');
  });

  test('changes with the machines that use it as their network', () => {
    const n = network('n', shared);
    const user = machines('m', { networkRequests: ['n'] });
    const groups = [group('n', { shareKey, references: ['n', 'm'] })];
    expect(acquireGroup(claimCopy({ claims: [n, user], groups }), n, other)).toMatchObject({ id: 'g-n', wish: other });
    // One that has the same rules for itself keeps them.
    const own = machines('m', { networkRequests: ['n'], network: networkWish(shared) });
    expect(acquireGroup(claimCopy({ claims: [n, own], groups }), n, other).id).toBe('g-n:n1');
  });
});

describe('references', () => {
  test('are taken once, and the last one that goes begins the deletion', () => {
    const [n, m] = [network('n'), network('m')];
    const copy = claimCopy({ claims: [n, m], groups: [group('n')] });
    const both = referTo(copy, m, group('n'));
    expect(both.references).toEqual(['n', 'm']);
    expect(referTo(copy, m, both)).toBe(both);
    releaseGroup(copy, n, both);
    expect(copy.group('g-n')).toMatchObject({ references: ['m'], state: 'active' });
    releaseGroup(copy, m, copy.group('g-n') ?? both);
    expect(copy.group('g-n')).toMatchObject({ references: [], state: 'deleting' });
  });

  test.each([
    ['a pending network', network('n', {}, { state: 'pending' }), true],
    ['an active one', network('n'), true],
    ['one that is released', network('n', {}, { state: 'releasing' }), false],
    ['another tenant’s', network('n', {}, { tenant: 'u' }), false],
    ['a machine', machines('n'), false],
  ])('may name %s: %s', (_what, claim, isLive) => {
    expect(isLiveNetwork(claimCopy({ claims: [claim] }), 't', 'n')).toBe(isLive);
    expect(isLiveNetwork(claimCopy(), 't', 'n')).toBe(false);
  });
});

describe('a group’s next step', () => {
  function step(one: GroupRecord, seen: readonly SeenGroup[] | null): ReturnType<typeof claimCopy> {
    const listing = seen && claimListing({ groups: seen });
    const copy = claimCopy({ claims: [network('n')], groups: [one], listing });
    decideGroups(copy);
    return copy;
  }
  const unmade = group('n', { state: 'creating', groupId: null });
  const creating = group('n', { state: 'creating' });

  test('is to be made, once EC2 is listed', () => {
    expect(callsOf(step(unmade, []))).toEqual(['create-group g-n']);
    expect(callsOf(step(unmade, null))).toEqual([]);
    expect(step(unmade, null).isMoving).toBe(true);
  });

  test('is found by its name', () => {
    const copy = step(unmade, [seenGroup('n')]);
    expect(callsOf(copy)).toEqual([]);
    expect(copy.group('g-n')).toMatchObject({ groupId: 'sg-n', state: 'creating' });
  });

  test('is to get its rules; what EC2 put in and nobody wished goes first while it has no members', () => {
    const closed = group('n', { state: 'creating', wish: networkWish({ egress: [] }) });
    const copy = step(closed, [seenGroup('n', openEgress.slice(0, 1))]);
    expect(copy.calls.map((call) => [call.kind, 'rules' in call ? call.rules : []])).toEqual([
      ['revoke', openEgress.slice(0, 1)],
      ['authorize', permissions(networkWish({ egress: [] }))],
    ]);
    expect(copy.isMoving).toBe(true);
  });

  test('is active when its rules are there, and what was refused is forgotten', () => {
    const copy = step({ ...creating, refusals: [{ ...standing, nextTryAtMs: nowMs }] }, [seenGroup('n')]);
    expect(copy.group('g-n')).toEqual(group('n'));
    expect(callsOf(copy)).toEqual([]);
  });

  test('is none where it is as it shall be, is refused for good, or does not show yet', () => {
    const calm = step(group('n'), [seenGroup('n')]);
    expect([callsOf(calm), calm.changedGroups(), calm.isMoving]).toEqual([[], [], false]);
    const refused = step({ ...unmade, fault }, []);
    expect([callsOf(refused), refused.isMoving]).toEqual([[], false]);
    expect([callsOf(step(creating, [])), step(creating, []).isMoving]).toEqual([[], true]);
    expect(step(group('n'), []).isMoving).toBe(false);
  });

  test('waits while EC2 refuses it for what passes', () => {
    const copy = step({ ...unmade, refusals: [standing] }, []);
    expect([callsOf(copy), copy.dueAtMs]).toEqual([[], [nowMs + 9]]);
    expect(step(group('n', { refusals: [standing] }), [seenGroup('n')]).dueAtMs).toEqual([]);
  });

  test('with members is to get what is new before the old goes', () => {
    const changing = group('n', { state: 'changing', wish: other });
    const copy = step(changing, [seenGroup('n')]);
    expect(copy.calls.map((call) => call.kind)).toEqual(['authorize']);
    const both = [...permissions(other), ...permissions(wish)];
    expect(step(changing, [seenGroup('n', both)]).calls.map((call) => call.kind)).toEqual(['revoke']);
  });

  test('takes the old away first where both do not fit', () => {
    const full = Array.from({ length: 60 }, (_, at) => rule({ fromPort: at, toPort: at }));
    const changing = group('n', { state: 'changing', wish: other });
    const copy = step(changing, [seenGroup('n', permissions(networkWish({ ingress: full })))]);
    expect(copy.calls.map((call) => call.kind)).toEqual(['revoke', 'authorize']);
  });

  test('puts back what is missing, and the request says so', () => {
    const copy = step(group('n'), [seenGroup('n', openEgress)]);
    expect(copy.calls.map((call) => call.kind)).toEqual(['authorize']);
    expect(copy.group('g-n')?.state).toBe('changing');
    expect(lastEntry(copy, 'n')).toBe(
      'rules_missing: EC2 does not show in tcp 22-22 10.0.0.0/8 in sg-n any more; it is put back',
    );
  });

  test('waits for the group of a network that its rules name', () => {
    const naming = networkWish({ ingress: [rule({ cidr: null, request: 'o' })] });
    const world = (groups: readonly GroupRecord[]): ReturnType<typeof claimCopy> => {
      const listing = claimListing({ groups: [seenGroup('n', permissions(networkWish({ ingress: [] })))] });
      const copy = claimCopy({ claims: [network('n', naming), network('o')], groups, listing });
      decideGroups(copy);
      return copy;
    };
    const mine = group('n', { state: 'creating', wish: naming });
    expect(world([mine]).group('g-n')?.state).toBe('creating');
    expect(callsOf(world([mine, group('o')]))[0]).toMatch(/^authorize sg-n .*"groupId":"sg-o"/);
  });

  test('is to be deleted, until two listings far enough apart lack it', () => {
    const deleting = group('n', { state: 'deleting', references: [] });
    expect(callsOf(step(deleting, [seenGroup('n')]))).toEqual(['delete-group g-n']);
    const first = step(deleting, []);
    expect([callsOf(first), first.group('g-n')?.missingSinceMs]).toEqual([['delete-group g-n'], nowMs]);
    const since = (ms: number): GroupRecord | undefined =>
      step({ ...deleting, missingSinceMs: nowMs - ms }, []).group('g-n');
    expect(since(listingsApartMs - 1)).toBeDefined();
    expect(since(listingsApartMs)).toBeUndefined();
    const found = step({ ...deleting, groupId: null, missingSinceMs: 5 }, [seenGroup('n')]);
    expect(found.group('g-n')).toMatchObject({ groupId: 'sg-n', missingSinceMs: null });
    expect(step({ ...deleting, groupId: null }, null).calls).toEqual([]);
  });
});
