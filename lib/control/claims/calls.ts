// Makes the EC2 calls of a decision and records their results. A lost answer does no harm: the next tick finds the
// effect of the call by its token, tag or name.
import { changeVolumes } from '../../core/claims/lifecycle.ts';
import { unbilledOfKept } from '../../core/claims/spent.ts';
import { claimAfterRefusal, groupAfterRefusal, isLatest } from '../../core/claims/refusals/refused-call.ts';
import type { LaunchFault } from '../../core/plan/capacity-memory.ts';
import type { ClaimCall } from '../../core/plan/claim-call.ts';
import { callKey } from '../../core/plan/claim-call.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { tagIntent, tagPart, tagRequest, tagTenant, tenantText } from '../../core/records/claim.ts';
import { tagInstallation, tagPool } from '../../core/records/launch.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { KeptVolume } from '../../core/records/volume.ts';
import { passesByItself } from '../../core/values/ec2-error-codes.ts';
import { unreachable } from '../../core/values/errors.ts';
import { CloudRefusedError } from '../../ports/cloud.ts';
import { keys } from '../store/keys.ts';
import { countGoneKept, transactCounting } from '../store/totals.ts';
import { rememberFaults } from '../tick/launch-calls.ts';
import { reading, update } from '../store/store-retry.ts';
import { changeOne } from './change-one.ts';
import { readClaim } from './store.ts';
import type { ReleasePauses } from './release-pauses.ts';
import type { LaunchContext } from '../tick/launch-kind.ts';

/**
 * true: EC2 or a record changed. @throws CloudThrottledError, CloudUnknownError,
 * ConditionFailedError when another tick was faster
 */
export async function makeCall(context: LaunchContext, call: ClaimCall, pauses: ReleasePauses): Promise<boolean> {
  try {
    if (call.kind === 'terminate') return await terminate(context, call, pauses);
    await perform(context, call);
    pauses.done(call);
    return true;
  } catch (error) {
    if (!(error instanceof CloudRefusedError)) throw error;
    pauses.refused(call, context.ports.clock.monotonicMs());
    return refused(context, call, error);
  }
}

async function terminate(
  { ports, lock }: LaunchContext,
  call: CallOf<'terminate'>,
  pauses: ReleasePauses,
): Promise<boolean> {
  const ids = call.machines.map((one) => one.id);
  const answer = await ports.cloud.terminate(ids);
  for (const { id, code, message } of answer.refused)
    ports.log.write('debug', 'EC2 did not accept a termination; it is asked again', {
      pool: lock.pool,
      machine: id,
      code,
      reason: message,
    });
  if (answer.accepted.length < ids.length) pauses.refused(call, ports.clock.monotonicMs());
  else pauses.done(call);
  return answer.accepted.length > 0;
}

/** @throws CloudRefusedError */
async function perform(context: LaunchContext, call: Exclude<ClaimCall, { kind: 'terminate' }>): Promise<void> {
  const { cloud } = context.ports;
  switch (call.kind) {
    case 'stop':
      return cloud.stop(call.ids);
    case 'start':
      return cloud.start(call.ids);
    case 'retag':
      return cloud.tag(call.ids, { ...call.labelTags, [tagRequest]: call.request });
    case 'create-volume':
      return createVolume(context, call);
    case 'attach':
      return cloud.attach(call.volumeId, call.instanceId, call.device);
    case 'detach':
      return cloud.detach(call.volumeId, call.instanceId);
    case 'modify':
      return modify(context, call);
    case 'snapshot':
      return snapshot(context, call);
    case 'delete-volume':
      return deleteVolume(context, call);
    case 'create-group':
      return createGroup(context, call);
    case 'authorize':
      return cloud.authorize(call.groupId, call.rules);
    case 'revoke':
      return cloud.revoke(call.groupId, call.rules);
    case 'set-groups':
      return cloud.setGroups(call.instanceId, call.groupIds);
    case 'delete-group':
      return deleteGroup(context, call);
    default:
      return unreachable(call);
  }
}

type CallOf<K extends ClaimCall['kind']> = Extract<ClaimCall, { readonly kind: K }>;

function tagsOf({ settings, lock }: LaunchContext): Readonly<Record<string, string>> {
  return { [tagInstallation]: settings.installation, [tagPool]: lock.pool };
}

async function createVolume(context: LaunchContext, call: CallOf<'create-volume'>): Promise<void> {
  const { ports } = context;
  const { zone, shape, snapshotId, request, token, labelTags } = call;
  const tags = { ...labelTags, ...tagsOf(context), [tagRequest]: request, [tagPart]: token };
  const volumeId = await ports.cloud.createVolume(token, { zone, shape, snapshotId, tags });
  await updateClaim(context, request, (claim) =>
    claim.volume?.volumeId === null
      ? // Counts as asked for from now on, not from the first call: only then does a listing that lacks it mean a loss.
        { ...claim, volume: { ...claim.volume, volumeId, askedAtMs: ports.clock.nowMs(), missingSinceMs: null } }
      : null,
  );
}

async function modify(context: LaunchContext, { request, volumeId, shape }: CallOf<'modify'>): Promise<void> {
  const { ports } = context;
  await ports.cloud.modify(volumeId, shape);
  await updateClaim(context, request, (claim) => ({
    ...claim,
    modifiedAtMs: ports.clock.nowMs(),
    modifyAgainAtMs: null,
  }));
}

