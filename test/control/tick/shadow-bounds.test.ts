// What a shadow must not do beside its figures: grow beyond what the store keeps, count a task again and again, or use
// a reservation beyond its count.
import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Commitment } from '../../../lib/core/catalog/commitments.ts';
import type { ShadowRecord } from '../../../lib/core/costs/shadow/record.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { poolSpec, submission, World } from '../world.ts';

const spec: PoolSpec = { ...poolSpec, requirements: { instanceType: ['c7i.large'], capacityType: ['on-demand'] } };

async function figuresIn(world: World) {
  const figures = (await world.control.shadowOfPool('default'))?.figures;
  if (!figures) throw new Error('the pool has no shadow yet');
  return figures;
}

/** Names of types that nothing packs well. */
function names(of: number): string[] {
  return Array.from({ length: 45 }, (_, n) =>
    createHash('sha512')
      .update(`${String(of)} ${String(n)}`)
      .digest('base64'),
  );
}

test('that would take more than an item of the store stops, and its pool goes on', async () => {
  const world = new World();
  await world.control.putPool({ ...spec, limits: { instances: 1 }, tasksPerNode: 1, shadow: {} });
  for (let n = 0; n < 160; n += 1)
    await world.control.submit(
      submission({ env: { N: String(n) }, requirements: { instanceType: ['c7i.large', ...names(n).slice(0, 40)] } }),
    );
  await world.run(3);
  expect((await figuresIn(world)).stopped?.reason).toMatch(/more than the 409600 of one item$/);
});

test('counts each start once, though the shadow has ended a task at its deadline before its pool', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...spec, shadow: {} });
  await world.run(5);
  await world.control.submit(submission({ deadlineMs: 120_000 }));
  await world.run(200, 5);
  const { live, shadow } = await figuresIn(world);
  expect(live).toMatchObject({ started: 1, moves: 0 });
  expect(shadow).toMatchObject({ started: 1, moves: 0, waiting: 0 });
});

test('has no more nodes in a reservation than it has instances', async () => {
  const id = 'cr-0123456789abcdef0';
  const reservation = {
    kind: 'capacity-reservation',
    name: id,
    instanceType: 'm7i.xlarge',
    zone: 'us-east-1a',
    count: 1,
  };
  const world = new World();
  world.ending = () => null;
  world.setAside({ id, count: 1 });
  await world.control.putPool({ ...poolSpec, tasksPerNode: 1, commitments: [reservation as Commitment], shadow: {} });
  for (const n of ['a', 'b', 'c']) {
    await world.control.submit(submission({ env: { N: n } }));
    await world.run(60, 5);
  }
  const record = (await world.ports.store.get<ShadowRecord>(keys.shadow('default')))?.data;
  const types = record?.nodes.map((one) => one.instanceType) ?? [];
  expect(types).toHaveLength(3);
  expect(types.filter((one) => one === reservation.instanceType)).toHaveLength(1);
  expect(record?.nodes.filter((one) => one.reservation === id)).toHaveLength(1);
});
