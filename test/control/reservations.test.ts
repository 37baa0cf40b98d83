// Capacity reservations and blocks through control: launched into by name, never beyond what there is, left in time.
import { describe, expect, test } from '@jest/globals';
import type { Commitment } from '../../lib/core/catalog/commitments.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { poolSpec, submission, World } from './world.ts';

const hour = 3_600_000;
const startMs = 1_800_000_000_000;
const id = 'cr-0123456789abcdef0';
const declared = (more: Partial<Commitment> = {}): Commitment =>
  ({
    kind: 'capacity-reservation',
    name: id,
    instanceType: 'm7i.xlarge',
    zone: 'us-east-1a',
    count: 2,
    ...more,
  }) as Commitment;
/** Two fit on an m7i.xlarge. */
const half: Partial<TaskSpec> = { resources: { cpuMilli: 1_900, memoryMib: 6_000, gpu: 0 } };
/** One fills it. */
const full: Partial<TaskSpec> = { resources: { cpuMilli: 3_000, memoryMib: 6_000, gpu: 0 } };

async function worldWith(commitment: Commitment, tasks: number, spec: Partial<TaskSpec> = half): Promise<World> {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: 20 }, commitments: [commitment] });
  for (let at = 0; at < tasks; at += 1) await world.control.submit(submission(spec));
  return world;
}

const nodesIn = async (world: World) => (await world.control.listNodes('default')) ?? [];
const inIt = async (world: World) => (await nodesIn(world)).filter((one) => one.reservation === id);
const useIn = async (world: World) => (await world.control.getPool('default'))?.commitmentUse?.[0];

describe('a targeted capacity reservation', () => {
  test('is launched into first, by name, and beyond its count others are bought', async () => {
    const world = await worldWith(declared(), 6);
    world.setAside({ id, count: 2 });
    await world.run(90);
    const made = await inIt(world);
    expect(made.map((one) => `${one.instanceType} ${one.capacityType} ${one.zone}`)).toEqual([
      'm7i.xlarge on-demand us-east-1a',
      'm7i.xlarge on-demand us-east-1a',
    ]);
    expect(world.usedOf(id)).toEqual(made.map((one) => one.id).sort());
    expect((await nodesIn(world)).length).toBeGreaterThan(2);
    expect(await useIn(world)).toMatchObject({ name: id, used: 2, of: 2 });
    const page = await world.control.listActivity('default', { limit: 50 });
    expect(page?.items.map((one) => one.message).join('\n')).toContain(`is paid for by capacity reservation ${id}`);
  });

  test('that EC2 refuses is left alone, and said to be; the tasks run on others at once', async () => {
    const world = await worldWith(declared(), 2);
    await world.run(60);
    expect(await inIt(world)).toEqual([]);
    expect(await nodesIn(world)).toHaveLength(2);
    const { used, refused } = (await useIn(world)) ?? {};
    expect(used).toBe(0);
    expect(refused).toMatch(
      /^EC2 refuses launches into it: InvalidCapacityReservationId.NotFound: .*; not asked again/,
    );
    expect(refused).toContain(`describe-capacity-reservations --capacity-reservation-ids ${id}`);
  });

  test('of which others use all is tried again later', async () => {
    const world = await worldWith(declared({ count: 4 }), 2, full);
    world.setAside({ id, count: 1 });
    await world.run(2);
    // It was asked for two, and had one: none of them came.
    expect(await inIt(world)).toEqual([]);
    expect((await useIn(world))?.refused).toContain('ReservationCapacityExceeded; not asked again before');
    await world.run(1_200);
    await world.control.submit(submission(full));
    await world.run(60);
    expect(await inIt(world)).toHaveLength(1);
    expect((await useIn(world))?.refused).toBeUndefined();
  });

  test('is nothing before its time', async () => {
    const world = await worldWith(declared({ fromMs: startMs + hour }), 2);
    world.setAside({ id, count: 2 });
    await world.run(60);
    expect(await inIt(world)).toEqual([]);
    expect(await nodesIn(world)).toHaveLength(2);
  });

  test('of a zone that the pool does not have is refused', async () => {
    const world = new World();
    const put = world.control.putPool({ ...poolSpec, commitments: [declared({ zone: 'us-east-1c' })] });
    await expect(put).rejects.toThrow(`commitment ${id} of pool default is of m7i.xlarge in us-east-1c, on demand`);
  });
});

describe('a capacity block', () => {
  const block = (untilMs: number): Commitment => declared({ kind: 'capacity-block', fromMs: startMs, untilMs });

  test('is launched into as such, and left a quarter of an hour before EC2 ends what is in it', async () => {
    const endMs = startMs + 2 * hour;
    const world = await worldWith(block(endMs), 1, full);
    world.setAside({ id, count: 2, blockFromMs: startMs, endAtMs: endMs });
    await world.run(60);
    const [node] = await inIt(world);
    expect(node).toMatchObject({ state: 'ready' });
    await world.run(74 * 60 - 60);
    expect(await inIt(world)).toMatchObject([{ id: node?.id, state: 'ready' }]);
    await world.run(120);
    expect(await inIt(world)).toMatchObject([{ state: 'draining', drain: { by: 'announced' } }]);
    // What comes now goes elsewhere.
    await world.control.submit(submission(full));
    await world.run(60);
    expect((await nodesIn(world)).filter((one) => one.reservation === undefined).length).toBeGreaterThan(0);
  });

  test('gets no task that is declared to last longer', async () => {
    const endMs = startMs + 2 * hour;
    const world = await worldWith(block(endMs), 1, { ...full, expectedDurationMs: 3 * hour });
    world.setAside({ id, count: 2, blockFromMs: startMs, endAtMs: endMs });
    await world.run(60);
    expect(await inIt(world)).toEqual([]);
    expect(await nodesIn(world)).toHaveLength(1);
  });
});
