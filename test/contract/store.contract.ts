// The store port's contract: one case for every sentence of lib/ports/store.ts, run on every adapter.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AssertionError } from '../../lib/core/values/errors.ts';
import {
  ConditionFailedError,
  itemBytesMax,
  StoreBoundError,
  transactionBytesMax,
  transactionItemsMax,
} from '../../lib/ports/store.ts';
import type { PutItem, Store, Write } from '../../lib/ports/store.ts';
import { toItem } from '../../lib/ports/store/rules.ts';
import { storedBytes } from '../../lib/ports/store/size.ts';
import { listCases } from './store.lists.ts';
import { create, key, newWriteId, readAll, sksOf } from './store.harness.ts';
import type { StoreUnderTest, TestClock } from './store.harness.ts';
import { modelCase } from './store.model.ts';

export interface ContractOptions {
  /** How many histories the comparison with the model plays; fewer where each call costs more. */
  readonly modelRuns?: number;
  /** The store is seen through a caller that repeats lost writes, and so finds its own write id by itself. */
  readonly isRetrying?: boolean;
  /** The bytes of a whole request count, in base64, where DynamoDB counts items: what just fits is refused there. */
  readonly countsRequests?: boolean;
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>, options: ContractOptions = {}): void {
  describe(`store contract: ${name}`, () => {
    let opened: StoreUnderTest;
    let store: Store;
    let clock: TestClock;

    beforeEach(async () => {
      opened = await open();
      ({ store, clock } = opened);
    });

    afterEach(async () => {
      await opened.close?.();
    });

    singleItemCases(() => ({ store, clock }), options);
    transactionCases(() => ({ store, clock }), options);
    expiryCases(() => ({ store, clock }));
    listCases(() => opened);
    modelCase(open, options.modelRuns ?? 60, options.isRetrying ?? false);
  });
}

/** Printable characters in no order, which packing makes a quarter smaller at most. */
const noise = ((): string => {
  let state = 1;
  return Array.from({ length: 600_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(35 + (state % 57));
  }).join('');
})();

/** A text that makes an item of at most `bytes`, and hardly less, under keys of a few characters. */
function textOf(bytes: number): string {
  let length = bytes;
  // Packed sizes grow evenly with the length; a few corrections suffice.
  for (let tries = 0; ; tries += 1) {
    const size = storedBytes(toItem({ pk: 'p', sk: '00', data: noise.slice(0, length) }, 'absent', 'w'));
    if (size <= bytes && (bytes - size < 100 || tries > 20)) return noise.slice(0, length);
    length = Math.floor((length * (bytes - 50)) / size);
  }
}

type Subject = () => { readonly store: Store; readonly clock: TestClock };

async function conditionFailure(promise: Promise<unknown>): Promise<ConditionFailedError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConditionFailedError);
  return error as ConditionFailedError;
}

