// Security groups: shared by reference count; created without a ClientToken, because their name is unique; changed by
// comparing wanted and listed rules; deleted when the last reference is removed.
import { withTimeline } from '../../records/timeline.ts';
import { standingRefusal, wholeAccount } from '../refusals/call-refusal.ts';
import type { GroupRecord, NetworkWish } from '../../records/security-group.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { SeenGroup } from '../../plan/listing.ts';
import { missing } from '../release/absence.ts';
import type { PermissionRule } from '../../records/security-group.ts';
import {
  differences,
  fitTogether,
  permissionKey,
  refersToRequests,
  rulesPerDirectionMax,
  wantedPermissions,
  wishKey,
} from './network-rules.ts';

/** The document lists all of them, so it must stay small: further requests share another group with the same rules. */
const referencesMax = 2_000;

/** The name under which requests of the tenant with these rules find each other's group; null: it must be its own. */
function shareKeyOf(copy: ClaimWorkingCopy, claim: ClaimRecord, wish: NetworkWish): string | null {
  // Other requests' rules name this group as their other side, so only its own machines may be members.
  return wish.sharing === 'share' && !copy.sources.has(claim.id) ? `${claim.tenant} ${wishKey(wish)}` : null;
}

/**
 * The group in which the request has (or will have) these rules of its own; asking again answers the same. In this
 * order: one that it refers to already; one that others share; its present one, where nobody else's rules change with
 * it; a new one. A group that is being deleted, or that EC2 refuses, is none of these.
 */
export function acquireGroup(copy: ClaimWorkingCopy, claim: ClaimRecord, wish: NetworkWish): GroupRecord {
  const key = wishKey(wish);
  const shareKey = shareKeyOf(copy, claim, wish);
  const mine = copy.groupsOf(claim.id).filter((group) => group.state !== 'deleting');
  const fitting = mine.filter(
    (group) =>
      wishKey(group.wish) === key && (group.shareKey === null ? group.owner === claim.id : group.shareKey === shareKey),
  );
  const sound = fitting.filter((group) => group.fault === null);
  const fits = sound.find((group) => group.shareKey === null) ?? sound[0] ?? fitting[0];
  if (fits) return fits;
  const shared =
    shareKey === null
      ? undefined
      : copy
          .groups()
          .find(
            (group) =>
              group.shareKey === shareKey
              && group.state !== 'deleting'
              && group.fault === null
              && group.references.length < referencesMax,
          );
  if (shared) return copy.setGroup({ ...shared, references: [...shared.references, claim.id] });
  const own = mine.find(
    (group) => isAlone(copy, claim, group) && (wishKey(group.wish) === key || fitTogether(group.wish, wish)),
  );
  if (own) {
    const state = wishKey(own.wish) === key ? own.state : own.state === 'creating' ? 'creating' : 'changing';
    return copy.setGroup({ ...own, owner: claim.id, wish, shareKey, state, fault: null });
  }
  // A later group needs another name: a stale listing may still show the first one under its name.
  const id =
    claim.startedAtMs === null && !copy.group(`g-${claim.id}`) ? claim.id : `${claim.id}:${copy.terms.newId()}`;
  return copy.setGroup({
    id: `g-${id}`,
    pool: claim.pool,
    tenant: claim.tenant,
    owner: claim.id,
    shareKey,
    name: `bellows-${copy.terms.installation}-${id}`,
    wish,
    state: 'creating',
    groupId: null,
    references: [claim.id],
    createdAtMs: copy.nowMs,
    missingSinceMs: null,
    fault: null,
  });
}

/**
 * Whether the request, and the machines that use it as their network, are all that a change of the
 * group's rules would touch.
 */
function isAlone(copy: ClaimWorkingCopy, claim: ClaimRecord, group: GroupRecord): boolean {
  if (group.shareKey === null) return group.owner === claim.id;
  const isOwn =
    group.owner === claim.id
    || (claim.spec.type !== 'storage'
      && claim.spec.network !== null
      && group.shareKey === `${claim.tenant} ${wishKey(claim.spec.network)}`);
  const users = new Set(copy.usersOf(claim.id));
  return (
    isOwn
    && group.references.every((id) => {
      if (id === claim.id) return true;
      const user = copy.claim(id);
      // A user may have the same rules for itself as well: those are not this request's to change.
      return (
        users.has(id)
        && user?.spec.type === 'virtual_machine'
        && (user.spec.network === null || `${user.tenant} ${wishKey(user.spec.network)}` !== group.shareKey)
      );
    })
  );
}

export function referTo(copy: ClaimWorkingCopy, claim: ClaimRecord, group: GroupRecord): GroupRecord {
  if (group.references.includes(claim.id)) return group;
  return copy.setGroup({ ...group, references: [...group.references, claim.id] });
}

/** Takes the reference away; the write that takes the last one sets `deleting`. */
export function releaseGroup(copy: ClaimWorkingCopy, claim: ClaimRecord, group: GroupRecord): void {
  const references = group.references.filter((one) => one !== claim.id);
  copy.setGroup({ ...group, references, state: references.length === 0 ? 'deleting' : group.state });
}

