// NAT gateways: records with an address of their subnet and an elastic one, through which no packet goes.
// pending -> available -> deleting -> deleted; pending -> failed, where the network has no way out.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress, parseAddress } from '../../addresses.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { integer, list, missingParameter, notModelled, oneOf, required, text } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { NatGateway } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { addressOf, disassociate } from './elastic-addresses.ts';

export type NatGatewayState = 'pending' | 'available' | 'deleting' | 'deleted' | 'failed';

/** How long deleted ones are shown ("Work with NAT gateways": usually about an hour). */
const deletedVisibleMs = 3_600_000;

export function natGatewayState(world: World, gateway: NatGateway): NatGatewayState {
  const nowMs = world.nowMs();
  if (gateway.deletedAtMs !== null) return gateway.deletedAtMs <= nowMs ? 'deleted' : 'deleting';
  if (gateway.availableAtMs > nowMs) return 'pending';
  return gateway.failure === null ? 'available' : 'failed';
}

/** Takes back what deleted ones had, and forgets those that are not shown any more. */
export function settleNatGateways(world: World): void {
  for (const gateway of world.natGateways.values()) {
    const state = natGatewayState(world, gateway);
    if (state !== 'deleted' && state !== 'failed') continue;
    const endedAtMs = gateway.deletedAtMs ?? gateway.availableAtMs;
    if (endedAtMs + deletedVisibleMs <= world.nowMs()) world.natGateways.delete(gateway.id);
    else if (!gateway.isEmptied) empty(world, gateway);
  }
}

function empty(world: World, gateway: NatGateway): void {
  world.pool(gateway.subnetId)?.release(gateway.privateIp);
  const address = world.elasticAddresses.get(gateway.allocationId ?? '');
  if (address?.association?.natGatewayId === gateway.id) disassociate(world, address);
  world.natGateways.put({ ...gateway, isEmptied: true });
}

function gatewayWire(world: World, gateway: NatGateway): Wire {
  const state = natGatewayState(world, gateway);
  return {
    natGatewayId: gateway.id,
    subnetId: gateway.subnetId,
    vpcId: gateway.vpcId,
    state,
    connectivityType: gateway.allocationId === null ? 'private' : 'public',
    createTime: new Date(gateway.createdAtMs),
    deleteTime: gateway.deletedAtMs === null ? undefined : new Date(gateway.deletedAtMs),
    failureCode: state === 'failed' ? 'Gateway.NotAttached' : undefined,
    failureMessage: state === 'failed' ? gateway.failure : undefined,
    natGatewayAddressSet: [
      {
        allocationId: gateway.allocationId,
        networkInterfaceId: `eni-${gateway.id.slice('nat-'.length)}`,
        privateIp: formatAddress(gateway.privateIp),
        publicIp: gateway.publicIp === null || state === 'failed' ? undefined : formatAddress(gateway.publicIp),
        isPrimary: true,
        status: state === 'available' ? 'succeeded' : state === 'pending' ? 'associating' : undefined,
      },
    ],
    tagSet: tagSet(gateway.tags) ?? [],
  };
}

const filters = (world: World): FilterTable<NatGateway> => ({
  'nat-gateway-id': (one) => one.id,
  state: {
    of: (one) => natGatewayState(world, one),
    allowed: ['pending', 'failed', 'available', 'deleting', 'deleted'],
  },
  'subnet-id': (one) => one.subnetId,
  'vpc-id': (one) => one.vpcId,
});

interface Asked {
  readonly AllocationId: string | undefined;
  readonly ConnectivityType: 'public' | 'private' | undefined;
  readonly PrivateIpAddress: string | undefined;
  readonly SubnetId: string;
}

/** An address of the subnet, that one if it is named. @throws Ec2Error */
function privateIpFor(world: World, { PrivateIpAddress: asked, SubnetId: subnetId }: Asked): number {
  const pool = world.pool(subnetId);
  if (asked === undefined) {
    const taken = pool?.take() ?? null;
    if (taken === null)
      throw new Ec2Error(
        'InsufficientFreeAddressesInSubnet',
        `The specified subnet does not have enough free addresses to satisfy the request.`,
      );
    return taken;
  }
  const address = parseAddress(asked);
  if (address === null || pool?.contains(address) !== true)
    throw new Ec2Error('InvalidParameterValue', `Address ${asked} does not fall within the subnet's address range`);
  if (pool.isUsed(address)) throw new Ec2Error('InvalidIPAddress.InUse', `Address ${asked} is in use.`);
  return pool.claim(address);
}

