// What EC2 says of a type must come to what the packaged catalog says of the same type.
import { expect, test } from '@jest/globals';
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { describeTypes, factsOf } from '../../../lib/adapters/aws/ec2-types.ts';
import { instanceType } from '../../../lib/core/catalog/index.ts';

interface Said {
  readonly name: string; readonly archs: readonly string[]; readonly vcpu: number; readonly memoryMib: number; readonly interfaces: number; readonly addresses: number;
  readonly gbps?: number; readonly diskGb?: number; readonly gpus?: readonly { Name: string; Count: number }[]; readonly metal?: boolean;
}

/** As DescribeInstanceTypes answers, of what is read. */
function said({ name, archs, vcpu, memoryMib, interfaces, addresses, gbps, diskGb, gpus, metal = false }: Said): InstanceTypeInfo {
  return {
    InstanceType: name, BareMetal: metal, ProcessorInfo: { SupportedArchitectures: [...archs] }, VCpuInfo: { DefaultVCpus: vcpu }, MemoryInfo: { SizeInMiB: memoryMib },
    NetworkInfo: { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: addresses, ...(gbps === undefined ? {} : { NetworkCards: [{ BaselineBandwidthInGbps: gbps }] }) },
    ...(diskGb === undefined ? {} : { InstanceStorageInfo: { TotalSizeInGB: diskGb, NvmeSupport: 'required' } }), ...(gpus === undefined ? {} : { GpuInfo: { Gpus: [...gpus] } }),
  } as InstanceTypeInfo;
}

const known: readonly Said[] = [
  { name: 'c5.large', archs: ['x86_64'], vcpu: 2, memoryMib: 4_096, interfaces: 3, addresses: 10, gbps: 0.75 },
  { name: 'c5.12xlarge', archs: ['x86_64'], vcpu: 48, memoryMib: 98_304, interfaces: 8, addresses: 30, gbps: 12 },
  { name: 'c7g.large', archs: ['arm64'], vcpu: 2, memoryMib: 4_096, interfaces: 3, addresses: 10, gbps: 0.937 },
  { name: 'c7g.medium', archs: ['arm64'], vcpu: 1, memoryMib: 2_048, interfaces: 2, addresses: 4, gbps: 0.52 },
  { name: 'c5ad.12xlarge', archs: ['x86_64'], vcpu: 48, memoryMib: 98_304, interfaces: 8, addresses: 30, gbps: 12, diskGb: 1_800 },
  { name: 'g4dn.12xlarge', archs: ['x86_64'], vcpu: 48, memoryMib: 196_608, interfaces: 8, addresses: 30, gbps: 50, diskGb: 900, gpus: [{ Name: 'T4', Count: 4 }] },
];

test.each(known)('$name comes out as packaged', (one) => {
  const packaged = instanceType(one.name);
  if (packaged === undefined) throw new Error('not packaged');
  const { onDemandUsdPerHour: _demand, spotUsdPerHour: _spot, spotInterruptionBand: _band, ...facts } = packaged;
  expect(factsOf(said(one))).toEqual(facts);
});

test('young types are described a hundred at a time; what Linux does not run on is left out', async () => {
  const asked: number[] = [];
  const client = { send: async (command: { readonly input: { readonly InstanceTypes?: readonly string[] } }) => {
    asked.push(command.input.InstanceTypes?.length ?? 0);
    return { InstanceTypes: (command.input.InstanceTypes ?? []).map((name) => said({ name, archs: name.startsWith('mac') ? ['arm64_mac'] : ['x86_64', 'i386'], vcpu: 2, memoryMib: 8_192, interfaces: 3, addresses: 10 })) };
  } };
  const names = [...Array.from({ length: 120 }, (_, i) => `m9z${String(i)}.large`), 'mac9.metal', 'u-6tb1.112xlarge'];
  const facts = await describeTypes(client as never, names);
  expect(asked).toEqual([100, 22]);
  expect(facts).toHaveLength(121);
  expect(facts.find((one) => one.name === 'u-6tb1.112xlarge')).toMatchObject({ category: 'u', generation: 1, family: 'u-6tb1', networkMbps: null, localDiskGib: 0, gpuName: null });
});
