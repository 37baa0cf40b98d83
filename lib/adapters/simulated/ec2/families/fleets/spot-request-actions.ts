// RequestSpotInstances, DescribeSpotInstanceRequests and CancelSpotInstanceRequests.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf } from '../../ids.ts';
import {
  integer,
  list,
  notModelled,
  oneOf,
  required,
  requiredList,
  struct,
  text,
  timestamp,
} from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { concatenated, fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { groupSet, spotRequestId } from '../instances/instance-wire.ts';
import { blockDeviceWire, launchFields } from '../launching/launch-parameters.ts';
import { resolveLaunch } from '../launching/launch.ts';
import { zoneIdOf } from '../networks/network.ts';
import { cancelled, openRequest, requestOf, shownState, storedNow, watch } from './spot-requests.ts';
import type { SpotRequest } from './spot-records.ts';

const product = (request: SpotRequest): string =>
  request.parameters.ImageId?.startsWith('resolve:ssm:/aws/service/ami-windows') === true ? 'Windows' : 'Linux/UNIX';

const timeOf = (atMs: number | null): Date | undefined => (atMs === null ? undefined : wholeSeconds(atMs));

function launchWire(world: World, { parameters, where }: SpotRequest): Wire {
  const [card] = parameters.NetworkInterface ?? [];
  const groups = [...(parameters.SecurityGroupId ?? []), ...(card?.SecurityGroupId ?? [])].flatMap((id) => id ?? []);
  return {
    imageId: parameters.ImageId,
    instanceType: parameters.InstanceType,
    keyName: parameters.KeyName,
    ebsOptimized: parameters.EbsOptimized,
    userData: parameters.UserData,
    kernelId: parameters.KernelId,
    ramdiskId: parameters.RamDiskId,
    subnetId: where.SubnetId ?? card?.SubnetId,
    groupSet: groupSet(world, groups),
    monitoring: { enabled: parameters.Monitoring?.Enabled ?? false },
    placement: { availabilityZone: parameters.Placement?.AvailabilityZone },
    blockDeviceMapping: (parameters.BlockDeviceMapping ?? []).map(blockDeviceWire),
    iamInstanceProfile: parameters.IamInstanceProfile && {
      arn: parameters.IamInstanceProfile.Arn,
      name: parameters.IamInstanceProfile.Name,
    },
  };
}

function requestWire(world: World, request: SpotRequest): Wire {
  const zone = request.instanceId === null ? undefined : world.cloud.record(request.instanceId)?.zone;
  return {
    spotInstanceRequestId: request.id,
    spotPrice: request.maxPrice === null ? undefined : Number(request.maxPrice).toFixed(6),
    type: request.type,
    state: shownState(world, request),
    fault: request.fault ?? undefined,
    status: {
      code: request.status.code,
      message: request.status.message,
      updateTime: wholeSeconds(request.status.atMs),
    },
    validFrom: timeOf(request.validFromMs),
    validUntil: timeOf(request.validUntilMs),
    launchGroup: request.launchGroup,
    availabilityZoneGroup: request.zoneGroup,
    launchSpecification: launchWire(world, request),
    instanceId: request.instanceId,
    createTime: wholeSeconds(request.createdAtMs),
    productDescription: product(request),
    launchedAvailabilityZone: zone,
    launchedAvailabilityZoneId: zone === undefined ? undefined : zoneIdOf(world, zone),
    instanceInterruptionBehavior: request.behavior,
    tagSet: tagSet(request.tags) ?? [],
  };
}

const filters = (world: World): FilterTable<SpotRequest> => {
  const zoneOf = (one: SpotRequest) => (one.instanceId === null ? null : world.cloud.record(one.instanceId)?.zone);
  const disks = (one: SpotRequest) => one.parameters.BlockDeviceMapping ?? [];
  const groups = ({ parameters }: SpotRequest) => [
    ...(parameters.SecurityGroupId ?? []),
    ...(parameters.NetworkInterface?.[0]?.SecurityGroupId ?? []),
  ];
  const card = (one: SpotRequest) => one.parameters.NetworkInterface?.[0];
  const iso = (atMs: number | null) => (atMs === null ? null : wholeSeconds(atMs).toISOString());
  return {
    'availability-zone-group': (one) => one.zoneGroup,
    'create-time': (one) => iso(one.createdAtMs),
    'fault-code': (one) => one.fault?.code,
    'fault-message': (one) => one.fault?.message,
    'instance-id': (one) => one.instanceId,
    'launch-group': (one) => one.launchGroup,
    'launch.block-device-mapping.delete-on-termination': (one) =>
      disks(one).map((disk) => disk?.Ebs?.DeleteOnTermination),
    'launch.block-device-mapping.device-name': (one) => disks(one).map((disk) => disk?.DeviceName),
    'launch.block-device-mapping.snapshot-id': (one) => disks(one).map((disk) => disk?.Ebs?.SnapshotId),
    'launch.block-device-mapping.volume-size': (one) => disks(one).map((disk) => disk?.Ebs?.VolumeSize),
    'launch.block-device-mapping.volume-type': (one) => disks(one).map((disk) => disk?.Ebs?.VolumeType),
    'launch.group-id': groups,
    'launch.group-name': (one) => groups(one).map((id) => world.securityGroups.get(id ?? '')?.name),
    'launch.image-id': (one) => one.parameters.ImageId,
    'launch.instance-type': (one) => one.parameters.InstanceType,
    'launch.kernel-id': (one) => one.parameters.KernelId,
    'launch.key-name': (one) => one.parameters.KeyName,
    'launch.monitoring-enabled': (one) => one.parameters.Monitoring?.Enabled ?? false,
    'launch.ramdisk-id': (one) => one.parameters.RamDiskId,
    'launched-availability-zone': zoneOf,
    'launched-availability-zone-id': (one) => {
      const zone = zoneOf(one);
      return zone === null || zone === undefined ? null : zoneIdOf(world, zone);
    },
    'network-interface.delete-on-termination': (one) => card(one)?.DeleteOnTermination,
    'network-interface.description': (one) => card(one)?.Description,
    'network-interface.device-index': (one) => card(one)?.DeviceIndex,
    'network-interface.group-id': (one) => card(one)?.SecurityGroupId,
    'network-interface.private-ip-address': (one) => card(one)?.PrivateIpAddress,
    'network-interface.subnet-id': (one) => card(one)?.SubnetId,
    ...neverMet('network-interface.addresses.primary', 'network-interface.network-interface-id'),
    'product-description': product,
    'spot-instance-request-id': (one) => one.id,
    'spot-price': (one) => (one.maxPrice === null ? null : Number(one.maxPrice).toFixed(6)),
    state: {
      of: (one) => shownState(world, one),
      allowed: ['open', 'active', 'closed', 'cancelled', 'failed', 'disabled'],
    },
    'status-code': (one) => one.status.code,
    'status-message': (one) => one.status.message,
    type: { of: (one) => one.type, allowed: ['one-time', 'persistent'] },
    'valid-from': (one) => iso(one.validFromMs),
    'valid-until': (one) => iso(one.validUntilMs),
  };
};

/** The stored ones, and then those that follow from spot instances. */
function allRequests(world: World): ListFrom<SpotRequest> {
  const stored: ListFrom<SpotRequest> = function* (after) {
    for (const { place, item } of world.spotRequests.list(after)) yield { place, item: storedNow(world, item) };
  };
  const derived: ListFrom<SpotRequest> = function* (after) {
    for (const { instance } of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), { tags: {} })) {
      if (instance.capacityType !== 'spot' || world.spotRequests.has(spotRequestId(instance))) continue;
      yield { place: [instance.serial], item: requestOf(world, instance) };
    }
  };
  return concatenated([stored, derived]);
}

