// Ids of resources: their form, and what EC2 says of those that are malformed or unknown.
import { Ec2Error } from '../cloud/errors.ts';

interface IdKind {
  readonly prefix: string;
  readonly malformed: (id: string) => Ec2Error;
  readonly notFound: (ids: readonly string[]) => Ec2Error;
}

const expecting =
  (code: string, prefix: string) =>
  (id: string): Ec2Error =>
    new Ec2Error(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);
const first = (ids: readonly string[]): string => ids[0] ?? '';

export const idKinds = {
  instance: {
    prefix: 'i',
    malformed: expecting('InvalidInstanceID.Malformed', 'i'),
    notFound: (ids) =>
      new Ec2Error(
        'InvalidInstanceID.NotFound',
        ids.length === 1
          ? `The instance ID '${first(ids)}' does not exist`
          : `The instance IDs '${ids.join(', ')}' do not exist`,
      ),
  },
  volume: {
    prefix: 'vol',
    malformed: (id) =>
      new Ec2Error('InvalidParameterValue', `Value (${id}) for parameter volumeId is invalid. Expected: 'vol-...'.`),
    notFound: (ids) => new Ec2Error('InvalidVolume.NotFound', `The volume '${first(ids)}' does not exist.`),
  },
  snapshot: {
    prefix: 'snap',
    malformed: (id) =>
      new Ec2Error('InvalidParameterValue', `Value (${id}) for parameter snapshotId is invalid. Expected: 'snap-...'.`),
    notFound: (ids) => new Ec2Error('InvalidSnapshot.NotFound', `The snapshot '${first(ids)}' does not exist.`),
  },
  image: {
    prefix: 'ami',
    malformed: expecting('InvalidAMIID.Malformed', 'ami'),
    notFound: (ids) =>
      new Ec2Error(
        'InvalidAMIID.NotFound',
        ids.length === 1
          ? `The image id '[${first(ids)}]' does not exist`
          : `The image ids '[${ids.join(', ')}]' do not exist`,
      ),
  },
  securityGroup: {
    prefix: 'sg',
    malformed: expecting('InvalidGroupId.Malformed', 'sg'),
    notFound: (ids) => new Ec2Error('InvalidGroup.NotFound', `The security group '${first(ids)}' does not exist`),
  },
  securityGroupRule: {
    prefix: 'sgr',
    malformed: expecting('InvalidSecurityGroupRuleId.Malformed', 'sgr'),
    notFound: (ids) =>
      new Ec2Error('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${first(ids)}' does not exist`),
  },
  subnet: {
    prefix: 'subnet',
    malformed: expecting('InvalidSubnetID.Malformed', 'subnet'),
    notFound: (ids) => new Ec2Error('InvalidSubnetID.NotFound', `The subnet ID '${first(ids)}' does not exist`),
  },
  vpc: {
    prefix: 'vpc',
    malformed: expecting('InvalidVpcID.Malformed', 'vpc'),
    notFound: (ids) => new Ec2Error('InvalidVpcID.NotFound', `The vpc ID '${first(ids)}' does not exist`),
  },
  internetGateway: {
    prefix: 'igw',
    malformed: expecting('InvalidInternetGatewayId.Malformed', 'igw'),
    notFound: (ids) =>
      new Ec2Error('InvalidInternetGatewayID.NotFound', `The internetGateway ID '${first(ids)}' does not exist`),
  },
  capacityReservation: {
    prefix: 'cr',
    malformed: expecting('InvalidCapacityReservationId.Malformed', 'cr'),
    notFound: (ids) =>
      new Ec2Error('InvalidCapacityReservationId.NotFound', `The capacity reservation '${first(ids)}' does not exist.`),
  },
  placementGroup: {
    prefix: 'pg',
    malformed: expecting('InvalidPlacementGroupId.Malformed', 'pg'),
    notFound: (ids) =>
      new Ec2Error('InvalidPlacementGroupId.NotFound', `The Placement Group '${first(ids)}' does not exist.`),
  },
  routeTable: {
    prefix: 'rtb',
    malformed: expecting('InvalidRouteTableId.Malformed', 'rtb'),
    notFound: (ids) => new Ec2Error('InvalidRouteTableID.NotFound', `The routeTable ID '${first(ids)}' does not exist`),
  },
  elasticAddress: {
    prefix: 'eipalloc',
    malformed: expecting('InvalidAllocationID.Malformed', 'eipalloc'),
    notFound: (ids) => new Ec2Error('InvalidAllocationID.NotFound', `The allocation ID '${first(ids)}' does not exist`),
  },
  natGateway: {
    prefix: 'nat',
    malformed: (id) => new Ec2Error('NatGatewayMalformed', `The Nat Gateway ID '${id}' is malformed`),
    notFound: (ids) => new Ec2Error('NatGatewayNotFound', `The Nat Gateway ${first(ids)} was not found`),
  },
  launchTemplate: {
    prefix: 'lt',
    malformed: (id) => new Ec2Error('InvalidLaunchTemplateId.Malformed', `Invalid launch template ID: '${id}'`),
    notFound: (ids) =>
      new Ec2Error(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${first(ids)}, does not exist.`,
      ),
  },
  fleet: {
    prefix: 'fleet',
    malformed: (id) => new Ec2Error('InvalidParameterValue', `Value (${id}) for parameter fleetId is invalid.`),
    notFound: (ids) => new Ec2Error('InvalidFleetId.NotFound', `The fleet ID '${first(ids)}' does not exist`),
  },
  keyPair: {
    prefix: 'key',
    malformed: expecting('InvalidParameterValue', 'key'),
    notFound: (ids) => new Ec2Error('InvalidKeyPair.NotFound', `The key pair '${first(ids)}' does not exist`),
  },
  spotRequest: {
    prefix: 'sir',
    malformed: (id) =>
      new Ec2Error('InvalidSpotInstanceRequestID.Malformed', `The spot instance request ID '${id}' is malformed`),
    notFound: (ids) =>
      new Ec2Error(
        'InvalidSpotInstanceRequestID.NotFound',
        `The spot instance request ID '${first(ids)}' does not exist`,
      ),
  },
  networkInterface: {
    prefix: 'eni',
    malformed: expecting('InvalidNetworkInterfaceId.Malformed', 'eni'),
    notFound: (ids) =>
      new Ec2Error('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${first(ids)}' does not exist`),
  },
} satisfies Record<string, IdKind>;

export type IdKindName = keyof typeof idKinds;

const forms = new Map<IdKindName, RegExp>([
  ['fleet', /^fleet-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/],
]);

function formOf(kind: IdKindName): RegExp {
  const known = forms.get(kind);
  if (known) return known;
  const form = new RegExp(`^${idKinds[kind].prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`);
  forms.set(kind, form);
  return form;
}

export function hasFormOf(kind: IdKindName, id: string): boolean {
  return formOf(kind).test(id);
}

/** @throws Ec2Error the kind's malformed error */
export function checkIds(kind: IdKindName, ids: readonly (string | undefined)[]): readonly string[] {
  const { malformed } = idKinds[kind];
  const form = formOf(kind);
  return ids.map((id) => {
    if (id === undefined || !form.test(id)) throw malformed(id ?? '');
    return id;
  });
}

export function checkId(kind: IdKindName, id: string): string {
  checkIds(kind, [id]);
  return id;
}

/** The resources of these ids, in their order. @throws Ec2Error malformed or not found */
export function allOf<T>(
  kind: IdKindName,
  ids: readonly (string | undefined)[],
  find: (id: string) => T | undefined,
): readonly T[] {
  const wanted = [...new Set(checkIds(kind, ids))];
  const found: T[] = [];
  const missing: string[] = [];
  for (const id of wanted) {
    const one = find(id);
    if (one === undefined) missing.push(id);
    else found.push(one);
  }
  if (missing.length > 0) throw idKinds[kind].notFound(missing);
  return found;
}

export function oneOfKind<T>(kind: IdKindName, id: string, find: (id: string) => T | undefined): T {
  const found = find(checkId(kind, id));
  if (found === undefined) throw idKinds[kind].notFound([id]);
  return found;
}
