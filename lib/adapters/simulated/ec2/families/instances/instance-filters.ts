// The filters of DescribeInstances, and what each compares.
import { formatAddress } from '../../addresses.ts';
import { neverMet, ofParts } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import {
  attachmentStatus,
  capacityReservationOf,
  hostname,
  isMonitored,
  metadataOptionsOf,
  privateAddress,
  profileOf,
  publicAddress,
  publicDnsName,
  spotRequestId,
  stateCodes,
} from './instance-wire.ts';
import type { ShownInstance } from './instance-wire.ts';
import { interfaceFilters, interfaceOf } from '../networks/network-interfaces.ts';
import type { NetworkInterface } from '../networks/network-interfaces.ts';
import { zoneIdOf } from '../networks/network.ts';

export interface Candidate extends ShownInstance {
  readonly tags: Readonly<Record<string, string>>;
}

export const stateNames = Object.keys(stateCodes);

/** Every filter that DescribeInstances knows. */
export function instanceFilters(world: World): FilterTable<Candidate> {
  return {
    ...stateFilters(world),
    ...launchFilters(world),
    ...metadataFilters(world),
    ...optionFilters(world),
    ...networkFilters(world),
    ...cardFilters(world),
    ...diskFilters(world),
    ...neverMet(
      'affinity',
      'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn',
      'host-id',
      'ipv6-address',
      'operator.principal',
      'outpost-arn',
      'product-code',
      'product-code.type',
      'tpm-support',
    ),
  };
}

/** By the volumes attached to it. */
function diskFilters(world: World): FilterTable<Candidate> {
  const attachments = ({ instance }: Candidate) =>
    (instance.details?.volumeIds ?? []).flatMap((id) => {
      const attachment = world.volumes.get(id)?.attachments.find((one) => one.instanceId === instance.id);
      return attachment ? [{ id, ...attachment }] : [];
    });
  return {
    'block-device-mapping.attach-time': (one) =>
      attachments(one).map((attachment) => wholeSeconds(attachment.attachedAtMs).toISOString()),
    'block-device-mapping.delete-on-termination': (one) =>
      attachments(one).map((attachment) => attachment.deleteOnTermination),
    'block-device-mapping.device-name': (one) => attachments(one).map((attachment) => attachment.device),
    'block-device-mapping.status': (one) =>
      attachments(one).map((attachment) => attachmentStatus(attachment, world.nowMs())),
    'block-device-mapping.volume-id': (one) => attachments(one).map((attachment) => attachment.id),
    'root-device-name': (one) => attachments(one)[0]?.device,
    'root-device-type': { of: () => 'ebs', allowed: ['ebs', 'instance-store'] },
  };
}

/** By where it is and how it is reached. */
function networkFilters(world: World): FilterTable<Candidate> {
  const subnetOf = ({ instance, shown }: Candidate) =>
    shown.state === 'terminated' ? undefined : instance.details?.subnetId;
  const vpcOf = (one: Candidate) => world.subnets.get(subnetOf(one) ?? '')?.vpcId;
  const groups = ({ instance, shown }: Candidate) =>
    shown.state === 'terminated' ? [] : (instance.details?.securityGroupIds ?? []);
  const groupNames = (one: Candidate) => groups(one).map((id) => world.securityGroups.get(id)?.name);
  const privateIp = ({ instance }: Candidate) => privateAddress(instance);
  const publicIp = ({ instance, shown }: Candidate) => publicAddress(instance, world.specOf(instance), shown.state);
  return {
    'availability-zone': ({ instance }) => instance.zone,
    'availability-zone-id': ({ instance }) => zoneIdOf(world, instance.zone),
    'dns-name': (one) => {
      const address = publicIp(one);
      return address === null ? '' : publicDnsName(world, address);
    },
    'instance.group-id': groups,
    'instance.group-name': groupNames,
    'ip-address': (one) => {
      const address = publicIp(one);
      return address === null ? undefined : formatAddress(address);
    },
    'private-dns-name': ({ instance }) => hostname(world, instance),
    'private-ip-address': privateIp,
    'source-dest-check': ({ instance }) => instance.details?.changed?.sourceDestCheck ?? true,
    'subnet-id': subnetOf,
    'vpc-id': vpcOf,
  };
}

