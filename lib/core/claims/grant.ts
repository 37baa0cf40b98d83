// Granting a pending claim: create or find each part it asks for; the claim is active once all of them are ready. If
// one part can never be provided, the whole claim is released.
import { isPaused } from '../values/clocks.ts';
import { assert } from '../values/errors.ts';
import { longestRefusalMs, standingRefusal, wholeAccount } from './refusals/call-refusal.ts';
import type { CallRefusal, ClaimFault, ClaimRecord, MachineSpec, StorageSpec } from '../records/claim.ts';
import type { MachinePart } from '../records/machine.ts';
import type { KeptVolume, VolumePart } from '../records/volume.ts';
import { snapshotsNamed, tagPart, tenantText } from '../records/claim.ts';
import { noteMissing } from './active.ts';
import type { ClaimWorkingCopy } from './working-copy.ts';
import type { ClaimListing, SeenMachine } from '../plan/listing.ts';
import { acquireGroup, isLiveNetwork } from './networks/groups.ts';
import {
  machineWithoutGroups,
  leaveOthers,
  referToGroups,
  sourceProblem,
  sourceRefusal,
} from './networks/group-membership.ts';
import { snapshotOf, withDisks } from './release/release.ts';
import { deviceLetters, deviceName, granted, waiting, withoutRefusals } from './lifecycle.ts';
import { shapeOf } from './volumes/storage-choice.ts';
import { keptUsd } from './volumes/volume-cost.ts';
import { returnUnstartable } from './machines/warm.ts';
import { limitsText, volumeLimitKeys } from '../records/limits.ts';
import { allowsZone } from '../values/requirements.ts';
import { attachZoneConflict, volumeZoneConflict } from '../values/volume-zone.ts';

type Step =
  /** Not ready yet. */
  | {
      readonly kind: 'wait';
      readonly code: string;
      readonly message: string;
      readonly isMoving: boolean;
      readonly untilMs: number | null;
    }
  | { readonly kind: 'fault'; readonly fault: ClaimFault }
  /** Everything before the machines is there. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'granted' };

const wait = (code: string, message: string, isMoving = true): Step => ({
  kind: 'wait',
  code,
  message,
  isMoving,
  untilMs: null,
});

/** EC2 is not asked again before `nextTryAtMs`, so no call is in flight and the grant's time limit does not run. */
function waitFor(copy: ClaimWorkingCopy, { reason, message, nextTryAtMs }: CallRefusal): Step {
  copy.dueAtMs.push(nextTryAtMs);
  return { kind: 'wait', code: reason, message, isMoving: false, untilMs: nextTryAtMs };
}

const fault = (code: string, message: string): Step => ({ kind: 'fault', fault: { code, message } });

/** Returns the machine requests that are ready to be launched, oldest first. */
export function decideGrants(copy: ClaimWorkingCopy): readonly ClaimRecord[] {
  const buyers: ClaimRecord[] = [];
  for (const {
    record: { id },
  } of copy.seen.claims) {
    const pending = copy.claim(id);
    if (pending?.state !== 'pending') continue;
    // What was granted before may be lost while it is attached or started: nothing else would end that.
    const claim = pending.startedAtMs === null ? pending : noteMissing(copy, pending);
    const step = stepOf(copy, claim);
    const now = copy.claim(id);
    assert(now, `request ${id} left its own decision`);
    if (step.kind === 'fault' && now.spec.type === 'storage' && now.startedAtMs !== null) {
      // The volume was granted earlier: a failed attachment does not end the claim.
      const { spec } = now;
      copy.setClaim(
        granted(
          { ...now, spec: { ...spec, attachTo: null }, usedBy: null },
          `is not attached: ${step.fault.message}`,
          copy.nowMs,
        ),
      );
    } else if (step.kind === 'fault') {
      copy.setClaim({ ...now, fault: step.fault });
      copy.isMoving = true;
    } else if (step.kind === 'wait') {
      if (step.isMoving) copy.isMoving = true;
      copy.setClaim(waiting(withGrantStart(now, copy.nowMs, step), step.code, step.message, copy.nowMs, step.untilMs));
    } else if (step.kind === 'ready') buyers.push(now);
  }
  return buyers;
}

