// Invariant 16: a tick counts a wake as served before it reads what the wake may be about, never after: what was
// written in between would be nobody's to look at. Only where a process runs one tick at a time does the order of its
// calls tell which tick they belong to.
import type { Truth, Watcher } from '../../truth.ts';

const name = '16: wakes are served before reading';

interface TickInProcess {
  readonly pool: string;
  /** A wake was served, and open requests have not been read since. */
  isUnread: boolean;
}

export function wakesAreServedFirst(truth: Truth): Watcher {
  const ticks = new Map<string, TickInProcess>();
  const violate = (by: string, pool: string): void =>
    truth.violate(name, `${by} served the wakes of ${pool} after it had read what they are about`, [by, pool]);
  return {
    put(by, { pk, data }) {
      if (!by.startsWith('scheduler')) return;
      const pool = pk.slice(pk.indexOf('#') + 1);
      if (pk.startsWith('LOCK#')) {
        if ((data as { holder: string | null }).holder !== null) ticks.set(by, { pool, isUnread: false });
        else {
          if (ticks.get(by)?.isUnread === true && truth.pools.has(pool)) violate(by, pool);
          ticks.delete(by);
        }
      } else if (pk.startsWith('WAKE#') && isServed(data)) {
        const tick = ticks.get(by);
        if (tick?.pool !== pool) violate(by, pool);
        else tick.isUnread = true;
      }
    },
    indexRead(by, pk) {
      const tick = ticks.get(by);
      if (tick && pk.includes(tick.pool)) tick.isUnread = false;
    },
  };
}

function isServed(data: unknown): boolean {
  const { wanted, served } = data as { readonly wanted: number; readonly served: number };
  return wanted === served;
}
