// What an instance is launched with, as RunInstances and launch templates take it: one declaration for both,
// how a request overrides its template, and how a template shows it again.
import { dictionary } from '../../../../../core/values/dictionary.ts';
import {
  boolean,
  integer,
  list,
  notModelled,
  oneOf,
  required,
  struct,
  text,
  timestamp,
} from '../../protocol/fields.ts';
import type { Parsed } from '../../protocol/fields.ts';
import { ReadyXml, toXmlBytes } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Tags } from '../../tags.ts';
import { tagSpecificationField } from '../../tags.ts';

export const volumeTypes = ['standard', 'io1', 'io2', 'gp2', 'gp3', 'st1', 'sc1'] as const;

export const blockDeviceField = list(
  struct({
    DeviceName: text(),
    VirtualName: text(),
    NoDevice: text(),
    Ebs: struct({
      DeleteOnTermination: boolean(),
      Encrypted: boolean(),
      Iops: integer({ min: 1 }),
      KmsKeyId: text(),
      SnapshotId: text(),
      Throughput: integer({ min: 1 }),
      VolumeSize: integer({ min: 1 }),
      VolumeType: oneOf(...volumeTypes),
      VolumeInitializationRate: integer(),
      OutpostArn: notModelled(),
      EbsCardIndex: notModelled(),
      AvailabilityZone: notModelled(),
      AvailabilityZoneId: notModelled(),
    }),
  }),
);

const networkInterfaceField = list(
  struct({
    AssociatePublicIpAddress: boolean(),
    DeleteOnTermination: boolean(),
    Description: text(),
    DeviceIndex: integer({ min: 0 }),
    InterfaceType: text(),
    NetworkCardIndex: integer({ min: 0 }),
    PrivateIpAddress: text(),
    SecurityGroupId: list(text()),
    SubnetId: text(),
    NetworkInterfaceId: notModelled(),
    AssociateCarrierIpAddress: notModelled(),
    ConnectionTrackingSpecification: notModelled(),
    EnaQueueCount: notModelled(),
    EnaSrdSpecification: notModelled(),
    Ipv4Prefix: notModelled(),
    Ipv4PrefixCount: notModelled(),
    Ipv6AddressCount: notModelled(),
    Ipv6Addresses: notModelled(),
    Ipv6Prefix: notModelled(),
    Ipv6PrefixCount: notModelled(),
    PrimaryIpv6: notModelled(),
    PrivateIpAddresses: notModelled(),
    SecondaryPrivateIpAddressCount: notModelled(),
  }),
);

const isEnabled = struct({ Enabled: boolean() });
const switchValues = ['enabled', 'disabled'] as const;

