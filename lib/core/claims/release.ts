// Giving back, in the only order that EC2 takes: instances first, then their volumes once these are free, then the
// groups. Every step is found again from what is there, so it may stop anywhere.
import type { HoldRecord, MachinePart, VolumePart } from '../records/claim.ts';
import { tagPart } from '../records/claim.ts';
import { tagLaunch } from '../records/launch.ts';
import type { HoldDraft, SeenMachine } from './working-copy.ts';
import { missing } from './working-copy.ts';
import { freeLoose } from './active.ts';
import { releaseGroup } from './groups.ts';
import type { TimelineEntry } from '../records/request.ts';
import type { Say } from './final-snapshot.ts';
import { snapshotStep } from './final-snapshot.ts';
import { cureOf, leftText, sharedGroups, stuckAfterMs } from './left-over.ts';
import { ended, tell, waiting } from './lifecycle.ts';

export function decideReleasing(draft: HoldDraft, hold: HoldRecord): void {
  draft.isMoving = true;
  let next = hold;
  let wait: readonly [code: string, message: string] | null = null;
  const isOpenLaunch = draft.openParts(hold.id).size > 0;
  if (isOpenLaunch) wait = ['launch_open', 'waits for the answer to a launch that may have made instances'];
  const notes: TimelineEntry[] = [];
  const say: Say = (code, message, nextTryAtMs) => { notes.push({ atMs: draft.nowMs, stage: 'releasing', code, message, ...(nextTryAtMs === undefined ? {} : { nextTryAtMs }) }); };
  const machines = next.machines.map((part) => machineStep(draft, next, part, isOpenLaunch, say));
  if (machines.some((part, n) => part !== next.machines[n])) next = { ...next, machines };
  const standing = machines.filter((part) => part.state !== 'gone');
  if (standing.length > 0) wait ??= ['terminating', `waits for ${standing.map((part) => part.instanceId ?? 'an instance').slice(0, 5).join(', ')} to end`];
  const disks = machines.flatMap((part) => part.volumes).filter((part) => part.state !== 'gone' && part.state !== 'kept');
  if (disks.length > 0) wait ??= ['volumes', `waits for ${disks.map((part) => part.volumeId ?? part.key).slice(0, 5).join(', ')} to be ${disks[0]?.onRelease === 'snapshot' ? 'copied and deleted' : 'deleted'}`];
  const own = next.volume;
  if (own) {
    const user = next.usedBy === null || isLetGo(draft, next) ? null : userOf(draft, next, next.usedBy);
    if (user !== null) wait ??= ['in_use', user];
    else {
      if (next.usedBy !== null) next = { ...next, usedBy: null };
      const volume = volumeStep(draft, next, own, next.startedAtMs !== null, say);
      if (volume !== own) next = { ...next, volume };
      if (volume.state !== 'gone' && volume.state !== 'kept') wait ??= ['volumes', `waits for ${volume.volumeId ?? volume.key} to be given back`];
    }
  }
  if (standing.length === 0) {
    for (const storage of draft.storages()) if (storage.usedBy?.request === hold.id && isFree(draft, storage)) draft.setHold({ ...storage, usedBy: null });
    if (draft.storages().some((storage) => storage.usedBy?.request === hold.id)) wait ??= ['detaching', 'waits for its volumes to be free'];
    next = releaseGroups(draft, next);
  }
  const groups = next.waitsForGroups.flatMap((id) => draft.group(id) ?? []).filter((group) => group.state === 'deleting');
  if (groups.length > 0) wait ??= ['groups', `waits for ${groups.map((group) => group.groupId ?? group.name).slice(0, 5).join(', ')} to be deleted: EC2 keeps a group while anything uses it`];
  if (wait === null && draft.groupsOf(hold.id).length === 0) {
    draft.ended.add(hold.id);
    const sharedGroupIds = sharedGroups(draft, next).map((group) => group.groupId);
    draft.setHold(ended({ ...next, ...(sharedGroupIds.length === 0 ? {} : { sharedGroupIds }) }, leftText(draft, next), draft.nowMs));
    return;
  }
  for (const note of notes) next = tell(next, note);
  draft.setHold(wait === null ? next : waiting(next, wait[0], withCure(draft, next, wait[0], wait[1]), draft.nowMs));
}

/** What lasts long says what a person can do about it. */
function withCure(draft: HoldDraft, hold: HoldRecord, code: string, message: string): string {
  if (hold.releasingSinceMs === undefined || draft.nowMs - hold.releasingSinceMs < stuckAfterMs) return message;
  const cure = cureOf(draft, hold, code);
  return cure === null ? message : `${message}, since ${new Date(hold.releasingSinceMs).toISOString()}: ${cure}`;
}

function releaseGroups(draft: HoldDraft, hold: HoldRecord): HoldRecord {
  const mine = draft.groupsOf(hold.id);
  if (mine.length === 0) return hold;
  for (const group of mine) releaseGroup(draft, hold, group);
  return { ...hold, waitsForGroups: [...new Set([...hold.waitsForGroups, ...mine.map((group) => group.id)])] };
}

