// The part of the store contract about lists: order, ranges, pages, cursors and indexes.
import { describe, expect, test } from '@jest/globals';
import { AssertionError } from '../../lib/core/values/errors.ts';
import { InvalidCursorError } from '../../lib/ports/store.ts';
import type { IndexName, ItemKey, QueryOptions, Store } from '../../lib/ports/store.ts';
import { create, createAll, key, readAll, sksOf } from './store.harness.ts';
import type { StoreUnderTest } from './store.harness.ts';

export function listCases(subject: () => StoreUnderTest): void {
  queryCases(() => subject().store);
  cursorCases(() => subject().store);
  indexCases(subject);
}

function queryCases(subject: () => Store): void {
  describe('a list of one partition', () => {
    test('of a partition without items is empty and at its end', async () => {
      expect(await readAll(subject(), { pk: 'nobody', limit: 10 })).toMatchObject({ items: [] });
      for (const pk of ['', '💥', '\ud800', '\u0000']) expect(await sksOf(subject(), { pk, limit: 10 })).toEqual([]);
    });

    test('holds the items of that partition only', async () => {
      const store = subject();
      await createAll(store, 'p', ['1', '2']);
      await createAll(store, 'p2', ['3']);
      await createAll(store, 'P', ['4']);
      expect(await sksOf(store, { pk: 'p', limit: 10 })).toEqual(['1', '2']);
    });

    // UTF-16 code units and UTF-8 bytes agree on this order for every key that can be stored.
    test('is ordered by code units: no locale, no numbers, no case folding, no normal forms', async () => {
      const store = subject();
      const sks = [
        'a',
        'B',
        'ab',
        'A',
        '10',
        '9',
        'é',
        'e\u0301',
        'z',
        '~',
        '!',
        ' ',
        'a ',
        'ä',
        'ß',
        '\u0001',
        '\ud7ff',
        'Ω',
        'a\u0001',
        '_',
        '%',
      ];
      await createAll(store, 'p', sks);
      const sorted = [...sks].sort((left, right) => (left < right ? -1 : 1));
      expect(await sksOf(store, { pk: 'p', limit: 5 })).toEqual(sorted);
      expect(await sksOf(store, { pk: 'p', limit: 5, isDescending: true })).toEqual(sorted.toReversed());
      expect(
        sorted
          .map((sk) => Buffer.from(sk))
          .every((bytes, at, all) => at === 0 || Buffer.compare(all[at - 1] ?? bytes, bytes) < 0),
      ).toBe(true);
    });

    const sks = ['a', 'a#1', 'a#10', 'a#2', 'a#3', 'a$', 'b#1', 'b#2', 'b\ud7ff', 'b\ud7ff\ud7ff'];
    test.each<[string, Omit<QueryOptions, 'pk' | 'limit'>, readonly string[]]>([
      ['a prefix', { skPrefix: 'a#' }, ['a#1', 'a#10', 'a#2', 'a#3']],
      ['a prefix, descending', { skPrefix: 'a#', isDescending: true }, ['a#3', 'a#2', 'a#10', 'a#1']],
      ['a prefix that is a whole key', { skPrefix: 'a#1' }, ['a#1', 'a#10']],
      ['a prefix of nothing', { skPrefix: 'c' }, []],
      ['a prefix before everything', { skPrefix: ' ' }, []],
      ['a prefix with wildcards of SQL', { skPrefix: '%' }, []],
      ['the prefix of the last keys', { skPrefix: 'b\ud7ff' }, ['b\ud7ff', 'b\ud7ff\ud7ff']],
      ['a prefix that no key can have', { skPrefix: 'b\ue000' }, []],
      ['an empty prefix', { skPrefix: '' }, sks],
      ['from a key, inclusive', { skFrom: 'a#3' }, ['a#3', 'a$', 'b#1', 'b#2', 'b\ud7ff', 'b\ud7ff\ud7ff']],
      ['from between keys', { skFrom: 'a#11' }, ['a#2', 'a#3', 'a$', 'b#1', 'b#2', 'b\ud7ff', 'b\ud7ff\ud7ff']],
      ['from a key, descending, inclusive', { skFrom: 'a#2', isDescending: true }, ['a#2', 'a#10', 'a#1', 'a']],
      ['from between keys, descending', { skFrom: 'a#11', isDescending: true }, ['a#10', 'a#1', 'a']],
      ['from behind the end', { skFrom: 'c' }, []],
      ['from before the start, descending', { skFrom: ' ', isDescending: true }, []],
      ['a prefix and from inside it', { skPrefix: 'a#', skFrom: 'a#2' }, ['a#2', 'a#3']],
      [
        'a prefix and from inside it, descending',
        { skPrefix: 'a#', skFrom: 'a#2', isDescending: true },
        ['a#2', 'a#10', 'a#1'],
      ],
      ['a prefix and from before it', { skPrefix: 'a#', skFrom: 'A' }, ['a#1', 'a#10', 'a#2', 'a#3']],
      ['a prefix and from behind it', { skPrefix: 'a#', skFrom: 'b' }, []],
      [
        'a prefix and from behind it, descending',
        { skPrefix: 'a#', skFrom: 'b', isDescending: true },
        ['a#3', 'a#2', 'a#10', 'a#1'],
      ],
      ['a prefix and from before it, descending', { skPrefix: 'a#', skFrom: 'A', isDescending: true }, []],
    ])('by %s, whatever the page size', async (_name, range, expected) => {
      const store = subject();
      await createAll(store, 'p', sks);
      await createAll(store, 'p\u0001', ['a#1', 'b#1']);
      for (const limit of [1, 2, 3, 100]) expect(await sksOf(store, { pk: 'p', limit, ...range })).toEqual(expected);
    });

    test('shows every write that was acknowledged', async () => {
      const store = subject();
      for (let at = 0; at < 20; at += 1) {
        await create(store, { pk: 'p', sk: String(at).padStart(2, '0'), data: at });
        expect(await sksOf(store, { pk: 'p', limit: 7 })).toHaveLength(at + 1);
      }
      await store.delete(key('p', '07'), 1);
      expect(await sksOf(store, { pk: 'p', limit: 7 })).not.toContain('07');
    });

    test.each([0, -1, 1.5, Number.NaN, Infinity])('refuses a limit of %p as a defect', async (limit) => {
      await expect(subject().query({ pk: 'p', limit })).rejects.toBeInstanceOf(AssertionError);
      await expect(subject().queryIndex('open', { pk: 'p', limit })).rejects.toBeInstanceOf(AssertionError);
    });
  });
}

