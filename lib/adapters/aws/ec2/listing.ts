// What EC2 lists, as the resources port speaks of it. Only the fields that the port names are read; a half-read thing
// must not look like a whole one, because absence from a listing is evidence.
import type { Instance, IpPermission, SecurityGroup, Snapshot, Tag, Volume } from '@aws-sdk/client-ec2';
import type { PermissionRule } from '../../../core/claims/network-rules.ts';
import type { ListedGroup, ListedMachine, ListedSnapshot, ListedVolume } from '../../../ports/resources.ts';
import { ComputeUnknownError } from '../../../ports/compute.ts';

/** @throws ComputeUnknownError where EC2's answer lacks what its documentation promises */
export function required<T>(action: string, name: string, value: T | undefined): T {
  if (value === undefined) throw new ComputeUnknownError(`${action}: the answer has no ${name}`);
  return value;
}

function tagsOf(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

export function listedMachine(instance: Instance): ListedMachine {
  const { BlockDeviceMappings: disks = [], SecurityGroups: groups = [] } = instance;
  return {
    id: required('EC2', 'InstanceId', instance.InstanceId),
    state: required('EC2', 'State.Name', instance.State?.Name),
    instanceType: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    capacityType: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
    launchIndex: instance.AmiLaunchIndex ?? 0,
    privateIp: instance.PrivateIpAddress ?? null,
    publicIp: instance.PublicIpAddress ?? null,
    disks: disks.map((disk) => ({ device: disk.DeviceName ?? '', volumeId: disk.Ebs?.VolumeId ?? '' })),
    groupIds: groups.map((group) => group.GroupId ?? '').sort(),
    tags: tagsOf(instance.Tags),
    stateReason: instance.StateReason?.Message ?? null,
  };
}

export function listedVolume(volume: Volume): ListedVolume {
  return {
    id: required('EC2', 'VolumeId', volume.VolumeId),
    state: required('EC2', 'State', volume.State) as ListedVolume['state'],
    zone: volume.AvailabilityZone ?? '',
    type: volume.VolumeType ?? '',
    sizeGib: volume.Size ?? 0,
    iops: volume.Iops ?? null,
    throughputMibps: volume.Throughput ?? null,
    attachments: (volume.Attachments ?? []).map((one) => ({
      instanceId: one.InstanceId ?? '',
      device: one.Device ?? '',
      state: one.State ?? '',
    })),
    createdAtMs: volume.CreateTime?.getTime() ?? 0,
    tags: tagsOf(volume.Tags),
  };
}

export function listedSnapshot(snapshot: Snapshot): ListedSnapshot {
  return {
    id: required('EC2', 'SnapshotId', snapshot.SnapshotId),
    state: required('EC2', 'State', snapshot.State) as ListedSnapshot['state'],
    volumeId: snapshot.VolumeId ?? '',
    startedAtMs: snapshot.StartTime?.getTime() ?? 0,
    tags: tagsOf(snapshot.Tags),
  };
}

export function listedGroup(group: SecurityGroup): ListedGroup {
  const rules = [...rulesOf(group.IpPermissions, false), ...rulesOf(group.IpPermissionsEgress, true)];
  return {
    id: required('EC2', 'GroupId', group.GroupId),
    name: group.GroupName ?? '',
    rules,
    tags: tagsOf(group.Tags),
  };
}

/** One rule for each peer. */
function rulesOf(permissions: readonly IpPermission[] | undefined, isEgress: boolean): PermissionRule[] {
  return (permissions ?? []).flatMap((permission) => {
    const { IpProtocol: protocol = '', FromPort: fromPort = -1, ToPort: toPort = -1 } = permission;
    const base = { isEgress, protocol, fromPort, toPort };
    return [
      ...(permission.IpRanges ?? []).map((one) => ({ ...base, cidr: one.CidrIp ?? null, groupId: null })),
      ...(permission.Ipv6Ranges ?? []).map((one) => ({ ...base, cidr: one.CidrIpv6 ?? null, groupId: null })),
      ...(permission.UserIdGroupPairs ?? []).map((one) => ({ ...base, cidr: null, groupId: one.GroupId ?? null })),
    ];
  });
}
