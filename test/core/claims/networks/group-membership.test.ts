// Which security groups a request is in, and how it moves from one to another.
import { describe, expect, test } from '@jest/globals';
import {
  machineWithoutGroups,
  decideMembership,
  forgetGoneSources,
  leaveOthers,
  referToGroups,
  sourceProblem,
  sourceRefusal,
} from '../../../../lib/core/claims/networks/group-membership.ts';
import { wishKey } from '../../../../lib/core/claims/networks/network-rules.ts';
import type { CallRefusal, ClaimRecord, MachineSpec } from '../../../../lib/core/records/claim.ts';
import type { GroupRecord } from '../../../../lib/core/records/security-group.ts';
import {
  callsOf,
  claimCopy,
  claimListing,
  group,
  lastEntry,
  machineLaunch,
  machines,
  machineWish,
  network,
  networkWish,
  nowMs,
  rule,
  seenMachine,
} from '../../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;
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

describe('an edit of rules', () => {
  const editing = network('n', {}, { wantedNetwork: other, reason: 'changing_rules' });

  test('waits for its group, then is in force', () => {
    const copy = claimCopy({ claims: [editing], groups: [group('n')] });
    decideMembership(copy);
    expect(copy.group('g-n')).toMatchObject({ wish: other, state: 'changing' });
    expect(lastEntry(copy, 'n')).toBe('changing_rules: waits for the security group sg-n to get its rules');
    const done = claimCopy({ claims: [editing], groups: [group('n', { wish: other })] });
    decideMembership(done);
    expect(done.claim('n')).toMatchObject({ wantedNetwork: null, reason: null, spec: { network: other } });
    expect(lastEntry(done, 'n')).toBe('rules_changed: its new rules are in force, in sg-n');
  });

  test('is taken back where EC2 refuses its group, or its rules name what is gone', () => {
    const refused = claimCopy({ claims: [editing], groups: [group('n', { wish: other, fault })] });
    decideMembership(refused);
    expect(refused.claim('n')).toMatchObject({ wantedNetwork: null, spec: { network: wish } });
    expect(
      refused
        .claim('n')
        ?.timeline.slice(-2)
        .map((one) => one.message),
    ).toEqual([
      'keeps its rules: EC2 refuses them: Bad: because',
      'waits for the security group sg-n to get its rules',
    ]);
    // It may have some of the refused rules: they go.
    expect(refused.group('g-n')).toMatchObject({ wish, state: 'changing', fault: null });
    const naming = networkWish({ ingress: [rule({ cidr: null, request: 'gone' })] });
    const gone = claimCopy({ claims: [{ ...editing, wantedNetwork: naming }], groups: [group('n')] });
    decideMembership(gone);
    expect(lastEntry(gone, 'n')).toMatch(/^edit_refused: keeps its rules: its rules name gone, which is no network/);
  });

  test('says why EC2 does not do it now, and until when', () => {
    const copy = claimCopy({
      claims: [editing],
      groups: [group('n', { wish: other, state: 'changing', refusals: [standing] })],
    });
    decideMembership(copy);
    expect(lastEntry(copy, 'n')).toBe('changing_rules: full');
    expect(copy.dueAtMs).toEqual([nowMs + 9]);
  });

  test('moves machines to the new group before the network leaves the old one', () => {
    const claims = [
      network('n', shared, { wantedNetwork: { ...other, sharing: 'share' } }),
      machines('m', { networkRequests: ['n'] }, { groupIds: ['sg-o'] }),
    ];
    const groups = [
      group('o', { shareKey, references: ['o', 'n', 'm'] }),
      group('new', { shareKey: `t ${wishKey(other)}`, wish: other, references: ['n'] }),
    ];
    const attaching = (groupIds: readonly string[]): ReturnType<typeof claimCopy> => {
      const listing = claimListing({ machines: [seenMachine('i-m-0', { groupIds })] });
      const copy = claimCopy({ claims, groups, listing });
      decideMembership(copy);
      return copy;
    };
    const before = attaching(['sg-o']);
    expect(callsOf(before)).toEqual(['set-groups i-m-0 sg-new']);
    expect(before.group('g-o')?.references).toContain('n');
    expect(lastEntry(before, 'n')).toBe('changing_rules: waits for m to have sg-new attached');
    const after = attaching(['sg-new']);
    expect(callsOf(after)).toEqual([]);
    expect(after.claim('m')).toMatchObject({ groupIds: ['sg-new'] });
    expect(lastEntry(after, 'm')).toBe('groups_changed: has sg-new attached');
  });
});

