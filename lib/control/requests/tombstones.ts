// A deleted pool stays as a tombstone for a while, so that a request which was being submitted while it was deleted is
// still found and ended. When the pool is empty and that time is over, the tombstone is deleted with what the pool
// remembered; what it counted is added to what all pools of the past have counted.
import type { ItemKey, Write } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import { passedOnTotals } from '../store/totals.ts';
import type { TickLock } from '../coordination/lock.ts';
import { withFence } from '../coordination/lock.ts';
import type { PoolItem } from './pools.ts';
import type { ControlPorts } from '../ports.ts';
import { queryAll, reading, transact } from '../store/store-retry.ts';

/** Far longer than any function lives that may have read the pool before it went; and people look at its activity. */
const tombstoneMs = 24 * 3_600_000;

/** When an empty pool that is being deleted goes for good; null: it is not being deleted. */
export function tombstoneEndsAtMs({ data: { deletingSinceMs } }: Pick<PoolItem, 'data'>): number | null {
  return deletingSinceMs === null ? null : deletingSinceMs + tombstoneMs;
}

/**
 * Under the pool's lock, when nothing of it is left. false: somebody wrote one of its records; a
 * later tick tries again.
 */
export async function removeTombstone(ports: ControlPorts, lock: TickLock, pool: PoolItem): Promise<boolean> {
  const name = lock.pool;
  const memories = await reading(ports, () =>
    ports.store.getMany([
      ...[keys.memory(name), keys.why(name), keys.floor(name)],
      ...[keys.wake(name), keys.shadow(name), keys.cloudWatch(name)],
    ]),
  );
  const histories = await queryAll(ports, keys.histories(name));
  const known = memories.flatMap((item) => item ?? []);
  const gone: (ItemKey & { readonly version: number })[] = [pool, ...known, ...histories];
  const writes: Write[] = [
    ...(await passedOnTotals(ports, name)),
    ...gone.map(({ pk, sk, version }): Write => ({ op: 'delete', key: { pk, sk }, condition: version })),
  ];
  return withFence(lock, (fence) => transact(ports, [fence, ...writes]));
}
