// Removes whatever conformance runs made, found by their tag: of one run, or of all. Says what is left.
import { setTimeout as sleep } from 'node:timers/promises';
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
import type { Filter } from '@aws-sdk/client-ec2';
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

class Cleaner {
  readonly removed: string[] = [];
  readonly left: string[] = [];
  readonly #conditions: Conditions;
  /** Of one run, or of every run. */
  readonly #runId: string | null;

  constructor(conditions: Conditions, runId: string | null) {
    // Whoever interrupts a run needs this most of all.
    this.#conditions = { ...conditions, goOn: () => undefined };
    this.#runId = runId;
  }

  async all(): Promise<void> {
    await this.#part('instances', () => this.#instances());
    await this.#part('volumes', () => this.#volumes());
    await this.#part('security groups', () => this.#groups());
    await this.#part('launch templates', () => this.#templates());
    await this.#part('tables', () => this.#tables());
  }

  get #ours(): { readonly Filters: Filter[] } {
    const filter =
      this.#runId === null
        ? { Name: 'tag-key', Values: [conformanceTag] }
        : { Name: `tag:${conformanceTag}`, Values: [this.#runId] };
    return { Filters: [filter] };
  }

  /** One part that fails is no reason to leave the others. */
  async #part(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.left.push(`${what}: ${textOf(error)}`);
    }
  }

  /** Waits for what is still used: volumes and groups of instances are free late. */
  async #remove(what: string, work: () => Promise<unknown>): Promise<void> {
    const ended = await until(this.#conditions, async (): Promise<{ readonly error: unknown } | null> => {
      try {
        await work();
        return { error: null };
      } catch (error) {
        return ['DependencyViolation', 'VolumeInUse', 'IncorrectState'].includes(codeOf(error)) ? null : { error };
      }
    });
    const error = ended === null ? new Error('it is still used') : ended.value.error;
    if (error === null) this.removed.push(what);
    // Gone already, or being removed by another run.
    else if (!/NotFound|ResourceInUseException/.test(codeOf(error))) this.left.push(`${what}: ${textOf(error)}`);
  }

  async #alive(): Promise<readonly string[]> {
    const { Reservations = [] } = await this.#conditions.ec2.send(new DescribeInstancesCommand(this.#ours));
    return Reservations.flatMap((one) => one.Instances ?? [])
      .filter((one) => one.State?.Name !== 'terminated')
      .map((one) => one.InstanceId ?? '');
  }

  async #instances(): Promise<void> {
    const { ec2, pollMs } = this.#conditions;
    const terminated = new Set<string>();
    // Describe lags behind a launch: several looks before it is believed that there are no more.
    for (let look = 0; look < looks; look++) {
      for (const id of (await this.#alive()).filter((one) => !terminated.has(one))) {
        terminated.add(id);
        await this.#remove(id, () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
      }
      await sleep(pollMs);
    }
    const gone = await until(this.#conditions, async () => ((await this.#alive()).length === 0 ? true : null));
    if (gone === null) this.left.push(`instances that do not end: ${(await this.#alive()).join(', ')}`);
  }

  async #volumes(): Promise<void> {
    const { ec2 } = this.#conditions;
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand(this.#ours));
    for (const { VolumeId: id = '', State: state } of Volumes) {
      if (state === 'deleting' || state === 'deleted') continue;
      await this.#remove(id, () => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
    }
  }

  async #groups(): Promise<void> {
    const { ec2 } = this.#conditions;
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand(this.#ours));
    for (const { GroupId: id = '', IpPermissions: rules = [] } of SecurityGroups) {
      if (rules.length === 0) continue;
      const revoke = new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: rules });
      await this.#remove(`rules of ${id}`, () => ec2.send(revoke));
    }
    for (const { GroupId: id = '' } of SecurityGroups)
      await this.#remove(id, () => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })));
  }

  async #templates(): Promise<void> {
    const { ec2 } = this.#conditions;
    const { LaunchTemplates = [] } = await ec2.send(new DescribeLaunchTemplatesCommand(this.#ours));
    for (const { LaunchTemplateId: id = '' } of LaunchTemplates)
      await this.#remove(id, () => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })));
  }

  async #tables(): Promise<void> {
    const { dynamodb } = this.#conditions;
    const { TableNames: names = [] } = await dynamodb.send(
      new ListTablesCommand({ ExclusiveStartTableName: tablePrefix, Limit: 100 }),
    );
    for (const name of names.filter((one) => one.startsWith(`${tablePrefix}${this.#runId ?? ''}`)))
      await this.#remove(`table ${name}`, () => dynamodb.send(new DeleteTableCommand({ TableName: name })));
  }
}

/** `runId`: null for those of every run. Nothing else is ever touched: without the tag nothing is found. */
export async function clean(conditions: Conditions, runId: string | null): Promise<Cleaned> {
  const cleaner = new Cleaner(conditions, runId);
  await cleaner.all();
  return cleaner;
}
