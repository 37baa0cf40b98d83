// What the embedded store promises beyond the port: durable when acknowledged, whatever kills the process; safe
// next to other processes; files of other versions refused; expired items removed in small steps.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreFileError } from '../../../lib/adapters/sqlite/errors.ts';
import { openDatabase, schemaVersion } from '../../../lib/adapters/sqlite/schema.ts';
import { SqliteStore } from '../../../lib/adapters/sqlite/store.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import { create, key, newWriteId, readAll, sksOf, TestClock } from '../../contract/store.harness.ts';

let folder: string;
let path: string;
const opened: SqliteStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-sqlite-'));
  path = join(folder, 'deep', 'store.db');
});

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(folder, { recursive: true });
});

function open(options: { readonly isReadOnly?: boolean; readonly clock?: TestClock } = {}): SqliteStore {
  const store = new SqliteStore({ path, clock: new TestClock(), ...options });
  opened.push(store);
  return store;
}

function raw<R>(use: (database: DatabaseSync) => R): R {
  const database = new DatabaseSync(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

describe('kill -9', () => {
  test(
    'at any moment: every acknowledged write is there, no transaction ' + 'is half there, and the file opens again',
    async () => {
      const acknowledged = new Set<string>();
      for (const [name, ms] of [
        ['a', 300],
        ['b', 60],
        ['c', 150],
      ] as const) {
        for (const id of await runAndKill(name, ms)) acknowledged.add(id);
      }
      const store = open();
      const { items } = await readAll(store, { pk: 'all', limit: 500 }, 'by-time');
      const stored = new Set(items.map((item) => item.sk));
      expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(30);
      for (const worker of [0, 1, 2, 3]) {
        const [alone, pairs] = [
          await sksOf(store, { pk: `w${String(worker)}`, limit: 500 }),
          await sksOf(store, { pk: `pair-w${String(worker)}`, limit: 500 }),
        ];
        expect(pairs).toEqual(alone.filter((id) => Number(id.split('-')[2]) % 3 === 0));
      }
      expect(raw((database) => database.prepare('PRAGMA integrity_check').get())).toEqual({ integrity_check: 'ok' });
    },
  );

  /** Lets the child write for so long after some acknowledgements, then kills it. Answers what it had printed. */
  async function runAndKill(name: string, ms: number): Promise<readonly string[]> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'child-writer.ts'), path, name],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (_code, signal) => {
        if (signal === 'SIGKILL') resolve();
        else reject(new Error(`the child ended by itself: ${errors}`));
      });
      let isDying = false;
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (isDying || output.split('\n').length <= 15) return;
        isDying = true;
        setTimeout(() => child.kill('SIGKILL'), ms);
      });
    });
    return output.split('\n').slice(0, -1); // the last line may be cut off
  }
});

describe('durability', () => {
  test('what was acknowledged is there after closing and opening again, with its versions and indexes', async () => {
    const first = open();
    await create(first, { pk: 'p', sk: 's', data: { a: 1 }, index: { open: key('i', '1') }, expiresAtMs: 9e12 });
    const item = await first.put({
      item: { pk: 'p', sk: 's', data: { a: 2 }, index: { open: key('i', '2') }, expiresAtMs: 9e12 },
      condition: 1,
      writeId: 'w2',
    });
    first.close();
    opened.pop();
    const second = open();
    expect(await second.get(key('p', 's'))).toEqual(item);
    expect((await readAll(second, { pk: 'i', limit: 5 }, 'open')).items).toEqual([item]);
  });

  test('commits reach the disk, not only the operating system', () => {
    const database = openDatabase({ path });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    database.close();
  });

  test('close commits what is queued; afterwards nothing is taken any more', async () => {
    const store = open();
    opened.pop();
    const queued = create(store, { pk: 'p', sk: 'queued', data: 1 });
    store.close();
    expect((await queued).version).toBe(1);
    await expect(create(store, { pk: 'p', sk: 'late', data: 1 })).rejects.toBeInstanceOf(StoreFileError);
    expect(await sksOf(open(), { pk: 'p', limit: 5 })).toEqual(['queued']);
  });
});

