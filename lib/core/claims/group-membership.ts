// Which security groups each request is in, where that changes after it was granted: an edit of its rules, or another
// request's rule that names it, moves it to another group. Its machines are moved first, in one call each, and a group is
// let go of only once no instance of the request wears it: at no moment has anybody fewer rules than before and after.
import { assert } from '../values/errors.ts';
import { standingRefusal, wholeAccount } from './call-refusal.ts';
import type { HoldDraft } from './working-copy.ts';
import { acquireGroup, isLiveNetwork, referTo, releaseGroup } from './groups.ts';
import type { CallRefusal, GroupRecord, HoldRecord, MachineSpec, NetworkWish } from '../records/claim.ts';
import { tell, waiting } from './lifecycle.ts';
import { refersToRequests, ruleText, wishKey, withoutSources } from './network-rules.ts';

/** Groups that a machine request is in still and shall leave. */
type Leaving = ReadonlyMap<string, ReadonlySet<string>>;

/** Networks say where they are to be; then their machines are moved there; then the networks let go of where they were. */
export function decideMembership(draft: HoldDraft): void {
  const active = draft.holds().filter((hold) => hold.state === 'active' && hold.spec.type === 'network');
  for (const hold of active) groupOfWish(draft, hold);
  const leaving = new Map<string, ReadonlySet<string>>();
  for (const { id } of draft.holds()) {
    const hold = draft.hold(id);
    const isConcerned = hold?.state === 'active' || (hold?.state === 'pending' && draft.groupsOf(id).length > 0);
    if (hold?.spec.type === 'virtual_machine' && isConcerned) leaving.set(id, new Set(decideMachine(draft, hold, hold.spec).map((group) => group.id)));
  }
  for (const { id } of active) decideNetwork(draft, id, leaving);
}

/**
 * Rules whose other side was given back are gone in EC2, and so from what requests and groups have; the request that loses
 * one says so. A wish that names what is gone is refused where it is brought about.
 */
export function forgetGoneSources(draft: HoldDraft): void {
  const isGone = (tenant: string) => (request: string): boolean => !isLiveNetwork(draft, tenant, request);
  for (const group of draft.groups()) {
    if (group.state === 'deleting') continue;
    const { wish, gone } = withoutSources(group.wish, isGone(group.tenant));
    if (gone.length > 0) draft.setGroup({ ...group, wish, shareKey: group.shareKey === null ? null : `${group.tenant} ${wishKey(wish)}` });
  }
  for (const { id } of draft.holds()) {
    const hold = draft.hold(id);
    if (hold?.spec.type !== 'network' && hold?.spec.type !== 'virtual_machine') continue;
    if (hold.startedAtMs === null || (hold.state !== 'active' && hold.state !== 'pending') || hold.spec.network === null) continue;
    const { wish, gone } = withoutSources(hold.spec.network, isGone(hold.tenant));
    if (gone.length === 0) continue;
    const before = hold.networkBeforeEdits && withoutSources(hold.networkBeforeEdits, isGone(hold.tenant)).wish;
    draft.isMoving = true;
    draft.setHold(tell({ ...hold, spec: { ...hold.spec, network: wish }, ...(before ? { networkBeforeEdits: before } : {}) }, {
      atMs: draft.nowMs, stage: hold.state, code: 'rules_gone', message: `loses ${gone.slice(0, 5).map(ruleText).join(', ')}${gone.length > 5 ? ` and ${String(gone.length - 5)} more` : ''}: the other side was given back`,
    }));
  }
}

/** The rules that the request shall have of its own; null: it has none. */
function wishOf(hold: HoldRecord): NetworkWish | null {
  return hold.wantedNetwork ?? (hold.spec.type === 'storage' ? null : hold.spec.network);
}

/** Why rules that name other requests cannot be had; null: they can. */
export function sourceProblem(draft: HoldDraft, hold: HoldRecord, wish: NetworkWish): { readonly code: string; readonly message: string } | null {
  for (const request of refersToRequests(wish)) {
    if (!isLiveNetwork(draft, hold.tenant, request)) return { code: 'reference_gone', message: `its rules name ${request}, which is no network request of this tenant and pool, or is being given back` };
    const refused = draft.groupsOf(request).find((group) => group.owner === request && group.fault !== null)?.fault;
    if (refused) return { code: refused.code, message: `its rules name ${request}, which gets no group of its own: ${refused.message}` };
  }
  return null;
}

/** What a network that the rules name waits for, where EC2 does not make its own group now; null: nothing. */
export function sourceRefusal(draft: HoldDraft, wish: NetworkWish): CallRefusal | null {
  for (const request of refersToRequests(wish)) {
    for (const group of draft.groupsOf(request)) {
      const refusal = group.owner === request && group.state === 'creating' ? standingRefusal(group.refusals, wholeAccount, draft.nowMs) : null;
      if (refusal) return refusal;
    }
  }
  return null;
}

