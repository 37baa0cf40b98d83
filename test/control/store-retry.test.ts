// Writes that can lose to themselves: what is repeated, how often, and how a writer finds out that it had won.
import { describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import {
  indexedKeys,
  inParallel,
  isPassing,
  put,
  queryAll,
  reading,
  removeItem,
  transact,
  update,
  updateWith,
  versioned,
} from '../../lib/control/store/store-retry.ts';
import type { Store, Write } from '../../lib/ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../lib/ports/store.ts';
import { storeWith } from './store-with.ts';

const key = { pk: 'p', sk: 's' };
type Fault = 'throttle' | 'conflict' | 'lose-request' | 'lose-answer';
const errors = {
  throttle: new ThrottledError(),
  conflict: new ConflictError(),
  'lose-request': new UnknownOutcomeError('no answer'),
  'lose-answer': new UnknownOutcomeError('no answer'),
};

/** A store that meets these faults, one with each call of a method, and then none. */
function world(faults: Partial<Record<keyof Store, readonly Fault[]>> = {}) {
  const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async (ms: number) => void sleeps.push(ms) };
  const sleeps: number[] = [];
  const calls: string[] = [];
  const memory = new MemoryStore({ clock });
  const left = new Map(Object.entries(faults).map(([name, list]) => [name, [...list]]));
  const store = new Proxy<Store>(memory, {
    get:
      (target, name: keyof Store) =>
      async (...args: unknown[]) => {
        calls.push(name);
        const fault = left.get(name)?.shift();
        const call = () => (target[name] as (...all: unknown[]) => Promise<unknown>).apply(target, args);
        if (fault === undefined) return call();
        if (fault === 'lose-answer') await call();
        throw errors[fault];
      },
  });
  let ids = 0;
  const random = { next: () => 1, id: () => `w${String((ids += 1))}` };
  return { ports: { store, clock, random }, memory, sleeps, calls };
}
const times = (count: number, fault: Fault): readonly Fault[] => Array.from({ length: count }, () => fault);
const item = (data: unknown, sk = 's') => ({ pk: 'p', sk, data });

test('conflicts, throttles and lost answers pass; nothing else does', () => {
  for (const error of Object.values(errors)) expect(isPassing(error)).toBe(true);
  for (const error of [new Error('x'), new ConditionFailedError(key, null), null]) expect(isPassing(error)).toBe(false);
});

describe('a call', () => {
  test.each<Fault>(['throttle', 'conflict', 'lose-request'])(
    'is repeated after %s, up to eight times',
    async (fault) => {
      const good = world({ get: times(7, fault) });
      expect(await reading(good.ports, () => good.ports.store.get(key))).toBeNull();
      expect(good.sleeps).toEqual([20, 40, 80, 160, 320, 640, 1_000]);
      const bad = world({ get: times(8, fault) });
      await expect(reading(bad.ports, () => bad.ports.store.get(key))).rejects.toBe(errors[fault]);
      expect(bad.calls).toHaveLength(8);
    },
  );

  test('waits for a random part of its pause', async () => {
    const { ports, sleeps } = world({ get: ['throttle'] });
    await reading({ ...ports, random: { ...ports.random, next: () => 0.25 } }, () => ports.store.get(key));
    expect(sleeps).toEqual([5]);
  });

  test('that fails for another reason is not repeated', async () => {
    const { ports } = world();
    let calls = 0;
    const broken = async () => {
      calls += 1;
      throw new Error('a defect');
    };
    await expect(reading(ports, broken)).rejects.toThrow('a defect');
    expect(calls).toBe(1);
  });
});

describe('a put', () => {
  test('whose answer was lost finds that it had won', async () => {
    const { ports, calls } = world({ put: ['lose-answer'] });
    expect(await put(ports, item('mine'), 'absent')).toMatchObject({ data: 'mine', version: 1, writeId: 'w1' });
    expect(calls).toEqual(['put', 'put']);
  });

  test('whose request was lost is made', async () => {
    const { ports, memory } = world({ put: ['lose-request', 'throttle'] });
    await put(ports, item('mine'), 'absent');
    expect((await memory.get(key))?.version).toBe(1);
  });

  test('loses to another one', async () => {
    const { ports, memory } = world();
    await memory.put({ item: item('other'), condition: 'absent', writeId: 'other' });
    await expect(put(ports, item('mine'), 'absent')).rejects.toBeInstanceOf(ConditionFailedError);
    await expect(put(ports, item('mine'), 2)).rejects.toBeInstanceOf(ConditionFailedError);
    expect((await memory.get(key))?.data).toBe('other');
  });
});

