// The controller dies at every single step while warm machines are taken, started, refilled and given back, and
// what comes after it brings everything to an end: no machine is anybody's twice, and nothing is left when
// nobody wants it any more.
import { expect, test } from '@jest/globals';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { WarmSpec } from '../../../lib/core/records/pool.ts';
import { Crash, ClaimWorld, machineSpec, poolSpec } from './world.ts';
import { stepsOf } from '../../slice.ts';

const warm: WarmSpec = {
  running: 1,
  stopped: 1,
  needs: { vcpu: 2, memoryMib: 4_096, gpu: 0, arch: null },
  requirements: {},
  imageId: null,
};
const plain = { ...machineSpec, volumes: [], network: null };

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

/** Callers repeat with the same key. */
async function again<T>(world: ClaimWorld, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    world.restart();
    return call();
  }
}

/**
 * Two requests, of which one takes what runs and one what is stopped, and puts a network on it; dying at step
 * `at` (Infinity: never). Without `hasCapacity` EC2 starts and launches none of their type there any more: what
 * was taken stopped goes back.
 */
async function story(
  at: number,
  hasCapacity = true,
): Promise<{ steps: number; states: readonly string[]; timelineCodes: readonly string[] }> {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, warm });
  await world.run(90);
  const kept = (): Promise<ClaimRecord[]> => world.warm();
  if (!hasCapacity)
    for (const { machines } of await kept())
      for (const part of machines) world.ec2.cloud.setCapacity(`${part.instanceType ?? ''}/${part.zone ?? ''}/*`, 0);
  let steps = 0;
  world.onStep = (what) => {
    steps += 1;
    if (steps === at) throw new Crash(what);
  };
  const ids: string[] = [];
  // The first waits for its group, and so the second takes what runs; without capacity both must take at once,
  // before anybody learns of it.
  for (const key of ['a', 'b'])
    ids.push(
      (
        await again(world, () =>
          world.submit(key === 'b' || !hasCapacity ? plain : { ...plain, network: machineSpec.network }, key),
        )
      ).id,
    );
  await runOn(world, 90);
  // What a lost answer leaves behind is settled from two listings a minute apart.
  for (
    let more = 0;
    more < 20
    && world.ec2.cloud.instances().filter((one) => one.state === 'running' || one.state === 'stopped').length !== 4;
    more += 1
  )
    await runOn(world, 60);
  const claims = await Promise.all(ids.map((id) => world.claim(id)));
  const states: string[] = claims.map((claim) => claim.state);
  const instances = [...claims, ...(await kept())].flatMap((claim) => claim.machines).map((part) => part.instanceId);
  expect({ at, left: world.left().instances, distinct: new Set(instances).size, owned: instances.length }).toEqual({
    at,
    left: 4,
    distinct: 4,
    owned: 4,
  });
  expect((await kept()).map((claim) => claim.power).sort()).toEqual(['running', 'stopped']);
  for (const id of ids) await again(world, () => world.release(id));
  await again(world, () => world.control.putPool(poolSpec));
  await runOn(world, 60);
  for (
    let more = 0;
    more < 10
    && ((await Promise.all(ids.map((id) => world.claim(id)))).some((claim) => claim.endedAtMs === null)
      || (await kept()).length > 0);
    more += 1
  )
    await runOn(world, 100);
  states.push(...(await Promise.all(ids.map((id) => world.claim(id)))).map((claim) => claim.state));
  expect({ at, left: world.left(), documents: await world.documents() }).toEqual({
    at,
    left: { instances: 0, volumes: 0, groups: 0 },
    documents: 0,
  });
  return { steps, states, timelineCodes: claims.flatMap((claim) => claim.timeline).map((one) => one.code) };
}

test('no crash, wherever it falls, hands a warm machine out twice or leaves one behind', async () => {
  const calm = await story(Infinity);
  expect(calm.timelineCodes).toEqual(expect.arrayContaining(['warm_taken', 'starting', 'active']));
  expect(calm.states).toEqual(['active', 'active', 'released', 'released']);
  for (const at of stepsOf(calm.steps, 6))
    expect({ at, states: (await story(at)).states }).toEqual({ at, states: calm.states });
});

test('nor where what was taken cannot be started and goes back', async () => {
  const calm = await story(Infinity, false);
  expect(calm.timelineCodes).toEqual(expect.arrayContaining(['warm_taken', 'no_capacity', 'launched']));
  expect(calm.states).toEqual(['active', 'active', 'released', 'released']);
  for (const at of stepsOf(calm.steps, 6))
    expect({ at, states: (await story(at, false)).states }).toEqual({ at, states: calm.states });
});
