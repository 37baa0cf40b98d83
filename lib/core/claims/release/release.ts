// Releasing a claim, in the only order that EC2 accepts: instances, then volumes once they are detached, then security
// groups. Each tick derives the next step from what exists, so a crash at any point loses nothing.
import type { TimelineEntry } from '../../records/timeline.ts';
import { withTimeline } from '../../records/timeline.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { MachinePart } from '../../records/machine.ts';
import type { VolumePart } from '../../records/volume.ts';
import { tagPart } from '../../records/claim.ts';
import { tagLaunch } from '../../records/launch.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { SeenMachine } from '../../plan/listing.ts';
import { missing } from './absence.ts';
import { detachUnclaimed } from '../active.ts';
import { releaseGroup } from '../networks/groups.ts';
import type { Say } from '../volumes/final-snapshot.ts';
import { snapshotStep } from '../volumes/final-snapshot.ts';
import { cureOf, leftText, sharedGroups, stuckAfterMs } from './left-over.ts';
import { ended, waiting } from '../lifecycle.ts';

/** What the first thing is that it waits for. */
type Wait = readonly [code: string, message: string];

const namedMax = 5;

function firstOf(names: readonly string[]): string {
  return names.slice(0, namedMax).join(', ');
}

export function decideReleasing(copy: ClaimWorkingCopy, claim: ClaimRecord): void {
  copy.isMoving = true;
  const isOpenLaunch = copy.openParts(claim.id).size > 0;
  const notes: TimelineEntry[] = [];
  const say: Say = (code, message, nextTryAtMs) => {
    notes.push({
      atMs: copy.nowMs,
      stage: 'releasing',
      code,
      message,
      ...(nextTryAtMs === undefined ? {} : { nextTryAtMs }),
    });
  };
  const machines = claim.machines.map((part) => machineStep(copy, claim, part, isOpenLaunch, say));
  const isChanged = machines.some((part, n) => part !== claim.machines[n]);
  const own = ownVolumeStep(copy, isChanged ? { ...claim, machines } : claim, say);
  const isStanding = machines.some((part) => part.state !== 'gone');
  const freeing = isStanding ? null : freeVolumes(copy, claim.id);
  let next = isStanding ? own.claim : releaseGroups(copy, own.claim);
  const wait =
    (isOpenLaunch ? launchWait : null) ?? machinesWait(machines) ?? own.wait ?? freeing ?? groupsWait(copy, next);
  if (wait === null && copy.groupsOf(claim.id).length === 0) {
    copy.ended.add(claim.id);
    const sharedGroupIds = sharedGroups(copy, next).map((group) => group.groupId);
    copy.setClaim(
      ended({ ...next, ...(sharedGroupIds.length === 0 ? {} : { sharedGroupIds }) }, leftText(copy, next), copy.nowMs),
    );
    return;
  }
  for (const note of notes) next = withTimeline(next, note);
  copy.setClaim(wait === null ? next : waiting(next, wait[0], withCure(copy, next, wait[0], wait[1]), copy.nowMs));
}

const launchWait: Wait = ['launch_open', 'waits for the answer to a launch that may have made instances'];

/** Instances first, then their volumes. */
function machinesWait(machines: readonly MachinePart[]): Wait | null {
  const standing = machines.filter((part) => part.state !== 'gone');
  if (standing.length > 0)
    return ['terminating', `waits for ${firstOf(standing.map((part) => part.instanceId ?? 'an instance'))} to end`];
  const disks = machines
    .flatMap((part) => part.volumes)
    .filter((part) => part.state !== 'gone' && part.state !== 'kept');
  if (disks.length === 0) return null;
  const what = disks[0]?.onRelease === 'snapshot' ? 'copied and deleted' : 'deleted';
  return ['volumes', `waits for ${firstOf(disks.map((part) => part.volumeId ?? part.key))} to be ${what}`];
}

