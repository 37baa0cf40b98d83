// From EC2's description of a type to the facts that decide, and through the packaged table and back.
import { describe, expect, test } from '@jest/globals';
import { nameParts, normalName, podsMax, typeFacts } from '../../../lib/core/catalog/facts.ts';
import type { TypeDescription, TypeFacts } from '../../../lib/core/catalog/facts.ts';
import { parseTable, traitsText, typeText } from '../../../lib/core/catalog/table.ts';

const described: TypeDescription = {
  InstanceType: 'g4dn.xlarge',
  CurrentGeneration: true,
  BareMetal: false,
  BurstablePerformanceSupported: false,
  Hypervisor: 'nitro',
  SupportedVirtualizationTypes: ['paravirtual', 'hvm'],
  SupportedBootModes: ['uefi', 'legacy-bios'],
  SupportedUsageClasses: ['spot', 'on-demand'],
  ProcessorInfo: { Manufacturer: 'Intel', SupportedArchitectures: ['i386', 'x86_64'] },
  VCpuInfo: { DefaultVCpus: 4 },
  MemoryInfo: { SizeInMiB: 16_384 },
  InstanceStorageInfo: { NvmeSupport: 'required', TotalSizeInGB: 125 },
  NetworkInfo: {
    DefaultNetworkCardIndex: 0,
    MaximumNetworkInterfaces: 3,
    Ipv4AddressesPerInterface: 10,
    NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: 3, BaselineBandwidthInGbps: 5 }],
  },
  GpuInfo: { Gpus: [{ Name: 'T4', Manufacturer: 'NVIDIA', Count: 1, MemoryInfo: { SizeInMiB: 16_384 } }] },
};
const facts = (more: Partial<TypeDescription> = {}): TypeFacts => {
  const found = typeFacts({ ...described, ...more });
  if (found === null) throw new Error('it is described in full');
  return found;
};

describe('a description', () => {
  test('in full', () => {
    expect(facts()).toEqual({
      name: 'g4dn.xlarge',
      family: 'g4dn',
      category: 'g',
      generation: 4,
      size: 'xlarge',
      arch: 'amd64',
      vcpu: 4,
      memoryMib: 16_384,
      gpu: 1,
      gpuName: 't4',
      gpuManufacturer: 'nvidia',
      gpuMemoryMib: 16_384,
      accelerator: null,
      cpuManufacturer: 'intel',
      hypervisor: 'nitro',
      isBareMetal: false,
      isBurstable: false,
      isCurrentGeneration: true,
      virtualizationTypes: ['hvm', 'paravirtual'],
      bootModes: ['legacy-bios', 'uefi'],
      usageClasses: ['on-demand', 'spot'],
      localDiskGib: 116,
      networkMbps: 5_000,
      allocatable: { cpuMilli: 4_000, memoryMib: 14_481, gpu: 1 },
    });
  });

  test.each<[string, Partial<TypeDescription>]>([
    ['a name', { InstanceType: undefined }],
    ['a size', { InstanceType: 'g4dn' }],
    ['an architecture of ours', { ProcessorInfo: { SupportedArchitectures: ['i386', 'x86_64_mac'] } }],
    ['vCPUs', { VCpuInfo: undefined }],
    ['memory', { MemoryInfo: {} }],
  ])('without %s is no type of ours', (_what, more) => {
    expect(typeFacts({ ...described, ...more })).toBeNull();
  });

  test('that says little is read as the usual', () => {
    const { InstanceType, VCpuInfo, MemoryInfo } = described;
    const bare = { InstanceType, VCpuInfo, MemoryInfo, ProcessorInfo: { SupportedArchitectures: ['arm64'] } };
    expect(typeFacts(bare)).toMatchObject({
      arch: 'arm64',
      gpu: 0,
      gpuName: null,
      gpuManufacturer: null,
      gpuMemoryMib: null,
      accelerator: null,
      cpuManufacturer: 'unknown',
      hypervisor: null,
      isBareMetal: false,
      isBurstable: false,
      isCurrentGeneration: true,
      virtualizationTypes: ['hvm'],
      bootModes: [],
      usageClasses: ['on-demand', 'spot'],
      localDiskGib: 0,
      networkMbps: null,
    });
    expect(typeFacts({ ...bare, InstanceType: 'g4dn.metal' })).toMatchObject({ isBareMetal: true });
  });

  test('of several GPUs and cards adds them up; of a part of a GPU counts none', () => {
    const GpuInfo = {
      Gpus: [
        { Name: 'L4', Count: 2 },
        { Name: 'T4', Count: 1 },
      ],
    };
    expect(facts({ GpuInfo })).toMatchObject({
      gpu: 3,
      gpuName: 'l4',
      gpuManufacturer: 'unknown',
      gpuMemoryMib: null,
      allocatable: { gpu: 3 },
    });
    expect(facts({ GpuInfo: { Gpus: [{ Name: 'L4', Count: 0 }] } })).toMatchObject({ gpu: 0, gpuName: 'l4' });
    const NetworkCards = [{ BaselineBandwidthInGbps: 0.75 }, { BaselineBandwidthInGbps: 1.25 }, {}];
    expect(facts({ NetworkInfo: { NetworkCards } }).networkMbps).toBe(2_000);
  });

  test('of disks that are no NVMe gives none', () => {
    expect(facts({ InstanceStorageInfo: { NvmeSupport: 'unsupported', TotalSizeInGB: 80 } }).localDiskGib).toBe(0);
    expect(facts({ InstanceStorageInfo: { TotalSizeInGB: 80 } }).localDiskGib).toBe(74);
  });

  test.each<[string, Partial<TypeDescription>, object | null]>([
    [
      'Neuron devices, which are AWS’s',
      { NeuronInfo: { NeuronDevices: [{ Name: 'Inferentia2', Count: 6, MemoryInfo: { SizeInMiB: 32_768 } }] } },
      { name: 'inferentia2', manufacturer: 'aws', count: 6, memoryMib: 32_768 },
    ],
    [
      'the same as inference accelerators, once',
      {
        NeuronInfo: { NeuronDevices: [{ Name: 'Inferentia', Count: 1 }] },
        InferenceAcceleratorInfo: { Accelerators: [{ Name: 'Inferentia', Manufacturer: 'AWS', Count: 1 }] },
      },
      { name: 'inferentia', manufacturer: 'aws', count: 1, memoryMib: null },
    ],
    [
      'FPGAs where the other lists are empty',
      {
        InferenceAcceleratorInfo: { Accelerators: [] },
        FpgaInfo: {
          Fpgas: [
            { Name: 'Virtex UltraScale (VU9P)', Manufacturer: 'Xilinx', Count: 1 },
            { Name: 'other', Count: 2 },
          ],
        },
      },
      { name: 'virtex-ultrascale-vu9p', manufacturer: 'xilinx', count: 3, memoryMib: null },
    ],
    [
      'media accelerators without a name',
      { MediaAcceleratorInfo: { Accelerators: [{}] } },
      { name: 'unknown', manufacturer: 'unknown', count: 0, memoryMib: null },
    ],
    ['nothing', {}, null],
  ])('of accelerators: %s', (_what, more, expected) => {
    expect(facts(more).accelerator).toEqual(expected);
  });
});

