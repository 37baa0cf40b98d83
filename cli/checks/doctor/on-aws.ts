// The deployed installation that a command is about.
import type { Context } from '../../context.ts';
import { CliError, exits } from '../../errors.ts';
import type { AwsReader } from '../preflight/reading.ts';
import { findStack } from '../preflight/stack.ts';
import type { Deployed } from '../preflight/stack.ts';

/** @throws CliError where there is no such stack, or it is of another version */
export async function onAws(
  context: Context,
  name: string,
  region: string | null,
): Promise<{ readonly aws: AwsReader; readonly stack: Deployed }> {
  const aws = await context.environment.openAws(region);
  const found = await findStack(aws, name);
  if (found?.deployed) return { aws, stack: found.deployed };
  throw new CliError(
    exits.failed,
    found === null
      ? `the stack ${name} is not in ${aws.region}`
      : `the stack ${name} is ${found.status} and has no output that this version reads`,
    found === null ? 'name it with --stack, and its region with --region' : 'deploy this version: npx cdk deploy',
  );
}