function requestsOf(world: World, ids: readonly (string | undefined)[]): readonly SpotRequest[] {
  if (ids.length === 0) return [];
  const wanted = new Set(ids);
  const derived = new Map<string, SpotRequest>();
  if (ids.some((id) => !world.spotRequests.has(id ?? '')))
    for (const { instance } of world.cloud.shownAfter(0, { tags: {} })) {
      const id = instance.capacityType === 'spot' ? spotRequestId(instance) : null;
      if (id !== null && wanted.has(id)) derived.set(id, requestOf(world, instance));
    }
  return allOf('spotRequest', ids, (id) => {
    const stored = world.spotRequests.get(id);
    return stored ? storedNow(world, stored) : derived.get(id);
  });
}

const launchSpecification = struct({
  AddressingType: notModelled(),
  BlockDeviceMapping: launchFields.BlockDeviceMapping,
  EbsOptimized: launchFields.EbsOptimized,
  IamInstanceProfile: launchFields.IamInstanceProfile,
  ImageId: launchFields.ImageId,
  InstanceType: launchFields.InstanceType,
  KernelId: launchFields.KernelId,
  KeyName: launchFields.KeyName,
  Monitoring: launchFields.Monitoring,
  NetworkInterface: launchFields.NetworkInterface,
  Placement: launchFields.Placement,
  RamdiskId: text(),
  SecurityGroup: launchFields.SecurityGroup,
  SecurityGroupId: launchFields.SecurityGroupId,
  SubnetId: text(),
  UserData: launchFields.UserData,
});