function cursorCases(subject: () => Store): void {
  describe('a cursor', () => {
    const sks = Array.from({ length: 25 }, (_, at) => `k${String(at).padStart(2, '0')}`);

    async function firstCursor(store: Store, options: QueryOptions): Promise<string> {
      const { cursor } = await store.query(options);
      if (cursor === undefined) throw new Error('the list ends on its first page');
      return cursor;
    }

    test('goes on behind what was read, though items come and go in between', async () => {
      const store = subject();
      await createAll(store, 'p', sks);
      const seen: string[] = [];
      let cursor: string | undefined;
      let isChanged = false;
      do {
        const page = await store.query({ pk: 'p', limit: 10, cursor });
        seen.push(...page.items.map((item) => item.sk));
        ({ cursor } = page);
        // An empty page may follow: the changes are made once.
        if (seen.at(-1) === 'k09' && !isChanged) {
          isChanged = true;
          await store.delete(key('p', 'k09'), 1); // the very item that the cursor stands on
          await store.delete(key('p', 'k10'), 1);
          await createAll(store, 'p', ['k00x', 'k11x']); // one behind us, one ahead
        }
      } while (cursor !== undefined);
      expect(seen).not.toContain('k00x');
      // A short page may have ended elsewhere than k09: then nothing was changed on the way.
      expect(seen).toEqual(isChanged ? [...sks.slice(0, 10), 'k11', 'k11x', ...sks.slice(12)] : sks);
    });

    test('is text that URLs can carry', async () => {
      const store = subject();
      await createAll(store, 'p', ['é/?&=#+ ', ...sks]);
      expect(await firstCursor(store, { pk: 'p', limit: 3, isDescending: true })).toMatch(/^[\w-]+$/);
    });

    test('of another list, of no list, or changed on the way is refused', async () => {
      const store = subject();
      await createAll(store, 'p', sks);
      const cursor = await firstCursor(store, { pk: 'p', limit: 3 });
      const others: QueryOptions[] = [
        { pk: 'other', limit: 3 },
        { pk: 'p', limit: 3, skPrefix: 'k' },
        { pk: 'p', limit: 3, skFrom: 'k' },
        { pk: 'p', limit: 3, isDescending: true },
      ];
      for (const other of others)
        await expect(store.query({ ...other, cursor })).rejects.toBeInstanceOf(InvalidCursorError);
      await expect(store.queryIndex('open', { pk: 'p', limit: 3, cursor })).rejects.toBeInstanceOf(InvalidCursorError);
      const damaged = [
        '',
        'x',
        '💥',
        '%%%',
        'null',
        'e30',
        `${cursor}A`,
        cursor.slice(0, -2),
        cursor.toUpperCase(),
        `A${cursor.slice(1)}`,
        'A'.repeat(5000),
      ];
      for (const text of damaged)
        await expect(store.query({ pk: 'p', limit: 3, cursor: text })).rejects.toBeInstanceOf(InvalidCursorError);
    });

    test('may be used again, with another limit too', async () => {
      const store = subject();
      await createAll(store, 'p', sks);
      const page = await store.query({ pk: 'p', limit: 4 });
      const rest = sks.slice(page.items.length);
      for (const limit of [2, 50]) {
        const next = await store.query({ pk: 'p', limit, cursor: page.cursor });
        expect(next.items.map((item) => item.sk)).toEqual(rest.slice(0, next.items.length));
      }
    });
  });
}

