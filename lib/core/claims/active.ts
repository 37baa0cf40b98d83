// What is active: EC2's word on it, the power that its caller wishes, and a volume that grows.
import type { HoldEnding, HoldRecord, MachinePart, VolumePart, VolumeShape } from '../records/claim.ts';
import { tagPart, tagRequest } from '../records/claim.ts';
import type { HoldDraft, SeenVolume } from './working-copy.ts';
import { missing } from './working-copy.ts';
import { heldVolumes } from './grant.ts';
import { paused, resumed, tell, waiting } from './lifecycle.ts';
import { shapeText } from './resize.ts';
import { limitsText, volumeLimitKeys } from '../records/pool.ts';
import { usdPerMonth as usdPerMonthOf, volumeFacts, volumeTypes } from './storage-choice.ts';
import { withShape } from './volume-cost.ts';

/** Why EC2 says that it is over; null: it is not. Virtual machines are judged by EC2's state only. */
export function lossOf(draft: HoldDraft, hold: HoldRecord): HoldEnding | null {
  for (const part of hold.machines) {
    if (part.state !== 'there' || part.instanceId === null) continue;
    const listed = draft.listing?.machines.get(part.instanceId);
    if (listed?.state === 'terminated' || listed?.state === 'shutting-down') {
      return { state: 'failed', reason: `instance_lost: ${part.instanceId} ended: ${listed.stateReason ?? 'no reason given'}` };
    }
    if (missing(listed !== undefined, part.missingSinceMs, draft, part.thereSinceMs).isGone) return { state: 'failed', reason: `instance_lost: EC2 lists ${part.instanceId} no more` };
  }
  if (hold.volume?.state === 'there' && hold.volume.volumeId !== null) {
    const listed = draft.listing?.volumes.get(hold.volume.volumeId);
    if (listed?.state === 'error' || missing(listed !== undefined, hold.volume.missingSinceMs, draft, hold.volume.askedAtMs).isGone) {
      return { state: 'failed', reason: `volume_lost: EC2 ${listed ? 'gave up' : 'lists no more'} ${hold.volume.volumeId}` };
    }
  }
  return null;
}

/** Keeps since when a part is missing, so that the second listing counts. */
export function noteMissing(draft: HoldDraft, hold: HoldRecord): HoldRecord {
  let next = hold;
  const machines = hold.machines.map((part) => {
    if (part.state !== 'there') return part;
    const { sinceMs } = missing(draft.listing?.machines.has(part.instanceId ?? '') === true, part.missingSinceMs, draft);
    return sinceMs === part.missingSinceMs ? part : { ...part, missingSinceMs: sinceMs };
  });
  if (machines.some((part, n) => part !== hold.machines[n])) next = { ...next, machines };
  if (hold.volume?.state === 'there' && hold.volume.volumeId !== null) {
    const { sinceMs } = missing(draft.listing?.volumes.has(hold.volume.volumeId) === true, hold.volume.missingSinceMs, draft);
    if (sinceMs !== hold.volume.missingSinceMs) next = { ...next, volume: { ...hold.volume, missingSinceMs: sinceMs } };
  }
  if ([...next.machines, next.volume].some((part) => part?.missingSinceMs !== undefined && part.missingSinceMs !== null)) draft.isMoving = true;
  return draft.setHold(next);
}

export function decideActive(draft: HoldDraft, record: HoldRecord): void {
  const seen = noteMissing(draft, record);
  if (!draft.listing) return;
  const hold = announceLease(draft, seen);
  if (hold.spec.type === 'virtual_machine') powerStep(draft, hold);
  retagStep(draft, hold);
  if (hold.wantedShape !== null) resizeStep(draft, hold, hold.wantedShape);
  if (hold.isDetaching) detachStep(draft, draft.hold(hold.id) ?? hold);
  else if (hold.usedBy === null) freeLoose(draft, hold);
}

/** An attachment that nobody asks for any more: a call that was under way for long came after the wish had gone. */
export function freeLoose(draft: HoldDraft, hold: HoldRecord): void {
  const id = hold.volume?.volumeId ?? '';
  const attachment = draft.listing?.volumes.get(id)?.attachments[0];
  if (attachment?.state === 'attached') draft.calls.push({ kind: 'detach', request: hold.id, volumeId: id, instanceId: attachment.instanceId });
}

