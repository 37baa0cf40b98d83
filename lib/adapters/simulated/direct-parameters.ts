// Parameters of calls as EC2's Query protocol names them, for the direct adapter.
import type { FrozenInstances } from '../../core/records/launch.ts';
import type { PermissionRule } from '../../core/records/security-group.ts';
import type { VolumeShape } from '../../core/records/volume.ts';
import type { Tags } from '../../ports/cloud.ts';

type Parameters = Record<string, string>;

export function numbered(name: string, values: readonly string[]): Parameters {
  return Object.fromEntries(values.map((value, n) => [`${name}.${String(n + 1)}`, value]));
}

export function tagParameters(sets: readonly (readonly [type: string, tags: Tags])[]): Parameters {
  const parameters: Parameters = {};
  // EC2 takes no specification without tags.
  const tagged = sets.filter(([, tags]) => Object.keys(tags).length > 0);
  for (const [n, [type, tags]] of tagged.entries()) {
    const prefix = `TagSpecification.${String(n + 1)}`;
    parameters[`${prefix}.ResourceType`] = type;
    for (const [m, [key, value]] of Object.entries(tags).entries()) {
      parameters[`${prefix}.Tag.${String(m + 1)}.Key`] = key;
      parameters[`${prefix}.Tag.${String(m + 1)}.Value`] = value;
    }
  }
  return parameters;
}

export function shapeParameters(shape: VolumeShape, size: 'Size' | 'VolumeSize'): Parameters {
  return {
    [size]: String(shape.sizeGib),
    VolumeType: shape.type,
    ...(shape.iops === null ? {} : { Iops: String(shape.iops) }),
    ...(shape.throughputMibps === null ? {} : { Throughput: String(shape.throughputMibps) }),
  };
}

/** In the account's default VPC. */
export function runParameters(request: FrozenInstances): Parameters {
  const { subnetId, zone, instanceProfile: profile, groupIds } = request;
  const parameters: Parameters = {
    ImageId: request.imageId,
    InstanceType: request.instanceType,
    MinCount: '1',
    MaxCount: String(request.count),
    ...(request.capacityType === 'spot' ? { 'InstanceMarketOptions.MarketType': 'spot' } : {}),
    ...(request.reservation === undefined ? {} : intoReservation(request.reservation)),
    ...(request.userData === null ? {} : { UserData: request.userData }),
    ...(request.keyName === null ? {} : { KeyName: request.keyName }),
    ...tagParameters([
      ['instance', request.tags],
      ['volume', request.tags],
    ]),
    'MetadataOptions.HttpTokens': 'required',
    ...(request.cpuCredits === undefined ? {} : { 'CreditSpecification.CpuCredits': request.cpuCredits }),
    ...(subnetId === null ? { 'Placement.AvailabilityZone': zone } : { SubnetId: subnetId }),
    ...(profile === null ? {} : { [`IamInstanceProfile.${profile.startsWith('arn:') ? 'Arn' : 'Name'}`]: profile }),
    ...numbered('SecurityGroupId', groupIds),
  };
  for (const [n, disk] of request.disks.entries()) {
    const prefix = `BlockDeviceMapping.${String(n + 1)}`;
    parameters[`${prefix}.DeviceName`] = disk.device;
    const ebs = {
      ...shapeParameters(disk.shape, 'VolumeSize'),
      Encrypted: 'true',
      DeleteOnTermination: String(disk.deleteOnTermination),
      ...(disk.snapshotId === null ? {} : { SnapshotId: disk.snapshotId }),
    };
    for (const [name, value] of Object.entries(ebs)) parameters[`${prefix}.Ebs.${name}`] = value;
  }
  return parameters;
}

function intoReservation({ id, kind }: NonNullable<FrozenInstances['reservation']>): Parameters {
  return {
    'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId': id,
    ...(kind === 'capacity-block' ? { 'InstanceMarketOptions.MarketType': 'capacity-block' } : {}),
  };
}

export function ruleParameters({ protocol, fromPort, toPort, cidr, groupId }: PermissionRule, at: number): Parameters {
  const prefix = `IpPermissions.${String(at + 1)}`;
  return {
    [`${prefix}.IpProtocol`]: protocol,
    ...(protocol === '-1' ? {} : { [`${prefix}.FromPort`]: String(fromPort), [`${prefix}.ToPort`]: String(toPort) }),
    ...(cidr === null
      ? {}
      : cidr.includes(':')
        ? { [`${prefix}.Ipv6Ranges.1.CidrIpv6`]: cidr }
        : { [`${prefix}.IpRanges.1.CidrIp`]: cidr }),
    ...(groupId === null ? {} : { [`${prefix}.Groups.1.GroupId`]: groupId }),
  };
}
