// Launch templates, instant fleets and tags over the EC2 protocol, through the real SDK.
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DeleteTagsCommand,
  DescribeFleetInstancesCommand,
  DescribeFleetsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeTagsCommand,
  ModifyLaunchTemplateCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CreateFleetCommandInput, FleetLaunchTemplateOverridesRequest } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA, zoneB } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function template(name = 'one-template'): Promise<string> {
  const { LaunchTemplate } = await bench.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      VersionDescription: 'first',
      LaunchTemplateData: {
        ImageId: image,
        UserData: 'aGVsbG8=',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, VolumeType: 'gp3' } }],
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] }],
      },
    }),
  );
  return given(LaunchTemplate?.LaunchTemplateId);
}

describe('launch templates', () => {
  test('are made once, shown with what was put in, and versioned', async () => {
    const id = await template();
    expect(id).toMatch(/^lt-[0-9a-f]{17}$/);
    await expect(template()).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.AlreadyExistsException' });
    await expect(template('no')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.MalformedException' });
    await bench.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: id,
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'c7i.large' },
      }),
    );
    const { LaunchTemplateVersions } = await bench.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }),
    );
    expect(LaunchTemplateVersions).toMatchObject([
      {
        VersionNumber: 2,
        DefaultVersion: false,
        LaunchTemplateData: {
          InstanceType: 'c7i.large',
          ImageId: image,
          UserData: 'aGVsbG8=',
          BlockDeviceMappings: [{ Ebs: { VolumeSize: 20 } }],
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] }],
        },
      },
      { VersionNumber: 1, DefaultVersion: true, VersionDescription: 'first' },
    ]);
    await bench.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }));
    expect(
      (await bench.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['one-template'] })))
        .LaunchTemplates,
    ).toMatchObject([{ DefaultVersionNumber: 2, LatestVersionNumber: 2 }]);
    const deleted = await bench.ec2.send(
      new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ['1', '2', '9'] }),
    );
    expect(deleted.SuccessfullyDeletedLaunchTemplateVersions).toMatchObject([{ VersionNumber: 1 }]);
    expect(deleted.UnsuccessfullyDeletedLaunchTemplateVersions).toMatchObject([
      { VersionNumber: 2 },
      { VersionNumber: 9, ResponseError: { Code: 'launchTemplateVersionDoesNotExist' } },
    ]);
    await bench.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }));
    await expect(bench.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }))).rejects.toMatchObject(
      { name: 'InvalidLaunchTemplateId.NotFound' },
    );
  });

  test('a repeated token makes one template; RunInstances takes what it says and overrides it', async () => {
    const make = () =>
      bench.ec2.send(
        new CreateLaunchTemplateCommand({
          ClientToken: 'k',
          LaunchTemplateName: 'again',
          LaunchTemplateData: { ImageId: image, InstanceType: 'm7i.large' },
        }),
      );
    expect((await make()).LaunchTemplate?.LaunchTemplateId).toBe((await make()).LaunchTemplate?.LaunchTemplateId);
    const { Instances } = await bench.ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName: 'again', Version: '$Latest' },
        InstanceType: 'm7i.xlarge',
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    expect(Instances).toMatchObject([{ InstanceType: 'm7i.xlarge', ImageId: image }]);
    expect(Instances?.[0]?.Tags?.map((tag) => tag.Key).sort()).toEqual([
      'aws:ec2launchtemplate:id',
      'aws:ec2launchtemplate:version',
    ]);
    await expect(
      bench.ec2.send(
        new RunInstancesCommand({
          LaunchTemplate: { LaunchTemplateName: 'again', Version: '7' },
          MinCount: 1,
          MaxCount: 1,
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' });
  });
});

describe('instant fleets', () => {
  const overrides: FleetLaunchTemplateOverridesRequest[] = [
    { InstanceType: 'c7i.large', AvailabilityZone: zoneA },
    { InstanceType: 'm7i.large', AvailabilityZone: zoneB },
  ];
  const fleet = (over: Partial<CreateFleetCommandInput> = {}, Overrides = overrides, total = 3) =>
    bench.ec2.send(
      new CreateFleetCommand({
        Type: 'instant',
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { LaunchTemplateName: 'one-template', Version: '1' }, Overrides },
        ],
        TargetCapacitySpecification: { TotalTargetCapacity: total, DefaultTargetCapacityType: 'on-demand' },
        ...over,
      }),
    );
  beforeEach(() => template());

  test('answer what they launched, where, and are described only when named', async () => {
    const answer = await fleet({
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'bellows:launch', Value: 'l' }] },
        { ResourceType: 'fleet', Tags: [{ Key: 'f', Value: 'g' }] },
      ],
    });
    expect(answer).toMatchObject({
      Errors: [],
      Instances: [
        {
          Lifecycle: 'on-demand',
          InstanceType: 'c7i.large',
          LaunchTemplateAndOverrides: { Overrides: { InstanceType: 'c7i.large', AvailabilityZone: zoneA } },
        },
      ],
    });
    expect(answer.Instances?.[0]?.InstanceIds).toHaveLength(3);
    bench.pass(longMs);
    const { Reservations } = await bench.ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:bellows:launch', Values: ['l'] }] }),
    );
    const [instance] = given(Reservations?.[0]?.Instances);
    expect(Object.fromEntries(given(instance?.Tags).map((tag) => [tag.Key, tag.Value]))).toMatchObject({
      from: 'template',
      'bellows:launch': 'l',
      'aws:ec2:fleet-id': answer.FleetId,
    });
    expect((await bench.ec2.send(new DescribeFleetsCommand({}))).Fleets).toEqual([]);
    expect(
      (await bench.ec2.send(new DescribeFleetsCommand({ FleetIds: [given(answer.FleetId)] }))).Fleets,
    ).toMatchObject([
      {
        Type: 'instant',
        FulfilledCapacity: 3,
        ActivityStatus: 'fulfilled',
        Tags: [{ Key: 'f', Value: 'g' }],
        Instances: [{ InstanceType: 'c7i.large' }],
      },
    ]);
    await expect(
      bench.ec2.send(new DescribeFleetInstancesCommand({ FleetId: given(answer.FleetId) })),
    ).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await expect(
      bench.ec2.send(new DescribeFleetsCommand({ FleetIds: ['fleet-00000000-0000-0000-0000-000000000000'] })),
    ).rejects.toMatchObject({ name: 'InvalidFleetId.NotFound' });
  });

  test('are partial, with an error per override that had nothing more', async () => {
    await bench.control('PUT', 'capacity', { pattern: '*', available: 0 });
    await bench.control('PUT', 'capacity', { pattern: `m7i.large/${zoneB}/*`, available: 2 });
    const answer = await fleet();
    expect(answer.Instances?.map((one) => [one.InstanceType, one.InstanceIds?.length])).toEqual([['m7i.large', 2]]);
    expect(
      answer.Errors?.map((one) => [
        one.ErrorCode,
        one.Lifecycle,
        one.LaunchTemplateAndOverrides?.Overrides?.InstanceType,
      ]),
    ).toEqual([
      ['InsufficientInstanceCapacity', 'on-demand', 'c7i.large'],
      ['InsufficientInstanceCapacity', 'on-demand', 'm7i.large'],
    ]);
  });

  test('repeat their answer for a token, also an empty one, refuse other parameters and ended instances', async () => {
    const first = await fleet({ ClientToken: 't' });
    expect((await fleet({ ClientToken: 't' })).Instances).toEqual(first.Instances);
    await expect(fleet({ ClientToken: 't' }, overrides.slice(0, 1))).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
    await bench.control('PUT', 'capacity', { pattern: '*', available: 0 });
    expect(await fleet({ ClientToken: 'e' })).toMatchObject({ Instances: [], Errors: [{}, {}] });
    await bench.control('PUT', 'capacity', { pattern: '*', available: null });
    expect(await fleet({ ClientToken: 'e' })).toMatchObject({ Instances: [], Errors: [{}, {}] });
    bench.pass(longMs);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: given(first.Instances?.[0]?.InstanceIds) }));
    bench.pass(longMs);
    await expect(fleet({ ClientToken: 't' })).rejects.toMatchObject({ name: 'IdempotentInstanceTerminated' });
    expect((await bench.control('GET', 'effects?token=t'))['effects']).toEqual({
      t: first.Instances?.[0]?.InstanceIds,
    });
  });

  test('choose by strategy: price, priority, depth, or all alike', async () => {
    await bench.control('PUT', 'prices', { offering: `m7i.large/${zoneB}/on-demand`, usdPerHour: 0.001 });
    expect((await fleet()).Instances?.[0]?.InstanceType).toBe('m7i.large');
    const ranked = [
      { ...overrides[0], Priority: 5 },
      { ...overrides[1], Priority: 9 },
    ];
    expect(
      (await fleet({ OnDemandOptions: { AllocationStrategy: 'prioritized' } }, ranked)).Instances?.[0]?.InstanceType,
    ).toBe('c7i.large');
    await bench.control('PUT', 'capacity', { pattern: 'c7i.large/*', available: 1000 });
    await bench.control('PUT', 'capacity', { pattern: 'm7i.large/*', available: 100 });
    await bench.control('PUT', 'prices', { offering: `m7i.large/${zoneB}/spot`, usdPerHour: 0.001 });
    const spot = {
      TargetCapacitySpecification: { TotalTargetCapacity: 4, DefaultTargetCapacityType: 'spot' as const },
    };
    expect(
      (await fleet({ ...spot, SpotOptions: { AllocationStrategy: 'capacity-optimized' } })).Instances,
    ).toMatchObject([{ InstanceType: 'c7i.large', Lifecycle: 'spot' }]);
    expect((await fleet({ ...spot, SpotOptions: { AllocationStrategy: 'lowest-price' } })).Instances).toMatchObject([
      { InstanceType: 'm7i.large' },
    ]);
    expect(
      (await fleet({ ...spot, SpotOptions: { AllocationStrategy: 'price-capacity-optimized' } })).Instances,
    ).toMatchObject([{ InstanceType: 'c7i.large' }]);
    expect(
      (await fleet({ ...spot, SpotOptions: { AllocationStrategy: 'diversified' } })).Instances?.map(
        (one) => one.InstanceIds?.length,
      ),
    ).toEqual([2, 2]);
  });

  test('weigh: capacity is counted in units, and weights round up', async () => {
    const answer = await fleet({}, [{ InstanceType: 'c7i.large', AvailabilityZone: zoneA, WeightedCapacity: 1.2 }], 5);
    expect(answer.Instances?.[0]?.InstanceIds).toHaveLength(3);
  });

  test('mix on-demand and spot', async () => {
    const answer = await fleet({
      TargetCapacitySpecification: {
        TotalTargetCapacity: 5,
        OnDemandTargetCapacity: 1,
        SpotTargetCapacity: 2,
        DefaultTargetCapacityType: 'spot',
      },
    });
    expect(answer.Instances?.map((one) => [one.Lifecycle, one.InstanceIds?.length])).toEqual([
      ['on-demand', 1],
      ['spot', 4],
    ]);
  });

  test('launch nothing below their minimum', async () => {
    await bench.control('PUT', 'capacity', { pattern: '*', available: 1 });
    const answer = await fleet({ OnDemandOptions: { SingleAvailabilityZone: true, MinTargetCapacity: 3 } });
    expect(answer.Instances).toEqual([]);
    expect(answer.Errors).not.toEqual([]);
    await expect(fleet({ OnDemandOptions: { MinTargetCapacity: 3 } })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    expect((await bench.control('GET', 'instances'))['instances']).toEqual([]);
  });

  test('choose types by attributes', async () => {
    const answer = await fleet(
      {},
      [
        {
          InstanceRequirements: {
            VCpuCount: { Min: 4, Max: 4 },
            MemoryMiB: { Min: 8192, Max: 8192 },
            AllowedInstanceTypes: ['c6*'],
          },
        },
      ],
      1,
    );
    expect(answer.Instances?.[0]?.InstanceType).toMatch(/^c6.*\.xlarge$/);
    const nothing = await fleet({}, [{ InstanceRequirements: { VCpuCount: { Min: 5000 }, MemoryMiB: { Min: 1 } } }], 1);
    expect(nothing).toMatchObject({ Instances: [], Errors: [{ ErrorCode: 'InvalidParameterValue' }] });
  });

  test('say per override what is wrong with it, and as a whole what is wrong with the request', async () => {
    const answer = await fleet(
      {},
      [{ InstanceType: 'c7i.large', SubnetId: 'subnet-0ffffffffffffffff' }, { InstanceType: 'm7i.large' }],
      1,
    );
    expect(answer).toMatchObject({
      Errors: [{ ErrorCode: 'InvalidSubnetID.NotFound' }],
      Instances: [{ InstanceType: 'm7i.large' }],
    });
    expect(await fleet({}, [{ InstanceType: 'c7g.mythical' as never }], 1)).toMatchObject({
      Instances: [],
      Errors: [{ ErrorCode: 'InvalidParameterValue' }],
    });
    await expect(fleet({}, [...overrides, given(overrides[0])])).rejects.toMatchObject({
      name: 'InvalidFleetConfiguration',
    });
    await expect(fleet({ LaunchTemplateConfigs: [] })).rejects.toMatchObject({ name: 'MissingParameter' });
    await bench.control('PUT', 'limits', { quotaClass: 'standard', vcpu: 0 });
    expect(await fleet()).toMatchObject({ Instances: [], Errors: [{ ErrorCode: 'VcpuLimitExceeded' }, {}] });
  });
});

