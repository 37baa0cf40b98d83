// Own prices of a pool through control: what is bought, what it costs, and that a slip of the pen is refused.
import { expect, test } from '@jest/globals';
import { planDryRun } from '../../lib/control/requests/dry-run.ts';
import { poolSpec, settings, submission, World } from './world.ts';

const dear = { ...poolSpec, prices: [{ instanceType: 'c7i.*', discountPercent: 90 }] };

async function nodeOf(world: World, pool: typeof poolSpec) {
  world.ending = () => null;
  await world.control.putPool(pool);
  await world.control.submit(submission());
  await world.run(60);
  const [node] = (await world.control.listNodes(pool.name)) ?? [];
  if (!node) throw new Error('no node was bought');
  return node;
}

test('a family at a tenth of its price is bought, and its nodes cost that', async () => {
  const plain = await nodeOf(new World(), poolSpec);
  expect(plain.instanceType).not.toMatch(/^c7i/);
  const world = new World();
  const node = await nodeOf(world, dear);
  expect(node.instanceType).toMatch(/^c7i/);
  const listed = (await world.ports.catalog.offerings()).find(
    ({ type, zone, capacityType }) =>
      type.name === node.instanceType && zone === node.zone && capacityType === node.capacityType,
  );
  expect(node.priceUsdPerHour).toBeCloseTo((listed?.priceUsdPerHour ?? 0) / 10, 12);
});

test('a dry run is by the same prices, and its reason says whose they are', async () => {
  const world = new World();
  const { resources, requirements } = submission().spec as { resources: object; requirements: object };
  const demand = [{ id: 'r', tenant: 't', count: 1, resources, requirements, priority: 0, createdAtMs: 0 }];
  const question = { pool: dear, demand, nodes: [] };
  const plan = await planDryRun(world.ports, settings, question as never);
  expect(plan.launches[0]?.offerings[0]?.type.family).toBe('c7i');
  expect(plan.launches[0]?.reason).toMatch(/^c7i\.\S+ at \$\S+\/h \(the pool's own price\) carries 1 task/);
});

test('a price of nothing that the pool may buy is refused', async () => {
  const world = new World();
  const prices = [...dear.prices, { instanceType: 'c7i.lrage', zone: 'us-east-1a', usdPerHour: 1 }];
  await expect(world.control.putPool({ ...poolSpec, prices })).rejects.toThrow(
    'prices.1 of pool default is of c7i.lrage in us-east-1a, spot or on demand: nothing that the pool may buy',
  );
});