async function snapshot(context: LaunchContext, call: CallOf<'snapshot'>): Promise<void> {
  const { ports, lock } = context;
  const { request, part: key, intent, volumeId } = call;
  const { tenant } = (await readClaim(ports, lock.pool, request))?.record ?? {};
  const id = await ports.cloud.snapshot(volumeId, {
    ...tagsOf(context),
    [tagRequest]: request,
    [tagPart]: key,
    [tagIntent]: intent,
    ...(tenant === undefined ? {} : { [tagTenant]: tenantText(tenant) }),
  });
  // Only for the latest call. The snapshot of an earlier one, whose answer came late, is found by its intent.
  await updateClaim(context, request, (claim) =>
    changeVolumes(claim, (part) =>
      part.key === key && isLatest(part, intent) ? { ...part, snapshot: { ...part.snapshot, id } } : null,
    ),
  );
}

async function deleteVolume(context: LaunchContext, { request, volumeId }: CallOf<'delete-volume'>): Promise<void> {
  await context.ports.cloud.deleteVolume(volumeId);
  // EC2 has accepted the deletion, which is enough evidence.
  if (request === null) await dropKept(context, volumeId);
  else
    await updateClaim(context, request, (claim) =>
      changeVolumes(claim, (part) => (part.volumeId === volumeId ? { ...part, state: 'gone' } : null)),
    );
}

async function createGroup(context: LaunchContext, { group: id }: CallOf<'create-group'>): Promise<void> {
  const { ports, lock } = context;
  const item = await ports.store.get<GroupRecord>(keys.group(lock.pool, id));
  if (!item) return;
  const { name, owner, shareKey } = item.data;
  const about = `Bellows: ${shareKey === null ? 'dedicated to' : 'shared, first of'} ${owner}`;
  const groupId = await ports.cloud.createGroup(name, about, {
    ...tagsOf(context),
    [tagRequest]: owner,
    [tagPart]: id,
  });
  await updateGroup(context, id, (group) => (group.groupId === null ? { ...group, groupId } : null));
}

async function deleteGroup(context: LaunchContext, { group: id, groupId }: CallOf<'delete-group'>): Promise<void> {
  await context.ports.cloud.deleteGroup(groupId);
  await updateGroup(context, id, (group) =>
    group.state === 'deleting' && group.groupId !== groupId ? { ...group, groupId } : null,
  );
  await dropGroup(context, id);
}

/** Records the refusal on the claim or group that the call was for. true: that changed it. */
async function refused(
  context: LaunchContext,
  call: ClaimCall,
  { fault, message }: CloudRefusedError,
): Promise<boolean> {
  const { ports, lock } = context;
  const passes = passesByItself(fault.code);
  ports.log.write(passes ? 'debug' : 'warn', passes ? 'EC2 does not take a call yet' : 'EC2 refused a call', {
    pool: lock.pool,
    call: callKey(call),
    code: fault.code,
    reason: message,
  });
  if (call.kind === 'terminate') return false;
  if (call.kind === 'start' && fault.scope !== 'request') await rememberShortage(context, call, { ...fault, message });
  const nowMs = ports.clock.nowMs();
  if ('group' in call)
    return updateGroup(context, call.group, (group) => groupAfterRefusal(group, call, { ...fault, message }, nowMs));
  if (call.request === null) return false;
  return updateClaim(context, call.request, (claim) => claimAfterRefusal(claim, call, { ...fault, message }, nowMs));
}

/** An offering that cannot be started cannot be launched either, so the refusal goes into the capacity memory. */
async function rememberShortage(
  context: LaunchContext,
  { request, ids }: Extract<ClaimCall, { readonly ids: readonly string[] }>,
  fault: LaunchFault,
): Promise<void> {
  const { ports, settings, lock } = context;
  const claim = await readClaim(ports, lock.pool, request);
  const parts = (claim?.record.machines ?? []).filter((part) => ids.includes(part.instanceId ?? ''));
  await rememberFaults(
    ports,
    settings,
    context.pool,
    parts.flatMap(({ instanceType, zone, capacityType }) =>
      instanceType === null || zone === null
        ? []
        : [
            {
              capacityType,
              asked: [{ instanceType, zone }],
              launched: [],
              count: 1,
              gangs: [],
              faults: [{ ...fault, about: { instanceType, zone } }],
            },
          ],
    ),
  );
}

/** Without the fence: facts about EC2 are true no matter which tick has the lock. */
async function updateClaim(
  context: LaunchContext,
  id: string,
  change: (claim: ClaimRecord) => ClaimRecord | null,
): Promise<boolean> {
  return changeOne(context.ports, context.lock.pool, id, change);
}

async function updateGroup(
  context: LaunchContext,
  id: string,
  change: (group: GroupRecord) => GroupRecord | null,
): Promise<boolean> {
  const key = keys.group(context.lock.pool, id);
  const { isChanged } = await update<GroupRecord>(context.ports, key, (current) => {
    const next = current ? change(current.data) : null;
    return next ? { ...key, data: next } : null;
  });
  return isChanged;
}

async function dropGroup(context: LaunchContext, id: string): Promise<void> {
  const { ports, lock } = context;
  const item = await ports.store.get<GroupRecord>(keys.group(lock.pool, id));
  if (item?.data.state === 'deleting') await ports.store.delete({ pk: item.pk, sk: item.sk }, item.version);
}

/** The write that deletes the document also adds what the volume cost while it was kept to the totals. */
async function dropKept(context: LaunchContext, id: string): Promise<void> {
  const { ports, lock } = context;
  const kept = await reading(ports, () => ports.store.get<KeptVolume>(keys.kept(lock.pool, id)));
  if (!kept) return;
  await transactCounting(
    ports,
    lock.pool,
    [{ op: 'delete', key: keys.kept(lock.pool, id), condition: kept.version }],
    countGoneKept([kept.data], ports.clock.nowMs()),
    unbilledOfKept(kept.data, ports.clock.nowMs()),
  );
}
