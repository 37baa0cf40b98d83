// What is sent for a frozen launch, and what each of EC2's answers means for capacity memory.
import { describe, expect, test } from '@jest/globals';
import type { CreateFleetCommandOutput } from '@aws-sdk/client-ec2';
import { scopeOf } from '../../../lib/ports/ec2/errors.ts';
import { fleetAnswer, fleetInput, versionOf } from '../../../lib/adapters/aws/ec2/fleet.ts';
import { CloudRefusedError } from '../../../lib/ports/cloud.ts';
import { frozenLaunch } from '../../contract/cloud.fleets.ts';

const places = {
  templateIds: {
    amd64: 'lt-a',
    arm64: 'lt-b',
    'amd64-burstable': 'lt-c',
    'arm64-burstable': 'lt-d',
    'amd64-gpu': 'lt-e',
    'arm64-gpu': 'lt-f',
  },
  subnetByZone: { 'us-east-1a': 'subnet-1', 'us-east-1b': 'subnet-2' },
};
const factsOf = (name: string) => ({
  arch: /^[a-z]\d?g|\dg/.test(name) ? ('arm64' as const) : ('amd64' as const),
  isBurstable: name.startsWith('t'),
  gpu: /^g\d/.test(name) ? 1 : 0,
  gpuManufacturer: name.startsWith('g4ad') ? 'amd' : 'nvidia',
});
const overrides = [
  { instanceType: 'c7g.large', zone: 'us-east-1a', priceUsdPerHour: 1 },
  { instanceType: 'm7i.large', zone: 'us-east-1b', priceUsdPerHour: 2 },
];
const launch = frozenLaunch('l', { overrides, templateVersion: 'amd64:7,arm64:4' });
const output = (part: Partial<CreateFleetCommandOutput>): CreateFleetCommandOutput => ({ $metadata: {}, ...part });
const errorAt = (
  ErrorCode: string,
  SubnetId: string,
  InstanceType: 'c7g.large' | 'm7i.large',
  ErrorMessage = 'no',
) => ({ ErrorCode, ErrorMessage, LaunchTemplateAndOverrides: { Overrides: { SubnetId, InstanceType } } });

describe('the call', () => {
  test(
    'is the same for the same launch, in order of preference, with numbered template ' + 'versions and one subnet each',
    () => {
      const input = fleetInput('token', launch, places, factsOf);
      expect(fleetInput('token', launch, places, factsOf)).toEqual(input);
      expect(input).toMatchObject({
        ClientToken: 'token',
        Type: 'instant',
        LaunchTemplateConfigs: [
          {
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-b', Version: '4' },
            Overrides: [{ InstanceType: 'c7g.large', SubnetId: 'subnet-1', Priority: 0 }],
          },
          {
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-a', Version: '7' },
            Overrides: [{ InstanceType: 'm7i.large', SubnetId: 'subnet-2', Priority: 1 }],
          },
        ],
        TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: 'on-demand' },
        OnDemandOptions: { AllocationStrategy: 'prioritized' },
      });
    },
  );

  test('starts burstable types from templates of their own, which set their credits', () => {
    const overrides = ['t3.large', 'm7i.large', 't4g.large'].map((instanceType) => ({
      instanceType,
      zone: 'us-east-1a',
      priceUsdPerHour: 1,
    }));
    const { LaunchTemplateConfigs } = fleetInput(
      'token',
      { ...launch, overrides, templateVersion: 'amd64:7,arm64:4,amd64-burstable:2,arm64-burstable:3' },
      places,
      factsOf,
    );
    expect(
      LaunchTemplateConfigs?.map((one) => [
        one.LaunchTemplateSpecification?.LaunchTemplateId,
        one.LaunchTemplateSpecification?.Version,
        one.Overrides?.map((override) => override.InstanceType),
      ]),
    ).toEqual([
      ['lt-c', '2', ['t3.large']],
      ['lt-a', '7', ['m7i.large']],
      ['lt-d', '3', ['t4g.large']],
    ]);
  });

  test("starts types with NVIDIA's GPUs from templates whose image has the driver", () => {
    const overrides = ['g5g.xlarge', 'g6.xlarge', 'g4ad.xlarge'].map((instanceType) => ({
      instanceType,
      zone: 'us-east-1a',
      priceUsdPerHour: 1,
    }));
    const templateVersion = 'amd64:7,arm64:4,amd64-gpu:2,arm64-gpu:3';
    const { LaunchTemplateConfigs } = fleetInput('token', { ...launch, overrides, templateVersion }, places, factsOf);
    expect(LaunchTemplateConfigs?.map((one) => one.LaunchTemplateSpecification)).toEqual([
      { LaunchTemplateId: 'lt-f', Version: '3' },
      { LaunchTemplateId: 'lt-e', Version: '2' },
      { LaunchTemplateId: 'lt-a', Version: '7' },
    ]);
  });

  test.each(['t3.large', 'g6.xlarge'])('of %s stays what it was if it was frozen before it had a template', (type) => {
    const overrides = [{ instanceType: type, zone: 'us-east-1a', priceUsdPerHour: 1 }];
    expect(
      fleetInput('token', { ...launch, overrides, templateVersion: 'amd64:7,arm64:4' }, places, factsOf)
        .LaunchTemplateConfigs,
    ).toMatchObject([{ LaunchTemplateSpecification: { LaunchTemplateId: 'lt-a', Version: '7' } }]);
  });

  test('tags fleet, instances and volumes, and never spot requests', () => {
    for (const capacityType of ['spot', 'on-demand'] as const) {
      const { TagSpecifications = [] } = fleetInput('token', { ...launch, capacityType }, places, factsOf);
      expect(TagSpecifications.map((one) => one.ResourceType)).toEqual(['fleet', 'instance', 'volume']);
      for (const { Tags = [] } of TagSpecifications)
        expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toEqual(launch.tags);
    }
  });

  test('for spot lets EC2 choose by price and capacity, and end what it takes', () => {
    expect(fleetInput('token', { ...launch, capacityType: 'spot' }, places, factsOf)).toMatchObject({
      TargetCapacitySpecification: { DefaultTargetCapacityType: 'spot' },
      SpotOptions: { AllocationStrategy: 'price-capacity-optimized', InstanceInterruptionBehavior: 'terminate' },
    });
  });

  test.each(['$Latest', '', 'amd64:7', 'amd64:x,arm64:y'])(
    'a template version %j that names no number for the architecture is refused',
    (text) => {
      expect(() => versionOf(text, 'arm64')).toThrow(/must be a number/);
    },
  );
});

