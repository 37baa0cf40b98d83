// The deployed stack, as far as preflight looks at it: one output that lib/infra writes for this.
import * as z from 'zod';
import { CliError, exits } from '../errors.ts';
import { AwsRefusal, listOf } from './reading.ts';
import type { AwsReader } from './reading.ts';

const arches = ['x86_64', 'arm64'] as const;
export type ImageArch = (typeof arches)[number];

const deployedOutput = z.object({
  installation: z.string(),
  url: z.string(),
  schedulerRoleArn: z.string(),
  nodeRoleArn: z.string(),
  securityGroupId: z.string(),
  vpcId: z.string(),
  templates: z.record(z.enum(arches), z.object({ id: z.string(), version: z.coerce.string() })),
  subnets: z.array(z.object({ zone: z.string(), subnetId: z.string() })),
  agent: z.object({ bucket: z.string(), key: z.string() }),
});
export type Deployed = z.output<typeof deployedOutput>;

const stacks = z.object({
  DescribeStacksResult: z.object({
    Stacks: listOf(
      z.object({
        StackStatus: z.string(),
        Outputs: listOf(z.object({ OutputKey: z.string(), OutputValue: z.string() })),
      }),
    ),
  }),
});

export interface FoundStack {
  readonly status: string;
  /** null: it is not whole (yet, or any more), of another version, or not ours. */
  readonly deployed: Deployed | null;
}

/** null: there is no such stack. @throws AwsRefusal */
export async function findStack(aws: AwsReader, name: string): Promise<FoundStack | null> {
  let answer: unknown;
  try {
    answer = await aws.query('cloudformation', 'DescribeStacks', { StackName: name });
  } catch (error) {
    if (error instanceof AwsRefusal && error.message.includes('does not exist')) return null;
    throw error;
  }
  const [stack] = stacks.parse(answer).DescribeStacksResult.Stacks;
  if (stack === undefined) return null;
  const outputs = stack.Outputs.filter((one) => /Preflight[0-9A-F]{8}$/.test(one.OutputKey));
  if (outputs.length > 1)
    throw new CliError(
      exits.usage,
      `the stack ${name} holds ${String(outputs.length)} installations`,
      'preflight looks at one: deploy them as stacks of their own',
    );
  const [output] = outputs;
  // Another version may have written another one.
  const parsed = deployedOutput.safeParse(output === undefined ? null : JSON.parse(output.OutputValue));
  return { status: stack.StackStatus, deployed: parsed.success ? parsed.data : null };
}
