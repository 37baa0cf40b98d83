// What becomes of a claim, or of a group, when EC2 refuses a call for it. It waits and the call is repeated, or a claim
// that was not granted yet fails, or a granted claim stays as it was. The timeline says which.
import { longestRefusalMs, nextRefusal, quotaCure, wholeAccount } from './call-refusal.ts';
import type { Refused } from './call-refusal.ts';
import { afterFailure, failureText } from '../volumes/final-snapshot.ts';
import { volumesOf } from '../release/left-over.ts';
import { changeVolumes, waiting, waitsForEc2 } from '../lifecycle.ts';
import { modifyAgainAfterMs } from '../volumes/resize.ts';
import type { LaunchFault } from '../../plan/capacity-memory.ts';
import type { ClaimCall } from '../../plan/claim-call.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { GroupRecord } from '../../records/security-group.ts';
import { withTimeline } from '../../records/timeline.ts';
import { passesByItself, waitReason } from '../../values/ec2-error-codes.ts';
import type { FinalSnapshot, VolumePart } from '../../records/volume.ts';

type CallOf<K extends ClaimCall['kind']> = Extract<ClaimCall, { readonly kind: K }>;
type PowerCall = Extract<ClaimCall, { readonly ids: readonly string[] }>;
export type CallForClaim = Extract<ClaimCall, { readonly request: string | null }>;
export type CallForGroup = Extract<ClaimCall, { readonly group: string }>;
type Fault = Pick<LaunchFault, 'code' | 'scope' | 'message'>;

/** null: it stays as it is. */
export function claimAfterRefusal(
  claim: ClaimRecord,
  call: CallForClaim,
  fault: Fault,
  nowMs: number,
): ClaimRecord | null {
  return (
    waitingAfter(claim, call, fault, nowMs) ?? (passesByItself(fault.code) ? null : refused(claim, call, fault, nowMs))
  );
}

/** null: it stays as it is. */
export function groupAfterRefusal(
  group: GroupRecord,
  call: CallForGroup,
  { code, message }: Fault,
  nowMs: number,
): GroupRecord | null {
  const reason = waitReason(code);
  if (call.kind === 'delete-group' || group.fault !== null) return null;
  if (call.kind === 'create-group' && group.state === 'creating' && reason !== null) {
    const what = `make the security group ${group.name}`;
    const wish = { about: wholeAccount, reason, what, why: message, cure: quotaCure(code, null) };
    return { ...group, refusals: nextRefusal(group.refusals, wish, nowMs).refusals };
  }
  return passesByItself(code) ? null : { ...group, fault: { code, message } };
}

// ---- it waits, and is asked for again --------------------------------------------------------------------

/** null: waiting does not help, or there is nothing that waits for it. */
function waitingAfter(claim: ClaimRecord, call: CallForClaim, fault: Fault, nowMs: number): ClaimRecord | null {
  const reason = waitReason(fault.code);
  switch (call.kind) {
    case 'start':
      return comesBack(fault) ? startLater(claim, call, fault, nowMs) : null;
    case 'snapshot':
      return snapshotLater(claim, call, fault, nowMs);
    case 'modify':
      return fault.code === 'VolumeModificationRateExceeded' ? modifyLater(claim, nowMs) : null;
    case 'create-volume':
      return reason === null ? null : createLater(claim, call, { ...fault, reason }, nowMs);
    case 'attach':
      return reason === null ? null : attachLater(claim, call, { ...fault, reason }, nowMs);
    default:
      return null;
  }
}

/** Capacity and quotas come back; an unsupported type or a missing permission needs a person. */
function comesBack({ code, scope }: Fault): boolean {
  return scope === 'quota' || scope === 'zone' || (scope === 'offering' && !code.startsWith('Unsupported'));
}

const firstStartPauseMs = 5_000;

