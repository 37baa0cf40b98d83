// Secrets in requests and pools: what is refused before anybody looks for them.
import { expect, test } from '@jest/globals';
import { fieldErrors } from '../../lib/api/problems.ts';
import { poolBody } from '../../lib/api/schemas/pools.ts';
import { taskBody } from '../../lib/api/schemas/requests.ts';

const task = { type: 'task', resources: { vcpu: 1, memoryMib: 64 }, command: ['true'] };

function errorsOf(body: object): readonly string[] {
  const parsed = taskBody.safeParse({ ...task, ...body });
  return parsed.success ? [] : fieldErrors(parsed.error.issues).map((one) => one.path);
}

test.each([
  'aws-secret:prod/db#password',
  'aws-secret:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf',
  'ssm:/shop/key',
  'env:TOKEN',
  'file:keys/a.pem',
])('%s is a reference', (from) => {
  expect(errorsOf({ secrets: [{ name: 'KEY', from }] })).toEqual([]);
});

test.each([
  ['from', { from: 'plain text' }],
  ['from', { from: 'gcp:a' }],
  ['from', { from: 'ssm:/kv/shop/../other' }],
  ['from', { from: 'file:a//b' }],
  ['from', { from: 'ssm:/kv/%2e%2e/other' }],
  ['from', { from: 'ssm:/a?b' }],
  ['name', { name: 'BELLOWS_ATTEMPT' }],
  ['name', { name: '../x' }],
  ['as', { as: 'stdin' }],
])('a wrong %s is refused: %j', (field, over) => {
  expect(errorsOf({ secrets: [{ name: 'KEY', from: 'env:A', ...over }] })).toEqual([`secrets[0].${field}`]);
});

test('a name is given once, and a container has its secrets as files', () => {
  const one = { name: 'A', from: 'env:A' };
  expect(errorsOf({ secrets: [one, one] })).toEqual(['secrets']);
  expect(errorsOf({ secrets: [one], env: { A: 'x' } })).toEqual(['secrets[0]']);
  expect(errorsOf({ secrets: [one], image: 'alpine:3.22' })).toEqual(['secrets[0]']);
  expect(errorsOf({ secrets: [{ ...one, as: 'file' }], image: 'alpine:3.22' })).toEqual([]);
});

test('a pool allows references and beginnings of some', () => {
  const isPool = (from: string): boolean => poolBody.safeParse({ secrets: [{ from, tenants: ['a'] }] }).success;
  expect(['ssm:/shop/*', 'env:*', 'ssm:/kv/a#b'].map(isPool)).toEqual([true, true, true]);
  expect(['*', 'ssm:/*/key', 'gcp:*', 'env:'].map(isPool)).toEqual([false, false, false, false]);
});

const role = 'arn:aws:iam::123456789012:role/pulls';
const ecr = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1';
test.each<[string, object, readonly string[]]>([
  ['a secret', { image: 'ghcr.io/shop/web:1', imageCredentials: { secret: 'ssm:/ci/ghcr' } }, []],
  ['a role for ECR', { image: ecr, imageCredentials: { role } }, []],
  [
    'a role for another registry',
    { image: 'ghcr.io/shop/web:1', imageCredentials: { role } },
    ['imageCredentials.role'],
  ],
  ['no image', { imageCredentials: { secret: 'ssm:/ci/ghcr' } }, ['imageCredentials']],
  ['both', { image: ecr, imageCredentials: { secret: 'ssm:/ci/ghcr', role } }, ['imageCredentials']],
  ['none of both', { image: ecr, imageCredentials: {} }, ['imageCredentials']],
  [
    'a password',
    { image: ecr, imageCredentials: { password: 'x' } },
    ['imageCredentials.password', 'imageCredentials'],
  ],
])('credentials of an image: %s', (_, body, errors) => {
  expect(errorsOf(body)).toEqual(errors);
});

test.each<[string, object, readonly string[]]>([
  ['with a role', { role, inputs: [{ url: 's3://data/a b/c.csv', path: 'c' }] }, []],
  ['without one', { inputs: [{ url: 's3://data/c.csv', path: 'c' }] }, ['inputs[0].url']],
  ['that names no object', { role, inputs: [{ url: 's3://data/', path: 'c' }] }, ['inputs[0].url']],
  ['of no bucket', { role, inputs: [{ url: 's3://Data/c', path: 'c' }] }, ['inputs[0].url']],
  ['by plain http', { role, inputs: [{ url: 'http://data/c', path: 'c' }] }, ['inputs[0].url']],
])('an input of S3 %s', (_, body, errors) => {
  expect(errorsOf(body)).toEqual(errors);
});