export const launchFields = {
  BlockDeviceMapping: blockDeviceField,
  CapacityReservationSpecification: struct({
    CapacityReservationPreference: oneOf('open', 'none', 'capacity-reservations-only'),
    CapacityReservationTarget: struct({
      CapacityReservationId: text(),
      CapacityReservationResourceGroupArn: notModelled(),
    }),
  }),
  CpuOptions: struct({
    CoreCount: integer({ min: 1 }),
    ThreadsPerCore: integer({ min: 1, max: 2 }),
    AmdSevSnp: oneOf(...switchValues),
    NestedVirtualization: oneOf(...switchValues),
  }),
  CreditSpecification: struct({ CpuCredits: required(oneOf('standard', 'unlimited')) }),
  DisableApiStop: boolean(),
  DisableApiTermination: boolean(),
  EbsOptimized: boolean(),
  ElasticGpuSpecification: notModelled(),
  ElasticInferenceAccelerator: notModelled(),
  EnclaveOptions: isEnabled,
  HibernationOptions: struct({ Configured: boolean() }),
  IamInstanceProfile: struct({ Arn: text(), Name: text() }),
  ImageId: text(),
  InstanceInitiatedShutdownBehavior: oneOf('stop', 'terminate'),
  InstanceMarketOptions: struct({
    MarketType: oneOf('spot', 'capacity-block', 'interruptible-capacity-reservation', 'on-demand'),
    SpotOptions: struct({
      BlockDurationMinutes: notModelled(),
      InstanceInterruptionBehavior: oneOf('hibernate', 'stop', 'terminate'),
      MaxPrice: text({ pattern: /^\d*\.?\d+$/, why: 'It must be a price in USD' }),
      SpotInstanceType: oneOf('one-time', 'persistent'),
      ValidUntil: timestamp(),
    }),
  }),
  InstanceType: text(),
  KernelId: text(),
  KeyName: text(),
  LicenseSpecification: notModelled(),
  MaintenanceOptions: struct({ AutoRecovery: oneOf('disabled', 'default') }),
  MetadataOptions: struct({
    HttpEndpoint: oneOf(...switchValues),
    HttpProtocolIpv6: oneOf(...switchValues),
    HttpPutResponseHopLimit: integer({ min: 1, max: 64 }),
    HttpTokens: oneOf('optional', 'required'),
    InstanceMetadataTags: oneOf(...switchValues),
  }),
  Monitoring: struct({ Enabled: boolean(), MetricCategoryId: notModelled() }),
  NetworkInterface: networkInterfaceField,
  NetworkPerformanceOptions: struct({ BandwidthWeighting: oneOf('default', 'vpc-1', 'ebs-1') }),
  Operator: notModelled(),
  Placement: struct({
    Affinity: notModelled(),
    AvailabilityZone: text(),
    AvailabilityZoneId: text(),
    GroupId: notModelled(),
    GroupName: text(),
    HostId: notModelled(),
    HostResourceGroupArn: notModelled(),
    PartitionNumber: integer({ min: 1, max: 7 }),
    SpreadDomain: text(),
    Tenancy: oneOf('default', 'dedicated', 'host'),
  }),
  PrivateDnsNameOptions: struct({
    HostnameType: oneOf('ip-name', 'resource-name'),
    EnableResourceNameDnsARecord: boolean(),
    EnableResourceNameDnsAAAARecord: boolean(),
  }),
  SecondaryInterface: notModelled(),
  SecurityGroup: list(text()),
  SecurityGroupId: list(text()),
  TagSpecification: tagSpecificationField,
  UserData: text(),
} as const;

export type LaunchParameters = Partial<Parsed<typeof launchFields>> & {
  readonly RamDiskId?: string | undefined;
  readonly InstanceRequirements?: InstanceRequirements | undefined;
};

const range = struct({ Min: integer({ min: 0 }), Max: integer({ min: 0 }) });
const decimalRange = struct({ Min: text({ pattern: /^\d*\.?\d+$/ }), Max: text({ pattern: /^\d*\.?\d+$/ }) });
const inclusion = oneOf('included', 'required', 'excluded');

/** Attribute-based selection of types, as far as the catalog knows the attributes. */
export const instanceRequirementsField = struct({
  AcceleratorCount: range,
  AllowedInstanceType: list(text()),
  BareMetal: inclusion,
  BurstablePerformance: inclusion,
  CpuManufacturer: list(oneOf('intel', 'amd', 'amazon-web-services', 'apple')),
  ExcludedInstanceType: list(text()),
  InstanceGeneration: list(oneOf('current', 'previous')),
  MemoryGiBPerVCpu: decimalRange,
  MemoryMiB: struct({ Min: required(integer({ min: 0 })), Max: integer({ min: 0 }) }),
  VCpuCount: struct({ Min: required(integer({ min: 0 })), Max: integer({ min: 0 }) }),
  AcceleratorManufacturer: notModelled(),
  AcceleratorName: notModelled(),
  AcceleratorTotalMemoryMiB: notModelled(),
  AcceleratorType: notModelled(),
  BaselineEbsBandwidthMbps: notModelled(),
  BaselinePerformanceFactors: notModelled(),
  LocalStorage: notModelled(),
  LocalStorageType: notModelled(),
  MaxSpotPriceAsPercentageOfOptimalOnDemandPrice: notModelled(),
  NetworkBandwidthGbps: notModelled(),
  NetworkInterfaceCount: notModelled(),
  OnDemandMaxPricePercentageOverLowestPrice: notModelled(),
  RequireEncryptionInTransit: notModelled(),
  RequireHibernateSupport: notModelled(),
  SpotMaxPricePercentageOverLowestPrice: notModelled(),
  TotalLocalStorageGB: notModelled(),
});
export type InstanceRequirements = NonNullable<ReturnType<typeof instanceRequirementsField.parse>>;

/** The LaunchTemplateData of CreateLaunchTemplate. */
export const templateDataField = struct({
  ...launchFields,
  RamDiskId: text(),
  InstanceRequirements: instanceRequirementsField,
});

