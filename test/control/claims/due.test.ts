// No machine, volume or network waits while its pool has no time to look again, whatever it waits for.
import { expect, test } from '@jest/globals';
import { keys } from '../../../lib/control/store/keys.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import type { ClaimSpec, MachineSpec } from '../../../lib/core/records/claim.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { sliceOf } from '../../slice.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec, settings, storageSpec } from './world.ts';

const plain: MachineSpec = { ...machineSpec, volumes: [], network: null };

function refuse(world: ClaimWorld, action: string, code: string, httpStatus = 500): void {
  world.ec2.cloud.faults.set({ action, effect: { kind: 'fail', code, message: 'none', httpStatus }, times: 10_000 });
}

interface Waiting {
  readonly what: string;
  readonly limits?: PoolSpec['limits'];
  /** The codes of what it waits for. */
  readonly codes: readonly string[];
  readonly make: (world: ClaimWorld) => Promise<string>;
}

const one = async (world: ClaimWorld, spec: ClaimSpec): Promise<string> => (await world.submit(spec)).id;

const all: readonly Waiting[] = [
  {
    what: 'a machine, for the limit of instances',
    limits: { instances: 1 },
    codes: ['limit_reached'],
    make: async (world) => {
      await one(world, plain);
      await world.run(20);
      return one(world, plain);
    },
  },
  {
    what: 'a machine, for the limits of volumes',
    limits: { volumeGib: 30 },
    codes: ['limit_reached'],
    make: async (world) => {
      await one(world, machineSpec);
      await world.run(20);
      return one(world, machineSpec);
    },
  },
  {
    what: 'a volume, for the limits of volumes',
    limits: { volumeGib: 30 },
    codes: ['limit_reached'],
    make: async (world) => {
      await one(world, storageSpec);
      await world.run(20);
      return one(world, storageSpec);
    },
  },
  {
    what: 'a machine, for capacity',
    codes: ['no_capacity'],
    make: async (world) => {
      refuse(world, 'RunInstances', 'InsufficientInstanceCapacity');
      return one(world, { ...plain, requirements: { instanceType: ['c7i.large'], zone: ['us-east-1a'] } });
    },
  },
  {
    what: 'a machine, for a quota',
    codes: ['account_limit'],
    make: async (world) => {
      refuse(world, 'RunInstances', 'VcpuLimitExceeded', 400);
      return one(world, plain);
    },
  },
  {
    what: 'a machine, for an answer to its launch',
    codes: ['launching'],
    make: async (world) => {
      refuse(world, 'RunInstances', 'InternalError');
      return one(world, plain);
    },
  },
  {
    what: 'a volume, for EC2 to make it',
    codes: ['volume'],
    make: async (world) => {
      refuse(world, 'CreateVolume', 'InternalError');
      return one(world, storageSpec);
    },
  },
  {
    what: 'a volume, for its machine, which waits for capacity',
    codes: ['waiting_for_reference'],
    make: async (world) => {
      refuse(world, 'RunInstances', 'InsufficientInstanceCapacity');
      return one(world, { ...storageSpec, attachTo: await one(world, plain) });
    },
  },
  {
    what: 'a machine, for its volume',
    codes: ['waiting_for_reference', 'volumes'],
    make: async (world) => {
      refuse(world, 'CreateVolume', 'InternalError');
      return one(world, { ...plain, volumeRequests: [await one(world, storageSpec)] });
    },
  },
  {
    what: 'a network, for its group',
    codes: ['group'],
    make: async (world) => {
      refuse(world, 'CreateSecurityGroup', 'InternalError');
      return one(world, networkSpec);
    },
  },
  {
    what: 'a machine, for EC2 to be listed',
    codes: ['accepted', 'launching'],
    make: async (world) => {
      for (const action of ['DescribeInstances', 'DescribeVolumes', 'DescribeSecurityGroups'])
        refuse(world, action, 'InternalError');
      return one(world, plain);
    },
  },
];

test.each(sliceOf(all, 1).map((waiting) => [waiting.what, waiting] as const))(
  '%s',
  async (_what, { limits = {}, codes, make }) => {
    const world = new ClaimWorld();
    await world.control.putPool({ ...poolSpec, limits });
    const id = await make(world);
    const seen = new Set<string>();
    let waited = 0;
    for (let second = 0; second < 130; second += 1) {
      await world.run(1);
      const { state, reason, timeline } = await world.claim(id);
      if (state !== 'pending') continue;
      waited += 1;
      seen.add(reason ?? timeline.at(-1)?.code ?? 'accepted');
      const lock = await world.store.get<LockRecord>(keys.lock('default'));
      expect(lock?.data.nextDueAtMs).toBeGreaterThan(0);
      expect(lock?.data.nextDueAtMs).toBeLessThanOrEqual(world.nowMs + settings.decisions.listingCalmMs);
    }
    expect(waited).toBeGreaterThan(60);
    expect(codes.some((code) => seen.has(code)) ? 'as expected' : [...seen]).toBe('as expected');
  },
);

test('its deadline comes though nothing else does', async () => {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, limits: { instances: 1 } });
  await one(world, plain);
  await world.run(20);
  const id = await one(world, { ...plain, deadlineMs: 95_000 });
  await world.run(100);
  expect(await world.claim(id)).toMatchObject({ state: 'expired' });
});
