// The embedded store keeps the contract, in a file and in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../lib/adapters/sqlite/store.ts';
import { storeContract } from './store.contract.ts';
import { TestClock } from './store.harness.ts';

storeContract('sqlite in memory', async () => {
  const clock = new TestClock();
  const store = new SqliteStore({ path: ':memory:', clock });
  return {
    store,
    clock,
    close: () => {
      store.close();
    },
  };
});

storeContract(
  'sqlite file',
  async () => {
    const clock = new TestClock();
    const folder = mkdtempSync(join(tmpdir(), 'bellows-store-'));
    const store = new SqliteStore({ path: join(folder, 'store.db'), clock });
    return {
      store,
      clock,
      close: () => {
        store.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
  { modelRuns: 15 },
);
