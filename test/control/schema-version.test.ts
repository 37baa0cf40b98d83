// Every stored record says which version of Bellows' schema it has; what another version wrote is left alone, and says
// so.
import { expect, test } from '@jest/globals';
import { StoreSchemaError } from '../../lib/control/errors.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { schemaVersion } from '../../lib/core/records/schema.ts';
import type { ItemKey, Store } from '../../lib/ports/store.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './claims/world.ts';

async function stamp(store: Store, key: ItemKey, version: number | undefined): Promise<void> {
  const item = await store.get<Record<string, unknown>>(key);
  if (!item) throw new Error(`nothing at ${key.pk} / ${key.sk}`);
  const { schemaVersion: _before, ...data } = item.data;
  const next = version === undefined ? data : { ...data, schemaVersion: version };
  await store.put({ item: { ...key, data: next, index: item.index }, condition: item.version, writeId: 'by hand' });
}

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

test('every record of a pool at work carries it, and nobody who reads records sees it', async () => {
  const world = await newWorld();
  const { id } = await world.submit(machineSpec);
  await world.run(60);
  const parts = [keys.resources('default'), keys.pools, `REQUEST#${id}`, 'LOCK#default', keys.activities('default')];
  for (const pk of parts) {
    const { items } = await world.store.query<{ schemaVersion?: number }>({ pk, limit: 100 });
    expect([pk, items.length > 0, [...new Set(items.map((item) => item.data.schemaVersion))]]).toEqual([
      pk,
      true,
      [schemaVersion],
    ]);
  }
  expect(JSON.stringify(await world.claim(id))).not.toContain('schemaVersion');
});

test.each([
  ['request', (id: string) => keys.request(id)],
  ["document of a claim's volume", (id: string) => keys.volume('default', id, 'v')],
] as const)('a %s of a newer Bellows is set aside, says so, and is not written', async (_name, keyOf) => {
  const world = await newWorld();
  const { id } = await world.submit(storageSpec);
  await world.run(60);
  const key = keyOf(id);
  await stamp(world.store, key, 7);
  const before = await world.store.get(key);
  const other = await world.submit(storageSpec);
  await world.run(60);
  expect(await world.claim(other.id)).toMatchObject({ state: 'active' });
  expect((await world.claim(id)).quarantine).toMatch(/schemaVersion is 7, and this Bellows knows 1: a newer Bellows/);
  expect(await world.store.get(key)).toEqual(before);
});

test('totals of a newer Bellows end the tick rather than being begun anew', async () => {
  const world = await newWorld();
  const { id } = await world.submit(storageSpec);
  await world.run(60);
  await world.release(id);
  await world.run(60);
  const key = keys.totals('default');
  await stamp(world.store, key, 7);
  const before = await world.store.get(key);
  await expect(world.control.stats('default')).rejects.toThrow(StoreSchemaError);
  expect(await world.store.get(key)).toEqual(before);
});

test('a store of an earlier Bellows is refused with what to do', async () => {
  const world = await newWorld();
  await stamp(world.store, keys.pool('default'), undefined);
  const refusal = /^this store was written by an earlier Bellows.*begin with an empty store/;
  await expect(world.control.listPools()).rejects.toThrow(refusal);
  await expect(world.control.duePools()).rejects.toThrow(refusal);
  await expect(world.submit(storageSpec)).rejects.toThrow(StoreSchemaError);
});
