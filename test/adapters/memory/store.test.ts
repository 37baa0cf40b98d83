// What the memory store has beyond the port: late indexes and short pages on demand, and the truth for checkers.
import { describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import type { Change } from '../../../lib/adapters/memory/store.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { create, key, TestClock } from '../../contract/store.harness.ts';

async function indexed(store: Store): Promise<readonly unknown[]> {
  return (await store.queryIndex('open', { pk: 'i', limit: 50 })).items.map((item) => [item.sk, item.version]);
}

const put = async (store: Store, sk: string, version: number, at: string | null): Promise<unknown> =>
  store.put({
    item: { pk: 'p', sk, data: 0, ...(at === null ? {} : { index: { open: key('i', at) } }) },
    condition: version === 0 ? 'absent' : version,
    writeId: 'w',
  });

test('frees what has expired, from lists and indexes as well, and of nothing else', async () => {
  const clock = new TestClock();
  const changes: Change[] = [];
  const store = new MemoryStore({ clock, onChange: (some) => changes.push(...some) });
  const expiresAtMs = clock.nowMs() + 10;
  const item = { pk: 'p', sk: 'ends', data: 0, index: { open: key('i', 'a') }, expiresAtMs };
  await store.put({ item, condition: 'absent', writeId: 'w' });
  await put(store, 'stays', 0, 'b');
  clock.advance(9);
  store.dropExpired();
  expect(await indexed(store)).toHaveLength(2);
  clock.advance(1);
  store.dropExpired();
  expect(await indexed(store)).toEqual([['stays', 1]]);
  expect((await store.query({ pk: 'p', limit: 9 })).items.map((one) => one.sk)).toEqual(['stays']);
  expect(changes).toHaveLength(2);
  await store.put({ item: { ...item, expiresAtMs: null }, condition: 'absent', writeId: 'x' });
  expect(await indexed(store)).toEqual([
    ['ends', 1],
    ['stays', 1],
  ]);
  expect(changes.at(-1)?.before).toBeNull();
});

describe('a late index', () => {
  test('shows each write when its time has come, with the data of that write', async () => {
    const clock = new TestClock();
    const lags = [100, 10, 50];
    const store = new MemoryStore({ clock, indexLagMs: () => lags.shift() ?? 0 });
    await put(store, 'slow', 0, 'a'); // visible after 100 ms
    await put(store, 'fast', 0, 'b'); // after 10
    await put(store, 'fast', 1, 'b'); // after 50
    const seen: unknown[] = [];
    for (const ms of [0, 9, 1, 39, 1, 49, 1]) {
      clock.advance(ms);
      seen.push(await indexed(store));
    }
    expect(seen).toEqual([
      [],
      [],
      [['fast', 1]],
      [['fast', 1]],
      [['fast', 2]],
      [['fast', 2]],
      [
        ['slow', 1],
        ['fast', 2],
      ],
    ]);
  });

  test('never shows the writes of one item out of order', async () => {
    const clock = new TestClock();
    const lags = [100, 0, 5];
    const store = new MemoryStore({ clock, indexLagMs: () => lags.shift() ?? 0 });
    await put(store, 's', 0, 'a');
    await put(store, 's', 1, 'b');
    await put(store, 's', 2, null);
    clock.advance(99);
    expect(await indexed(store)).toEqual([]);
    clock.advance(1);
    expect(await indexed(store)).toEqual([]); // all three at once: in, moved, out
    await put(store, 's', 3, 'c');
    expect(await indexed(store)).toEqual([['s', 4]]); // nothing is queued any more
  });

  test('still shows what was deleted, until it learns of it; the base table does not', async () => {
    const clock = new TestClock();
    const store = new MemoryStore({ clock, indexLagMs: () => 10 });
    await put(store, 's', 0, 'a');
    clock.advance(10);
    await store.delete(key('p', 's'), 1);
    expect(await indexed(store)).toEqual([['s', 1]]);
    expect(await store.get(key('p', 's'))).toBeNull();
    clock.advance(10);
    expect(await indexed(store)).toEqual([]);
  });
});

test('pages are as short as asked for, and an empty one still leads on', async () => {
  const sizes = [0, 2, 100];
  const store = new MemoryStore({ clock: new TestClock(), pageItemsMax: () => sizes.shift() ?? 100 });
  for (const sk of ['1', '2', '3']) await create(store, { pk: 'p', sk, data: 0 });
  const pages: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.query({ pk: 'p', limit: 10, cursor });
    pages.push(page.items.map((item) => item.sk));
    ({ cursor } = page);
  } while (cursor !== undefined);
  expect(pages).toEqual([[], ['1', '2'], ['3']]);
});

test('changes are notified after their write, those of a transaction together, failures not at all', async () => {
  const notified: (readonly Change[])[] = [];
  const store = new MemoryStore({
    clock: new TestClock(),
    onChange: (changes) => {
      notified.push(changes);
    },
  });
  await put(store, 'a', 0, null);
  await store.transact(
    [
      { op: 'put', item: { pk: 'p', sk: 'b', data: 1 }, condition: 'absent' },
      { op: 'delete', key: key('p', 'a'), condition: 1 },
      { op: 'check', key: key('p', 'c'), condition: 'absent' },
    ],
    'w2',
  );
  await expect(put(store, 'b', 7, null)).rejects.toThrow();
  await store.delete(key('p', 'nothing'), 1);
  await store.transact([{ op: 'check', key: key('p', 'b'), condition: 1 }], 'w3');
  const brief = notified.map((changes) =>
    changes.map(({ key: { sk }, before, after }) => [sk, before?.version ?? null, after?.version ?? null]),
  );
  expect(brief).toEqual([
    [['a', null, 1]],
    [
      ['b', null, 1],
      ['a', 1, null],
    ],
  ]);
});

test('peek and allItems tell what is there now, without what has expired', async () => {
  const clock = new TestClock();
  const store = new MemoryStore({ clock });
  await create(store, { pk: 'p', sk: 'stays', data: 1 });
  await create(store, { pk: 'q', sk: 'goes', data: 2, expiresAtMs: clock.nowMs() + 5 });
  expect([...store.allItems()].map((item) => item.sk).sort()).toEqual(['goes', 'stays']);
  clock.advance(5);
  expect([...store.allItems()].map((item) => item.sk)).toEqual(['stays']);
  expect(store.peek(key('q', 'goes'))).toBeNull();
  expect(store.peek(key('p', 'stays'))?.data).toBe(1);
});

test('an unchanged part of a record is shared between its versions, not copied', async () => {
  const store = new MemoryStore({ clock: new TestClock() });
  const first = await create(store, { pk: 'p', sk: 's', data: { n: 1, big: { list: [1, 2, 3] } } });
  const second = await store.put({
    item: { pk: 'p', sk: 's', data: { ...first.data, n: 2 } },
    condition: 1,
    writeId: 'w',
  });
  expect(second.data.big).toBe(first.data.big);
  expect(Object.isFrozen(second.data.big.list)).toBe(true);
});
