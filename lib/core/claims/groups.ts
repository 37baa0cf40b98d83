// Security groups: shared by reference count, made without a ClientToken (the name is unique), brought to their rules
// by comparing what is there, and given back when the last reference is gone.
import { standingRefusal, wholeAccount } from './call-refusal.ts';
import type { GroupRecord, HoldRecord, NetworkWish } from '../records/claim.ts';
import type { HoldDraft, SeenGroup } from './working-copy.ts';
import { missing } from './working-copy.ts';
import type { PermissionRule } from './network-rules.ts';
import { differences, fitTogether, permissionKey, refersToRequests, rulesPerDirectionMax, wantedPermissions, wishKey } from './network-rules.ts';
import { tell } from './lifecycle.ts';

/** Its document names them all: what comes after shares another group of the same rules. */
const referencesMax = 2_000;

/** The name under which requests of the tenant with these rules find each other's group; null: it must be its own. */
function shareKeyOf(draft: HoldDraft, hold: HoldRecord, wish: NetworkWish): string | null {
  // What others' rules name as their other side must hold nobody but its own members.
  return wish.sharing === 'share' && !draft.sources.has(hold.id) ? `${hold.tenant} ${wishKey(wish)}` : null;
}

/**
 * The group in which the request has (or will have) these rules of its own; asking again answers the same. In this
 * order: one that it refers to already; one that others share; its present one, where nobody else's rules change with
 * it; a new one. A group that is being deleted, or that EC2 refuses, is none of these.
 */
export function acquireGroup(draft: HoldDraft, hold: HoldRecord, wish: NetworkWish): GroupRecord {
  const key = wishKey(wish);
  const shareKey = shareKeyOf(draft, hold, wish);
  const mine = draft.groupsOf(hold.id).filter((group) => group.state !== 'deleting');
  const fitting = mine.filter((group) => wishKey(group.wish) === key && (group.shareKey === null ? group.owner === hold.id : group.shareKey === shareKey));
  const sound = fitting.filter((group) => group.fault === null);
  const fits = sound.find((group) => group.shareKey === null) ?? sound[0] ?? fitting[0];
  if (fits) return fits;
  const shared = shareKey === null ? undefined : draft.groups().find((group) => group.shareKey === shareKey && group.state !== 'deleting' && group.fault === null
    && group.references.length < referencesMax);
  if (shared) return draft.setGroup({ ...shared, references: [...shared.references, hold.id] });
  const own = mine.find((group) => isAlone(draft, hold, group) && (wishKey(group.wish) === key || fitTogether(group.wish, wish)));
  if (own) {
    const state = wishKey(own.wish) === key ? own.state : own.state === 'creating' ? 'creating' : 'changing';
    return draft.setGroup({ ...own, owner: hold.id, wish, shareKey, state, fault: null });
  }
  // A later one has a name of its own: a listing that lags may still show the first under its name.
  const id = hold.startedAtMs === null && !draft.group(`g-${hold.id}`) ? hold.id : `${hold.id}:${draft.seen.newId()}`;
  return draft.setGroup({
    id: `g-${id}`, pool: hold.pool, tenant: hold.tenant, owner: hold.id, shareKey, name: `bellows-${draft.seen.installation}-${id}`, wish, state: 'creating', groupId: null,
    references: [hold.id], createdAtMs: draft.nowMs, missingSinceMs: null, fault: null,
  });
}

/** Whether the request, and the machines that use it as their network, are all that a change of the group's rules would touch. */
function isAlone(draft: HoldDraft, hold: HoldRecord, group: GroupRecord): boolean {
  if (group.shareKey === null) return group.owner === hold.id;
  const isOwn = group.owner === hold.id || (hold.spec.type !== 'storage' && hold.spec.network !== null && group.shareKey === `${hold.tenant} ${wishKey(hold.spec.network)}`);
  const users = new Set(draft.usersOf(hold.id));
  return isOwn && group.references.every((id) => {
    if (id === hold.id) return true;
    const user = draft.hold(id);
    // A user may have the same rules for itself as well: those are not this request's to change.
    return users.has(id) && user?.spec.type === 'virtual_machine' && (user.spec.network === null || `${user.tenant} ${wishKey(user.spec.network)}` !== group.shareKey);
  });
}

export function referTo(draft: HoldDraft, hold: HoldRecord, group: GroupRecord): GroupRecord {
  if (group.references.includes(hold.id)) return group;
  return draft.setGroup({ ...group, references: [...group.references, hold.id] });
}

/** Takes the reference away; the write that takes the last one sets `deleting`. */
export function releaseGroup(draft: HoldDraft, hold: HoldRecord, group: GroupRecord): void {
  const references = group.references.filter((one) => one !== hold.id);
  draft.setGroup({ ...group, references, state: references.length === 0 ? 'deleting' : group.state });
}

