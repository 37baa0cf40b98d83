// Instance types that are younger than the packaged catalog, from what EC2 says about them.
import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import type { _InstanceType, EC2Client, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { allocatableOf } from '../../core/catalog/allocatable.ts';
import type { TypeFacts } from './catalog-snapshot.ts';
import { computeError, Ec2RefusedError } from './ec2-errors.ts';

const namesPerCall = 100;

/** Facts of each that Linux runs on. */
export async function describeTypes(client: Pick<EC2Client, 'send'>, names: readonly string[]): Promise<readonly TypeFacts[]> {
  const facts: TypeFacts[] = [];
  for (let from = 0; from < names.length; from += namesPerCall) {
    try {
      // The SDK's list of names is as old as the SDK; these are younger.
      const { InstanceTypes: types = [] } = await client.send(new DescribeInstanceTypesCommand({ InstanceTypes: names.slice(from, from + namesPerCall) as _InstanceType[] }));
      facts.push(...types.flatMap((type) => factsOf(type) ?? []));
    } catch (error) {
      throw computeError('DescribeInstanceTypes', error, (code, message) => new Ec2RefusedError('DescribeInstanceTypes', code, message));
    }
  }
  return facts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** null: nothing that our images run on, or not described in full. */
export function factsOf(type: InstanceTypeInfo): TypeFacts | null {
  const { InstanceType: name = '' } = type;
  const [family = '', size = ''] = name.split('.', 2);
  const [, category, generation] = /^([a-z]+)(?:-\d+tb)?(\d+)/.exec(family) ?? [];
  const archs: readonly string[] = type.ProcessorInfo?.SupportedArchitectures ?? [];
  const arch = archs.includes('arm64') ? 'arm64' : archs.includes('x86_64') ? 'amd64' : null;
  const vcpu = type.VCpuInfo?.DefaultVCpus ?? 0;
  const memoryMib = type.MemoryInfo?.SizeInMiB ?? 0;
  if (category === undefined || arch === null || size === '' || vcpu === 0 || memoryMib === 0) return null;
  const gpus = type.GpuInfo?.Gpus ?? [];
  const gpu = gpus.reduce((sum, one) => sum + (one.Count ?? 0), 0);
  const disk = type.InstanceStorageInfo;
  const baseline = (type.NetworkInfo?.NetworkCards ?? []).reduce((sum, card) => sum + (card.BaselineBandwidthInGbps ?? 0), 0);
  const { MaximumNetworkInterfaces: interfaces = 4, Ipv4AddressesPerInterface: addresses = 15 } = type.NetworkInfo ?? {};
  const hardware = { arch, vcpu, memoryMib, gpu } as const;
  return {
    name, family, category, generation: Number(generation), size, ...hardware,
    gpuName: gpu === 0 ? null : (gpus[0]?.Name ?? 'unknown').toLowerCase().replaceAll(' ', '-'),
    isBareMetal: type.BareMetal ?? size.startsWith('metal'),
    // AWS gives disks in GB (10^9).
    localDiskGib: disk?.NvmeSupport === 'unsupported' ? 0 : Math.floor((disk?.TotalSizeInGB ?? 0) / 1.073741824),
    networkMbps: baseline > 0 ? Math.floor(baseline * 1_000) : null,
    allocatable: allocatableOf(hardware, interfaces * (addresses - 1) + 2),
  };
}
