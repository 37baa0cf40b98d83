// Moves granted requests between security groups, after an edit of their rules or when another request's rule names
// them. First each machine gets its new groups in one call. Only when none of the request's instances has the old group
// attached does the request leave it: at no time does a machine have fewer rules than both before and after.
import { withTimeline } from '../../records/timeline.ts';
import { assert } from '../../values/errors.ts';
import { standingRefusal, wholeAccount } from '../refusals/call-refusal.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import { acquireGroup, isLiveNetwork, referTo, releaseGroup } from './groups.ts';
import type { CallRefusal, ClaimRecord, MachineSpec } from '../../records/claim.ts';
import type { GroupRecord, NetworkWish } from '../../records/security-group.ts';
import { faultText, waiting } from '../lifecycle.ts';
import { refersToRequests, ruleText, wishKey, withoutSources } from './network-rules.ts';

/** Groups that a machine request is in still and shall leave. */
type Leaving = ReadonlyMap<string, ReadonlySet<string>>;

/** Each network gets its wanted group; then its machines move to it; then the network leaves its old groups. */
export function decideMembership(copy: ClaimWorkingCopy): void {
  const active = copy.claims().filter((claim) => claim.state === 'active' && claim.spec.type === 'network');
  for (const claim of active) wantedGroup(copy, claim);
  const leaving = new Map<string, ReadonlySet<string>>();
  for (const { id } of copy.claims()) {
    const claim = copy.claim(id);
    const isConcerned = claim?.state === 'active' || (claim?.state === 'pending' && copy.groupsOf(id).length > 0);
    if (claim?.spec.type === 'virtual_machine' && isConcerned)
      leaving.set(id, new Set(decideMachine(copy, claim, claim.spec).map((group) => group.id)));
  }
  for (const { id } of active) decideNetwork(copy, id, leaving);
}

/**
 * EC2 has dropped rules that named a released request, so drop them from requests and groups as well, with a timeline
 * entry. New rules that name a released request are refused in {@link sourceProblem}.
 */
export function forgetGoneSources(copy: ClaimWorkingCopy): void {
  const isGone =
    (tenant: string) =>
    (request: string): boolean =>
      !isLiveNetwork(copy, tenant, request);
  for (const group of copy.groups()) {
    if (group.state === 'deleting') continue;
    const { wish, gone } = withoutSources(group.wish, isGone(group.tenant));
    if (gone.length > 0)
      copy.setGroup({ ...group, wish, shareKey: group.shareKey === null ? null : `${group.tenant} ${wishKey(wish)}` });
  }
  for (const { id } of copy.claims()) {
    const claim = copy.claim(id);
    if (claim?.spec.type !== 'network' && claim?.spec.type !== 'virtual_machine') continue;
    if (
      claim.startedAtMs === null
      || (claim.state !== 'active' && claim.state !== 'pending')
      || claim.spec.network === null
    )
      continue;
    const { wish, gone } = withoutSources(claim.spec.network, isGone(claim.tenant));
    if (gone.length === 0) continue;
    const before = claim.networkBeforeEdits && withoutSources(claim.networkBeforeEdits, isGone(claim.tenant)).wish;
    copy.isMoving = true;
    copy.setClaim(
      withTimeline(
        { ...claim, spec: { ...claim.spec, network: wish }, ...(before ? { networkBeforeEdits: before } : {}) },
        {
          atMs: copy.nowMs,
          stage: claim.state,
          code: 'rules_gone',
          message:
            'loses '
            + `${gone.slice(0, 5).map(ruleText).join(', ')}`
            + `${gone.length > 5 ? ` and ${String(gone.length - 5)} more` : ''}: `
            + 'the other side was released',
        },
      ),
    );
  }
}

/** The rules that the request shall have of its own; null: it has none. */
function wishOf(claim: ClaimRecord): NetworkWish | null {
  return claim.wantedNetwork ?? (claim.spec.type === 'storage' ? null : claim.spec.network);
}

/** Why rules that name other requests cannot be applied; null: they can. */
export function sourceProblem(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  wish: NetworkWish,
): { readonly code: string; readonly message: string } | null {
  for (const request of refersToRequests(wish)) {
    if (!isLiveNetwork(copy, claim.tenant, request))
      return {
        code: 'reference_gone',
        message: `its rules name ${request}, which is no network request of this tenant and pool, or is being released`,
      };
    const refused = copy.groupsOf(request).find((group) => group.owner === request && group.fault !== null)?.fault;
    if (refused)
      return {
        code: refused.code,
        message: `its rules name ${request}, which gets no group of its own: ${refused.message}`,
      };
  }
  return null;
}

/** The refusal that a network named in the rules waits for, if EC2 does not make its group now; null: none. */
export function sourceRefusal(copy: ClaimWorkingCopy, wish: NetworkWish): CallRefusal | null {
  for (const request of refersToRequests(wish)) {
    for (const group of copy.groupsOf(request)) {
      const refusal =
        group.owner === request && group.state === 'creating'
          ? standingRefusal(group.refusals, wholeAccount, copy.nowMs)
          : null;
      if (refusal) return refusal;
    }
  }
  return null;
}

