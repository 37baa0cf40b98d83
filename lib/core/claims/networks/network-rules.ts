// Rules of security groups: one canonical text per rule, what differs between two sets, and what is open to the world.
import { canonicalCidr, isOpenToAll } from './cidr.ts';
import type { ClaimRecord, ClaimRow } from '../../records/claim.ts';
import type { NetworkRule, NetworkWish, PermissionRule } from '../../records/security-group.ts';

/** "Amazon VPC quotas": rules per direction of one group, groups per network interface. */
export const rulesPerDirectionMax = 60;
export const groupsPerMachineMax = 5;

/**
 * Everything may leave. EC2 puts the first into every new group, and the second only where the VPC has IPv6;
 * without it a machine that has no other address reaches nothing.
 */
export const openEgress: readonly PermissionRule[] = ['0.0.0.0/0', '::/0'].map((cidr) => ({
  isEgress: true,
  protocol: '-1',
  fromPort: -1,
  toPort: -1,
  cidr,
  groupId: null,
}));

export function permissionKey(rule: PermissionRule): string {
  const ports = rule.protocol === '-1' ? '' : `${String(rule.fromPort)}-${String(rule.toPort)}`;
  return (
    `${rule.isEgress ? 'out' : 'in'} ${rule.protocol} ${ports} `
    + `${rule.cidr === null ? (rule.groupId ?? '') : (canonicalCidr(rule.cidr) ?? rule.cidr)}`
  );
}

/**
 * The wished rules. Those whose other side is not there (any more) are left out, and so revoked; while the other side
 * moves to another group, both of its groups are named.
 */
export function wantedPermissions(
  wish: NetworkWish,
  groupIdsOf: (request: string) => readonly string[],
): readonly PermissionRule[] {
  const resolve =
    (isEgress: boolean) =>
    (rule: NetworkRule): PermissionRule[] => {
      const otherSides = rule.request === null ? [null] : groupIdsOf(rule.request);
      return otherSides.map((groupId) => ({
        isEgress,
        protocol: rule.protocol,
        fromPort: rule.fromPort,
        toPort: rule.toPort,
        cidr: rule.cidr,
        groupId,
      }));
    };
  const egress = wish.egress === null ? openEgress : wish.egress.flatMap(resolve(true));
  return [...wish.ingress.flatMap(resolve(false)), ...egress];
}

export function differences(
  wanted: readonly PermissionRule[],
  there: readonly PermissionRule[],
): { readonly missing: readonly PermissionRule[]; readonly extra: readonly PermissionRule[] } {
  const wantedKeys = new Map(wanted.map((rule) => [permissionKey(rule), rule]));
  const thereKeys = new Map(there.map((rule) => [permissionKey(rule), rule]));
  return {
    missing: [...wantedKeys].filter(([key]) => !thereKeys.has(key)).map(([, rule]) => rule),
    extra: [...thereKeys].filter(([key]) => !wantedKeys.has(key)).map(([, rule]) => rule),
  };
}

export function isOpenToWorld(rule: Pick<NetworkRule, 'cidr'>): boolean {
  return rule.cidr !== null && isOpenToAll(rule.cidr);
}

export function isPublic(wish: NetworkWish): boolean {
  return wish.ingress.some(isOpenToWorld);
}

const textOf = (rule: NetworkRule): string =>
  `${rule.protocol} ${rule.protocol === '-1' ? '' : `${String(rule.fromPort)}-${String(rule.toPort)}`} `
  + `${rule.cidr ?? ''} ${rule.request ?? ''}`;

/** A wish is never changed in place, and a thousand machines that share a group are compared with it each tick. */
const wishKeys = new WeakMap<NetworkWish, string>();

/** Equal texts are equal rule sets, whatever their order. */
export function wishKey(wish: NetworkWish): string {
  const known = wishKeys.get(wish);
  if (known !== undefined) return known;
  const list = (rules: readonly NetworkRule[] | null): string =>
    rules === null ? '*' : [...new Set(rules.map(textOf))].sort().join(';');
  const key = `in:${list(wish.ingress)} out:${list(wish.egress)}`;
  wishKeys.set(wish, key);
  return key;
}

