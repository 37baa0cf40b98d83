// The Lambda functions: one program each, on Node 24 and arm64, with a role and a log group of its own.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../acknowledgements.ts';
import { bundleFolder } from './bundles.ts';
import type { LambdaName } from './bundles.ts';

export interface ProgramProps {
  readonly name: LambdaName;
  readonly description: string;
  readonly memoryMib: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly keepLogsDays: number;
  /** Executions kept for it; absent: none. */
  readonly reserved?: number | undefined;
  readonly statements: readonly iam.PolicyStatement[];
}

export class Program extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: ProgramProps) {
    super(scope, id);
    const logGroup = logGroupOf(this, 'Logs', props.keepLogsDays);
    // Instead of AWSLambdaBasicExecutionRole: this one log group, and nothing more.
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Bellows: ${props.description}`,
    });
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'Logs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const statement of props.statements) this.role.addToPolicy(statement);
    acknowledgeWildcards(this.role, props.statements);
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(bundleFolder(props.name)),
      memorySize: props.memoryMib,
      timeout: props.timeout,
      ...(props.reserved === undefined ? {} : { reservedConcurrentExecutions: props.reserved }),
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: `bellows-${props.name}`,
        POWERTOOLS_METRICS_NAMESPACE: 'Bellows',
      },
    });
    acknowledge(this.function, {
      'Serverless-LambdaTracing':
        'Traces would be paid for per sync; stage latencies are in the timeline and in /v1/stats.',
      'Serverless-LambdaDLQ':
        'A dead-letter queue is for asynchronous events: the events function has one as its failure '
        + 'destination; API and agent calls are synchronous, wakes are hints that nobody redrives, and '
        + 'CloudFormation hears a failure itself.',
    });
  }
}

export function logGroupOf(scope: Construct, id: string, days: number): logs.LogGroup {
  return new logs.LogGroup(scope, id, { retention: days, removalPolicy: RemovalPolicy.DESTROY });
}

export { Duration };
