// The sweep of what requests hold: an instance, volume or group that carries our tags and that no record knows
// is given back at the second sighting. What does not carry them is never looked at. Snapshots are their
// owner's and stay: only a final one that was made twice goes, told by its intent.
import type { AnyRequest, ClaimRecord } from '../../core/records/claim.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { KeptVolume, VolumePart } from '../../core/records/volume.ts';
import { isClaim, tagIntent, tagPart, tagRequest } from '../../core/records/claim.ts';
import { volumesOf } from '../../core/claims/left-over.ts';
import type { MachineLaunch } from '../../core/records/launch.ts';
import { tagLaunch, tagPool } from '../../core/records/launch.ts';
import { CloudRefusedError, isPassing } from '../../ports/cloud.ts';
import type { CloudListing, ListedSnapshot } from '../../ports/cloud.ts';
import { activityItem } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { put, reading, update } from '../store/store-retry.ts';
import { keptIds, readClaims } from './store.ts';
import { readLock } from '../coordination/lock.ts';
import { raiseWake } from '../coordination/wake.ts';

interface Orphan {
  readonly kind: 'instance' | 'volume' | 'group' | 'snapshot';
  readonly id: string;
  readonly pool: string;
}

interface OrphansRecord {
  readonly sinceMs: Readonly<Record<string, number>>;
}

interface Known {
  readonly instances: Set<string>;
  readonly volumes: Set<string>;
  readonly parts: Set<string>;
  readonly launches: Set<string>;
  readonly groupNames: Set<string>;
  /** A record of what is held there cannot be read: what it names may look like nobody's, and nothing is given back. */
  readonly unreadablePools: Set<string>;
}

export async function sweepClaims(
  ports: ControlPorts,
  settings: ControlSettings,
  pools: readonly string[],
): Promise<{ readonly orphansSeen: number; readonly reaped: number }> {
  for (const pool of pools) await wakeForgotten(ports, pool);
  let listing: CloudListing;
  try {
    listing = await ports.cloud.list({ installation: settings.installation, things: 'all' });
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'what is held could not be listed; the next sweep tries again', { error });
    return { orphansSeen: 0, reaped: 0 };
  }
  const nowMs = ports.clock.nowMs();
  // The store after the listing: what EC2 showed then has its record by now.
  const orphans = [...orphansOf(listing, await knownTo(ports, pools)), ...(await doubledSnapshots(ports, listing))];
  const key = keys.claimOrphans;
  const { item } = await update<OrphansRecord>(ports, key, (current) => {
    const before = current?.data.sinceMs ?? {};
    const sinceMs = Object.fromEntries(orphans.map((one) => [one.id, before[one.id] ?? nowMs]));
    const isSame = current ? JSON.stringify(sinceMs) === JSON.stringify(before) : orphans.length === 0;
    return isSame ? null : { ...key, data: { sinceMs } };
  });
  const ripe = orphans.filter((one) => nowMs - (item?.data.sinceMs[one.id] ?? nowMs) >= settings.orphanAgeMs);
  let reaped = 0;
  for (const orphan of ripe) if (await reap(ports, orphan)) reaped += 1;
  return { orphansSeen: orphans.length, reaped };
}

async function knownTo(ports: ControlPorts, pools: readonly string[]): Promise<Known> {
  const known: Known = {
    instances: new Set(),
    volumes: new Set(),
    parts: new Set(),
    launches: new Set(),
    groupNames: new Set(),
    unreadablePools: new Set(),
  };
  const volume = (part: VolumePart): void => {
    known.parts.add(part.key);
    if (part.volumeId !== null) known.volumes.add(part.volumeId);
  };
  for (const pool of pools) {
    // What passes from a document to a request between two reads is seen by the second look.
    for (let looks = 0; looks < 2; looks += 1) {
      const claimed = await readClaims(ports, pool, await readLaunches(ports, pool));
      if (claimed.unreadable.length > 0 || claimed.claims.some(({ record }) => record.quarantine !== null))
        known.unreadablePools.add(pool);
      for (const { record } of claimed.claims) noteClaim(record, known, volume);
      for (const { record } of claimed.launches) noteLaunch(record, known);
      for (const { record } of claimed.groups) noteGroup(record, known);
      for (const { record } of claimed.kept) noteKept(record, known);
    }
  }
  return known;
}

function noteClaim(claim: ClaimRecord, known: Known, volume: (part: VolumePart) => void): void {
  if (claim.volume) volume(claim.volume);
  for (const part of claim.machines) {
    if (part.instanceId !== null) known.instances.add(part.instanceId);
    if (part.launchId !== null && claim.endedAtMs === null) known.launches.add(part.launchId);
    part.volumes.forEach(volume);
  }
}

function noteLaunch(launch: MachineLaunch, known: Known): void {
  known.launches.add(launch.id);
}

