// Network interfaces: one per instance here, which comes and goes with it, or stays where the launch said so. Of one
// that is in use nothing is stored but its tags: the rest follows from the instance.
import type { InstanceDetails, InstanceRecord } from '../../../cloud/instances.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress } from '../../addresses.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { boolean, integer, list, required, text } from '../../protocol/fields.ts';
import { exactValues, filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { concatenated, fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { KeptInterface, LaunchSpec, Subnet } from '../../records.ts';
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
import type { ShownInstance, ShownNetwork } from '../instances/instance-wire.ts';
import { tagsFor } from '../launching/launch-parameters.ts';
import { zoneIdOf } from './network.ts';

/** That of an instance. */
class UsedInterface {
  readonly kind = 'in-use';
  readonly instance: InstanceRecord;
  private readonly world: World;
  private readonly one: ShownInstance;
  private readonly network: ShownNetwork;
  private readonly details: InstanceDetails;

  constructor(world: World, one: ShownInstance, network: ShownNetwork, details: InstanceDetails) {
    this.world = world;
    this.one = one;
    this.instance = one.instance;
    this.network = network;
    this.details = details;
  }

  get id(): string {
    return networkInterfaceId(this.instance);
  }

  get zone(): string {
    return this.instance.zone;
  }

  get subnet(): Subnet | undefined {
    return this.world.subnets.get(this.details.subnetId);
  }

  get groupIds(): readonly string[] {
    return this.network.groupIds;
  }

  get groupNames(): readonly (string | undefined)[] {
    return this.groupIds.map((group) => this.world.securityGroups.get(group)?.name);
  }

  get mac(): string {
    return macAddress(this.instance);
  }

  get description(): string {
    return this.asked?.Description ?? '';
  }

  get deleteOnTermination(): boolean {
    return this.asked?.DeleteOnTermination ?? true;
  }

  get privateIp(): string {
    return formatAddress(this.network.privateIp);
  }

  get privateDnsName(): string {
    return privateDnsName(this.world, this.network.privateIp);
  }

  /** null: it has no public address. */
  get publicIp(): string | null {
    const { publicAddress: address } = this;
    return address === null ? null : formatAddress(address);
  }

  get publicDnsName(): string | null {
    const { publicAddress: address } = this;
    return address === null ? null : publicDnsName(this.world, address);
  }

  /** undefined: what public address it has is no elastic one. */
  get elastic(): InstanceDetails['elastic'] {
    return this.details.elastic;
  }

  /** null: it has no public address. */
  get ipOwnerId(): string | null {
    return this.publicIp === null ? null : this.elastic ? this.world.accountId : 'amazon';
  }

  get isChecked(): boolean {
    return this.details.changed?.sourceDestCheck ?? true;
  }

  get tags(): Tags {
    return interfaceTags(this.world, this.instance);
  }

  private get asked() {
    return this.world.specOf(this.instance)?.parameters.NetworkInterface?.[0];
  }

  private get publicAddress(): number | null {
    return publicAddress(this.instance, this.world.specOf(this.instance), this.one.shown.state);
  }
}

/** One that has stayed behind. */
class LeftInterface {
  readonly kind = 'available';
  readonly instance = null;
  readonly deleteOnTermination = undefined;
  readonly publicIp = null;
  readonly publicDnsName = null;
  readonly elastic = undefined;
  readonly ipOwnerId = null;
  private readonly world: World;
  private readonly kept: KeptInterface;

  constructor(world: World, kept: KeptInterface) {
    this.world = world;
    this.kept = kept;
  }

  get id(): string {
    return this.kept.id;
  }

  get zone(): string | undefined {
    return this.subnet?.zone;
  }

  get subnet(): Subnet | undefined {
    return this.world.subnets.get(this.kept.subnetId);
  }

  get groupIds(): readonly string[] {
    return this.kept.groupIds;
  }

  get groupNames(): readonly (string | undefined)[] {
    return this.groupIds.map((group) => this.world.securityGroups.get(group)?.name);
  }

  get mac(): string {
    return macAddress({ id: `i-${this.id.slice('eni-'.length)}` });
  }

  get description(): string {
    return this.kept.description;
  }

  get privateIp(): string {
    return formatAddress(this.kept.privateIp);
  }

  get privateDnsName(): string {
    return privateDnsName(this.world, this.kept.privateIp);
  }

  get isChecked(): boolean {
    return this.kept.isChecked;
  }

  get tags(): Tags {
    return this.kept.tags;
  }
}

/** Worked out as far as it is looked at: filters look at one member of very many. */
export type NetworkInterface = UsedInterface | LeftInterface;

/** null: the instance has none any more. */
export function interfaceOf(world: World, one: ShownInstance): UsedInterface | null {
  const network = networkOf(one);
  const { details } = one.instance;
  return network === null || details === null ? null : new UsedInterface(world, one, network, details);
}

export function interfaceTags(world: World, instance: InstanceRecord): Tags {
  const changed = world.interfaceTags.size === 0 ? undefined : world.interfaceTags.get(networkInterfaceId(instance));
  return changed?.tags ?? launchedTags(world.specOf(instance));
}

/** All instances of a launch have the same. */
const tagsOfLaunch = new WeakMap<LaunchSpec, Tags>();

function launchedTags(spec: LaunchSpec | undefined): Tags {
  if (!spec) return {};
  const known = tagsOfLaunch.get(spec);
  if (known) return known;
  const tags = tagsFor('network-interface', spec.parameters.TagSpecification);
  tagsOfLaunch.set(spec, tags);
  return tags;
}

/** The shown instance whose interface that is. */
export function instanceOfInterface(world: World, id: string): ShownInstance | undefined {
  return world.cloud.shown(`i-${id.slice('eni-'.length)}`) ?? undefined;
}

const truth = ['true', 'false'];

function associationFilters(): FilterTable<NetworkInterface> {
  const owner = (one: NetworkInterface) => one.ipOwnerId;
  return {
    'addresses.association.owner-id': owner,
    'addresses.association.public-ip': (one) => one.publicIp,
    'association.ip-owner-id': owner,
    'association.public-dns-name': (one) => one.publicDnsName,
    'association.public-ip': (one) => one.publicIp,
    'association.allocation-id': (one) => one.elastic?.allocationId,
    'association.association-id': (one) => one.elastic?.associationId,
  };
}

function attachmentFilters(world: World): FilterTable<NetworkInterface> {
  return {
    'attachment.attach-time': ({ instance }) => instance && wholeSeconds(instance.launchedAtMs).toISOString(),
    'attachment.attachment-id': ({ instance }) => instance && attachmentId(instance),
    'attachment.delete-on-termination': { of: (one) => one.deleteOnTermination, allowed: truth },
    'attachment.device-index': (one) => one.instance && 0,
    'attachment.instance-id': (one) => one.instance?.id,
    'attachment.instance-owner-id': (one) => one.instance && world.accountId,
    'attachment.status': {
      of: (one) => one.instance && 'attached',
      allowed: ['attaching', 'attached', 'detaching', 'detached'],
    },
  };
}

export const interfaceFilters = (world: World): FilterTable<NetworkInterface> => ({
  ...associationFilters(),
  ...attachmentFilters(world),
  'addresses.primary': { of: () => true, allowed: truth },
  'addresses.private-ip-address': (one) => one.privateIp,
  'availability-zone': (one) => one.zone,
  'availability-zone-id': (one) => one.zone && zoneIdOf(world, one.zone),
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
  status: {
    of: (one) => one.kind,
    allowed: ['available', 'associated', 'attaching', 'in-use', 'detaching', 'pending'],
  },
  'subnet-id': (one) => one.subnet?.id,
  'vpc-id': (one) => one.subnet?.vpcId,
  ...neverMet('ipv6-addresses.ipv6-address', 'operator.principal', 'requester-id'),
});

const attachmentId = (instance: InstanceRecord): string => `eni-attach-${instance.id.slice(2)}`;

function interfaceWire(world: World, one: NetworkInterface): Wire {
  const association =
    one.publicIp === null
      ? undefined
      : {
          ...{ ipOwnerId: one.ipOwnerId, publicDnsName: one.publicDnsName, publicIp: one.publicIp },
          ...{ allocationId: one.elastic?.allocationId, associationId: one.elastic?.associationId },
        };
  const { privateIp, privateDnsName: name, subnet, instance } = one;
  return {
    networkInterfaceId: one.id,
    subnetId: subnet?.id,
    vpcId: subnet?.vpcId,
    availabilityZone: one.zone,
    availabilityZoneId: one.zone && zoneIdOf(world, one.zone),
    description: one.description,
    ownerId: world.accountId,
    requesterManaged: false,
    status: one.kind,
    macAddress: one.mac,
    privateIpAddress: privateIp,
    privateDnsName: name,
    sourceDestCheck: one.isChecked,
    groupSet: groupSet(world, one.groupIds),
    attachment: instance && {
      attachmentId: attachmentId(instance),
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
function usedInterfaces(world: World): ListFrom<NetworkInterface> {
  return function* (after) {
    for (const one of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), { tags: {} })) {
      const found = interfaceOf(world, one);
      if (found) yield { place: [one.instance.serial], item: found };
    }
  };
}

/** Those of instances, then those that have stayed behind. */
function allInterfaces(world: World): ListFrom<NetworkInterface> {
  const left: ListFrom<NetworkInterface> = function* (after) {
    for (const { place, item } of world.keptInterfaces.list(after))
      yield { place, item: new LeftInterface(world, item) };
  };
  return concatenated([usedInterfaces(world), left]);
}

function interfaceById(world: World, id: string): NetworkInterface | undefined {
  const kept = world.keptInterfaces.get(id);
  if (kept) return new LeftInterface(world, kept);
  const one = instanceOfInterface(world, id);
  return (one && interfaceOf(world, one)) ?? undefined;
}

export const networkInterfaceActions: readonly Action[] = [
  action({
    name: 'DeleteNetworkInterface',
    rate: 'mutating',
    fields: { NetworkInterfaceId: required(text()) },
    run(world, parameters) {
      const found = oneOfKind('networkInterface', parameters.NetworkInterfaceId, (id) => interfaceById(world, id));
      const kept = world.keptInterfaces.get(found.id);
      if (!kept)
        throw new Ec2Error('InvalidNetworkInterface.InUse', `The network interface '${found.id}' is currently in use.`);
      world.pool(kept.subnetId)?.release(kept.privateIp);
      world.keptInterfaces.delete(kept.id);
      return done;
    },
  }),
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
