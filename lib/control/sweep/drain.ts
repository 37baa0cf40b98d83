// The drain at the removal: lists what carries the installation's tag, gives one step of it back, and
// looks again, until nothing has been there for a while. What is to outlive it becomes snapshots,
// which say whose they are.
import { tagIntent, tagPart, tagRequest, tagTenant, tenantText } from '../../core/records/claim.ts';
import type { VolumeOwners } from '../../core/claims/release/installation-removal.ts';
import { removalStep } from '../../core/claims/release/installation-removal.ts';
import type { RemovalStep } from '../../core/claims/release/installation-removal.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { tagInstallation, tagPool } from '../../core/records/launch.ts';
import type { Clock } from '../../ports/clock.ts';
import { CloudRefusedError, CloudUnknownError, isPassing } from '../../ports/cloud.ts';
import type { Cloud, CloudListing, ListedVolume } from '../../ports/cloud.ts';
import type { Log } from '../../ports/log.ts';

export interface DrainOptions {
  readonly installation: string;
  readonly cloud: Pick<Cloud, 'list' | 'terminate' | 'snapshot' | 'deleteVolume' | 'revoke' | 'deleteGroup'>;
  /** From the records of requests: nothing changes them any more. */
  readonly volumeOwners: () => Promise<VolumeOwners>;
  readonly clock: Clock;
  /** When the drain gives up; within the function's timeout. */
  readonly drainMs: number;
  readonly log: Log;
}

/** Something is left; the removal failed and can be tried again. */
export class DrainError extends BellowsError {
  constructor(left: readonly string[], seconds: number) {
    super(
      'drain_incomplete',
      `${left.length === 0 ? 'EC2 could not be listed' : `${String(left.length)} things are left`} after `
        + `${String(seconds)} s (${left.slice(0, 8).join(', ')}); delete the stack again: it goes on from here (a `
        + 'snapshot of a large volume takes longer than one removal may)',
    );
  }
}

const lookEveryMs = 5_000;
/** Listings lag, and so long a call without an answer may have made one. */
const copyAgainMs = 60_000;

interface Given {
  instances: number;
  volumes: number;
  groups: number;
  readonly snapshots: string[];
  /** When each volume was last copied, or may have been: by its id. */
  readonly copiedMs: Map<string, number>;
  /** What EC2 said no to, and why: by the id of the thing. */
  readonly refusals: Map<string, string>;
}

/**
 * `copiesAll`: also volumes that were to be deleted leave a snapshot. A tick that was under way when the rules went may
 * still launch something, hence `quietMs`.
 */
export async function drain(
  options: DrainOptions,
  { quietMs, copiesAll }: { readonly quietMs: number; readonly copiesAll: boolean },
): Promise<string> {
  const { clock, drainMs } = options;
  const startedMs = clock.monotonicMs();
  const given: Given = { instances: 0, volumes: 0, groups: 0, snapshots: [], copiedMs: new Map(), refusals: new Map() };
  let quietSinceMs: number | null = null;
  let freeBefore: ReadonlySet<string> = new Set();
  let left: readonly string[] = [];
  for (;;) {
    const look = await takeLook(options, copiesAll, freeBefore);
    const nowMs = clock.monotonicMs();
    if (look) left = look.step.left;
    if (!look || left.length > 0) quietSinceMs = null;
    else quietSinceMs ??= nowMs;
    if (quietSinceMs !== null && nowMs - quietSinceMs >= quietMs) return summaryOf(given);
    if (nowMs - startedMs >= drainMs)
      throw new DrainError(
        left.map((one) => withReason(one, given.refusals)),
        Math.round(drainMs / 1000),
      );
    if (look) {
      freeBefore = look.step.free;
      await take(options, look, given);
    }
    await clock.sleep(Math.min(lookEveryMs, Math.max(200, quietMs / 4)));
  }
}

interface Look {
  readonly step: RemovalStep;
  readonly listing: CloudListing;
}

/** null: EC2 could not be asked. */
async function takeLook(
  { cloud, volumeOwners, installation, log }: DrainOptions,
  copiesAll: boolean,
  freeBefore: ReadonlySet<string>,
): Promise<Look | null> {
  try {
    const listing = await cloud.list({ installation, things: 'all' });
    const step = removalStep({
      alive: listing.instances.filter((one) => one.state !== 'terminated'),
      owners: await volumeOwners(),
      copiesAll,
      freeBefore,
      listing: {
        volumes: new Map(listing.volumes.map((one) => [one.id, one])),
        snapshots: listing.snapshots,
        groups: new Map(listing.groups.map((one) => [one.name, one])),
      },
    });
    return { step, listing };
  } catch (error) {
    if (!isPassing(error)) throw error;
    log.write('warn', 'EC2 could not be listed; the drain asks again', { error });
    return null;
  }
}

