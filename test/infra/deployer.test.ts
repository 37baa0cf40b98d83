// Whoever deploys has what each resource of the template needs, of each network, and nothing beyond the stack.
import { expect, test } from '@jest/globals';
import { actionsByType } from '../../lib/infra/deployer/actions.ts';
import { deployerPolicies, policyCharactersMax } from '../../lib/infra/deployer/policies.ts';
import { synthesize } from './synth.ts';

const networks = ['public-ipv4', 'ipv6', 'nat', 'private'] as const;
const policies = deployerPolicies({ partition: 'aws', account: '123456789012', region: 'eu-west-1' });
const statements = Object.values(policies).flatMap((one) => one.Statement);

test('every type of the template of each network is known, and no other', () => {
  const types = new Set(
    [...networks.map((network) => ({ network })), { nodeImage: 'baked' as const }].flatMap((props) =>
      Object.values(synthesize(props).resources).map((one) => one.Type),
    ),
  );
  expect([...types].sort()).toEqual(Object.keys(actionsByType).sort());
});

test('each action that a type needs is allowed by one statement', () => {
  for (const action of new Set(Object.values(actionsByType).flat()))
    expect([action, statements.filter((one) => one.Action.includes(action)).length]).toEqual([action, 1]);
});

test('each policy is one that IAM takes', () => {
  for (const policy of Object.values(policies)) {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(policyCharactersMax);
    const sids = policy.Statement.map((one) => one.Sid);
    expect([new Set(sids).size, sids.every((one) => /^[A-Za-z0-9]+$/.test(one))]).toEqual([sids.length, true]);
  }
});

test('roles, functions, the table, queues and the bucket of others are out of reach', () => {
  const own = ['iam', 'lambda', 'dynamodb', 'sqs', 's3'];
  for (const { Action, Resource } of statements)
    for (const resource of [Resource].flat())
      if (own.includes(Action[0]?.split(':')[0] ?? ''))
        expect(resource).toMatch(
          /^arn:aws:(?:iam|lambda|dynamodb|sqs|s3):.*(?:Bellows-|bellows-|cdk-\*|mapping:|ForImageBuilder$)/,
        );
  const open = statements.filter((one) => one.Resource === '*');
  expect(open.map((one) => [one.Sid, one.Condition])).toEqual(
    ['Network', 'Images', 'Parameters', 'Signals'].map((sid) => [
      sid,
      { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
    ]),
  );
});

test('names of the stack are those that the policies mean', () => {
  const { template } = synthesize();
  const named = ['RoleName', 'ManagedPolicyName', 'FunctionName', 'TableName', 'QueueName', 'BucketName'];
  const { Resources } = template.toJSON() as { Resources: Record<string, { Properties?: Record<string, unknown> }> };
  const own = Object.values(Resources).flatMap(({ Properties = {} }) =>
    named.flatMap((key) => (typeof Properties[key] === 'string' ? [Properties[key]] : [])),
  );
  // CloudFormation makes the others of the stack's name.
  expect(own).toEqual([]);
});
