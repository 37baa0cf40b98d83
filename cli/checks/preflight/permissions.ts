// Whether the roles of the scheduler and of nodes may do what they do, asked of IAM's own simulator: service
// control policies and permission boundaries, which no template shows, count there too.
import type { EvaluationResult } from '@aws-sdk/client-iam';
import { missing, ok } from '../findings.ts';
import { looked } from './reading.ts';
import type { Finding } from '../findings.ts';
import type { AwsReader } from './reading.ts';
import { templatesOf } from './stack.ts';
import type { Deployed } from './stack.ts';

interface Question {
  /** Default: the scheduler's. */
  readonly role?: 'nodes';
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

interface Caller {
  readonly account: string;
  readonly partition: string;
}

type Arn = (path: string) => string;

const exampleInstance = 'instance/i-00000000000000000';
const exampleVolume = 'volume/vol-00000000000000000';

function questionsOf(deployed: Deployed, region: string, { account, partition }: Caller): readonly Question[] {
  const arn: Arn = (path) => `arn:${partition}:ec2:${region}:${account}:${path}`;
  const requestTags = {
    'aws:RequestTag/bellows:installation': deployed.installation,
    'aws:RequestTag/bellows:pool': 'default',
    'aws:RequestTag/bellows:launch': 'preflight',
  };
  return [
    ...launchQuestions(deployed, arn, requestTags, `arn:${partition}:ec2:${region}::image/ami-00000000000000000`),
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:${partition}:iam::${account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`,
      context: { 'iam:AWSServiceName': 'spot.amazonaws.com' },
    },
    ...claimQuestions(deployed, arn, requestTags),
    { action: 'ec2:DescribeInstances', resource: '*', context: {} },
    { action: 'ec2:DescribeSpotPriceHistory', resource: '*', context: {} },
    ...[deployed.agent, deployed.runtimes.x86_64, deployed.runtimes.arm64].map(({ bucket, key }): Question => ({
      role: 'nodes',
      action: 's3:GetObject',
      resource: `arn:${partition}:s3:::${bucket}/${key}`,
      context: {},
    })),
    { action: 'iam:PassRole', resource: deployed.nodeRoleArn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  ];
}

/** An instance may be launched from each template; what else it needs does not depend on which. */
function launchQuestions(
  deployed: Deployed,
  arn: Arn,
  requestTags: Question['context'],
  image: string,
): readonly Question[] {
  const templateArns = templatesOf(deployed).map(({ id }) => arn(`launch-template/${id}`));
  const instance = arn(exampleInstance);
  const parts = [
    arn(exampleVolume),
    arn('network-interface/eni-00000000000000000'),
    image,
    ...deployed.subnets.map(({ subnetId }) => arn(`subnet/${subnetId}`)),
    arn(`security-group/${deployed.securityGroupId}`),
  ];
  const fleet = arn('fleet/fleet-00000000-0000-0000-0000-000000000000');
  const run = (resource: string, templateArn: string): Question => ({
    action: 'ec2:RunInstances',
    resource,
    context: { ...requestTags, 'ec2:LaunchTemplate': templateArn },
  });
  return [
    ...[fleet, instance, ...templateArns, ...parts].map((resource) => ({
      action: 'ec2:CreateFleet',
      resource,
      context: requestTags,
    })),
    { action: 'ec2:CreateFleet', resource: arn('spot-instances-request/*'), context: {} },
    ...templateArns.flatMap((templateArn) => [run(instance, templateArn), run(templateArn, templateArn)]),
    ...templateArns.slice(0, 1).flatMap((templateArn) => parts.map((resource) => run(resource, templateArn))),
    ...[exampleInstance, exampleVolume].map((path) => ({
      action: 'ec2:CreateTags',
      resource: arn(path),
      context: { ...requestTags, 'ec2:CreateAction': 'RunInstances' },
    })),
  ];
}

/** Machines without a template, volumes and security groups of claims, and what is done with them afterwards. */
function claimQuestions(deployed: Deployed, arn: Arn, requestTags: Question['context']): readonly Question[] {
  const context = { ...requestTags, 'aws:RequestTag/bellows:request': 'preflight' };
  const own = {
    'aws:ResourceTag/bellows:installation': deployed.installation,
    'aws:ResourceTag/bellows:pool': 'default',
    'aws:ResourceTag/bellows:request': 'preflight',
  };
  const [instance, volume] = [arn(exampleInstance), arn(exampleVolume)];
  const group = arn('security-group/sg-00000000000000000');
  return [
    { action: 'ec2:RunInstances', resource: instance, context: { ...context, 'ec2:MetadataHttpTokens': 'required' } },
    { action: 'ec2:CreateVolume', resource: volume, context: { ...context, 'ec2:Encrypted': 'true' } },
    { action: 'ec2:CreateSecurityGroup', resource: group, context },
    { action: 'ec2:CreateSecurityGroup', resource: arn(`vpc/${deployed.vpcId}`), context },
    ...(
      [
        ['ec2:TerminateInstances', instance],
        ['ec2:AttachVolume', volume],
        ['ec2:ModifyVolume', volume],
        ['ec2:DeleteVolume', volume],
        ['ec2:AuthorizeSecurityGroupIngress', group],
        ['ec2:DeleteSecurityGroup', group],
      ] as const
    ).map(([action, resource]) => ({ action, resource, context: own })),
  ];
}

/** One resource a call: with several the answer is the strictest of all, without saying whose. */
async function simulate(
  aws: AwsReader,
  roleArn: string,
  { action, resource, context }: Question,
): Promise<EvaluationResult | undefined> {
  const { EvaluationResults: [result] = [] } = await aws.call('SimulatePrincipalPolicy', {
    PolicySourceArn: roleArn,
    ActionNames: [action],
    ResourceArns: [resource],
    ContextEntries: Object.entries({ ...context, 'aws:RequestedRegion': aws.region }).map(([name, value]) => ({
      ContextKeyName: name,
      ContextKeyValues: [value],
      ContextKeyType: value === 'true' ? 'boolean' : 'string',
    })),
  });
  return result;
}

interface Denial {
  readonly who: string;
  readonly reason: string;
  readonly cure: string;
  readonly what: Set<string>;
}

export async function checkPermissions(
  aws: AwsReader,
  deployed: Deployed,
  caller: Caller,
): Promise<readonly Finding[]> {
  const name = 'permissions';
  return looked(name, async () => {
    // By who, why and cure: one cause denies many actions.
    const denied = new Map<string, Denial>();
    const questions = questionsOf(deployed, aws.region, caller);
    for (const question of questions) {
      const who = question.role ?? 'scheduler';
      const roleArn = who === 'nodes' ? deployed.nodeRoleArn : deployed.schedulerRoleArn;
      const result = await simulate(aws, roleArn, question);
      if (result?.EvalDecision === 'allowed') continue;
      const [reason, cure] = [reasonOf(result), cureOf(result)];
      const key = `${who}: ${reason}`;
      const denial = denied.get(key) ?? { who, reason, cure, what: new Set() };
      denial.what.add(`${question.action} on ${question.resource}`);
      denied.set(key, denial);
    }
    if (denied.size === 0)
      return [
        ok(
          name,
          "the scheduler may launch, tag, list, terminate, pass the nodes' role, and make and delete volumes "
            + `and groups (${String(questions.length)} questions to IAM)`,
        ),
      ];
    return [...denied.values()].map(({ who, reason, cure, what }) =>
      missing(name, `the ${who} may not ${[...what].join(', ')}: ${reason}`, cure),
    );
  });
}

function isByOrganization(result: EvaluationResult | undefined): boolean {
  return result?.OrganizationsDecisionDetail?.AllowedByOrganizations === false;
}

function isByBoundary(result: EvaluationResult | undefined): boolean {
  return result?.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false;
}

function reasonOf(result: EvaluationResult | undefined): string {
  if (result === undefined) return 'IAM gave no result';
  if (isByOrganization(result)) return 'a service control policy of the organization denies it';
  if (isByBoundary(result)) return 'the permissions boundary does not include it';
  return result.EvalDecision === 'explicitDeny' ? 'a policy denies it' : 'no policy allows it';
}

function cureOf(result: EvaluationResult | undefined): string {
  if (isByOrganization(result))
    return 'ask who administers the organization: AWS Organizations > Policies > Service control policies';
  if (isByBoundary(result)) return 'widen the boundary of the role (IAM > Roles > Permissions boundary)';
  return result?.EvalDecision === 'explicitDeny'
    ? 'remove the deny from the role (IAM > Roles), or `npx cdk deploy`'
    : 'the role was changed behind the stack: `npx cdk deploy`';
}
