// Network interfaces: one per instance here, which comes and goes with it. Nothing is stored of it but its tags: the
// rest follows from the instance.
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress } from '../../addresses.ts';
import { allOf } from '../../ids.ts';
import { boolean, integer, list, text } from '../../protocol/fields.ts';
import { exactValues, filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Subnet } from '../../records.ts';
import type { Tags } from '../../tags.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import {
  groupSet,
  macAddress,
  networkInterfaceId,
  networkOf,
  privateDnsName,
  publicAddress,
  publicDnsName,
} from '../instances/instance-wire.ts';
import type { ShownInstance } from '../instances/instance-wire.ts';
import { tagsFor } from '../launching/launch-parameters.ts';
import { zoneIdOf } from './network.ts';

export interface NetworkInterface {
  readonly id: string;
  readonly instance: InstanceRecord;
  readonly subnet: Subnet | undefined;
  readonly groupIds: readonly string[];
  readonly groupNames: readonly (string | undefined)[];
  readonly mac: string;
  readonly description: string;
  readonly privateIp: string;
  readonly privateDnsName: string;
  /** Of the public address; null: it has none. */
  readonly publicIp: string | null;
  readonly publicDnsName: string | null;
  readonly isChecked: boolean;
  readonly deleteOnTermination: boolean;
  readonly tags: Tags;
}

/** null: the instance has none any more. */
export function interfaceOf(world: World, one: ShownInstance): NetworkInterface | null {
  const { instance, shown } = one;
  const network = networkOf(one);
  if (network === null || instance.details === null) return null;
  const spec = world.specOf(instance);
  const [asked] = spec?.parameters.NetworkInterface ?? [];
  const address = publicAddress(instance, spec, shown.state);
  const id = networkInterfaceId(instance);
  return {
    id,
    instance,
    subnet: world.subnets.get(instance.details.subnetId),
    groupIds: network.groupIds,
    groupNames: network.groupIds.map((group) => world.securityGroups.get(group)?.name),
    mac: macAddress(instance),
    description: asked?.Description ?? '',
    privateIp: formatAddress(network.privateIp),
    privateDnsName: privateDnsName(world, network.privateIp),
    publicIp: address === null ? null : formatAddress(address),
    publicDnsName: address === null ? null : publicDnsName(world, address),
    isChecked: instance.details.changed?.sourceDestCheck ?? true,
    deleteOnTermination: asked?.DeleteOnTermination ?? true,
    tags: interfaceTags(world, instance),
  };
}

export function interfaceTags(world: World, instance: InstanceRecord): Tags {
  const changed = world.interfaceTags.get(networkInterfaceId(instance))?.tags;
  return changed ?? tagsFor('network-interface', world.specOf(instance)?.parameters.TagSpecification);
}

/** The shown instance whose interface that is. */
export function instanceOfInterface(world: World, id: string): ShownInstance | undefined {
  return world.cloud.shown(`i-${id.slice('eni-'.length)}`) ?? undefined;
}

const truth = ['true', 'false'];

function associationFilters(): FilterTable<NetworkInterface> {
  const owner = (one: NetworkInterface) => (one.publicIp === null ? null : 'amazon');
  return {
    'addresses.association.owner-id': owner,
    'addresses.association.public-ip': (one) => one.publicIp,
    'association.ip-owner-id': owner,
    'association.public-dns-name': (one) => one.publicDnsName,
    'association.public-ip': (one) => one.publicIp,
    ...neverMet('association.allocation-id', 'association.association-id'),
  };
}

function attachmentFilters(world: World): FilterTable<NetworkInterface> {
  return {
    'attachment.attach-time': (one) => wholeSeconds(one.instance.launchedAtMs).toISOString(),
    'attachment.attachment-id': (one) => attachmentId(one),
    'attachment.delete-on-termination': { of: (one) => one.deleteOnTermination, allowed: truth },
    'attachment.device-index': () => 0,
    'attachment.instance-id': (one) => one.instance.id,
    'attachment.instance-owner-id': () => world.accountId,
    'attachment.status': { of: () => 'attached', allowed: ['attaching', 'attached', 'detaching', 'detached'] },
  };
}

