// Internet gateways and route tables: records that lead nowhere, as there are no packets here.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { formatAddress, parseCidr } from '../../addresses.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { integer, list, notModelled, required, text } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { InternetGateway, Route, RouteTable } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { publicAddress } from '../instances/instance-wire.ts';
import { natGatewayState } from './nat-gateways.ts';

const gatewayOf = (world: World, id: string): InternetGateway =>
  oneOfKind('internetGateway', id, (wanted) => world.internetGateways.get(wanted));
const tableOf = (world: World, id: string): RouteTable =>
  oneOfKind('routeTable', id, (wanted) => world.routeTables.get(wanted));

function gatewayWire(world: World, gateway: InternetGateway): Wire {
  return {
    internetGatewayId: gateway.id,
    ownerId: world.accountId,
    // EC2 says `available` of an attached one, which its own model does not list.
    attachmentSet: gateway.vpcId === null ? [] : [{ vpcId: gateway.vpcId, state: 'available' }],
    tagSet: tagSet(gateway.tags) ?? [],
  };
}

const gatewayFilters = (world: World): FilterTable<InternetGateway> => ({
  'attachment.state': (gateway) => (gateway.vpcId === null ? null : 'available'),
  'attachment.vpc-id': (gateway) => gateway.vpcId,
  'internet-gateway-id': (gateway) => gateway.id,
  'owner-id': () => world.accountId,
});

function hasPublicAddresses(world: World, vpcId: string): boolean {
  const isThere = (one: InstanceRecord): boolean =>
    world.subnets.get(one.details?.subnetId ?? '')?.vpcId === vpcId
    && publicAddress(one, world.specOf(one), presentOf(one).state) !== null;
  const hasNat = world.natGateways.all().some((one) => one.vpcId === vpcId && one.publicIp !== null && !one.isEmptied);
  return hasNat || world.cloud.records().some(isThere);
}

