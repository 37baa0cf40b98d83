// Volumes, snapshots, security groups and key pairs over the EC2 protocol, through the real SDK.
import {
  AttachVolumeCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DetachVolumeCommand,
  ImportKeyPairCommand,
  ModifyVolumeCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CreateVolumeCommandInput } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA, zoneB } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function running(zone = zoneA, SecurityGroupIds: string[] = []): Promise<string> {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      Placement: { AvailabilityZone: zone },
      ...(SecurityGroupIds.length > 0 ? { SecurityGroupIds } : {}),
    }),
  );
  bench.pass(longMs);
  return given(Instances?.[0]?.InstanceId);
}

describe('volumes', () => {
  const create = (over: Partial<CreateVolumeCommandInput> = {}) =>
    bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 10, VolumeType: 'gp3', ...over }));
  async function volume(over: Partial<CreateVolumeCommandInput> = {}): Promise<string> {
    const { VolumeId } = await create(over);
    bench.pass(longMs);
    return given(VolumeId);
  }
  const state = async (id: string) =>
    given((await bench.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes?.[0]);
  const attach = (VolumeId: string, InstanceId: string, Device = '/dev/sdf') =>
    bench.ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }));

  test('are made, attached, detached and deleted, each in its time', async () => {
    const made = await create();
    expect(made).toMatchObject({
      State: 'creating',
      Size: 10,
      VolumeType: 'gp3',
      Iops: 3000,
      Throughput: 125,
      Encrypted: false,
      MultiAttachEnabled: false,
    });
    const id = given(made.VolumeId);
    await expect(bench.ec2.send(new DeleteVolumeCommand({ VolumeId: id }))).rejects.toMatchObject({
      name: 'IncorrectState',
    });
    bench.pass(longMs);
    const instance = await running();
    expect(await attach(id, instance)).toMatchObject({ State: 'attaching', Device: '/dev/sdf', InstanceId: instance });
    bench.pass(longMs);
    expect(await state(id)).toMatchObject({
      State: 'in-use',
      Attachments: [{ State: 'attached', DeleteOnTermination: false }],
    });
    const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
    expect(Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.map((mapping) => mapping.DeviceName)).toEqual([
      '/dev/xvda',
      '/dev/sdf',
    ]);
    await expect(bench.ec2.send(new DeleteVolumeCommand({ VolumeId: id }))).rejects.toMatchObject({
      name: 'VolumeInUse',
    });
    expect(await bench.ec2.send(new DetachVolumeCommand({ VolumeId: id }))).toMatchObject({ State: 'detaching' });
    bench.pass(longMs);
    expect(await state(id)).toMatchObject({ State: 'available', Attachments: [] });
    await expect(bench.ec2.send(new DetachVolumeCommand({ VolumeId: id }))).rejects.toMatchObject({
      name: 'IncorrectState',
    });
    await bench.ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
    await expect(state(id)).rejects.toMatchObject({
      name: 'InvalidVolume.NotFound',
      message: `The volume '${id}' does not exist.`,
    });
  });

  test('hang in busy while mounted, until they are unmounted or forced', async () => {
    const [id, other] = [await volume(), await volume()];
    const instance = await running();
    await attach(id, instance);
    await attach(other, instance, '/dev/sdg');
    bench.pass(longMs);
    for (const volumeId of [id, other]) await bench.control('PUT', 'mounted', { volumeId, isMounted: true });
    await bench.ec2.send(new DetachVolumeCommand({ VolumeId: id }));
    await bench.ec2.send(new DetachVolumeCommand({ VolumeId: other }));
    bench.pass(60_000);
    expect((await state(id)).Attachments?.[0]?.State).toBe('busy');
    await bench.control('PUT', 'mounted', { volumeId: id, isMounted: false });
    expect((await state(id)).State).toBe('available');
    await bench.ec2.send(new DetachVolumeCommand({ VolumeId: other, Force: true }));
    bench.pass(longMs);
    expect((await state(other)).State).toBe('available');
  });

  test('attach in their zone, to one instance, at a free device, to what runs', async () => {
    const id = await volume();
    const [a, b] = [await running(), await running(zoneB)];
    await expect(attach(id, b)).rejects.toMatchObject({ name: 'InvalidVolume.ZoneMismatch' });
    await expect(attach(id, a, '/dev/xvda')).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('already in use') as unknown,
    });
    await expect(attach(id, a, 'disk')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await attach(id, a);
    await expect(attach(id, a, '/dev/sdg')).rejects.toMatchObject({ name: 'VolumeInUse' });
    const root = given(
      (
        await bench.ec2.send(
          new DescribeVolumesCommand({
            Filters: [
              { Name: 'attachment.device', Values: ['/dev/xvda'] },
              { Name: 'attachment.instance-id', Values: [a] },
            ],
          }),
        )
      ).Volumes?.[0]?.VolumeId,
    );
    await expect(bench.ec2.send(new DetachVolumeCommand({ VolumeId: root }))).rejects.toMatchObject({
      name: 'OperationNotPermitted',
    });
    await expect(bench.ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: b }))).rejects.toMatchObject({
      name: 'InvalidAttachment.NotFound',
    });
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [a] }));
    bench.pass(longMs);
    expect(await state(id)).toMatchObject({ State: 'available' });
    await expect(attach(id, a)).rejects.toMatchObject({ name: 'IncorrectState' });
    const shared = await volume({ VolumeType: 'io2', Iops: 500, MultiAttachEnabled: true, AvailabilityZone: zoneB });
    await attach(shared, b);
    await attach(shared, await running(zoneB));
    expect((await state(shared)).Attachments).toHaveLength(2);
  });

  test('are modified once in six hours, and never shrink', async () => {
    const id = await volume();
    const modify = (Size: number) => bench.ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size }));
    await expect(modify(5)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: 'New size cannot be smaller than existing size',
    });
    expect((await modify(20)).VolumeModification).toMatchObject({
      ModificationState: 'modifying',
      OriginalSize: 10,
      TargetSize: 20,
      Progress: 0,
    });
    expect((await state(id)).Size).toBe(10);
    await expect(modify(30)).rejects.toMatchObject({ name: 'IncorrectModificationState' });
    bench.pass(longMs);
    expect((await state(id)).Size).toBe(20);
    expect(
      (await bench.ec2.send(new DescribeVolumesModificationsCommand({ VolumeIds: [id] }))).VolumesModifications,
    ).toMatchObject([{ ModificationState: 'completed', Progress: 100 }]);
    await expect(modify(30)).rejects.toMatchObject({ name: 'VolumeModificationRateExceeded' });
    bench.pass(6 * 3_600_000);
    await modify(30);
  });

  test.each<[string, Partial<CreateVolumeCommandInput>, string]>([
    ['an unknown zone', { AvailabilityZone: 'us-east-1z' }, 'InvalidZone.NotFound'],
    ['no size', { Size: undefined }, 'MissingParameter'],
    ['too large', { Size: 70_000 }, 'InvalidParameterValue'],
    ['too many IOPS for its size', { Iops: 16_000 }, 'InvalidParameterValue'],
    ['IOPS where there are none', { VolumeType: 'gp2', Iops: 3000 }, 'InvalidParameterCombination'],
    ['io2 without IOPS', { VolumeType: 'io2' }, 'MissingParameter'],
    ['a cold disk that is small', { VolumeType: 'sc1' }, 'InvalidParameterValue'],
    ['an unknown snapshot', { SnapshotId: 'snap-0ffffffffffffffff' }, 'InvalidSnapshot.NotFound'],
    ['sharing gp3', { MultiAttachEnabled: true }, 'InvalidParameterCombination'],
  ])('refuse %s', async (_what, over, name) => {
    await expect(create(over)).rejects.toMatchObject({ name });
  });

  test('are made once per token', async () => {
    const first = await create({ ClientToken: 'v' });
    expect((await create({ ClientToken: 'v' })).VolumeId).toBe(first.VolumeId);
    await expect(create({ ClientToken: 'v', Size: 11 })).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
  });

  test('become snapshots, and come back from them', async () => {
    const id = await volume({
      Encrypted: true,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'k', Value: 'v' }] }],
    });
    const snapshot = await bench.ec2.send(new CreateSnapshotCommand({ VolumeId: id, Description: 'nightly' }));
    expect(snapshot).toMatchObject({ State: 'pending', VolumeSize: 10, Encrypted: true, Description: 'nightly' });
    const SnapshotId = given(snapshot.SnapshotId);
    await expect(create({ SnapshotId, Size: undefined })).rejects.toMatchObject({ name: 'IncorrectState' });
    bench.pass(longMs);
    expect((await bench.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toMatchObject([
      { SnapshotId, State: 'completed', Progress: '100%' },
    ]);
    await expect(create({ SnapshotId, Size: 5 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await create({ SnapshotId, Size: undefined })).toMatchObject({ Size: 10, SnapshotId, Encrypted: true });
    await bench.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    await expect(bench.ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.NotFound',
    });
  });
});

