// A store whose transactions a test sees, and may stop before they are made.
import type { Store, Write } from '../../lib/ports/store.ts';

export interface Watched {
  readonly store: Store;
  /** Those that were made, or lost to a condition. */
  readonly transactions: (readonly Write[])[];
  /** What it throws is what the store says. */
  before: (writes: readonly Write[]) => void;
}

export function watchedStore(store: Store): Watched {
  const transact: Store['transact'] = (writes, writeId) => {
    watched.before(writes);
    watched.transactions.push(writes);
    return store.transact(writes, writeId);
  };
  const watched: Watched = {
    transactions: [],
    before: () => {},
    store: new Proxy(store, {
      get: (target, name) => {
        const value: unknown = name === 'transact' ? transact : Reflect.get(target, name);
        return typeof value === 'function' ? (value as (...all: unknown[]) => unknown).bind(target) : value;
      },
    }),
  };
  return watched;
}
