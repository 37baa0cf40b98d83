// A store of which a test does some methods itself, and the rest is another store's.
import type { Store } from '../../lib/ports/store.ts';

export function storeWith(store: Store, own: Partial<Store>): Store {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    query: (options) => store.query(options),
    queryIndex: (index, options) => store.queryIndex(index, options),
    indexKeys: (index, options) => store.indexKeys(index, options),
    put: (write) => store.put(write),
    delete: (key, condition) => store.delete(key, condition),
    transact: (writes, writeId) => store.transact(writes, writeId),
    ...own,
  };
}