function make(world: World, asked: Asked, tags: NatGateway['tags']): NatGateway {
  const subnet = oneOfKind('subnet', asked.SubnetId, (id) => world.subnets.get(id));
  const isPublic = asked.ConnectivityType !== 'private';
  if (isPublic && asked.AllocationId === undefined) throw missingParameter('AllocationId');
  if (!isPublic && asked.AllocationId !== undefined)
    throw new Ec2Error('InvalidParameter', 'A private NAT gateway cannot have an elastic IP address.');
  const address = asked.AllocationId === undefined ? null : addressOf(world, asked.AllocationId);
  if (address?.association)
    throw new Ec2Error(
      'Resource.AlreadyAssociated',
      `resource ${address.id} is already associated with associate-id ${address.association.id}`,
    );
  const hasWayOut = world.internetGateways.all().some((gateway) => gateway.vpcId === subnet.vpcId);
  const id = world.newId('nat');
  const privateIp = privateIpFor(world, asked);
  const createdAtMs = world.nowMs();
  if (address)
    world.elasticAddresses.put({
      ...address,
      association: { id: world.newId('eipassoc'), natGatewayId: id, privateIp },
    });
  return world.natGateways.put({
    ...{ id, subnetId: subnet.id, vpcId: subnet.vpcId, privateIp, createdAtMs, tags },
    allocationId: address?.id ?? null,
    publicIp: address?.publicIp ?? null,
    availableAtMs: createdAtMs + world.draw(world.options.natGatewayMs),
    failure: isPublic && !hasWayOut ? `Network ${subnet.vpcId} has no Internet gateway attached` : null,
    deletedAtMs: null,
    isEmptied: false,
  });
}

const gatewayOf = (world: World, id: string): NatGateway =>
  oneOfKind('natGateway', id, (wanted) => world.natGateways.get(wanted));

export const natGatewayActions: readonly Action[] = [
  action({
    name: 'CreateNatGateway',
    rate: 'mutating',
    fields: {
      AllocationId: text(),
      AvailabilityMode: notModelled(),
      AvailabilityZoneAddress: notModelled(),
      ClientToken: text({ max: 64 }),
      ConnectivityType: oneOf('private', 'public'),
      PrivateIpAddress: text(),
      SecondaryAllocationId: notModelled(),
      SecondaryPrivateIpAddress: notModelled(),
      SecondaryPrivateIpAddressCount: notModelled(),
      SubnetId: required(text()),
      TagSpecification: tagSpecificationField,
      VpcId: notModelled(),
    },
    run(world, parameters, call) {
      return replayOr(world, 'CreateNatGateway', parameters.ClientToken, call.parameters, {
        make: () => make(world, parameters, tagsOnly('natgateway', parameters.TagSpecification)).id,
        show: (id) => ({ natGateway: gatewayWire(world, gatewayOf(world, id)), clientToken: parameters.ClientToken }),
      });
    },
  }),
  action({
    name: 'DeleteNatGateway',
    rate: 'mutating',
    fields: { NatGatewayId: required(text()) },
    run(world, parameters) {
      const gateway = gatewayOf(world, parameters.NatGatewayId);
      if (gateway.deletedAtMs === null)
        world.natGateways.put({ ...gateway, deletedAtMs: world.nowMs() + world.draw(world.options.natGatewayMs) });
      settleNatGateways(world);
      return { natGatewayId: gateway.id };
    },
  }),
  action({
    name: 'DescribeNatGateways',
    rate: 'non-mutating',
    filters,
    fields: { Filter: filterField, MaxResults: integer(), NatGatewayId: list(text()), NextToken: text() },
    run(world, parameters, call) {
      const named = allOf('natGateway', parameters.NatGatewayId, (id) => world.natGateways.get(id));
      const from = named.length > 0 ? fixedList(named) : world.natGateways.list;
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { natGatewaySet: page.items.map((one) => gatewayWire(world, one)), nextToken: page.nextToken };
    },
  }),
];
