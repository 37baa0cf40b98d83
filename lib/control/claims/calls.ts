// Makes the calls of a decision and writes down what their answers say. An answer that is lost is no loss: the next
// look finds the effect by token, tag or name.
import { withTimeline } from '../../core/records/timeline.ts';
import { nextRefusal, passingReason, quotaCure, wholeAccount } from '../../core/claims/call-refusal.ts';
import type { ClaimCall } from '../../core/plan/claim-call.ts';
import { afterFailure, failureText } from '../../core/claims/final-snapshot.ts';
import type { FinalSnapshot, KeptVolume, VolumePart } from '../../core/records/volume.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { ClaimFault, ClaimRecord } from '../../core/records/claim.ts';
import { tagIntent, tagPart, tagRequest, tagTenant, tenantText } from '../../core/records/claim.ts';
import { waiting, waitsForEc2 } from '../../core/claims/lifecycle.ts';
import { modifyAgainAfterMs } from '../../core/claims/resize.ts';
import { tagInstallation, tagPool } from '../../core/records/launch.ts';
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

/** These pass by themselves: the state is not yet, or no longer, what the call needs. */
const passing: ReadonlySet<string> = new Set([
  'IncorrectState',
  'IncorrectInstanceState',
  'VolumeInUse',
  'DependencyViolation',
  'InvalidPermission.Duplicate',
  'InvalidPermission.NotFound',
  'InvalidGroup.Duplicate',
  'InvalidGroup.NotFound',
  'InvalidVolume.NotFound',
  'InvalidInstanceID.NotFound',
  'IncorrectModificationState',
  'InsufficientInstanceCapacity',
  'VolumeModificationRateExceeded',
  'SnapshotCreationPerVolumeRateExceeded',
  'InvalidGroup.InUse',
  'InvalidGroupId.NotFound',
]);

/**
 * true: something happened, or was learnt. @throws CloudThrottledError, CloudUnknownError,
 * ConditionFailedError when another tick was faster
 */
export async function makeCall(context: LaunchContext, call: ClaimCall, pauses: ReleasePauses): Promise<boolean> {
  try {
    if (call.kind === 'terminate') {
      const ids = call.machines.map((one) => one.id);
      const { accepted, refused: notAccepted } = await context.ports.cloud.terminate(ids);
      for (const { id, code, message } of notAccepted)
        context.ports.log.write('debug', 'EC2 did not accept a termination; it is asked again', {
          pool: context.lock.pool,
          machine: id,
          code,
          reason: message,
        });
      if (accepted.length < ids.length) pauses.refused(call, context.ports.clock.monotonicMs());
      else pauses.done(call);
      return accepted.length > 0;
    }
    await perform(context, call);
    pauses.done(call);
    return true;
  } catch (error) {
    if (!(error instanceof CloudRefusedError)) throw error;
    pauses.refused(call, context.ports.clock.monotonicMs());
    return refused(context, call, error);
  }
}