function indexCases(subject: () => StoreUnderTest): void {
  describe.each<IndexName>(['open', 'by-time'])('the index %s', (index) => {
    async function settled(): Promise<Store> {
      await subject().settleIndexes?.();
      return subject().store;
    }
    const list = async (pk: string, options: Partial<QueryOptions> = {}): Promise<readonly string[]> =>
      sksOf(await settled(), { pk, limit: 3, ...options }, index);

    test('holds the items that name it, in the order of its own keys, over partitions', async () => {
      const { store } = subject();
      await create(store, { pk: 'p1', sk: 'late', data: 'l', index: { [index]: key('i', '9') } });
      await create(store, { pk: 'p2', sk: 'early', data: 'e', index: { [index]: key('i', '1') } });
      await create(store, { pk: 'p1', sk: 'elsewhere', data: 0, index: { [index]: key('j', '1') } });
      await create(store, { pk: 'p1', sk: 'nowhere', data: 0 });
      await create(store, {
        pk: 'p1',
        sk: 'other',
        data: 0,
        index: { [index === 'open' ? 'by-time' : 'open']: key('i', '5') },
      });
      expect(await list('i')).toEqual(['early', 'late']);
      expect(await list('i', { isDescending: true })).toEqual(['late', 'early']);
      expect(await list('p1')).toEqual([]);
    });

    test('answers whole items', async () => {
      const { store } = subject();
      const item = await create(store, { pk: 'p', sk: 's', data: { a: 1 }, index: { [index]: key('i', '1') } });
      expect((await readAll(await settled(), { pk: 'i', limit: 5 }, index)).items).toEqual([item]);
    });

    test('answers keys alone, page by page', async () => {
      const { store } = subject();
      await Promise.all(
        ['1', '2', '3'].map((sk) =>
          create(store, { pk: 'p', sk: `n${sk}`, data: sk, index: { [index]: key('i', sk) } }),
        ),
      );
      const keys: ItemKey[] = [];
      const sks: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await (await settled()).indexKeys(index, { pk: 'i', limit: 2, isDescending: true, cursor });
        keys.push(...page.keys);
        sks.push(...page.indexSks);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(keys).toEqual([key('p', 'n3'), key('p', 'n2'), key('p', 'n1')]);
      expect(sks).toEqual(['3', '2', '1']);
    });

    test('follows its items: changed, moved, taken out, put back, deleted', async () => {
      const { store } = subject();
      const put = async (version: number, at: string | null): Promise<unknown> =>
        store.put({
          item: { pk: 'p', sk: 's', data: { version }, ...(at === null ? {} : { index: { [index]: key('i', at) } }) },
          condition: version === 0 ? 'absent' : version,
          writeId: `w${String(version)}`,
        });
      const found = async (): Promise<readonly unknown[]> =>
        (await readAll(await settled(), { pk: 'i', limit: 5 }, index)).items.map((item) => [
          item.version,
          item.index[index]?.sk,
          item.data,
        ]);
      await put(0, 'a');
      expect(await found()).toEqual([[1, 'a', { version: 0 }]]);
      await put(1, 'a');
      expect(await found()).toEqual([[2, 'a', { version: 1 }]]);
      await put(2, 'b');
      expect(await found()).toEqual([[3, 'b', { version: 2 }]]);
      await put(3, null);
      expect(await found()).toEqual([]);
      await store.transact(
        [{ op: 'put', item: { pk: 'p', sk: 's', data: 'tx', index: { [index]: key('i', 'c') } }, condition: 4 }],
        'w-tx',
      );
      expect(await found()).toEqual([[5, 'c', 'tx']]);
      await store.delete(key('p', 's'), 5);
      expect(await found()).toEqual([]);
      await put(0, 'd');
      expect(await found()).toEqual([[1, 'd', { version: 0 }]]);
      await store.transact(
        [
          { op: 'put', item: { pk: 'p', sk: 'log', data: 'deleted s' }, condition: 'absent' },
          { op: 'delete', key: key('p', 's'), condition: 1 },
        ],
        'w-tx2',
      );
      expect(await found()).toEqual([]);
    });

    test('a failed write changes nothing in it', async () => {
      const { store } = subject();
      await create(store, { pk: 'p', sk: 's', data: 1, index: { [index]: key('i', 'a') } });
      await expect(store.put({ item: { pk: 'p', sk: 's', data: 2 }, condition: 9, writeId: 'w' })).rejects.toThrow();
      await expect(
        store.transact(
          [
            {
              op: 'put',
              item: { pk: 'p', sk: 'new', data: 2, index: { [index]: key('i', 'b') } },
              condition: 'absent',
            },
            { op: 'check', key: key('p', 's'), condition: 9 },
          ],
          'w',
        ),
      ).rejects.toThrow();
      expect(await list('i')).toEqual(['s']);
    });

    test('items may share an index key; pages still show each exactly once', async () => {
      const { store } = subject();
      const names = Array.from({ length: 17 }, (_, at) => `n${String(at).padStart(2, '0')}`);
      await Promise.all(
        names.map((sk, at) =>
          create(store, {
            pk: `p${String(at % 3)}`,
            sk,
            data: at,
            index: { [index]: key('i', at < 12 ? 'same' : 'then') },
          }),
        ),
      );
      for (const limit of [1, 2, 5, 100]) {
        const up = await list('i', { limit });
        expect([...up].sort()).toEqual(names);
        expect([...up.slice(0, 12)].sort()).toEqual(names.slice(0, 12));
        expect(await list('i', { limit, isDescending: true })).toEqual(up.toReversed());
        expect([...(await list('i', { limit, skPrefix: 'th' }))].sort()).toEqual(names.slice(12));
        expect([...(await list('i', { limit, skFrom: 'same', isDescending: true }))].sort()).toEqual(
          names.slice(0, 12),
        );
        expect(await list('i', { limit, skFrom: 'same' })).toEqual(up);
      }
    });

    test('passes over expired items', async () => {
      const { store, clock } = subject();
      await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          create(store, {
            pk: 'p',
            sk: String(at),
            data: at,
            index: { [index]: key('i', String(at)) },
            expiresAtMs: at % 3 === 0 ? null : clock.nowMs() + 3_600_000,
          }),
        ),
      );
      await subject().settleIndexes?.();
      expect(await list('i')).toHaveLength(10);
      clock.advance(3_600_000);
      expect(await list('i', { limit: 2 })).toEqual(['0', '3', '6', '9']);
    });

    test('refuses cursors of the base list and of the other index', async () => {
      const { store } = subject();
      await Promise.all(
        ['1', '2', '3', '4'].map((sk) =>
          create(store, { pk: 'i', sk, data: sk, index: { open: key('i', sk), 'by-time': key('i', sk) } }),
        ),
      );
      await subject().settleIndexes?.();
      const { cursor } = await store.queryIndex(index, { pk: 'i', limit: 2 });
      expect(cursor).toBeDefined();
      await expect(store.query({ pk: 'i', limit: 2, cursor })).rejects.toBeInstanceOf(InvalidCursorError);
      await expect(
        store.queryIndex(index === 'open' ? 'by-time' : 'open', { pk: 'i', limit: 2, cursor }),
      ).rejects.toBeInstanceOf(InvalidCursorError);
    });
  });
}
