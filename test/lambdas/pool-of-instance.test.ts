// Whose an instance of an event of EC2 is: a node by its document, a machine by its claim.
import { beforeEach, expect, test } from '@jest/globals';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { documentKey, rowItem } from '../../lib/control/claims/store.ts';
import { partDocuments, rowOf } from '../../lib/core/claims/documents.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { newClaim } from '../../lib/core/claims/lifecycle.ts';
import type { ClaimRecord } from '../../lib/core/records/claim.ts';
import { InstancePools } from '../../lambdas/events/pool-of-instance.ts';
import { create, TestClock } from '../contract/store.harness.ts';
import { ThrottledError } from '../../lib/ports/store.ts';
import { machineSpec } from '../control/claims/world.ts';

let monotonicMs = 0;
let store: MemoryStore;
let reads = 0;
let isThrottled = false;
let wallMs = 0;
let instances: InstancePools;

beforeEach(async () => {
  monotonicMs = 0;
  reads = 0;
  isThrottled = false;
  wallMs = 0;
  const clock = new TestClock();
  store = new MemoryStore({ clock });
  const counted = {
    ...store,
    get: store.get.bind(store),
    getMany: store.getMany.bind(store),
    query: async (...given: Parameters<MemoryStore['query']>) => {
      if (given[0].pk !== keys.pools) {
        reads += 1;
        if (isThrottled) throw new ThrottledError('busy');
      }
      return store.query(...given);
    },
  };
  instances = new InstancePools({
    store: counted as never,
    clock: { nowMs: () => clock.nowMs() + wallMs, monotonicMs: () => monotonicMs, sleep: async () => undefined },
    random: { next: () => 0, id: () => 'x' },
  });
  for (const pool of ['p', 'q']) await create(store, { ...keys.pool(pool), data: {} });
});

const lock = (pool: string, openClaims: number): Promise<unknown> =>
  create(store, { ...keys.lock(pool), data: { holder: null, openClaims } });
async function claim(pool: string, instanceId: string): Promise<void> {
  const record = newClaim({ id: `r-${instanceId}`, tenant: 't', pool, bodyHash: '', spec: machineSpec }, 0);
  const claimed: ClaimRecord = {
    ...record,
    machines: record.machines.map((part) => ({ ...part, state: 'there', instanceId })),
  };
  await create(store, rowItem(rowOf(claimed), null));
  for (const document of partDocuments(claimed)) await create(store, { ...documentKey(document), data: document });
}

test('a node is the one whose document names it', async () => {
  await create(store, { ...keys.node('q', 'i-1'), data: {} });
  expect(await instances.poolOf('i-1')).toBe('q');
  expect(reads).toBe(0);
});

test('a machine is the one whose request names it', async () => {
  await lock('q', 1);
  await claim('q', 'i-2');
  expect(await instances.poolOf('i-2')).toBe('q');
  expect(await instances.poolOf('i-2')).toBe('q');
  expect(reads).toBe(1);
});

test('what belongs to others is not looked for among all claims each time, and not at all without claims', async () => {
  await lock('p', 0);
  expect(await instances.poolOf('i-3')).toBeNull();
  expect(reads).toBe(0);
  await lock('q', 1);
  monotonicMs += 5_000;
  for (let n = 0; n < 10; n += 1) expect(await instances.poolOf(`i-other-${String(n)}`)).toBeNull();
  expect(reads).toBe(1);
});

test('one that came later is found a moment later', async () => {
  await lock('q', 1);
  expect(await instances.poolOf('i-4')).toBeNull();
  await claim('q', 'i-4');
  monotonicMs += 2_000;
  expect(await instances.poolOf('i-4')).toBe('q');
});

test('a look that did not succeed makes nobody a stranger: the next event looks again', async () => {
  await lock('q', 1);
  await claim('q', 'i-5');
  isThrottled = true;
  await expect(instances.poolOf('i-5')).rejects.toThrow(ThrottledError);
  isThrottled = false;
  expect(await instances.poolOf('i-5')).toBe('q');
  // Nor does it forget whom it knows.
  isThrottled = true;
  monotonicMs += 5_000;
  await expect(instances.poolOf('i-6')).rejects.toThrow(ThrottledError);
  expect(await instances.poolOf('i-5')).toBe('q');
});

test('one that came while the process stood still, and its clock with it, is found', async () => {
  await lock('q', 1);
  expect(await instances.poolOf('i-7')).toBeNull();
  await claim('q', 'i-7');
  wallMs += 3_600_000;
  expect(await instances.poolOf('i-7')).toBe('q');
});
