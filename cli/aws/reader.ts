// The calls of preflight, doctor and redrive, made by the SDK's clients: each sent once, with one deadline.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateFleetCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetEbsDefaultKmsKeyIdCommand,
} from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsNoAnswerError, AwsServiceError, keepingConnections, sendCall } from '../../lib/adapters/aws/sdk.ts';
import { CliError, exits } from '../errors.ts';
import { AwsRefusal } from '../checks/preflight/reading.ts';
import type { AwsCalls, AwsReader } from '../checks/preflight/reading.ts';
import { accessTo } from './access.ts';
import type { Access, AwsEnvironment } from './access.ts';

interface Sending {
  readonly abortSignal: AbortSignal;
}
type Senders = {
  readonly [A in keyof AwsCalls]: (input: AwsCalls[A]['input'], sending: Sending) => Promise<AwsCalls[A]['output']>;
};

const callMsMax = 20_000;

export async function openAws(environment: AwsEnvironment, given: string | null): Promise<AwsReader> {
  const access = await accessTo(environment, given);
  const senders = sendersOf(access);
  return {
    region: access.region,
    call: async (action, input) => {
      try {
        return await sendCall(action, callMsMax, (sending) => senders[action](input, sending));
      } catch (error) {
        throw ofCli(action, error);
      }
    },
  };
}

function sendersOf({ optionsOf }: Access): Senders {
  const cloudFormation = new CloudFormationClient(keepingConnections(optionsOf('CLOUDFORMATION')));
  const cloudWatch = new CloudWatchClient(keepingConnections(optionsOf('CLOUDWATCH')));
  // Of preflight's and doctor's calls a dry run is the only one that is no read, and has no effect either.
  const ec2 = new EC2Client(keepingConnections(optionsOf('EC2')));
  const iam = new IAMClient(keepingConnections(optionsOf('IAM')));
  const lambda = new LambdaClient(keepingConnections(optionsOf('LAMBDA')));
  // Local clouds have no host for each bucket.
  const s3 = new S3Client({ ...keepingConnections(optionsOf('S3')), forcePathStyle: true });
  const quotas = new ServiceQuotasClient(keepingConnections(optionsOf('SERVICEQUOTAS')));
  const sqs = new SQSClient(keepingConnections(optionsOf('SQS')));
  const ssm = new SSMClient(keepingConnections(optionsOf('SSM')));
  const sts = new STSClient(keepingConnections(optionsOf('STS')));
  return {
    CreateFleet: (input, sending) => ec2.send(new CreateFleetCommand(input), sending),
    DeleteMessage: (input, sending) => sqs.send(new DeleteMessageCommand(input), sending),
    DescribeAlarms: (input, sending) => cloudWatch.send(new DescribeAlarmsCommand(input), sending),
    DescribeImages: (input, sending) => ec2.send(new DescribeImagesCommand(input), sending),
    DescribeInstances: (input, sending) => ec2.send(new DescribeInstancesCommand(input), sending),
    DescribeLaunchTemplateVersions: (input, sending) =>
      ec2.send(new DescribeLaunchTemplateVersionsCommand(input), sending),
    DescribeStacks: (input, sending) => cloudFormation.send(new DescribeStacksCommand(input), sending),
    DescribeSubnets: (input, sending) => ec2.send(new DescribeSubnetsCommand(input), sending),
    DescribeVpcs: (input, sending) => ec2.send(new DescribeVpcsCommand(input), sending),
    GetAWSDefaultServiceQuota: (input, sending) => quotas.send(new GetAWSDefaultServiceQuotaCommand(input), sending),
    GetCallerIdentity: (input, sending) => sts.send(new GetCallerIdentityCommand(input), sending),
    GetEbsDefaultKmsKeyId: (input, sending) => ec2.send(new GetEbsDefaultKmsKeyIdCommand(input), sending),
    GetParameter: (input, sending) => ssm.send(new GetParameterCommand(input), sending),
    GetQueueAttributes: (input, sending) => sqs.send(new GetQueueAttributesCommand(input), sending),
    GetRole: (input, sending) => iam.send(new GetRoleCommand(input), sending),
    GetServiceQuota: (input, sending) => quotas.send(new GetServiceQuotaCommand(input), sending),
    HeadObject: (input, sending) => s3.send(new HeadObjectCommand(input), sending),
    Invoke: (input, sending) => lambda.send(new InvokeCommand(input), sending),
    ReceiveMessage: (input, sending) => sqs.send(new ReceiveMessageCommand(input), sending),
    SimulatePrincipalPolicy: (input, sending) => iam.send(new SimulatePrincipalPolicyCommand(input), sending),
  };
}

/** Errors of the adapters in the words of the CLI. */
function ofCli(action: string, error: unknown): unknown {
  if (error instanceof AwsServiceError) return new AwsRefusal(action, error.awsCode, error.status, error.cause.message);
  if (!(error instanceof AwsNoAnswerError)) return error;
  // The SDK asks for credentials in the middle of a call; that there are none is no fault of the network.
  if (error.cause instanceof CliError) return error.cause;
  const advice = 'is there a way to AWS, and is the region right?';
  return new CliError(exits.unreachable, error.message, advice, { cause: error });
}
