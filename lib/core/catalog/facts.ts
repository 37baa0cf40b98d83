// From EC2's description of an instance type (DescribeInstanceTypes) to the facts that Bellows decides by. The packaged
// table is derived with it, and the AWS adapter reads young types with it: both ways a type has the same facts.
import type { Accelerator, Arch, InstanceType } from '../values/offering.ts';
import { allocatableOf } from './allocatable.ts';

export type TypeFacts = Omit<InstanceType, 'onDemandUsdPerHour' | 'spotUsdPerHour' | 'spotInterruptionBand'>;

interface DeviceDescription {
  readonly Name?: string | undefined;
  readonly Manufacturer?: string | undefined;
  readonly Count?: number | undefined;
  readonly MemoryInfo?: { readonly SizeInMiB?: number | undefined } | undefined;
}

/** What is read of EC2's InstanceTypeInfo. */
export interface TypeDescription {
  readonly InstanceType?: string | undefined;
  readonly CurrentGeneration?: boolean | undefined;
  readonly BareMetal?: boolean | undefined;
  readonly BurstablePerformanceSupported?: boolean | undefined;
  readonly Hypervisor?: string | undefined;
  readonly SupportedVirtualizationTypes?: readonly string[] | undefined;
  readonly SupportedBootModes?: readonly string[] | undefined;
  readonly SupportedUsageClasses?: readonly string[] | undefined;
  readonly ProcessorInfo?:
    | { readonly Manufacturer?: string | undefined; readonly SupportedArchitectures?: readonly string[] | undefined }
    | undefined;
  readonly VCpuInfo?: { readonly DefaultVCpus?: number | undefined } | undefined;
  readonly MemoryInfo?: { readonly SizeInMiB?: number | undefined } | undefined;
  readonly InstanceStorageInfo?:
    { readonly NvmeSupport?: string | undefined; readonly TotalSizeInGB?: number | undefined } | undefined;
  readonly NetworkInfo?:
    | {
        readonly DefaultNetworkCardIndex?: number | undefined;
        readonly MaximumNetworkInterfaces?: number | undefined;
        readonly Ipv4AddressesPerInterface?: number | undefined;
        readonly NetworkCards?:
          | readonly {
              readonly NetworkCardIndex?: number | undefined;
              readonly MaximumNetworkInterfaces?: number | undefined;
              readonly BaselineBandwidthInGbps?: number | undefined;
            }[]
          | undefined;
      }
    | undefined;
  readonly GpuInfo?: { readonly Gpus?: readonly DeviceDescription[] | undefined } | undefined;
  readonly NeuronInfo?: { readonly NeuronDevices?: readonly DeviceDescription[] | undefined } | undefined;
  readonly InferenceAcceleratorInfo?: { readonly Accelerators?: readonly DeviceDescription[] | undefined } | undefined;
  readonly FpgaInfo?: { readonly Fpgas?: readonly DeviceDescription[] | undefined } | undefined;
  readonly MediaAcceleratorInfo?: { readonly Accelerators?: readonly DeviceDescription[] | undefined } | undefined;
}

/** Names as requirements give them: `Radeon Pro V520` is `radeon-pro-v520`. */
export function normalName(name: string): string {
  return name.trim().toLowerCase().replaceAll(/\s+/g, '-');
}

/** Family, category, generation and size of a name, e.g. `u-6tb1.112xlarge`; null where it is not made like that. */
export function nameParts(name: string): Pick<TypeFacts, 'family' | 'category' | 'generation' | 'size'> | null {
  const [family = '', size = ''] = name.split('.', 2);
  const [, category, generation] = /^([a-z]+)(?:-\d+tb)?(\d+)/.exec(family) ?? [];
  return category === undefined || size === '' ? null : { family, category, generation: Number(generation), size };
}

