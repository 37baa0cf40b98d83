// The deployed stack, as far as preflight, doctor and redrive look at it: one output that lib/infra writes for this.
import * as z from 'zod';
import { CliError, exits } from '../../errors.ts';
import { AwsRefusal, present } from './reading.ts';
import type { AwsReader } from './reading.ts';

const arches = ['x86_64', 'arm64'] as const;
export type ImageArch = (typeof arches)[number];

const template = z.object({ id: z.string(), version: z.coerce.string() });
const byArch = z.object({ x86_64: template, arm64: template });

const download = z.object({ bucket: z.string(), key: z.string() });
export type Download = z.output<typeof download>;

const deployedOutput = z.object({
  installation: z.string(),
  url: z.string(),
  schedulerRoleArn: z.string(),
  nodeRoleArn: z.string(),
  securityGroupId: z.string(),
  vpcId: z.string(),
  templates: byArch.extend({ burstable: byArch, gpu: byArch }),
  subnets: z.array(z.object({ zone: z.string(), subnetId: z.string() })),
  nodeImage: z.enum(['plain', 'baked']),
  agent: download,
  runtimes: z.object({ x86_64: download, arm64: download }),
  deadLettersUrl: z.string(),
  eventsFunction: z.string(),
  reservedConcurrency: z.record(z.string(), z.number()),
});
export type Deployed = z.output<typeof deployedOutput>;

/** A launch template that the scheduler launches from, with the version that it names. */
export interface NamedTemplate {
  /** In findings. */
  readonly name: string;
  readonly arch: ImageArch;
  readonly id: string;
  readonly version: string;
  /** Its image is made by the stack; otherwise it is Amazon's. */
  readonly isBaked: boolean;
  /** Only types with GPUs are launched from it. */
  readonly isGpu: boolean;
}

/** Of each architecture one for plain types, one with a credit specification for burstable ones, and one for GPUs. */
export function templatesOf({ templates, nodeImage }: Deployed): readonly NamedTemplate[] {
  const isBaked = nodeImage === 'baked';
  return arches.flatMap((arch) => [
    { name: arch, arch, isBaked, isGpu: false, ...templates[arch] },
    { name: `${arch} burstable`, arch, isBaked, isGpu: false, ...templates.burstable[arch] },
    { name: `${arch} GPU`, arch, isBaked: false, isGpu: true, ...templates.gpu[arch] },
  ]);
}

export interface FoundStack {
  readonly status: string;
  /** null: it is not whole (yet, or any more), of another version, or not ours. */
  readonly deployed: Deployed | null;
}

/** null: there is no such stack. @throws AwsRefusal */
export async function findStack(aws: AwsReader, name: string): Promise<FoundStack | null> {
  const answer = await aws.call('DescribeStacks', { StackName: name }).catch((error: unknown) => {
    if (error instanceof AwsRefusal && error.message.includes('does not exist')) return null;
    throw error;
  });
  const stack = answer?.Stacks?.[0];
  if (stack === undefined) return null;
  const outputs = (stack.Outputs ?? []).filter((one) => /Preflight[0-9A-F]{8}$/.test(one.OutputKey ?? ''));
  if (outputs.length > 1)
    throw new CliError(
      exits.usage,
      `the stack ${name} has ${String(outputs.length)} installations`,
      'preflight looks at one: deploy them as stacks of their own',
    );
  const [output] = outputs;
  // Another version may have written another one.
  const parsed = deployedOutput.safeParse(JSON.parse(output?.OutputValue ?? 'null'));
  return {
    status: present(stack.StackStatus, 'the status of the stack'),
    deployed: parsed.success ? parsed.data : null,
  };
}