async function perform(context: LaunchContext, call: Exclude<ClaimCall, { kind: 'terminate' }>): Promise<void> {
  const { settings, lock, ports } = context;
  const { cloud } = ports;
  const tags = { [tagInstallation]: settings.installation, [tagPool]: lock.pool };
  switch (call.kind) {
    case 'stop':
    case 'start':
      await (call.kind === 'stop' ? cloud.stop(call.ids) : cloud.start(call.ids));
      return;
    case 'retag':
      await cloud.tag(call.ids, { [tagRequest]: call.request });
      return;
    case 'create-volume': {
      const { zone, shape, snapshotId } = call;
      const volumeId = await cloud.createVolume(call.token, {
        zone,
        shape,
        snapshotId,
        tags: { ...tags, [tagRequest]: call.request, [tagPart]: call.token },
      });
      await updateClaim(context, call.request, (claim) =>
        claim.volume?.volumeId === null
          ? // From here on a listing that lacks it says something; it may have been asked for long before.
            { ...claim, volume: { ...claim.volume, volumeId, askedAtMs: ports.clock.nowMs(), missingSinceMs: null } }
          : null,
      );
      return;
    }
    case 'attach':
      await cloud.attach(call.volumeId, call.instanceId, call.device);
      return;
    case 'detach':
      await cloud.detach(call.volumeId, call.instanceId);
      return;
    case 'modify':
      await cloud.modify(call.volumeId, call.shape);
      await updateClaim(context, call.request, (claim) => ({
        ...claim,
        modifiedAtMs: ports.clock.nowMs(),
        modifyAgainAtMs: null,
      }));
      return;
    case 'snapshot': {
      const { tenant } = (await readClaim(ports, lock.pool, call.request))?.record ?? {};
      const id = await cloud.snapshot(call.volumeId, {
        ...tags,
        [tagRequest]: call.request,
        [tagPart]: call.part,
        [tagIntent]: call.intent,
        ...(tenant === undefined ? {} : { [tagTenant]: tenantText(tenant) }),
      });
      // The answer to an earlier call, which came late, is found by its intent.
      await updateClaim(context, call.request, (claim) =>
        withVolume(claim, call.part, (part) =>
          isLatest(part, call.intent) ? { ...part, snapshot: { ...part.snapshot, id } } : null,
        ),
      );
      return;
    }
    case 'delete-volume':
      await cloud.deleteVolume(call.volumeId);
      // EC2 has accepted the deletion: that is its word.
      if (call.request === null) await dropKept(context, call.volumeId);
      else
        await updateClaim(context, call.request, (claim) =>
          withVolumeId(claim, call.volumeId, (part) => ({ ...part, state: 'gone' })),
        );
      return;
    case 'create-group': {
      const item = await ports.store.get<GroupRecord>(keys.group(lock.pool, call.group));
      if (!item) return;
      const { name, owner, shareKey } = item.data;
      const groupId = await cloud.createGroup(
        name,
        `Bellows: ${shareKey === null ? 'dedicated to' : 'shared, first of'} ${owner}`,
        { ...tags, [tagRequest]: owner, [tagPart]: call.group },
      );
      await updateGroup(context, call.group, (group) => (group.groupId === null ? { ...group, groupId } : null));
      return;
    }
    case 'authorize':
      await cloud.authorize(call.groupId, call.rules);
      return;
    case 'revoke':
      await cloud.revoke(call.groupId, call.rules);
      return;
    case 'set-groups':
      await cloud.setGroups(call.instanceId, call.groupIds);
      return;
    case 'delete-group':
      await cloud.deleteGroup(call.groupId);
      await update<GroupRecord>(ports, keys.group(lock.pool, call.group), (current) =>
        current?.data.state === 'deleting' && current.data.groupId !== call.groupId
          ? { ...keys.group(lock.pool, call.group), data: { ...current.data, groupId: call.groupId } }
          : null,
      );
      await dropGroup(context, call.group);
      return;
    default:
      unreachable(call);
  }
}

