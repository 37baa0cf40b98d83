// A compact copy of a pool: what it saves a process that has none of its own, and when it is not used.
import { describe, expect, test } from '@jest/globals';
import { MemoryCompactCopies } from '../../../lib/adapters/memory/compact-copies.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { createControl } from '../../../lib/control/index.ts';
import type { ControlSettings } from '../../../lib/control/index.ts';
import { hashOf, packManifest, packPart, unpackManifest } from '../../../lib/control/store/copy/compact/format.ts';
import { CopyTooLargeError, TornCopyError } from '../../../lib/control/store/copy/compact/format.ts';
import { unpackedBytesMax, unpackPart } from '../../../lib/control/store/copy/compact/format.ts';
import { CompactWriter } from '../../../lib/control/store/copy/compact/writer.ts';
import { PoolCopy } from '../../../lib/control/store/copy/pool-copy.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { CopiesUnavailableError } from '../../../lib/ports/store/compact-copies.ts';
import { packText } from '../../../lib/ports/store/packed.ts';
import { settings, submission } from '../world.ts';
import { copied, nodesOf, observed, replaceStore, rowOf, running, tick, wake } from './observed-pool.ts';
import type { Given } from './observed-pool.ts';

/** Several parts, and a copy whenever anything has changed. */
const compact: Partial<ControlSettings> = { copyCheckedMax: 0, compactPartRecords: 10, compactEveryMs: 0 };

class Copies extends MemoryCompactCopies {
  readonly written: string[] = [];
  /** What becomes of what is read. */
  readonly tampered = new Map<string, (bytes: Uint8Array | null) => Uint8Array | null>();

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    this.written.push(name);
    await super.write(name, bytes);
  }

  override async read(name: string): Promise<Uint8Array | null> {
    const bytes = await super.read(name);
    const tampered = this.tampered.get(name);
    return tampered ? tampered(bytes) : bytes;
  }
}

interface Compact extends Given {
  readonly copies: Copies;
  /** Messages of copies, with their reasons. */
  readonly said: string[];
}

function withCopies(own: Partial<ControlSettings> = {}): Compact {
  const given = observed({ ...compact, ...own });
  const copies = new Copies();
  const said: string[] = [];
  Object.assign(given.world.ports, {
    compactCopies: copies,
    log: {
      write: (_level: string, message: string, fields?: { readonly reason?: string }) => {
        if (message.includes('copy')) said.push(fields?.reason ?? message);
      },
    },
  });
  return { ...given, copies, said };
}

/** So many tasks run, and a copy of it is written. */
async function written(given: Compact, tasks: number): Promise<void> {
  await running(given, tasks);
  for (let n = 0; n < 4; n += 1) await tick(given.world);
  expect(lockOf(given).compact).toBeDefined();
  given.said.length = 0;
  given.reads.take();
}

/** One tick of a process that has nothing. What was read of the pool's records. */
async function coldTick(given: Compact, own: Partial<ControlSettings> = {}): Promise<Record<string, number>> {
  const { world, reads } = given;
  const cold = createControl(world.ports, { ...settings, ...copied, ...compact, ...own });
  world.nowMs += 1_000;
  await wake(world);
  reads.take();
  await cold.runTick('default');
  const { REQUEST = 0, NODES = 0, OPEN = 0 } = reads.take();
  return { REQUEST, NODES, OPEN };
}

function lockOf({ store }: Given): LockRecord {
  return store.peek(keys.lock('default'))?.data as LockRecord;
}

function manifestOf(given: Given): string {
  return `default/${String(lockOf(given).compact?.slot)}/manifest`;
}

