// Which secrets the agent function may read and which roles it may assume: those that the installation names.
import { beforeAll, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { agentConfig } from '../../lambdas/config.ts';
import { sourcesEnvironment, sourceStatements } from '../../lib/infra/functions/secret-sources.ts';
import type { SecretSources } from '../../lib/infra/index.ts';
import { isAllowed, statementsOf } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/*';
const parameter = 'arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key';
const role = 'arn:aws:iam::123456789012:role/builds';
const targetGroup = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-*';
const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

let resources: Readonly<Record<string, Resource>>;
beforeAll(() => {
  resources = synthesize({
    installation: 'prod',
    secrets: [secret, parameter],
    secretKeys: [key],
    taskRoles: [role],
    targetGroups: [targetGroup],
  }).resources;
});

function roleOf(name: string): string {
  const pattern = new RegExp(`^BellowsFunction${name}Role(?!DefaultPolicy)[0-9A-F]+$`);
  return Object.keys(resources).find((id) => pattern.test(id)) ?? '';
}

function can(name: string, action: string, resource: string, context: Readonly<Record<string, string>> = {}): boolean {
  return isAllowed(statementsOf(resources, roleOf(name)), { action, resource, context });
}

test('the agent function reads those that were named, and only it', () => {
  const reads = [
    ['secretsmanager:GetSecretValue', secret.replace('*', 'db-AbCdEf'), true],
    ['secretsmanager:GetSecretValue', secret.replace('shop/*', 'other-AbCdEf'), false],
    ['secretsmanager:PutSecretValue', secret.replace('*', 'db-AbCdEf'), false],
    ['ssm:GetParameter', parameter, true],
    ['ssm:GetParameter', `${parameter}2`, false],
    ['kms:Decrypt', key, true],
    ['kms:Encrypt', key, false],
  ] as const;
  for (const [action, resource, isGiven] of reads) {
    expect([action, resource, can('agent', action, resource)]).toEqual([action, resource, isGiven]);
    for (const other of ['api', 'scheduler', 'events', 'installation'])
      expect([other, can(other, action, resource)]).toEqual([other, false]);
  }
});

test('the agent function assumes the roles that were named, with tags, and only it', () => {
  const context = { 'aws:RequestTag/bellows:tenant': 'shop' };
  for (const action of ['sts:AssumeRole', 'sts:TagSession']) {
    expect([action, can('agent', action, role, context)]).toEqual([action, true]);
    expect([action, can('agent', action, role)]).toEqual([action, false]);
    expect([action, can('agent', action, `${role}2`, context)]).toEqual([action, false]);
  }
  for (const other of ['api', 'scheduler', 'events', 'installation'])
    expect([other, can(other, 'sts:AssumeRole', role, context)]).toEqual([other, false]);
});

test('the scheduler registers with the target groups that were named, and only it', () => {
  const own = targetGroup.replace('*', 'web/0123456789abcdef');
  const calls = [
    ['RegisterTargets', own, true],
    ['DeregisterTargets', own, true],
    ['RegisterTargets', own.replace('shop-', 'other-'), false],
    ['DeleteTargetGroup', own, false],
    ['ModifyTargetGroup', own, false],
    ['DescribeTargetHealth', '*', true],
    ['DescribeTargetGroups', '*', true],
    ['DescribeTargetGroupAttributes', '*', true],
    ['DescribeLoadBalancers', '*', false],
  ] as const;
  for (const [name, resource, isGiven] of calls) {
    const action = `elasticloadbalancing:${name}`;
    expect([action, resource, can('scheduler', action, resource)]).toEqual([action, resource, isGiven]);
    for (const other of ['api', 'agent', 'events'])
      expect([other, can(other, action, resource)]).toEqual([other, false]);
    // At the removal of the installation nothing stays registered.
    expect([name, can('installation', action, resource)]).toEqual([name, name === 'DeregisterTargets' && isGiven]);
  }
});

test.each([
  [{ targetGroups: ['*'] }, 'targetGroups has "*", which is no ARN of a target group'],
  [{ secrets: ['*'] }, 'secrets has "*", which is no ARN of a secret or parameter'],
  [{ secrets: ['arn:aws:s3:::bucket/*'] }, 'which is no ARN of a secret or parameter'],
  [{ taskRoles: ['arn:aws:iam::123456789012:role/*'] }, 'which is no ARN of a role'],
  [{ secretKeys: ['arn:aws:kms:eu-west-1:123456789012:key/*'] }, 'which is no ARN of a key'],
])('what is no such ARN is refused: %j', (props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});

const tokenArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:cluster-token-AbCdEf';
const inStack = (): Stack => new Stack();
const kept = (arn = tokenArn) => secretsmanager.Secret.fromSecretCompleteArn(inStack(), 'Token', arn);
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const vault = { address: 'https://vault.example.org:8200', role: 'bellows' };
const kubernetes = { url: 'https://k8s.example.org:6443', tokenSecret: kept() };

test('the agent function alone knows of a Vault and a cluster, and reads the token of that cluster', () => {
  const ca = Buffer.from(pem).toString('base64');
  const more = { mount: 'aws-eu', serverId: 'vault.example.org', region: 'eu-west-1' };
  const made = synthesize({
    secretSources: { vault: { ...vault, ...more, ca: pem }, kubernetes: { ...kubernetes, ca } },
  });
  const found = made.ofType('AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const text = Variables['BELLOWS_SECRET_SOURCES'];
    return text === undefined ? [] : [{ id, text }];
  });
  expect(found).toEqual([{ id: expect.stringContaining('Functionagent'), text: expect.any(String) }]);
  // As the function reads it.
  expect(agentConfig.shape.BELLOWS_SECRET_SOURCES.parse(found[0]?.text)).toEqual({
    vault: { ...vault, ...more, ca: pem },
    kubernetes: { url: kubernetes.url, tokenSecret: tokenArn, ca: pem },
  });
  const reads = (id: string, resource: string): boolean =>
    isAllowed(statementsOf(made.resources, id), { action: 'secretsmanager:GetSecretValue', resource });
  const roles = made.ofType('AWS::IAM::Role').map(([id]) => id);
  expect(roles.filter((id) => reads(id, tokenArn))).toEqual([expect.stringContaining('FunctionagentRole')]);
  expect(roles.filter((id) => reads(id, `${tokenArn}2`))).toEqual([]);
});

test('without them nothing is said, and nothing is allowed', () => {
  expect([sourcesEnvironment(inStack()), sourceStatements()]).toEqual([{}, []]);
  expect([sourcesEnvironment(inStack(), {}), sourceStatements({ vault })]).toEqual([{}, []]);
});

test('a secret and a key of the same stack are named as CloudFormation will know them', () => {
  const stack = inStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  // CDK's own classes do not satisfy its interfaces under exactOptionalPropertyTypes.
  const tokenSecret = new secretsmanager.Secret(stack, 'Secret', { encryptionKey }) as secretsmanager.ISecret;
  const statements = sourceStatements({ kubernetes: { ...kubernetes, tokenSecret } });
  expect(statements.map((one) => [one.actions, stack.resolve(one.resources) as unknown])).toEqual([
    [['secretsmanager:GetSecretValue'], [{ Ref: expect.stringMatching(/^Secret/) }]],
    [['kms:Decrypt'], [{ 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] }]],
  ]);
  const { BELLOWS_SECRET_SOURCES: text } = sourcesEnvironment(stack, { kubernetes: { ...kubernetes, tokenSecret } });
  expect(JSON.stringify(stack.resolve(text))).toContain('"Ref":"Secret');
});

test.each<[SecretSources, string]>([
  [
    { vault: { ...vault, address: 'http://vault.example.org' } },
    'vault.address is "http://vault.example.org", and must',
  ],
  [{ vault: { ...vault, role: '' } }, 'vault.role is ""'],
  [{ vault: { ...vault, mount: '/aws' } }, 'vault.mount is "/aws"'],
  [{ vault: { ...vault, region: 'Frankfurt' } }, 'vault.region is "Frankfurt"'],
  [{ vault: { ...vault, serverId: 'a\nb' } }, 'vault.serverId is "a\\nb"'],
  [{ vault: { ...vault, ca: pem.repeat(60) } }, 'give only the certificate that signed'],
  [{ kubernetes: { ...kubernetes, url: 'k8s.example.org' } }, 'kubernetes.url is "k8s.example.org", and must be a URL'],
  [
    { kubernetes: { ...kubernetes, tokenSecret: secretsmanager.Secret.fromSecretNameV2(inStack(), 'T', 'token') } },
    'tokenSecret is token by its name; give it by its whole ARN',
  ],
])('a source that cannot work is refused: %#', (sources, message) => {
  expect(() => sourcesEnvironment(inStack(), sources)).toThrow(message);
});

test('a function whose certificate is none does not start', () => {
  const text = JSON.stringify({ vault: { ...vault, ca: 'bm90IGEgY2VydGlmaWNhdGU=' } });
  const { error } = agentConfig.shape.BELLOWS_SECRET_SOURCES.safeParse(text);
  expect(error?.message).toContain('must be a certificate in PEM, or base64 of it');
});
