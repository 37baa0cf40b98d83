// An instance as DescribeInstances shows it.
import type { InstanceState } from '../../../../../ports/cloud.ts';
import type { InstanceDetails, InstanceRecord, MetadataOptions, Transition } from '../../../cloud/instances.ts';
import { hash32 } from '../../../cloud/random.ts';
import { formatAddress } from '../../addresses.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { CapacityReservation, LaunchSpec, VolumeAttachment } from '../../records.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import { zoneIdOf } from '../networks/network.ts';
import { partitionName } from '../networks/regions.ts';

export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export interface ShownInstance {
  readonly instance: InstanceRecord;
  readonly shown: Transition;
}

export function privateDnsName(world: World, address: number): string {
  const name = `ip-${formatAddress(address).replaceAll('.', '-')}`;
  return world.region === 'us-east-1' ? `${name}.ec2.internal` : `${name}.${world.region}.compute.internal`;
}

/** null while it has none (any more). */
export function privateAddress(instance: InstanceRecord): string | null {
  const address = instance.details?.privateIp ?? null;
  return address === null ? null : formatAddress(address);
}

export function hostname(world: World, instance: InstanceRecord): string | null {
  const address = instance.details?.privateIp ?? null;
  return address === null ? null : privateDnsName(world, address);
}

/**
 * Its elastic address, also while it is stopped. Other public addresses are not drawn from a pool: derived from the
 * instance and its last start, as it gets another one each time.
 */
export function publicAddress(
  instance: InstanceRecord,
  spec: LaunchSpec | undefined,
  state: InstanceState,
): number | null {
  const elastic = instance.details?.elastic;
  if (elastic && state !== 'terminated') return elastic.publicIp;
  if (!spec?.isPublicIp || state !== 'running') return null;
  return 0x3400_0000 + (hash32(`${instance.id}/${instance.launchedAtMs}`) & 0x3f_ffff);
}

export function publicDnsName(world: World, address: number): string {
  const name = `ec2-${formatAddress(address).replaceAll('.', '-')}`;
  return world.region === 'us-east-1'
    ? `${name}.compute-1.amazonaws.com`
    : `${name}.${world.region}.compute.amazonaws.com`;
}

export function networkInterfaceId(instance: InstanceRecord): string {
  return `eni-${instance.id.slice(2)}`;
}

export function macAddress(instance: Pick<InstanceRecord, 'id'>): string {
  const hex = (hash32(instance.id).toString(16) + hash32(`${instance.id}/mac`).toString(16)).padEnd(10, '0');
  const pair = (at: number): string => hex.slice(at, at + 2);
  return `0a:${pair(0)}:${pair(2)}:${pair(4)}:${pair(6)}:${pair(8)}`;
}

export function groupSet(world: World, ids: readonly string[]): Wire {
  return ids.map((groupId) => ({ groupId, groupName: world.securityGroups.get(groupId)?.name }));
}

export function spotRequestId(instance: InstanceRecord): string {
  return instance.details?.spotRequestId ?? `sir-${instance.id.slice(2, 10)}`;
}

export interface ShownNetwork {
  readonly privateIp: number;
  readonly groupIds: readonly string[];
}

/** null: it has none any more, or was launched without one. */
export function networkOf({ instance, shown }: ShownInstance): ShownNetwork | null {
  const { details } = instance;
  return details === null || details.privateIp === null || shown.state === 'terminated'
    ? null
    : { privateIp: details.privateIp, groupIds: details.securityGroupIds };
}

interface Disk {
  readonly volumeId: string;
  readonly attachment: VolumeAttachment;
}

export function diskAttachments(world: World, { instance, shown }: ShownInstance): readonly Disk[] {
  if (shown.state === 'terminated') return [];
  return (instance.details?.volumeIds ?? []).flatMap((volumeId) => {
    const attachment = world.volumes.get(volumeId)?.attachments.find((one) => one.instanceId === instance.id);
    return attachment ? [{ volumeId, attachment }] : [];
  });
}

