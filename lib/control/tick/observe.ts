// Reads everything that one decision needs, once, consistently from the base table; the index only says where to look.
// Order matters: launches before nodes and documents, and node documents before rows. A document loses an attempt
// after the row has the attempt's end or its next one: a row read later that still waits for this attempt is placed
// nowhere. EC2 is listed last: what it shows has its record by then.
import type { AnyRow, ClaimRecord } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { NodeLaunch } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { Observation, OpenRequest, PoolMemory, SeenClaims, Versioned } from '../../core/plan/observation.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import { claimsLeft } from '../../core/plan/set-aside.ts';
import type { Why } from '../../core/plan/plan.ts';
import type { Unseen } from '../../core/plan/observation.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { ChunkRecord, RequestRecord } from '../../core/records/request.ts';
import type { CloudWatchSeen } from '../../core/scaling/policies/cloudwatch.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { rowsOf } from '../../core/plan/rows/seen-rows.ts';
import type { SeenRows } from '../../core/plan/rows/seen-rows.ts';
import type { Item, QueryOptions } from '../../ports/store.ts';
import type { SnapshotOwners } from '../claims/snapshot-owners.ts';
import { readSnapshotOwners } from '../claims/snapshot-owners.ts';
import { listPool } from './listing.ts';
import type { ListingCache, ListingNeed } from './listing.ts';
import { reportedTo } from '../services/metrics.ts';
import { readTargets } from '../services/targets/store.ts';
import { readClaims } from '../claims/store.ts';
import type { MetricsMemory } from './scaling/cloudwatch.ts';
import { cloudWatchNow } from './scaling/cloudwatch.ts';
import type { Forecasts } from './scaling/forecasts.ts';
import { readAhead, withAhead } from './scaling/forecasts.ts';
import type { ServiceLearnings } from './scaling/service-forecasts.ts';
import { forecastsOfServices } from './scaling/service-forecasts.ts';
import { readFloor } from './scaling/headroom-floor.ts';
import { keys } from '../store/keys.ts';
import { readSpent } from '../store/spent.ts';
import { readLaunches } from '../store/launches.ts';
import type { PoolItem } from '../requests/pools.ts';
import { TenantMemory } from '../requests/tenants.ts';
import { readWeights } from '../requests/tenants.ts';
import { OpenWindow } from './open-window.ts';
import { offeringsOfPool, readPool, readServices } from '../requests/pools.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { RoundSight } from '../store/copy/round-sight.ts';
import { indexedKeys, queryAll, reading, versioned } from '../store/store-retry.ts';

/** What one process remembers between rounds of what EC2 said. Losing it costs calls, never correctness. */
export interface ReadMemory {
  readonly listings: ListingCache;
  /** Whose the snapshots are that claims name: that never changes. */
  readonly snapshotOwners: SnapshotOwners;
  readonly tenants: TenantMemory;
  readonly forecasts: Forecasts;
  /** null: CloudWatch is not read; what the last tick knew counts. */
  readonly cloudWatch: MetricsMemory | null;
  /** null: nothing is learned of services. */
  readonly serviceForecasts: ServiceLearnings | null;
}

/** Of one look by who does not tick: nothing is known before, and CloudWatch is not read. */
export function rememberingNothing(): ReadMemory {
  return {
    listings: new Map(),
    snapshotOwners: new Map(),
    tenants: new TenantMemory(),
    forecasts: new Map(),
    cloudWatch: null,
    serviceForecasts: null,
  };
}

export interface Observed {
  readonly pool: PoolItem;
  readonly observation: Observation;
  readonly memoryVersion: number | null;
  /** Of all documents of claims, by sort key. */
  readonly documentVersions: ReadonlyMap<string, number>;
  /** Time alone has moved the headroom floor: that is to be written. */
  readonly isFloorMoved: boolean;
}

/**
 * Only reads. null: there is no such pool, or its record cannot be read. `afterMs`: a listing from before then is old;
 * null: EC2 is not asked. `sight`: of the copy that is read.
 * @throws what is no passing trouble of the store; a listing that fails is null
 */