function singleItemCases(subject: Subject, { isRetrying = false }: ContractOptions): void {
  describe('one item', () => {
    const k = key('p', 's');

    test('what was never written is null', async () => {
      expect(await subject().store.get(k)).toBeNull();
    });

    test('a created item has version 1, its write id, its data and nothing else', async () => {
      const { store } = subject();
      const expected = {
        pk: 'p',
        sk: 's',
        version: 1,
        writeId: 'w',
        data: { a: [1, { b: null }] },
        index: {},
        expiresAtMs: null,
      };
      expect(await store.put({ item: { ...k, data: expected.data }, condition: 'absent', writeId: 'w' })).toEqual(
        expected,
      );
      expect(await store.get(k)).toEqual(expected);
    });

    test('index and expiry are kept as given and replaced as a whole', async () => {
      const { store, clock } = subject();
      const expiresAtMs = clock.nowMs() + 60_000;
      await create(store, { ...k, data: 1, index: { open: key('o', '1') }, expiresAtMs });
      expect(await store.get(k)).toMatchObject({ index: { open: key('o', '1') }, expiresAtMs });
      await store.put({ item: { ...k, data: 1, index: { 'by-time': key('t', '2') } }, condition: 1, writeId: 'w2' });
      expect(await store.get(k)).toMatchObject({ index: { 'by-time': key('t', '2') }, expiresAtMs: null });
      expect((await store.get(k))?.index).not.toHaveProperty('open');
    });

    test(
      'absent does not hold when the item is there: nothing changes and the error ' + 'carries what is there',
      async () => {
        const { store } = subject();
        const first = await store.put({ item: { ...k, data: 'first' }, condition: 'absent', writeId: 'w1' });
        const error = await conditionFailure(
          store.put({ item: { ...k, data: 'second' }, condition: 'absent', writeId: 'w2' }),
        );
        expect(error.key).toEqual(k);
        expect(error.current).toEqual(first);
        expect(await store.get(k)).toEqual(first);
      },
    );

    test('a version holds only for exactly that version, and every write raises it by one', async () => {
      const { store } = subject();
      await create(store, { ...k, data: 1 });
      expect((await store.put({ item: { ...k, data: 2 }, condition: 1, writeId: 'w2' })).version).toBe(2);
      for (const stale of [1, 3, 0]) {
        const error = await conditionFailure(store.put({ item: { ...k, data: 9 }, condition: stale, writeId: 'w9' }));
        expect(error.current).toMatchObject({ version: 2, writeId: 'w2', data: 2 });
      }
      expect(await store.get(k)).toMatchObject({ version: 2, data: 2 });
    });

    test('a version does not hold for what is absent', async () => {
      expect(
        (await conditionFailure(subject().store.put({ item: { ...k, data: 1 }, condition: 1, writeId: 'w' }))).current,
      ).toBeNull();
    });

    test('a writer whose answer was lost repeats the write and finds its own write id', async () => {
      const { store } = subject();
      const write = { item: { ...k, data: 'mine' }, condition: 'absent', writeId: 'w-mine' } as const;
      const won = await store.put(write); // … whose answer we pretend to have lost
      if (isRetrying) expect(await store.put(write)).toEqual(won);
      else expect((await conditionFailure(store.put(write))).current).toEqual(won);
      expect((await conditionFailure(store.put({ ...write, writeId: 'w-other' }))).current?.writeId).not.toBe(
        'w-other',
      );
    });

    test('delete needs the version, and deleting what is absent succeeds', async () => {
      const { store } = subject();
      await store.delete(k, 7);
      await create(store, { ...k, data: 1 });
      expect((await conditionFailure(store.delete(k, 2))).current).toMatchObject({ version: 1 });
      expect(await store.get(k)).not.toBeNull();
      await store.delete(k, 1);
      await store.delete(k, 1);
      expect(await store.get(k)).toBeNull();
      expect((await create(store, { ...k, data: 2 })).version).toBe(1);
    });

    test(
      'getMany answers in the order of the keys, null where absent, for any number of ' + 'keys and repeated ones',
      async () => {
        const { store } = subject();
        await Promise.all(
          Array.from({ length: 130 }, (_, at) => create(store, { pk: 'many', sk: String(at), data: at })),
        );
        const keys = Array.from({ length: 260 }, (_, at) => key('many', String(259 - at)));
        const found = await store.getMany<number>([...keys, key('many', '5'), key('many', '5')]);
        expect(found.map((item) => item?.data ?? null)).toEqual([
          ...keys.map((_, at) => (259 - at < 130 ? 259 - at : null)),
          5,
          5,
        ]);
        expect(await store.getMany([])).toEqual([]);
      },
    );

    test('what was put or read shares nothing with what is stored', async () => {
      const { store } = subject();
      const mine = { list: [1], inner: { n: 1 } };
      const put = await create(store, { ...k, data: mine });
      mine.list.push(2);
      mine.inner.n = 2;
      tryToChange(put.data);
      tryToChange((await store.get<typeof mine>(k))?.data);
      expect((await store.get(k))?.data).toEqual({ list: [1], inner: { n: 1 } });
      expect((await readAll(store, { pk: 'p', limit: 1 })).items[0]?.data).toEqual({ list: [1], inner: { n: 1 } });
    });

    test('data is kept as JSON keeps it, whatever the strings and names', async () => {
      const { store } = subject();
      const data = {
        '': 0,
        text: 'a"\\\u0000\n\u2028é💥\udc80a\udcff',
        deep: [[{ a: [] }]],
        big: Number.MAX_SAFE_INTEGER,
        small: 1e-9,
        no: false,
        none: null,
        gone: undefined,
      };
      await create(store, { ...k, data });
      expect((await store.get(k))?.data).toStrictEqual(JSON.parse(JSON.stringify(data)));
      const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
      await create(store, { pk: 'p', sk: 'hostile', data: hostile });
      expect(JSON.stringify((await store.get(key('p', 'hostile')))?.data)).toBe(
        '{"__proto__":{"polluted":true},"constructor":1}',
      );
    });

    test.each([[Number.NaN], [Infinity], [new Date(0)], [new Map()], [1n], [[undefined]], [(): number => 1]])(
      'data that JSON would change (%p) is refused as a defect',
      async (value: unknown) => {
        const { store } = subject();
        await expect(create(store, { ...k, data: { value } })).rejects.toBeInstanceOf(AssertionError);
        expect(await store.get(k)).toBeNull();
      },
    );

    test(
      `an item of ${String(itemBytesMax)} bytes is kept, keys included; a larger one is refused `
        + 'before anything is written',
      async () => {
        const { store } = subject();
        const item: PutItem = { ...k, data: textOf(itemBytesMax) };
        const tooLarge: PutItem = { ...item, index: { open: key('x'.repeat(600), 'y'.repeat(600)) } };
        expect(storedBytes(toItem(item, 'absent', 'w'))).toBeLessThanOrEqual(itemBytesMax);
        expect(storedBytes(toItem(tooLarge, 'absent', 'w'))).toBeGreaterThan(itemBytesMax);
        await expect(store.put({ item: tooLarge, condition: 'absent', writeId: 'w' })).rejects.toBeInstanceOf(
          StoreBoundError,
        );
        await expect(
          store.transact(
            [
              { op: 'put', item: tooLarge, condition: 'absent' },
              { op: 'put', item: { pk: 'p', sk: 't', data: 1 }, condition: 'absent' },
            ],
            'w',
          ),
        ).rejects.toBeInstanceOf(StoreBoundError);
        expect(await store.getMany([k, key('p', 't')])).toEqual([null, null]);
        await store.put({ item, condition: 'absent', writeId: 'w' });
        expect((await store.get(k))?.data).toBe(item.data);
        // What repeats itself is kept packed, on every store alike.
        await store.put({ item: { ...k, data: 'again and '.repeat(200_000) }, condition: 1, writeId: 'w2' });
        expect((await store.get(k))?.data).toHaveLength(2_000_000);
      },
    );

    test.each([
      ['', 's'],
      ['p', ''],
      ['p', '\u0000'],
      ['p', '💥'],
      ['p', '\ud800'],
      ['p', '\ue000'],
      ['x'.repeat(1025), 's'],
      ['p', 'é'.repeat(513)],
    ])(
      'a key that no write may use (case %#) reads as absent and is refused when written',
      async (pk: string, sk: string) => {
        const { store } = subject();
        expect(await store.get({ pk, sk })).toBeNull();
        expect(await store.getMany([{ pk, sk }])).toEqual([null]);
        await expect(create(store, { pk, sk, data: 1 })).rejects.toBeInstanceOf(AssertionError);
        await expect(create(store, { ...k, data: 1, index: { open: { pk, sk } } })).rejects.toBeInstanceOf(
          AssertionError,
        );
        await expect(
          store.transact([{ op: 'check', key: { pk, sk }, condition: 'absent' }], 'w'),
        ).rejects.toBeInstanceOf(AssertionError);
      },
    );

    test('keys of the greatest length work', async () => {
      const { store } = subject();
      const longest = key('é'.repeat(512), 'x'.repeat(1024));
      await create(store, { ...longest, data: 1 });
      expect(await store.get(longest)).toMatchObject({ ...longest, data: 1 });
    });

    test('of many parallel creations of one item exactly one wins', async () => {
      const { store } = subject();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) =>
          store.put({ item: { ...k, data: at }, condition: 'absent', writeId: `w${String(at)}` }),
        ),
      );
      const won = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
      expect(won).toHaveLength(1);
      expect(await store.get(k)).toEqual(won[0]);
      for (const result of results)
        if (result.status === 'rejected') expect((result.reason as ConditionFailedError).current).toEqual(won[0]);
    });

    test('parallel conditional updates of one counter lose none', async () => {
      const { store } = subject();
      await create(store, { ...k, data: [] });
      const marks = Array.from({ length: 60 }, (_, at) => `mark-${String(at)}`);
      await Promise.all(
        Array.from({ length: 12 }, async (_, worker) => {
          for (const mark of marks.slice(worker * 5, worker * 5 + 5)) while (!(await tryToMark(store, mark)));
        }),
      );
      const item = await store.get<string[]>(k);
      expect([...(item?.data ?? [])].sort()).toEqual([...marks].sort());
      expect(item?.version).toBe(61);
    });

    // The mark, not the write id, tells whether a write whose answer was lost had won: another writer may have
    // replaced the item, and with it the write id, before we looked.
    async function tryToMark(store: Store, mark: string): Promise<boolean> {
      const item = await store.get<string[]>(k);
      if (!item) throw new Error('the counter is gone');
      if (item.data.includes(mark)) return true;
      try {
        await store.put({ item: { ...k, data: [...item.data, mark] }, condition: item.version, writeId: newWriteId() });
        return true;
      } catch (error) {
        if (error instanceof ConditionFailedError) return false;
        throw error;
      }
    }
  });
}