describe('a process without a copy', () => {
  test('reads documents of nodes and what changed, and no row besides', async () => {
    const given = withCopies();
    await written(given, 40);
    const { world } = given;
    const before = world.cloud.instances().length;
    const id = nodesOf(given)[0]?.assigned[0]?.requestId ?? '';
    await world.control.cancel('default', id);
    const { request } = await world.control.submit(submission({}, 'another'));
    const { REQUEST = 0, NODES = 0, OPEN } = await coldTick(given);
    expect(OPEN).toBe(0);
    expect(NODES).toBeLessThanOrEqual(2 * nodesOf(given).length);
    expect(REQUEST).toBeLessThanOrEqual(4);
    expect(given.said).toEqual(['a compact copy of the pool was loaded']);
    expect(world.cloud.instances()).toHaveLength(before + 1); // there was no room for it
    expect(rowOf(given, request.id).state).toBe('pending');
    expect(nodesOf(given)[0]?.assigned.find((one) => one.requestId === id)?.withdrawn?.reason).toBe('cancelled');
  });

  test('takes what others have left in its first round alone: what it has written since is in no note', async () => {
    const given = withCopies();
    await written(given, 40);
    const { world, said } = given;
    await world.control.submit(submission({}, 'another'));
    const below = world.ports.store;
    let writes = 0;
    const transact: Store['transact'] = async (...all) => {
      await below.transact(...all);
      if (writes === 0) world.nowMs += 2_000;
      writes += 1;
    };
    replaceStore(world, { transact });
    // By its clock changes are listed for long enough only once its first round has written.
    const listedSinceMs = lockOf(given).listedSinceMs ?? 0;
    await coldTick(given, { listedSettleMs: world.nowMs + 2_000 - listedSinceMs });
    expect(writes).toBeGreaterThan(0);
    expect(said.filter((one) => one.includes('loaded'))).toEqual([]);
    expect(said).toContain('there is none that counts');
  });

  test('knows chunks of arrays, and those that a tick has placed since', async () => {
    const given = withCopies({ compactEveryMs: 3_600_000 });
    await written(given, 2);
    const { world } = given;
    const { request } = await world.control.submit(submission({ count: 60 }, 'array'));
    world.ending = (id) => (id.startsWith(request.id) ? { outcome: 'exited', exitCode: 0 } : null);
    for (let n = 0; n < 30; n += 1) {
      world.nowMs += 1_000;
      await coldTick(given, { compactEveryMs: 3_600_000 });
      await world.syncAll();
    }
    expect(rowOf(given, request.id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 60, failed: 0 } });
    expect(new Set(given.said)).toEqual(new Set(['a compact copy of the pool was loaded']));
  });

  test('writes the next copy to the other place, and only when enough has changed', async () => {
    const given = withCopies();
    await written(given, 40);
    for (let n = 0; n < 8; n += 1) await tick(given.world);
    const { slot } = lockOf(given).compact ?? {};
    given.copies.written.length = 0;
    for (let n = 0; n < 3; n += 1) await tick(given.world);
    expect(given.copies.written).toEqual([]);
    await given.world.control.submitBatch(Array.from({ length: 20 }, (_, n) => submission({}, `more-${String(n)}`)));
    for (let n = 0; n < 12; n += 1) await tick(given.world);
    expect(given.copies.written.map((name) => Number(name.split('/')[1]))).not.toContain(slot);
    expect(given.copies.written.at(-1)).toBe(manifestOf(given));
  });

  test('writes one part in each of some ticks that follow one another, and several in ticks with pauses', async () => {
    const copies = new Copies();
    const copy = new PoolCopy('default');
    for (let n = 0; n < 200; n += 1) copy.noteIndexed(keys.openShards('default')[0] ?? '', `p#${String(n)}`, String(n));
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
    const ports = { clock, log: { write: () => {} } };
    const own = { ...settings, ...compact, compactEveryMs: 3_600_000 };
    const kept = { copy, readAnewAtMs: 0, changes: 0, hasDoubtfulRequests: false };
    const writer = new CompactWriter();
    const counts: number[] = [];
    for (const pauseMs of [0, 1_000, 4_000, 20_000, 10_000, 300_000]) {
      nowMs += pauseMs;
      copies.written.length = 0;
      const given = { ports, copies, settings: own, epoch: 1, listedSinceMs: 0 };
      await writer.step(given, { ...kept, position: { listFromMs: 0, pending: [] } }, undefined);
      counts.push(copies.written.length);
    }
    expect(counts).toEqual([1, 1, 1, 4, 2, 4]);
  });

  test('writes no other copy because its two clocks are a fraction apart', async () => {
    const given = withCopies();
    const { world, copies } = given;
    let aheadMs = 0.9;
    world.ports.clock.monotonicMs = () => world.nowMs + aheadMs;
    await written(given, 40);
    for (let n = 0; n < 8; n += 1) await tick(world);
    copies.written.length = 0;
    aheadMs = 0.1;
    for (let n = 0; n < 3; n += 1) await tick(world);
    expect(copies.written).toEqual([]);
  });
});

