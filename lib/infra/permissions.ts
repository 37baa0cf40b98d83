// What each role may do, statement by statement (with what claims have: claim-permissions.ts). test/infra holds them
// against a table of what must be allowed and what must not.
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { architectures } from './compute/node-runtime.ts';
import type { Architecture } from './compute/node-runtime.ts';

export const tags = { installation: 'bellows:installation', pool: 'bellows:pool', launch: 'bellows:launch' } as const;

/** Indexes by name: each access path is known. */
export function tableStatement(
  tableArn: string,
  indexes: readonly string[],
  access: 'read' | 'write',
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: access === 'write' ? 'Records' : 'ReadRecords',
    // No Scan, and nothing that changes the table itself. Transactions are allowed by what they consist of.
    actions: [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      ...(access === 'write' ? ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'] : []),
    ],
    resources: [tableArn, ...indexes.map((index) => `${tableArn}/index/${index}`)],
  });
}

/** Of the table's stream; listing streams is for people, and event sources are made without it. */
export function streamStatement(streamArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'Accepted',
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    resources: [streamArn],
  });
}

export function busStatement(busArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OwnBus',
    actions: ['events:PutEvents'],
    resources: [busArn],
    conditions: { StringEquals: { 'events:source': 'bellows' } },
  });
}

export function outputsStatement(
  bucketArn: string,
  actions: readonly ('s3:GetObject' | 's3:PutObject')[],
): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Outputs', actions: [...actions], resources: [`${bucketArn}/*`] });
}

/** Who signs an address must be allowed what it is for. */
export function uploadsStatement(bucketArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Uploads', actions: ['s3:PutObject'], resources: [`${bucketArn}/uploads/*`] });
}

/** What ticks leave of large pools for processes without a copy (copiesPrefix). */
export function copiesStatement(bucketArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'Copies',
    actions: ['s3:GetObject', 's3:PutObject'],
    resources: [`${bucketArn}/copies/*`],
  });
}

/** Without it S3 answers 403 instead of 404 for output that is not there, and nothing would tell it from a refusal. */
export function outputsAbsenceStatement(bucketArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'OutputsAbsence', actions: ['s3:ListBucket'], resources: [bucketArn] });
}

/** The secrets that tasks may be given; an installation that names none may read none. */
export function secretStatements({
  secrets,
  secretKeys,
}: {
  readonly secrets: readonly string[];
  readonly secretKeys: readonly string[];
}): readonly iam.PolicyStatement[] {
  const of = (service: string): string[] => secrets.filter((arn) => arn.split(':')[2] === service);
  return [
    { sid: 'Secrets', actions: ['secretsmanager:GetSecretValue'], resources: of('secretsmanager') },
    { sid: 'Parameters', actions: ['ssm:GetParameter'], resources: of('ssm') },
    { sid: 'SecretKeys', actions: ['kms:Decrypt'], resources: [...secretKeys] },
  ]
    .filter((one) => one.resources.length > 0)
    .map((one) => new iam.PolicyStatement(one));
}

/** The roles that tasks may have; an installation that names none may assume none. */
export function roleStatements({
  taskRoles,
}: {
  readonly taskRoles: readonly string[];
}): readonly iam.PolicyStatement[] {
  if (taskRoles.length === 0) return [];
  return [
    new iam.PolicyStatement({
      sid: 'TaskRoles',
      actions: ['sts:AssumeRole', 'sts:TagSession'],
      resources: [...taskRoles],
      // Without a tenant's name there is no session.
      conditions: { Null: { 'aws:RequestTag/bellows:tenant': 'false' } },
    }),
  ];
}