/** Frozen objects refuse with a TypeError, others take it: both are fine as long as the store does not see it. */
function tryToChange(data: { list: number[]; inner: { n: number } } | undefined): void {
  for (const change of [
    (): void => void data?.list.push(3),
    (): void => void Object.assign(data?.inner ?? {}, { n: 3 }),
  ]) {
    try {
      change();
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  }
}

function transactionCases(subject: Subject, { isRetrying = false, countsRequests = false }: ContractOptions): void {
  describe('a transaction', () => {
    const put = (sk: string, condition: 'absent' | number, data: unknown = sk): Write => ({
      op: 'put',
      item: { pk: 'p', sk, data },
      condition,
    });
    const check = (sk: string, condition: 'absent' | number): Write => ({ op: 'check', key: key('p', sk), condition });
    const remove = (sk: string, condition: number): Write => ({ op: 'delete', key: key('p', sk), condition });
    const all = async (): Promise<readonly (readonly [string, number, unknown])[]> => {
      const { items } = await readAll(subject().store, { pk: 'p', limit: 500 });
      return items.map((item) => [item.sk, item.version, item.data] as const);
    };

    test('writes, deletes and checks together, over partitions, every put under the same write id', async () => {
      const { store } = subject();
      await create(store, { pk: 'p', sk: 'a', data: 'a1' });
      await create(store, { pk: 'p', sk: 'b', data: 'b1' });
      await create(store, { pk: 'p', sk: 'c', data: 'c1' });
      await store.transact(
        [
          put('a', 1, 'a2'),
          remove('b', 1),
          check('c', 1),
          check('e', 'absent'),
          put('d', 'absent', 'd1'),
          { op: 'put', item: { pk: 'q', sk: 'x', data: 'x1' }, condition: 'absent' },
        ],
        'w-tx',
      );
      expect(await all()).toEqual([
        ['a', 2, 'a2'],
        ['c', 1, 'c1'],
        ['d', 1, 'd1'],
      ]);
      const written = await store.getMany([key('p', 'a'), key('p', 'd'), key('q', 'x')]);
      expect(written.map((item) => item?.writeId)).toEqual(['w-tx', 'w-tx', 'w-tx']);
      expect((await store.get(key('p', 'c')))?.writeId).not.toBe('w-tx');
    });

    test.each<[string, (good: readonly Write[]) => readonly Write[], string]>([
      ['put of what is there', (good) => [...good, put('there', 'absent')], 'there'],
      ['put of another version', (good) => [...good, put('there', 2)], 'there'],
      ['put of what is absent', (good) => [...good, put('gone', 1)], 'gone'],
      ['check of another version', (good) => [...good, check('there', 2)], 'there'],
      ['check of what is absent', (good) => [...good, check('gone', 1)], 'gone'],
      ['check for absence of what is there', (good) => [check('there', 'absent'), ...good], 'there'],
      ['delete of another version', (good) => [...good, remove('there', 2)], 'there'],
      ['delete of what is absent', (good) => [remove('gone', 1), ...good], 'gone'],
    ])('is all or nothing: a %s fails it whole', async (_name, make, failing) => {
      const { store } = subject();
      for (const sk of ['changed', 'removed', 'there']) await create(store, { pk: 'p', sk, data: sk });
      const before = await all();
      const good = [put('new', 'absent'), put('changed', 1, 'other'), remove('removed', 1)];
      const error = await conditionFailure(store.transact(make(good), 'w-tx'));
      expect(error.key).toEqual(key('p', failing));
      expect(error.current).toEqual(failing === 'there' ? await store.get(key('p', 'there')) : null);
      expect(await all()).toEqual(before);
      await store.transact(good, 'w-tx2');
      expect(await all()).toEqual([
        ['changed', 2, 'other'],
        ['new', 1, 'new'],
        ['there', 1, 'there'],
      ]);
    });

    test('the error names the first failing item in the order of the writes', async () => {
      const { store } = subject();
      await create(store, { pk: 'p', sk: 'z', data: 1 });
      const error = await conditionFailure(
        store.transact([put('ok', 'absent'), put('z', 'absent'), check('y', 3)], 'w'),
      );
      expect(error.key).toEqual(key('p', 'z'));
    });

    test('repeated after a lost answer it fails on an item that carries its own write id', async () => {
      const { store } = subject();
      await create(store, { pk: 'p', sk: 'old', data: 1 });
      const writes = [put('a', 'absent'), put('b', 'absent'), remove('old', 1)];
      await store.transact(writes, 'w-tx');
      if (isRetrying) await store.transact(writes, 'w-tx');
      else expect((await conditionFailure(store.transact(writes, 'w-tx'))).current?.writeId).toBe('w-tx');
      expect(await all()).toEqual([
        ['a', 1, 'a'],
        ['b', 1, 'b'],
      ]);
    });

    test(`takes ${String(transactionItemsMax)} writes and refuses more, as it refuses none`, async () => {
      const { store } = subject();
      const writes = Array.from({ length: transactionItemsMax + 1 }, (_, at) =>
        put(String(at).padStart(3, '0'), 'absent'),
      );
      await expect(store.transact(writes, 'w')).rejects.toBeInstanceOf(StoreBoundError);
      await expect(store.transact([], 'w')).rejects.toBeInstanceOf(AssertionError);
      expect(await all()).toEqual([]);
      await store.transact(writes.slice(0, transactionItemsMax), 'w');
      expect(await all()).toHaveLength(transactionItemsMax);
    });

    test(
      `takes ${String(transactionBytesMax)} bytes together and refuses more, whatever is ` + 'put and checked beside',
      async () => {
        const { store } = subject();
        const bytesOf = (write: Write): number =>
          write.op === 'put'
            ? storedBytes(toItem(write.item, write.condition, 'w'))
            : write.key.pk.length + write.key.sk.length;
        const large = textOf(380_000);
        const writes = [
          ...Array.from({ length: 10 }, (_, at) => put(String(at).padStart(2, '0'), 'absent', large)),
          check('zz', 'absent'),
        ];
        const left = (): number => transactionBytesMax - writes.reduce((sum, write) => sum + bytesOf(write), 0);
        writes.push(put('97', 'absent', textOf(left() / 2)));
        // The rest in what is not packed, so that a byte more or less can be chosen.
        const plain = (bytes: number): Write => put('98', 'absent', '#'.repeat(bytes));
        writes.push(put('99', 'absent', textOf(left() - bytesOf(plain(0)) - 100)));
        const rest = left() - bytesOf(plain(0));
        expect(rest).toBeGreaterThan(0);
        expect(rest).toBeLessThan(600);
        await expect(store.transact([...writes, plain(rest + 1)], 'w')).rejects.toBeInstanceOf(StoreBoundError);
        expect(await all()).toEqual([]);
        if (countsRequests) return;
        await store.transact([...writes, plain(rest)], 'w');
        expect(await all()).toHaveLength(13);
      },
    );

    test('refuses the same item twice, whatever is done to it', async () => {
      const { store } = subject();
      await create(store, { pk: 'p', sk: 'a', data: 1 });
      for (const second of [put('a', 1), remove('a', 1), check('a', 1)]) {
        await expect(store.transact([put('a', 1), second], 'w')).rejects.toBeInstanceOf(AssertionError);
      }
      expect(await all()).toEqual([['a', 1, 1]]);
    });

    test('with checks only changes nothing', async () => {
      const { store } = subject();
      const before = await create(store, { pk: 'p', sk: 'a', data: 1 });
      await store.transact([check('a', 1), check('b', 'absent')], 'w');
      expect(await store.get(key('p', 'a'))).toEqual(before);
    });

    test('of many parallel ones that need the same two items exactly one wins', async () => {
      const { store } = subject();
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) => {
          const writes = [put('a', 'absent', at), put('b', 'absent', at)];
          return store.transact(at % 2 === 0 ? writes : writes.reverse(), `w${String(at)}`);
        }),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      const [a, b] = await store.getMany([key('p', 'a'), key('p', 'b')]);
      expect(a?.data).toBe(b?.data);
    });

    test('money moved between accounts in parallel is neither made nor lost', async () => {
      const { store } = subject();
      const accounts = ['a', 'b', 'c'];
      for (const sk of accounts) await create(store, { pk: 'p', sk, data: 100 });
      await Promise.all(
        Array.from({ length: 9 }, async (_, at) => {
          for (let tries = 0; tries < 4; tries += 1)
            await tryToMove(store, accounts[at % 3] ?? '', accounts[(at + 1) % 3] ?? '');
        }),
      );
      const after = await store.getMany<number>(accounts.map((sk) => key('p', sk)));
      expect(after.reduce((sum, item) => sum + (item?.data ?? 0), 0)).toBe(300);
      expect(after.some((item) => (item?.version ?? 0) > 1)).toBe(true);
    });

    async function tryToMove(store: Store, from: string, to: string): Promise<void> {
      const [source, target] = await store.getMany<number>([key('p', from), key('p', to)]);
      if (!source || !target) throw new Error('an account is gone');
      await store
        .transact([put(from, source.version, source.data - 1), put(to, target.version, target.data + 1)], newWriteId())
        .catch((error: unknown) => {
          if (!(error instanceof ConditionFailedError)) throw error;
        });
    }
  });
}

