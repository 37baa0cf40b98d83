// Without delays: what is asked for has happened at the next look, on a clock that stands still.
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import { instantOptions } from '../../../../lib/adapters/simulated/ec2/world.ts';
import { given, image, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
afterEach(() => bench.close());

async function playThrough(): Promise<void> {
  const { ec2 } = bench;
  const Placement = { AvailabilityZone: zoneA };
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, Placement }),
  );
  const InstanceId = given(Instances?.[0]?.InstanceId);
  const state = async () =>
    (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }))).Reservations?.[0]?.Instances?.[0]
      ?.State?.Name;
  expect(await state()).toBe('running');
  const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({}));
  expect(InstanceStatuses?.[0]?.InstanceStatus?.Status).toBe('ok');
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1 }));
  await ec2.send(new AttachVolumeCommand({ InstanceId, VolumeId, Device: '/dev/sdf' }));
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [given(VolumeId)] }));
  expect(Volumes?.[0]?.Attachments?.[0]?.State).toBe('attached');
  await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  expect((await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots?.[0]?.State).toBe('completed');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  expect(await state()).toBe('terminated');
}

test('from the start', async () => {
  bench = await openBench({ options: instantOptions });
  await playThrough();
});

test('after a reset that asks for it', async () => {
  bench = await openBench();
  await bench.control('POST', 'reset', { instant: true });
  await playThrough();
});
