// What a process knows of its own transactions that check a fence: which of them are under way, and whether the outcome
// of one was unknown for a while. A tick that releases its lock with all of them settled leaves nothing that could
// still be written, so the next holder need not raise the fence against it (lock.ts). What a tick tries to write after
// its lock was released is refused here.
import type { ItemKey, Store, Write } from '../../ports/store.ts';
import { ConditionFailedError, ConflictError, StoreBoundError, ThrottledError } from '../../ports/store.ts';

export type FenceCheck = Write & { readonly op: 'check' };

interface Writes {
  underWay: number;
  isInDoubt: boolean;
}

export class FencedWrites {
  /** By the very check that the lock handed out. */
  readonly #live = new WeakMap<Write, Writes>();

  begin(fence: FenceCheck): void {
    this.#live.set(fence, { underWay: 0, isInDoubt: false });
  }

  /** Nothing is written with this check any more. true: nor can anything that was begun take effect later. */
  end(fence: FenceCheck): boolean {
    const writes = this.#live.get(fence);
    this.#live.delete(fence);
    return writes !== undefined && writes.underWay === 0 && !writes.isInDoubt;
  }

  /** @throws ConditionFailedError on the fence where its lock was released */
  async during(fence: FenceCheck, write: () => Promise<void>): Promise<void> {
    const writes = this.#live.get(fence);
    if (!writes) throw new ConditionFailedError(fence.key, null);
    writes.underWay += 1;
    try {
      await write();
    } catch (error) {
      // After a lost answer the first try may take effect late, whatever a repeat is answered.
      if (!hasDoneNothing(error)) writes.isInDoubt = true;
      throw error;
    } finally {
      writes.underWay -= 1;
    }
  }
}

function hasDoneNothing(error: unknown): boolean {
  return (
    error instanceof ConditionFailedError
    || error instanceof ConflictError
    || error instanceof ThrottledError
    || error instanceof StoreBoundError
  );
}

/** A view: whoever replaces the store later is heard of. `isFence`: of a key. */
export function withFencedWrites<P extends { readonly store: Store }>(
  ports: P,
  isFence: (key: ItemKey) => boolean,
): P & { readonly fencedWrites: FencedWrites } {
  const fencedWrites = new FencedWrites();
  const store: Store = {
    get: (key) => ports.store.get(key),
    getMany: (all) => ports.store.getMany(all),
    query: (options) => ports.store.query(options),
    queryIndex: (...given) => ports.store.queryIndex(...given),
    indexKeys: (...given) => ports.store.indexKeys(...given),
    put: (write) => ports.store.put(write),
    delete: (key, condition) => ports.store.delete(key, condition),
    transact: (writes, writeId) => {
      const write = (): Promise<void> => ports.store.transact(writes, writeId);
      const fence = writes.find((one): one is FenceCheck => one.op === 'check' && isFence(one.key));
      return fence ? fencedWrites.during(fence, write) : write();
    },
  };
  const own = { store: { value: store, enumerable: true }, fencedWrites: { value: fencedWrites, enumerable: true } };
  return Object.create(ports, own) as P & { readonly fencedWrites: FencedWrites };
}
