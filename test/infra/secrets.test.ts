// Which secrets the agent function may read: those that the installation names, and no others.
import { beforeAll, expect, test } from '@jest/globals';
import { isAllowed, statementsOf } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/*';
const parameter = 'arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key';
const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

let resources: Readonly<Record<string, Resource>>;
beforeAll(() => {
  resources = synthesize({ installation: 'prod', secrets: [secret, parameter], secretKeys: [key] }).resources;
});

function can(name: string, action: string, resource: string): boolean {
  const role = Object.keys(resources).find((id) =>
    new RegExp(`^BellowsFunction${name}Role(?!DefaultPolicy)[0-9A-F]+$`).test(id),
  );
  return isAllowed(statementsOf(resources, role ?? ''), { action, resource });
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

test.each([
  [{ secrets: ['*'] }, 'secrets has "*", which is no ARN of a secret or parameter'],
  [{ secrets: ['arn:aws:s3:::bucket/*'] }, 'which is no ARN of a secret or parameter'],
  [{ secretKeys: ['arn:aws:kms:eu-west-1:123456789012:key/*'] }, 'which is no ARN of a key'],
])('what is no such ARN is refused: %j', (props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});
