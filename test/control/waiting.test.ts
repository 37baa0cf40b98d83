// What waits, waits for something: its pool looks again, its reason is true, and it goes on when that something comes.
import { describe, expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import type { Store } from '../../lib/ports/store.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, submission, World } from './world.ts';

const zones = ['us-east-1a', 'us-east-1b'];
const twoTypes = { zone: zones, instanceType: ['c7i.large', 'm7i.large'], capacityType: ['on-demand'] };

async function worldWith(pool: Partial<PoolSpec>): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, ...pool });
  world.ending = () => null;
  return world;
}

async function add(world: World, spec: Partial<TaskSpec>, tenant = 'default'): Promise<string> {
  return (await world.control.submit({ ...submission(spec), tenant })).request.id;
}

async function counts(world: World, id: string): Promise<[number, number]> {
  const request = await world.control.getRequest('default', id);
  if (!request || !('counts' in request)) throw new Error('it is not there');
  return [request.counts.running, request.counts.pending];
}

async function why(world: World, id: string) {
  const request = await world.control.getRequest('default', id);
  return { reason: request?.reason, ...request?.timeline.at(-1) };
}

describe('one zone is out of capacity', () => {
  test('a relation that leaves the choice takes another zone at once', async () => {
    for (const spec of [
      { antiAffinity: [{ topology: 'zone', group: 'nobody' }] },
      { group: 'web', count: 3, affinity: [{ topology: 'zone', group: 'web' }] },
      { group: 'db', antiAffinity: [{ topology: 'zone', group: 'db' }] },
    ] as const) {
      const world = await worldWith({ requirements: twoTypes, limits: {} });
      world.cloud.setCapacity('*/us-east-1a/*', 0);
      const id = await add(world, spec);
      await world.run(12);
      expect(await counts(world, id)).toEqual([spec.count ?? 1, 0]);
    }
  });

  test(
    'what cannot go elsewhere says so, and goes on when capacity comes back, though ' + 'nobody wakes the pool',
    async () => {
      const world = await worldWith({ requirements: twoTypes, limits: {} });
      world.cloud.setCapacity('*/us-east-1a/*', 0);
      const spread = await add(world, {
        count: 6,
        group: 'web',
        spread: [{ topology: 'zone', group: 'web', maxSkew: 1 }],
      });
      const apart = await add(world, { count: 2, group: 'db', antiAffinity: [{ topology: 'zone', group: 'db' }] });
      await world.run(50);
      expect([await counts(world, spread), await counts(world, apart)]).toEqual([
        [1, 5],
        [1, 1],
      ]);
      expect(await why(world, spread)).toMatchObject({
        code: 'no_capacity',
        nextTryAtMs: expect.any(Number),
        message: expect.stringMatching(/leaves only us-east-1a .*out of capacity/),
      });
      expect(await why(world, apart)).toMatchObject({ code: 'no_capacity', nextTryAtMs: expect.any(Number) });
      world.cloud.setCapacity('*/us-east-1a/*', null);
      await world.run(45);
      expect([await counts(world, spread), await counts(world, apart)]).toEqual([
        [6, 0],
        [2, 0],
      ]);
    },
  );

  test('both zones out for a while: everything runs once one is back', async () => {
    const world = await worldWith({ requirements: twoTypes, limits: {} });
    world.cloud.setCapacity('*/*/*', 0);
    const id = await add(world, { antiAffinity: [{ topology: 'zone', group: 'nobody' }] });
    await world.run(40);
    expect(await why(world, id)).toMatchObject({ code: 'no_capacity' });
    world.cloud.setCapacity('*/us-east-1b/*', null);
    // Each zone is asked for again in its own time, at most two minutes apart on a laptop.
    await world.run(130);
    expect(await counts(world, id)).toEqual([1, 0]);
  });
});

test('where limits are used up in one zone, a relation takes the room that is in another', async () => {
  const world = await worldWith({ requirements: { ...twoTypes, zone: zones }, limits: { instances: 2 } });
  const first = await add(world, {
    resources: { cpuMilli: 1_500, memoryMib: 512, gpu: 0 },
    requirements: { zone: ['us-east-1a'] },
  });
  await add(world, { resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 }, requirements: { zone: ['us-east-1b'] } });
  await world.run(20);
  expect(await counts(world, first)).toEqual([1, 0]);
  const id = await add(world, {
    resources: { cpuMilli: 1_000, memoryMib: 512, gpu: 0 },
    group: 'x',
    affinity: [{ topology: 'zone', group: 'x' }],
  });
  await world.run(5);
  expect(await counts(world, id)).toEqual([1, 0]);
});

describe('a limit that is used up', () => {
  test('is named with its value, what is in use, and what would suffice; raising it so far is enough', async () => {
    for (const [limits, message, more] of [
      [{ instances: 1 }, /limits\.instances is 1 with 1 in use, and 2 would suffice/, { instances: 2 }],
      [{ vcpu: 3 }, /limits\.vcpu is 3 with 2 in use, and 4 would suffice/, { vcpu: 4 }],
      [
        { usdPerHour: 0.1 },
        /limits\.usdPerHour is 0\.1 with 0\.0893 in use, and 0\.1785 would suffice/,
        { usdPerHour: 0.1785 },
      ],
    ] as const) {
      const world = await worldWith({
        requirements: { instanceType: ['c7i.large'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
        limits,
      });
      const big = { resources: { cpuMilli: 1_500, memoryMib: 512, gpu: 0 } };
      await add(world, big);
      await world.run(20);
      const second = await add(world, big);
      await world.run(45);
      expect(await why(world, second)).toMatchObject({
        reason: 'limit_reached',
        message: expect.stringMatching(message),
      });
      await world.control.putPool({
        ...poolSpec,
        requirements: { instanceType: ['c7i.large'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
        limits: more,
      });
      await world.run(20);
      expect(await counts(world, second)).toEqual([1, 0]);
    }
  });
});

test('a wish is no reason to wait: at the limit of the pool the task runs on what is there', async () => {
  const world = await worldWith({ requirements: { zone: ['us-east-1a'] }, limits: { instances: 1 } });
  await add(world, { requirements: { capacityType: ['spot'], instanceType: ['c7i.2xlarge'] } });
  await world.run(15);
  const id = await add(world, {
    preferences: [{ requirements: { capacityType: ['on-demand'] }, maxExtraUsdPerHour: 100 }],
  });
  await world.run(10);
  expect(await counts(world, id)).toEqual([1, 0]);
});

test('a list says of each that waits what one request says, and reads it once for all', async () => {
  const world = await worldWith({ limits: { instances: 1 }, maxNodeVcpu: 2 });
  for (let n = 0; n < 9; n += 1) await add(world, { name: `n${String(n)}` });
  await add(world, { count: 30 });
  await world.run(10);
  const { store } = world.ports;
  let reads = 0;
  const own: Partial<Store> = { get: (key) => (key.sk === 'WHY' && (reads += 1), store.get(key)) };
  Object.assign(world.ports, { store: storeWith(store, own) });
  const { items } = await world.control.listRequests({ tenant: 'default', limit: 100 });
  const waiting = items.flatMap((one) => ('counts' in one && one.counts.pending > 0 ? [one] : []));
  expect([waiting.length > 3, reads]).toEqual([true, 1]);
  for (const { id, reason, timeline } of waiting) expect({ reason, ...timeline.at(-1) }).toEqual(await why(world, id));
  expect(new Set(waiting.map(({ timeline }) => timeline.at(-1)?.code))).toEqual(new Set(['limit_reached']));
});
