// Ticks as the store sees them: one begins when a scheduler takes a pool's lock, and ends when it releases it. Only
// where a process runs one call at a time is it known whose writes they are. A tick of which a write came to nothing
// did not do what it decided, so it is not judged.
import type { Watcher } from '../../truth.ts';

interface Tick<T> {
  readonly pool: string;
  readonly by: string;
  readonly seen: T;
  hasFailed: boolean;
}

export class TicksSeen<T> {
  /** By pool: only one of them holds the lock. */
  readonly #ticks = new Map<string, Tick<T>>();
  readonly #begin: (pool: string) => T;
  readonly #end: (pool: string, seen: T) => void;

  constructor(begin: (pool: string) => T, end: (pool: string, seen: T) => void) {
    this.#begin = begin;
    this.#end = end;
  }

  /** What is seen of the tick that holds the lock of the pool now; undefined: none does. */
  of(pool: string): T | undefined {
    return this.#ticks.get(pool)?.seen;
  }

  readonly watcher: Pick<Watcher, 'put' | 'writeFailed'> = {
    put: (by, { pk, data }) => {
      if (!pk.startsWith('LOCK#') || !by.startsWith('scheduler')) return;
      const pool = pk.slice(pk.indexOf('#') + 1);
      const tick = this.#ticks.get(pool);
      this.#ticks.delete(pool);
      if ((data as { readonly holder: string | null }).holder !== null)
        this.#ticks.set(pool, { pool, by, seen: this.#begin(pool), hasFailed: false });
      else if (tick?.by === by && !tick.hasFailed) this.#end(pool, tick.seen);
    },
    writeFailed: (by) => {
      for (const tick of this.#ticks.values()) if (tick.by === by) tick.hasFailed = true;
    },
  };
}
