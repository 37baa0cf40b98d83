// The memory store keeps the contract: as it is, and with late indexes and short pages.
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { storeContract } from './store.contract.ts';
import { TestClock } from './store.harness.ts';

storeContract('memory', async () => {
  const clock = new TestClock();
  return { store: new MemoryStore({ clock }), clock };
});

storeContract('memory, with late indexes and short, even empty, pages', async () => {
  const clock = new TestClock();
  let asked = 0;
  const indexLagMs = (): number => [0, 0.2, 0.01, 0.4, 0][(asked += 1) % 5] ?? 0;
  const pageItemsMax = (): number => [3, 0, 1, 2, 100][(asked += 1) % 5] ?? 0;
  const store = new MemoryStore({ clock, indexLagMs, pageItemsMax });
  // Half a millisecond: enough for the index, too little for anything that expires.
  return {
    store,
    clock,
    settleIndexes: async () => {
      clock.advance(0.5);
    },
  };
});