/** A machine that was granted before is started later, with longer and longer pauses. */
function startLater(claim: ClaimRecord, call: PowerCall, { scope, message }: Fault, nowMs: number): ClaimRecord | null {
  if (claim.startedAtMs === null || claim.power !== 'running' || claim.state !== 'pending') return null;
  const times = (claim.startRefused?.times ?? 0) + 1;
  const nextTryAtMs = nowMs + Math.min(longestRefusalMs, firstStartPauseMs * 2 ** Math.min(times - 1, 16));
  return waiting(
    { ...claim, startRefused: { times, nextTryAtMs } },
    scope === 'quota' ? 'account_limit' : 'no_capacity',
    `EC2 does not start ${call.ids.join(', ')} now (${message}); it is asked again at `
      + `${new Date(nextTryAtMs).toISOString()}`,
    nowMs,
    nextTryAtMs,
  );
}

type LatestPart = VolumePart & { readonly snapshot: FinalSnapshot };

/** Its final snapshot is made, and asked for by this intent last. */
export function isLatest(part: VolumePart, intent: string): part is LatestPart {
  return part.snapshot?.id === null && part.snapshot.intents.at(-1) === intent;
}

/** No snapshot was made: the next try comes after a pause that grows. */
function snapshotLater(
  claim: ClaimRecord,
  { part: key, intent }: CallOf<'snapshot'>,
  { message }: Fault,
  nowMs: number,
): ClaimRecord | null {
  const part = volumesOf(claim).find((one) => one.key === key);
  if (!part || !isLatest(part, intent)) return null;
  const snapshot = afterFailure(part.snapshot, nowMs);
  const { nextTryAtMs } = snapshot;
  const next = changeVolumes(claim, (one) => (one === part ? { ...part, snapshot } : null));
  return (
    next
    && withTimeline(next, {
      atMs: nowMs,
      stage: claim.state,
      code: 'snapshot_failed',
      message: failureText(part, `EC2 refuses it: ${message}`, snapshot),
      ...(nextTryAtMs === null ? {} : { nextTryAtMs }),
    })
  );
}

/**
 * How often EC2 is asked for a change that it refuses as too soon: its limit is by the day, and may
 * end before six hours.
 */
const modifyTriesApartMs = 1_800_000;

function modifyLater(claim: ClaimRecord, nowMs: number): ClaimRecord | null {
  if (claim.wantedShape === null) return null;
  const modifiedAtMs = claim.modifiedAtMs ?? nowMs;
  const untilMs = Math.max(
    modifiedAtMs + modifyAgainAfterMs,
    nowMs + (modifiedAtMs + modifyAgainAfterMs > nowMs ? 0 : modifyTriesApartMs),
  );
  const next = { ...claim, modifiedAtMs, modifyAgainAtMs: Math.min(untilMs, nowMs + modifyTriesApartMs) };
  return claim.state === 'active' && !claim.isDetaching ? waitsForEc2(next, untilMs, nowMs) : next;
}

type Passing = Fault & Pick<Refused, 'reason'>;

/** Nothing was made under this token: another zone may be tried. */
function createLater(
  claim: ClaimRecord,
  { zone, shape, token }: CallOf<'create-volume'>,
  { reason, code, message: why }: Passing,
  nowMs: number,
): ClaimRecord | null {
  const part = claim.volume;
  if (claim.state !== 'pending' || claim.cancelRequestedAtMs !== null) return null;
  if (part?.volumeId !== null || part.key !== token) return null;
  const { refusal, refusals } = nextRefusal(
    claim.refusals,
    {
      about: reason === 'no_capacity' ? zone : wholeAccount,
      reason,
      what: `make a ${shape.type} volume in ${zone}`,
      why,
      cure: quotaCure(code, shape),
    },
    nowMs,
  );
  const volume = { ...part, state: 'wanted' as const, zone: null, askedAtMs: null };
  const next = { ...claim, refusals, grantSinceMs: null, volume };
  return waiting(next, reason, refusal.message, nowMs, refusal.nextTryAtMs);
}