/** The group that it shall be in. An edit that cannot be is taken back here; null: it was. */
function groupOfWish(draft: HoldDraft, hold: HoldRecord): GroupRecord | null {
  const wish = wishOf(hold);
  assert(wish, `request ${hold.id} has no rules of its own`);
  const problem = hold.wantedNetwork === null ? null : sourceProblem(draft, hold, wish);
  if (problem) return takeBack(draft, hold, problem.message);
  const group = acquireGroup(draft, hold, wish);
  if (group.fault !== null && hold.wantedNetwork !== null) return takeBack(draft, hold, `EC2 refuses them: ${group.fault.code}: ${group.fault.message}`);
  return group;
}

function takeBack(draft: HoldDraft, hold: HoldRecord, why: string): null {
  draft.isMoving = true;
  draft.setHold(tell({ ...hold, wantedNetwork: null, reason: hold.reason === 'changing_rules' ? null : hold.reason }, { atMs: draft.nowMs, stage: hold.state, code: 'edit_refused', message: `keeps its rules: ${why}` }));
  return null;
}

// ---- networks --------------------------------------------------------------------------------------

function decideNetwork(draft: HoldDraft, id: string, leaving: Leaving): void {
  const hold = draft.hold(id);
  const group = hold && groupOfWish(draft, hold);
  if (!hold || !group || group.fault !== null) return;
  const refused = group.state === 'active' ? null : standingRefusal(group.refusals, wholeAccount, draft.nowMs);
  if (refused) {
    draft.dueAtMs.push(refused.nextTryAtMs);
    draft.setHold(waiting(hold, 'changing_rules', refused.message, draft.nowMs, refused.nextTryAtMs));
    return;
  }
  if (group.state !== 'active' || group.groupId === null) {
    draft.isMoving = true;
    draft.setHold(waiting(hold, 'changing_rules', `waits for the security group ${group.groupId ?? group.name} to get its rules`, draft.nowMs));
    return;
  }
  const inOld = leaveOthers(draft, hold, group, leaving);
  const now = draft.hold(id) ?? hold;
  if (inOld.length === 0) finish(draft, now, [group.groupId]);
  else {
    draft.isMoving = true;
    draft.setHold(waiting(now, 'changing_rules', `waits for ${inOld.slice(0, 5).join(', ')} to wear ${group.groupId}`, draft.nowMs));
  }
}

/** Lets go of its other groups that none of its machines wears; answers the machine requests that still do. */
export function leaveOthers(draft: HoldDraft, hold: HoldRecord, group: GroupRecord, leaving: Leaving): readonly string[] {
  const others = draft.groupsOf(hold.id).filter((one) => one.id !== group.id);
  const usersIn = (one: GroupRecord): string[] => draft.usersOf(hold.id).filter((user) => leaving.get(user)?.has(one.id) === true);
  letGo(draft, hold.id, others.filter((one) => usersIn(one).length === 0));
  return [...new Set(others.flatMap(usersIn))];
}

function finish(draft: HoldDraft, hold: HoldRecord, groupIds: readonly string[]): void {
  const { spec, wantedNetwork } = hold;
  const reason = hold.reason === 'changing_rules' ? null : hold.reason;
  if (wantedNetwork !== null && spec.type !== 'storage') {
    draft.setHold(tell({ ...hold, groupIds, spec: { ...spec, network: wantedNetwork }, wantedNetwork: null, reason }, {
      atMs: draft.nowMs, stage: hold.state, code: 'rules_changed', message: `its new rules are in force, in ${groupIds.join(', ')}`,
    }));
  } else if (groupIds.join(' ') !== hold.groupIds.join(' ') || reason !== hold.reason) draft.setHold({ ...hold, groupIds, reason });
}

function letGo(draft: HoldDraft, id: string, groups: readonly GroupRecord[]): void {
  const hold = draft.hold(id);
  if (!hold || groups.length === 0) return;
  for (const group of groups) releaseGroup(draft, hold, draft.group(group.id) ?? group);
  draft.isMoving = true;
  // The end of the request is still the promise that nothing of it is left.
  draft.setHold({ ...hold, waitsForGroups: [...hold.waitsForGroups.filter((one) => draft.group(one)), ...groups.map((group) => group.id)] });
}

// ---- machines --------------------------------------------------------------------------------------