describe('the answer', () => {
  const group = (ids: string[], type: 'c7g.large', subnet: string) => ({
    InstanceIds: ids,
    InstanceType: type,
    LaunchTemplateAndOverrides: { Overrides: { SubnetId: subnet } },
  });

  test('names instances with the zone of their subnet', () => {
    const answer = fleetAnswer(
      output({ Instances: [group(['i-1', 'i-2'], 'c7g.large', 'subnet-1')] }),
      launch,
      places,
      false,
    );
    expect(answer).toEqual({
      instances: ['i-1', 'i-2'].map((id) => ({
        id,
        instanceType: 'c7g.large',
        zone: 'us-east-1a',
        capacityType: 'on-demand',
      })),
      faults: [],
      isReplay: false,
    });
  });

  test('with fewer instances than asked for and without an error can only be a replay', () => {
    expect(fleetAnswer(output({ Instances: [] }), launch, places, false).isReplay).toBe(true);
    expect(
      fleetAnswer(
        output({ Instances: [], Errors: [errorAt('InsufficientInstanceCapacity', 'subnet-1', 'c7g.large')] }),
        launch,
        places,
        false,
      ).isReplay,
    ).toBe(false);
  });

  test('keeps about what an error is', () => {
    const { faults } = fleetAnswer(
      output({
        Instances: [group(['i-1'], 'c7g.large', 'subnet-1')],
        Errors: [
          errorAt('InsufficientInstanceCapacity', 'subnet-2', 'm7i.large'),
          errorAt('InsufficientFreeAddressesInSubnet', 'subnet-1', 'c7g.large'),
          errorAt('VcpuLimitExceeded', 'subnet-1', 'c7g.large'),
        ],
      }),
      launch,
      places,
      false,
    );
    expect(faults).toMatchObject([
      { scope: 'offering', about: { instanceType: 'm7i.large', zone: 'us-east-1b' } },
      { scope: 'subnet', about: { instanceType: 'c7g.large', zone: 'us-east-1a' } },
      { scope: 'quota', about: { instanceType: 'c7g.large', zone: 'us-east-1a' } },
    ]);
  });

  test('without instances is a refusal where EC2 names no override', () => {
    const whole = { ErrorCode: 'UnauthorizedOperation', ErrorMessage: 'no' };
    expect(() => fleetAnswer(output({ Errors: [whole] }), launch, places, false)).toThrow(CloudRefusedError);
    expect(
      fleetAnswer(
        output({ Errors: [whole, errorAt('UnfulfillableCapacity', 'subnet-2', 'm7i.large')] }),
        launch,
        places,
        false,
      ).instances,
    ).toEqual([]);
  });

  test.each([
    'InvalidParameterCombination',
    'InvalidAMIID.NotFound',
    'UnauthorizedOperation',
    'SomethingNew',
    'Unsupported',
  ])("one override's own %s is that offering's, though the call launched another", (code) => {
    const { instances, faults } = fleetAnswer(
      output({
        Instances: [group(['i-1'], 'c7g.large', 'subnet-1')],
        Errors: [errorAt(code, 'subnet-2', 'm7i.large')],
      }),
      launch,
      places,
      false,
    );
    expect(instances).toHaveLength(1);
    expect(faults).toEqual([
      { code, scope: 'offering', about: { instanceType: 'm7i.large', zone: 'us-east-1b' }, message: 'no' },
    ]);
    expect(
      fleetAnswer(output({ Errors: [errorAt(code, 'subnet-2', 'm7i.large')] }), launch, places, false),
    ).toMatchObject({ instances: [], isReplay: false });
  });

  test.each([
    ['InsufficientInstanceCapacity', '', 'offering'],
    ['Unsupported', '', 'offering'],
    [
      'InvalidFleetConfiguration',
      'Your requested instance type (a1.large) is not supported in your requested Availability Zone (us-east-1e).',
      'offering',
    ],
    ['InvalidFleetConfiguration', 'The fleet has no overrides', 'request'],
    ['MaxSpotInstanceCountExceeded', '', 'quota'],
    ['VcpuLimitExceeded', '', 'quota'],
    ['UnauthorizedOperation', '', 'account'],
    ['AuthFailure.ServiceLinkedRoleCreationNotPermitted', '', 'capacity-type'],
    ['InvalidParameterValue', '', 'request'],
    ['SomethingNew', '', 'request'],
  ])('%s is an error of the scope that fits (%s)', (code, message, scope) => {
    expect(scopeOf(code, message)).toBe(scope);
  });
});
