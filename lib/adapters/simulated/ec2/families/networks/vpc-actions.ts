// VPCs and subnets that users make: records, with addresses that run out and dependencies that keep them, but without
// packets that flow.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress, parseCidr } from '../../addresses.ts';
import { oneOfKind } from '../../ids.ts';
import { boolean, notModelled, oneOf, required, struct, text } from '../../protocol/fields.ts';
import type { Subnet, Vpc } from '../../records.ts';
import { tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import { namesOnLaunchOf, preferredZones, subnetWire, vpcWire, zoneOfId } from './network.ts';

const flag = struct({ Value: boolean() });
const shortest = 28;
const longest = 16;

interface Cidr {
  readonly network: number;
  readonly prefix: number;
}

/** Between /16 and /28. @throws Ec2Error */
export function cidrOf(given: string | undefined, rangeCode: string): Cidr {
  if (given === undefined) throw new Ec2Error('MissingParameter', 'The request must contain the parameter cidrBlock');
  const cidr = parseCidr(given);
  if (!cidr)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  if (cidr.prefix < longest || cidr.prefix > shortest) throw new Ec2Error(rangeCode, `The CIDR '${given}' is invalid.`);
  return cidr;
}

const sizeOf = (cidr: Cidr): number => 2 ** (32 - cidr.prefix);
export const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.network >= outer.network && inner.network + sizeOf(inner) <= outer.network + sizeOf(outer);

export const cidrText = ({ network, prefix }: Cidr): string => `${formatAddress(network)}/${String(prefix)}`;

export const vpcOf = (world: World, id: string): Vpc => oneOfKind('vpc', id, (wanted) => world.vpcs.get(wanted));
const subnetOf = (world: World, id: string): Subnet => oneOfKind('subnet', id, (wanted) => world.subnets.get(wanted));

const createVpc = action({
  name: 'CreateVpc',
  rate: 'mutating',
  fields: {
    AmazonProvidedIpv6CidrBlock: notModelled(),
    CidrBlock: text(),
    InstanceTenancy: oneOf('default', 'dedicated'),
    Ipv4IpamPoolId: notModelled(),
    Ipv4NetmaskLength: notModelled(),
    Ipv6CidrBlock: notModelled(),
    Ipv6CidrBlockNetworkBorderGroup: notModelled(),
    Ipv6IpamPoolId: notModelled(),
    Ipv6NetmaskLength: notModelled(),
    Ipv6Pool: notModelled(),
    TagSpecification: tagSpecificationField,
    VpcEncryptionControl: notModelled(),
  },
  run(world, parameters) {
    const { network, prefix } = cidrOf(parameters.CidrBlock, 'InvalidVpc.Range');
    const vpc = world.vpcs.put({
      id: world.newId('vpc'),
      cidr: `${formatAddress(network)}/${prefix}`,
      isDefault: false,
      tenancy: parameters.InstanceTenancy ?? 'default',
      hasDnsHostnames: false,
      tags: tagsOnly('vpc', parameters.TagSpecification),
    });
    world.addDefaultGroup(vpc.id);
    world.addMainRouteTable(vpc);
    return { vpc: { ...vpcWire(world, vpc), state: 'pending' } };
  },
});

function hasDependencies(world: World, vpc: Vpc): boolean {
  return (
    world.subnets.all().some((subnet) => subnet.vpcId === vpc.id)
    || world.securityGroups.all().some((group) => group.vpcId === vpc.id && group.name !== 'default')
    || world.internetGateways.all().some((gateway) => gateway.vpcId === vpc.id)
    || world.routeTables.all().some((table) => table.vpcId === vpc.id && !table.isMain)
  );
}

const deleteVpc = action({
  name: 'DeleteVpc',
  rate: 'mutating',
  check: (world, parameters) => void vpcOf(world, parameters.VpcId),
  fields: { VpcId: required(text()) },
  run(world, parameters) {
    const vpc = vpcOf(world, parameters.VpcId);
    if (hasDependencies(world, vpc))
      throw new Ec2Error('DependencyViolation', `The vpc '${vpc.id}' has dependencies and cannot be deleted.`);
    for (const group of world.securityGroups.all()) if (group.vpcId === vpc.id) world.securityGroups.delete(group.id);
    for (const table of world.routeTables.all()) if (table.vpcId === vpc.id) world.routeTables.delete(table.id);
    world.vpcs.delete(vpc.id);
    return done;
  },
});

const describeVpcAttribute = action({
  name: 'DescribeVpcAttribute',
  rate: 'non-mutating',
  fields: {
    Attribute: required(oneOf('enableDnsSupport', 'enableDnsHostnames', 'enableNetworkAddressUsageMetrics')),
    VpcId: required(text()),
  },
  run(world, parameters) {
    const vpc = vpcOf(world, parameters.VpcId);
    const values = {
      enableDnsSupport: vpc.hasDnsSupport ?? true,
      // EC2 turns names on for the default VPC only.
      enableDnsHostnames: vpc.hasDnsHostnames ?? vpc.isDefault,
      enableNetworkAddressUsageMetrics: vpc.hasUsageMetrics ?? false,
    };
    return { vpcId: vpc.id, [parameters.Attribute]: { value: values[parameters.Attribute] } };
  },
});

const modifyVpcAttribute = action({
  name: 'ModifyVpcAttribute',
  rate: 'mutating',
  fields: {
    EnableDnsHostnames: flag,
    EnableDnsSupport: flag,
    EnableNetworkAddressUsageMetrics: flag,
    VpcId: required(text()),
  },
  run(world, parameters) {
    const vpc = vpcOf(world, parameters.VpcId);
    const named = [
      parameters.EnableDnsHostnames,
      parameters.EnableDnsSupport,
      parameters.EnableNetworkAddressUsageMetrics,
    ].filter((one) => one?.Value !== undefined);
    if (named.length !== 1)
      throw new Ec2Error(
        'InvalidParameterCombination',
        named.length === 0 ? 'No attributes specified.' : 'Fields for multiple attribute types specified',
      );
    world.vpcs.put({
      ...vpc,
      hasDnsHostnames: parameters.EnableDnsHostnames?.Value ?? vpc.hasDnsHostnames ?? vpc.isDefault,
      hasDnsSupport: parameters.EnableDnsSupport?.Value ?? vpc.hasDnsSupport ?? true,
      hasUsageMetrics: parameters.EnableNetworkAddressUsageMetrics?.Value ?? vpc.hasUsageMetrics ?? false,
    });
    return done;
  },
});

const createSubnet = action({
  name: 'CreateSubnet',
  rate: 'mutating',
  fields: {
    AvailabilityZone: text(),
    AvailabilityZoneId: text(),
    CidrBlock: text(),
    Ipv4IpamPoolId: notModelled(),
    Ipv4NetmaskLength: notModelled(),
    Ipv6CidrBlock: notModelled(),
    Ipv6IpamPoolId: notModelled(),
    Ipv6Native: notModelled(),
    Ipv6NetmaskLength: notModelled(),
    OutpostArn: notModelled(),
    TagSpecification: tagSpecificationField,
    VpcId: required(text()),
  },
  run(world, parameters) {
    const vpc = vpcOf(world, parameters.VpcId);
    const cidr = cidrOf(parameters.CidrBlock, 'InvalidSubnet.Range');
    const ranges = [vpc.cidr, ...(vpc.moreCidrs ?? []).map((one) => one.cidr)].flatMap((one) => parseCidr(one) ?? []);
    if (!ranges.some((range) => contains(range, cidr)))
      throw new Ec2Error('InvalidSubnet.Range', `The CIDR '${parameters.CidrBlock ?? ''}' is invalid.`);
    const overlaps = (other: Subnet): boolean =>
      other.vpcId === vpc.id && (contains(other, cidr) || contains(cidr, other));
    if (world.subnets.all().some(overlaps))
      throw new Ec2Error(
        'InvalidSubnet.Conflict',
        `The CIDR '${parameters.CidrBlock ?? ''}' conflicts with another subnet`,
      );
    const { AvailabilityZoneId: zoneId } = parameters;
    const named =
      parameters.AvailabilityZone ?? (zoneId === undefined ? undefined : (zoneOfId(world, zoneId) ?? zoneId));
    const zone = named ?? preferredZones(world)[0] ?? '';
    if (!world.zones.includes(zone))
      throw new Ec2Error(
        'InvalidParameterValue',
        `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the `
          + `following availability zones: ${world.zones.join(', ')}.`,
      );
    const subnet = world.addSubnet({
      vpcId: vpc.id,
      zone,
      network: cidr.network,
      prefix: cidr.prefix,
      isDefaultForAz: false,
      mapPublicIpOnLaunch: false,
      tags: tagsOnly('subnet', parameters.TagSpecification),
    });
    return { subnet: subnetWire(world, subnet) };
  },
});

const deleteSubnet = action({
  name: 'DeleteSubnet',
  rate: 'mutating',
  check: (world, parameters) => void subnetOf(world, parameters.SubnetId),
  fields: { SubnetId: required(text()) },
  run(world, parameters) {
    const subnet = subnetOf(world, parameters.SubnetId);
    if (world.pool(subnet.id)?.isEmpty === false)
      throw new Ec2Error('DependencyViolation', `The subnet '${subnet.id}' has dependencies and cannot be deleted.`);
    for (const table of world.routeTables.all()) {
      const associations = table.associations.filter((one) => one.subnetId !== subnet.id);
      if (associations.length < table.associations.length) world.routeTables.put({ ...table, associations });
    }
    world.subnets.delete(subnet.id);
    return done;
  },
});

const modifySubnetAttribute = action({
  name: 'ModifySubnetAttribute',
  rate: 'mutating',
  fields: {
    AssignIpv6AddressOnCreation: notModelled(),
    CustomerOwnedIpv4Pool: notModelled(),
    DisableLniAtDeviceIndex: notModelled(),
    EnableDns64: notModelled(),
    EnableLniAtDeviceIndex: notModelled(),
    EnableResourceNameDnsAAAARecordOnLaunch: flag,
    EnableResourceNameDnsARecordOnLaunch: flag,
    MapCustomerOwnedIpOnLaunch: notModelled(),
    MapPublicIpOnLaunch: flag,
    PrivateDnsHostnameTypeOnLaunch: oneOf('ip-name', 'resource-name'),
    SubnetId: required(text()),
  },
  run(world, parameters) {
    const subnet = subnetOf(world, parameters.SubnetId);
    const mapPublicIpOnLaunch = parameters.MapPublicIpOnLaunch?.Value;
    const hasARecord = parameters.EnableResourceNameDnsARecordOnLaunch?.Value;
    const hasAaaaRecord = parameters.EnableResourceNameDnsAAAARecordOnLaunch?.Value;
    const hostnameType = parameters.PrivateDnsHostnameTypeOnLaunch;
    if ([mapPublicIpOnLaunch, hasARecord, hasAaaaRecord, hostnameType].every((one) => one === undefined))
      throw new Ec2Error('InvalidParameterCombination', 'No attributes specified.');
    const names = namesOnLaunchOf(subnet);
    world.subnets.put({
      ...subnet,
      mapPublicIpOnLaunch: mapPublicIpOnLaunch ?? subnet.mapPublicIpOnLaunch,
      namesOnLaunch: {
        hostnameType: hostnameType ?? names.hostnameType,
        hasARecord: hasARecord ?? names.hasARecord,
        hasAaaaRecord: hasAaaaRecord ?? names.hasAaaaRecord,
      },
    });
    return done;
  },
});

export const vpcActions: readonly Action[] = [
  createVpc,
  deleteVpc,
  describeVpcAttribute,
  modifyVpcAttribute,
  createSubnet,
  deleteSubnet,
  modifySubnetAttribute,
];
