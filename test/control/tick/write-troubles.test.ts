// Which errors of a write are final, what is remembered of them and for how long, and when a plan gives up.
import { describe, expect, test } from '@jest/globals';
import { FencedError, takeLock } from '../../../lib/control/coordination/lock.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { isDefect, SetAside, WriteTroubles } from '../../../lib/control/tick/write-troubles.ts';
import { BellowsError } from '../../../lib/core/values/errors.ts';
import {
  ConditionFailedError,
  ConflictError,
  StoreBoundError,
  ThrottledError,
  UnknownOutcomeError,
} from '../../../lib/ports/store.ts';
import { BareWorld, settings } from '../bare-world.ts';

describe('a write has failed for good', () => {
  test.each([
    ['too large', new StoreBoundError('the item takes 500000 bytes'), true],
    ['an assertion', new BellowsError('broken', 'no'), true],
    ['a type error', new TypeError('x is not a function'), true],
    ['a range error', new RangeError('out of range'), true],
    ['a process that dies', new Error('dies'), false],
    ['no error', { name: 'TypeError', message: 'x' }, false],
    ['a conflict', new ConflictError(), false],
    ['a throttle', new ThrottledError(), false],
    ['no answer', new UnknownOutcomeError(), false],
    ['another was faster', new ConditionFailedError(keys.request('r-1'), null), false],
    ['another has the lock', new FencedError('p'), false],
  ])('%s', (_name, error, wanted) => {
    expect(isDefect(error)).toBe(wanted);
  });
});

describe('suspects', () => {
  test('are those of one pool, for ten minutes', () => {
    const troubles = new WriteTroubles();
    expect([...troubles.suspects('p', 0)]).toEqual([]);
    troubles.note('p', ['a'], 0);
    troubles.note('p', ['b'], 1);
    expect([...troubles.suspects('q', 0)]).toEqual([]);
    expect([...troubles.suspects('p', 599_999)]).toEqual(['a', 'b']);
    expect([...troubles.suspects('p', 600_000)]).toEqual(['b']);
    expect([...troubles.suspects('p', 600_001)]).toEqual([]);
  });

  test('come in the order in which they failed last, and their time begins anew', () => {
    const troubles = new WriteTroubles();
    troubles.note('p', ['a', 'b'], 0);
    troubles.note('p', ['a'], 10);
    expect([...troubles.suspects('p', 20)]).toEqual(['b', 'a']);
    expect([...troubles.suspects('p', 600_005)]).toEqual(['a']);
  });

  test('are news while one of them was not known', () => {
    const troubles = new WriteTroubles();
    expect(troubles.note('p', ['a'], 0)).toBe(true);
    expect(troubles.note('p', ['a'], 1)).toBe(false);
    expect(troubles.note('p', ['a', 'b'], 2)).toBe(true);
    expect(troubles.note('p', [], 3)).toBe(false);
    expect(troubles.note('p', ['a'], 600_002)).toBe(true);
  });

  test('are a thousand at most; those that are known are renewed still', () => {
    const troubles = new WriteTroubles();
    const thousand = Array.from({ length: 1_000 }, (_, n) => `k${String(n)}`);
    troubles.note('p', thousand, 0);
    troubles.note('p', ['more', 'k0'], 1);
    expect([...troubles.suspects('p', 2)]).toEqual([...thousand.slice(1), 'k0']);
  });
});

describe('the writes of a plan', () => {
  const tooLarge = () => Promise.reject(new StoreBoundError('the item takes 500000 bytes'));

  async function plan() {
    const world = new BareWorld();
    const lines: unknown[][] = [];
    const ports = { ...world.ports, log: { write: (...line: unknown[]) => void lines.push(line) } };
    const lock = await takeLock(ports, settings, 'p');
    if (!lock) throw new Error('the lock is free');
    const troubles = new WriteTroubles();
    const noted = async () =>
      (await ports.store.query<{ code: string; message: string }>({ pk: keys.activities('p'), limit: 99 })).items.map(
        ({ data }) => [data.code, data.message],
      );
    return { world, lines, noted, troubles, plan: () => new SetAside({ ports, lock, troubles }) };
  }

  test('answer what they answer', async () => {
    const { plan: next, lines } = await plan();
    const aside = next();
    expect(await aside.unlessDefect('a change', ['a'], async () => 7)).toBe(7);
    expect([aside.count, aside.isNews, lines]).toEqual([0, false, []]);
  });

  test('are set aside when they fail for good: logged each time, noted the first time', async () => {
    const { plan: next, lines, noted, troubles, world } = await plan();
    const aside = next();
    expect(await aside.unlessDefect('a change', ['a', 'b'], tooLarge)).toBeNull();
    expect([aside.count, aside.isNews]).toEqual([1, true]);
    const again = next();
    expect(await again.unlessDefect('a change', ['b'], tooLarge)).toBeNull();
    expect([again.count, again.isNews]).toEqual([1, false]);
    expect(lines).toEqual(
      ['a, b', 'b'].map((about) => [
        'error',
        'a write failed for good and is set aside; the others go on',
        { pool: 'p', what: 'a change', about, error: expect.any(StoreBoundError) },
      ]),
    );
    expect(await noted()).toEqual([
      ['write_failed', 'a change of a, b could not be written and is set aside: the item takes 500000 bytes'],
    ]);
    expect([...troubles.suspects('p', world.nowMs)]).toEqual(['a', 'b']);
  });

  test('name five records, or the pool, and at most a thousand characters of the error', async () => {
    const { plan: next, noted } = await plan();
    const aside = next();
    await aside.unlessDefect('a change', ['a', 'b', 'c', 'd', 'e', 'f'], () =>
      Promise.reject(new StoreBoundError('x'.repeat(1_001))),
    );
    expect((await noted())[0]?.[1]).toBe(
      `a change of a, b, c, d, e could not be written and is set aside: ${'x'.repeat(1_000)}`,
    );
  });

  test('end the tick with what is no defect', async () => {
    const { plan: next, lines } = await plan();
    const aside = next();
    const lost = new FencedError('p');
    await expect(aside.unlessDefect('a change', ['a'], () => Promise.reject(lost))).rejects.toBe(lost);
    expect([aside.count, aside.isNews, lines]).toEqual([0, false, []]);
  });

  test('end the tick when more than twenty fail', async () => {
    const { plan: next } = await plan();
    const aside = next();
    for (let n = 0; n < 20; n += 1) expect(await aside.unlessDefect('a change', ['a'], tooLarge)).toBeNull();
    await expect(aside.unlessDefect('a change', ['a'], tooLarge)).rejects.toThrow('500000 bytes');
    expect(aside.count).toBe(20);
  });
});