/** A live network request of the tenant: its rules may be named, and machines may use it. */
export function isLiveNetwork(draft: HoldDraft, tenant: string, request: string): boolean {
  const hold = draft.hold(request);
  return hold?.tenant === tenant && hold.spec.type === 'network' && (hold.state === 'pending' || hold.state === 'active');
}

/** The groups whose members a rule means that names the request: its own only, two while it moves from one to another. */
function groupIdsOf(draft: HoldDraft, tenant: string): (request: string) => readonly string[] {
  return (request) => (isLiveNetwork(draft, tenant, request)
    ? draft.groupsOf(request).filter((group) => group.shareKey === null && group.owner === request && group.state !== 'deleting').flatMap((group) => group.groupId ?? []) : []);
}

/** Each group one step towards what its document says. */
export function decideGroups(draft: HoldDraft): void {
  for (const group of draft.groups()) {
    if (group.state === 'deleting') deleteStep(draft, group);
    else makeStep(draft, group);
  }
}

function makeStep(draft: HoldDraft, group: GroupRecord): void {
  if (group.fault !== null) return;
  const { listing } = draft;
  const refused = group.state === 'active' ? null : standingRefusal(group.refusals, wholeAccount, draft.nowMs);
  if (refused) {
    draft.dueAtMs.push(refused.nextTryAtMs);
    return;
  }
  const listed = listing?.groups.get(group.name);
  if (group.groupId === null) {
    draft.isMoving = true;
    if (listed) draft.setGroup({ ...group, groupId: listed.id });
    // Made by name: where an earlier call had its effect, EC2 refuses the second one, and the listing shows the id.
    else if (listing) draft.calls.push({ kind: 'create-group', group: group.id });
    return;
  }
  const idsOf = groupIdsOf(draft, group.tenant);
  const wanted = wantedPermissions(group.wish, idsOf);
  if (!listed) {
    draft.isMoving = group.state !== 'active' || draft.isMoving;
    return;
  }
  const { missing: absent, extra } = differences(wanted, listed.rules);
  if (group.state === 'active' && absent.some((rule) => rule.groupId === null)) tellMissing(draft, group, absent.filter((rule) => rule.groupId === null));
  // Nobody shall lose for a moment what both rule sets allow: with members, what is new comes before the old goes.
  const isLater = group.state !== 'creating' && absent.length > 0 && hasRoom(listed, absent);
  if (extra.length > 0 && !isLater) draft.calls.push({ kind: 'revoke', group: group.id, groupId: group.groupId, rules: extra });
  if (absent.length > 0) draft.calls.push({ kind: 'authorize', group: group.id, groupId: group.groupId, rules: absent });
  if (extra.length + absent.length > 0) draft.isMoving = true;
  else if (group.state !== 'active') {
    const isWaiting = refersToRequests(group.wish).some((request) => isLiveNetwork(draft, group.tenant, request) && idsOf(request).length === 0);
    if (isWaiting) draft.isMoving = true;
    else {
      const { refusals: _done, ...made } = group;
      draft.setGroup({ ...made, state: 'active' });
    }
  }
}

/** Rules were there, and are not: they are put back, and whoever has them says so until they are in force again. */
function tellMissing(draft: HoldDraft, group: GroupRecord, absent: readonly PermissionRule[]): void {
  draft.setGroup({ ...group, state: 'changing' });
  const rules = absent.slice(0, 5).map((rule) => `${permissionKey(rule)}`).join(', ');
  for (const id of group.references) {
    const hold = draft.hold(id);
    if (hold?.state !== 'active' || hold.spec.type === 'storage' || hold.spec.network === null || wishKey(hold.wantedNetwork ?? hold.spec.network) !== wishKey(group.wish)) continue;
    draft.setHold(tell({ ...hold, reason: 'changing_rules' }, {
      atMs: draft.nowMs, stage: hold.state, code: 'rules_missing', message: `EC2 does not show ${rules} in ${group.groupId ?? group.name} any more; ${absent.length === 1 ? 'it is' : 'they are'} put back`,
    }));
  }
}

function hasRoom(listed: SeenGroup, absent: readonly PermissionRule[]): boolean {
  return [true, false].every((isEgress) => listed.rules.filter((rule) => rule.isEgress === isEgress).length + absent.filter((rule) => rule.isEgress === isEgress).length <= rulesPerDirectionMax);
}

function deleteStep(draft: HoldDraft, group: GroupRecord): void {
  draft.isMoving = true;
  const listed = draft.listing?.groups.get(group.name);
  const groupId = group.groupId ?? listed?.id ?? null;
  if (groupId !== null) draft.calls.push({ kind: 'delete-group', group: group.id, groupId });
  const { sinceMs, isGone } = missing(listed !== undefined, group.missingSinceMs, draft);
  if (isGone) draft.dropGroup(group.id);
  else if (groupId !== group.groupId || sinceMs !== group.missingSinceMs) draft.setGroup({ ...group, groupId, missingSinceMs: sinceMs });
}