/** The volume comes free and stays its request's. Without force: what is mounted there is somebody's data. */
function detachStep(draft: HoldDraft, hold: HoldRecord): void {
  const { spec, usedBy, volume } = hold;
  const listed = draft.listing?.volumes.get(volume?.volumeId ?? '');
  if (spec.type !== 'storage' || !volume?.volumeId || !listed) return;
  draft.isMoving = true;
  const user = usedBy === null ? undefined : draft.hold(usedBy.request);
  if (user?.spec.type === 'virtual_machine' && user.spec.volumeRequests.includes(hold.id)) {
    // Or its next start would claim the volume again.
    draft.setHold(tell({ ...user, spec: { ...user.spec, volumeRequests: user.spec.volumeRequests.filter((id) => id !== hold.id) } }, {
      atMs: draft.nowMs, stage: user.state, code: 'volume_detaching', message: `gives up the volume of ${hold.id}`,
    }));
  }
  const [attachment] = listed.attachments;
  if (!attachment) {
    draft.setHold(tell({ ...hold, spec: { ...spec, attachTo: null }, usedBy: null, isDetaching: false, reason: null }, {
      atMs: draft.nowMs, stage: 'active', code: 'detached', message: `${volume.volumeId} is free; attach it again, or release it`,
    }));
    return;
  }
  const { instanceId, device, state } = attachment;
  if (state === 'attached') draft.calls.push({ kind: 'detach', request: hold.id, volumeId: volume.volumeId, instanceId });
  draft.setHold(state === 'busy'
    ? waiting(hold, 'busy', `${volume.volumeId} is mounted on ${instanceId} (${device}): unmount it there, and it comes free by itself; it is never taken by force`, draft.nowMs)
    : waiting(hold, 'detaching', `waits for ${volume.volumeId} to leave ${instanceId}`, draft.nowMs));
}

/** Its end is announced a tenth of the lease before, five minutes at most. */
function announceLease(draft: HoldDraft, hold: HoldRecord): HoldRecord {
  const { leaseEndsAtMs } = hold;
  if (leaseEndsAtMs === null) return hold;
  const announceAtMs = leaseEndsAtMs - Math.min(300_000, (hold.spec.leaseMs ?? 0) / 10);
  draft.dueAtMs.push(announceAtMs > draft.nowMs ? announceAtMs : leaseEndsAtMs);
  if (announceAtMs > draft.nowMs || hold.leaseToldForMs === leaseEndsAtMs) return hold;
  draft.leasesEnding.push(hold.id);
  return draft.setHold(tell({ ...hold, leaseToldForMs: leaseEndsAtMs }, { atMs: draft.nowMs, stage: 'active', code: 'lease_ending', message: `its lease ends at ${new Date(leaseEndsAtMs).toISOString()}; renew it to keep it` }));
}

function powerStep(draft: HoldDraft, hold: HoldRecord): void {
  const there = hold.machines.flatMap((part) => draft.listing?.machines.get(part.instanceId ?? '') ?? []);
  const inState = (...states: readonly string[]): string[] => there.filter((one) => states.includes(one.state)).map((one) => one.id);
  if (hold.power === 'stopped') {
    const running = inState('running');
    if (running.length > 0) draft.calls.push({ kind: 'stop', request: hold.id, ids: running });
    if (inState('running', 'pending', 'stopping').length > 0) {
      draft.isMoving = true;
      draft.setHold(waiting(hold, 'stopping', 'is being stopped', draft.nowMs));
    } else if (there.length === hold.machines.length) {
      const now = withParts(hold, hold.machines.map((part) => paused(part, draft.nowMs)));
      // What it waits for is said first; that it is stopped is said when its rules are in force.
      draft.setHold(now.wantedNetwork !== null ? now : waiting(now, 'stopped', 'is stopped; its volumes, network and place in the limits stay its own', draft.nowMs));
    }
    return;
  }
  if (inState('stopped', 'stopping').length === 0) {
    if (hold.reason !== null && hold.reason !== 'changing_rules') draft.setHold({ ...hold, reason: null });
    return;
  }
  // A start may find no capacity: it waits where every request waits.
  draft.isMoving = true;
  draft.setHold(tell({ ...hold, machines: hold.machines.map((part) => resumed(part, draft.nowMs)), state: 'pending', reason: 'starting', counts: { ...hold.counts, pending: hold.spec.count, running: 0 } }, {
    atMs: draft.nowMs, stage: 'pending', code: 'starting', message: 'is being started',
  }));
}

