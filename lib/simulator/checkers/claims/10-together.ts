// Invariant 10: what a claim refers to is granted together or released together, and it ends only when nothing of it is
// left in EC2. Groups carry exactly the references of open requests, and a machine that is granted is not taken away.
import { tagPart } from '../../../core/records/claim.ts';
import type { GroupRecord } from '../../../core/records/security-group.ts';
import type { ClaimRecord } from '../../../core/records/claim.ts';
import { isWarm } from '../../../core/claims/documents.ts';
import { isNodeLaunch, tagLaunch } from '../../../core/records/launch.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '10: granted together, released together';

export function together(truth: Truth): Watcher {
  return {
    claimsAccepted(id) {
      if (!truth.claims.has(id)) truth.violate(name, `request ${id} was accepted and is not in the store`, [id]);
    },
    claimsRead(id, isThere) {
      if (!isThere) truth.violate(name, `request ${id} was accepted, and a read does not find it`, [id]);
    },
    claim(before, after) {
      if (before === null) return;
      if (after === null) {
        checkDeleted(truth, before);
        return;
      }
      if (before.endedAtMs !== null && (after.endedAtMs === null || after.state !== before.state))
        truth.violate(name, `request ${after.id} comes back from ${before.state} to ${after.state}`, [after.id]);
      if (before.state === 'releasing' && after.endedAtMs === null && after.state !== 'releasing')
        truth.violate(name, `request ${after.id} comes back from releasing to ${after.state}`, [after.id]);
      if (after.state === 'active' && before.state === 'pending' && before.startedAtMs === null)
        checkWhole(truth, after);
      if (after.endedAtMs !== null && before.endedAtMs === null) checkGone(truth, after);
    },
    group(before, after) {
      if (after === null) {
        if (before && before.references.length > 0)
          truth.violate(name, `the document of ${before.name} goes while ${before.references.join(', ')} refer to it`, [
            before.id,
          ]);
        return;
      }
      checkReferences(truth, before, after);
    },
    ec2Call(action, parameters, by) {
      if (action !== 'TerminateInstances') return;
      // By the record that has it now: a machine passes from the warm pool to its request.
      for (const [key, id] of Object.entries(parameters)) {
        const claim = key.startsWith('InstanceId.')
          ? [...truth.claims.values()].find((one) => one.machines.some((part) => part.instanceId === id))
          : undefined;
        if (claim && claim.state !== 'releasing' && claim.endedAtMs === null)
          truth.violate(name, `${by} ends ${id} of ${claim.id}, which is ${claim.state}`, [id, claim.id]);
      }
    },
  };
}

/** Only a warm machine's record goes: when its machine is a request's, or nothing of it is left. */
function checkDeleted(truth: Truth, before: ClaimRecord): void {
  if (!isWarm(before)) truth.violate(name, `request ${before.id} is deleted`, [before.id]);
  for (const { instanceId, state } of before.machines) {
    const isTaken = [...truth.claims.values()].some(
      (one) => one.endedAtMs === null && one.machines.some((part) => part.instanceId === instanceId),
    );
    if (
      state === 'there'
      && before.endedAtMs === null
      && !isTaken
      && truth.instances.get(instanceId ?? '')?.isEnding === false
    )
      truth.violate(name, `warm machine ${before.id} is forgotten with ${instanceId ?? ''}`, [
        before.id,
        instanceId ?? '',
      ]);
  }
}