/** The volume of a storage request, once nobody uses it any more. */
function ownVolumeStep(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  say: Say,
): { readonly claim: ClaimRecord; readonly wait: Wait | null } {
  const own = claim.volume;
  if (!own) return { claim, wait: null };
  if (claim.usedBy !== null && !isUnused(copy, claim))
    return { claim, wait: ['in_use', userOf(copy, claim, claim.usedBy)] };
  const free = claim.usedBy === null ? claim : { ...claim, usedBy: null };
  const volume = volumeStep(copy, free, own, free.startedAtMs !== null, say);
  const isOver = volume.state === 'gone' || volume.state === 'kept';
  return {
    claim: volume === own ? free : { ...free, volume },
    wait: isOver ? null : ['volumes', `waits for ${volume.volumeId ?? volume.key} to be released`],
  };
}

/** Frees the volumes of storage requests that it used, once EC2 has detached them. */
function freeVolumes(copy: ClaimWorkingCopy, id: string): Wait | null {
  for (const storage of copy.storages())
    if (storage.usedBy?.request === id && isFree(copy, storage)) copy.setClaim({ ...storage, usedBy: null });
  const isUsing = copy.storages().some((storage) => storage.usedBy?.request === id);
  return isUsing ? ['detaching', 'waits for its volumes to be free'] : null;
}

function groupsWait(copy: ClaimWorkingCopy, claim: ClaimRecord): Wait | null {
  const groups = claim.waitsForGroups
    .flatMap((id) => copy.group(id) ?? [])
    .filter((group) => group.state === 'deleting');
  if (groups.length === 0) return null;
  const names = firstOf(groups.map((group) => group.groupId ?? group.name));
  return ['groups', `waits for ${names} to be deleted: EC2 keeps a group while anything uses it`];
}

/** After ten minutes the message also says what a person can do. */
function withCure(copy: ClaimWorkingCopy, claim: ClaimRecord, code: string, message: string): string {
  if (claim.releasingSinceMs === undefined || copy.nowMs - claim.releasingSinceMs < stuckAfterMs) return message;
  const cure = cureOf(copy, claim, code);
  return cure === null ? message : `${message}, since ${new Date(claim.releasingSinceMs).toISOString()}: ${cure}`;
}

