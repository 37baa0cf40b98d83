// Who may tick a pool, and when a tick is due, edge by edge: the lock, the fence that outlives it, and wakes.
import { describe, expect, test } from '@jest/globals';
import { withFencedWrites } from '../../lib/control/coordination/fenced-writes.ts';
import { dueSinceMs } from '../../lib/control/coordination/due.ts';
import type { LockRecord, TickState } from '../../lib/control/coordination/lock.ts';
import { readLock, releaseLock, takeLock } from '../../lib/control/coordination/lock.ts';
import { isUnserved, raiseWake, readWake, serveWakes } from '../../lib/control/coordination/wake.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { put, transact } from '../../lib/control/store/store-retry.ts';
import type { ItemKey, PutItem, Store } from '../../lib/ports/store.ts';
import { UnknownOutcomeError } from '../../lib/ports/store.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, settings, World } from './world.ts';

const state: TickState = { nextDueAtMs: 7, openRequests: 3, openClaims: 2, setAside: 1 };

async function taken(world: World) {
  const lock = await takeLock(world.ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  return lock;
}
const expire = (world: World): void => {
  world.nowMs += settings.lockLeaseMs;
};

describe('the lock', () => {
  test('is taken when nobody has had it, and begins the first epoch', async () => {
    const world = new World();
    expect(await readLock(world.ports, 'p')).toBeNull();
    const lock = await taken(world);
    expect(lock).toMatchObject({ pool: 'p', epoch: 1, takenAtMs: world.nowMs });
    expect((await readLock(world.ports, 'p'))?.data).toEqual({
      holder: expect.any(String),
      epoch: 1,
      expiresAtMs: world.nowMs + settings.lockLeaseMs,
      nextDueAtMs: null,
      openRequests: 0,
      openClaims: 0,
      publishing: null,
      setAside: 0,
    });
  });

  test('is another one’s until its lease ends, and then anybody’s', async () => {
    const world = new World();
    await taken(world);
    expire(world);
    world.nowMs -= 1;
    expect(await takeLock(world.ports, settings, 'p')).toBeNull();
    world.nowMs += 1;
    expect((await taken(world)).epoch).toBe(2);
  });

  test('is free once it is released, with what the tick leaves for the next one', async () => {
    const world = new World();
    await releaseLock(world.ports, await taken(world), { ...state, publishing: { failures: 1, nextTryAtMs: 9 } });
    expect((await readLock(world.ports, 'p'))?.data).toMatchObject({ ...state, holder: null, epoch: 1 });
    expect((await taken(world)).item.data).toMatchObject({
      ...state,
      epoch: 2,
      publishing: { failures: 1, nextTryAtMs: 9 },
    });
  });

  test('that a clock took which was far ahead is anybody’s, and its pool is due, released or not', async () => {
    for (const isReleased of [true, false]) {
      const world = new World();
      world.nowMs += 3_600_000;
      const lock = await taken(world);
      const nextDueAtMs = world.nowMs + 5;
      if (isReleased) await releaseLock(world.ports, lock, { ...state, nextDueAtMs });
      world.nowMs -= 3_600_000;
      const since = async () => (await dueSinceMs(world.ports, ['p'])).get('p');
      expect(await since()).toBe(world.nowMs);
      const next = await taken(world);
      expect(next.epoch).toBe(2);
      expect(await since()).toBeUndefined();
      await releaseLock(world.ports, next, { ...state, nextDueAtMs: world.nowMs + 5 });
      expect(await since()).toBeUndefined();
      // A little ahead is nothing to go by.
      world.nowMs -= 150_000;
      expect(await since()).toBeUndefined();
    }
  });

  test('is of one pool alone', async () => {
    const world = new World();
    await taken(world);
    expect(await takeLock(world.ports, settings, 'q')).not.toBeNull();
  });

  test('is not released by whoever has lost it, which the log says', async () => {
    const world = new World();
    const said: unknown[] = [];
    const ports = { ...world.ports, log: { write: (...line: unknown[]) => void said.push(line) } };
    const lost = await taken(world);
    expire(world);
    const next = await taken(world);
    expect(await releaseLock(ports, lost, state)).toBe(false);
    expect((await readLock(ports, 'p'))?.data).toEqual(next.item.data);
    expect(said).toEqual([['warn', expect.stringMatching(/taken over/), { pool: 'p', epoch: 1 }]]);
  });

  test('is taken by one of two at once', async () => {
    const world = new World();
    const both = await Promise.all([1, 2].map(() => takeLock(world.ports, settings, 'p')));
    expect(both.filter((one) => one !== null)).toHaveLength(1);
  });

  test('that could not be read goes on behind the fence', async () => {
    const world = new World();
    await put(world.ports, { ...keys.fence('p'), data: { epoch: 41 } }, 'absent');
    const broken: LockRecord = {
      holder: null,
      epoch: 0,
      expiresAtMs: 0,
      nextDueAtMs: null,
      openRequests: 0,
      isMended: true,
    };
    await put(world.ports, { ...keys.lock('p'), data: broken }, 'absent');
    const lock = await taken(world);
    // The fence may be far behind: the epochs of locks that were taken without raising it are behind the new one, too.
    expect(lock.epoch).toBe(1_000_000_000_041);
    expect((await world.ports.store.get<{ epoch: number }>(keys.fence('p')))?.data.epoch).toBe(lock.epoch);
    expect(lock.item.data).not.toHaveProperty('isMended');
  });

  test.each([1, 2])(
    'is not held where the store fails for good at its write %d: the lock, or the fence',
    async (at) => {
      const world = new World();
      const { store } = world.ports;
      let writes = 0;
      const put: typeof store.put = async (write) => {
        if ((writes += 1) === at) throw new Error('broken');
        return store.put(write);
      };
      await expect(takeLock({ ...world.ports, store: storeWith(store, { put }) }, settings, 'p')).rejects.toThrow(
        'broken',
      );
    },
  );

  test('that cannot be released for another reason is no quiet end', async () => {
    const world = new World();
    const lock = await taken(world);
    const put = async () => {
      throw new Error('broken');
    };
    const ports = { ...world.ports, store: storeWith(world.ports.store, { put }) };
    await expect(releaseLock(ports, lock, state)).rejects.toThrow('broken');
  });
});

describe('the fence', () => {
  const write = (n: number): { op: 'put'; item: PutItem; condition: 'absent' } => ({
    op: 'put',
    item: { pk: 'x', sk: String(n), data: n },
    condition: 'absent',
  });

  test('lets the holder write, also beyond its lease, until there is another one', async () => {
    const world = new World();
    const old = await taken(world);
    await transact(world.ports, [write(1), old.fence]);
    expire(world);
    await transact(world.ports, [write(2), old.fence]);
    const next = await taken(world);
    await expect(transact(world.ports, [write(3), old.fence])).rejects.toMatchObject({ code: 'condition_failed' });
    expect(await world.ports.store.get({ pk: 'x', sk: '3' })).toBeNull();
    await transact(world.ports, [write(3), next.fence]);
  });

  test('stays raised after the lock is released: a holder that wakes up writes nothing', async () => {
    const world = new World();
    const old = await taken(world);
    expire(world);
    const next = await taken(world);
    await releaseLock(world.ports, next, state);
    await expect(transact(world.ports, [write(1), old.fence])).rejects.toMatchObject({ code: 'condition_failed' });
  });

  test.each([5, 6])('is never lowered: whoever finds it at %d takes no lock with epoch 5', async (epoch) => {
    const world = new World();
    const before: LockRecord = { holder: null, epoch: 4, expiresAtMs: 0, nextDueAtMs: null, openRequests: 0 };
    await put(world.ports, { ...keys.lock('p'), data: before }, 'absent');
    await put(world.ports, { ...keys.fence('p'), data: { epoch } }, 'absent');
    expect(await takeLock(world.ports, settings, 'p')).toBeNull();
    expect((await world.ports.store.get<{ epoch: number }>(keys.fence('p')))?.data.epoch).toBe(epoch);
  });

  test('is raised over another one that was raised meanwhile, if that is older', async () => {
    const world = new World();
    const { store } = world.ports;
    await put(
      world.ports,
      { ...keys.lock('p'), data: { holder: null, epoch: 8, expiresAtMs: 0, nextDueAtMs: null, openRequests: 0 } },
      'absent',
    );
    let isFirst = true;
    const racing = storeWith(store, {
      get: async <T>(key: ItemKey) => {
        const found = await store.get<T>(key);
        if (isFirst && key.sk === keys.fence('p').sk && key.pk === keys.fence('p').pk) {
          isFirst = false;
          await put(world.ports, { ...keys.fence('p'), data: { epoch: 3 } }, 'absent');
        }
        return found;
      },
    });
    const lock = await takeLock({ ...world.ports, store: racing }, settings, 'p');
    expect(lock?.epoch).toBe(9);
    expect((await store.get<{ epoch: number }>(keys.fence('p')))?.data.epoch).toBe(9);
  });
});

describe('the fence, where all that a holder wrote is known', () => {
  const write = (n: number): { op: 'put'; item: PutItem; condition: 'absent' } => ({
    op: 'put',
    item: { pk: 'x', sk: String(n), data: n },
    condition: 'absent',
  });
  type Ports = Parameters<typeof takeLock>[0];
  async function begun(store: (world: World) => Partial<Store> = () => ({})) {
    const world = new World();
    const ports: Ports = withFencedWrites(
      { ...world.ports, store: storeWith(world.ports.store, store(world)) },
      keys.isFence,
    );
    const take = async () => {
      const lock = await takeLock(ports, settings, 'p');
      if (!lock) throw new Error('the lock is free');
      return lock;
    };
    const raised = async () => (await ports.store.get<{ epoch: number }>(keys.fence('p')))?.data.epoch;
    const first = await take();
    return { world, ports, take, raised, first };
  }

  test('stays as it is for the next one, and stops both of them when a third takes over', async () => {
    const { world, ports, take, raised, first } = await begun();
    await transact(ports, [write(1), first.fence]);
    await releaseLock(ports, first, state);
    const next = await take();
    expect([next.epoch, await raised()]).toEqual([2, 1]);
    await transact(ports, [write(2), next.fence]);
    expire(world);
    const third = await take();
    expect([third.epoch, await raised()]).toEqual([3, 3]);
    for (const old of [first, next])
      await expect(transact(world.ports, [write(3), old.fence])).rejects.toMatchObject({ code: 'condition_failed' });
    await transact(ports, [write(3), third.fence]);
  });

  test('is raised after a lock that code without this knowledge has released', async () => {
    const { world, ports, take, raised, first } = await begun();
    await releaseLock(ports, first, state);
    const old = await taken(world);
    expect(old.item.data).not.toHaveProperty('isSettled');
    await releaseLock(world.ports, old, state);
    const next = await take();
    expect([next.epoch, await raised()]).toEqual([3, 3]);
  });

  test('is raised after a lost answer, also when a repeat of the write was answered', async () => {
    let isFirst = true;
    const { ports, take, raised, first } = await begun(({ ports: { store } }) => ({
      transact: async (...of) => {
        await store.transact(...of);
        if (!isFirst) return;
        isFirst = false;
        throw new UnknownOutcomeError('lost');
      },
    }));
    await transact(ports, [write(1), first.fence]);
    await releaseLock(ports, first, state);
    await take();
    expect(await raised()).toBe(2);
  });

  test('is raised while something of the last holder is under way, which is refused then', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { ports, take, raised, first } = await begun(({ ports: { store } }) => ({
      transact: async (...of) => {
        await gate.promise;
        await store.transact(...of);
      },
    }));
    const late = transact(ports, [write(1), first.fence]);
    await releaseLock(ports, first, state);
    await take();
    expect(await raised()).toBe(2);
    gate.resolve(undefined);
    await expect(late).rejects.toMatchObject({ code: 'condition_failed', key: keys.fence('p') });
  });

  test('is not passed by what a tick begins to write after its lock was released', async () => {
    const { ports, take, raised, first } = await begun();
    await releaseLock(ports, first, state);
    const next = await take();
    expect(await raised()).toBe(1);
    await expect(transact(ports, [write(1), first.fence])).rejects.toMatchObject({ key: keys.fence('p') });
    await transact(ports, [write(1), next.fence]);
  });

  test('stops one that took the lock and stood still before it looked at the fence', async () => {
    const { world, ports, first } = await begun();
    await releaseLock(ports, first, state);
    const { store } = world.ports;
    let isFirst = true;
    const slow = storeWith(store, {
      get: async <T>(key: ItemKey) => {
        if (isFirst && keys.isFence(key)) {
          isFirst = false;
          expire(world);
          const other = await taken(world);
          await releaseLock(world.ports, other, state);
        }
        return store.get<T>(key);
      },
    });
    expect(await takeLock(withFencedWrites({ ...world.ports, store: slow }, keys.isFence), settings, 'p')).toBeNull();
  });
});

