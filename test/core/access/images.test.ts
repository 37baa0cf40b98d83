// Which registry an image's name means, and what a secret says of it.
import { expect, test } from '@jest/globals';
import { accessRefused, ecrOf, registryOf } from '../../../lib/core/access/images.ts';
import { loginIn } from '../../../lib/ports/access/registries.ts';

test.each([
  ['alpine:3', 'docker.io'],
  ['library/alpine', 'docker.io'],
  ['index.docker.io/shop/web', 'docker.io'],
  ['ghcr.io/shop/web@sha256:00', 'ghcr.io'],
  ['localhost/web', 'localhost'],
  ['registry:5000/web', 'registry:5000'],
])('%s is of %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test.each<[string, object | null]>([
  ['123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1', { account: '123456789012', region: 'eu-central-1' }],
  ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/x', { account: '123456789012', region: 'us-gov-west-1' }],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/x', { account: '123456789012', region: 'cn-north-1' }],
  ['123456789012.dkr-ecr.eu-west-1.on.aws/x', { account: '123456789012', region: 'eu-west-1' }],
  ['public.ecr.aws/x/y', null],
  ['123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.test/x', null],
  ['evil.test/123456789012.dkr.ecr.eu-central-1.amazonaws.com/x', null],
])('ECR: %s', (image, found) => {
  expect(ecrOf(image)).toEqual(found);
});

const login = { username: 'u', password: 'p:w' };
test.each<[unknown, object | null]>([
  [{ ...login, note: 'x' }, login],
  [{ auths: { 'https://ghcr.io/v1/': { auth: Buffer.from('u:p:w').toString('base64') } } }, login],
  [{ auths: { 'other.test': {}, 'ghcr.io': login } }, login],
  [{ auths: { 'other.test': login } }, null],
  [{ auths: { 'ghcr.io': { auth: 'no' } } }, null],
  [{ username: 'u' }, null],
  [{ username: 'u', password: 'a\nb' }, null],
  [[login], null],
  ['text', null],
])('a login for ghcr.io in %j', (value, found) => {
  expect(loginIn(JSON.stringify(value), 'ghcr.io')).toEqual(found);
});

test('a text that is no JSON is none; Docker Hub has a name of old', () => {
  expect(loginIn('{planted', 'ghcr.io')).toBeNull();
  expect(loginIn(JSON.stringify({ auths: { 'https://index.docker.io/v1/': login } }), 'docker.io')).toEqual(login);
});

test('a pool allows what an image is fetched with as it allows secrets and roles', () => {
  const role = 'arn:aws:iam::123456789012:role/pulls';
  const grants = { secrets: [{ from: 'ssm:/ci/*', tenants: ['shop'] }], roles: [{ role, tenants: ['shop'] }] };
  const [bySecret, byRole] = [{ imageCredentials: { secret: 'ssm:/ci/x' } }, { imageCredentials: { role } }];
  for (const task of [bySecret, byRole])
    expect(accessRefused(task, grants, 'shop')).toEqual({ secrets: [], role: null });
  expect(accessRefused(bySecret, grants, 'lab').secrets.map((one) => one.name)).toEqual(['imageCredentials']);
  expect(accessRefused({ ...byRole, role: `${role}-2` }, grants, 'shop').role).toBe(`${role}-2`);
  expect(accessRefused(byRole, grants, 'lab').role).toBe(role);
});