/** The group with the request's wanted rules. null: the edit was impossible, and has been undone here. */
function wantedGroup(copy: ClaimWorkingCopy, claim: ClaimRecord): GroupRecord | null {
  const wish = wishOf(claim);
  assert(wish, `request ${claim.id} has no rules of its own`);
  const problem = claim.wantedNetwork === null ? null : sourceProblem(copy, claim, wish);
  if (problem) return undoEdit(copy, claim, problem.message);
  const group = acquireGroup(copy, claim, wish);
  if (group.fault !== null && claim.wantedNetwork !== null)
    return undoEdit(copy, claim, `EC2 refuses them: ${faultText(group.fault)}`);
  return group;
}

function undoEdit(copy: ClaimWorkingCopy, claim: ClaimRecord, why: string): null {
  copy.isMoving = true;
  copy.setClaim(
    withTimeline(
      { ...claim, wantedNetwork: null, reason: claim.reason === 'changing_rules' ? null : claim.reason },
      { atMs: copy.nowMs, stage: claim.state, code: 'edit_refused', message: `keeps its rules: ${why}` },
    ),
  );
  return null;
}

// ---- networks --------------------------------------------------------------------------------------

function decideNetwork(copy: ClaimWorkingCopy, id: string, leaving: Leaving): void {
  const claim = copy.claim(id);
  const group = claim && wantedGroup(copy, claim);
  if (!claim || !group || group.fault !== null) return;
  const refused = group.state === 'active' ? null : standingRefusal(group.refusals, wholeAccount, copy.nowMs);
  if (refused) {
    copy.dueAtMs.push(refused.nextTryAtMs);
    copy.setClaim(waiting(claim, 'changing_rules', refused.message, copy.nowMs, refused.nextTryAtMs));
    return;
  }
  if (group.state !== 'active' || group.groupId === null) {
    copy.isMoving = true;
    copy.setClaim(
      waiting(
        claim,
        'changing_rules',
        `waits for the security group ${group.groupId ?? group.name} to get its rules`,
        copy.nowMs,
      ),
    );
    return;
  }
  const inOld = leaveOthers(copy, claim, group, leaving);
  const now = copy.claim(id) ?? claim;
  if (inOld.length === 0) finish(copy, now, [group.groupId]);
  else {
    copy.isMoving = true;
    copy.setClaim(
      waiting(
        now,
        'changing_rules',
        `waits for ${inOld.slice(0, 5).join(', ')} to have ${group.groupId} attached`,
        copy.nowMs,
      ),
    );
  }
}

/** Leaves its other groups that none of its machines has attached; returns the machine requests that still do. */
export function leaveOthers(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  group: GroupRecord,
  leaving: Leaving,
): readonly string[] {
  const others = copy.groupsOf(claim.id).filter((one) => one.id !== group.id);
  const usersIn = (one: GroupRecord): string[] =>
    copy.usersOf(claim.id).filter((user) => leaving.get(user)?.has(one.id) === true);
  leave(
    copy,
    claim.id,
    others.filter((one) => usersIn(one).length === 0),
  );
  return [...new Set(others.flatMap(usersIn))];
}

function finish(copy: ClaimWorkingCopy, claim: ClaimRecord, groupIds: readonly string[]): void {
  const { spec, wantedNetwork } = claim;
  const reason = claim.reason === 'changing_rules' ? null : claim.reason;
  if (wantedNetwork !== null && spec.type !== 'storage') {
    copy.setClaim(
      withTimeline(
        { ...claim, groupIds, spec: { ...spec, network: wantedNetwork }, wantedNetwork: null, reason },
        {
          atMs: copy.nowMs,
          stage: claim.state,
          code: 'rules_changed',
          message: `its new rules are in force, in ${groupIds.join(', ')}`,
        },
      ),
    );
  } else if (groupIds.join(' ') !== claim.groupIds.join(' ') || reason !== claim.reason)
    copy.setClaim({ ...claim, groupIds, reason });
}

function leave(copy: ClaimWorkingCopy, id: string, groups: readonly GroupRecord[]): void {
  const claim = copy.claim(id);
  if (!claim || groups.length === 0) return;
  for (const group of groups) releaseGroup(copy, claim, copy.group(group.id) ?? group);
  copy.isMoving = true;
  // When the request ends, nothing of it may remain in EC2: its end waits for these groups, too.
  copy.setClaim({
    ...claim,
    waitsForGroups: [...claim.waitsForGroups.filter((one) => copy.group(one)), ...groups.map((group) => group.id)],
  });
}

// ---- machines --------------------------------------------------------------------------------------