/** Whether nothing holds the volume any more, as EC2 sees it. */
function isFree(draft: HoldDraft, storage: HoldRecord): boolean {
  const id = storage.volume?.volumeId;
  if (id === null || id === undefined || !draft.listing) return storage.volume?.state === 'wanted';
  const listed = draft.listing.volumes.get(id);
  return listed === undefined || listed.state !== 'in-use';
}

/** Nobody uses it any more: the machine's request is over, or EC2 has detached what this request had attached. */
function isLetGo(draft: HoldDraft, storage: HoldRecord): boolean {
  const { usedBy, spec } = storage;
  if (usedBy === null) return true;
  const isOwnWish = spec.type === 'storage' && (spec.attachTo === usedBy.request || storage.isDetaching);
  return (isOwnWish || draft.hold(usedBy.request) === undefined) && isFree(draft, storage);
}

/** What keeps a storage request's volume. A volume that this request had attached is detached. */
function userOf(draft: HoldDraft, storage: HoldRecord, usedBy: NonNullable<HoldRecord['usedBy']>): string {
  const { volume, spec } = storage;
  if (spec.type === 'storage' && spec.attachTo !== usedBy.request && !storage.isDetaching) return `waits for ${usedBy.request}, which uses it, to ${usedBy.node ? 'end' : 'be given back'}`;
  const instanceId = draft.hold(usedBy.request)?.machines[usedBy.machine]?.instanceId;
  const attachment = draft.listing?.volumes.get(volume?.volumeId ?? '')?.attachments[0];
  if (volume?.volumeId && instanceId && attachment?.state === 'attached') draft.calls.push({ kind: 'detach', request: storage.id, volumeId: volume.volumeId, instanceId });
  return `waits for ${volume?.volumeId ?? 'its volume'} to be detached; unmount it if it is mounted`;
}

function machineStep(draft: HoldDraft, hold: HoldRecord, part: MachinePart, isOpenLaunch: boolean, say: Say): MachinePart {
  if (part.state === 'gone') return withVolumes(draft, hold, part, null, say);
  if (part.state === 'wanted') {
    if (isOpenLaunch) return part;
    return { ...part, state: 'gone', volumes: part.volumes.map((volume) => ({ ...volume, state: 'gone' as const })) };
  }
  const listed = part.instanceId === null ? undefined : draft.listing?.machines.get(part.instanceId);
  const { sinceMs, isGone } = missing(listed !== undefined, part.missingSinceMs, draft, part.thereSinceMs);
  if (listed?.state === 'terminated' || isGone) return withVolumes(draft, hold, { ...part, state: 'gone', missingSinceMs: sinceMs }, listed ?? null, say);
  // Also where it is not listed (yet): a listing that lags is no reason to leave it running.
  if (part.instanceId !== null && listed?.state !== 'shutting-down') draft.terminating.set(part.instanceId, hold.id);
  const known = listed ? withDisks(part, listed) : part;
  return sinceMs === known.missingSinceMs ? known : { ...known, missingSinceMs: sinceMs };
}

/** What EC2 says of the machine's disks becomes the ids of its volumes. */
export function withDisks(part: MachinePart, listed: SeenMachine): MachinePart {
  const volumes = part.volumes.map((volume): VolumePart => {
    if (volume.state !== 'wanted') return volume;
    const disk = listed.disks.find((one) => one.device === volume.device);
    return disk ? { ...volume, state: 'there', volumeId: disk.volumeId, zone: listed.zone } : volume;
  });
  return volumes.some((volume, n) => volume !== part.volumes[n]) ? { ...part, volumes } : part;
}

function withVolumes(draft: HoldDraft, hold: HoldRecord, part: MachinePart, listed: SeenMachine | null, say: Say): MachinePart {
  const known = listed ? withDisks(part, listed) : part;
  const taken = new Set(known.volumes.map((one) => one.volumeId));
  const volumes = known.volumes.map((one): VolumePart => {
    let volume = one;
    if (volume.state === 'wanted') {
      // The machine ended before its disks were seen. Those that outlive it carry its launch's tag.
      const left = draft.listing && [...draft.listing.volumes.values()].find((seen) => seen.tags[tagLaunch] === part.launchId
        && seen.state === 'available' && seen.sizeGib === one.shape.sizeGib && !taken.has(seen.id) && one.onRelease !== 'delete');
      if (!left) {
        // Those that go with their machine are gone; for the others a listing that lags is no word.
        const { sinceMs, isGone } = missing(false, volume.missingSinceMs, draft, part.thereSinceMs);
        const isOver = draft.listing !== null && (volume.onRelease === 'delete' || part.launchId === null || isGone);
        return isOver ? { ...volume, state: 'gone' } : sinceMs === volume.missingSinceMs ? volume : { ...volume, missingSinceMs: sinceMs };
      }
      taken.add(left.id);
      volume = { ...volume, state: 'there', volumeId: left.id, zone: left.zone };
    }
    return volumeStep(draft, hold, volume, hold.startedAtMs !== null, say);
  });
  return volumes.some((volume, n) => volume !== part.volumes[n]) ? { ...known, volumes } : known;
}