export function instanceWire(world: World, { instance, shown }: ShownInstance): Wire {
  const { details } = instance;
  const spec = world.specOf(instance);
  const parameters = spec?.parameters ?? {};
  const network = networkOf({ instance, shown });
  return {
    instanceId: instance.id,
    imageId: spec?.imageId,
    instanceState: { code: stateCodes[shown.state], name: shown.state },
    privateDnsName: network === null ? '' : privateDnsName(world, network.privateIp),
    dnsName: dnsNameOf(world, instance, spec, shown.state),
    reason: reasonOf(shown),
    keyName: spec?.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.instanceType,
    launchTime: wholeSeconds(instance.launchedAtMs),
    placement: {
      availabilityZone: instance.zone,
      availabilityZoneId: zoneIdOf(world, instance.zone),
      groupName: parameters.Placement?.GroupName ?? '',
      partitionNumber: parameters.Placement?.PartitionNumber,
      tenancy: parameters.Placement?.Tenancy ?? 'default',
    },
    monitoring: { state: isMonitored(world, instance) ? 'enabled' : 'disabled' },
    ...(network !== null && details !== null
      ? networkWire(world, instance, details, spec, shown.state)
      : { groupSet: [], networkInterfaceSet: [] }),
    stateReason: shown.reason
      ? { code: shown.reason.code, message: shown.reason.message }
      : shown.state === 'pending'
        ? { code: 'pending', message: 'pending' }
        : undefined,
    architecture: spec?.architecture,
    rootDeviceType: 'ebs',
    rootDeviceName: rootDeviceName(world, instance),
    blockDeviceMapping: disksWire(world, { instance, shown }),
    virtualizationType: 'hvm',
    instanceLifecycle: lifecycleOf(world, instance),
    spotInstanceRequestId: instance.capacityType === 'spot' ? spotRequestId(instance) : undefined,
    clientToken: instance.token ?? '',
    tagSet: tagSet(instance.tags),
    hypervisor: 'xen',
    ebsOptimized: details?.changed?.ebsOptimized ?? parameters.EbsOptimized ?? false,
    enaSupport: true,
    iamInstanceProfile: profileOf(world, instance),
    ...launchOptionsWire(world, instance, spec, shown),
    bootMode: spec?.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
    platform: spec?.platform,
    platformDetails: spec?.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    usageOperation: spec?.platform === 'windows' ? 'RunInstances:0002' : 'RunInstances',
    usageOperationUpdateTime: wholeSeconds(instance.launchedAtMs),
    currentInstanceBootMode: spec?.architecture === 'arm64' ? 'uefi' : 'legacy-bios',
    operator: { managed: false },
  };
}

/** The options of the launch, with EC2's defaults where it named none. */
function launchOptionsWire(
  world: World,
  instance: InstanceRecord,
  spec: LaunchSpec | undefined,
  shown: Transition,
): Readonly<Record<string, Wire>> {
  const parameters = spec?.parameters ?? {};
  const type = world.cloud.types.get(instance.instanceType);
  const reserved = parameters.CapacityReservationSpecification;
  const targetId = reserved?.CapacityReservationTarget?.CapacityReservationId;
  const threads = parameters.CpuOptions?.ThreadsPerCore ?? (type?.arch === 'arm64' || (type?.vcpu ?? 1) === 1 ? 1 : 2);
  return {
    cpuOptions: type
      ? { coreCount: parameters.CpuOptions?.CoreCount ?? Math.max(1, type.vcpu / threads), threadsPerCore: threads }
      : undefined,
    capacityReservationId: capacityReservationOf(world, instance),
    capacityReservationSpecification: {
      capacityReservationPreference:
        targetId === undefined ? (reserved?.CapacityReservationPreference ?? 'open') : undefined,
      capacityReservationTarget: targetId === undefined ? undefined : { capacityReservationId: targetId },
    },
    hibernationOptions: { configured: parameters.HibernationOptions?.Configured ?? false },
    metadataOptions: {
      state: shown.state === 'pending' ? 'pending' : 'applied',
      ...metadataOptionsOf(world, instance),
    },
    enclaveOptions: { enabled: parameters.EnclaveOptions?.Enabled ?? false },
    privateDnsNameOptions:
      shown.state === 'terminated'
        ? undefined
        : {
            hostnameType: parameters.PrivateDnsNameOptions?.HostnameType ?? 'ip-name',
            enableResourceNameDnsARecord: parameters.PrivateDnsNameOptions?.EnableResourceNameDnsARecord ?? false,
            enableResourceNameDnsAAAARecord: parameters.PrivateDnsNameOptions?.EnableResourceNameDnsAAAARecord ?? false,
          },
    maintenanceOptions: { autoRecovery: parameters.MaintenanceOptions?.AutoRecovery ?? 'default' },
  };
}

function dnsNameOf(world: World, instance: InstanceRecord, spec: LaunchSpec | undefined, state: InstanceState): string {
  const address = publicAddress(instance, spec, state);
  return address === null ? '' : publicDnsName(world, address);
}

/** `User initiated (2026-01-31 12:00:00 GMT)` beside the state reason, as EC2 writes it. */
function reasonOf(shown: Transition): string {
  if (shown.reason?.code === 'Client.UserInitiatedShutdown' || shown.reason?.code === 'Client.UserInitiatedHibernate') {
    return `User initiated (${new Date(shown.atMs).toISOString().slice(0, 19).replace('T', ' ')} GMT)`;
  }
  return shown.reason?.message ?? '';
}

function rootDeviceName(world: World, instance: InstanceRecord): string {
  const root = world.volumes.get(instance.details?.volumeIds[0] ?? '');
  return root?.attachments.find((one) => one.instanceId === instance.id)?.device ?? '/dev/xvda';
}

/** Its instance profile as EC2 shows it, whose ids look like IAM's; null: it has none. */
export function profileOf(world: World, instance: InstanceRecord): InstanceProfile | null {
  const { changed } = instance.details ?? {};
  const profile =
    changed?.profile === undefined ? world.specOf(instance)?.parameters.IamInstanceProfile : changed.profile;
  return profile ? namedProfile(world, profile) : null;
}