/** null: nothing that Linux nodes run on, or not described in full. */
export function typeFacts(type: TypeDescription): TypeFacts | null {
  const { InstanceType: name = '' } = type;
  const parts = nameParts(name);
  const arch = archOf(type.ProcessorInfo?.SupportedArchitectures ?? []);
  const vcpu = type.VCpuInfo?.DefaultVCpus ?? 0;
  const memoryMib = type.MemoryInfo?.SizeInMiB ?? 0;
  if (parts === null || arch === null || vcpu === 0 || memoryMib === 0) return null;
  const gpus = type.GpuInfo?.Gpus ?? [];
  // Of a part of a GPU EC2 says Count 0: no task gets a whole one there.
  const gpu = gpus.reduce((sum, one) => sum + (one.Count ?? 0), 0);
  const hardware = { arch, vcpu, memoryMib, gpu } as const;
  const storage = type.InstanceStorageInfo;
  const cards = type.NetworkInfo?.NetworkCards ?? [];
  const baselineGbps = cards.reduce((sum, card) => sum + (card.BaselineBandwidthInGbps ?? 0), 0);
  return {
    name,
    ...parts,
    ...hardware,
    ...gpuFacts(gpus),
    accelerator: acceleratorOf(type),
    cpuManufacturer: normalName(type.ProcessorInfo?.Manufacturer ?? 'unknown'),
    hypervisor: type.Hypervisor ?? null,
    isBareMetal: type.BareMetal ?? parts.size.startsWith('metal'),
    isBurstable: type.BurstablePerformanceSupported ?? false,
    isCurrentGeneration: type.CurrentGeneration ?? true,
    virtualizationTypes: [...(type.SupportedVirtualizationTypes ?? ['hvm'])].sort(),
    bootModes: [...(type.SupportedBootModes ?? [])].sort(),
    usageClasses: [...(type.SupportedUsageClasses ?? ['on-demand', 'spot'])].sort(),
    // AWS gives disks in GB (10^9), requests give GiB (2^30).
    localDiskGib: storage?.NvmeSupport === 'unsupported' ? 0 : Math.floor((storage?.TotalSizeInGB ?? 0) / 1.073741824),
    networkMbps: baselineGbps > 0 ? Math.floor(baselineGbps * 1_000 + 1e-6) : null,
    allocatable: allocatableOf(hardware, podsMax(type.NetworkInfo)),
  };
}

function archOf(architectures: readonly string[]): Arch | null {
  if (architectures.includes('arm64')) return 'arm64';
  return architectures.includes('x86_64') ? 'amd64' : null;
}

function gpuFacts([first]: readonly DeviceDescription[]): Pick<
  TypeFacts,
  'gpuName' | 'gpuManufacturer' | 'gpuMemoryMib'
> {
  if (first === undefined) return { gpuName: null, gpuManufacturer: null, gpuMemoryMib: null };
  return {
    gpuName: normalName(first.Name ?? 'unknown'),
    gpuManufacturer: normalName(first.Manufacturer ?? 'unknown'),
    gpuMemoryMib: first.MemoryInfo?.SizeInMiB ?? null,
  };
}

/**
 * The same devices may be described as Neuron devices and as inference accelerators: the first kind
 * that is there counts.
 */
function acceleratorOf(type: TypeDescription): Accelerator | null {
  const neuron = type.NeuronInfo?.NeuronDevices?.map((one) => ({ Manufacturer: 'AWS', ...one }));
  const devices =
    [
      neuron,
      type.InferenceAcceleratorInfo?.Accelerators,
      type.FpgaInfo?.Fpgas,
      type.MediaAcceleratorInfo?.Accelerators,
    ].find((one) => one !== undefined && one.length > 0) ?? [];
  const [first] = devices;
  if (first === undefined) return null;
  return {
    name: normalName(first.Name ?? 'unknown').replaceAll(/[()]/g, ''),
    manufacturer: normalName(first.Manufacturer ?? 'unknown'),
    count: devices.reduce((sum, one) => sum + (one.Count ?? 0), 0),
    memoryMib: first.MemoryInfo?.SizeInMiB ?? null,
  };
}

/** Pods that the interfaces of the first network card allow: what {@link allocatableOf} leaves memory for. */
export function podsMax(network: TypeDescription['NetworkInfo']): number {
  const card = network?.NetworkCards?.find(
    (one) => (one.NetworkCardIndex ?? 0) === (network.DefaultNetworkCardIndex ?? 0),
  );
  const interfaces = card?.MaximumNetworkInterfaces ?? network?.MaximumNetworkInterfaces ?? 4;
  return interfaces * ((network?.Ipv4AddressesPerInterface ?? 15) - 1) + 2;
}