function withParts(hold: HoldRecord, machines: readonly MachinePart[]): HoldRecord {
  return machines.some((part, n) => part !== hold.machines[n]) ? { ...hold, machines } : hold;
}

/** A machine from the warm pool was launched in another name: whoever looks at EC2 or at its bill finds the request. */
function retagStep(draft: HoldDraft, hold: HoldRecord): void {
  for (const part of hold.machines) {
    const listed = part.warm && draft.listing?.machines.get(part.instanceId ?? '');
    if (!listed || listed.tags[tagRequest] === hold.id) continue;
    // Volumes of other requests carry the tag of their part.
    const disks = listed.disks.flatMap((disk) => draft.listing?.volumes.get(disk.volumeId) ?? []).filter((disk) => disk.tags[tagPart] === undefined);
    draft.calls.push({ kind: 'retag', request: hold.id, ids: [listed.id, ...disks.map((disk) => disk.id)] });
  }
}

function resizeStep(draft: HoldDraft, before: HoldRecord, wanted: VolumeShape): void {
  const listed = before.volume?.volumeId ? draft.listing?.volumes.get(before.volume.volumeId) : undefined;
  if (!before.volume?.volumeId || !listed) return;
  const { volumeId } = before.volume;
  const { nowMs } = draft;
  if (isListedAs(listed, wanted)) {
    const volume = withShape(before.volume, wanted, nowMs);
    draft.setHold(tell({ ...before, wantedShape: null, isResizing: false, modifyAgainAtMs: null, modifiedAtMs: before.modifiedAtMs ?? nowMs, reason: before.isDetaching ? before.reason : null, volume }, {
      atMs: nowMs, stage: 'active', code: 'resized', message: `has ${shapeText(wanted)}`,
    }));
    return;
  }
  const hold = withListedShape(draft, before, before.volume, listed);
  const { shape } = hold.volume ?? before.volume;
  // One thing at a time is its reason: a volume that moves says that.
  const say = (code: string, message: string): HoldRecord => (hold.isDetaching || hold.usedBy?.node?.isAttached === false ? hold : waiting(hold, code, message, nowMs));
  if (!hold.isResizing) {
    const more = { volumeGib: wanted.sizeGib - shape.sizeGib, usdPerMonth: wanted.usdPerMonth - shape.usdPerMonth };
    const over = limitsText(draft.seen.pool.limits, volumeLimitKeys, heldVolumes(draft), more);
    if (over !== '') {
      draft.setHold(say('limit_reached', `The limits of pool ${hold.pool} leave no room for its new size: ${over}.`));
      return;
    }
  }
  const againAtMs = hold.modifyAgainAtMs ?? null;
  if (againAtMs !== null && againAtMs > nowMs) {
    draft.dueAtMs.push(againAtMs);
    draft.setHold({ ...hold, isResizing: true });
    return;
  }
  draft.setHold({ ...(hold.reason === 'waits_for_ec2' ? hold : say('resizing', `waits for EC2 to make it ${shapeText(wanted)}`)), isResizing: true });
  draft.isMoving = true;
  draft.calls.push({ kind: 'modify', request: hold.id, volumeId, shape: wanted });
}

/** Whether EC2 shows the volume as it shall be. */
function isListedAs(listed: SeenVolume, shape: VolumeShape): boolean {
  return listed.type === shape.type && listed.sizeGib === shape.sizeGib && (shape.iops === null || listed.iops === shape.iops)
    && (shape.throughputMibps === null || listed.throughputMibps === shape.throughputMibps);
}

/** Of several wishes that follow each other EC2 has fulfilled the first: it costs what it is. */
function withListedShape(draft: HoldDraft, hold: HoldRecord, volume: VolumePart, listed: SeenVolume): HoldRecord {
  const type = volumeTypes.find((one) => one === listed.type);
  // Smaller than it was before: a listing that lags.
  if (!type || isListedAs(listed, volume.shape) || listed.sizeGib < volume.shape.sizeGib) return hold;
  const facts = volumeFacts[type];
  const iops = facts.iops === null ? null : listed.iops;
  const throughputMibps = facts.throughputMibps === null ? null : listed.throughputMibps;
  const shape: VolumeShape = { type, sizeGib: listed.sizeGib, iops, throughputMibps, usdPerMonth: usdPerMonthOf(type, listed.sizeGib, iops, throughputMibps) };
  return { ...hold, modifiedAtMs: hold.modifiedAtMs ?? draft.nowMs, volume: withShape(volume, shape, draft.nowMs) };
}