/** Adds references to the groups that the request wants (its own rules and the networks it uses), and returns them. */
export function referToGroups(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): readonly GroupRecord[] {
  const own = wishOf(claim) === null ? null : wantedGroup(copy, claim);
  const used = spec.networkRequests.flatMap((request) => {
    const network = isLiveNetwork(copy, claim.tenant, request) ? copy.claim(request) : undefined;
    const wish = network && wishOf(network);
    return network && wish ? [acquireGroup(copy, network, wish)] : [];
  });
  // A group that EC2 refuses is shown on its network; the machine keeps its present groups.
  return [
    ...(own === null ? [] : [own]),
    ...used
      .filter((group) => claim.startedAtMs === null || group.fault === null)
      .map((group) => referTo(copy, claim, group)),
  ];
}

/** Groups that it must leave. The group of a network that is gone stays, because nothing has replaced it. */
function leftGroups(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  spec: MachineSpec,
  wanted: readonly GroupRecord[],
): readonly GroupRecord[] {
  const keep = new Set(wanted.map((group) => group.id));
  const networks = spec.networkRequests.filter((request) => isLiveNetwork(copy, claim.tenant, request));
  const ownKey = spec.network === null ? null : `${claim.tenant} ${wishKey(spec.network)}`;
  const isReplaced = (group: GroupRecord): boolean =>
    group.owner === claim.id
    || (ownKey !== null && group.shareKey === ownKey)
    || networks.some((network) => group.references.includes(network));
  return copy.groupsOf(claim.id).filter((group) => !keep.has(group.id) && isReplaced(group));
}

function decideMachine(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): readonly GroupRecord[] {
  const wanted = referToGroups(copy, claim, spec);
  const left = leftGroups(copy, claim, spec, wanted);
  if (claim.state === 'pending') {
    // An open launch is repeated with its frozen parameters, so with the groups of that time.
    if (copy.openParts(claim.id).size > 0) return left;
    if (!claim.machines.some((part) => part.state === 'there')) {
      leave(copy, claim.id, left);
      return [];
    }
  }
  const groupIds = attachedIds(copy, claim, left);
  const isSame = claim.groupIds.join(' ') === groupIds.join(' ');
  if (isSame && left.length === 0 && claim.wantedNetwork === null) {
    const isSettled = wanted.every((group) => group.state === 'active');
    if (claim.state === 'active' && claim.reason === 'changing_rules' && isSettled)
      copy.setClaim({ ...(copy.claim(claim.id) ?? claim), reason: null });
    return [];
  }
  copy.isMoving = true;
  const coming = wanted.find((group) => group.state !== 'active' || group.groupId === null);
  if (claim.state === 'active' && claim.wantedNetwork !== null) {
    const now = copy.claim(claim.id) ?? claim;
    const what = coming
      ? `the security group ${coming.groupId ?? coming.name} to get its rules`
      : `its machines to have ${groupIds.join(', ')} attached`;
    copy.setClaim(waiting(now, 'changing_rules', `waits for ${what}`, copy.nowMs));
  }
  if (coming) return left;
  if (claim.state === 'active' && isSame) {
    leave(copy, claim.id, left);
    finish(copy, copy.claim(claim.id) ?? claim, groupIds);
    return [];
  }
  if (attachTo(copy, claim, groupIds) !== null) return left;
  if (claim.state === 'active') {
    const now = copy.claim(claim.id) ?? claim;
    copy.setClaim(
      withTimeline(
        { ...now, groupIds },
        {
          atMs: copy.nowMs,
          stage: claim.state,
          code: 'groups_changed',
          message: `has ${groupIds.join(', ')} attached`,
        },
      ),
    );
    return left;
  }
  leave(copy, claim.id, left);
  return [];
}

function attachedIds(copy: ClaimWorkingCopy, claim: ClaimRecord, left: readonly GroupRecord[]): readonly string[] {
  const leaving = new Set(left.map((group) => group.id));
  return copy
    .groupsOf(claim.id)
    .filter((group) => !leaving.has(group.id))
    .flatMap((group) => group.groupId ?? [])
    .sort();
}

/** Calls for each instance that does not have exactly these groups; returns the first of them, null: all have them. */
function attachTo(copy: ClaimWorkingCopy, claim: ClaimRecord, groupIds: readonly string[]): string | null {
  const wrong = claim.machines.filter(
    (part) =>
      part.state === 'there'
      && copy.listing?.machines.get(part.instanceId ?? '')?.groupIds.join(' ') !== groupIds.join(' '),
  );
  for (const { instanceId } of wrong) {
    if (instanceId !== null && copy.listing?.machines.has(instanceId))
      copy.calls.push({ kind: 'set-groups', request: claim.id, instanceId, groupIds });
  }
  return wrong[0]?.instanceId ?? null;
}

/** An instance without its groups; null: all have them. Without groups of its own it keeps the VPC's default group. */
export function machineWithoutGroups(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): string | null {
  const groupIds = attachedIds(copy, claim, leftGroups(copy, claim, spec, referToGroups(copy, claim, spec)));
  return groupIds.length === 0 ? null : attachTo(copy, claim, groupIds);
}