/** null for a task's volume, whose attempt is withdrawn instead, and for a volume that was granted before. */
function attachLater(
  claim: ClaimRecord,
  { volumeId, instanceId }: CallOf<'attach'>,
  { reason, code, message: why }: Passing,
  nowMs: number,
): ClaimRecord | null {
  if (claim.usedBy === null || claim.usedBy.node || (claim.state === 'pending' && claim.startedAtMs !== null))
    return null;
  if (claim.state !== 'pending' && claim.state !== 'active') return null;
  const what = `attach ${volumeId} to ${instanceId}`;
  const { refusal, refusals } = nextRefusal(
    claim.refusals,
    { about: instanceId, reason, what, why, cure: quotaCure(code, null) },
    nowMs,
  );
  if (claim.state === 'active') return { ...claim, refusals };
  return waiting({ ...claim, refusals, grantSinceMs: null }, reason, refusal.message, nowMs, refusal.nextTryAtMs);
}

// ---- it is refused for good ------------------------------------------------------------------------------

function refused(claim: ClaimRecord, call: CallForClaim, { code, message }: Fault, nowMs: number): ClaimRecord | null {
  const fault = claim.fault ?? { code, message };
  const noted = (next: ClaimRecord, entry: string, text: string): ClaimRecord =>
    withTimeline(next, { atMs: nowMs, stage: next.state, code: entry, message: text });
  switch (call.kind) {
    case 'create-volume':
      // Nothing was made under this token.
      return claim.volume?.volumeId === null ? { ...claim, fault, volume: { ...claim.volume, state: 'gone' } } : null;
    case 'attach':
      return attachRefused(claim, call, { code, message }, noted);
    case 'start':
      if (claim.startedAtMs === null) return { ...claim, fault };
      if (claim.power !== 'running' || claim.state !== 'pending') return null;
      return noted(
        { ...claim, power: 'stopped', state: 'active', reason: 'stopped' },
        'start_refused',
        `EC2 does not start it: ${message}`,
      );
    case 'stop':
      if (claim.power !== 'stopped') return null;
      return noted({ ...claim, power: 'running' }, 'stop_refused', `EC2 does not stop it: ${message}`);
    case 'delete-volume': {
      const text =
        `EC2 does not delete ${call.volumeId}: ${message}; it is asked again until it does, and the volume costs `
        + 'what it did';
      const before = claim.timeline.findLast((entry) => entry.code === 'delete_refused');
      return before?.message === text ? null : noted(claim, 'delete_refused', text);
    }
    case 'set-groups': {
      const text = `EC2 does not change the groups of ${call.instanceId}: ${message}`;
      return claim.timeline.at(-1)?.message === text ? null : noted(claim, 'groups_refused', text);
    }
    case 'modify': {
      if (claim.wantedShape === null) return null;
      const reason = claim.state === 'active' && !claim.isDetaching ? null : claim.reason;
      const next = { ...claim, wantedShape: null, isResizing: false, reason };
      return noted(next, 'resize_refused', `EC2 does not resize it: ${message}`);
    }
    default:
      return null;
  }
}

function attachRefused(
  claim: ClaimRecord,
  { instanceId }: CallOf<'attach'>,
  fault: Pick<Fault, 'code' | 'message'>,
  noted: (next: ClaimRecord, entry: string, text: string) => ClaimRecord,
): ClaimRecord | null {
  const use = claim.usedBy?.node;
  // The tick withdraws the attempt, and then frees the volume.
  if (claim.usedBy && use)
    return use.refusal === null && use.id === instanceId
      ? { ...claim, usedBy: { ...claim.usedBy, node: { ...use, refusal: fault.message } } }
      : null;
  if (claim.state !== 'pending' || claim.spec.type !== 'storage') return null;
  if (claim.startedAtMs === null) return claim.fault === null ? { ...claim, fault } : null;
  // The volume was granted earlier: a refused attachment does not end the claim.
  return noted(
    { ...claim, state: 'active', reason: null, usedBy: null, spec: { ...claim.spec, attachTo: null } },
    'attach_refused',
    `EC2 does not attach it: ${fault.message}`,
  );
}