test('rules for a network that was released go from the group and from the request, which says so', () => {
  const gone = rule({ cidr: null, request: 'gone' });
  const naming = networkWish({ ingress: [rule(), gone] });
  const copy = claimCopy({
    claims: [network('n', naming, { networkBeforeEdits: naming }), network('early', naming, { startedAtMs: null })],
    groups: [group('n', { wish: naming }), group('x', { state: 'deleting', wish: naming })],
  });
  forgetGoneSources(copy);
  expect(copy.group('g-n')?.wish).toEqual(wish);
  expect(copy.group('g-x')?.wish).toEqual(naming);
  expect(copy.claim('n')).toMatchObject({ spec: { network: wish }, networkBeforeEdits: wish });
  expect(lastEntry(copy, 'n')).toBe('rules_gone: loses tcp 22 gone: the other side was released');
  expect(copy.claim('early')).toMatchObject({ spec: { network: naming } });
});

describe('rules that name another request', () => {
  const naming = networkWish({ ingress: [rule({ cidr: null, request: 'o' })] });
  const problem = (world: World): ReturnType<typeof sourceProblem> =>
    sourceProblem(claimCopy(world), network('n'), naming);

  test('can be applied where that is a network of the tenant', () => {
    expect(problem({ claims: [network('o')] })).toBeNull();
    expect(problem({ claims: [network('o', {}, { state: 'pending' })], groups: [group('o')] })).toBeNull();
    expect(sourceProblem(claimCopy(), network('n'), wish)).toBeNull();
  });

  test('cannot where it is gone, or is another tenant’s', () => {
    expect(problem({})).toEqual({
      code: 'reference_gone',
      message: expect.stringMatching(/^its rules name o, which is no network request of this tenant and pool, or is /),
    });
    expect(problem({ claims: [network('o', {}, { tenant: 'u' })] })?.code).toBe('reference_gone');
  });

  test('cannot where EC2 refuses the group of its own', () => {
    const world = (of: Partial<GroupRecord>): World => ({ claims: [network('o')], groups: [group('o', of)] });
    expect(problem(world({ fault }))).toEqual({
      code: 'Bad',
      message: 'its rules name o, which gets no group of its own: because',
    });
    expect(problem(world({ fault, owner: 'x' }))).toBeNull();
  });

  test('wait while EC2 does not make its group now', () => {
    const refusal = (of: Partial<GroupRecord>): CallRefusal | null =>
      sourceRefusal(claimCopy({ groups: [group('o', { state: 'creating', refusals: [standing], ...of })] }), naming);
    expect(refusal({})).toBe(standing);
    expect(refusal({ state: 'active' })).toBeNull();
    expect(refusal({ owner: 'x' })).toBeNull();
    expect(refusal({ refusals: [{ ...standing, nextTryAtMs: nowMs }] })).toBeNull();
    expect(refusal({ references: ['x'] })).toBeNull();
  });
});

describe('the group that a network is in', () => {
  const decide = (claim: ClaimRecord, groups: readonly GroupRecord[], world: World = {}): Copy => {
    const copy = claimCopy({ ...world, claims: [claim, ...(world.claims ?? [])], groups });
    decideMembership(copy);
    return copy;
  };

  test('stays: nothing changes', () => {
    const copy = decide(network('n'), [group('n')]);
    expect([copy.changedClaims(), copy.changedGroups(), copy.isMoving]).toEqual([[], [], false]);
  });

  test('is noted on the request, and the reason goes', () => {
    expect(decide(network('n', {}, { groupIds: [] }), [group('n')]).claim('n')?.groupIds).toEqual(['sg-n']);
    expect(decide(network('n', {}, { reason: 'changing_rules' }), [group('n')]).claim('n')?.reason).toBeNull();
    const other_ = decide(network('n', {}, { reason: 'other' }), [group('n')]);
    expect(other_.changedClaims()).toEqual([]);
  });

  test('that EC2 refuses is left as it is', () => {
    const copy = decide(network('n'), [group('n', { fault })]);
    expect([copy.changedClaims(), copy.isMoving]).toEqual([[], false]);
  });

  test('that is not made yet is waited for, by its name', () => {
    const copy = decide(network('n'), [group('n', { state: 'creating', groupId: null })]);
    expect(lastEntry(copy, 'n')).toBe('changing_rules: waits for the security group bellows-test-n to get its rules');
    expect(copy.isMoving).toBe(true);
    expect(decide(network('n'), [group('n', { groupId: null })]).claim('n')?.reason).toBe('changing_rules');
  });

  test('is decided for active networks alone', () => {
    for (const state of ['pending', 'releasing'] as const)
      expect(decide(network('n', {}, { state }), []).changedGroups()).toEqual([]);
  });

  test('replaces one without machines: the network leaves that at once, and its own end waits for it', () => {
    const old = group('x', { owner: 'n', id: 'g-old', references: ['n'], wish: other });
    const copy = decide(network('n', {}, { waitsForGroups: ['g-old-2', 'g-n'] }), [group('n'), old]);
    expect(copy.group('g-old')).toMatchObject({ references: [], state: 'deleting' });
    expect(copy.claim('n')?.waitsForGroups).toEqual(['g-n', 'g-old']);
    expect(copy.isMoving).toBe(true);
  });
});

