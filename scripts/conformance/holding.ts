// What is held: volumes and security groups, and what refuses to be deleted while it is used.
import {
  AttachVolumeCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
  ModifyVolumeCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { group, instanceUsd, launchOne, places, tagged, waitForState } from './ec2.ts';
import { accepted, refusal, until } from './run.ts';
import type { Conditions, Scene } from './run.ts';

async function volumeState({ ec2 }: Conditions, id: string): Promise<string | null> {
  // By filter: an id that describe does not know yet is an error, an empty list is not.
  const { Volumes: [volume] = [] } = await ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: [id] }] }),
  );
  return volume?.State ?? null;
}

const volumes: Scene = {
  name: 'volumes',
  behaviours: [
    'volume-token',
    'volume-with-launch',
    'root-encrypted',
    'attach-twice',
    'volume-in-use',
    'detach-running',
    'modify-shrink',
    'modify-twice',
  ],
  costUsd: instanceUsd + 0.005,
  async play(conditions, see) {
    const { ec2, runId } = conditions;
    const [place] = await places(conditions);
    const create = () =>
      ec2.send(
        new CreateVolumeCommand({
          ClientToken: `${runId}-volume`,
          AvailabilityZone: place.zone,
          Size: 2,
          VolumeType: 'gp3',
          Encrypted: true,
          TagSpecifications: tagged(conditions, ['volume']),
        }),
      );
    const { VolumeId: id = '' } = await create();
    const { VolumeId: again = '' } = await create();
    see('volume-token', id === again, id === again ? `both calls named ${id}` : `a second volume ${again} was made`);

    const instance = await launchOne(conditions, place, `${runId}-disk`, {
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { Encrypted: true } },
        {
          DeviceName: '/dev/sdf',
          Ebs: { VolumeSize: 1, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: false },
        },
      ],
    });
    await waitForState(conditions, instance, ['running']);
    await until(conditions, async () => ((await volumeState(conditions, id)) === 'available' ? true : null));
    await ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: instance, Device: '/dev/sdg' }));
    const twice = await refusal(() =>
      ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: instance, Device: '/dev/sdg' })),
    );
    see('attach-twice', twice === 'VolumeInUse', `answered ${twice}`);
    const inUse = await refusal(() => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
    see('volume-in-use', inUse === 'VolumeInUse', `answered ${inUse}`);

    const detached = await refusal(() => ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: instance })));
    const free = await until(conditions, async () =>
      (await volumeState(conditions, id)) === 'available' ? true : null,
    );
    const afterwards = await refusal(() => ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: instance })));
    see(
      'detach-running',
      detached === accepted && free !== null && afterwards !== accepted,
      `${detached}, ${free === null ? 'not available since' : `available within ${String(free.afterMs)} ms`}; `
        + `again: ${afterwards}`,
    );

    const shrink = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 1 })));
    see('modify-shrink', shrink !== accepted, `from 2 to 1 GiB: ${shrink}`);
    const grow = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 3 })));
    const more = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 4 })));
    see(
      'modify-twice',
      grow === accepted && more !== accepted,
      `from 2 to 3 GiB: ${grow === accepted ? 'taken' : grow}; to 4 GiB right after: ${more}`,
    );

    const { Volumes: disks = [] } = await ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [instance] }] }),
    );
    const at = (device: string) =>
      disks.find((one) => one.Attachments?.some((attachment) => attachment.Device === device));
    const root = at('/dev/xvda');
    see(
      'root-encrypted',
      root?.Encrypted === true,
      `the root disk is ${root === undefined ? 'not listed' : root.Encrypted === true ? 'encrypted' : 'not encrypted'}`,
    );
    const born = at('/dev/sdf')?.VolumeId ?? '';
    const tags = (at('/dev/sdf')?.Tags ?? []).map((one) => one.Value ?? '');
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
    await waitForState(conditions, instance, ['terminated']);
    const kept =
      born === ''
        ? null
        : await until(conditions, async () => ((await volumeState(conditions, born)) === 'available' ? true : null));
    see(
      'volume-with-launch',
      tags.includes(runId) && kept !== null,
      `${born === '' ? 'no volume' : born} ${tags.includes(runId) ? 'with' : 'without'} the launch's tag, `
        + `${kept === null ? 'gone' : 'available'} after the instance`,
    );
  },
};

const groups: Scene = {
  name: 'security groups',
  behaviours: [
    'group-duplicate',
    'rule-duplicate',
    'rule-canonical',
    'group-reference',
    'group-worn',
    'group-swap',
    'group-gone',
  ],
  costUsd: instanceUsd,
  async play(conditions, see) {
    const { ec2, runId } = conditions;
    const [place] = await places(conditions);
    const [source, other] = [await group(conditions, place, 'source'), await group(conditions, place, 'other')];
    const duplicate = await refusal(() =>
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: `bellows-conformance-${runId}-source`,
          Description: 'again',
          VpcId: place.vpcId,
          TagSpecifications: tagged(conditions, ['security-group']),
        }),
      ),
    );
    see('group-duplicate', duplicate === 'InvalidGroup.Duplicate', `answered ${duplicate}`);
    const rule = {
      GroupId: other,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: source }] }],
    };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    const again = await refusal(() => ec2.send(new AuthorizeSecurityGroupIngressCommand(rule)));
    see('rule-duplicate', again === 'InvalidPermission.Duplicate', `answered ${again}`);
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: other,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.1.2.3/8' }] }],
      }),
    );
    const { SecurityGroups: [shown] = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values: [other] }] }),
    );
    const kept = (shown?.IpPermissions ?? [])
      .flatMap((one) => one.IpRanges ?? [])
      .map((one) => one.CidrIp ?? '')
      .join(', ');
    see('rule-canonical', kept === '10.0.0.0/8', `10.1.2.3/8 is shown as ${kept === '' ? 'nothing' : kept}`);
    const referenced = await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: source })));
    await ec2.send(new RevokeSecurityGroupIngressCommand(rule));

    const instance = await launchOne(conditions, place, `${runId}-worn`, { SecurityGroupIds: [other] });
    await waitForState(conditions, instance, ['running', 'pending']);
    const worn = await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: other })));
    see('group-worn', worn === 'DependencyViolation', `answered ${worn}`);
    await waitForState(conditions, instance, ['running']);
    const swapped = await refusal(() =>
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instance, Groups: [source] })),
    );
    const shows = await until(conditions, async () => {
      const { Reservations: [reservation] = [] } = await ec2.send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [instance] }] }),
      );
      return reservation?.Instances?.[0]?.SecurityGroups?.map((one) => one.GroupId).join(' ') === source ? true : null;
    });
    const left = await until(conditions, async () =>
      (await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: other })))) === accepted ? true : null,
    );
    see(
      'group-swap',
      swapped === accepted && shows !== null && left !== null,
      `${swapped}; ${shows === null ? 'not shown' : `shown within ${String(shows.afterMs)} ms`}; the group that `
        + `it wore was ${left === null ? 'not deleted' : 'deleted'}`,
    );
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));

    const freed = await until(conditions, async () =>
      (await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: source })))) === accepted ? true : null,
    );
    see(
      'group-reference',
      referenced === 'DependencyViolation' && freed !== null,
      `while referenced: ${referenced}; after the revoke it was `
        + `${freed === null ? 'still refused' : `deleted within ${String(freed.afterMs)} ms`}`,
    );
    const gone = await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: source })));
    see('group-gone', gone === 'InvalidGroup.NotFound', `answered ${gone}`);
  },
};

export const claimScenes: readonly Scene[] = [volumes, groups];
