// Networks that users make: VPCs, subnets, gateways and route tables, and what keeps them from being deleted.
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneB } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function makeVpc(CidrBlock = '10.0.0.0/16'): Promise<string> {
  return given((await bench.ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId);
}
async function makeSubnet(VpcId: string, CidrBlock = '10.0.1.0/24'): Promise<string> {
  const { Subnet } = await bench.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: zoneB }));
  return given(Subnet?.SubnetId);
}
const refused = (call: Promise<unknown>, name: string) => expect(call).rejects.toMatchObject({ name });

test('a VPC comes with a group and a route table, and goes with them', async () => {
  const VpcId = await makeVpc();
  const { Vpcs } = await bench.ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
  expect(Vpcs).toMatchObject([{ CidrBlock: '10.0.0.0/16', IsDefault: false, State: 'available' }]);
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const { SecurityGroups } = await bench.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  expect(SecurityGroups?.map((group) => group.GroupName)).toEqual(['default']);
  const { RouteTables } = await bench.ec2.send(new DescribeRouteTablesCommand({ Filters }));
  expect(RouteTables).toMatchObject([
    {
      Associations: [{ Main: true }],
      Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }],
    },
  ]);
  await bench.ec2.send(new DeleteVpcCommand({ VpcId }));
  expect((await bench.ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables).toEqual([]);
  await refused(bench.ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })), 'InvalidVpcID.NotFound');
});

test('ranges are EC2s, inside of each other and apart', async () => {
  await refused(makeVpc('10.0.0.0/8'), 'InvalidVpc.Range');
  await refused(makeVpc('10.0.0.0/29'), 'InvalidVpc.Range');
  await refused(makeVpc('ten'), 'InvalidParameterValue');
  const vpc = await makeVpc();
  await makeSubnet(vpc);
  await refused(makeSubnet(vpc, '10.1.0.0/24'), 'InvalidSubnet.Range');
  await refused(makeSubnet(vpc, '10.0.0.0/16'), 'InvalidSubnet.Conflict');
  await refused(makeSubnet(vpc, '10.0.1.128/25'), 'InvalidSubnet.Conflict');
  await refused(
    bench.ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock: '10.0.2.0/24', AvailabilityZone: 'mars-1a' })),
    'InvalidParameterValue',
  );
});

test('an instance runs in a subnet of its own, and keeps the subnet', async () => {
  const vpc = await makeVpc();
  const SubnetId = await makeSubnet(vpc);
  await bench.ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  const run = (more: object = {}) =>
    bench.ec2.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SubnetId,
        ...more,
      }),
    );
  const { Instances } = await run();
  const [instance] = given(Instances);
  expect(instance).toMatchObject({ VpcId: vpc, SubnetId, PrivateIpAddress: '10.0.1.4' });
  const { GroupId } = await bench.ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'elsewhere', Description: 'in the default VPC' }),
  );
  await refused(run({ SecurityGroupIds: [GroupId] }), 'InvalidParameter');
  await refused(bench.ec2.send(new DeleteSubnetCommand({ SubnetId })), 'DependencyViolation');
  await refused(bench.ec2.send(new DeleteVpcCommand({ VpcId: vpc })), 'DependencyViolation');
  bench.pass(longMs);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(instance?.InstanceId)] }));
  bench.pass(longMs);
  await bench.ec2.send(new DeleteSubnetCommand({ SubnetId }));
  await bench.ec2.send(new DeleteVpcCommand({ VpcId: vpc }));
  expect((await bench.ec2.send(new DescribeSubnetsCommand({}))).Subnets).toHaveLength(3);
});

test('attributes of a VPC', async () => {
  const VpcId = await makeVpc();
  const names = async () =>
    (await bench.ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' })))
      .EnableDnsHostnames?.Value;
  expect(await names()).toBe(false);
  await bench.ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  expect(await names()).toBe(true);
  await refused(bench.ec2.send(new ModifyVpcAttributeCommand({ VpcId })), 'InvalidParameterCombination');
});

describe('a gateway', () => {
  test('is attached to one VPC, leads its routes, and leaves a hole', async () => {
    const VpcId = await makeVpc();
    const { InternetGateway } = await bench.ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = given(InternetGateway?.InternetGatewayId);
    const { RouteTable } = await bench.ec2.send(new CreateRouteTableCommand({ VpcId }));
    const RouteTableId = given(RouteTable?.RouteTableId);
    const toAll = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' };
    const route = () => bench.ec2.send(new CreateRouteCommand({ ...toAll, GatewayId: InternetGatewayId }));
    await refused(route(), 'InvalidParameterValue');
    await bench.ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    await refused(
      bench.ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId })),
      'Resource.AlreadyAssociated',
    );
    await route();
    await refused(route(), 'RouteAlreadyExists');
    await refused(bench.ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })), 'DependencyViolation');
    const Filters = [{ Name: 'attachment.vpc-id', Values: [VpcId] }];
    expect((await bench.ec2.send(new DescribeInternetGatewaysCommand({ Filters }))).InternetGateways).toHaveLength(1);
    await bench.ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    await refused(
      bench.ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })),
      'Gateway.NotAttached',
    );
    const shown = await bench.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }));
    expect(shown.RouteTables?.[0]?.Routes?.map((one) => one.State)).toEqual(['active', 'blackhole']);
    await bench.ec2.send(new DeleteRouteCommand(toAll));
    await refused(bench.ec2.send(new DeleteRouteCommand(toAll)), 'InvalidRoute.NotFound');
    await bench.ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    await bench.ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
    await bench.ec2.send(new DeleteVpcCommand({ VpcId }));
  });

  test('leads out of the default VPC from the start', async () => {
    const { RouteTables } = await bench.ec2.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: 'route.destination-cidr-block', Values: ['0.0.0.0/0'] }] }),
    );
    expect(RouteTables?.[0]?.Routes?.[1]).toMatchObject({ GatewayId: expect.stringMatching(/^igw-/), State: 'active' });
  });
});

test('a route table is associated with subnets, and not deleted with them', async () => {
  const VpcId = await makeVpc();
  const SubnetId = await makeSubnet(VpcId);
  const table = async () =>
    given((await bench.ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable?.RouteTableId);
  const [one, other] = [await table(), await table()];
  const { AssociationId } = await bench.ec2.send(new AssociateRouteTableCommand({ RouteTableId: one, SubnetId }));
  await refused(
    bench.ec2.send(new AssociateRouteTableCommand({ RouteTableId: other, SubnetId })),
    'Resource.AlreadyAssociated',
  );
  await refused(bench.ec2.send(new DeleteRouteTableCommand({ RouteTableId: one })), 'DependencyViolation');
  const { RouteTables } = await bench.ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] }),
  );
  expect(RouteTables?.map((each) => each.RouteTableId)).toEqual([one]);
  await bench.ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
  await bench.ec2.send(new DeleteRouteTableCommand({ RouteTableId: one }));
  const main = await bench.ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.main', Values: ['true'] }] }),
  );
  const AssociationIds = given(main.RouteTables).map((each) => each.Associations?.[0]?.RouteTableAssociationId);
  await refused(
    bench.ec2.send(new DisassociateRouteTableCommand({ AssociationId: AssociationIds[0] })),
    'InvalidParameterValue',
  );
});
