// Images that an account makes, snapshots of several kinds, and what it chooses for all its volumes.
import {
  AttachVolumeCommand,
  CopyImageCommand,
  CopySnapshotCommand,
  CreateImageCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  DisableEbsEncryptionByDefaultCommand,
  EnableEbsEncryptionByDefaultCommand,
  GetEbsDefaultKmsKeyIdCommand,
  GetEbsEncryptionByDefaultCommand,
  ModifyEbsDefaultKmsKeyIdCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  ResetImageAttributeCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function launch(ImageId = image): Promise<string> {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ImageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      Placement: { AvailabilityZone: zoneA },
    }),
  );
  bench.pass(longMs);
  return given(Instances?.[0]?.InstanceId);
}
/** With a second disk of 3 GiB. */
async function withDisk(): Promise<string> {
  const InstanceId = await launch();
  const { VolumeId } = await bench.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 3, VolumeType: 'gp3' }),
  );
  bench.pass(longMs);
  await bench.ec2.send(new AttachVolumeCommand({ InstanceId, VolumeId, Device: '/dev/sdf' }));
  bench.pass(longMs);
  return InstanceId;
}
const refused = (call: Promise<unknown>, name: string) => expect(call).rejects.toMatchObject({ name });

test('an image of an instance launches with its disks, once its snapshots are complete', async () => {
  const InstanceId = await withDisk();
  const make = () => bench.ec2.send(new CreateImageCommand({ InstanceId, Name: 'mine', NoReboot: true }));
  const ImageId = given((await make()).ImageId);
  await refused(make(), 'InvalidAMIName.Duplicate');
  await refused(launch(ImageId), 'InvalidAMIID.Unavailable');
  const shown = async () => (await bench.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images;
  expect(await shown()).toMatchObject([{ ImageId, State: 'pending', Public: false, SourceInstanceId: InstanceId }]);
  bench.pass(longMs);
  const [one] = given(await shown());
  expect(one?.State).toBe('available');
  expect(one?.BlockDeviceMappings?.map((disk) => [disk.DeviceName, disk.Ebs?.VolumeSize])).toEqual([
    ['/dev/xvda', 8],
    ['/dev/sdf', 3],
  ]);
  const copy = await launch(ImageId);
  const { Volumes } = await bench.ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [copy] }] }),
  );
  expect(Volumes?.map((volume) => volume.Size)).toEqual([8, 3]);
  await bench.ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags: [{ Key: 'a', Value: 'b' }] }));
  const tagged = await bench.ec2.send(new DescribeImagesCommand({ Filters: [{ Name: 'tag:a', Values: ['b'] }] }));
  expect(tagged.Images?.map((each) => each.ImageId)).toEqual([ImageId]);
});

test('an image keeps its snapshots until it is deregistered', async () => {
  const InstanceId = await launch();
  const { ImageId } = await bench.ec2.send(new CreateImageCommand({ InstanceId, Name: 'mine' }));
  bench.pass(longMs);
  const { Snapshots } = await bench.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const SnapshotId = given(Snapshots?.[0]?.SnapshotId);
  await refused(bench.ec2.send(new DeleteSnapshotCommand({ SnapshotId })), 'InvalidSnapshot.InUse');
  await refused(bench.ec2.send(new DeregisterImageCommand({ ImageId: image })), 'AuthFailure');
  await bench.ec2.send(new DeregisterImageCommand({ ImageId }));
  await refused(bench.ec2.send(new DescribeImagesCommand({ ImageIds: [given(ImageId)] })), 'InvalidAMIID.NotFound');
  await bench.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
});

test('all disks of an instance are snapshotted in one call, and a snapshot is copied', async () => {
  const InstanceId = await withDisk();
  const all = await bench.ec2.send(
    new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId }, Description: 'both' }),
  );
  expect(all.Snapshots?.map((one) => [one.VolumeSize, one.State, one.Description])).toEqual([
    [8, 'pending', 'both'],
    [3, 'pending', 'both'],
  ]);
  const data = await bench.ec2.send(
    new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId, ExcludeBootVolume: true } }),
  );
  expect(data.Snapshots).toHaveLength(1);
  const copy = () =>
    bench.ec2.send(
      new CopySnapshotCommand({ SourceRegion: 'us-east-1', SourceSnapshotId: all.Snapshots?.[0]?.SnapshotId }),
    );
  await refused(copy(), 'IncorrectState');
  bench.pass(longMs);
  const { SnapshotId } = await copy();
  bench.pass(longMs);
  const { Snapshots } = await bench.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [given(SnapshotId)] }));
  expect(Snapshots).toMatchObject([{ VolumeSize: 8, State: 'completed', Encrypted: false }]);
});

