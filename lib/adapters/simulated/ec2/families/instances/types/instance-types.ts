// DescribeInstanceTypes and DescribeInstanceTypeOfferings: the whole packaged catalog, as EC2 describes it.
import { assert } from '../../../../../../core/values/errors.ts';
import type { InstanceType } from '../../../../../../core/values/offering.ts';
import { Ec2Error } from '../../../../cloud/errors.ts';
import { catalogTypes } from '../../../../cloud/market/types.ts';
import { action } from '../../../action.ts';
import type { Action } from '../../../action.ts';
import { describedTypes } from '../../../described-types.ts';
import { unpackJson } from './packed-json.ts';
import { boolean, integer, list, oneOf, text } from '../../../protocol/fields.ts';
import { filterField } from '../../../protocol/filters.ts';
import type { FilterTable } from '../../../protocol/filters.ts';
import { fixedList, pageOf } from '../../../protocol/paging.ts';
import type { Wire } from '../../../protocol/xml.ts';
import type { Tags } from '../../../tags.ts';
import type { World } from '../../../world.ts';
import { zoneIdOf } from '../../networks/network.ts';

type Scalar = string | number | boolean;
type Described = Scalar | readonly Described[] | { readonly [name: string]: Described };

/** A type as EC2's API model names its parts. Parts may be shared: nobody changes them. */
interface Entry {
  readonly name: string;
  readonly described: Described;
  readonly tags: Tags;
}

let read: readonly Entry[] | null = null;

/** Of all types of the catalog, by name; read at the first call, which takes some 100 ms. */
function packaged(): readonly Entry[] {
  read ??= (unpackJson(describedTypes) as readonly (Described & { readonly InstanceType: string })[]).map(
    (described) => ({ name: described.InstanceType, described, tags: {} }),
  );
  return read;
}

const found = new Map<string, Entry>();

function packagedEntry(name: string): Entry | undefined {
  if (found.size === 0) for (const entry of packaged()) found.set(entry.name, entry);
  return found.get(name);
}

/** Undefined where there is no such type. */
function entryOf(world: World, name: string): Entry | undefined {
  const { types } = world.cloud;
  const added = types.addedAs(name);
  if (!added) return types.get(name) && packagedEntry(name);
  const like = packagedEntry(added.like);
  const type = types.get(name);
  return like && type && { name, described: likeAnother(like.described, type), tags: {} };
}

/** Of all types that there are, by name. */
function entries(world: World): readonly Entry[] {
  const { types } = world.cloud;
  return types === catalogTypes ? packaged() : types.all().flatMap(({ name }) => entryOf(world, name) ?? []);
}

type Parts = Readonly<Record<string, Described>>;

/** A description with another name and size: which cores could be chosen is not known of it. */
function likeAnother(described: Described, { name, vcpu, memoryMib }: InstanceType): Described {
  const { VCpuInfo, ...rest } = described as Parts;
  const threads = (VCpuInfo as Parts)['DefaultThreadsPerCore'] ?? 1;
  const cores = { DefaultVCpus: vcpu, DefaultThreadsPerCore: threads, DefaultCores: Math.ceil(vcpu / Number(threads)) };
  const isAsBefore = (VCpuInfo as Parts)['DefaultVCpus'] === vcpu;
  return {
    ...rest,
    InstanceType: name,
    VCpuInfo: isAsBefore && VCpuInfo !== undefined ? VCpuInfo : cores,
    MemoryInfo: { SizeInMiB: memoryMib },
  };
}

/** All values under the path; lists on the way are looked into. */
function valuesAt(described: Described | undefined, [first, ...rest]: readonly string[]): Scalar[] {
  if (described === undefined) return [];
  if (Array.isArray(described))
    return (described as readonly Described[]).flatMap((one) =>
      valuesAt(one, first === undefined ? [] : [first, ...rest]),
    );
  if (first === undefined) return typeof described === 'object' ? [] : [described];
  return typeof described === 'object' ? valuesAt((described as Readonly<Record<string, Described>>)[first], rest) : [];
}

const at = (path: string, allowed?: readonly string[]): FilterTable<Entry>[string] => {
  const names = path.split('.');
  const of = (entry: Entry): Scalar[] => valuesAt(entry.described, names);
  return allowed === undefined ? of : { of, allowed };
};
const truth = ['true', 'false'];
const support = ['supported', 'unsupported'];
const needed = ['required', 'supported', 'unsupported'];

