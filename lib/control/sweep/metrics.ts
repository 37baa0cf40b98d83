// Metrics for operators, read once a minute from the pools that have open requests or nodes in trouble, and published
// by a use case of their own: no tick and no sweep waits for them, or fails with them.
import type { ClaimRow } from '../../core/records/claim.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { RequestRecord } from '../../core/records/request.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import type { Why } from '../../core/plan/plan.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';
import type { Measured } from '../../ports/metrics/published.ts';
import type { Store } from '../../ports/store.ts';
import type { LockRecord } from '../coordination/lock.ts';
import type { MetricsPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { oldestOpen } from '../tick/open-window.ts';

/** Index entries are in order of age (of tasks: within their group): read until one waits, and so far at most. */
const pageRows = 25;
const rowsPerShardMax = 1_000;

interface Waiting {
  /** When the oldest request that waits was accepted; null: none waits. */
  readonly sinceMs: number | null;
  readonly isLimited: boolean;
}

/**
 * `reaped`: orphans of this minute's sweep. Nothing is published where all is zero.
 * @throws what the store or the metrics port throws: the next minute measures anew
 */
export async function publishMetrics({ store, clock, metrics }: MetricsPorts, reaped: number): Promise<void> {
  const measured: Measured = {
    ...(await measure(store, clock.nowMs())),
    ...(reaped > 0 ? { OrphansReaped: reaped } : {}),
  };
  if (Object.keys(measured).length > 0) await metrics.publish(measured);
}

export async function measure(store: Store, nowMs: number): Promise<Measured> {
  const pools = (await store.query({ pk: keys.pools, limit: 1_000 })).items.map((item) => item.sk);
  const locks = await store.getMany<LockRecord>(pools.map((pool) => keys.lock(pool)));
  const memories = await store.getMany<PoolMemory>(pools.map((pool) => keys.memory(pool)));
  const waiting = await Promise.all(
    pools.map(async (pool, at): Promise<readonly Waiting[]> => {
      const lock = locks[at]?.data;
      return [
        ...((lock?.openRequests ?? 0) > 0 ? [await tasksWaiting(store, pool)] : []),
        ...((lock?.openClaims ?? 0) > 0 ? [await claimsWaiting(store, pool)] : []),
      ];
    }),
  );
  const since = Math.min(...waiting.flat().flatMap((one) => one.sinceMs ?? []));
  const limited = waiting.filter((ofPool) => ofPool.some((one) => one.isLimited)).length;
  const silent = memories.filter((memory) => (memory?.data.massSilenceSinceMs ?? null) !== null).length;
  return {
    ...(Number.isFinite(since) ? { OldestPendingSeconds: Math.max(0, Math.round((nowMs - since) / 1000)) } : {}),
    ...(limited > 0 ? { LimitsReached: limited } : {}),
    ...(silent > 0 ? { MassSilence: silent } : {}),
  };
}

async function tasksWaiting(store: Store, pool: string): Promise<Waiting> {
  const nodes = await nodesOf(store, pool);
  const why = await store.get<Why>(keys.why(pool));
  const waits = (rows: readonly RequestRecord[]): readonly RequestRecord[] =>
    withPlacements(rows, nodes).filter((row) => row.state === 'pending');
  const found = await Promise.all(
    keys.openShards(pool).map(async (pk) => oldestOpen<RequestRecord>(store, pk, waits, rowsPerShardMax)),
  );
  const oldest = found.reduce(
    (best, one) => (one !== null && (best === null || one.createdAtMs < best.createdAtMs) ? one : best),
    null,
  );
  return {
    sinceMs: oldest?.createdAtMs ?? null,
    isLimited: Object.values(why?.data.byShape ?? {}).some((one) => one.code === 'limit_reached'),
  };
}

/** Claims have no explanation by shape: each says itself what it waits for. */
async function claimsWaiting(store: Store, pool: string): Promise<Waiting> {
  const isPending = (row: ClaimRow): boolean => row.state === 'pending' && row.quarantine === null;
  const oldest = await oldestOf<ClaimRow>(store, keys.claimShards(pool), (rows) => rows.filter(isPending));
  const limited = await oldestOf<ClaimRow>(store, keys.claimShards(pool), (rows) =>
    rows.filter((row) => isPending(row) && row.reason === 'limit_reached'),
  );
  return { sinceMs: oldest?.createdAtMs ?? null, isLimited: limited !== null };
}

/** The oldest of those that `waits` lets through, over all shards. */
async function oldestOf<T extends { readonly createdAtMs: number }>(
  store: Store,
  shards: readonly string[],
  waits: (rows: readonly T[]) => readonly T[],
): Promise<T | null> {
  const found = await Promise.all(
    shards.map(async (pk): Promise<T | null> => {
      let cursor: string | undefined;
      for (let rows = 0; rows < rowsPerShardMax; rows += pageRows) {
        const page = await store.queryIndex<T>('open', { pk, limit: pageRows, cursor });
        const [oldest] = waits(page.items.map((item) => item.data));
        if (oldest !== undefined || page.cursor === undefined) return oldest ?? null;
        cursor = page.cursor;
      }
      return null;
    }),
  );
  return found.reduce<T | null>(
    (best, one) => (one !== null && (best === null || one.createdAtMs < best.createdAtMs) ? one : best),
    null,
  );
}

/** Their documents say which single tasks are placed. */
async function nodesOf(store: Store, pool: string): Promise<readonly NodeRecord[]> {
  const nodes: NodeRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.query<NodeRecord>({ pk: keys.nodes(pool), limit: 1_000, cursor });
    nodes.push(...page.items.map((item) => item.data));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return nodes;
}
