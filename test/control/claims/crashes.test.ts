// The controller dies at every single step of a grant and a release, before and after each call and write, and what
// comes after it brings everything to an end: nothing doubled while it is held, nothing left when it is given back.
import { expect, test } from '@jest/globals';
import { Crash, ClaimWorld, machineSpec, networkSpec, poolSpec, storageSpec } from './world.ts';
import { stepsOf } from '../../slice.ts';

const twoVolumes = { ...machineSpec, volumes: [...machineSpec.volumes, ...machineSpec.volumes] };

/** Runs on; a crash ends the process, and the next one takes over. */
async function runOn(world: ClaimWorld, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    try {
      await world.run(1);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      world.restart();
    }
  }
}

interface Outcome {
  readonly steps: number;
  readonly states: readonly string[];
}

/**
 * One machine with two volumes and a network, and a volume of its own on it, granted and released, dying at
 * step `at` (Infinity: never).
 */
async function story(at: number): Promise<Outcome> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  let steps = 0;
  const machine = await world.submit(twoVolumes);
  const storage = await world.submit({
    ...storageSpec,
    attachTo: machine.id,
    volume: { ...storageSpec.volume, onRelease: 'snapshot' },
  });
  world.onStep = (what) => {
    steps += 1;
    if (steps === at) throw new Crash(what);
  };
  await runOn(world, 25);
  // What a lost answer leaves behind is settled from two listings a minute apart.
  if ((await world.claim(storage.id)).state !== 'active') await runOn(world, 160);
  const states = [(await world.claim(machine.id)).state, (await world.claim(storage.id)).state];
  expect({ at, left: world.left() }).toEqual({ at, left: { instances: 1, volumes: 4, groups: 1 } });
  for (const { id } of [storage, machine])
    await world.release(id).catch(async (error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      await world.release(id);
    });
  await runOn(world, 40);
  if ((await world.claim(machine.id)).endedAtMs === null || (await world.claim(storage.id)).endedAtMs === null)
    await runOn(world, 330);
  states.push((await world.claim(machine.id)).state, (await world.claim(storage.id)).state);
  expect({ at, left: world.left(), documents: await world.documents(), snapshots: world.ec2.snapshots.size }).toEqual({
    at,
    left: { instances: 0, volumes: 0, groups: 0 },
    documents: 0,
    snapshots: 1,
  });
  return { steps, states };
}

/**
 * A shared network edited under its machine, another request's rule that names it, and a volume
 * detached, dying at step `at`.
 */
async function changes(at: number): Promise<Outcome> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const network = await world.submit(networkSpec);
  const other = await world.submit(networkSpec);
  const machine = await world.submit({ ...machineSpec, volumes: [], network: null, networkRequests: [network.id] });
  const storage = await world.submit({ ...storageSpec, attachTo: machine.id });
  await world.run(40);
  const rule = { protocol: 'tcp', fromPort: 443, toPort: 443, cidr: '10.0.0.0/8', request: null } as const;
  await world.control.changeClaim('default', network.id, { kind: 'rules', rules: { ingress: [rule] } });
  await world.control.changeClaim('default', storage.id, { kind: 'detach' });
  const naming = await world.submit({
    ...networkSpec,
    network: { ...networkSpec.network, ingress: [{ ...rule, cidr: null, request: other.id }] },
  });
  let steps = 0;
  world.onStep = (what) => {
    steps += 1;
    if (steps === at) throw new Crash(what);
  };
  await runOn(world, 25);
  if ((await world.claim(network.id)).reason !== null) await runOn(world, 100);
  const all = [network, other, machine, storage, naming];
  const states = await Promise.all(all.map(async ({ id }) => (await world.claim(id)).state));
  const seen = await world.claim(network.id);
  const instance = world.ec2.cloud.records().find((one) => one.id === world.ec2.cloud.instances()[0]?.id);
  const ports = (groupId: string | undefined): readonly (number | null)[] =>
    (world.ec2.securityGroups.get(groupId ?? '')?.rules ?? [])
      .filter((one) => !one.isEgress)
      .map((one) => one.fromPort);
  expect({
    at,
    attached: instance?.details?.securityGroupIds,
    left: world.left(),
    ports: [ports(seen.groupIds[0]), ports((await world.claim(other.id)).groupIds[0])],
    wanted: seen.wantedNetwork,
  }).toEqual({
    at,
    attached: seen.groupIds,
    left: { instances: 1, volumes: 2, groups: 3 },
    ports: [[443], [22]],
    wanted: null,
  });
  expect({ at, usedBy: (await world.claim(storage.id)).usedBy }).toEqual({ at, usedBy: null });
  for (const { id } of all)
    await world.release(id).catch(async (error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      await world.release(id);
    });
  await runOn(world, 40);
  if ((await Promise.all(all.map(async ({ id }) => (await world.claim(id)).endedAtMs))).includes(null))
    await runOn(world, 330);
  states.push(...(await Promise.all(all.map(async ({ id }) => (await world.claim(id)).state))));
  expect({ at, left: world.left(), documents: await world.documents() }).toEqual({
    at,
    left: { instances: 0, volumes: 0, groups: 0 },
    documents: 0,
  });
  return { steps, states };
}

test('no crash, wherever it falls, leaves an edit or a detachment half done', async () => {
  const calm = await changes(Infinity);
  expect(calm.states).toEqual([
    ...Array.from({ length: 5 }, () => 'active'),
    ...Array.from({ length: 5 }, () => 'released'),
  ]);
  for (const at of stepsOf(calm.steps, 3))
    expect({ at, states: (await changes(at)).states }).toEqual({ at, states: calm.states });
});

test('no crash, wherever it falls, doubles or leaks anything', async () => {
  const calm = await story(Infinity);
  expect(calm.states).toEqual(['active', 'active', 'released', 'released']);
  for (const at of stepsOf(calm.steps, 3))
    expect({ at, states: (await story(at)).states }).toEqual({ at, states: calm.states });
});