export async function observe(
  ports: ControlPorts,
  settings: ControlSettings,
  name: string,
  memory: ReadMemory,
  afterMs: number | null,
  sight: RoundSight | null = null,
): Promise<Observed | null> {
  const pool = await readPool(ports, name);
  // One whose record cannot be read waits until it is declared anew.
  if (!pool || pool.data.quarantine !== undefined) return null;
  const { spec } = pool.data;
  const launches = await readLaunches(ports, name);
  const poolMemory = await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name)));
  const nodes = (await queryAll<NodeRecord>(ports, keys.nodes(name))).map(versioned);
  const services = (await readServices(ports, pool.data)).map(versioned);
  const { requests, rows, unseen } = await readRequests({ ports, settings, sight }, spec, { nodes, services });
  const named = [...mountedBy(rows), ...machinesOf(services, requests)];
  const { versions, unreadable: _unreadable, ...claimed } = await readClaims(ports, name, launches, named);
  const storages = storagesOf(claimed);
  const claims = claimed.claims.map(({ record }) => record);
  const cloudWatch = await cloudWatchNow(ports, memory.cloudWatch, { ...pool.data, services });
  const { hasNews, ...floor } = (await readFloor(ports, pool.data, cloudWatch)) ?? { hasNews: false };
  const seen = { pool: spec, requests, nodes, memory: { ...emptyMemory, ...poolMemory?.data } };
  const ahead = await readAhead(ports, memory.forecasts, seen, pool.data.deletingSinceMs !== null);
  const spent = await readSpent(ports, spec, { nodes, ...claimed, requests }, memory.tenants);
  const stored = {
    ...seen,
    isPoolDeleting: pool.data.deletingSinceMs !== null,
    ...(pool.data.paused ? { paused: pool.data.paused } : {}),
    launches: launches.nodes,
    ...claimed,
    offerings: await offeringsOfPool(ports, spec),
    snapshotOwners: afterMs === null ? new Map() : await readSnapshotOwners({ ports }, memory.snapshotOwners, claims),
    ...withAhead('nodes' in floor ? floor : null, ahead),
    ...(spec.ordering === 'fair-share' ? { tenantWeights: await readWeights(ports, memory.tenants) } : {}),
    ...(await signalsFor(ports, memory.serviceForecasts, services, { ...seen, cloudWatch })),
    ...(pool.data.hasTargets === true ? { targets: await readTargets(ports, name) } : {}),
    ...(spent === undefined ? {} : { spent }),
    ...(settings.labelKeys.length === 0 ? {} : { labelKeys: settings.labelKeys }),
    ...(unseen === null ? {} : { unseen }),
    ...(storages === null ? {} : { storages }),
  };
  const needs = { nodes: nodesNeed(launches.nodes, nodes), claims: claimsNeed(spec, claimed) };
  const listing =
    afterMs === null ? null : await listPool(ports, settings, name, memory.listings, { ...needs, afterMs });
  return {
    pool,
    memoryVersion: poolMemory?.version ?? null,
    documentVersions: versions,
    isFloorMoved: hasNews,
    observation: {
      ...stored,
      nowMs: ports.clock.nowMs(),
      listing: listing?.nodes ?? null,
      claimListing: listing?.claims ?? null,
    },
  };
}

/** Services, and what their policies and the pool's go by. */
async function signalsFor(
  ports: ControlPorts,
  learnings: ServiceLearnings | null,
  services: readonly Versioned<ServiceRecord>[],
  {
    cloudWatch,
    ...seen
  }: Pick<Observation, 'pool' | 'requests' | 'nodes' | 'memory'> & { readonly cloudWatch: CloudWatchSeen | null },
): Promise<Pick<Observation, 'services' | 'reported' | 'cloudWatch' | 'serviceForecasts'>> {
  const metrics = cloudWatch === null ? {} : { cloudWatch };
  if (services.length === 0) return metrics;
  const known = { services, ...(await reportedTo(ports, services)), ...metrics };
  const serviceForecasts = await forecastsOfServices(ports, learnings, { ...seen, ...known });
  return { ...known, ...(serviceForecasts.size === 0 ? {} : { serviceForecasts }) };
}

/** They name requests. */
interface Referring {
  readonly nodes: readonly Versioned<NodeRecord>[];
  readonly services: readonly Versioned<ServiceRecord>[];
}

interface RowsFrom {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly sight: RoundSight | null;
}