describe('writes of one turn share a commit', () => {
  test('and each has its own outcome, also those that build on each other', async () => {
    const store = open();
    const outcomes = await Promise.allSettled([
      create(store, { pk: 'p', sk: 'a', data: 1 }),
      create(store, { pk: 'p', sk: 'a', data: 2 }),
      store.put({ item: { pk: 'p', sk: 'a', data: 3 }, condition: 1, writeId: 'w3' }),
      store.transact(
        [
          { op: 'put', item: { pk: 'p', sk: 'b', data: 1 }, condition: 'absent' },
          { op: 'check', key: key('p', 'a'), condition: 1 },
        ],
        'w4',
      ),
      store.transact(
        [
          { op: 'put', item: { pk: 'p', sk: 'c', data: 1 }, condition: 'absent' },
          { op: 'check', key: key('p', 'a'), condition: 2 },
        ],
        'w5',
      ),
      store.delete(key('p', 'c'), 1),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect((await readAll(store, { pk: 'p', limit: 5 })).items).toMatchObject([{ sk: 'a', version: 2, data: 3 }]);
  });

  test('10,000 at once all happen, in more than one commit', async () => {
    const store = open();
    await Promise.all(Array.from({ length: 10_000 }, (_, at) => create(store, { pk: 'p', sk: String(at), data: at })));
    expect((await readAll(store, { pk: 'p', limit: 1000 })).items).toHaveLength(10_000);
  });

  test('one that SQLite itself refuses takes no other with it', async () => {
    const store = open();
    raw((database) => {
      database.exec(
        "CREATE TRIGGER refuse BEFORE INSERT ON items WHEN NEW.sk = 'bad' BEGIN SELECT RAISE(FAIL, "
          + "'refused here'); END",
      );
    });
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((sk) => create(store, { pk: 'p', sk, data: 1 })));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject({
      code: 'store_file',
      message: expect.stringContaining('refused here') as unknown,
    });
    const transaction = store.transact(
      ['c', 'bad'].map((sk) => ({ op: 'put', item: { pk: 'p', sk, data: 1 }, condition: 'absent' })),
      newWriteId(),
    );
    await expect(transaction).rejects.toBeInstanceOf(StoreFileError);
    expect(await sksOf(store, { pk: 'p', limit: 5 })).toEqual(['a', 'b']);
  });
});

describe('several processes', () => {
  test('a reader sees what is committed while the writer goes on, and cannot write', async () => {
    const writer = open();
    await create(writer, { pk: 'p', sk: '1', data: 1 });
    const reader = open({ isReadOnly: true });
    expect(await sksOf(reader, { pk: 'p', limit: 5 })).toEqual(['1']);
    await create(writer, { pk: 'p', sk: '2', data: 1 });
    expect(await sksOf(reader, { pk: 'p', limit: 5 })).toEqual(['1', '2']);
    await expect(create(reader, { pk: 'p', sk: '3', data: 1 })).rejects.toBeInstanceOf(StoreFileError);
    expect(await sksOf(writer, { pk: 'p', limit: 5 })).toEqual(['1', '2']);
  });

  test('two writers of one counter lose no update', async () => {
    const stores = [open(), open()];
    await create(stores[0] ?? open(), { pk: 'p', sk: 'n', data: 0 });
    await Promise.all(
      stores.flatMap((store) =>
        [1, 2, 3].map(async () => {
          for (let done = 0; done < 10;) {
            const item = await store.get<number>(key('p', 'n'));
            if (!item) throw new Error('the counter is gone');
            await store
              .put({ item: { pk: 'p', sk: 'n', data: item.data + 1 }, condition: item.version, writeId: newWriteId() })
              .then(
                () => (done += 1),
                (error: unknown) => expect(error).toBeInstanceOf(ConditionFailedError),
              );
          }
        }),
      ),
    );
    expect(await stores[1]?.get(key('p', 'n'))).toMatchObject({ data: 60, version: 61 });
  });

  test('a reader needs a file that exists', () => {
    expect(() => open({ isReadOnly: true })).toThrow(StoreFileError);
  });
});

describe('a file that is not ours', () => {
  test('of a newer version is refused with what to do, and left as it is', () => {
    open();
    raw((database) => {
      database.exec(`PRAGMA user_version = ${String(schemaVersion + 1)}`);
    });
    for (const isReadOnly of [false, true])
      expect(() => open({ isReadOnly })).toThrow(
        /written by a newer Bellows \(schema 2, this one knows 1\); update Bellows/,
      );
    expect(raw((database) => database.prepare('PRAGMA user_version').get())).toEqual({
      user_version: schemaVersion + 1,
    });
  });

  test('of another program is refused', () => {
    open();
    raw((database) => {
      database.exec('DROP TABLE items; PRAGMA user_version = 0; CREATE TABLE theirs (x)');
    });
    expect(() => open()).toThrow(/no store of Bellows/);
  });

  test('that is no database is refused', () => {
    path = join(folder, 'text.db');
    writeFileSync(path, 'this is no database, but a text that is long enough to look at\n'.repeat(50));
    expect(() => open()).toThrow(StoreFileError);
    path = join(path, 'below-a-file', 'store.db');
    expect(() => open()).toThrow(/the folder of .* cannot be made/);
  });
});

describe('expired items', () => {
  const hourMs = 3_600_000;
  const count = (): unknown => raw((database) => database.prepare('SELECT count(*) AS n FROM items').get());

  test('leave the file in small steps with later commits, an hour after their end and not before', async () => {
    const clock = new TestClock();
    const store = open({ clock });
    await Promise.all(
      Array.from({ length: 120 }, (_, at) =>
        create(store, { pk: 'p', sk: String(at), data: at, expiresAtMs: clock.nowMs() + 1000 }),
      ),
    );
    clock.advance(1000 + hourMs - 1);
    await create(store, { pk: 'q', sk: 'a', data: 1 });
    expect(count()).toEqual({ n: 121 });
    clock.advance(hourMs);
    const left: unknown[] = [];
    for (const sk of ['b', 'c', 'd', 'e']) {
      await create(store, { pk: 'q', sk, data: 1 });
      left.push(count());
    }
    expect(left).toEqual([{ n: 72 }, { n: 23 }, { n: 4 }, { n: 5 }]);
  });

  test('can be removed on demand', async () => {
    const clock = new TestClock();
    const store = open({ clock });
    await Promise.all(
      ['1', '2', '3'].map((sk) => create(store, { pk: 'p', sk, data: 1, expiresAtMs: clock.nowMs() + 10 })),
    );
    await create(store, { pk: 'p', sk: 'stays', data: 1 });
    clock.advance(20);
    expect(await store.purgeExpired(clock.nowMs(), 2)).toBe(2);
    expect(await store.purgeExpired(clock.nowMs(), 2)).toBe(1);
    expect(count()).toEqual({ n: 1 });
  });
});

test('no list reads more of the table than its own part', () => {
  const database = openDatabase({ path });
  const planOf = (sql: string): string =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row['detail']))
      .join('; ');
  const unexpired = '(expires_at_ms IS NULL OR expires_at_ms > 1)';
  expect(
    planOf(
      `SELECT data FROM items WHERE pk = 'a' AND sk >= 'b' AND sk < 'c' AND ${unexpired} ORDER BY sk DESC LIMIT 5`,
    ),
  ).toMatch(/^SEARCH items USING INDEX \S+ \(pk=\? AND sk>\? AND sk<\?\)$/);
  for (const [name, column] of [
    ['items_open', 'open'],
    ['items_by_time', 'by_time'],
  ] as const) {
    const place = `(${column}_sk, pk, sk)`;
    const plan = planOf(
      `SELECT data FROM items WHERE ${column}_pk = 'a' AND ${place} > ('b', 'c', 'd') AND ${place} < ('e', 'f', `
        + `'g') AND ${unexpired} ORDER BY ${column}_sk, pk, sk LIMIT 5`,
    );
    expect(plan).toMatch(new RegExp(`^SEARCH items USING INDEX ${name} `));
    expect(plan).not.toContain('TEMP B-TREE');
  }
  database.close();
});
