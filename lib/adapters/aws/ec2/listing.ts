// What EC2 lists, as the cloud port speaks of it. Only the fields that the port names are read; a half-read thing
// must not look like a whole one, because absence from a listing is evidence.
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import type { Filter, Instance as Ec2Instance, IpPermission } from '@aws-sdk/client-ec2';
import type { SecurityGroup, Snapshot, Tag, Volume } from '@aws-sdk/client-ec2';
import type { PermissionRule } from '../../../core/records/security-group.ts';
import { tagRequest } from '../../../core/records/claim.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../../core/records/launch.ts';
import { CloudUnknownError } from '../../../ports/cloud.ts';
import type {
  CloudListing,
  Instance,
  ListedGroup,
  ListedSnapshot,
  ListedVolume,
  ListingScope,
  Tags,
} from '../../../ports/cloud.ts';
import type { Ec2Calls } from './calls.ts';
import type { MachinePlaces } from './places.ts';

const instancesPerPage = 1_000;
/** DescribeVolumes is documented to take no more. */
const thingsPerPage = 500;

export function listingMethods(calls: Ec2Calls, places: MachinePlaces | null) {
  const instances = async (Filters: Filter[]): Promise<readonly Instance[]> => {
    const pages = await calls.pages('DescribeInstances', (client, NextToken) =>
      client.send(new DescribeInstancesCommand({ Filters, MaxResults: instancesPerPage, NextToken })),
    );
    const reservations = pages.flatMap((page) => page.Reservations ?? []);
    return reservations.flatMap((one) => one.Instances ?? []).map((one) => listedInstance(one, places));
  };
  return {
    async list(scope: ListingScope): Promise<CloudListing> {
      const byTag = filtersOf(scope);
      if (scope.things === 'instances')
        return { instances: await instances(byTag), volumes: [], snapshots: [], groups: [] };
      const query = (NextToken: string | undefined) => ({
        Filters: [{ Name: 'tag-key', Values: [tagRequest] }, ...byTag],
        MaxResults: thingsPerPage,
        NextToken,
      });
      // Side by side: a function is paid for while it waits.
      const [listed, volumes, snapshots, groups] = await Promise.all([
        instances(byTag),
        calls.pages('DescribeVolumes', (client, next) => client.send(new DescribeVolumesCommand(query(next)))),
        calls.pages('DescribeSnapshots', (client, next) =>
          client.send(new DescribeSnapshotsCommand({ ...query(next), OwnerIds: ['self'] })),
        ),
        calls.pages('DescribeSecurityGroups', (client, next) =>
          client.send(new DescribeSecurityGroupsCommand(query(next))),
        ),
      ]);
      return {
        instances: listed,
        volumes: volumes.flatMap((page) => (page.Volumes ?? []).map(listedVolume)),
        snapshots: snapshots.flatMap((page) => (page.Snapshots ?? []).map(listedSnapshot)),
        groups: groups.flatMap((page) => (page.SecurityGroups ?? []).map(listedGroup)),
      };
    },
    /** By a filter, which leaves out what is not there, where a list of ids would be refused as a whole. */
    async snapshotTags(ids: readonly string[]): Promise<ReadonlyMap<string, Tags>> {
      if (ids.length === 0) return new Map();
      const Filters = [{ Name: 'snapshot-id', Values: [...ids] }];
      const pages = await calls.pages('DescribeSnapshots', (client, NextToken) =>
        client.send(new DescribeSnapshotsCommand({ Filters, MaxResults: thingsPerPage, NextToken })),
      );
      const snapshots = pages.flatMap((page) => page.Snapshots ?? []).map(listedSnapshot);
      return new Map(snapshots.map(({ id, tags }) => [id, tags]));
    },
  };
}

/** Of one installation, pool or launch. */
function filtersOf({ installation, pool, launchId }: ListingScope): Filter[] {
  const tags = { [tagInstallation]: installation, [tagPool]: pool, [tagLaunch]: launchId };
  return Object.entries(tags).flatMap(([key, value]) =>
    value === undefined ? [] : [{ Name: `tag:${key}`, Values: [literal(value)] }],
  );
}

/** Filters take wildcards; what we ask for is meant literally. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, (char) => `\\${char}`);
}

/** @throws CloudUnknownError where EC2's answer lacks what its documentation promises */
export function required<T>(action: string, name: string, value: T | undefined): T {
  if (value === undefined) throw new CloudUnknownError(`${action}: the answer has no ${name}`);
  return value;
}

function tagsOf(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** Of the groups of `places` the plain one stands for none. */
export function listedInstance(instance: Ec2Instance, places: MachinePlaces | null): Instance {
  const { BlockDeviceMappings: disks = [], SecurityGroups: groups = [] } = instance;
  const state = required('EC2', 'State.Name', instance.State?.Name);
  return {
    id: required('EC2', 'InstanceId', instance.InstanceId),
    state,
    instanceType: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    capacityType: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
    launchIndex: instance.AmiLaunchIndex ?? 0,
    privateIp: instance.PrivateIpAddress ?? null,
    publicIp: instance.PublicIpAddress ?? null,
    disks: disks.map((disk) => ({ device: disk.DeviceName ?? '', volumeId: disk.Ebs?.VolumeId ?? '' })),
    groupIds: groups
      .map((group) => group.GroupId ?? '')
      .filter((id) => id !== places?.plainGroupId)
      .sort(),
    tags: tagsOf(instance.Tags),
    stateReason: state === 'pending' || state === 'running' ? null : endReason(instance),
  };
}

function endReason({ StateReason: reason, StateTransitionReason: transition = '' }: Ec2Instance): string | null {
  return reason?.Message ?? (transition === '' ? null : transition);
}

function listedVolume(volume: Volume): ListedVolume {
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

function listedSnapshot(snapshot: Snapshot): ListedSnapshot {
  return {
    id: required('EC2', 'SnapshotId', snapshot.SnapshotId),
    state: required('EC2', 'State', snapshot.State) as ListedSnapshot['state'],
    volumeId: snapshot.VolumeId ?? '',
    startedAtMs: snapshot.StartTime?.getTime() ?? 0,
    tags: tagsOf(snapshot.Tags),
  };
}

function listedGroup(group: SecurityGroup): ListedGroup {
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
