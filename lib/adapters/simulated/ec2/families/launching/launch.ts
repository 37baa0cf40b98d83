// From what a caller asked for to instances with disks and addresses: the part that RunInstances and
// CreateFleet share.
import type { InstanceType } from '../../../../../core/values/offering.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import type { LaunchOverride } from '../../../cloud/market/launching.ts';
import { parseAddress } from '../../addresses.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import type { KeyPair, LaunchSpec, Subnet } from '../../records.ts';
import type { Tags } from '../../tags.ts';
import type { World } from '../../world.ts';
import { findImage, isImageSnapshot, rootOf } from '../images/images.ts';
import { placementGroupNamed } from '../placement-groups.ts';
import { ebsDefaultsOf } from '../storage/ebs-settings.ts';
import type { Image } from '../images/images.ts';
import { tagsFor } from './launch-parameters.ts';
import type { LaunchParameters } from './launch-parameters.ts';
import { zoneOfId } from '../networks/network.ts';
import { volumeShape } from '../storage/volume-shape.ts';

const userDataMax = 16_384;
export const groupsPerInterfaceMax = 5;

/** A launch whose every name was looked up and found. */
export interface ResolvedLaunch {
  readonly parameters: LaunchParameters;
  readonly image: Image;
  readonly type: InstanceType;
  readonly securityGroupIds: readonly string[];
  /** null: EC2 chooses the zone. */
  readonly subnet: Subnet | null;
  readonly privateIp: number | null;
}

export interface Where {
  readonly SubnetId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
}

/** @throws Ec2Error for everything that is wrong before capacity is asked for */
export function resolveLaunch(world: World, parameters: LaunchParameters, where: Where): ResolvedLaunch {
  const { ImageId: imageId, InstanceType: typeName } = parameters;
  if (imageId === undefined || imageId === '')
    throw new Ec2Error('MissingParameter', 'The request must contain the parameter ImageId');
  const image = findImage(world, imageId);
  const type = findType(world, typeName ?? 'm1.small');
  checkType(parameters, image, type);
  checkUserData(parameters.UserData);
  checkCombinations(parameters, where);
  const [network] = parameters.NetworkInterface ?? [];
  const subnet = subnetOf(world, { ...where, SubnetId: where.SubnetId ?? network?.SubnetId }, parameters);
  const keyName = parameters.KeyName;
  if (keyName !== undefined && !keyNamed(world, keyName))
    throw new Ec2Error('InvalidKeyPair.NotFound', `The key pair '${keyName}' does not exist`);
  checkPlacement(world, parameters.Placement);
  for (const mapping of diskMappings(world, parameters, image)) volumeShape(mapping.ebs);
  return {
    parameters,
    image,
    type,
    subnet,
    securityGroupIds: groupsOf(world, parameters, subnet),
    privateIp: privateIpOf(world, where.PrivateIpAddress ?? network?.PrivateIpAddress, subnet),
  };
}

function keyNamed(world: World, name: string | undefined): KeyPair | undefined {
  return name === undefined ? undefined : world.keyPairs.all().find((pair) => pair.name === name);
}

function checkType(parameters: LaunchParameters, image: Image, type: InstanceType): void {
  checkArchitecture(image, type);
  checkHibernation(parameters, image, type);
  // Seen on EC2, and for templates as well (terraform-provider-aws#5067, #5081).
  if (parameters.CreditSpecification !== undefined && !type.isBurstable)
    throw new Ec2Error(
      'InstanceCreditSpecification.NotSupported',
      `The ${type.name} instance type does not support T2 Unlimited.`,
    );
}

/** The same launch with another type. @throws Ec2Error where it does not go with that type */
export function withType(world: World, launch: ResolvedLaunch, typeName: string): ResolvedLaunch {
  const type = findType(world, typeName);
  checkType(launch.parameters, launch.image, type);
  return { ...launch, type, parameters: { ...launch.parameters, InstanceType: typeName } };
}

