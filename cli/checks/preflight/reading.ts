// What preflight, doctor and redrive ask of AWS: small enough that a test can answer it. Only types of the SDK are
// named here, so that no other command loads it.
import type { DescribeStacksCommandInput, DescribeStacksCommandOutput } from '@aws-sdk/client-cloudformation';
import type { DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput } from '@aws-sdk/client-cloudwatch';
import type {
  CreateFleetCommandInput,
  CreateFleetCommandOutput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  DescribeLaunchTemplateVersionsCommandInput,
  DescribeLaunchTemplateVersionsCommandOutput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  DescribeVpcsCommandInput,
  DescribeVpcsCommandOutput,
  GetEbsDefaultKmsKeyIdCommandInput,
  GetEbsDefaultKmsKeyIdCommandOutput,
} from '@aws-sdk/client-ec2';
import type {
  GetRoleCommandInput,
  GetRoleCommandOutput,
  SimulatePrincipalPolicyCommandInput,
  SimulatePrincipalPolicyCommandOutput,
} from '@aws-sdk/client-iam';
import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type {
  GetAWSDefaultServiceQuotaCommandInput,
  GetAWSDefaultServiceQuotaCommandOutput,
  GetServiceQuotaCommandInput,
  GetServiceQuotaCommandOutput,
} from '@aws-sdk/client-service-quotas';
import type {
  DeleteMessageCommandInput,
  DeleteMessageCommandOutput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesCommandOutput,
  ReceiveMessageCommandInput,
  ReceiveMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import type { GetParameterCommandInput, GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { BellowsError } from '../../../lib/core/values/errors.ts';
import { CliError, exits } from '../../errors.ts';
import type { Finding } from '../findings.ts';
import { unknown } from '../findings.ts';

/** AWS answered no; `awsCode` is its own, e.g. `AccessDenied`. */
export class AwsRefusal extends BellowsError {
  readonly awsCode: string;
  /** Of HTTP. */
  readonly status: number;
  constructor(action: string, awsCode: string, status: number, message: string) {
    super('aws_refused', `${action}: ${message} (${awsCode})`);
    this.awsCode = awsCode;
    this.status = status;
  }
}

interface Call<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** Every call that they make, by the name of its action. */
export interface AwsCalls {
  readonly CreateFleet: Call<CreateFleetCommandInput, CreateFleetCommandOutput>;
  readonly DeleteMessage: Call<DeleteMessageCommandInput, DeleteMessageCommandOutput>;
  readonly DescribeAlarms: Call<DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput>;
  readonly DescribeImages: Call<DescribeImagesCommandInput, DescribeImagesCommandOutput>;
  readonly DescribeInstances: Call<DescribeInstancesCommandInput, DescribeInstancesCommandOutput>;
  readonly DescribeLaunchTemplateVersions: Call<
    DescribeLaunchTemplateVersionsCommandInput,
    DescribeLaunchTemplateVersionsCommandOutput
  >;
  readonly DescribeStacks: Call<DescribeStacksCommandInput, DescribeStacksCommandOutput>;
  readonly DescribeSubnets: Call<DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput>;
  readonly DescribeVpcs: Call<DescribeVpcsCommandInput, DescribeVpcsCommandOutput>;
  readonly GetAWSDefaultServiceQuota: Call<
    GetAWSDefaultServiceQuotaCommandInput,
    GetAWSDefaultServiceQuotaCommandOutput
  >;
  readonly GetCallerIdentity: Call<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>;
  readonly GetEbsDefaultKmsKeyId: Call<GetEbsDefaultKmsKeyIdCommandInput, GetEbsDefaultKmsKeyIdCommandOutput>;
  readonly GetParameter: Call<GetParameterCommandInput, GetParameterCommandOutput>;
  readonly GetQueueAttributes: Call<GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput>;
  readonly GetRole: Call<GetRoleCommandInput, GetRoleCommandOutput>;
  readonly GetServiceQuota: Call<GetServiceQuotaCommandInput, GetServiceQuotaCommandOutput>;
  readonly HeadObject: Call<HeadObjectCommandInput, HeadObjectCommandOutput>;
  readonly Invoke: Call<InvokeCommandInput, InvokeCommandOutput>;
  readonly ReceiveMessage: Call<ReceiveMessageCommandInput, ReceiveMessageCommandOutput>;
  readonly SimulatePrincipalPolicy: Call<SimulatePrincipalPolicyCommandInput, SimulatePrincipalPolicyCommandOutput>;
}

/** Calls as the caller, in one region. */
export interface AwsReader {
  readonly region: string;
  /** @throws AwsRefusal, CliError without credentials or without an answer */
  readonly call: <A extends keyof AwsCalls>(action: A, input: AwsCalls[A]['input']) => Promise<AwsCalls[A]['output']>;
}

/** What AWS's documentation says is always in an answer. @throws CliError */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new CliError(exits.failed, `AWS answered without ${what}`);
  return value;
}

/** What may not be asked is unknown, and no reason to stop. */
export async function looked(name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AwsRefusal)
      return [unknown(name, error.message, 'let the caller make this call, or run this as somebody who may')];
    if (error instanceof CliError && error.exit === exits.unreachable)
      return [unknown(name, error.message, error.advice)];
    throw error;
  }
}
