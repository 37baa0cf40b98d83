// Which secrets the agent function may read and which roles it may assume: those that the installation names.
import { beforeAll, expect, test } from '@jest/globals';
import { isAllowed, statementsOf } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/*';
const parameter = 'arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key';
const role = 'arn:aws:iam::123456789012:role/builds';
const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

let resources: Readonly<Record<string, Resource>>;
beforeAll(() => {
  resources = synthesize({
    installation: 'prod',
    secrets: [secret, parameter],
    secretKeys: [key],
    taskRoles: [role],
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

test.each([
  [{ secrets: ['*'] }, 'secrets has "*", which is no ARN of a secret or parameter'],
  [{ secrets: ['arn:aws:s3:::bucket/*'] }, 'which is no ARN of a secret or parameter'],
  [{ taskRoles: ['arn:aws:iam::123456789012:role/*'] }, 'which is no ARN of a role'],
  [{ secretKeys: ['arn:aws:kms:eu-west-1:123456789012:key/*'] }, 'which is no ARN of a key'],
])('what is no such ARN is refused: %j', (props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});