/** The groups that the machine request shall be in, which it refers to from now on: of its own rules, and of the networks that it uses. */
export function referToGroups(draft: HoldDraft, hold: HoldRecord, spec: MachineSpec): readonly GroupRecord[] {
  const own = wishOf(hold) === null ? null : groupOfWish(draft, hold);
  const used = spec.networkRequests.flatMap((request) => {
    const network = isLiveNetwork(draft, hold.tenant, request) ? draft.hold(request) : undefined;
    const wish = network && wishOf(network);
    return network && wish ? [acquireGroup(draft, network, wish)] : [];
  });
  // A group that EC2 refuses is the network's trouble; the machine stays where it is.
  return [...(own === null ? [] : [own]), ...used.filter((group) => hold.startedAtMs === null || group.fault === null).map((group) => referTo(draft, hold, group))];
}

/** What it refers to and shall leave. A group of a network that is gone stays: nothing took its place. */
function leftGroups(draft: HoldDraft, hold: HoldRecord, spec: MachineSpec, wanted: readonly GroupRecord[]): readonly GroupRecord[] {
  const keep = new Set(wanted.map((group) => group.id));
  const networks = spec.networkRequests.filter((request) => isLiveNetwork(draft, hold.tenant, request));
  const ownKey = spec.network === null ? null : `${hold.tenant} ${wishKey(spec.network)}`;
  const isReplaced = (group: GroupRecord): boolean => group.owner === hold.id || (ownKey !== null && group.shareKey === ownKey) || networks.some((network) => group.references.includes(network));
  return draft.groupsOf(hold.id).filter((group) => !keep.has(group.id) && isReplaced(group));
}

function decideMachine(draft: HoldDraft, hold: HoldRecord, spec: MachineSpec): readonly GroupRecord[] {
  const wanted = referToGroups(draft, hold, spec);
  const left = leftGroups(draft, hold, spec, wanted);
  if (hold.state === 'pending') {
    // An open launch is repeated as it was frozen: with the groups of its day.
    if (draft.openParts(hold.id).size > 0) return left;
    if (!hold.machines.some((part) => part.state === 'there')) {
      letGo(draft, hold.id, left);
      return [];
    }
  }
  const groupIds = wornIds(draft, hold, left);
  const isSame = hold.groupIds.join(' ') === groupIds.join(' ');
  if (isSame && left.length === 0 && hold.wantedNetwork === null) {
    const isSettled = wanted.every((group) => group.state === 'active');
    if (hold.state === 'active' && hold.reason === 'changing_rules' && isSettled) draft.setHold({ ...(draft.hold(hold.id) ?? hold), reason: null });
    return [];
  }
  draft.isMoving = true;
  const coming = wanted.find((group) => group.state !== 'active' || group.groupId === null);
  if (hold.state === 'active' && hold.wantedNetwork !== null) {
    const now = draft.hold(hold.id) ?? hold;
    const what = coming ? `the security group ${coming.groupId ?? coming.name} to get its rules` : `its machines to wear ${groupIds.join(', ')}`;
    draft.setHold(waiting(now, 'changing_rules', `waits for ${what}`, draft.nowMs));
  }
  if (coming) return left;
  if (hold.state === 'active' && isSame) {
    letGo(draft, hold.id, left);
    finish(draft, draft.hold(hold.id) ?? hold, groupIds);
    return [];
  }
  if (wear(draft, hold, groupIds) !== null) return left;
  if (hold.state === 'active') {
    const now = draft.hold(hold.id) ?? hold;
    draft.setHold(tell({ ...now, groupIds }, { atMs: draft.nowMs, stage: hold.state, code: 'groups_changed', message: `wears ${groupIds.join(', ')}` }));
    return left;
  }
  letGo(draft, hold.id, left);
  return [];
}

function wornIds(draft: HoldDraft, hold: HoldRecord, left: readonly GroupRecord[]): readonly string[] {
  const leaving = new Set(left.map((group) => group.id));
  return draft.groupsOf(hold.id).filter((group) => !leaving.has(group.id)).flatMap((group) => group.groupId ?? []).sort();
}

/** Whether its instances wear these groups as EC2 shows it, asking for what they do not; else the first that does not. */
function wear(draft: HoldDraft, hold: HoldRecord, groupIds: readonly string[]): string | null {
  const wrong = hold.machines.filter((part) => part.state === 'there' && draft.listing?.machines.get(part.instanceId ?? '')?.groupIds.join(' ') !== groupIds.join(' '));
  for (const { instanceId } of wrong) {
    if (instanceId !== null && draft.listing?.machines.has(instanceId)) draft.calls.push({ kind: 'set-groups', request: hold.id, instanceId, groupIds });
  }
  return wrong[0]?.instanceId ?? null;
}

/** null: all its instances wear its groups. Without any of its own they wear what the VPC gives them. */
export function bareMachine(draft: HoldDraft, hold: HoldRecord, spec: MachineSpec): string | null {
  const groupIds = wornIds(draft, hold, leftGroups(draft, hold, spec, referToGroups(draft, hold, spec)));
  return groupIds.length === 0 ? null : wear(draft, hold, groupIds);
}
