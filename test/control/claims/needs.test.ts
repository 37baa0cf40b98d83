// What a machine may need beside vCPU and memory, and the one error that answers needs which nothing has.
import { expect, test } from '@jest/globals';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import { ClaimWorld, machineSpec, poolSpec } from './world.ts';

async function newWorld(pool: Partial<typeof poolSpec> = {}): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, ...pool });
  return world;
}

test('local disk and bandwidth are of the cheapest type that has them', async () => {
  const world = await newWorld();
  const { id } = await world.submit({ ...machineSpec, requirements: { minLocalDiskGib: 100, minNetworkGbps: 2 } });
  await world.run(40);
  const {
    machines: [machine],
    state,
  } = await world.claim(id);
  expect(state).toBe('active');
  const type = instanceType(machine?.instanceType ?? '');
  expect(type?.localDiskGib).toBeGreaterThanOrEqual(100);
  expect(type?.networkMbps).toBeGreaterThanOrEqual(2_000);
  const cheaper = (await world.ports.catalog.offerings()).filter(
    (one) =>
      one.capacityType === 'on-demand'
      && one.type.arch === 'amd64'
      && one.type.vcpu <= 8
      && one.type.vcpu >= 2
      && one.type.memoryMib >= 4_096
      && ['c', 'm', 'r'].includes(one.type.category)
      && one.type.localDiskGib >= 100
      && (one.type.networkMbps ?? 0) >= 2_000
      && one.priceUsdPerHour < (machine?.priceUsdPerHour ?? 0),
  );
  expect(cheaper).toEqual([]);
});

test('needs that no type has are refused with the nearest that one has', async () => {
  const world = await newWorld({ requirements: { instanceFamily: ['c5', 'c5d'] } });
  await expect(world.submit({ ...machineSpec, requirements: { minLocalDiskGib: 1_000 } })).rejects.toThrow(
    /no offering of pool default has 2 vCPU, 4096 MiB, 1000 GiB of local disk, on-demand; the nearest possible is c5d\.2xlarge \(8 vCPU, 16384 MiB, 186 GiB of local disk, amd64/,
  );
  await expect(world.submit({ ...machineSpec, requirements: { minNetworkGbps: 3 } })).rejects.toThrow(
    /3 Gbps, on-demand; the nearest possible is c5d?\.2xlarge \(8 vCPU, 16384 MiB, 2\.5 Gbps/,
  );
});

test('what is refused is named whole, and the nearest is one that would be given', async () => {
  const world = await newWorld({ requirements: {} });
  const { needs } = machineSpec;
  for (const [spec, message] of [
    [
      { requirements: { zone: ['us-east-1z'] } },
      /has 2 vCPU, 4096 MiB, zone us-east-1z, on-demand; the nearest possible is \S+ \(2 vCPU, 4096 MiB, amd64, on-demand in us-east-1\w\)/,
    ],
    [
      { needs: { ...needs, gpu: 16 } },
      /16 GPU, amd64, gpuManufacturer nvidia, on-demand; the nearest possible is (g|p)\d+(?!ad)[a-z]*\.\S+ /,
    ],
    [
      { requirements: { cpuManufacturer: ['amd'], instanceFamily: ['c7i', 'm7i'] } },
      /instanceFamily c7i or m7i, cpuManufacturer amd, on-demand; .*; the nearest possible is .*amd64, on-demand/,
    ],
    [
      { requirements: { bareMetal: true, matchExpressions: [{ key: 'vcpu', operator: 'Lt', values: ['2'] }] } },
      /bareMetal true, vcpu Lt 2, on-demand; the nearest possible is /,
    ],
  ] as const)
    await expect(world.submit({ ...machineSpec, ...spec })).rejects.toThrow(message);
});

test("a subnet is one of the installation, and its zone is the machine's", async () => {
  const world = await newWorld();
  const subnet = [...world.ec2.subnets.values()].find((one) => one.zone === 'us-east-1b');
  const before = world.ec2.pool(subnet?.id ?? '')?.available;
  const { id } = await world.submit({ ...machineSpec, subnetId: subnet?.id ?? '' });
  await world.run(40);
  const {
    machines: [machine],
    state,
  } = await world.claim(id);
  expect([state, machine?.zone]).toEqual(['active', 'us-east-1b']);
  expect(world.ec2.pool(subnet?.id ?? '')?.available).toBe((before ?? 0) - 1);
  await expect(world.submit({ ...machineSpec, subnetId: 'subnet-00000000' })).rejects.toThrow(
    `subnet-00000000 is no subnet of this installation; its subnets are `,
  );
  await expect(world.submit({ ...machineSpec, subnetId: 'subnet-00000000' })).rejects.toThrow(
    `${subnet?.id ?? ''} (us-east-1b)`,
  );
  await expect(
    world.submit({ ...machineSpec, subnetId: subnet?.id ?? '', requirements: { zone: ['us-east-1a'] } }),
  ).rejects.toThrow(`${subnet?.id ?? ''} is in us-east-1b, not in us-east-1a`);
  await expect(
    world.submit({
      ...machineSpec,
      subnetId: [...world.ec2.subnets.values()].find((one) => one.zone === 'us-east-1c')?.id ?? '',
    }),
  ).rejects.toThrow(/the nearest possible is .* in us-east-1[ab]\)/);
});

test('a request that names no pool goes to the first that can grant it', async () => {
  const world = await newWorld({ requirements: { instanceFamily: ['c5'] }, priority: 1 });
  await world.control.putPool({ ...poolSpec, name: 'disks', requirements: { instanceFamily: ['i3'] } });
  expect((await world.submit({ ...machineSpec, requirements: { minLocalDiskGib: 100 } })).pool).toBe('disks');
  expect((await world.submit(machineSpec)).pool).toBe('default');
  // Where none can, the first one's word counts.
  await expect(world.submit({ ...machineSpec, requirements: { minLocalDiskGib: 500_000 } })).rejects.toThrow(
    /no offering of pool default has .* 500000 GiB of local disk/,
  );
});
