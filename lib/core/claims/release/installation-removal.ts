// Removal of the whole installation. Data that was to outlive its request must survive it, so each volume's release
// policy applies, with `keep` as a snapshot: no pool is left that could keep the volume. Volumes that were never
// granted or have the policy `delete` are deleted. A volume that no record names may be somebody's data: it is copied
// first.
import type { MachineLaunch } from '../../records/launch.ts';
import { tagLaunch } from '../../records/launch.ts';
import type { ClaimListing, SeenVolume } from '../../plan/listing.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { KeptVolume, VolumePart } from '../../records/volume.ts';
import { tagIntent, tagPart, tagRequest } from '../../records/claim.ts';
import type { PermissionRule } from '../../records/security-group.ts';

interface Owner {
  readonly request: string;
  readonly tenant: string | null;
  /** Its data was meant to outlive its request. */
  readonly isWanted: boolean;
  readonly isGranted: boolean;
  /** EC2 deletes it when its machine ends. */
  readonly goesWithMachine: boolean;
}

export interface VolumeOwners {
  readonly byVolume: ReadonlyMap<string, Owner>;
  readonly byPart: ReadonlyMap<string, Owner>;
  /** Disks that no record names yet; of several volumes the one that is wanted most decides. */
  readonly byLaunch: ReadonlyMap<string, Owner>;
}

export function volumeOwners(
  claims: readonly ClaimRecord[],
  launches: readonly MachineLaunch[],
  kept: readonly KeptVolume[],
): VolumeOwners {
  const byVolume = new Map<string, Owner>();
  const byPart = new Map<string, Owner>();
  const byLaunch = new Map<string, Owner>();
  const ofPart = (claim: ClaimRecord, part: VolumePart, isDisk: boolean): Owner => ({
    request: claim.id,
    tenant: claim.tenant,
    isWanted: part.onRelease !== 'delete',
    isGranted: claim.startedAtMs !== null,
    goesWithMachine: isDisk && part.onRelease === 'delete',
  });
  const note = (part: VolumePart, owner: Owner): void => {
    byPart.set(part.key, owner);
    if (part.volumeId !== null) byVolume.set(part.volumeId, owner);
  };
  for (const launch of launches)
    byLaunch.set(launch.id, {
      request: 'several',
      tenant: null,
      isWanted: false,
      isGranted: false,
      goesWithMachine: false,
    });
  for (const claim of claims) {
    if (claim.volume) note(claim.volume, ofPart(claim, claim.volume, false));
    for (const machine of claim.machines) {
      for (const part of machine.volumes) note(part, ofPart(claim, part, true));
      if (machine.launchId === null) continue;
      const before = byLaunch.get(machine.launchId);
      const isWanted =
        machine.volumes.some((part) => part.onRelease !== 'delete' && part.volumeId === null)
        && claim.startedAtMs !== null;
      byLaunch.set(machine.launchId, {
        request: claim.id,
        tenant: claim.tenant,
        isWanted: isWanted || before?.isWanted === true,
        isGranted: claim.startedAtMs !== null,
        goesWithMachine: false,
      });
    }
  }
  for (const one of kept)
    byVolume.set(one.id, {
      request: 'kept',
      tenant: one.tenant,
      isWanted: true,
      isGranted: true,
      goesWithMachine: false,
    });
  return { byVolume, byPart, byLaunch };
}

const unknown: Owner = { request: 'unknown', tenant: null, isWanted: true, isGranted: true, goesWithMachine: false };

function ownerOf({ tags, id }: SeenVolume, owners: VolumeOwners): Owner {
  return (
    owners.byVolume.get(id)
    ?? owners.byPart.get(tags[tagPart] ?? '')
    ?? owners.byLaunch.get(tags[tagLaunch] ?? '') ?? { ...unknown, request: tags[tagRequest] ?? 'unknown' }
  );
}

