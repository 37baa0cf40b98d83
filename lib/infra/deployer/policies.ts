// The least that CloudFormation may do to deploy, upgrade and remove an installation: for `cdk bootstrap
// --cloudformation-execution-policies`, instead of AdministratorAccess.
import { actionsByType } from './actions.ts';

/** IAM counts a managed policy without white space. */
export const policyCharactersMax = 6_144;

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Deployer {
  /** `aws`, `aws-us-gov` or `aws-cn`. */
  readonly partition: string;
  /** Of the account to deploy to. */
  readonly account: string;
  readonly region: string;
}

/** Stacks are named `Bellows-INSTALLATION`, and what they name in IAM, Lambda, SQS and S3 begins with that. */
const stack = 'Bellows-*';

/** Three managed policies, by name: IAM bounds the size of one. */
export function deployerPolicies(deployer: Deployer): Readonly<Record<string, PolicyDocument>> {
  const { partition, account, region } = deployer;
  const arn = (service: string, resource: string, place = `${region}:${account}`): string =>
    `arn:${partition}:${service}:${place}:${resource}`;
  const all = [...new Set(Object.values(actionsByType).flat())].sort();
  const actions = (service: string, isMeant = (_action: string): boolean => true): readonly string[] =>
    all.filter((one) => one.startsWith(`${service}:`) && isMeant(one));
  const isOf =
    (...names: readonly string[]) =>
    (action: string) =>
      names.includes(action);
  const inRegion = { Condition: { StringEquals: { 'aws:RequestedRegion': region } } };
  const allow = (Sid: string, Action: readonly string[], Resource: Statement['Resource'], more = {}): Statement => ({
    ...{ Sid, Effect: 'Allow' as const, Action, Resource },
    ...more,
  });
  const passed = isOf('iam:PassRole');
  const linked = isOf('iam:CreateServiceLinkedRole');
  const code = isOf('s3:GetObject');
  const services = ['cloudwatch', 'events', 'logs', 'schemas'].flatMap((service) => actions(service));
  return {
    BellowsDeployerNetwork: document([allow('Network', actions('ec2'), '*', inRegion)]),
    // Only for `nodeImage: 'baked'`.
    BellowsDeployerImages: document([
      allow('Images', [...actions('imagebuilder'), 'ssm:GetParameter'], '*', inRegion),
      allow(
        'ImageBuilder',
        actions('iam', linked),
        arn('iam', 'role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder', `:${account}`),
      ),
    ]),
    BellowsDeployer: document([
      allow(
        'Roles',
        actions('iam', (one) => !passed(one) && !linked(one)),
        ['role', 'policy', 'instance-profile'].map((kind) => arn('iam', `${kind}/${stack}`, `:${account}`)),
      ),
      allow('PassRoles', ['iam:PassRole'], arn('iam', `role/${stack}`, `:${account}`), {
        Condition: {
          StringEquals: {
            'iam:PassedToService': ['lambda.amazonaws.com', 'ec2.amazonaws.com', 'imagebuilder.amazonaws.com'],
          },
        },
      }),
      allow('Functions', actions('lambda'), [
        arn('lambda', `function:${stack}`),
        arn('lambda', 'event-source-mapping:*'),
      ]),
      allow('Apis', actions('apigateway'), arn('apigateway', '/*', `${region}:`)),
      allow('Table', actions('dynamodb'), arn('dynamodb', `table/${stack}`)),
      allow('Queues', actions('sqs'), arn('sqs', stack)),
      // Names of buckets are in small letters.
      allow(
        'Outputs',
        actions('s3', (one) => !code(one)),
        arn('s3', 'bellows-*', ':'),
      ),
      allow('Code', ['s3:GetObject'], arn('s3', 'cdk-*/*', ':')),
      allow('Parameters', ['ssm:GetParameters'], '*', inRegion),
      allow('Signals', services, '*', inRegion),
    ]),
  };
}

function document(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}
