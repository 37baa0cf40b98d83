// What a first day does, in its order: how long it takes, what it costs at most, and what it needs to be allowed.
import { table } from '../../../cli/text.ts';

/** Of the pool that it declares: what the day may buy, whatever happens. */
export const poolLimits = { instances: 3, vcpu: 8, usdPerHour: 0.3 } as const;
/** AWS Fault Injection Service's list price of an action-minute, and the minutes that one interruption takes. */
const fisUsd = 0.1 * 3;
/** Requests, logs, disks and addresses of an hour: docs/cost.md. */
const aroundUsd = 0.05;

export interface PlannedStep {
  readonly id: StepId;
  readonly does: string;
  readonly minutes: number;
  readonly needs: string;
}

export const steps = [
  { id: 'preflight', does: 'asks what in the account would make launches fail', minutes: 1, needs: 'ReadOnlyAccess' },
  {
    id: 'deploy',
    does: 'npx cdk deploy of the stack Bellows-first-day, with one pool of 3 instances at most',
    minutes: 6,
    needs: "sts:AssumeRole on the bootstrap's roles (docs/first-day.md, 2)",
  },
  {
    id: 'shop',
    does: "a small shop's day: ten images at once, an array of 40 orders, a report that fails once",
    minutes: 6,
    needs: 'execute-api:Invoke (PoolAdminPolicy of the stack, or an administrator)',
  },
  {
    id: 'interruption',
    does: 'takes a spot node from under four tasks, by AWS Fault Injection Service; they run again',
    minutes: 10,
    needs:
      'fis:*ExperimentTemplate, fis:StartExperiment, fis:TagResource, iam:CreateRole, PutRolePolicy, PassRole, '
      + 'DeleteRole, DeleteRolePolicy of bellows-first-day-fis; without, it is not seen',
  },
  { id: 'scale-in', does: 'waits until nothing is wanted any more and no node is left', minutes: 4, needs: '' },
  {
    id: 'doctor',
    does: 'looks at the running installation',
    minutes: 1,
    needs: 'cloudformation:DescribeStacks, cloudwatch:DescribeAlarms, sqs:GetQueueAttributes, ec2:DescribeInstances',
  },
  {
    id: 'removal',
    does: 'npx cdk destroy, whatever came before; then looks for what is left',
    minutes: 5,
    needs: 'ec2:DescribeInstances, DescribeVolumes, DescribeSecurityGroups',
  },
] as const satisfies readonly {
  readonly id: string;
  readonly does: string;
  readonly minutes: number;
  readonly needs: string;
}[];

export type StepId = (typeof steps)[number]['id'];

/** Were the pool at its limit all the time. */
export function usdAtMost(minutesMax: number): number {
  return (poolLimits.usdPerHour * minutesMax) / 60 + fisUsd + aroundUsd;
}

export function planText(minutesMax: number): string {
  const rows = steps.map(({ id, does, minutes, needs }) => [id, `~${String(minutes)} min`, does, needs]);
  const minutes = steps.reduce((sum, one) => sum + one.minutes, 0);
  return (
    `${table(['STEP', 'TIME', 'DOES', 'NEEDS'], rows)}\n\n`
    + `about ${String(minutes)} minutes, ${String(minutesMax)} at most before the removal begins; at most `
    + `${usdAtMost(minutesMax).toFixed(2)} USD, were the pool at its limit of ${poolLimits.usdPerHour.toFixed(2)} USD `
    + 'an hour all the time; nothing was called\n'
  );
}