describe('a compact copy is not used, and the reason is said,', () => {
  const flipped = (bytes: Uint8Array | null): Uint8Array | null =>
    bytes && Uint8Array.from(bytes, (byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));

  test.each([
    ['lost', () => null, 'nothing is at'],
    ['cut short', (bytes: Uint8Array | null) => bytes?.subarray(0, 5) ?? null, 'is not the one that was written'],
    ['another by one bit', flipped, 'is not the one that was written'],
    [
      'not answered',
      () => {
        throw new CopiesUnavailableError('no answer');
      },
      'no answer',
    ],
  ])('whose manifest or part is %s', async (_what, tampered, reason) => {
    const given = withCopies();
    await written(given, 40);
    const slot = String(lockOf(given).compact?.slot);
    for (const name of ['manifest', '0', '3']) {
      given.said.length = 0;
      given.copies.tampered.clear();
      given.copies.tampered.set(`default/${slot}/${name}`, tampered);
      expect((await coldTick(given))['OPEN']).toBe(40);
      expect(given.said[0]).toContain(reason);
      given.copies.tampered.clear();
      for (let n = 0; n < 4; n += 1) await tick(given.world);
      if (String(lockOf(given).compact?.slot) !== slot) break;
    }
  });

  test('after a tick that left no note', async () => {
    const given = withCopies();
    await written(given, 20);
    const { store, world } = given;
    const lock = store.peek(keys.lock('default'));
    const { noted: _noted, ...data } = lock?.data as LockRecord;
    await store.put({ item: { ...keys.lock('default'), data }, condition: lock?.version ?? 0, writeId: 'test' });
    expect((await coldTick(given))['OPEN']).toBe(20);
    expect(given.said[0]).toContain('has left no note');
    await tick(world);
  });

  test('once its records were not read from the store for long', async () => {
    const given = withCopies();
    await written(given, 20);
    given.world.nowMs += 1_000_000;
    expect((await coldTick(given))['OPEN']).toBe(0);
    await given.world.syncAll();
    given.world.nowMs += 2_700_000;
    await given.world.syncAll();
    expect((await coldTick(given))['OPEN']).toBe(20);
    expect(given.said.at(-1)).toBe('it is too old');
  });

  test('where a row has changed that nobody listed', async () => {
    const given = withCopies();
    await written(given, 20);
    const id = nodesOf(given)[0]?.assigned[0]?.requestId ?? '';
    const item = given.store.peek(keys.request(id));
    if (!item) throw new Error('no row');
    await given.store.put({ item: { ...item, data: item.data }, condition: item.version, writeId: 'test' });
    expect((await coldTick(given, { copyCheckedMax: 100 }))['OPEN']).toBeGreaterThanOrEqual(20);
    expect(given.said.at(-1)).toBe('the change list does not explain all that has changed');
  });
});

test('small pools write none', async () => {
  const given = withCopies({ copiedFromRecords: 500 });
  await running(given, 40);
  for (let n = 0; n < 4; n += 1) await tick(given.world);
  expect(given.copies.written).toEqual([]);
  expect(lockOf(given)).not.toHaveProperty('noted');
  expect(lockOf(given)).not.toHaveProperty('compact');
});

test('a copy that is too large to be read is not written, and its tick ends well', async () => {
  const given = withCopies();
  await running(given, 20);
  given.copies.write = async () => {
    throw new CopyTooLargeError('too large');
  };
  await given.world.control.submitBatch(Array.from({ length: 20 }, (_, n) => submission({}, `more-${String(n)}`)));
  for (let n = 0; n < 3; n += 1) await tick(given.world);
  expect(lockOf(given)).toMatchObject({ holder: null });
  expect(lockOf(given)).toHaveProperty('noted');
  expect(given.said).toContain('the compact copy of a pool could not be written; the one before stays');
});