const gatewayActions: readonly Action[] = [
  action({
    name: 'CreateInternetGateway',
    rate: 'mutating',
    fields: { TagSpecification: tagSpecificationField },
    run(world, parameters) {
      const tags = tagsOnly('internet-gateway', parameters.TagSpecification);
      const gateway = world.internetGateways.put({ id: world.newId('igw'), vpcId: null, tags });
      return { internetGateway: gatewayWire(world, gateway) };
    },
  }),
  action({
    name: 'AttachInternetGateway',
    rate: 'mutating',
    fields: { InternetGatewayId: required(text()), VpcId: required(text()) },
    run(world, parameters) {
      const gateway = gatewayOf(world, parameters.InternetGatewayId);
      const vpc = oneOfKind('vpc', parameters.VpcId, (id) => world.vpcs.get(id));
      const isTaken = world.internetGateways.all().some((other) => other.vpcId === vpc.id);
      if (gateway.vpcId !== null || isTaken)
        throw new Ec2Error(
          'Resource.AlreadyAssociated',
          gateway.vpcId === null
            ? `vpc ${vpc.id} already has an internet gateway attached`
            : `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
        );
      world.internetGateways.put({ ...gateway, vpcId: vpc.id });
      return done;
    },
  }),
  action({
    name: 'DetachInternetGateway',
    rate: 'mutating',
    fields: { InternetGatewayId: required(text()), VpcId: required(text()) },
    run(world, parameters) {
      const gateway = gatewayOf(world, parameters.InternetGatewayId);
      if (gateway.vpcId !== parameters.VpcId)
        throw new Ec2Error(
          'Gateway.NotAttached',
          `resource ${gateway.id} is not attached to network ${parameters.VpcId}`,
        );
      if (hasPublicAddresses(world, parameters.VpcId))
        throw new Ec2Error(
          'DependencyViolation',
          `Network ${parameters.VpcId} has some mapped public address(es). Please unmap those public address(es) `
            + 'before detaching the gateway.',
        );
      world.internetGateways.put({ ...gateway, vpcId: null });
      return done;
    },
  }),
  action({
    name: 'DeleteInternetGateway',
    rate: 'mutating',
    fields: { InternetGatewayId: required(text()) },
    run(world, parameters) {
      const gateway = gatewayOf(world, parameters.InternetGatewayId);
      if (gateway.vpcId !== null)
        throw new Ec2Error(
          'DependencyViolation',
          `The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`,
        );
      world.internetGateways.delete(gateway.id);
      return done;
    },
  }),
  action({
    name: 'DescribeInternetGateways',
    rate: 'non-mutating',
    filters: gatewayFilters,
    fields: { InternetGatewayId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const named = allOf('internetGateway', parameters.InternetGatewayId, (id) => world.internetGateways.get(id));
      const from = named.length > 0 ? fixedList(named) : world.internetGateways.list;
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { internetGatewaySet: page.items.map((one) => gatewayWire(world, one)), nextToken: page.nextToken };
    },
  }),
];

/** A gateway that has gone leaves a hole behind. */
function routeState(world: World, table: RouteTable, route: Route): 'active' | 'blackhole' {
  const { gatewayId, instanceId, natGatewayId } = route;
  if (natGatewayId !== undefined) {
    const gateway = world.natGateways.get(natGatewayId);
    return gateway && natGatewayState(world, gateway) === 'available' ? 'active' : 'blackhole';
  }
  if (instanceId !== null) return world.cloud.shown(instanceId)?.shown.state === 'running' ? 'active' : 'blackhole';
  const isThere = gatewayId === 'local' || world.internetGateways.get(gatewayId ?? '')?.vpcId === table.vpcId;
  return isThere ? 'active' : 'blackhole';
}

function tableWire(world: World, table: RouteTable): Wire {
  return {
    routeTableId: table.id,
    vpcId: table.vpcId,
    ownerId: world.accountId,
    routeSet: table.routes.map((route) => ({
      destinationCidrBlock: route.cidr,
      gatewayId: route.gatewayId,
      natGatewayId: route.natGatewayId,
      instanceId: route.instanceId,
      instanceOwnerId: route.instanceId === null ? undefined : world.accountId,
      state: routeState(world, table, route),
      origin: route.gatewayId === 'local' ? 'CreateRouteTable' : 'CreateRoute',
    })),
    associationSet: table.associations.map((one) => ({
      routeTableAssociationId: one.id,
      routeTableId: table.id,
      subnetId: one.subnetId,
      main: one.subnetId === null,
      associationState: { state: 'associated' },
    })),
    propagatingVgwSet: [],
    tagSet: tagSet(table.tags) ?? [],
  };
}

const tableFilters = (world: World): FilterTable<RouteTable> => ({
  'association.main': (table) => table.associations.map((one) => one.subnetId === null),
  'association.route-table-association-id': (table) => table.associations.map((one) => one.id),
  'association.route-table-id': (table) => (table.associations.length > 0 ? table.id : null),
  'association.subnet-id': (table) => table.associations.map((one) => one.subnetId),
  'owner-id': () => world.accountId,
  'route-table-id': (table) => table.id,
  'route.destination-cidr-block': (table) => table.routes.map((route) => route.cidr),
  'route.gateway-id': (table) => table.routes.map((route) => route.gatewayId),
  'route.instance-id': (table) => table.routes.map((route) => route.instanceId),
  'route.nat-gateway-id': (table) => table.routes.map((route) => route.natGatewayId),
  'route.origin': (table) =>
    table.routes.map((route) => (route.gatewayId === 'local' ? 'CreateRouteTable' : 'CreateRoute')),
  'route.state': (table) => table.routes.map((route) => routeState(world, table, route)),
  'vpc-id': (table) => table.vpcId,
  ...neverMet(
    'association.gateway-id',
    'route.destination-ipv6-cidr-block',
    'route.destination-prefix-list-id',
    'route.egress-only-internet-gateway-id',
    'route.transit-gateway-id',
    'route.vpc-peering-connection-id',
  ),
});

const routeFields = {
  CarrierGatewayId: notModelled(),
  CoreNetworkArn: notModelled(),
  DestinationCidrBlock: text(),
  DestinationIpv6CidrBlock: notModelled(),
  DestinationPrefixListId: notModelled(),
  EgressOnlyInternetGatewayId: notModelled(),
  GatewayId: text(),
  InstanceId: text(),
  LocalGatewayId: notModelled(),
  NatGatewayId: text(),
  NetworkInterfaceId: notModelled(),
  OdbNetworkArn: notModelled(),
  RouteTableId: required(text()),
  TransitGatewayId: notModelled(),
  VpcEndpointId: notModelled(),
  VpcPeeringConnectionId: notModelled(),
} as const;

function destinationOf(given: string | undefined): string {
  if (given === undefined) throw missingParameter('destinationCidrBlock');
  const cidr = parseCidr(given);
  if (!cidr)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${given}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return `${formatAddress(cidr.network)}/${cidr.prefix}`;
}

function routeOf(
  world: World,
  table: RouteTable,
  asked: { readonly DestinationCidrBlock: string | undefined } & Readonly<
    Record<'GatewayId' | 'InstanceId' | 'NatGatewayId', string | undefined>
  >,
): Route {
  const cidr = destinationOf(asked.DestinationCidrBlock);
  const { GatewayId: gatewayId, InstanceId: instanceId, NatGatewayId: natGatewayId } = asked;
  if ([gatewayId, instanceId, natGatewayId].filter((one) => one !== undefined).length !== 1)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, '
        + 'egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, carrierGatewayId, instanceId',
    );
  if (instanceId !== undefined) {
    oneOfKind('instance', instanceId, (id) => world.cloud.shown(id) ?? undefined);
    return { cidr, gatewayId: null, instanceId };
  }
  if (natGatewayId !== undefined) {
    oneOfKind('natGateway', natGatewayId, (id) => world.natGateways.get(id));
    return { cidr, gatewayId: null, instanceId: null, natGatewayId };
  }
  const gateway = gatewayOf(world, gatewayId ?? '');
  if (gateway.vpcId !== table.vpcId)
    throw new Ec2Error(
      'InvalidParameterValue',
      `route table ${table.id} and network gateway ${gateway.id} belong to different networks`,
    );
  return { cidr, gatewayId: gateway.id, instanceId: null };
}

const tableActions: readonly Action[] = [
  action({
    name: 'CreateRouteTable',
    rate: 'mutating',
    fields: { ClientToken: text({ max: 64 }), TagSpecification: tagSpecificationField, VpcId: required(text()) },
    run(world, parameters, call) {
      return replayOr(world, 'CreateRouteTable', parameters.ClientToken, call.parameters, {
        make() {
          const vpc = oneOfKind('vpc', parameters.VpcId, (id) => world.vpcs.get(id));
          return world.routeTables.put({
            id: world.newId('rtb'),
            vpcId: vpc.id,
            isMain: false,
            routes: [{ cidr: vpc.cidr, gatewayId: 'local', instanceId: null }],
            associations: [],
            tags: tagsOnly('route-table', parameters.TagSpecification),
          }).id;
        },
        show: (id) => ({ routeTable: tableWire(world, tableOf(world, id)), clientToken: parameters.ClientToken }),
      });
    },
  }),
  action({
    name: 'DeleteRouteTable',
    rate: 'mutating',
    fields: { RouteTableId: required(text()) },
    run(world, parameters) {
      const table = tableOf(world, parameters.RouteTableId);
      if (table.associations.length > 0)
        throw new Ec2Error(
          'DependencyViolation',
          `The routeTable '${table.id}' has dependencies and cannot be deleted.`,
        );
      world.routeTables.delete(table.id);
      return done;
    },
  }),
  action({
    name: 'CreateRoute',
    rate: 'mutating',
    fields: routeFields,
    run(world, parameters) {
      const table = tableOf(world, parameters.RouteTableId);
      const route = routeOf(world, table, parameters);
      if (table.routes.some((other) => other.cidr === route.cidr))
        throw new Ec2Error('RouteAlreadyExists', `The route identified by ${route.cidr} already exists.`);
      world.routeTables.put({ ...table, routes: [...table.routes, route] });
      return done;
    },
  }),
  action({
    name: 'ReplaceRoute',
    rate: 'mutating',
    fields: { ...routeFields, LocalTarget: notModelled() },
    run(world, parameters) {
      const table = tableOf(world, parameters.RouteTableId);
      const route = routeOf(world, table, parameters);
      if (!table.routes.some((other) => other.cidr === route.cidr))
        throw new Ec2Error(
          'InvalidParameterValue',
          `There is no route defined for '${route.cidr}' in the route table. Use CreateRoute instead.`,
        );
      world.routeTables.put({
        ...table,
        routes: table.routes.map((other) => (other.cidr === route.cidr ? route : other)),
      });
      return done;
    },
  }),
  action({
    name: 'DeleteRoute',
    rate: 'mutating',
    fields: {
      DestinationCidrBlock: text(),
      DestinationIpv6CidrBlock: notModelled(),
      DestinationPrefixListId: notModelled(),
      RouteTableId: required(text()),
    },
    run(world, parameters) {
      const table = tableOf(world, parameters.RouteTableId);
      const cidr = destinationOf(parameters.DestinationCidrBlock);
      const route = table.routes.find((one) => one.cidr === cidr);
      if (!route)
        throw new Ec2Error(
          'InvalidRoute.NotFound',
          `no route with destination-cidr-block ${cidr} in route table ${table.id}`,
        );
      if (route.gatewayId === 'local')
        throw new Ec2Error('InvalidParameterValue', `cannot remove local route ${cidr} in route table ${table.id}`);
      world.routeTables.put({ ...table, routes: table.routes.filter((one) => one !== route) });
      return done;
    },
  }),
  action({
    name: 'AssociateRouteTable',
    rate: 'mutating',
    fields: {
      GatewayId: notModelled(),
      PublicIpv4Pool: notModelled(),
      RouteTableId: required(text()),
      SubnetId: required(text()),
    },
    run(world, parameters) {
      const table = tableOf(world, parameters.RouteTableId);
      const subnet = oneOfKind('subnet', parameters.SubnetId, (id) => world.subnets.get(id));
      if (subnet.vpcId !== table.vpcId)
        throw new Ec2Error(
          'InvalidParameterValue',
          `Route table ${table.id} and subnet ${subnet.id} belong to different networks`,
        );
      const known = world.routeTables.all().flatMap((one) => one.associations.map((each) => ({ one, each })));
      const existing = known.find(({ each }) => each.subnetId === subnet.id);
      if (existing && existing.one.id !== table.id)
        throw new Ec2Error(
          'Resource.AlreadyAssociated',
          `the specified association for route table ${table.id} conflicts with an existing association`,
        );
      const association = existing?.each ?? { id: world.newId('rtbassoc'), subnetId: subnet.id };
      if (!existing) world.routeTables.put({ ...table, associations: [...table.associations, association] });
      return { associationId: association.id, associationState: { state: 'associated' } };
    },
  }),
  action({
    name: 'DisassociateRouteTable',
    rate: 'mutating',
    fields: { AssociationId: required(text()) },
    run(world, parameters) {
      const { AssociationId: id } = parameters;
      const table = world.routeTables.all().find((one) => one.associations.some((each) => each.id === id));
      const association = table?.associations.find((one) => one.id === id);
      if (!table || !association)
        throw new Ec2Error('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
      if (association.subnetId === null)
        throw new Ec2Error('InvalidParameterValue', `cannot disassociate the main route table association ${id}`);
      world.routeTables.put({ ...table, associations: table.associations.filter((one) => one !== association) });
      return done;
    },
  }),
  action({
    name: 'DescribeRouteTables',
    rate: 'non-mutating',
    filters: tableFilters,
    fields: { RouteTableId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const named = allOf('routeTable', parameters.RouteTableId, (id) => world.routeTables.get(id));
      const from = named.length > 0 ? fixedList(named) : world.routeTables.list;
      const page = pageOf(from, parameters, { min: 5, max: 100, byDefault: 100 }, call, call.matches);
      return { routeTableSet: page.items.map((table) => tableWire(world, table)), nextToken: page.nextToken };
    },
  }),
];

export const routingActions: readonly Action[] = [...gatewayActions, ...tableActions];
