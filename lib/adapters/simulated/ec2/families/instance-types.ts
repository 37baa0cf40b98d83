// DescribeInstanceTypes and DescribeInstanceTypeOfferings: the whole packaged catalog, in EC2's shape.
import { instanceTypes } from '../../../../core/catalog/index.ts';
import type { InstanceType } from '../../../../core/offering.ts';
import { Ec2Error } from '../../errors.ts';
import { action } from '../action.ts';
import type { Action } from '../action.ts';
import { boolean, integer, list, oneOf, text } from '../protocol/fields.ts';
import { compileFilters, filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/paging.ts';
import type { Wire } from '../protocol/xml.ts';
import type { Tags } from '../records.ts';
import { ec2Architecture } from './launch.ts';
import { zoneIdOf } from './network.ts';

type Entry = InstanceType & { readonly tags: Tags };

const entries: readonly Entry[] = instanceTypes.map((type) => ({ ...type, tags: {} }));
const byName = new Map(entries.map((entry) => [entry.name, entry]));

const isCurrent = (type: InstanceType): boolean => type.generation >= 4 || /^(t2|x1|x1e|p3|g3|inf1|trn1|hpc|u)/.test(type.family);
const isNitro = (type: InstanceType): boolean => type.generation >= 5 || type.arch === 'arm64' || /^(t3|p3dn|g4|inf|trn|hpc|u|x2|z1)/.test(type.family);
const hypervisorOf = (type: InstanceType): string | undefined => (type.isBareMetal ? undefined : isNitro(type) ? 'nitro' : 'xen');
const threadsOf = (type: InstanceType): number => (type.arch === 'arm64' || type.vcpu === 1 ? 1 : 2);
const isBurstable = (type: InstanceType): boolean => type.category === 't';
const canHibernate = (type: InstanceType): boolean => !type.isBareMetal && type.memoryMib < 150 * 1024 && /^(c[3-9]|i[3-9]|m[3-9]|r[3-9]|t[23]|x)/.test(type.family);

function usageClasses(type: InstanceType): string[] {
  return [...(type.onDemandUsdPerHour === null ? [] : ['on-demand']), ...(type.spotUsdPerHour === null ? [] : ['spot'])];
}

function maker(type: InstanceType): string {
  if (type.arch === 'arm64') return 'AWS';
  return /^[a-z]+\d+[a-z]*a/.test(type.family) ? 'AMD' : 'Intel';
}

const filters: FilterTable<Entry> = {
  'auto-recovery-supported': { of: (type) => !type.isBareMetal, allowed: ['true', 'false'] },
  'bare-metal': { of: (type) => type.isBareMetal, allowed: ['true', 'false'] },
  'burstable-performance-supported': { of: isBurstable, allowed: ['true', 'false'] },
  'current-generation': { of: isCurrent, allowed: ['true', 'false'] },
  'ebs-info.ebs-optimized-support': { of: (type) => (isNitro(type) ? 'default' : 'supported'), allowed: ['supported', 'unsupported', 'default'] },
  'ebs-info.encryption-support': { of: () => 'supported', allowed: ['supported', 'unsupported'] },
  'ebs-info.nvme-support': { of: (type) => (isNitro(type) ? 'required' : 'unsupported'), allowed: ['required', 'supported', 'unsupported'] },
  'free-tier-eligible': { of: (type) => type.name === 't2.micro' || type.name === 't3.micro', allowed: ['true', 'false'] },
  'hibernation-supported': { of: canHibernate, allowed: ['true', 'false'] },
  hypervisor: { of: hypervisorOf, allowed: ['nitro', 'xen'] },
  'instance-type': (type) => type.name,
  'memory-info.size-in-mib': (type) => type.memoryMib,
  'network-info.ena-support': { of: (type) => (isNitro(type) ? 'required' : 'supported'), allowed: ['required', 'supported', 'unsupported'] },
  'network-info.ipv6-supported': { of: () => true, allowed: ['true', 'false'] },
  'processor-info.supported-architecture': { of: ec2Architecture, allowed: ['arm64', 'arm64_mac', 'i386', 'x86_64', 'x86_64_mac'] },
  'supported-root-device-type': { of: () => ['ebs'], allowed: ['ebs', 'instance-store'] },
  'supported-usage-class': { of: usageClasses, allowed: ['on-demand', 'spot', 'capacity-block'] },
  'supported-virtualization-type': { of: () => ['hvm'], allowed: ['hvm', 'paravirtual'] },
  'vcpu-info.default-cores': (type) => type.vcpu / threadsOf(type),
  'vcpu-info.default-threads-per-core': threadsOf,
  'vcpu-info.default-vcpus': (type) => type.vcpu,
};

function typeWire(type: InstanceType): Wire {
  return {
    instanceType: type.name,
    currentGeneration: isCurrent(type),
    freeTierEligible: type.name === 't2.micro' || type.name === 't3.micro',
    supportedUsageClasses: usageClasses(type),
    supportedRootDeviceTypes: ['ebs'],
    supportedVirtualizationTypes: ['hvm'],
    bareMetal: type.isBareMetal,
    hypervisor: hypervisorOf(type),
    processorInfo: { supportedArchitectures: [ec2Architecture(type)], manufacturer: maker(type) },
    vCpuInfo: { defaultVCpus: type.vcpu, defaultCores: type.vcpu / threadsOf(type), defaultThreadsPerCore: threadsOf(type) },
    memoryInfo: { sizeInMiB: type.memoryMib },
    // Local disks and bandwidths are not shown.
    ebsInfo: { ebsOptimizedSupport: isNitro(type) ? 'default' : 'supported', encryptionSupport: 'supported', nvmeSupport: isNitro(type) ? 'required' : 'unsupported' },
    networkInfo: { enaSupport: isNitro(type) ? 'required' : 'supported', ipv6Supported: true, efaSupported: false, defaultNetworkCardIndex: 0, maximumNetworkCards: 1 },
    gpuInfo: type.gpu > 0 ? { gpus: [{ name: type.gpuName, count: type.gpu }] } : undefined,
    placementGroupInfo: { supportedStrategies: ['cluster', 'partition', 'spread'] },
    hibernationSupported: canHibernate(type),
    burstablePerformanceSupported: isBurstable(type),
    dedicatedHostsSupported: false,
    autoRecoverySupported: !type.isBareMetal,
    supportedBootModes: type.arch === 'arm64' ? ['uefi'] : ['legacy-bios', 'uefi'],
  };
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
    fields: { InstanceType: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text(), IncludeUnsupportedInRegion: boolean() },
    run(_world, parameters, call) {
      const { InstanceType: names } = parameters;
      if (names.length > 100) throw new Ec2Error('InvalidParameterValue', 'At most 100 instance types can be named in one call');
      if (names.length > 0 && parameters.MaxResults !== undefined) throw new Ec2Error('InvalidParameterCombination', 'The parameter InstanceTypes cannot be used with the parameter MaxResults');
      const unknown = names.filter((name) => !byName.has(name ?? ''));
      if (unknown.length > 0) throw new Ec2Error('InvalidInstanceType', `The following supplied instance types do not exist: [${unknown.join(', ')}]`);
      const matches = compileFilters(parameters.Filter, filters);
      const candidates = names.length > 0 ? [...new Set(names)].flatMap((name) => byName.get(name ?? '') ?? []) : entries;
      const page = pageOf(candidates.filter(matches), parameters, { min: 5, max: 100, byDefault: 100 }, call);
      return { instanceTypeSet: page.items.map(typeWire), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceTypeOfferings',
    rate: 'non-mutating',
    fields: { LocationType: oneOf('region', 'availability-zone', 'availability-zone-id', 'outpost'), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const locationType = parameters.LocationType ?? 'region';
      const locations = {
        region: [world.region], 'availability-zone': world.zones, 'availability-zone-id': world.zones.map((zone) => zoneIdOf(world, zone)), outpost: [],
      }[locationType];
      const matches = compileFilters(parameters.Filter, offeringFilters);
      const found = entries.flatMap((type) => locations.map((location): TypeOffering => ({ name: type.name, location, tags: {} }))).filter(matches);
      const page = pageOf(found, parameters, { min: 5, max: 1000, byDefault: 1000 }, call);
      return { instanceTypeOfferingSet: page.items.map(({ name, location }) => ({ instanceType: name, locationType, location })), nextToken: page.nextToken };
    },
  }),
];