/**
 * The request's parameters over the template's: a list or structure that the request names replaces the
 * template's; tags are merged by key.
 */
export function mergeLaunchParameters(template: LaunchParameters, request: LaunchParameters): LaunchParameters {
  const merged: Record<string, unknown> = { ...template };
  for (const [name, value] of Object.entries(request)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    merged[name] = value;
  }
  merged['TagSpecification'] = [...(template.TagSpecification ?? []), ...(request.TagSpecification ?? [])];
  return merged;
}

/** The tags that the specification gives to resources of that type; later ones win. */
export function tagsFor(resourceType: string, specifications: LaunchParameters['TagSpecification']): Tags {
  const tags = dictionary<string>();
  for (const specification of specifications ?? []) {
    if (specification?.ResourceType !== resourceType) continue;
    for (const tag of specification.Tag) if (tag?.Key !== undefined) tags[tag.Key] = tag.Value ?? '';
  }
  return tags;
}

/** As DescribeLaunchTemplateVersions shows it. */
export function templateDataWire(data: LaunchParameters): Wire {
  return {
    kernelId: data.KernelId,
    ebsOptimized: data.EbsOptimized,
    iamInstanceProfile: data.IamInstanceProfile && {
      arn: data.IamInstanceProfile.Arn,
      name: data.IamInstanceProfile.Name,
    },
    blockDeviceMappingSet: someOf(data.BlockDeviceMapping?.map(blockDeviceWire)),
    networkInterfaceSet: someOf(data.NetworkInterface?.map(networkInterfaceWire)),
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    keyName: data.KeyName,
    monitoring: data.Monitoring && { enabled: data.Monitoring.Enabled },
    placement: data.Placement && {
      availabilityZone: data.Placement.AvailabilityZone,
      availabilityZoneId: data.Placement.AvailabilityZoneId,
      groupName: data.Placement.GroupName,
      tenancy: data.Placement.Tenancy,
      spreadDomain: data.Placement.SpreadDomain,
      partitionNumber: data.Placement.PartitionNumber,
    },
    ramDiskId: data.RamDiskId,
    disableApiTermination: data.DisableApiTermination,
    instanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    userData: data.UserData,
    tagSpecificationSet: someOf(
      data.TagSpecification?.map(
        (specification) =>
          specification && {
            resourceType: specification.ResourceType,
            tagSet: specification.Tag.map((tag) => tag && { key: tag.Key, value: tag.Value ?? '' }),
          },
      ),
    ),
    securityGroupIdSet: someOf(data.SecurityGroupId),
    securityGroupSet: someOf(data.SecurityGroup),
    instanceMarketOptions: data.InstanceMarketOptions && marketOptionsWire(data.InstanceMarketOptions),
    creditSpecification: data.CreditSpecification && { cpuCredits: data.CreditSpecification.CpuCredits },
    ...instanceOptionsWire(data),
  };
}

type Element<T> = T extends readonly (infer E)[] ? E : never;

export function blockDeviceWire(mapping: Element<NonNullable<LaunchParameters['BlockDeviceMapping']>>): Wire {
  return (
    mapping && {
      deviceName: mapping.DeviceName,
      virtualName: mapping.VirtualName,
      noDevice: mapping.NoDevice,
      ebs: mapping.Ebs && {
        encrypted: mapping.Ebs.Encrypted,
        deleteOnTermination: mapping.Ebs.DeleteOnTermination,
        iops: mapping.Ebs.Iops,
        kmsKeyId: mapping.Ebs.KmsKeyId,
        snapshotId: mapping.Ebs.SnapshotId,
        volumeSize: mapping.Ebs.VolumeSize,
        volumeType: mapping.Ebs.VolumeType,
        throughput: mapping.Ebs.Throughput,
        volumeInitializationRate: mapping.Ebs.VolumeInitializationRate,
      },
    }
  );
}

function networkInterfaceWire(network: Element<NonNullable<LaunchParameters['NetworkInterface']>>): Wire {
  return (
    network && {
      associatePublicIpAddress: network.AssociatePublicIpAddress,
      deleteOnTermination: network.DeleteOnTermination,
      description: network.Description,
      deviceIndex: network.DeviceIndex,
      groupSet: network.SecurityGroupId.length > 0 ? inNamedItems('groupId', network.SecurityGroupId) : undefined,
      interfaceType: network.InterfaceType,
      privateIpAddress: network.PrivateIpAddress,
      subnetId: network.SubnetId,
      networkCardIndex: network.NetworkCardIndex,
    }
  );
}