export interface InstanceProfile {
  readonly arn: string;
  readonly id: string;
  readonly [name: string]: Wire;
}

export function namedProfile(
  world: World,
  profile: { readonly Arn: string | undefined; readonly Name: string | undefined },
): InstanceProfile {
  const arn =
    profile.Arn ?? `arn:${partitionName(world.region)}:iam::${world.accountId}:instance-profile/${profile.Name ?? ''}`;
  return { arn, id: `AIPA${hash32(arn).toString(36).toUpperCase().padStart(17, 'A')}` };
}

/** The reservation that it runs in; undefined: in none. */
export function capacityReservationOf(world: World, instance: InstanceRecord): string | undefined {
  return reservationOf(world, instance)?.id;
}

function reservationOf(world: World, instance: InstanceRecord): CapacityReservation | undefined {
  if (world.capacityReservations.size === 0) return undefined;
  return world.capacityReservations.all().find((one) => one.usedBy.includes(instance.id));
}

function lifecycleOf(world: World, instance: InstanceRecord): 'spot' | 'capacity-block' | undefined {
  if (instance.capacityType === 'spot') return 'spot';
  return reservationOf(world, instance)?.blockFromMs === undefined ? undefined : 'capacity-block';
}

export function isMonitored(world: World, instance: InstanceRecord): boolean {
  return instance.details?.changed?.isMonitored ?? world.specOf(instance)?.parameters.Monitoring?.Enabled ?? false;
}

export function metadataOptionsOf(world: World, instance: InstanceRecord): MetadataOptions {
  const launched = world.specOf(instance)?.parameters.MetadataOptions;
  return (
    instance.details?.changed?.metadataOptions ?? {
      httpTokens: launched?.HttpTokens ?? 'required',
      httpPutResponseHopLimit: launched?.HttpPutResponseHopLimit ?? 2,
      httpEndpoint: launched?.HttpEndpoint ?? 'enabled',
      httpProtocolIpv6: launched?.HttpProtocolIpv6 ?? 'disabled',
      instanceMetadataTags: launched?.InstanceMetadataTags ?? 'disabled',
    }
  );
}

export function attachmentStatus(
  attachment: { readonly attachedAtMs: number; readonly detachingSinceMs: number | null; readonly isMounted: boolean },
  nowMs: number,
): string {
  if (attachment.detachingSinceMs !== null) return attachment.isMounted ? 'busy' : 'detaching';
  return attachment.attachedAtMs > nowMs ? 'attaching' : 'attached';
}

function disksWire(world: World, one: ShownInstance): Wire {
  const nowMs = world.nowMs();
  return diskAttachments(world, one).map(({ volumeId, attachment }) => {
    const status = attachmentStatus(attachment, nowMs);
    return {
      deviceName: attachment.device,
      ebs: {
        volumeId,
        status: status === 'busy' ? 'detaching' : status,
        attachTime: wholeSeconds(attachment.attachedAtMs),
        deleteOnTermination: attachment.deleteOnTermination,
      },
    };
  });
}

function networkWire(
  world: World,
  instance: InstanceRecord,
  details: InstanceDetails,
  spec: LaunchSpec | undefined,
  state: InstanceState,
): Readonly<Record<string, Wire>> {
  const subnet = world.subnets.get(details.subnetId);
  const privateIp = formatAddress(details.privateIp ?? 0);
  const dnsName = privateDnsName(world, details.privateIp ?? 0);
  const address = publicAddress(instance, spec, state);
  const association =
    address === null
      ? undefined
      : {
          publicIp: formatAddress(address),
          publicDnsName: publicDnsName(world, address),
          ipOwnerId: details.elastic ? world.accountId : 'amazon',
        };
  const groups = groupSet(world, details.securityGroupIds);
  const sourceDestCheck = details.changed?.sourceDestCheck ?? true;
  const id = networkInterfaceId(instance);
  const [network] = spec?.parameters.NetworkInterface ?? [];
  return {
    subnetId: details.subnetId,
    vpcId: subnet?.vpcId,
    privateIpAddress: privateIp,
    ipAddress: association?.publicIp,
    sourceDestCheck,
    groupSet: groups,
    networkInterfaceSet: [
      {
        networkInterfaceId: id,
        subnetId: details.subnetId,
        vpcId: subnet?.vpcId,
        description: network?.Description ?? '',
        ownerId: world.accountId,
        status: 'in-use',
        macAddress: macAddress(instance),
        privateIpAddress: privateIp,
        privateDnsName: dnsName,
        sourceDestCheck,
        groupSet: groups,
        interfaceType: 'interface',
        attachment: {
          attachmentId: `eni-attach-${instance.id.slice(2)}`,
          deviceIndex: 0,
          networkCardIndex: 0,
          status: 'attached',
          attachTime: wholeSeconds(instance.launchedAtMs),
          deleteOnTermination: network?.DeleteOnTermination ?? true,
        },
        association,
        privateIpAddressesSet: [{ privateIpAddress: privateIp, privateDnsName: dnsName, primary: true, association }],
        ipv6AddressesSet: [],
      },
    ],
  };
}
