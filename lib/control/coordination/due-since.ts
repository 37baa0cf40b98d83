// Since when a pool waits for a tick: what an operator asks when nothing moves.
import type { ControlPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { reading } from '../store/store-retry.ts';
import type { LockRecord } from './lock.ts';
import { isUnserved, readWake } from './wake.ts';

/** A wake is unserved, its time has come, or a tick stopped without an end; null: none is due. Two reads. */
export async function dueSinceMs(ports: ControlPorts, pool: string): Promise<number | null> {
  const lock = await reading(ports, () => ports.store.get<LockRecord>(keys.lock(pool)));
  const { holder = null, expiresAtMs = 0, nextDueAtMs = null } = lock?.data ?? {};
  const nowMs = ports.clock.nowMs();
  // Whoever has the lock serves the wakes that come meanwhile.
  if (holder !== null) return expiresAtMs <= nowMs ? expiresAtMs : null;
  const wake = await readWake(ports, pool);
  const wokenAtMs = isUnserved(wake) ? (wake?.data.wantedAtMs ?? null) : null;
  const due = [nextDueAtMs, wokenAtMs].flatMap((atMs) => (atMs !== null && atMs <= nowMs ? [atMs] : []));
  return due.length === 0 ? null : Math.min(...due);
}