/** EC2's refusal of a part rolls its request back, unless it passes by itself. */
async function refused(context: LaunchContext, call: ClaimCall, error: CloudRefusedError): Promise<boolean> {
  const { ports, lock } = context;
  if (call.kind === 'start' && error.fault.scope !== 'request')
    await rememberShortage(context, call.request, call.ids, error);
  if (call.kind === 'start' && comesBack(error) && (await startWaits(context, call, error))) return true;
  if (call.kind === 'snapshot') return snapshotRefused(context, call, error);
  if (await callWaits(context, call, error)) return true;
  if (call.kind === 'modify' && error.fault.code === 'VolumeModificationRateExceeded')
    return updateClaim(context, call.request, (claim) => tooSoon(claim, ports.clock.nowMs()));
  if (passing.has(error.fault.code)) {
    ports.log.write('debug', 'EC2 does not take a call yet', {
      pool: lock.pool,
      call: call.kind,
      code: error.fault.code,
      reason: error.message,
    });
    return false;
  }
  ports.log.write('warn', 'EC2 refused a call', {
    pool: lock.pool,
    call: call.kind,
    code: error.fault.code,
    reason: error.message,
  });
  const fault: ClaimFault = { code: error.fault.code, message: error.message };
  switch (call.kind) {
    case 'create-group':
    case 'authorize':
    case 'revoke':
      return updateGroup(context, call.group, (group) => (group.fault === null ? { ...group, fault } : null));
    case 'create-volume':
      return updateClaim(context, call.request, (claim) => {
        const part = claim.volume;
        // Refused: nothing was made under this token.
        return part && part.volumeId === null
          ? { ...claim, fault: claim.fault ?? fault, volume: { ...part, state: 'gone' } }
          : null;
      });
    case 'attach':
      return updateClaim(context, call.request, (claim) => {
        const use = claim.usedBy?.node;
        // The tick takes the attempt back, and then lets go of the volume.
        if (claim.usedBy && use)
          return use.refusal === null && use.id === call.instanceId
            ? { ...claim, usedBy: { ...claim.usedBy, node: { ...use, refusal: error.message } } }
            : null;
        if (claim.state !== 'pending' || claim.spec.type !== 'storage') return null;
        if (claim.startedAtMs === null) return claim.fault === null ? { ...claim, fault } : null;
        // What was granted before is not given up because a later wish for it was refused.
        return withTimeline(
          { ...claim, state: 'active' as const, reason: null, usedBy: null, spec: { ...claim.spec, attachTo: null } },
          {
            atMs: ports.clock.nowMs(),
            stage: 'active',
            code: 'attach_refused',
            message: `EC2 does not attach it: ${error.message}`,
          },
        );
      });
    case 'start':
      return updateClaim(context, call.request, (claim) =>
        claim.startedAtMs === null
          ? { ...claim, fault: claim.fault ?? fault }
          : claim.power === 'running' && claim.state === 'pending'
            ? withTimeline(
                { ...claim, power: 'stopped' as const, state: 'active' as const, reason: 'stopped' },
                {
                  atMs: ports.clock.nowMs(),
                  stage: 'active',
                  code: 'start_refused',
                  message: `EC2 does not start it: ${error.message}`,
                },
              )
            : null,
      );
    case 'stop':
      return updateClaim(context, call.request, (claim) =>
        claim.power === 'stopped'
          ? withTimeline(
              { ...claim, power: 'running' as const },
              {
                atMs: ports.clock.nowMs(),
                stage: claim.state,
                code: 'stop_refused',
                message: `EC2 does not stop it: ${error.message}`,
              },
            )
          : null,
      );
    case 'delete-volume':
      return call.request === null
        ? false
        : updateClaim(context, call.request, (claim) => {
            const message =
              `EC2 does not delete ${call.volumeId}: ${error.message}; it is asked again until it does, `
              + 'and the volume costs what it did';
            if (claim.timeline.findLast((entry) => entry.code === 'delete_refused')?.message === message) return null;
            return withTimeline(claim, {
              atMs: ports.clock.nowMs(),
              stage: claim.state,
              code: 'delete_refused',
              message,
            });
          });
    case 'set-groups':
      return updateClaim(context, call.request, (claim) => {
        const message = `EC2 does not change the groups of ${call.instanceId}: ${error.message}`;
        if (claim.timeline.at(-1)?.message === message) return null;
        return withTimeline(claim, { atMs: ports.clock.nowMs(), stage: claim.state, code: 'groups_refused', message });
      });
    case 'modify':
      return updateClaim(context, call.request, (claim) =>
        claim.wantedShape === null
          ? null
          : withTimeline(
              {
                ...claim,
                wantedShape: null,
                isResizing: false,
                reason: claim.state === 'active' && !claim.isDetaching ? null : claim.reason,
              },
              {
                atMs: ports.clock.nowMs(),
                stage: claim.state,
                code: 'resize_refused',
                message: `EC2 does not resize it: ${error.message}`,
              },
            ),
      );
    default:
      return false;
  }
}

type LatestPart = VolumePart & { readonly snapshot: FinalSnapshot };

function isLatest(part: VolumePart, intent: string): part is LatestPart {
  return part.snapshot?.id === null && part.snapshot.intents?.at(-1) === intent;
}

