// Zones, VPCs and their subnets as they are described; their addresses run out.
import { Ec2Error } from '../../../cloud/errors.ts';
import { hash32 } from '../../../cloud/random.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress } from '../../addresses.ts';
import { allOf } from '../../ids.ts';
import { boolean, integer, list, text } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Subnet, Vpc } from '../../records.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import { abbreviated, regionFilters, regionsBeside } from './regions.ts';
import type { Region } from './regions.ts';

/** `use1-az1` for the first zone of us-east-1, as AWS abbreviates regions. */
export function zoneIdOf(world: World, zone: string): string {
  return `${abbreviated(world.region)}-az${world.zones.indexOf(zone) + 1}`;
}

export function zoneOfId(world: World, zoneId: string): string | undefined {
  return world.zones.find((zone) => zoneIdOf(world, zone) === zoneId);
}

export function subnetCidr(subnet: Subnet): string {
  return `${formatAddress(subnet.network)}/${subnet.prefix}`;
}

interface Zone {
  readonly name: string;
  readonly id: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

const zoneFilters: FilterTable<Zone> = {
  'group-name': (zone) => `${zone.region}-zg-1`,
  'group-long-name': (zone) => `${zone.region} 1`,
  message: () => undefined,
  'opt-in-status': { of: () => 'opt-in-not-required', allowed: ['opted-in', 'not-opted-in', 'opt-in-not-required'] },
  'parent-zone-id': () => undefined,
  'parent-zone-name': () => undefined,
  'region-name': (zone) => zone.region,
  state: { of: () => 'available', allowed: ['available', 'information', 'impaired', 'unavailable', 'constrained'] },
  'zone-id': (zone) => zone.id,
  'zone-name': (zone) => zone.name,
  'zone-type': { of: () => 'availability-zone', allowed: ['availability-zone', 'local-zone', 'wavelength-zone'] },
};

const subnetFilters = (world: World): FilterTable<Subnet> => ({
  'availability-zone': (subnet) => subnet.zone,
  availabilityZone: (subnet) => subnet.zone,
  'availability-zone-id': (subnet) => zoneIdOf(world, subnet.zone),
  availabilityZoneId: (subnet) => zoneIdOf(world, subnet.zone),
  'available-ip-address-count': (subnet) => world.pool(subnet.id)?.available,
  'cidr-block': subnetCidr,
  cidr: subnetCidr,
  cidrBlock: subnetCidr,
  'default-for-az': (subnet) => subnet.isDefaultForAz,
  defaultForAz: (subnet) => subnet.isDefaultForAz,
  'ipv6-native': () => false,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
  'owner-id': () => world.accountId,
  state: {
    of: () => 'available',
    allowed: ['pending', 'available', 'unavailable', 'failed', 'failed-insufficient-capacity'],
  },
  'enable-dns64': () => false,
  'map-customer-owned-ip-on-launch': () => false,
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': (subnet) =>
    namesOnLaunchOf(subnet).hasARecord,
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': (subnet) =>
    namesOnLaunchOf(subnet).hasAaaaRecord,
  'private-dns-name-options-on-launch.hostname-type': (subnet) => namesOnLaunchOf(subnet).hostnameType,
  ...neverMet(
    'customer-owned-ipv4-pool',
    'enable-lni-at-device-index',
    'ipv6-cidr-block-association.association-id',
    'ipv6-cidr-block-association.ipv6-cidr-block',
    'ipv6-cidr-block-association.state',
    'outpost-arn',
  ),
  'subnet-arn': (subnet) => subnetArn(world, subnet),
  'subnet-id': (subnet) => subnet.id,
  'vpc-id': (subnet) => subnet.vpcId,
});

const primaryCidr = (vpc: Vpc): string => vpc.cidr;

/** The first, and those that were associated later. */
function rangesOf(vpc: Vpc): readonly { readonly id: string; readonly cidr: string }[] {
  return [{ id: cidrAssociationId(vpc), cidr: vpc.cidr }, ...(vpc.moreCidrs ?? [])];
}

const vpcFilters = (world: World): FilterTable<Vpc> => ({
  // EC2 takes these other two as well, as it documents of subnets; Ansible's module relies on the first.
  ...{ cidr: primaryCidr, 'cidr-block': primaryCidr, cidrBlock: primaryCidr },
  'cidr-block-association.cidr-block': (vpc) => rangesOf(vpc).map((one) => one.cidr),
  'cidr-block-association.association-id': (vpc) => rangesOf(vpc).map((one) => one.id),
  'cidr-block-association.state': () => 'associated',
  ...neverMet(
    'ipv6-cidr-block-association.association-id',
    'ipv6-cidr-block-association.ipv6-cidr-block',
    'ipv6-cidr-block-association.ipv6-pool',
    'ipv6-cidr-block-association.state',
  ),
  'dhcp-options-id': dhcpOptionsId,
  'is-default': (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  'owner-id': () => world.accountId,
  state: { of: () => 'available', allowed: ['pending', 'available'] },
  'vpc-id': (vpc) => vpc.id,
});

function subnetArn(world: World, subnet: Subnet): string {
  return `arn:aws:ec2:${world.region}:${world.accountId}:subnet/${subnet.id}`;
}

export function cidrAssociationId(vpc: Vpc): string {
  return `vpc-cidr-assoc-${vpc.id.slice(4)}`;
}

function dhcpOptionsId(vpc: Vpc): string {
  return `dopt-${vpc.id.slice(4)}`;
}

/** How EC2 names instances in a subnet of which nobody has said anything. */
export function namesOnLaunchOf(subnet: Subnet): NonNullable<Subnet['namesOnLaunch']> {
  return subnet.namesOnLaunch ?? { hostnameType: 'ip-name', hasARecord: false, hasAaaaRecord: false };
}

export function subnetWire(world: World, subnet: Subnet): Wire {
  const names = namesOnLaunchOf(subnet);
  return {
    subnetId: subnet.id,
    subnetArn: subnetArn(world, subnet),
    state: 'available',
    ownerId: world.accountId,
    vpcId: subnet.vpcId,
    cidrBlock: subnetCidr(subnet),
    ipv6CidrBlockAssociationSet: [],
    assignIpv6AddressOnCreation: false,
    ipv6Native: false,
    availableIpAddressCount: world.pool(subnet.id)?.available,
    availabilityZone: subnet.zone,
    availabilityZoneId: zoneIdOf(world, subnet.zone),
    defaultForAz: subnet.isDefaultForAz,
    mapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    mapCustomerOwnedIpOnLaunch: false,
    enableDns64: false,
    privateDnsNameOptionsOnLaunch: {
      hostnameType: names.hostnameType,
      enableResourceNameDnsARecord: names.hasARecord,
      enableResourceNameDnsAAAARecord: names.hasAaaaRecord,
    },
    tagSet: tagSet(subnet.tags),
  };
}

export function vpcWire(world: World, vpc: Vpc): Readonly<Record<string, Wire>> {
  return {
    vpcId: vpc.id,
    ownerId: world.accountId,
    state: 'available',
    cidrBlock: vpc.cidr,
    cidrBlockAssociationSet: rangesOf(vpc).map(({ id, cidr }) => ({
      ...{ cidrBlock: cidr, associationId: id, cidrBlockState: { state: 'associated' } },
    })),
    dhcpOptionsId: dhcpOptionsId(vpc),
    instanceTenancy: vpc.tenancy ?? 'default',
    isDefault: vpc.isDefault,
    tagSet: tagSet(vpc.tags),
  };
}

export const networkActions: readonly Action[] = [
  action({
    name: 'DescribeAvailabilityZones',
    rate: 'non-mutating',
    filters: () => zoneFilters,
    fields: { ZoneName: list(text()), ZoneId: list(text()), AllAvailabilityZones: boolean(), Filter: filterField },
    run(world, parameters, call) {
      const zones = world.zones.map((name): Zone => ({
        name,
        id: zoneIdOf(world, name),
        region: world.region,
        tags: {},
      }));
      const unknown = [
        ...parameters.ZoneName.filter((name) => !zones.some((zone) => zone.name === name)),
        ...parameters.ZoneId.filter((id) => !zones.some((zone) => zone.id === id)),
      ];
      if (unknown.length > 0)
        throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${unknown.join(', ')}]`);
      const isNamed = (zone: Zone): boolean =>
        (parameters.ZoneName.length === 0 || parameters.ZoneName.includes(zone.name))
        && (parameters.ZoneId.length === 0 || parameters.ZoneId.includes(zone.id));
      return {
        availabilityZoneInfo: zones
          .filter((zone) => isNamed(zone) && call.matches(zone))
          .map((zone) => ({
            zoneState: 'available',
            optInStatus: 'opt-in-not-required',
            messageSet: [],
            regionName: zone.region,
            zoneName: zone.name,
            zoneId: zone.id,
            groupName: `${zone.region}-zg-1`,
            groupLongName: `${zone.region} 1`,
            networkBorderGroup: zone.region,
            zoneType: 'availability-zone',
          })),
      };
    },
  }),
  action({
    name: 'DescribeRegions',
    rate: 'non-mutating',
    filters: () => regionFilters,
    fields: { RegionName: list(text()), AllRegions: boolean(), Filter: filterField },
    run(world, parameters, call) {
      const regions = regionsBeside(world.region, world.seeding.regions);
      const { RegionName: names } = parameters;
      const unknown = names.filter((name) => !regions.some((region) => region.name === name));
      if (unknown.length > 0) throw new Ec2Error('InvalidParameterValue', `Invalid region name: ${unknown.join(', ')}`);
      const isAsked = (region: Region): boolean =>
        names.length > 0
          ? names.includes(region.name)
          : parameters.AllRegions === true || region.optInStatus !== 'not-opted-in';
      return {
        regionInfo: regions
          .filter((region) => isAsked(region) && call.matches(region))
          .map(({ name, endpoint, optInStatus }) => ({ regionName: name, regionEndpoint: endpoint, optInStatus })),
      };
    },
  }),
  action({
    name: 'DescribeSubnets',
    rate: 'non-mutating',
    filters: subnetFilters,
    fields: { SubnetId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const list =
        parameters.SubnetId.length > 0
          ? fixedList(allOf('subnet', parameters.SubnetId, (id) => world.subnets.get(id)))
          : world.subnets.list;
      const page = pageOf(list, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { subnetSet: page.items.map((subnet) => subnetWire(world, subnet)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeVpcs',
    rate: 'non-mutating',
    filters: vpcFilters,
    fields: { VpcId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const list =
        parameters.VpcId.length > 0
          ? fixedList(allOf('vpc', parameters.VpcId, (id) => world.vpcs.get(id)))
          : world.vpcs.list;
      const page = pageOf(list, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { vpcSet: page.items.map((vpc) => vpcWire(world, vpc)), nextToken: page.nextToken };
    },
  }),
];

/** The zone in which the default placement of an unplaced launch starts: fixed per account, as EC2's is. */
export function preferredZones(world: World): readonly string[] {
  const start = hash32(`${world.accountId}/${world.region}/zone`) % world.zones.length;
  return [...world.zones.slice(start), ...world.zones.slice(0, start)];
}

/** Of an unplaced launch, in that order. */
export function defaultSubnets(world: World): readonly Subnet[] {
  return preferredZones(world).flatMap(
    (zone) => world.subnets.all().find((subnet) => subnet.zone === zone && subnet.isDefaultForAz) ?? [],
  );
}
