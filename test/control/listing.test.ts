// The list of requests: complete, newest first, nothing twice, however they came and however it is paged.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { keys } from '../../lib/control/keys.ts';
import { isHold } from '../../lib/core/holds/hold.ts';
import type { RequestRecord } from '../../lib/core/request.ts';
import { poolSpec, submission, World } from './world.ts';

async function listAll(world: World, limit: number, tenant = 'default'): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page = await world.control.listRequests({ tenant, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map((one) => one.id));
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
  throw new Error('the list does not end');
}

describe('the list of requests', () => {
  test('single ones and batches, repeats included, in pages of any size', async () => {
    const step = fc.record({ keys: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 }), isSingle: fc.boolean(), afterMs: fc.constantFrom(0, 0, 1, 500) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
      const world = new World();
      await world.control.putPool(poolSpec);
      const createdAtMs = new Map<string, number>();
      for (const { keys, isSingle, afterMs } of steps) {
        world.nowMs += afterMs;
        const all = keys.map((key) => submission({}, `key-${String(key)}`));
        const results = isSingle ? await Promise.all(all.map((one) => world.control.submit(one))) : await world.control.submitBatch(all);
        for (const one of results) {
          if (one instanceof Error) throw one;
          if (!one.isRepeat) createdAtMs.set(one.request.id, world.nowMs);
        }
      }
      const ids = await listAll(world, limit);
      expect([...ids].sort()).toEqual([...createdAtMs.keys()].sort());
      const times = ids.map((id) => createdAtMs.get(id) ?? 0);
      expect(times).toEqual([...times].sort((a, b) => b - a));
    }), { numRuns: 60 });
  });

  test('a large batch is opened piece by piece; what comes meanwhile does not shift the pages', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    const results = await world.control.submitBatch(Array.from({ length: 450 }, () => submission()));
    const first = await world.control.listRequests({ tenant: 'default', limit: 120 });
    world.nowMs += 5;
    await world.control.submitBatch([submission(), submission()]);
    const rest: string[] = [];
    for (let cursor = first.nextCursor; cursor !== null;) {
      const page = await world.control.listRequests({ tenant: 'default', limit: 120, cursor });
      rest.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor;
    }
    const all = [...first.items.map((one) => one.id), ...rest];
    expect(all.length).toBe(450);
    expect(new Set(all)).toEqual(new Set(results.map((one) => (one instanceof Error ? '' : one.request.id))));
    expect(await listAll(world, 1_000, 'somebody else')).toEqual([]);
  });

  test('what is open for longer than its batch is listed lists itself, and is listed once', async () => {
    const world = new World({ settings: { keepEndedMs: 60_000 } });
    await world.control.putPool({ ...poolSpec, limits: { instances: 1 }, tasksPerNode: 1 });
    world.ending = () => null;
    await world.control.submitBatch([submission(), submission(), submission({ count: 30 })]);
    const ids = (await listAll(world, 10)).sort();
    expect(ids.length).toBe(3);
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await world.run(30);
      expect((await listAll(world, 10)).sort()).toEqual(ids);
      const rows = await world.ports.store.getMany<RequestRecord>(ids.map((id) => keys.request(id)));
      expect(rows.map((row) => row?.data.batch !== undefined)).toEqual(ids.map(() => minutes < 1));
      world.nowMs += 30_000;
    }
    // Its entry is gone by now.
    world.nowMs += 24 * 3_600_000;
    expect((await listAll(world, 10)).sort()).toEqual(ids);
  });

  test('ended ones are listed as long as they are kept, filtered by state, and a cursor of another list is refused', async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.control.submitBatch([submission(), submission({ priority: 1 })]);
    await world.run(10);
    const ended = await world.control.listRequests({ tenant: 'default', limit: 1, state: 'succeeded' });
    expect(ended.items.map((one) => (isHold(one) ? null : one.state))).toEqual(['succeeded']);
    expect((await world.control.listRequests({ tenant: 'default', limit: 10, state: 'pending' })).items).toEqual([]);
    for (const cursor of ['nonsense', '', Buffer.from('00000000000000').toString('base64url'), `${ended.nextCursor ?? ''}x`]) {
      await expect(world.control.listRequests({ tenant: 'default', limit: 1, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
    world.nowMs += 8 * 24 * 3_600_000;
    expect(await listAll(world, 10)).toEqual([]);
  });
});