/** The documented filters, and which part of the description each looks at. */
const filters: FilterTable<Entry> = {
  'auto-recovery-supported': at('AutoRecoverySupported', truth),
  'bare-metal': at('BareMetal', truth),
  'burstable-performance-supported': at('BurstablePerformanceSupported', truth),
  'current-generation': at('CurrentGeneration', truth),
  'dedicated-hosts-supported': at('DedicatedHostsSupported', truth),
  'ebs-info.attachment-limit-type': at('EbsInfo.AttachmentLimitType', ['shared', 'dedicated']),
  'ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps': at('EbsInfo.EbsOptimizedInfo.BaselineBandwidthInMbps'),
  'ebs-info.ebs-optimized-info.baseline-iops': at('EbsInfo.EbsOptimizedInfo.BaselineIops'),
  'ebs-info.ebs-optimized-info.baseline-throughput-in-mbps': at('EbsInfo.EbsOptimizedInfo.BaselineThroughputInMBps'),
  'ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps': at('EbsInfo.EbsOptimizedInfo.MaximumBandwidthInMbps'),
  'ebs-info.ebs-optimized-info.maximum-iops': at('EbsInfo.EbsOptimizedInfo.MaximumIops'),
  'ebs-info.ebs-optimized-info.maximum-throughput-in-mbps': at('EbsInfo.EbsOptimizedInfo.MaximumThroughputInMBps'),
  'ebs-info.ebs-optimized-support': at('EbsInfo.EbsOptimizedSupport', [...support, 'default']),
  'ebs-info.encryption-support': at('EbsInfo.EncryptionSupport', support),
  'ebs-info.maximum-ebs-attachments': at('EbsInfo.MaximumEbsAttachments'),
  'ebs-info.nvme-support': at('EbsInfo.NvmeSupport', needed),
  'free-tier-eligible': at('FreeTierEligible', truth),
  'hibernation-supported': at('HibernationSupported', truth),
  hypervisor: at('Hypervisor', ['nitro', 'xen']),
  'instance-storage-info.disk.count': at('InstanceStorageInfo.Disks.Count'),
  'instance-storage-info.disk.size-in-gb': at('InstanceStorageInfo.Disks.SizeInGB'),
  'instance-storage-info.disk.type': at('InstanceStorageInfo.Disks.Type', ['hdd', 'ssd']),
  'instance-storage-info.encryption-support': at('InstanceStorageInfo.EncryptionSupport', ['required', 'unsupported']),
  'instance-storage-info.nvme-support': at('InstanceStorageInfo.NvmeSupport', needed),
  'instance-storage-info.total-size-in-gb': at('InstanceStorageInfo.TotalSizeInGB'),
  'instance-storage-supported': at('InstanceStorageSupported', truth),
  'instance-type': at('InstanceType'),
  'memory-info.size-in-mib': at('MemoryInfo.SizeInMiB'),
  'network-info.bandwidth-weightings': at('NetworkInfo.BandwidthWeightings'),
  'network-info.efa-info.maximum-efa-interfaces': at('NetworkInfo.EfaInfo.MaximumEfaInterfaces'),
  'network-info.efa-supported': at('NetworkInfo.EfaSupported', truth),
  'network-info.ena-support': at('NetworkInfo.EnaSupport', needed),
  'network-info.encryption-in-transit-supported': at('NetworkInfo.EncryptionInTransitSupported', truth),
  'network-info.flexible-ena-queues-support': at('NetworkInfo.FlexibleEnaQueuesSupport', support),
  'network-info.ipv4-addresses-per-interface': at('NetworkInfo.Ipv4AddressesPerInterface'),
  'network-info.ipv6-addresses-per-interface': at('NetworkInfo.Ipv6AddressesPerInterface'),
  'network-info.ipv6-supported': at('NetworkInfo.Ipv6Supported', truth),
  'network-info.maximum-network-cards': at('NetworkInfo.MaximumNetworkCards'),
  'network-info.maximum-network-interfaces': at('NetworkInfo.MaximumNetworkInterfaces'),
  'network-info.network-performance': at('NetworkInfo.NetworkPerformance'),
  'nitro-enclaves-support': at('NitroEnclavesSupport', support),
  'nitro-tpm-info.supported-versions': at('NitroTpmInfo.SupportedVersions'),
  'nitro-tpm-support': at('NitroTpmSupport', support),
  'processor-info.supported-architecture': at('ProcessorInfo.SupportedArchitectures', [
    'arm64',
    'arm64_mac',
    'i386',
    'x86_64',
    'x86_64_mac',
  ]),
  'processor-info.supported-features': at('ProcessorInfo.SupportedFeatures'),
  'processor-info.sustained-clock-speed-in-ghz': at('ProcessorInfo.SustainedClockSpeedInGhz'),
  'reboot-migration-support': at('RebootMigrationSupport', support),
  'supported-boot-mode': at('SupportedBootModes', ['legacy-bios', 'uefi']),
  'supported-root-device-type': at('SupportedRootDeviceTypes', ['ebs', 'instance-store']),
  'supported-usage-class': at('SupportedUsageClasses', ['on-demand', 'spot', 'capacity-block']),
  'supported-virtualization-type': at('SupportedVirtualizationTypes', ['hvm', 'paravirtual']),
  'vcpu-info.default-cores': at('VCpuInfo.DefaultCores'),
  'vcpu-info.default-threads-per-core': at('VCpuInfo.DefaultThreadsPerCore'),
  'vcpu-info.default-vcpus': at('VCpuInfo.DefaultVCpus'),
  'vcpu-info.valid-cores': at('VCpuInfo.ValidCores'),
  'vcpu-info.valid-threads-per-core': at('VCpuInfo.ValidThreadsPerCore'),
};