describe('an edit that is taken back', () => {
  test('leaves another reason', () => {
    const naming = networkWish({ ingress: [rule({ cidr: null, request: 'gone' })] });
    const claim = network('n', {}, { wantedNetwork: naming, reason: 'changing_rules' });
    const copy = claimCopy({ claims: [claim], groups: [group('n')] });
    decideMembership(copy);
    expect(copy.claim('n')).toMatchObject({ wantedNetwork: null, reason: null });
    expect(copy.claim('n')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'active' });
    expect(copy.isMoving).toBe(true);
    const busy = claimCopy({ claims: [{ ...claim, reason: 'other' }], groups: [group('n')] });
    decideMembership(busy);
    expect(busy.claim('n')?.reason).toBe('other');
  });
});

describe('the groups of machines', () => {
  const use = { networkRequests: ['n'] };
  const attached = (...groupIds: readonly string[]): World => ({
    listing: claimListing({ machines: [seenMachine('i-m-0', { groupIds })] }),
  });
  const decide = (claims: readonly ClaimRecord[], groups: readonly GroupRecord[], world: World = {}): Copy => {
    const copy = claimCopy({ ...world, claims, groups });
    decideMembership(copy);
    return copy;
  };
  const both = group('n', { references: ['n', 'm'] });

  test('stay: nothing changes', () => {
    const copy = decide([network('n'), machines('m', use, { groupIds: ['sg-n'] })], [both], attached('sg-n'));
    expect([copy.calls, copy.changedClaims(), copy.changedGroups(), copy.isMoving]).toEqual([[], [], [], false]);
  });

  test('are those of their own rules and of the networks that they use, which they refer to', () => {
    const own = machines('m', { ...use, network: other });
    const copy = claimCopy({ claims: [network('n'), own], groups: [group('n')] });
    const wanted = referToGroups(copy, own, own.spec as MachineSpec);
    expect(wanted.map((one) => [one.id, one.references])).toEqual([
      ['g-m:n1', ['m']],
      ['g-n', ['n', 'm']],
    ]);
  });

  test('are not those of a network that is gone, or whose group EC2 refuses after the grant', () => {
    const one = machines('m', use);
    const ids = (claim: ClaimRecord, world: World): readonly string[] =>
      referToGroups(claimCopy(world), claim, claim.spec as MachineSpec).map((each) => each.id);
    expect(ids(one, {})).toEqual([]);
    const refused = { claims: [network('n')], groups: [group('n', { fault })] };
    expect(ids(one, refused)).toEqual([]);
    expect(ids({ ...one, startedAtMs: null }, refused)).toEqual(['g-n']);
  });

  test('that are new are attached first; the request says so once they are', () => {
    const active = machines('m', use, { groupIds: [] });
    const before = decide([network('n'), active], [both], attached());
    expect(before.calls).toEqual([{ kind: 'set-groups', request: 'm', instanceId: 'i-m-0', groupIds: ['sg-n'] }]);
    expect([before.claim('m'), before.isMoving]).toEqual([active, true]);
    const after = decide([network('n'), active], [both], attached('sg-n'));
    expect(after.claim('m')?.groupIds).toEqual(['sg-n']);
    expect(after.claim('m')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'active', code: 'groups_changed' });
    expect(after.calls).toEqual([]);
  });

  test('are not asked for of a machine that is not listed, or not there', () => {
    const missing = decide([network('n'), machines('m', use)], [both]);
    expect([missing.calls, missing.claim('m')?.groupIds]).toEqual([[], []]);
    const one = machines('m', use);
    const gone = { ...one, machines: one.machines.map((part) => ({ ...part, state: 'gone' as const })) };
    expect(decide([network('n'), gone], [both], attached()).claim('m')?.groupIds).toEqual(['sg-n']);
  });

  test('that are not made yet are waited for', () => {
    const creating = { ...both, state: 'creating', groupId: null } as const;
    const copy = decide([network('n'), machines('m', use)], [creating], attached());
    expect([copy.calls, copy.claim('m')?.groupIds, copy.isMoving]).toEqual([[], [], true]);
  });

  test('that do not have their rules yet are not attached: a machine must not lose rules by the move', () => {
    const changing = { ...both, state: 'changing' } as const;
    const copy = decide([network('n'), machines('m', use)], [changing], attached('sg-x'));
    expect([copy.calls, copy.claim('m')?.groupIds, copy.isMoving]).toEqual([[], [], true]);
  });

  test('of which one does not have its rules yet: the reason stays', () => {
    const two = { networkRequests: ['n', 'a'] };
    const waits = machines('m', two, { groupIds: ['sg-a', 'sg-n'], reason: 'changing_rules' });
    const other_ = group('a', { references: ['a', 'm'], state: 'changing' });
    const copy = decide([network('n'), network('a'), waits], [both, other_], attached('sg-a', 'sg-n'));
    expect(copy.claim('m')?.reason).toBe('changing_rules');
  });

  test('that left: the reason stays until the groups are active', () => {
    const waits = machines('m', use, { groupIds: ['sg-n'], reason: 'changing_rules' });
    expect(decide([network('n'), waits], [both], attached('sg-n')).claim('m')?.reason).toBeNull();
    const changing = { ...both, state: 'changing' } as const;
    expect(decide([network('n'), waits], [changing], attached('sg-n')).claim('m')?.reason).toBe('changing_rules');
  });

  describe('with rules of their own that are edited', () => {
    const editing = machines('m', { network: wish }, { wantedNetwork: other, groupIds: ['sg-m'] });
    const new_ = group('new', { id: 'g-new', owner: 'm', references: ['m'], wish: other });

    test('say what they wait for', () => {
      const creating = { ...new_, state: 'creating', groupId: null } as const;
      const copy = decide([editing], [group('m'), creating], attached('sg-m'));
      expect(lastEntry(copy, 'm')).toBe(
        'changing_rules: waits for the security group bellows-test-new to get its rules',
      );
      const made = decide([editing], [group('m'), new_], attached('sg-m'));
      expect(lastEntry(made, 'm')).toMatch(/^changing_rules: waits for its machines to have sg-new attached$/);
      expect(callsOf(made)).toEqual(['set-groups i-m-0 sg-new']);
      expect(made.group('g-m')?.references).toEqual(['m']);
    });

    test('leave the old group once EC2 shows them in the new one, and the rules are in force', () => {
      const moved = { ...editing, groupIds: ['sg-new'] };
      const copy = decide([moved], [group('m'), new_], attached('sg-new'));
      expect(copy.group('g-m')).toMatchObject({ references: [], state: 'deleting' });
      expect(copy.claim('m')).toMatchObject({
        wantedNetwork: null,
        spec: { network: other },
        groupIds: ['sg-new'],
        waitsForGroups: ['g-m'],
      });
      expect(lastEntry(copy, 'm')).toBe('rules_changed: its new rules are in force, in sg-new');
    });
  });

  describe('before the grant', () => {
    const pending = machines('m', use, { state: 'pending', startedAtMs: null, groupIds: [] });
    const old = group('old', { owner: 'n', references: ['n', 'm'], wish: other });

    test('are left alone while a launch is open: it is repeated with the groups of its day', () => {
      const world = { ...attached('sg-old'), launches: [machineLaunch('l', 'm')] };
      const copy = decide([network('n'), pending], [both, old], world);
      expect([copy.calls, copy.group('g-old')?.references.includes('m')]).toEqual([[], true]);
    });

    test('are left where no machine is there yet', () => {
      const none = machineWish('m', use, { groupIds: [] });
      const copy = decide([network('n'), none], [both, old]);
      expect(copy.group('g-old')?.references).toEqual([]);
      expect(copy.claim('m')?.waitsForGroups).toEqual(['g-old']);
    });

    test('are changed on machines that are there, and then left', () => {
      const before = decide([network('n'), pending], [both, old], attached('sg-old'));
      expect(callsOf(before)).toEqual(['set-groups i-m-0 sg-n']);
      expect(before.group('g-old')?.references).toEqual(['n', 'm']);
      const after = decide([network('n'), pending], [both, old], attached('sg-n'));
      expect([callsOf(after), after.group('g-old')?.references]).toEqual([[], []]);
      expect(after.claim('m')?.timeline).toEqual(pending.timeline);
    });

    test('are not left while one of its machines is there, though another is still to be launched', () => {
      const [first, second] = machineWish('m', { ...use, count: 2 }).machines;
      const there = pending.machines[0];
      if (!first || !second || !there) throw new Error('two machines');
      const half = { ...pending, spec: { ...pending.spec, count: 2 }, machines: [there, second] };
      const copy = decide([network('n'), half], [both, old], attached('sg-old'));
      expect(copy.group('g-old')?.references).toEqual(['n', 'm']);
      expect(callsOf(copy)).toEqual(['set-groups i-m-0 sg-n']);
    });

    test('are none of a request that refers to no group', () => {
      const copy = decide([network('n'), machineWish('m', use)], [group('n')]);
      expect(copy.group('g-n')?.references).toEqual(['n']);
    });
  });

  test('are attached in the order of their ids; without any, what the VPC gives stays', () => {
    const two = machines('m', { networkRequests: ['n', 'a'] });
    const bare = (groups: readonly GroupRecord[], world: World): string | null =>
      machineWithoutGroups(
        claimCopy({ claims: [network('n'), network('a')], groups, ...world }),
        two,
        two.spec as MachineSpec,
      );
    const groups = [both, group('a', { references: ['a', 'm'] })];
    expect(bare(groups, attached('sg-a', 'sg-n'))).toBeNull();
    expect(bare(groups, attached('sg-n', 'sg-a'))).toBe('i-m-0');
    const alone = machines('m');
    expect(machineWithoutGroups(claimCopy(), alone, alone.spec as MachineSpec)).toBeNull();
  });

  test('of a network that is gone stay: nothing took their place', () => {
    const claim = machines('m', use, { groupIds: ['sg-n'] });
    const copy = decide([claim], [group('n', { references: ['m'] })], attached('sg-n'));
    expect([copy.calls, copy.group('g-n')?.references]).toEqual([[], ['m']]);
  });
});

