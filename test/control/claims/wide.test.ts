// What is held, at the API's own maxima: given back in bounded writes, and all of it.
import { expect, test } from '@jest/globals';
import { transactionBytesMax, transactionItemsMax } from '../../../lib/ports/store.ts';
import { measured } from '../wide.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';

const [volumes, machines] = [1_000, 100];
const kept = { ...storageSpec.volume, sizeGib: 1, onRelease: 'keep', keepMs: 3_600_000 } as const;

test(`${String(volumes)} volumes, released in one second, are all kept; what comes later is served`, async () => {
  const world = new ClaimWorld();
  const widest = measured(world.ports);
  await world.control.putPool(poolSpec);
  const ids: string[] = [];
  for (let n = 0; n < volumes; n += 1) ids.push((await world.submit({ ...storageSpec, volume: kept })).id);
  await world.run(40);
  for (const id of ids) expect((await world.claim(id)).state).toBe('active');
  for (const id of ids) await world.release(id);
  await world.run(20);
  for (const id of ids) expect((await world.claim(id)).state).toBe('released');
  const later = await world.submit(storageSpec);
  await world.run(20);
  expect((await world.claim(later.id)).state).toBe('active');
  expect(await world.documents()).toBe(volumes + 1);
  expect(world.left().volumes).toBe(volumes + 1);
  expect(widest.writes).toBeLessThanOrEqual(transactionItemsMax);
  expect(widest.bytes).toBeLessThanOrEqual(transactionBytesMax);
});

test(`${String(machines)} machines of eleven volumes each: granted, released, every volume kept`, async () => {
  const world = new ClaimWorld();
  const widest = measured(world.ports);
  await world.control.putPool(poolSpec);
  const request = await world.submit({
    ...machineSpec,
    count: machines,
    volumes: Array.from({ length: 11 }, () => kept),
  });
  await world.run(120);
  expect(await world.claim(request.id)).toMatchObject({ state: 'active' });
  await world.release(request.id);
  await world.run(200);
  const released = await world.claim(request.id);
  expect(released.state).toBe('released');
  expect(released.machines.flatMap((part) => part.volumes).filter((one) => one.state === 'kept')).toHaveLength(
    11 * machines,
  );
  expect(world.left().instances).toBe(0);
  expect(
    (await world.store.query({ pk: 'RESOURCES#default', skPrefix: 'VOLUME#(kept)#', limit: 2_000 })).items,
  ).toHaveLength(11 * machines);
  expect(await world.documents()).toBe(11 * machines);
  expect(widest.writes).toBeLessThanOrEqual(transactionItemsMax);
  expect(widest.bytes).toBeLessThanOrEqual(transactionBytesMax);
});
