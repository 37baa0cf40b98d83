// A plan can be printed as JSON and applied, and again: what is written is conditional on what the decision read.
import { expect, test } from '@jest/globals';
import { decideClaims } from '../../lib/core/claims/decide.ts';
import { rowOf } from '../../lib/core/claims/documents.ts';
import type { Change, Plan } from '../../lib/core/plan/plan.ts';
import { rowItem } from '../../lib/control/claims/store.ts';
import type { TickLock } from '../../lib/control/coordination/lock.ts';
import { FencedError, takeLock } from '../../lib/control/coordination/lock.ts';
import { readPool } from '../../lib/control/requests/pools.ts';
import { keys } from '../../lib/control/store/keys.ts';
import type { AppliedChanges } from '../../lib/control/tick/apply/changes.ts';
import { applyChanges } from '../../lib/control/tick/apply/changes.ts';
import { Versions } from '../../lib/control/tick/apply/records.ts';
import { WriteTroubles } from '../../lib/control/tick/write-troubles.ts';
import {
  assignment,
  claimCopy,
  claimListing,
  claimObservation,
  node,
  seenVolume,
  storage,
  storageWish,
} from '../core/builders.ts';
import { poolSpec, settings, World } from './world.ts';

const wish = storageWish('s1');
const pool = { ...poolSpec, name: 'p', accepts: ['task' as const, 'storage' as const] };

async function lockOf(world: World): Promise<TickLock> {
  const lock = await takeLock(world.ports, settings, 'p');
  if (!lock) throw new Error('somebody holds the lock');
  return lock;
}

/** The plan of a storage request that waits, as it is printed, over a store that has its row. */
async function planned(): Promise<{ world: World; apply: (lock: TickLock) => Promise<AppliedChanges> }> {
  const world = new World();
  await world.control.putPool(pool);
  const item = await readPool(world.ports, 'p');
  if (!item) throw new Error('the pool is not there');
  await world.ports.store.put({ item: rowItem(rowOf(wish), null), condition: 'absent', writeId: 'w' });
  const copy = claimCopy({ claims: [wish] });
  decideClaims(copy);
  const plan = JSON.parse(JSON.stringify({ actions: copy.actions })) as Plan;
  const changes = plan.actions.filter((one): one is Change => one.kind === 'change');
  const observation = claimObservation({ claims: [wish] });
  const read = { observation, memoryVersion: null, documentVersions: new Map<string, number>() };
  const troubles = new WriteTroubles();
  return {
    world,
    apply: (lock) =>
      applyChanges({ ports: world.ports, settings, lock, pool: item, troubles }, Versions.of(read), changes),
  };
}

async function stored(world: World): Promise<readonly unknown[]> {
  return world.ports.store.getMany([keys.request('s1'), keys.volume('p', 's1', 'v')]);
}

test('a plan that was printed is written, the document of the volume and the row', async () => {
  const { world, apply } = await planned();
  expect(await apply(await lockOf(world))).toMatchObject({ count: 2, unwritten: new Set() });
  expect(await stored(world)).toMatchObject([{ version: 2 }, { version: 1, data: { state: 'asked' } }]);
});

test('applied again it changes nothing, and all that rests on it is left', async () => {
  const { world, apply } = await planned();
  const lock = await lockOf(world);
  await apply(lock);
  const before = await stored(world);
  expect([...(await apply(lock)).unwritten]).toEqual(expect.arrayContaining(['volume s1 v', 'claim s1']));
  expect(await stored(world)).toEqual(before);
});

test('under a lock that somebody else has taken over it writes nothing', async () => {
  const { world, apply } = await planned();
  const lock = await lockOf(world);
  const before = await stored(world);
  world.nowMs += settings.lockLeaseMs + 1;
  await lockOf(world);
  await expect(apply(lock)).rejects.toThrow(FencedError);
  expect(await stored(world)).toEqual(before);
});

test('a volume that was decided with other limits than the pool has by now is not asked for', async () => {
  const { world, apply } = await planned();
  const lock = await lockOf(world);
  const before = await stored(world);
  await world.control.putPool({ ...pool, limits: { volumeGib: 1 } });
  expect([...(await apply(lock)).unwritten]).toEqual(expect.arrayContaining(['volume s1 v', 'claim s1']));
  expect(await stored(world)).toEqual(before);
});

const listing = claimListing({ volumes: [seenVolume('vol-v')] });

test('a claim that was decided from a node is not written where the node was written by somebody else', async () => {
  const world = new World();
  await world.control.putPool(pool);
  const item = await readPool(world.ports, 'p');
  if (!item) throw new Error('the pool is not there');
  const empty = node();
  const volume = storage('v', 'za');
  const placed = node({ assigned: [assignment('r', { mounts: { requests: ['v'], areAttached: false } })] });
  const { store } = world.ports;
  await store.put({ item: rowItem(rowOf(volume), null), condition: 'absent', writeId: 'v' });
  await store.put({ item: { ...keys.node('p', empty.id), data: empty }, condition: 'absent', writeId: 'n' });
  const copy = claimCopy({ claims: [volume], nodes: [empty], listing });
  copy.change('place', 'a task', [copy.setNode(placed)]);
  decideClaims(copy);
  const changes = copy.actions.filter((one) => one.kind === 'change');
  expect(changes.map((one) => one.what)).toEqual(['place', 'claim']);
  const read = { observation: copy.seen, memoryVersion: null, documentVersions: new Map<string, number>() };
  const context = { ports: world.ports, settings, lock: await lockOf(world), pool: item };
  const rowOfVolume = async () => (await store.get(keys.request('v')))?.data;
  await store.put({ item: { ...keys.node('p', empty.id), data: { ...empty, seq: 9 } }, condition: 1, writeId: 'sync' });
  const { unwritten } = await applyChanges({ ...context, troubles: new WriteTroubles() }, Versions.of(read), changes);
  expect([...unwritten]).toEqual(expect.arrayContaining(['node i-1', 'claim v']));
  expect(await rowOfVolume()).toMatchObject({ usedBy: null });
});

test('a claim that cannot be written does not hold up the node that it was decided from', async () => {
  const world = new World();
  await world.control.putPool(pool);
  const item = await readPool(world.ports, 'p');
  if (!item) throw new Error('the pool is not there');
  const works = node({ assigned: [assignment('r', { mounts: { requests: ['v'], areAttached: false } })] });
  const volume = storage('v', 'za');
  const copy = claimCopy({ claims: [volume], nodes: [works], listing });
  decideClaims(copy);
  copy.change('drain', 'later', [copy.setNode({ ...works, state: 'draining' })]);
  const changes = copy.actions.filter((one) => one.kind === 'change');
  expect(changes.map((one) => one.what)).toEqual(['claim', 'drain']);
  // Nobody has written the row that was observed.
  await world.ports.store.put({ item: { ...keys.node('p', 'i-1'), data: works }, condition: 'absent', writeId: 'n' });
  const read = { observation: copy.seen, memoryVersion: null, documentVersions: new Map<string, number>() };
  const context = { ports: world.ports, settings, lock: await lockOf(world), pool: item };
  const { unwritten } = await applyChanges({ ...context, troubles: new WriteTroubles() }, Versions.of(read), changes);
  expect([...unwritten]).toEqual(['claim v']);
  expect((await world.ports.store.get(keys.node('p', 'i-1')))?.data).toMatchObject({ state: 'draining' });
});
