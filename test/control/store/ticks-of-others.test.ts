// The copy of a process that was overtaken: it goes on from what the ticks of others have noted.
import { describe, expect, test } from '@jest/globals';
import { createControl } from '../../../lib/control/index.ts';
import type { Control } from '../../../lib/control/index.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { isNoted } from '../../../lib/control/store/copy/pool-copies.ts';
import { TicksWrites, writtenMax } from '../../../lib/control/store/copy/ticks-writes.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { Store, Write } from '../../../lib/ports/store.ts';
import { keyName } from '../../../lib/ports/store/rules.ts';
import { settings } from '../world.ts';
import { copied, nodesOf, observed, replaceStore, rowOf, running, tick, wake } from './observed-pool.ts';
import type { Given } from './observed-pool.ts';

/** Nothing of the copy is compared with the store, so that it is seen what is read. */
const unchecked = { copyCheckedMax: 0 };

function another({ world }: Given): Control {
  return createControl(world.ports, { ...settings, ...copied, ...unchecked });
}

async function tickOf(control: Control, given: Given): Promise<void> {
  given.world.nowMs += 1_000;
  await wake(given.world);
  await control.runTick('default');
}

/** Records of the pool under which the tick before the last has left a note, and which. */
function notesOf({ store }: Given): readonly string[] {
  return [...store.allItems()]
    .filter((item) => item.pk.startsWith('CHANGES#'))
    .map((item) => item.data as { changes: [string, number][]; epoch?: number })
    .flatMap(({ changes, epoch }) => (epoch === undefined ? [] : changes.map(([name]) => name)));
}

function lockOf({ store }: Given): LockRecord {
  return store.peek(keys.lock('default'))?.data as LockRecord;
}

describe('a process that was overtaken', () => {
  test('reads the documents and what the others wrote, and no row besides', async () => {
    const given = observed(unchecked);
    const { world, reads } = given;
    await running(given, 40);
    const other = another(given);
    const id = nodesOf(given)[0]?.assigned[0]?.requestId ?? '';
    await world.control.cancel('default', id);
    await tickOf(other, given);
    reads.take();
    await tick(world);
    const { REQUEST = 0, NODES = 0, OPEN = 0 } = reads.take();
    expect({ NODES, OPEN }).toEqual({ NODES: nodesOf(given).length, OPEN: 0 });
    expect(REQUEST).toBeLessThanOrEqual(2);
  });

  test('knows the rows that ticks of others have ended', async () => {
    const given = observed(unchecked);
    const { world } = given;
    await running(given, 3);
    const other = another(given);
    const node = nodesOf(given).find((one) => one.assigned.length > 0);
    const [task] = node?.assigned ?? [];
    // The other one ends it: its node is gone.
    for (const { id } of nodesOf(given)) world.cloud.terminate([id]);
    world.nowMs += 60_000;
    for (let n = 0; n < 4; n += 1) await tickOf(other, given);
    expect(notesOf(given)).toContain(`r ${task?.requestId ?? ''}`);
    await world.run(120);
    expect(nodesOf(given).flatMap((one) => one.assigned.map((own) => own.requestId))).toContain(task?.requestId);
    expect(rowOf(given, task?.requestId ?? '').tasks?.[0]?.attempt).toBe(2);
  });

  test('reads everything where a tick has left no note', async () => {
    const given = observed(unchecked);
    const { world, reads } = given;
    await running(given, 5);
    const other = another(given);
    const below = world.ports.store;
    const failing: Store['put'] = (write) =>
      write.item.pk.startsWith('LOCK#') && (write.item.data as LockRecord).holder === null
        ? Promise.reject(new Error('the process died'))
        : below.put(write);
    replaceStore(world, { put: failing });
    await expect(tickOf(other, given)).rejects.toThrow('the process died');
    replaceStore(world, { put: (write) => below.put(write) });
    world.nowMs += settings.lockLeaseMs;
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBe(5);
    const { epoch, noted } = lockOf(given);
    expect(noted).toEqual({ from: epoch, through: epoch });
  });

  test('keeps nothing of a tick that ended beside the one that overtook it', async () => {
    const given = observed(unchecked);
    const { world, reads } = given;
    await running(given, 5);
    const other = another(given);
    const below = world.ports.store;
    let isOvertaken = false;
    const overtaking: Store['query'] = async (options) => {
      if (!isOvertaken && options.pk.startsWith('CHANGES#')) {
        isOvertaken = true;
        world.nowMs += settings.lockLeaseMs;
        await world.syncAll();
        await tickOf(other, given);
      }
      return below.query(options);
    };
    replaceStore(world, { query: overtaking });
    await tick(world);
    expect(isOvertaken).toBe(true);
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBe(5);
  });

  test('reads everything after an hour of the wall clock, though its own clock stood still', async () => {
    const given = observed(unchecked);
    const { world, reads } = given;
    await running(given, 5);
    const other = another(given);
    let stoodMs = 0;
    world.ports.clock.monotonicMs = () => world.nowMs - stoodMs;
    await tick(world);
    for (let n = 0; n < 5; n += 1) {
      world.nowMs += 3_600_000;
      stoodMs += 3_600_000;
      await world.syncAll();
      await tickOf(other, given);
    }
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBe(5);
  });

  test('hears of a row that was changed and is in no note, where that is compared', async () => {
    const given = observed({ copyCheckedMax: 100 });
    const { world, reads, store } = given;
    await running(given, 5);
    await tickOf(another(given), given);
    const id = nodesOf(given)[0]?.assigned[0]?.requestId ?? '';
    const item = store.peek(keys.request(id));
    if (!item) throw new Error('no row');
    await store.put({ item: { ...item, data: item.data }, condition: item.version, writeId: 'test' });
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBeGreaterThanOrEqual(5);
  });
});