/** The target groups that services may be registered with; an installation that names none may register nothing. */
export function targetGroupStatements(
  { targetGroups }: { readonly targetGroups: readonly string[] },
  does: 'registers' | 'removes',
): readonly iam.PolicyStatement[] {
  if (targetGroups.length === 0) return [];
  const actions = { registers: ['RegisterTargets', 'DeregisterTargets'], removes: ['DeregisterTargets'] }[does];
  const changes = new iam.PolicyStatement({
    sid: 'TargetGroups',
    actions: actions.map((action) => `elasticloadbalancing:${action}`),
    resources: [...targetGroups],
  });
  if (does === 'removes') return [changes];
  return [
    changes,
    new iam.PolicyStatement({
      sid: 'TargetHealth',
      actions: [
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      resources: ['*'],
    }),
  ];
}

/** The queues that are the bells of this installation's nodes (lib/adapters/aws/messaging/sqs-bells.ts). */
export function bellStatement(
  scope: Construct,
  installation: string,
  does: 'makes' | 'rings' | 'removes',
): iam.PolicyStatement {
  const { partition, region, account } = Stack.of(scope);
  const actions = {
    makes: ['sqs:CreateQueue', 'sqs:GetQueueUrl'],
    rings: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:DeleteQueue'],
    removes: ['sqs:GetQueueUrl', 'sqs:DeleteQueue'],
  };
  return new iam.PolicyStatement({
    sid: 'Bells',
    actions: actions[does],
    resources: [`arn:${partition}:sqs:${region}:${account}:bellows-${installation}-i-*`],
  });
}

/** SQS lists by a prefix of names, for which it has no permissions by resource. */
export function bellListingStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'BellListing', actions: ['sqs:ListQueues'], resources: ['*'] });
}

export interface Ec2Scope {
  readonly installation: string;
  readonly launchTemplateIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly nodeRoleArn: string;
}

/** EC2 has no permissions by resource for listings. */
export function listingStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'Listings',
    actions: [
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstanceTypeOfferings',
      'ec2:DescribeSpotPriceHistory',
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:DescribeSubnets',
      'ec2:DescribeImages',
      'ec2:DescribeVolumes',
      'ec2:DescribeSnapshots',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeFleets',
      'ec2:DescribeFleetInstances',
      'pricing:GetProducts',
    ],
    resources: ['*'],
  });
}

/** For policies that go by metrics of CloudWatch, which has no permissions by metric. */
export function metricsStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Metrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] });
}

/** Only what carries this installation's tag. */
export function terminateStatement(scope: Construct, installation: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'TerminateOwn',
    actions: ['ec2:TerminateInstances'],
    resources: [arn(scope, 'instance/*')],
    conditions: {
      StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
      Null: { [`aws:ResourceTag/${tags.pool}`]: 'false' },
    },
  });
}

/** Warm nodes, and machines of claims: what the pools of this installation have. */
export function powerStatement(scope: Construct, installation: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'PowerOwn',
    actions: ['ec2:StartInstances', 'ec2:StopInstances'],
    resources: [arn(scope, 'instance/*')],
    conditions: {
      StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
      Null: { [`aws:ResourceTag/${tags.pool}`]: 'false' },
    },
  });
}

/** The public parameter that names AWS's newest image with NVIDIA's driver. */
export function gpuImageParameter(arch: Architecture): string {
  const name = 'base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id';
  return `/aws/service/deeplearning/ami/${arch === 'arm64' ? 'arm64' : 'x86_64'}/${name}`;
}

