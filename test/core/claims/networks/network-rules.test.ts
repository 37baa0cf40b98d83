// Rules of security groups: when two are the same, what differs, what is open to all, and whose edits a wish undoes.
import { describe, expect, test } from '@jest/globals';
import {
  differences,
  fitTogether,
  isOpenToWorld,
  isPublic,
  openEgress,
  permissionKey,
  refersToRequests,
  ruleText,
  rulesPerDirectionMax,
  takenBack,
  wantedPermissions,
  wishesOf,
  wishKey,
  withoutSources,
} from '../../../../lib/core/claims/networks/network-rules.ts';
import type { PermissionRule } from '../../../../lib/core/records/security-group.ts';
import type { NetworkRule } from '../../../../lib/core/records/security-group.ts';
import { network, networkWish, rule, storage } from '../../builders.ts';

const permission = (more: Partial<PermissionRule> = {}): PermissionRule => ({
  isEgress: false,
  protocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidr: '10.0.0.0/8',
  groupId: null,
  ...more,
});
const port = (fromPort: number): NetworkRule => rule({ fromPort, toPort: fromPort });
const ports = (count: number, from = 1): readonly NetworkRule[] =>
  Array.from({ length: count }, (_, n) => port(from + n));

describe('a permission’s key', () => {
  test.each([
    ['in tcp 22-22 10.0.0.0/8', {}],
    ['in tcp 22-22 10.0.0.0/8', { cidr: '10.1.2.3/8' }],
    ['out tcp 22-22 10.0.0.0/8', { isEgress: true }],
    ['in tcp 22-23 10.0.0.0/8', { toPort: 23 }],
    ['in udp 22-22 sg-1', { protocol: 'udp', cidr: null, groupId: 'sg-1' }],
    ['in -1  10.0.0.0/8', { protocol: '-1', fromPort: 0, toPort: 65_535 }],
    ['in tcp 22-22 pl-1', { cidr: 'pl-1' }],
    ['in tcp 22-22 ', { cidr: null }],
  ])('is %j', (key, more) => {
    expect(permissionKey(permission(more))).toBe(key);
  });
});

describe('the permissions that a wish means', () => {
  const nobody = (): readonly string[] => [];

  test('let everything leave unless it says what may', () => {
    expect(wantedPermissions(networkWish(), nobody)).toEqual([permission(), ...openEgress]);
    expect(wantedPermissions(networkWish({ ingress: [], egress: [] }), nobody)).toEqual([]);
    expect(wantedPermissions(networkWish({ ingress: [], egress: [rule()] }), nobody)).toEqual([
      permission({ isEgress: true }),
    ]);
  });

  test('name each group of the other side, and none where it has none', () => {
    const wish = networkWish({ ingress: [rule({ cidr: null, request: 'r-2' })], egress: [] });
    const named = wantedPermissions(wish, (request) => [`sg-a-${request}`, `sg-b-${request}`]);
    expect(named.map((one) => [one.cidr, one.groupId])).toEqual([
      [null, 'sg-a-r-2'],
      [null, 'sg-b-r-2'],
    ]);
    expect(wantedPermissions(wish, nobody)).toEqual([]);
  });
});

test('two sets differ in what is missing and what is too much, however networks are written', () => {
  const [a, b, c] = [permission(), permission({ fromPort: 1 }), permission({ isEgress: true })];
  expect(differences([a, b, b], [permission({ cidr: '10.9.9.9/8' }), c])).toEqual({ missing: [b], extra: [c] });
  expect(differences([a], [a, a])).toEqual({ missing: [], extra: [] });
});

describe('open to the world', () => {
  test('is a rule for every address, not one for another request', () => {
    expect(isOpenToWorld(rule({ cidr: '0.0.0.0/0' }))).toBe(true);
    expect(isOpenToWorld(rule())).toBe(false);
    expect(isOpenToWorld(rule({ cidr: null, request: 'r-2' }))).toBe(false);
  });

  test('is a wish by what may come in, not by what may leave', () => {
    expect(isPublic(networkWish({ ingress: [rule(), rule({ cidr: '::/0' })] }))).toBe(true);
    expect(isPublic(networkWish({ egress: [rule({ cidr: '0.0.0.0/0' })] }))).toBe(false);
  });
});

describe('a wish’s key', () => {
  test('is the same whatever the order and the repeats', () => {
    const one = networkWish({ ingress: [port(1), port(2)] });
    const other = networkWish({ ingress: [port(2), port(1)] });
    expect(wishKey(other)).toBe(wishKey(one));
    expect(wishKey(networkWish({ ingress: [port(1), port(2), port(1)] }))).toBe(wishKey(one));
    expect(wishKey(one)).toBe(wishKey(one));
  });

  test.each([
    ['its direction', { ingress: [], egress: [rule()] }],
    ['nothing may leave', { egress: [] }],
    ['its protocol', { ingress: [rule({ protocol: 'udp' })] }],
    ['its first port', { ingress: [rule({ fromPort: 21 })] }],
    ['its last port', { ingress: [rule({ toPort: 23 })] }],
    ['its network', { ingress: [rule({ cidr: '10.0.0.0/9' })] }],
    ['its other side', { ingress: [rule({ cidr: null, request: 'r-2' })] }],
  ])('is another with %s', (_what, more) => {
    expect(wishKey(networkWish(more))).not.toBe(wishKey(networkWish()));
  });

  test('is the same for all ports, of which a rule for all protocols has none', () => {
    const all = { protocol: '-1' } as const;
    const wish = networkWish({ ingress: [rule({ ...all, fromPort: -1, toPort: -1 })] });
    expect(wishKey(networkWish({ ingress: [rule(all)] }))).toBe(wishKey(wish));
  });
});