describe('security groups', () => {
  async function group(GroupName: string): Promise<string> {
    return given(
      (await bench.ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'for a test' }))).GroupId,
    );
  }
  const remove = (GroupId: string) => bench.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  const ssh = {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'office' }],
  };

  test('start with open egress, take rules once, show and lose them again', async () => {
    const GroupId = await group('web');
    const rules = await bench.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [ssh, { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }],
      }),
    );
    expect(rules.SecurityGroupRules).toMatchObject([
      { CidrIpv4: '10.0.0.0/8', IsEgress: false, Description: 'office', FromPort: 22 },
      { CidrIpv6: '::/0' },
    ]);
    await expect(
      bench.ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          CidrIp: '10.0.0.0/8',
        }),
      ),
    ).rejects.toMatchObject({
      name: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists',
    });
    const [shown] = given(
      (await bench.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).SecurityGroups,
    );
    expect(shown).toMatchObject({
      GroupName: 'web',
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        },
      ],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(
      (
        await bench.ec2.send(
          new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
        )
      ).SecurityGroupRules,
    ).toHaveLength(3);
    await bench.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] }));
    await expect(
      bench.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] })),
    ).rejects.toMatchObject({ name: 'InvalidPermission.NotFound' });
    await bench.ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId,
        SecurityGroupRuleIds: [given(rules.SecurityGroupRules?.[1]?.SecurityGroupRuleId)],
      }),
    );
    await bench.ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [ssh] }));
    await expect(group('web')).rejects.toMatchObject({ name: 'InvalidGroup.Duplicate' });
    await expect(group('sg-web')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await remove(GroupId);
    await expect(remove(GroupId)).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
      message: `The security group '${GroupId}' does not exist`,
    });
  });

  test('that name each other, or that an instance uses, are not deleted', async () => {
    const [a, b] = [await group('a-group'), await group('b-group')];
    const name = (from: string, to: string) => ({
      GroupId: from,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: to }] }],
    });
    await bench.ec2.send(new AuthorizeSecurityGroupIngressCommand(name(a, b)));
    await bench.ec2.send(new AuthorizeSecurityGroupIngressCommand(name(b, a)));
    for (const one of [a, b])
      await expect(remove(one)).rejects.toMatchObject({
        name: 'DependencyViolation',
        message: `resource ${one} has a dependent object`,
      });
    await bench.ec2.send(new RevokeSecurityGroupIngressCommand(name(a, b)));
    const instance = await running(zoneA, [b]);
    await expect(remove(b)).rejects.toMatchObject({ name: 'DependencyViolation' });
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
    await expect(remove(b)).rejects.toMatchObject({ name: 'DependencyViolation' });
    bench.pass(longMs);
    await remove(b);
    await remove(a);
    const byDefault = given(
      (await bench.ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))).SecurityGroups?.[0]
        ?.GroupId,
    );
    await expect(remove(byDefault)).rejects.toMatchObject({ name: 'CannotDelete' });
  });

  test('have limits', async () => {
    const GroupId = await group('full');
    const rule = (at: number) => ({ IpProtocol: 'udp', FromPort: at, ToPort: at, IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
    await bench.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: Array.from({ length: 60 }, (_, at) => rule(at)),
      }),
    );
    await expect(
      bench.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule(60)] })),
    ).rejects.toMatchObject({ name: 'RulesPerSecurityGroupLimitExceeded' });
    const six = await Promise.all(Array.from({ length: 6 }, (_, at) => group(`many-${at}`)));
    await expect(running(zoneA, six)).rejects.toMatchObject({ name: 'SecurityGroupsPerInterfaceLimitExceeded' });
  });

  test.each([
    [
      'a wrong port range',
      { IpProtocol: 'tcp', FromPort: 5, ToPort: 4, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      'InvalidParameterValue',
    ],
    ['no ports', { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    ['a wrong network', { IpProtocol: '-1', IpRanges: [{ CidrIp: '300.0.0.0/8' }] }, 'InvalidParameterValue'],
    ['no source', { IpProtocol: '-1' }, 'MissingParameter'],
    [
      'an unknown group',
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0ffffffffffffffff' }] },
      'InvalidGroup.NotFound',
    ],
  ])('refuse %s', async (_what, permission, name) => {
    const GroupId = await group('strict');
    await expect(
      bench.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] })),
    ).rejects.toMatchObject({ name });
  });
});