/** The grant's time limit starts with the first call to EC2, and is paused while EC2 lacks capacity or quota. */
function withGrantStart(
  claim: ClaimRecord,
  nowMs: number,
  { isMoving, untilMs }: Extract<Step, { kind: 'wait' }>,
): ClaimRecord {
  if (untilMs !== null) return claim.grantSinceMs === null ? claim : { ...claim, grantSinceMs: null };
  return claim.grantSinceMs !== null || !isMoving ? claim : { ...claim, grantSinceMs: nowMs };
}

function stepOf(copy: ClaimWorkingCopy, claim: ClaimRecord): Step {
  const { spec, notBeforeMs = 0, after } = claim;
  if (notBeforeMs > copy.nowMs) {
    copy.dueAtMs.push(notBeforeMs);
    const last = after === undefined ? '' : `; the last ${after}`;
    const message = `what its service had in this place ended again and again${last}`;
    return { kind: 'wait', code: 'waits_after_crash', message, isMoving: false, untilMs: notBeforeMs };
  }
  const problem = claim.startedAtMs === null ? sourceStep(copy, claim) : null;
  if (problem) return problem;
  switch (spec.type) {
    case 'virtual_machine':
      return machineStep(copy, claim, spec);
    case 'storage':
      return storageStep(copy, claim, spec);
    case 'network':
      return networkStep(copy, claim);
  }
}

/** A tenant may not make volumes from another tenant's snapshots. null: the tags of all its snapshots allow it. */
function sourceStep(copy: ClaimWorkingCopy, claim: ClaimRecord): Step | null {
  for (const id of snapshotsNamed(claim.spec)) {
    const owner = copy.seen.snapshotOwners.get(id);
    if (owner === undefined) return wait('snapshot', `waits for EC2 to say whose ${id} is`);
    if (owner !== null && owner !== tenantText(claim.tenant))
      return fault('snapshot_forbidden', `snapshot ${id} is another tenant's`);
  }
  return null;
}

// ---- networks --------------------------------------------------------------------------------------

function networkStep(copy: ClaimWorkingCopy, claim: ClaimRecord): Step {
  assert(claim.spec.type === 'network', `request ${claim.id} is no network`);
  const problem = sourceProblem(copy, claim, claim.spec.network);
  if (problem) return { kind: 'fault', fault: problem };
  const group = acquireGroup(copy, claim, claim.spec.network);
  if (group.fault) return { kind: 'fault', fault: group.fault };
  const refused =
    group.state === 'active'
      ? null
      : (standingRefusal(group.refusals, wholeAccount, copy.nowMs) ?? sourceRefusal(copy, claim.spec.network));
  if (refused) return waitFor(copy, refused);
  if (group.state !== 'active')
    return wait('group', `waits for the security group ${group.groupId ?? group.name} to get its rules`);
  leaveOthers(copy, claim, group, new Map());
  copy.setClaim(
    granted(
      { ...(copy.claim(claim.id) ?? claim), groupIds: group.groupId === null ? [] : [group.groupId] },
      'has '
        + `${group.groupId ?? ''}`
        + `${group.references.length > 1 ? `, shared by ${String(group.references.length)} requests` : ''}`,
      copy.nowMs,
    ),
  );
  return { kind: 'granted' };
}

function isUsableReference(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  request: string,
  type: 'storage' | 'virtual_machine',
): boolean {
  const other = copy.claim(request);
  return (
    other?.tenant === claim.tenant
    && other.spec.type === type
    && (other.state === 'pending' || other.state === 'active')
  );
}

// ---- storage ---------------------------------------------------------------------------------------

function storageStep(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: StorageSpec): Step {
  const { volume } = claim;
  assert(volume, `storage request ${claim.id} has no volume`);
  const machine = spec.attachTo === null ? null : copy.claim(spec.attachTo);
  if (spec.attachTo !== null && (!machine || !isUsableReference(copy, claim, spec.attachTo, 'virtual_machine'))) {
    return fault(
      'reference_gone',
      `${spec.attachTo} is no virtual machine request of this tenant and pool, or is being released`,
    );
  }
  const part = machine?.machines[0] ?? null;
  if (machine && (part?.state !== 'there' || machine.state !== 'active'))
    return wait('waiting_for_reference', `waits for ${machine.id} to be active`, false);
  if (volume.state === 'wanted') return startVolume(copy, claim, spec, volume, part?.zone ?? null);
  const known = seenVolume(copy, claim, volume);
  if (known.state !== 'there' || known.volumeId === null)
    return wait('volume', `waits for EC2 to make ${String(volume.shape.sizeGib)} GiB of ${volume.shape.type}`);
  const listed = copy.listing?.volumes.get(known.volumeId);
  if (machine && part?.instanceId) {
    const zones = attachZoneConflict(machine.id, part.zone, known.zone);
    if (zones !== null) return fault('zone_mismatch', zones);
    const step = attachStep(copy, copy.claim(claim.id) ?? claim, machine.id);
    if (step) return step;
  } else if (listed?.state !== 'available' && listed?.state !== 'in-use')
    return wait('volume', `waits for ${known.volumeId} to be available`);
  const { shape } = known;
  const now = copy.claim(claim.id) ?? claim;
  copy.setClaim(
    granted(
      now,
      `has ${known.volumeId}: ${String(shape.sizeGib)} GiB of ${shape.type} in ${known.zone ?? ''}, `
        + `${shape.usdPerMonth.toFixed(2)} USD a month`,
      copy.nowMs,
    ),
  );
  return { kind: 'granted' };
}