async function readRequests(
  from: RowsFrom,
  spec: PoolSpec,
  { nodes, services }: Referring,
): Promise<{ readonly requests: readonly OpenRequest[]; readonly rows: SeenRows; readonly unseen: Unseen | null }> {
  const { ports, sight } = from;
  // Also what nodes hold but the index does not show: it lags, or the request has left it.
  const named = new Set<string>();
  const kept = nodes.map(({ record }) => sight?.rowsOn(record.id));
  for (const [at, { record }] of nodes.entries()) {
    if (kept[at] !== undefined) continue;
    for (const one of record.assigned) named.add(one.requestId);
    for (const id of record.ended ?? []) named.add(id);
    for (const id of sight?.namedBy(record.id) ?? []) named.add(id);
  }
  const others = services.flatMap(({ record }) => record.running.map((one) => one.request));
  const { rows: found, unseen } = await readOpen(from, spec, named, others);
  const read = new Map<string, OpenRequest>();
  for (const row of found) {
    const chunks = row.data.spec.count > 1 ? await readChunks(ports, row) : [];
    read.set(row.data.id, {
      ...{ record: row.data, version: row.version, chunks },
      isCollected: row.index.open === undefined,
    });
  }
  const rowOf = new Map(found.map((row) => [row.data.id, row]));
  const requests = putTogether(nodes, kept, read, (nodeId, own) => {
    if (own.every((one) => staysSo(one, rowOf.get(one.record.id)))) sight?.keep(nodeId, own);
  });
  // Worked out here for all who ask later.
  const rows = rowsOf({ requests, nodes }, sight?.rows);
  if (sight) sight.rows = rows;
  return { requests, rows, unseen };
}

/** Nothing of it is read with each round, and time alone does not change it. */
function staysSo({ record }: OpenRequest, row: Item | undefined): boolean {
  return record.spec.count === 1 && record.quarantine === null && row?.expiresAtMs === null;
}

/**
 * In the order of the nodes whose documents name them, and then the others; each once. `kept`: of each node, where
 * nothing of it has changed. `onAll`: of one of which every row was read.
 */
function putTogether(
  nodes: readonly Versioned<NodeRecord>[],
  kept: readonly (readonly OpenRequest[] | undefined)[],
  read: ReadonlyMap<string, OpenRequest>,
  onAll: (nodeId: string, own: readonly OpenRequest[]) => void,
): readonly OpenRequest[] {
  const requests: OpenRequest[] = [];
  const taken = new Set<string>();
  for (const [at, { record }] of nodes.entries()) {
    const before = kept[at];
    if (before !== undefined) {
      for (const one of before) requests.push(one);
      continue;
    }
    const ids = new Set([...record.assigned.map((one) => one.requestId), ...(record.ended ?? [])]);
    const own = [...ids].map((id) => read.get(id)).filter((one) => one !== undefined);
    for (const one of own) {
      if (taken.has(one.record.id)) continue;
      taken.add(one.record.id);
      requests.push(one);
    }
    if (own.length === ids.size) onAll(record.id, own);
  }
  for (const [id, one] of read) if (!taken.has(id)) requests.push(one);
  return requests;
}

/** Those that may still change. */
async function readChunks(ports: ControlPorts, row: Item<RequestRecord>): Promise<readonly Versioned<ChunkRecord>[]> {
  const fromOpen = { skPrefix: keys.chunkPrefix, skFrom: keys.chunk(row.data.id, row.data.closed.chunks).sk };
  return (await queryAll<ChunkRecord>(ports, row.pk, fromOpen)).map(versioned);
}

/** Replicas of services that are no tasks: what the index does not show yet is there all the same. */
function machinesOf(
  services: readonly Versioned<ServiceRecord>[],
  requests: readonly OpenRequest[],
): readonly string[] {
  if (services.length === 0) return [];
  const tasks = new Set(requests.map(({ record }) => record.id));
  return services.flatMap(({ record }) => record.running.map((one) => one.request).filter((id) => !tasks.has(id)));
}

/** Claims that tasks name: what the index does not show yet is there all the same. */
function mountedBy({ unsettled }: SeenRows): readonly string[] {
  return unsettled.flatMap(({ record }) =>
    record.endedAtMs === null ? (record.spec.mounts ?? []).map((one) => one.request) : [],
  );
}

