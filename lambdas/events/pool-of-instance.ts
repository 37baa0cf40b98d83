// EC2's events name an instance and nothing else: whose it is, is asked of the table with one read per pool.
import { keys } from '../../lib/control/keys.ts';
import type { Store } from '../../lib/ports/store.ts';

/** null: not an instance of this installation, or one that no document names yet or any more. */
export async function poolOfInstance(store: Pick<Store, 'query' | 'getMany'>, instanceId: string): Promise<string | null> {
  const pools: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.query({ pk: keys.pools, limit: 1_000, cursor });
    pools.push(...page.items.map((item) => item.sk));
    cursor = page.cursor;
  } while (cursor !== undefined);
  const nodes = await store.getMany(pools.map((pool) => keys.node(pool, instanceId)));
  return pools.find((_, at) => nodes[at] !== null) ?? null;
}
