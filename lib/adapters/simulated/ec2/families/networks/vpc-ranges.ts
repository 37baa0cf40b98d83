// Further address ranges of a VPC: AssociateVpcCidrBlock and its opposite.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { parseCidr } from '../../addresses.ts';
import { notModelled, required, text } from '../../protocol/fields.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { cidrAssociationId } from './network.ts';
import { cidrOf, cidrText, contains, vpcOf } from './vpc-actions.ts';

/** "Amazon VPC quotas". */
const rangesMax = 5;

const shown = (vpcId: string, associationId: string, cidrBlock: string, state: string): Wire => ({
  vpcId,
  cidrBlockAssociation: { associationId, cidrBlock, cidrBlockState: { state } },
});

function hasSubnetIn(world: World, vpcId: string, cidr: string): boolean {
  const range = parseCidr(cidr);
  return world.subnets.all().some((subnet) => subnet.vpcId === vpcId && range !== null && contains(range, subnet));
}

export const vpcRangeActions: readonly Action[] = [
  action({
    name: 'AssociateVpcCidrBlock',
    rate: 'mutating',
    fields: {
      AmazonProvidedIpv6CidrBlock: notModelled(),
      CidrBlock: text(),
      Ipv4IpamPoolId: notModelled(),
      Ipv4NetmaskLength: notModelled(),
      Ipv6CidrBlock: notModelled(),
      Ipv6CidrBlockNetworkBorderGroup: notModelled(),
      Ipv6IpamPoolId: notModelled(),
      Ipv6NetmaskLength: notModelled(),
      Ipv6Pool: notModelled(),
      VpcId: required(text()),
    },
    run(world, parameters) {
      const vpc = vpcOf(world, parameters.VpcId);
      const cidr = cidrOf(parameters.CidrBlock, 'InvalidVpc.Range');
      const { moreCidrs = [] } = vpc;
      if (moreCidrs.length + 1 >= rangesMax)
        throw new Ec2Error(
          'CidrLimitExceeded',
          `This network ${vpc.id} has met its maximum number of allowed CIDRs: ${String(rangesMax)}`,
        );
      const others = [vpc.cidr, ...moreCidrs.map((one) => one.cidr)].flatMap((one) => parseCidr(one) ?? []);
      if (others.some((other) => contains(other, cidr) || contains(cidr, other)))
        throw new Ec2Error('CidrConflict', `The CIDR '${cidrText(cidr)}' conflicts with another CIDR of the VPC`);
      const made = { id: world.newId('vpc-cidr-assoc'), cidr: cidrText(cidr) };
      world.vpcs.put({ ...vpc, moreCidrs: [...moreCidrs, made] });
      for (const table of world.routeTables.all())
        if (table.vpcId === vpc.id)
          world.routeTables.put({
            ...table,
            routes: [...table.routes, { cidr: made.cidr, gatewayId: 'local', instanceId: null }],
          });
      return shown(vpc.id, made.id, made.cidr, 'associating');
    },
  }),
  action({
    name: 'DisassociateVpcCidrBlock',
    rate: 'mutating',
    fields: { AssociationId: required(text()) },
    run(world, parameters) {
      const { AssociationId: id } = parameters;
      const vpc = world.vpcs.all().find((one) => one.moreCidrs?.some((range) => range.id === id));
      const range = vpc?.moreCidrs?.find((one) => one.id === id);
      const first = world.vpcs.all().find((one) => cidrAssociationId(one) === id);
      if (first)
        throw new Ec2Error(
          'OperationNotPermitted',
          `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block `
            + 'of the VPC',
        );
      if (!vpc || !range)
        throw new Ec2Error(
          'InvalidVpcCidrBlockAssociationIdError.NotFound',
          `The vpc CIDR block association ID '${id}' does not exist`,
        );
      if (hasSubnetIn(world, vpc.id, range.cidr))
        throw new Ec2Error('InvalidCidr.InUse', `The vpc CIDR block ${range.cidr} is in use by a subnet`);
      world.vpcs.put({ ...vpc, moreCidrs: (vpc.moreCidrs ?? []).filter((one) => one !== range) });
      for (const table of world.routeTables.all())
        if (table.vpcId === vpc.id)
          world.routeTables.put({
            ...table,
            routes: table.routes.filter((route) => route.gatewayId !== 'local' || route.cidr !== range.cidr),
          });
      return shown(vpc.id, range.id, range.cidr, 'disassociating');
    },
  }),
];