test('a network names the machines that still have its old group, five at most', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const old = group('old', { owner: 'n', references: ['n', ...ids], wish: other });
  const claims = [network('n'), ...ids.map((id) => machines(id, { networkRequests: ['n'] }))];
  const copy = claimCopy({ claims, groups: [group('n', { references: ['n', ...ids] }), old] });
  decideMembership(copy);
  expect(lastEntry(copy, 'n')).toMatch(/^changing_rules: waits for a, b, c, d, e to have sg-n attached$/);
  expect(copy.isMoving).toBe(true);
  const leaving = new Map([['a', new Set(['g-old'])]]);
  expect(leaveOthers(copy, network('n'), group('n'), leaving)).toEqual(['a']);
  expect(leaveOthers(copy, network('n'), group('n'), new Map())).toEqual([]);
  expect(copy.group('g-old')?.references).toEqual(ids);
});

test('rules whose other side is gone are named, five at most; what is not granted keeps them', () => {
  const gone = Array.from({ length: 6 }, (_, n) => rule({ cidr: null, request: `g${String(n)}` }));
  const naming = networkWish({ ingress: gone });
  const forget = (claim: ClaimRecord): Copy => {
    const copy = claimCopy({ claims: [claim] });
    forgetGoneSources(copy);
    return copy;
  };
  const copy = forget(network('n', naming));
  expect(lastEntry(copy, 'n')).toMatch(
    /^rules_gone: loses tcp 22 g0, tcp 22 g1, tcp 22 g2, tcp 22 g3, tcp 22 g4 and 1 more: the other side was /,
  );
  expect(copy.claim('n')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'active' });
  expect(copy.claim('n')).not.toHaveProperty('networkBeforeEdits');
  expect(copy.isMoving).toBe(true);
  const machine = forget(machines('m', { network: naming }));
  expect(machine.claim('m')?.spec).toMatchObject({ network: { ingress: [] } });
  for (const claim of [
    network('n', naming, { state: 'releasing' }),
    network('n', naming, { startedAtMs: null }),
    network('n'),
    machines('m'),
  ]) {
    const same = forget(claim);
    expect([same.claim(claim.id), same.isMoving]).toEqual([claim, false]);
  }
});

test('a shared group of other rules gets another share key with them', () => {
  const gone = rule({ cidr: null, request: 'gone' });
  const naming = networkWish({ ingress: [rule(), gone], sharing: 'share' });
  const copy = claimCopy({ groups: [group('n', { wish: naming, shareKey: `t ${wishKey(naming)}` })] });
  forgetGoneSources(copy);
  expect(copy.group('g-n')?.shareKey).toBe(`t ${wishKey(networkWish())}`);
  const same = claimCopy({ groups: [group('n')] });
  forgetGoneSources(same);
  expect(same.changedGroups()).toEqual([]);
});