test('what an account encrypts by default is encrypted, with the key that it chose', async () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/one';
  const isOn = async () => (await bench.ec2.send(new GetEbsEncryptionByDefaultCommand({}))).EbsEncryptionByDefault;
  expect(await isOn()).toBe(false);
  await bench.ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
  await bench.ec2.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: key }));
  expect(await isOn()).toBe(true);
  expect((await bench.ec2.send(new GetEbsDefaultKmsKeyIdCommand({}))).KmsKeyId).toBe(key);
  const made = await bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1, Encrypted: false }));
  expect(made).toMatchObject({ Encrypted: true, KmsKeyId: key });
  await launch();
  const { Volumes } = await bench.ec2.send(new DescribeVolumesCommand({}));
  expect(Volumes?.map((volume) => volume.Encrypted)).toEqual([true, true]);
  await bench.ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
  expect((await bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1 }))).Encrypted).toBe(false);
});

test('a volume is well once it is there', async () => {
  const { VolumeId = '' } = await bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1 }));
  const status = async () =>
    (await bench.ec2.send(new DescribeVolumeStatusCommand({ VolumeIds: [VolumeId] }))).VolumeStatuses?.[0]?.VolumeStatus
      ?.Status;
  expect(await status()).toBe('insufficient-data');
  bench.pass(longMs);
  expect(await status()).toBe('ok');
});

test('an image is copied with its disks, from the public shelf as well, and launches', async () => {
  const { ec2 } = bench;
  const copy = { SourceImageId: image, SourceRegion: 'us-east-1', Name: 'copied', Encrypted: true, ClientToken: 'a' };
  const { ImageId } = await ec2.send(new CopyImageCommand(copy));
  expect((await ec2.send(new CopyImageCommand(copy))).ImageId).toBe(ImageId);
  const described = async () =>
    given((await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images).map((one) => [one.State, one.Name]);
  expect(await described()).toEqual([['pending', 'copied']]);
  bench.pass(longMs);
  expect(await described()).toEqual([['available', 'copied']]);
  await launch(given(ImageId));
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
  expect(Volumes?.map((one) => one.Encrypted)).toEqual([true]);
  const elsewhere = new CopyImageCommand({ ...copy, SourceRegion: 'eu-west-1', ClientToken: 'b' });
  await expect(ec2.send(elsewhere)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
});

test('images and snapshots are shared with accounts, in both forms, and not any more', async () => {
  const { ec2 } = bench;
  const InstanceId = await launch();
  const ImageId = given((await ec2.send(new CreateImageCommand({ InstanceId, Name: 'shared' }))).ImageId);
  bench.pass(longMs);
  const [UserId, other] = ['111111111111', '222222222222'];
  await ec2.send(
    new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [{ UserId }, { Group: 'all' }] } }),
  );
  await ec2.send(new ModifyImageAttributeCommand({ ImageId, OperationType: 'add', UserIds: [other] }));
  await ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Remove: [{ UserId }] } }));
  const Attribute = 'launchPermission' as const;
  const permissions = async () =>
    (await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute }))).LaunchPermissions;
  expect(await permissions()).toEqual([{ Group: 'all' }, { UserId: other }]);
  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
  expect(Images?.[0]?.Public).toBe(true);
  await ec2.send(new ResetImageAttributeCommand({ ImageId, Attribute }));
  expect(await permissions()).toEqual([]);
  const anothers = new ModifyImageAttributeCommand({ ImageId: image, Description: { Value: 'mine' } });
  await expect(ec2.send(anothers)).rejects.toMatchObject({ name: 'AuthFailure' });

  const SnapshotId = given(Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId);
  await ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId, OperationType: 'add', UserIds: [UserId] }));
  const command = new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' });
  expect((await ec2.send(command)).CreateVolumePermissions).toEqual([{ UserId }]);
});