describe('what ticks write', () => {
  const fence = { op: 'check' as const, key: keys.fence('default'), condition: 3 };
  const row = (id: string, condition: number | 'absent'): Write => ({
    op: 'put',
    item: { ...keys.request(id), data: { pool: 'default', spec: { type: 'task' } } },
    condition,
  });

  test('is named with the last version that a write rests on', () => {
    const writes = new TicksWrites();
    writes.begin(fence);
    writes.note(fence, [fence, row('a', 'absent'), row('b', 7)]);
    writes.note(fence, [fence, row('b', 8)]);
    expect(writes.take(fence)).toEqual([
      { key: keys.request('a'), version: 0 },
      { key: keys.request('b'), version: 8 },
    ]);
    expect(() => writes.take(fence)).toThrow('once');
  });

  test('is rows and chunks of tasks alone, of the pool of the fence', () => {
    const writes = new TicksWrites();
    writes.begin(fence);
    const claim = { ...keys.request('c'), data: { pool: 'default', spec: { type: 'machine' } } };
    writes.note(fence, [fence, { op: 'put', item: claim, condition: 1 }]);
    writes.note(fence, [fence, { op: 'put', item: { ...keys.node('default', 'i-1'), data: {} }, condition: 1 }]);
    writes.note(fence, [fence, { op: 'delete', key: keys.chunk('d', 2), condition: 4 }]);
    const others = { ...fence, key: keys.fence('other') };
    writes.note(others, [others, row('e', 1)]);
    expect(writes.take(fence)?.map(({ key }) => keyName(key))).toEqual([keyName(keys.chunk('d', 2))]);
  });

  test('is that of one tick, though another of its pool ends beside it', () => {
    const writes = new TicksWrites();
    const overtaking = { ...fence, condition: 4 };
    writes.begin(fence);
    writes.begin(overtaking);
    writes.note(overtaking, [overtaking, row('a', 1)]);
    expect(writes.take(fence)).toEqual([]);
    expect(writes.take(overtaking)).toEqual([{ key: keys.request('a'), version: 1 }]);
  });

  test('is not named where it is too much', () => {
    const writes = new TicksWrites();
    writes.begin(fence);
    for (let n = 0; n <= writtenMax; n += 1) writes.note(fence, [fence, row(String(n), 1)]);
    expect(writes.take(fence)).toBeNull();
  });
});

test('a chain of notes reaches as far as it has no gap', () => {
  expect(isNoted({ from: 5, through: 9 }, 4, 10)).toBe(true);
  expect(isNoted({ from: 5, through: 9 }, 8, 10)).toBe(true);
  expect(isNoted({ from: 5, through: 9 }, 3, 10)).toBe(false);
  expect(isNoted({ from: 5, through: 9 }, 4, 11)).toBe(false);
  expect(isNoted(undefined, 4, 5)).toBe(false);
});