describe('a wake', () => {
  function waking() {
    const world = new World();
    const hints: string[] = [];
    const said: unknown[] = [];
    const bus = { wake: async (pool: string) => void hints.push(pool) };
    const ports = { ...world.ports, bus, log: { write: (...line: unknown[]) => void said.push(line) } };
    return { world, ports, hints, said };
  }

  test('is recorded once, however many raise it, and one hint is sent', async () => {
    const { world, ports, hints } = waking();
    await raiseWake(ports, 'p');
    const atMs = world.nowMs;
    world.nowMs += 5;
    await raiseWake(ports, 'p');
    const wake = await readWake(ports, 'p');
    expect(wake?.data).toEqual({ wanted: 1, served: 0, wantedAtMs: atMs });
    expect([isUnserved(wake), hints]).toEqual([true, ['p']]);
  });

  test('is served, and recorded again by the next one', async () => {
    const { ports, hints } = waking();
    await raiseWake(ports, 'p');
    expect(await serveWakes(ports, 'p')).toMatchObject({ wanted: 1, served: 1 });
    expect(isUnserved(await readWake(ports, 'p'))).toBe(false);
    const served = await readWake(ports, 'p');
    expect((await serveWakes(ports, 'p'))?.served).toBe(1);
    expect((await readWake(ports, 'p'))?.version).toBe(served?.version);
    await raiseWake(ports, 'p');
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 2, served: 1 });
    expect(hints).toHaveLength(2);
  });

  test.each([
    ['the launches', 'query', keys.launches('default')],
    ['the open requests', 'indexKeys', keys.openShards('default')[0]],
    ['the nodes', 'query', keys.nodes('default')],
  ] as const)('raised when a tick has just read %s is unserved when that tick is over', async (_, method, pk) => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.run(60);
    await raiseWake(world.ports, 'default');
    const { store } = world.ports;
    const read = store[method].bind(store) as (...args: readonly unknown[]) => Promise<unknown>;
    const hints: string[] = [];
    let hasRead = false;
    const reading = async (...args: readonly unknown[]) => {
      const answer = await read(...args);
      if (hasRead || !args.some((one) => (one as { pk?: string }).pk === pk)) return answer;
      hasRead = true;
      expect(isUnserved(await readWake(world.ports, 'default'))).toBe(false);
      await raiseWake(world.ports, 'default');
      world.ports.bus.wake = async (pool) => void hints.push(pool);
      return answer;
    };
    Object.assign(store, { [method]: reading });
    expect(await world.control.runTick('default')).toMatchObject({ ran: true, rounds: 1 });
    expect(isUnserved(await readWake(world.ports, 'default'))).toBe(true);
    expect(hints).toEqual(['default']);
  });

  test('that nobody raised is not due, and serving it writes nothing', async () => {
    const { ports } = waking();
    expect(isUnserved(await readWake(ports, 'p'))).toBe(false);
    expect(await serveWakes(ports, 'p')).toBeNull();
    expect(await readWake(ports, 'p')).toBeNull();
  });

  test('remembers the latest report of EC2, without another hint while it is unserved', async () => {
    const { ports, hints } = waking();
    await raiseWake(ports, 'p', 5);
    await raiseWake(ports, 'p', 9);
    const before = await readWake(ports, 'p');
    for (const earlier of [7, 9]) await raiseWake(ports, 'p', earlier);
    expect((await readWake(ports, 'p'))?.version).toBe(before?.version);
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 1, listAfterMs: 9 });
    expect(hints).toHaveLength(1);
    await serveWakes(ports, 'p');
    await raiseWake(ports, 'p', 6);
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 2, served: 1, listAfterMs: 9 });
  });

  test('whose hint cannot be sent is recorded all the same, and the log says so', async () => {
    const { ports, said } = waking();
    const bus = {
      wake: async () => {
        throw new Error('the bus is down');
      },
    };
    await raiseWake({ ...ports, bus }, 'p');
    expect(isUnserved(await readWake(ports, 'p'))).toBe(true);
    expect(said).toEqual([
      ['warn', expect.stringMatching(/could not be sent/), { pool: 'p', error: expect.any(Error) }],
    ]);
  });
});

describe('a pool is due', () => {
  const sinceMs = async (world: World): Promise<number | null> =>
    (await dueSinceMs(world.ports, ['p'])).get('p') ?? null;

  test('since the wake that nobody served, or since its time, whichever is older', async () => {
    const world = new World();
    expect(await sinceMs(world)).toBeNull();
    const wokenAtMs = world.nowMs;
    await raiseWake(world.ports, 'p');
    world.nowMs += 5_000;
    expect(await sinceMs(world)).toBe(wokenAtMs);
    const lock = await taken(world);
    await serveWakes(world.ports, 'p');
    await releaseLock(world.ports, lock, { ...state, nextDueAtMs: world.nowMs + 1 });
    expect(await sinceMs(world)).toBeNull();
    world.nowMs += 2;
    expect(await sinceMs(world)).toBe(world.nowMs - 1);
  });

  test('not while somebody ticks, and again since his lease ended', async () => {
    const world = new World();
    await raiseWake(world.ports, 'p');
    await taken(world);
    expect(await sinceMs(world)).toBeNull();
    expire(world);
    world.nowMs += 7;
    expect(await sinceMs(world)).toBe(world.nowMs - 7);
  });
});