test('writes that fail leave the copy before, and say so', async () => {
  const given = withCopies();
  await written(given, 40);
  const before = lockOf(given).compact;
  given.copies.write = async () => {
    throw new CopiesUnavailableError('no answer');
  };
  await given.world.control.submitBatch(Array.from({ length: 20 }, (_, n) => submission({}, `more-${String(n)}`)));
  for (let n = 0; n < 3; n += 1) await tick(given.world);
  expect(lockOf(given).compact).toEqual(before);
  expect(given.said).toContain('the compact copy of a pool could not be written; the one before stays');
  const { OPEN } = await coldTick(given);
  expect(OPEN).toBe(0);
});

describe('the format', () => {
  const manifest = {
    ...{ pool: 'default', epoch: 7, listedSinceMs: 1, readAnewAtMs: 2, listFromMs: 3, parts: ['a', 'b'] },
    pending: [{ key: keys.chunk('r-1', 12), version: 3 }],
  };

  test('gives a manifest back, and nothing where its hash is another', () => {
    const bytes = packManifest(manifest);
    expect(unpackManifest(bytes, hashOf(bytes))).toEqual(manifest);
    expect(() => unpackManifest(bytes, 'other')).toThrow('the manifest is not the one that was written');
  });

  test('takes nothing that is too large, or no JSON, though it has its hash', () => {
    const spaces = packText(' '.repeat(unpackedBytesMax + 1));
    expect(() => unpackPart(spaces, hashOf(spaces), 2)).toThrow(TornCopyError);
    const cut = packText('{"rows":[');
    expect(() => unpackPart(cut, hashOf(cut), 2)).toThrow('part 2 cannot be unpacked');
  });

  test('gives no part that would not be read', () => {
    const sk = 'x'.repeat(unpackedBytesMax);
    const part = { rows: [], places: [['r-1', 'OPEN', sk] as const], chunks: [] };
    expect(() => packPart(part)).toThrow(CopyTooLargeError);
  });

  test('spreads chunks over parts like everything else', () => {
    const copy = new PoolCopy('default');
    const item = { version: 1, writeId: 'w', data: {}, index: {}, expiresAtMs: null };
    const chunks = Array.from({ length: 400 }, (_, n) => ({ ...keys.chunk('r-1', n), ...item }));
    copy.setChunks('r-1', keys.chunkPrefix, chunks);
    expect(copy.size).toBe(400);
  });

  test('gives rows, places and chunks back, whatever the number of parts', () => {
    const copy = new PoolCopy('default');
    const [openPk = ''] = keys.openShards('default');
    const item = (id: string, sk: string | null) => ({
      ...keys.request(id),
      version: 5,
      writeId: 'w',
      data: { pool: 'default', spec: { type: 'task' } },
      index: sk === null ? {} : { open: { pk: openPk, sk } },
      expiresAtMs: null,
    });
    for (let n = 0; n < 50; n += 1)
      copy.note(keys.request(`r-${String(n)}`), item(`r-${String(n)}`, `p#${String(n)}`), 0, false);
    copy.noteIndexed(openPk, 'p#x', 'waits');
    copy.setChunks('r-3', 'CHUNK#000001', [{ ...item('r-3', null), ...keys.chunk('r-3', 1) }]);
    for (const count of [1, 3, 64]) {
      const read = new PoolCopy('default');
      const parts = copy.spread(count);
      expect(parts.length).toBe(count);
      for (const [at, ids] of parts.entries()) {
        const bytes = packPart(copy.part(ids));
        read.fill(unpackPart(bytes, hashOf(bytes), at));
      }
      expect(read.size).toBe(copy.size);
      expect(read.row('r-7', 0)).toEqual(copy.row('r-7', 0));
      expect(read.request('waits').place).toEqual({ pk: openPk, sk: 'p#x' });
      expect(read.chunksFrom('r-3', 'CHUNK#000001')).toEqual(copy.chunksFrom('r-3', 'CHUNK#000001'));
    }
  });
});
