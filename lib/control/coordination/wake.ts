// WAKE: whether a tick is due. Whoever writes something that a tick must see increments `wanted`, unless a wake is
// unserved already; only the one whose increment succeeds sends a hint. A lost hint costs only time, as the record
// stays.
import type { ControlPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { reading, update } from '../store/store-retry.ts';
import type { Item } from '../../ports/store.ts';

export interface WakeRecord {
  readonly wanted: number;
  readonly served: number;
  /** When `wanted` was last raised: the index `open` may lag behind that write for a while. */
  readonly wantedAtMs: number;
  /** An event of EC2 arrived at this time: a listing from before it is stale. */
  readonly listAfterMs?: number;
}

/** `listAfterMs`: the tick must not use a listing from before this time. */
export async function raiseWake(ports: ControlPorts, pool: string, listAfterMs = 0): Promise<void> {
  let isDue = false;
  const { isChanged } = await update<WakeRecord>(ports, keys.wake(pool), (current) => {
    const {
      wanted,
      served,
      wantedAtMs,
      listAfterMs: listedAfterMs = 0,
    } = current?.data ?? { wanted: 0, served: 0, wantedAtMs: 0 };
    isDue = wanted > served;
    if (isDue && listAfterMs <= listedAfterMs) return null;
    const about = Math.max(listAfterMs, listedAfterMs);
    return {
      ...keys.wake(pool),
      data: {
        wanted: isDue ? wanted : wanted + 1,
        served,
        wantedAtMs: isDue ? wantedAtMs : ports.clock.nowMs(),
        ...(about > 0 ? { listAfterMs: about } : {}),
      },
    };
  });
  if (!isChanged || isDue) return;
  await sendHint(ports, pool);
}

/** The wake is in the store: the schedule finds it where the hint cannot be sent, which is logged. */
export async function sendHint(ports: ControlPorts, pool: string): Promise<void> {
  try {
    await ports.bus.wake(pool);
  } catch (error) {
    ports.log.write('warn', 'the wake could not be sent; the schedule will find it in the store', { pool, error });
  }
}

export async function readWake(ports: ControlPorts, pool: string): Promise<Item<WakeRecord> | null> {
  return reading(ports, () => ports.store.get<WakeRecord>(keys.wake(pool)));
}

export function isUnserved(wake: Item<WakeRecord> | null): boolean {
  return wake !== null && wake.data.wanted > wake.data.served;
}

/** Everything wanted so far counts as served: call it before reading what the wakes are about, never after. */
export async function serveWakes(ports: ControlPorts, pool: string): Promise<WakeRecord | null> {
  const { item } = await update<WakeRecord>(ports, keys.wake(pool), (current) => {
    if (!current || current.data.wanted <= current.data.served) return null;
    return { ...keys.wake(pool), data: { ...current.data, served: current.data.wanted } };
  });
  return item?.data ?? null;
}
