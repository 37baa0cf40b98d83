// The store as control uses it: reads and writes repeated by the rules of lib/control/store/store-retry.ts. With faults
// underneath, the contract must still hold for whoever is above.
import { put, reading, transact } from '../../lib/control/store/store-retry.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Random } from '../../lib/ports/random.ts';
import { ConflictError, ThrottledError, UnknownOutcomeError } from '../../lib/ports/store.ts';
import type { Store } from '../../lib/ports/store.ts';

/** Write ids come from the caller here, so that the contract's cases can name them. */
export function retrying(store: Store, clock: Clock, random: Random): Store {
  const ports = { store, clock, random };
  const writing = (writeId: string): typeof ports => ({
    ...ports,
    random: { next: () => random.next(), id: () => writeId },
  });
  return {
    get: (key) => reading(ports, () => store.get(key)),
    getMany: (keys) => reading(ports, () => store.getMany(keys)),
    query: (options) => reading(ports, () => store.query(options)),
    queryIndex: (index, options) => reading(ports, () => store.queryIndex(index, options)),
    indexKeys: (index, options) => reading(ports, () => store.indexKeys(index, options)),
    put: (write) => put(writing(write.writeId), write.item, write.condition),
    delete: (key, condition) => repeated(() => store.delete(key, condition)),
    transact: (writes, writeId) => transact(writing(writeId), writes),
  };
}

/** Deleting twice is deleting once. */
async function repeated(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof ThrottledError || error instanceof ConflictError || error instanceof UnknownOutcomeError))
        throw error;
    }
  }
}