const requestSpotInstances = action({
  name: 'RequestSpotInstances',
  rate: 'resource-intensive',
  fields: {
    AvailabilityZoneGroup: text(),
    BlockDurationMinutes: notModelled(),
    ClientToken: text({ max: 64 }),
    InstanceCount: integer({ min: 1, max: 1000 }),
    InstanceInterruptionBehavior: oneOf('terminate', 'stop', 'hibernate'),
    LaunchGroup: text(),
    LaunchSpecification: required(launchSpecification),
    SpotPrice: text({ pattern: /^\d*\.?\d+$/, why: 'It must be a price in USD' }),
    TagSpecification: tagSpecificationField,
    Type: oneOf('one-time', 'persistent'),
    ValidFrom: timestamp(),
    ValidUntil: timestamp(),
  },
  run(world, parameters, call) {
    const { SubnetId: subnetId, RamdiskId: ramDisk, AddressingType: _, ...launch } = parameters.LaunchSpecification;
    const type = parameters.Type ?? 'one-time';
    const behavior = parameters.InstanceInterruptionBehavior ?? 'terminate';
    if (behavior !== 'terminate' && type !== 'persistent')
      throw new Ec2Error(
        'InvalidParameterCombination',
        `Instance interruption behavior '${behavior}' is only supported for persistent Spot Instance requests`,
      );
    const { ValidUntil: untilMs } = parameters;
    if (untilMs !== undefined && untilMs <= world.nowMs())
      throw new Ec2Error('InvalidTime', 'The valid-until time must be in the future.');
    const where = subnetId === undefined ? {} : { SubnetId: subnetId };
    const launchParameters = ramDisk === undefined ? launch : { ...launch, RamDiskId: ramDisk };
    const made = replayOrMany(world, parameters.ClientToken, call.parameters, () => {
      resolveLaunch(world, launchParameters, where);
      return Array.from({ length: parameters.InstanceCount ?? 1 }, () =>
        openRequest(world, {
          type,
          maxPrice: parameters.SpotPrice ?? null,
          parameters: launchParameters,
          where,
          behavior,
          validFromMs: parameters.ValidFrom ?? null,
          validUntilMs: untilMs ?? null,
          launchGroup: parameters.LaunchGroup ?? null,
          zoneGroup: parameters.AvailabilityZoneGroup ?? null,
          tags: tagsOnly('spot-instances-request', parameters.TagSpecification),
        }),
      );
    });
    for (const request of made) watch(world, request);
    return { spotInstanceRequestSet: made.map((request) => requestWire(world, request)) };
  },
});

/** Made once for a token: a replay shows the same requests, as they are by then. */
function replayOrMany(
  world: World,
  token: string | undefined,
  parameters: string,
  make: () => readonly SpotRequest[],
): readonly SpotRequest[] {
  let shown: readonly SpotRequest[] = [];
  replayOr(world, 'RequestSpotInstances', token, parameters, {
    make: () =>
      make()
        .map((request) => request.id)
        .join(' '),
    show(ids) {
      shown = requestsOf(world, ids.split(' '));
      return undefined;
    },
  });
  return shown;
}

export const spotRequestActions: readonly Action[] = [
  requestSpotInstances,
  action({
    name: 'DescribeSpotInstanceRequests',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters,
    fields: { SpotInstanceRequestId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const ids = parameters.SpotInstanceRequestId;
      const from = ids.length > 0 ? fixedList(requestsOf(world, ids)) : allRequests(world);
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return {
        spotInstanceRequestSet: page.items.map((request) => requestWire(world, request)),
        nextToken: page.nextToken,
      };
    },
  }),
  action({
    name: 'CancelSpotInstanceRequests',
    rate: 'resource-intensive',
    fields: { SpotInstanceRequestId: requiredList(required(text())) },
    run(world, parameters) {
      const requests = requestsOf(world, parameters.SpotInstanceRequestId);
      return {
        spotInstanceRequestSet: requests
          .map((request) => cancelled(world, request))
          .map(({ id, state }) => ({ spotInstanceRequestId: id, state })),
      };
    },
  }),
];
