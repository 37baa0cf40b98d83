// Quotes through control: the pool's own decision on what is there, priced for as long as tasks last, and that nothing
// is written.
import { expect, test } from '@jest/globals';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { planDryRun } from '../../lib/control/requests/dry-run.ts';
import type { Quote } from '../../lib/control/use-cases.ts';
import { poolSpec, settings, submission, World } from './world.ts';

async function quoted(world: World, spec: Parameters<typeof submission>[0] = {}): Promise<Quote> {
  return world.control.quote(submission({ expectedDurationMs: 3_600_000, ...spec }));
}

const both = { ...poolSpec, requirements: { ...poolSpec.requirements, capacityType: ['spot', 'on-demand'] } } as const;

test('an empty pool buys, by capacity type; the cheaper one is what is bought as it was asked', async () => {
  const world = new World();
  await world.control.putPool(both);
  const before = world.changes.length;
  const { offers, lasting, isBootGuessed } = await quoted(world);
  expect(offers.map((one) => [one.capacityType, one.kind])).toEqual([
    [null, 'bought'],
    ['on-demand', 'bought'],
    ['spot', 'bought'],
  ]);
  const [asked, onDemand, spot] = offers;
  expect(spot?.usd?.p50).toBeLessThan(onDemand?.usd?.p50 ?? 0);
  expect(asked?.usd).toEqual(spot?.usd);
  expect([lasting.basis, isBootGuessed]).toEqual(['declared', true]);
  expect(asked?.startsMs).toEqual({ p50: 60_000, p90: 120_000 });
  expect(asked?.endsMs).toEqual({ p50: 3_660_000, p90: 3_720_000 });
  expect(world.changes).toHaveLength(before);
});

test('a share of the pool on demand is in the quote and in a dry run, as it is bought', async () => {
  const world = new World();
  await world.control.putPool({ ...both, onDemand: { baseVcpu: 0, percent: 100 } });
  const [asked, onDemand, spot] = (await quoted(world)).offers;
  expect(asked?.usd).toEqual(onDemand?.usd);
  expect(spot?.usd?.p50).toBeLessThan(asked?.usd?.p50 ?? 0);
  const plan = async (percent: number) => {
    const { spec, tenant } = submission({ resources: { cpuMilli: 3_000, memoryMib: 64, gpu: 0 } });
    const { resources, requirements } = spec as TaskSpec;
    const demand = [{ id: 'd', tenant, count: 4, resources, requirements, priority: 0, createdAtMs: 0 }];
    const pool = { ...both, onDemand: { baseVcpu: 0, percent } };
    return planDryRun(world.ports, settings, { pool, demand, nodes: [] } as never);
  };
  const [none, all] = [await plan(0), await plan(100)];
  const typesOf = ({ launches }: typeof none) => launches.flatMap((one) => one.offerings[0]?.capacityType ?? []);
  expect(new Set(typesOf(none))).toEqual(new Set(['spot']));
  expect(new Set(typesOf(all))).toEqual(new Set(['on-demand']));
  const sum = all.launches.reduce((usd, one) => usd + one.count * (one.offerings[0]?.priceUsdPerHour ?? 0), 0);
  expect(all.costUsdPerHour).toBeCloseTo(sum, 9);
  expect(all.gapPercent).toBeCloseTo(100 * (all.costUsdPerHour / (all.lowerBoundUsdPerHour ?? 1) - 1), 9);
});

test("what an hour costs is the task's share of the node, for each task of an array", async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const half = { resources: { cpuMilli: 1_000, memoryMib: 64, gpu: 0 } };
  const one = await quoted(world, half);
  const ten = await quoted(world, { ...half, count: 10 });
  const [launch] = one.offers[0]?.launches ?? [];
  expect(one.offers[0]?.usd?.p50).toBeLessThanOrEqual(launch?.usdPerHour ?? 0);
  expect(ten.offers[0]?.usd?.p50).toBeGreaterThan(5 * (one.offers[0]?.usd?.p50 ?? Infinity));
});

test('where there is room it starts now; where limits are reached nobody knows when, and it says why', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: 1 } });
  await world.control.submit(submission({ resources: { cpuMilli: 500, memoryMib: 64, gpu: 0 } }));
  await world.run(90);
  const small = await quoted(world, { resources: { cpuMilli: 50, memoryMib: 32, gpu: 0 } });
  expect(small.offers[0]).toMatchObject({ kind: 'placed', startsMs: { p50: 0, p90: 0 } });
  expect(small.isBootGuessed).toBe(false);
  const large = await quoted(world, { resources: { cpuMilli: 4_000, memoryMib: 512, gpu: 0 } });
  expect(large.offers[0]).toMatchObject({ kind: 'waits', startsMs: null, endsMs: null, usd: null });
  expect(large.offers[0]?.message).toContain('limits.instances');
});

test('what would be refused is refused', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await expect(quoted(world, { resources: { cpuMilli: 1, memoryMib: 99_999_999, gpu: 0 } })).rejects.toMatchObject({
    code: 'unsatisfiable',
  });
  await expect(quoted(world, { mounts: [{ request: 'r-none', path: '/data' }] })).rejects.toMatchObject({
    code: 'unsatisfiable',
    message: expect.stringMatching(/^mounts name r-none, which is no storage request/) as unknown as string,
  });
});

test('what would wait for room is not said to be bought where something is bought for others', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, patienceMs: 60_000 });
  const resources = { cpuMilli: 1_900, memoryMib: 512, gpu: 0 };
  await world.control.submit(submission({ resources, expectedDurationMs: 87_000 }));
  // It ends in two seconds, and a node boots in three.
  await world.run(90);
  expect((await quoted(world, { resources })).offers[0]).toMatchObject({ kind: 'waits', launches: [] });
  await world.control.submit(submission({ resources, count: 2, gang: true }));
  expect((await quoted(world, { resources })).offers[0]).toMatchObject({ kind: 'waits', launches: [], startsMs: null });
});
