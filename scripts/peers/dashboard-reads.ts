// What a look at each page of the dashboard reads of DynamoDB: calls of the API on the real control code and a store in
// memory that counts read units. `node scripts/enter.mjs scripts/peers/dashboard-reads.ts [requests] [nodes]`
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { itemBytes } from '../../lib/adapters/aws/dynamodb/units.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { createControl } from '../../lib/control/index.ts';
import type { Item, Store } from '../../lib/ports/store.ts';
import { poolSpec, settings, submission, World } from '../../test/control/world.ts';
import { call, noFiles, RecordingLog } from '../../test/lambdas/calls.ts';
import { localIdentity } from '../../test/lambdas/fake-use-cases.ts';
import { storeWith } from '../../test/control/store-with.ts';

const tenant = 'tenant-a';
const [requests = 1_000, nodes = 100] = process.argv.slice(2).map(Number);
const reads = { units: 0, calls: 0 };

/** A begun 4 KB is a unit where a read is consistent, and half of one where not. */
const unitsOf = (items: readonly (Item | null)[]): number =>
  items.reduce((sum, item) => sum + Math.ceil((item === null ? 1 : itemBytes(item)) / 4_096), 0);
const bytesOf = (items: readonly Item[]): number => items.reduce((sum, item) => sum + itemBytes(item), 0);
/** Of a keys-only index. */
const keysOf = (count: number): number => Math.ceil((count * 150 + 1) / 4_096) / 2;

function counting(store: Store): Store {
  const add = (units: number): void => {
    reads.units += units;
    reads.calls += 1;
  };
  return storeWith(store, {
    get: async (key) => {
      const item = await store.get(key);
      add(unitsOf([item]));
      return item as never;
    },
    getMany: async (keys) => {
      const items = await store.getMany(keys);
      add(unitsOf(items));
      return items as never;
    },
    query: async (options) => {
      const page = await store.query(options);
      add(Math.ceil((bytesOf(page.items) + 1) / 4_096));
      return page as never;
    },
    queryIndex: async (index, options) => {
      const page = await store.queryIndex(index, options);
      add(keysOf(page.items.length) + unitsOf(page.items) / 2);
      return page as never;
    },
    indexKeys: async (index, options) => {
      const page = await store.indexKeys(index, options);
      add(keysOf(page.keys.length));
      return page;
    },
  });
}

async function populated(): Promise<World> {
  const world = new World({ settings: { copiedFromRecords: 0 } });
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: nodes }, tasksPerNode: 9, maxNodeVcpu: 8 });
  for (let from = 0; from < requests; from += 100) {
    world.nowMs += 10_000;
    await world.control.submitBatch(
      Array.from({ length: Math.min(100, requests - from) }, (_, n) => ({
        ...submission({}, `key-${String(from + n)}`),
        tenant,
      })),
    );
  }
  for (let round = 0; round < 60; round += 1) {
    await world.run(5);
    const { nodesByState } = await world.control.stats(tenant);
    if ((nodesByState['ready'] ?? 0) >= nodes || requests === 0) break;
  }
  return world;
}

const world = await populated();
const { ports } = world;
if (!(ports.store instanceof MemoryStore)) throw new TypeError('the world has another store');
const control = createControl({ ...ports, store: counting(ports.store) }, { ...settings, copiedFromRecords: 0 });
const api = createApiHandler({ ...noFiles, useCases: control, identity: localIdentity, log: new RecordingLog() });
const { requestsByState, nodesByState } = await control.stats(tenant);
process.stdout.write(`${JSON.stringify({ requestsByState, nodesByState })}\n`);

const { body } = await call(api, 'GET', '/v1/stats');
const { oldestPendingAt } = body as { oldestPendingAt: string | null };
const paths = [
  '/v1/stats',
  '/v1/pools',
  ...(oldestPendingAt === null ? [] : [`/v1/requests?state=pending&order=oldest&limit=16&since=${oldestPendingAt}`]),
  '/v1/requests?state=running&order=oldest&limit=100',
  '/v1/services?limit=50',
  '/v1/pools/default/activity?limit=60',
  '/v1/requests?limit=100',
  '/v1/pools/default/nodes?tasks=true&limit=1000',
  '/v1/costs?by=pool',
  '/v1/regret',
  '/v1/pools/default/forecast',
  '/v1/pools/default/history?stepSeconds=600',
];
for (const path of paths) {
  const figures: string[] = [];
  // The second time what the process keeps is known.
  for (let turn = 0; turn < 2; turn += 1) {
    [reads.units, reads.calls] = [0, 0];
    world.nowMs += 60_000;
    const { status } = await call(api, 'GET', path);
    if (status !== 200) throw new Error(`${path}: ${String(status)}`);
    figures.push(`${String(reads.units)} units in ${String(reads.calls)} reads`);
  }
  process.stdout.write(`${path.padEnd(88)} ${figures.join('; again ')}\n`);
}
