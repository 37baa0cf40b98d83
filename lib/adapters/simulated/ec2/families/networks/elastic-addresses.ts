// Elastic IP addresses: an account's own, each with an instance, with a NAT gateway or with nothing.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { hash32 } from '../../../cloud/random.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress } from '../../addresses.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { boolean, list, missingParameter, notModelled, oneOf, required, text } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { ElasticAddress } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import { oneShown } from '../instances/describe-instances.ts';
import { networkInterfaceId, privateAddress } from '../instances/instance-wire.ts';
import { instanceOfInterface } from './network-interfaces.ts';

/** Where those of all accounts begin; public ones that instances are given by themselves lie below. */
const firstAddress = 0x3440_0000;
const addresses = 0x40_0000;

export const addressOf = (world: World, id: string): ElasticAddress =>
  oneOfKind('elasticAddress', id, (wanted) => world.elasticAddresses.get(wanted));

function freeAddress(world: World, id: string): number {
  const used = new Set(world.elasticAddresses.all().map((one) => one.publicIp));
  let at = hash32(`${world.accountId}/${id}`) % addresses;
  while (used.has(firstAddress + at)) at = (at + 1) % addresses;
  return firstAddress + at;
}

function instanceWith(world: World, address: ElasticAddress): InstanceRecord | undefined {
  return address.association?.instanceId === undefined ? undefined : world.cloud.record(address.association.instanceId);
}

/** The address is with nothing any more, and what had it knows. */
export function disassociate(world: World, address: ElasticAddress): void {
  const instance = instanceWith(world, address);
  if (instance?.details?.elastic?.allocationId === address.id) {
    const { elastic: _, ...details } = instance.details;
    world.setDetails(instance, details);
  }
  world.elasticAddresses.put({ ...address, association: null });
}

