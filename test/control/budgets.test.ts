// Budgets through control: what is spent holds back and says so, what runs goes on, and the next day it starts.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

const day = 24 * 3_600_000;

async function stateOf(world: World, tenant: string, id: string): Promise<readonly [string, string | null, string]> {
  const found = await world.control.getRequest(tenant, id);
  return [found?.state ?? 'unknown', found?.reason ?? null, found?.timeline.at(-1)?.message ?? ''];
}

/** Seconds in which the pool of that name has nodes. */
async function runOther(world: World, seconds: number): Promise<void> {
  for (let at = 0; at < seconds; at += 1) {
    world.nowMs += 1_000;
    await world.tickDue();
    await world.syncAll('other');
  }
}

async function submitted(world: World, tenant: string, pool?: string): Promise<string> {
  const { request } = await world.control.submit({ ...submission(), tenant, pool: pool ?? null });
  return request.id;
}

test('a pool whose budget of the day is spent starts nothing more until midnight', async () => {
  const world = new World();
  world.nowMs = Math.ceil(world.nowMs / day) * day - 600_000;
  await world.control.putPool(poolSpec);
  await submitted(world, 'ann');
  await world.run(120);
  await world.control.putPool({ ...poolSpec, budget: { usdPerDay: 0.000001 } });
  const id = await submitted(world, 'ann');
  await world.run(60);
  const [state, reason, message] = await stateOf(world, 'ann', id);
  expect([state, reason]).toEqual(['pending', 'budget_spent']);
  expect(message).toMatch(/^budget\.usdPerDay of pool default is 0\.000001 USD, and .* spent today \(UTC\)/);
  // Nothing is written while it waits.
  await world.run(60);
  const before = world.changes.filter(({ key }) => key.sk === 'WHY').length;
  await world.run(60);
  expect(world.changes.filter(({ key }) => key.sk === 'WHY')).toHaveLength(before);
  await world.control.putPool({ ...poolSpec, budget: { usdPerDay: 1 } });
  await world.run(120);
  expect((await stateOf(world, 'ann', id)).slice(0, 2)).toEqual(['succeeded', null]);
});

test('a tenant is stopped over all pools, others are not; a raised budget is noticed without a wake', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.putPool({ ...poolSpec, name: 'other' });
  await submitted(world, 'ann');
  await world.run(240);
  await world.control.putTenant({ name: 'ann', weight: 1, budget: { usdPerMonth: 0.0000001 } });
  const [ann, bob] = [await submitted(world, 'ann', 'other'), await submitted(world, 'bob', 'other')];
  await runOther(world, 120);
  expect((await stateOf(world, 'bob', bob))[0]).toBe('succeeded');
  const [state, reason, message] = await stateOf(world, 'ann', ann);
  expect([state, reason]).toEqual(['pending', 'budget_spent']);
  expect(message).toContain('budget.usdPerMonth of tenant ann is 1e-7 USD');
  await world.control.putTenant({ name: 'ann', weight: 1, budget: { usdPerMonth: 10 } });
  await runOther(world, 240);
  expect((await stateOf(world, 'ann', ann)).slice(0, 2)).toEqual(['succeeded', null]);
});

test('a pool buys no faster than its budget pays for an hour', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, budget: { usdPerDay: 0.0001 } });
  const id = await submitted(world, 'ann');
  await world.run(30);
  const [state, reason, message] = await stateOf(world, 'ann', id);
  expect([state, reason]).toEqual(['pending', 'limit_reached']);
  expect(message).toContain('what is left of budget.usdPer');
});
