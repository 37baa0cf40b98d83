// Texts for people: what an ended request leaves behind (snapshots, kept volumes, shared groups) and what that costs;
// and what to do when a release is stuck.
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { VolumePart } from '../../records/volume.ts';
import { shapeText } from '../volumes/resize.ts';
import { snapshotUsdPerGibMonth } from '../volumes/volume-cost.ts';

/** A release that takes longer than this says what a person can do about it. */
export const stuckAfterMs = 600_000;
const namedMax = 5;

function some(names: readonly string[]): string {
  return names.length <= namedMax
    ? names.join(', ')
    : `${names.slice(0, namedMax).join(', ')} and ${String(names.length - namedMax)} more`;
}

export function volumesOf(claim: ClaimRecord): readonly VolumePart[] {
  return [...claim.machines.flatMap((machine) => machine.volumes), ...(claim.volume ? [claim.volume] : [])];
}

/** `released; snapshot snap-… is kept until you delete it (…)`, or that nothing is left. */
export function leftText(copy: ClaimWorkingCopy, claim: ClaimRecord): string {
  const left = [snapshotsText(volumesOf(claim)), ...keptTexts(volumesOf(claim)), ...groupTexts(copy, claim)].filter(
    (one) => one !== null,
  );
  return left.length === 0 ? 'nothing of it is left' : `${claim.ending?.state ?? claim.state}; ${left.join('; ')}`;
}

function snapshotsText(parts: readonly VolumePart[]): string | null {
  const copied = parts.filter((part) => part.state === 'gone' && (part.snapshot?.id ?? null) !== null);
  if (copied.length === 0) return null;
  const usd = copied.reduce((sum, part) => sum + part.shape.sizeGib, 0) * snapshotUsdPerGibMonth;
  const [noun, verb, it] = copied.length === 1 ? ['snapshot', 'is', 'it'] : ['snapshots', 'are', 'them'];
  return (
    `${noun} ${some(copied.map((part) => part.snapshot?.id ?? ''))} ${verb} kept until you delete ${it} (an `
    + `estimate: at most ${usd.toFixed(2)} USD a month, by the data in ${it})`
  );
}

function keptTexts(parts: readonly VolumePart[]): readonly string[] {
  const byEnd = Map.groupBy(
    parts.filter((part) => part.state === 'kept'),
    (part) => part.keptUntilMs ?? null,
  );
  return [...byEnd].map(([untilMs, kept]) => {
    const usd = kept.reduce((sum, part) => sum + part.shape.usdPerMonth, 0);
    const what =
      kept.length === 1
        ? `${kept[0]?.volumeId ?? ''} (${kept[0] ? shapeText(kept[0].shape) : ''}) is`
        : `${some(kept.map((part) => part.volumeId ?? ''))} (${usd.toFixed(2)} USD a month together) are`;
    return (
      `${what} kept ${untilMs === null ? 'for a while' : `until ${new Date(untilMs).toISOString()}`} for `
      + 'your next request with strategy reuse-first'
    );
  });
}

/** Security groups that it no longer refers to and that remain because other requests use them. */
export function sharedGroups(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
): readonly { readonly groupId: string; readonly references: readonly string[] }[] {
  return claim.waitsForGroups
    .flatMap((id) => copy.group(id) ?? [])
    .flatMap(({ groupId, state, references }) =>
      groupId === null || state === 'deleting' ? [] : [{ groupId, references }],
    );
}

function groupTexts(copy: ClaimWorkingCopy, claim: ClaimRecord): readonly string[] {
  return sharedGroups(copy, claim).map(
    ({ groupId, references }) => `${groupId} stays: ${some(references)} ${references.length === 1 ? 'uses' : 'use'} it`,
  );
}

/** What a person can do about a release that is stuck. */
export function cureOf(copy: ClaimWorkingCopy, claim: ClaimRecord, code: string): string | null {
  switch (code) {
    case 'terminating': {
      const states = claim.machines
        .flatMap((part) => copy.listing?.machines.get(part.instanceId ?? '') ?? [])
        .filter((one) => one.state !== 'terminated');
      return (
        `EC2 shows ${some(states.map((one) => `${one.id} as ${one.state}`)) || 'nothing of them'}: where `
        + 'termination protection is on, turn it off; what stays shutting-down costs nothing, and only AWS '
        + 'can end it: ask AWS support'
      );
    }
    case 'volumes':
    case 'in_use':
    case 'detaching':
      return volumeCure(copy, claim);
    case 'groups': {
      const ids = claim.waitsForGroups
        .flatMap((id) => copy.group(id) ?? [])
        .filter((group) => group.state === 'deleting')
        .flatMap((group) => group.groupId ?? []);
      return (
        `something that Bellows did not make uses ${some(ids)}, a network interface or a `
        + `rule of another group: find it with "aws ec2 describe-network-interfaces --filters `
        + `Name=group-id,Values=${ids.slice(0, namedMax).join(',')}", and remove it; the `
        + 'group is then deleted'
      );
    }
    case 'launch_open':
      return 'EC2 has not said what the launch made; whatever it made is released once it says so';
    default:
      return null;
  }
}

function volumeCure(copy: ClaimWorkingCopy, claim: ClaimRecord): string | null {
  const used = copy
    .storages()
    .filter((one) => one.usedBy?.request === claim.id)
    .flatMap((one) => one.volume ?? []);
  for (const part of [...volumesOf(claim), ...used]) {
    const listed =
      part.state === 'gone' || part.state === 'kept' ? undefined : copy.listing?.volumes.get(part.volumeId ?? '');
    if (!listed) continue;
    const [attachment] = listed.attachments;
    if (attachment)
      return (
        `EC2 shows ${listed.id} as ${attachment.state} on ${attachment.instanceId}: unmount it there, or `
        + 'stop or terminate that instance; it is never detached by force'
      );
    const snapshot = copy.listing?.snapshots.find((one) => one.id === part.snapshot?.id);
    if (snapshot?.state === 'pending')
      return (
        `${snapshot.id} is being made; for much data that takes hours. If it does not end, delete it in `
        + 'EC2, and another one is made'
      );
    if (listed.state !== 'available')
      return `EC2 shows ${listed.id} as ${listed.state}; where that stays, ask AWS support`;
    // A final snapshot that is not there yet says itself what it waits for.
    if (part.onRelease === 'delete')
      return (
        `EC2 shows ${listed.id} as available, and has not deleted it though it was asked to; delete it `
        + 'there, and see what it says'
      );
  }
  return null;
}