/** One step of a volume on its way out. `isUsed`: it was granted, so its policy counts; what was never granted is deleted. */
function volumeStep(draft: HoldDraft, hold: HoldRecord, part: VolumePart, isUsed: boolean, say: Say): VolumePart {
  const { listing } = draft;
  if (part.state === 'gone' || part.state === 'kept' || !listing) return part;
  if (part.state === 'wanted') return { ...part, state: 'gone' };
  if (part.volumeId === null) {
    const found = [...listing.volumes.values()].find((one) => one.tags[tagPart] === part.key);
    if (found) return { ...part, state: 'there', volumeId: found.id, zone: found.zone };
    // Its token tells what the lost answer said; repeating it makes nothing more.
    if (part.zone !== null && hold.fault === null) draft.calls.push({ kind: 'create-volume', request: hold.id, token: part.key, zone: part.zone, shape: part.shape, snapshotId: snapshotOf(hold) });
    const { sinceMs, isGone } = missing(false, part.missingSinceMs, draft);
    return isGone && hold.fault !== null ? { ...part, state: 'gone' } : { ...part, missingSinceMs: sinceMs };
  }
  const listed = listing.volumes.get(part.volumeId);
  if (!listed) {
    // With its machine ended, EC2 has deleted it; otherwise absence must last.
    const { sinceMs, isGone } = missing(false, part.missingSinceMs, draft, part.askedAtMs ?? hold.grantSinceMs);
    const isWithMachine = hold.spec.type === 'virtual_machine' && part.onRelease === 'delete' && part.state === 'there';
    if (isGone || isWithMachine) return { ...part, state: 'gone', missingSinceMs: sinceMs };
    return sinceMs === part.missingSinceMs ? part : { ...part, missingSinceMs: sinceMs };
  }
  if (listed.state === 'in-use' && hold.usedBy === null && hold.spec.type === 'storage') freeLoose(draft, hold);
  if (listed.state === 'in-use' || listed.state === 'creating' || listed.state === 'deleting') return part;
  const policy = isUsed ? part.onRelease : 'delete';
  if (policy === 'keep') return keep(draft, hold, part);
  if (policy === 'snapshot') {
    const copied = snapshotStep(draft, hold, part, part.volumeId, say);
    if (copied.isDone) draft.calls.push({ kind: 'delete-volume', request: hold.id, volumeId: part.volumeId });
    return copied.part;
  }
  draft.calls.push({ kind: 'delete-volume', request: hold.id, volumeId: part.volumeId });
  return part;
}

function keep(draft: HoldDraft, hold: HoldRecord, part: VolumePart): VolumePart {
  const { volumeId, zone } = part;
  if (volumeId === null || zone === null) return part;
  // Each is a document in the write that says it is kept: what is more than one write takes waits for the next look.
  if (draft.roomWith(hold.id) === 0) return part;
  const keptUntilMs = draft.nowMs + keepMsOf(hold, part);
  draft.keepVolume({ id: volumeId, pool: hold.pool, tenant: hold.tenant, zone, shape: part.shape, keptSinceMs: draft.nowMs, keptUntilMs, isGoing: false, missingSinceMs: null }, hold.id);
  return { ...part, state: 'kept', keptUntilMs };
}

/** Each volume's own; records of earlier versions have it in their wishes, in the same order. */
function keepMsOf({ spec, machines }: HoldRecord, part: VolumePart): number {
  if (part.keepMs !== undefined) return part.keepMs;
  if (spec.type === 'storage') return spec.volume.keepMs;
  const position = machines.flatMap((machine) => machine.volumes.findIndex((one) => one.key === part.key)).find((n) => n >= 0) ?? 0;
  return spec.type === 'virtual_machine' ? (spec.volumes[position]?.keepMs ?? 0) : 0;
}

export function snapshotOf(hold: HoldRecord): string | null {
  return hold.spec.type === 'storage' ? hold.spec.volume.snapshotId : null;
}

/** Kept volumes whose time is over go. */
export function decideKept(draft: HoldDraft): void {
  for (const { record } of draft.seen.kept) {
    if (draft.isDroppedKept(record.id)) continue;
    const isOver = record.isGoing || record.keptUntilMs <= draft.nowMs || draft.seen.isPoolDeleting;
    if (!isOver) {
      draft.dueAtMs.push(record.keptUntilMs);
      continue;
    }
    // Without a listing, too: no request is left to make the pool due, and the volume would be paid for for ever.
    draft.isMoving = true;
    if (!draft.listing) continue;
    // It was listed for as long as it was kept, so its absence now is its end; the sweep is the second look.
    if (!draft.listing.volumes.has(record.id)) {
      draft.dropKept(record.id, null);
      continue;
    }
    // Written before it is asked for: a tick that stood still must not delete what a later one has given away.
    if (!record.isGoing) draft.goingKept.push({ ...record, isGoing: true });
    draft.calls.push({ kind: 'delete-volume', request: null, volumeId: record.id });
  }
}