async function take(options: DrainOptions, { step, listing }: Look, given: Given): Promise<void> {
  const { cloud, log } = options;
  /** Whatever is refused or has no answer is found again at the next look. */
  const attempt = async (what: string, id: string, call: () => Promise<unknown>): Promise<boolean> => {
    try {
      await call();
      return true;
    } catch (error) {
      if (!(isPassing(error) || error instanceof CloudRefusedError)) throw error;
      given.refusals.set(id, error.message);
      log.write('warn', `${what} was not done; it is asked again`, { error });
      return false;
    }
  };
  if (step.terminate.length > 0) {
    log.write('info', 'the drain terminates instances', { instances: step.terminate });
    await attempt('a termination', step.terminate.join(' '), async () => {
      const { accepted, refused } = await cloud.terminate(step.terminate);
      given.instances += accepted.length;
      for (const { id, code, message } of refused) {
        given.refusals.set(id, message);
        log.write('warn', 'EC2 did not accept a termination; it is asked again', { node: id, code, reason: message });
      }
    });
  }
  const { clock } = options;
  for (const { volumeId, request, tenant } of step.copy) {
    if (clock.monotonicMs() - (given.copiedMs.get(volumeId) ?? -Infinity) < copyAgainMs) continue;
    const volume = listing.volumes.find((one) => one.id === volumeId);
    await attempt(`the copy of ${volumeId}`, volumeId, async () => {
      given.copiedMs.set(volumeId, clock.monotonicMs());
      const snapshotId = await cloud
        .snapshot(volumeId, snapshotTags(options, volume, request, tenant))
        .catch((error: unknown) => {
          // Nothing was made, and it is asked for again at the next look.
          if (!(error instanceof CloudUnknownError)) given.copiedMs.delete(volumeId);
          throw error;
        });
      given.snapshots.push(snapshotId);
      log.write('info', 'the drain copies a volume', { volume: volumeId, snapshot: snapshotId, request, tenant });
    });
  }
  for (const volumeId of step.deleteVolumes) {
    log.write('info', 'the drain deletes a volume', {
      volume: volumeId,
      snapshots: listing.snapshots.filter((one) => one.volumeId === volumeId).map((one) => one.id),
    });
    if (await attempt(`the deletion of ${volumeId}`, volumeId, () => cloud.deleteVolume(volumeId))) given.volumes += 1;
  }
  for (const { groupId, rules } of step.revoke)
    await attempt(`revoking rules of ${groupId}`, groupId, () => cloud.revoke(groupId, rules));
  for (const groupId of step.deleteGroups)
    if (await attempt(`the deletion of ${groupId}`, groupId, () => cloud.deleteGroup(groupId))) given.groups += 1;
}

/** `left` begins with the thing's id. */
function withReason(left: string, refusals: ReadonlyMap<string, string>): string {
  const reason = refusals.get(left.split(' ')[0] ?? '');
  return reason === undefined ? left : `${left} (${reason})`;
}

/** The records go with the table: the snapshot itself says whose it is. */
function snapshotTags(
  { installation }: DrainOptions,
  volume: ListedVolume | undefined,
  request: string,
  tenant: string | null,
): Record<string, string> {
  const tags = volume?.tags ?? {};
  return {
    [tagInstallation]: installation,
    [tagPool]: tags[tagPool] ?? 'unknown',
    [tagRequest]: tags[tagRequest] ?? request,
    [tagPart]: tags[tagPart] ?? request,
    // No record is left to name the call: the volume does, and volumes carry no intent that a backup
    // could have from them.
    [tagIntent]: `removal-${volume?.id ?? request}`,
    ...(tenant === null ? {} : { [tagTenant]: tenantText(tenant) }),
  };
}

function summaryOf({ instances, volumes, groups, snapshots }: Given): string {
  const copies =
    snapshots.length === 0 ? '' : `; ${String(snapshots.length)} snapshots stay: ${snapshots.slice(0, 20).join(', ')}`;
  return `${String(instances)} instances, ${String(volumes)} volumes and ${String(groups)} groups released${copies}`;
}
