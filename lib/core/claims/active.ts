// One tick of an active claim: notice what EC2 has lost, then start, stop, resize, detach and announce as asked.
import { withTimeline } from '../records/timeline.ts';
import type { ClaimEnding, ClaimRecord } from '../records/claim.ts';
import type { MachinePart } from '../records/machine.ts';
import type { VolumePart, VolumeShape } from '../records/volume.ts';
import { tagPart, tagRequest } from '../records/claim.ts';
import type { ClaimWorkingCopy } from './working-copy.ts';
import type { SeenVolume } from '../plan/listing.ts';
import { missing } from './release/absence.ts';
import { paused, resumed, waiting } from './lifecycle.ts';
import { shapeText } from './volumes/resize.ts';
import { limitsText, volumeLimitKeys } from '../records/limits.ts';
import { usdPerMonth as usdPerMonthOf, volumeFacts, volumeTypes } from './volumes/storage-choice.ts';
import { withShape } from './volumes/volume-cost.ts';

/** Why the claim has failed: EC2 ended or lost one of its parts. null: it has all of them. */
export function lossOf(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimEnding | null {
  for (const part of claim.machines) {
    if (part.state !== 'there' || part.instanceId === null) continue;
    const listed = copy.listing?.machines.get(part.instanceId);
    if (listed?.state === 'terminated' || listed?.state === 'shutting-down') {
      return {
        state: 'failed',
        reason: `instance_lost: ${part.instanceId} ended: ${listed.stateReason ?? 'no reason given'}`,
      };
    }
    if (missing(listed !== undefined, part.missingSinceMs, copy, part.thereSinceMs).isGone)
      return { state: 'failed', reason: `instance_lost: EC2 no longer lists ${part.instanceId}` };
  }
  if (claim.volume?.state === 'there' && claim.volume.volumeId !== null) {
    const listed = copy.listing?.volumes.get(claim.volume.volumeId);
    if (
      listed?.state === 'error'
      || missing(listed !== undefined, claim.volume.missingSinceMs, copy, claim.volume.askedAtMs).isGone
    ) {
      return {
        state: 'failed',
        reason: `volume_lost: EC2 ${listed ? 'shows an error for' : 'no longer lists'} ${claim.volume.volumeId}`,
      };
    }
  }
  return null;
}

/** Records since when a part is missing: only a second listing that lacks it, some time later, counts as a loss. */
export function noteMissing(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimRecord {
  let next = claim;
  const machines = claim.machines.map((part) => {
    if (part.state !== 'there') return part;
    const { sinceMs } = missing(copy.listing?.machines.has(part.instanceId ?? '') === true, part.missingSinceMs, copy);
    return sinceMs === part.missingSinceMs ? part : { ...part, missingSinceMs: sinceMs };
  });
  if (machines.some((part, n) => part !== claim.machines[n])) next = { ...next, machines };
  if (claim.volume?.state === 'there' && claim.volume.volumeId !== null) {
    const { sinceMs } = missing(
      copy.listing?.volumes.has(claim.volume.volumeId) === true,
      claim.volume.missingSinceMs,
      copy,
    );
    if (sinceMs !== claim.volume.missingSinceMs)
      next = { ...next, volume: { ...claim.volume, missingSinceMs: sinceMs } };
  }
  if (
    [...next.machines, next.volume].some((part) => part?.missingSinceMs !== undefined && part.missingSinceMs !== null)
  )
    copy.isMoving = true;
  return copy.setClaim(next);
}

export function decideActive(copy: ClaimWorkingCopy, record: ClaimRecord): void {
  const seen = noteMissing(copy, record);
  if (!copy.listing) return;
  const claim = announceLease(copy, seen);
  if (claim.spec.type === 'virtual_machine') powerStep(copy, claim);
  retagStep(copy, claim);
  if (claim.wantedShape !== null) resizeStep(copy, claim, claim.wantedShape);
  if (claim.isDetaching) detachStep(copy, copy.claim(claim.id) ?? claim);
  else if (claim.usedBy === null) detachUnclaimed(copy, claim);
}

/** Detaches a volume that no record says is attached: a slow AttachVolume call can succeed after it was cancelled. */
export function detachUnclaimed(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  const id = claim.volume?.volumeId ?? '';
  const attachment = copy.listing?.volumes.get(id)?.attachments[0];
  if (attachment?.state === 'attached')
    copy.calls.push({ kind: 'detach', request: claim.id, volumeId: id, instanceId: attachment.instanceId });
}

/** The claim keeps the volume. Never with force: detaching a mounted volume can lose data that is not written yet. */
function detachStep(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  const { spec, usedBy, volume } = claim;
  const listed = copy.listing?.volumes.get(volume?.volumeId ?? '');
  if (spec.type !== 'storage' || !volume?.volumeId || !listed) return;
  copy.isMoving = true;
  const user = usedBy === null ? undefined : copy.claim(usedBy.request);
  if (user?.spec.type === 'virtual_machine' && user.spec.volumeRequests.includes(claim.id)) {
    // Otherwise its next start would attach the volume again.
    copy.setClaim(
      withTimeline(
        { ...user, spec: { ...user.spec, volumeRequests: user.spec.volumeRequests.filter((id) => id !== claim.id) } },
        {
          atMs: copy.nowMs,
          stage: user.state,
          code: 'volume_detaching',
          message: `no longer uses the volume of ${claim.id}`,
        },
      ),
    );
  }
  const [attachment] = listed.attachments;
  if (!attachment) {
    copy.setClaim(
      withTimeline(
        { ...claim, spec: { ...spec, attachTo: null }, usedBy: null, isDetaching: false, reason: null },
        {
          atMs: copy.nowMs,
          stage: 'active',
          code: 'detached',
          message: `${volume.volumeId} is free; attach it again, or release it`,
        },
      ),
    );
    return;
  }
  const { instanceId, device, state } = attachment;
  if (state === 'attached')
    copy.calls.push({ kind: 'detach', request: claim.id, volumeId: volume.volumeId, instanceId });
  copy.setClaim(
    state === 'busy'
      ? waiting(
          claim,
          'busy',
          `${volume.volumeId} is mounted on ${instanceId} (${device}): unmount it there, then it is `
            + 'detached; it is never detached by force',
          copy.nowMs,
        )
      : waiting(claim, 'detaching', `waits for ${volume.volumeId} to leave ${instanceId}`, copy.nowMs),
  );
}

/** Announces the end of the lease: a tenth of the lease before it, five minutes before it at most. */
function announceLease(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimRecord {
  const { leaseEndsAtMs } = claim;
  if (leaseEndsAtMs === null) return claim;
  const announceAtMs = leaseEndsAtMs - Math.min(300_000, (claim.spec.leaseMs ?? 0) / 10);
  copy.dueAtMs.push(announceAtMs > copy.nowMs ? announceAtMs : leaseEndsAtMs);
  if (announceAtMs > copy.nowMs || claim.leaseAnnouncedForMs === leaseEndsAtMs) return claim;
  copy.leasesEnding.push(claim.id);
  return copy.setClaim(
    withTimeline(
      { ...claim, leaseAnnouncedForMs: leaseEndsAtMs },
      {
        atMs: copy.nowMs,
        stage: 'active',
        code: 'lease_ending',
        message: `its lease ends at ${new Date(leaseEndsAtMs).toISOString()}; renew it to keep it`,
      },
    ),
  );
}

function powerStep(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  const there = claim.machines.flatMap((part) => copy.listing?.machines.get(part.instanceId ?? '') ?? []);
  const inState = (...states: readonly string[]): string[] =>
    there.filter((one) => states.includes(one.state)).map((one) => one.id);
  if (claim.power === 'stopped') {
    const running = inState('running');
    if (running.length > 0) copy.calls.push({ kind: 'stop', request: claim.id, ids: running });
    if (inState('running', 'pending', 'stopping').length > 0) {
      copy.isMoving = true;
      copy.setClaim(waiting(claim, 'stopping', 'is being stopped', copy.nowMs));
    } else if (there.length === claim.machines.length) {
      const now = withParts(
        claim,
        claim.machines.map((part) => paused(part, copy.nowMs)),
      );
      // New rules are still being applied: keep that as the reason, and report "stopped" once they are in force.
      copy.setClaim(
        now.wantedNetwork !== null
          ? now
          : waiting(
              now,
              'stopped',
              'is stopped; its volumes, network and place in the limits stay its own',
              copy.nowMs,
            ),
      );
    }
    return;
  }
  if (inState('stopped', 'stopping').length === 0) {
    if (claim.reason !== null && claim.reason !== 'changing_rules') copy.setClaim({ ...claim, reason: null });
    return;
  }
  // A start may find no capacity, so the claim goes back to pending, which handles waiting and retries.
  copy.isMoving = true;
  copy.setClaim(
    withTimeline(
      {
        ...claim,
        machines: claim.machines.map((part) => resumed(part, copy.nowMs)),
        state: 'pending',
        reason: 'starting',
        counts: { ...claim.counts, pending: claim.spec.count, running: 0 },
      },
      { atMs: copy.nowMs, stage: 'pending', code: 'starting', message: 'is being started' },
    ),
  );
}

function withParts(claim: ClaimRecord, machines: readonly MachinePart[]): ClaimRecord {
  return machines.some((part, n) => part !== claim.machines[n]) ? { ...claim, machines } : claim;
}

/** A machine from the warm pool has another request's tag: correct it, for the bill and for people who read EC2. */
function retagStep(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  for (const part of claim.machines) {
    const listed = part.warm && copy.listing?.machines.get(part.instanceId ?? '');
    if (!listed || listed.tags[tagRequest] === claim.id) continue;
    // Attached volumes of storage requests have the tag of their part, and keep their own request's tag.
    const disks = listed.disks
      .flatMap((disk) => copy.listing?.volumes.get(disk.volumeId) ?? [])
      .filter((disk) => disk.tags[tagPart] === undefined);
    const ids = [listed.id, ...disks.map((disk) => disk.id)];
    copy.calls.push({ kind: 'retag', request: claim.id, ids, ...copy.withLabelTags(claim) });
  }
}

function resizeStep(copy: ClaimWorkingCopy, before: ClaimRecord, wanted: VolumeShape): void {
  const listed = before.volume?.volumeId ? copy.listing?.volumes.get(before.volume.volumeId) : undefined;
  if (!before.volume?.volumeId || !listed) return;
  const { volumeId } = before.volume;
  const { nowMs } = copy;
  if (isListedAs(listed, wanted)) {
    const volume = withShape(before.volume, wanted, nowMs);
    copy.setClaim(
      withTimeline(
        {
          ...before,
          wantedShape: null,
          isResizing: false,
          modifyAgainAtMs: null,
          modifiedAtMs: before.modifiedAtMs ?? nowMs,
          reason: before.isDetaching ? before.reason : null,
          volume,
        },
        { atMs: nowMs, stage: 'active', code: 'resized', message: `has ${shapeText(wanted)}` },
      ),
    );
    return;
  }
  const claim = withListedShape(copy, before, before.volume, listed);
  const { shape } = claim.volume ?? before.volume;
  // A claim shows one reason: while it is being attached or detached, that one stays.
  const say = (code: string, message: string): ClaimRecord =>
    claim.isDetaching || claim.usedBy?.node?.isAttached === false ? claim : waiting(claim, code, message, nowMs);
  if (!claim.isResizing) {
    const more = { volumeGib: wanted.sizeGib - shape.sizeGib, usdPerMonth: wanted.usdPerMonth - shape.usdPerMonth };
    const over = limitsText(copy.seen.pool.limits, volumeLimitKeys, copy.usage(), more);
    if (over !== '') {
      copy.setClaim(say('limit_reached', `The limits of pool ${claim.pool} leave no room for its new size: ${over}.`));
      return;
    }
  }
  const againAtMs = claim.modifyAgainAtMs ?? null;
  if (againAtMs !== null && againAtMs > nowMs) {
    copy.dueAtMs.push(againAtMs);
    copy.setClaim({ ...claim, isResizing: true });
    return;
  }
  copy.setClaim({
    ...(claim.reason === 'waits_for_ec2' ? claim : say('resizing', `waits for EC2 to make it ${shapeText(wanted)}`)),
    isResizing: true,
  });
  copy.isMoving = true;
  copy.calls.push({ kind: 'modify', request: claim.id, volumeId, shape: wanted });
}

/** Whether EC2 shows the volume with the wanted type, size and performance. */
function isListedAs(listed: SeenVolume, shape: VolumeShape): boolean {
  return (
    listed.type === shape.type
    && listed.sizeGib === shape.sizeGib
    && (shape.iops === null || listed.iops === shape.iops)
    && (shape.throughputMibps === null || listed.throughputMibps === shape.throughputMibps)
  );
}

/** Where several resizes follow each other, EC2 may show an earlier one: record it, because it is what is billed. */
function withListedShape(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  volume: VolumePart,
  listed: SeenVolume,
): ClaimRecord {
  const type = volumeTypes.find((one) => one === listed.type);
  // Smaller than before: the listing is stale.
  if (!type || isListedAs(listed, volume.shape) || listed.sizeGib < volume.shape.sizeGib) return claim;
  const facts = volumeFacts[type];
  const iops = facts.iops === null ? null : listed.iops;
  const throughputMibps = facts.throughputMibps === null ? null : listed.throughputMibps;
  const shape: VolumeShape = {
    type,
    sizeGib: listed.sizeGib,
    iops,
    throughputMibps,
    usdPerMonth: usdPerMonthOf(type, listed.sizeGib, iops, throughputMibps),
  };
  return { ...claim, modifiedAtMs: claim.modifiedAtMs ?? copy.nowMs, volume: withShape(volume, shape, copy.nowMs) };
}
