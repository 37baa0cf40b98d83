// What may change of an instance beside its attributes, and the groups that it is placed in.
import {
  AssociateIamInstanceProfileCommand,
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstancesCommand,
  DescribePlacementGroupsCommand,
  DisassociateIamInstanceProfileCommand,
  GetConsoleOutputCommand,
  GetInstanceTypesFromInstanceRequirementsCommand,
  ModifyInstanceMetadataOptionsCommand,
  MonitorInstancesCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  UnmonitorInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function launch(more: object = {}): Promise<string> {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...more }),
  );
  bench.pass(longMs);
  return given(Instances?.[0]?.InstanceId);
}
const shown = async (id: string) =>
  given((await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]?.Instances?.[0]);
const refused = (call: Promise<unknown>, name: string) => expect(call).rejects.toMatchObject({ name });

test('metadata options change what the instance may ask', async () => {
  const InstanceId = await launch();
  const { endpoint } = await bench.control('POST', 'imds', { instanceId: InstanceId });
  const ask = async () => (await fetch(`${String(endpoint)}/latest/meta-data/instance-id`)).status;
  expect(await ask()).toBe(401);
  await bench.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: 'optional' }));
  expect(await ask()).toBe(200);
  const { MetadataOptions } = await shown(InstanceId);
  expect(MetadataOptions).toMatchObject({ HttpTokens: 'optional', HttpPutResponseHopLimit: 2, State: 'applied' });
  await bench.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpEndpoint: 'disabled' }));
  expect(await ask()).toBe(403);
  const Filters = [{ Name: 'metadata-options.http-endpoint', Values: ['disabled'] }];
  expect((await bench.ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations).toHaveLength(1);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  bench.pass(longMs);
  await refused(
    bench.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: 'required' })),
    'IncorrectInstanceState',
  );
});

test('monitoring is turned on and off', async () => {
  const id = await launch();
  const on = await bench.ec2.send(new MonitorInstancesCommand({ InstanceIds: [id] }));
  expect(on.InstanceMonitorings).toEqual([{ InstanceId: id, Monitoring: { State: 'pending' } }]);
  expect((await shown(id)).Monitoring?.State).toBe('enabled');
  await bench.ec2.send(new UnmonitorInstancesCommand({ InstanceIds: [id] }));
  expect((await shown(id)).Monitoring?.State).toBe('disabled');
  await refused(bench.ec2.send(new MonitorInstancesCommand({ InstanceIds: [] })), 'InvalidParameterCombination');
});

test('a profile is associated, replaced and taken away', async () => {
  const InstanceId = await launch();
  const associate = () =>
    bench.ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name: 'one' } }));
  const AssociationId = given((await associate()).IamInstanceProfileAssociation?.AssociationId);
  expect((await shown(InstanceId)).IamInstanceProfile?.Arn).toMatch(/instance-profile\/one$/);
  await refused(associate(), 'IncorrectState');
  await bench.ec2.send(
    new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile: { Name: 'two' } }),
  );
  const list = async () =>
    (await bench.ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}))).IamInstanceProfileAssociations;
  expect(await list()).toMatchObject([
    { InstanceId, State: 'associated', IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/two' } },
  ]);
  await bench.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
  expect(await list()).toEqual([]);
  expect((await shown(InstanceId)).IamInstanceProfile).toBeUndefined();
  await refused(
    bench.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId })),
    'InvalidAssociationID.NotFound',
  );
});

test('the console tells whether it came up', async () => {
  const InstanceId = await launch();
  const { Output = '' } = await bench.ec2.send(new GetConsoleOutputCommand({ InstanceId }));
  expect(Buffer.from(Output, 'base64').toString()).toMatch(/login:/);
});

test('a placement group is there before it is launched into, and while it is used', async () => {
  const Placement = { GroupName: 'spread' };
  await refused(launch({ Placement }), 'InvalidPlacementGroup.Unknown');
  const make = () =>
    bench.ec2.send(new CreatePlacementGroupCommand({ GroupName: 'spread', Strategy: 'partition', PartitionCount: 2 }));
  await make();
  await refused(make(), 'InvalidPlacementGroup.Duplicate');
  await refused(launch({ Placement: { ...Placement, PartitionNumber: 3 } }), 'InvalidParameterValue');
  const id = await launch({ Placement: { ...Placement, PartitionNumber: 2 } });
  expect((await shown(id)).Placement).toMatchObject({ GroupName: 'spread', PartitionNumber: 2 });
  const remove = () => bench.ec2.send(new DeletePlacementGroupCommand({ GroupName: 'spread' }));
  await refused(remove(), 'InvalidPlacementGroup.InUse');
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  bench.pass(longMs);
  const Filters = [{ Name: 'strategy', Values: ['partition'] }];
  const { PlacementGroups } = await bench.ec2.send(new DescribePlacementGroupsCommand({ Filters }));
  expect(PlacementGroups).toMatchObject([{ GroupName: 'spread', PartitionCount: 2, State: 'available' }]);
  await remove();
  await refused(
    bench.ec2.send(new DescribePlacementGroupsCommand({ GroupNames: ['spread'] })),
    'InvalidPlacementGroup.Unknown',
  );
});

test('types are found by what they have', async () => {
  const { InstanceTypes } = await bench.ec2.send(
    new GetInstanceTypesFromInstanceRequirementsCommand({
      ArchitectureTypes: ['arm64'],
      VirtualizationTypes: ['hvm'],
      InstanceRequirements: {
        VCpuCount: { Min: 2, Max: 2 },
        MemoryMiB: { Min: 4096, Max: 4096 },
        AllowedInstanceTypes: ['c7g*'],
      },
    }),
  );
  expect(InstanceTypes?.map((one) => one.InstanceType)).toEqual(['c7g.large', 'c7gd.large', 'c7gn.large']);
});