/** Launch only from our templates, into our subnets, with our tags from the first moment on. */
export function launchStatements(
  scope: Construct,
  { installation, launchTemplateIds, subnetIds, securityGroupId, nodeRoleArn }: Ec2Scope,
): readonly iam.PolicyStatement[] {
  const templates = launchTemplateIds.map((id) => arn(scope, `launch-template/${id}`));
  const fromOurs = { ArnEquals: { 'ec2:LaunchTemplate': templates } };
  const withOurTags = {
    StringEquals: { [`aws:RequestTag/${tags.installation}`]: installation },
    Null: { [`aws:RequestTag/${tags.pool}`]: 'false', [`aws:RequestTag/${tags.launch}`]: 'false' },
  };
  const { partition, region } = Stack.of(scope);
  // What is there already, and what a launch makes beside the instance. Images are anybody's: the template names which.
  const places = [
    arn(scope, 'network-interface/*'),
    arn(scope, 'spot-instances-request/*'),
    `arn:${partition}:ec2:${region}::image/*`,
    arn(scope, `security-group/${securityGroupId}`),
    ...subnetIds.map((id) => arn(scope, `subnet/${id}`)),
  ];
  return [
    // Instances are the resource that is bought: without our tags there is none.
    new iam.PolicyStatement({
      sid: 'LaunchTagged',
      actions: ['ec2:RunInstances'],
      resources: [arn(scope, 'instance/*')],
      conditions: { ...fromOurs, ...withOurTags },
    }),
    new iam.PolicyStatement({
      sid: 'LaunchParts',
      actions: ['ec2:RunInstances'],
      resources: [arn(scope, 'volume/*'), ...places],
      conditions: fromOurs,
    }),
    // Whose instances are bound as all others are. A reservation is the account's, or shared with it by another.
    new iam.PolicyStatement({
      sid: 'IntoReservations',
      actions: ['ec2:RunInstances'],
      resources: [`arn:${partition}:ec2:${region}:*:capacity-reservation/*`],
    }),
    new iam.PolicyStatement({
      sid: 'LaunchTemplates',
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: templates,
    }),
    // A fleet is authorized for what it will launch as well: what it tags, and where that is put.
    new iam.PolicyStatement({
      sid: 'FleetTagged',
      actions: ['ec2:CreateFleet'],
      resources: ['fleet/*', 'instance/*', 'volume/*'].map((path) => arn(scope, path)),
      conditions: withOurTags,
    }),
    new iam.PolicyStatement({ sid: 'FleetParts', actions: ['ec2:CreateFleet'], resources: places }),
    new iam.PolicyStatement({
      sid: 'TagAtCreation',
      actions: ['ec2:CreateTags'],
      resources: ['instance/*', 'volume/*', 'network-interface/*', 'fleet/*'].map((path) => arn(scope, path)),
      conditions: {
        StringEquals: {
          'ec2:CreateAction': ['RunInstances', 'CreateFleet'],
          [`aws:RequestTag/${tags.installation}`]: installation,
        },
      },
    }),
    // EC2 makes the role that spot needs at an account's first spot launch, with its caller's permission. A
    // stack cannot: the role is the account's, and one that is there already would fail the deployment.
    new iam.PolicyStatement({
      sid: 'SpotRole',
      actions: ['iam:CreateServiceLinkedRole'],
      conditions: { StringEquals: { 'iam:AWSServiceName': 'spot.amazonaws.com' } },
      resources: [
        `arn:${partition}:iam::${Stack.of(scope).account}:role/aws-service-role/spot.amazonaws.com/`
          + 'AWSServiceRoleForEC2Spot',
      ],
    }),
    // Templates for GPUs name their image so, and EC2 reads it as whoever launches.
    new iam.PolicyStatement({
      sid: 'ReadGpuImages',
      actions: ['ssm:GetParameters'],
      resources: architectures.map((arch) => `arn:${partition}:ssm:${region}::parameter${gpuImageParameter(arch)}`),
    }),
    new iam.PolicyStatement({
      sid: 'PassNodeRole',
      actions: ['iam:PassRole'],
      resources: [nodeRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    }),
  ];
}

/** Agent and runtimes, which nodes fetch at their start. */
export function agentBundleStatement(bucketArn: string, keys: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'AgentBundle',
    actions: ['s3:GetObject'],
    resources: keys.map((key) => `${bucketArn}/${key}`),
  });
}

/** Nodes: speak to their controller, fetch the agent, open Session Manager channels; no more. */
export function nodeStatements(
  scope: Construct,
  {
    agentApi,
    agentBucketArn,
    agentKeys,
  }: {
    readonly agentApi: { readonly id: string; readonly stage: string };
    readonly agentBucketArn: string;
    readonly agentKeys: readonly string[];
  },
): readonly iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const route = (path: string): string =>
    `arn:${partition}:execute-api:${region}:${account}:${agentApi.id}/${agentApi.stage}/${path}`;
  return [
    new iam.PolicyStatement({
      sid: 'Sync',
      actions: ['execute-api:Invoke'],
      resources: [
        route('POST/agent/v1/sync'),
        route('PUT/agent/v1/output/*'),
        route('POST/agent/v1/secrets/*'),
        route('POST/agent/v1/inputs/*'),
        route('POST/agent/v1/credentials/*'),
        route('POST/agent/v1/image-login/*'),
        route('POST/agent/v1/artifacts/*'),
        route('PUT/agent/v1/artifacts/*'),
      ],
    }),
    agentBundleStatement(agentBucketArn, agentKeys),
    // What AmazonSSMManagedInstanceCore has for sessions, without its reading of parameters.
    new iam.PolicyStatement({
      sid: 'SessionManager',
      actions: [
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
        'ssm:UpdateInstanceInformation',
      ],
      resources: ['*'],
    }),
  ];
}

function arn(scope: Construct, path: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:ec2:${region}:${account}:${path}`;
}