describe('tags', () => {
  test('are set, replaced, filtered and deleted; unknown ids and bad keys are refused as a whole', async () => {
    const { Instances } = await bench.ec2.send(new RunInstancesCommand({ ImageId: image, MinCount: 1, MaxCount: 1 }));
    const id = given(Instances?.[0]?.InstanceId);
    const lt = await template();
    await bench.ec2.send(
      new CreateTagsCommand({
        Resources: [id, lt],
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
        ],
      }),
    );
    await bench.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: '2' }] }));
    const tags = async (...filters: [string, string][]) =>
      (
        await bench.ec2.send(
          new DescribeTagsCommand({ Filters: filters.map(([Name, value]) => ({ Name, Values: [value] })) }),
        )
      ).Tags?.map((tag) => `${tag.ResourceType ?? ''} ${tag.Key ?? ''}=${tag.Value ?? ''}`);
    expect(await tags()).toEqual(['instance a=2', 'instance b=', 'launch-template a=1', 'launch-template b=']);
    expect(await tags(['resource-id', id], ['key', 'a'])).toEqual(['instance a=2']);
    await expect(
      bench.ec2.send(
        new CreateTagsCommand({ Resources: [id, 'i-00000000000000001'], Tags: [{ Key: 'c', Value: '' }] }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await expect(
      bench.ec2.send(new CreateTagsCommand({ Resources: ['thing'], Tags: [{ Key: 'c', Value: '' }] })),
    ).rejects.toMatchObject({ name: 'InvalidID' });
    await expect(
      bench.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'aws:c', Value: '' }] })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(
      bench.ec2.send(
        new CreateTagsCommand({
          Resources: [id],
          Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' })),
        }),
      ),
    ).rejects.toMatchObject({ name: 'TagLimitExceeded' });
    expect(await tags(['key', 'c'])).toEqual([]);
    await bench.ec2.send(
      new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'another' }, { Key: 'b' }] }),
    );
    expect(await tags(['resource-id', id])).toEqual(['instance a=2']);
    await bench.ec2.send(new DeleteTagsCommand({ Resources: [id] }));
    expect(await tags(['resource-id', id])).toEqual([]);
  });
});
