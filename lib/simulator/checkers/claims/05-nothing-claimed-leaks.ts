// Invariant 5 for volumes, groups and snapshots: each with our tags is known to a record, or goes within 10
// minutes; while faults rage, within 45. A final snapshot is its owner's for good, but there is one of each.
import { tagPart, tagRequest } from '../../../core/records/claim.ts';
import type { VolumePart } from '../../../core/records/volume.ts';
import { tagLaunch } from '../../../core/records/launch.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { UnknownTooLong } from '../unknown-too-long.ts';

const name = '5: nothing leaks';
const boundCalmMs = 12 * 60_000;

export function nothingClaimedLeaks(truth: Truth): Watcher {
  const unknown = new UnknownTooLong(truth, boundCalmMs);
  return {
    step() {
      if (!truth.ec2) return;
      unknown.step(
        () => unknownTo(truth),
        (id, minutes) => {
          truth.violate(name, `${id} has been there for ${minutes} minutes without anybody knowing`, [id]);
        },
      );
    },
    end() {
      for (const id of claimedThings(truth))
        truth.violate(name, `${id} is there still, long after everything has ended`, [id]);
      for (const id of doubledSnapshots(truth))
        truth.violate(name, `${id} is a second snapshot of the same volume`, [id]);
    },
  };
}

/** Volumes and groups with our tags; snapshots are their owner's. */
export function claimedThings(truth: Truth): readonly string[] {
  if (!truth.ec2) return [];
  return [...truth.ec2.volumes.values(), ...truth.ec2.securityGroups.values()]
    .filter((one) => one.tags[tagRequest] !== undefined)
    .map((one) => one.id);
}

function unknownTo(truth: Truth): readonly string[] {
  const { ec2 } = truth;
  if (!ec2) return [];
  const volumes = new Set(truth.kept.keys());
  const parts = new Set<string>();
  const launches = new Set([...truth.launches.values()].filter((one) => one.state === 'open').map((one) => one.id));
  for (const claim of truth.claims.values()) {
    if (claim.endedAtMs !== null) continue;
    for (const part of partsOf(claim)) {
      parts.add(part.key);
      if (part.volumeId !== null) volumes.add(part.volumeId);
    }
    for (const { launchId } of claim.machines) if (launchId !== null) launches.add(launchId);
  }
  const names = new Set([...truth.groups.values()].map((one) => one.name));
  return [
    ...[...ec2.volumes.values()]
      .filter(
        (one) =>
          one.tags[tagRequest] !== undefined
          && !volumes.has(one.id)
          && !parts.has(one.tags[tagPart] ?? '')
          && !launches.has(one.tags[tagLaunch] ?? '')
          // It goes, or stays, with its machine.
          && !one.attachments.some(({ instanceId }) => truth.instances.get(instanceId)?.state !== 'terminated'),
      )
      .map((one) => one.id),
    ...[...ec2.securityGroups.values()]
      .filter((one) => one.tags[tagRequest] !== undefined && !names.has(one.name))
      .map((one) => one.id),
    ...doubledSnapshots(truth),
  ];
}

/** All but the one that its request names (the first, where no request does). */
function doubledSnapshots(truth: Truth): readonly string[] {
  const byPart = new Map<string, string[]>();
  for (const one of truth.ec2?.snapshots.values() ?? []) {
    const part = one.tags[tagPart];
    if (part !== undefined) byPart.set(part, [...(byPart.get(part) ?? []), one.id]);
  }
  const doubled = [...byPart].filter(([, ids]) => ids.length > 1);
  if (doubled.length === 0) return [];
  const named = new Set([...truth.claims.values()].flatMap(partsOf).flatMap((part) => part.snapshot?.id ?? []));
  return doubled.flatMap(([, ids]) => {
    const own = ids.find((id) => named.has(id)) ?? ids[0];
    return ids.filter((id) => id !== own);
  });
}

function partsOf(claim: {
  readonly machines: readonly { readonly volumes: readonly VolumePart[] }[];
  readonly volume: VolumePart | null;
}): readonly VolumePart[] {
  return [...claim.machines.flatMap((machine) => machine.volumes), ...(claim.volume ? [claim.volume] : [])];
}
