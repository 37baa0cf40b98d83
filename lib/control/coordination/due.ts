// Which pools must tick now.
import { readPools } from '../requests/pools.ts';
import type { ControlPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { reading } from '../store/store-retry.ts';
import type { LockRecord } from './lock.ts';
import type { WakeRecord } from './wake.ts';
import { isUnserved } from './wake.ts';

/** A pool is due when a wake is unserved, when a lock expired unreleased, or at its time. Reads only. */
export async function isDue(ports: ControlPorts, pool: string): Promise<boolean> {
  return (await dueOf(ports, [pool])).length > 0;
}

export async function duePools(ports: ControlPorts): Promise<readonly string[]> {
  return dueOf(
    ports,
    (await readPools(ports)).map((item) => item.sk),
  );
}

/** The pools that are due: reads all locks at once, and then the wakes of pools that the locks do not decide. */
async function dueOf(ports: ControlPorts, pools: readonly string[]): Promise<readonly string[]> {
  const locks = await reading(ports, () => ports.store.getMany<LockRecord>(pools.map(keys.lock)));
  const nowMs = ports.clock.nowMs();
  const byTime = new Map(
    pools.map((pool, at): [string, boolean | null] => {
      const lock = locks[at]?.data;
      if (lock?.holder) return [pool, lock.expiresAtMs <= nowMs];
      return [pool, (lock?.nextDueAtMs ?? Infinity) <= nowMs ? true : null];
    }),
  );
  const open = pools.filter((pool) => byTime.get(pool) === null);
  const wakes = await reading(ports, () => ports.store.getMany<WakeRecord>(open.map(keys.wake)));
  const unserved = new Set(open.filter((_, at) => isUnserved(wakes[at] ?? null)));
  return pools.filter((pool) => byTime.get(pool) ?? unserved.has(pool));
}