/** `tcp 5432 10.0.0.0/8`, `all r-…` */
export function ruleText({ protocol, fromPort, toPort, cidr, request }: NetworkRule): string {
  const ports =
    protocol === 'tcp' || protocol === 'udp'
      ? ` ${fromPort === toPort ? String(fromPort) : `${String(fromPort)}-${String(toPort)}`}`
      : '';
  return `${protocol === '-1' ? 'all' : protocol}${ports} ${cidr ?? request ?? ''}`;
}

const everything = 'everything may leave';

function textsOf(rules: readonly NetworkRule[] | null): ReadonlySet<string> {
  return new Set(rules === null ? [everything] : rules.map(ruleText));
}

/**
 * What earlier edits changed and `next` would take back, made by somebody who may not have seen them: rules
 * that they added and it lacks, or that they removed and it has. `before`: the rules that were in force before
 * those edits; `present`: those that they asked for. Who returns to exactly the rules before, or has all that
 * was added, has seen the edits. Once they are in force everybody reads them: only who has none of what was
 * added, and adds to the rules as they were, has not.
 */
export function takenBack(
  before: NetworkWish,
  present: NetworkWish,
  next: NetworkWish,
  isInForce: boolean,
): readonly string[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const [was, is, will] = [textsOf(before[direction]), textsOf(present[direction]), textsOf(next[direction])];
    const added = [...is].filter((rule) => !was.has(rule));
    const lost = added.filter((rule) => !will.has(rule));
    const hasSeen = added.length > 0 && (isInForce ? lost.length < added.length : lost.length === 0);
    const hasAllBefore = [...was].every((rule) => will.has(rule));
    if (hasSeen || (hasAllBefore ? was.size === will.size : isInForce)) return [];
    return [...lost, ...[...was].filter((rule) => !is.has(rule) && will.has(rule))];
  });
}

/** Without the rules whose other side `isGone`; the same wish where there is none. */
export function withoutSources(
  wish: NetworkWish,
  isGone: (request: string) => boolean,
): { readonly wish: NetworkWish; readonly gone: readonly NetworkRule[] } {
  const isLeft = (rule: NetworkRule): boolean => rule.request === null || !isGone(rule.request);
  const gone = [...wish.ingress, ...(wish.egress ?? [])].filter((rule) => !isLeft(rule));
  return gone.length === 0
    ? { wish, gone }
    : { wish: { ...wish, ingress: wish.ingress.filter(isLeft), egress: wish.egress?.filter(isLeft) ?? null }, gone };
}

export function refersToRequests(wish: NetworkWish): readonly string[] {
  return [...new Set([...wish.ingress, ...(wish.egress ?? [])].flatMap((rule) => rule.request ?? []))];
}

/** Whether one group can have the rules of both for a while: new ones are added before old ones go. */
export function fitTogether(a: NetworkWish, b: NetworkWish): boolean {
  const everythingMayLeave = a.egress === null || b.egress === null ? 1 : 0;
  return (
    new Set([...a.ingress, ...b.ingress].map(textOf)).size <= rulesPerDirectionMax
    && new Set([...(a.egress ?? []), ...(b.egress ?? [])].map(textOf)).size + everythingMayLeave <= rulesPerDirectionMax
  );
}

/** The rules that a request has of its own: those in force, and those that shall be. */
export function wishesOf(claim: Pick<ClaimRecord, 'spec' | 'wantedNetwork'>): readonly NetworkWish[] {
  const inForce = claim.spec.type === 'storage' ? null : claim.spec.network;
  return [inForce, claim.wantedNetwork].filter((wish) => wish !== null);
}

/** Requests that the claim refers to, and the one that uses its volume. */
export function namedBy({ spec, usedBy, wantedNetwork }: ClaimRow): readonly string[] {
  const wish = spec.type === 'storage' ? null : spec.network;
  const own =
    spec.type === 'virtual_machine'
      ? [...spec.volumeRequests, ...spec.networkRequests]
      : spec.type === 'storage' && spec.attachTo !== null
        ? [spec.attachTo]
        : [];
  return [
    ...own,
    ...[wish, wantedNetwork].flatMap((one) => (one ? refersToRequests(one) : [])),
    ...(usedBy ? [usedBy.request] : []),
  ];
}
