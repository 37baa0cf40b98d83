// Whether the roles of the scheduler and of nodes may do what they do, asked of IAM's own simulator: service
// control policies and permission boundaries, which no template shows, count there too.
import * as z from 'zod';
import { listOf, looked, missing, ok } from './reading.ts';
import type { AwsReader, Finding } from './reading.ts';
import type { Deployed } from './stack.ts';

interface Question {
  /** Default: the scheduler's. */
  readonly role?: 'nodes';
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

function questionsOf(deployed: Deployed, region: string, account: string, partition: string): readonly Question[] {
  const arn = (path: string): string => `arn:${partition}:ec2:${region}:${account}:${path}`;
  const [template] = Object.values(deployed.templates);
  const templateArn = arn(`launch-template/${template?.id ?? ''}`);
  const requestTags = {
    'aws:RequestTag/bellows:installation': deployed.installation,
    'aws:RequestTag/bellows:pool': 'default',
    'aws:RequestTag/bellows:launch': 'preflight',
  };
  const instance = arn('instance/i-00000000000000000');
  const run = { ...requestTags, 'ec2:LaunchTemplate': templateArn };
  const claimTags = { ...requestTags, 'aws:RequestTag/bellows:request': 'preflight' };
  const own = {
    'aws:ResourceTag/bellows:installation': deployed.installation,
    'aws:ResourceTag/bellows:pool': 'default',
    'aws:ResourceTag/bellows:request': 'preflight',
  };
  const volume = arn('volume/vol-00000000000000000');
  const group = arn('security-group/sg-00000000000000000');
  const eni = arn('network-interface/eni-00000000000000000');
  const image = `arn:${partition}:ec2:${region}::image/ami-00000000000000000`;
  const places = [
    ...deployed.subnets.map(({ subnetId }) => arn(`subnet/${subnetId}`)),
    arn(`security-group/${deployed.securityGroupId}`),
  ];
  return [
    {
      action: 'ec2:CreateFleet',
      resource: arn('fleet/fleet-00000000-0000-0000-0000-000000000000'),
      context: requestTags,
    },
    ...[instance, volume, templateArn, eni, image, ...places].map((resource) => ({
      action: 'ec2:CreateFleet',
      resource,
      context: requestTags,
    })),
    { action: 'ec2:CreateFleet', resource: arn('spot-instances-request/*'), context: {} },
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:${partition}:iam::${account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`,
      context: { 'iam:AWSServiceName': 'spot.amazonaws.com' },
    },
    { action: 'ec2:RunInstances', resource: instance, context: run },
    { action: 'ec2:RunInstances', resource: templateArn, context: run },
    ...[volume, eni, image, ...places].map((resource) => ({ action: 'ec2:RunInstances', resource, context: run })),
    ...[instance, volume].map((resource) => ({
      action: 'ec2:CreateTags',
      resource,
      context: { ...requestTags, 'ec2:CreateAction': 'RunInstances' },
    })),
    { action: 'ec2:TerminateInstances', resource: instance, context: own },
    // What requests hold: machines without a template, volumes, groups.
    { action: 'ec2:RunInstances', resource: instance, context: { ...claimTags, 'ec2:MetadataHttpTokens': 'required' } },
    { action: 'ec2:CreateVolume', resource: volume, context: { ...claimTags, 'ec2:Encrypted': 'true' } },
    { action: 'ec2:CreateSecurityGroup', resource: group, context: claimTags },
    { action: 'ec2:CreateSecurityGroup', resource: arn(`vpc/${deployed.vpcId}`), context: claimTags },
    ...['ec2:AttachVolume', 'ec2:ModifyVolume', 'ec2:DeleteVolume'].map((action) => ({
      action,
      resource: volume,
      context: own,
    })),
    ...['ec2:AuthorizeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'].map((action) => ({
      action,
      resource: group,
      context: own,
    })),
    { action: 'ec2:DescribeInstances', resource: '*', context: {} },
    { action: 'ec2:DescribeSpotPriceHistory', resource: '*', context: {} },
    {
      role: 'nodes',
      action: 's3:GetObject',
      resource: `arn:${partition}:s3:::${deployed.agent.bucket}/${deployed.agent.key}`,
      context: {},
    },
    { action: 'iam:PassRole', resource: deployed.nodeRoleArn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  ];
}

const decision = z.object({
  EvalActionName: z.string(),
  EvalDecision: z.enum(['allowed', 'explicitDeny', 'implicitDeny']),
  OrganizationsDecisionDetail: z.object({ AllowedByOrganizations: z.string() }).optional(),
  PermissionsBoundaryDecisionDetail: z.object({ AllowedByPermissionsBoundary: z.string() }).optional(),
});
const answer = z.object({ SimulatePrincipalPolicyResult: z.object({ EvaluationResults: listOf(decision) }) });

export async function checkPermissions(
  aws: AwsReader,
  deployed: Deployed,
  caller: { readonly account: string; readonly partition: string },
): Promise<readonly Finding[]> {
  const name = 'permissions';
  return looked(name, async () => {
    // By who, why and cure: one cause denies many actions.
    const denied = new Map<
      string,
      { readonly who: string; readonly reason: string; readonly cure: string; readonly what: string[] }
    >();
    const questions = questionsOf(deployed, aws.region, caller.account, caller.partition);
    // One resource a call: with several the answer is the strictest of all, without saying whose.
    for (const { role, action, resource, context } of questions) {
      const parameters: Record<string, string> = {
        PolicySourceArn: role === 'nodes' ? deployed.nodeRoleArn : deployed.schedulerRoleArn,
        'ActionNames.member.1': action,
        'ResourceArns.member.1': resource,
      };
      for (const [at, [key, value]] of Object.entries({ ...context, 'aws:RequestedRegion': aws.region }).entries()) {
        const prefix = `ContextEntries.member.${String(at + 1)}`;
        Object.assign(parameters, {
          [`${prefix}.ContextKeyName`]: key,
          [`${prefix}.ContextKeyValues.member.1`]: value,
          [`${prefix}.ContextKeyType`]: value === 'true' ? 'boolean' : 'string',
        });
      }
      const [result] = answer.parse(await aws.query('iam', 'SimulatePrincipalPolicy', parameters))
        .SimulatePrincipalPolicyResult.EvaluationResults;
      if (result?.EvalDecision === 'allowed') continue;
      const [who, reason, cure] = [role === 'nodes' ? 'nodes' : 'scheduler', reasonOf(result), cureOf(result)];
      const key = `${who}: ${reason}`;
      const cause = denied.get(key) ?? { who, reason, cure, what: [] };
      cause.what.push(`${action} on ${resource}`);
      denied.set(key, cause);
    }
    if (denied.size === 0)
      return [
        ok(
          name,
          "the scheduler may launch, tag, list, terminate, pass the nodes' role, and make and give back volumes "
            + `and groups (${String(questions.length)} questions to IAM)`,
        ),
      ];
    return [...denied.values()].map(({ who, reason, cure, what }) =>
      missing(name, `the ${who} may not ${what.join(', ')}: ${reason}`, cure),
    );
  });
}

type Decision = z.output<typeof decision>;

function isByOrganization(result: Decision | undefined): boolean {
  return result?.OrganizationsDecisionDetail?.AllowedByOrganizations === 'false';
}

function isByBoundary(result: Decision | undefined): boolean {
  return result?.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === 'false';
}

function reasonOf(result: Decision | undefined): string {
  if (result === undefined) return 'IAM gave no result';
  if (isByOrganization(result)) return 'a service control policy of the organization denies it';
  if (isByBoundary(result)) return 'the permissions boundary does not include it';
  return result.EvalDecision === 'explicitDeny' ? 'a policy denies it' : 'no policy allows it';
}

function cureOf(result: Decision | undefined): string {
  if (isByOrganization(result))
    return 'ask who administers the organization: AWS Organizations > Policies > Service control policies';
  if (isByBoundary(result)) return 'widen the boundary of the role (IAM > Roles > Permissions boundary)';
  return result?.EvalDecision === 'explicitDeny'
    ? 'remove the deny from the role (IAM > Roles), or `npx cdk deploy`'
    : 'the role was changed behind the stack: `npx cdk deploy`';
}
