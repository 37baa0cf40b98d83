// Invariant 9: a volume is attached to one machine at most and never deleted while it is wanted or before its copy is
// there; a group is never deleted while a request refers to it.
import { tagPart } from '../../../core/records/claim.ts';
import type { ClaimRecord } from '../../../core/records/claim.ts';
import type { VolumePart } from '../../../core/records/volume.ts';
import { epochMs } from '../../kernel.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '9: volumes and groups are safe while they are used';
/** Controllers' clocks are off by up to two seconds, each. */
const clockToleranceMs = 5_000;
const everyMs = 30_000;
const strayMaxMs = 20 * 60_000;

export function attachedOnce(truth: Truth): Watcher {
  const looseSince = new Map<string, number>();
  let nextAtMs = 0;
  return {
    claim(_before, after) {
      if (after?.usedBy === null || after?.usedBy === undefined || after.endedAtMs !== null) return;
      const { request, device } = after.usedBy;
      for (const other of truth.claims.values()) {
        if (
          other.id !== after.id
          && other.endedAtMs === null
          && other.usedBy?.request === request
          && other.usedBy.device === device
        ) {
          truth.violate(name, `${after.id} and ${other.id} are both to be ${device} of ${request}`, [
            after.id,
            other.id,
          ]);
        }
        if (
          other.id !== after.id
          && other.endedAtMs === null
          && other.volume?.volumeId
          && other.volume.volumeId === after.volume?.volumeId
          && other.volume.state === 'there'
          && after.volume.state === 'there'
        ) {
          truth.violate(name, `${after.id} and ${other.id} both hold ${other.volume.volumeId}`, [after.id, other.id]);
        }
      }
    },
    ec2Call(action, parameters, by) {
      if (action !== 'DeleteVolume') return;
      const id = parameters['VolumeId'] ?? '';
      if (!truth.ec2?.volumes.has(id)) return;
      for (const { claim, part } of ownersOf(truth, id)) {
        if (claim.state !== 'releasing')
          truth.violate(name, `${by} deletes ${id} of ${claim.id}, which is ${claim.state}`, [id, claim.id]);
        else if (part.onRelease === 'keep' && claim.startedAtMs !== null && part.state !== 'kept')
          truth.violate(name, `${by} deletes ${id} of ${claim.id}, which was to be kept`, [id, claim.id]);
        else if (part.onRelease === 'snapshot' && claim.startedAtMs !== null && !isCopied(truth, id, part))
          truth.violate(name, `${by} deletes ${id} of ${claim.id} before its final snapshot is complete`, [
            id,
            claim.id,
          ]);
      }
      const kept = truth.kept.get(id);
      const isPoolGoing = kept !== undefined && truth.deletedPools.has(kept.pool);
      if (kept && kept.keptUntilMs > epochMs + truth.nowMs + clockToleranceMs && !isPoolGoing)
        truth.violate(name, `${by} deletes ${id}, which is kept until ${String(kept.keptUntilMs - epochMs)} ms`, [id]);
    },
    ec2Done(action, parameters, by) {
      if (action !== 'DeleteSecurityGroup') return;
      const id = parameters['GroupId'] ?? '';
      for (const group of truth.groups.values()) {
        if (group.groupId === id && (group.state !== 'deleting' || group.references.length > 0))
          truth.violate(name, `${by} deletes ${id}, to which ${group.references.join(', ')} refer`, [id, group.id]);
      }
    },
    /** What nobody uses does not stay attached to a machine that goes on. */
    step() {
      if (truth.nowMs < nextAtMs || !truth.ec2) return;
      nextAtMs = truth.nowMs + everyMs;
      for (const claim of truth.claims.values()) {
        const id = claim.volume?.volumeId ?? null;
        if (id === null || claim.endedAtMs !== null) continue;
        const isLoose =
          claim.usedBy === null
          && (truth.ec2.volumes.get(id)?.attachments.some((one) => one.detachingSinceMs === null) ?? false);
        if (!isLoose) looseSince.delete(id);
        else {
          const since = looseSince.get(id) ?? truth.nowMs;
          looseSince.set(id, since);
          if (truth.nowMs - Math.max(since, truth.steadySinceMs) > strayMaxMs)
            truth.violate(name, `${id} of ${claim.id} is attached to a machine though nobody uses it`, [id, claim.id]);
        }
      }
    },
  };
}

function ownersOf(
  truth: Truth,
  volumeId: string,
): readonly { readonly claim: ClaimRecord; readonly part: VolumePart }[] {
  return [...truth.claims.values()]
    .filter((claim) => claim.endedAtMs === null)
    .flatMap((claim) =>
      [...claim.machines.flatMap((machine) => machine.volumes), ...(claim.volume ? [claim.volume] : [])]
        .filter((part) => part.volumeId === volumeId && part.state !== 'gone')
        .map((part) => ({ claim, part })),
    );
}

function isCopied(truth: Truth, volumeId: string, part: VolumePart): boolean {
  return (
    truth.ec2?.snapshots
      .all()
      .some(
        (one) =>
          one.volumeId === volumeId && one.tags[tagPart] === part.key && one.completedAtMs <= epochMs + truth.nowMs,
      ) ?? false
  );
}