export const interfaceFilters = (world: World): FilterTable<NetworkInterface> => ({
  ...associationFilters(),
  ...attachmentFilters(world),
  'addresses.primary': { of: () => true, allowed: truth },
  'addresses.private-ip-address': (one) => one.privateIp,
  'availability-zone': (one) => one.instance.zone,
  'availability-zone-id': (one) => zoneIdOf(world, one.instance.zone),
  description: (one) => one.description,
  'group-id': (one) => one.groupIds,
  'group-name': (one) => one.groupNames,
  'interface-type': () => 'interface',
  'mac-address': (one) => one.mac,
  'network-interface-id': (one) => one.id,
  'operator.managed': { of: () => false, allowed: truth },
  'owner-id': () => world.accountId,
  'private-dns-name': (one) => one.privateDnsName,
  'private-ip-address': (one) => one.privateIp,
  'requester-managed': { of: () => false, allowed: truth },
  'source-dest-check': { of: (one) => one.isChecked, allowed: truth },
  status: { of: () => 'in-use', allowed: ['available', 'associated', 'attaching', 'in-use', 'detaching', 'pending'] },
  'subnet-id': (one) => one.subnet?.id,
  'vpc-id': (one) => one.subnet?.vpcId,
  ...neverMet('ipv6-addresses.ipv6-address', 'operator.principal', 'requester-id'),
});

const attachmentId = (one: NetworkInterface): string => `eni-attach-${one.instance.id.slice(2)}`;

function interfaceWire(world: World, one: NetworkInterface): Wire {
  const association =
    one.publicIp === null
      ? undefined
      : { ipOwnerId: 'amazon', publicDnsName: one.publicDnsName, publicIp: one.publicIp };
  const { privateIp, privateDnsName: name, subnet, instance } = one;
  return {
    networkInterfaceId: one.id,
    subnetId: subnet?.id,
    vpcId: subnet?.vpcId,
    availabilityZone: instance.zone,
    availabilityZoneId: zoneIdOf(world, instance.zone),
    description: one.description,
    ownerId: world.accountId,
    requesterManaged: false,
    status: 'in-use',
    macAddress: one.mac,
    privateIpAddress: privateIp,
    privateDnsName: name,
    sourceDestCheck: one.isChecked,
    groupSet: groupSet(world, one.groupIds),
    attachment: {
      attachmentId: attachmentId(one),
      instanceId: instance.id,
      instanceOwnerId: world.accountId,
      deviceIndex: 0,
      networkCardIndex: 0,
      status: 'attached',
      attachTime: wholeSeconds(instance.launchedAtMs),
      deleteOnTermination: one.deleteOnTermination,
    },
    association,
    tagSet: tagSet(one.tags) ?? [],
    privateIpAddressesSet: [{ privateIpAddress: privateIp, privateDnsName: name, primary: true, association }],
    ipv6AddressesSet: [],
    interfaceType: 'interface',
    operator: { managed: false },
  };
}

/** Of all shown instances, in the order of their launches. */
function allInterfaces(world: World): ListFrom<NetworkInterface> {
  return function* (after) {
    for (const one of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), {})) {
      const found = interfaceOf(world, one);
      if (found) yield { place: [one.instance.serial], item: found };
    }
  };
}

function interfaceById(world: World, id: string): NetworkInterface | undefined {
  const one = instanceOfInterface(world, id);
  return (one && interfaceOf(world, one)) ?? undefined;
}

export const networkInterfaceActions: readonly Action[] = [
  action({
    name: 'DescribeNetworkInterfaces',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters: interfaceFilters,
    fields: {
      NetworkInterfaceId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      const ids = exactValues(parameters.Filter, 'attachment.instance-id');
      const ofInstances = ids?.flatMap((id) => {
        const one = world.cloud.shown(id);
        return (one && interfaceOf(world, one)) ?? [];
      });
      const named = allOf('networkInterface', parameters.NetworkInterfaceId, (id) => interfaceById(world, id));
      const all = ofInstances ? fixedList(ofInstances) : allInterfaces(world);
      const from = named.length > 0 ? fixedList(named) : all;
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { networkInterfaceSet: page.items.map((one) => interfaceWire(world, one)), nextToken: page.nextToken };
    },
  }),
];
