// What is known of records that are set aside: the log hears of each once, and the pool's list says since when.
import { describe, expect, test } from '@jest/globals';
import type { BadRecord } from '../../../lib/control/records/checked-store.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { SetAsideRecord } from '../../../lib/control/tick/set-aside.ts';
import { BadRecords, noteSetAside, setAsideMessage, withCheckedRecords } from '../../../lib/control/tick/set-aside.ts';
import type { ItemKey } from '../../../lib/ports/store.ts';
import { storeWith } from '../store-with.ts';
import { BareWorld } from '../bare-world.ts';

function bad(key: ItemKey, more: Partial<BadRecord> = {}): BadRecord {
  return { key, version: 1, error: `${key.pk} is broken`, isLeftOut: false, ...more };
}

function met(...records: readonly BadRecord[]): ReadonlyMap<string, BadRecord> {
  return new Map(records.map((one) => [`${one.key.pk} ${one.key.sk}`, one]));
}

function logging(world = new BareWorld()) {
  const lines: unknown[][] = [];
  const ports = { ...world.ports, log: { write: (...line: unknown[]) => void lines.push(line) } };
  return { world, ports, lines, records: new BadRecords(ports) };
}

describe('the log', () => {
  const one = bad(keys.request('r-1'));

  test('hears of a record once, and again when it was written again', () => {
    const { lines, records } = logging();
    for (const version of [1, 1, 2, 2]) records.note({ ...one, version });
    const said = ['error', setAsideMessage, { ...one.key, error: one.error }];
    expect(lines).toEqual([said, said]);
  });

  test('hears of each, in the words of whoever met it', () => {
    const { lines, records } = logging();
    records.note(one, 'other words');
    records.note(bad(keys.request('r-2')));
    expect(lines.map(([, message]) => message)).toEqual(['other words', setAsideMessage]);
  });

  test('hears nothing of what was reported when it was set aside', () => {
    const { lines, records } = logging();
    records.seen(one);
    expect(lines).toEqual([]);
  });

  test('hears of it again after a thousand others', () => {
    const { lines, records } = logging();
    for (let version = 1; version <= 1_000; version += 1) records.note({ ...one, version });
    records.note({ ...one, version: 1 });
    expect(lines.length).toBe(1_000);
    records.note({ ...one, version: 1_001 });
    records.note({ ...one, version: 1 });
    expect(lines.length).toBe(1_002);
  });
});

describe('who watches', () => {
  test('hears of what is met, known or not, until he has seen enough', () => {
    const { records } = logging();
    const [a, b, c] = [bad(keys.request('a')), bad(keys.request('b')), bad(keys.request('c'))];
    records.note(a);
    const watch = records.watch();
    records.note(a);
    records.seen(b);
    watch.close();
    records.note(c);
    records.seen(c);
    expect(watch.met).toEqual(met(a, b));
  });
});

describe('ports with checked records', () => {
  test('note what cannot be read, in the store of now', async () => {
    const { ports, lines } = logging();
    const given: { store: (typeof ports)['store'] } & typeof ports = { ...ports };
    const checked = withCheckedRecords(given);
    const key = keys.request('r-1');
    await ports.store.put({ item: { ...key, data: 'no row' }, condition: 'absent', writeId: 'w' });
    expect(checked.store).toBe(checked.store);
    await checked.store.get(key);
    expect(lines.length).toBe(1);
    let reads = 0;
    given.store = storeWith(ports.store, {
      get: async (one) => {
        reads += 1;
        return ports.store.get(one);
      },
    });
    await ports.store.put({ item: { ...key, data: 'none again' }, condition: 1, writeId: 'x' });
    await checked.store.get(key);
    expect([reads, lines.length]).toEqual([1, 2]);
    expect(checked.store).toBe(checked.store);
  });
});

describe('the list of a pool', () => {
  const listed = async (world: BareWorld) => world.ports.store.get<SetAsideRecord>(keys.setAside('p'));
  const noted = async (world: BareWorld) =>
    (
      await world.ports.store.query<{ code: string; message: string }>({ pk: keys.activities('p'), limit: 99 })
    ).items.map(({ data }) => [data.code, data.message]);
  const row = bad(keys.request('r-1'));

  test('is not written while there is nothing to say', async () => {
    const world = new BareWorld();
    expect(await noteSetAside(world.ports, 'p', met(), 0)).toBe(0);
    expect(world.changes).toEqual([]);
  });

  test('says which records, why, and since when; the activity says it once', async () => {
    const world = new BareWorld();
    const sinceMs = world.nowMs;
    expect(await noteSetAside(world.ports, 'p', met(row), 0)).toBe(1);
    world.nowMs += 1_000;
    expect(await noteSetAside(world.ports, 'p', met(row), 1)).toBe(1);
    expect(await listed(world)).toMatchObject({
      version: 1,
      data: { records: [{ key: row.key, error: row.error, sinceMs }] },
    });
    expect(await noted(world)).toEqual([['set_aside', row.error]]);
  });

  test('keeps since when of what is there still, and begins anew for another error or another record', async () => {
    const world = new BareWorld();
    const sinceMs = world.nowMs;
    const node = bad({ pk: keys.nodes('p'), sk: 'i-1' });
    const worse = { ...row, error: 'worse' };
    const others = [
      { ...node.key, sk: 'i-2' },
      { pk: 'MACHINES#p', sk: node.key.sk },
    ].map((key) => ({ ...node, key }));
    await noteSetAside(world.ports, 'p', met(row, node), 0);
    world.nowMs += 1_000;
    expect(await noteSetAside(world.ports, 'p', met(worse, node, ...others), 2)).toBe(4);
    expect((await listed(world))?.data.records.map((one) => one.sinceMs - sinceMs)).toEqual([1_000, 0, 1_000, 1_000]);
    expect((await noted(world)).length).toBe(5);
  });

  test('is empty once they can be read again', async () => {
    const world = new BareWorld();
    await noteSetAside(world.ports, 'p', met(row), 0);
    expect(await noteSetAside(world.ports, 'p', met(), 1)).toBe(0);
    expect((await listed(world))?.data.records).toEqual([]);
  });

  test('has what is of this pool, as far as the key says, and requests', async () => {
    const world = new BareWorld();
    const own = [keys.lock('p'), keys.setAside('p'), { pk: keys.nodes('p'), sk: 'i-1' }, { pk: keys.pools, sk: 'p' }];
    const others = [keys.lock('q'), { pk: keys.nodes('pp'), sk: 'i-1' }, { pk: keys.pools, sk: 'q' }];
    const all = [...own, row.key, ...others].map((key) => bad(key));
    expect(await noteSetAside(world.ports, 'p', met(...all), 0)).toBe(5);
    expect((await listed(world))?.data.records.map((one) => one.key)).toEqual([...own, row.key]);
  });

  test('has fifty at most', async () => {
    const world = new BareWorld();
    const many = Array.from({ length: 51 }, (_, n) => bad(keys.request(`r-${String(n)}`)));
    expect(await noteSetAside(world.ports, 'p', met(...many), 0)).toBe(50);
    expect((await listed(world))?.data.records.length).toBe(50);
  });
});
