// Security groups: names, rules, and what refuses to be deleted while it is used.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { AuthorizeSecurityGroupIngressCommandInput } from '@aws-sdk/client-ec2';
import { group, instanceUsd, launchOne, places, tagged, waitForState } from './ec2.ts';
import type { Place } from './ec2.ts';
import { accepted, refusal, until } from './run.ts';
import type { Conditions, Scene, See } from './run.ts';

const groups: Scene = {
  name: 'security groups',
  behaviours: [
    'group-duplicate',
    'rule-duplicate',
    'rule-canonical',
    'group-reference',
    'group-attached',
    'group-swap',
    'group-gone',
  ],
  makes: 'two or three security groups, and one small instance',
  costUsd: instanceUsd,
  async play(conditions, see) {
    const { ec2, runId } = conditions;
    const [place] = await places(conditions);
    const [source, other] = [await group(conditions, place, 'source'), await group(conditions, place, 'other')];
    await lookAtRules(conditions, see, place, { source, other });
    const referenced = await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: source })));
    await ec2.send(new RevokeSecurityGroupIngressCommand(referenceTo(source, other)));

    const instance = await launchOne(conditions, place, `${runId}-attached`, { SecurityGroupIds: [other] });
    await lookAtUse(conditions, see, instance, { source, other });
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

interface Groups {
  readonly source: string;
  readonly other: string;
}

/** A rule of `other` that names `source`. */
function referenceTo(source: string, other: string): AuthorizeSecurityGroupIngressCommandInput {
  return {
    GroupId: other,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: source }] }],
  };
}

async function lookAtRules(conditions: Conditions, see: See, place: Place, { source, other }: Groups): Promise<void> {
  const { ec2, runId } = conditions;
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
  const rule = referenceTo(source, other);
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
}

/** `other` is attached to the instance, and is replaced by `source`. */
async function lookAtUse(conditions: Conditions, see: See, instance: string, { source, other }: Groups): Promise<void> {
  const { ec2 } = conditions;
  await waitForState(conditions, instance, ['running', 'pending']);
  const attached = await refusal(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId: other })));
  see('group-attached', attached === 'DependencyViolation', `answered ${attached}`);
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
      + `it had was ${left === null ? 'not deleted' : 'deleted'}`,
  );
}

export const groupScenes: readonly Scene[] = [groups];
