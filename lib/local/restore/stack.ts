// What of a deployed stack a restore needs to know: its table, its name, and whether its functions stand still.
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { GetFunctionConcurrencyCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { keepingConnections } from '../../adapters/aws/sdk.ts';
import type { AwsClientOptions } from '../../adapters/aws/sdk.ts';
import { BellowsError } from '../../core/values/errors.ts';

export class StackError extends BellowsError {
  constructor(message: string) {
    super('stack_not_ready', message);
  }
}

export interface RestoredStack {
  readonly installation: string;
  readonly table: string;
  /** Functions that may still run. The installation's own changes nothing but with the stack. */
  readonly running: readonly string[];
}

type OptionsOf = (service: 'CLOUDFORMATION' | 'LAMBDA') => AwsClientOptions;

/** @throws StackError when it is no stack of Bellows */
export async function readStack(stack: string, optionsOf: OptionsOf): Promise<RestoredStack> {
  const cloudformation = new CloudFormationClient(keepingConnections(optionsOf('CLOUDFORMATION')));
  const lambda = new LambdaClient(keepingConnections(optionsOf('LAMBDA')));
  try {
    const tables: string[] = [];
    const functions: string[] = [];
    for await (const { StackResourceSummaries: some = [] } of paginateListStackResources(
      { client: cloudformation },
      { StackName: stack },
    ))
      for (const { ResourceType: type, PhysicalResourceId: id = '' } of some)
        if (type === 'AWS::DynamoDB::Table') tables.push(id);
        else if (type === 'AWS::Lambda::Function') functions.push(id);
    const [table] = tables;
    const configurations = await Promise.all(
      functions.map((FunctionName) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))),
    );
    const installation = configurations
      .map((one) => one.Environment?.Variables?.['BELLOWS_INSTALLATION'])
      .find((one) => one !== undefined);
    if (tables.length !== 1 || table === undefined || installation === undefined)
      throw new StackError(`${stack} is no stack with one installation of Bellows; give its name with --stack`);
    const running: string[] = [];
    for (const FunctionName of functions.filter((one) => !/functioninstallation/i.test(one))) {
      const { ReservedConcurrentExecutions: most } = await lambda.send(
        new GetFunctionConcurrencyCommand({ FunctionName }),
      );
      if (most !== 0) running.push(FunctionName);
    }
    return { installation, table, running };
  } finally {
    cloudformation.destroy();
    lambda.destroy();
  }
}

/** The lines that stop functions, or let them run again. */
export function concurrencyLines(functions: readonly string[]): string {
  return functions
    .map((one) => `aws lambda put-function-concurrency --function-name ${one} --reserved-concurrent-executions 0`)
    .join('\n');
}
