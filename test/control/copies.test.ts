// The copy that one process keeps of a pool between ticks: what it saves, and that every change is seen all the same.
import { describe, expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import { UnknownOutcomeError } from '../../lib/ports/store.ts';
import type { ItemKey, Write } from '../../lib/ports/store.ts';
import { entriesOf, nodesOf, observed, replaceStore, rowOf, running, tick } from './store/observed-pool.ts';
import { poolSpec, submission } from './world.ts';

describe('a warm tick', () => {
  test('reads nothing of what has not changed', async () => {
    const given = observed();
    await running(given, 40);
    await tick(given.world);
    const { REQUEST = 0, NODES = 0, OPEN = 0 } = given.reads.take();
    expect({ REQUEST, NODES, OPEN }).toEqual({ REQUEST: 0, NODES: 0, OPEN: 0 });
  });

  test('reads what was submitted and ended, and nothing else', async () => {
    const given = observed();
    const { world, reads } = given;
    await running(given, 40);
    const [first] = nodesOf(given);
    const [ending] = first?.assigned ?? [];
    world.ending = (id) => (id === ending?.attemptId ? { outcome: 'exited', exitCode: 0 } : null);
    const { request } = await world.control.submit(submission({}, 'another'));
    await world.sync(first?.id ?? '');
    reads.take();
    await tick(world);
    const { REQUEST = 0, NODES = 0, OPEN = 0 } = reads.take();
    expect(REQUEST).toBeLessThanOrEqual(4);
    expect(NODES).toBeLessThanOrEqual(4);
    expect(OPEN).toBe(0);
    expect(nodesOf(given).some((node) => node.assigned.some((one) => one.requestId === request.id))).toBe(true);
    expect(world.published.map((event) => ('requestId' in event ? event.requestId : ''))).toContain(ending?.requestId);
  });

  test('sees that a request was cancelled', async () => {
    const given = observed();
    const { world } = given;
    await running(given, 3);
    const id = nodesOf(given)[0]?.assigned[0]?.requestId ?? '';
    await world.control.cancel('default', id);
    await tick(world);
    await world.syncAll();
    await tick(world);
    await world.syncAll();
    await tick(world);
    expect(rowOf(given, id).state).toBe('cancelled');
  });

  test('sees tasks of an array that end and fail', async () => {
    const given = observed();
    const { world } = given;
    await running(given, 2);
    const { request } = await world.control.submit(submission({ count: 60, retries: 1 }, 'array'));
    world.ending = (id) =>
      id.startsWith(request.id) ? { outcome: 'exited', exitCode: /\.(7|33)\.1$/.test(id) ? 1 : 0 } : null;
    await world.run(120);
    expect(rowOf(given, request.id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 60, failed: 0 } });
  });

  test('places tasks on nodes that have had heartbeats since, and keeps the heartbeats', async () => {
    const given = observed();
    const { world, store } = given;
    await running(given, 3);
    world.nowMs += 11_000;
    await world.syncAll();
    const before = nodesOf(given);
    const entries = entriesOf(given);
    const { request } = await world.control.submit(submission({}, 'another'));
    expect(entriesOf(given)).toBe(entries + 1); // no heartbeat is listed
    const puts: string[] = [];
    const below = world.ports.store;
    replaceStore(world, {
      transact: async (writes, writeId) => {
        await below.transact(writes, writeId);
        puts.push(...writes.map((one) => (one.op === 'put' ? one.item.pk : '')));
      },
    });
    await tick(world);
    const node = nodesOf(given).find((one) => one.assigned.some((task) => task.requestId === request.id));
    const was = before.find((one) => one.id === node?.id);
    expect(node).toMatchObject({ seq: was?.seq, lastSeenAtMs: was?.lastSeenAtMs });
    expect(puts.filter((pk) => pk === keys.nodes('default'))).toHaveLength(1);
    expect(store.peek(keys.node('default', node?.id ?? ''))).not.toBeNull();
  });
});