/** Where EC2's API model has another name on the wire than its own with a small first letter. */
const wireNames: ReadonlyMap<string, string> = new Map([
  ['EbsCards', 'ebsCardSet'],
  ['Workloads', 'workloadSet'],
]);

function wireOf(described: Described): Wire {
  if (typeof described !== 'object') return described;
  if (Array.isArray(described)) return (described as readonly Described[]).map(wireOf);
  return Object.fromEntries(
    Object.entries(described).map(([name, value]) => [
      wireNames.get(name) ?? name.charAt(0).toLowerCase() + name.slice(1),
      name === 'InferenceAcceleratorInfo' ? inferenceWire(value) : wireOf(value),
    ]),
  );
}

/** The one list of the answer whose members EC2's model does not call `item`. No type has two kinds of accelerator. */
function inferenceWire(info: Described): Wire {
  const { Accelerators, ...others } = info as { readonly Accelerators: readonly Described[] } & Readonly<
    Record<string, Described>
  >;
  const [only, ...more] = Accelerators;
  assert(only !== undefined && more.length === 0, 'inference accelerators of one kind');
  return { ...(wireOf(others) as Readonly<Record<string, Wire>>), accelerators: { member: wireOf(only) } };
}

interface TypeOffering {
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
}

const offeringFilters: FilterTable<TypeOffering> = {
  'instance-type': (offering) => offering.name,
  location: (offering) => offering.location,
};

export const instanceTypeActions: readonly Action[] = [
  action({
    name: 'DescribeInstanceTypes',
    rate: 'non-mutating',
    filters: () => filters,
    fields: {
      InstanceType: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeUnsupportedInRegion: boolean(),
    },
    run(world, parameters, call) {
      const { InstanceType: names } = parameters;
      if (names.length > 100)
        throw new Ec2Error('InvalidParameterValue', 'At most 100 instance types can be named in one call');
      if (names.length > 0 && parameters.MaxResults !== undefined)
        throw new Ec2Error(
          'InvalidParameterCombination',
          'The parameter InstanceTypes cannot be used with the parameter MaxResults',
        );
      const unknown = names.filter((name) => !entryOf(world, name ?? ''));
      if (unknown.length > 0)
        throw new Ec2Error(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
        );
      const candidates =
        names.length > 0 ? [...new Set(names)].flatMap((name) => entryOf(world, name ?? '') ?? []) : entries(world);
      const page = pageOf(fixedList(candidates), parameters, { min: 5, max: 100, byDefault: 100 }, call, call.matches);
      return { instanceTypeSet: page.items.map((entry) => wireOf(entry.described)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceTypeOfferings',
    rate: 'non-mutating',
    filters: () => offeringFilters,
    fields: {
      LocationType: oneOf('region', 'availability-zone', 'availability-zone-id', 'outpost'),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      const locationType = parameters.LocationType ?? 'region';
      const locations = {
        region: [world.region],
        'availability-zone': world.zones,
        'availability-zone-id': world.zones.map((zone) => zoneIdOf(world, zone)),
        outpost: [],
      }[locationType];
      const offered = entries(world).flatMap((type) =>
        locations.map((location): TypeOffering => ({ name: type.name, location, tags: {} })),
      );
      const limits = { min: 5, max: 1000, byDefault: 1000 };
      const page = pageOf(fixedList(offered), parameters, limits, call, call.matches);
      return {
        instanceTypeOfferingSet: page.items.map(({ name, location }) => ({
          instanceType: name,
          locationType,
          location,
        })),
        nextToken: page.nextToken,
      };
    },
  }),
];
