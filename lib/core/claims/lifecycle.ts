// The life of a claim: how it begins, waits, is granted, released and ends; each transition writes its timeline.
import { timelineMessage, withTimeline } from '../records/timeline.ts';
import { noUsage } from '../records/pool.ts';
import type { ClaimEnding, ClaimFault, ClaimRecord, ClaimRow, ClaimSpec, MachineSpec } from '../records/claim.ts';
import type { MachinePart } from '../records/machine.ts';
import type { VolumePart, VolumeShape, VolumeWish } from '../records/volume.ts';
import { chooseVolume } from './volumes/storage-choice.ts';
import { assert } from '../values/errors.ts';

/** What control hands in for a new request. */
export type NewClaim = Pick<ClaimRecord, 'id' | 'tenant' | 'pool' | 'bodyHash'> & { readonly spec: ClaimSpec };

export function newClaim(fields: NewClaim, nowMs: number): ClaimRecord {
  const { id, spec } = fields;
  const machines =
    spec.type === 'virtual_machine'
      ? Array.from({ length: spec.count }, (_, index) => wantedMachine(id, spec, index))
      : [];
  return {
    ...fields,
    createdAtMs: nowMs,
    state: 'pending',
    reason: null,
    startedAtMs: null,
    endedAtMs: null,
    tasks: [],
    counts: { pending: spec.count, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
    cancelRequestedAtMs: null,
    quarantine: null,
    timeline: [{ atMs: nowMs, stage: 'accepted', code: 'accepted', message: `accepted into pool ${fields.pool}` }],
    leaseEndsAtMs: null,
    leaseAnnouncedForMs: null,
    ending: null,
    fault: null,
    machines,
    volume: spec.type === 'storage' ? ownVolume(id, spec.volume) : null,
    usedBy: null,
    groupIds: [],
    waitsForGroups: [],
    power: 'running',
    wantedShape: null,
    isResizing: false,
    wantedNetwork: null,
    isDetaching: false,
    grantSinceMs: null,
  };
}

/** Of a storage request. */
export function ownVolume(id: string, wish: VolumeWish): VolumePart {
  return newVolume(`${id}.v`, wish, null);
}

export function wantedMachine(id: string, spec: MachineSpec, index: number): MachinePart {
  return {
    index,
    state: 'wanted',
    launchId: null,
    specVersion: null,
    instanceId: null,
    instanceType: null,
    zone: null,
    capacityType: spec.capacityType,
    priceUsdPerHour: 0,
    reserved: noUsage,
    privateIp: null,
    publicIp: null,
    thereSinceMs: null,
    missingSinceMs: null,
    volumes: spec.volumes.map((wish, n) => newVolume(`${id}.m${String(index)}.v${String(n)}`, wish, deviceName(n))),
  };
}

/** From now on only its disks cost money. */
export function paused(part: MachinePart, nowMs: number): MachinePart {
  return part.state === 'there' && (part.stoppedSinceMs ?? null) === null ? { ...part, stoppedSinceMs: nowMs } : part;
}

export function resumed(part: MachinePart, nowMs: number): MachinePart {
  const sinceMs = part.stoppedSinceMs ?? null;
  return sinceMs === null
    ? part
    : { ...part, stoppedSinceMs: null, stoppedMs: (part.stoppedMs ?? 0) + nowMs - sinceMs };
}

/** Every tick assembles all claims again; machines of one claim share their wish objects, so each is chosen once. */
const shapes = new WeakMap<VolumeWish, VolumeShape | null>();

function chosenShape(wish: VolumeWish): VolumeShape | null {
  let shape = shapes.get(wish);
  if (shape === undefined) {
    shape = chooseVolume(wish, wish.strategy);
    shapes.set(wish, shape);
  }
  return shape;
}

function newVolume(key: string, wish: VolumeWish, device: string | null): VolumePart {
  const shape = chosenShape(wish);
  assert(shape, `the volume ${key} fits no volume type; the submit must refuse it`);
  return {
    key,
    shape,
    state: 'wanted',
    volumeId: null,
    zone: null,
    device,
    askedAtMs: null,
    onRelease: wish.onRelease,
    keepMs: wish.keepMs,
    snapshot: null,
    missingSinceMs: null,
  };
}

/** "Device names for volumes on Amazon EC2 instances": sd[f-p] are free for data volumes. */
export const deviceLetters = 'fghijklmnop';

export function deviceName(position: number): string {
  return `/dev/sd${deviceLetters[position] ?? '?'}`;
}

/** Sets the reason for waiting, with a timeline entry only if code or message are new. `untilMs`: the next try. */
export function waiting<T extends ClaimRow>(
  claim: T,
  code: string,
  message: string,
  nowMs: number,
  untilMs: number | null = null,
): T {
  const last = claim.timeline.at(-1);
  if (claim.reason === code && last?.code === code && last.message === timelineMessage(message)) return claim;
  return withTimeline(
    { ...claim, reason: code },
    { atMs: nowMs, stage: claim.state, code, message, ...(untilMs === null ? {} : { nextTryAtMs: untilMs }) },
  );
}

/** Until when what it waits for lasts, as its timeline says; null: that is not known. */
export function waitsUntil(claim: Pick<ClaimRecord, 'reason' | 'timeline' | 'endedAtMs'>): number | null {
  if (claim.reason === null || claim.endedAtMs !== null) return null;
  return claim.timeline.findLast((entry) => entry.code === claim.reason)?.nextTryAtMs ?? null;
}

/** EC2 accepts one change of a volume within six hours, and may refuse the next until `untilMs`. */
export function waitsForEc2(claim: ClaimRecord, untilMs: number, nowMs: number): ClaimRecord {
  const message =
    `EC2 took a change of ${claim.volume?.volumeId ?? 'the volume'} not long ago and may refuse the next `
    + `one until ${new Date(untilMs).toISOString()}; it is asked again until it takes it`;
  return waiting(claim, 'waits_for_ec2', message, nowMs, untilMs);
}

export function beginRelease(claim: ClaimRecord, ending: ClaimEnding, nowMs: number): ClaimRecord {
  return withTimeline(
    {
      ...claim,
      state: 'releasing',
      ending,
      reason: ending.reason,
      wantedShape: null,
      isResizing: false,
      wantedNetwork: null,
      releasingSinceMs: nowMs,
    },
    { atMs: nowMs, stage: 'releasing', code: ending.state, message: `is being released: ${ending.reason}` },
  );
}

/** An active claim shows a pending change of its rules or size as its reason. */
function wishReason({ wantedShape, wantedNetwork }: ClaimRecord): string | null {
  return wantedNetwork !== null ? 'changing_rules' : wantedShape !== null ? 'resizing' : null;
}

/** After EC2 has accepted a call that it had refused. */
export function withoutRefusals({ refusals: _done, ...claim }: ClaimRecord): ClaimRecord {
  return claim;
}

export function granted(claim: ClaimRecord, message: string, nowMs: number): ClaimRecord {
  const { leaseMs } = claim.spec;
  return withTimeline(
    {
      ...withoutRefusals(claim),
      state: 'active',
      reason: wishReason(claim),
      startedAtMs: claim.startedAtMs ?? nowMs,
      // A machine that is started again keeps its lease.
      leaseEndsAtMs: claim.leaseEndsAtMs ?? (leaseMs === null ? null : nowMs + leaseMs),
      counts: { ...claim.counts, pending: 0, running: claim.spec.count },
    },
    { atMs: nowMs, stage: 'active', code: 'active', message },
  );
}

/** `left`: text about what remains of it. */
export function ended(claim: ClaimRecord, left: string, nowMs: number): ClaimRecord {
  const { ending } = claim;
  assert(claim.state === 'releasing' && ending, `request ${claim.id} ends without being released`);
  const { count } = claim.spec;
  const failed = ending.state === 'failed' ? count : 0;
  const succeeded = ending.state === 'released' ? count : 0;
  return withTimeline(
    {
      ...claim,
      state: ending.state,
      reason: ending.reason,
      endedAtMs: nowMs,
      counts: { pending: 0, running: 0, succeeded, failed, cancelled: count - failed - succeeded },
    },
    { atMs: nowMs, stage: 'ended', code: ending.state, message: left },
  );
}

/** EC2's own message begins with its code already. */
export function faultText({ code, message }: ClaimFault): string {
  return message.startsWith(`${code}: `) ? message : `${code}: ${message}`;
}

/** Why the claim must be released now; null: it need not. */
export function endingOf(claim: ClaimRecord, isPoolDeleting: boolean, nowMs: number): ClaimEnding | null {
  if (claim.cancelRequestedAtMs !== null) {
    return claim.startedAtMs === null
      ? { state: 'cancelled', reason: 'cancelled' }
      : { state: 'released', reason: 'released' };
  }
  if (isPoolDeleting) return { state: 'cancelled', reason: 'the pool was deleted' };
  if (claim.fault) return { state: 'failed', reason: faultText(claim.fault) };
  if (
    claim.startedAtMs === null
    && claim.spec.deadlineMs !== null
    && claim.createdAtMs + claim.spec.deadlineMs <= nowMs
  )
    return { state: 'expired', reason: 'deadline_missed' };
  if (claim.leaseEndsAtMs !== null && claim.leaseEndsAtMs <= nowMs) return { state: 'expired', reason: 'lease_ended' };
  return null;
}

/** Applies `change` to all volumes of the claim; null: it changed none. */
export function changeVolumes(claim: ClaimRecord, change: (part: VolumePart) => VolumePart | null): ClaimRecord | null {
  let isChanged = false;
  const changed = (part: VolumePart): VolumePart => {
    const next = change(part);
    if (next) isChanged = true;
    return next ?? part;
  };
  const volume = claim.volume && changed(claim.volume);
  const machines = claim.machines.map((machine) => ({ ...machine, volumes: machine.volumes.map(changed) }));
  return isChanged ? { ...claim, volume, machines } : null;
}