function marketOptionsWire(options: NonNullable<LaunchParameters['InstanceMarketOptions']>): Wire {
  const spot = options.SpotOptions;
  return {
    marketType: options.MarketType,
    spotOptions: spot && {
      maxPrice: spot.MaxPrice,
      spotInstanceType: spot.SpotInstanceType,
      validUntil: spot.ValidUntil === undefined ? undefined : new Date(spot.ValidUntil),
      instanceInterruptionBehavior: spot.InstanceInterruptionBehavior,
    },
  };
}

function instanceOptionsWire(data: LaunchParameters): Readonly<Record<string, Wire>> {
  return {
    cpuOptions: data.CpuOptions && {
      coreCount: data.CpuOptions.CoreCount,
      threadsPerCore: data.CpuOptions.ThreadsPerCore,
      amdSevSnp: data.CpuOptions.AmdSevSnp,
      nestedVirtualization: data.CpuOptions.NestedVirtualization,
    },
    capacityReservationSpecification: data.CapacityReservationSpecification && {
      capacityReservationPreference: data.CapacityReservationSpecification.CapacityReservationPreference,
      capacityReservationTarget: data.CapacityReservationSpecification.CapacityReservationTarget && {
        capacityReservationId: data.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId,
      },
    },
    hibernationOptions: data.HibernationOptions && { configured: data.HibernationOptions.Configured },
    metadataOptions: data.MetadataOptions && {
      state: 'applied',
      httpTokens: data.MetadataOptions.HttpTokens,
      httpPutResponseHopLimit: data.MetadataOptions.HttpPutResponseHopLimit,
      httpEndpoint: data.MetadataOptions.HttpEndpoint,
      httpProtocolIpv6: data.MetadataOptions.HttpProtocolIpv6,
      instanceMetadataTags: data.MetadataOptions.InstanceMetadataTags,
    },
    enclaveOptions: data.EnclaveOptions && { enabled: data.EnclaveOptions.Enabled },
    instanceRequirements: data.InstanceRequirements && requirementsWire(data.InstanceRequirements),
    privateDnsNameOptions: data.PrivateDnsNameOptions && {
      hostnameType: data.PrivateDnsNameOptions.HostnameType,
      enableResourceNameDnsARecord: data.PrivateDnsNameOptions.EnableResourceNameDnsARecord,
      enableResourceNameDnsAAAARecord: data.PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord,
    },
    maintenanceOptions: data.MaintenanceOptions && { autoRecovery: data.MaintenanceOptions.AutoRecovery },
    disableApiStop: data.DisableApiStop,
    networkPerformanceOptions: data.NetworkPerformanceOptions && {
      bandwidthWeighting: data.NetworkPerformanceOptions.BandwidthWeighting,
    },
  };
}

export function requirementsWire(wanted: InstanceRequirements): Wire {
  const rangeWire = (
    limits: { readonly Min?: number | string | undefined; readonly Max?: number | string | undefined } | undefined,
  ): Wire => limits && { min: limits.Min, max: limits.Max };
  return {
    vCpuCount: rangeWire(wanted.VCpuCount),
    memoryMiB: rangeWire(wanted.MemoryMiB),
    cpuManufacturerSet: someOf(wanted.CpuManufacturer),
    memoryGiBPerVCpu: rangeWire(wanted.MemoryGiBPerVCpu),
    excludedInstanceTypeSet: someOf(wanted.ExcludedInstanceType),
    instanceGenerationSet: someOf(wanted.InstanceGeneration),
    bareMetal: wanted.BareMetal,
    burstablePerformance: wanted.BurstablePerformance,
    acceleratorCount: rangeWire(wanted.AcceleratorCount),
    allowedInstanceTypeSet: someOf(wanted.AllowedInstanceType),
  };
}

/** Absent rather than empty, as templates show what was not set. */
function someOf<T>(members: readonly T[] | undefined): readonly T[] | undefined {
  return members && members.length > 0 ? members : undefined;
}

/** Lists whose members are not called `item`. */
function inNamedItems(name: string, values: readonly (string | undefined)[]): Wire {
  return new ReadyXml(() => values.map((value) => toXmlBytes({ [name]: value })));
}