test.each([
  ['tcp 22 10.0.0.0/8', {}],
  ['udp 22-23 10.0.0.0/8', { protocol: 'udp', toPort: 23 }],
  ['icmp 10.0.0.0/8', { protocol: 'icmp', fromPort: -1, toPort: -1 }],
  ['all r-2', { protocol: '-1', cidr: null, request: 'r-2' }],
] as const)('a rule reads %j', (text, more) => {
  expect(ruleText(rule(more))).toBe(text);
});

describe('what a wish would take back of an edit that its maker has not seen', () => {
  const [a, b, c] = [port(1), port(2), port(3)];
  const wish = (...ingress: NetworkRule[]): ReturnType<typeof networkWish> => networkWish({ ingress });
  const [textOfB, textOfA] = [ruleText(b), ruleText(a)];

  test.each([
    ['what was added, by one who adds something else', wish(a), wish(a, b), wish(a, c), false, [textOfB]],
    ['nothing, by one who has what was added', wish(a), wish(a, b), wish(a, b, c), false, []],
    ['nothing, by one who goes back to the rules before', wish(a), wish(a, b), wish(a), false, []],
    ['what was removed', wish(a, b), wish(b), wish(a, b, c), false, [textOfA]],
    ['nothing, by one who only takes more away', wish(a, b), wish(a), wish(), false, []],
    ['one of two that were added, while they are not in force', wish(), wish(a, b), wish(b), false, [textOfA]],
    ['nothing, by one who has one of two that are in force', wish(), wish(a, b), wish(b), true, []],
    ['what is in force, by one who adds to the rules before', wish(a), wish(a, b), wish(a, c), true, [textOfB]],
    ['nothing that is in force, by one who has other rules', wish(a), wish(a, b), wish(c), true, []],
    ['nothing, where nothing was edited', wish(a), wish(a), wish(a, b), false, []],
  ])('%s', (_what, before, present, next, isInForce, texts) => {
    expect(takenBack(before, present, next, isInForce)).toEqual(texts);
  });

  test('is told for what may leave, too', () => {
    const all = networkWish();
    const closed = networkWish({ egress: [] });
    expect(takenBack(all, closed, networkWish({ egress: [b] }), false)).toEqual([]);
    expect(takenBack(closed, networkWish({ egress: [a] }), networkWish({ egress: [b] }), false)).toEqual([textOfA]);
    expect(takenBack(closed, all, networkWish({ egress: [b] }), false)).toEqual(['everything may leave']);
  });
});

describe('rules for other requests', () => {
  const [from, to] = [rule({ cidr: null, request: 'r-2' }), rule({ cidr: null, request: 'r-3' })];

  test('go with them, and leave the others', () => {
    const wish = networkWish({ ingress: [rule(), from], egress: [to] });
    expect(withoutSources(wish, (request) => request === 'r-2')).toEqual({
      wish: { ...wish, ingress: [rule()] },
      gone: [from],
    });
    const alone = { ...wish, ingress: [rule()], egress: [] };
    expect(withoutSources(wish, () => true)).toEqual({ wish: alone, gone: [from, to] });
    expect(withoutSources(networkWish({ ingress: [from] }), () => true).wish.egress).toBeNull();
  });

  test('are the same wish where none goes', () => {
    const wish = networkWish({ ingress: [rule(), from] });
    expect(withoutSources(wish, () => false)).toEqual({ wish, gone: [] });
    expect(withoutSources(wish, () => false).wish).toBe(wish);
  });

  test('are named once each', () => {
    expect(refersToRequests(networkWish({ ingress: [rule(), from, from], egress: [to] }))).toEqual(['r-2', 'r-3']);
    expect(refersToRequests(networkWish())).toEqual([]);
  });
});

describe('one group takes the rules of two wishes', () => {
  const max = rulesPerDirectionMax;

  test.each([
    ['up to as many as EC2 allows in', { ingress: ports(max - 1) }, { ingress: ports(1, max) }, true],
    ['not one more', { ingress: ports(max) }, { ingress: ports(1, max + 1) }, false],
    ['counting what both have once', { ingress: ports(max) }, { ingress: ports(max) }, true],
    ['up to as many as EC2 allows out', { egress: ports(max - 1) }, { egress: ports(1, max) }, true],
    ['not one more out', { egress: ports(max) }, { egress: ports(1, max + 1) }, false],
    ['with that everything may leave', { egress: ports(max - 1) }, { egress: null }, true],
    ['not with that everything may leave and as many more', { egress: null }, { egress: ports(max) }, false],
  ])('%s', (_what, a, b, fits) => {
    expect(fitTogether(networkWish({ ingress: [], ...a }), networkWish({ ingress: [], ...b }))).toBe(fits);
  });
});

test('a request’s wishes are those in force and those that shall be', () => {
  const [now, next] = [networkWish(), networkWish({ ingress: [] })];
  expect(wishesOf(network('n'))).toEqual([now]);
  expect(wishesOf(network('n', {}, { wantedNetwork: next }))).toEqual([now, next]);
  expect(wishesOf(storage('s', 'za'))).toEqual([]);
});