/** By id or by the address itself. @throws Ec2Error where neither or both are named */
function named(
  world: World,
  asked: { readonly AllocationId?: string | undefined; readonly PublicIp?: string | undefined },
): ElasticAddress {
  const { AllocationId: id, PublicIp: publicIp } = asked;
  if (id !== undefined && publicIp !== undefined)
    throw new Ec2Error('InvalidParameterCombination', 'You may specify public IP or allocation id, but not both');
  if (id !== undefined) return addressOf(world, id);
  if (publicIp === undefined)
    throw new Ec2Error('MissingParameter', 'Either public IP or allocation id must be specified');
  const found = world.elasticAddresses.all().find((one) => formatAddress(one.publicIp) === publicIp);
  if (!found) throw new Ec2Error('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);
  return found;
}

function addressWire(world: World, address: ElasticAddress): Wire {
  const instance = instanceWith(world, address);
  const { association } = address;
  return {
    publicIp: formatAddress(address.publicIp),
    allocationId: address.id,
    domain: 'vpc',
    publicIpv4Pool: 'amazon',
    networkBorderGroup: world.region,
    associationId: association?.id,
    instanceId: association?.instanceId,
    networkInterfaceId: interfaceIdOf(address, instance),
    networkInterfaceOwnerId: association === null ? undefined : world.accountId,
    privateIpAddress: privateIpOf(address, instance),
    tagSet: tagSet(address.tags) ?? [],
  };
}

function interfaceIdOf({ association }: ElasticAddress, instance: InstanceRecord | undefined): string | undefined {
  if (association?.natGatewayId !== undefined) return `eni-${association.natGatewayId.slice('nat-'.length)}`;
  return instance && networkInterfaceId(instance);
}

function privateIpOf({ association }: ElasticAddress, instance: InstanceRecord | undefined): string | null | undefined {
  if (association?.privateIp !== undefined) return formatAddress(association.privateIp);
  return instance && privateAddress(instance);
}

const filters = (world: World): FilterTable<ElasticAddress> => ({
  'allocation-id': (one) => one.id,
  'association-id': (one) => one.association?.id,
  domain: () => 'vpc',
  'instance-id': (one) => one.association?.instanceId,
  'network-border-group': () => world.region,
  'network-interface-id': (one) => interfaceIdOf(one, instanceWith(world, one)),
  'network-interface-owner-id': (one) => (one.association === null ? undefined : world.accountId),
  'private-ip-address': (one) => privateIpOf(one, instanceWith(world, one)),
  'public-ip': (one) => formatAddress(one.publicIp),
  ...neverMet('service-managed'),
});

/** @throws Ec2Error where the instance cannot have one now */
function instanceFor(
  world: World,
  asked: { readonly InstanceId?: string | undefined; readonly NetworkInterfaceId?: string | undefined },
): InstanceRecord {
  const { InstanceId: id, NetworkInterfaceId: interfaceId } = asked;
  if (id === undefined && interfaceId === undefined) throw missingParameter('instanceId');
  const { instance } =
    interfaceId === undefined
      ? oneShown(world, id ?? '')
      : oneOfKind('networkInterface', interfaceId, (wanted) => instanceOfInterface(world, wanted));
  const { state } = presentOf(instance);
  if (state !== 'running' && state !== 'stopped' && state !== 'stopping')
    throw new Ec2Error(
      'InvalidInstanceID',
      `The ${state} instance '${instance.id}' is not in a valid state for this operation.`,
    );
  const vpcId = world.subnets.get(instance.details?.subnetId ?? '')?.vpcId;
  if (!world.internetGateways.all().some((gateway) => gateway.vpcId === vpcId))
    throw new Ec2Error('Gateway.NotAttached', `Network ${vpcId ?? ''} is not attached to any internet gateway`);
  return instance;
}

const associateAddress = action({
  name: 'AssociateAddress',
  rate: 'mutating',
  fields: {
    AllocationId: text(),
    AllowReassociation: boolean(),
    InstanceId: text(),
    NetworkInterfaceId: text(),
    PrivateIpAddress: text(),
    PublicIp: text(),
  },
  run(world, parameters) {
    const address = named(world, parameters);
    const instance = instanceFor(world, parameters);
    const { PrivateIpAddress: privateIp } = parameters;
    if (privateIp !== undefined && privateIp !== privateAddress(instance))
      throw new Ec2Error('InvalidParameterValue', `Invalid value '${privateIp}' for PrivateIpAddress.`);
    const { association } = address;
    if (association?.instanceId === instance.id) return { associationId: association.id };
    if (association !== null && parameters.AllowReassociation !== true)
      throw new Ec2Error(
        'Resource.AlreadyAssociated',
        `resource ${address.id} is already associated with associate-id ${association.id}`,
      );
    if (association !== null) disassociate(world, address);
    const before = world.elasticAddresses.get(instance.details?.elastic?.allocationId ?? '');
    if (before) disassociate(world, before);
    const made = { id: world.newId('eipassoc'), instanceId: instance.id };
    world.elasticAddresses.put({ ...address, association: made });
    if (instance.details)
      world.setDetails(instance, {
        ...instance.details,
        elastic: { publicIp: address.publicIp, allocationId: address.id, associationId: made.id },
      });
    return { associationId: made.id };
  },
});

const disassociateAddress = action({
  name: 'DisassociateAddress',
  rate: 'mutating',
  fields: { AssociationId: text(), PublicIp: text() },
  run(world, parameters) {
    const { AssociationId: id, PublicIp: publicIp } = parameters;
    const address =
      id === undefined
        ? named(world, { PublicIp: publicIp })
        : world.elasticAddresses.all().find((one) => one.association?.id === id);
    if (!address)
      throw new Ec2Error('InvalidAssociationID.NotFound', `The association ID '${id ?? ''}' does not exist`);
    if (address.association?.natGatewayId !== undefined)
      throw new Ec2Error('AuthFailure', 'You do not have permission to access the specified resource.', 403);
    disassociate(world, address);
    return done;
  },
});

const describeAddressesAttribute = action({
  name: 'DescribeAddressesAttribute',
  rate: 'non-mutating',
  fields: {
    AllocationId: list(text()),
    Attribute: oneOf('domain-name'),
    MaxResults: notModelled(),
    NextToken: notModelled(),
  },
  run(world, parameters) {
    // Names of the reverse lookup, which nobody can set here.
    const all = parameters.AllocationId.length === 0 ? world.elasticAddresses.all() : null;
    const shown = all ?? parameters.AllocationId.map((id) => addressOf(world, id ?? ''));
    return { addressSet: shown.map((one) => ({ publicIp: formatAddress(one.publicIp), allocationId: one.id })) };
  },
});

export const elasticAddressActions: readonly Action[] = [
  action({
    name: 'AllocateAddress',
    rate: 'mutating',
    fields: {
      Address: notModelled(),
      CustomerOwnedIpv4Pool: notModelled(),
      Domain: oneOf('vpc', 'standard'),
      IpamPoolId: notModelled(),
      NetworkBorderGroup: text(),
      PublicIpv4Pool: oneOf('amazon'),
      TagSpecification: tagSpecificationField,
    },
    run(world, parameters) {
      const tags = tagsOnly('elastic-ip', parameters.TagSpecification);
      if (world.elasticAddresses.size >= world.options.elasticAddressesMax)
        throw new Ec2Error('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
      const id = world.newId('eipalloc');
      const address = world.elasticAddresses.put({ id, publicIp: freeAddress(world, id), association: null, tags });
      return {
        publicIp: formatAddress(address.publicIp),
        allocationId: id,
        ...{ domain: 'vpc', publicIpv4Pool: 'amazon', networkBorderGroup: world.region },
      };
    },
  }),
  associateAddress,
  disassociateAddress,
  action({
    name: 'ReleaseAddress',
    rate: 'mutating',
    fields: { AllocationId: text(), NetworkBorderGroup: text(), PublicIp: text() },
    run(world, parameters) {
      const address = named(world, parameters);
      if (address.association !== null)
        throw new Ec2Error('InvalidIPAddress.InUse', `Address ${formatAddress(address.publicIp)} is in use.`);
      world.elasticAddresses.delete(address.id);
      return done;
    },
  }),
  action({
    name: 'DescribeAddresses',
    rate: 'non-mutating',
    filters,
    fields: { AllocationId: list(required(text())), Filter: filterField, PublicIp: list(required(text())) },
    run(world, parameters, call) {
      const { AllocationId: ids, PublicIp: publicIps } = parameters;
      const byId = allOf('elasticAddress', ids, (id) => world.elasticAddresses.get(id));
      const byAddress = publicIps.map((publicIp) => named(world, { PublicIp: publicIp }));
      const isNamed = ids.length + publicIps.length > 0;
      const shown = isNamed ? [...new Set([...byId, ...byAddress])] : world.elasticAddresses.all();
      return { addressesSet: shown.filter(call.matches).map((one) => addressWire(world, one)) };
    },
  }),
  describeAddressesAttribute,
];