/** Everything that was asked for is there, as far as EC2 ever had it: it may die at any moment. */
function checkWhole(truth: Truth, claim: ClaimRecord): void {
  const lacks = (what: string): void =>
    truth.violate(name, `request ${claim.id} became active without ${what}`, [claim.id]);
  const { spec } = claim;
  for (const part of claim.machines) {
    if (part.state !== 'there' || part.instanceId === null || !truth.instances.has(part.instanceId))
      lacks(`machine ${String(part.index)}`);
    if (part.volumes.some((volume) => volume.state !== 'there' || volume.volumeId === null))
      lacks(`a volume of machine ${String(part.index)}`);
  }
  if (claim.volume && (claim.volume.state !== 'there' || claim.volume.volumeId === null)) lacks('its volume');
  const groups = [...truth.groups.values()].filter((one) => one.references.includes(claim.id));
  const wanted =
    spec.type === 'network'
      ? 1
      : spec.type === 'virtual_machine'
        ? Math.min(1, (spec.network ? 1 : 0) + spec.networkRequests.length)
        : 0;
  if (groups.length < wanted) lacks('its security group');
  for (const group of groups)
    if (group.state !== 'active' || group.groupId === null) lacks(`${group.name}, which is ${group.state}`);
  if (spec.type !== 'virtual_machine') return;
  for (const id of spec.volumeRequests) {
    const storage = truth.claims.get(id);
    const attached = truth.ec2?.volumes
      .get(storage?.volume?.volumeId ?? '')
      ?.attachments.some((one) => one.instanceId === claim.machines[0]?.instanceId);
    if (storage?.usedBy?.request !== claim.id || attached !== true) lacks(`the volume of ${id}`);
  }
}

function checkGone(truth: Truth, claim: ClaimRecord): void {
  const left = (what: string): void =>
    truth.violate(name, `request ${claim.id} ended as ${claim.state} and left ${what}`, [claim.id, what]);
  for (const { instanceId } of claim.machines) {
    const state = instanceId === null ? 'terminated' : (truth.instances.get(instanceId)?.state ?? 'terminated');
    if (state !== 'terminated') left(`${instanceId ?? ''} ${state}`);
  }
  const parts = [...claim.machines.flatMap((machine) => machine.volumes), ...(claim.volume ? [claim.volume] : [])];
  const launches = new Set(
    claim.machines.flatMap(({ launchId }) => {
      const launch = truth.launches.get(launchId ?? '');
      const isOwn = launch && !isNodeLaunch(launch) && launch.members.every((one) => one.request === claim.id);
      return isOwn ? [launch.id] : [];
    }),
  );
  for (const volume of truth.ec2?.volumes.all() ?? []) {
    const part = parts.find((one) => one.volumeId === volume.id || volume.tags[tagPart] === one.key);
    const isOurs = part !== undefined || launches.has(volume.tags[tagLaunch] ?? '');
    const isKept = parts.some((one) => one.volumeId === volume.id && one.state === 'kept') || truth.kept.has(volume.id);
    if (
      isOurs
      && !isKept
      && volume.attachments.every((one) => one.detachingSinceMs !== null || !isAlive(truth, one.instanceId))
    )
      left(volume.id);
  }
  for (const group of truth.groups.values())
    if (group.references.includes(claim.id)) left(`its reference to ${group.name}`);
}

function isAlive(truth: Truth, instanceId: string): boolean {
  const state = truth.instances.get(instanceId)?.state;
  return state !== undefined && state !== 'terminated';
}

function checkReferences(truth: Truth, before: GroupRecord | null, after: GroupRecord): void {
  if (before?.state === 'deleting' && (after.state !== 'deleting' || after.references.length > 0))
    truth.violate(name, `${after.name} comes back from deleting, for ${after.references.join(', ')}`, [after.id]);
  if ((after.references.length === 0) !== (after.state === 'deleting'))
    truth.violate(name, `${after.name} is ${after.state} with ${String(after.references.length)} references`, [
      after.id,
    ]);
  if (new Set(after.references).size < after.references.length)
    truth.violate(name, `${after.name} counts a request twice: ${after.references.join(', ')}`, [after.id]);
  for (const id of after.references) {
    const claim = truth.claims.get(id);
    if (claim === undefined || claim.endedAtMs !== null)
      truth.violate(name, `${after.name} counts ${id}, which is ${claim?.state ?? 'no request'}`, [after.id, id]);
  }
}