/** By what it was launched with. */
function launchFilters(world: World): FilterTable<Candidate> {
  const parameters = ({ instance }: Candidate) => world.specOf(instance)?.parameters;
  return {
    architecture: {
      of: ({ instance }) => world.specOf(instance)?.architecture,
      allowed: ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'],
    },
    'ebs-optimized': (one) => one.instance.details?.changed?.ebsOptimized ?? parameters(one)?.EbsOptimized ?? false,
    'hibernation-options.configured': (one) => parameters(one)?.HibernationOptions?.Configured ?? false,
    'iam-instance-profile.arn': ({ instance }) => profileOf(world, instance)?.arn,
    'iam-instance-profile.id': ({ instance }) => profileOf(world, instance)?.id,
    'iam-instance-profile.name': ({ instance }) => profileOf(world, instance)?.arn.split('/').at(-1),
    'image-id': ({ instance }) => world.specOf(instance)?.imageId,
    'kernel-id': (one) => parameters(one)?.KernelId,
    'key-name': ({ instance }) => world.specOf(instance)?.keyName,
    'monitoring-state': {
      of: ({ instance }) => (isMonitored(world, instance) ? 'enabled' : 'disabled'),
      allowed: ['disabled', 'enabled'],
    },
    'placement-group-name': (one) => parameters(one)?.Placement?.GroupName,
    platform: { of: ({ instance }) => world.specOf(instance)?.platform, allowed: ['windows'] },
    'platform-details': ({ instance }) => (world.specOf(instance)?.platform === 'windows' ? 'Windows' : 'Linux/UNIX'),
    tenancy: {
      of: (one) => parameters(one)?.Placement?.Tenancy ?? 'default',
      allowed: ['dedicated', 'default', 'host'],
    },
  };
}

/** By the options of the launch, and by what follows from them. */
function optionFilters(world: World): FilterTable<Candidate> {
  const parameters = ({ instance }: Candidate) => world.specOf(instance)?.parameters;
  const isArm = ({ instance }: Candidate) => world.specOf(instance)?.architecture === 'arm64';
  const names = (one: Candidate) => parameters(one)?.PrivateDnsNameOptions;
  const isWindows = ({ instance }: Candidate) => world.specOf(instance)?.platform === 'windows';
  return {
    'boot-mode': {
      of: (one) => (isArm(one) ? 'uefi' : 'uefi-preferred'),
      allowed: ['legacy-bios', 'uefi', 'uefi-preferred'],
    },
    'capacity-reservation-id': ({ instance }) => capacityReservationOf(world, instance),
    'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id': (one) =>
      parameters(one)?.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId,
    'capacity-reservation-specification.capacity-reservation-preference': (one) =>
      parameters(one)?.CapacityReservationSpecification?.CapacityReservationPreference ?? 'open',
    'current-instance-boot-mode': {
      of: (one) => (isArm(one) ? 'uefi' : 'legacy-bios'),
      allowed: ['legacy-bios', 'uefi'],
    },
    'enclave-options.enabled': (one) => parameters(one)?.EnclaveOptions?.Enabled ?? false,
    'maintenance-options.auto-recovery': (one) => parameters(one)?.MaintenanceOptions?.AutoRecovery ?? 'default',
    'network-performance-options.bandwidth-weighting': (one) =>
      parameters(one)?.NetworkPerformanceOptions?.BandwidthWeighting ?? 'default',
    'operator.managed': () => false,
    'placement-partition-number': (one) => parameters(one)?.Placement?.PartitionNumber,
    'private-dns-name-options.enable-resource-name-dns-a-record': (one) =>
      names(one)?.EnableResourceNameDnsARecord ?? false,
    'private-dns-name-options.enable-resource-name-dns-aaaa-record': (one) =>
      names(one)?.EnableResourceNameDnsAAAARecord ?? false,
    'private-dns-name-options.hostname-type': (one) => names(one)?.HostnameType ?? 'ip-name',
    'ramdisk-id': (one) => parameters(one)?.RamDiskId,
    'usage-operation': (one) => (isWindows(one) ? 'RunInstances:0002' : 'RunInstances'),
    'usage-operation-update-time': ({ instance }) => wholeSeconds(instance.launchedAtMs).toISOString(),
  };
}