function startVolume(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  spec: StorageSpec,
  volume: VolumePart,
  machineZone: string | null,
): Step {
  const fixed = machineZone ?? spec.zone;
  const zones = [...new Set(copy.seen.offerings.map((one) => one.zone))]
    .filter((zone) => allowsZone(spec.requirements, zone))
    .sort();
  const kept = keptFor(copy, claim, spec, fixed === null ? zones : [fixed]);
  if (kept) return takeOver(copy, claim, volume, kept);
  const zone = zoneFor(copy, claim, zones, fixed);
  if (typeof zone !== 'string') return zone;
  const over = limitsText(copy.seen.pool.limits, volumeLimitKeys, copy.usage(), {
    volumeGib: volume.shape.sizeGib,
    usdPerMonth: volume.shape.usdPerMonth,
  });
  if (over !== '')
    return wait(
      'limit_reached',
      `The limits of pool ${claim.pool} leave no room for ${String(volume.shape.sizeGib)} GiB of `
        + `${volume.shape.type}: ${over}.`,
      false,
    );
  // EC2 refuses a known token with other parameters, so a try in another zone needs another token.
  const key = claim.refusals === undefined ? volume.key : `${claim.id}.v.${zone}`;
  const { labelTags: _before, ...unasked } = volume;
  const labels = copy.withLabelTags(claim);
  copy.setClaim({ ...claim, volume: { ...unasked, key, state: 'asked', zone, askedAtMs: copy.nowMs, ...labels } });
  copy.calls.push({
    kind: 'create-volume',
    request: claim.id,
    token: key,
    zone,
    shape: volume.shape,
    snapshotId: snapshotOf(claim),
    ...labels,
  });
  return wait('volume', `asks EC2 for ${String(volume.shape.sizeGib)} GiB of ${volume.shape.type} in ${zone}`);
}

/** The smallest volume that an earlier request of the tenant kept and that is enough. */
function keptFor(
  copy: ClaimWorkingCopy,
  { tenant }: ClaimRecord,
  { volume: wish }: StorageSpec,
  zones: readonly string[],
): KeptVolume | undefined {
  if (wish.strategy !== 'reuse-first' || wish.snapshotId !== null) return undefined;
  return copy
    .kept()
    .filter(
      (one) =>
        one.tenant === tenant
        && one.keptUntilMs > copy.nowMs
        && !one.isGoing
        && zones.includes(one.zone)
        && isEnough(one.shape, wish),
    )
    .sort((a, b) => a.shape.sizeGib - b.shape.sizeGib || (a.id < b.id ? -1 : 1))[0];
}

/** What the volume cost while it was kept is charged to the request that takes it over. */
function takeOver(copy: ClaimWorkingCopy, claim: ClaimRecord, volume: VolumePart, kept: KeptVolume): Step {
  copy.dropKept(kept.id);
  copy.setClaim({
    ...claim,
    volume: {
      ...volume,
      state: 'there',
      volumeId: kept.id,
      zone: kept.zone,
      shape: kept.shape,
      paidUsd: keptUsd(kept, copy.nowMs),
      costSinceMs: copy.nowMs,
    },
  });
  return wait('volume', `takes ${kept.id} over, which an earlier request of this tenant kept`);
}