export function findType(world: World, name: string): InstanceType {
  const type = world.cloud.types.get(name);
  if (!type) throw new Ec2Error('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  return type;
}

export const ec2Architecture = (type: InstanceType): 'x86_64' | 'arm64' => (type.arch === 'arm64' ? 'arm64' : 'x86_64');

function checkArchitecture(image: Image, type: InstanceType): void {
  const wanted = ec2Architecture(type);
  if (image.architecture === 'any' || image.architecture === wanted) return;
  throw new Ec2Error(
    'InvalidParameterValue',
    `The architecture '${wanted}' of the specified instance type does not match the architecture `
      + `'${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching `
      + "architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the "
      + 'architecture of the instance type or AMI.',
  );
}

export function checkUserData(userData: string | undefined): void {
  if (userData === undefined) return;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData))
    throw new Ec2Error('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  if (Buffer.from(userData, 'base64').length > userDataMax)
    throw new Ec2Error('InvalidParameterValue', `User data is limited to ${userDataMax} bytes`);
}

function checkCombinations(parameters: LaunchParameters, where: Where): void {
  const networks = parameters.NetworkInterface ?? [];
  if (networks.length > 0 && where.SubnetId !== undefined) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  }
  if (networks.length > 0 && (parameters.SecurityGroupId?.length ?? 0) + (parameters.SecurityGroup?.length ?? 0) > 0) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    );
  }
  if (networks.length > 1)
    throw new Ec2Error('UnsupportedOperation', 'This simulator models one network interface per instance');
  checkProfile(parameters.IamInstanceProfile);
  const { InstanceMarketOptions: market } = parameters;
  if (market?.MarketType === 'interruptible-capacity-reservation') {
    throw new Ec2Error('UnsupportedOperation', `This simulator does not model the market type '${market.MarketType}'`);
  }
  const behavior = market?.SpotOptions?.InstanceInterruptionBehavior;
  if ((behavior === 'stop' || behavior === 'hibernate') && market?.SpotOptions?.SpotInstanceType !== 'persistent') {
    throw new Ec2Error(
      'InvalidParameterCombination',
      `Instance interruption behavior '${behavior}' is only supported for persistent Spot Instance requests`,
    );
  }
}

function checkPlacement(world: World, placement: LaunchParameters['Placement']): void {
  if (placement?.GroupName === undefined || placement.GroupName === '') return;
  const group = placementGroupNamed(world, placement.GroupName);
  if (placement.PartitionNumber !== undefined && placement.PartitionNumber > (group.partitionCount ?? 0))
    throw new Ec2Error(
      'InvalidParameterValue',
      `The partition number ${placement.PartitionNumber} is not one of the placement group '${group.name}'.`,
    );
}

/** The form of a profile's name, not whether it exists: IAM is not here. */
export function checkProfile(profile: LaunchParameters['IamInstanceProfile']): void {
  if (!profile) return;
  const { Arn: arn, Name: name } = profile;
  if (arn !== undefined && name !== undefined)
    throw new Ec2Error(
      'InvalidParameterCombination',
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  if (arn !== undefined && !/^arn:aws[a-z-]*:iam::\d{12}:instance-profile\/[\w+=,.@/-]{1,640}$/.test(arn))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    );
  if (name !== undefined && !/^[\w+=,.@-]{1,128}$/.test(name))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
}

function subnetOf(world: World, where: Where, parameters: LaunchParameters): Subnet | null {
  const { Placement: placement } = parameters;
  const zone =
    where.AvailabilityZone
    ?? placement?.AvailabilityZone
    ?? (placement?.AvailabilityZoneId === undefined
      ? undefined
      : (zoneOfId(world, placement.AvailabilityZoneId) ?? placement.AvailabilityZoneId));
  if (zone !== undefined && !world.zones.includes(zone))
    throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
  if (where.SubnetId !== undefined) {
    const subnet = oneOfKind('subnet', where.SubnetId, (id) => world.subnets.get(id));
    if (zone !== undefined && subnet.zone !== zone)
      throw new Ec2Error(
        'InvalidParameterValue',
        `The subnet '${subnet.id}' is not in the Availability Zone '${zone}'`,
      );
    return subnet;
  }
  if (zone === undefined) return null;
  const subnet = world.subnets.all().find((candidate) => candidate.zone === zone && candidate.isDefaultForAz);
  if (!subnet) throw new Ec2Error('MissingInput', `No default subnet for availability zone: '${zone}'.`);
  return subnet;
}