function expiryCases(subject: Subject): void {
  describe('an expired item counts as absent', () => {
    const k = key('p', 's');

    async function expired(): Promise<Store> {
      const { store, clock } = subject();
      await store.put({
        item: { ...k, data: 'old', expiresAtMs: clock.nowMs() + 1000, index: { open: key('o', 's') } },
        condition: 'absent',
        writeId: 'w-old',
      });
      await create(store, {
        pk: 'p',
        sk: 't',
        data: 'stays',
        index: { open: key('o', 't') },
        expiresAtMs: clock.nowMs() + 3_600_000,
      });
      clock.advance(1000); // from this time on, not after it
      return store;
    }

    test('not a moment before its time', async () => {
      const { store, clock } = subject();
      await create(store, { ...k, data: 1, expiresAtMs: clock.nowMs() + 60_000 });
      expect(await store.get(k)).not.toBeNull();
    });

    test('when read, by key and in lists', async () => {
      const store = await expired();
      expect(await store.get(k)).toBeNull();
      expect((await store.getMany([k, key('p', 't')])).map((item) => item?.data)).toEqual([undefined, 'stays']);
      expect(await sksOf(store, { pk: 'p', limit: 1 })).toEqual(['t']);
    });

    test('for conditions: absent holds, and the new item starts at version 1', async () => {
      const store = await expired();
      const item = await store.put({ item: { ...k, data: 'new' }, condition: 'absent', writeId: 'w-new' });
      expect(item).toMatchObject({ version: 1, data: 'new', index: {}, expiresAtMs: null });
      expect(await store.get(k)).toEqual(item);
    });

    test('for conditions: its version does not hold', async () => {
      const store = await expired();
      expect(
        (await conditionFailure(store.put({ item: { ...k, data: 'x' }, condition: 1, writeId: 'w' }))).current,
      ).toBeNull();
      expect((await conditionFailure(store.transact([{ op: 'check', key: k, condition: 1 }], 'w'))).current).toBeNull();
      expect(
        (await conditionFailure(store.transact([{ op: 'delete', key: k, condition: 1 }], 'w'))).current,
      ).toBeNull();
      await store.delete(k, 1);
      await store.transact(
        [
          { op: 'check', key: k, condition: 'absent' },
          { op: 'put', item: { pk: 'p', sk: 'u', data: 1 }, condition: 'absent' },
        ],
        'w',
      );
      await store.transact([{ op: 'put', item: { ...k, data: 'again' }, condition: 'absent' }], 'w');
      expect(await store.get(k)).toMatchObject({ version: 1, data: 'again' });
    });
  });
}