/** If no machine decides the zone: the zone where the pool's machines are cheapest, where its user will likely run. */
function zoneFor(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  zones: readonly string[],
  fixed: string | null,
): string | Step {
  const choice = fixed === null ? zones : [fixed];
  const refused = new Map(choice.map((one) => [one, standingRefusal(claim.refusals, one, copy.nowMs)]));
  const open = choice.filter((one) => refused.get(one) === null);
  const zone = fixed === null ? cheapestZone(copy, open) : (open[0] ?? null);
  if (zone !== null) return zone;
  const [soonest] = [...refused.values()].filter((one) => one !== null).sort((a, b) => a.nextTryAtMs - b.nextTryAtMs);
  return soonest ? waitFor(copy, soonest) : fault('no_zone', `pool ${claim.pool} allows no zone for this volume`);
}

function isEnough(shape: VolumePart['shape'], wish: StorageSpec['volume']): boolean {
  if (shape.sizeGib < wish.sizeGib || (wish.volumeType !== null && shape.type !== wish.volumeType)) return false;
  const needed = shapeOf(shape.type, {
    sizeGib: shape.sizeGib,
    iops: wish.iops,
    throughputMibps: wish.throughputMibps,
  });
  return (
    needed !== null
    && (needed.iops ?? 0) <= (shape.iops ?? 0)
    && (needed.throughputMibps ?? 0) <= (shape.throughputMibps ?? 0)
    && needed.sizeGib <= shape.sizeGib
  );
}

function cheapestZone(copy: ClaimWorkingCopy, zones: readonly string[]): string | null {
  let best: { zone: string; usd: number } | null = null;
  for (const one of copy.seen.offerings) {
    if (
      !zones.includes(one.zone)
      || (best && (best.usd < one.priceUsdPerHour || (best.usd === one.priceUsdPerHour && best.zone <= one.zone)))
    )
      continue;
    best = { zone: one.zone, usd: one.priceUsdPerHour };
  }
  return best?.zone ?? null;
}

/** Updates the volume from EC2's listing. It is found by its tag, so a lost answer to CreateVolume does not matter. */
function seenVolume(copy: ClaimWorkingCopy, claim: ClaimRecord, part: VolumePart): VolumePart {
  const { listing } = copy;
  if (!listing) return part;
  const listed =
    part.volumeId === null
      ? [...listing.volumes.values()].find((one) => one.tags[tagPart] === part.key)
      : listing.volumes.get(part.volumeId);
  let next = part;
  if (
    listed
    && (listed.state === 'available' || listed.state === 'in-use')
    && (part.state !== 'there' || part.volumeId === null)
  ) {
    next = { ...part, state: 'there', volumeId: listed.id, zone: listed.zone };
  } else if (part.volumeId === null && part.zone !== null) {
    copy.calls.push({
      kind: 'create-volume',
      request: claim.id,
      token: part.key,
      zone: part.zone,
      shape: part.shape,
      snapshotId: snapshotOf(claim),
      ...(part.labelTags === undefined ? {} : { labelTags: part.labelTags }),
    });
  }
  if (next !== part) copy.setClaim({ ...claim, volume: next });
  return next;
}

/**
 * The volume of a storage request onto a machine: claimed first (one machine at most), then attached once the machine
 * runs. null: it is attached.
 */
function attachStep(copy: ClaimWorkingCopy, storage: ClaimRecord, machineRequest: string): Step | null {
  const machine = copy.claim(machineRequest);
  const part = machine?.machines[0];
  const { volume } = storage;
  if (!machine || part?.instanceId === null || part?.instanceId === undefined || !volume?.volumeId)
    return wait('attaching', 'waits for the machine and the volume');
  if (storage.usedBy !== null && storage.usedBy.request !== machineRequest)
    return wait('in_use', `${volume.volumeId} is used by ${storage.usedBy.request}`, false);
  if (storage.usedBy === null) {
    const device = freeDevice(copy, machineRequest);
    if (device === null)
      return fault(
        'too_many_volumes',
        `${machineRequest} has ${String(deviceLetters.length)} volumes, and no device name is left`,
      );
    copy.setClaim({ ...storage, usedBy: { request: machineRequest, machine: 0, device } });
    return wait('attaching', `will be attached to ${part.instanceId} as ${device}`);
  }
  const listed = copy.listing?.volumes.get(volume.volumeId);
  const attachment = listed?.attachments.find((one) => one.instanceId === part.instanceId);
  if (attachment?.state === 'attached') {
    if (storage.refusals !== undefined) copy.setClaim(withoutRefusals(storage));
    return null;
  }
  const refused = standingRefusal(storage.refusals, part.instanceId, copy.nowMs);
  if (refused) return waitFor(copy, refused);
  const state = copy.listing?.machines.get(part.instanceId)?.state;
  if (listed?.state === 'available' && (state === 'running' || state === 'stopped')) {
    copy.calls.push({
      kind: 'attach',
      request: storage.id,
      volumeId: volume.volumeId,
      instanceId: part.instanceId,
      device: storage.usedBy.device,
    });
  }
  return wait(
    'attaching',
    `waits for ${volume.volumeId} to be attached to ${part.instanceId} as ${storage.usedBy.device}`,
  );
}

