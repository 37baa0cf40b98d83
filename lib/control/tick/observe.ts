// Reads everything one decision needs, consistently from the base table; the index only says where to look. Order
// matters: launches (the caller reads them) before nodes, and node documents before rows. A document loses an attempt
// after the row has the attempt's end or its next one: a row read later that still waits for this attempt is placed
// nowhere.
import type { ClaimListing } from '../../core/claims/working-copy.ts';
import type { AnyRow, ClaimRecord } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { NodeLaunch } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { Observation, OpenRequest, PoolMemory, Versioned } from '../../core/plan/observation.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import type { Usage } from '../../core/records/pool.ts';
import type { Why } from '../../core/plan/plan.ts';
import type { Unseen } from '../../core/plan/observation.ts';
import type { ChunkRecord, RequestRecord } from '../../core/records/request.ts';
import type { Item } from '../../ports/store.ts';
import { listPool } from './listing.ts';
import type { ListingCache, ListingNeed } from './listing.ts';
import { withParts } from '../claims/store.ts';
import { readFloor } from './headroom-floor.ts';
import { keys } from '../store/keys.ts';
import type { PoolItem } from '../requests/pools.ts';
import { OpenWindow } from './open-window.ts';
import { offeringsOfPool } from '../requests/pools.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { indexedKeys, queryAll, reading, versioned } from '../store/store-retry.ts';

export interface Observed {
  readonly observation: Observation;
  readonly memoryVersion: number | null;
  /** Time alone has moved the headroom floor: that is to be written. */
  readonly isFloorMoved: boolean;
  /** Of the same moment as the observation's; null: not listed. */
  readonly claimListing: ClaimListing | null;
}

export async function observe(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: PoolItem,
  cache: ListingCache,
  launches: readonly Versioned<NodeLaunch>[],
  claims: { readonly usage: Usage; readonly need: ListingNeed },
  afterMs: number,
): Promise<Observed> {
  const { spec } = pool.data;
  const memory = await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(spec.name)));
  const nodes = (await queryAll<NodeRecord>(ports, keys.nodes(spec.name))).map(versioned);
  // Also what nodes hold but the index does not show: it lags, or the request has left it.
  const referenced = new Set(
    nodes.flatMap(({ record }) => [...record.assigned.map((one) => one.requestId), ...(record.ended ?? [])]).sort(),
  );
  const { rows, unseen } = await readOpen(ports, settings, spec, referenced);
  const requests: OpenRequest[] = [];
  for (const row of rows) {
    const fromOpen = { skPrefix: keys.chunkPrefix, skFrom: keys.chunk(row.data.id, row.data.closed.chunks).sk };
    const chunks = row.data.spec.count > 1 ? (await queryAll<ChunkRecord>(ports, row.pk, fromOpen)).map(versioned) : [];
    requests.push({ ...versioned(row), chunks, isCollected: row.index.open === undefined });
  }
  const storages = await readStorages(ports, requests);
  const seenFloor = await readFloor(ports, pool.data);
  const needs = { nodes: nodesNeed(launches, nodes), claims: claims.need, afterMs };
  const listing = await listPool(ports, settings, spec.name, cache, needs);
  const offerings = await offeringsOfPool(ports, spec);
  const { hasNews: isFloorMoved, ...floor } = seenFloor ?? { hasNews: false };
  return {
    isFloorMoved,
    claimListing: listing?.claims ?? null,
    memoryVersion: memory?.version ?? null,
    observation: {
      nowMs: ports.clock.nowMs(),
      pool: spec,
      isPoolDeleting: pool.data.deletingSinceMs !== null,
      requests,
      nodes,
      launches,
      listing: listing?.nodes ?? null,
      memory: { ...emptyMemory, ...memory?.data },
      claimUsage: claims.usage,
      offerings,
      ...('nodes' in floor ? { floor } : {}),
      ...(unseen === null ? {} : { unseen }),
      ...(storages === null ? {} : { storages }),
    },
  };
}

/** By their ids: what the index does not show yet is there all the same. */
async function readStorages(
  ports: ControlPorts,
  requests: readonly OpenRequest[],
): Promise<ReadonlyMap<string, ClaimRecord> | null> {
  const ids = [
    ...new Set(
      requests.flatMap(({ record }) =>
        record.endedAtMs === null ? (record.spec.mounts ?? []).map((one) => one.request) : [],
      ),
    ),
  ];
  if (ids.length === 0) return null;
  const items = await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((id) => keys.request(id))));
  const claims = await withParts(
    ports,
    items.flatMap((item) => (item && isClaim(item.data) ? item.data : [])),
  );
  return new Map(claims.flatMap((claim): [string, ClaimRecord][] => (isClaim(claim) ? [[claim.id, claim]] : [])));
}

/** So many of those set aside are read with each shard: only to keep them listed and counted. */
const asidePerShardMax = 64;

/**
 * What nodes name, and of what waits as much as a tick looks at, without those that cannot be
 * placed now in its place.
 */
async function readOpen(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: PoolItem['data']['spec'],
  referenced: ReadonlySet<string>,
): Promise<{ rows: Item<RequestRecord>[]; unseen: Unseen | null }> {
  const most = settings.observedRequestsMax;
  const aside: string[] = [];
  for (const pk of keys.asideShards(pool.name))
    aside.push(...(await indexedKeys(ports, 'open', pk, 1)).slice(0, asidePerShardMax).map(keys.requestIdOf));
  const known = new Set([...referenced, ...aside]);
  const window = new OpenWindow(ports, pool, (id) => known.has(id), most);
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

async function readRows(ports: ControlPorts, ids: readonly string[]): Promise<Item<RequestRecord>[]> {
  const items = await reading(ports, () => ports.store.getMany<RequestRecord>(ids.map((id) => keys.request(id))));
  return items.filter((item) => item !== null);
}

function nodesNeed(launches: readonly Versioned<NodeLaunch>[], nodes: readonly Versioned<NodeRecord>[]): ListingNeed {
  if (nodes.length === 0 && launches.length === 0) return 'none';
  return launches.length > 0 || nodes.some(({ record }) => record.state !== 'ready' || record.missingSinceMs !== null)
    ? 'busy'
    : 'calm';
}
