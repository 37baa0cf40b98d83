// Elastic addresses, NAT gateways that have one, and network interfaces that outlive their instance.
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSubnetCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateAddressCommand,
  ReleaseAddressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const refused = (call: Promise<unknown>, name: string) => expect(call).rejects.toMatchObject({ name });

async function allocate(): Promise<{ readonly AllocationId: string; readonly PublicIp: string }> {
  const { AllocationId, PublicIp } = await bench.ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  return { AllocationId: given(AllocationId), PublicIp: given(PublicIp) };
}
async function launch(more: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const command = new RunInstancesCommand({
    ImageId: image,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...more,
  });
  return given((await bench.ec2.send(command)).Instances?.[0]?.InstanceId);
}
async function addressOf(InstanceId: string): Promise<string | undefined> {
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
  return Reservations?.[0]?.Instances?.[0]?.PublicIpAddress;
}
const addresses = async () => given((await bench.ec2.send(new DescribeAddressesCommand({}))).Addresses);

describe('an elastic address', () => {
  test('is with an instance, also while that is stopped, until it is taken away', async () => {
    const { AllocationId, PublicIp } = await allocate();
    const InstanceId = await launch();
    await refused(bench.ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId })), 'InvalidInstanceID');
    bench.pass(longMs);
    const before = await addressOf(InstanceId);
    const { AssociationId } = await bench.ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId }));
    expect([await addressOf(InstanceId), PublicIp === before]).toEqual([PublicIp, false]);
    const Filters = [{ Name: 'association.allocation-id', Values: [AllocationId] }];
    const { NetworkInterfaces } = await bench.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(NetworkInterfaces).toMatchObject([{ Association: { AssociationId, IpOwnerId: '123456789012', PublicIp } }]);
    await bench.ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
    bench.pass(longMs);
    expect(await addressOf(InstanceId)).toBe(PublicIp);
    await refused(bench.ec2.send(new ReleaseAddressCommand({ AllocationId })), 'InvalidIPAddress.InUse');
    await bench.ec2.send(new DisassociateAddressCommand({ AssociationId }));
    expect(await addressOf(InstanceId)).toBeUndefined();
    await bench.ec2.send(new ReleaseAddressCommand({ AllocationId }));
    expect(await addresses()).toEqual([]);
  });

  test('goes to another instance only where that is allowed, and is free when its instance ends', async () => {
    const { AllocationId } = await allocate();
    const [one, two] = [await launch(), await launch()];
    bench.pass(longMs);
    await bench.ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: one }));
    const move = { AllocationId, InstanceId: two };
    await refused(bench.ec2.send(new AssociateAddressCommand(move)), 'Resource.AlreadyAssociated');
    await bench.ec2.send(new AssociateAddressCommand({ ...move, AllowReassociation: true }));
    expect(await addresses()).toMatchObject([{ InstanceId: two, PrivateIpAddress: expect.any(String) }]);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [two] }));
    bench.pass(longMs);
    const [left] = await addresses();
    expect([left?.InstanceId, left?.AssociationId]).toEqual([undefined, undefined]);
  });

  test('is one of five, and not for a network without a way out', async () => {
    for (let one = 0; one < 5; one++) await allocate();
    await refused(allocate(), 'AddressLimitExceeded');
    const VpcId = given((await bench.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId);
    const { Subnet } = await bench.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
    const InstanceId = await launch({ SubnetId: Subnet?.SubnetId });
    bench.pass(longMs);
    const [free] = await addresses();
    const call = new AssociateAddressCommand({ AllocationId: free?.AllocationId, InstanceId });
    await refused(bench.ec2.send(call), 'Gateway.NotAttached');
  });
});

describe('a NAT gateway', () => {
  async function network(): Promise<Record<'VpcId' | 'SubnetId' | 'InternetGatewayId', string>> {
    const { ec2 } = bench;
    const VpcId = given((await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    return { VpcId, SubnetId: given(Subnet?.SubnetId), InternetGatewayId: given(InternetGateway?.InternetGatewayId) };
  }
  const described = async () => given((await bench.ec2.send(new DescribeNatGatewaysCommand({}))).NatGateways)[0];

  test('has its addresses until it is deleted, and routes lead to it', async () => {
    const { ec2 } = bench;
    const { VpcId, SubnetId, InternetGatewayId } = await network();
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    const { AllocationId } = await allocate();
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId, AllocationId }));
    const NatGatewayId = given(NatGateway?.NatGatewayId);
    expect(NatGateway?.State).toBe('pending');
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
    const route = { RouteTableId: RouteTable?.RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId };
    await ec2.send(new CreateRouteCommand(route));
    bench.pass(longMs);
    expect(await described()).toMatchObject({ State: 'available', NatGatewayAddresses: [{ AllocationId }] });
    const Filters = [{ Name: 'route.nat-gateway-id', Values: [NatGatewayId] }];
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    expect(RouteTables?.[0]?.Routes?.[1]).toMatchObject({ NatGatewayId, State: 'active' });
    await refused(ec2.send(new DeleteSubnetCommand({ SubnetId })), 'DependencyViolation');
    const detach = new DetachInternetGatewayCommand({ VpcId, InternetGatewayId });
    await refused(ec2.send(detach), 'DependencyViolation');
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId }));
    expect((await described())?.State).toBe('deleting');
    bench.pass(longMs);
    expect((await described())?.State).toBe('deleted');
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    await ec2.send(detach);
    await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    bench.pass(3_600_000);
    expect(await described()).toBeUndefined();
  });

  test('fails where its network has no internet gateway, and its address is free again', async () => {
    const { SubnetId } = await network();
    const { AllocationId } = await allocate();
    await bench.ec2.send(new CreateNatGatewayCommand({ SubnetId, AllocationId }));
    bench.pass(longMs);
    expect(await described()).toMatchObject({ State: 'failed', FailureCode: 'Gateway.NotAttached' });
    await bench.ec2.send(new ReleaseAddressCommand({ AllocationId }));
  });
});

test('a network interface stays where the launch says so, with its address, until it is deleted', async () => {
  const { ec2 } = bench;
  const NetworkInterfaces = [{ DeviceIndex: 0, DeleteOnTermination: false, Description: 'stays' }];
  const InstanceId = await launch({ NetworkInterfaces, Placement: { AvailabilityZone: zoneA } });
  bench.pass(longMs);
  const all = async () => given((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces);
  const [used] = await all();
  const NetworkInterfaceId = given(used?.NetworkInterfaceId);
  const remove = new DeleteNetworkInterfaceCommand({ NetworkInterfaceId });
  await refused(ec2.send(remove), 'InvalidNetworkInterface.InUse');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  bench.pass(longMs);
  const { PrivateIpAddress, MacAddress } = given(used);
  const same = { NetworkInterfaceId, PrivateIpAddress, MacAddress, Description: 'stays', AvailabilityZone: zoneA };
  expect(await all()).toMatchObject([{ ...same, Status: 'available' }]);
  await ec2.send(remove);
  expect(await all()).toEqual([]);
});