describe('a copy does not count', () => {
  test('when it is old', async () => {
    const given = observed({ copyLifeMs: 100_000 });
    const { world, reads } = given;
    await running(given, 5);
    world.nowMs += 50_000;
    await world.syncAll();
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBe(5);
  });

  test('when the change list cannot be read', async () => {
    const given = observed();
    const { world, reads, store } = given;
    await running(given, 5);
    const key = keys.changes('default', world.nowMs, 'x');
    await store.put({ item: { ...key, data: { changes: 'none' } }, condition: 'absent', writeId: 'test' });
    await tick(world);
    expect(reads.take()['NODES']).toBeGreaterThanOrEqual(nodesOf(given).length);
  });

  test('when somebody wrote a record and did not say so', async () => {
    const given = observed();
    const { world, reads, store } = given;
    await running(given, 5);
    const [node] = nodesOf(given);
    const key = keys.node('default', node?.id ?? '');
    const item = store.peek(key);
    const edited = { ...(item?.data as NodeRecord), templateVersion: 'edited' };
    await store.put({ item: { ...key, data: edited }, condition: item?.version ?? 0, writeId: 'test' });
    world.nowMs += 1_000;
    await world.control.cancel('default', node?.assigned[0]?.requestId ?? '');
    reads.take();
    await tick(world);
    expect(reads.take()['OPEN']).toBeGreaterThan(0);
    expect(nodesOf(given).find((one) => one.id === node?.id)).toMatchObject({
      templateVersion: 'edited',
      assigned: [{ withdrawn: { reason: 'cancelled' } }, {}, {}, {}, {}].slice(0, node?.assigned.length),
    });
  });
});

describe('a change that is listed', () => {
  test('is seen also when it comes after the tick that read of it', async () => {
    const given = observed();
    const { world, store } = given;
    await running(given, 3);
    // The row is written late: its writer stands still after the entry.
    let late: (() => Promise<unknown>) | null = null;
    const below = world.ports.store;
    replaceStore(world, {
      put: (write) => {
        if (!write.item.pk.startsWith('REQUEST#') || late !== null) return below.put(write);
        late = () => store.put(write);
        return Promise.reject(new Error('the process died'));
      },
    });
    await expect(world.control.submit(submission({}, 'late'))).rejects.toThrow('the process died');
    await tick(world);
    await tick(world);
    const write = late as (() => Promise<unknown>) | null;
    await write?.();
    await tick(world);
    expect(nodesOf(given).flatMap((node) => node.assigned)).toHaveLength(4);
  });

  test('is listed before it is written, and only while copies are kept', async () => {
    const given = observed({ copiedFromRecords: 4 });
    const { world, store } = given;
    const written: string[] = [];
    const below = world.ports.store;
    replaceStore(world, {
      put: (write) => {
        written.push(write.item.pk.split('#')[0] ?? '');
        return below.put(write);
      },
    });
    await world.control.putPool(poolSpec);
    await world.control.submit(submission({}, 'first'));
    expect(written).not.toContain('CHANGES');
    await world.control.submitBatch(Array.from({ length: 20 }, (_, n) => submission({}, `batch-${String(n)}`)));
    world.ending = () => null;
    await world.run(30);
    written.length = 0;
    await world.control.submitBatch(Array.from({ length: 20 }, (_, n) => submission({}, `more-${String(n)}`)));
    expect(written.indexOf('CHANGES')).toBeLessThan(written.indexOf('REQUEST'));
    const entries = [...store.allItems()].filter((item) => item.pk.startsWith('CHANGES#'));
    expect(entries.some((item) => (item.data as { changes: unknown[] }).changes.length >= 10)).toBe(true);
  });
});

test('a write of the tick whose answer is lost is in the copy when it was written', async () => {
  const given = observed();
  const { world, reads } = given;
  await running(given, 3);
  const below = world.ports.store;
  let lost = 0;
  const writesNode = (writes: readonly Write[]): boolean =>
    writes.some((one) => one.op === 'put' && one.item.pk === keys.nodes('default'));
  replaceStore(world, {
    transact: async (writes, writeId) => {
      await below.transact(writes, writeId);
      if (!writesNode(writes) || lost > 0) return;
      lost += 1;
      throw new UnknownOutcomeError();
    },
  });
  const { request } = await world.control.submit(submission({}, 'another'));
  await tick(world);
  expect(lost).toBe(1);
  const assigned = nodesOf(given).flatMap((node) => node.assigned);
  expect(assigned.filter((one) => one.requestId === request.id)).toHaveLength(1);
  reads.take();
  await tick(world);
  expect(reads.take()['OPEN'] ?? 0).toBe(0);
  expect(nodesOf(given).flatMap((node) => node.assigned)).toHaveLength(4);
});

test('names of records in the change list lead back to their keys', async () => {
  const { keyOfName, nameOfKey } = await import('../../lib/control/store/copy/copied-keys.ts');
  const all: readonly ItemKey[] = [keys.node('default', 'i-1'), keys.request('r-1'), keys.chunk('r-1', 123)];
  for (const key of all) expect(keyOfName('default', nameOfKey(key))).toEqual(key);
  for (const name of ['', 'n ', 'x i-1', 'c 1', 'c one r-1']) expect(keyOfName('default', name)).toBeNull();
});