function noteGroup(group: GroupRecord, known: Known): void {
  known.groupNames.add(group.name);
}

function noteKept(kept: KeptVolume, known: Known): void {
  known.volumes.add(kept.id);
}

function orphansOf(listing: CloudListing, known: Known): readonly Orphan[] {
  const orphans: Orphan[] = [];
  const pool = (tags: Readonly<Record<string, string>>): string => tags[tagPool] ?? '';
  const isOurs = (tags: Readonly<Record<string, string>>): boolean =>
    tags[tagRequest] !== undefined && tags[tagPool] !== undefined && !known.unreadablePools.has(pool(tags));
  const isLaunched = (tags: Readonly<Record<string, string>>): boolean => known.launches.has(tags[tagLaunch] ?? '');
  for (const one of listing.instances) {
    if (one.state === 'terminated' || one.state === 'shutting-down' || !isOurs(one.tags)) continue;
    if (!known.instances.has(one.id) && !isLaunched(one.tags))
      orphans.push({ kind: 'instance', id: one.id, pool: pool(one.tags) });
  }
  for (const one of listing.volumes) {
    // What is attached goes, or stays, with its machine.
    if (one.state !== 'available' || !isOurs(one.tags)) continue;
    if (!known.volumes.has(one.id) && !known.parts.has(one.tags[tagPart] ?? '') && !isLaunched(one.tags))
      orphans.push({ kind: 'volume', id: one.id, pool: pool(one.tags) });
  }
  for (const one of listing.groups)
    if (isOurs(one.tags) && !known.groupNames.has(one.name))
      orphans.push({ kind: 'group', id: one.id, pool: pool(one.tags) });
  return orphans.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * A call that came late made a second final snapshot. Its intent, which was written before the call, is on
 * that snapshot alone: what has no intent, one that its request does not know, or shares it with a copy,
 * is somebody's backup.
 */
async function doubledSnapshots(ports: ControlPorts, { snapshots }: CloudListing): Promise<readonly Orphan[]> {
  const byIntent = Map.groupBy(
    snapshots.filter((one) => one.tags[tagIntent] !== undefined && one.tags[tagRequest] !== undefined),
    (one) => one.tags[tagIntent] ?? '',
  );
  const byRequest = Map.groupBy(
    [...byIntent.values()].flatMap((all) => (all.length === 1 ? all : [])),
    (one) => one.tags[tagRequest] ?? '',
  );
  const ids = [...byRequest.keys()];
  const rows =
    ids.length === 0
      ? []
      : await reading(ports, () => ports.store.getMany<AnyRequest>(ids.map((id) => keys.request(id))));
  const orphans: Orphan[] = [];
  for (const [n, id] of ids.entries()) {
    const record = rows[n]?.data;
    if (!record || !isClaim(record)) continue;
    for (const one of byRequest.get(id) ?? [])
      if (isDouble(record, one)) orphans.push({ kind: 'snapshot', id: one.id, pool: one.tags[tagPool] ?? '' });
  }
  return orphans;
}

/** One of ours, beside the one that its request names. While none is named its tick may still choose it. */
function isDouble(record: ClaimRecord, { id, volumeId, tags }: ListedSnapshot): boolean {
  const part = volumesOf(record).find(
    (one) => one.volumeId === volumeId && one.snapshot?.intents?.includes(tags[tagIntent] ?? '') === true,
  );
  const named = part?.snapshot?.id ?? null;
  return named !== null && named !== id;
}

async function reap(ports: ControlPorts, { kind, id, pool }: Orphan): Promise<boolean> {
  try {
    if (kind === 'instance') await ports.cloud.terminate([id]);
    else if (kind === 'volume') await ports.cloud.deleteVolume(id);
    else if (kind === 'snapshot') await ports.cloud.deleteSnapshot(id);
    else await ports.cloud.deleteGroup(id);
  } catch (error) {
    if (!(isPassing(error) || error instanceof CloudRefusedError)) throw error;
    ports.log.write('warn', 'an orphan could not be given back now; the next sweep tries again', {
      pool,
      kind,
      id,
      error,
    });
    return false;
  }
  ports.log.write('warn', 'something that no record knows was given back', { pool, kind, id });
  await put(
    ports,
    activityItem(ports, pool, {
      code: 'orphan_reaped',
      message: `${kind} ${id} was known to no record; given back`,
      nodeId: kind === 'instance' ? id : null,
    }),
    'absent',
  );
  return true;
}

/** A submit that stopped between its write and its wake, or a lost debt. */
async function wakeForgotten(ports: ControlPorts, pool: string): Promise<void> {
  const lock = await readLock(ports, pool);
  const open = (await keptIds(ports, pool)).length;
  if (lock?.data.holder) return;
  if (open !== (lock?.data.openClaims ?? 0)) await raiseWake(ports, pool);
}