function storagesOf({ claims }: SeenClaims): ReadonlyMap<string, ClaimRecord> | null {
  const storages = claims.filter(({ record }) => record.spec.type === 'storage');
  return storages.length === 0 ? null : new Map(storages.map(({ record }) => [record.id, record]));
}

/** So many of those set aside are read with each shard: only to keep them listed and counted. */
const asidePerShardMax = 64;

/**
 * What nodes name, as far as the round before has not left it, and what others refer to; of what waits as much as a
 * tick looks at, without those that cannot be placed now in its place.
 */
async function readOpen(
  { ports, settings, sight }: RowsFrom,
  pool: PoolSpec,
  named: ReadonlySet<string>,
  others: readonly string[],
): Promise<{ rows: Item<RequestRecord>[]; unseen: Unseen | null }> {
  const most = settings.observedRequestsMax;
  const aside: string[] = [];
  for (const pk of keys.asideShards(pool.name))
    aside.push(...(await indexedKeys(ports, 'open', pk, 1)).slice(0, asidePerShardMax).map(keys.requestIdOf));
  const known = new Set(named);
  for (const id of [...others, ...aside]) if (sight?.isNamed(id) !== true) known.add(id);
  const isTaken = (id: string): boolean => known.has(id) || sight?.isNamed(id) === true;
  const unnamed = sight ? (options: QueryOptions) => Promise.resolve(sight.unnamedKeys(options)) : undefined;
  const window = new OpenWindow(ports, pool, isTaken, most, unnamed);
  const nowMs = ports.clock.nowMs();
  await window.open(
    async () => (await reading(ports, () => ports.store.get<Why>(keys.why(pool.name))))?.data.unseen?.goOn,
  );
  const rows = await readRows(ports, [...known]);
  // Those that wait for their time, or are about to end, are read, and as many others instead; at most
  // twice as many in all.
  for (let [waiting, looked] = [0, 0]; waiting < most && looked < 2 * most;) {
    const ids = await window.take(Math.min(most - waiting, 2 * most - looked));
    if (ids.length === 0) break;
    looked += ids.length;
    const found = await readRows(ports, ids);
    waiting += found.filter((row) => isWaiting(row.data, nowMs)).length;
    rows.push(...found);
  }
  return { rows, unseen: await window.unseen() };
}

function isWaiting(record: RequestRecord, nowMs: number): boolean {
  if (record.endedAtMs !== null || record.cancelRequestedAtMs !== null || record.quarantine !== null) return false;
  return record.spec.count === 1
    ? record.tasks.some((task) => task.state === 'pending' && task.notBeforeMs <= nowMs)
    : record.counts.pending > 0;
}

/** Of tasks: replicas of services that are machines are read with the other claims. */
async function readRows(ports: ControlPorts, ids: readonly string[]): Promise<Item<RequestRecord>[]> {
  const items = await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((id) => keys.request(id))));
  return items.filter((item): item is Item<RequestRecord> => item !== null && !isClaim(item.data));
}

function nodesNeed(launches: readonly Versioned<NodeLaunch>[], nodes: readonly Versioned<NodeRecord>[]): ListingNeed {
  if (nodes.length === 0 && launches.length === 0) return 'none';
  return launches.length > 0 || nodes.some(({ record }) => record.state !== 'ready' || record.missingSinceMs !== null)
    ? 'busy'
    : 'calm';
}

/** `none`: the pool has nothing of them. */
function claimsNeed(pool: PoolSpec, seen: SeenClaims): ListingNeed {
  const { claims, groups, machineLaunches, kept, warmFailed } = claimsLeft(seen, new Set());
  const count = [claims, groups, machineLaunches, kept, warmFailed].reduce((sum, one) => sum + one.length, 0);
  if (count === 0 && pool.warm === undefined) return 'none';
  const isCalm =
    machineLaunches.length === 0
    && groups.every(({ record }) => record.state === 'active')
    && claims.every(
      ({ record }) =>
        record.state === 'active'
        && record.reason === null
        && record.cancelRequestedAtMs === null
        && record.wantedShape === null
        && record.wantedNetwork === null,
    );
  return isCalm ? 'calm' : 'busy';
}
