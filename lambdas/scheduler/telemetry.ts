// What operators are told by metrics, read once a minute from the pools that have open requests or nodes in trouble.
// A value is sent only when there is something to tell: an idle installation has no custom metrics to pay for.
import { keys } from '../../lib/control/keys.ts';
import type { LockRecord } from '../../lib/control/lock.ts';
import type { PoolMemory } from '../../lib/core/observation.ts';
import type { Why } from '../../lib/core/plan.ts';
import type { NodeRecord } from '../../lib/core/node.ts';
import type { RequestRecord } from '../../lib/core/request.ts';
import { withPlacements } from '../../lib/core/request-lifecycle.ts';
import type { Store } from '../../lib/ports/store.ts';

export type MetricName = 'OldestPendingSeconds' | 'LimitsReached' | 'MassSilence' | 'OrphansReaped';
export type Measured = Readonly<Partial<Record<MetricName, number>>>;

/** Of each shard only the oldest few are looked at: behind them are younger ones. */
const oldestPerShard = 25;

export async function measure(store: Store, nowMs: number): Promise<Measured> {
  const pools = (await store.query({ pk: keys.pools, limit: 1_000 })).items.map((item) => item.sk);
  const locks = await store.getMany<LockRecord>(pools.map((pool) => keys.lock(pool)));
  const busy = pools.filter((_, at) => (locks[at]?.data.openRequests ?? 0) > 0);
  const whys = await store.getMany<Why>(busy.map((pool) => keys.why(pool)));
  const memories = await store.getMany<PoolMemory>(pools.map((pool) => keys.memory(pool)));
  const oldest = await Promise.all(busy.map(async (pool) => oldestPendingMs(store, pool)));
  const limited = whys.filter((why) => Object.values(why?.data.byShape ?? {}).some((one) => one.code === 'limit_reached')).length;
  const silent = memories.filter((memory) => (memory?.data.massSilenceSinceMs ?? null) !== null).length;
  const since = Math.min(...oldest.filter((atMs) => atMs !== null));
  return {
    ...(Number.isFinite(since) ? { OldestPendingSeconds: Math.max(0, Math.round((nowMs - since) / 1000)) } : {}),
    ...(limited > 0 ? { LimitsReached: limited } : {}),
    ...(silent > 0 ? { MassSilence: silent } : {}),
  };
}

async function oldestPendingMs(store: Store, pool: string): Promise<number | null> {
  const pages = await Promise.all(keys.openShards(pool).map((pk) => store.queryIndex<RequestRecord>('open', { pk, limit: oldestPerShard })));
  const nodes = await nodesOf(store, pool);
  const rows = withPlacements(pages.flatMap((page) => page.items).map((item) => item.data), nodes);
  const pending = rows.filter((row) => row.state === 'pending').map((row) => row.createdAtMs);
  return pending.length === 0 ? null : Math.min(...pending);
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
