// What can be changed of security group rules, of a VPC's ranges and of a subnet's names.
import {
  AssociateVpcCidrBlockCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupReferencesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DisassociateVpcCidrBlockCommand,
  ModifySecurityGroupRulesCommand,
  ModifySubnetAttributeCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import type { SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('a rule of a security group', () => {
  const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
  let GroupId: string;
  let rules: readonly string[];

  beforeEach(async () => {
    const made = await bench.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'a' }));
    GroupId = given(made.GroupId);
    const IpRanges = [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '11.0.0.0/8' }];
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ ...ssh, IpRanges }] });
    const { SecurityGroupRules } = await bench.ec2.send(command);
    rules = given(SecurityGroupRules).map((rule) => given(rule.SecurityGroupRuleId));
  });

  const modify = (SecurityGroupRule: SecurityGroupRuleRequest, at = 0) =>
    bench.ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId: rules[at], SecurityGroupRule }],
      }),
    );
  const shown = async (at = 0) => {
    const command = new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [given(rules[at])] });
    return given((await bench.ec2.send(command)).SecurityGroupRules)[0];
  };

  test('becomes another under its id', async () => {
    await modify({ IpProtocol: 'udp', FromPort: 53, ToPort: 54, CidrIpv4: '12.0.0.0/8', Description: 'dns' });
    expect(await shown()).toMatchObject({
      IpProtocol: 'udp',
      FromPort: 53,
      CidrIpv4: '12.0.0.0/8',
      Description: 'dns',
    });
  });

  test.each([
    [{ FromPort: 1, ToPort: 2, CidrIpv4: '1.1.1.1/32' }, 'InvalidParameterValue'],
    [{ ...ssh, ToPort: undefined, CidrIpv4: '1.1.1.1/32' }, 'InvalidParameterValue'],
    [ssh, 'MissingParameter'],
    [{ ...ssh, CidrIpv4: '1.1.1.1/32', CidrIpv6: '2001:db8::/32' }, 'InvalidParameterCombination'],
    [{ ...ssh, CidrIpv4: '11.0.0.0/8' }, 'InvalidPermission.Duplicate'],
  ])('does not become %j', async (wanted, name) => {
    await expect(modify(wanted)).rejects.toMatchObject({ name });
  });

  test('gets another description, by its id or by what it permits', async () => {
    const byId = [{ SecurityGroupRuleId: rules[0], Description: 'one' }];
    const byContent = [{ ...ssh, IpRanges: [{ CidrIp: '11.0.0.0/8', Description: 'two' }] }];
    for (const more of [{ SecurityGroupRuleDescriptions: byId }, { IpPermissions: byContent }])
      await bench.ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId, ...more }));
    expect([(await shown(0))?.Description, (await shown(1))?.Description]).toEqual(['one', 'two']);
  });

  test('is looked for by ids of groups that have the form of one; nobody peers with them', async () => {
    const Filters = [{ Name: 'group-id', Values: ['nonsense'] }];
    const wrong = bench.ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidGroupId.Malformed' });
    const command = new DescribeSecurityGroupReferencesCommand({ GroupId: [GroupId] });
    expect((await bench.ec2.send(command)).SecurityGroupReferenceSet).toEqual([]);
  });
});

describe('a VPC', () => {
  test('takes five ranges, with subnets in each, and leaves those that nothing is in', async () => {
    const { ec2 } = bench;
    const VpcId = given((await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/24' }))).Vpc?.VpcId);
    const more = (CidrBlock: string) => ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock }));
    const { CidrBlockAssociation: first } = await more('10.0.1.0/24');
    for (const third of [2, 3, 4]) await more(`10.0.${third}.0/24`);
    await expect(more('10.0.5.0/24')).rejects.toMatchObject({ name: 'CidrLimitExceeded' });
    await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/25' }));
    const remove = new DisassociateVpcCidrBlockCommand({ AssociationId: first?.AssociationId });
    await expect(ec2.send(remove)).rejects.toMatchObject({ name: 'InvalidCidr.InUse' });
    const Filters = [{ Name: 'cidr-block-association.cidr-block', Values: ['10.0.4.0/24'] }];
    const described = async () => given((await ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs)[0];
    const ranges = (await described())?.CidrBlockAssociationSet;
    expect(ranges).toHaveLength(5);
    await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId: ranges?.[4]?.AssociationId }));
    expect(await described()).toBeUndefined();
    const primary = new DisassociateVpcCidrBlockCommand({ AssociationId: ranges?.[0]?.AssociationId });
    await expect(ec2.send(primary)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    await expect(more('10.0.0.0/25')).rejects.toMatchObject({ name: 'CidrConflict' });
  });

  test('has subnets whose instances can be named by their ids', async () => {
    const { ec2 } = bench;
    const SubnetId = given((await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.[0]?.SubnetId);
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, PrivateDnsHostnameTypeOnLaunch: 'resource-name' }));
    const records = { EnableResourceNameDnsARecordOnLaunch: { Value: true } };
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, ...records }));
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(Subnets?.[0]?.PrivateDnsNameOptionsOnLaunch).toEqual({
      HostnameType: 'resource-name',
      EnableResourceNameDnsARecord: true,
      EnableResourceNameDnsAAAARecord: false,
    });
  });
});
