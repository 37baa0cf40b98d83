// What a store restored from a backup does not fit in EC2 any more: read, and nothing changed. Its records are those of
// an earlier time; EC2 went on. What EC2 has that no record names is of the time that was lost.
import type { ClaimRecord } from '../../../core/records/claim.ts';
import { tagPart, tagRequest } from '../../../core/records/claim.ts';
import { tagLaunch, tagPool } from '../../../core/records/launch.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import type { CloudListing, Instance, ListedVolume } from '../../../ports/cloud.ts';
import { readClaims } from '../../claims/store.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { readPools } from '../../requests/pools.ts';
import { keys } from '../../store/keys.ts';
import { readLaunches } from '../../store/launches.ts';
import { indexedKeys, queryAll } from '../../store/store-retry.ts';
import { findOrphans } from '../orphans.ts';

/** Open requests named for each pool; the others are counted. */
const openNamed = 100;

export interface RestoredThing {
  readonly kind: 'instance' | 'volume' | 'group';
  readonly id: string;
  readonly pool: string;
  /** The request that it was made for, which may be one of the lost time. */
  readonly request: string;
}

export interface RestoredLook {
  readonly pools: readonly string[];
  /** Pools with records that cannot be read: what these name is not known, so nothing there counts as lost. */
  readonly unreadable: readonly string[];
  /** Nodes that run. Not known: of the lost time, or of a launch that was open at the restored time. */
  readonly nodes: readonly { readonly id: string; readonly pool: string; readonly isKnown: boolean }[];
  /** What claims of the lost time have: no record names it. Somebody may be using it. */
  readonly lost: readonly RestoredThing[];
  /** What records name and EC2 does not have: it went in the lost time. Ticks find it, and do what they always do. */
  readonly missing: readonly RestoredThing[];
  /** Launches that were open, with what EC2 has of each. */
  readonly launches: readonly { readonly id: string; readonly pool: string; readonly instances: readonly string[] }[];
  /** Open at the restored time: they may have run, and ended, since. Tasks among them run again. */
  readonly open: readonly { readonly pool: string; readonly count: number; readonly ids: readonly string[] }[];
}

/** The store is read after the listing. @throws CloudThrottledError, CloudUnknownError when EC2 cannot be listed */
export async function lookAtRestored(ports: ControlPorts, settings: ControlSettings): Promise<RestoredLook> {
  const listing = await ports.cloud.list({ installation: settings.installation, things: 'all' });
  const pools = (await readPools(ports)).map((item) => item.sk);
  const nodes: RestoredLook['nodes'][number][] = [];
  const launches: RestoredLook['launches'][number][] = [];
  const open: RestoredLook['open'][number][] = [];
  const missing: RestoredThing[] = [];
  const unreadable: string[] = [];
  const nodesByPool = Map.groupBy(listing.instances.filter(isLiveNode), (one) => one.tags[tagPool] ?? '');
  for (const pool of [...new Set([...pools, ...nodesByPool.keys()])].sort()) {
    const openLaunches = await readLaunches(ports, pool);
    const claims = await readClaims(ports, pool, openLaunches);
    if (claims.unreadable.length > 0) unreadable.push(pool);
    const records = (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data);
    const known = new Set(records.map((one) => one.id));
    nodes.push(...(nodesByPool.get(pool) ?? []).map(({ id }) => ({ id, pool, isKnown: known.has(id) })));
    for (const { record } of [...openLaunches.nodes, ...openLaunches.machines])
      launches.push({ id: record.id, pool, instances: idsOfLaunch(listing, record.id) });
    missing.push(...claims.claims.flatMap(({ record }) => missingOf(record, listing)));
    const ids = await openIds(ports, pool);
    if (ids.length > 0) open.push({ pool, count: ids.length, ids: ids.slice(0, openNamed) });
  }
  return { pools, unreadable, nodes, lost: await lostOf(ports, listing, pools), missing, launches, open };
}

export function isLive({ state }: Instance): boolean {
  return state !== 'terminated' && state !== 'shutting-down';
}

function isLiveNode(one: Instance): boolean {
  return one.tags[tagRequest] === undefined && isLive(one);
}

/** Sorted. */
export function idsOfLaunch({ instances }: CloudListing, launchId: string): readonly string[] {
  return instances
    .filter((one) => one.tags[tagLaunch] === launchId && one.state !== 'terminated')
    .map((one) => one.id)
    .sort();
}

async function openIds(ports: ControlPorts, pool: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const pk of [...keys.openShards(pool), ...keys.asideShards(pool), ...keys.claimShards(pool)])
    ids.push(...(await indexedKeys(ports, 'open', pk)).map(keys.requestIdOf));
  return ids.sort();
}

function missingOf(claim: ClaimRecord, listing: CloudListing): RestoredThing[] {
  const machines = new Set(listing.instances.filter(isLive).map((one) => one.id));
  const volumes = new Set(listing.volumes.map((one) => one.id));
  const { pool, id: request } = claim;
  const parts = [...(claim.volume ? [claim.volume] : []), ...claim.machines.flatMap((one) => one.volumes)];
  const gone: RestoredThing[] = [];
  for (const { instanceId } of claim.machines)
    if (instanceId !== null && !machines.has(instanceId))
      gone.push({ kind: 'instance', id: instanceId, pool, request });
  for (const { volumeId } of parts)
    if (volumeId !== null && !volumes.has(volumeId)) gone.push({ kind: 'volume', id: volumeId, pool, request });
  return gone;
}

/** As the sweep finds orphans, attached volumes included: those of a machine that is lost, or that a request names. */
async function lostOf(
  ports: ControlPorts,
  listing: CloudListing,
  pools: readonly string[],
): Promise<readonly RestoredThing[]> {
  const free = listing.volumes.map((one) => ({ ...one, state: 'available' as const }));
  const found = await findOrphans(ports, { ...listing, volumes: free, snapshots: [] }, pools);
  const ids = new Set(found.filter((one) => one.kind !== 'snapshot').map((one) => one.id));
  const tagsOf = new Map<string, Readonly<Record<string, string>>>(
    [...listing.instances, ...listing.volumes, ...listing.groups].map((one) => [one.id, one.tags]),
  );
  const isLost = (id: string): boolean => {
    const volume = listing.volumes.find((one) => one.id === id);
    // The root disk of a machine that a record names is named by nobody: it goes with its machine.
    return volume === undefined || volume.tags[tagPart] !== undefined || !isAtKnownMachine(volume, ids);
  };
  return found.flatMap(({ kind, id, pool }): RestoredThing[] => {
    const request = tagsOf.get(id)?.[tagRequest];
    if (kind === 'snapshot' || request === undefined || !isLost(id)) return [];
    return [{ kind, id, pool, request }];
  });
}

function isAtKnownMachine({ attachments }: ListedVolume, lost: ReadonlySet<string>): boolean {
  return attachments.some((one) => !lost.has(one.instanceId));
}
