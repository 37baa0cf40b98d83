// What wide worlds share: a store that notes the largest transaction, and text that cannot be packed.
import type { ControlPorts } from '../../lib/control/index.ts';
import { StoreBoundError } from '../../lib/ports/store.ts';
import type { ItemKey, Store } from '../../lib/ports/store.ts';
import { toItem } from '../../lib/ports/store/rules.ts';
import { storedBytes } from '../../lib/ports/store/size.ts';

export interface Widest {
  writes: number;
  bytes: number;
}

/** From now on what `ports.store` writes together is measured; each transaction also `counts`. */
export function measured(ports: ControlPorts): Widest & { transactions: number } {
  const widest = { writes: 0, bytes: 0, transactions: 0 };
  const { store } = ports;
  const watched: Store = {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    query: (options) => store.query(options),
    queryIndex: (index, options) => store.queryIndex(index, options),
    indexKeys: (index, options) => store.indexKeys(index, options),
    put: (write) => store.put(write),
    delete: (key, condition) => store.delete(key, condition),
    transact: async (writes, id) => {
      widest.transactions += 1;
      widest.writes = Math.max(widest.writes, writes.length);
      const bytes = writes.reduce(
        (sum, write) => sum + (write.op === 'put' ? storedBytes(toItem(write.item, write.condition, id)) : 0),
        0,
      );
      widest.bytes = Math.max(widest.bytes, bytes);
      return store.transact(writes, id);
    },
  };
  (ports as { store: Store }).store = watched;
  return widest;
}

/** Letters and digits in no order. */
export function noise(characters: number, seed = 1): string {
  let state = seed;
  return Array.from({ length: characters }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 36).toString(36);
  }).join('');
}

/** From now on the store refuses what puts an item under this key, for good. */
export function refusing(ports: ControlPorts, isRefused: (key: ItemKey) => boolean): { isOn: boolean } {
  const refusal = { isOn: true };
  const { store } = ports;
  const refuse = (keys: readonly ItemKey[]): void => {
    if (refusal.isOn && keys.some(isRefused)) throw new StoreBoundError('the item takes 500000 bytes');
  };
  (ports as { store: Store }).store = {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    query: (options) => store.query(options),
    queryIndex: (index, options) => store.queryIndex(index, options),
    indexKeys: (index, options) => store.indexKeys(index, options),
    delete: (key, condition) => store.delete(key, condition),
    put: async (write) => {
      refuse([write.item]);
      return store.put(write);
    },
    transact: async (writes, id) => {
      refuse(writes.flatMap((write) => (write.op === 'put' ? [write.item] : [])));
      return store.transact(writes, id);
    },
  };
  return refusal;
}