describe('a removal', () => {
  test('removes the version that was seen, also when its answer was lost', async () => {
    const { ports, memory } = world({ delete: ['lose-answer', 'throttle'] });
    await memory.put({ item: item(1), condition: 'absent', writeId: 'x' });
    await removeItem(ports, { ...key, version: 1 });
    expect(await memory.get(key)).toBeNull();
  });

  test('leaves what has changed since', async () => {
    const { ports, memory } = world();
    await memory.put({ item: item(1), condition: 'absent', writeId: 'x' });
    await memory.put({ item: item(2), condition: 1, writeId: 'y' });
    await removeItem(ports, { ...key, version: 1 });
    expect((await memory.get(key))?.data).toBe(2);
  });

  test('says what it cannot do', async () => {
    const { ports } = world({ delete: times(8, 'throttle') });
    await expect(removeItem(ports, { ...key, version: 1 })).rejects.toBe(errors.throttle);
  });
});

describe('a transaction', () => {
  const mine: Write = { op: 'put', item: item('mine'), condition: 'absent' };
  const gone: Write = { op: 'delete', key: { pk: 'p', sk: 'old' }, condition: 1 };
  const old = { item: item('old', 'old'), condition: 'absent', writeId: 'x' } as const;

  test('whose answer was lost finds that it had won', async () => {
    const { ports, memory } = world({ transact: ['lose-answer'] });
    await transact(ports, [mine]);
    expect(await memory.get(key)).toMatchObject({ data: 'mine', version: 1, writeId: 'w1' });
  });

  test('finds so though its first write that fails does not show it', async () => {
    const { ports, memory, calls } = world({ transact: ['lose-answer'] });
    await memory.put(old);
    await transact(ports, [gone, mine]);
    expect(calls).toEqual(['transact', 'transact', 'get']);
    expect(await memory.get(key)).toMatchObject({ data: 'mine', version: 1 });
  });

  test('that lost to another one is lost, however its first answer was', async () => {
    for (const faults of [[], ['lose-request'], ['throttle']] as const) {
      const { ports, memory } = world({ transact: faults });
      await memory.put({ item: item('other'), condition: 'absent', writeId: 'other' });
      await memory.put(old);
      await expect(transact(ports, [gone, mine])).rejects.toBeInstanceOf(ConditionFailedError);
      expect((await memory.get(key))?.data).toBe('other');
      expect(await memory.get({ pk: 'p', sk: 'old' })).not.toBeNull();
    }
  });

  test('does not look for itself where no answer was lost', async () => {
    const { ports, memory, calls } = world({ transact: ['conflict'] });
    await memory.put({ item: item('other'), condition: 'absent', writeId: 'other' });
    await expect(transact(ports, [mine])).rejects.toBeInstanceOf(ConditionFailedError);
    expect(calls).toEqual(['transact', 'transact']);
  });

  test('that puts nothing cannot know that it had won', async () => {
    const { ports, memory } = world({ transact: ['lose-answer'] });
    await memory.put(old);
    await expect(transact(ports, [gone])).rejects.toBeInstanceOf(ConditionFailedError);
  });
});

describe('an update', () => {
  const next = (current: { readonly data: unknown } | null) => item(Number(current?.data ?? 0) + 1);

  test('makes the item, changes it, and leaves it where there is nothing to change', async () => {
    const { ports } = world();
    expect(await update(ports, key, next)).toMatchObject({ isChanged: true, item: { data: 1, version: 1 } });
    expect(await update(ports, key, next)).toMatchObject({ isChanged: true, item: { data: 2, version: 2 } });
    expect(await update(ports, key, () => null)).toMatchObject({ isChanged: false, item: { data: 2, version: 2 } });
    expect(await update(ports, { pk: 'p', sk: 'none' }, () => null)).toEqual({ isChanged: false, item: null });
  });

  /** Somebody else changes the item between each read and its write, so often. */
  function racing(count: number) {
    const { ports, memory, sleeps } = world();
    let left = count;
    const get = async <T>(one: typeof key) => {
      const found = await memory.get<T>(one);
      if (left > 0) {
        left -= 1;
        await memory.put({ item: item(10 * (count - left)), condition: found?.version ?? 'absent', writeId: 'other' });
      }
      return found;
    };
    return { ports: { ...ports, store: storeWith(memory, { get }) }, memory, sleeps };
  }

  test.each(['update', 'updateWith'] as const)(
    '%s reads again when another one was faster, up to twenty times',
    async (how) => {
      const change = (ports: ReturnType<typeof racing>['ports']) =>
        how === 'update'
          ? update(ports, key, next)
          : updateWith(ports, key, (current) => ({ item: next(current), others: [] }));
      const { ports, memory, sleeps } = racing(2);
      await change(ports);
      expect((await memory.get(key))?.data).toBe(21);
      expect(sleeps).toEqual([20, 40]);
      const lost = racing(20);
      await expect(change(lost.ports)).rejects.toBeInstanceOf(ConditionFailedError);
      expect(lost.sleeps).toHaveLength(19);
      expect(Math.max(...lost.sleeps)).toBe(320);
      expect((await lost.memory.get(key))?.data).toBe(200);
      const won = racing(19);
      await change(won.ports);
      expect((await won.memory.get(key))?.data).toBe(191);
    },
  );

  test.each(['update', 'updateWith'] as const)('%s does not repeat what is broken', async (how) => {
    const { ports } = world();
    const fail = async () => {
      throw new Error('broken');
    };
    const store = storeWith(ports.store, { put: fail, transact: fail });
    const change =
      how === 'update'
        ? update({ ...ports, store }, key, next)
        : updateWith({ ...ports, store }, key, (current) => ({ item: next(current), others: [] }));
    await expect(change).rejects.toThrow('broken');
  });

  test('with others writes all of them or none', async () => {
    const { ports, memory } = world();
    const other = (condition: 'absent' | number): Write => ({ op: 'put', item: item('x', 'other'), condition });
    const change = (condition: 'absent' | number) =>
      updateWith(ports, key, (current) => ({ item: next(current), others: [other(condition)] }));
    expect(await change('absent')).toEqual({ data: 1, isChanged: true });
    await expect(change('absent')).rejects.toBeInstanceOf(ConditionFailedError);
    expect((await memory.get(key))?.data).toBe(1);
    expect(await updateWith(ports, key, () => null)).toEqual({ data: 1, isChanged: false });
    expect(await updateWith(ports, { pk: 'p', sk: 'none' }, () => null)).toEqual({ data: null, isChanged: false });
  });
});

