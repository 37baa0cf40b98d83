// Removes whatever conformance runs made, found by their tag: of one run, or of all. Says what is left.
import { DeleteTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteLaunchTemplateCommand,
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { conformanceTag } from './ec2.ts';
import { codeOf, textOf, until } from './run.ts';
import type { Conditions } from './run.ts';
import { tablePrefix } from './table.ts';

export interface Cleaned {
  readonly removed: readonly string[];
  /** With the reason; not empty: somebody must look. */
  readonly left: readonly string[];
}

const looks = 5;

/** `runId`: null for those of every run. Nothing else is ever touched: without the tag nothing is found. */
export async function clean(given: Conditions, runId: string | null): Promise<Cleaned> {
  // Whoever interrupts a run wants this most of all.
  const conditions: Conditions = { ...given, goOn: () => undefined };
  const { ec2, dynamodb } = conditions;
  const removed: string[] = [];
  const left: string[] = [];
  const ours = {
    Filters: [
      runId === null
        ? { Name: 'tag-key', Values: [conformanceTag] }
        : { Name: `tag:${conformanceTag}`, Values: [runId] },
    ],
  };
  /** Waits for what is still used: instances let go of their volumes and groups late. */
  const step = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const ended = await until(conditions, async (): Promise<{ readonly error: unknown } | null> => {
      try {
        await work();
        return { error: null };
      } catch (error) {
        return ['DependencyViolation', 'VolumeInUse', 'IncorrectState'].includes(codeOf(error)) ? null : { error };
      }
    });
    const error = ended === null ? new Error('it is still used') : ended.value.error;
    if (error === null) removed.push(what);
    // Gone already, or being removed by another run.
    else if (!/NotFound|ResourceInUseException/.test(codeOf(error))) left.push(`${what}: ${textOf(error)}`);
  };
  const part = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      left.push(`${what}: ${textOf(error)}`);
    }
  };

  await part('instances', async () => {
    const alive = async (): Promise<readonly string[]> =>
      ((await ec2.send(new DescribeInstancesCommand(ours))).Reservations ?? [])
        .flatMap((one) => one.Instances ?? [])
        .filter((one) => one.State?.Name !== 'terminated')
        .map((one) => one.InstanceId ?? '');
    const told = new Set<string>();
    // Describe lags behind a launch: several looks before it is believed that there are no more.
    for (let look = 0; look < looks; look++) {
      for (const id of (await alive()).filter((one) => !told.has(one))) {
        told.add(id);
        await step(id, () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
      }
      await new Promise((resolve) => {
        setTimeout(resolve, conditions.pollMs);
      });
    }
    const gone = await until(conditions, async () => ((await alive()).length === 0 ? true : null));
    if (gone === null) left.push(`instances that do not end: ${(await alive()).join(', ')}`);
  });
  await part('volumes', async () => {
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand(ours));
    for (const { VolumeId: id = '', State: state } of Volumes) {
      if (state === 'deleting' || state === 'deleted') continue;
      await step(id, async () => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
    }
  });
  await part('security groups', async () => {
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand(ours));
    for (const { GroupId: id = '', IpPermissions: rules = [] } of SecurityGroups) {
      if (rules.length > 0)
        await step(`rules of ${id}`, () =>
          ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: rules })),
        );
    }
    for (const { GroupId: id = '' } of SecurityGroups)
      await step(id, () => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })));
  });
  await part('launch templates', async () => {
    const { LaunchTemplates = [] } = await ec2.send(new DescribeLaunchTemplatesCommand(ours));
    for (const { LaunchTemplateId: id = '' } of LaunchTemplates)
      await step(id, () => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })));
  });
  await part('tables', async () => {
    const wanted = runId === null ? tablePrefix : `${tablePrefix}${runId}`;
    const { TableNames: names = [] } = await dynamodb.send(
      new ListTablesCommand({ ExclusiveStartTableName: tablePrefix, Limit: 100 }),
    );
    for (const name of names)
      if (name.startsWith(wanted))
        await step(`table ${name}`, () => dynamodb.send(new DeleteTableCommand({ TableName: name })));
  });
  return { removed, left };
}
