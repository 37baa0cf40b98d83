// Which pools must tick now, and since when.
import type { ControlPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { reading } from '../store/store-retry.ts';
import type { LockRecord } from './lock.ts';
import { isOfWrongClock } from './lock.ts';
import type { WakeRecord } from './wake.ts';
import { isUnserved } from './wake.ts';

export async function isDue(ports: ControlPorts, pool: string): Promise<boolean> {
  return (await dueSinceMs(ports, [pool])).has(pool);
}

export async function duePools(ports: ControlPorts, pools: readonly string[]): Promise<readonly string[]> {
  const due = await dueSinceMs(ports, pools);
  return pools.filter((pool) => due.has(pool));
}

/**
 * The pools that are due, each with the moment since when: a tick stopped without releasing its lock, the pool's time
 * has come, or a wake is unserved. Two reads of many items; whoever holds a lock serves the wakes that come meanwhile.
 */
export async function dueSinceMs(ports: ControlPorts, pools: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const locks = await reading(ports, () => ports.store.getMany<LockRecord>(pools.map(keys.lock)));
  const nowMs = ports.clock.nowMs();
  const due = new Map<string, number>();
  const free: string[] = [];
  for (const [at, pool] of pools.entries()) {
    const { holder = null, expiresAtMs = 0, nextDueAtMs = null } = locks[at]?.data ?? {};
    if (holder === null) free.push(pool);
    const ownSinceMs = holder === null ? nextDueAtMs : expiresAtMs;
    const sinceMs = isOfWrongClock({ expiresAtMs }, nowMs) ? nowMs : ownSinceMs;
    if (sinceMs !== null && sinceMs <= nowMs) due.set(pool, sinceMs);
  }
  const wakes = await reading(ports, () => ports.store.getMany<WakeRecord>(free.map(keys.wake)));
  for (const [at, pool] of free.entries()) {
    const wake = wakes[at] ?? null;
    if (wake && isUnserved(wake)) due.set(pool, Math.min(due.get(pool) ?? nowMs, wake.data.wantedAtMs));
  }
  return due;
}
