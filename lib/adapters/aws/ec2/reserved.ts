// Nodes into a capacity reservation or a capacity block. CreateFleet takes the name of one only from a launch template,
// and no template is made at run time, since who may write one may launch anything. So it is a RunInstances: from the
// node's own template, which its permission asks for, with the reservation in the call.
import type { RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { FrozenFleet } from '../../../core/records/launch.ts';
import { assert } from '../../../core/values/errors.ts';
import type { LaunchAnswer } from '../../../ports/cloud.ts';
import { subnetIn, templateOf, versionOf } from './fleet.ts';
import type { LaunchPlaces, TemplateFacts } from './fleet.ts';
import { tagList } from './parameters.ts';

/**
 * The same launch always makes the same call. Fewer than asked for are taken, too.
 * @throws CloudRefusedError when the zone has no subnet: nothing was sent
 */
export function reservedInput(
  token: string,
  request: FrozenFleet,
  places: LaunchPlaces,
  factsOf: (instanceType: string) => TemplateFacts,
): RunInstancesCommandInput {
  const { reservation, overrides, templateVersion, count } = request;
  const [only] = overrides;
  assert(
    reservation !== undefined && only !== undefined && overrides.length === 1 && request.capacityType === 'on-demand',
    'a launch into a reservation is of one type in one zone, on demand',
  );
  const name = templateOf(factsOf(only.instanceType), templateVersion);
  const subnetId = subnetIn(only.zone, places);
  return {
    ClientToken: token,
    LaunchTemplate: { LaunchTemplateId: places.templateIds[name], Version: versionOf(templateVersion, name) },
    InstanceType: only.instanceType as RunInstancesCommandInput['InstanceType'],
    MinCount: 1,
    MaxCount: count,
    ...intoReservation(reservation),
    ...interfaceInput(subnetId, places),
    TagSpecifications: (['instance', 'volume'] as const).map((ResourceType) => ({
      ResourceType,
      Tags: tagList(request.tags),
    })),
  };
}

/** Of nodes and of machines of claims. */
export function intoReservation({
  id: CapacityReservationId,
  kind,
}: NonNullable<FrozenFleet['reservation']>): Partial<RunInstancesCommandInput> {
  return {
    CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId } },
    ...(kind === 'capacity-block' ? { InstanceMarketOptions: { MarketType: 'capacity-block' } } : {}),
  };
}

/** A template's interface cannot be given a subnet by itself: all of it is said again. */
function interfaceInput(SubnetId: string, { nodeInterface }: LaunchPlaces): Partial<RunInstancesCommandInput> {
  if (nodeInterface === undefined) return { SubnetId };
  const { groupId, addresses } = nodeInterface;
  return {
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId,
        Groups: [groupId],
        DeleteOnTermination: true,
        AssociatePublicIpAddress: addresses === 'public-ipv4',
        ...(addresses === 'ipv6' ? { Ipv6AddressCount: 1 } : {}),
      },
    ],
  };
}

/** Of fewer than asked for nobody knows whether they are all that the token made: they are listed. */
export function reservedAnswer(
  { Instances = [] }: RunInstancesCommandOutput,
  request: FrozenFleet,
  wasSentBefore: boolean,
): LaunchAnswer {
  const instances = Instances.map(({ InstanceId = '', InstanceType, Placement }) => ({
    id: InstanceId,
    instanceType: InstanceType ?? request.overrides[0]?.instanceType ?? '',
    zone: Placement?.AvailabilityZone ?? request.overrides[0]?.zone ?? '',
    capacityType: request.capacityType,
  }));
  return { instances, faults: [], isReplay: wasSentBefore || instances.length < request.count };
}