/** By its network interface: those of DescribeNetworkInterfaces, and what only instances have. */
function cardFilters(world: World): FilterTable<Candidate> {
  const card = (one: Candidate) => {
    const found = interfaceOf(world, one);
    return found ? [found] : [];
  };
  const more: FilterTable<NetworkInterface> = {
    'addresses.association.allocation-id': (one) => one.elastic?.allocationId,
    'addresses.association.association-id': (one) => one.elastic?.associationId,
    'addresses.association.ip-owner-id': (one) => one.ipOwnerId,
    'addresses.association.public-dns-name': (one) => one.publicDnsName,
    'addresses.private-dns-name': (one) => one.privateDnsName,
    'attachment.network-card-index': () => 0,
    'ipv6-native': () => false,
    'public-dns-name': (one) => one.publicDnsName,
    'tag-key': (one) => Object.keys(one.tags),
    'tag-value': (one) => Object.values(one.tags),
    ...neverMet(
      'addresses.association.carrier-ip',
      'addresses.association.customer-owned-ip',
      'association.carrier-ip',
      'association.customer-owned-ip',
      'deny-all-igw-traffic',
      'ipv4-prefixes.ipv4-prefix',
      'ipv6-address',
      'ipv6-addresses.is-primary-ipv6',
      'ipv6-prefixes.ipv6-prefix',
      'outpost-arn',
    ),
  };
  return ofParts('network-interface.', { ...interfaceFilters(world), ...more }, card);
}

function metadataFilters(world: World): FilterTable<Candidate> {
  const options = ({ instance }: Candidate) => metadataOptionsOf(world, instance);
  const switches = ['enabled', 'disabled'];
  return {
    'metadata-options.http-endpoint': { of: (one) => options(one).httpEndpoint, allowed: switches },
    'metadata-options.http-protocol-ipv4': { of: () => 'enabled', allowed: switches },
    'metadata-options.http-protocol-ipv6': { of: (one) => options(one).httpProtocolIpv6, allowed: switches },
    'metadata-options.http-put-response-hop-limit': (one) => options(one).httpPutResponseHopLimit,
    'metadata-options.http-tokens': { of: (one) => options(one).httpTokens, allowed: ['optional', 'required'] },
    'metadata-options.instance-metadata-tags': { of: (one) => options(one).instanceMetadataTags, allowed: switches },
    'metadata-options.state': {
      of: ({ shown }) => (shown.state === 'pending' ? 'pending' : 'applied'),
      allowed: ['pending', 'applied'],
    },
  };
}

/** By its own state, and by what never differs here. */
function stateFilters(world: World): FilterTable<Candidate> {
  return {
    'client-token': ({ instance }) => instance.token,
    'ena-support': () => true,
    hypervisor: { of: () => 'xen', allowed: ['ovm', 'xen'] },
    'instance-id': ({ instance }) => instance.id,
    'instance-lifecycle': {
      of: ({ instance }) => (instance.capacityType === 'spot' ? 'spot' : undefined),
      allowed: ['spot', 'scheduled', 'capacity-block'],
    },
    'instance-state-code': ({ shown }) => stateCodes[shown.state],
    'instance-state-name': { of: ({ shown }) => shown.state, allowed: stateNames },
    'instance-type': ({ instance }) => instance.instanceType,
    'launch-index': ({ instance }) => instance.launchIndex,
    'launch-time': ({ instance }) => wholeSeconds(instance.launchedAtMs).toISOString(),
    'owner-id': () => world.accountId,
    reason: ({ shown }) => shown.reason?.message,
    'requester-id': () => undefined,
    'reservation-id': ({ instance }) => instance.reservationId,
    'spot-instance-request-id': ({ instance }) =>
      instance.capacityType === 'spot' ? spotRequestId(instance) : undefined,
    'state-reason-code': ({ shown }) => shown.reason?.code,
    'state-reason-message': ({ shown }) => shown.reason?.message,
    'virtualization-type': { of: () => 'hvm', allowed: ['paravirtual', 'hvm'] },
  };
}