test('key pairs are made, imported, named once and deleted', async () => {
  const made = await bench.ec2.send(new CreateKeyPairCommand({ KeyName: 'mine', KeyType: 'ed25519' }));
  expect(made.KeyMaterial).toContain('PRIVATE KEY');
  await expect(bench.ec2.send(new CreateKeyPairCommand({ KeyName: 'mine' }))).rejects.toMatchObject({
    name: 'InvalidKeyPair.Duplicate',
  });
  const { KeyPairs } = await bench.ec2.send(
    new DescribeKeyPairsCommand({ KeyNames: ['mine'], IncludePublicKey: true }),
  );
  expect(KeyPairs).toMatchObject([{ KeyPairId: made.KeyPairId, KeyType: 'ed25519' }]);
  const material = Buffer.from(given(KeyPairs?.[0]?.PublicKey));
  expect(
    (await bench.ec2.send(new ImportKeyPairCommand({ KeyName: 'again', PublicKeyMaterial: material }))).KeyFingerprint,
  ).toBe(made.KeyFingerprint);
  await expect(
    bench.ec2.send(new ImportKeyPairCommand({ KeyName: 'bad', PublicKeyMaterial: Buffer.from('nonsense') })),
  ).rejects.toMatchObject({ name: 'InvalidKey.Format' });
  await bench.ec2.send(new DeleteKeyPairCommand({ KeyName: 'mine' }));
  await bench.ec2.send(new DeleteKeyPairCommand({ KeyName: 'mine' }));
  await expect(bench.ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['mine'] }))).rejects.toMatchObject({
    name: 'InvalidKeyPair.NotFound',
  });
});
