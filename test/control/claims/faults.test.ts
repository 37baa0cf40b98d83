// Many requests that hold, under faults of EC2 and kills of the controller, released in an order that nobody planned.
// `BELLOWS_CLAIMED_MACHINES` makes it as big as one likes.
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../lib/adapters/simulated/cloud/random.ts';
import { EditConflictError, NotPossibleError } from '../../../lib/control/errors.ts';
import { Crash, ClaimWorld, machineSpec, networkSpec, poolSpec, storageSpec } from './world.ts';
import type { ClaimSpec } from '../../../lib/core/records/claim.ts';
import { sliceOf } from '../../slice.ts';

const machines = Number(process.env['BELLOWS_CLAIMED_MACHINES'] ?? '60');

async function day(
  seed: string,
  count: number,
): Promise<{
  readonly taken: number;
  readonly states: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly virtualMinutes: number;
}> {
  const random = new SeededRandom(seed);
  const world = new ClaimWorld({
    ec2: {
      cloud: {
        describeLagMs: { minMs: 0, maxMs: 3_000 },
        replayListsInstances: random.next() < 0.5,
        failedLaunchProbability: 0.005,
      },
    },
  });
  await world.control.putPool({
    ...poolSpec,
    warm: { running: 3, stopped: 3, needs: machineSpec.needs, requirements: {}, imageId: null },
  });
  for (const effect of [
    { kind: 'drop-response' },
    { kind: 'drop-request' },
    { kind: 'throttle' },
    { kind: 'fail', code: 'InternalError', message: 'oops', httpStatus: 500 },
  ] as const) {
    world.ec2.cloud.faults.set({ action: '*', effect, probability: 0.0125 });
  }
  world.onStep = (what) => {
    if (random.next() < 0.0005) throw new Crash(what);
  };
  const startedAtMs = world.nowMs;
  const survive = async (work: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        world.restart();
      }
    }
  };
  const ids: string[] = [];
  const ask = async (spec: ClaimSpec): Promise<string> => {
    const key = `key-${String(ids.length)}`;
    let id = '';
    await survive(async () => {
      ({ id } = await world.submit(spec, key));
    });
    ids.push(id);
    return id;
  };
  await survive(() => world.run(120));
  for (let i = 0; i < count; i += 1) {
    const isPlain = random.next() < 0.3;
    const machine = await ask({
      ...machineSpec,
      volumes: isPlain
        ? []
        : random.next() < 0.2
          ? [...machineSpec.volumes, ...machineSpec.volumes]
          : machineSpec.volumes,
    });
    if (random.next() < 0.1) await ask({ ...storageSpec, attachTo: machine });
    if (random.next() < 0.1)
      await ask({
        ...networkSpec,
        network: { ...networkSpec.network, sharing: random.next() < 0.5 ? 'share' : 'dedicated' },
      });
    if (random.next() < 0.05) await survive(() => world.run(3));
  }
  const open = new Set(ids);
  const taken = new Set<string>();
  for (let rounds = 0; open.size > 0 && rounds < 4_000; rounds += 1) {
    // Some are given back while others are still on their way.
    for (const id of [...open])
      if (rounds > 200 ? random.next() < 0.3 : random.next() < 0.002) await survive(() => world.release(id));
    for (const id of [...open])
      if (random.next() < 0.01) await survive(() => changed(world, id, 1_000 + Math.floor(random.next() * 3)));
    await survive(() => world.run(5));
    if (rounds % 10 !== 9) continue;
    const claims = await Promise.all(ids.map((id) => world.claim(id)));
    for (const { id, endedAtMs } of claims) if (endedAtMs !== null) open.delete(id);
    const owned = [...claims, ...(await world.warm())]
      .flatMap((claim) => claim.machines)
      .flatMap((part) => part.instanceId ?? []);
    expect({ seed, rounds, owned: owned.length }).toEqual({ seed, rounds, owned: new Set(owned).size });
    for (const claim of claims) for (const part of claim.machines) if (part.warm) taken.add(part.warm.id);
  }
  await survive(() => world.control.putPool(poolSpec));
  await survive(() => world.run(200));
  for (let i = 0; i < 3; i += 1) {
    await survive(() => world.control.sweep());
    await survive(() => world.run(70));
  }
  const states: Record<string, number> = {};
  for (const id of ids) {
    const { state } = await world.claim(id);
    states[state] = (states[state] ?? 0) + 1;
  }
  expect({ seed, open: [...open], left: world.left(), documents: await world.documents() }).toEqual({
    seed,
    open: [],
    left: { instances: 0, volumes: 0, groups: 0 },
    documents: 0,
  });
  // No token ever made more than it was asked for.
  for (const [token, instances] of world.ec2.cloud.launchEffects())
    expect({ token, isOne: new Set(instances).size <= count }).toEqual({ token, isOne: true });
  return {
    taken: taken.size,
    states,
    calls: world.mutatingCalls(),
    virtualMinutes: (world.nowMs - startedAtMs) / 60_000,
  };
}

/**
 * Another port for a network (or a machine's own), off its machine for a volume; what its state does
 * not allow is no matter.
 */
async function changed(world: ClaimWorld, id: string, port: number): Promise<void> {
  const { type } = (await world.claim(id)).spec;
  const ingress = [{ protocol: 'tcp', fromPort: port, toPort: port, cidr: '10.0.0.0/8', request: null }] as const;
  try {
    await world.control.changeClaim(
      'default',
      id,
      type === 'storage' ? { kind: 'detach' } : { kind: 'rules', rules: { ingress } },
      ['*'],
    );
  } catch (error) {
    if (!(error instanceof NotPossibleError || error instanceof EditConflictError)) throw error;
  }
}

test.each(sliceOf(['a', 'b', 'c'], 3))(
  'under faults and kills everything is granted or refused, and nothing is left (seed %s)',
  async (seed) => {
    const result = await day(seed, machines);
    if (process.env['BELLOWS_CLAIMED_MACHINES'] !== undefined) console.log(JSON.stringify(result));
    expect(result.states['released'] ?? 0).toBeGreaterThan(machines / 2);
    expect(result.taken).toBeGreaterThan(machines / 20);
  },
);
