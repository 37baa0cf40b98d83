// Where machines and groups are made, and as what: the installation's VPC, one subnet per zone, the group of machines
// that asked for no network, the roles that may be given away. What is not the installation's is refused here, before
// EC2 is asked: its "not authorized" would look like a permission that the installation lacks.
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { FrozenInstances } from '../../../core/records/launch.ts';
import { CloudRefusedError } from '../../../ports/cloud.ts';

export interface MachinePlaces {
  readonly vpcId: string;
  /** The one subnet of each zone that may be used. */
  readonly subnetByZone: Readonly<Record<string, string>>;
  /** Of machines without a network of their own. Never the VPC's default group: its members reach each other. */
  readonly plainGroupId: string;
  /** As nodes have them: a public IPv4 address, an IPv6 one, or private ones only. */
  readonly addresses: 'public-ipv4' | 'ipv6' | 'nat';
  /** Images whose root device is known; of others EC2 is asked. */
  readonly rootDevices: Readonly<Record<string, string>>;
  /** Instance profiles that requests may name, each by name or ARN. */
  readonly instanceProfiles: readonly { readonly name: string; readonly arn: string }[];
}

function refuse(code: string, message: string): never {
  throw new CloudRefusedError({ code, scope: 'request', about: null, message });
}

/** Network, role and image parameters of a launch. @throws CloudRefusedError; nothing was sent */
export function placeInput(request: FrozenInstances, places: MachinePlaces): Partial<RunInstancesCommandInput> {
  const own = Object.values(places.subnetByZone);
  const subnetId = request.subnetId ?? places.subnetByZone[request.zone];
  if (subnetId === undefined) {
    const zones = Object.keys(places.subnetByZone).sort().join(', ');
    const message = `this installation has no subnet in ${request.zone}; it has them in ${zones}`;
    throw new CloudRefusedError({ code: 'NoSubnetInZone', scope: 'zone', about: null, message });
  }
  if (!own.includes(subnetId)) {
    refuse(
      'SubnetNotAllowed',
      `${subnetId} is no subnet of this installation; its subnets are ${own.sort().join(', ')}`,
    );
  }
  return {
    ...profileInput(request, places),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnetId,
        DeleteOnTermination: true,
        AssociatePublicIpAddress: places.addresses === 'public-ipv4',
        ...(places.addresses === 'ipv6' ? { Ipv6AddressCount: 1 } : {}),
        Groups: request.groupIds.length === 0 ? [places.plainGroupId] : [...request.groupIds],
      },
    ],
  };
}

function profileInput(
  { instanceProfile: wanted }: FrozenInstances,
  { instanceProfiles }: MachinePlaces,
): Partial<RunInstancesCommandInput> {
  if (wanted === null) return {};
  const profile = instanceProfiles.find((one) => one.name === wanted || one.arn === wanted);
  if (!profile) {
    const allowed = instanceProfiles.map((one) => one.name).join(', ');
    refuse(
      'RoleNotAllowed',
      'this installation gives machines '
        + `${allowed === '' ? 'no role' : `only these instance profiles: ${allowed}`}; ${JSON.stringify(wanted)} `
        + 'must be among its machineProfiles when it is deployed',
    );
  }
  return { IamInstanceProfile: { Arn: profile.arn } };
}

/**
 * Whether the launch names anything that its caller chose: "not authorized" may then be about that, and must not stop
 * the buying of others.
 */
export function namesOwnThings(request: FrozenInstances, places: MachinePlaces): boolean {
  return (
    request.keyName !== null
    || request.instanceProfile !== null
    || request.subnetId !== null
    || !(request.imageId in places.rootDevices)
    || request.disks.some((disk) => disk.snapshotId !== null)
  );
}