describe('all pages', () => {
  test('of a query and of an index are read, short ones too', async () => {
    const { ports, memory } = world();
    const paged = new MemoryStore({ clock: ports.clock, pageItemsMax: () => 2 });
    for (const store of [memory, paged]) {
      for (let n = 0; n < 5; n += 1) {
        const one = {
          pk: 'p',
          sk: `${n < 4 ? 'a' : 'b'}${String(n)}`,
          data: n,
          index: { open: { pk: 'i', sk: String(n) } },
        };
        await store.put({ item: one, condition: 'absent', writeId: 'x' });
      }
      const on = { ...ports, store };
      expect((await queryAll(on, 'p')).map((one) => one.data)).toEqual([0, 1, 2, 3, 4]);
      expect((await queryAll(on, 'p', { skPrefix: 'a' })).map((one) => one.data)).toEqual([0, 1, 2, 3]);
      expect((await queryAll(on, 'p', { skFrom: 'a2' })).map((one) => one.data)).toEqual([2, 3, 4]);
      expect((await indexedKeys(on, 'open', 'i')).map((one) => one.sk)).toEqual(['a0', 'a1', 'a2', 'a3', 'b4']);
    }
    expect(await indexedKeys({ ...ports, store: paged }, 'open', 'i', 3)).toHaveLength(4);
  });
});

test('the next begins when any of them ends: a slow one holds up nothing but itself', async () => {
  const ends = new Map<number, () => void>();
  const begun: number[] = [];
  const done = inParallel([0, 1, 2, 3, 4], 2, async (n) => {
    begun.push(n);
    await new Promise<void>((resolve) => ends.set(n, resolve));
    return n;
  });
  const ending = async (n: number): Promise<readonly number[]> => {
    ends.get(n)?.();
    await new Promise((resolve) => setImmediate(resolve));
    return begun;
  };
  expect(begun).toEqual([0, 1]);
  expect(await ending(1)).toEqual([0, 1, 2]);
  expect(await ending(2)).toEqual([0, 1, 2, 3]);
  expect(await ending(3)).toEqual([0, 1, 2, 3, 4]);
  await ending(4);
  await ending(0);
  expect(await done).toEqual([0, 1, 2, 3, 4]);
});

test('the first failure is told at once, and nothing more begins', async () => {
  const begun: number[] = [];
  const { promise: never, resolve: end } = Promise.withResolvers<number>();
  const work = (n: number): Promise<number> => {
    begun.push(n);
    return n === 0 ? never : Promise.reject(new Error(`no ${String(n)}`));
  };
  await expect(inParallel([0, 1, 2, 3], 2, work)).rejects.toThrow('no 1');
  end(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
  expect(await inParallel([], 4, work)).toEqual([]);
});

test('work is done in parallel, so many at once, and answers stay in order', async () => {
  let [running, most] = [0, 0];
  const work = async (n: number): Promise<number> => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return 10 * n;
  };
  expect(await inParallel([3, 1, 2, 5, 4], 2, work)).toEqual([30, 10, 20, 50, 40]);
  expect(most).toBe(2);
  expect(versioned({ ...key, version: 3, writeId: 'w', data: 'x', index: {}, expiresAtMs: null })).toEqual({
    record: 'x',
    version: 3,
  });
});