function releaseGroups(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimRecord {
  const mine = copy.groupsOf(claim.id);
  if (mine.length === 0) return claim;
  for (const group of mine) releaseGroup(copy, claim, group);
  return { ...claim, waitsForGroups: [...new Set([...claim.waitsForGroups, ...mine.map((group) => group.id)])] };
}

/** Whether EC2 shows the volume as not attached. */
function isFree(copy: ClaimWorkingCopy, storage: ClaimRecord): boolean {
  const id = storage.volume?.volumeId;
  if (id === null || id === undefined || !copy.listing) return storage.volume?.state === 'wanted';
  const listed = copy.listing.volumes.get(id);
  return listed === undefined || listed.state !== 'in-use';
}

/** Nothing uses the volume: its user's request has ended, or EC2 has detached what this request had attached. */
function isUnused(copy: ClaimWorkingCopy, storage: ClaimRecord): boolean {
  const { usedBy, spec } = storage;
  if (usedBy === null) return true;
  const isOwnWish = spec.type === 'storage' && (spec.attachTo === usedBy.request || storage.isDetaching);
  return (isOwnWish || copy.claim(usedBy.request) === undefined) && isFree(copy, storage);
}

/** What keeps a storage request's volume. A volume that this request had attached is detached. */
function userOf(copy: ClaimWorkingCopy, storage: ClaimRecord, usedBy: NonNullable<ClaimRecord['usedBy']>): string {
  const { volume, spec } = storage;
  if (spec.type === 'storage' && spec.attachTo !== usedBy.request && !storage.isDetaching)
    return `waits for ${usedBy.request}, which uses it, to ${usedBy.node ? 'end' : 'be released'}`;
  const instanceId = copy.claim(usedBy.request)?.machines[usedBy.machine]?.instanceId;
  const attachment = copy.listing?.volumes.get(volume?.volumeId ?? '')?.attachments[0];
  if (volume?.volumeId && instanceId && attachment?.state === 'attached')
    copy.calls.push({ kind: 'detach', request: storage.id, volumeId: volume.volumeId, instanceId });
  return `waits for ${volume?.volumeId ?? 'its volume'} to be detached; unmount it if it is mounted`;
}

function machineStep(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  part: MachinePart,
  isOpenLaunch: boolean,
  say: Say,
): MachinePart {
  if (part.state === 'gone') return withVolumes(copy, claim, part, null, say);
  if (part.state === 'wanted') {
    if (isOpenLaunch) return part;
    return { ...part, state: 'gone', volumes: part.volumes.map((volume) => ({ ...volume, state: 'gone' as const })) };
  }
  const listed = part.instanceId === null ? undefined : copy.listing?.machines.get(part.instanceId);
  const { sinceMs, isGone } = missing(listed !== undefined, part.missingSinceMs, copy, part.thereSinceMs);
  if (listed?.state === 'terminated' || isGone)
    return withVolumes(copy, claim, { ...part, state: 'gone', missingSinceMs: sinceMs }, listed ?? null, say);
  // Also when it is not listed: the listing may be stale, and a machine must not be left running because of that.
  if (part.instanceId !== null && listed?.state !== 'shutting-down') copy.terminating.set(part.instanceId, claim.id);
  const known = listed ? withDisks(part, listed) : part;
  return sinceMs === known.missingSinceMs ? known : { ...known, missingSinceMs: sinceMs };
}

/** Copies the volume ids that EC2 lists for the machine's devices into its volume records. */
export function withDisks(part: MachinePart, listed: SeenMachine): MachinePart {
  const volumes = part.volumes.map((volume): VolumePart => {
    if (volume.state !== 'wanted') return volume;
    const disk = listed.disks.find((one) => one.device === volume.device);
    return disk ? { ...volume, state: 'there', volumeId: disk.volumeId, zone: listed.zone } : volume;
  });
  return volumes.some((volume, n) => volume !== part.volumes[n]) ? { ...part, volumes } : part;
}

function withVolumes(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  part: MachinePart,
  listed: SeenMachine | null,
  say: Say,
): MachinePart {
  const known = listed ? withDisks(part, listed) : part;
  const taken = new Set(known.volumes.map((one) => one.volumeId));
  const volumes = known.volumes.map((one): VolumePart => {
    let volume = one;
    if (volume.state === 'wanted') {
      // The machine ended before its disks were seen. Those that outlive it carry its launch's tag.
      const left =
        copy.listing
        && [...copy.listing.volumes.values()].find(
          (seen) =>
            seen.tags[tagLaunch] === part.launchId
            && seen.state === 'available'
            && seen.sizeGib === one.shape.sizeGib
            && !taken.has(seen.id)
            && one.onRelease !== 'delete',
        );
      if (!left) {
        // Disks that EC2 deletes with the machine are gone. For the others one listing is no evidence: it may be stale.
        const { sinceMs, isGone } = missing(false, volume.missingSinceMs, copy, part.thereSinceMs);
        const isOver = copy.listing !== null && (volume.onRelease === 'delete' || part.launchId === null || isGone);
        return isOver
          ? { ...volume, state: 'gone' }
          : sinceMs === volume.missingSinceMs
            ? volume
            : { ...volume, missingSinceMs: sinceMs };
      }
      taken.add(left.id);
      volume = { ...volume, state: 'there', volumeId: left.id, zone: left.zone };
    }
    return volumeStep(copy, claim, volume, claim.startedAtMs !== null, say);
  });
  return volumes.some((volume, n) => volume !== part.volumes[n]) ? { ...known, volumes } : known;
}

/** One step of a volume's release. `isUsed`: it was granted, so its release policy applies; otherwise it is deleted. */
function volumeStep(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  part: VolumePart,
  isUsed: boolean,
  say: Say,
): VolumePart {
  const { listing } = copy;
  if (part.state === 'gone' || part.state === 'kept' || !listing) return part;
  if (part.state === 'wanted') return { ...part, state: 'gone' };
  if (part.volumeId === null) {
    const found = [...listing.volumes.values()].find((one) => one.tags[tagPart] === part.key);
    if (found) return { ...part, state: 'there', volumeId: found.id, zone: found.zone };
    // The answer was lost: repeating the call with the same token returns the volume, and never makes a second one.
    if (part.zone !== null && claim.fault === null)
      copy.calls.push({
        kind: 'create-volume',
        request: claim.id,
        token: part.key,
        zone: part.zone,
        shape: part.shape,
        snapshotId: snapshotOf(claim),
        ...(part.labelTags === undefined ? {} : { labelTags: part.labelTags }),
      });
    const { sinceMs, isGone } = missing(false, part.missingSinceMs, copy);
    return isGone && claim.fault !== null ? { ...part, state: 'gone' } : { ...part, missingSinceMs: sinceMs };
  }
  const listed = listing.volumes.get(part.volumeId);
  if (!listed) {
    // With its machine ended, EC2 has deleted it; otherwise absence must last.
    const { sinceMs, isGone } = missing(false, part.missingSinceMs, copy, part.askedAtMs ?? claim.grantSinceMs);
    const isWithMachine =
      claim.spec.type === 'virtual_machine' && part.onRelease === 'delete' && part.state === 'there';
    if (isGone || isWithMachine) return { ...part, state: 'gone', missingSinceMs: sinceMs };
    return sinceMs === part.missingSinceMs ? part : { ...part, missingSinceMs: sinceMs };
  }
  if (listed.state === 'in-use' && claim.usedBy === null && claim.spec.type === 'storage') detachUnclaimed(copy, claim);
  if (listed.state === 'in-use' || listed.state === 'creating' || listed.state === 'deleting') return part;
  // EC2 cannot copy a volume whose disk has failed, and nobody could use it again.
  const policy = isUsed && listed.state !== 'error' ? part.onRelease : 'delete';
  if (policy === 'keep') return keep(copy, claim, part);
  if (policy === 'snapshot') {
    const copied = snapshotStep(copy, claim, part, part.volumeId, say);
    if (copied.isDone) copy.calls.push({ kind: 'delete-volume', request: claim.id, volumeId: part.volumeId });
    return copied.part;
  }
  copy.calls.push({ kind: 'delete-volume', request: claim.id, volumeId: part.volumeId });
  return part;
}

function keep(copy: ClaimWorkingCopy, claim: ClaimRecord, part: VolumePart): VolumePart {
  const { volumeId, zone } = part;
  if (volumeId === null || zone === null) return part;
  const keptUntilMs = copy.nowMs + part.keepMs;
  copy.setKept({
    id: volumeId,
    pool: claim.pool,
    claim: null,
    tenant: claim.tenant,
    zone,
    shape: part.shape,
    keptSinceMs: copy.nowMs,
    keptUntilMs,
    isGoing: false,
    missingSinceMs: null,
  });
  return { ...part, state: 'kept', keptUntilMs };
}

export function snapshotOf(claim: ClaimRecord): string | null {
  return claim.spec.type === 'storage' ? claim.spec.volume.snapshotId : null;
}

/** Kept volumes whose time is over go. */
export function decideKept(copy: ClaimWorkingCopy): void {
  for (const { record } of copy.seen.kept) {
    if (copy.keptVolume(record.id) === undefined) continue;
    const isOver = record.isGoing || record.keptUntilMs <= copy.nowMs || copy.seen.isPoolDeleting;
    if (!isOver) {
      copy.dueAtMs.push(record.keptUntilMs);
      continue;
    }
    // Also without a listing: no request is left that would make the pool tick again, and the volume costs money.
    copy.isMoving = true;
    if (!copy.listing) continue;
    // It was listed while it was kept, so its absence means that it was deleted. If not, the sweep finds it as an
    // orphan.
    if (!copy.listing.volumes.has(record.id)) {
      copy.dropKept(record.id);
      continue;
    }
    // Record the deletion before the call: otherwise a tick that was paused could delete a volume that a later tick has
    // given to another request.
    if (!record.isGoing) copy.setKept({ ...record, isGoing: true });
    copy.calls.push({ kind: 'delete-volume', request: null, volumeId: record.id });
  }
}
