// What a tenant sees of others: that a pool is used and what it costs in all, not by whom.
import { expect, test } from '@jest/globals';
import type { Submission } from '../../lib/control/use-cases.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './claims/world.ts';

async function shared(): Promise<{ world: ClaimWorld; ids: Record<string, string> }> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const ids: Record<string, string> = {};
  for (const tenant of ['acme', 'globex', 'initech']) {
    for (const spec of [storageSpec, machineSpec]) {
      const submission: Submission = {
        tenant,
        idempotencyKey: null,
        pool: null,
        spec,
        canonicalBody: JSON.stringify(spec),
      };
      ids[`${tenant} ${spec.type}`] = (await world.control.submit(submission)).request.id;
    }
  }
  for (let ticks = 0; ticks < 20; ticks += 1) {
    world.nowMs += 1_000;
    for (const pool of await world.control.duePools()) await world.control.runTick(pool);
  }
  return { world, ids };
}

test('stats name a tenant to itself; the others are one row, and the sums are the same', async () => {
  const { world } = await shared();
  const [operator, own, stranger] = [
    await world.control.stats('acme', true),
    await world.control.stats('acme'),
    await world.control.stats('nobody'),
  ];
  const tenantsIn = (claimed = operator.claimed): string[] => [...new Set(claimed?.map((one) => one.tenant))].sort();
  expect([tenantsIn(), tenantsIn(own.claimed), tenantsIn(stranger.claimed)]).toEqual([
    ['acme', 'globex', 'initech'],
    ['(others)', 'acme'],
    ['(others)'],
  ]);
  for (const stats of [own, stranger]) {
    const sum = (
      pick: (one: NonNullable<typeof operator.claimed>[number]) => number,
      claimed = stats.claimed,
    ): number => (claimed ?? []).reduce((total, one) => total + pick(one), 0);
    expect(sum((one) => one.requests)).toBe(6);
    expect(sum((one) => one.usdPerHour)).toBeCloseTo(
      sum((one) => one.usdPerHour, operator.claimed),
      9,
    );
    expect({ ...stats, claimed: null }).toEqual({ ...operator, claimed: null });
  }
});

test('the activity of a pool names requests to their tenant and to operators only', async () => {
  const { world, ids } = await shared();
  const messages = async (reader?: string): Promise<string> =>
    JSON.stringify((await world.control.listActivity('default', { limit: 1_000 }, reader))?.items);
  const named = (text: string): string[] => Object.keys(ids).filter((what) => text.includes(ids[what] ?? '?'));
  expect(named(await messages())).toContain('globex virtual_machine');
  expect(named(await messages('acme'))).toEqual(named(await messages()).filter((what) => what.startsWith('acme')));
  expect(await messages('acme')).toContain('another request');
});
