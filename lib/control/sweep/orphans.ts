// Orphans: resources in EC2 with our tags that no record names, such as an instance without a node document or an open
// launch. Resources without our tags are never touched. Snapshots belong to their owner and stay; only a duplicate
// final snapshot is an orphan, recognized by its intent.
import type { AnyRow, ClaimRecord } from '../../core/records/claim.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { KeptVolume, VolumePart } from '../../core/records/volume.ts';
import { isClaim, tagIntent, tagPart, tagRequest } from '../../core/records/claim.ts';
import { volumesOf } from '../../core/claims/release/left-over.ts';
import type { MachineLaunch } from '../../core/records/launch.ts';
import { tagLaunch, tagPool } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { CloudListing, Instance, ListedSnapshot } from '../../ports/cloud.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { ControlPorts } from '../ports.ts';
import { queryAll, reading } from '../store/store-retry.ts';
import { readClaims, withParts } from '../claims/store.ts';

export interface Orphan {
  readonly kind: 'instance' | 'volume' | 'group' | 'snapshot';
  readonly id: string;
  readonly pool: string;
}

interface Known {
  readonly instances: Set<string>;
  readonly volumes: Set<string>;
  readonly parts: Set<string>;
  readonly launches: Set<string>;
  readonly groupNames: Set<string>;
  /** Pools with an unreadable record: what it names would look like an orphan, so nothing is deleted there. */
  readonly unreadablePools: Set<string>;
}

/** Sorted by id. The store is read after the listing, so everything that was listed has its record by now. */
export async function findOrphans(
  ports: ControlPorts,
  listing: CloudListing,
  pools: readonly string[],
): Promise<readonly Orphan[]> {
  const orphans = [
    ...(await nodeOrphans(ports, listing.instances)),
    ...claimOrphans(listing, await knownTo(ports, pools)),
    ...(await doubledSnapshots(ports, listing)),
  ];
  return orphans.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function isEnding({ state }: Instance): boolean {
  return state === 'terminated' || state === 'shutting-down';
}

/** Launches are read before nodes: a launch that settles in between has its node documents by then. */
async function nodeOrphans(ports: ControlPorts, instances: readonly Instance[]): Promise<readonly Orphan[]> {
  const alive = instances.filter((one) => one.tags[tagRequest] === undefined && !isEnding(one));
  const byPool = Map.groupBy(alive, (one) => one.tags[tagPool] ?? '');
  const orphans: Orphan[] = [];
  for (const [pool, members] of byPool) {
    const open = await readLaunches(ports, pool);
    const launches = new Set([...open.nodes, ...open.machines].map(({ record }) => record.id));
    const nodes = new Set((await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data.id));
    for (const { id, tags } of members)
      if (!nodes.has(id) && !launches.has(tags[tagLaunch] ?? '')) orphans.push({ kind: 'instance', id, pool });
  }
  return orphans;
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
    // Read twice: a volume that moves from one record to another between two queries is seen by one of the two reads.
    for (let looks = 0; looks < 2; looks += 1) {
      const claimed = await readClaims(ports, pool, await readLaunches(ports, pool));
      if (claimed.unreadable.length > 0 || claimed.claims.some(({ record }) => record.quarantine !== null))
        known.unreadablePools.add(pool);
      for (const { record } of claimed.claims) noteClaim(record, known, volume);
      for (const { record } of claimed.machineLaunches) noteLaunch(record, known);
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

function claimOrphans(listing: CloudListing, known: Known): readonly Orphan[] {
  const orphans: Orphan[] = [];
  const pool = (tags: Readonly<Record<string, string>>): string => tags[tagPool] ?? '';
  const isOurs = (tags: Readonly<Record<string, string>>): boolean =>
    tags[tagRequest] !== undefined && tags[tagPool] !== undefined && !known.unreadablePools.has(pool(tags));
  const isLaunched = (tags: Readonly<Record<string, string>>): boolean => known.launches.has(tags[tagLaunch] ?? '');
  for (const one of listing.instances) {
    if (isEnding(one) || !isOurs(one.tags)) continue;
    if (!known.instances.has(one.id) && !isLaunched(one.tags))
      orphans.push({ kind: 'instance', id: one.id, pool: pool(one.tags) });
  }
  for (const one of listing.volumes) {
    // An attached volume is handled with its machine.
    if (one.state !== 'available' || !isOurs(one.tags)) continue;
    if (!known.volumes.has(one.id) && !known.parts.has(one.tags[tagPart] ?? '') && !isLaunched(one.tags))
      orphans.push({ kind: 'volume', id: one.id, pool: pool(one.tags) });
  }
  for (const one of listing.groups)
    if (isOurs(one.tags) && !known.groupNames.has(one.name))
      orphans.push({ kind: 'group', id: one.id, pool: pool(one.tags) });
  return orphans;
}

/**
 * Second final snapshots that a late call made. Their intent, written before the call, is on that snapshot alone. A
 * snapshot without an intent, with one that its request does not know, or with one that another snapshot has too, is
 * somebody's backup and stays.
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
    ids.length === 0 ? [] : await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((id) => keys.request(id))));
  const orphans: Orphan[] = [];
  const records = await withParts(
    ports,
    rows.flatMap((row) => (row && isClaim(row.data) ? row.data : [])),
  );
  for (const record of records) {
    if (!isClaim(record)) continue;
    for (const one of byRequest.get(record.id) ?? [])
      if (isDouble(record, one)) orphans.push({ kind: 'snapshot', id: one.id, pool: one.tags[tagPool] ?? '' });
  }
  return orphans;
}

/** Our snapshot, and not the one that its request names. While the request names none, the tick may still choose it. */
function isDouble(record: ClaimRecord, { id, volumeId, tags }: ListedSnapshot): boolean {
  const part = volumesOf(record).find(
    (one) => one.volumeId === volumeId && one.snapshot?.intents.includes(tags[tagIntent] ?? '') === true,
  );
  const named = part?.snapshot?.id ?? null;
  return named !== null && named !== id;
}