function freeDevice(copy: ClaimWorkingCopy, machineRequest: string): string | null {
  const machine = copy.claim(machineRequest);
  const used = new Set([
    ...(machine?.machines[0]?.volumes ?? []).map((one) => one.device),
    ...copy
      .storages()
      .filter((one) => one.usedBy?.request === machineRequest)
      .map((one) => one.usedBy?.device),
  ]);
  for (let n = 0; n < deviceLetters.length; n += 1) if (!used.has(deviceName(n))) return deviceName(n);
  return null;
}

// ---- machines --------------------------------------------------------------------------------------

function machineStep(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): Step {
  if (claim.startedAtMs !== null && claim.power === 'stopped') {
    // The caller asked to stop it before it had started: back to active, which stops machines that should not run.
    copy.isMoving = true;
    copy.setClaim({
      ...claim,
      state: 'active',
      reason: 'stopping',
      counts: { ...claim.counts, pending: 0, running: claim.spec.count },
    });
    return { kind: 'granted' };
  }
  const references = referencesStep(copy, claim, spec);
  if (references) return references;
  const network = machineNetworkStep(copy, claim, spec);
  if (network) return network;
  const open = copy.openParts(claim.id);
  const missingParts = claim.machines.filter((part) => part.state === 'wanted' && !open.has(part.index));
  if (missingParts.length > 0) return { kind: 'ready' };
  // EC2 has refused the launch, and only its record is not closed yet: show the refusal.
  const refused =
    claim.reason === 'launch_refused' ? claim.timeline.findLast((entry) => entry.code === 'launch_refused') : undefined;
  if (open.size > 0 && refused) return wait(refused.code, refused.message);
  if (open.size > 0)
    return wait('launching', `waits for EC2's answer to the launch of ${String(open.size)} of ${String(spec.count)}`);
  const seen = copy.claim(claim.id) ?? claim;
  const starting = runningStep(copy, seen);
  if (starting) return starting;
  const noDisk = seen.machines.flatMap((part) => part.volumes).find((volume) => volume.state !== 'there');
  if (noDisk) return wait('volume', `waits for ${noDisk.device ?? 'a volume'} to show`);
  for (const request of spec.volumeRequests) {
    const storage = copy.claim(request);
    const step = storage ? attachStep(copy, storage, claim.id) : fault('reference_gone', `${request} was released`);
    if (step) return step;
  }
  const bare = machineWithoutGroups(copy, seen, spec);
  if (bare !== null) return wait('group', `waits for ${bare} to have its security groups attached`);
  const named = seen.machines
    .map((part) => `${part.instanceId ?? ''} (${part.instanceType ?? ''} ${part.capacityType} in ${part.zone ?? ''})`)
    .slice(0, 5)
    .join(', ');
  const groupIds = copy
    .groupsOf(claim.id)
    .flatMap((group) => group.groupId ?? [])
    .sort();
  copy.setClaim(
    granted(
      { ...(copy.claim(claim.id) ?? seen), groupIds, ...(claim.startRefused ? { startRefused: null } : {}) },
      `has ${named}`,
      copy.nowMs,
    ),
  );
  return { kind: 'granted' };
}

/** null: all its machines run. A stopped one (of the warm pool, or its own) is started. */
function runningStep(copy: ClaimWorkingCopy, claim: ClaimRecord): Step | null {
  const stateOf = (part: MachinePart): string | undefined => copy.listing?.machines.get(part.instanceId ?? '')?.state;
  const notRunning = claim.machines.find((part) => stateOf(part) !== 'running');
  if (!notRunning) return null;
  const id = notRunning.instanceId ?? '';
  if (claim.power !== 'running' || stateOf(notRunning) !== 'stopped')
    return wait('booting', `waits for ${id === '' ? 'an instance' : id} to run`);
  if (returnUnstartable(copy, claim)) return wait('no_capacity', 'looks for another machine');
  const untilMs = claim.startRefused?.nextTryAtMs ?? 0;
  const why = claim.timeline.at(-1);
  if (isPaused(untilMs, copy.nowMs, longestRefusalMs) && why) {
    copy.dueAtMs.push(untilMs);
    return wait(why.code, why.message, false);
  }
  copy.calls.push({ kind: 'start', request: claim.id, ids: [id] });
  return wait('starting', `asks EC2 to start ${id}; without capacity it waits`);
}

