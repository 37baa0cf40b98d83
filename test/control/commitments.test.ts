// Commitments through control: paid capacity is filled first, not beyond what there is, its use is kept and shown.
import { describe, expect, test } from '@jest/globals';
import type { Commitment } from '../../lib/core/catalog/commitments.ts';
import { planDryRun } from '../../lib/control/requests/dry-run.ts';
import { poolSpec, settings, submission, World } from './world.ts';

const day = 24 * 3_600_000;
const ri = (count: number, more: Partial<Commitment> = {}): Commitment =>
  ({ kind: 'reserved-instances', name: 'ri', instanceType: 'm7i.xlarge', count, ...more }) as Commitment;
/** Two fit on an m7i.xlarge. */
const half = { resources: { cpuMilli: 1_900, memoryMib: 6_000, gpu: 0 } };

async function worldWith(commitments: readonly Commitment[], tasks: number, spec = half): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: 20 }, commitments });
  for (let at = 0; at < tasks; at += 1) await world.control.submit(submission(spec));
  await world.run(90);
  return world;
}

async function typesIn(world: World): Promise<readonly string[]> {
  const nodes = (await world.control.listNodes('default')) ?? [];
  return nodes.map((one) => `${one.instanceType} ${one.capacityType}`).sort();
}

async function useIn(world: World) {
  const shown = (await world.control.getPool('default'))?.commitmentUse;
  const { items } = await world.control.pageOfPools({ limit: 10 });
  expect(items.find((one) => one.spec.name === 'default')?.commitmentUse).toEqual(shown);
  return shown;
}

describe('reserved instances', () => {
  test('are launched first, on demand, and what they have no room for is bought as ever', async () => {
    const world = await worldWith([ri(2)], 6);
    const types = await typesIn(world);
    expect(types.filter((one) => one === 'm7i.xlarge on-demand')).toHaveLength(2);
    expect(types.filter((one) => one.endsWith('spot')).length).toBeGreaterThan(0);
    const page = await world.control.listActivity('default', { limit: 50 });
    expect(page?.items.map((one) => one.message).join('\n')).toMatch(
      /is paid for by commitment ri \(0 of its 2 were in use\)/,
    );
  });

  test('that have ended are ignored, and said to have', async () => {
    const world = await worldWith([ri(2, { untilMs: 1 })], 2);
    expect(await typesIn(world)).not.toContain('m7i.xlarge on-demand');
    expect(await useIn(world)).toEqual([{ name: 'ri', used: 0, of: 2, meanToday: 0, isOver: true }]);
  });

  test('their use is kept by the time of day, and written only when it changes', async () => {
    const world = await worldWith([ri(4)], 2);
    expect(await useIn(world)).toMatchObject([{ used: 1, of: 4 }]);
    await world.control.submit(submission({ resources: { cpuMilli: 3_000, memoryMib: 6_000, gpu: 0 } }));
    await world.run(60);
    expect(await useIn(world)).toMatchObject([{ used: 2, of: 4 }]);
    const before = world.changes.filter(({ key }) => key.sk === 'MEMORY').length;
    await world.run(60);
    expect(world.changes.filter(({ key }) => key.sk === 'MEMORY')).toHaveLength(before);
    const [use] = (await useIn(world)) ?? [];
    expect(use?.meanToday).toBeGreaterThan(1);
    expect(use?.meanToday).toBeLessThan(2);
    world.nowMs = Math.ceil(world.nowMs / day) * day + 1_000;
    expect(await useIn(world)).toMatchObject([{ used: 2, meanToday: 2 }]);
  });
});

test('a savings plan has on-demand nodes bought within what it pays for', async () => {
  const plan: Commitment = { kind: 'savings-plan', name: 'sp', usdPerHour: 0.2, discountPercent: 20 };
  const world = await worldWith([plan], 8);
  const nodes = (await world.control.listNodes('default')) ?? [];
  const onDemand = nodes.filter((one) => one.capacityType === 'on-demand');
  const usd = onDemand.reduce((sum, one) => sum + one.priceUsdPerHour, 0);
  expect(usd).toBeGreaterThan(0);
  expect(usd).toBeLessThanOrEqual(0.25 + 1e-9);
  const [use] = (await useIn(world)) ?? [];
  expect(use).toMatchObject({ name: 'sp', of: 0.2, isOver: false });
  expect(use?.used).toBeCloseTo(usd * 0.8, 5);
});

test('a dry run fills what the nodes that are made up leave of them', async () => {
  const world = new World();
  const demand = [{ id: 'r', tenant: 't', count: 8, ...half, requirements: {}, priority: 0, createdAtMs: 0 }];
  const nodes = [{ instanceType: 'm7i.xlarge', zone: 'us-east-1a', capacityType: 'on-demand', count: 1 }];
  const question = { pool: { ...poolSpec, commitments: [ri(2)] }, demand, nodes };
  const plan = await planDryRun(world.ports, settings, question as never);
  expect(plan.launches.filter((one) => one.paidBy === 'ri')).toMatchObject([{ count: 1 }]);
});

test('a commitment of nothing that the pool may buy is refused', async () => {
  const world = new World();
  const spot = { ...poolSpec, requirements: { ...poolSpec.requirements, capacityType: ['spot' as const] } };
  await expect(world.control.putPool({ ...spot, commitments: [ri(1)] })).rejects.toThrow(
    'commitment ri of pool default is of m7i.xlarge, on demand: nothing that the pool may buy',
  );
});