/** Nothing was made: it is tried again later and later, and its request says so. */
async function snapshotRefused(
  context: LaunchContext,
  call: Extract<ClaimCall, { kind: 'snapshot' }>,
  error: CloudRefusedError,
): Promise<boolean> {
  const nowMs = context.ports.clock.nowMs();
  context.ports.log.write('warn', 'EC2 refused a final snapshot', {
    pool: context.lock.pool,
    volume: call.volumeId,
    code: error.fault.code,
    reason: error.message,
  });
  return updateClaim(context, call.request, (claim) => {
    let told: string | null = null;
    let atMs: number | null = null;
    const next = withVolume(claim, call.part, (part) => {
      if (!isLatest(part, call.intent)) return null;
      const snapshot = afterFailure(part.snapshot, nowMs);
      told = failureText(part, `EC2 refuses it: ${error.message}`, snapshot);
      atMs = snapshot.nextTryAtMs ?? null;
      return { ...part, snapshot };
    });
    return next && told !== null
      ? withTimeline(next, {
          atMs: nowMs,
          stage: claim.state,
          code: 'snapshot_failed',
          message: told,
          ...(atMs === null ? {} : { nextTryAtMs: atMs }),
        })
      : null;
  });
}

/** Capacity and quotas do; what a type does not support, or a role may not do, is somebody's to mend. */
function comesBack({ fault: { code, scope } }: CloudRefusedError): boolean {
  return scope === 'quota' || scope === 'zone' || (scope === 'offering' && !code.startsWith('Unsupported'));
}

const firstStartPauseMs = 5_000;
const longestStartPauseMs = 300_000;

/**
 * What was granted before is started later, asked for less and less often, and its request says so. false:
 * it is no such request.
 */
async function startWaits(
  context: LaunchContext,
  call: Extract<ClaimCall, { kind: 'stop' | 'start' }>,
  error: CloudRefusedError,
): Promise<boolean> {
  const nowMs = context.ports.clock.nowMs();
  context.ports.log.write('warn', 'EC2 does not start a machine now', {
    pool: context.lock.pool,
    request: call.request,
    code: error.fault.code,
    reason: error.message,
  });
  return updateClaim(context, call.request, (claim) => {
    if (claim.startedAtMs === null || claim.power !== 'running' || claim.state !== 'pending') return null;
    const times = (claim.startRefused?.times ?? 0) + 1;
    const nextTryAtMs = nowMs + Math.min(longestStartPauseMs, firstStartPauseMs * 2 ** Math.min(times - 1, 16));
    const code = error.fault.scope === 'quota' ? 'account_limit' : 'no_capacity';
    return waiting(
      { ...claim, startRefused: { times, nextTryAtMs } },
      code,
      `EC2 does not start ${call.ids.join(', ')} now (${error.message}); it is asked again at `
        + `${new Date(nextTryAtMs).toISOString()}`,
      nowMs,
      nextTryAtMs,
    );
  });
}

/**
 * What was not granted yet waits where EC2 refuses it for capacity or a quota. false: it is refused for
 * good, or is no such call.
 */
async function callWaits(context: LaunchContext, call: ClaimCall, error: CloudRefusedError): Promise<boolean> {
  const nowMs = context.ports.clock.nowMs();
  const reason = passingReason(error.fault.code);
  if (reason === null) return false;
  const why = error.message;
  const cureFor = (shape: VolumePart['shape'] | null): string => quotaCure(error.fault.code, shape);
  switch (call.kind) {
    case 'create-volume': {
      const about = reason === 'no_capacity' ? call.zone : wholeAccount;
      return updateClaim(context, call.request, (claim) => {
        const part = claim.volume;
        if (
          claim.state !== 'pending'
          || claim.cancelRequestedAtMs !== null
          || part?.volumeId !== null
          || part.key !== call.token
        )
          return null;
        const { refusal, refusals } = nextRefusal(
          claim.refusals,
          { about, reason, what: `make a ${call.shape.type} volume in ${call.zone}`, why, cure: cureFor(call.shape) },
          nowMs,
        );
        // Nothing was made under this token: another zone may be tried.
        return waiting(
          {
            ...claim,
            refusals,
            grantSinceMs: null,
            volume: { ...part, state: 'wanted' as const, zone: null, askedAtMs: null },
          },
          reason,
          refusal.message,
          nowMs,
          refusal.nextTryAtMs,
        );
      });
    }
    case 'attach':
      return updateClaim(context, call.request, (claim) => {
        // A task's attempt is taken back instead; and a volume that was granted keeps what it has.
        if (claim.usedBy === null || claim.usedBy.node || (claim.state === 'pending' && claim.startedAtMs !== null))
          return null;
        if (claim.state !== 'pending' && claim.state !== 'active') return null;
        const { refusal, refusals } = nextRefusal(
          claim.refusals,
          {
            about: call.instanceId,
            reason,
            what: `attach ${call.volumeId} to ${call.instanceId}`,
            why,
            cure: cureFor(null),
          },
          nowMs,
        );
        return claim.state === 'active'
          ? { ...claim, refusals }
          : waiting({ ...claim, refusals, grantSinceMs: null }, reason, refusal.message, nowMs, refusal.nextTryAtMs);
      });
    case 'create-group':
      return updateGroup(context, call.group, (group) =>
        group.state !== 'creating' || group.fault !== null
          ? null
          : {
              ...group,
              refusals: nextRefusal(
                group.refusals,
                {
                  about: wholeAccount,
                  reason,
                  what: `make the security group ${group.name}`,
                  why,
                  cure: cureFor(null),
                },
                nowMs,
              ).refusals,
            },
      );
    default:
      return false;
  }
}