function groupsOf(world: World, parameters: LaunchParameters, subnet: Subnet | null): readonly string[] {
  const [network] = parameters.NetworkInterface ?? [];
  const ids = [...(network?.SecurityGroupId ?? []), ...(parameters.SecurityGroupId ?? [])];
  const vpcId = subnet?.vpcId ?? world.defaultVpc()?.id;
  const named = (parameters.SecurityGroup ?? []).map((name) => {
    const group = world.securityGroups.all().find((candidate) => candidate.name === name && candidate.vpcId === vpcId);
    if (!group)
      throw new Ec2Error(
        'InvalidGroup.NotFound',
        `The security group '${name ?? ''}' does not exist in default VPC '${vpcId ?? ''}'`,
      );
    return group;
  });
  const groups = [...allOf('securityGroup', ids, (id) => world.securityGroups.get(id)), ...named];
  const foreign = groups.find((group) => group.vpcId !== vpcId);
  if (foreign)
    throw new Ec2Error(
      'InvalidParameter',
      `Security group ${foreign.id} and subnet ${subnet?.id ?? ''} belong to different networks.`,
    );
  if (groups.length > groupsPerInterfaceMax)
    throw new Ec2Error(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  if (groups.length > 0) return [...new Set(groups.map((group) => group.id))];
  const byDefault = world.securityGroups.all().find((group) => group.name === 'default' && group.vpcId === vpcId);
  return byDefault ? [byDefault.id] : [];
}

function privateIpOf(world: World, wanted: string | undefined, subnet: Subnet | null): number | null {
  if (wanted === undefined) return null;
  const address = parseAddress(wanted);
  if (address === null)
    throw new Ec2Error('InvalidParameterValue', `Value (${wanted}) for parameter privateIpAddress is invalid.`);
  const pool = subnet ? world.pool(subnet.id) : undefined;
  if (!pool?.contains(address))
    throw new Ec2Error('InvalidParameterValue', "Address does not fall within the subnet's address range");
  if (pool.isUsed(address)) throw new Ec2Error('InvalidIPAddress.InUse', 'Address is in use.');
  return address;
}

/**
 * "Prerequisites for EC2 instance hibernation": memory under 150 GiB, no bare metal, an encrypted root
 * volume that holds it.
 */
function checkHibernation(parameters: LaunchParameters, image: Image, type: InstanceType): void {
  if (parameters.HibernationOptions?.Configured !== true) return;
  const refuse = (why: string): never => {
    throw new Ec2Error(
      'UnsupportedHibernationConfiguration',
      `${why} For more information, see the prerequisites for hibernation.`,
    );
  };
  if (type.isBareMetal || !/^(c[3-9]|i[3-9]|m[3-9]|r[3-9]|t[23]|x)/.test(type.family))
    refuse(`The instance type '${type.name}' does not support hibernation.`);
  if (type.memoryMib >= 150 * 1024)
    refuse(
      `Hibernation requires less than 150 GiB of memory; '${type.name}' has ${Math.round(type.memoryMib / 1024)} GiB.`,
    );
  const root = (parameters.BlockDeviceMapping ?? []).find(
    (mapping) => mapping?.DeviceName === image.rootDeviceName,
  )?.Ebs;
  if (root?.Encrypted !== true) refuse('Hibernation requires that the root volume is encrypted.');
  if ((root?.VolumeSize ?? image.rootSizeGib) * 1024 < type.memoryMib)
    refuse('The root volume is too small to hold the memory of the instance.');
}

export interface DiskMapping {
  readonly device: string;
  readonly deleteOnTermination: boolean;
  readonly ebs: {
    readonly sizeGib: number | undefined;
    readonly type: string | undefined;
    readonly iops: number | undefined;
    readonly throughput: number | undefined;
    readonly snapshotId: string;
    readonly snapshotGib: number;
    readonly isEncrypted: boolean;
    readonly kmsKeyId: string | null;
  };
}

/** The image's root disk and what the request adds, changes or (NoDevice) takes away. */
export function diskMappings(world: World, parameters: LaunchParameters, image: Image): readonly DiskMapping[] {
  const asked = new Map(
    (parameters.BlockDeviceMapping ?? []).flatMap((mapping) =>
      mapping?.DeviceName === undefined ? [] : [[mapping.DeviceName, mapping] as const],
    ),
  );
  const imageDisks = new Map([rootOf(image), ...image.disks].map((disk) => [disk.device, disk]));
  for (const DeviceName of imageDisks.keys())
    if (!asked.has(DeviceName))
      asked.set(DeviceName, { DeviceName, VirtualName: undefined, NoDevice: undefined, Ebs: undefined });
  const mappings: DiskMapping[] = [];
  const defaults = ebsDefaultsOf(world);
  for (const [device, mapping] of asked) {
    if (mapping.NoDevice !== undefined || mapping.VirtualName !== undefined) continue;
    const ebs = mapping.Ebs;
    const ofImage = imageDisks.get(device);
    if (!ofImage && !ebs)
      throw new Ec2Error(
        'InvalidBlockDeviceMapping',
        `The device '${device}' has neither an EBS volume nor a virtual name`,
      );
    const snapshotId = ebs?.SnapshotId ?? ofImage?.snapshotId ?? '';
    const snapshot = snapshotId === '' ? undefined : world.snapshots.get(snapshotId);
    const publicImage = snapshotId === '' || snapshot ? undefined : isImageSnapshot(world, snapshotId);
    if (snapshotId !== '' && !snapshot && !publicImage)
      throw new Ec2Error('InvalidSnapshot.NotFound', `The snapshot '${snapshotId}' does not exist.`);
    const snapshotGib = snapshot?.sizeGib ?? publicImage?.rootSizeGib ?? 0;
    if (ebs?.VolumeSize !== undefined && ebs.VolumeSize < snapshotGib) {
      throw new Ec2Error(
        'InvalidBlockDeviceMapping',
        `Volume of size ${ebs.VolumeSize}GB is smaller than snapshot '${snapshotId}', expect size >= ${snapshotGib}GB`,
      );
    }
    mappings.push({
      device,
      deleteOnTermination: ebs?.DeleteOnTermination ?? ofImage?.deleteOnTermination ?? true,
      ebs: {
        sizeGib: ebs?.VolumeSize ?? (snapshotGib > 0 ? snapshotGib : undefined),
        type: ebs?.VolumeType ?? ofImage?.type,
        iops: ebs?.Iops,
        throughput: ebs?.Throughput,
        snapshotId,
        snapshotGib,
        isEncrypted: ebs?.Encrypted === true || snapshot?.isEncrypted === true || defaults.isEncrypted,
        kmsKeyId: ebs?.KmsKeyId ?? snapshot?.kmsKeyId ?? defaults.kmsKeyId,
      },
    });
  }
  // The root volume first, whatever the order of the request.
  return mappings.sort((a, b) => Number(b.device === image.rootDeviceName) - Number(a.device === image.rootDeviceName));
}

/** The override that stands for a launch into one subnet, with the room that its addresses leave. */
export function overrideFor(
  world: World,
  launch: ResolvedLaunch,
  subnet: Subnet,
  more: Partial<LaunchOverride> = {},
): LaunchOverride {
  const available = world.pool(subnet.id)?.available ?? 0;
  return {
    instanceType: launch.type.name,
    zone: subnet.zone,
    room: {
      atMost: available,
      fault: {
        code: 'InsufficientFreeAddressesInSubnet',
        scope: 'subnet',
        about: { instanceType: null, zone: subnet.zone },
        message:
          `There are not enough free addresses in subnet '${subnet.id}' to `
          + 'satisfy the requested number of instances.',
      },
    },
    ...more,
  };
}

export interface Equipment {
  readonly launch: ResolvedLaunch;
  readonly subnet: Subnet;
  readonly fleetId: string | null;
  readonly capacityType: 'spot' | 'on-demand';
  /** What a fleet asked for; absent: what the launch says. */
  readonly interruptionBehavior?: 'terminate' | 'stop' | 'hibernate';
  /** Of a persistent spot request; absent: what the launch says. */
  readonly isPersistent?: boolean;
}

/** Gives new instances their addresses, disks and the specification that they share. */
export function equip(world: World, instances: readonly InstanceRecord[], equipment: Equipment): void {
  const { launch, subnet } = equipment;
  const [firstInstance] = instances;
  if (!firstInstance) return;
  const [network] = launch.parameters.NetworkInterface ?? [];
  const spot = launch.parameters.InstanceMarketOptions?.SpotOptions;
  const isSpot = equipment.capacityType === 'spot';
  const spec: LaunchSpec = world.launchSpecs.put({
    id: firstInstance.reservationId,
    parameters: launch.parameters,
    imageId: launch.image.id,
    architecture: ec2Architecture(launch.type),
    platform: launch.image.platform,
    keyName: launch.parameters.KeyName ?? null,
    publicKey: keyNamed(world, launch.parameters.KeyName)?.publicKey ?? null,
    isPublicIp: network?.AssociatePublicIpAddress ?? subnet.mapPublicIpOnLaunch,
    spotInterruptionBehavior:
      (isSpot ? (equipment.interruptionBehavior ?? spot?.InstanceInterruptionBehavior) : undefined) ?? 'terminate',
    spotType: equipment.isPersistent === true ? 'persistent' : (spot?.SpotInstanceType ?? 'one-time'),
    fleetId: equipment.fleetId,
  });
  const pool = world.pool(subnet.id);
  const mappings = diskMappings(world, launch.parameters, launch.image);
  const volumeTags = tagsFor('volume', launch.parameters.TagSpecification);
  for (const instance of instances) {
    instance.onReclaim = spec.spotInterruptionBehavior;
    instance.isTerminationProtected = launch.parameters.DisableApiTermination ?? false;
    const privateIp = launch.privateIp === null ? (pool?.take() ?? null) : (pool?.claim(launch.privateIp) ?? null);
    const volumeIds = mappings.map((mapping) => makeDisk(world, instance, mapping, volumeTags));
    world.setDetails(instance, {
      launchSpecId: spec.id,
      subnetId: subnet.id,
      privateIp,
      securityGroupIds: launch.securityGroupIds,
      volumeIds,
    });
  }
}

function makeDisk(world: World, instance: InstanceRecord, mapping: DiskMapping, tags: Tags): string {
  const nowMs = world.nowMs();
  const shape = volumeShape(mapping.ebs);
  const id = world.newId('vol');
  world.volumes.put({
    id,
    zone: instance.zone,
    ...shape,
    isEncrypted: mapping.ebs.isEncrypted,
    kmsKeyId: mapping.ebs.kmsKeyId,
    isMultiAttach: false,
    snapshotId: mapping.ebs.snapshotId,
    createdAtMs: nowMs,
    availableAtMs: nowMs,
    modification: null,
    tags,
    attachments: [
      {
        instanceId: instance.id,
        device: mapping.device,
        attachedAtMs: nowMs,
        deleteOnTermination: mapping.deleteOnTermination,
        detachingSinceMs: null,
        detachedAtMs: null,
        isMounted: false,
      },
    ],
  });
  return id;
}
