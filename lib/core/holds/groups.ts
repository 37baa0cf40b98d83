// Security groups: shared by reference count, made without a ClientToken (the name is unique), brought to their rules
// by comparing what is there, and given back when the last reference is gone.
import type { GroupRecord, HoldRecord, NetworkWish } from './hold.ts';
import type { HoldDraft } from './draft.ts';
import { missing } from './draft.ts';
import { differences, wantedPermissions, wishKey } from './network-rules.ts';

/**
 * A reference to a group with these rules: one that is there and may be shared, or a new one. A group that is being
 * deleted takes none. `isSource`: others' rules will name it, so it is dedicated.
 */
export function acquireGroup(draft: HoldDraft, hold: HoldRecord, wish: NetworkWish, isSource: boolean): GroupRecord {
  const mine = draft.groupsOf(hold.id).find((group) => group.tenant === hold.tenant && wishKey(group.wish) === wishKey(wish));
  if (mine) return mine;
  const shareKey = wish.sharing === 'share' && !isSource ? `${hold.tenant} ${wishKey(wish)}` : null;
  const shared = shareKey === null ? undefined : draft.groups().find((group) => group.shareKey === shareKey && group.state !== 'deleting' && group.fault === null);
  if (shared) return draft.setGroup({ ...shared, references: [...shared.references, hold.id] });
  const id = `g-${hold.id}`;
  return draft.setGroup({
    id, pool: hold.pool, tenant: hold.tenant, shareKey, name: `bellows-${draft.seen.installation}-${hold.id}`, wish, state: 'creating', groupId: null,
    references: [hold.id], createdAtMs: draft.nowMs, missingSinceMs: null, fault: null,
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

/** Requests whose group other requests' rules name. */
export function sourcesOf(draft: HoldDraft): ReadonlySet<string> {
  return new Set(draft.holds().flatMap((hold) => {
    const wish = hold.spec.type === 'network' ? hold.spec.network : hold.spec.type === 'virtual_machine' ? hold.spec.network : null;
    return wish === null ? [] : [...wish.ingress, ...(wish.egress ?? [])].flatMap((rule) => rule.request ?? []);
  }));
}

/** The id of the group of a network request of the tenant; null while there is none, or while it is going. */
function groupIdOf(draft: HoldDraft, tenant: string): (request: string) => string | null {
  return (request) => {
    const hold = draft.hold(request);
    if (!hold || hold.tenant !== tenant || hold.state === 'releasing') return null;
    const group = draft.groups().find((one) => one.id === `g-${request}` && one.state !== 'deleting');
    return group?.groupId ?? null;
  };
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
  const listed = listing?.groups.get(group.name);
  if (group.groupId === null) {
    draft.isMoving = true;
    if (listed) draft.setGroup({ ...group, groupId: listed.id });
    // Made by name: where an earlier call had its effect, EC2 refuses the second one, and the listing shows the id.
    else if (listing) draft.calls.push({ kind: 'create-group', group: group.id });
    return;
  }
  const wanted = wantedPermissions(group.wish, groupIdOf(draft, group.tenant));
  if (!listed) {
    draft.isMoving = group.state === 'creating' || draft.isMoving;
    return;
  }
  const { missing: absent, extra } = differences(wanted, listed.rules);
  if (extra.length > 0) draft.calls.push({ kind: 'revoke', group: group.id, groupId: group.groupId, rules: extra });
  if (absent.length > 0) draft.calls.push({ kind: 'authorize', group: group.id, groupId: group.groupId, rules: absent });
  if (extra.length + absent.length > 0) draft.isMoving = true;
  else if (group.state === 'creating') draft.setGroup({ ...group, state: 'active' });
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