/**
 * How often EC2 is asked for a change that it refuses as too soon: its limit is by the day, and may
 * end before six hours.
 */
const modifyTriesApartMs = 1_800_000;

function tooSoon(claim: ClaimRecord, nowMs: number): ClaimRecord | null {
  if (claim.wantedShape === null) return null;
  const modifiedAtMs = claim.modifiedAtMs ?? nowMs;
  const untilMs = Math.max(
    modifiedAtMs + modifyAgainAfterMs,
    nowMs + (modifiedAtMs + modifyAgainAfterMs > nowMs ? 0 : modifyTriesApartMs),
  );
  const next = { ...claim, modifiedAtMs, modifyAgainAtMs: Math.min(untilMs, nowMs + modifyTriesApartMs) };
  return claim.state === 'active' && !claim.isDetaching ? waitsForEc2(next, untilMs, nowMs) : next;
}

/**
 * What cannot be started now cannot be launched either; and a warm machine that cannot be started is
 * no use to its request.
 */
async function rememberShortage(
  context: LaunchContext,
  request: string,
  ids: readonly string[],
  { message, fault: { code, scope } }: CloudRefusedError,
): Promise<void> {
  const { ports, settings, lock } = context;
  const claim = await readClaim(ports, lock.pool, request);
  const parts = (claim?.record.machines ?? []).filter((part) => ids.includes(part.instanceId ?? ''));
  await rememberFaults(
    ports,
    settings,
    lock.pool,
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
              faults: [{ code, scope, message, about: { instanceType, zone } }],
            },
          ],
    ),
  );
}

/** Facts about EC2 need no fence: they are so, whoever holds the lock. */
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

/** What it cost while nobody used it is counted in the write that ends it. */
async function dropKept(context: LaunchContext, id: string): Promise<void> {
  const { ports, lock } = context;
  const kept = await reading(ports, () => ports.store.get<KeptVolume>(keys.kept(lock.pool, id)));
  if (!kept) return;
  await transactCounting(
    ports,
    lock.pool,
    [{ op: 'delete', key: keys.kept(lock.pool, id), condition: kept.version }],
    countGoneKept([kept.data], ports.clock.nowMs()),
  );
}

function withVolume(
  claim: ClaimRecord,
  key: string,
  change: (part: VolumePart) => VolumePart | null,
): ClaimRecord | null {
  return changeVolumes(claim, (part) => (part.key === key ? change(part) : null));
}

function withVolumeId(
  claim: ClaimRecord,
  volumeId: string,
  change: (part: VolumePart) => VolumePart | null,
): ClaimRecord | null {
  return changeVolumes(claim, (part) => (part.volumeId === volumeId ? change(part) : null));
}

function changeVolumes(claim: ClaimRecord, change: (part: VolumePart) => VolumePart | null): ClaimRecord | null {
  const own = claim.volume === null ? null : change(claim.volume);
  let isChanged = own !== null;
  const machines = claim.machines.map((machine) => ({
    ...machine,
    volumes: machine.volumes.map((part) => {
      const next = change(part);
      if (next) isChanged = true;
      return next ?? part;
    }),
  }));
  return isChanged ? { ...claim, volume: own ?? claim.volume, machines } : null;
}