export interface RemovalSeen {
  readonly listing: Pick<ClaimListing, 'volumes' | 'snapshots' | 'groups'>;
  /** Instances that have not ended, nodes among them. */
  readonly alive: readonly { readonly id: string; readonly state: string }[];
  readonly owners: VolumeOwners;
  /** Volumes that were to be deleted are copied as well. */
  readonly copiesAll: boolean;
  /**
   * Volumes that the previous look saw detached: one that EC2 deletes with its machine can look detached for a moment.
   */
  readonly freeBefore: ReadonlySet<string>;
}

export interface RemovalStep {
  readonly terminate: readonly string[];
  readonly copy: readonly { readonly volumeId: string; readonly request: string; readonly tenant: string | null }[];
  readonly deleteVolumes: readonly string[];
  /** Rules that name other groups go first: groups that name each other could not be deleted. */
  readonly revoke: readonly { readonly groupId: string; readonly rules: readonly PermissionRule[] }[];
  readonly deleteGroups: readonly string[];
  /** What is still there, and what each waits for; empty: nothing is left. */
  readonly left: readonly string[];
  readonly free: ReadonlySet<string>;
}

export function removalStep({ listing, alive, owners, copiesAll, freeBefore }: RemovalSeen): RemovalStep {
  const copy: RemovalStep['copy'][number][] = [];
  const deleteVolumes: string[] = [];
  const left: string[] = [];
  const free = new Set<string>();
  const busy = new Set<string>();
  for (const volume of listing.volumes.values()) {
    const owner = ownerOf(volume, owners);
    const isCopied = owner.isGranted && (owner.isWanted || (copiesAll && owners.byVolume.has(volume.id)));
    // Somebody's backup has the volume's tags, too, and may be old: only a final snapshot carries an intent.
    const snapshots = listing.snapshots.filter(
      (one) => one.volumeId === volume.id && one.state !== 'error' && one.tags[tagIntent] !== undefined,
    );
    const hasCopy = snapshots.some((one) => one.state === 'completed');
    const wish = { volumeId: volume.id, request: owner.request, tenant: owner.tenant };
    if (volume.state === 'in-use') {
      left.push(`${volume.id} is attached to ${volume.attachments.map((one) => one.instanceId).join(', ')}`);
      if (!isCopied || !owner.goesWithMachine || hasCopy) continue;
      // It would be gone with its machine: the machine waits for the copy.
      for (const { instanceId } of volume.attachments) busy.add(instanceId);
      if (snapshots.length === 0) copy.push(wish);
      left.push(`${volume.id} is being copied to ${snapshots[0]?.id ?? 'a snapshot'}`);
    } else if (volume.state === 'available' || volume.state === 'error') {
      free.add(volume.id);
      const isSure = freeBefore.has(volume.id);
      if (!isCopied || hasCopy || volume.state === 'error') deleteVolumes.push(volume.id);
      else if (snapshots.length === 0 && isSure) copy.push(wish);
      left.push(
        isCopied && !hasCopy
          ? `${volume.id} is being copied to ${snapshots[0]?.id ?? 'a snapshot'}`
          : `${volume.id} is free`,
      );
    } else left.push(`${volume.id} is ${volume.state}`);
  }
  for (const one of alive) left.push(`${one.id} is ${one.state}`);
  for (const group of listing.groups.values()) left.push(`${group.id} is there`);
  const groups = alive.length > 0 ? [] : [...listing.groups.values()];
  const revoke = groups
    .map((group) => ({ groupId: group.id, rules: group.rules.filter((rule) => rule.groupId !== null) }))
    .filter((one) => one.rules.length > 0);
  return {
    terminate: alive.filter((one) => one.state !== 'shutting-down' && !busy.has(one.id)).map((one) => one.id),
    copy,
    deleteVolumes,
    revoke,
    deleteGroups: groups.map((group) => group.id),
    left,
    free,
  };
}
