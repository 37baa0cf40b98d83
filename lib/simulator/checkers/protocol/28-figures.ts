// Invariant 28: what the last tick of a large pool left as its figures is what is there, once all is over.
import { isEnd } from '../../../core/records/request.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '28: figures of a pool are true';

/** What is in the lock of a pool that is large enough. */
interface Present {
  readonly nodes: Readonly<Record<string, number>>;
  readonly open: Readonly<Record<string, number>>;
  /** Set where the tick did not look at all of them. */
  readonly seen?: number;
}

export function figures(truth: Truth): Watcher {
  const left = new Map<string, Present | undefined>();
  return {
    put(_by, { pk, data }) {
      if (pk.startsWith('LOCK#')) left.set(pk.slice('LOCK#'.length), (data as { readonly present?: Present }).present);
    },
    end() {
      for (const pool of truth.pools.keys()) {
        const present = left.get(pool);
        if (present === undefined || present.seen !== undefined) continue;
        const shown = [sumOf(present.nodes), sumOf(present.open)].join(' nodes, open ');
        const there = [inPool(truth.nodes.values(), pool).length, openIn(truth, pool)].join(' nodes, open ');
        if (shown !== there) truth.violate(name, `pool ${pool} shows ${shown}, and has ${there}`, [pool]);
      }
    },
  };
}

function openIn(truth: Truth, pool: string): number {
  return (
    inPool(truth.requests.values(), pool).filter((one) => !isEnd(one.state)).length
    + inPool(truth.claims.values(), pool).filter((one) => one.endedAtMs === null).length
  );
}

function inPool<T extends { readonly pool: string }>(all: Iterable<T>, pool: string): readonly T[] {
  return [...all].filter((one) => one.pool === pool);
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
