// What EC2 answers to calls that are wrong: codes and messages, most of them seen by moto's tests against AWS.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DescribeRegionsCommandInput } from '@aws-sdk/client-ec2';
import { DescribeInstancesCommand, DescribeRegionsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { abbreviated } from '../../../../lib/adapters/simulated/ec2/families/networks/regions.ts';
import { given, image, longMs, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const template = 'Action=CreateLaunchTemplate&LaunchTemplateName=one&LaunchTemplateData.ImageId=ami-0abcdef1234567890';
const fleet =
  'Action=CreateFleet&Type=instant&TargetCapacitySpecification.TotalTargetCapacity=1&'
  + 'LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=one&'
  + 'LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1&'
  + 'LaunchTemplateConfigs.1.Overrides.1.InstanceType=m7g.large';
const run = `Action=RunInstances&ImageId=${image}&MinCount=1&MaxCount=1&InstanceType=t3.micro`;
const noInstances = { code: 'InvalidParameterCombination', message: 'No instances specified' };
const emptyTags = { code: 'InvalidParameterValue', message: 'Tag specification must have at least one tag' };
const profile = 'arn:aws:iam::123456789012:instance-profile/p';

test.each([
  ['Action=DescribeLaunchTemplateVersions', { code: 'MissingParameter' }],
  ['Action=DescribeLaunchTemplateVersions&LaunchTemplateVersion.1=1', { code: 'InvalidParameterValue' }],
  [
    'Action=DescribeLaunchTemplates&LaunchTemplateName.1=none',
    {
      code: 'InvalidLaunchTemplateName.NotFoundException',
      message: 'At least one of the launch templates specified in the request does not exist.',
    },
  ],
  [
    'Action=ModifyLaunchTemplate&LaunchTemplateName=one&LaunchTemplateId=lt-0123456789abcdef0',
    {
      code: 'InvalidParameterCombination',
      message: 'Either provide launch template ID or launch template name to modify the template.',
    },
  ],
  [
    'Action=ModifyLaunchTemplate&LaunchTemplateName=one&SetDefaultVersion=2',
    {
      code: 'InvalidLaunchTemplateId.VersionNotFound',
      message: 'The launch template version 2 is not found for the specified launch template.',
    },
  ],
  [`${fleet}&ExcessCapacityTerminationPolicy=terminate`, { code: 'InvalidParameterValue' }],
  [`${fleet}&ExcessCapacityTerminationPolicy=terminate&DryRun=true`, { code: 'DryRunOperation', status: 412 }],
  [`${fleet}&SpotOptions.AllocationStrategy=lowestPrice`, { status: 200 }],
  [`${fleet}&OnDemandOptions.AllocationStrategy=lowestPrice`, { status: 200 }],
  [`${fleet}&SpotOptions.AllocationStrategy=cheapest`, { code: 'InvalidParameterValue' }],
  ['Action=TerminateInstances', noInstances],
  ['Action=StopInstances', noInstances],
  ['Action=StartInstances', noInstances],
  ['Action=RebootInstances', noInstances],
  [
    'Action=CreateTags&ResourceId.1=ami-blah&Tag.1.Key=a',
    { code: 'InvalidID', message: "The ID 'ami-blah' is not valid" },
  ],
  ['Action=CreateTags&ResourceId.1=nonsense&Tag.1.Key=a', { code: 'InvalidID' }],
  ['Action=DeleteTags&ResourceId.1=vol-1', { code: 'InvalidID' }],
  ['Action=CreateTags&ResourceId.1=ami-0fffffffffffffff0&Tag.1.Key=a', { code: 'InvalidAMIID.NotFound' }],
  ['Action=CreateTags&Tag.1.Key=a', { message: 'The request must contain the parameter resourceIdSet' }],
  ['Action=CreateTags&ResourceId.1=ami-0abcdef1234567890', { code: 'MissingParameter' }],
  ['Action=DeleteTags', { message: 'The request must contain the parameter resourceIdSet' }],
  [
    'Action=DescribeInstanceAttribute&InstanceId=i-0123456789abcdef0&Attribute=abc',
    { code: 'InvalidParameterValue', message: 'Value (abc) for parameter attribute is invalid. Unknown attribute.' },
  ],
  ['Action=CreateSecurityGroup&GroupName=g&GroupDescription=', { code: 'MissingParameter' }],
  [`Action=CreateVolume&Size=1&AvailabilityZone=${zoneA}&TagSpecification.1.ResourceType=volume`, emptyTags],
  [`${run}&TagSpecification.1.ResourceType=instance`, emptyTags],
  [`${run}&IamInstanceProfile.Arn=${profile}&IamInstanceProfile.Name=p`, { code: 'InvalidParameterCombination' }],
  [`${run}&IamInstanceProfile.Arn=arn:aws:iam::1:role/p`, { code: 'InvalidParameterValue' }],
  [`${run}&IamInstanceProfile.Arn=${profile}`, { status: 200 }],
])('%s', async (query, answer) => {
  await bench.raw(template);
  expect(await bench.raw(query)).toMatchObject(answer);
});

test('where a zone has nothing left, EC2 names those that have', async () => {
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/*', available: 0 });
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1c/*', available: 0 });
  expect(await bench.raw(`${run}&Placement.AvailabilityZone=${zoneA}`)).toMatchObject({
    status: 500,
    code: 'InsufficientInstanceCapacity',
    message:
      'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a). '
      + 'Our system will be working on provisioning additional capacity. You can currently get t3.micro capacity by '
      + 'not specifying an Availability Zone in your request or choosing us-east-1b.',
  });
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/*', available: 0 });
  expect((await bench.raw(run)).message).toMatch(/additional capacity\.$/);
});

test('a launch time has whole seconds, so that a filter made of a time without them meets it', async () => {
  bench.pass(417);
  await bench.ec2.send(new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }));
  bench.pass(longMs);
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({}));
  const launched = given(Reservations?.[0]?.Instances?.[0]?.LaunchTime);
  expect(launched.getTime() % 1000).toBe(0);
  const Filters = [{ Name: 'launch-time', Values: [launched.toISOString()] }];
  expect((await bench.ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations).toHaveLength(1);
});

describe('regions', () => {
  test.each([
    ['us-east-1', 'use1'],
    ['us-gov-east-1', 'usge1'],
    ['us-gov-west-1', 'usgw1'],
    ['ap-northeast-1', 'apne1'],
    ['ap-southeast-2', 'apse2'],
    ['cn-northwest-1', 'cnnw1'],
    ['mx-central-1', 'mxc1'],
  ])('%s is %s in the ids of its zones', (region, short) => {
    expect(abbreviated(region)).toBe(short);
  });

  const names = async (input: DescribeRegionsCommandInput, region?: string) =>
    given((await bench.client('123456789012', region).send(new DescribeRegionsCommand(input))).Regions).map(
      (one) => `${given(one.RegionName)} ${given(one.OptInStatus)}`,
    );

  test('that an account did not opt in to are listed where all are asked for, or they are named', async () => {
    expect(await names({})).toHaveLength(17);
    expect(await names({ AllRegions: true })).toContain('ap-east-1 not-opted-in');
    expect(await names({ RegionNames: ['ap-east-1'] })).toEqual(['ap-east-1 not-opted-in']);
    expect(await names({}, 'ap-east-1')).toContain('ap-east-1 opted-in');
    expect(await names({}, 'us-gov-west-1')).toEqual([
      'us-gov-east-1 opt-in-not-required',
      'us-gov-west-1 opt-in-not-required',
    ]);
    await expect(names({ RegionNames: ['mars-1'] })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});