/** A live network request of the tenant: its rules may be named, and machines may use it. */
export function isLiveNetwork(copy: ClaimWorkingCopy, tenant: string, request: string): boolean {
  const claim = copy.claim(request);
  return (
    claim?.tenant === tenant && claim.spec.type === 'network' && (claim.state === 'pending' || claim.state === 'active')
  );
}

/** The group ids for a rule that names `request`: of its dedicated group, or of two while it moves between groups. */
function groupIdsOf(copy: ClaimWorkingCopy, tenant: string): (request: string) => readonly string[] {
  return (request) =>
    isLiveNetwork(copy, tenant, request)
      ? copy
          .groupsOf(request)
          .filter((group) => group.shareKey === null && group.owner === request && group.state !== 'deleting')
          .flatMap((group) => group.groupId ?? [])
      : [];
}

/** Each group one step towards what its document says. */
export function decideGroups(copy: ClaimWorkingCopy): void {
  for (const group of copy.groups()) {
    if (group.state === 'deleting') deleteStep(copy, group);
    else makeStep(copy, group);
  }
}

function makeStep(copy: ClaimWorkingCopy, group: GroupRecord): void {
  if (group.fault !== null) return;
  const { listing } = copy;
  const refused = group.state === 'active' ? null : standingRefusal(group.refusals, wholeAccount, copy.nowMs);
  if (refused) {
    copy.dueAtMs.push(refused.nextTryAtMs);
    return;
  }
  const listed = listing?.groups.get(group.name);
  if (group.groupId === null) {
    copy.isMoving = true;
    if (listed) copy.setGroup({ ...group, groupId: listed.id });
    // The name is unique: if an earlier call succeeded, EC2 refuses this one, and the next listing shows the id.
    else if (listing) copy.calls.push({ kind: 'create-group', group: group.id });
    return;
  }
  const idsOf = groupIdsOf(copy, group.tenant);
  const wanted = wantedPermissions(group.wish, idsOf);
  if (!listed) {
    copy.isMoving = group.state !== 'active' || copy.isMoving;
    return;
  }
  const { missing: absent, extra } = differences(wanted, listed.rules);
  if (group.state === 'active' && absent.some((rule) => rule.groupId === null))
    publishMissing(
      copy,
      group,
      absent.filter((rule) => rule.groupId === null),
    );
  // What both rule sets allow must never be interrupted: a group with members gets new rules before old ones are
  // removed.
  const isLater = group.state !== 'creating' && absent.length > 0 && hasRoom(listed, absent);
  if (extra.length > 0 && !isLater)
    copy.calls.push({ kind: 'revoke', group: group.id, groupId: group.groupId, rules: extra });
  if (absent.length > 0) copy.calls.push({ kind: 'authorize', group: group.id, groupId: group.groupId, rules: absent });
  if (extra.length + absent.length > 0) copy.isMoving = true;
  else if (group.state !== 'active') {
    const isWaiting = refersToRequests(group.wish).some(
      (request) => isLiveNetwork(copy, group.tenant, request) && idsOf(request).length === 0,
    );
    if (isWaiting) copy.isMoving = true;
    else {
      const { refusals: _done, ...made } = group;
      copy.setGroup({ ...made, state: 'active' });
    }
  }
}

/** Rules have disappeared from EC2: they are added again, and requests with these rules say so until they are back. */
function publishMissing(copy: ClaimWorkingCopy, group: GroupRecord, absent: readonly PermissionRule[]): void {
  copy.setGroup({ ...group, state: 'changing' });
  const rules = absent
    .slice(0, 5)
    .map((rule) => `${permissionKey(rule)}`)
    .join(', ');
  for (const id of group.references) {
    const claim = copy.claim(id);
    if (
      claim?.state !== 'active'
      || claim.spec.type === 'storage'
      || claim.spec.network === null
      || wishKey(claim.wantedNetwork ?? claim.spec.network) !== wishKey(group.wish)
    )
      continue;
    copy.setClaim(
      withTimeline(
        { ...claim, reason: 'changing_rules' },
        {
          atMs: copy.nowMs,
          stage: claim.state,
          code: 'rules_missing',
          message:
            `EC2 does not show ${rules} in ${group.groupId ?? group.name} any more; `
            + `${absent.length === 1 ? 'it is' : 'they are'} put back`,
        },
      ),
    );
  }
}

function hasRoom(listed: SeenGroup, absent: readonly PermissionRule[]): boolean {
  return [true, false].every(
    (isEgress) =>
      listed.rules.filter((rule) => rule.isEgress === isEgress).length
        + absent.filter((rule) => rule.isEgress === isEgress).length
      <= rulesPerDirectionMax,
  );
}

function deleteStep(copy: ClaimWorkingCopy, group: GroupRecord): void {
  copy.isMoving = true;
  const listed = copy.listing?.groups.get(group.name);
  const groupId = group.groupId ?? listed?.id ?? null;
  if (groupId !== null) copy.calls.push({ kind: 'delete-group', group: group.id, groupId });
  const { sinceMs, isGone } = missing(listed !== undefined, group.missingSinceMs, copy);
  if (isGone) copy.dropGroup(group.id);
  else if (groupId !== group.groupId || sinceMs !== group.missingSinceMs)
    copy.setGroup({ ...group, groupId, missingSinceMs: sinceMs });
}
