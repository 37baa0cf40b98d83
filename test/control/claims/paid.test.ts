// Machines of claims in capacity reservations through control: by name, within what there is, and elsewhere where EC2
// refuses one.
import { describe, expect, test } from '@jest/globals';
import { setAside } from '../../../lib/adapters/simulated/ec2/families/capacity-reservations.ts';
import type { NamedReservation } from '../../../lib/core/catalog/commitments.ts';
import { ClaimWorld, machineSpec, poolSpec } from './world.ts';

const id = 'cr-0123456789abcdef0';
const hour = 3_600_000;
const declared: NamedReservation = {
  kind: 'capacity-reservation',
  name: id,
  instanceType: 'm7i.large',
  zone: 'us-east-1b',
  count: 2,
};
const plain = { ...machineSpec, volumes: [], network: null };

/** `count`: of the reservation in EC2; null: EC2 has none. */
async function worldWith(count: number | null, commitment: NamedReservation = declared): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, commitments: [commitment] });
  if (count !== null)
    setAside(world.ec2, {
      ...{ id, instanceType: 'm7i.large', zone: 'us-east-1b', count, platform: 'Linux/UNIX', tenancy: 'default' },
      ...{ criteria: 'targeted', isEbsOptimized: false, createdAtMs: world.nowMs, tags: {} },
      endAtMs: commitment.untilMs ?? null,
      ...(commitment.kind === 'capacity-block' ? { blockFromMs: world.nowMs } : {}),
    });
  return world;
}

const usedIn = (world: ClaimWorld): number => world.ec2.capacityReservations.get(id)?.usedBy.length ?? 0;
const useIn = async (world: ClaimWorld) => (await world.control.getPool('default'))?.commitmentUse?.[0];

describe('a capacity reservation', () => {
  test('is filled by machines of claims first, never beyond its count, and says how far it is used', async () => {
    const world = await worldWith(2);
    const ids = await Promise.all([1, 2, 3].map(async () => (await world.submit(plain)).id));
    await world.run(40);
    const claims = await Promise.all(ids.map((one) => world.claim(one)));
    expect(claims.map((one) => [one.state, one.machines[0]?.reservation]).sort()).toEqual(
      [
        ['active', undefined],
        ['active', id],
        ['active', id],
      ].sort(),
    );
    expect(usedIn(world)).toBe(2);
    expect(await useIn(world)).toMatchObject({ name: id, used: 2, of: 2 });
    const first = claims.find((one) => one.machines[0]?.reservation === id);
    expect(first?.timeline.map((one) => one.message)).toContain(
      `asks EC2 for m7i.large (on-demand) in us-east-1b, into capacity reservation ${id}`,
    );
    const page = await world.control.listActivity('default', { limit: 50 });
    expect(page?.items.map((one) => one.message).join('\n')).toContain(
      `m7i.large is paid for by capacity reservation ${id} (0 of its 2 were in use)`,
    );
    await world.release(first?.id ?? '');
    await world.run(90);
    expect(await useIn(world)).toMatchObject({ used: 1 });
  });

  test('that EC2 does not know is left alone, and the machine comes without it', async () => {
    const world = await worldWith(null);
    const { id: request } = await world.submit(plain);
    await world.run(40);
    expect(await world.claim(request)).toMatchObject({ state: 'active', fault: null });
    expect((await useIn(world))?.refused).toMatch(/InvalidCapacityReservationId.NotFound: .*; not asked again/);
  });

  test('is not to blame for what a claim names', async () => {
    const world = await worldWith(2);
    const { id: request } = await world.submit({ ...plain, keyName: 'nobody-has-it' });
    await world.run(40);
    expect(await world.claim(request)).toMatchObject({ state: 'failed', fault: { code: 'InvalidKeyPair.NotFound' } });
    expect(await useIn(world)).not.toHaveProperty('refused');
  });

  test('keeps the place of a machine that is stopped', async () => {
    const world = await worldWith(2);
    const { id: request } = await world.submit(plain);
    await world.run(40);
    await world.control.changeClaim('default', request, { kind: 'power', power: 'stopped' });
    await world.run(60);
    expect(await world.claim(request)).toMatchObject({ reason: 'stopped' });
    expect(await useIn(world)).toMatchObject({ used: 1 });
  });
});

test('a capacity block gets machines whose lease ends before it', async () => {
  const start = new ClaimWorld().nowMs;
  const block: NamedReservation = { ...declared, kind: 'capacity-block', fromMs: start, untilMs: start + 3 * hour };
  const world = await worldWith(2, block);
  const forEver = await world.submit(plain);
  const leased = await world.submit({ ...plain, leaseMs: hour });
  await world.run(40);
  expect((await world.claim(forEver.id)).machines[0]?.reservation).toBeUndefined();
  expect((await world.claim(leased.id)).machines[0]?.reservation).toBe(id);
  expect(usedIn(world)).toBe(1);
});
