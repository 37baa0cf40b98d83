// Launching, reading and ending instances over the EC2 protocol, through the real SDK.
import {
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA, zoneB } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const run = (over: Partial<RunInstancesCommandInput> = {}) =>
  bench.ec2.send(
    new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...over }),
  );
const idsOf = (reservation: {
  readonly Instances?: readonly { readonly InstanceId?: string | undefined }[] | undefined;
}): string[] => given(reservation.Instances).map((one) => given(one.InstanceId));
async function one(id: string) {
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return given(Reservations?.[0]?.Instances?.[0]);
}

describe('RunInstances', () => {
  test('answers pending instances, which come up with address, disk, group and tags', async () => {
    const reservation = await run({
      MaxCount: 2,
      KeyName: undefined,
      UserData: 'aGk=',
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'Größe <1>' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'of', Value: 'x' }] },
      ],
    });
    expect(reservation.ReservationId).toMatch(/^r-[0-9a-f]{17}$/);
    const [id = ''] = idsOf(reservation);
    expect(id).toMatch(/^i-[0-9a-f]{17}$/);
    expect(reservation.Instances?.map((instance) => [instance.State, instance.AmiLaunchIndex])).toEqual([
      [{ Code: 0, Name: 'pending' }, 0],
      [{ Code: 0, Name: 'pending' }, 1],
    ]);
    bench.pass(longMs);
    const instance = await one(id);
    expect(instance).toMatchObject({
      State: { Code: 16, Name: 'running' },
      InstanceType: 't3.micro',
      Architecture: 'x86_64',
      RootDeviceType: 'ebs',
      VirtualizationType: 'hvm',
      EbsOptimized: false,
      Monitoring: { State: 'disabled' },
      Tags: [{ Key: 'Name', Value: 'Größe <1>' }],
      SecurityGroups: [{ GroupName: 'default' }],
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    });
    expect(instance.PrivateIpAddress).toMatch(/^172\.31\./);
    expect(instance.PublicIpAddress).toMatch(/^52\./);
    expect(instance.InstanceLifecycle).toBeUndefined();
    const { Volumes } = await bench.ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
    );
    expect(Volumes).toMatchObject([
      {
        State: 'in-use',
        Size: 8,
        VolumeType: 'gp3',
        Attachments: [{ Device: '/dev/xvda', State: 'attached', DeleteOnTermination: true }],
        Tags: [{ Key: 'of', Value: 'x' }],
      },
    ]);
  });

  test.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ['an unknown image', { ImageId: 'ami-0ffffffffffffffff' }, 'InvalidAMIID.NotFound'],
    ['a malformed image', { ImageId: 'nonsense' }, 'InvalidAMIID.Malformed'],
    ['no image', { ImageId: undefined }, 'MissingParameter'],
    ['an unknown type', { InstanceType: 'c99.huge' as never }, 'InvalidParameterValue'],
    ['an unknown subnet', { SubnetId: 'subnet-0ffffffffffffffff' }, 'InvalidSubnetID.NotFound'],
    ['an unknown group', { SecurityGroupIds: ['sg-0ffffffffffffffff'] }, 'InvalidGroup.NotFound'],
    ['an unknown key', { KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    [
      'an unknown template',
      { LaunchTemplate: { LaunchTemplateName: 'nothing' } },
      'InvalidLaunchTemplateName.NotFoundException',
    ],
    ['a minimum over the maximum', { MinCount: 3, MaxCount: 2 }, 'InvalidParameterCombination'],
    ['no instances at all', { MinCount: 0, MaxCount: 0 }, 'InvalidParameterValue'],
    ['too much user data', { UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue'],
    [
      'a disk smaller than its image',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 1 } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'a reserved tag',
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: 'y' }] }] },
      'InvalidParameterValue',
    ],
    ['an unknown zone', { Placement: { AvailabilityZone: 'us-east-1z' } }, 'InvalidParameterValue'],
    [
      'spot tags on demand',
      { TagSpecifications: [{ ResourceType: 'spot-instances-request', Tags: [{ Key: 'a', Value: 'b' }] }] },
      'InvalidParameterCombination',
    ],
    ['a parameter that is not modelled', { Placement: { HostId: 'h-1' } }, 'UnsupportedOperation'],
  ])('refuses %s', async (_what, over, name) => {
    await expect(run(over)).rejects.toMatchObject({ name });
    expect((await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  test("refuses a type whose architecture is not the image's", async () => {
    await expect(
      run({ ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64' }),
    ).rejects.toThrow(
      "The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64'",
    );
  });

  test('a token launches once; it is compared, holds per zone, and ends with its instances', async () => {
    const first = await run({ ClientToken: 't', MaxCount: 2 });
    const again = await run({ ClientToken: 't', MaxCount: 2 });
    expect(again.ReservationId).toBe(first.ReservationId);
    expect(idsOf(again)).toEqual(idsOf(first));
    await expect(run({ ClientToken: 't', MaxCount: 3 })).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
    const inA = await run({ ClientToken: 'z', Placement: { AvailabilityZone: zoneA } });
    const inB = await run({ ClientToken: 'z', Placement: { AvailabilityZone: zoneB } });
    expect(idsOf(inB)).not.toEqual(idsOf(inA));
    bench.pass(longMs);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: idsOf(first) }));
    bench.pass(longMs);
    await expect(run({ ClientToken: 't', MaxCount: 2 })).rejects.toMatchObject({
      name: 'IdempotentInstanceTerminated',
    });
  });

  test('without capacity nothing is launched, and the token is used up', async () => {
    await bench.control('PUT', 'capacity', { pattern: 't3.micro/*', available: 2 });
    await expect(run({ ClientToken: 'c', MinCount: 3, MaxCount: 3 })).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
      $metadata: { httpStatusCode: 500 },
    });
    expect(idsOf(await run({ MinCount: 1, MaxCount: 3 }))).toHaveLength(2);
    await bench.control('PUT', 'capacity', { pattern: '*', available: null });
    await expect(run({ ClientToken: 'c', MinCount: 3, MaxCount: 3 })).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
    });
    await expect(run({ ClientToken: 'c', MinCount: 1, MaxCount: 1 })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  test('account limits and addresses run out', async () => {
    await bench.control('PUT', 'limits', { quotaClass: 'standard', vcpu: 4 });
    await run({ MinCount: 2, MaxCount: 2 });
    await expect(run()).rejects.toMatchObject({ name: 'VcpuLimitExceeded' });
    await bench.close();
    bench = await openBench({ options: { subnetPrefix: 28 } });
    const [subnet] = given(
      (await bench.ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zoneA] }] })))
        .Subnets,
    );
    expect(subnet?.AvailableIpAddressCount).toBe(11);
    await run({ SubnetId: subnet?.SubnetId, MinCount: 11, MaxCount: 11 });
    await expect(run({ SubnetId: subnet?.SubnetId })).rejects.toMatchObject({
      name: 'InsufficientFreeAddressesInSubnet',
    });
    expect(
      (await bench.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [given(subnet?.SubnetId)] }))).Subnets?.[0]
        ?.AvailableIpAddressCount,
    ).toBe(0);
    await bench.close();
    bench = await openBench({ options: { cloud: { instanceLimit: 1 } } });
    await expect(run({ MinCount: 2, MaxCount: 2 })).rejects.toMatchObject({ name: 'InstanceLimitExceeded' });
  });

  test('DryRun checks and launches nothing', async () => {
    await expect(run({ DryRun: true, ImageId: 'ami-0ffffffffffffffff' })).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    });
    await expect(
      bench.ec2.send(new TerminateInstancesCommand({ DryRun: true, InstanceIds: ['i-00000000000000001'] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await expect(run({ DryRun: true })).rejects.toMatchObject({
      name: 'DryRunOperation',
      $metadata: { httpStatusCode: 412 },
    });
    expect((await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });
});

describe('DescribeInstances', () => {
  test('pages, and knows its own tokens only', async () => {
    await run({ MinCount: 12, MaxCount: 12 });
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await bench.ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken }));
      seen.push(...given(page.Reservations).flatMap(idsOf));
      ({ NextToken } = page);
    } while (NextToken);
    expect(new Set(seen).size).toBe(12);
    const { NextToken: token } = await bench.ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    await expect(
      bench.ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: `${token ?? ''}x` })),
    ).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(
      bench.ec2.send(
        new DescribeInstancesCommand({
          MaxResults: 5,
          NextToken: token,
          Filters: [{ Name: 'key-name', Values: ['k'] }],
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(bench.ec2.send(new DescribeInstancesCommand({ MaxResults: 4 }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(
      bench.ec2.send(new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: [given(seen[0])] })),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  test('filters by what is asked for; unknown filters and values are errors', async () => {
    const [a = ''] = idsOf(
      await run({
        Placement: { AvailabilityZone: zoneA },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'app', Value: 'web-1' }] }],
      }),
    );
    const [b = ''] = idsOf(
      await run({
        Placement: { AvailabilityZone: zoneB },
        InstanceMarketOptions: { MarketType: 'spot' },
        ClientToken: 'token-b',
      }),
    );
    bench.pass(longMs);
    const found = async (Name: string, ...Values: string[]) =>
      given((await bench.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name, Values }] }))).Reservations)
        .flatMap(idsOf)
        .sort();
    expect(await found('tag:app', 'web-1')).toEqual([a]);
    expect(await found('tag:app', 'web-?')).toEqual([a]);
    expect(await found('tag:app', 'w*1', 'nothing')).toEqual([a]);
    expect(await found('tag-key', 'app')).toEqual([a]);
    expect(await found('availability-zone', zoneB)).toEqual([b]);
    expect(await found('instance-lifecycle', 'spot')).toEqual([b]);
    expect(await found('client-token', 'token-b')).toEqual([b]);
    expect(await found('instance-state-name', 'pending')).toEqual([]);
    expect(await found('instance-state-name', 'pending', 'running')).toEqual([a, b].sort());
    await expect(found('colour', 'red')).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
    await expect(found('instance-state-name', 'sleeping')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('lags behind; an id that is not shown yet is not found', async () => {
    await bench.close();
    bench = await openBench({ options: { cloud: { describeLagMs: 5000 } } });
    const [id = ''] = idsOf(await run());
    await expect(one(id)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await expect(bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    bench.pass(5000);
    expect((await one(id)).State?.Name).toBe('pending');
    bench.pass(2000);
    expect((await one(id)).State?.Name).toBe('running');
  });

  test('accounts and regions do not see each other', async () => {
    await run();
    expect((await bench.client('111111111111').send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
    expect(
      (await bench.client('123456789012', 'eu-west-1').send(new DescribeInstancesCommand({}))).Reservations,
    ).toEqual([]);
    const abroad = await bench
      .client('123456789012', 'eu-west-1')
      .send(new RunInstancesCommand({ ImageId: image, MinCount: 1, MaxCount: 1 }));
    expect(abroad.Instances?.[0]?.Placement?.AvailabilityZone).toMatch(/^eu-west-1[abc]$/);
  });
});

describe('ending and changing', () => {
  test('terminated instances stay for an hour without address and disk, then they are unknown', async () => {
    const [id = ''] = idsOf(await run());
    bench.pass(longMs);
    const { TerminatingInstances } = await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(TerminatingInstances).toEqual([
      {
        InstanceId: id,
        PreviousState: { Code: 16, Name: 'running' },
        CurrentState: { Code: 32, Name: 'shutting-down' },
      },
    ]);
    bench.pass(longMs);
    const gone = await one(id);
    expect(gone).toMatchObject({
      State: { Code: 48, Name: 'terminated' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
    });
    expect(gone.StateTransitionReason).toMatch(/^User initiated \(\d{4}-/);
    expect([gone.PrivateIpAddress, gone.SubnetId, gone.BlockDeviceMappings]).toEqual([undefined, undefined, []]);
    expect((await bench.ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    bench.pass(3_600_000);
    await expect(one(id)).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${id}' does not exist`,
    });
  });

  test('one unknown id and none is ended; a protected one blocks its zone only', async () => {
    const a = idsOf(await run({ Placement: { AvailabilityZone: zoneA }, MinCount: 2, MaxCount: 2 }));
    const b = idsOf(await run({ Placement: { AvailabilityZone: zoneB } }));
    bench.pass(longMs);
    await expect(
      bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [...a, 'i-00000000000000001'] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await expect(bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-xyz'] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.Malformed',
    });
    await bench.ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: given(a[0]), DisableApiTermination: { Value: true } }),
    );
    expect(
      (
        await bench.ec2.send(
          new DescribeInstanceAttributeCommand({ InstanceId: given(a[0]), Attribute: 'disableApiTermination' }),
        )
      ).DisableApiTermination,
    ).toEqual({ Value: true });
    await expect(bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [...a, ...b] }))).rejects.toMatchObject({
      name: 'OperationNotPermitted',
    });
    expect(await Promise.all([...a, ...b].map(async (id) => (await one(id)).State?.Name))).toEqual([
      'running',
      'running',
      'shutting-down',
    ]);
  });

  test('stop and start: another public address, the same private one, and the type can change in between', async () => {
    const [id = ''] = idsOf(await run());
    await expect(bench.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    bench.pass(longMs);
    const before = await one(id);
    await expect(
      bench.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: 't3.large' } })),
    ).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
    await bench.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    const { StoppingInstances } = await bench.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(StoppingInstances).toMatchObject([
      { CurrentState: { Code: 64, Name: 'stopping' }, PreviousState: { Name: 'running' } },
    ]);
    await expect(bench.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    bench.pass(longMs);
    expect(await one(id)).toMatchObject({ State: { Name: 'stopped' }, PrivateIpAddress: before.PrivateIpAddress });
    expect((await one(id)).PublicIpAddress).toBeUndefined();
    await bench.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: 't3.large' } }));
    await bench.control('PUT', 'capacity', { pattern: 't3.large/*', available: 0 });
    await expect(bench.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
    });
    await bench.control('PUT', 'capacity', { pattern: 't3.large/*', available: null });
    await bench.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    bench.pass(longMs);
    const after = await one(id);
    expect(after).toMatchObject({
      State: { Name: 'running' },
      InstanceType: 't3.large',
      PrivateIpAddress: before.PrivateIpAddress,
    });
    expect(after.PublicIpAddress).not.toBe(before.PublicIpAddress);
  });

  test('one-time spot instances cannot be stopped; persistent ones can, and not be hibernated by hand', async () => {
    const [oneTime = ''] = idsOf(await run({ InstanceMarketOptions: { MarketType: 'spot' } }));
    const [persistent = ''] = idsOf(
      await run({
        InstanceMarketOptions: {
          MarketType: 'spot',
          SpotOptions: { SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'stop' },
        },
      }),
    );
    bench.pass(longMs);
    await expect(bench.ec2.send(new StopInstancesCommand({ InstanceIds: [oneTime] }))).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
    await expect(
      bench.ec2.send(new StopInstancesCommand({ InstanceIds: [persistent], Hibernate: true })),
    ).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await bench.control('POST', 'interruptions', { instanceId: persistent, noticeMs: 120_000 });
    bench.pass(130_000);
    expect(await one(persistent)).toMatchObject({
      State: { Name: 'stopped' },
      StateReason: { Code: 'Server.SpotInstanceShutdown' },
    });
    await bench.ec2.send(new StartInstancesCommand({ InstanceIds: [persistent] }));
  });

  test('hibernation is fixed at launch and wants an encrypted root volume that holds the memory', async () => {
    const root = (VolumeSize: number, Encrypted: boolean) => [
      { DeviceName: '/dev/xvda', Ebs: { VolumeSize, Encrypted } },
    ];
    await expect(run({ HibernationOptions: { Configured: true } })).rejects.toMatchObject({
      name: 'UnsupportedHibernationConfiguration',
    });
    await expect(
      run({
        InstanceType: 'r5.8xlarge',
        HibernationOptions: { Configured: true },
        BlockDeviceMappings: root(400, true),
      }),
    ).rejects.toMatchObject({ name: 'UnsupportedHibernationConfiguration' });
    const [able = ''] = idsOf(
      await run({
        InstanceType: 'm5.large',
        HibernationOptions: { Configured: true },
        BlockDeviceMappings: root(20, true),
      }),
    );
    const [unable = ''] = idsOf(await run());
    bench.pass(longMs);
    await expect(
      bench.ec2.send(new StopInstancesCommand({ InstanceIds: [unable], Hibernate: true })),
    ).rejects.toMatchObject({ name: 'UnsupportedHibernationConfiguration' });
    await bench.ec2.send(new StopInstancesCommand({ InstanceIds: [able], Hibernate: true }));
    bench.pass(longMs);
    expect(await one(able)).toMatchObject({
      State: { Name: 'stopped' },
      StateReason: { Code: 'Client.UserInitiatedHibernate' },
    });
  });

  test('status checks initialize, pass, and fail on a machine that never came up', async () => {
    const [id = ''] = idsOf(await run());
    const status = async () =>
      (await bench.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }))).InstanceStatuses;
    expect(await status()).toEqual([]);
    expect(
      (await bench.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true })))
        .InstanceStatuses,
    ).toMatchObject([{ InstanceState: { Name: 'pending' }, InstanceStatus: { Status: 'not-applicable' } }]);
    bench.pass(2000);
    expect(await status()).toMatchObject([
      { InstanceState: { Name: 'running' }, InstanceStatus: { Status: 'initializing' } },
    ]);
    bench.pass(longMs);
    expect(await status()).toMatchObject([
      {
        InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
        SystemStatus: { Status: 'ok' },
      },
    ]);
    await bench.close();
    bench = await openBench({ options: { cloud: { neverBootsProbability: 1 } } });
    const [dead = ''] = idsOf(await run());
    bench.pass(longMs);
    expect(
      (await bench.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [dead] }))).InstanceStatuses,
    ).toMatchObject([{ InstanceStatus: { Status: 'impaired' }, SystemStatus: { Status: 'ok' } }]);
  });

  test('an interruption takes a spot instance after its notice', async () => {
    const [id = ''] = idsOf(await run({ InstanceMarketOptions: { MarketType: 'spot' } }));
    bench.pass(longMs);
    await bench.control('POST', 'interruptions', { instanceId: id, noticeMs: 40_000 });
    bench.pass(39_999);
    expect((await one(id)).State?.Name).toBe('running');
    bench.pass(longMs);
    expect(await one(id)).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Server.SpotInstanceTermination' },
      InstanceLifecycle: 'spot',
    });
  });

  test('a spot price over the limit is refused', async () => {
    await expect(
      run({ InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: '0.0001' } } }),
    ).rejects.toMatchObject({ name: 'SpotMaxPriceTooLow' });
  });
});