test.each([
  ['c7g.xlarge', { family: 'c7g', category: 'c', generation: 7, size: 'xlarge' }],
  ['u-6tb1.112xlarge', { family: 'u-6tb1', category: 'u', generation: 1, size: '112xlarge' }],
  ['u7i-12tb.224xlarge', { family: 'u7i-12tb', category: 'u', generation: 7, size: '224xlarge' }],
  ['hpc7g.4xlarge', { family: 'hpc7g', category: 'hpc', generation: 7, size: '4xlarge' }],
  ['c7g', null],
  ['7g.large', null],
  ['', null],
])('the parts of %j', (name, parts) => {
  expect(nameParts(name)).toEqual(parts);
});

test('names are as requirements give them', () => {
  expect(normalName('  Radeon Pro  V520 ')).toBe('radeon-pro-v520');
});

describe('the pods that interfaces allow', () => {
  test.each<[string, TypeDescription['NetworkInfo'], number]>([
    ['of the default card', described.NetworkInfo, 29],
    [
      'of one card of several',
      {
        DefaultNetworkCardIndex: 1,
        Ipv4AddressesPerInterface: 50,
        NetworkCards: [
          { NetworkCardIndex: 0, MaximumNetworkInterfaces: 2 },
          { NetworkCardIndex: 1, MaximumNetworkInterfaces: 15 },
        ],
      },
      737,
    ],
    ['where no card is described', { MaximumNetworkInterfaces: 2, Ipv4AddressesPerInterface: 2 }, 4],
    ['where nothing is said', undefined, 58],
  ])('%s', (_what, network, pods) => {
    expect(podsMax(network)).toBe(pods);
  });
});

describe('the packaged table', () => {
  const prices = { onDemandUsdPerHour: 0.526, spotSavingPercent: 60, spotInterruptionBand: 3 };
  const through = (type: TypeFacts, given: Parameters<typeof typeText>[2] = prices, pods = 29) =>
    parseTable(`${traitsText(type)}\n\n${type.family} 0;${typeText(type, pods, given)}\n`)[0];

  test('returns what was written', () => {
    expect(through(facts())).toEqual({
      ...facts(),
      onDemandUsdPerHour: 0.526,
      spotUsdPerHour: 0.2104,
      spotInterruptionBand: 3,
    });
  });

  test('returns what there is nothing of, and what is not for sale', () => {
    const plain = facts({
      InstanceType: 't2.metal',
      BareMetal: true,
      BurstablePerformanceSupported: true,
      CurrentGeneration: false,
      Hypervisor: undefined,
      SupportedBootModes: [],
      InstanceStorageInfo: undefined,
      NetworkInfo: { MaximumNetworkInterfaces: 3, Ipv4AddressesPerInterface: 10 },
      GpuInfo: undefined,
    });
    const none = { onDemandUsdPerHour: null, spotSavingPercent: null, spotInterruptionBand: null };
    expect(through(plain, none)).toEqual({
      ...plain,
      onDemandUsdPerHour: null,
      spotUsdPerHour: null,
      spotInterruptionBand: null,
    });
    expect(through(plain, { ...prices, onDemandUsdPerHour: null })?.spotUsdPerHour).toBeNull();
  });

  test('returns accelerators, with and without a known memory', () => {
    for (const MemoryInfo of [{ SizeInMiB: 32_768 }, undefined]) {
      const type = facts({
        NeuronInfo: { NeuronDevices: [{ Name: 'Inferentia2', Count: 6, ...(MemoryInfo && { MemoryInfo }) }] },
      });
      expect(through(type)?.accelerator).toEqual(type.accelerator);
    }
  });

  test('shares traits and families among types', () => {
    const [a, b] = [facts(), facts({ InstanceType: 'g4dn.2xlarge', VCpuInfo: { DefaultVCpus: 8 } })];
    const text = `${traitsText(a)}\n\ng4dn 0;${typeText(a, 29, prices)};${typeText(b, 29, prices)}`;
    expect(parseTable(text).map((one) => [one.name, one.vcpu, one.gpuName])).toEqual([
      ['g4dn.xlarge', 4, 't4'],
      ['g4dn.2xlarge', 8, 't4'],
    ]);
  });
});
