// What CloudFormation calls to make, change, read and remove each type of resource that an installation has, as AWS
// documents it for these types (CloudFormation's registry: permissions of each type's handlers). A type that is not
// here fails the test of the template.

/** `read` and `tags` of a service are asked for with each of its types. */
const tagged = (service: string, ...more: readonly string[]): readonly string[] =>
  ['TagResource', 'UntagResource', 'ListTagsForResource', ...more].map((action) => `${service}:${action}`);

const of = (service: string, actions: string): readonly string[] =>
  actions
    .trim()
    .split(/\s+/)
    .map((action) => `${service}:${action}`);

const apiGateway = of('apigateway', 'GET POST PUT PATCH DELETE TagResource UntagResource UpdateRestApiPolicy');
/** A log group that an API writes its access log to. */
const logDelivery = of(
  'logs',
  `CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries
  PutResourcePolicy DescribeResourcePolicies DescribeLogGroups`,
);
const vpc = of('ec2', 'DescribeVpcs DescribeSubnets DescribeRouteTables CreateTags DeleteTags DescribeTags');
const attachPolicies = of(
  'iam',
  'GetRole PutRolePolicy GetRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies',
);

export const actionsByType: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGateway::Deployment': apiGateway,
  'AWS::ApiGateway::Method': apiGateway,
  'AWS::ApiGateway::Resource': apiGateway,
  'AWS::ApiGateway::RestApi': [...apiGateway, ...of('ec2', 'DescribeVpcEndpoints')],
  'AWS::ApiGateway::Stage': apiGateway,
  'AWS::ApiGatewayV2::Api': apiGateway,
  'AWS::ApiGatewayV2::Integration': apiGateway,
  'AWS::ApiGatewayV2::Route': apiGateway,
  'AWS::ApiGatewayV2::Stage': [...apiGateway, ...logDelivery],
  'AWS::CloudWatch::Alarm': [
    ...tagged('cloudwatch'),
    ...of('cloudwatch', 'PutMetricAlarm DeleteAlarms DescribeAlarms'),
  ],
  'AWS::DynamoDB::Table': of(
    'dynamodb',
    `CreateTable UpdateTable DeleteTable DescribeTable UpdateContinuousBackups DescribeContinuousBackups
    UpdateTimeToLive DescribeTimeToLive DescribeContributorInsights DescribeKinesisStreamingDestination
    GetResourcePolicy TagResource UntagResource ListTagsOfResource`,
  ),
  'AWS::EC2::EIP': [...vpc, ...of('ec2', 'AllocateAddress ReleaseAddress DescribeAddresses')],
  'AWS::EC2::EgressOnlyInternetGateway': [
    ...vpc,
    ...of('ec2', 'CreateEgressOnlyInternetGateway DeleteEgressOnlyInternetGateway DescribeEgressOnlyInternetGateways'),
  ],
  'AWS::EC2::InternetGateway': [
    ...vpc,
    ...of('ec2', 'CreateInternetGateway DeleteInternetGateway DescribeInternetGateways'),
  ],
  'AWS::EC2::LaunchTemplate': [
    ...vpc,
    ...of(
      'ec2',
      `CreateLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate
      DeleteLaunchTemplateVersions DescribeLaunchTemplates DescribeLaunchTemplateVersions`,
    ),
    ...of('iam', 'PassRole'),
  ],
  'AWS::EC2::NatGateway': [...vpc, ...of('ec2', 'CreateNatGateway DeleteNatGateway DescribeNatGateways')],
  'AWS::EC2::Route': [...vpc, ...of('ec2', 'CreateRoute ReplaceRoute DeleteRoute')],
  'AWS::EC2::RouteTable': [...vpc, ...of('ec2', 'CreateRouteTable DeleteRouteTable')],
  'AWS::EC2::SecurityGroup': [
    ...vpc,
    ...of(
      'ec2',
      `CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups DescribeSecurityGroupRules
      AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress`,
    ),
  ],
  'AWS::EC2::SecurityGroupIngress': of(
    'ec2',
    `AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsIngress
    DescribeSecurityGroups DescribeSecurityGroupRules`,
  ),
  'AWS::EC2::Subnet': [
    ...vpc,
    ...of('ec2', 'CreateSubnet DeleteSubnet ModifySubnetAttribute AssociateSubnetCidrBlock'),
    ...of('ec2', 'DisassociateSubnetCidrBlock DescribeAvailabilityZones DescribeNetworkAcls'),
  ],
  'AWS::EC2::SubnetRouteTableAssociation': [...vpc, ...of('ec2', 'AssociateRouteTable DisassociateRouteTable')],
  'AWS::EC2::VPC': [
    ...vpc,
    ...of('ec2', 'CreateVpc DeleteVpc ModifyVpcAttribute DescribeVpcAttribute DescribeSecurityGroups'),
    ...of('ec2', 'DescribeNetworkAcls'),
  ],
  'AWS::EC2::VPCCidrBlock': [...vpc, ...of('ec2', 'AssociateVpcCidrBlock DisassociateVpcCidrBlock')],
  'AWS::EC2::VPCEndpoint': [
    ...vpc,
    ...of('ec2', 'CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints'),
    ...of('ec2', 'DescribeVpcEndpointServices DescribePrefixLists'),
  ],
  'AWS::EC2::VPCGatewayAttachment': [
    ...vpc,
    ...of('ec2', 'AttachInternetGateway DetachInternetGateway DescribeInternetGateways'),
  ],
  'AWS::EventSchemas::Registry': [
    ...tagged('schemas'),
    ...of('schemas', 'CreateRegistry DescribeRegistry UpdateRegistry DeleteRegistry'),
  ],
  'AWS::EventSchemas::Schema': [
    ...tagged('schemas'),
    ...of('schemas', 'CreateSchema DescribeSchema UpdateSchema DeleteSchema'),
  ],
  'AWS::Events::EventBus': [
    ...tagged('events'),
    ...of('events', 'CreateEventBus UpdateEventBus DescribeEventBus DeleteEventBus'),
  ],
  'AWS::Events::Rule': [
    ...tagged('events'),
    ...of('events', 'PutRule DescribeRule DeleteRule EnableRule DisableRule PutTargets RemoveTargets'),
    ...of('events', 'ListTargetsByRule'),
  ],
  'AWS::IAM::InstanceProfile': of(
    'iam',
    `CreateInstanceProfile GetInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile
    RemoveRoleFromInstanceProfile PassRole`,
  ),
  'AWS::IAM::ManagedPolicy': [
    ...of(
      'iam',
      `CreatePolicy GetPolicy DeletePolicy CreatePolicyVersion GetPolicyVersion DeletePolicyVersion ListPolicyVersions
      ListEntitiesForPolicy`,
    ),
    ...attachPolicies,
  ],
  'AWS::IAM::Policy': attachPolicies,
  'AWS::IAM::Role': [
    ...attachPolicies,
    ...of('iam', 'CreateRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole ListRolePolicies'),
    ...of('iam', 'TagRole UntagRole ListRoleTags'),
  ],
  'AWS::ImageBuilder::Component': [
    ...tagged('imagebuilder'),
    ...of('imagebuilder', 'CreateComponent GetComponent DeleteComponent'),
    ...of('iam', 'CreateServiceLinkedRole'),
  ],
  'AWS::ImageBuilder::Image': [
    ...tagged('imagebuilder'),
    ...of(
      'imagebuilder',
      `CreateImage GetImage DeleteImage CancelImageCreation GetImageRecipe GetInfrastructureConfiguration
      StartResourceStateUpdate GetLifecycleExecution`,
    ),
    ...of('iam', 'CreateServiceLinkedRole PassRole'),
  ],
  'AWS::ImageBuilder::ImageRecipe': [
    ...tagged('imagebuilder'),
    ...of('imagebuilder', 'CreateImageRecipe GetImageRecipe DeleteImageRecipe GetComponent GetImage'),
    ...of('ec2', 'DescribeImages'),
    ...of('ssm', 'GetParameter'),
  ],
  'AWS::ImageBuilder::InfrastructureConfiguration': [
    ...tagged('imagebuilder'),
    ...of(
      'imagebuilder',
      `CreateInfrastructureConfiguration GetInfrastructureConfiguration UpdateInfrastructureConfiguration
      DeleteInfrastructureConfiguration`,
    ),
    ...of('iam', 'CreateServiceLinkedRole GetInstanceProfile PassRole'),
  ],
  'AWS::Lambda::EventInvokeConfig': of(
    'lambda',
    `PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig GetFunctionEventInvokeConfig
    DeleteFunctionEventInvokeConfig ListFunctionEventInvokeConfigs`,
  ),
  'AWS::Lambda::EventSourceMapping': of(
    'lambda',
    'CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping ListTags',
  ),
  'AWS::Lambda::Function': [
    ...of(
      'lambda',
      `CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction
      PutFunctionConcurrency DeleteFunctionConcurrency GetFunctionConcurrency GetFunctionCodeSigningConfig
      GetRuntimeManagementConfig GetFunctionRecursionConfig ListTags TagResource UntagResource`,
    ),
    ...of('iam', 'PassRole'),
    // The code is among the assets of the bootstrap.
    ...of('s3', 'GetObject'),
  ],
  'AWS::Lambda::Permission': of('lambda', 'AddPermission RemovePermission GetPolicy'),
  'AWS::Logs::LogGroup': [
    ...tagged('logs'),
    ...of('logs', 'CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy'),
    ...of('logs', 'DescribeIndexPolicies GetDataProtectionPolicy'),
  ],
  'AWS::S3::Bucket': of(
    's3',
    `CreateBucket DeleteBucket ListBucket GetBucket* GetEncryptionConfiguration GetLifecycleConfiguration
    GetAccelerateConfiguration GetAnalyticsConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
    GetMetricsConfiguration GetReplicationConfiguration PutEncryptionConfiguration PutLifecycleConfiguration
    PutBucketOwnershipControls PutBucketPublicAccessBlock PutBucketTagging`,
  ),
  'AWS::S3::BucketPolicy': of('s3', 'PutBucketPolicy GetBucketPolicy DeleteBucketPolicy'),
  'AWS::SQS::Queue': of(
    'sqs',
    'CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes ListQueueTags TagQueue UntagQueue',
  ),
  'AWS::SQS::QueuePolicy': of('sqs', 'GetQueueAttributes SetQueueAttributes'),
  // CloudFormation invokes the function behind it.
  'Custom::BellowsDrain': of('lambda', 'InvokeFunction'),
  'Custom::BellowsPools': of('lambda', 'InvokeFunction'),
};
