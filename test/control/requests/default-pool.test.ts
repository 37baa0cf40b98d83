// Where requests go that name no pool: the name of a pool never decides it.
import { describe, expect, test } from '@jest/globals';
import { PoolRefusedError } from '../../../lib/control/errors.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { poolSpec, submission, World } from '../world.ts';

async function poolOf(...pools: readonly Partial<PoolSpec>[]): Promise<string> {
  const world = new World();
  for (const pool of pools) {
    world.nowMs += 1_000;
    await world.control.putPool({ ...poolSpec, ...pool });
  }
  return (await world.control.submit(submission())).request.pool;
}

const [alpha, standard, zeta] = [{ name: 'alpha' }, { name: 'default' }, { name: 'zeta' }];
const isDefault = true as const;

describe('a request without a pool goes to', () => {
  test.each<[string, readonly Partial<PoolSpec>[], string]>([
    ['the one that is marked', [standard, alpha, { ...zeta, isDefault }], 'zeta'],
    [
      'the one that is marked, whatever priority others have',
      [
        { ...alpha, priority: 9 },
        { ...zeta, isDefault },
      ],
      'zeta',
    ],
    ['the one of the highest priority, where none is marked', [standard, { ...zeta, priority: 1 }], 'zeta'],
    ['the one named default, where nothing else decides', [alpha, standard], 'default'],
    ['the oldest, where nothing else decides', [zeta, alpha], 'zeta'],
    [
      'of several that are marked the one of higher priority',
      [
        { ...alpha, isDefault },
        { ...zeta, isDefault, priority: 1 },
      ],
      'zeta',
    ],
    [
      'another, where the marked one takes no such request',
      [{ ...zeta, isDefault, accepts: ['storage'] }, alpha],
      'alpha',
    ],
    [
      'another, where the marked one is for other tenants',
      [{ ...zeta, isDefault, tenants: ['other'] }, alpha],
      'alpha',
    ],
    ['one that is for its tenant', [{ ...zeta, isDefault, tenants: ['other', 'default'] }, alpha], 'zeta'],
    [
      'another, where the marked one can never carry it',
      [{ ...zeta, isDefault, requirements: { instanceType: ['t3.nano'] } }, alpha],
      'alpha',
    ],
  ])('%s', async (_what, pools, wanted) => {
    expect(await poolOf(...pools)).toBe(wanted);
  });

  test('none, where every pool is for other tenants; one that is named refuses it, and has what it took', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, ...zeta });
    const taken = await world.control.submit(submission({}, 'key'));
    await world.control.putPool({ ...poolSpec, ...zeta, tenants: ['other'] });
    await expect(world.control.submit(submission())).rejects.toThrow('no pool here takes requests of default');
    await expect(world.control.submit({ ...submission(), pool: 'zeta' })).rejects.toThrow(PoolRefusedError);
    const repeat = await world.control.submit(submission({}, 'key'));
    expect([repeat.isRepeat, repeat.request.id]).toEqual([true, taken.request.id]);
  });

  test('none, where no pool accepts its type: what to add is said', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, ...zeta, accepts: ['storage'] });
    await expect(world.control.submit(submission())).rejects.toThrow(
      'no pool accepts requests of type task; add task to the accepts of one',
    );
    await expect(world.control.submit({ ...submission(), pool: 'zeta' })).rejects.toThrow(
      'pool zeta does not accept requests of type task; add task to its accepts, or name another pool',
    );
  });

  test('pools are listed page by page, by name', async () => {
    const world = new World();
    for (const name of ['c', 'a', 'b']) await world.control.putPool({ ...poolSpec, name });
    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await world.control.pageOfPools({ limit: 2, cursor });
      expect(page.items.length).toBeLessThanOrEqual(2);
      names.push(...page.items.map((one) => one.spec.name));
      cursor = page.nextCursor;
    }
    expect(names).toEqual(['a', 'b', 'c']);
    await world.control.deletePool('b');
    expect((await world.control.pageOfPools({ limit: 9 })).items.map((one) => one.spec.name)).toEqual(['a', 'c']);
  });
});