/** null: its storage requests are active, and it has claimed their volumes. */
function referencesStep(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): Step | null {
  for (const request of spec.volumeRequests) {
    const storage = copy.claim(request);
    if (!storage || !isUsableReference(copy, claim, request, 'storage'))
      return fault('reference_gone', `${request} is no storage request of this tenant and pool, or is being released`);
    if (storage.state === 'pending') return wait('waiting_for_reference', `waits for ${request} to be active`, false);
    if (storage.usedBy === null) {
      const device = freeDevice(copy, claim.id);
      if (device === null) return fault('too_many_volumes', `there is no device name left for ${request}`);
      copy.setClaim({ ...storage, usedBy: { request: claim.id, machine: 0, device } });
    } else if (storage.usedBy.request !== claim.id)
      return wait(
        'in_use',
        `${request} is used by ${storage.usedBy.request}: a volume is attached to one machine at most`,
        false,
      );
  }
  const zones = volumeZoneConflict(spec.volumeRequests.map((request) => copy.claim(request)?.volume?.zone));
  return zones === null ? null : fault('zone_mismatch', zones);
}

/** null: all its groups are active. */
function machineNetworkStep(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec): Step | null {
  const problem = spec.network === null ? null : sourceProblem(copy, claim, spec.network);
  if (problem) return { kind: 'fault', fault: problem };
  for (const request of spec.networkRequests) {
    if (!isLiveNetwork(copy, claim.tenant, request))
      return fault('reference_gone', `${request} is no network request of this tenant and pool, or is being released`);
    if (copy.claim(request)?.state === 'pending')
      return wait('waiting_for_reference', `waits for ${request} to be active`, false);
  }
  const groups = referToGroups(copy, claim, spec);
  const faulty = groups.find((group) => group.fault !== null);
  if (faulty?.fault) return { kind: 'fault', fault: faulty.fault };
  const coming = groups.find((group) => group.state !== 'active' || group.groupId === null);
  const refused =
    groups
      .filter((group) => group.state !== 'active')
      .map((group) => standingRefusal(group.refusals, wholeAccount, copy.nowMs))
      .find((one) => one !== null) ?? (coming && spec.network ? sourceRefusal(copy, spec.network) : null);
  if (refused) return waitFor(copy, refused);
  return coming
    ? wait('group', `waits for the security group ${coming.groupId ?? coming.name} to get its rules`)
    : null;
}

/** Size of the disks that came with the image. While a disk is not listed the previous size stays. */
function imageGibOf(listing: ClaimListing, part: MachinePart, listed: SeenMachine): number {
  const asked = new Set(part.volumes.map((one) => one.device));
  const disks = listed.disks.filter((one) => !asked.has(one.device)).map((one) => listing.volumes.get(one.volumeId));
  if (disks.length === 0 || disks.includes(undefined)) return part.imageGib ?? 0;
  return disks.reduce((gib, disk) => gib + (disk?.tags[tagPart] === undefined ? (disk?.sizeGib ?? 0) : 0), 0);
}

/** Copies addresses, type and disks from EC2's listing into the machine records. */
export function seeMachines(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimRecord {
  const { listing } = copy;
  if (!listing || claim.machines.length === 0) return claim;
  const machines = claim.machines.map((part) => {
    const listed = part.state === 'there' ? listing.machines.get(part.instanceId ?? '') : undefined;
    if (!listed) return part;
    const next = withDisks(part, listed);
    const imageGib = imageGibOf(listing, next, listed);
    const isSame =
      next.privateIp === listed.privateIp
      && next.publicIp === listed.publicIp
      && next.instanceType === listed.instanceType
      && next.missingSinceMs === null
      && (next.imageGib ?? 0) === imageGib;
    return isSame
      ? next
      : {
          ...next,
          privateIp: listed.privateIp,
          publicIp: listed.publicIp,
          instanceType: listed.instanceType,
          missingSinceMs: null,
          imageGib,
        };
  });
  return machines.some((part, n) => part !== claim.machines[n]) ? copy.setClaim({ ...claim, machines }) : claim;
}
