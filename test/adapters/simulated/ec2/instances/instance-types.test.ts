// DescribeInstanceTypes: what autoscalers compute with is there, in full and as EC2 says it, and
// filters look at all of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import type { DescribeInstanceTypesCommandInput, Filter, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { describeTypes } from '../../../../../lib/adapters/aws/ec2/catalog/types.ts';
import { instanceTypes } from '../../../../../lib/core/catalog/index.ts';
import { openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
});

async function all(input: DescribeInstanceTypesCommandInput): Promise<InstanceTypeInfo[]> {
  const types: InstanceTypeInfo[] = [];
  let NextToken: string | undefined;
  for (let pages = 0; pages < 50; pages += 1) {
    const page = await bench.ec2.send(new DescribeInstanceTypesCommand({ ...input, NextToken }));
    types.push(...(page.InstanceTypes ?? []));
    ({ NextToken } = page);
    if (!NextToken) return types;
  }
  throw new Error('the list has no end');
}

const one = async (name: string): Promise<InstanceTypeInfo> => {
  const [type] = await all({ InstanceTypes: [name as never] });
  if (!type) throw new Error(`${name} is not described`);
  return type;
};

test('every type has what Karpenter and the VPC CNI read without looking', async () => {
  const types = await all({});
  expect(types).toHaveLength(instanceTypes.length);
  for (const { InstanceType, NetworkInfo, GpuInfo, EbsInfo, InstanceStorageSupported } of types) {
    const card = NetworkInfo?.NetworkCards?.[NetworkInfo.DefaultNetworkCardIndex ?? -1];
    const given = [
      card?.MaximumNetworkInterfaces,
      NetworkInfo?.Ipv4AddressesPerInterface,
      NetworkInfo?.MaximumNetworkInterfaces,
      NetworkInfo?.NetworkPerformance,
      InstanceStorageSupported,
      // The newest description that there is of g4ad is older than this member.
      InstanceType?.startsWith('g4ad.') ? 0 : EbsInfo?.MaximumEbsAttachments,
    ];
    const gpus = (GpuInfo?.Gpus ?? []).flatMap((gpu) => [gpu.Manufacturer, gpu.Name, gpu.MemoryInfo?.SizeInMiB]);
    expect([InstanceType, [...given, ...gpus].includes(undefined)]).toEqual([InstanceType, false]);
  }
});

test('a type comes out with the same facts, whether packaged or described at run time', async () => {
  const described = await describeTypes(
    bench.ec2,
    instanceTypes.map((type) => type.name),
  );
  expect(described).toEqual(
    instanceTypes.map(
      ({ onDemandUsdPerHour: _demand, spotUsdPerHour: _spot, spotInterruptionBand: _band, ...facts }) => facts,
    ),
  );
});

test('known values', async () => {
  expect(await one('c6i.large')).toMatchObject({
    NetworkInfo: {
      NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: 3 }],
      Ipv4AddressesPerInterface: 10,
    },
  });
  expect(await one('g4dn.xlarge')).toMatchObject({
    GpuInfo: {
      Gpus: [{ Name: 'T4', Manufacturer: 'NVIDIA', Count: 1, MemoryInfo: { SizeInMiB: 16_384 } }],
      TotalGpuMemoryInMiB: 16_384,
    },
    InstanceStorageInfo: { Disks: [{ Count: 1, SizeInGB: 125, Type: 'ssd' }], TotalSizeInGB: 125 },
    EbsInfo: { EbsOptimizedInfo: { BaselineBandwidthInMbps: 950, MaximumIops: 20_000 }, MaximumEbsAttachments: 25 },
  });
  expect(await one('i4i.large')).toMatchObject({
    Hypervisor: 'nitro',
    EbsInfo: { NvmeSupport: 'required', EbsOptimizedSupport: 'default' },
    NetworkInfo: { EnaSupport: 'required' },
  });
  expect(await one('m7a.large')).toMatchObject({ VCpuInfo: { DefaultCores: 2, DefaultThreadsPerCore: 1 } });
  expect(await one('c5n.18xlarge')).toMatchObject({ NetworkInfo: { EfaSupported: true } });
  expect(await one('t2.micro')).toMatchObject({ CurrentGeneration: true, FreeTierEligible: false });
  expect(await one('t4g.small')).toMatchObject({ FreeTierEligible: true });
  expect(await one('t1.micro')).toMatchObject({
    BurstablePerformanceSupported: false,
    SupportedVirtualizationTypes: expect.arrayContaining(['paravirtual']),
  });
  expect(await one('p5.48xlarge')).toMatchObject({
    NetworkInfo: { MaximumNetworkCards: 32, EfaInfo: { MaximumEfaInterfaces: 32 } },
  });
  expect(await one('g6f.large')).toMatchObject({
    GpuInfo: { Gpus: [{ Count: 0, Name: 'L4', MemoryInfo: { SizeInMiB: 2_861 } }] },
  });
  expect((await one('inf2.xlarge')).InferenceAcceleratorInfo).toEqual({
    Accelerators: [{ Count: 1, Manufacturer: 'AWS', Name: 'Inferentia2', MemoryInfo: { SizeInMiB: 32_768 } }],
    TotalInferenceMemoryInMiB: 32_768,
  });
  expect(await one('m6idn.8xlarge')).toMatchObject({ AutoRecoverySupported: false, DedicatedHostsSupported: true });
});

test.each<[string, Filter[], (type: InstanceTypeInfo) => boolean]>([
  [
    'a number',
    [{ Name: 'vcpu-info.valid-cores', Values: ['96'] }],
    (type) => type.VCpuInfo?.ValidCores?.includes(96) ?? false,
  ],
  [
    'lists of parts',
    [{ Name: 'instance-storage-info.disk.type', Values: ['hdd'] }],
    (type) => type.InstanceStorageInfo?.Disks?.some((disk) => disk.Type === 'hdd') ?? false,
  ],
  [
    'a pattern',
    [{ Name: 'network-info.network-performance', Values: ['Up to 12*'] }],
    (type) => type.NetworkInfo?.NetworkPerformance?.startsWith('Up to 12') ?? false,
  ],
  [
    'both of two',
    [
      { Name: 'supported-boot-mode', Values: ['uefi'] },
      { Name: 'bare-metal', Values: ['true'] },
    ],
    (type) => type.BareMetal === true && (type.SupportedBootModes?.includes('uefi') ?? false),
  ],
])('filters by %s', async (_what, Filters, matches) => {
  const found = (await all({ Filters })).map((type) => type.InstanceType);
  expect(found.length).toBeGreaterThan(0);
  expect(found).toEqual((await all({})).filter(matches).map((type) => type.InstanceType));
});

test('a value that a filter cannot have, and a filter that there is not, are refused', async () => {
  await expect(all({ Filters: [{ Name: 'hypervisor', Values: ['kvm'] }] })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
  await expect(all({ Filters: [{ Name: 'colour', Values: ['red'] }] })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
});
